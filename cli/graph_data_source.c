/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "graph_data_source.h"

#include "command.h"
#include "environment.h"
#include "graph_data_plan.h"
#include "hop_file.h"
#include "hop_osus.h"
#include "registry_options.h"
#include "report.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* What a server calls this state of the archive: without its quotes, and only where it is
 * fit for a label. */
static char *revision_of_etag(const char *etag)
{
    enum { MAX_REVISION = 128 };
    if (!etag)
        return NULL;
    if (hop_has_prefix(etag, "W/"))
        etag += 2;
    size_t len = strlen(etag);
    if (len < 3 || len > MAX_REVISION || etag[0] != '"' || etag[len - 1] != '"')
        return NULL;
    for (size_t i = 1; i + 1 < len; i++)
        if (etag[i] <= ' ' || etag[i] == '"' || etag[i] == 0x7f)
            return NULL;
    return hop_strndup(etag + 1, len - 2);
}

static hop_status fetch(const hop_options *o, const char *url, hop_buf *body,
                        char **revision, hop_error **err)
{
    hop_fetch_opts opts;
    hop_registry_fetch(&o->common, &o->common, &opts);
    HOP_AUTO_VALUE(hop_fetch_info) info = {0};
    hop_status s = hop_fetch(&opts, url, body, &info, err);
    if (s == HOP_OK && info.status == 200)
        *revision = revision_of_etag(info.etag);
    if (s != HOP_OK || info.status == 200)
        return s;
    HOP_AUTO_STR name = hop_fetch_public_url(url);
    s = hop_error_set(err,
                      info.status == 401 || info.status == 403 ? HOP_E_AUTH : HOP_E_NET,
                      "GET %s: %ld", name, info.status);
    hop_error_hint(err, "--graph-data takes a directory or an archive, too");
    return s;
}

bool hop_graph_data_is_url(const char *text)
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

static hop_status prune(const char *path, hop_tree *tree, hop_graphdata_info *info,
                        hop_error **err)
{
    HOP_AUTO(hop_plan_set) plan = NULL;
    hop_status s = hop_graph_data_read_plan(path, &plan, err);
    return s == HOP_OK ? hop_graph_data_prune(plan, path, tree, info, err) : s;
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
    if (!hop_graph_data_is_url(from) && stat(from, &st) == 0 && S_ISDIR(st.st_mode)) {
        s = hop_graphdata_read_dir(from, tree, info, err);
        if (s == HOP_OK)
            s = hop_graphdata_pack(tree, archive, err);
    } else {
        HOP_AUTO_STR revision = NULL;
        HOP_AUTO_STR name =
            hop_graph_data_is_url(from) ? hop_fetch_public_url(from) : hop_strdup(from);
        s = hop_graph_data_is_url(from) ? fetch(o, from, archive, &revision, err)
                                        : hop_file_read(from, archive, err);
        if (s == HOP_OK)
            s = hop_graphdata_read_archive(hop_buf_get(archive), archive->len, name, tree,
                                           info, err);
        if (s == HOP_OK && !info->revision) /* a commit says more than an ETag */
            info->revision = hop_steal(&revision);
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
                                hop_base *base, hop_image **out, hop_error **err)
{
    hop_image_opts opts = {.info = info, .format = format};
    if (base && base->docs.len) {
        opts.bases = base->docs.items;
        opts.base_count = base->docs.len;
        opts.layers = hop_base_layers(base);
    }
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
