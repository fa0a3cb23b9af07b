/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The oc of the target version, taken out of images that are on the media: cli-artifacts
 * has it for every Linux architecture, cli for its own.
 */
#include "archive_walk.h"
#include "mirror_private.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* oc -> oc.rhel9 and the like. */
#define MAX_LINKS 4

/* One file that is looked for, from the top layer down. */
typedef struct search {
    const hop_mirror *mirror;
    char *path; /* changes when it is a link */
    unsigned links;
    bool is_found;
    bool is_other; /* a link was followed: the layers are walked again */
    hop_media_stream *out;
} search;

static size_t want(void *user, const char *path, hop_member_kind kind,
                   uint64_t size_bytes)
{
    search *s = user;
    (void)size_bytes;
    bool is_it = !s->is_found && kind == HOP_MEMBER_FILE && strcmp(path, s->path) == 0;
    return is_it ? HOP_ARCHIVE_STREAM : 0;
}

static hop_status member(void *user, const char *path, hop_member_kind kind,
                         const hop_buf *data, hop_error **err)
{
    search *s = user;
    (void)path;
    (void)kind;
    (void)data;
    (void)err;
    s->is_found = true;
    return HOP_OK;
}

static hop_status stream(void *user, const void *data, size_t len, hop_error **err)
{
    search *s = user;
    return hop_media_stream_write(s->out, data, len, err);
}

/* Only links to a neighbour are followed. A symbolic link is relative to its folder, a
 * hard link has the whole path. */
static void follow(void *user, const char *path, const char *target)
{
    search *s = user;
    if (s->is_found || s->is_other || strcmp(path, s->path) != 0 ||
        s->links++ >= MAX_LINKS)
        return;
    const char *slash = strrchr(target, '/');
    const char *base = slash ? slash + 1 : target;
    size_t folder = (size_t)(strrchr(s->path, '/') - s->path);
    char *next = hop_sprintf("%.*s/%s", (int)folder, s->path, base);
    free(s->path);
    s->path = next;
    s->is_other = true;
}

static hop_status search_layer(search *s, const hop_descriptor *layer, hop_error **err)
{
    HOP_AUTO_FD fd = -1;
    hop_status status =
        hop_media_writer_read_blob(s->mirror->media, &layer->digest, layer->size_bytes,
                                   s->mirror->tmp_dir, &fd, err);
    if (status != HOP_OK)
        return status;
    hop_archive_visitor v = {
        .want = want, .member = member, .stream = stream, .link = follow, .user = s};
    HOP_AUTO_STR name = hop_sprintf("layer %s", layer->digest.text);
    return hop_archive_walk(fd, layer->size_bytes, name, &v, err);
}

static hop_status search_image(search *s, const hop_manifest *image, hop_error **err)
{
    hop_status status = HOP_OK;
    do {
        s->is_other = false;
        for (size_t i = image->layer_count;
             status == HOP_OK && i-- > 0 && !s->is_found && !s->is_other;)
            status = search_layer(s, &image->layers[i], err);
    } while (status == HOP_OK && s->is_other && !s->is_found);
    return status;
}

static bool can_be_read(const hop_mirror *m, const hop_manifest *image)
{
    for (size_t i = 0; i < image->layer_count; i++)
        if (!hop_media_writer_can_read(m->media, &image->layers[i].digest,
                                       image->layers[i].size_bytes))
            return false;
    return image->kind == HOP_MANIFEST_IMAGE;
}

static const hop_content *content_of(const hop_mirror *m, const hop_digest *digest)
{
    HOP_AUTO_STR key = hop_sprintf("content %s", digest->text);
    const hop_content *c = hop_table_get(&m->known, key);
    return c && c->task.state == HOP_TASK_DONE ? c : NULL;
}

/* Of a list the image for the architecture, else its first. */
static const hop_manifest *choose_image(const hop_mirror *m, const hop_content *top,
                                        const char *arch)
{
    const hop_manifest *list = &top->manifest;
    if (list->kind == HOP_MANIFEST_IMAGE)
        return list;
    const hop_descriptor *chosen = list->layer_count > 0 ? &list->layers[0] : NULL;
    for (size_t i = 0; i < list->layer_count; i++)
        if (list->layers[i].architecture &&
            strcmp(list->layers[i].architecture, arch) == 0)
            chosen = &list->layers[i];
    const hop_content *c = chosen ? content_of(m, &chosen->digest) : NULL;
    return c ? &c->manifest : NULL;
}

static const hop_manifest *find_component(const hop_mirror *m, const hop_release *r,
                                          const char *name, const char *arch)
{
    for (size_t i = 0; i < r->component_images.len; i++) {
        const hop_image *image = r->component_images.items[i];
        if (strcmp(image->name, name) != 0 || !image->content ||
            image->content->task.state != HOP_TASK_DONE)
            continue;
        const hop_manifest *chosen = choose_image(m, image->content, arch);
        return chosen;
    }
    return NULL;
}

