/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image.h"

#include "hop_json.h"
#include "layer.h"
#include "noise.h"
#include "sigstore_key.h"

#include <stdlib.h>
#include <string.h>

#define TYPE_SIMPLE_SIGNING "application/vnd.dev.cosign.simplesigning.v1+json"

/* ---- what is there ---- */

static void free_image(hop_image *i)
{
    free(i->name);
    free(i->blobs);
    free(i->children);
    free(i->signature_tag);
    free(i);
}

void hop_world_clear(hop_world *w)
{
    for (size_t i = 0; i < w->layer_count; i++) {
        free(w->layers[i]->name);
        free(w->layers[i]);
    }
    for (size_t i = 0; i < w->image_count; i++)
        free_image(w->images[i]);
    free(w->layers);
    free(w->images);
    free(w->entries);
    *w = (hop_world){0};
}

const hop_layer *hop_world_find_layer(const hop_world *w, const char *name)
{
    for (size_t i = 0; i < w->layer_count; i++)
        if (strcmp(w->layers[i]->name, name) == 0)
            return w->layers[i];
    return NULL;
}

hop_image *hop_world_find_image(const hop_world *w, const char *name)
{
    for (size_t i = 0; i < w->image_count; i++)
        if (strcmp(w->images[i]->name, name) == 0)
            return w->images[i];
    return NULL;
}

void hop_world_add_entry(hop_world *w, const hop_entry *entry)
{
    w->entries = hop_grow(w->entries, w->entry_count, &w->entry_cap, sizeof(*w->entries));
    w->entries[w->entry_count++] = *entry;
}

static hop_image *remember(hop_world *w, const char *name, const char *repository,
                           const char *arch)
{
    hop_image *i = hop_alloc(1, sizeof(*i));
    i->name = hop_strdup(name);
    i->repository = repository;
    i->arch = arch;
    w->images = hop_grow(w->images, w->image_count, &w->image_cap, sizeof(hop_image *));
    w->images[w->image_count++] = i;
    return i;
}

/* ---- layers ---- */

hop_status hop_world_add_layer(hop_world *w, const char *name, const hop_buf *tar,
                               int level, const hop_layer **out, hop_error **err)
{
    HOP_AUTO_VALUE(hop_buf) gz = hop_buf_init(HOP_BUF_TEXT);
    hop_digest digest = {0};
    hop_status s = hop_gzip(tar, level, &gz, err);
    if (s == HOP_OK)
        s = hop_store_add_blob(&w->store, gz.data, gz.len, &digest, err);
    if (s != HOP_OK)
        return s;
    hop_layer *l = hop_alloc(1, sizeof(*l));
    *l = (hop_layer){.name = hop_strdup(name),
                     .digest = digest,
                     .diff_id = hop_digest_of(tar->data, tar->len),
                     .size_bytes = gz.len};
    w->layers = hop_grow(w->layers, w->layer_count, &w->layer_cap, sizeof(hop_layer *));
    w->layers[w->layer_count++] = l;
    *out = l;
    return HOP_OK;
}

/* ---- documents ---- */

static void fill_descriptor(hop_json *into, const char *type, const hop_digest *digest,
                            uint64_t size_bytes)
{
    hop_json_set_string(into, "mediaType", type);
    hop_json_set_uint(into, "size", size_bytes);
    hop_json_set_string(into, "digest", digest->text);
}

/* Registries keep a manifest's bytes as they came: schema 2 ones are mostly indented, OCI
 * ones mostly not. Both kinds are needed to notice whoever writes a manifest anew. */
static void dump(const hop_json *doc, hop_family family, hop_buf *out)
{
    hop_json_dump(doc, family == HOP_FAMILY_OCI ? HOP_JSON_COMPACT : HOP_JSON_INDENT,
                  out);
}

static void write_config(const hop_image_spec *spec, hop_buf *out)
{
    HOP_AUTO(hop_json) doc = hop_json_new_object();
    hop_json_set_string(doc, "architecture", spec->arch);
    hop_json *config = hop_json_add_object(doc, "config");
    if (spec->label_name)
        hop_json_set_string(hop_json_add_object(config, "Labels"), spec->label_name,
                            spec->label_value);
    hop_json_set_string(doc, "created", HOP_WORLD_TIME_TEXT);
    hop_json *history = hop_json_add_array(doc, "history");
    for (size_t i = 0; i < spec->layer_count; i++) {
        hop_json *step = hop_json_append_object(history);
        hop_json_set_string(step, "created", HOP_WORLD_TIME_TEXT);
        hop_json_set_string(step, "comment", spec->layers[i]->name);
    }
    hop_json_set_string(doc, "os", "linux");
    hop_json *rootfs = hop_json_add_object(doc, "rootfs");
    hop_json_set_string(rootfs, "type", "layers");
    hop_json *ids = hop_json_add_array(rootfs, "diff_ids");
    for (size_t i = 0; i < spec->layer_count; i++)
        hop_json_append_string(ids, spec->layers[i]->diff_id.text);
    hop_json_dump(doc, HOP_JSON_COMPACT, out);
}

