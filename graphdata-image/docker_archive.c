/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The file of `docker save`: a tar with manifest.json, the config, and each layer as a
 * plain tar (Docker image spec 1.2, "Combined Image JSON + Filesystem Changeset Format").
 */
#include "hop_file.h"
#include "image.h"
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
        if (image->entries[i].part.kind == HOP_IMAGE_LAYER && !image->entries[i].tar)
            return hop_error_set(err, HOP_E_USAGE,
                                 "a docker-archive needs the layers of its base, which "
                                 "are not here; use the built-in base");
    return HOP_OK;
}

static hop_status add_parts(tar_writer *w, const hop_image *image, const char *name,
                            hop_json *record, hop_error **err)
{
    hop_status s = HOP_OK;
    hop_json *tags = hop_json_add_array(record, "RepoTags");
    hop_json *layers = hop_json_add_array(record, "Layers");
    if (name)
        hop_json_append_string(tags, name);
    for (size_t i = 0; s == HOP_OK && i < image->len; i++) {
        const image_entry *e = &image->entries[i];
        if (e->part.kind == HOP_IMAGE_LAYER) {
            HOP_AUTO_STR path = hop_sprintf("%s.tar", hop_digest_get_hex(&e->diff_id));
            s = tar_writer_add_file(w, path, 0644, e->tar, e->tar_len, err);
            hop_json_append_string(layers, path);
        } else if (e->part.kind == HOP_IMAGE_CONFIG) {
            HOP_AUTO_STR path =
                hop_sprintf("%s.json", hop_digest_get_hex(&e->part.digest));
            s = tar_writer_add_file(w, path, 0644, e->data, (size_t)e->part.size_bytes,
                                    err);
            hop_json_set_string(record, "Config", path);
        }
    }
    return s;
}

static hop_status make_archive(const hop_image *image, const char *name, hop_buf *out,
                               hop_error **err)
{
    HOP_AUTO(tar_writer) w = tar_writer_new(out);
    HOP_AUTO(hop_json) records = hop_json_new_array();
    hop_json *record = hop_json_append_object(records);
    hop_status s = add_parts(w, image, name, record, err);
    if (s != HOP_OK)
        return s;
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    hop_json_dump(records, HOP_JSON_COMPACT, &text);
    s = tar_writer_add_file(w, "manifest.json", 0644, hop_buf_get(&text), text.len, err);
    if (s == HOP_OK)
        tar_writer_finish(w);
    return s;
}

hop_status hop_image_write_docker_archive(const hop_image *image, const char *path,
                                          const char *ref, hop_error **err)
{
    HOP_AUTO_STR name = NULL;
    HOP_AUTO_VALUE(hop_buf) tar = hop_buf_init(HOP_BUF_TEXT);
    hop_status s = check_shape(image, err);
    if (s == HOP_OK && ref)
        s = full_name(ref, &name, err);
    if (s == HOP_OK)
        s = make_archive(image, name, &tar, err);
    if (s == HOP_OK)
        s = hop_file_write(path, hop_buf_get(&tar), tar.len, err);
    return s == HOP_OK
               ? s
               : hop_error_wrap(err, "write the image to docker-archive:%s", path);
}
