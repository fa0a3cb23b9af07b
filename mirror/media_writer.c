/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hop_file.h"
#include "hop_signature.h"
#include "media_sink.h"
#include "media_stock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define LAYOUT_FILE "{\"imageLayoutVersion\":\"1.0.0\"}"
#define FAT_LIMIT (((uint64_t)1 << 32) - 1)
/* statfs(2), "f_type" */
#define FAT_MAGIC 0x4d44
#define FUSE_MAGIC 0x65735546
/* For the small files, and what a file system needs for itself. */
#define SPARE_BYTES (1 * HOP_MIB)
/* For a member of a volume in its list and its line of sums; and for a few lists. */
#define LISTED_BYTES 512
#define SPARE_LIST_BYTES (64 * HOP_KIB)

char *hop_media_writer_path(const hop_media_writer *w, const char *relative)
{
    return hop_sprintf("%s/%s", w->path, relative);
}

static hop_status fail(hop_error **err, const char *verb, const char *path)
{
    int e = errno;
    return hop_error_set(err, hop_status_of_errno(e), "%s %s: %s", verb, path,
                         strerror(e));
}

/* ---- opening ---- */

static bool exists(const hop_media_writer *w, const char *relative)
{
    struct stat st;
    HOP_AUTO_STR path = hop_media_writer_path(w, relative);
    return lstat(path, &st) == 0;
}

/* What an empty file system brings along is no one's data. */
static bool is_accident(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
           strcmp(name, "lost+found") == 0 || strcmp(name, HOP_MEDIA_LOCK) == 0 ||
           strcmp(name, "System Volume Information") == 0;
}

static bool may_stay(const char *name, bool is_for_volumes)
{
    return is_accident(name) || (is_for_volumes && hop_has_prefix(name, "oc-hop."));
}

/* It was media of this kind before. */
static bool is_ours(const hop_media_writer *w, bool is_for_volumes)
{
    if (w->format == HOP_MEDIA_FORMAT_STOCK)
        return exists(w, HOP_STOCK_COMPONENTS);
    return !is_for_volumes && exists(w, "oci-layout");
}

static hop_status check_place(const hop_media_writer *w, bool is_for_volumes,
                              hop_error **err)
{
    if (is_ours(w, is_for_volumes))
        return HOP_OK;
    DIR *dir = opendir(w->path);
    if (!dir)
        return fail(err, "open", w->path);
    HOP_AUTO_STR stranger = NULL;
    for (const struct dirent *e = NULL; !stranger && (e = readdir(dir));)
        if (!may_stay(e->d_name, is_for_volumes))
            stranger = hop_strdup(e->d_name);
    (void)closedir(dir);
    if (!stranger)
        return HOP_OK;
    hop_status s = hop_error_set(err, HOP_E_USAGE,
                                 "%s has \"%s\" and is not media of oc-hop: not touched",
                                 w->path, stranger);
    hop_error_hint(err, "name an empty or a new directory");
    return s;
}

static hop_status take_lock(hop_media_writer *w, hop_error **err)
{
    HOP_AUTO_STR path = hop_media_writer_path(w, HOP_MEDIA_LOCK);
    w->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (w->lock_fd < 0)
        return fail(err, "create", path);
    if (flock(w->lock_fd, LOCK_EX | LOCK_NB) == 0)
        return HOP_OK;
    if (errno != EWOULDBLOCK)
        return fail(err, "lock", path);
    return hop_error_set(err, HOP_E_IO, "another oc-hop is writing to %s", w->path);
}

/* The longest file: what the process may write, and what the file system bears. Behind
 * FUSE there may be a FAT. */
static uint64_t find_limit(const hop_media_writer *w)
{
    uint64_t limit = INT64_MAX;
    struct statfs fs;
    if (statfs(w->path, &fs) == 0 &&
        ((unsigned long)fs.f_type == FAT_MAGIC || (unsigned long)fs.f_type == FUSE_MAGIC))
        limit = FAT_LIMIT;
    struct rlimit r;
    if (getrlimit(RLIMIT_FSIZE, &r) == 0 && r.rlim_cur != RLIM_INFINITY &&
        r.rlim_cur < limit)
        limit = r.rlim_cur;
    return limit > 0 ? limit : 1;
}

static hop_status make_places(const hop_media_writer *w, hop_error **err)
{
    static const char *const names[] = {"partial", "blobs/sha256", "blobs/sha512"};
    hop_status s = HOP_OK;
    for (size_t i = 0; s == HOP_OK && i < HOP_COUNT_OF(names); i++) {
        HOP_AUTO_STR path = hop_media_writer_path(w, names[i]);
        s = hop_dir_make(path, err);
    }
    if (s != HOP_OK || exists(w, "oci-layout"))
        return s;
    HOP_AUTO_STR path = hop_media_writer_path(w, "oci-layout");
    return hop_file_write(path, LAYOUT_FILE, strlen(LAYOUT_FILE), err);
}

