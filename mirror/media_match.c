/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "media_proof.h"
#include "media_stock_read.h"
#include "names.h"

#include <stdlib.h>
#include <string.h>

#define MAX_LISTING (64 * HOP_MIB)

/* ---- files beside the blobs ---- */

static bool is_stock(const hop_media_check *c)
{
    return hop_media_disk_get_format(c->disk) == HOP_MEDIA_FORMAT_STOCK;
}

static const char *list_of(const hop_media_check *c)
{
    return is_stock(c) ? HOP_MEDIA_SUMS : HOP_MEDIA_DOCUMENT;
}

static void check_hashed_file(hop_media_check *c, const hop_media_file *f,
                              const hop_media_reader *r, const hop_digest *found)
{
    HOP_AUTO_STR path = hop_media_disk_file_path(c->disk, f->path);
    if (hop_media_reader_get_size(r) != f->size_bytes)
        hop_proof_add(c->out, HOP_PROOF_ERROR, "digest", path,
                      "it has %llu bytes; %s says %llu",
                      (unsigned long long)hop_media_reader_get_size(r), list_of(c),
                      (unsigned long long)f->size_bytes);
    else if (strcmp(hop_digest_get_hex(found), f->sha256) != 0)
        hop_proof_add(c->out, HOP_PROOF_ERROR, "digest", path,
                      "its bytes have the digest %s; %s says sha256:%s", found->text,
                      list_of(c), f->sha256);
}

static hop_status check_file(hop_media_check *c, const hop_media_file *f, hop_error **err)
{
    HOP_AUTO(hop_media_reader) r = NULL;
    HOP_AUTO(hop_error) bad = NULL;
    HOP_AUTO(hop_hash) h = hop_hash_new();
    const hop_digest *known = hop_media_disk_get_found(c->disk, f->path);
    hop_status s = HOP_OK;
    if (hop_media_disk_open_file(c->disk, f->path, &r, &bad) == HOP_OK && !known)
        s = hop_media_hash(c, r, h, &bad, err);
    if (s != HOP_OK)
        return s;
    if (bad) {
        HOP_AUTO_STR path = hop_media_disk_file_path(c->disk, f->path);
        bool is_missing = hop_error_get_status(bad) == HOP_E_NOT_FOUND;
        hop_proof_add_error(c->out, is_missing ? "missing" : "unreadable", path, bad);
        return HOP_OK;
    }
    hop_digest found = known ? *known : hop_hash_finish(h);
    check_hashed_file(c, f, r, &found);
    return HOP_OK;
}

/* A listing that oc-hop writes from oc-hop.json must have exactly the bytes that it would
 * write again. */
static void check_listing(hop_media_check *c, const char *path, const hop_buf *want)
{
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(MAX_LISTING);
    HOP_AUTO(hop_error) bad = NULL;
    HOP_AUTO_STR file = hop_media_disk_file_path(c->disk, path);
    if (hop_media_disk_read_file(c->disk, path, &text, &bad) != HOP_OK) {
        bool is_missing = hop_error_get_status(bad) == HOP_E_NOT_FOUND;
        hop_proof_add_error(c->out, is_missing ? "missing" : "unreadable", file, bad);
        return;
    }
    if (text.len == want->len &&
        memcmp(hop_buf_get(&text), hop_buf_get(want), text.len) == 0)
        return;
    hop_proof_add(c->out, HOP_PROOF_ERROR, "document", file,
                  "it does not match " HOP_MEDIA_DOCUMENT);
}

hop_status hop_media_check_files(hop_media_check *c, hop_error **err)
{
    const hop_media_files *files = &c->media->files;
    hop_status s = HOP_OK;
    for (size_t i = 0; i < files->len; i++)
        c->total += files->items[i].size_bytes;
    for (size_t i = 0; s == HOP_OK && i < files->len; i++)
        s = check_file(c, &files->items[i], err);
    if (s != HOP_OK || is_stock(c))
        return s;
    HOP_AUTO_VALUE(hop_buf) index = hop_buf_init(HOP_BUF_TEXT);
    HOP_AUTO_VALUE(hop_buf) sums = hop_buf_init(HOP_BUF_TEXT);
    const hop_buf *document = hop_media_disk_get_document(c->disk);
    hop_media_write_index(c->media, &index);
    hop_media_write_sums(c->media, hop_buf_get(document), document->len, &sums);
    check_listing(c, "index.json", &index);
    check_listing(c, HOP_MEDIA_SUMS, &sums);
    return HOP_OK;
}

/* ---- oc-hop.json against the payloads ---- */

typedef struct matching {
    hop_media_check *check;
    hop_table listed;   /* "PLACE TAG" to hop_media_image */
    hop_table expected; /* the same that payloads ask for */
} matching;

static char *key_of(hop_media_place place, const char *tag)
{
    return hop_sprintf("%d %s", (int)place, tag);
}