static void write_manifest(const hop_image_spec *spec, const hop_blob *blobs,
                           hop_buf *out)
{
    bool oci = spec->family == HOP_FAMILY_OCI;
    HOP_AUTO(hop_json) doc = hop_json_new_object();
    hop_json_set_uint(doc, "schemaVersion", 2);
    hop_json_set_string(doc, "mediaType",
                        oci ? HOP_TYPE_OCI_MANIFEST : HOP_TYPE_DOCKER_MANIFEST);
    fill_descriptor(hop_json_add_object(doc, "config"),
                    oci ? HOP_TYPE_OCI_CONFIG : HOP_TYPE_DOCKER_CONFIG, &blobs[0].digest,
                    blobs[0].size_bytes);
    hop_json *layers = hop_json_add_array(doc, "layers");
    for (size_t i = 0; i < spec->layer_count; i++)
        fill_descriptor(hop_json_append_object(layers),
                        oci ? HOP_TYPE_OCI_LAYER : HOP_TYPE_DOCKER_LAYER,
                        &blobs[i + 1].digest, blobs[i + 1].size_bytes);
    dump(doc, spec->family, out);
}

static void write_list(hop_image *const *children, size_t count, hop_family family,
                       hop_buf *out)
{
    bool oci = family == HOP_FAMILY_OCI;
    HOP_AUTO(hop_json) doc = hop_json_new_object();
    hop_json_set_uint(doc, "schemaVersion", 2);
    hop_json_set_string(doc, "mediaType",
                        oci ? HOP_TYPE_OCI_INDEX : HOP_TYPE_DOCKER_LIST);
    hop_json *entries = hop_json_add_array(doc, "manifests");
    for (size_t i = 0; i < count; i++) {
        hop_json *entry = hop_json_append_object(entries);
        fill_descriptor(entry, children[i]->media_type, &children[i]->digest,
                        children[i]->manifest_bytes);
        hop_json *platform = hop_json_add_object(entry, "platform");
        hop_json_set_string(platform, "architecture", children[i]->arch);
        hop_json_set_string(platform, "os", "linux");
    }
    dump(doc, family, out);
}

/* ---- images ---- */

static hop_status link_all(hop_world *w, const char *repository, const hop_blob *blobs,
                           size_t count, hop_error **err)
{
    hop_status s = HOP_OK;
    for (size_t i = 0; i < count && s == HOP_OK; i++)
        s = hop_store_link_blob(&w->store, repository, &blobs[i].digest, err);
    return s;
}

hop_status hop_world_add_image(hop_world *w, const hop_image_spec *spec, hop_image **out,
                               hop_error **err)
{
    HOP_AUTO_VALUE(hop_buf) config = hop_buf_init(HOP_BUF_TEXT);
    HOP_AUTO_VALUE(hop_buf) manifest = hop_buf_init(HOP_MAX_MANIFEST);
    hop_image *i = remember(w, spec->name, spec->repository, spec->arch);
    i->media_type =
        spec->family == HOP_FAMILY_OCI ? HOP_TYPE_OCI_MANIFEST : HOP_TYPE_DOCKER_MANIFEST;
    i->blob_count = spec->layer_count + 1;
    i->blobs = hop_alloc(i->blob_count, sizeof(*i->blobs));
    write_config(spec, &config);
    hop_status s =
        hop_store_add_blob(&w->store, config.data, config.len, &i->blobs[0].digest, err);
    if (s != HOP_OK)
        return s;
    i->blobs[0].size_bytes = config.len;
    for (size_t k = 0; k < spec->layer_count; k++)
        i->blobs[k + 1] =
            (hop_blob){spec->layers[k]->digest, spec->layers[k]->size_bytes};
    write_manifest(spec, i->blobs, &manifest);
    i->manifest_bytes = manifest.len;
    s = link_all(w, spec->repository, i->blobs, i->blob_count, err);
    if (s == HOP_OK)
        s = hop_store_add_manifest(&w->store, spec->repository, &manifest, &i->digest,
                                   err);
    if (s == HOP_OK)
        *out = i;
    return s;
}

hop_status hop_world_add_list(hop_world *w, const char *name, const char *repository,
                              hop_family family, hop_image **children, size_t child_count,
                              hop_image **out, hop_error **err)
{
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_MAX_MANIFEST);
    hop_image *i = remember(w, name, repository, NULL);
    i->media_type = family == HOP_FAMILY_OCI ? HOP_TYPE_OCI_INDEX : HOP_TYPE_DOCKER_LIST;
    i->children = hop_alloc(child_count, sizeof(hop_image *));
    memcpy(i->children, children, child_count * sizeof(hop_image *));
    i->child_count = child_count;
    write_list(children, child_count, family, &text);
    i->manifest_bytes = text.len;
    hop_status s = hop_store_add_manifest(&w->store, repository, &text, &i->digest, err);
    if (s == HOP_OK)
        *out = i;
    return s;
}