static void copy_since(const hop_inventory *from, hop_inventory *to)
{
    to->digest = from->digest;
    for (size_t i = 0; i < from->has.len; i++)
        hop_media_items_add(&to->has, &from->has.items[i].digest,
                            from->has.items[i].size_bytes);
}

static hop_status open_volumes(hop_media_writer *w, const hop_media_writer_opts *opts,
                               hop_error **err)
{
    hop_volumes_opts o = {.dir = w->path,
                          .size_bytes = opts->volume_bytes,
                          .command = opts->volume_command,
                          .seed = opts->seed};
    return hop_volumes_open(&o, &w->volumes, err);
}

static hop_status open_places(hop_media_writer *w, const hop_media_writer_opts *opts,
                              hop_error **err)
{
    if (opts->volume_bytes)
        return open_volumes(w, opts, err);
    return w->format == HOP_MEDIA_FORMAT_STOCK ? hop_stock_prepare(w, err)
                                               : make_places(w, err);
}

/* A key that cannot sign is better known before the transfer than after it. */
static hop_status try_key(hop_media_writer *w, const hop_media_writer_opts *opts,
                          hop_error **err)
{
    HOP_AUTO_VALUE(hop_buf) ignored = hop_buf_init(HOP_BUF_TEXT);
    w->signing_key = opts->signing_key;
    w->now_s = opts->now_s;
    return w->signing_key
               ? hop_signature_sign(w->signing_key, w->now_s, "-", 1, &ignored, err)
               : HOP_OK;
}

hop_status hop_media_writer_open(const hop_media_writer_opts *opts,
                                 hop_media_writer **out, hop_error **err)
{
    HOP_AUTO(hop_media_writer) w = hop_alloc(1, sizeof(*w));
    w->path = hop_strdup(opts->path);
    w->lock_fd = -1;
    w->format = opts->format;
    if (opts->since)
        copy_since(opts->since, &w->since);
    hop_status s = try_key(w, opts, err);
    if (s == HOP_OK)
        s = hop_dir_make(w->path, err);
    if (s == HOP_OK)
        s = check_place(w, opts->volume_bytes > 0, err);
    if (s == HOP_OK)
        s = take_lock(w, err);
    if (s == HOP_OK)
        s = open_places(w, opts, err);
    if (s != HOP_OK)
        return s == HOP_E_USAGE ? s : hop_error_wrap(err, "prepare media %s", opts->path);
    w->max_file_bytes = opts->max_file_bytes ? opts->max_file_bytes : find_limit(w);
    *out = hop_steal(&w);
    return HOP_OK;
}

void hop_media_writer_free(hop_media_writer *w)
{
    if (!w)
        return;
    if (w->lock_fd >= 0)
        (void)close(w->lock_fd);
    hop_inventory_clear(&w->since);
    hop_volumes_free(w->volumes);
    for (size_t i = 0; i < w->spool_count; i++)
        hop_spool_free(w->spools[i]);
    free(w->spools);
    hop_table_clear(&w->kept);
    free(w->path);
    free(w);
}

hop_status hop_media_writer_read(const hop_media_writer *w, hop_media *out,
                                 hop_error **err)
{
    if (w->volumes || !exists(w, HOP_MEDIA_DOCUMENT))
        return HOP_OK;
    HOP_AUTO_STR path = hop_media_writer_path(w, HOP_MEDIA_DOCUMENT);
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_MAX_DOCUMENT);
    hop_status s = hop_file_read(path, &text, err);
    return s == HOP_OK ? hop_media_parse(hop_buf_get(&text), text.len, path, out, err)
                       : s;
}

/* ---- what is there, and what would fit ---- */

bool hop_media_writer_omits(const hop_media_writer *w, const hop_digest *digest)
{
    return hop_media_items_has(&w->since.has, digest);
}

/* What a command takes away leaves the room for the next: one volume, the lists that stay
 * here, and the sums of the one that is being written. */
static uint64_t count_volume_bytes(const hop_volumes *v, uint64_t size_bytes,
                                   uint64_t files)
{
    uint64_t members = 0, lists = 0, needed = hop_volumes_get_room(v);
    if (!hop_add_u64(size_bytes, size_bytes / 256 + SPARE_BYTES, &size_bytes))
        size_bytes = UINT64_MAX;
    if (size_bytes < needed)
        needed = size_bytes;
    if (!hop_add_u64(files, 2 * (size_bytes / HOP_VOLUME_PIECE_BYTES), &members) ||
        !hop_mul_u64(members, LISTED_BYTES, &lists) ||
        !hop_add_u64(needed, lists, &needed) ||
        !hop_add_u64(needed, SPARE_LIST_BYTES, &needed))
        return UINT64_MAX;
    return needed;
}

