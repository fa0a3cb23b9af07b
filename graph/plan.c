/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "plan_build.h"

const char *hop_plan_status_name(hop_plan_status s)
{
    switch (s) {
    case HOP_PLAN_OK:
        return "ok";
    case HOP_PLAN_SAME_VERSION:
        return "same-version";
    case HOP_PLAN_NEEDS_RISKS:
        return "needs-risks";
    case HOP_PLAN_UNREACHABLE:
        return "unreachable";
    case HOP_PLAN_UNKNOWN_VERSION:
        return "unknown-version";
    }
    return "unknown";
}

/* ---- options ---- */

static hop_status check_version(const char *what, const char *text, hop_error **err)
{
    if (!text)
        return hop_error_set(err, HOP_E_USAGE, "%s: a version is needed", what);
    hop_version v;
    hop_error *why = NULL;
    if (hop_version_parse(text, &v, &why) == HOP_OK)
        return HOP_OK;
    hop_status s =
        hop_error_set(err, HOP_E_USAGE, "%s: %s", what, hop_error_get_frame(why, 0));
    hop_error_drop(&why);
    return s;
}

static hop_status check_avoided(const hop_plan_opts *o, hop_error **err)
{
    for (size_t i = 0; o->avoid && i < o->avoid->len; i++) {
        const char *version = o->avoid->items[i];
        hop_status s = check_version("avoid", version, err);
        if (s != HOP_OK)
            return s;
        if (strcmp(version, o->from) == 0 || strcmp(version, o->to) == 0)
            return hop_error_set(
                err, HOP_E_USAGE, "avoid: %s is the %s of the path and cannot be avoided",
                version, strcmp(version, o->from) == 0 ? "start" : "target");
    }
    return HOP_OK;
}

static hop_status check_opts(const hop_plan_opts *o, hop_error **err)
{
    hop_status s = check_version("from", o->from, err);
    if (s == HOP_OK)
        s = check_version("to", o->to, err);
    if (s == HOP_OK)
        s = check_avoided(o, err);
    if (s == HOP_OK && o->paths > HOP_PLAN_MAX_PATHS)
        s = hop_error_set(err, HOP_E_USAGE, "paths: at most %zu can be given",
                          HOP_PLAN_MAX_PATHS);
    return s;
}

/* ---- filling the plan ---- */

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_accepted(const hop_plan_opts *o, const char *name)
{
    return o->accept_risks && hop_strings_has(o->accept_risks, name);
}

/* Names on the path that are not accepted yet, each once. A conditional edge without
 * risks has no name; only "all" accepts it. */
static void list_needed(hop_plan_builder *b)
{
    const hop_route *route = &b->plan->best;
    size_t max = 1;
    for (size_t i = 0; i < route->hops; i++)
        max += route->edges[i].risk_count + 1;
    const char **names = hop_arena_alloc(b->plan->memory, max, sizeof(*names));
    size_t n = 0;
    bool needs_all = false;
    for (size_t i = 0; i < route->hops; i++) {
        const hop_plan_edge *e = &route->edges[i];
        needs_all = needs_all || (e->is_conditional && e->risk_count == 0);
        for (size_t j = 0; j < e->risk_count; j++)
            if (e->risks[j]->answer != HOP_RISK_DOES_NOT_APPLY &&
                !is_accepted(b->opts, e->risks[j]->name))
                names[n++] = e->risks[j]->name;
    }
    if (needs_all) {
        names[0] = "all";
        n = 1;
    }
    qsort(names, n, sizeof(*names), compare_texts);
    size_t unique = 0;
    for (size_t i = 0; i < n; i++)
        if (unique == 0 || strcmp(names[unique - 1], names[i]) != 0)
            names[unique++] = names[i];
    b->plan->needed_risks = (hop_texts){names, unique};
}

