/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hop_file.h"
#include "media_sink.h"
#include "media_stock.h"
#include "spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* How much may be dirty in memory before the disk is asked to begin: the flush at the end
 * must not hold up the other transfers. */
#define WRITE_BEHIND (8 * HOP_MIB)
#define COPY_BYTES (256 * HOP_KIB)

struct hop_media_blob {
    hop_media_writer *writer;
    hop_digest digest;
    uint64_t size_bytes;
    int fd; /* of the part that is being written; -1: none yet */
    uint64_t part;
    uint64_t flushed; /* in the part: bytes that the disk was asked to write */
    bool is_for_copy; /* earlier volumes, or the far side, have it */

    /* in volumes */
    hop_buf piece; /* not yet written */
    unsigned try_number;
    unsigned pieces; /* written */
    bool has_begun;
};

static hop_status fail(hop_error **err, const char *verb, const char *path)
{
    int e = errno;
    return hop_error_set(err, hop_status_of_errno(e), "%s %s: %s", verb, path,
                         strerror(e));
}

static bool is_cut(const hop_media_blob *b)
{
    return b->size_bytes > b->writer->max_file_bytes;
}

static uint64_t count_parts(const hop_media_blob *b)
{
    uint64_t max = b->writer->max_file_bytes;
    return is_cut(b) ? (b->size_bytes + max - 1) / max : 1;
}

static char *partial_path(const hop_media_blob *b, uint64_t part)
{
    const char *hex = hop_digest_get_hex(&b->digest);
    if (is_cut(b))
        return hop_sprintf("%s/partial/%s.0%05u", b->writer->path, hex, (unsigned)part);
    return hop_sprintf("%s/partial/%s", b->writer->path, hex);
}

static char *whole_path(const hop_media_writer *w, const hop_digest *digest)
{
    return w->format == HOP_MEDIA_FORMAT_STOCK ? hop_stock_blob_path(digest)
                                               : hop_media_blob_path(digest);
}

static char *final_path(const hop_media_blob *b, uint64_t part)
{
    HOP_AUTO_STR relative = is_cut(b) ? hop_media_part_path(&b->digest, 0, (unsigned)part)
                                      : whole_path(b->writer, &b->digest);
    return hop_media_writer_path(b->writer, relative);
}

hop_media_blob *hop_media_blob_new(hop_media_writer *w, const hop_digest *digest,
                                   uint64_t size_bytes)
{
    hop_media_blob *b = hop_alloc(1, sizeof(*b));
    *b = (hop_media_blob){.writer = w,
                          .digest = *digest,
                          .size_bytes = size_bytes,
                          .fd = -1,
                          .piece = hop_buf_init(HOP_VOLUME_PIECE_BYTES),
                          .is_for_copy = w->volumes &&
                                         hop_volumes_has(w->volumes, digest, size_bytes)};
    return b;
}

void hop_media_blob_keep_only(hop_media_blob *b)
{
    b->is_for_copy = true;
}

void hop_media_blob_free(hop_media_blob *b)
{
    if (!b)
        return;
    if (b->fd >= 0)
        (void)close(b->fd);
    hop_buf_clear(&b->piece);
    free(b);
}

uint64_t hop_media_blob_get_have(const hop_media_blob *b)
{
    uint64_t have = 0, max = b->writer->max_file_bytes;
    if (b->writer->volumes || b->is_for_copy)
        return 0;
    for (uint64_t part = 0; part < count_parts(b); part++) {
        HOP_AUTO_STR path = partial_path(b, part);
        struct stat st;
        if (lstat(path, &st) != 0 || !S_ISREG(st.st_mode))
            break;
        have += (uint64_t)st.st_size;
        if ((uint64_t)st.st_size != max)
            break;
    }
    return have <= b->size_bytes ? have : 0;
}

static hop_status hash_file(const char *path, uint64_t *left, hop_hash *h,
                            hop_error **err)
{
    HOP_AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return fail(err, "open", path);
    HOP_AUTO_STR chunk = hop_alloc(COPY_BYTES, 1);
    while (*left > 0) {
        ssize_t n = read(fd, chunk, *left < COPY_BYTES ? (size_t)*left : COPY_BYTES);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail(err, "read", path);
        if (n == 0)
            break;
        hop_hash_update(h, chunk, (size_t)n);
        *left -= (uint64_t)n;
    }
    return HOP_OK;
}

