/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading an OCI image layout: an index, the blobs that it leads to, labels, and images
 * that others build upon.
 */
#include "layout.h"

#include "hop_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

hop_status layout_read_index(const char *path, hop_json **out, hop_error **err)
{
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_MAX_DOCUMENT);
    hop_status s = hop_file_read(path, &text, err);
    return s == HOP_OK ? hop_json_parse(hop_buf_get(&text), text.len, path, out, err) : s;
}

hop_status layout_has_tag(const hop_json_view *entry, const char *tag, bool *out,
                          hop_error **err)
{
    hop_json_view annotations;
    const char *name = NULL;
    hop_status s =
        hop_json_optional(entry, "annotations", HOP_JSON_OBJECT, &annotations, err);
    if (s == HOP_OK && annotations.value)
        s = hop_json_optional_string(&annotations, LAYOUT_REF_NAME, &name, err);
    *out = name && strcmp(name, tag) == 0;
    return s;
}

char *layout_blob_path(const char *dir, const hop_digest *digest)
{
    return hop_sprintf("%s/blobs/%.*s/%s", dir, (int)strcspn(digest->text, ":"),
                       digest->text, hop_digest_get_hex(digest));
}

hop_status layout_read_blob(const char *dir, const char *digest, hop_buf *out,
                            hop_error **err)
{
    hop_digest wanted;
    hop_status s = hop_digest_parse(digest, &wanted, err);
    if (s != HOP_OK)
        return s;
    HOP_AUTO_STR path = layout_blob_path(dir, &wanted);
    s = hop_file_read(path, out, err);
    if (s != HOP_OK)
        return s;
    HOP_AUTO(hop_hash) h = hop_hash_new_like(&wanted);
    hop_hash_update(h, hop_buf_get(out), out->len);
    hop_digest found = hop_hash_finish(h);
    if (!hop_digest_is_equal(&found, &wanted))
        return hop_error_set(err, HOP_E_DIGEST, "%s has the digest %s", path, found.text);
    return HOP_OK;
}

/* The entry with the tag, or for a NULL tag the one called "latest" or the only one. */
static hop_status find_entry(const hop_json_view *index, const char *tag, hop_digest *out,
                             hop_error **err)
{
    hop_json_view list, entry;
    const char *digest = NULL;
    hop_status s = hop_json_member(index, "manifests", HOP_JSON_ARRAY, &list, err);
    size_t count = s == HOP_OK ? hop_json_count(&list) : 0;
    for (size_t i = 0; s == HOP_OK && i < count; i++) {
        bool is_it = false;
        s = hop_json_item(&list, i, HOP_JSON_OBJECT, &entry, err);
        if (s == HOP_OK)
            s = layout_has_tag(&entry, tag ? tag : LAYOUT_DEFAULT_TAG, &is_it, err);
        if (s == HOP_OK && (is_it || (!tag && count == 1)))
            s = hop_json_get_string(&entry, "digest", &digest, err);
    }
    if (s != HOP_OK)
        return s;
    if (!digest)
        return hop_error_set(err, HOP_E_NOT_FOUND, "there is no image with the tag %s",
                             tag ? tag : LAYOUT_DEFAULT_TAG);
    return hop_digest_parse(digest, out, err);
}

static hop_status find_image(const char *dir, const char *tag, hop_digest *out,
                             hop_error **err)
{
    HOP_AUTO_STR path = hop_sprintf("%s/index.json", dir);
    HOP_AUTO(hop_json) index = NULL;
    hop_status s = layout_read_index(path, &index, err);
    if (s != HOP_OK)
        return s;
    hop_json_view root = hop_json_root(index, path);
    return find_entry(&root, tag, out, err);
}

/* ---- documents ---- */

static hop_status add_image(const char *dir, const hop_buf *text, const hop_manifest *m,
                            hop_image_docs *out, hop_error **err)
{
    HOP_AUTO_VALUE(hop_buf) config = hop_buf_init(HOP_MAX_MANIFEST);
    hop_status s = layout_read_blob(dir, m->config.digest.text, &config, err);
    return s == HOP_OK ? hop_image_docs_add(out, hop_buf_get(text), text->len,
                                            hop_buf_get(&config), config.len, err)
                       : s;
}

