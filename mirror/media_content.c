/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run has brought onto removable media, as their inventory lists it. */
#include "mirror_private.h"

#include <stdlib.h>
#include <string.h>

static bool has_arrived(const hop_image *image)
{
    return image->state == HOP_ITEM_DONE || image->state == HOP_ITEM_PRESENT;
}

static int order_of(hop_image_role role)
{
    static const int order[] = {
        [HOP_ROLE_COMPONENT] = 0,
        [HOP_ROLE_SIGNATURE] = 1,
        [HOP_ROLE_PAYLOAD] = 2,
        [HOP_ROLE_BYTES] = 3,
    };
    return order[role];
}

static int compare_images(const void *a, const void *b)
{
    const hop_image *x = *(const hop_image *const *)a;
    const hop_image *y = *(const hop_image *const *)b;
    if (x->release != y->release)
        return x->release < y->release ? -1 : 1;
    if (x->role != y->role)
        return order_of(x->role) - order_of(y->role);
    int by_tag = strcmp(x->tag, y->tag);
    return by_tag ? by_tag : strcmp(x->repository->name, y->repository->name);
}

static hop_media_role role_of(hop_image_role role)
{
    switch (role) {
    case HOP_ROLE_COMPONENT:
        return HOP_MEDIA_COMPONENT;
    case HOP_ROLE_PAYLOAD:
        return HOP_MEDIA_PAYLOAD;
    case HOP_ROLE_SIGNATURE:
        return HOP_MEDIA_SIGNATURE_IMAGE;
    case HOP_ROLE_BYTES:
        break;
    }
    return HOP_MEDIA_GRAPH_DATA_IMAGE;
}

static hop_media_place place_of(const hop_image *image)
{
    if (image->repository == image->mirror->components)
        return HOP_MEDIA_COMPONENTS;
    return image->repository == image->mirror->payloads ? HOP_MEDIA_RELEASES
                                                        : HOP_MEDIA_GRAPH_DATA_PLACE;
}

/* The same image under the same tag in another repository is one on the media. */
static void add_image(const hop_image *image, hop_table *known, hop_media *out)
{
    const hop_mirror *m = image->mirror;
    HOP_AUTO_STR key = hop_sprintf("%s %s", image->tag, image->digest.text);
    uintptr_t number = (uintptr_t)hop_table_get(known, key);
    if (number > 0) {
        hop_media_image_add_destination(&out->images[number - 1], place_of(image),
                                        image->tag);
        return;
    }
    hop_media_image *to =
        hop_media_add_image(out, role_of(image->role), image->name, &image->digest);
    if (image->release != HOP_NO_RELEASE) {
        const hop_release *r = m->releases.items[image->release];
        to->release = hop_strdup(r->version);
        to->arch = hop_strdup(r->arch);
    }
    to->source = hop_strdup(image->source);
    to->media_type = hop_strdup(image->content->manifest.media_type);
    to->size_bytes = image->content->body.len;
    hop_media_image_add_destination(to, place_of(image), image->tag);
    hop_table_set(known, key, (void *)(uintptr_t)out->image_count);
}

static void add_images(const hop_mirror *m, hop_media *out)
{
    HOP_AUTO_VALUE(hop_table) known = {0};
    const hop_image **sorted = hop_alloc(m->images.len + 1, sizeof(*sorted));
    for (size_t i = 0; i < m->images.len; i++)
        sorted[i] = m->images.items[i];
    qsort(sorted, m->images.len, sizeof(*sorted), compare_images);
    for (size_t i = 0; i < m->images.len; i++)
        if (has_arrived(sorted[i]))
            add_image(sorted[i], &known, out);
    free(sorted);
}

static void add_manifests(const hop_mirror *m, hop_media *out)
{
    HOP_AUTO_VALUE(hop_table) known = {0};
    for (size_t i = 0; i < m->contents.len; i++) {
        const hop_content *c = m->contents.items[i];
        if (c->task.state != HOP_TASK_DONE || c->is_absent ||
            hop_table_get(&known, c->digest.text) ||
            !hop_media_writer_has(m->media, &c->digest, c->body.len))
            continue;
        hop_table_set(&known, c->digest.text, out);
        hop_media_items_add(&out->manifests, &c->digest, c->body.len);
    }
    hop_media_items_sort(&out->manifests);
}

static void add_blobs(const hop_mirror *m, hop_media *out)
{
    HOP_AUTO_VALUE(hop_table) known = {0};
    for (size_t i = 0; i < m->blobs.len; i++) {
        const hop_blob *b = m->blobs.items[i];
        if (b->task.state != HOP_TASK_DONE || hop_table_get(&known, b->digest.text))
            continue;
        hop_table_set(&known, b->digest.text, out);
        hop_media_items_add(b->is_omitted ? &out->omitted : &out->blobs, &b->digest,
                            b->size_bytes);
    }
    hop_media_items_sort(&out->blobs);
    hop_media_items_sort(&out->omitted);
}

void hop_mirror_get_media(const hop_mirror *m, hop_media *out)
{
    for (size_t i = 0; i < m->releases.len; i++) {
        const hop_release *r = m->releases.items[i];
        hop_media_release *to =
            hop_media_add_release(out, r->version, r->arch, &r->payload.digest);
        to->source = hop_strdup(r->payload_text);
        to->has_components = r->components == HOP_COMPONENTS_COPY;
        to->is_complete = r->state == HOP_ITEM_DONE || r->state == HOP_ITEM_PRESENT;
    }
    add_images(m, out);
    add_manifests(m, out);
    add_blobs(m, out);
}
