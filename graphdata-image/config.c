/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The JSON documents of an image: OCI image-spec 1.1 (config, manifest, index) and the
 * docker schema 2 forms of the same.
 */
#include "image.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The recipe of the OpenShift documentation without `-p`: an arbitrary uid can neither
 * keep owners nor set times. */
#define BASE_COPY "cp -R /var/lib/cincinnati-graph-data/. /var/lib/cincinnati/graph-data/"

hop_status image_format_time(uint64_t seconds, char **out, hop_error **err)
{
    static const uint64_t year_10000 = 253402300800;
    struct tm tm = {0};
    time_t t = (time_t)seconds;
    if (seconds >= year_10000 || !gmtime_r(&t, &tm))
        return hop_error_set(err, HOP_E_USAGE,
                             "image time %llu: later than the year 9999",
                             (unsigned long long)seconds);
    *out = hop_sprintf("%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900, tm.tm_mon + 1,
                       tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
    return HOP_OK;
}

/* ---- labels ---- */

static void add_label(image_labels *l, const char *key, const char *value)
{
    if (value)
        l->items[l->len++] = (image_label){.key = key, .value = hop_strdup(value)};
}

void image_labels_make(const hop_image_opts *opts, image_labels *out)
{
    const hop_graphdata_info *info = opts->info;
    *out = (image_labels){0};
    if (info->newest_s > 0) {
        HOP_AUTO_STR newest = NULL;
        HOP_AUTO(hop_error) ignored = NULL; /* the readers only give times that fit */
        if (image_format_time(info->newest_s, &newest, &ignored) == HOP_OK)
            add_label(out, LABEL_NEWEST, newest);
    }
    add_label(out, LABEL_REVISION, opts->revision ? opts->revision : info->revision);
    add_label(out, LABEL_TREE, info->tree.text);
    add_label(out, LABEL_VERSION, info->version);
    add_label(out, "org.opencontainers.image.title", "OpenShift update graph data");
}

void image_labels_clear(image_labels *labels)
{
    for (size_t i = 0; i < labels->len; i++)
        free(labels->items[i].value);
    *labels = (image_labels){0};
}

static void put_labels(hop_json *parent, const char *key, const image_labels *labels)
{
    hop_json *map = hop_json_add_object(parent, key);
    for (size_t i = 0; i < labels->len; i++)
        hop_json_set_string(map, labels->items[i].key, labels->items[i].value);
}

/* ---- config ---- */

/* Appends the items of an array of the base's config, where it has one. */
static hop_status append_base(const hop_json_view *from, const char *key, hop_json *to,
                              size_t *count, hop_error **err)
{
    hop_json_view array, item;
    hop_status s = hop_json_optional(from, key, HOP_JSON_ARRAY, &array, err);
    if (s != HOP_OK || !array.value)
        return s;
    *count = hop_json_count(&array);
    for (size_t i = 0; s == HOP_OK && i < *count; i++) {
        s = hop_json_item(&array, i, HOP_JSON_ANY, &item, err);
        if (s != HOP_OK)
            return s;
        HOP_AUTO(hop_json) copy = hop_json_copy(&item);
        hop_json_append_take(to, &copy);
    }
    return s;
}

static hop_status put_environment(const hop_json_view *base, hop_json *config,
                                  hop_error **err)
{
    size_t count = 0;
    hop_json *environment = hop_json_add_array(config, "Env");
    hop_json_view base_config = {0};
    if (base->value) {
        hop_status s =
            hop_json_optional(base, "config", HOP_JSON_OBJECT, &base_config, err);
        if (s == HOP_OK && base_config.value)
            s = append_base(&base_config, "Env", environment, &count, err);
        if (s != HOP_OK)
            return s;
    }
    if (count == 0)
        hop_json_append_string(environment, "PATH=/usr/bin:/bin");
    return HOP_OK;
}

/* How a container starts. The base's User, Cmd and Labels are dropped: the update service
 * runs under any uid, and labels speak of the data alone. */
static hop_status put_run(const image_recipe *r, const hop_json_view *base,
                          hop_json *document, hop_error **err)
{
    hop_json *config = hop_json_add_object(document, "config");
    hop_status s = put_environment(base, config, err);
    if (s != HOP_OK)
        return s;
    hop_json *entrypoint = hop_json_add_array(config, "Entrypoint");
    if (base->value) {
        hop_json_append_string(entrypoint, "/bin/sh");
        hop_json_append_string(entrypoint, "-c");
        hop_json_append_string(entrypoint, BASE_COPY);
    } else {
        hop_json_append_string(entrypoint, "/bin/oc-hop-copy");
    }
    hop_json_set_string(config, "WorkingDir", "/");
    put_labels(config, "Labels", r->labels);
    return HOP_OK;
}

static hop_status put_layers(const image_recipe *r, const hop_json_view *base,
                             hop_json *document, hop_error **err)
{
    size_t base_count = 0, history_count = 0;
    hop_json *rootfs = hop_json_add_object(document, "rootfs");
    hop_json_set_string(rootfs, "type", "layers");
    hop_json *diff_ids = hop_json_add_array(rootfs, "diff_ids");
    hop_json *history = hop_json_add_array(document, "history");
    if (base->value) {
        hop_json_view base_rootfs;
        hop_status s =
            hop_json_member(base, "rootfs", HOP_JSON_OBJECT, &base_rootfs, err);
        if (s == HOP_OK)
            s = append_base(&base_rootfs, "diff_ids", diff_ids, &base_count, err);
        if (s == HOP_OK)
            s = append_base(base, "history", history, &history_count, err);
        if (s != HOP_OK)
            return s;
        if (base_count != r->base_manifest->layer_count)
            return hop_json_error(base, err, "%zu diff_ids for %zu layers", base_count,
                                  r->base_manifest->layer_count);
    }
    for (size_t i = 0; i < r->layer_count; i++) {
        hop_json_append_string(diff_ids, r->layers[i]->diff_id.text);
        hop_json *line = hop_json_append_object(history);
        hop_json_set_string(line, "created", r->created);
        hop_json_set_string(line, "created_by", r->created_by[i]);
    }
    return HOP_OK;
}

hop_status image_make_config(const image_recipe *r, hop_buf *out, hop_error **err)
{
    HOP_AUTO(hop_json) base_document = NULL;
    HOP_AUTO_STR name = hop_sprintf("config of the base for %s", r->arch);
    hop_json_view base = {0};
    const char *base_arch = NULL, *base_variant = NULL;
    hop_status s = HOP_OK;
    if (r->base) {
        s = hop_json_parse(r->base->config, r->base->config_len, name, &base_document,
                           err);
        base = hop_json_root(base_document, name);
        if (s == HOP_OK)
            s = hop_json_get_string(&base, "architecture", &base_arch, err);
        if (s == HOP_OK)
            s = hop_json_optional_string(&base, "variant", &base_variant, err);
        if (s == HOP_OK && strcmp(base_arch, r->arch) != 0)
            s = hop_json_error(&base, err, "it is for \"%.60s\"", base_arch);
    }
    if (s != HOP_OK)
        return s;
    HOP_AUTO(hop_json) document = hop_json_new_object();
    hop_json_set_string(document, "created", r->created);
    hop_json_set_string(document, "architecture", r->arch);
    if (base_variant)
        hop_json_set_string(document, "variant", base_variant);
    hop_json_set_string(document, "os", "linux");
    s = put_run(r, &base, document, err);
    if (s == HOP_OK)
        s = put_layers(r, &base, document, err);
    if (s == HOP_OK)
        hop_json_dump(document, HOP_JSON_COMPACT, out);
    return s;
}

/* ---- manifest and list ---- */

typedef struct type_pair {
    const char *docker;
    const char *oci;
} type_pair;

const char *image_layer_type(const char *type, hop_image_format format)
{
    static const type_pair pairs[] = {
        {HOP_TYPE_DOCKER_LAYER, HOP_TYPE_OCI_LAYER},
        {"application/vnd.docker.image.rootfs.diff.tar",
         "application/vnd.oci.image.layer.v1.tar"},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(pairs); i++)
        if (strcmp(type, pairs[i].docker) == 0 || strcmp(type, pairs[i].oci) == 0)
            return format == HOP_IMAGE_OCI ? pairs[i].oci : pairs[i].docker;
    return format == HOP_IMAGE_OCI && hop_has_prefix(type, "application/vnd.oci.") ? type
                                                                                   : NULL;
}

static void put_descriptor(hop_json *to, const char *type, const char *digest,
                           uint64_t size_bytes)
{
    hop_json_set_string(to, "mediaType", type);
    hop_json_set_uint(to, "size", size_bytes);
    hop_json_set_string(to, "digest", digest);
}

hop_status image_make_manifest(const image_recipe *r, const hop_image_part *config,
                               hop_buf *out, hop_error **err)
{
    bool is_oci = r->format == HOP_IMAGE_OCI;
    HOP_AUTO(hop_json) document = hop_json_new_object();
    hop_json_set_uint(document, "schemaVersion", 2);
    hop_json_set_string(document, "mediaType",
                        is_oci ? HOP_TYPE_OCI_MANIFEST : HOP_TYPE_DOCKER_MANIFEST);
    put_descriptor(hop_json_add_object(document, "config"), config->media_type,
                   config->digest.text, config->size_bytes);
    hop_json *layers = hop_json_add_array(document, "layers");
    for (size_t i = 0; r->base_manifest && i < r->base_manifest->layer_count; i++) {
        const hop_descriptor *d = &r->base_manifest->layers[i];
        const char *type = image_layer_type(d->media_type, r->format);
        if (d->is_foreign || !type) {
            hop_status s =
                hop_error_set(err, HOP_E_USAGE,
                              "base for %s: a layer of type \"%s\" cannot "
                              "stand in %s image",
                              r->arch, d->media_type, is_oci ? "an OCI" : "a docker");
            bool is_oci_layer = hop_has_prefix(d->media_type, "application/vnd.oci.");
            if (!is_oci && !d->is_foreign && is_oci_layer)
                hop_error_hint(err, "--format oci keeps it as it is");
            return s;
        }
        put_descriptor(hop_json_append_object(layers), type, d->digest.text,
                       d->size_bytes);
    }
    for (size_t i = 0; i < r->layer_count; i++)
        put_descriptor(hop_json_append_object(layers),
                       is_oci ? HOP_TYPE_OCI_LAYER : HOP_TYPE_DOCKER_LAYER,
                       r->layers[i]->digest.text, r->layers[i]->gzip.len);
    if (is_oci)
        put_labels(document, "annotations", r->labels);
    hop_json_dump(document, HOP_JSON_COMPACT, out);
    return HOP_OK;
}

void image_make_list(const hop_image *image, hop_image_format format,
                     const image_labels *labels, hop_buf *out)
{
    bool is_oci = format == HOP_IMAGE_OCI;
    HOP_AUTO(hop_json) document = hop_json_new_object();
    hop_json_set_uint(document, "schemaVersion", 2);
    hop_json_set_string(document, "mediaType",
                        is_oci ? HOP_TYPE_OCI_INDEX : HOP_TYPE_DOCKER_LIST);
    hop_json *manifests = hop_json_add_array(document, "manifests");
    for (size_t i = 0; i < image->len; i++) {
        const hop_image_part *p = &image->entries[i].part;
        if (p->kind != HOP_IMAGE_MANIFEST)
            continue;
        hop_json *entry = hop_json_append_object(manifests);
        put_descriptor(entry, p->media_type, p->digest.text, p->size_bytes);
        hop_json *platform = hop_json_add_object(entry, "platform");
        hop_json_set_string(platform, "architecture", p->arch);
        hop_json_set_string(platform, "os", "linux");
    }
    if (is_oci)
        put_labels(document, "annotations", labels);
    hop_json_dump(document, HOP_JSON_COMPACT, out);
}
