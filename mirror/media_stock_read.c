/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "media_stock_read.h"

#include "media_stock.h"
#include "media_stock_names.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_RELEASES ((size_t)1000)
/* The layout does not say where a release came from; stock oc has no other default. */
#define SOURCE "quay.io/openshift-release-dev/ocp-release"

char *hop_stock_map_path(const hop_digest *payload)
{
    return hop_sprintf("config/signature-sha256-%.16s.json", hop_digest_get_hex(payload));
}

/* ---- tags ---- */

typedef struct reading {
    hop_media_disk *disk;
    hop_stock_links links;
    hop_table images;   /* tag to hop_stock_link: the first with that tag */
    hop_table payloads; /* those that name a release */
} reading;

static void refuse(const reading *r, const hop_stock_link *l, const char *other)
{
    HOP_AUTO_STR path = hop_stock_tag_path(l->place, l->tag);
    char *text = hop_sprintf("%s/%s: it names %s, and openshift/release has %s by that "
                             "tag",
                             r->disk->directories[0].path, path, l->digest.text, other);
    hop_strings_take(&r->disk->refused, &text);
}

/* Components may have names that end as a release's does: what goes on from another tag
 * of a release is one of its components. Version and architecture go on as well, so of
 * two tags the longer is asked first. */
static const hop_stock_link *payload_of(const reading *r, const char *tag)
{
    HOP_AUTO_STR stem = hop_strdup(tag);
    char *dash = NULL;
    while ((dash = strrchr(stem, '-'))) {
        *dash = '\0';
        const hop_stock_link *l = hop_table_get(&r->payloads, stem);
        if (l)
            return l;
    }
    return NULL;
}

static void index_tags(reading *r)
{
    hop_stock_tag ignored;
    for (size_t i = 0; i < r->links.len; i++) {
        hop_stock_link *l = &r->links.items[i];
        if (!hop_table_get(&r->images, l->tag))
            hop_table_set(&r->images, l->tag, l);
        if (hop_stock_tag_read(l->tag, &ignored) && !hop_table_get(&r->payloads, l->tag))
            hop_table_set(&r->payloads, l->tag, l);
    }
}

/* ---- releases ---- */

static int by_version(const void *a, const void *b)
{
    const hop_media_release *x = a, *y = b;
    int order = strverscmp(x->version, y->version);
    return order ? order : strcmp(x->arch, y->arch);
}

static hop_status fill_releases(reading *r, hop_error **err)
{
    hop_media *m = &r->disk->media;
    for (size_t i = 0; i < r->links.len; i++) {
        const hop_stock_link *l = &r->links.items[i];
        hop_stock_tag tag;
        if (hop_table_get(&r->payloads, l->tag) != l || payload_of(r, l->tag) ||
            !hop_stock_tag_read(l->tag, &tag))
            continue;
        if (m->release_count >= MAX_RELEASES)
            return hop_error_set(err, HOP_E_LIMIT, "%s: more than %zu releases",
                                 r->disk->directories[0].path, MAX_RELEASES);
        hop_media_release *to =
            hop_media_add_release(m, tag.version, tag.arch, &l->digest);
        to->source = hop_sprintf(SOURCE "@%s", l->digest.text);
        to->is_complete = true;
    }
    if (m->release_count > 1)
        qsort(m->releases, m->release_count, sizeof(*m->releases), by_version);
    if (m->release_count > 0)
        return HOP_OK;
    hop_status s = hop_error_set(err, HOP_E_NOT_FOUND,
                                 "%s/" HOP_STOCK_COMPONENTS "/manifests: no tag is that "
                                 "of a release, as 4.16.3-x86_64",
                                 r->disk->directories[0].path);
    hop_error_hint(err, "tags are symbolic links: were they lost when it was copied to "
                        "a file system without links?");
    return s;
}

static bool is_payload(const hop_media *m, const hop_stock_link *l)
{
    hop_stock_tag tag;
    if (!hop_stock_tag_read(l->tag, &tag))
        return false;
    for (size_t i = 0; i < m->release_count; i++)
        if (strcmp(m->releases[i].version, tag.version) == 0 &&
            strcmp(m->releases[i].arch, tag.arch) == 0)
            return true;
    return false;
}

