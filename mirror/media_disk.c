/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "media_disk.h"
#include "media_stock.h"
#include "media_stock_read.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PART_DIGITS 6
#define HEX_LEN 64
#define BLOBS "blobs/sha256"

/* ---- the index ---- */

static hop_stored *stored_at(hop_media_disk *d, const char *path)
{
    hop_stored *f = hop_table_get(&d->index, path);
    if (f)
        return f;
    f = hop_alloc(1, sizeof(*f));
    f->path = hop_strdup(path);
    hop_table_set(&d->index, path, f);
    d->stored =
        hop_grow(d->stored, d->stored_count, &d->stored_cap, sizeof(hop_stored *));
    d->stored[d->stored_count++] = f;
    return f;
}

static void put_piece(hop_part *part, unsigned number, hop_piece *piece)
{
    free(part->piece.name);
    *part = (hop_part){.number = number, .piece = *piece};
    *piece = (hop_piece){0};
}

static void put_part(hop_stored *f, unsigned number, hop_piece *piece)
{
    for (size_t i = 0; i < f->part_count; i++) {
        if (f->parts[i].number == number) {
            put_piece(&f->parts[i], number, piece);
            return;
        }
    }
    f->parts = hop_grow(f->parts, f->part_count, &f->part_cap, sizeof(*f->parts));
    f->parts[f->part_count] = (hop_part){0};
    put_piece(&f->parts[f->part_count++], number, piece);
}

/* "PATH.TNNNNN": the length of what comes before the dot, and the number. */
static bool read_part_name(const char *path, size_t *stem, unsigned *number)
{
    const char *dot = strrchr(path, '.');
    if (!dot || dot == path || strlen(dot) != 1 + PART_DIGITS ||
        strspn(dot + 1, "0123456789") != PART_DIGITS)
        return false;
    *stem = (size_t)(dot - path);
    *number = (unsigned)strtoul(dot + 1, NULL, 10);
    return true;
}

bool hop_media_disk_is_blob(const char *path)
{
    size_t stem = strlen(path);
    unsigned number = 0;
    if (!hop_has_prefix(path, BLOBS "/"))
        return false;
    const char *name = path + sizeof(BLOBS);
    size_t hex = strspn(name, "0123456789abcdef");
    return hex == HEX_LEN &&
           (name[hex] == '\0' ||
            (read_part_name(path, &stem, &number) && path + stem == name + HEX_LEN));
}

hop_path_kind hop_media_disk_get_stored(hop_media_disk *d, const char *path,
                                        hop_stored **out, unsigned *number)
{
    size_t stem = 0;
    *number = 0;
    if (!read_part_name(path, &stem, number)) {
        *out = stored_at(d, path);
        return HOP_PATH_WHOLE;
    }
    HOP_AUTO_STR whole = hop_strndup(path, stem);
    *out = stored_at(d, whole);
    return HOP_PATH_PART;
}

void hop_media_disk_note(hop_media_disk *d, const char *path, hop_piece *piece)
{
    hop_stored *f = NULL;
    unsigned number = 0;
    if (hop_media_disk_get_stored(d, path, &f, &number) == HOP_PATH_PART) {
        put_part(f, number, piece);
        return;
    }
    put_piece(&f->whole, 0, piece);
    f->is_whole = true;
}

static int by_number(const void *a, const void *b)
{
    unsigned x = ((const hop_part *)a)->number, y = ((const hop_part *)b)->number;
    return (x > y) - (x < y);
}

/* The parts of the highest try, from the first on without a gap: those of lower tries
 * were given up. */
static void settle_parts(hop_stored *f)
{
    if (f->part_count == 0)
        return;
    qsort(f->parts, f->part_count, sizeof(*f->parts), by_number);
    unsigned next =
        f->parts[f->part_count - 1].number / HOP_MEDIA_MAX_PARTS * HOP_MEDIA_MAX_PARTS;
    size_t keep = 0;
    for (size_t i = 0; i < f->part_count; i++) {
        if (f->parts[i].number == next) {
            hop_part part = f->parts[i];
            f->parts[i] = f->parts[keep];
            f->parts[keep++] = part;
            next++;
        }
    }
    for (size_t i = keep; i < f->part_count; i++)
        free(f->parts[i].piece.name);
    f->part_count = keep;
    if (f->hash && f->hash_next == next && !f->is_whole)
        f->found = hop_hash_finish(f->hash);
}