static void expect(matching *m, hop_media_place place, const char *tag,
                   const hop_digest *digest, const char *user)
{
    HOP_AUTO_STR key = key_of(place, tag);
    const hop_media_image *image = hop_table_get(&m->listed, key);
    hop_table_set(&m->expected, key, m);
    if (image && hop_digest_is_equal(&image->digest, digest))
        return;
    HOP_AUTO_STR path = is_stock(m->check) ? hop_stock_tag_path(place, tag) : NULL;
    const char *file = path ? path : HOP_MEDIA_DOCUMENT;
    hop_proof_finding *f =
        !image ? hop_proof_add(m->check->out, HOP_PROOF_ERROR, "document", file,
                               path ? "this tag is not there; %s is %s"
                                    : "it does not list %s, which is %s",
                               tag, digest->text)
               : hop_proof_add(m->check->out, HOP_PROOF_ERROR, "document", file,
                               "it gives %s the digest %s, not %s", tag,
                               image->digest.text, digest->text);
    hop_strings_add(&f->hops, user);
}

/* In the layout of oc a payload may be in either repository; who has both must have the
 * same in both, which was seen when it was read. */
static void expect_payload(matching *m, const hop_media_release *r, const char *tag,
                           const char *user)
{
    static const hop_media_place places[] = {HOP_MEDIA_COMPONENTS, HOP_MEDIA_RELEASES};
    for (size_t i = 0; i < HOP_COUNT_OF(places); i++) {
        HOP_AUTO_STR key = key_of(places[i], tag);
        if (!is_stock(m->check) || hop_table_get(&m->listed, key))
            expect(m, places[i], tag, &r->digest, user);
    }
}

static void expect_release(matching *m, const hop_media_release *r,
                           const hop_proof_release *proven)
{
    HOP_AUTO_STR user = hop_sprintf("%s (%s) payload", r->version, r->arch);
    HOP_AUTO_STR tag = hop_name_payload_tag(r->version, r->arch);
    if (tag && r->is_complete)
        expect_payload(m, r, tag, user);
    for (size_t i = 0;
         r->has_components && proven->has_info && i < proven->info.component_count; i++) {
        const hop_component *c = &proven->info.components[i];
        HOP_AUTO_STR name = hop_name_component_tag(r->version, r->arch, c->name);
        HOP_AUTO_STR who = hop_sprintf("%s (%s) %s", r->version, r->arch, c->name);
        if (name)
            expect(m, HOP_MEDIA_COMPONENTS, name, &c->image.digest, who);
    }
    if (r->is_complete)
        return;
    hop_proof_finding *f =
        hop_proof_add(m->check->out, HOP_PROOF_ERROR, "incomplete", HOP_MEDIA_DOCUMENT,
                      "release %s (%s) was not finished when the media was written",
                      r->version, r->arch);
    hop_strings_add(&f->hops, user);
}

/* An image that no payload asks for is either of a release whose payload cannot be read,
 * or was put there by somebody else; the layout of oc may hold other images as well. */
static void check_extra(const matching *m, const hop_media_image *image,
                        const hop_media_destination *at)
{
    HOP_AUTO_STR key = key_of(at->place, at->tag);
    HOP_AUTO_STR path = hop_stock_tag_path(at->place, at->tag);
    if (hop_table_get(&m->expected, key))
        return;
    if (is_stock(m->check))
        hop_proof_add(m->check->out, HOP_PROOF_WARNING, "unlisted", path,
                      "no payload on the media names it (%s): it is not loaded",
                      image->digest.text);
    else
        hop_proof_add(m->check->out, HOP_PROOF_ERROR, "document", HOP_MEDIA_DOCUMENT,
                      "it lists %s (%s), which no payload on the media names", at->tag,
                      image->digest.text);
}

static void check_extras(const matching *m)
{
    const hop_media *media = m->check->media;
    for (size_t i = 0; i < media->image_count; i++) {
        const hop_media_image *image = &media->images[i];
        if (image->role != HOP_MEDIA_COMPONENT && image->role != HOP_MEDIA_PAYLOAD)
            continue;
        for (size_t k = 0; k < image->destination_count; k++)
            check_extra(m, image, &image->destinations[k]);
    }
}

static bool all_are_read(const hop_proof *p)
{
    for (size_t i = 0; i < p->release_count; i++)
        if (!p->releases[i].has_info)
            return false;
    return true;
}

void hop_media_check_document(hop_media_check *c)
{
    const hop_media *media = c->media;
    matching m = {.check = c};
    for (size_t i = 0; i < media->image_count; i++) {
        const hop_media_image *image = &media->images[i];
        for (size_t k = 0; k < image->destination_count; k++) {
            HOP_AUTO_STR key =
                key_of(image->destinations[k].place, image->destinations[k].tag);
            hop_table_set(&m.listed, key, (void *)(uintptr_t)image);
        }
    }
    for (size_t i = 0; i < media->release_count; i++)
        expect_release(&m, &media->releases[i], &c->out->releases[i]);
    if (all_are_read(c->out))
        check_extras(&m);
    hop_table_clear(&m.listed);
    hop_table_clear(&m.expected);
}
