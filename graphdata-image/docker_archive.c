/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The file of `docker save`: a tar with manifest.json, the config, and each layer as a
 * plain tar (Docker image spec 1.2, "Combined Image JSON + Filesystem Changeset Format").
 */
#include "image.h"
#include "sink.h"
#include "tar.h"

#include <string.h>

/* "HOST/REPO:TAG", with the tag "latest" where the reference has none. */
static hop_status full_name(const char *ref, char **out, hop_error **err)
{
    HOP_AUTO_VALUE(hop_ref) r = {0};
    hop_status s = hop_ref_parse(ref, &r, err);
    if (s != HOP_OK)
        return s;
    if (r.digest.text[0] != '\0')
        return hop_error_set(err, HOP_E_USAGE,
                             "\"%s\": a docker-archive can name an image by tag only",
                             ref);
    *out = hop_sprintf("%s/%s:%s", r.host, r.repository, r.tag ? r.tag : "latest");
    return HOP_OK;
}

static hop_status check_shape(const hop_image *image, hop_error **err)
{
    if (hop_image_get_top(image)->kind == HOP_IMAGE_LIST)
        return hop_error_set(err, HOP_E_USAGE,
                             "a docker-archive holds one architecture; name it with "
                             "--arch");
    for (size_t i = 0; i < image->len; i++)
        if (image->entries[i].part.kind == HOP_IMAGE_LAYER && !image->entries[i].tar &&
            !image->layers.open)
            return hop_error_set(err, HOP_E_USAGE,
                                 "a docker-archive needs the layers of its base, which "
                                 "are not here; use the built-in base");
    return HOP_OK;
}

/* Our layers are named by their tar; those of a base stay compressed, as they are named
 * in its manifest. */
static char *layer_name(const image_entry *e)
{
    return hop_sprintf("%s.tar",
                       hop_digest_get_hex(e->tar ? &e->diff_id : &e->part.digest));
}

static hop_status fill_block(sink *to, uint64_t len, hop_error **err)
{
    static const char zeros[TAR_BLOCK_BYTES] = {0};
    size_t rest = (size_t)(len % TAR_BLOCK_BYTES);
    return rest ? sink_write(to, zeros, TAR_BLOCK_BYTES - rest, err) : HOP_OK;
}

static hop_status put_head(sink *to, const char *path, uint64_t len, hop_error **err)
{
    HOP_AUTO_VALUE(hop_buf) head = hop_buf_init(HOP_BUF_TEXT);
    hop_status s = tar_add_header(path, 0644, len, &head, err);
    return s == HOP_OK ? sink_write(to, hop_buf_get(&head), head.len, err) : s;
}

static hop_status put_file(sink *to, const char *path, const void *data, size_t len,
                           hop_error **err)
{
    hop_status s = put_head(to, path, len, err);
    if (s == HOP_OK)
        s = sink_write(to, data, len, err);
    return s == HOP_OK ? fill_block(to, len, err) : s;
}

static hop_status put_layer(sink *to, const hop_image *image, const image_entry *e,
                            hop_error **err)
{
    HOP_AUTO_STR path = layer_name(e);
    if (e->tar)
        return put_file(to, path, e->tar, e->tar_len, err);
    HOP_AUTO_FD fd = -1;
    const hop_image_part *p = &e->part;
    hop_status s = image->layers.open(image->layers.user, &p->digest, &fd, err);
    if (s == HOP_OK)
        s = put_head(to, path, p->size_bytes, err);
    if (s == HOP_OK)
        s = sink_copy(to, fd, &p->digest, p->size_bytes, err);
    return s == HOP_OK ? fill_block(to, p->size_bytes, err) : s;
}

static const image_entry *find_layer(const hop_image *image, const hop_digest *digest)
{
    for (size_t i = 0; i < image->len; i++)
        if (hop_digest_is_equal(&image->entries[i].part.digest, digest))
            return &image->entries[i];
    return NULL;
}

/* In the order of the manifest, which may name one layer twice: the parts have each of
 * them once. */
static hop_status list_layers(const hop_image *image, hop_json *layers, hop_error **err)
{
    const hop_image_part *top = hop_image_get_top(image);
    HOP_AUTO_VALUE(hop_manifest) m = {0};
    hop_status s = hop_manifest_parse(top->data, (size_t)top->size_bytes, NULL,
                                      top->digest.text, &m, err);
    for (size_t i = 0; s == HOP_OK && i < m.layer_count; i++) {
        const image_entry *e = find_layer(image, &m.layers[i].digest);
        HOP_AUTO_STR path = e ? layer_name(e) : NULL;
        if (path)
            hop_json_append_string(layers, path);
    }
    return s;
}

static hop_status put_parts(sink *to, const hop_image *image, hop_json *record,
                            hop_error **err)
{
    hop_status s = list_layers(image, hop_json_add_array(record, "Layers"), err);
    for (size_t i = 0; s == HOP_OK && i < image->len; i++) {
        const image_entry *e = &image->entries[i];
        if (e->part.kind == HOP_IMAGE_LAYER) {
            s = put_layer(to, image, e, err);
        } else if (e->part.kind == HOP_IMAGE_CONFIG) {
            HOP_AUTO_STR path =
                hop_sprintf("%s.json", hop_digest_get_hex(&e->part.digest));
            s = put_file(to, path, e->data, (size_t)e->part.size_bytes, err);
            hop_json_set_string(record, "Config", path);
        }
    }
    return s;
}

static hop_status put_archive(sink *to, const hop_image *image, const char *name,
                              hop_error **err)
{
    static const char end[2 * TAR_BLOCK_BYTES] = {0};
    HOP_AUTO(hop_json) records = hop_json_new_array();
    hop_json *record = hop_json_append_object(records);
    hop_json *tags = hop_json_add_array(record, "RepoTags");
    if (name)
        hop_json_append_string(tags, name);
    hop_status s = put_parts(to, image, record, err);
    if (s != HOP_OK)
        return s;
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    hop_json_dump(records, HOP_JSON_COMPACT, &text);
    s = put_file(to, "manifest.json", hop_buf_get(&text), text.len, err);
    return s == HOP_OK ? sink_write(to, end, sizeof(end), err) : s;
}

hop_status hop_image_write_docker_archive(const hop_image *image, const char *path,
                                          const char *ref, hop_error **err)
{
    HOP_AUTO_STR name = NULL;
    HOP_AUTO_VALUE(sink) to = SINK_NONE;
    hop_status s = check_shape(image, err);
    if (s == HOP_OK && ref)
        s = full_name(ref, &name, err);
    if (s == HOP_OK)
        s = sink_open(path, &to, err);
    if (s == HOP_OK)
        s = put_archive(&to, image, name, err);
    if (s == HOP_OK)
        s = sink_commit(&to, err);
    return s == HOP_OK
               ? s
               : hop_error_wrap(err, "write the image to docker-archive:%s", path);
}
