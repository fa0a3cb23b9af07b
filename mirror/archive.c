/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "archive_walk.h"
#include "hop_file.h"
#include "tar_writer.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK_BYTES = 64 * 1024 };

typedef struct source {
    int fd;
    uint64_t offset;
    uint64_t size_bytes;
    int errnum; /* of a failed read; libarchive would only keep its text */
    char chunk[CHUNK_BYTES];
} source;

typedef struct walk {
    struct archive *reader;
    source *from;
    const char *name;
    const hop_archive_visitor *visitor;
    uint64_t members;
    uint64_t inflated_bytes;
} walk;

static ssize_t read_chunk(struct archive *a, void *user, const void **out)
{
    source *from = user;
    uint64_t left = from->size_bytes - from->offset;
    size_t want = left < CHUNK_BYTES ? (size_t)left : CHUNK_BYTES;
    *out = from->chunk;
    for (;;) {
        ssize_t n = pread(from->fd, from->chunk, want, (off_t)from->offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 || (n == 0 && want > 0)) {
            from->errnum = n < 0 ? errno : EIO;
            archive_set_error(a, from->errnum, "read");
            return -1;
        }
        from->offset += (uint64_t)n;
        return n;
    }
}

static hop_status fail(const walk *w, hop_error **err)
{
    if (w->from->errnum)
        return hop_error_set(err, HOP_E_IO, "read %s: %s", w->name,
                             strerror(w->from->errnum));
    const char *why = archive_error_string(w->reader);
    return hop_error_set(err, HOP_E_PARSE, "read %s as a tar archive: %s", w->name,
                         why ? why : "malformed");
}

static hop_status count_bytes(walk *w, uint64_t bytes, hop_error **err)
{
    if (!hop_add_u64(w->inflated_bytes, bytes, &w->inflated_bytes) ||
        w->inflated_bytes > HOP_ARCHIVE_MAX_INFLATED)
        return hop_error_set(err, HOP_E_LIMIT,
                             "read %s: it unpacks to more than %llu GiB", w->name,
                             (unsigned long long)(HOP_ARCHIVE_MAX_INFLATED >> 30));
    return HOP_OK;
}

/** True for a name that some reader might take out of the tree. */
static bool has_parent_component(const char *path)
{
    for (const char *p = path; p; p = strchr(p, '/')) {
        p += *p == '/';
        if (strncmp(p, "..", 2) == 0 && (p[2] == '/' || p[2] == '\0'))
            return true;
    }
    return false;
}

static char *clean_name(const char *raw)
{
    while (raw[0] == '/' || (raw[0] == '.' && raw[1] == '/'))
        raw += raw[0] == '/' ? 1 : 2;
    size_t len = strlen(raw);
    while (len > 0 && raw[len - 1] == '/')
        len--;
    return hop_strndup(raw, len);
}

static hop_member_kind kind_of(struct archive_entry *entry)
{
    if (archive_entry_hardlink(entry))
        return HOP_MEMBER_OTHER;
    switch (archive_entry_filetype(entry)) {
    case AE_IFREG:
        return HOP_MEMBER_FILE;
    case AE_IFDIR:
        return HOP_MEMBER_DIRECTORY;
    default:
        return HOP_MEMBER_OTHER;
    }
}

static uint64_t size_of(struct archive_entry *entry)
{
    la_int64_t size = archive_entry_size(entry);
    return size < 0 ? UINT64_MAX : (uint64_t)size;
}

/** Reads a member's bytes into `data`, or only counts them where data is NULL, or hands
 * them on. Passing over is done by reading too, since the inflated bytes have to be
 * counted. */
