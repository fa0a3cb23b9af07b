/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command.h"
#include "graph_source.h"
#include "hop_version.h"
#include "releases_source.h"
#include "report.h"

#include <stdlib.h>
#include <string.h>

/* What is printed about one release. */
typedef struct line {
    const hop_release *release;
    hop_plan_status reach; /* of the plan from the start to it; OK without a start */
    size_t hops;
    size_t conditional_hops;
} line;

typedef struct listing {
    const hop_graph *graph;
    const char *arch;
    const char *from; /* NULL without --from */
    line *lines;
    size_t len;
} listing;

static hop_status check(const hop_options *o, const hop_strings *archs, hop_error **err)
{
    if (o->output && strcmp(o->output, "json") != 0 && strcmp(o->output, "text") != 0)
        return hop_error_set(err, HOP_E_USAGE, "-o %s: expected text or json", o->output);
    if (o->args.len)
        return hop_error_set(err, HOP_E_USAGE, "\"%s\": releases takes flags only",
                             o->args.items[0]);
    if (archs->len > 1)
        return hop_error_set(err, HOP_E_USAGE,
                             "--arch is given %zu times; a list is for "
                             "one",
                             archs->len);
    if (o->from.len > 1)
        return hop_error_set(err, HOP_E_USAGE, "--from is given %zu times", o->from.len);
    if (o->graph_data && !o->releases)
        return hop_error_set(err, HOP_E_USAGE,
                             "--graph-data: it is applied to --releases");
    if (o->channel.len == 0 && o->graph.len == 0 && o->from.len == 0) {
        hop_status s = hop_error_set(err, HOP_E_USAGE, "which channels?");
        hop_error_hint(err, "say --channel C, --graph FILE, or --from VERSION");
        return s;
    }
    return HOP_OK;
}

/* From a start alone the channels of its minor and of the next one are read. */
static hop_status find_minors(const char *from, hop_strings *out, hop_error **err)
{
    hop_version v;
    uint64_t major = 0, minor = 0;
    hop_status s = hop_version_parse(from, &v, err);
    if (s != HOP_OK)
        return hop_options_blame(err);
    if (!hop_version_get_minor(&v, &major, &minor))
        return hop_error_set(err, HOP_E_USAGE, "version %s: numbers too long", from);
    hop_strings_add(out, from);
    HOP_AUTO_STR next = hop_sprintf("%llu.%llu.0", (unsigned long long)major,
                                    (unsigned long long)minor + 1);
    hop_strings_take(out, &next);
    return HOP_OK;
}

static bool is_wanted(const hop_options *o, const hop_graph *g, const hop_release *r)
{
    bool is_wanted = o->channel.len == 0;
    for (size_t i = 0; i < o->channel.len; i++)
        is_wanted = is_wanted || hop_graph_source_is_member(g, r, o->channel.items[i]);
    return is_wanted && r->payload;
}

/* ---- reachable? ---- */

static hop_status find_reach(const hop_options *o, const listing *all, line *l,
                             hop_error **err)
{
    hop_plan_opts opts = {.from = all->from,
                          .to = l->release->version,
                          .arch = all->arch,
                          .accept_risks = &o->accept_risk};
    HOP_AUTO(hop_plan) plan = NULL;
    hop_status s = hop_graph_plan(all->graph, &opts, &plan, err);
    if (s != HOP_OK)
        return s;
    l->reach = plan->status;
    l->hops = plan->best.hops;
    l->conditional_hops = plan->best.conditional_hops;
    return HOP_OK;
}

static hop_status fill(const hop_options *o, listing *all, hop_error **err)
{
    hop_status s = HOP_OK;
    for (size_t i = 0; i < hop_graph_count(all->graph) && s == HOP_OK; i++) {
        const hop_release *r = hop_graph_get_release(all->graph, i);
        if (!is_wanted(o, all->graph, r))
            continue;
        line *l = &all->lines[all->len++];
        *l = (line){.release = r, .reach = HOP_PLAN_OK};
        if (all->from)
            s = find_reach(o, all, l, err);
    }
    return s;
}

/* The word in JSON. */
static const char *reach_name(hop_plan_status s)
{
    switch (s) {
    case HOP_PLAN_OK:
    case HOP_PLAN_SAME_VERSION:
        return "yes";
    case HOP_PLAN_NEEDS_RISKS:
        return "needs-risks";
    case HOP_PLAN_UNREACHABLE:
    case HOP_PLAN_UNKNOWN_VERSION:
        return "no";
    }
    return "no";
}

/* ---- output ---- */