/* "sha256-<hex>.sig". */
static bool is_signature(const char *tag)
{
    static const char suffix[] = ".sig";
    hop_digest ignored;
    if (!hop_has_suffix(tag, suffix))
        return false;
    HOP_AUTO_STR name = hop_strndup(tag, strlen(tag) - strlen(suffix));
    return hop_stock_digest_read(name, &ignored);
}

/* ---- images ---- */

static void mark_components(const reading *r, const hop_stock_link *l)
{
    hop_media *m = &r->disk->media;
    const hop_stock_link *payload = payload_of(r, l->tag);
    hop_stock_tag tag;
    if (!payload || !hop_stock_tag_read(payload->tag, &tag))
        return;
    for (size_t i = 0; i < m->release_count; i++)
        if (strcmp(m->releases[i].version, tag.version) == 0 &&
            strcmp(m->releases[i].arch, tag.arch) == 0)
            m->releases[i].has_components = true;
}

static void fill_images(reading *r)
{
    hop_media *m = &r->disk->media;
    hop_table made = {0}; /* tag to its index in m->images, and one */
    for (size_t i = 0; i < r->links.len; i++) {
        const hop_stock_link *l = &r->links.items[i];
        const hop_stock_link *first = hop_table_get(&r->images, l->tag);
        size_t at = (size_t)(uintptr_t)hop_table_get(&made, l->tag);
        if (at > 0 && !hop_digest_is_equal(&first->digest, &l->digest)) {
            refuse(r, l, first->digest.text);
            continue;
        }
        if (at == 0) {
            hop_media_role role = is_signature(l->tag) ? HOP_MEDIA_SIGNATURE_IMAGE
                                  : is_payload(m, l)   ? HOP_MEDIA_PAYLOAD
                                                       : HOP_MEDIA_COMPONENT;
            (void)hop_media_add_image(m, role, l->tag, &l->digest);
            at = m->image_count;
            hop_table_set(&made, l->tag, (void *)(uintptr_t)at);
            if (role == HOP_MEDIA_COMPONENT)
                mark_components(r, l);
        }
        hop_media_image_add_destination(&m->images[at - 1], l->place, l->tag);
    }
    hop_table_clear(&made);
}

/* ---- the whole ---- */

static bool has(const hop_directory *at, const char *path)
{
    return faccessat(at->fd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static hop_status find_nothing(const hop_media_disk *d, hop_error **err)
{
    const hop_directory *at = &d->directories[0];
    for (size_t i = 0; i < d->directory_count && d->directory_count > 1; i++)
        if (has(&d->directories[i], HOP_STOCK_COMPONENTS))
            return hop_error_set(err, HOP_E_USAGE,
                                 "%s: it is the layout of stock oc, which is in one "
                                 "directory alone",
                                 d->directories[i].path);
    hop_status s = hop_error_set(err, HOP_E_NOT_FOUND,
                                 "%s: there is no " HOP_MEDIA_DOCUMENT
                                 " in it, and no " HOP_STOCK_COMPONENTS,
                                 at->path);
    if (has(at, "mirror/" HOP_STOCK_COMPONENTS))
        hop_error_hint(err, "that is in %s/mirror", at->path);
    else if (has(at, "openshift/release"))
        hop_error_hint(err, "name the directory that holds v2, not v2 itself");
    else
        hop_error_hint(err, HOP_MEDIA_DOCUMENT
                       " is written last: was `oc-hop mirror` finished?");
    return s;
}

hop_status hop_stock_read(hop_media_disk *d, hop_error **err)
{
    reading r = {.disk = d};
    bool is_there = false;
    hop_status s = HOP_OK;
    if (d->directory_count == 1)
        s = hop_stock_scan(d, &r.links, &is_there, err);
    if (s == HOP_OK && !is_there)
        return find_nothing(d, err);
    if (s == HOP_OK) {
        d->format = HOP_MEDIA_FORMAT_STOCK;
        d->media.repository = hop_strdup("ocp4/openshift4");
        d->media.release_repository = hop_strdup("ocp4/openshift4-release-images");
        d->media.graph_data_repository = hop_strdup("ocp4/graph-data");
        index_tags(&r);
        s = fill_releases(&r, err);
    }
    if (s == HOP_OK) {
        fill_images(&r);
        hop_stock_read_beside(d);
    }
    hop_table_clear(&r.images);
    hop_table_clear(&r.payloads);
    hop_stock_links_clear(&r.links);
    return s;
}