hop_status hop_media_blob_hash(const hop_media_blob *b, hop_hash *h, hop_error **err)
{
    uint64_t left = hop_media_blob_get_have(b);
    hop_status s = HOP_OK;
    for (uint64_t part = 0; s == HOP_OK && left > 0 && part < count_parts(b); part++) {
        HOP_AUTO_STR path = partial_path(b, part);
        s = hash_file(path, &left, h, err);
    }
    return s;
}

/* ---- writing ---- */

static hop_status end_part(hop_media_blob *b, hop_error **err)
{
    if (b->fd < 0)
        return HOP_OK;
    int fd = b->fd;
    b->fd = -1;
    int rc = fsync(fd);
    int saved = errno;
    rc = close(fd) == 0 ? rc : -1;
    if (rc == 0)
        return HOP_OK;
    HOP_AUTO_STR path = partial_path(b, b->part);
    errno = saved;
    return fail(err, "flush", path);
}

/* Opens the part so that the next byte is at `within`: what a try that was given up has
 * left behind that is cut off. */
static hop_status begin_part(hop_media_blob *b, uint64_t part, uint64_t within,
                             hop_error **err)
{
    hop_status s = end_part(b, err);
    if (s != HOP_OK)
        return s;
    HOP_AUTO_STR path = partial_path(b, part);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd < 0)
        return fail(err, "create", path);
    if (ftruncate(fd, (off_t)within) != 0) {
        s = fail(err, "write", path);
        (void)close(fd);
        return s;
    }
    b->fd = fd;
    b->part = part;
    b->flushed = within;
    return HOP_OK;
}

static hop_status write_within(hop_media_blob *b, uint64_t within, const char *data,
                               size_t len, hop_error **err)
{
    while (len > 0) {
        ssize_t n = pwrite(b->fd, data, len, (off_t)within);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            HOP_AUTO_STR path = partial_path(b, b->part);
            return fail(err, "write", path);
        }
        data += n;
        within += (uint64_t)n;
        len -= (size_t)n;
    }
    if (within - b->flushed >= WRITE_BEHIND) {
        /* A hint: what it cannot do, the flush at the end will, and report. */
        (void)sync_file_range(b->fd, (off_t)b->flushed, (off_t)(within - b->flushed),
                              SYNC_FILE_RANGE_WRITE);
        b->flushed = within;
    }
    return HOP_OK;
}

/* ---- into volumes ---- */

static hop_status write_piece(hop_media_blob *b, hop_error **err)
{
    HOP_AUTO_STR path = hop_media_blob_path(&b->digest);
    hop_status s = hop_volumes_add_piece(b->writer->volumes, path, b->try_number,
                                         &b->pieces, b->piece.data, b->piece.len, err);
    hop_buf_reset(&b->piece);
    return s;
}

static void begin_try(hop_media_blob *b)
{
    HOP_AUTO_STR path = hop_media_blob_path(&b->digest);
    b->try_number = hop_volumes_next_try(b->writer->volumes, path);
    b->pieces = 0;
    b->has_begun = true;
    hop_buf_reset(&b->piece);
}

static hop_status write_to_volumes(hop_media_blob *b, uint64_t offset, const char *data,
                                   size_t len, hop_error **err)
{
    hop_status s = HOP_OK;
    if (offset == 0 || !b->has_begun)
        begin_try(b);
    while (s == HOP_OK && len > 0) {
        /* The last piece waits for the commit: what is short is written whole then. */
        if (b->piece.len == HOP_VOLUME_PIECE_BYTES)
            s = write_piece(b, err);
        size_t room = HOP_VOLUME_PIECE_BYTES - b->piece.len;
        size_t n = len < room ? len : room;
        hop_buf_add(&b->piece, data, n);
        data += n;
        len -= n;
    }
    return s;
}

static hop_status commit_to_volumes(hop_media_blob *b, hop_error **err)
{
    HOP_AUTO_STR path = hop_media_blob_path(&b->digest);
    if (b->pieces > 0) {
        hop_status s = b->piece.len > 0 ? write_piece(b, err) : HOP_OK;
        return s == HOP_OK ? hop_volumes_end_blob(b->writer->volumes, err) : s;
    }
    return hop_volumes_add_blob(b->writer->volumes, path, b->try_number,
                                hop_buf_get(&b->piece), b->piece.len, err);
}