/* ---- what stands in blobs/sha256 ---- */

static void refuse(hop_media_disk *d, const hop_directory *at, const char *name,
                   const char *why)
{
    char *text = hop_sprintf("%s/" BLOBS "/%s: %s", at->path, name, why);
    hop_strings_take(&d->refused, &text);
}

static void note_entry(hop_media_disk *d, size_t directory, int fd, const char *name)
{
    const hop_directory *at = &d->directories[directory];
    struct stat st = {0};
    HOP_AUTO_STR path = hop_sprintf(BLOBS "/%s", name);
    if (!hop_media_disk_is_blob(path)) {
        refuse(d, at, name, "its name is no digest");
        return;
    }
    if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
        refuse(d, at, name, strerror(errno));
        return;
    }
    if (!S_ISREG(st.st_mode)) {
        refuse(d, at, name,
               S_ISLNK(st.st_mode) ? "it is a symbolic link" : "it is not a file");
        return;
    }
    hop_piece piece = {.directory = directory,
                       .name = hop_strdup(path),
                       .size_bytes = (uint64_t)st.st_size};
    hop_media_disk_note(d, path, &piece);
}

static hop_status scan_blobs(hop_media_disk *d, size_t directory, hop_error **err)
{
    const hop_directory *at = &d->directories[directory];
    HOP_AUTO_FD blobs =
        openat(at->fd, "blobs", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int fd = blobs < 0 ? -1
                       : openat(blobs, "sha256",
                                O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return HOP_OK; /* a volume, or media whose blobs are elsewhere */
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir)
        return hop_error_set(err,
                             errno == ELOOP || errno == ENOTDIR ? HOP_E_PARSE : HOP_E_IO,
                             "open %s/" BLOBS ": %s", at->path, strerror(errno));
    size_t count = 0;
    hop_status s = HOP_OK;
    const struct dirent *entry = NULL;
    while (s == HOP_OK && (entry = readdir(dir))) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (++count > HOP_MEDIA_MAX_BLOBS)
            s = hop_error_set(err, HOP_E_LIMIT, "%s/" BLOBS ": more than %zu files",
                              at->path, HOP_MEDIA_MAX_BLOBS);
        else
            note_entry(d, directory, fd, entry->d_name);
    }
    closedir(dir);
    return s;
}

/* ---- opening ---- */