static hop_status add_child(const char *dir, const hop_digest *digest,
                            hop_image_docs *out, hop_error **err)
{
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_MAX_MANIFEST);
    HOP_AUTO_VALUE(hop_manifest) m = {0};
    hop_status s = layout_read_blob(dir, digest->text, &text, err);
    if (s == HOP_OK)
        s = hop_manifest_parse(hop_buf_get(&text), text.len, NULL, digest->text, &m, err);
    if (s == HOP_OK && m.kind != HOP_MANIFEST_IMAGE)
        s = hop_error_set(err, HOP_E_PARSE, "%s is a list in a list", digest->text);
    return s == HOP_OK ? add_image(dir, &text, &m, out, err) : s;
}

static bool is_wanted(const hop_descriptor *d, const hop_strings *archs)
{
    const char *arch = d->architecture ? hop_arch_parse(d->architecture) : NULL;
    bool is_linux = d->os && strcmp(d->os, "linux") == 0;
    return is_linux && arch && (!archs || !archs->len || hop_strings_has(archs, arch));
}

static hop_status read_images(const char *dir, const hop_digest *top,
                              const hop_strings *archs, hop_image_docs *out,
                              hop_error **err)
{
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_MAX_MANIFEST);
    HOP_AUTO_VALUE(hop_manifest) m = {0};
    hop_status s = layout_read_blob(dir, top->text, &text, err);
    if (s == HOP_OK)
        s = hop_manifest_parse(hop_buf_get(&text), text.len, NULL, top->text, &m, err);
    if (s == HOP_OK && m.kind == HOP_MANIFEST_IMAGE)
        s = add_image(dir, &text, &m, out, err);
    for (size_t i = 0; s == HOP_OK && m.kind == HOP_MANIFEST_LIST && i < m.layer_count;
         i++)
        if (is_wanted(&m.layers[i], archs))
            s = add_child(dir, &m.layers[i].digest, out, err);
    if (s == HOP_OK && out->len == 0)
        s = hop_error_set(err, HOP_E_NOT_FOUND,
                          "the list %s has no linux image that can be used", top->text);
    return s;
}

hop_status hop_image_docs_read_layout(const char *dir, const char *tag,
                                      const hop_strings *archs, hop_image_docs *out,
                                      hop_error **err)
{
    HOP_AUTO_VALUE(hop_image_docs) docs = {0};
    hop_status s = find_image(dir, tag, &docs.digest, err);
    if (s == HOP_OK)
        s = read_images(dir, &docs.digest, archs, &docs, err);
    if (s != HOP_OK)
        return hop_error_wrap(err, "read the image in oci:%s", dir);
    *out = docs;
    docs = (hop_image_docs){0};
    return HOP_OK;
}

char *hop_image_layout_blob(const char *dir, const hop_digest *digest)
{
    return layout_blob_path(dir, digest);
}

hop_status hop_image_layout_open(const char *dir, const hop_digest *digest, int *fd,
                                 hop_error **err)
{
    HOP_AUTO_STR path = layout_blob_path(dir, digest);
    int opened = open(path, O_RDONLY | O_CLOEXEC);
    if (opened < 0)
        return hop_error_set(err, hop_status_of_errno(errno), "open %s: %s", path,
                             strerror(errno));
    *fd = opened;
    return HOP_OK;
}

hop_status hop_image_labels_read_layout(const char *dir, const char *tag,
                                        hop_image_labels *out, hop_digest *digest,
                                        hop_error **err)
{
    HOP_AUTO_VALUE(hop_image_docs) docs = {0};
    hop_status s = hop_image_docs_read_layout(dir, tag, NULL, &docs, err);
    if (s != HOP_OK)
        return s;
    s = hop_image_labels_parse(docs.items[0].config, docs.items[0].config_len,
                               "image config", out, err);
    if (s != HOP_OK)
        return hop_error_wrap(err, "read the image in oci:%s", dir);
    *digest = docs.digest;
    return HOP_OK;
}
