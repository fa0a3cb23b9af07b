/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes the documents of removable media: the inventory and what goes with it. */
#include "hop_json.h"
#include "media_words.h"

#include <stdlib.h>
#include <string.h>

#define REF_NAME "org.opencontainers.image.ref.name"

static void finish(const hop_json *doc, hop_buf *out)
{
    hop_json_dump(doc, HOP_JSON_INDENT, out);
    hop_buf_addc(out, '\n');
}

static void set_strings(hop_json *obj, const char *key, const hop_strings *list)
{
    hop_json *array = hop_json_add_array(obj, key);
    for (size_t i = 0; i < list->len; i++)
        hop_json_append_string(array, list->items[i]);
}

static void add_releases(const hop_media *m, hop_json *doc)
{
    hop_json *array = hop_json_add_array(doc, "releases");
    for (size_t i = 0; i < m->release_count; i++) {
        const hop_media_release *r = &m->releases[i];
        hop_json *o = hop_json_append_object(array);
        hop_json_set_string(o, "version", r->version);
        hop_json_set_string(o, "arch", r->arch);
        hop_json_set_string(o, "digest", r->digest.text);
        hop_json_set_string(o, "source", r->source);
        hop_json_set_string(o, "url", r->url);
        set_strings(o, "channels", &r->channels);
        hop_json_set_bool(o, "components", r->has_components);
        hop_json_set_bool(o, "complete", r->is_complete);
    }
}

static void add_images(const hop_media *m, hop_json *doc)
{
    hop_json *array = hop_json_add_array(doc, "images");
    for (size_t i = 0; i < m->image_count; i++) {
        const hop_media_image *image = &m->images[i];
        hop_json *o = hop_json_append_object(array);
        hop_json_set_string(o, "role", hop_media_role_words[image->role]);
        hop_json_set_string(o, "name", image->name);
        hop_json_set_string(o, "release", image->release);
        hop_json_set_string(o, "arch", image->arch);
        hop_json_set_string(o, "source", image->source);
        hop_json_set_string(o, "digest", image->digest.text);
        hop_json_set_string(o, "mediaType", image->media_type);
        hop_json_set_uint(o, "sizeBytes", image->size_bytes);
        hop_json *destinations = hop_json_add_array(o, "destinations");
        for (size_t k = 0; k < image->destination_count; k++) {
            hop_json *d = hop_json_append_object(destinations);
            hop_json_set_string(d, "repository",
                                hop_media_place_words[image->destinations[k].place]);
            hop_json_set_string(d, "tag", image->destinations[k].tag);
        }
    }
}

static void add_items(hop_json *doc, const char *key, const hop_media_items *list)
{
    hop_json *array = hop_json_add_array(doc, key);
    for (size_t i = 0; i < list->len; i++) {
        hop_json *o = hop_json_append_object(array);
        hop_json_set_string(o, "digest", list->items[i].digest.text);
        hop_json_set_uint(o, "sizeBytes", list->items[i].size_bytes);
    }
}

static void add_digests(hop_json *doc, const char *key, const hop_media_items *list)
{
    hop_json *array = hop_json_add_array(doc, key);
    for (size_t i = 0; i < list->len; i++)
        hop_json_append_string(array, list->items[i].digest.text);
}

static void add_graphs(const hop_media *m, hop_json *doc)
{
    hop_json *array = hop_json_add_array(doc, "graphs");
    for (size_t i = 0; i < m->graph_count; i++) {
        hop_json *o = hop_json_append_object(array);
        hop_json_set_string(o, "channel", m->graphs[i].channel);
        hop_json_set_string(o, "arch", m->graphs[i].arch);
        hop_json_set_string(o, "file", m->graphs[i].file);
    }
}

static void add_signatures(const hop_media *m, hop_json *doc)
{
    hop_json *array = hop_json_add_array(doc, "signatures");
    for (size_t i = 0; i < m->signature_count; i++) {
        hop_json *o = hop_json_append_object(array);
        hop_json_set_string(o, "digest", m->signatures[i].digest.text);
        set_strings(o, "files", &m->signatures[i].files);
    }
}

