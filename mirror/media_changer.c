/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Volumes that are put into one drive, one after the other.
 *
 * Changing takes a person a minute, so it is done as seldom as possible: what is small
 * (lists, documents, manifests, signatures) is kept when it is first seen, parts of blobs
 * when the volume with the next part is about to come. What is kept lies in one temporary
 * file without a name.
 */
#include "endpoint.h"
#include "media_disk.h"
#include "spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_VOLUMES 99999u
#define MAX_CHANGES 3 /* for one volume, until it is the right one */
#define SMALL_BLOB_BYTES (256 * HOP_KIB)
#define SMALL_FILE_BYTES (64 * HOP_MIB)
#define SMALL_ALL_BYTES (4096 * (uint64_t)HOP_MIB) /* of hostile media; then: no more */
#define BUFFER_BYTES ((size_t)1024 * 1024)

struct hop_changer {
    hop_media_drive drive;
    char *tmp_dir;
    unsigned present; /* the volume that is there; 0: unknown */
    uint64_t *sizes;  /* of volumes, by number - 1 */
    size_t size_count, size_cap;
    hop_spool *kept;
    uint64_t kept_end, small_bytes;
    uint64_t done, total; /* of the first reading */
    bool is_ended;        /* not by the volume's fault */
    char *buffer;
};

hop_status hop_changer_new(const hop_media_drive *drive, struct hop_changer **out,
                           hop_error **err)
{
    struct hop_changer *c = hop_alloc(1, sizeof(*c));
    *out = c;
    c->drive = *drive;
    c->tmp_dir = hop_strdup(drive->tmp_dir ? drive->tmp_dir : "/tmp");
    c->buffer = hop_alloc(BUFFER_BYTES, 1);
    return hop_spool_new(c->tmp_dir, &c->kept, err);
}

void hop_changer_free(struct hop_changer *c)
{
    if (!c)
        return;
    hop_spool_free(c->kept);
    free(c->sizes);
    free(c->tmp_dir);
    free(c->buffer);
    free(c);
}

bool hop_changer_is_ended(const hop_media_disk *d)
{
    return d->changer && d->changer->is_ended;
}

int hop_changer_get_kept(const hop_media_disk *d)
{
    return hop_spool_get_fd(d->changer->kept);
}

/* ---- which volume is there ---- */

static char *name_of(unsigned number)
{
    return hop_sprintf("oc-hop.%03u.tar", number);
}

/* Another one of the same name would be found out at each of its blobs, one by one. */
static hop_status compare(const hop_media_disk *d, unsigned number, int fd, uint64_t size,
                          hop_error **err)
{
    const struct hop_changer *c = d->changer;
    HOP_AUTO_STR path = hop_sprintf("volumes/oc-hop.%03u.json", number);
    const hop_stored *list = hop_table_get(&d->index, path);
    if (number > c->size_count) /* it is seen for the first time */
        return HOP_OK;
    bool is_same = size == c->sizes[number - 1];
    if (is_same && list && list->is_whole && list->found.text[0] &&
        list->whole.piece.size_bytes <= HOP_MAX_DOCUMENT) {
        size_t len = (size_t)list->whole.piece.size_bytes;
        HOP_AUTO_STR text = hop_alloc(len + 1, 1);
        ssize_t n = pread(fd, text, len, (off_t)list->whole.piece.offset);
        hop_digest found = hop_digest_of(text, n < 0 ? 0 : (size_t)n);
        is_same = hop_digest_is_equal(&found, &list->found);
    }
    if (is_same)
        return HOP_OK;
    return hop_error_set(err, HOP_E_DIGEST,
                         "%s/oc-hop.%03u.tar is not the one that was read before",
                         d->directories[0].path, number);
}

static hop_status look(const hop_media_disk *d, unsigned number, hop_error **err)
{
    HOP_AUTO_STR name = name_of(number);
    HOP_AUTO_FD fd = -1;
    int opened = -1;
    uint64_t size = 0;
    hop_status s = hop_open_beneath(&d->directories[0], name, &opened, &size, err);
    fd = opened;
    return s == HOP_OK ? compare(d, number, fd, size, err) : s;
}

