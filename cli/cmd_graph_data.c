/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command.h"
#include "environment.h"
#include "graph_data_source.h"
#include "graph_source.h"
#include "progress.h"
#include "push_image.h"
#include "registry_options.h"
#include "report.h"
#include "transfer_report.h"

#include <stdlib.h>
#include <string.h>

/* Where the image goes. Exactly one of the three is set. */
typedef struct destination {
    hop_ref registry; /* docker://REF */
    char *layout;     /* oci:DIR */
    char *archive;    /* docker-archive:FILE */
    char *tag;        /* of a layout, or the REF inside an archive; NULL without */
} destination;

static void destination_clear(destination *d)
{
    hop_ref_clear(&d->registry);
    free(d->layout);
    free(d->archive);
    free(d->tag);
    *d = (destination){0};
}

/* PATH[:REST]; a path may not hold a colon, as in skopeo. */
static void split_at_colon(const char *text, char **path, char **rest)
{
    const char *colon = strchr(text, ':');
    *path = hop_strndup(text, colon ? (size_t)(colon - text) : strlen(text));
    *rest = colon && colon[1] ? hop_strdup(colon + 1) : NULL;
}

static hop_status read_registry(const char *text, destination *out, hop_error **err)
{
    hop_status s = hop_ref_parse(text, &out->registry, err);
    if (s != HOP_OK)
        return hop_options_blame(err);
    if (out->registry.digest.text[0])
        return hop_error_set(
            err, HOP_E_USAGE,
            "destination docker://%s: the digest is not for you to choose", text);
    return HOP_OK;
}

static hop_status read_destination(const hop_options *o, destination *out,
                                   hop_error **err)
{
    if (o->args.len != 1)
        return hop_error_set(err, HOP_E_USAGE,
                             "expected one destination: docker://REF, oci:DIR[:TAG] or "
                             "docker-archive:FILE[:REF]");
    const char *text = o->args.items[0];
    if (hop_has_prefix(text, "docker://"))
        return read_registry(text + strlen("docker://"), out, err);
    if (hop_has_prefix(text, "oci:") && text[4]) {
        split_at_colon(text + 4, &out->layout, &out->tag);
        if (out->tag && !hop_tag_is_valid(out->tag))
            return hop_error_set(err, HOP_E_USAGE, "destination %s: \"%s\" is no tag",
                                 text, out->tag);
        return HOP_OK;
    }
    if (hop_has_prefix(text, "docker-archive:") && text[15]) {
        split_at_colon(text + 15, &out->archive, &out->tag);
        return HOP_OK;
    }
    return hop_error_set(err, HOP_E_USAGE,
                         "destination \"%s\": expected docker://REF, oci:DIR[:TAG] or "
                         "docker-archive:FILE[:REF]",
                         text);
}

static hop_status push(const hop_options *o, const destination *d, const hop_image *image,
                       bool *is_unchanged, int *exit_code, hop_error **err)
{
    HOP_AUTO_VALUE(hop_strings) files = {0};
    HOP_AUTO_VALUE(hop_strings) tags = {0};
    hop_progress progress;
    hop_mirror_opts opts = {.host = d->registry.host,
                            .tmp_dir = hop_environment_tmp_dir(),
                            .event = hop_progress_event,
                            .user = &progress};
    hop_status s = hop_progress_init(o, &progress, err);
    if (s == HOP_OK)
        s = hop_registry_stall(o, &opts.stall_s, err);
    if (s == HOP_OK)
        s = hop_registry_side_with_auth(o, &o->dest, &files, &opts.destination, err);
    HOP_AUTO(hop_mirror) m = NULL;
    if (s == HOP_OK)
        s = hop_mirror_new(&opts, &m, err);
    hop_strings_add(&tags, hop_image_get_content_tag(image));
    hop_strings_add(&tags, d->registry.tag ? d->registry.tag : "latest");
    if (s == HOP_OK)
        s = hop_push_image(m, image, d->registry.repository, &tags, err);
    if (s == HOP_OK)
        s = hop_progress_run(&progress, m, err);
    if (s != HOP_OK)
        return s;
    const hop_mirror_report *r = hop_mirror_get_report(m);
    hop_transfer_report_failures(r);
    *exit_code = hop_transfer_report_exit(r);
    *is_unchanged = r->image_count > 0;
    for (size_t i = 0; i < r->image_count; i++)
        *is_unchanged = *is_unchanged && r->images[i].state == HOP_ITEM_PRESENT;
    return HOP_OK;
}

