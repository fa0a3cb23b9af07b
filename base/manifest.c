/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hop_oci.h"

#include "hop_json.h"

#include <stdlib.h>
#include <string.h>

#define MAX_ENTRIES 4096

static void clear_descriptor(hop_descriptor *d)
{
    free(d->media_type);
    free(d->os);
    free(d->architecture);
    *d = (hop_descriptor){0};
}

void hop_manifest_clear(hop_manifest *m)
{
    free(m->media_type);
    clear_descriptor(&m->config);
    for (size_t i = 0; i < m->layer_count; i++)
        clear_descriptor(&m->layers[i]);
    free(m->layers);
    *m = (hop_manifest){0};
}

static hop_status read_platform(const hop_json_view *v, hop_descriptor *out,
                                hop_error **err)
{
    hop_json_view platform;
    hop_status s = hop_json_optional(v, "platform", HOP_JSON_OBJECT, &platform, err);
    if (s != HOP_OK || !platform.value)
        return s;
    const char *os = NULL, *arch = NULL;
    s = hop_json_optional_string(&platform, "os", &os, err);
    if (s == HOP_OK)
        s = hop_json_optional_string(&platform, "architecture", &arch, err);
    if (s != HOP_OK)
        return s;
    out->os = hop_strdup(os);
    out->architecture = hop_strdup(arch);
    return HOP_OK;
}

static hop_status read_descriptor(const hop_json_view *v, hop_descriptor *out,
                                  hop_error **err)
{
    const char *type = NULL, *digest = NULL;
    uint64_t size = 0;
    hop_status s = hop_json_get_string(v, "mediaType", &type, err);
    if (s == HOP_OK)
        s = hop_json_get_string(v, "digest", &digest, err);
    if (s == HOP_OK)
        s = hop_json_get_uint(v, "size", &size, err);
    if (s != HOP_OK)
        return s;
    if (!hop_digest_is_valid(digest))
        return hop_json_error(v, err, "\"%.150s\" is no digest", digest);
    if (size > INT64_MAX)
        return hop_json_error(v, err, "the size does not fit 63 bits");
    memcpy(out->digest.text, digest, strlen(digest) + 1);
    out->media_type = hop_strdup(type);
    out->size_bytes = size;
    out->is_foreign = strstr(type, ".foreign.") || strstr(type, ".nondistributable.");
    return read_platform(v, out, err);
}

static hop_status read_descriptors(const hop_json_view *root, const char *key,
                                   hop_manifest *out, hop_error **err)
{
    hop_json_view list, item;
    hop_status s = hop_json_member(root, key, HOP_JSON_ARRAY, &list, err);
    if (s != HOP_OK)
        return s;
    size_t n = hop_json_count(&list);
    if (n > MAX_ENTRIES)
        return hop_json_error(&list, err, "%zu entries, more than %d", n, MAX_ENTRIES);
    out->layers = hop_alloc(n, sizeof(*out->layers));
    for (size_t i = 0; s == HOP_OK && i < n; i++) {
        out->layer_count = i + 1;
        s = hop_json_item(&list, i, HOP_JSON_OBJECT, &item, err);
        if (s == HOP_OK)
            s = read_descriptor(&item, &out->layers[i], err);
    }
    return s;
}

static bool is_image_type(const char *t)
{
    return strcmp(t, HOP_TYPE_DOCKER_MANIFEST) == 0 ||
           strcmp(t, HOP_TYPE_OCI_MANIFEST) == 0;
}

static bool is_list_type(const char *t)
{
    return strcmp(t, HOP_TYPE_DOCKER_LIST) == 0 || strcmp(t, HOP_TYPE_OCI_INDEX) == 0;
}

/* An OCI document may leave its type out; then the claimed one decides, and last its
 * shape. */