static hop_status reopen(const hop_media_disk *d, hop_error **err)
{
    hop_directory *at = &d->directories[0];
    at->fd = open(at->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (at->fd >= 0)
        return HOP_OK;
    return hop_error_set(err, HOP_E_IO, "open %s: %s", at->path, strerror(errno));
}

/* An open directory would keep the disc in the drive. */
static hop_status change(const hop_media_disk *d, unsigned number, const char *why,
                         hop_error **err)
{
    struct hop_changer *c = d->changer;
    hop_directory *at = &d->directories[0];
    c->present = 0;
    close(at->fd);
    at->fd = -1;
    hop_status s = c->drive.change(c->drive.user, number, why, err);
    hop_status reopened = reopen(d, s == HOP_OK ? err : NULL);
    c->is_ended = s != HOP_OK || reopened != HOP_OK;
    return s == HOP_OK ? reopened : s;
}

static hop_status put_in(const hop_media_disk *d, unsigned number,
                         const hop_error *before, hop_error **err)
{
    HOP_AUTO(hop_error) why = before ? hop_error_clone(before) : NULL;
    for (unsigned i = 0;; i++) {
        HOP_AUTO(hop_error) now = NULL;
        HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
        hop_status s = look(d, number, &now);
        if (s == HOP_OK) {
            d->changer->present = number;
            return HOP_OK;
        }
        if (i == MAX_CHANGES) {
            d->changer->is_ended = true;
            *err = hop_steal(&now);
            return hop_error_wrap(err, "put in volume %u", number);
        }
        /* That it is not there is no news before it was asked for. */
        if (i > 0 || s != HOP_E_NOT_FOUND) {
            hop_error_drop(&why);
            why = hop_steal(&now);
        }
        if (why)
            hop_error_join(why, &text);
        s = change(d, number, why ? hop_buf_get(&text) : NULL, err);
        if (s != HOP_OK)
            return s;
        hop_error_drop(&why);
    }
}

hop_status hop_media_disk_bring_volume(const hop_media_disk *d, unsigned number,
                                       hop_error **err)
{
    if (!d->changer || number == 0 || d->changer->present == number)
        return HOP_OK;
    return put_in(d, number, NULL, err);
}

hop_status hop_changer_bring(const hop_media_disk *d, const hop_piece *piece,
                             hop_error **err)
{
    return hop_media_disk_bring_volume(d, piece->volume, err);
}

unsigned hop_media_disk_get_volume(const hop_media_disk *d)
{
    return d->changer ? d->changer->present : 0;
}

/* ---- the first reading ---- */

static hop_status end(struct hop_changer *c, hop_status s)
{
    c->is_ended = s != HOP_OK;
    return s;
}

/* The hash of a file in parts goes on from volume to volume. */
static hop_hash *hash_of_parts(hop_media_disk *d, const char *path)
{
    hop_stored *f = NULL;
    unsigned number = 0;
    if (hop_media_disk_get_stored(d, path, &f, &number) == HOP_PATH_WHOLE)
        return NULL;
    if (number % HOP_MEDIA_MAX_PARTS ==
        0) { /* a new try: what came before is left over */
        hop_hash_free(f->hash);
        f->hash = hop_hash_new();
    } else if (number != f->hash_next) {
        hop_hash_free(hop_steal(&f->hash));
    }
    f->hash_next = number + 1;
    return f->hash;
}

static void note_found(hop_media_disk *d, const char *path, const hop_digest *found)
{
    hop_stored *f = NULL;
    unsigned number = 0;
    if (hop_media_disk_get_stored(d, path, &f, &number) == HOP_PATH_WHOLE)
        f->found = *found;
}

static hop_status copy(struct hop_changer *c, int fd, uint64_t offset, uint64_t size,
                       hop_hash *const hashes[2], hop_piece *keep, hop_error **err)
{
    uint64_t at = 0;
    if (keep)
        keep->kept_at = c->kept_end;
    while (at < size) {
        size_t want = size - at < BUFFER_BYTES ? (size_t)(size - at) : BUFFER_BYTES;
        ssize_t n = pread(fd, c->buffer, want, (off_t)(offset + at));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return hop_error_set(err, HOP_E_IO, "%s",
                                 n < 0 ? strerror(errno) : "it ends in the middle");
        for (size_t i = 0; i < 2; i++)
            if (hashes[i])
                hop_hash_update(hashes[i], c->buffer, (size_t)n);
        hop_status s =
            keep ? hop_spool_write(c->kept, c->kept_end, c->buffer, (size_t)n, err)
                 : HOP_OK;
        if (s != HOP_OK)
            return end(c, s);
        at += (uint64_t)n;
        c->kept_end += keep ? (uint64_t)n : 0;
    }
    return HOP_OK;
}

/* Clients are large, and nothing but their hash is asked for. */
static bool is_small(const char *path, uint64_t size)
{
    if (hop_has_prefix(path, "blobs/"))
        return size <= SMALL_BLOB_BYTES && hop_media_disk_is_blob(path) &&
               !strchr(path, '.');
    return size <= SMALL_FILE_BYTES && !hop_has_prefix(path, "clients/");
}

hop_status hop_changer_take(hop_media_disk *d, int fd, hop_member_sum *sum,
                            hop_piece *piece, hop_error **err)
{
    struct hop_changer *c = d->changer;
    uint64_t size = piece->size_bytes;
    bool is_kept =
        is_small(sum->member, size) && size <= SMALL_ALL_BYTES - c->small_bytes;
    bool is_hashed =
        c->drive.reading == HOP_MEDIA_READ_ALL || !hop_has_prefix(sum->member, "blobs/");
    c->done = c->total - (c->sizes[c->size_count - 1] - piece->offset);
    hop_status s =
        c->drive.tick ? c->drive.tick(c->drive.user, c->done, c->total, err) : HOP_OK;
    if (s != HOP_OK)
        return end(c, s);
    if (!is_kept && !is_hashed)
        return HOP_OK;
    HOP_AUTO(hop_hash) own = is_hashed ? hop_hash_new() : NULL;
    hop_hash *const hashes[2] = {own, is_hashed ? hash_of_parts(d, sum->member) : NULL};
    s = copy(c, fd, piece->offset, size, hashes, is_kept ? piece : NULL, err);
    if (s != HOP_OK)
        return c->is_ended
                   ? s
                   : hop_error_wrap(err, "read %s: %s", sum->piece.name, sum->member);
    if (is_kept) {
        piece->kept = HOP_KEPT_FOR_GOOD;
        c->small_bytes += size;
        sum->piece.kept = piece->kept;
        sum->piece.kept_at = piece->kept_at;
    }
    if (is_hashed) {
        sum->found = hop_hash_finish(own);
        note_found(d, sum->member, &sum->found);
    }
    return HOP_OK;
}

static hop_status note_size(hop_media_disk *d, unsigned number, hop_error **err)
{
    struct hop_changer *c = d->changer;
    HOP_AUTO_STR name = name_of(number);
    HOP_AUTO_FD fd = -1;
    int opened = -1;
    uint64_t size = 0;
    hop_status s = hop_open_beneath(&d->directories[0], name, &opened, &size, err);
    fd = opened;
    c->sizes = hop_grow(c->sizes, c->size_count, &c->size_cap, sizeof(*c->sizes));
    c->sizes[c->size_count++] = size;
    c->total += size;
    hop_strings_take(&d->volumes, &name);
    return s;
}

static hop_status read_one(hop_media_disk *d, unsigned number, hop_volume_order *order,
                           hop_error **bad, hop_error **err)
{
    hop_error_drop(bad);
    hop_status s = note_size(d, number, err);
    if (s == HOP_OK)
        s = hop_media_disk_read_volume(d, 0, d->volumes.items[number - 1], number, order,
                                       err);
    if (s == HOP_OK || d->changer->is_ended)
        return s;
    *bad = hop_error_clone(*err);
    hop_media_disk_refuse(d, err);
    return HOP_OK;
}

/* What is not in volumes would wait for a volume that nobody has. */
static hop_status expect_volumes(const hop_media_disk *d, hop_error **err)
{
    static const char *const others[] = {HOP_MEDIA_DOCUMENT, "v2", "blobs"};
    for (size_t i = 0; i < HOP_COUNT_OF(others); i++) {
        struct stat st;
        if (fstatat(d->directories[0].fd, others[i], &st, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        return hop_error_set(err, HOP_E_USAGE,
                             "%s: there is %s, which is no volume: only volumes are read "
                             "one after the other",
                             d->directories[0].path, others[i]);
    }
    return HOP_OK;
}

/* A volume that cannot be read does not say either that it is the last one: the next one
 * is asked for, and when it does not come, there may be none. */
static hop_status is_the_end(hop_media_disk *d, const hop_error *bad, hop_status s,
                             bool *out, hop_error **err)
{
    *out = bad && s != HOP_OK && s != HOP_E_CANCELLED && d->directories[0].fd >= 0;
    if (!*out)
        return s;
    d->changer->is_ended = false;
    hop_error_drop(err);
    return HOP_OK;
}

hop_status hop_changer_scan(hop_media_disk *d, hop_error **err)
{
    hop_volume_order order = {0};
    HOP_AUTO(hop_error) bad = NULL;
    bool is_end = false;
    hop_status s = expect_volumes(d, err);
    for (unsigned n = 1; s == HOP_OK && !order.is_last && !is_end; n++) {
        if (n > MAX_VOLUMES)
            s = hop_error_set(err, HOP_E_LIMIT, "more than %u volumes", MAX_VOLUMES);
        if (s == HOP_OK)
            s = is_the_end(d, bad, put_in(d, n, bad, err), &is_end, err);
        if (s == HOP_OK && !is_end)
            s = read_one(d, n, &order, &bad, err);
    }
    free(order.set);
    return s;
}

/* ---- what a blob still needs ---- */

typedef struct span {
    unsigned first, last; /* volumes of what is not kept; 0 without */
} span;

static void widen(span *s, const hop_piece *p)
{
    if (p->kept || p->volume == 0)
        return;
    if (s->first == 0 || p->volume < s->first)
        s->first = p->volume;
    if (p->volume > s->last)
        s->last = p->volume;
}

static hop_stored *stored_of(const hop_media_disk *d, const hop_digest *digest)
{
    HOP_AUTO_STR path = hop_media_blob_path(digest);
    return hop_table_get(&d->index, path);
}

static span span_of(const hop_media_disk *d, const hop_digest *digest)
{
    span s = {0};
    const hop_stored *f = d->changer ? stored_of(d, digest) : NULL;
    if (f && f->is_whole)
        widen(&s, &f->whole.piece);
    for (size_t i = 0; f && !f->is_whole && i < f->part_count; i++)
        widen(&s, &f->parts[i].piece);
    return s;
}

bool hop_media_disk_must_change(const hop_media_disk *d, const hop_digest *digest)
{
    span s = span_of(d, digest);
    return s.first != 0 && (s.first != d->changer->present || s.last != s.first);
}

unsigned hop_media_disk_next_volume(const hop_media_disk *d, const hop_digest *digest)
{
    return span_of(d, digest).first;
}

static hop_status keep_piece(const hop_media_disk *d, hop_piece *p, hop_media_keeping how,
                             hop_error **err)
{
    static hop_hash *const none[2] = {0};
    HOP_AUTO_FD fd = -1;
    int opened = -1;
    uint64_t size = 0;
    if (p->kept || p->volume == 0 ||
        (how == HOP_MEDIA_KEEP_FOR_NOW && p->volume != d->changer->present))
        return HOP_OK;
    hop_status s = hop_changer_bring(d, p, err);
    if (s == HOP_OK)
        s = hop_open_beneath(&d->directories[0], p->name, &opened, &size, err);
    fd = opened;
    if (s == HOP_OK)
        s = copy(d->changer, fd, p->offset, p->size_bytes, none, p, err);
    if (s == HOP_OK)
        p->kept = how == HOP_MEDIA_KEEP_ALL ? HOP_KEPT_FOR_GOOD : HOP_KEPT_FOR_NOW;
    return s;
}

hop_status hop_media_disk_keep(const hop_media_disk *d, const hop_digest *digest,
                               hop_media_keeping how, hop_error **err)
{
    hop_stored *f = d->changer ? stored_of(d, digest) : NULL;
    hop_status s = HOP_OK;
    if (f && f->is_whole)
        return keep_piece(d, &f->whole.piece, how, err);
    for (size_t i = 0; f && s == HOP_OK && i < f->part_count; i++)
        s = keep_piece(d, &f->parts[i].piece, how, err);
    return s;
}

/* Gives the room back where the file system can. */
static void drop_piece(const hop_media_disk *d, hop_piece *p)
{
    if (p->kept != HOP_KEPT_FOR_NOW)
        return;
    p->kept = HOP_KEPT_NOT;
    if (p->size_bytes > 0)
        (void)!fallocate(hop_changer_get_kept(d),
                         FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)p->kept_at,
                         (off_t)p->size_bytes);
}

void hop_media_disk_drop(const hop_media_disk *d, const hop_digest *digest)
{
    hop_stored *f = d->changer ? stored_of(d, digest) : NULL;
    for (size_t i = 0; f && i < f->part_count; i++)
        drop_piece(d, &f->parts[i].piece);
    if (f)
        drop_piece(d, &f->whole.piece);
}
