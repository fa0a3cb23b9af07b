/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base_reader.h"
#include "command.h"
#include "environment.h"
#include "graph_data_plan.h"
#include "graph_data_source.h"
#include "graph_source.h"
#include "inspect_image.h"
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

/* One run of the verb. */
typedef struct image_run {
    const hop_options *o;
    const destination *to;
    hop_strings archs; /* as asked for */
    hop_tree tree;
    hop_graphdata_info info;
    hop_plan_set *plans; /* NULL without */
    hop_progress progress;
    hop_strings source_files, destination_files;
    hop_base_reader reader;
    hop_base base;
    hop_image *image;
    bool is_unchanged;
} image_run;

static void image_run_clear(image_run *r)
{
    hop_image_free(r->image);
    hop_base_clear(&r->base);
    hop_base_reader_clear(&r->reader);
    hop_plan_set_free(r->plans);
    hop_strings_clear(&r->archs);
    hop_strings_clear(&r->source_files);
    hop_strings_clear(&r->destination_files);
    hop_tree_clear(&r->tree);
    hop_graphdata_info_clear(&r->info);
}

static hop_status fill_opts(image_run *r, hop_mirror_opts *out, hop_error **err)
{
    const hop_options *o = r->o;
    *out = (hop_mirror_opts){.host = r->to->registry.host,
                             .repository = o->repository,
                             .release_repository = o->release_repository,
                             .idms_files = &o->idms_file,
                             .tmp_dir = hop_environment_tmp_dir(),
                             .seed = hop_environment_seed(),
                             .event = hop_progress_event,
                             .user = &r->progress};
    hop_status s = hop_registry_timeouts(o, &out->stall_s, &out->outage_s, err);
    if (s == HOP_OK)
        s = hop_registry_side_with_auth(o, &o->src, &r->source_files, &out->source, err);
    return s == HOP_OK ? hop_registry_side_with_auth(o, &o->dest, &r->destination_files,
                                                     &out->destination, err)
                       : s;
}

/* ---- the image ---- */

/* The pushing side must look for the layers of the base where the reading side found
 * them. */
static hop_status add_base_place(const image_run *r, hop_mirror *m, hop_error **err)
{
    hop_status s = HOP_OK;
    for (size_t i = 0; s == HOP_OK && r->base.near_repository && i < r->base.sources.len;
         i++) {
        HOP_AUTO_VALUE(hop_ref) ref = {0};
        HOP_AUTO_STR place =
            hop_sprintf("%s/%s", r->to->registry.host, r->base.near_repository);
        s = hop_ref_parse(r->base.sources.items[i], &ref, err);
        if (s == HOP_OK)
            s = hop_mirror_add_place(m, &ref, place, err);
    }
    return s;
}

static hop_status push(image_run *r, int *exit_code, hop_error **err)
{
    const destination *d = r->to;
    HOP_AUTO_VALUE(hop_strings) tags = {0};
    HOP_AUTO(hop_mirror) m = NULL;
    hop_mirror_opts opts;
    hop_status s = fill_opts(r, &opts, err);
    if (s == HOP_OK)
        s = hop_mirror_new(&opts, &m, err);
    if (s == HOP_OK)
        s = add_base_place(r, m, err);
    hop_strings_add(&tags, hop_image_get_content_tag(r->image));
    hop_strings_add(&tags, d->registry.tag ? d->registry.tag : "latest");
    if (s == HOP_OK)
        s = hop_push_image(m, r->image, &r->base, d->registry.repository, &tags, err);
    if (s == HOP_OK)
        s = hop_progress_run(&r->progress, m, err);
    if (s != HOP_OK)
        return s;
    const hop_mirror_report *report = hop_mirror_get_report(m);
    hop_transfer_report_failures(report);
    *exit_code = hop_transfer_report_exit(report);
    r->is_unchanged = report->image_count > 0;
    for (size_t i = 0; i < report->image_count; i++)
        r->is_unchanged = r->is_unchanged && report->images[i].state == HOP_ITEM_PRESENT;
    return HOP_OK;
}

