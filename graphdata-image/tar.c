/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tar.h"

#include <archive.h>
#include <archive_entry.h>
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define GZIP_LEVEL "6" /* 9 saves 2 % of graph-data and takes three times as long */
#define GZIP_HEAD 10
#define GZIP_TRAILER 8
#define READ_CHUNK ((size_t)64 * 1024)
#define YEAR_10000 253402300800 /* in seconds since 1970 */

struct tar_reader {
    struct archive *a;
};

struct tar_writer {
    struct archive *a;
};

/* ---- gzip ---- */

bool gzip_is(const void *data, size_t len)
{
    const unsigned char *p = data;
    return len >= 2 && p[0] == 0x1f && p[1] == 0x8b;
}

/* RFC 1952, section 8, four bits at a time. */
static uint32_t update_crc(uint32_t crc, const void *data, size_t len)
{
    static const uint32_t table[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
                                       0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
                                       0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
                                       0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
    const unsigned char *p = data;
    crc = ~crc;
    for (size_t i = 0; i < len; i++) {
        crc = table[(crc ^ p[i]) & 15] ^ (crc >> 4);
        crc = table[(crc ^ (uint32_t)(p[i] >> 4)) & 15] ^ (crc >> 4);
    }
    return ~crc;
}

static uint32_t read_le32(const unsigned char *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
           (uint32_t)p[3] << 24;
}

static hop_status inflate_chunks(struct archive *a, hop_buf *out, hop_error **err)
{
    HOP_AUTO_STR chunk = hop_alloc(READ_CHUNK, 1);
    for (;;) {
        la_ssize_t n = archive_read_data(a, chunk, READ_CHUNK);
        if (n < 0)
            return hop_error_set(err, HOP_E_PARSE, "gzip: %s", archive_error_string(a));
        if (n == 0)
            return HOP_OK;
        if (!hop_buf_offer(out, chunk, (size_t)n))
            return hop_error_set(err, HOP_E_LIMIT, "gzip: more than %zu bytes inflated",
                                 out->max);
    }
}

hop_status gzip_inflate(const void *data, size_t len, hop_buf *out, hop_error **err)
{
    size_t before = out->len;
    if (len < GZIP_HEAD + GZIP_TRAILER)
        return hop_error_set(err, HOP_E_PARSE, "gzip: cut off after %zu bytes", len);
    struct archive *a = archive_read_new();
    archive_read_support_filter_gzip(a);
    archive_read_support_format_raw(a);
    archive_read_support_format_empty(a);
    struct archive_entry *entry = NULL;
    hop_status s = HOP_OK;
    int opened = archive_read_open_memory(a, data, len);
    if (opened == ARCHIVE_OK)
        opened = archive_read_next_header(a, &entry);
    if (opened == ARCHIVE_OK)
        s = inflate_chunks(a, out, err);
    else if (opened != ARCHIVE_EOF)
        s = hop_error_set(err, HOP_E_PARSE, "gzip: %s", archive_error_string(a));
    archive_read_free(a);
    if (s != HOP_OK)
        return s;
    const unsigned char *trailer = (const unsigned char *)data + len - GZIP_TRAILER;
    size_t inflated = out->len - before;
    uint32_t crc = update_crc(0, hop_buf_get(out) + before, inflated);
    if (read_le32(trailer) != crc || read_le32(trailer + 4) != (uint32_t)inflated)
        return hop_error_set(err, HOP_E_PARSE,
                             "gzip: checksum or length does not match: the file is cut "
                             "off or damaged");
    return HOP_OK;
}

/* ---- callbacks of libarchive's writer ---- */

static la_ssize_t write_to_buf(struct archive *a, void *user, const void *data,
                               size_t len)
{
    (void)a;
    hop_buf_add(user, data, len);
    return (la_ssize_t)len;
}

/* For calls that can only fail when memory ends or the calls are in the wrong order. */
static void must(int result)
{
    assert(result == ARCHIVE_OK);
    if (result != ARCHIVE_OK)
        abort();
}

static struct archive_entry *new_entry(const char *path, mode_t type, unsigned mode,
                                       size_t len)
{
    struct archive_entry *e = archive_entry_new();
    archive_entry_copy_pathname(e, path);
    archive_entry_set_filetype(e, type);
    archive_entry_set_perm(e, (mode_t)mode);
    archive_entry_set_size(e, (la_int64_t)len);
    archive_entry_set_mtime(e, 0, 0);
    archive_entry_set_uid(e, 0);
    archive_entry_set_gid(e, 0);
    return e;
}

void gzip_deflate(const void *data, size_t len, hop_buf *out)
{
    struct archive *a = archive_write_new();
    must(archive_write_set_format_raw(a));
    must(archive_write_add_filter_gzip(a));
    must(archive_write_set_filter_option(a, "gzip", "timestamp", NULL));
    must(archive_write_set_filter_option(a, "gzip", "compression-level", GZIP_LEVEL));
    must(archive_write_set_bytes_in_last_block(a, 1));
    must(archive_write_open(a, out, NULL, write_to_buf, NULL));
    struct archive_entry *e = new_entry("data", AE_IFREG, 0644, len);
    must(archive_write_header(a, e));
    archive_entry_free(e);
    if (len > 0 && archive_write_data(a, data, len) != (la_ssize_t)len)
        abort();
    must(archive_write_close(a));
    must(archive_write_free(a));
}

/* ---- reading tar ---- */

tar_reader *tar_reader_new(const void *data, size_t len)
{
    tar_reader *r = hop_alloc(1, sizeof(*r));
    r->a = archive_read_new();
    archive_read_support_format_tar(r->a);
    /* Its failure shows again in the first tar_reader_next(). */
    (void)archive_read_open_memory(r->a, data, len);
    return r;
}

void tar_reader_free(tar_reader *r)
{
    if (!r)
        return;
    archive_read_free(r->a);
    free(r);
}

static tar_kind kind_of(struct archive_entry *e)
{
    if (archive_entry_hardlink(e) || archive_entry_filetype(e) == AE_IFLNK)
        return TAR_LINK;
    if (archive_entry_filetype(e) == AE_IFREG)
        return TAR_FILE;
    return archive_entry_filetype(e) == AE_IFDIR ? TAR_DIRECTORY : TAR_OTHER;
}

hop_status tar_reader_next(tar_reader *r, tar_member *out, bool *is_end, hop_error **err)
{
    struct archive_entry *e = NULL;
    int result = archive_read_next_header(r->a, &e);
    if (result == ARCHIVE_EOF) {
        *is_end = true;
        return HOP_OK;
    }
    /* A warning is about a name in a character set that the locale does not have. */
    if (result != ARCHIVE_OK && result != ARCHIVE_WARN) {
        const char *why = archive_error_string(r->a);
        return hop_error_set(err, HOP_E_PARSE, "tar: %s", why ? why : "unreadable");
    }
    const char *path = archive_entry_pathname(e);
    if (!path)
        path = archive_entry_pathname_utf8(e);
    if (!path)
        return hop_error_set(err, HOP_E_PARSE, "tar: a member has no readable name");
    int64_t size = archive_entry_size(e), seconds = archive_entry_mtime(e);
    bool has_time = archive_entry_mtime_is_set(e) && seconds > 0 && seconds < YEAR_10000;
    *out = (tar_member){.kind = kind_of(e),
                        .path = path,
                        .size_bytes = size > 0 ? (uint64_t)size : 0,
                        .time_s = has_time ? (uint64_t)seconds : 0};
    return HOP_OK;
}

hop_status tar_reader_read(tar_reader *r, hop_buf *out, hop_error **err)
{
    HOP_AUTO_STR chunk = hop_alloc(READ_CHUNK, 1);
    for (;;) {
        la_ssize_t n = archive_read_data(r->a, chunk, READ_CHUNK);
        if (n < 0)
            return hop_error_set(err, HOP_E_PARSE, "tar: %s", archive_error_string(r->a));
        if (n == 0)
            return HOP_OK;
        if (!hop_buf_offer(out, chunk, (size_t)n))
            return hop_error_set(err, HOP_E_LIMIT, "larger than %zu bytes", out->max);
    }
}

/* ---- writing tar ---- */

tar_writer *tar_writer_new(hop_buf *out)
{
    tar_writer *w = hop_alloc(1, sizeof(*w));
    w->a = archive_write_new();
    must(archive_write_set_format_ustar(w->a));
    must(archive_write_add_filter_none(w->a));
    must(archive_write_set_bytes_in_last_block(w->a, 1));
    must(archive_write_open(w->a, out, NULL, write_to_buf, NULL));
    return w;
}

void tar_writer_free(tar_writer *w)
{
    if (!w)
        return;
    archive_write_free(w->a);
    free(w);
}

static hop_status write_head(tar_writer *w, struct archive_entry *e, const char *path,
                             hop_error **err)
{
    int result = archive_write_header(w->a, e);
    archive_entry_free(e);
    if (result != ARCHIVE_OK)
        return hop_error_set(err, HOP_E_LIMIT, "file \"%s\": %s", path,
                             archive_error_string(w->a));
    return HOP_OK;
}

hop_status tar_writer_add_dir(tar_writer *w, const char *path, hop_error **err)
{
    return write_head(w, new_entry(path, AE_IFDIR, 0755, 0), path, err);
}

hop_status tar_writer_add_file(tar_writer *w, const char *path, unsigned mode,
                               const void *data, size_t len, hop_error **err)
{
    hop_status s = write_head(w, new_entry(path, AE_IFREG, mode, len), path, err);
    if (s != HOP_OK)
        return s;
    if (len > 0 && archive_write_data(w->a, data, len) != (la_ssize_t)len)
        abort(); /* the sink is memory */
    return HOP_OK;
}

/* Digits with leading zeros; the byte after them stays as it is. */
static void put_octal(char *to, size_t digits, uint64_t value)
{
    for (; digits > 0; value /= 8)
        to[--digits] = (char)('0' + value % 8);
}

hop_status tar_add_header(const char *path, unsigned mode, uint64_t size_bytes,
                          hop_buf *out, hop_error **err)
{
    enum { NAME = 0, MODE = 100, UID = 108, GID = 116, SIZE = 124, TIME = 136 };
    enum { CHECKSUM = 148, KIND = 156, MAGIC = 257, MAX_NAME = 100 };
    static const uint64_t max_size = 8 * 1024 * (uint64_t)HOP_MIB;
    char head[TAR_BLOCK_BYTES] = {0};
    if (strlen(path) >= MAX_NAME || size_bytes >= max_size)
        return hop_error_set(err, HOP_E_LIMIT, "file \"%s\": too long for a tar header",
                             path);
    memcpy(head + NAME, path, strlen(path));
    put_octal(head + MODE, 7, mode);
    put_octal(head + UID, 7, 0);
    put_octal(head + GID, 7, 0);
    put_octal(head + SIZE, 11, size_bytes);
    put_octal(head + TIME, 11, 0);
    head[KIND] = '0';
    memcpy(head + MAGIC, "ustar\00000", 8);
    unsigned sum = 0;
    memset(head + CHECKSUM, ' ', 8); /* as it is while it is summed */
    for (size_t i = 0; i < sizeof(head); i++)
        sum += (unsigned char)head[i];
    put_octal(head + CHECKSUM, 6, sum);
    head[CHECKSUM + 6] = '\0';
    hop_buf_add(out, head, sizeof(head));
    return HOP_OK;
}

void tar_writer_finish(tar_writer *w)
{
    must(archive_write_close(w->a));
}