static hop_status read_member(walk *w, const char *path, bool is_streamed, hop_buf *data,
                              hop_error **err)
{
    uint64_t at = 0;
    for (;;) {
        const void *block = NULL;
        size_t len = 0;
        la_int64_t offset = 0;
        int rc = archive_read_data_block(w->reader, &block, &len, &offset);
        if (rc == ARCHIVE_EOF)
            return HOP_OK;
        if (rc != ARCHIVE_OK)
            return fail(w, err);
        hop_status s = count_bytes(w, len, err);
        if (s != HOP_OK)
            return s;
        if (!data && !is_streamed)
            continue;
        /* A sparse member would need its holes; nothing that we want has any. */
        if (offset < 0 || (uint64_t)offset != at)
            return hop_error_set(err, HOP_E_PARSE, "read %s: %s is a sparse file",
                                 w->name, path);
        at += len;
        if (is_streamed) {
            s = w->visitor->stream(w->visitor->user, block, len, err);
            if (s != HOP_OK)
                return s;
            continue;
        }
        if (!hop_buf_offer(data, block, len))
            return hop_error_set(err, HOP_E_LIMIT, "read %s: %s is larger than %zu bytes",
                                 w->name, path, data->max);
    }
}

static void show_link(const walk *w, struct archive_entry *entry, const char *path)
{
    const char *target = archive_entry_hardlink(entry);
    if (!target)
        target = archive_entry_symlink(entry);
    if (w->visitor->link && target)
        w->visitor->link(w->visitor->user, path, target);
}

static hop_status visit(walk *w, struct archive_entry *entry, hop_error **err)
{
    hop_status s = count_bytes(w, 512, err);
    if (s != HOP_OK)
        return s;
    if (++w->members > HOP_ARCHIVE_MAX_MEMBERS)
        return hop_error_set(err, HOP_E_LIMIT, "read %s: more than %llu members", w->name,
                             (unsigned long long)HOP_ARCHIVE_MAX_MEMBERS);
    const char *raw = archive_entry_pathname(entry);
    HOP_AUTO_STR path = clean_name(raw ? raw : "");
    hop_member_kind kind = kind_of(entry);
    size_t cap = 0;
    show_link(w, entry, path);
    if (path[0] != '\0' && !has_parent_component(path))
        cap = w->visitor->want(w->visitor->user, path, kind, size_of(entry));
    if (cap == 0)
        return read_member(w, path, false, NULL, err);
    if (kind == HOP_MEMBER_FILE && cap == HOP_ARCHIVE_STREAM) {
        s = read_member(w, path, true, NULL, err);
        return s == HOP_OK ? w->visitor->member(w->visitor->user, path, kind, NULL, err)
                           : s;
    }
    if (kind != HOP_MEMBER_FILE || cap == HOP_ARCHIVE_NAME_ONLY) {
        s = w->visitor->member(w->visitor->user, path, kind, NULL, err);
        return s == HOP_OK ? read_member(w, path, false, NULL, err) : s;
    }
    HOP_AUTO_VALUE(hop_buf) data = hop_buf_init(cap);
    s = read_member(w, path, false, &data, err);
    if (s != HOP_OK)
        return s;
    return w->visitor->member(w->visitor->user, path, kind, &data, err);
}

static hop_status walk_members(walk *w, hop_error **err)
{
    struct archive *a = w->reader;
    /* Not support_filter_all and _format_all: every reader less is code that no hostile
     * layer can reach. */
    if (archive_read_support_filter_gzip(a) < ARCHIVE_WARN ||
        archive_read_support_filter_zstd(a) < ARCHIVE_WARN ||
        archive_read_support_format_tar(a) != ARCHIVE_OK ||
        archive_read_open(a, w->from, NULL, read_chunk, NULL) != ARCHIVE_OK)
        return fail(w, err);
    for (;;) {
        struct archive_entry *entry = NULL;
        int rc = archive_read_next_header(a, &entry);
        if (rc == ARCHIVE_EOF)
            return HOP_OK;
        /* A warning is a name that the locale cannot show; the name is there as bytes. */
        if (rc != ARCHIVE_OK && rc != ARCHIVE_WARN)
            return fail(w, err);
        hop_status s = visit(w, entry, err);
        if (s != HOP_OK)
            return s;
    }
}

