/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command.h"
#include "gates.h"
#include "graph_source.h"
#include "plan_report.h"
#include "planning.h"
#include "releases_source.h"
#include "report.h"

#include <string.h>

typedef enum plan_format {
    FORMAT_TEXT,
    FORMAT_JSON,
    FORMAT_DOT,
    FORMAT_SVG,
    FORMAT_HTML,
} plan_format;

static hop_status read_format(const char *text, plan_format *out, hop_error **err)
{
    static const char *const names[] = {"text", "json", "dot", "svg", "html"};
    *out = FORMAT_TEXT;
    if (!text)
        return HOP_OK;
    for (size_t i = 0; i < HOP_COUNT_OF(names); i++)
        if (strcmp(text, names[i]) == 0) {
            *out = (plan_format)i;
            return HOP_OK;
        }
    return hop_error_set(err, HOP_E_USAGE, "-o %s: expected text, json, dot, svg or html",
                         text);
}

static bool is_picture(plan_format format)
{
    return format == FORMAT_DOT || format == FORMAT_SVG || format == FORMAT_HTML;
}

static hop_status check_format(const hop_options *o, plan_format format, hop_error **err)
{
    if (o->check && is_picture(format))
        return hop_error_set(err, HOP_E_USAGE, "--check: there is no -o %s of the answer",
                             o->output);
    if (o->all_edges && !is_picture(format))
        return hop_error_set(err, HOP_E_USAGE,
                             "--all-edges: belongs to -o dot, svg or html");
    if (o->gates && (o->check || is_picture(format)))
        return hop_error_set(err, HOP_E_USAGE,
                             "--gates: belongs to a plan in -o text or json");
    return HOP_OK;
}

static hop_status draw(const hop_options *o, const hop_planning *p, hop_drawing **out,
                       hop_error **err)
{
    hop_drawing_opts how = {.plan = &p->opts,
                            .extent = o->all_edges ? HOP_DRAW_ALL_EDGES
                                                   : HOP_DRAW_TELLING_EDGES};
    return hop_graph_draw(p->graph, p->set, &how, out, err);
}

/* Without --gates no registry is asked, and only what needs none is known. */
static hop_status find_gates(const hop_options *o, const hop_plan_set *set,
                             hop_gate_list *out, int *exit_code, hop_error **err)
{
    if (!hop_planning_set_is_usable(set))
        return HOP_OK;
    if (o->gates)
        return hop_gates_read(o, set, out, exit_code, err);
    for (size_t i = 0; i < set->plan_count; i++)
        hop_gates_add_plan(out, set->plans[i], NULL);
    if (out->len > 0)
        hop_report_note(o, "updates to another minor may need acknowledgements; --gates "
                           "reads them from the payloads");
    return HOP_OK;
}

static void add_gates(const hop_gate_list *gates, hop_buf *out)
{
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    hop_gates_text(gates, "", &text);
    if (text.len > 0)
        hop_buf_addf(out, "\n%s", hop_buf_get(&text));
}

static hop_status print_plan(const hop_options *o, const hop_planning *p,
                             const hop_gate_list *gates, plan_format format,
                             hop_error **err)
{
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    HOP_AUTO(hop_drawing) d = NULL;
    hop_status s = is_picture(format) ? draw(o, p, &d, err) : HOP_OK;
    if (s != HOP_OK)
        return s;
    switch (format) {
    case FORMAT_TEXT:
        hop_plan_set_report_text(p->set, &text);
        add_gates(gates, &text);
        break;
    case FORMAT_JSON: {
        HOP_AUTO(hop_json) doc = hop_plan_set_report_json(p->set);
        hop_gates_json(gates, doc);
        hop_report_json(doc);
        break;
    }
    case FORMAT_DOT:
        hop_plan_report_dot(p->set, d, &text);
        break;
    case FORMAT_SVG:
        hop_plan_report_svg(p->set, d, &text);
        break;
    case FORMAT_HTML:
        hop_plan_report_html(p->set, d, &text);
        break;
    }
    fwrite(hop_buf_get(&text), 1, text.len, stdout);
    return HOP_OK;
}

static void add_changes(const hop_strings *found, hop_strings *all)
{
    for (size_t i = 0; i < found->len; i++)
        if (!hop_strings_has(all, found->items[i]))
            hop_strings_add(all, found->items[i]);
}

