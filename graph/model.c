/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model.h"

#include <stdlib.h>
#include <string.h>

#include "channels.h"
#include "hop_oci.h"

/* ---- life ---- */

hop_graph *hop_graph_new(void)
{
    hop_graph *g = hop_alloc(1, sizeof(*g));
    g->arena = hop_arena_new();
    return g;
}

void hop_graph_note_data(hop_graph *g, const char *tree)
{
    g->data = hop_arena_strdup(g->arena, tree);
}

void hop_graph_free(hop_graph *g)
{
    if (!g)
        return;
    free(g->nodes);
    free(g->order);
    free(g->edges);
    free(g->risks);
    free(g->lists);
    free(g->documents);
    free(g->channels);
    hop_index_clear(&g->by_version);
    hop_index_clear(&g->by_pair);
    hop_index_clear(&g->by_risk);
    hop_index_clear(&g->by_list);
    hop_strings_clear(&g->warnings);
    hop_arena_free(g->arena);
    free(g);
}

hop_texts hop_model_split(hop_arena *a, const char *list)
{
    size_t max = 1;
    for (const char *p = list; *p; p++)
        max += *p == ',';
    const char **items = hop_arena_alloc(a, max, sizeof(*items));
    size_t n = 0;
    for (const char *p = list; *p;) {
        p += strspn(p, ", ");
        size_t len = strcspn(p, ",");
        const char *next = p + len;
        while (len > 0 && p[len - 1] == ' ')
            len--;
        if (len > 0)
            items[n++] = hop_arena_strndup(a, p, len);
        p = next;
    }
    return (hop_texts){items, n};
}

/* ---- looking up ---- */

static bool node_has_version(const void *owner, uint32_t id, const void *key)
{
    const hop_graph *g = owner;
    return strcmp(g->nodes[id]->release.version, key) == 0;
}

static uint32_t find_node(const hop_graph *g, const char *version)
{
    return hop_index_find(&g->by_version, hop_index_hash(version, strlen(version)),
                          node_has_version, g, version);
}

uint32_t hop_model_find(const hop_graph *g, const char *version, const char *arch)
{
    uint32_t id = find_node(g, version);
    if (id != HOP_NO_ID || !arch || strchr(version, '+'))
        return id;
    HOP_AUTO_STR with_arch = hop_sprintf("%s+%s", version, arch);
    return find_node(g, with_arch);
}

typedef struct node_pair {
    uint32_t from;
    uint32_t to;
} node_pair;

static bool edge_has_pair(const void *owner, uint32_t id, const void *key)
{
    const hop_graph *g = owner;
    const node_pair *pair = key;
    return g->edges[id].from == pair->from && g->edges[id].to == pair->to;
}

uint32_t hop_model_find_edge(const hop_graph *g, uint32_t from, uint32_t to)
{
    node_pair pair = {from, to};
    return hop_index_find(&g->by_pair, hop_index_hash(&pair, sizeof(pair)), edge_has_pair,
                          g, &pair);
}

/* ---- risks, each kept once ---- */

static bool risk_is_same(const void *owner, uint32_t id, const void *key)
{
    const hop_risk *a = ((const hop_graph *)owner)->risks[id];
    const draft_risk *b = key;
    return strcmp(a->name, b->name) == 0 && strcmp(a->message, b->message) == 0 &&
           strcmp(a->url, b->url) == 0 && strcmp(a->rules_json, b->rules_json) == 0;
}

static const hop_risk *copy_risk(hop_arena *a, const draft_risk *r)
{
    hop_rule *rules = hop_arena_alloc(a, r->rule_count, sizeof(*rules));
    for (size_t i = 0; i < r->rule_count; i++)
        rules[i] = (hop_rule){.type = hop_arena_strdup(a, r->rules[i].type),
                              .promql = hop_arena_strdup(a, r->rules[i].promql)};
    hop_risk *copy = hop_arena_alloc(a, 1, sizeof(*copy));
    *copy = (hop_risk){.name = hop_arena_strdup(a, r->name),
                       .url = hop_arena_strdup(a, r->url),
                       .message = hop_arena_strdup(a, r->message),
                       .rules = rules,
                       .rule_count = r->rule_count,
                       .rules_json = hop_arena_strdup(a, r->rules_json)};
    return copy;
}

static const hop_risk *intern_risk(hop_graph *g, const draft_risk *r)
{
    uint64_t hash = hop_index_hash(r->name, strlen(r->name)) ^
                    hop_index_hash(r->message, strlen(r->message));
    uint32_t id = hop_index_find(&g->by_risk, hash, risk_is_same, g, r);
    if (id != HOP_NO_ID)
        return g->risks[id];
    g->risks = hop_grow(g->risks, g->risk_count, &g->risk_cap, sizeof(*g->risks));
    const hop_risk *risk = copy_risk(g->arena, r);
    hop_index_add(&g->by_risk, hash, (uint32_t)g->risk_count);
    g->risks[g->risk_count++] = risk;
    return risk;
}

