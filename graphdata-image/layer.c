/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image.h"
#include "tar.h"

#include <string.h>

static void seal(image_layer *l)
{
    l->diff_id = hop_digest_of(hop_buf_get(&l->tar), l->tar.len);
    l->gzip = hop_buf_init(HOP_BUF_TEXT);
    gzip_deflate(hop_buf_get(&l->tar), l->tar.len, &l->gzip);
    l->digest = hop_digest_of(hop_buf_get(&l->gzip), l->gzip.len);
}

/* The directories above each file, and the two that must exist even when they are empty.
 */
static void list_dirs(const hop_tree *tree, hop_strings *dirs)
{
    hop_strings_add(dirs, "var");
    hop_strings_add(dirs, "var/lib");
    hop_strings_add(dirs, DATA_ROOT);
    hop_strings_add(dirs, DATA_ROOT "/blocked-edges");
    hop_strings_add(dirs, DATA_ROOT "/channels");
    const char *last = "";
    size_t last_len = 0;
    for (size_t i = 0; i < tree->len; i++) {
        const char *path = tree->files[i].path;
        const char *end = strrchr(path, '/');
        size_t len = end ? (size_t)(end - path) : 0;
        if (len == last_len && memcmp(path, last, len) == 0)
            continue; /* the tree is sorted: the neighbours share their directory */
        last = path;
        last_len = len;
        for (const char *p = strchr(path, '/'); p; p = strchr(p + 1, '/')) {
            HOP_AUTO_STR dir = hop_sprintf(DATA_ROOT "/%.*s", (int)(p - path), path);
            if (!hop_strings_has(dirs, dir))
                hop_strings_take(dirs, &dir);
        }
    }
    hop_strings_sort(dirs);
}

hop_status image_layer_make_data(const hop_tree *tree, image_layer *out, hop_error **err)
{
    HOP_AUTO_VALUE(image_layer) l = {.tar = hop_buf_init(HOP_BUF_TEXT)};
    HOP_AUTO_VALUE(hop_strings) dirs = {0};
    HOP_AUTO(tar_writer) w = tar_writer_new(&l.tar);
    list_dirs(tree, &dirs);
    for (size_t i = 0; i < dirs.len; i++) {
        hop_status s = tar_writer_add_dir(w, dirs.items[i], err);
        if (s != HOP_OK)
            return s;
    }
    for (size_t i = 0; i < tree->len; i++) {
        const hop_tree_file *f = &tree->files[i];
        HOP_AUTO_STR path = hop_sprintf(DATA_ROOT "/%s", f->path);
        hop_status s = tar_writer_add_file(w, path, 0644, f->data, f->len, err);
        if (s != HOP_OK)
            return s;
    }
    tar_writer_finish(w);
    seal(&l);
    *out = l;
    l = (image_layer){0};
    return HOP_OK;
}

hop_status hop_graphdata_pack(const hop_tree *tree, hop_buf *out, hop_error **err)
{
    HOP_AUTO_VALUE(hop_buf) tar = hop_buf_init(HOP_BUF_TEXT);
    HOP_AUTO(tar_writer) w = tar_writer_new(&tar);
    /* These two must be there even when they are empty. */
    hop_status s = tar_writer_add_dir(w, "blocked-edges", err);
    if (s == HOP_OK)
        s = tar_writer_add_dir(w, "channels", err);
    for (size_t i = 0; s == HOP_OK && i < tree->len; i++) {
        const hop_tree_file *f = &tree->files[i];
        s = tar_writer_add_file(w, f->path, 0644, f->data, f->len, err);
    }
    if (s != HOP_OK)
        return hop_error_wrap(err, "pack graph-data");
    tar_writer_finish(w);
    gzip_deflate(hop_buf_get(&tar), tar.len, out);
    return HOP_OK;
}

hop_status image_layer_make_copier(const void *program, size_t len, image_layer *out,
                                   hop_error **err)
{
    HOP_AUTO_VALUE(image_layer) l = {.tar = hop_buf_init(HOP_BUF_TEXT)};
    HOP_AUTO(tar_writer) w = tar_writer_new(&l.tar);
    hop_status s = tar_writer_add_dir(w, "bin", err);
    if (s == HOP_OK)
        s = tar_writer_add_file(w, "bin/oc-hop-copy", 0755, program, len, err);
    /* A second copy, not a link: gzip makes it free, and nothing can resolve it wrongly.
     */
    if (s == HOP_OK)
        s = tar_writer_add_file(w, "bin/sh", 0755, program, len, err);
    if (s != HOP_OK)
        return s;
    tar_writer_finish(w);
    seal(&l);
    *out = l;
    l = (image_layer){0};
    return HOP_OK;
}

void image_layer_clear(image_layer *l)
{
    hop_buf_clear(&l->tar);
    hop_buf_clear(&l->gzip);
    *l = (image_layer){0};
}
