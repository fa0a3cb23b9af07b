/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hop_media.h"

#include <stdlib.h>
#include <string.h>

static void clear_release(hop_media_release *r)
{
    free(r->version);
    free(r->arch);
    free(r->source);
    free(r->url);
    hop_strings_clear(&r->channels);
}

static void clear_image(hop_media_image *image)
{
    free(image->name);
    free(image->release);
    free(image->arch);
    free(image->source);
    free(image->media_type);
    for (size_t i = 0; i < image->destination_count; i++)
        free(image->destinations[i].tag);
    free(image->destinations);
}

void hop_media_clear(hop_media *m)
{
    free(m->repository);
    free(m->release_repository);
    free(m->graph_data_repository);
    for (size_t i = 0; i < m->release_count; i++)
        clear_release(&m->releases[i]);
    free(m->releases);
    for (size_t i = 0; i < m->image_count; i++)
        clear_image(&m->images[i]);
    free(m->images);
    free(m->manifests.items);
    free(m->blobs.items);
    free(m->omitted.items);
    hop_strings_clear(&m->plans);
    for (size_t i = 0; i < m->graph_count; i++) {
        free(m->graphs[i].channel);
        free(m->graphs[i].arch);
        free(m->graphs[i].file);
    }
    free(m->graphs);
    free(m->graph_data);
    for (size_t i = 0; i < m->signature_count; i++)
        hop_strings_clear(&m->signatures[i].files);
    free(m->signatures);
    hop_strings_clear(&m->clients);
    hop_media_files_clear(&m->files);
    *m = (hop_media){0};
}

/* ---- filling ---- */

hop_media_release *hop_media_add_release(hop_media *m, const char *version,
                                         const char *arch, const hop_digest *digest)
{
    m->releases =
        hop_grow(m->releases, m->release_count, &m->release_cap, sizeof(*m->releases));
    hop_media_release *r = &m->releases[m->release_count++];
    *r = (hop_media_release){
        .version = hop_strdup(version), .arch = hop_strdup(arch), .digest = *digest};
    return r;
}

hop_media_image *hop_media_add_image(hop_media *m, hop_media_role role, const char *name,
                                     const hop_digest *digest)
{
    m->images = hop_grow(m->images, m->image_count, &m->image_cap, sizeof(*m->images));
    hop_media_image *image = &m->images[m->image_count++];
    *image = (hop_media_image){.role = role, .name = hop_strdup(name), .digest = *digest};
    return image;
}

void hop_media_image_add_destination(hop_media_image *image, hop_media_place place,
                                     const char *tag)
{
    image->destinations = hop_realloc(image->destinations, image->destination_count + 1,
                                      sizeof(*image->destinations));
    image->destinations[image->destination_count++] =
        (hop_media_destination){.place = place, .tag = hop_strdup(tag)};
}

void hop_media_items_add(hop_media_items *list, const hop_digest *digest,
                         uint64_t size_bytes)
{
    list->items = hop_grow(list->items, list->len, &list->cap, sizeof(*list->items));
    list->items[list->len++] =
        (hop_media_item){.digest = *digest, .size_bytes = size_bytes};
}

static int compare_items(const void *a, const void *b)
{
    return strcmp(((const hop_media_item *)a)->digest.text,
                  ((const hop_media_item *)b)->digest.text);
}

void hop_media_items_sort(hop_media_items *list)
{
    if (list->len > 1)
        qsort(list->items, list->len, sizeof(*list->items), compare_items);
}

bool hop_media_items_has(const hop_media_items *sorted, const hop_digest *digest)
{
    hop_media_item key = {.digest = *digest};
    return sorted->len > 0 && bsearch(&key, sorted->items, sorted->len,
                                      sizeof(*sorted->items), compare_items) != NULL;
}

void hop_media_add_graph(hop_media *m, const char *channel, const char *arch,
                         const char *file)
{
    m->graphs = hop_grow(m->graphs, m->graph_count, &m->graph_cap, sizeof(*m->graphs));
    m->graphs[m->graph_count++] = (hop_media_graph){.channel = hop_strdup(channel),
                                                    .arch = hop_strdup(arch),
                                                    .file = hop_strdup(file)};
}

void hop_media_add_signature(hop_media *m, const hop_digest *payload, const char *file)
{
    for (size_t i = 0; i < m->signature_count; i++)
        if (hop_digest_is_equal(&m->signatures[i].digest, payload)) {
            hop_strings_add(&m->signatures[i].files, file);
            return;
        }
    m->signatures = hop_grow(m->signatures, m->signature_count, &m->signature_cap,
                             sizeof(*m->signatures));
    hop_media_signatures *s = &m->signatures[m->signature_count++];
    *s = (hop_media_signatures){.digest = *payload};
    hop_strings_add(&s->files, file);
}

void hop_media_files_note(hop_media_files *list, const char *path, uint64_t size_bytes,
                          const hop_digest *digest)
{
    list->items = hop_grow(list->items, list->len, &list->cap, sizeof(*list->items));
    hop_media_file *f = &list->items[list->len++];
    *f = (hop_media_file){.path = hop_strdup(path), .size_bytes = size_bytes};
    memcpy(f->sha256, hop_digest_get_hex(digest), sizeof(f->sha256));
}

void hop_media_files_add(hop_media_files *list, const char *path, const void *data,
                         size_t len)
{
    hop_digest digest = hop_digest_of(data, len);
    hop_media_files_note(list, path, len, &digest);
}

const hop_media_file *hop_media_files_find(const hop_media_files *list, const char *path)
{
    for (size_t i = 0; i < list->len; i++)
        if (strcmp(list->items[i].path, path) == 0)
            return &list->items[i];
    return NULL;
}

void hop_media_files_clear(hop_media_files *list)
{
    for (size_t i = 0; i < list->len; i++)
        free(list->items[i].path);
    free(list->items);
    *list = (hop_media_files){0};
}

bool hop_media_is_complete(const hop_media *m)
{
    for (size_t i = 0; i < m->release_count; i++)
        if (!m->releases[i].is_complete)
            return false;
    return true;
}

/* ---- names ---- */

#define SAFE "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"

bool hop_media_path_is_safe(const char *path)
{
    if (strlen(path) > HOP_MEDIA_PATH_MAX)
        return false;
    for (const char *p = path;; p++) {
        size_t len = strspn(p, SAFE);
        if (len == 0 || p[0] == '.' || p[len - 1] == '.')
            return false;
        p += len;
        if (*p == '\0')
            return true;
        if (*p != '/')
            return false;
    }
}

char *hop_media_blob_path(const hop_digest *digest)
{
    return hop_sprintf("blobs/%.*s/%s", (int)strcspn(digest->text, ":"), digest->text,
                       hop_digest_get_hex(digest));
}

char *hop_media_part_path(const hop_digest *digest, unsigned try_number, unsigned part)
{
    HOP_AUTO_STR blob = hop_media_blob_path(digest);
    return hop_sprintf("%s.%u%05u", blob, try_number, part);
}

char *hop_media_signature_path(const hop_digest *payload, unsigned number)
{
    return hop_sprintf("signatures/%.*s-%s/signature-%u",
                       (int)strcspn(payload->text, ":"), payload->text,
                       hop_digest_get_hex(payload), number);
}