static hop_status find_type(const hop_json_view *root, const char *content_type,
                            const char **out, hop_error **err)
{
    const char *type = NULL;
    hop_status s = hop_json_optional_string(root, "mediaType", &type, err);
    if (s != HOP_OK)
        return s;
    if (!type && content_type &&
        (is_image_type(content_type) || is_list_type(content_type)))
        type = content_type;
    if (!type) {
        hop_json_view shape;
        s = hop_json_optional(root, "manifests", HOP_JSON_ARRAY, &shape, err);
        if (s != HOP_OK)
            return s;
        type = shape.value ? HOP_TYPE_OCI_INDEX : HOP_TYPE_OCI_MANIFEST;
    }
    if (!is_image_type(type) && !is_list_type(type))
        return hop_json_error(root, err,
                              "media type \"%.100s\" is no image manifest or list", type);
    *out = type;
    return HOP_OK;
}

/* A document that is an image to one reader and a list to the next has no one meaning
 * that its digest could vouch for (CVE-2021-41190). */
static hop_status refuse_both_kinds(const hop_json_view *root, hop_error **err)
{
    hop_json_view image, list;
    hop_status s = hop_json_optional(root, "layers", HOP_JSON_ANY, &image, err);
    if (s == HOP_OK && !image.value)
        s = hop_json_optional(root, "config", HOP_JSON_ANY, &image, err);
    if (s == HOP_OK)
        s = hop_json_optional(root, "manifests", HOP_JSON_ANY, &list, err);
    if (s == HOP_OK && image.value && list.value)
        return hop_json_error(root, err, "it is an image and a list at once");
    return s;
}

static hop_status read_body(const hop_json_view *root, const char *content_type,
                            hop_manifest *out, hop_error **err)
{
    uint64_t version = 0;
    hop_status s = hop_json_get_uint(root, "schemaVersion", &version, err);
    if (s != HOP_OK)
        return s;
    if (version != 2)
        return hop_json_error(root, err,
                              "schemaVersion %llu; only 2 can be copied unchanged",
                              (unsigned long long)version);
    s = refuse_both_kinds(root, err);
    if (s != HOP_OK)
        return s;
    const char *type = NULL;
    s = find_type(root, content_type, &type, err);
    if (s != HOP_OK)
        return s;
    out->media_type = hop_strdup(type);
    out->kind = is_list_type(type) ? HOP_MANIFEST_LIST : HOP_MANIFEST_IMAGE;
    if (out->kind == HOP_MANIFEST_LIST)
        return read_descriptors(root, "manifests", out, err);
    hop_json_view config;
    s = hop_json_member(root, "config", HOP_JSON_OBJECT, &config, err);
    if (s == HOP_OK)
        s = read_descriptor(&config, &out->config, err);
    if (s == HOP_OK)
        s = read_descriptors(root, "layers", out, err);
    return s;
}

hop_status hop_manifest_parse(const char *text, size_t len, const char *content_type,
                              const char *name, hop_manifest *out, hop_error **err)
{
    if (len > HOP_MAX_MANIFEST)
        return hop_error_set(err, HOP_E_LIMIT,
                             "%s: %zu bytes, more than a manifest may have", name, len);
    HOP_AUTO(hop_json) doc = NULL;
    hop_status s = hop_json_parse(text, len, name, &doc, err);
    if (s != HOP_OK)
        return s;
    HOP_AUTO_VALUE(hop_manifest) m = {0};
    hop_json_view root = hop_json_root(doc, name);
    s = read_body(&root, content_type, &m, err);
    if (s != HOP_OK)
        return s;
    *out = m;
    m = (hop_manifest){0};
    return HOP_OK;
}

uint64_t hop_manifest_get_size(const hop_manifest *m)
{
    if (m->kind == HOP_MANIFEST_LIST)
        return 0;
    uint64_t sum = m->config.size_bytes;
    for (size_t i = 0; i < m->layer_count; i++)
        if (!hop_add_u64(sum, m->layers[i].size_bytes, &sum))
            return UINT64_MAX;
    return sum;
}