static void fill_paths(hop_plan_builder *b, const hop_search *s)
{
    hop_plan *plan = b->plan;
    char *count = hop_search_count_paths(s);
    plan->path_count = hop_plan_copy(b, count);
    free(count);
    size_t want = b->opts->paths;
    if (want <= 1) {
        hop_search_path best = hop_search_find_best(s);
        plan->best = hop_plan_copy_route(b, s, &best);
        hop_search_path_clear(&best);
        return;
    }
    hop_search_path *paths = hop_alloc(want, sizeof(*paths));
    size_t found = hop_search_find_best_few(s, want, paths);
    hop_route *others = hop_arena_alloc(plan->memory, want, sizeof(*others));
    for (size_t i = 0; i < found; i++) {
        hop_route route = hop_plan_copy_route(b, s, &paths[i]);
        if (i == 0)
            plan->best = route;
        else
            others[plan->alternative_count++] = route;
        hop_search_path_clear(&paths[i]);
    }
    plan->alternatives = others;
    free(paths);
}

static hop_status fill_between(hop_plan_builder *b, uint32_t from, uint32_t to,
                               hop_error **err)
{
    HOP_AUTO(hop_search) allowed = NULL;
    hop_status s = hop_search_new(b->g, b->opts, from, to, SEARCH_ACCEPTED_RISKS,
                                  SEARCH_BETWEEN, &allowed, err);
    if (s != HOP_OK)
        return s;
    b->plan->status = HOP_PLAN_OK;
    if (hop_search_has_path(allowed)) {
        fill_paths(b, allowed);
        return HOP_OK;
    }
    HOP_AUTO(hop_search) any = NULL;
    s = hop_search_new(b->g, b->opts, from, to, SEARCH_ANY_RISKS, SEARCH_BETWEEN, &any,
                       err);
    if (s != HOP_OK)
        return s;
    b->plan->status = HOP_PLAN_UNREACHABLE;
    if (hop_search_has_path(any)) {
        b->plan->status = HOP_PLAN_NEEDS_RISKS;
        fill_paths(b, any);
        list_needed(b);
    }
    return hop_explain_no_path(b, from, to, err);
}

static void fill_head(hop_plan_builder *b)
{
    hop_plan *plan = b->plan;
    const hop_plan_opts *o = b->opts;
    plan->prefer = o->prefer;
    plan->workers = o->workers;
    plan->arch = hop_plan_copy(b, o->arch);
    plan->from = hop_plan_copy(b, o->from);
    plan->to = hop_plan_copy(b, o->to);
    plan->path_count = "0";
    plan->graph_data = hop_plan_copy(b, b->g->data);
    hop_texts channels = hop_graph_get_channels(b->g);
    plan->channels = hop_plan_copy_texts(b, channels.items, channels.len);
    if (o->accept_risks)
        plan->accepted_risks = hop_plan_copy_texts(
            b, (const char *const *)o->accept_risks->items, o->accept_risks->len);
}

hop_status hop_graph_plan(const hop_graph *g, const hop_plan_opts *opts, hop_plan **out,
                          hop_error **err)
{
    hop_plan_opts o = *opts;
    o.arch = opts->arch ? opts->arch : "amd64";
    hop_status s = check_opts(&o, err);
    if (s != HOP_OK)
        return s;
    HOP_AUTO_VALUE(hop_plan_builder) b = {.plan = hop_plan_new(), .g = g, .opts = &o};
    fill_head(&b);
    uint32_t from = hop_model_find(g, o.from, o.arch),
             to = hop_model_find(g, o.to, o.arch);
    if (from == HOP_NO_ID || to == HOP_NO_ID) {
        b.plan->status = HOP_PLAN_UNKNOWN_VERSION;
        hop_explain_unknown(&b, o.from, from, o.to, to);
    } else if (from == to) {
        b.plan->status = HOP_PLAN_SAME_VERSION;
        b.plan->best = hop_plan_copy_start(&b, from);
        b.plan->path_count = "1";
    } else {
        s = fill_between(&b, from, to, err);
    }
    if (s == HOP_OK)
        *out = hop_steal(&b.plan);
    return s;
}