/* Risks are interned, so that lists are equal when their pointers are. */
static bool list_is_same(const void *owner, uint32_t id, const void *key)
{
    const risk_list *a = ((const hop_graph *)owner)->lists[id], *b = key;
    if (a->len != b->len)
        return false;
    for (size_t i = 0; i < a->len; i++)
        if (a->items[i] != b->items[i])
            return false;
    return true;
}

static const risk_list *intern_list(hop_graph *g, const hop_risk *const *items,
                                    size_t len)
{
    risk_list wanted = {items, len};
    uint64_t hash = len;
    for (size_t i = 0; i < len; i++)
        hash = hash * 31 + hop_index_hash(items[i]->name, strlen(items[i]->name));
    uint32_t id = hop_index_find(&g->by_list, hash, list_is_same, g, &wanted);
    if (id != HOP_NO_ID)
        return g->lists[id];
    const hop_risk **copy = hop_arena_alloc(g->arena, len, sizeof(const hop_risk *));
    for (size_t i = 0; i < len; i++)
        copy[i] = items[i];
    risk_list *list = hop_arena_alloc(g->arena, 1, sizeof(*list));
    *list = (risk_list){copy, len};
    g->lists = hop_grow(g->lists, g->list_count, &g->list_cap, sizeof(*g->lists));
    hop_index_add(&g->by_list, hash, (uint32_t)g->list_count);
    g->lists[g->list_count++] = list;
    return list;
}

static bool list_has(const risk_list *list, const hop_risk *risk)
{
    for (size_t i = 0; i < list->len; i++)
        if (list->items[i] == risk)
            return true;
    return false;
}

/* One document lists a pair in two groups: all risks of both apply. */
static const risk_list *join_lists(hop_graph *g, const risk_list *a, const risk_list *b)
{
    const hop_risk **items = hop_alloc(a->len + b->len + 1, sizeof(const hop_risk *));
    size_t n = 0;
    for (size_t i = 0; i < a->len; i++)
        items[n++] = a->items[i];
    for (size_t i = 0; i < b->len; i++)
        if (!list_has(a, b->items[i]))
            items[n++] = b->items[i];
    const risk_list *joined = intern_list(g, items, n);
    free(items);
    return joined;
}

/* ---- merging ---- */

/* The same image by another name is no conflict: mirrors rewrite hosts and repositories.
 */
static bool is_same_image(const char *a, const char *b)
{
    const char *a_digest = strchr(a, '@'), *b_digest = strchr(b, '@');
    return a_digest && b_digest ? strcmp(a_digest, b_digest) == 0 : strcmp(a, b) == 0;
}

static hop_status check_payloads(const hop_graph *g, const hop_draft *d, hop_error **err)
{
    for (size_t i = 0; i < d->node_count; i++) {
        const draft_node *n = &d->nodes[i];
        uint32_t id = n->payload ? find_node(g, n->version.text) : HOP_NO_ID;
        if (id == HOP_NO_ID || !g->nodes[id]->release.payload)
            continue;
        const graph_node *known = g->nodes[id];
        if (!is_same_image(known->release.payload, n->payload))
            return hop_error_set(err, HOP_E_PARSE,
                                 "release %s: the payload is %s in %s, but %s in %s",
                                 n->version.text, known->release.payload,
                                 known->payload_document, n->payload, d->name);
    }
    return HOP_OK;
}

static graph_node *add_node(hop_graph *g, const draft_node *n)
{
    graph_node *node = hop_arena_alloc(g->arena, 1, sizeof(*node));
    node->version = n->version;
    node->version.text = hop_arena_strdup(g->arena, n->version.text);
    node->release.version = node->version.text;
    node->release.is_prerelease = hop_version_is_prerelease(&node->version);
    node->release.is_hotfix = hop_version_is_hotfix(&node->version);
    node->id = (uint32_t)g->node_count;
    g->nodes = hop_grow(g->nodes, g->node_count, &g->node_cap, sizeof(*g->nodes));
    g->nodes[g->node_count++] = node;
    hop_index_add(&g->by_version,
                  hop_index_hash(node->version.text, strlen(node->version.text)),
                  node->id);
    return node;
}