static hop_status open_directories(hop_media_disk *d, const hop_strings *dirs,
                                   hop_error **err)
{
    if (dirs->len == 0 || dirs->len > HOP_MEDIA_MAX_DIRS)
        return hop_error_set(err, HOP_E_USAGE, "media in %zu directories", dirs->len);
    d->directories = hop_alloc(dirs->len, sizeof(*d->directories));
    for (size_t i = 0; i < dirs->len; i++) {
        int fd = open(dirs->items[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
            return hop_error_set(err, errno == ENOENT ? HOP_E_NOT_FOUND : HOP_E_IO,
                                 "open %s: %s", dirs->items[i], strerror(errno));
        d->directories[d->directory_count++] =
            (hop_directory){.path = hop_strdup(dirs->items[i]), .fd = fd};
    }
    return HOP_OK;
}

/* The last volume has the document: it is missing, or it cannot be read. */
static hop_status fail_without_document(const hop_media_disk *d, hop_error **err)
{
    HOP_AUTO_VALUE(hop_buf) why = hop_buf_init(HOP_BUF_TEXT);
    for (size_t i = 0; i < d->refused.len; i++)
        hop_buf_addf(&why, "; %s", d->refused.items[i]);
    return hop_error_set(err, HOP_E_NOT_FOUND,
                         "%s: there is no " HOP_MEDIA_DOCUMENT
                         ", which the last volume has%s",
                         d->directories[0].path, hop_buf_get(&why));
}

static hop_status read_document(hop_media_disk *d, hop_error **err)
{
    d->document = hop_buf_init(HOP_MAX_DOCUMENT);
    HOP_AUTO_STR name = NULL;
    const char *in = NULL;
    for (size_t i = 0; i < d->directory_count; i++) {
        HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_MAX_DOCUMENT);
        hop_media_disk one = {.directories = &d->directories[i], .directory_count = 1};
        hop_status s = hop_media_disk_read_file(&one, HOP_MEDIA_DOCUMENT, &text, err);
        if (s == HOP_E_NOT_FOUND) {
            hop_error_drop(err);
            continue;
        }
        if (s != HOP_OK)
            return s;
        if (in && (text.len != d->document.len ||
                   memcmp(hop_buf_get(&text), hop_buf_get(&d->document), text.len) != 0))
            return hop_error_set(
                err, HOP_E_PARSE,
                "%s and %s are two different media: their " HOP_MEDIA_DOCUMENT " differ",
                in, d->directories[i].path);
        if (!in)
            hop_buf_add(&d->document, hop_buf_get(&text), text.len);
        in = d->directories[i].path;
    }
    if (!in && hop_table_get(&d->index, HOP_MEDIA_DOCUMENT)) {
        hop_status s = hop_media_disk_read_file(d, HOP_MEDIA_DOCUMENT, &d->document, err);
        if (s != HOP_OK)
            return s;
        in = d->directories[0].path;
        name = hop_media_disk_file_path(d, HOP_MEDIA_DOCUMENT);
    }
    if (!in && d->volumes.len > 0)
        return fail_without_document(d, err);
    if (!in)
        return hop_stock_read(d, err);
    if (!name)
        name = hop_sprintf("%s/" HOP_MEDIA_DOCUMENT, in);
    return hop_media_parse(hop_buf_get(&d->document), d->document.len, name, &d->media,
                           err);
}

/* Once all directories were scanned. */
static hop_status settle(hop_media_disk *d, hop_error **err)
{
    for (size_t i = 0; i < d->stored_count; i++)
        settle_parts(d->stored[i]);
    hop_strings_sort(&d->refused);
    return read_document(d, err);
}

hop_status hop_media_disk_open(const hop_strings *dirs, hop_media_disk **out,
                               hop_error **err)
{
    HOP_AUTO(hop_media_disk) d = hop_alloc(1, sizeof(*d));
    hop_status s = open_directories(d, dirs, err);
    for (size_t i = 0; s == HOP_OK && i < d->directory_count; i++)
        s = scan_blobs(d, i, err);
    if (s == HOP_OK)
        s = hop_media_disk_scan_volumes(d, err);
    if (s == HOP_OK)
        s = settle(d, err);
    if (s != HOP_OK)
        return hop_error_wrap(err, "read media");
    *out = hop_steal(&d);
    return HOP_OK;
}

hop_status hop_media_disk_open_drive(const char *dir, const hop_media_drive *drive,
                                     hop_media_disk **out, hop_error **err)
{
    HOP_AUTO(hop_media_disk) d = hop_alloc(1, sizeof(*d));
    HOP_AUTO_VALUE(hop_strings) dirs = {0};
    hop_strings_add(&dirs, dir);
    hop_status s = open_directories(d, &dirs, err);
    if (s == HOP_OK)
        s = hop_changer_new(drive, &d->changer, err);
    if (s == HOP_OK)
        s = hop_changer_scan(d, err);
    if (s == HOP_OK)
        s = settle(d, err);
    if (s != HOP_OK)
        return hop_error_wrap(err, "read media");
    *out = hop_steal(&d);
    return HOP_OK;
}

void hop_media_disk_free(hop_media_disk *d)
{
    if (!d)
        return;
    for (size_t i = 0; i < d->stored_count; i++) {
        hop_stored *f = d->stored[i];
        for (size_t k = 0; k < f->part_count; k++)
            free(f->parts[k].piece.name);
        hop_hash_free(f->hash);
        free(f->whole.piece.name);
        free(f->parts);
        free(f->path);
        free(f);
    }
    free(d->stored);
    for (size_t i = 0; i < d->directory_count; i++) {
        if (d->directories[i].fd >= 0)
            close(d->directories[i].fd);
        free(d->directories[i].path);
    }
    free(d->directories);
    hop_strings_clear(&d->volumes);
    for (size_t i = 0; i < d->sum_count; i++)
        free(d->sums[i].member);
    free(d->sums);
    for (size_t i = 0; i < d->copy_count; i++)
        free(d->copies[i].piece.name);
    free(d->copies);
    hop_table_clear(&d->index);
    hop_strings_clear(&d->refused);
    hop_buf_clear(&d->document);
    hop_media_clear(&d->media);
    hop_changer_free(d->changer);
    free(d);
}

/* ---- questions ---- */

const hop_media *hop_media_disk_get_media(const hop_media_disk *d)
{
    return &d->media;
}

hop_media_format hop_media_disk_get_format(const hop_media_disk *d)
{
    return d->format;
}

const hop_buf *hop_media_disk_get_document(const hop_media_disk *d)
{
    return &d->document;
}

const hop_strings *hop_media_disk_get_refused(const hop_media_disk *d)
{
    return &d->refused;
}

static uint64_t size_of(const hop_stored *f)
{
    uint64_t total = 0;
    if (f->is_whole)
        return f->whole.piece.size_bytes;
    for (size_t i = 0; i < f->part_count; i++)
        total += f->parts[i].piece.size_bytes;
    return total;
}

void hop_media_disk_each(const hop_media_disk *d,
                         void (*each)(void *user, const hop_digest *digest,
                                      uint64_t size_bytes, const char *path),
                         void *user)
{
    for (size_t i = 0; i < d->stored_count; i++) {
        const hop_stored *f = d->stored[i];
        if (!hop_has_prefix(f->path, BLOBS "/") || (!f->is_whole && f->part_count == 0))
            continue;
        hop_digest digest = {0};
        (void)snprintf(digest.text, sizeof(digest.text), "sha256:%s",
                       f->path + sizeof(BLOBS));
        HOP_AUTO_STR path = hop_media_disk_blob_path(d, &digest);
        each(user, &digest, size_of(f), path);
    }
}

bool hop_media_disk_find(const hop_media_disk *d, const hop_digest *digest,
                         uint64_t *size_bytes)
{
    HOP_AUTO_STR path = hop_media_blob_path(digest);
    const hop_stored *f = hop_table_get(&d->index, path);
    if (!f || (!f->is_whole && f->part_count == 0))
        return false;
    *size_bytes = size_of(f);
    return true;
}

const hop_digest *hop_media_disk_get_found(const hop_media_disk *d, const char *path)
{
    const hop_stored *f = hop_table_get(&d->index, path);
    return f && f->found.text[0] ? &f->found : NULL;
}

static const hop_piece *first_piece(const hop_stored *f)
{
    if (!f)
        return NULL;
    return f->is_whole ? &f->whole.piece : f->part_count ? &f->parts[0].piece : NULL;
}

static char *name_piece(const hop_media_disk *d, const hop_piece *p, const char *path)
{
    bool is_member =
        d->format == HOP_MEDIA_FORMAT_OWN && strncmp(p->name, path, strlen(path)) != 0;
    HOP_AUTO_STR name =
        is_member ? hop_sprintf("%s: %s", p->name, path) : hop_strdup(p->name);
    if (d->directory_count == 1)
        return hop_steal(&name);
    return hop_sprintf("%s/%s", d->directories[p->directory].path, name);
}

char *hop_media_disk_blob_path(const hop_media_disk *d, const hop_digest *digest)
{
    HOP_AUTO_STR path = hop_media_blob_path(digest);
    const hop_piece *p = first_piece(hop_table_get(&d->index, path));
    if (!p && d->format == HOP_MEDIA_FORMAT_STOCK)
        return hop_stock_blob_path(digest);
    return p ? name_piece(d, p, path) : hop_steal(&path);
}

char *hop_media_disk_file_path(const hop_media_disk *d, const char *path)
{
    const hop_piece *p = first_piece(hop_table_get(&d->index, path));
    return p ? name_piece(d, p, path) : hop_strdup(path);
}
