/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command.h"
#include "graph_source.h"
#include "hop_file.h"
#include "plan_report.h"
#include "planning.h"
#include "report.h"

#include <string.h>

typedef enum plan_format { FORMAT_TEXT, FORMAT_JSON } plan_format;

static hop_status read_format(const char *text, plan_format *out, hop_error **err)
{
    *out = FORMAT_TEXT;
    if (!text || strcmp(text, "text") == 0)
        return HOP_OK;
    if (strcmp(text, "json") != 0)
        return hop_error_set(err, HOP_E_USAGE, "-o %s: expected text or json", text);
    *out = FORMAT_JSON;
    return HOP_OK;
}

static void print_plan(const hop_plan *plan, plan_format format)
{
    switch (format) {
    case FORMAT_TEXT: {
        HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
        hop_plan_report_text(plan, &text);
        fwrite(hop_buf_get(&text), 1, text.len, stdout);
        return;
    }
    case FORMAT_JSON: {
        HOP_AUTO(hop_json) doc = hop_plan_report_json(plan);
        hop_report_json(doc);
        return;
    }
    }
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
    s = hop_graph_source_load(o, plan->arch, &ends, NULL, &g, err);
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
    if (s == HOP_OK && o->check)
        return check_plan(o, exit_code, err);
    if (s == HOP_OK)
        s = hop_graph_source_archs(o, &archs, err);
    if (s == HOP_OK && archs.len > 1)
        s = hop_error_set(err, HOP_E_USAGE,
                          "--arch is given %zu times; a plan is for one", archs.len);
    if (s != HOP_OK)
        return s;
    HOP_AUTO(hop_plan) plan = NULL;
    s = hop_planning_run(o, archs.items[0], NULL, &plan, err);
    if (s != HOP_OK)
        return s;
    print_plan(plan, format);
    *exit_code = hop_planning_is_usable(plan) ? HOP_EXIT_OK : HOP_EXIT_NO_PATH;
    return HOP_OK;
}