static uint64_t count_bytes(const hop_media_writer *w, uint64_t size_bytes,
                            uint64_t files, uint64_t block_bytes)
{
    uint64_t rounding = 0, needed = 0;
    if (w->volumes && hop_volumes_has_command(w->volumes))
        return count_volume_bytes(w->volumes, size_bytes, files);
    /* Headers of pieces, at most. */
    if (w->volumes && !hop_add_u64(size_bytes, size_bytes / 256, &size_bytes))
        size_bytes = UINT64_MAX;
    if (!hop_mul_u64(files, block_bytes, &rounding) ||
        !hop_add_u64(size_bytes, rounding, &needed) ||
        !hop_add_u64(needed, SPARE_BYTES, &needed))
        return UINT64_MAX;
    return needed;
}

static hop_status check_room(const char *verb, const char *dir, uint64_t needed,
                             hop_error **err)
{
    struct statvfs fs;
    if (statvfs(dir, &fs) != 0)
        return fail(err, "ask for the free space of", dir);
    uint64_t free_bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
    if (needed <= free_bytes)
        return HOP_OK;
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    hop_buf_adds(&text, "it needs ");
    hop_buf_add_size(&text, needed);
    hop_buf_addf(&text, " (%llu bytes) more, and ", (unsigned long long)needed);
    hop_buf_add_size(&text, free_bytes);
    hop_buf_adds(&text, " are free");
    return hop_error_set(err, HOP_E_DISK, "%s %s: %s", verb, dir, hop_buf_get(&text));
}

static bool is_one_disk(const char *a, const char *b)
{
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev;
}

static hop_status check_copies(const hop_media_need *need, hop_error **err)
{
    hop_status s =
        check_room("keep layers of clients in", need->tmp_dir, need->copy_bytes, err);
    if (s == HOP_E_DISK)
        hop_error_hint(err, "TMPDIR names another directory for temporary files; with "
                            "--no-client these are not needed");
    return s;
}

hop_status hop_media_writer_check_space(const hop_media_writer *w,
                                        const hop_media_need *need, hop_error **err)
{
    struct statvfs fs;
    if (statvfs(w->path, &fs) != 0)
        return fail(err, "ask for the free space of", w->path);
    uint64_t needed = count_bytes(w, need->size_bytes, need->files, fs.f_frsize);
    bool is_one = need->copy_bytes > 0 && is_one_disk(w->path, need->tmp_dir);
    if (is_one && !hop_add_u64(needed, need->copy_bytes, &needed))
        needed = UINT64_MAX;
    hop_status s = check_room("write to", w->path, needed, err);
    if (s == HOP_E_DISK)
        hop_error_hint(err, w->volumes && hop_volumes_has_command(w->volumes)
                                ? "free some space, or write smaller volumes"
                                : "free some space, use a larger disk, or leave out what "
                                  "the far side has with --since");
    return s == HOP_OK && need->copy_bytes > 0 && !is_one ? check_copies(need, err) : s;
}

/* ---- small files ---- */

static hop_status write_small(const hop_media_writer *w, const char *path,
                              const void *data, size_t len, hop_error **err)
{
    if (w->volumes)
        return hop_volumes_add_file(w->volumes, path, data, len, err);
    HOP_AUTO_STR full = hop_media_writer_path(w, path);
    char *slash = strrchr(full, '/');
    *slash = '\0';
    hop_status s = hop_dir_make(full, err);
    *slash = '/';
    /* Not hop_file_write(): its temporary name would stand among what the media lists
     * when the power goes. */
    HOP_AUTO_STR partial = hop_media_writer_path(w, "partial/file");
    if (s == HOP_OK)
        s = hop_file_write(partial, data, len, err);
    if (s == HOP_OK && rename(partial, full) != 0)
        s = fail(err, "rename into", full);
    return s;
}

hop_status hop_media_writer_add_file(hop_media_writer *w, hop_media *media,
                                     const char *path, const void *data, size_t len,
                                     hop_error **err)
{
    if (!hop_media_path_is_safe(path))
        return hop_error_set(err, HOP_E_USAGE,
                             "\"%s\" is no name for a file on removable media", path);
    hop_status s = write_small(w, path, data, len, err);
    if (s == HOP_OK)
        hop_media_files_add(&media->files, path, data, len);
    return s;
}

