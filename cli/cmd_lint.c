/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command.h"
#include "graph_data_source.h"
#include "hop_osus.h"
#include "report.h"

#include <string.h>

/* The reader leaves out what is no graph-data; but a name beside the files that are read
 * can be a file that was meant to be one. Such names go into the tree without content. */
static hop_status add_skipped(hop_tree *tree, const hop_graphdata_info *info,
                              hop_error **err)
{
    for (size_t i = 0; i < info->skipped.len; i++) {
        const char *path = info->skipped.items[i];
        const char *slash = strchr(path, '/');
        bool is_beside =
            hop_has_prefix(path, "channels/") || hop_has_prefix(path, "blocked-edges/");
        if (!is_beside && slash &&
            (hop_has_prefix(slash, "/channels/") ||
             hop_has_prefix(slash, "/blocked-edges/"))) {
            path = slash + 1;
            is_beside = true;
        }
        if (!is_beside || !hop_tree_path_is_safe(path) || hop_tree_find(tree, path))
            continue;
        hop_status s = hop_tree_add(tree, path, "", 0, err);
        if (s == HOP_OK)
            s = hop_tree_sort(tree, err);
        if (s != HOP_OK)
            return s;
    }
    return HOP_OK;
}

static void print_json(const hop_findings *f)
{
    HOP_AUTO(hop_json) doc = hop_json_new_object();
    hop_json_set_string(doc, "schema", "oc-hop/lint/v1");
    hop_json_set_uint(doc, "errors", f->error_count);
    hop_json_set_uint(doc, "warnings", f->warning_count);
    hop_json *list = hop_json_add_array(doc, "findings");
    for (size_t i = 0; i < f->len; i++) {
        hop_json *item = hop_json_append_object(list);
        hop_json_set_string(item, "severity", hop_severity_name(f->items[i].severity));
        hop_json_set_string(item, "rule", f->items[i].rule);
        hop_json_set_string(item, "file", f->items[i].file);
        hop_json_set_uint(item, "line", f->items[i].line);
        hop_json_set_string(item, "message", f->items[i].text);
    }
    hop_report_json(doc);
}

/* "FILE:LINE: error: TEXT", as compilers do, so that editors can jump there. */
static void print_text(const hop_findings *f)
{
    for (size_t i = 0; i < f->len; i++) {
        const hop_finding *x = &f->items[i];
        HOP_AUTO_STR line = hop_sprintf("%s:%zu: %s: %s [%s]", x->file, x->line,
                                        hop_severity_name(x->severity), x->text, x->rule);
        hop_report_visible(stdout, line);
        putchar('\n');
    }
    printf("%zu errors, %zu warnings\n", f->error_count, f->warning_count);
}

hop_status hop_cmd_lint(const hop_options *o, int *exit_code, hop_error **err)
{
    if (o->output && strcmp(o->output, "json") != 0 && strcmp(o->output, "text") != 0)
        return hop_error_set(err, HOP_E_USAGE, "-o %s: expected text or json", o->output);
    if (o->args.len != 1)
        return hop_error_set(err, HOP_E_USAGE,
                             "expected one directory or archive with graph-data");
    HOP_AUTO_VALUE(hop_tree) tree = {0};
    HOP_AUTO_VALUE(hop_graphdata_info) info = {0};
    HOP_AUTO_VALUE(hop_findings) findings = {0};
    hop_options source = *o; /* borrows everything */
    source.graph_data = o->args.items[0];
    hop_status s = hop_graph_data_load(&source, &tree, &info, err);
    if (s == HOP_OK)
        s = add_skipped(&tree, &info, err);
    if (s != HOP_OK) {
        *exit_code = hop_graph_data_exit(s);
        return s;
    }
    hop_lint_run(&tree, &findings);
    if (o->output && strcmp(o->output, "json") == 0)
        print_json(&findings);
    else
        print_text(&findings);
    if (findings.error_count)
        *exit_code = HOP_EXIT_INTEGRITY;
    return HOP_OK;
}
