/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "media_stock.h"

#include "hop_file.h"
#include "media_sink.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOBS "blobs"
#define MANIFESTS "manifests"

static hop_status fail(hop_error **err, const char *verb, const char *path)
{
    int e = errno;
    return hop_error_set(err, hop_status_of_errno(e), "%s %s: %s", verb, path,
                         strerror(e));
}

char *hop_stock_blob_path(const hop_digest *digest)
{
    return hop_sprintf(HOP_STOCK_COMPONENTS "/" BLOBS "/%s", digest->text);
}

static char *path_in(const hop_media_writer *w, const char *repository, const char *kind,
                     const char *name)
{
    return hop_sprintf("%s/%s/%s/%s", w->path, repository, kind, name);
}

/* ---- can this file system bear it? ---- */

static hop_status refuse(const hop_media_writer *w, const char *what, hop_error **err)
{
    int e = errno;
    hop_status s = hop_error_set(err, HOP_E_USAGE,
                                 "--media-format oc needs %s, and %s does not bear them: "
                                 "%s",
                                 what, w->path, strerror(e));
    hop_error_hint(err, "leave --media-format out: oc-hop's own layout fits every file "
                        "system");
    return s;
}

static hop_status try_names(const hop_media_writer *w, const char *file, const char *hard,
                            const char *soft, hop_error **err)
{
    HOP_AUTO_FD fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd < 0 && hop_status_of_errno(errno) == HOP_E_DISK)
        return fail(err, "create", file);
    if (fd < 0)
        return refuse(w, "names with a colon", err);
    if (link(file, hard) != 0)
        return refuse(w, "hard links", err);
    if (symlink("probe:file", soft) != 0)
        return refuse(w, "symbolic links", err);
    return HOP_OK;
}

static hop_status probe(const hop_media_writer *w, hop_error **err)
{
    HOP_AUTO_STR file = hop_media_writer_path(w, "partial/probe:file");
    HOP_AUTO_STR hard = hop_media_writer_path(w, "partial/probe:hard");
    HOP_AUTO_STR soft = hop_media_writer_path(w, "partial/probe:soft");
    const char *const made[] = {soft, hard, file};
    for (size_t i = 0; i < HOP_COUNT_OF(made); i++)
        (void)unlink(made[i]); /* of a run that was killed here */
    hop_status s = try_names(w, file, hard, soft, err);
    for (size_t i = 0; i < HOP_COUNT_OF(made); i++)
        (void)unlink(made[i]);
    return s;
}

hop_status hop_stock_prepare(const hop_media_writer *w, hop_error **err)
{
    static const char *const names[] = {
        HOP_STOCK_COMPONENTS "/" BLOBS, HOP_STOCK_COMPONENTS "/" MANIFESTS,
        HOP_STOCK_RELEASES "/" BLOBS, HOP_STOCK_RELEASES "/" MANIFESTS};
    HOP_AUTO_STR partial = hop_media_writer_path(w, "partial");
    hop_status s = hop_dir_make(partial, err);
    if (s == HOP_OK)
        s = probe(w, err);
    for (size_t i = 0; s == HOP_OK && i < HOP_COUNT_OF(names); i++) {
        HOP_AUTO_STR path = hop_media_writer_path(w, names[i]);
        s = hop_dir_make(path, err);
    }
    return s;
}

/* ---- links ---- */

static bool is_same_file(const char *a, const char *b)
{
    struct stat x, y;
    return lstat(a, &x) == 0 && lstat(b, &y) == 0 && x.st_dev == y.st_dev &&
           x.st_ino == y.st_ino;
}

static hop_status make_link(const char *from, const char *to, hop_error **err)
{
    if (link(from, to) == 0 || is_same_file(from, to))
        return HOP_OK;
    if (errno == EEXIST && unlink(to) == 0 && link(from, to) == 0)
        return HOP_OK;
    return fail(err, "link", to);
}

/* One blob of the components' repository at a second place. */
static hop_status link_blob(const hop_media_writer *w, const char *repository,
                            const char *kind, const hop_digest *digest, hop_error **err)
{
    HOP_AUTO_STR from = path_in(w, HOP_STOCK_COMPONENTS, BLOBS, digest->text);
    HOP_AUTO_STR to = path_in(w, repository, kind, digest->text);
    return make_link(from, to, err);
}

/* Replaced in one step, through partial/: whatever lies in manifests/ is a tag to stock
 * oc, an unfinished one too. */