/* ---- the end ---- */

/* Files are flushed before they get their names; the names are on disk only when their
 * directories are, and there are many of these. */
static hop_status sync_names(const hop_media_writer *w, hop_error **err)
{
    return syncfs(w->lock_fd) == 0 ? HOP_OK : fail(err, "flush", w->path);
}

/* What is left in partial/ belongs to blobs that failed; an empty one goes away. */
static void remove_empty(const hop_media_writer *w)
{
    static const char *const names[] = {"partial", "blobs/sha512"};
    for (size_t i = 0; i < HOP_COUNT_OF(names); i++) {
        HOP_AUTO_STR path = hop_media_writer_path(w, names[i]);
        (void)rmdir(path);
    }
}

/* Without a key a signature of an earlier run would be over another document. */
static hop_status sign_document(const hop_media_writer *w, const hop_buf *document,
                                hop_error **err)
{
    HOP_AUTO_VALUE(hop_buf) signature = hop_buf_init(HOP_BUF_TEXT);
    HOP_AUTO_STR path = hop_media_writer_path(w, HOP_MEDIA_SIGNATURE);
    if (!w->signing_key) {
        if (!w->volumes && unlink(path) != 0 && errno != ENOENT)
            return fail(err, "remove", path);
        return HOP_OK;
    }
    /* It is over the same document, as was seen just now. */
    if (w->volumes && hop_volumes_is_ended(w->volumes))
        return HOP_OK;
    hop_status s = hop_signature_sign(w->signing_key, w->now_s, document->data,
                                      document->len, &signature, err);
    return s == HOP_OK
               ? write_small(w, HOP_MEDIA_SIGNATURE, signature.data, signature.len, err)
               : hop_error_wrap(err, "sign " HOP_MEDIA_DOCUMENT);
}

static hop_status write_documents(hop_media_writer *w, hop_media *media, hop_error **err)
{
    HOP_AUTO_VALUE(hop_buf) index = hop_buf_init(HOP_BUF_TEXT);
    HOP_AUTO_VALUE(hop_buf) document = hop_buf_init(HOP_BUF_TEXT);
    HOP_AUTO_VALUE(hop_buf) sums = hop_buf_init(HOP_BUF_TEXT);
    media->base = w->since.digest;
    hop_media_write_index(media, &index);
    hop_media_files_add(&media->files, "oci-layout", LAYOUT_FILE, strlen(LAYOUT_FILE));
    hop_media_files_add(&media->files, "index.json", index.data, index.len);
    hop_media_write(media, &document);
    hop_media_write_sums(media, document.data, document.len, &sums);
    hop_status s = HOP_OK;
    if (w->volumes)
        s = write_small(w, "oci-layout", LAYOUT_FILE, strlen(LAYOUT_FILE), err);
    if (s == HOP_OK)
        s = write_small(w, "index.json", index.data, index.len, err);
    if (s == HOP_OK)
        s = write_small(w, HOP_MEDIA_SUMS, sums.data, sums.len, err);
    if (s == HOP_OK)
        s = sync_names(w, err);
    /* Last of all: from here on the media is what it says. */
    if (s == HOP_OK)
        s = write_small(w, HOP_MEDIA_DOCUMENT, document.data, document.len, err);
    return s == HOP_OK ? sign_document(w, &document, err) : s;
}

static hop_status finish_stock(hop_media_writer *w, hop_media *media, hop_error **err)
{
    HOP_AUTO_VALUE(hop_buf) sums = hop_buf_init(HOP_BUF_TEXT);
    hop_media_write_sums(media, NULL, 0, &sums);
    hop_status s = sync_names(w, err);
    if (s == HOP_OK && sums.len > 0)
        s = write_small(w, HOP_MEDIA_SUMS, sums.data, sums.len, err);
    if (s == HOP_OK)
        s = hop_stock_finish(w, media, err);
    remove_empty(w);
    if (s == HOP_OK)
        s = sync_names(w, err);
    return s == HOP_OK ? s : hop_error_wrap(err, "finish media %s", w->path);
}

hop_status hop_media_writer_finish(hop_media_writer *w, hop_media *media, hop_error **err)
{
    if (w->format == HOP_MEDIA_FORMAT_STOCK)
        return finish_stock(w, media, err);
    hop_status s = write_documents(w, media, err);
    if (s == HOP_OK && w->volumes)
        s = hop_volumes_finish(w->volumes, err);
    remove_empty(w);
    if (s == HOP_OK)
        s = sync_names(w, err);
    return s == HOP_OK ? s : hop_error_wrap(err, "finish media %s", w->path);
}
