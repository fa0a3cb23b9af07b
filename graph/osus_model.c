/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "osus_model.h"

#include <stdlib.h>
#include <string.h>

#include "hop_graph.h"

static bool node_has_version(const void *owner, uint32_t id, const void *key)
{
    return strcmp(((const hop_osus *)owner)->nodes[id].version.text, key) == 0;
}

uint32_t hop_osus_find(const hop_osus *o, const char *version)
{
    return hop_index_find(&o->by_version, hop_index_hash(version, strlen(version)),
                          node_has_version, o, version);
}

const char *hop_osus_get_build(const osus_node *n)
{
    const char *plus = strchr(n->version.text, '+');
    return plus ? plus + 1 : "";
}

bool hop_osus_is_version(const osus_node *n, const char *version)
{
    size_t len = strcspn(version, "+");
    return n->version.pre_end == len && memcmp(n->version.text, version, len) == 0;
}

/* ---- metadata ---- */

const char *hop_osus_get_meta(const osus_node *n, const char *key)
{
    for (size_t i = 0; i < n->meta_count; i++)
        if (strcmp(n->meta[i].key, key) == 0)
            return n->meta[i].value;
    return NULL;
}

void hop_osus_set_meta(hop_osus *o, osus_node *n, const char *key, const char *value)
{
    for (size_t i = 0; i < n->meta_count; i++)
        if (strcmp(n->meta[i].key, key) == 0) {
            n->meta[i].value = hop_arena_strdup(o->arena, value);
            return;
        }
    n->meta = hop_grow(n->meta, n->meta_count, &n->meta_cap, sizeof(*n->meta));
    n->meta[n->meta_count++] =
        (osus_meta){hop_arena_strdup(o->arena, key), hop_arena_strdup(o->arena, value)};
}

void hop_osus_append_meta(hop_osus *o, osus_node *n, const char *key,
                          const char *separator, const char *value)
{
    const char *old = hop_osus_get_meta(n, key);
    HOP_AUTO_STR joined =
        old ? hop_sprintf("%s%s%s", old, separator, value) : hop_strdup(value);
    hop_osus_set_meta(o, n, key, joined);
}

/* ---- edges ---- */

typedef struct node_pair {
    uint32_t from, to;
} node_pair;

static bool edge_has_pair(const void *owner, uint32_t id, const void *key)
{
    const osus_edge *e = &((const hop_osus *)owner)->edges[id];
    const node_pair *pair = key;
    return e->from == pair->from && e->to == pair->to;
}

void hop_osus_add_edge(hop_osus *o, uint32_t from, uint32_t to)
{
    node_pair pair = {from, to};
    uint64_t hash = hop_index_hash(&pair, sizeof(pair));
    if (hop_index_find(&o->by_pair, hash, edge_has_pair, o, &pair) != HOP_NO_ID)
        return;
    hop_index_add(&o->by_pair, hash, (uint32_t)o->edge_count);
    o->edges = hop_grow(o->edges, o->edge_count, &o->edge_cap, sizeof(*o->edges));
    o->edges[o->edge_count++] = (osus_edge){.from = from, .to = to};
}

/* Takes away nodes without incoming edges until none is left; what stays lies on or
 * behind a cycle. */
hop_status hop_osus_check_acyclic(const hop_osus *o, const char *input, hop_error **err)
{
    size_t *incoming = hop_alloc(o->node_count + 1, sizeof(*incoming));
    size_t *first = hop_alloc(o->node_count + 2, sizeof(*first));
    uint32_t *heads = hop_alloc(o->edge_count + 1, sizeof(*heads));
    uint32_t *queue = hop_alloc(o->node_count + 1, sizeof(*queue));
    for (size_t i = 0; i < o->edge_count; i++) {
        incoming[o->edges[i].to]++;
        first[o->edges[i].from + 2]++;
    }
    for (size_t i = 2; i < o->node_count + 2; i++)
        first[i] += first[i - 1];
    for (size_t i = 0; i < o->edge_count; i++)
        heads[first[o->edges[i].from + 1]++] = o->edges[i].to;
    size_t done = 0, len = 0;
    for (size_t i = 0; i < o->node_count; i++)
        if (incoming[i] == 0)
            queue[len++] = (uint32_t)i;
    for (; done < len; done++)
        for (size_t i = first[queue[done]]; i < first[queue[done] + 1]; i++)
            if (--incoming[heads[i]] == 0)
                queue[len++] = heads[i];
    /* Nodes behind a cycle wait as well, so this one is on a cycle or near one. */
    const osus_node *oldest = NULL;
    for (size_t i = 0; i < o->node_count; i++)
        if (incoming[i] > 0 &&
            (!oldest || hop_version_compare(&o->nodes[i].version, &oldest->version) < 0))
            oldest = &o->nodes[i];
    free(incoming);
    free(first);
    free(heads);
    free(queue);
    if (done == o->node_count)
        return HOP_OK;
    return hop_error_set(err, HOP_E_PARSE, "%s: the updates form a cycle near %s", input,
                         oldest ? oldest->version.text : "");
}

