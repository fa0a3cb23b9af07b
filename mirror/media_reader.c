/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "media_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- opening without following anything ---- */

static const char *kind_of(mode_t mode)
{
    if (S_ISLNK(mode))
        return "a symbolic link";
    if (S_ISDIR(mode))
        return "a directory";
    return S_ISREG(mode) ? "a file" : "a device, pipe or socket";
}

static hop_status fail(const hop_directory *at, const char *path, int errnum,
                       hop_error **err)
{
    if (errnum == ELOOP || errnum == ENOTDIR)
        return hop_error_set(err, HOP_E_PARSE,
                             "open %s/%s: a symbolic link or a file stands where a "
                             "directory should be",
                             at->path, path);
    hop_status s = hop_error_set(
        err, errnum == ENOENT || errnum == ENAMETOOLONG ? HOP_E_NOT_FOUND : HOP_E_IO,
        "open %s/%s: %s", at->path, path, strerror(errnum));
    return s;
}

/* The directory that holds the last component; `at->fd` itself when there is one only. */
static int open_parent(int root, const char *path, const char **last)
{
    int fd = root;
    const char *slash = NULL;
    while ((slash = strchr(path, '/'))) {
        HOP_AUTO_STR name = hop_strndup(path, (size_t)(slash - path));
        int next = openat(fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        int saved = errno;
        if (fd != root)
            close(fd);
        errno = saved;
        if (next < 0)
            return -1;
        fd = next;
        path = slash + 1;
    }
    *last = path;
    return fd;
}

/* Whatever the name is: a scan may have put it together, as those of stock oc, which have
 * a ':'. */
static hop_status open_below(const hop_directory *at, const char *path, int *fd,
                             uint64_t *size_bytes, hop_error **err)
{
    const char *last = NULL;
    int parent = open_parent(at->fd, path, &last);
    if (parent < 0)
        return fail(at, path, errno, err);
    /* O_NONBLOCK: a pipe would wait for a writer, and a device may do anything. */
    HOP_AUTO_FD file =
        openat(parent, last, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    int saved = errno;
    struct stat st = {0};
    bool is_known = fstatat(parent, last, &st, AT_SYMLINK_NOFOLLOW) == 0;
    if (parent != at->fd)
        close(parent);
    if (is_known && !S_ISREG(st.st_mode))
        return hop_error_set(err, HOP_E_PARSE, "open %s/%s: it is %s, not a file",
                             at->path, path, kind_of(st.st_mode));
    if (file < 0)
        return fail(at, path, saved, err);
    if (fstat(file, &st) != 0 || !S_ISREG(st.st_mode))
        return hop_error_set(err, HOP_E_PARSE, "open %s/%s: it is not a file", at->path,
                             path);
    *size_bytes = (uint64_t)st.st_size;
    *fd = file;
    file = -1;
    return HOP_OK;
}

hop_status hop_open_beneath(const hop_directory *at, const char *path, int *fd,
                            uint64_t *size_bytes, hop_error **err)
{
    if (!hop_media_path_is_safe(path))
        return hop_error_set(err, HOP_E_PARSE,
                             "open %s: \"%s\" is no name that media has", at->path, path);
    return open_below(at, path, fd, size_bytes, err);
}

/* ---- readers ---- */

struct hop_media_reader {
    const hop_media_disk *disk;
    char *path;
    const hop_piece **pieces; /* borrowed from the disk */
    size_t count;
    uint64_t size_bytes;
    hop_piece own; /* of a file that is not in the index */
    size_t open_piece;
    int fd;        /* of open_piece; -1 */
    uint64_t base; /* where it begins in there */
};

hop_media_reader *hop_media_reader_new(const hop_media_disk *d, const char *path,
                                       const hop_piece *const *pieces, size_t count)
{
    hop_media_reader *r = hop_alloc(1, sizeof(*r));
    r->disk = d;
    r->path = hop_strdup(path);
    r->fd = -1;
    r->count = count;
    r->pieces = hop_alloc(count, sizeof(hop_piece *));
    for (size_t i = 0; i < count; i++) {
        r->pieces[i] = pieces[i];
        r->size_bytes += pieces[i]->size_bytes;
    }
    return r;
}

void hop_media_reader_free(hop_media_reader *r)
{
    if (!r)
        return;
    if (r->fd >= 0)
        close(r->fd);
    free(r->pieces);
    free(r->own.name);
    free(r->path);
    free(r);
}

uint64_t hop_media_reader_get_size(const hop_media_reader *r)
{
    return r->size_bytes;
}

int hop_media_reader_take_fd(hop_media_reader *r)
{
    if (r->count != 1 || r->base != 0 || r->fd < 0 || r->pieces[0]->volume != 0)
        return -1;
    int fd = r->fd;
    r->fd = -1;
    return fd;
}

static hop_status open_piece(hop_media_reader *r, size_t index, hop_error **err)
{
    if (r->fd >= 0 && r->open_piece == index)
        return HOP_OK;
    if (r->fd >= 0)
        close(r->fd);
    r->fd = -1;
    const hop_piece *p = r->pieces[index];
    uint64_t size = 0;
    hop_status s = HOP_OK;
    r->base = p->kept ? p->kept_at : p->offset;
    if (p->kept)
        r->fd = fcntl(hop_changer_get_kept(r->disk), F_DUPFD_CLOEXEC, 0);
    else if (r->disk->changer)
        s = hop_changer_bring(r->disk, p, err);
    if (s == HOP_OK && r->fd < 0)
        s = open_below(&r->disk->directories[p->directory], p->name, &r->fd, &size, err);
    if (s != HOP_OK)
        return s;
    r->open_piece = index;
    (void)posix_fadvise(r->fd, (off_t)r->base, (off_t)p->size_bytes,
                        POSIX_FADV_SEQUENTIAL);
    return HOP_OK;
}

hop_status hop_media_reader_read(hop_media_reader *r, uint64_t offset, void *data,
                                 size_t cap, size_t *got, hop_error **err)
{
    size_t index = 0;
    *got = 0;
    while (index < r->count && offset >= r->pieces[index]->size_bytes)
        offset -= r->pieces[index++]->size_bytes;
    if (index == r->count || cap == 0)
        return HOP_OK;
    hop_status s = open_piece(r, index, err);
    if (s != HOP_OK)
        return s;
    const hop_piece *p = r->pieces[index];
    if (cap > p->size_bytes - offset)
        cap = (size_t)(p->size_bytes - offset);
    ssize_t n = 0;
    do
        n = pread(r->fd, data, cap, (off_t)(r->base + offset));
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return hop_error_set(err, HOP_E_IO, "read %s/%s: %s",
                             r->disk->directories[p->directory].path, p->name,
                             strerror(errno));
    if (n == 0)
        return hop_error_set(err, HOP_E_IO, "read %s/%s: it ends at %llu bytes of %llu",
                             r->disk->directories[p->directory].path, p->name,
                             (unsigned long long)offset,
                             (unsigned long long)p->size_bytes);
    *got = (size_t)n;
    return HOP_OK;
}

/* ---- finding what to read ---- */

static hop_media_reader *reader_of(const hop_media_disk *d, const hop_stored *f)
{
    if (f->is_whole) {
        const hop_piece *whole = &f->whole.piece;
        return hop_media_reader_new(d, f->path, &whole, 1);
    }
    const hop_piece **pieces = hop_alloc(f->part_count, sizeof(hop_piece *));
    for (size_t i = 0; i < f->part_count; i++)
        pieces[i] = &f->parts[i].piece;
    hop_media_reader *r = hop_media_reader_new(d, f->path, pieces, f->part_count);
    free(pieces);
    return r;
}

hop_status hop_media_disk_open_blob(const hop_media_disk *d, const hop_digest *digest,
                                    hop_media_reader **out, hop_error **err)
{
    HOP_AUTO_STR path = hop_media_blob_path(digest);
    const hop_stored *f = hop_table_get(&d->index, path);
    if (!f || (!f->is_whole && f->part_count == 0))
        return hop_error_set(err, HOP_E_NOT_FOUND, "%s/%s: it is not on the media",
                             d->directories[0].path, path);
    *out = reader_of(d, f);
    return HOP_OK;
}

hop_status hop_media_disk_open_file(const hop_media_disk *d, const char *path,
                                    hop_media_reader **out, hop_error **err)
{
    const hop_stored *f = hop_table_get(&d->index, path);
    if (f && (f->is_whole || f->part_count > 0)) {
        *out = reader_of(d, f);
        return HOP_OK;
    }
    hop_piece piece = {0};
    hop_status s = HOP_E_NOT_FOUND;
    for (size_t i = 0; i < d->directory_count && s == HOP_E_NOT_FOUND; i++) {
        int fd = -1;
        hop_error_drop(err);
        piece.directory = i;
        s = hop_open_beneath(&d->directories[i], path, &fd, &piece.size_bytes, err);
        if (fd >= 0)
            close(fd);
    }
    if (s != HOP_OK)
        return s;
    hop_media_reader *r =
        hop_media_reader_new(d, path, (const hop_piece *const[]){&piece}, 1);
    r->own = piece;
    r->own.name = hop_strdup(path);
    r->pieces[0] = &r->own;
    *out = r;
    return HOP_OK;
}

static hop_status read_all(hop_media_reader *r, hop_buf *out, hop_error **err)
{
    if (r->size_bytes > out->max - out->len)
        return hop_error_set(err, HOP_E_LIMIT,
                             "read %s: it has %llu bytes, the limit is %zu", r->path,
                             (unsigned long long)r->size_bytes, out->max);
    char chunk[64 * 1024];
    uint64_t at = 0;
    for (;;) {
        size_t got = 0;
        hop_status s = hop_media_reader_read(r, at, chunk, sizeof(chunk), &got, err);
        if (s != HOP_OK || got == 0)
            return s;
        hop_buf_add(out, chunk, got);
        at += got;
    }
}

hop_status hop_media_disk_read_file(const hop_media_disk *d, const char *path,
                                    hop_buf *out, hop_error **err)
{
    HOP_AUTO(hop_media_reader) r = NULL;
    hop_status s = hop_media_disk_open_file(d, path, &r, err);
    return s == HOP_OK ? read_all(r, out, err) : s;
}

hop_status hop_media_disk_read_blob(const hop_media_disk *d, const hop_digest *digest,
                                    hop_buf *out, hop_error **err)
{
    HOP_AUTO(hop_media_reader) r = NULL;
    hop_status s = hop_media_disk_open_blob(d, digest, &r, err);
    if (s == HOP_OK)
        s = read_all(r, out, err);
    if (s != HOP_OK)
        return s;
    hop_digest found = hop_digest_of(hop_buf_get(out), out->len);
    if (hop_digest_is_equal(&found, digest))
        return HOP_OK;
    return hop_error_set(err, HOP_E_DIGEST, "%s/%s: its digest is %s",
                         d->directories[0].path, r->path, found.text);
}