static hop_status find_changes(const hop_options *o, const hop_plan_set *set,
                               hop_changes *out, hop_error **err)
{
    HOP_AUTO_VALUE(hop_strings) ends = {0};
    HOP_AUTO(hop_graph) g = NULL;
    const hop_plan *first = set->plans[0];
    hop_strings_add(&ends, first->to);
    for (size_t i = 0; i < set->plan_count; i++)
        hop_strings_add(&ends, set->plans[i]->from);
    HOP_AUTO(hop_answers) answers = NULL;
    hop_plan_opts today = {0};
    hop_status s = hop_planning_risks(o, &answers, &today, err);
    if (s == HOP_OK)
        s = hop_graph_source_load(o, first->arch, &ends, NULL, &g, err);
    for (size_t i = 0; i < set->plan_count && s == HOP_OK; i++) {
        HOP_AUTO_VALUE(hop_changes) found = {0};
        s = hop_graph_check_with(g, set->plans[i], &today, &found, err);
        add_changes(&found.breaks, &out->breaks);
        add_changes(&found.notes, &out->notes);
    }
    return s;
}

static void print_changes(const char *label, const hop_strings *list)
{
    for (size_t i = 0; i < list->len; i++) {
        fputs(label, stdout);
        hop_report_visible(stdout, list->items[i]);
        putchar('\n');
    }
}

/* Is a plan that was carried here still what today's graphs would allow? */
static hop_status check_plan(const hop_options *o, int *exit_code, hop_error **err)
{
    if (o->from.len || o->to || o->arch.len)
        return hop_error_set(err, HOP_E_USAGE,
                             "--check: the plan in %s has its own versions", o->check);
    HOP_AUTO(hop_plan_set) set = NULL;
    HOP_AUTO_VALUE(hop_changes) changes = {0};
    hop_status s = hop_planning_read(o->check, &set, err);
    if (s == HOP_OK)
        s = find_changes(o, set, &changes, err);
    if (s != HOP_OK) {
        *exit_code = hop_releases_exit(o, s);
        return s;
    }
    print_changes("broken: ", &changes.breaks);
    print_changes("changed: ", &changes.notes);
    puts(changes.breaks.len ? "the plan is no longer valid: make a new one"
                            : "the plan is valid");
    *exit_code = changes.breaks.len ? HOP_EXIT_NO_PATH : HOP_EXIT_OK;
    return HOP_OK;
}

hop_status hop_cmd_plan(const hop_options *o, int *exit_code, hop_error **err)
{
    HOP_AUTO_VALUE(hop_strings) archs = {0};
    plan_format format = FORMAT_TEXT;
    hop_status s = read_format(o->output, &format, err);
    if (s == HOP_OK && o->args.len)
        s = hop_error_set(err, HOP_E_USAGE, "\"%s\": plan takes flags only",
                          o->args.items[0]);
    if (s == HOP_OK)
        s = check_format(o, format, err);
    if (s == HOP_OK && o->graph_data && !o->releases)
        s = hop_error_set(err, HOP_E_USAGE,
                          "--graph-data: plan applies it to --releases");
    if (s == HOP_OK && o->check)
        return check_plan(o, exit_code, err);
    if (s == HOP_OK)
        s = hop_graph_source_archs(o, &archs, err);
    if (s == HOP_OK && archs.len > 1)
        s = hop_error_set(err, HOP_E_USAGE,
                          "--arch is given %zu times; a plan is for one", archs.len);
    if (s != HOP_OK)
        return s;
    HOP_AUTO_VALUE(hop_planning) p = {0};
    HOP_AUTO_VALUE(hop_gate_list) gates = {0};
    int gates_exit = HOP_EXIT_OK;
    s = hop_planning_make(o, archs.items[0], &p, err);
    if (s != HOP_OK)
        *exit_code = hop_releases_exit(o, s);
    if (s == HOP_OK && !is_picture(format))
        s = find_gates(o, p.set, &gates, &gates_exit, err);
    if (s == HOP_OK)
        s = print_plan(o, &p, &gates, format, err);
    if (s != HOP_OK)
        return s;
    *exit_code = hop_planning_set_is_usable(p.set) ? gates_exit : HOP_EXIT_NO_PATH;
    return HOP_OK;
}