/* ---- sigstore signatures ---- */

/* "Simple signing" payload, as cosign writes it. */
static void write_claim(const hop_image *image, hop_buf *out)
{
    HOP_AUTO(hop_json) doc = hop_json_new_object();
    hop_json *critical = hop_json_add_object(doc, "critical");
    HOP_AUTO_STR reference = hop_sprintf(HOP_WORLD_HOST "/%s", image->repository);
    hop_json_set_string(hop_json_add_object(critical, "identity"), "docker-reference",
                        reference);
    hop_json_set_string(hop_json_add_object(critical, "image"), "docker-manifest-digest",
                        image->digest.text);
    hop_json_set_string(critical, "type", "cosign container image signature");
    hop_json_set_string(doc, "optional", NULL);
    hop_json_dump(doc, HOP_JSON_COMPACT, out);
}

static hop_status write_signature(const hop_image *image, const hop_buf *claim,
                                  hop_buf *out, hop_error **err)
{
    HOP_AUTO_VALUE(hop_buf) value = hop_buf_init(HOP_KIB);
    hop_status s = hop_world_sigstore_sign(claim, &value, err);
    if (s != HOP_OK)
        return s;
    HOP_AUTO(hop_json) doc = hop_json_new_object();
    hop_json_set_uint(doc, "schemaVersion", 2);
    hop_json_set_string(doc, "mediaType", HOP_TYPE_OCI_MANIFEST);
    const hop_blob *blobs = image->signature_blobs;
    fill_descriptor(hop_json_add_object(doc, "config"), HOP_TYPE_OCI_CONFIG,
                    &blobs[0].digest, blobs[0].size_bytes);
    hop_json *layer = hop_json_append_object(hop_json_add_array(doc, "layers"));
    fill_descriptor(layer, TYPE_SIMPLE_SIGNING, &blobs[1].digest, blobs[1].size_bytes);
    hop_json_set_string(hop_json_add_object(layer, "annotations"),
                        "dev.cosignproject.cosign/signature", hop_buf_get(&value));
    hop_json_dump(doc, HOP_JSON_COMPACT, out);
    return HOP_OK;
}

static void write_signature_config(const hop_buf *claim, hop_buf *out)
{
    hop_digest diff_id = hop_digest_of(claim->data, claim->len);
    HOP_AUTO(hop_json) doc = hop_json_new_object();
    hop_json_set_string(doc, "architecture", "");
    hop_json_set_string(doc, "created", "0001-01-01T00:00:00Z");
    hop_json_set_string(doc, "os", "");
    hop_json *rootfs = hop_json_add_object(doc, "rootfs");
    hop_json_set_string(rootfs, "type", "layers");
    hop_json_append_string(hop_json_add_array(rootfs, "diff_ids"), diff_id.text);
    (void)hop_json_add_object(doc, "config");
    hop_json_dump(doc, HOP_JSON_COMPACT, out);
}

hop_status hop_world_sign(hop_world *w, hop_image *image, hop_error **err)
{
    if (image->signature_tag)
        return HOP_OK;
    HOP_AUTO_VALUE(hop_buf) claim = hop_buf_init(64 * HOP_KIB);
    HOP_AUTO_VALUE(hop_buf) config = hop_buf_init(64 * HOP_KIB);
    HOP_AUTO_VALUE(hop_buf) manifest = hop_buf_init(64 * HOP_KIB);
    hop_blob *blobs = image->signature_blobs;
    write_claim(image, &claim);
    write_signature_config(&claim, &config);
    blobs[0].size_bytes = config.len;
    blobs[1].size_bytes = claim.len;
    hop_status s =
        hop_store_add_blob(&w->store, config.data, config.len, &blobs[0].digest, err);
    if (s == HOP_OK)
        s = hop_store_add_blob(&w->store, claim.data, claim.len, &blobs[1].digest, err);
    if (s == HOP_OK)
        s = link_all(w, image->repository, blobs, 2, err);
    if (s == HOP_OK)
        s = write_signature(image, &claim, &manifest, err);
    if (s != HOP_OK)
        return s;
    image->signature_tag =
        hop_sprintf("sha256-%s.sig", hop_digest_get_hex(&image->digest));
    s = hop_store_add_manifest(&w->store, image->repository, &manifest, &image->signature,
                               err);
    if (s == HOP_OK)
        s = hop_store_tag(&w->store, image->repository, image->signature_tag,
                          &image->signature, err);
    return s;
}