hop_status hop_archive_walk(int fd, uint64_t size_bytes, const char *name,
                            const hop_archive_visitor *visitor, hop_error **err)
{
    source *from = hop_alloc(1, sizeof(*from));
    from->fd = fd;
    from->size_bytes = size_bytes;
    walk w = {.from = from, .name = name, .visitor = visitor};
    w.reader = archive_read_new();
    hop_status s = w.reader ? walk_members(&w, err)
                            : hop_error_set(err, HOP_E_IO, "read %s: no memory", name);
    (void)archive_read_free(w.reader); /* NULL is fine */
    free(from);
    return s;
}

/* ---- writing ---- */

struct hop_tar_writer {
    struct archive *writer;
    int fd;
    char *name;
    int errnum; /* of a failed write */
};

/* libarchive 3.6.2 loses its buffer when a write fails under a header. So it is told that
 * all is well, and whoever called it looks at errnum. */
static la_ssize_t write_chunk(struct archive *a, void *user, const void *data, size_t len)
{
    hop_tar_writer *t = user;
    (void)a;
    while (!t->errnum) {
        ssize_t n = write(t->fd, data, len);
        if (n >= 0)
            return n;
        if (errno != EINTR)
            t->errnum = errno;
    }
    return (la_ssize_t)len;
}

static hop_status writing_failed(const hop_tar_writer *t, hop_error **err)
{
    if (t->errnum)
        return hop_error_set(err, hop_status_of_errno(t->errnum), "write %s: %s", t->name,
                             strerror(t->errnum));
    const char *why = archive_error_string(t->writer);
    return hop_error_set(err, HOP_E_IO, "write %s: %s", t->name,
                         why ? why : "unknown cause");
}

hop_tar_writer *hop_tar_writer_new(int fd, const char *name)
{
    hop_tar_writer *t = hop_alloc(1, sizeof(*t));
    t->fd = fd;
    t->name = hop_strdup(name);
    t->writer = archive_write_new();
    if (!t->writer || archive_write_set_format_ustar(t->writer) != ARCHIVE_OK ||
        archive_write_set_bytes_per_block(t->writer, 0) != ARCHIVE_OK ||
        archive_write_open(t->writer, t, NULL, write_chunk, NULL) != ARCHIVE_OK)
        abort(); /* these fail when memory ends, and for nothing else */
    return t;
}

void hop_tar_writer_free(hop_tar_writer *t)
{
    if (!t)
        return;
    (void)archive_write_free(t->writer);
    free(t->name);
    free(t);
}

hop_status hop_tar_writer_add(hop_tar_writer *t, const char *path, const void *data,
                              size_t len, hop_error **err)
{
    struct archive_entry *e = archive_entry_new();
    archive_entry_copy_pathname(e, path);
    archive_entry_set_filetype(e, AE_IFREG);
    archive_entry_set_perm(e, 0644);
    archive_entry_set_size(e, (la_int64_t)len);
    archive_entry_set_mtime(e, 0, 0);
    int rc = archive_write_header(t->writer, e);
    archive_entry_free(e);
    if (rc != ARCHIVE_OK || t->errnum)
        return writing_failed(t, err);
    if (len > 0 && archive_write_data(t->writer, data, len) != (la_ssize_t)len)
        return writing_failed(t, err);
    rc = archive_write_finish_entry(t->writer);
    return rc != ARCHIVE_OK || t->errnum ? writing_failed(t, err) : HOP_OK;
}

hop_status hop_tar_writer_end(hop_tar_writer *t, hop_error **err)
{
    int rc = archive_write_close(t->writer);
    return rc == ARCHIVE_OK && !t->errnum ? HOP_OK : writing_failed(t, err);
}

uint64_t hop_tar_size(uint64_t len)
{
    return 512 + (len + 511) / 512 * 512;
}