static void add_files(hop_json *doc, const hop_media_files *list)
{
    hop_json *array = hop_json_add_array(doc, "files");
    for (size_t i = 0; i < list->len; i++) {
        hop_json *o = hop_json_append_object(array);
        hop_json_set_string(o, "path", list->items[i].path);
        hop_json_set_uint(o, "sizeBytes", list->items[i].size_bytes);
        hop_json_set_string(o, "sha256", list->items[i].sha256);
    }
}

void hop_media_write(const hop_media *m, hop_buf *out)
{
    HOP_AUTO(hop_json) doc = hop_json_new_object();
    hop_json_set_string(doc, "schema", HOP_MEDIA_SCHEMA);
    hop_json_set_bool(doc, "complete", hop_media_is_complete(m));
    hop_json_set_string(doc, "repository", m->repository);
    hop_json_set_string(doc, "releaseRepository", m->release_repository);
    hop_json_set_string(doc, "graphDataRepository", m->graph_data_repository);
    add_releases(m, doc);
    set_strings(doc, "plans", &m->plans);
    add_graphs(m, doc);
    hop_json_set_string(doc, "graphData", m->graph_data);
    if (m->graph_data_tree.text[0])
        hop_json_set_string(doc, "graphDataTree", m->graph_data_tree.text);
    add_signatures(m, doc);
    set_strings(doc, "clients", &m->clients);
    if (m->base.text[0])
        hop_json_set_string(hop_json_add_object(doc, "base"), "inventory", m->base.text);
    else
        hop_json_set_string(doc, "base", NULL);
    add_images(m, doc);
    add_items(doc, "manifests", &m->manifests);
    add_items(doc, "blobs", &m->blobs);
    add_digests(doc, "omitted", &m->omitted);
    add_files(doc, &m->files);
    finish(doc, out);
}

void hop_media_write_index(const hop_media *m, hop_buf *out)
{
    HOP_AUTO(hop_json) doc = hop_json_new_object();
    hop_json_set_uint(doc, "schemaVersion", 2);
    hop_json_set_string(doc, "mediaType", HOP_TYPE_OCI_INDEX);
    hop_json *array = hop_json_add_array(doc, "manifests");
    for (size_t i = 0; i < m->image_count; i++) {
        const hop_media_image *image = &m->images[i];
        hop_json *o = hop_json_append_object(array);
        hop_json_set_string(o, "mediaType", image->media_type);
        hop_json_set_string(o, "digest", image->digest.text);
        hop_json_set_uint(o, "size", image->size_bytes);
        hop_json_set_string(hop_json_add_object(o, "annotations"), REF_NAME,
                            image->destinations[0].tag);
    }
    finish(doc, out);
}

static void add_sum(hop_buf *out, const char *hex, const char *path)
{
    hop_buf_addf(out, "%s  %s\n", hex, path);
}

void hop_media_write_sums(const hop_media *m, const void *document, size_t len,
                          hop_buf *out)
{
    if (document) {
        hop_digest digest = hop_digest_of(document, len);
        add_sum(out, hop_digest_get_hex(&digest), HOP_MEDIA_DOCUMENT);
    }
    for (size_t i = 0; i < m->files.len; i++)
        add_sum(out, m->files.items[i].sha256, m->files.items[i].path);
}

void hop_inventory_write(const hop_media_items *manifests, const hop_media_items *blobs,
                         hop_buf *out)
{
    HOP_AUTO(hop_json) doc = hop_json_new_object();
    hop_json_set_string(doc, "schema", HOP_INVENTORY_SCHEMA);
    add_digests(doc, "manifests", manifests);
    add_digests(doc, "blobs", blobs);
    finish(doc, out);
}

void hop_volume_write(const hop_volume *v, hop_buf *out)
{
    HOP_AUTO(hop_json) doc = hop_json_new_object();
    hop_json_set_string(doc, "schema", HOP_VOLUME_SCHEMA);
    hop_json_set_string(doc, "set", v->set);
    hop_json_set_uint(doc, "number", v->number);
    hop_json_set_bool(doc, "last", v->is_last);
    add_files(doc, &v->files);
    finish(doc, out);
}
