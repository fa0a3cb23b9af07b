/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "media_stock_read.h"

#include "media_stock.h"
#include "media_stock_names.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOBS "blobs"
#define MANIFESTS "manifests"

void hop_stock_links_clear(hop_stock_links *links)
{
    for (size_t i = 0; i < links->len; i++)
        free(links->items[i].tag);
    free(links->items);
    *links = (hop_stock_links){0};
}

/* One of the four directories. */
typedef struct folder {
    hop_media_disk *disk;
    hop_table *seen; /* "DIGEST DEVICE INODE": a hard link is no second file */
    hop_stock_links *links;
    hop_media_place place;
    char *path; /* relative to the media */
    bool has_tags;
    int fd;
} folder;

static void refuse(const folder *f, const char *name, const char *why)
{
    char *text =
        hop_sprintf("%s/%s/%s: %s", f->disk->directories[0].path, f->path, name, why);
    hop_strings_take(&f->disk->refused, &text);
}

/* ---- blobs and manifests ---- */

static void note(const folder *f, const hop_digest *digest, const char *name,
                 const struct stat *st)
{
    hop_media_disk *d = f->disk;
    HOP_AUTO_STR key =
        hop_sprintf("%s %llu %llu", digest->text, (unsigned long long)st->st_dev,
                    (unsigned long long)st->st_ino);
    if (hop_table_get(f->seen, key))
        return;
    hop_table_set(f->seen, key, f->seen); /* a mark; never looked into */
    hop_piece piece = {.name = hop_sprintf("%s/%s", f->path, name),
                       .size_bytes = (uint64_t)st->st_size};
    HOP_AUTO_STR path = hop_media_blob_path(digest);
    if (!hop_table_get(&d->index, path)) {
        hop_media_disk_note(d, path, &piece);
        return;
    }
    d->copies = hop_grow(d->copies, d->copy_count, &d->copy_cap, sizeof(*d->copies));
    d->copies[d->copy_count++] = (hop_copy){.digest = *digest, .piece = piece};
}

/* ---- tags ---- */

static void add_link(const folder *f, const char *tag, const hop_digest *digest)
{
    hop_stock_links *l = f->links;
    l->items = hop_grow(l->items, l->len, &l->cap, sizeof(*l->items));
    l->items[l->len++] =
        (hop_stock_link){.place = f->place, .tag = hop_strdup(tag), .digest = *digest};
}

static void take_link(const folder *f, const char *name)
{
    char target[PATH_MAX];
    hop_digest digest = {0};
    ssize_t len = readlinkat(f->fd, name, target, sizeof(target) - 1);
    if (len < 0) {
        refuse(f, name, strerror(errno));
        return;
    }
    target[len] = '\0';
    if (hop_stock_target_read(target, &digest)) {
        add_link(f, name, &digest);
        return;
    }
    HOP_AUTO_STR why = hop_sprintf("it is a link to %s, which is no digest", target);
    refuse(f, name, why);
}

/* True when the file holds a digest and nothing else: what some tools make of links. */
static bool read_digest(const hop_buf *text, hop_digest *out)
{
    size_t len = text->len;
    while (len > 0 && isspace((unsigned char)text->data[len - 1]))
        len--;
    HOP_AUTO_STR line =
        len < PATH_MAX && len > 0 ? hop_strndup(text->data, len) : hop_strdup("");
    return hop_stock_target_read(line, out);
}

/* Media that went through a file system without links have a copy of the manifest, or the
 * link's target as text, in their place. */
static void take_file(const folder *f, const char *name, const struct stat *st)
{
    hop_directory at = {.path = f->path, .fd = f->fd};
    hop_media_disk here = {.directories = &at, .directory_count = 1};
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_MAX_MANIFEST);
    HOP_AUTO(hop_error) why = NULL;
    hop_digest digest = {0};
    if (hop_media_disk_read_file(&here, name, &text, &why) != HOP_OK) {
        refuse(f, name, hop_error_get_frame(why, 0));
        return;
    }
    if (!read_digest(&text, &digest)) {
        digest = hop_digest_of(hop_buf_get(&text), text.len);
        note(f, &digest, name, st);
    }
    add_link(f, name, &digest);
}

/* ---- one directory ---- */