static hop_status deliver(image_run *r, int *exit_code, hop_error **err)
{
    const destination *d = r->to;
    if (d->layout)
        return hop_image_write_layout(r->image, d->layout, d->tag, err);
    if (d->archive)
        return hop_image_write_docker_archive(r->image, d->archive, d->tag, err);
    return push(r, exit_code, err);
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

static void print_json(const image_run *r, const char *name)
{
    const hop_graphdata_info *info = &r->info;
    HOP_AUTO(hop_json) doc = hop_json_new_object();
    HOP_AUTO_STR newest = NULL;
    HOP_AUTO(hop_error) ignored = NULL;
    hop_json_set_string(doc, "schema", "oc-hop/graph-data/v1");
    hop_json_set_string(doc, "image", name);
    hop_json_set_string(doc, "digest", hop_image_get_top(r->image)->digest.text);
    hop_json_set_string(doc, "tag", hop_image_get_content_tag(r->image));
    hop_json_set_string(doc, "version", info->version);
    hop_json_set_string(doc, "tree", info->tree.text);
    if (info->revision)
        hop_json_set_string(doc, "revision", info->revision);
    if (info->newest_s &&
        hop_image_format_time(info->newest_s, &newest, &ignored) == HOP_OK)
        hop_json_set_string(doc, "newest", newest);
    hop_json_set_uint(doc, "files", info->file_count);
    hop_json_set_bool(doc, "unchanged", r->is_unchanged);
    hop_report_json(doc);
}

static void print_result(const image_run *r)
{
    HOP_AUTO_STR name = name_of(r->to, r->image);
    if (r->o->output && strcmp(r->o->output, "json") == 0) {
        print_json(r, name);
        return;
    }
    hop_report_visible(stdout, name);
    putchar('\n');
    HOP_AUTO_STR age = hop_graph_data_age(&r->info);
    hop_report_note(r->o, "%zu files, format %s, %s, tag %s%s", r->info.file_count,
                    r->info.version, age, hop_image_get_content_tag(r->image),
                    r->is_unchanged ? "; the image was there already, nothing was pushed"
                                    : "");
}

static hop_status load(image_run *r, int *exit_code, hop_error **err)
{
    const hop_options *o = r->o;
    const char *plan = o->plan ? o->plan : o->prune;
    hop_status s = plan ? hop_graph_data_read_plan(plan, &r->plans, err) : HOP_OK;
    if (s != HOP_OK)
        return s;
    s = hop_graph_data_load(o, &r->tree, &r->info, err);
    if (s == HOP_OK)
        s = hop_graph_data_check(o, &r->tree, err);
    if (s != HOP_OK)
        *exit_code = hop_graph_data_exit(s);
    else if (r->plans)
        hop_graph_data_warn_age((const hop_plan *const *)r->plans->plans,
                                r->plans->plan_count, &r->tree, &r->info);
    return s;
}

static hop_status run(image_run *r, int *exit_code, hop_error **err)
{
    const hop_options *o = r->o;
    hop_status s = hop_base_check_flag(o, err);
    if (s == HOP_OK && o->arch.len)
        s = hop_graph_source_archs(o, &r->archs, err);
    if (s == HOP_OK && r->to->archive && r->archs.len != 1)
        s = hop_error_set(
            err, HOP_E_USAGE,
            "docker-archive: holds one architecture: say which with --arch");
    if (s == HOP_OK)
        s = hop_progress_init(o, &r->progress, err);
    r->reader.progress = &r->progress;
    if (s == HOP_OK)
        s = load(r, exit_code, err);
    if (s == HOP_OK && o->image_base)
        s = hop_base_reader_read(&r->reader, o, r->plans, &r->archs, r->to->registry.host,
                                 &r->base, exit_code, err);
    if (s != HOP_OK)
        return s;
    hop_image_format format = r->to->layout ? HOP_IMAGE_OCI : HOP_IMAGE_DOCKER;
    if (o->format)
        format = strcmp(o->format, "oci") == 0 ? HOP_IMAGE_OCI : HOP_IMAGE_DOCKER;
    s = hop_graph_data_build(&r->tree, &r->info, format, &r->archs, &r->base, &r->image,
                             err);
    if (s == HOP_OK)
        s = deliver(r, exit_code, err);
    if (s == HOP_OK && *exit_code == HOP_EXIT_OK)
        print_result(r);
    return s;
}

hop_status hop_cmd_graph_data(const hop_options *o, int *exit_code, hop_error **err)
{
    if (o->output && strcmp(o->output, "json") != 0 && strcmp(o->output, "text") != 0)
        return hop_error_set(err, HOP_E_USAGE, "-o %s: expected text or json", o->output);
    if (o->format && strcmp(o->format, "docker") != 0 && strcmp(o->format, "oci") != 0)
        return hop_error_set(err, HOP_E_USAGE, "--format %s: expected docker or oci",
                             o->format);
    if (o->inspect || o->compare)
        return hop_inspect_image(o, exit_code, err);
    destination d = {0};
    image_run r = {.o = o, .to = &d};
    hop_status s = read_destination(o, &d, err);
    if (s == HOP_OK)
        s = run(&r, exit_code, err);
    image_run_clear(&r);
    destination_clear(&d);
    return s;
}