hop_status hop_media_blob_write(hop_media_blob *b, uint64_t offset, const void *data,
                                size_t len, hop_error **err)
{
    hop_spool *copy = b->is_for_copy || b->writer->volumes
                          ? hop_table_get(&b->writer->kept, b->digest.text)
                          : NULL;
    hop_status kept = copy ? hop_spool_write(copy, offset, data, len, err) : HOP_OK;
    if (kept != HOP_OK || b->is_for_copy)
        return kept;
    if (b->writer->volumes)
        return write_to_volumes(b, offset, data, len, err);
    if (is_cut(b) && b->writer->format == HOP_MEDIA_FORMAT_STOCK)
        return hop_error_set(err, HOP_E_DISK,
                             "blob %s has %llu bytes, longer than a file can be in %s, "
                             "and stock oc reads no parts",
                             b->digest.text, (unsigned long long)b->size_bytes,
                             b->writer->path);
    const char *at = data;
    uint64_t max = is_cut(b) ? b->writer->max_file_bytes : b->size_bytes;
    bool is_new = b->fd < 0 || offset == 0;
    do {
        uint64_t part = max > 0 ? offset / max : 0, within = offset - part * max;
        size_t room = max - within < len ? (size_t)(max - within) : len;
        hop_status s = HOP_OK;
        if (is_new || part != b->part)
            s = begin_part(b, part, within, err);
        if (s == HOP_OK)
            s = write_within(b, within, at, room, err);
        if (s != HOP_OK)
            return s;
        is_new = false;
        at += room;
        offset += room;
        len -= room;
    } while (len > 0);
    return HOP_OK;
}

hop_status hop_media_blob_commit(hop_media_blob *b, hop_error **err)
{
    hop_status s = HOP_OK;
    if (b->is_for_copy)
        return HOP_OK;
    if (b->writer->volumes)
        return commit_to_volumes(b, err);
    /* What an earlier run has written whole may never have been flushed. */
    uint64_t last = count_parts(b) - 1;
    if (b->fd < 0)
        s = begin_part(b, last, b->size_bytes - last * b->writer->max_file_bytes, err);
    if (s == HOP_OK)
        s = end_part(b, err);
    for (uint64_t part = 0; s == HOP_OK && part < count_parts(b); part++) {
        HOP_AUTO_STR from = partial_path(b, part);
        HOP_AUTO_STR to = final_path(b, part);
        if (rename(from, to) != 0)
            s = fail(err, "rename into", to);
    }
    return s;
}

/* ---- whole blobs ---- */

hop_status hop_media_writer_put(hop_media_writer *w, const hop_digest *digest,
                                const void *data, size_t len, hop_error **err)
{
    if (hop_media_writer_has(w, digest, len))
        return HOP_OK;
    HOP_AUTO(hop_media_blob) b = hop_media_blob_new(w, digest, len);
    hop_status s = hop_media_blob_write(b, 0, data, len, err);
    return s == HOP_OK ? hop_media_blob_commit(b, err) : s;
}

/* Final names of a blob, whole or in parts, as long as they are there. */
static char *existing_path(const hop_media_writer *w, const hop_digest *digest,
                           unsigned part, bool is_whole)
{
    HOP_AUTO_STR relative =
        is_whole ? whole_path(w, digest) : hop_media_part_path(digest, 0, part);
    return hop_media_writer_path(w, relative);
}

static bool size_of(const char *path, uint64_t *out)
{
    struct stat st;
    if (lstat(path, &st) != 0 || !S_ISREG(st.st_mode))
        return false;
    *out = (uint64_t)st.st_size;
    return true;
}

/* The number of parts that make up the blob: 0 when it is whole, -1 when not there. */
static int find_parts(const hop_media_writer *w, const hop_digest *digest,
                      uint64_t size_bytes)
{
    uint64_t size = 0, sum = 0;
    HOP_AUTO_STR whole = existing_path(w, digest, 0, true);
    if (size_of(whole, &size))
        return size == size_bytes ? 0 : -1;
    for (unsigned part = 0; part < HOP_MEDIA_MAX_PARTS; part++) {
        HOP_AUTO_STR path = existing_path(w, digest, part, false);
        if (!size_of(path, &size))
            return -1;
        sum += size;
        if (sum >= size_bytes)
            return sum == size_bytes ? (int)part + 1 : -1;
    }
    return -1;
}

bool hop_media_writer_has(const hop_media_writer *w, const hop_digest *digest,
                          uint64_t size_bytes)
{
    return w->volumes ? hop_volumes_has(w->volumes, digest, size_bytes)
                      : find_parts(w, digest, size_bytes) >= 0;
}