/* ---- loading ---- */

static hop_status load_metadata(hop_osus *o, const hop_json_view *node, osus_node *n,
                                hop_error **err)
{
    hop_json_view metadata, item;
    hop_status s = hop_json_optional(node, "metadata", HOP_JSON_OBJECT, &metadata, err);
    if (s != HOP_OK || !metadata.value)
        return s;
    for (void *i = NULL; hop_json_next(&metadata, &i, &item);) {
        const char *value = NULL;
        s = hop_json_string(&item, &value, err);
        if (s != HOP_OK)
            return s;
        hop_osus_set_meta(o, n, item.key, value);
    }
    return HOP_OK;
}

static hop_status load_node(hop_osus *o, const hop_json_view *node, hop_error **err)
{
    const char *version = NULL, *payload = NULL;
    hop_status s = hop_json_get_string(node, "version", &version, err);
    if (s == HOP_OK)
        s = hop_json_optional_string(node, "payload", &payload, err);
    if (s != HOP_OK)
        return s;
    if (hop_osus_find(o, version) != HOP_NO_ID)
        return hop_json_error(node, err, "version %s is listed twice", version);
    osus_node *n = &o->nodes[o->node_count];
    s = hop_version_parse(hop_arena_strdup(o->arena, version), &n->version, err);
    if (s != HOP_OK)
        return hop_error_wrap(err, "%s: nodes[%zu]", node->document, node->index);
    n->payload = payload && *payload ? hop_arena_strdup(o->arena, payload) : NULL;
    hop_index_add(&o->by_version, hop_index_hash(version, strlen(version)),
                  (uint32_t)o->node_count++);
    return load_metadata(o, node, n, err);
}

static hop_status load_nodes(hop_osus *o, const hop_json_view *root, hop_error **err)
{
    hop_json_view nodes, node;
    hop_status s = hop_json_member(root, "nodes", HOP_JSON_ARRAY, &nodes, err);
    if (s != HOP_OK)
        return s;
    size_t count = hop_json_count(&nodes);
    if (count > HOP_GRAPH_MAX_NODES)
        return hop_error_set(err, HOP_E_LIMIT, "%s: more than %zu nodes", root->document,
                             HOP_GRAPH_MAX_NODES);
    o->nodes = hop_alloc(count + 1, sizeof(*o->nodes));
    for (size_t i = 0; i < count && s == HOP_OK; i++) {
        s = hop_json_item(&nodes, i, HOP_JSON_OBJECT, &node, err);
        if (s == HOP_OK)
            s = load_node(o, &node, err);
    }
    return s;
}

static hop_status load_edge(hop_osus *o, const hop_json_view *edge, hop_error **err)
{
    uint64_t ends[2] = {0};
    if (hop_json_count(edge) != 2)
        return hop_json_error(edge, err, "expected two indexes");
    for (size_t i = 0; i < 2; i++) {
        hop_json_view end;
        hop_status s = hop_json_item(edge, i, HOP_JSON_INTEGER, &end, err);
        if (s == HOP_OK)
            s = hop_json_uint(&end, &ends[i], err);
        if (s != HOP_OK)
            return s;
        if (ends[i] >= o->node_count)
            return hop_json_error(&end, err, "there are %zu nodes", o->node_count);
    }
    if (o->edge_count == HOP_GRAPH_MAX_EDGES)
        return hop_error_set(err, HOP_E_LIMIT, "%s: too many edges", edge->document);
    hop_osus_add_edge(o, (uint32_t)ends[0], (uint32_t)ends[1]);
    return HOP_OK;
}

static void list_archs(hop_osus *o)
{
    o->archs = hop_alloc(o->node_count + 1, sizeof(*o->archs));
    for (size_t i = 0; i < o->node_count; i++) {
        const char *build = hop_osus_get_build(&o->nodes[i]);
        bool is_known = false;
        for (size_t j = 0; j < o->arch_count && !is_known; j++)
            is_known = strcmp(o->archs[j], build) == 0;
        if (!is_known)
            o->archs[o->arch_count++] = build;
    }
}

hop_status hop_osus_load(hop_osus *o, const char *text, size_t len, const char *name,
                         hop_error **err)
{
    HOP_AUTO(hop_json) doc = NULL;
    o->name = hop_arena_strdup(o->arena, name);
    hop_status s = hop_json_parse(text, len, name, &doc, err);
    if (s != HOP_OK)
        return s;
    hop_json_view root = hop_json_root(doc, name), edges, edge;
    s = load_nodes(o, &root, err);
    if (s == HOP_OK)
        s = hop_json_member(&root, "edges", HOP_JSON_ARRAY, &edges, err);
    size_t count = s == HOP_OK ? hop_json_count(&edges) : 0;
    for (size_t i = 0; i < count && s == HOP_OK; i++) {
        s = hop_json_item(&edges, i, HOP_JSON_ARRAY, &edge, err);
        if (s == HOP_OK)
            s = load_edge(o, &edge, err);
    }
    list_archs(o);
    return s == HOP_OK ? hop_osus_check_acyclic(o, name, err) : s;
}
