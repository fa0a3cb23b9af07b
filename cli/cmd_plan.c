/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command.h"
#include "graph_source.h"
#include "hop_file.h"
#include "plan_report.h"
#include "planning.h"
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
    return HOP_OK;
}

static hop_status draw(const hop_options *o, const hop_planning *p, hop_drawing **out,
                       hop_error **err)
{
    hop_drawing_opts how = {.plan = &p->opts,
                            .extent = o->all_edges ? HOP_DRAW_ALL_EDGES
                                                   : HOP_DRAW_TELLING_EDGES};
    return hop_graph_draw(p->graph, p->plan, &how, out, err);
}

static hop_status print_plan(const hop_options *o, const hop_planning *p,
                             plan_format format, hop_error **err)
{
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    HOP_AUTO(hop_drawing) d = NULL;
    hop_status s = is_picture(format) ? draw(o, p, &d, err) : HOP_OK;
    if (s != HOP_OK)
        return s;
    switch (format) {
    case FORMAT_TEXT:
        hop_plan_report_text(p->plan, &text);
        break;
    case FORMAT_JSON: {
        HOP_AUTO(hop_json) doc = hop_plan_report_json(p->plan);
        hop_report_json(doc);
        break;
    }
    case FORMAT_DOT:
        hop_plan_report_dot(p->plan, d, &text);
        break;
    case FORMAT_SVG:
        hop_plan_report_svg(p->plan, d, &text);
        break;
    case FORMAT_HTML:
        hop_plan_report_html(p->plan, d, &text);
        break;
    }
    fwrite(hop_buf_get(&text), 1, text.len, stdout);
    return HOP_OK;
}

/* Is a plan that was carried here still what today's graphs would allow? */
static hop_status check_plan(const hop_options *o, int *exit_code, hop_error **err)
{
    if (o->from.len || o->to || o->arch.len)
        return hop_error_set(err, HOP_E_USAGE,
                             "--check: the plan in %s has its own versions", o->check);
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_MAX_DOCUMENT);
    HOP_AUTO(hop_plan) plan = NULL;
    hop_status s = hop_file_read(o->check, &text, err);
    if (s == HOP_OK)
        s = hop_plan_parse(hop_buf_get(&text), text.len, o->check, &plan, err);
    if (s != HOP_OK)
        return hop_error_wrap(err, "read plan %s", o->check);
    HOP_AUTO_VALUE(hop_strings) ends = {0};
    HOP_AUTO_VALUE(hop_changes) changes = {0};
    HOP_AUTO(hop_graph) g = NULL;
    hop_strings_add(&ends, plan->from);
    hop_strings_add(&ends, plan->to);
    s = hop_graph_source_load(o, plan->arch, &ends, &g, err);
    if (s == HOP_OK)
        s = hop_graph_check(g, plan, &changes, err);
    if (s != HOP_OK)
        return s;
    for (size_t i = 0; i < changes.breaks.len + changes.notes.len; i++) {
        bool breaks = i < changes.breaks.len;
        fputs(breaks ? "broken: " : "changed: ", stdout);
        hop_report_visible(stdout, breaks ? changes.breaks.items[i]
                                          : changes.notes.items[i - changes.breaks.len]);
        putchar('\n');
    }
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
    s = hop_planning_make(o, archs.items[0], &p, err);
    if (s == HOP_OK)
        s = print_plan(o, &p, format, err);
    if (s != HOP_OK)
        return s;
    *exit_code = hop_planning_is_usable(p.plan) ? HOP_EXIT_OK : HOP_EXIT_NO_PATH;
    return HOP_OK;
}
