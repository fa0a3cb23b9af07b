/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "graph_data_source.h"

#include "command.h"
#include "environment.h"
#include "hop_file.h"
#include "hop_osus.h"
#include "planning.h"
#include "registry_options.h"
#include "report.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static hop_status fetch(const hop_options *o, const char *url, hop_buf *body,
                        hop_error **err)
{
    hop_fetch_opts opts = {0};
    hop_registry_side(&o->common, &o->common, &opts.side);
    HOP_AUTO_VALUE(hop_fetch_info) info = {0};
    hop_status s = hop_fetch(&opts, url, body, &info, err);
    if (s != HOP_OK || info.status == 200)
        return s;
    s = hop_error_set(err,
                      info.status == 401 || info.status == 403 ? HOP_E_AUTH : HOP_E_NET,
                      "GET %s: %ld", url, info.status);
    hop_error_hint(err, "--graph-data takes a directory or an archive, too");
    return s;
}

static bool is_url(const char *text)
{
    return hop_has_prefix(text, "https://") || hop_has_prefix(text, "http://");
}

static hop_status add_block(const char *path, hop_tree *tree, hop_graphdata_info *info,
                            hop_error **err)
{
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_MAX_SMALL_BODY);
    const char *slash = strrchr(path, '/');
    hop_status s = hop_file_read(path, &text, err);
    if (s == HOP_OK)
        s = hop_graphdata_add_block(tree, slash ? slash + 1 : path, hop_buf_get(&text),
                                    text.len, info, err);
    return s == HOP_OK ? s : hop_error_wrap(err, "add blocked edges of %s", path);
}

static void add_needs(const hop_plan *plan, hop_graphdata_needs *needs)
{
    for (size_t i = 0; i < plan->best.hops; i++) {
        const char *channel = plan->best.edges[i].channel;
        if (channel && !hop_strings_has(&needs->channels, channel))
            hop_strings_add(&needs->channels, channel);
    }
    for (size_t i = 0; i < plan->best.release_count; i++)
        hop_strings_add(&needs->versions, plan->best.releases[i].version);
}

/* What the hops of a plan need: their channels, and every release on the paths. */
static hop_status prune(const char *path, hop_tree *tree, hop_graphdata_info *info,
                        hop_error **err)
{
    HOP_AUTO(hop_plan_set) set = NULL;
    hop_status s = hop_planning_read(path, &set, err);
    if (s != HOP_OK)
        return s;
    hop_graphdata_needs needs = {0};
    for (size_t i = 0; i < set->plan_count && s == HOP_OK; i++) {
        if (!hop_planning_is_usable(set->plans[i]))
            s = hop_error_set(err, HOP_E_NO_PATH,
                              "plan %s: there is no path in it to keep", path);
        add_needs(set->plans[i], &needs);
    }
    if (s == HOP_OK) {
        s = hop_graphdata_prune(tree, &needs, info, err);
        s = s == HOP_OK ? s : hop_error_wrap(err, "prune graph-data to plan %s", path);
    }
    hop_strings_clear(&needs.channels);
    hop_strings_clear(&needs.versions);
    return s;
}

static hop_status change(const hop_options *o, hop_tree *tree, hop_graphdata_info *info,
                         hop_error **err)
{
    hop_status s = HOP_OK;
    for (size_t i = 0; s == HOP_OK && i < o->extra_block.len; i++)
        s = add_block(o->extra_block.items[i], tree, info, err);
    if (s == HOP_OK && o->signatures)
        s = hop_graphdata_add_signatures(tree, o->signatures, info, err);
    return s == HOP_OK && o->prune ? prune(o->prune, tree, info, err) : s;
}

hop_status hop_graph_data_load(const hop_options *o, hop_tree *tree,
                               hop_graphdata_info *info, hop_error **err)
{
    HOP_AUTO_VALUE(hop_buf) bytes = hop_buf_init(HOP_GRAPHDATA_MAX_ARCHIVE);
    return hop_graph_data_load_archive(o, tree, info, &bytes, err);
}

hop_status hop_graph_data_load_archive(const hop_options *o, hop_tree *tree,
                                       hop_graphdata_info *info, hop_buf *archive,
                                       hop_error **err)
{
    const char *from = o->graph_data ? o->graph_data : HOP_DEFAULT_GRAPH_DATA;
    struct stat st;
    hop_status s = HOP_OK;
    if (!is_url(from) && stat(from, &st) == 0 && S_ISDIR(st.st_mode)) {
        s = hop_graphdata_read_dir(from, tree, info, err);
        if (s == HOP_OK)
            s = hop_graphdata_pack(tree, archive, err);
    } else {
        s = is_url(from) ? fetch(o, from, archive, err)
                         : hop_file_read(from, archive, err);
        if (s == HOP_OK)
            s = hop_graphdata_read_archive(hop_buf_get(archive), archive->len, from, tree,
                                           info, err);
    }
    if (s != HOP_OK)
        return hop_error_wrap(err, "read graph-data");
    if (info->is_newer_minor)
        hop_report_warning(
            "graph-data has format version %s, newer than 1.2 that oc-hop knows",
            info->version);
    if (o->verbose && info->skipped_count)
        hop_report_note(o, "graph-data: %zu files are not part of it and were left out",
                        info->skipped_count);
    return change(o, tree, info, err);
}

hop_status hop_graph_data_check(const hop_options *o, const hop_tree *tree,
                                hop_error **err)
{
    if (o->no_lint)
        return HOP_OK;
    hop_findings findings = {0};
    hop_lint_run(tree, &findings);
    hop_status s = HOP_OK;
    for (size_t i = 0; s == HOP_OK && i < findings.len; i++) {
        const hop_finding *f = &findings.items[i];
        if (f->severity == HOP_LINT_ERROR)
            s = hop_error_set(err, HOP_E_PARSE, "%s:%zu: %s", f->file, f->line, f->text);
    }
    if (s != HOP_OK) {
        s = hop_error_wrap(err, "check graph-data: %zu errors, the first of them",
                           findings.error_count);
        hop_error_hint(
            err, "`oc-hop lint` lists them all; --no-lint builds the image all the same");
    } else if (findings.warning_count) {
        hop_report_note(o, "graph-data has %zu oddities; `oc-hop lint` lists them",
                        findings.warning_count);
    }
    hop_findings_clear(&findings);
    return s;
}

int hop_graph_data_exit(hop_status s)
{
    return s == HOP_E_PARSE || s == HOP_E_LIMIT ? HOP_EXIT_INTEGRITY : hop_exit_of(s);
}

hop_status hop_graph_data_build(const hop_tree *tree, const hop_graphdata_info *info,
                                hop_image_format format, const hop_strings *archs,
                                hop_image **out, hop_error **err)
{
    hop_image_opts opts = {.info = info, .format = format};
    hop_status s = hop_environment_source_date(&opts.has_created, &opts.created_s, err);
    if (s != HOP_OK)
        return s;
    const char **names = hop_alloc(archs->len, sizeof(*names));
    for (size_t i = 0; i < archs->len; i++)
        names[i] = archs->items[i];
    opts.archs = names;
    opts.arch_count = archs->len;
    s = hop_image_build(&opts, tree, out, err);
    free(names);
    return s;
}
