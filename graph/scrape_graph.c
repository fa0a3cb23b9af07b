/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "scrape.h"

#include <string.h>

#include "hop_version.h"
#include "index.h"

#define META "io.openshift.upgrades.graph."

/* ---- release-metadata ---- */

static bool is_version(const hop_json_view *v)
{
    const char *text = NULL;
    hop_version version;
    HOP_AUTO(hop_error) why = NULL;
    return hop_json_string(v, &text, &why) == HOP_OK &&
           hop_version_parse(text, &version, &why) == HOP_OK;
}

static bool are_versions(const hop_json_view *doc, const char *key)
{
    hop_json_view list, item;
    HOP_AUTO(hop_error) why = NULL;
    if (hop_json_optional(doc, key, HOP_JSON_ARRAY, &list, &why) != HOP_OK)
        return false;
    size_t count = list.value ? hop_json_count(&list) : 0;
    for (size_t i = 0; i < count; i++)
        if (hop_json_item(&list, i, HOP_JSON_STRING, &item, &why) != HOP_OK ||
            !is_version(&item))
            return false;
    return true;
}

/* Any value that is no text makes the whole document worthless. */
static bool is_map_of_texts(const hop_json_view *doc, const char *key)
{
    hop_json_view map, item;
    HOP_AUTO(hop_error) why = NULL;
    if (hop_json_optional(doc, key, HOP_JSON_OBJECT, &map, &why) != HOP_OK)
        return false;
    for (void *i = NULL; map.value && hop_json_next(&map, &i, &item);)
        if (!hop_json_is(&item, HOP_JSON_STRING))
            return false;
    return true;
}

bool hop_scrape_is_metadata(const hop_json_view *doc)
{
    const char *kind = NULL;
    hop_json_view version;
    HOP_AUTO(hop_error) why = NULL;
    return hop_json_is(doc, HOP_JSON_OBJECT) &&
           hop_json_get_string(doc, "kind", &kind, &why) == HOP_OK &&
           strcmp(kind, "cincinnati-metadata-v0") == 0 &&
           hop_json_member(doc, "version", HOP_JSON_STRING, &version, &why) == HOP_OK &&
           is_version(&version) && are_versions(doc, "previous") &&
           are_versions(doc, "next") && is_map_of_texts(doc, "metadata");
}

char *hop_scrape_version(const char *version, const char *arch)
{
    return hop_sprintf("%.*s+%s", (int)strcspn(version, "+"), version, arch);
}

/* ---- the graph ---- */

typedef struct graph_writer {
    const char *repository;
    const scraped_release *releases;
    hop_strings versions; /* of nodes, abstract ones after the releases */
    hop_index by_version;
    hop_json *nodes, *edges;
} graph_writer;

static bool node_has_version(const void *owner, uint32_t id, const void *key)
{
    return strcmp(((const graph_writer *)owner)->versions.items[id], key) == 0;
}

static hop_json *write_node(graph_writer *w, const char *version)
{
    hop_json *node = hop_json_append_object(w->nodes);
    hop_json_set_string(node, "version", version);
    hop_index_add(&w->by_version, hop_index_hash(version, strlen(version)),
                  (uint32_t)w->versions.len);
    hop_strings_add(&w->versions, version);
    return node;
}

static void write_release(graph_writer *w, const scraped_release *r)
{
    hop_json *node = write_node(w, r->version);
    HOP_AUTO_STR payload = hop_sprintf("%s@%s", w->repository, r->digest);
    hop_json_set_string(node, "payload", payload);
    hop_json *out = hop_json_add_object(node, "metadata");
    hop_json_view root = hop_json_root(r->metadata, "release-metadata"), map, item;
    HOP_AUTO(hop_error) why = NULL;
    if (hop_json_optional(&root, "metadata", HOP_JSON_OBJECT, &map, &why) == HOP_OK &&
        map.value)
        for (void *i = NULL; hop_json_next(&map, &i, &item);) {
            const char *value = NULL;
            if (hop_json_string(&item, &value, &why) == HOP_OK)
                hop_json_set_string(out, item.key, value);
        }
    hop_json_set_string(out, META "release.manifestref", r->digest);
    hop_json_set_string(out, META "release.arch", r->arch);
}

/* A release that somebody names and nobody scraped becomes a node with a version only. */
static size_t find_node(graph_writer *w, const char *version)
{
    uint32_t id = hop_index_find(&w->by_version, hop_index_hash(version, strlen(version)),
                                 node_has_version, w, version);
    if (id != HOP_NO_ID)
        return id;
    write_node(w, version);
    return w->versions.len - 1;
}

static void write_edges(graph_writer *w, size_t self, const char *key)
{
    const scraped_release *r = &w->releases[self];
    hop_json_view root = hop_json_root(r->metadata, "release-metadata"), list, item;
    HOP_AUTO(hop_error) why = NULL;
    if (hop_json_optional(&root, key, HOP_JSON_ARRAY, &list, &why) != HOP_OK ||
        !list.value)
        return;
    for (size_t i = 0; i < hop_json_count(&list); i++) {
        const char *named = NULL;
        if (hop_json_item(&list, i, HOP_JSON_STRING, &item, &why) != HOP_OK ||
            hop_json_string(&item, &named, &why) != HOP_OK)
            return;
        HOP_AUTO_STR version = hop_scrape_version(named, r->arch);
        size_t other = find_node(w, version);
        bool is_previous = strcmp(key, "previous") == 0;
        HOP_AUTO(hop_json) pair = hop_json_new_array();
        hop_json_append_uint(pair, is_previous ? other : self);
        hop_json_append_uint(pair, is_previous ? self : other);
        hop_json_append_take(w->edges, &pair);
    }
}

void hop_scrape_write(const char *repository, const scraped_release *releases,
                      size_t count, hop_buf *out)
{
    HOP_AUTO(hop_json) doc = hop_json_new_object();
    graph_writer w = {.repository = repository, .releases = releases};
    w.nodes = hop_json_add_array(doc, "nodes");
    w.edges = hop_json_add_array(doc, "edges");
    for (size_t i = 0; i < count; i++)
        write_release(&w, &releases[i]);
    for (size_t i = 0; i < count; i++) {
        write_edges(&w, i, "previous");
        write_edges(&w, i, "next");
    }
    hop_json_dump(doc, HOP_JSON_COMPACT, out);
    hop_strings_clear(&w.versions);
    hop_index_clear(&w.by_version);
}