static hop_status deliver(const hop_options *o, const destination *d,
                          const hop_image *image, bool *is_unchanged, int *exit_code,
                          hop_error **err)
{
    if (d->layout)
        return hop_image_write_layout(image, d->layout, d->tag, err);
    if (d->archive)
        return hop_image_write_docker_archive(image, d->archive, d->tag, err);
    return push(o, d, image, is_unchanged, exit_code, err);
}

/* What can be written into an UpdateService: HOST/REPO@DIGEST, or for files where the
 * image lies. */
static char *name_of(const destination *d, const hop_image *image)
{
    const char *digest = hop_image_get_top(image)->digest.text;
    if (d->registry.host)
        return hop_sprintf("%s/%s@%s", d->registry.host, d->registry.repository, digest);
    return hop_sprintf("%s%s@%s", d->layout ? "oci:" : "docker-archive:",
                       d->layout ? d->layout : d->archive, digest);
}

static hop_status print_result(const hop_options *o, const destination *d,
                               const hop_image *image, const hop_graphdata_info *info,
                               bool is_unchanged)
{
    HOP_AUTO_STR name = name_of(d, image);
    if (o->output && strcmp(o->output, "json") == 0) {
        HOP_AUTO(hop_json) doc = hop_json_new_object();
        hop_json_set_string(doc, "schema", "oc-hop/graph-data/v1");
        hop_json_set_string(doc, "image", name);
        hop_json_set_string(doc, "digest", hop_image_get_top(image)->digest.text);
        hop_json_set_string(doc, "tag", hop_image_get_content_tag(image));
        hop_json_set_string(doc, "version", info->version);
        hop_json_set_string(doc, "tree", info->tree.text);
        hop_json_set_uint(doc, "files", info->file_count);
        hop_json_set_bool(doc, "unchanged", is_unchanged);
        hop_report_json(doc);
        return HOP_OK;
    }
    hop_report_visible(stdout, name);
    putchar('\n');
    hop_report_note(o, "%zu files, format %s, tag %s%s", info->file_count, info->version,
                    hop_image_get_content_tag(image),
                    is_unchanged ? "; the image was there already, nothing was pushed"
                                 : "");
    return HOP_OK;
}

static hop_status run(const hop_options *o, const destination *d, int *exit_code,
                      hop_error **err)
{
    HOP_AUTO_VALUE(hop_strings) archs = {0};
    HOP_AUTO_VALUE(hop_tree) tree = {0};
    HOP_AUTO_VALUE(hop_graphdata_info) info = {0};
    HOP_AUTO(hop_image) image = NULL;
    hop_status s = HOP_OK;
    if (o->arch.len)
        s = hop_graph_source_archs(o, &archs, err);
    if (s == HOP_OK && d->archive && archs.len != 1)
        s = hop_error_set(
            err, HOP_E_USAGE,
            "docker-archive: holds one architecture: say which with --arch");
    if (s != HOP_OK)
        return s;
    s = hop_graph_data_load(o, &tree, &info, err);
    if (s == HOP_OK)
        s = hop_graph_data_check(o, &tree, err);
    if (s != HOP_OK) {
        *exit_code = hop_graph_data_exit(s);
        return s;
    }
    hop_image_format format = d->layout ? HOP_IMAGE_OCI : HOP_IMAGE_DOCKER;
    if (o->format)
        format = strcmp(o->format, "oci") == 0 ? HOP_IMAGE_OCI : HOP_IMAGE_DOCKER;
    s = hop_graph_data_build(&tree, &info, format, &archs, &image, err);
    bool is_unchanged = false;
    if (s == HOP_OK)
        s = deliver(o, d, image, &is_unchanged, exit_code, err);
    if (s == HOP_OK && *exit_code == HOP_EXIT_OK)
        s = print_result(o, d, image, &info, is_unchanged);
    return s;
}

hop_status hop_cmd_graph_data(const hop_options *o, int *exit_code, hop_error **err)
{
    if (o->output && strcmp(o->output, "json") != 0 && strcmp(o->output, "text") != 0)
        return hop_error_set(err, HOP_E_USAGE, "-o %s: expected text or json", o->output);
    if (o->format && strcmp(o->format, "docker") != 0 && strcmp(o->format, "oci") != 0)
        return hop_error_set(err, HOP_E_USAGE, "--format %s: expected docker or oci",
                             o->format);
    destination d = {0};
    hop_status s = read_destination(o, &d, err);
    if (s == HOP_OK)
        s = run(o, &d, exit_code, err);
    destination_clear(&d);
    return s;
}