static void print_json(const listing *all)
{
    HOP_AUTO(hop_json) doc = hop_json_new_object();
    hop_json_set_string(doc, "schema", "oc-hop/releases/v1");
    hop_json_set_string(doc, "arch", all->arch);
    hop_json_set_string(doc, "from", all->from);
    hop_json *list = hop_json_add_array(doc, "releases");
    for (size_t i = 0; i < all->len; i++) {
        const line *l = &all->lines[i];
        hop_json *item = hop_json_append_object(list);
        hop_json_set_string(item, "version", l->release->version);
        hop_json_set_string(item, "payload", l->release->payload);
        hop_json_set_string(item, "url", l->release->url);
        hop_json_set_bool(item, "prerelease", l->release->is_prerelease);
        hop_json *channels = hop_json_add_array(item, "channels");
        for (size_t c = 0; c < l->release->channels.len; c++)
            hop_json_append_string(channels, l->release->channels.items[c]);
        if (!all->from)
            continue;
        hop_json_set_string(item, "reachable", reach_name(l->reach));
        if (strcmp(reach_name(l->reach), "no") == 0)
            continue;
        hop_json_set_uint(item, "hops", l->hops);
        hop_json_set_uint(item, "conditional_hops", l->conditional_hops);
    }
    hop_report_json(doc);
}

static char *reach_text(const line *l)
{
    switch (l->reach) {
    case HOP_PLAN_SAME_VERSION:
        return hop_strdup("start");
    case HOP_PLAN_OK:
        return hop_sprintf("%zu hop%s", l->hops, l->hops == 1 ? "" : "s");
    case HOP_PLAN_NEEDS_RISKS:
        return hop_sprintf("%zu hop%s, risks", l->hops, l->hops == 1 ? "" : "s");
    case HOP_PLAN_UNREACHABLE:
    case HOP_PLAN_UNKNOWN_VERSION:
        return hop_strdup("-");
    }
    return hop_strdup("-");
}

/* The channels, wrapped at 80 columns below each other. */
static void add_channels(const hop_release *r, size_t indent, hop_buf *out)
{
    size_t column = indent;
    for (size_t i = 0; i < r->channels.len; i++) {
        const char *name = r->channels.items[i];
        if (column > indent && column + strlen(name) + 1 > 80) {
            hop_buf_addf(out, "\n%*s", (int)indent, "");
            column = indent;
        }
        if (column > indent)
            hop_buf_addc(out, ' ');
        column += strlen(name) + (column > indent);
        hop_buf_add_visible(out, name, strlen(name));
    }
    hop_buf_addc(out, '\n');
}

static void print_text(const listing *all)
{
    enum { REACH_WIDTH = 15 };
    HOP_AUTO_VALUE(hop_buf) out = hop_buf_init(HOP_BUF_TEXT);
    size_t width = 0;
    for (size_t i = 0; i < all->len; i++)
        if (strlen(all->lines[i].release->version) > width)
            width = strlen(all->lines[i].release->version);
    for (size_t i = 0; i < all->len; i++) {
        const line *l = &all->lines[i];
        size_t indent = width + 2;
        hop_buf_addf(&out, "%-*s", (int)indent, l->release->version);
        if (all->from) {
            HOP_AUTO_STR reach = reach_text(l);
            hop_buf_addf(&out, "%-*s", REACH_WIDTH, reach);
            indent += REACH_WIDTH;
        }
        add_channels(l->release, indent, &out);
    }
    fwrite(hop_buf_get(&out), 1, out.len, stdout);
}

static hop_status print(const hop_options *o, listing *all, hop_error **err)
{
    hop_status s = fill(o, all, err);
    if (s != HOP_OK)
        return s;
    if (o->output && strcmp(o->output, "json") == 0)
        print_json(all);
    else
        print_text(all);
    return HOP_OK;
}

hop_status hop_cmd_releases(const hop_options *o, int *exit_code, hop_error **err)
{
    HOP_AUTO_VALUE(hop_strings) archs = {0};
    HOP_AUTO_VALUE(hop_strings) versions = {0};
    HOP_AUTO(hop_graph) g = NULL;
    const char *from = o->from.len ? o->from.items[0] : NULL;
    hop_status s = hop_graph_source_archs(o, &archs, err);
    if (s == HOP_OK)
        s = check(o, &archs, err);
    if (s == HOP_OK && from)
        s = find_minors(from, &versions, err);
    if (s == HOP_OK)
        s = hop_graph_source_load(o, archs.items[0], &versions, NULL, &g, err);
    if (s != HOP_OK) {
        *exit_code = hop_releases_exit(o, s);
        return s;
    }
    hop_graph_source_warn(o, g);
    listing all = {.graph = g,
                   .arch = archs.items[0],
                   .from = from,
                   .lines = hop_alloc(hop_graph_count(g) + 1, sizeof(line))};
    if (from && !hop_graph_find_release(g, from, all.arch)) {
        hop_report_warning("%s is in none of the channels that were read", from);
        *exit_code = HOP_EXIT_NO_PATH;
    }
    s = print(o, &all, err);
    free(all.lines);
    return s;
}