static const hop_manifest *find_readable(const hop_mirror *m, const hop_release *r,
                                         const char *name, const char *arch)
{
    const hop_manifest *image = find_component(m, r, name, arch);
    return image && can_be_read(m, image) ? image : NULL;
}

/* Tries one place; *found says whether a client was written. */
static hop_status take_from(const hop_mirror *m, const hop_manifest *image,
                            const char *inside, const char *to, hop_media *out,
                            bool *found, hop_error **err)
{
    HOP_AUTO(hop_media_stream) file = NULL;
    hop_status s = hop_media_stream_new(m->media, to, &file, err);
    if (s != HOP_OK)
        return s;
    search what = {.mirror = m, .path = hop_strdup(inside), .out = file};
    s = search_image(&what, image, err);
    *found = what.is_found;
    free(what.path);
    if (s == HOP_OK && *found)
        s = hop_media_stream_end(file, out, err);
    if (s == HOP_OK && *found)
        hop_strings_add(&out->clients, to);
    return s;
}

static hop_status take_client(const hop_mirror *m, const hop_release *r, const char *arch,
                              hop_media *out, bool *found, hop_error **err)
{
    HOP_AUTO_STR to = hop_sprintf("clients/oc-%s-linux-%s", r->version, arch);
    for (char *plus = to; (plus = strchr(plus, '+'));)
        *plus = '_';
    HOP_AUTO_STR inside = hop_sprintf("usr/share/openshift/linux_%s/oc", arch);
    const hop_manifest *artifacts = find_readable(m, r, "cli-artifacts", arch);
    const hop_manifest *cli = find_readable(m, r, "cli", arch);
    bool is_own = strcmp(r->arch, "multi") == 0 || strcmp(r->arch, arch) == 0;
    hop_status s = HOP_OK;
    if (artifacts)
        s = take_from(m, artifacts, inside, to, out, found, err);
    if (s == HOP_OK && !*found && cli && is_own)
        s = take_from(m, cli, "usr/bin/oc", to, out, found, err);
    return s == HOP_OK ? s
                       : hop_error_wrap(err, "take oc for %s out of release %s", arch,
                                        r->version);
}

/* NULL for `arch` takes any. */
static const hop_release *find_giver(const hop_mirror *m, const char *arch)
{
    for (size_t i = 0; i < m->releases.len; i++) {
        const hop_release *r = m->releases.items[i];
        bool is_whole = r->state == HOP_ITEM_DONE || r->state == HOP_ITEM_PRESENT;
        if (r->gives_client && is_whole && r->components == HOP_COMPONENTS_COPY &&
            (!arch || strcmp(r->arch, arch) == 0 || strcmp(r->arch, "multi") == 0))
            return r;
    }
    return NULL;
}

hop_status hop_mirror_write_clients(const hop_mirror *m, hop_media *out,
                                    hop_strings *missing, hop_error **err)
{
    static const char *const arches[] = {"amd64", "arm64", "ppc64le", "s390x"};
    hop_status s = HOP_OK;
    for (size_t i = 0; s == HOP_OK && i < HOP_COUNT_OF(arches); i++) {
        const hop_release *r = find_giver(m, arches[i]);
        /* Whoever carries the media often sits before an amd64 machine. */
        if (!r && strcmp(arches[i], "amd64") == 0)
            r = find_giver(m, NULL);
        bool found = false;
        if (r)
            s = take_client(m, r, arches[i], out, &found, err);
        if (r && s == HOP_OK && !found)
            hop_strings_add(missing, arches[i]);
    }
    return s;
}

/* ---- what must be kept for it ---- */

static hop_status keep_image(const hop_mirror *m, const hop_manifest *image,
                             hop_error **err)
{
    hop_status s = HOP_OK;
    for (size_t i = 0; s == HOP_OK && i < image->layer_count; i++)
        s = hop_media_writer_keep(m->media, &image->layers[i].digest, m->tmp_dir, err);
    return s;
}

hop_status hop_media_keep_clients(const hop_mirror *m, hop_error **err)
{
    static const char *const names[] = {"cli-artifacts", "cli"};
    hop_status s = HOP_OK;
    for (size_t i = 0; i < m->releases.len; i++) {
        const hop_release *r = m->releases.items[i];
        for (size_t n = 0; r->gives_client && s == HOP_OK && n < HOP_COUNT_OF(names);
             n++) {
            const hop_manifest *image = find_component(m, r, names[n], "amd64");
            if (image && image->kind == HOP_MANIFEST_IMAGE)
                s = keep_image(m, image, err);
        }
    }
    return s;
}
