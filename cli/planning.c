/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planning.h"

#include "graph_source.h"
#include "hop_file.h"

#include <string.h>

static hop_status need(const hop_options *o, hop_error **err)
{
    if (o->from.len == 0 || !o->to) {
        hop_status s =
            hop_error_set(err, HOP_E_USAGE, "%s is missing", o->to ? "--from" : "--to");
        hop_error_hint(err,
                       "say --from VERSION (what the cluster runs) and --to VERSION");
        return s;
    }
    if (o->from.len > 1 && o->paths)
        return hop_error_set(err, HOP_E_USAGE,
                             "--paths shows other paths of one start, but --from is "
                             "given %zu times",
                             o->from.len);
    return HOP_OK;
}

static hop_status read_prefer(const hop_options *o, hop_plan_prefer *out, hop_error **err)
{
    *out = HOP_PREFER_RISK;
    if (!o->prefer || strcmp(o->prefer, "risk") == 0)
        return HOP_OK;
    if (strcmp(o->prefer, "hops") != 0)
        return hop_error_set(err, HOP_E_USAGE, "--prefer %s: expected risk or hops",
                             o->prefer);
    *out = HOP_PREFER_HOPS;
    return HOP_OK;
}

hop_status hop_planning_risks(const hop_options *o, hop_answers **answers,
                              hop_plan_opts *out, hop_error **err)
{
    out->accept_risks = &o->accept_risk;
    if (!o->risk_answers)
        return HOP_OK;
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_MAX_SMALL_BODY);
    hop_status s = hop_file_read(o->risk_answers, &text, err);
    if (s == HOP_OK)
        s = hop_answers_parse(hop_buf_get(&text), text.len, o->risk_answers, answers,
                              err);
    if (s != HOP_OK)
        return hop_error_wrap(err, "read what is known about risks");
    out->answers = *answers;
    return HOP_OK;
}

/* "latest" and "4.16" mean the newest release that every start can reach. */
static hop_status resolve_target(const hop_graph *g, const hop_options *o,
                                 hop_plan_opts *plan, hop_error **err)
{
    hop_status s = hop_plan_set_resolve(g, plan, &o->from, o->to, &plan->to, err);
    if (s != HOP_E_NOT_FOUND)
        return s;
    /* What is missing is for the plan to explain, when the target is a version at all. */
    hop_version version;
    HOP_AUTO(hop_error) ignored = NULL;
    if (hop_version_parse(o->to, &version, &ignored) == HOP_OK) {
        hop_error_drop(err);
        plan->to = o->to;
        return HOP_OK;
    }
    HOP_AUTO_VALUE(hop_buf) why = hop_buf_init(HOP_BUF_TEXT);
    hop_error_join(*err, &why);
    hop_error_drop(err);
    return hop_error_set(err, HOP_E_NO_PATH, "find --to %s: %s", o->to,
                         hop_buf_get(&why));
}

void hop_planning_clear(hop_planning *p)
{
    hop_plan_set_free(p->set);
    hop_answers_free(p->answers);
    hop_graph_free(p->graph);
    *p = (hop_planning){0};
}

/* What a good path is: everything but the graph and its versions. */
static hop_status read_flags(const hop_options *o, hop_plan_opts *plan,
                             hop_answers **answers, hop_error **err)
{
    uint64_t paths = 1;
    plan->avoid = &o->avoid;
    plan->workers = o->control_plane_only ? HOP_WORKERS_PAUSE : HOP_WORKERS_FOLLOW;
    hop_status s = read_prefer(o, &plan->prefer, err);
    if (s == HOP_OK)
        s = hop_options_number("--paths", o->paths, 1, HOP_PLAN_MAX_PATHS, 1, &paths,
                               err);
    plan->paths = (size_t)paths;
    if (s == HOP_OK)
        s = hop_planning_risks(o, answers, plan, err);
    return s;
}

hop_status hop_planning_make(const hop_options *o, const char *arch, hop_planning *out,
                             hop_error **err)
{
    hop_plan_opts *plan = &out->opts;
    *plan = (hop_plan_opts){.arch = arch};
    hop_status s = need(o, err);
    if (s == HOP_OK)
        s = read_flags(o, plan, &out->answers, err);
    if (s != HOP_OK)
        return s;
    HOP_AUTO_VALUE(hop_strings) ends = {0};
    for (size_t i = 0; i < o->from.len; i++)
        hop_strings_add(&ends, o->from.items[i]);
    hop_strings_add(&ends, o->to);
    s = hop_graph_source_load(o, arch, &ends, out->keep, &out->graph, err);
    if (s != HOP_OK)
        return s;
    hop_graph_source_warn(o, out->graph);
    plan->from = o->from.items[0];
    s = resolve_target(out->graph, o, plan, err);
    if (s != HOP_OK)
        return s;
    return hop_plan_set_make(out->graph, plan, &o->from, &out->set, err);
}

hop_status hop_planning_between(const hop_options *o, const hop_graph *g,
                                const char *arch, const char *from, const char *to,
                                hop_plan_set **out, hop_error **err)
{
    hop_plan_opts plan = {.arch = arch, .from = from, .to = to};
    HOP_AUTO(hop_answers) answers = NULL;
    HOP_AUTO_VALUE(hop_strings) starts = {0};
    hop_strings_add(&starts, from);
    hop_status s = read_flags(o, &plan, &answers, err);
    return s == HOP_OK ? hop_plan_set_make(g, &plan, &starts, out, err) : s;
}

hop_status hop_planning_run(const hop_options *o, const char *arch,
                            hop_graph_documents *keep, hop_plan_set **out,
                            hop_error **err)
{
    HOP_AUTO_VALUE(hop_planning) p = {.keep = keep};
    hop_status s = hop_planning_make(o, arch, &p, err);
    if (s == HOP_OK)
        *out = hop_steal(&p.set);
    return s;
}

bool hop_planning_set_is_usable(const hop_plan_set *set)
{
    return set->status == HOP_PLAN_OK || set->status == HOP_PLAN_SAME_VERSION;
}

bool hop_planning_is_usable(const hop_plan *plan)
{
    return plan->status == HOP_PLAN_OK || plan->status == HOP_PLAN_SAME_VERSION;
}

hop_status hop_planning_read(const char *path, hop_plan_set **out, hop_error **err)
{
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_MAX_DOCUMENT);
    hop_status s = hop_file_read(path, &text, err);
    if (s == HOP_OK)
        s = hop_plan_set_parse(hop_buf_get(&text), text.len, path, out, err);
    return s == HOP_OK ? s : hop_error_wrap(err, "read plan %s", path);
}