static void take_entry(const folder *f, const char *name)
{
    struct stat st = {0};
    hop_digest digest = {0};
    bool is_digest = hop_stock_digest_read(name, &digest);
    if (fstatat(f->fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        refuse(f, name, strerror(errno));
    else if (is_digest && S_ISREG(st.st_mode))
        note(f, &digest, name, &st);
    else if (!is_digest && !f->has_tags)
        refuse(f, name, "its name is no digest");
    else if (!is_digest && !hop_tag_is_valid(name))
        refuse(f, name, "its name is neither a digest nor a tag");
    else if (!is_digest && S_ISLNK(st.st_mode))
        take_link(f, name);
    else if (!is_digest && S_ISREG(st.st_mode))
        take_file(f, name, &st);
    else
        refuse(f, name,
               S_ISLNK(st.st_mode) ? "it is a symbolic link" : "it is not a file");
}

/* In the order of their names: what is taken does not depend on the file system. */
static hop_status list(const folder *f, hop_strings *names, hop_error **err)
{
    int fd = openat(f->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    const char *root = f->disk->directories[0].path;
    if (!dir)
        return hop_error_set(err, HOP_E_IO, "open %s/%s: %s", root, f->path,
                             strerror(errno));
    hop_status s = HOP_OK;
    const struct dirent *entry = NULL;
    while (s == HOP_OK && (entry = readdir(dir))) {
        if (hop_stock_is_leftover(entry->d_name))
            continue;
        if (names->len >= HOP_MEDIA_MAX_BLOBS)
            s = hop_error_set(err, HOP_E_LIMIT, "%s/%s: more than %zu files", root,
                              f->path, HOP_MEDIA_MAX_BLOBS);
        else
            hop_strings_add(names, entry->d_name);
    }
    closedir(dir);
    hop_strings_sort(names);
    return s;
}

/* -1 with errno: no component is a link. */
static int open_folder(int root, const char *path)
{
    int fd = dup(root);
    while (fd >= 0 && *path) {
        size_t len = strcspn(path, "/");
        HOP_AUTO_STR name = hop_strndup(path, len);
        int next = openat(fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        int saved = errno;
        close(fd);
        errno = saved;
        fd = next;
        path += len + (path[len] == '/');
    }
    return fd;
}

static hop_status scan_folder(folder *f, bool *is_there, hop_error **err)
{
    const hop_directory *at = &f->disk->directories[0];
    f->fd = open_folder(at->fd, f->path);
    if (f->fd < 0 && errno == ENOENT)
        return HOP_OK;
    if (f->fd < 0 && (errno == ELOOP || errno == ENOTDIR))
        return hop_error_set(err, HOP_E_PARSE,
                             "open %s/%s: a symbolic link or a file stands where a "
                             "directory should be",
                             at->path, f->path);
    if (f->fd < 0)
        return hop_error_set(err, HOP_E_IO, "open %s/%s: %s", at->path, f->path,
                             strerror(errno));
    *is_there = true;
    HOP_AUTO_VALUE(hop_strings) names = {0};
    hop_status s = list(f, &names, err);
    for (size_t i = 0; s == HOP_OK && i < names.len; i++)
        take_entry(f, names.items[i]);
    close(f->fd);
    return s;
}

hop_status hop_stock_scan(hop_media_disk *d, hop_stock_links *links, bool *is_there,
                          hop_error **err)
{
    /* Blobs before manifests: of a manifest whose two copies differ one will do. */
    static const struct {
        hop_media_place place;
        const char *path;
        bool has_tags;
    } folders[] = {
        {HOP_MEDIA_COMPONENTS, HOP_STOCK_COMPONENTS "/" BLOBS, false},
        {HOP_MEDIA_COMPONENTS, HOP_STOCK_COMPONENTS "/" MANIFESTS, true},
        {HOP_MEDIA_RELEASES, HOP_STOCK_RELEASES "/" BLOBS, false},
        {HOP_MEDIA_RELEASES, HOP_STOCK_RELEASES "/" MANIFESTS, true},
    };
    hop_table seen = {0};
    hop_status s = HOP_OK;
    *is_there = false;
    for (size_t i = 0; s == HOP_OK && i < HOP_COUNT_OF(folders); i++) {
        folder f = {.disk = d,
                    .seen = &seen,
                    .links = links,
                    .place = folders[i].place,
                    .path = hop_strdup(folders[i].path),
                    .has_tags = folders[i].has_tags};
        s = scan_folder(&f, is_there, err);
        free(f.path);
    }
    hop_table_clear(&seen);
    return s;
}

char *hop_stock_tag_path(hop_media_place place, const char *tag)
{
    return hop_sprintf(
        "%s/" MANIFESTS "/%s",
        place == HOP_MEDIA_RELEASES ? HOP_STOCK_RELEASES : HOP_STOCK_COMPONENTS, tag);
}