static hop_status make_tag(const hop_media_writer *w, const char *repository,
                           const char *tag, const hop_digest *digest, hop_error **err)
{
    HOP_AUTO_STR to = path_in(w, repository, MANIFESTS, tag);
    HOP_AUTO_STR partial = hop_media_writer_path(w, "partial/tag");
    char found[PATH_MAX];
    ssize_t len = readlink(to, found, sizeof(found) - 1);
    if (len > 0) {
        found[len] = '\0';
        if (strcmp(found, digest->text) == 0)
            return HOP_OK;
    }
    if (unlink(partial) != 0 && errno != ENOENT)
        return fail(err, "remove", partial);
    if (symlink(digest->text, partial) != 0 || rename(partial, to) != 0)
        return fail(err, "tag", to);
    return HOP_OK;
}

/* ---- payloads in their own repository ---- */

static hop_status read_manifest(const hop_media_writer *w, const hop_digest *digest,
                                hop_manifest *out, hop_error **err)
{
    HOP_AUTO_STR path = path_in(w, HOP_STOCK_COMPONENTS, BLOBS, digest->text);
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_MAX_MANIFEST);
    hop_status s = hop_file_read(path, &text, err);
    if (s == HOP_OK)
        s = hop_manifest_parse(hop_buf_get(&text), text.len, NULL, path, out, err);
    return s;
}

static hop_status link_manifest(const hop_media_writer *w, const hop_digest *digest,
                                hop_error **err)
{
    hop_status s = link_blob(w, HOP_STOCK_RELEASES, BLOBS, digest, err);
    return s == HOP_OK ? link_blob(w, HOP_STOCK_RELEASES, MANIFESTS, digest, err) : s;
}

static hop_status link_parts(const hop_media_writer *w, const hop_manifest *m,
                             hop_error **err)
{
    hop_status s = link_blob(w, HOP_STOCK_RELEASES, BLOBS, &m->config.digest, err);
    for (size_t i = 0; s == HOP_OK && i < m->layer_count; i++)
        if (!m->layers[i].is_foreign)
            s = link_blob(w, HOP_STOCK_RELEASES, BLOBS, &m->layers[i].digest, err);
    return s;
}

/* An image, or a list with its images: lists are one level deep. */
static hop_status link_image(const hop_media_writer *w, const hop_digest *digest,
                             hop_error **err)
{
    HOP_AUTO_VALUE(hop_manifest) top = {0};
    hop_status s = read_manifest(w, digest, &top, err);
    if (s == HOP_OK && top.kind == HOP_MANIFEST_IMAGE)
        s = link_parts(w, &top, err);
    for (size_t i = 0;
         s == HOP_OK && top.kind == HOP_MANIFEST_LIST && i < top.layer_count; i++) {
        HOP_AUTO_VALUE(hop_manifest) child = {0};
        s = read_manifest(w, &top.layers[i].digest, &child, err);
        if (s == HOP_OK && child.kind == HOP_MANIFEST_IMAGE)
            s = link_parts(w, &child, err);
        if (s == HOP_OK)
            s = link_manifest(w, &top.layers[i].digest, err);
    }
    return s == HOP_OK ? link_manifest(w, digest, err) : s;
}

/* ---- the end ---- */

static hop_status add_image(const hop_media_writer *w, const hop_media_image *image,
                            hop_error **err)
{
    hop_status s = HOP_OK;
    /* The components' repository first, whatever the order in the list: a tag in the
     * other one says that the release is complete. */
    for (int pass = 0; s == HOP_OK && pass < 2; pass++) {
        hop_media_place place = pass == 0 ? HOP_MEDIA_COMPONENTS : HOP_MEDIA_RELEASES;
        for (size_t i = 0; s == HOP_OK && i < image->destination_count; i++) {
            const hop_media_destination *d = &image->destinations[i];
            if (d->place != place)
                continue;
            if (place == HOP_MEDIA_RELEASES)
                s = link_image(w, &image->digest, err);
            if (s == HOP_OK)
                s = make_tag(w,
                             place == HOP_MEDIA_RELEASES ? HOP_STOCK_RELEASES
                                                         : HOP_STOCK_COMPONENTS,
                             d->tag, &image->digest, err);
        }
    }
    return s;
}

hop_status hop_stock_finish(const hop_media_writer *w, const hop_media *media,
                            hop_error **err)
{
    hop_status s = HOP_OK;
    for (size_t i = 0; s == HOP_OK && i < media->manifests.len; i++)
        s = link_blob(w, HOP_STOCK_COMPONENTS, MANIFESTS,
                      &media->manifests.items[i].digest, err);
    for (size_t i = 0; s == HOP_OK && i < media->image_count; i++)
        s = add_image(w, &media->images[i], err);
    return s == HOP_OK ? s : hop_error_wrap(err, "lay out media for oc");
}