static void update_node(hop_graph *g, graph_node *node, const draft_node *n,
                        uint64_t rank, const char *document)
{
    hop_release *r = &node->release;
    if (n->payload && (!r->payload || rank >= node->payload_rank)) {
        if (!r->payload || strcmp(r->payload, n->payload) != 0)
            r->payload = hop_arena_strdup(g->arena, n->payload);
        node->payload_document = document;
        node->payload_rank = rank;
    }
    if (n->url && (!r->url || rank >= node->url_rank)) {
        if (!r->url || strcmp(r->url, n->url) != 0)
            r->url = hop_arena_strdup(g->arena, n->url);
        node->url_rank = rank;
    }
    if (n->channels && (r->channels.len == 0 || rank >= node->channels_rank)) {
        r->channels = hop_model_split(g->arena, n->channels);
        node->channels_rank = rank;
    }
}

static int compare_nodes(const void *a, const void *b)
{
    const graph_node *const *x = a, *const *y = b;
    return hop_version_compare(&(*x)->version, &(*y)->version);
}

/* Only the new nodes are sorted; the old order is merged with them. */
static void extend_order(hop_graph *g, size_t old_count)
{
    size_t added = g->node_count - old_count;
    if (added == 0)
        return;
    graph_node **fresh = hop_alloc(added, sizeof(*fresh));
    memcpy(fresh, g->nodes + old_count, added * sizeof(*fresh));
    qsort(fresh, added, sizeof(*fresh), compare_nodes);
    graph_node **merged = hop_alloc(g->node_count, sizeof(*merged));
    size_t i = 0, j = 0;
    for (size_t k = 0; k < g->node_count; k++) {
        bool take_old =
            j == added || (i < old_count && compare_nodes(&g->order[i], &fresh[j]) < 0);
        merged[k] = take_old ? g->order[i++] : fresh[j++];
    }
    free(fresh);
    free(g->order);
    g->order = merged;
}

static void set_bit(uint64_t *bits, size_t i)
{
    bits[i / 64] |= (uint64_t)1 << (i % 64);
}

static bool get_bit(const uint64_t *bits, size_t i)
{
    return bits[i / 64] >> (i % 64) & 1;
}

bool hop_model_has_node(const graph_document *d, uint32_t node)
{
    return node < d->node_bits && get_bit(d->nodes, node);
}

bool hop_model_has_edge(const graph_document *d, size_t edge)
{
    return edge < d->edge_bits && get_bit(d->edges, edge);
}

static uint32_t merge_edge(hop_graph *g, uint32_t from, uint32_t to)
{
    node_pair pair = {from, to};
    uint64_t hash = hop_index_hash(&pair, sizeof(pair));
    uint32_t id = hop_index_find(&g->by_pair, hash, edge_has_pair, g, &pair);
    if (id != HOP_NO_ID)
        return id;
    id = (uint32_t)g->edge_count;
    g->edges = hop_grow(g->edges, g->edge_count, &g->edge_cap, sizeof(*g->edges));
    g->edges[g->edge_count++] = (graph_edge){.from = from, .to = to};
    hop_index_add(&g->by_pair, hash, id);
    return id;
}

static void set_risks(hop_graph *g, graph_edge *e, const risk_list *list, uint64_t rank)
{
    if (e->risks && e->rank == rank)
        list = join_lists(g, e->risks, list);
    else if (e->risks && e->rank > rank)
        return;
    e->risks = list;
    e->rank = rank;
}

static const risk_list **intern_groups(hop_graph *g, const hop_draft *d)
{
    const hop_risk **risks = hop_alloc(d->risk_count + 1, sizeof(const hop_risk *));
    for (size_t i = 0; i < d->risk_count; i++)
        risks[i] = intern_risk(g, &d->risks[i]);
    const risk_list **lists = hop_alloc(d->group_count + 1, sizeof(const risk_list *));
    for (size_t i = 0; i < d->group_count; i++)
        lists[i] =
            intern_list(g, risks + d->groups[i].first_risk, d->groups[i].risk_count);
    free(risks);
    return lists;
}

/* `ids` maps draft nodes to node ids. */
static void merge_edges(hop_graph *g, const hop_draft *d, const uint32_t *ids,
                        graph_document *doc, uint64_t rank)
{
    const risk_list **lists = intern_groups(g, d);
    uint32_t *touched = hop_alloc(d->edge_count + 1, sizeof(*touched));
    for (size_t i = 0; i < d->edge_count; i++) {
        const draft_edge *e = &d->edges[i];
        touched[i] = merge_edge(g, ids[e->from], ids[e->to]);
        if (e->group != HOP_NO_ID)
            set_risks(g, &g->edges[touched[i]], lists[e->group], rank);
    }
    doc->edge_bits = g->edge_count;
    doc->edges = hop_arena_alloc(g->arena, g->edge_count / 64 + 1, sizeof(*doc->edges));
    for (size_t i = 0; i < d->edge_count; i++)
        set_bit(doc->edges, touched[i]);
    free(touched);
    free(lists);
}