hop_status hop_media_writer_recheck(const hop_media_writer *w, const hop_digest *digest,
                                    uint64_t size_bytes, bool *is_right, hop_error **err)
{
    int parts = find_parts(w, digest, size_bytes);
    HOP_AUTO(hop_hash) h = hop_hash_new_like(digest);
    hop_status s = HOP_OK;
    *is_right = false;
    uint64_t left = size_bytes;
    for (int i = 0; s == HOP_OK && i < (parts == 0 ? 1 : parts); i++) {
        HOP_AUTO_STR path = existing_path(w, digest, (unsigned)i, parts == 0);
        s = hash_file(path, &left, h, err);
    }
    if (s != HOP_OK || parts < 0)
        return s;
    hop_digest got = hop_hash_finish(h);
    *is_right = hop_digest_is_equal(&got, digest);
    for (int i = 0; !*is_right && i < (parts == 0 ? 1 : parts); i++) {
        HOP_AUTO_STR path = existing_path(w, digest, (unsigned)i, parts == 0);
        if (unlink(path) != 0)
            return fail(err, "remove", path);
    }
    return HOP_OK;
}

static hop_status copy_part(const char *path, int to, hop_error **err)
{
    HOP_AUTO_FD from = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (from < 0)
        return fail(err, "open", path);
    HOP_AUTO_STR chunk = hop_alloc(COPY_BYTES, 1);
    for (;;) {
        ssize_t n = read(from, chunk, COPY_BYTES);
        if (n <= 0)
            return n == 0 ? HOP_OK : fail(err, "read", path);
        if (write(to, chunk, (size_t)n) != n)
            return fail(err, "copy", path);
    }
}

hop_status hop_media_writer_keep(hop_media_writer *w, const hop_digest *digest,
                                 const char *tmp_dir, hop_error **err)
{
    bool is_read_later = w->volumes || hop_media_writer_omits(w, digest);
    if (!is_read_later || hop_table_get(&w->kept, digest->text))
        return HOP_OK;
    hop_spool *copy = NULL;
    hop_status s = hop_spool_new(tmp_dir, &copy, err);
    if (s != HOP_OK)
        return s;
    w->spools = hop_grow(w->spools, w->spool_count, &w->spool_cap, sizeof(hop_spool *));
    w->spools[w->spool_count++] = copy;
    hop_table_set(&w->kept, digest->text, copy);
    return HOP_OK;
}

bool hop_media_writer_keeps(const hop_media_writer *w, const hop_digest *digest)
{
    return hop_table_get(&w->kept, digest->text) != NULL;
}

/* All of it: NULL before it has come. */
static const hop_spool *find_copy(const hop_media_writer *w, const hop_digest *digest,
                                  uint64_t size_bytes)
{
    const hop_spool *copy = hop_table_get(&w->kept, digest->text);
    char last;
    bool is_whole =
        copy && (size_bytes == 0 || hop_spool_read(copy, size_bytes - 1, &last, 1) == 1);
    return is_whole ? copy : NULL;
}

bool hop_media_writer_can_read(const hop_media_writer *w, const hop_digest *digest,
                               uint64_t size_bytes)
{
    return find_copy(w, digest, size_bytes) ||
           (!w->volumes && hop_media_writer_has(w, digest, size_bytes));
}

bool hop_media_writer_lacks_copy(const hop_media_writer *w, const hop_digest *digest,
                                 uint64_t size_bytes)
{
    return hop_table_get(&w->kept, digest->text) &&
           (hop_media_writer_has(w, digest, size_bytes) ||
            hop_media_writer_omits(w, digest)) &&
           !hop_media_writer_can_read(w, digest, size_bytes);
}

hop_status hop_media_writer_read_blob(const hop_media_writer *w, const hop_digest *digest,
                                      uint64_t size_bytes, const char *tmp_dir, int *fd,
                                      hop_error **err)
{
    const hop_spool *copy = find_copy(w, digest, size_bytes);
    int parts = copy ? 0 : find_parts(w, digest, size_bytes);
    HOP_AUTO_STR whole = existing_path(w, digest, 0, true);
    if (copy) {
        *fd = dup(hop_spool_get_fd(copy));
        return *fd >= 0 ? HOP_OK : fail(err, "reopen", whole);
    }
    if (parts <= 0) {
        *fd = open(whole, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        return *fd >= 0 ? HOP_OK : fail(err, "open", whole);
    }
    HOP_AUTO(hop_spool) spool = NULL;
    hop_status s = hop_spool_new(tmp_dir, &spool, err);
    for (int i = 0; s == HOP_OK && i < parts; i++) {
        HOP_AUTO_STR path = existing_path(w, digest, (unsigned)i, false);
        s = copy_part(path, hop_spool_get_fd(spool), err);
    }
    if (s != HOP_OK)
        return s;
    *fd = dup(hop_spool_get_fd(spool));
    return *fd >= 0 ? HOP_OK : fail(err, "reopen", whole);
}
