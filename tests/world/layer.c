/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "layer.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>

struct hop_tar {
    struct archive *writer;
    hop_buf bytes;
};

static la_ssize_t on_write(struct archive *a, void *user, const void *data, size_t len)
{
    (void)a;
    hop_buf_add(user, data, len);
    return (la_ssize_t)len;
}

static hop_status failed(struct archive *a, const char *what, hop_error **err)
{
    const char *why = archive_error_string(a);
    return hop_error_set(err, HOP_E_IO, "%s: %s", what, why ? why : "unknown cause");
}

hop_tar *hop_tar_new(void)
{
    hop_tar *t = hop_alloc(1, sizeof(*t));
    t->bytes = hop_buf_init(HOP_BUF_TEXT);
    t->writer = archive_write_new();
    (void)archive_write_set_format_ustar(t->writer);
    (void)archive_write_set_bytes_in_last_block(t->writer, 512);
    (void)archive_write_open(t->writer, &t->bytes, NULL, on_write, NULL);
    return t;
}

void hop_tar_free(hop_tar *t)
{
    if (!t)
        return;
    if (t->writer)
        (void)archive_write_free(t->writer);
    hop_buf_clear(&t->bytes);
    free(t);
}

static hop_status add_entry(hop_tar *t, const char *path, unsigned type, unsigned mode,
                            size_t len, hop_error **err)
{
    struct archive_entry *e = archive_entry_new();
    archive_entry_set_pathname(e, path);
    archive_entry_set_filetype(e, type);
    archive_entry_set_perm(e, (mode_t)mode);
    archive_entry_set_size(e, (la_int64_t)len);
    archive_entry_set_mtime(e, HOP_WORLD_TIME, 0);
    int r = archive_write_header(t->writer, e);
    archive_entry_free(e);
    return r == ARCHIVE_OK ? HOP_OK : failed(t->writer, path, err);
}

hop_status hop_tar_add_directory(hop_tar *t, const char *path, hop_error **err)
{
    return add_entry(t, path, AE_IFDIR, 0755, 0, err);
}

hop_status hop_tar_add_file(hop_tar *t, const char *path, unsigned mode, const void *data,
                            size_t len, hop_error **err)
{
    hop_status s = add_entry(t, path, AE_IFREG, mode, len, err);
    if (s != HOP_OK)
        return s;
    if (len > 0 && archive_write_data(t->writer, data, len) != (la_ssize_t)len)
        return failed(t->writer, path, err);
    return HOP_OK;
}

hop_status hop_tar_add_link(hop_tar *t, const char *path, const char *target,
                            hop_error **err)
{
    struct archive_entry *e = archive_entry_new();
    archive_entry_set_pathname(e, path);
    archive_entry_set_filetype(e, AE_IFLNK);
    archive_entry_set_symlink(e, target);
    archive_entry_set_perm(e, 0777);
    archive_entry_set_mtime(e, HOP_WORLD_TIME, 0);
    int r = archive_write_header(t->writer, e);
    archive_entry_free(e);
    return r == ARCHIVE_OK ? HOP_OK : failed(t->writer, path, err);
}

hop_status hop_tar_finish(hop_tar *t, const hop_buf **out, hop_error **err)
{
    if (archive_write_close(t->writer) != ARCHIVE_OK)
        return failed(t->writer, "end archive", err);
    *out = &t->bytes;
    return HOP_OK;
}

hop_status hop_gzip(const hop_buf *in, int level, hop_buf *out, hop_error **err)
{
    HOP_AUTO_STR options =
        hop_sprintf("gzip:compression-level=%d,gzip:!timestamp", level);
    struct archive *a = archive_write_new();
    struct archive_entry *e = archive_entry_new();
    archive_entry_set_pathname(e, "data");
    archive_entry_set_filetype(e, AE_IFREG);
    bool ok = archive_write_set_format_raw(a) == ARCHIVE_OK &&
              archive_write_add_filter_gzip(a) == ARCHIVE_OK &&
              archive_write_set_options(a, options) == ARCHIVE_OK &&
              archive_write_set_bytes_in_last_block(a, 1) == ARCHIVE_OK &&
              archive_write_open(a, out, NULL, on_write, NULL) == ARCHIVE_OK &&
              archive_write_header(a, e) == ARCHIVE_OK &&
              archive_write_data(a, in->data, in->len) == (la_ssize_t)in->len &&
              archive_write_close(a) == ARCHIVE_OK;
    hop_status s = ok ? HOP_OK : failed(a, "compress", err);
    archive_entry_free(e);
    (void)archive_write_free(a);
    return s;
}