static int compare_channel_names(const void *a, const void *b)
{
    return hop_channel_compare(*(const char *const *)a, *(const char *const *)b);
}

static void list_channels(hop_graph *g)
{
    free(g->channels);
    g->channels = hop_alloc(g->document_count, sizeof(*g->channels));
    g->channel_count = 0;
    for (size_t i = 0; i < g->document_count; i++) {
        bool is_known = !g->documents[i].channel;
        for (size_t j = 0; j < g->channel_count && !is_known; j++)
            is_known = strcmp(g->channels[j], g->documents[i].channel) == 0;
        if (!is_known)
            g->channels[g->channel_count++] = g->documents[i].channel;
    }
    qsort(g->channels, g->channel_count, sizeof(*g->channels), compare_channel_names);
}

static hop_status check_limits(const hop_graph *g, const hop_draft *d, hop_error **err)
{
    if (g->node_count + d->node_count > HOP_GRAPH_MAX_NODES)
        return hop_error_set(err, HOP_E_LIMIT, "%s: more than %zu releases in all graphs",
                             d->name, HOP_GRAPH_MAX_NODES);
    if (g->edge_count + d->edge_count > HOP_GRAPH_MAX_EDGES)
        return hop_error_set(err, HOP_E_LIMIT, "%s: more than %zu edges in all graphs",
                             d->name, HOP_GRAPH_MAX_EDGES);
    return HOP_OK;
}

hop_status hop_model_merge(hop_graph *g, hop_draft *d, hop_error **err)
{
    hop_status s = check_limits(g, d, err);
    if (s == HOP_OK)
        s = check_payloads(g, d, err);
    if (s != HOP_OK)
        return s;
    graph_document doc = {.name = hop_arena_strdup(g->arena, d->name),
                          .channel = hop_arena_strdup(g->arena, d->channel)};
    uint64_t rank = (uint64_t)d->age_rank << 32 | (g->document_count + 1);
    size_t old_count = g->node_count;
    uint32_t *ids = hop_alloc(d->node_count + 1, sizeof(*ids));
    for (size_t i = 0; i < d->node_count; i++) {
        uint32_t id = find_node(g, d->nodes[i].version.text);
        graph_node *node = id == HOP_NO_ID ? add_node(g, &d->nodes[i]) : g->nodes[id];
        update_node(g, node, &d->nodes[i], rank, doc.name);
        ids[i] = node->id;
    }
    doc.node_bits = g->node_count;
    doc.nodes = hop_arena_alloc(g->arena, g->node_count / 64 + 1, sizeof(*doc.nodes));
    for (size_t i = 0; i < d->node_count; i++)
        set_bit(doc.nodes, ids[i]);
    extend_order(g, old_count);
    merge_edges(g, d, ids, &doc, rank);
    free(ids);
    g->documents = hop_grow(g->documents, g->document_count, &g->document_cap,
                            sizeof(*g->documents));
    g->documents[g->document_count++] = doc;
    list_channels(g);
    for (size_t i = 0; i < d->warnings.len; i++)
        hop_strings_add(&g->warnings, d->warnings.items[i]);
    return HOP_OK;
}

/* ---- reading ---- */

const hop_strings *hop_graph_get_warnings(const hop_graph *g)
{
    return &g->warnings;
}

hop_texts hop_graph_get_channels(const hop_graph *g)
{
    return (hop_texts){g->channels, g->channel_count};
}

size_t hop_graph_count(const hop_graph *g)
{
    return g->node_count;
}

size_t hop_graph_count_edges(const hop_graph *g)
{
    return g->edge_count;
}

const hop_release *hop_graph_get_release(const hop_graph *g, size_t index)
{
    return &g->order[g->node_count - 1 - index]->release;
}

const hop_release *hop_graph_find_release(const hop_graph *g, const char *version,
                                          const char *arch)
{
    uint32_t id = hop_model_find(g, version, arch);
    return id == HOP_NO_ID ? NULL : &g->nodes[id]->release;
}

bool hop_graph_has_in_channel(const hop_graph *g, const hop_release *r,
                              const char *channel)
{
    uint32_t id = find_node(g, r->version);
    for (size_t i = 0; i < g->document_count && id != HOP_NO_ID; i++) {
        const graph_document *d = &g->documents[i];
        if (d->channel && strcmp(d->channel, channel) == 0 && hop_model_has_node(d, id))
            return true;
    }
    return false;
}
