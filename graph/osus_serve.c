/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the simulated service answers: the graph-builder's whole graph, or the
 * policy-engine's part of it. */
#include <stdlib.h>
#include <string.h>

#include "model.h"
#include "osus_model.h"

#define ARCH META "release.arch"

/* One answer in the making. The arch is NULL for the whole graph. */
typedef struct answer {
    const hop_osus *o;
    const char *arch;
    const osus_node **kept; /* in version order */
    size_t kept_count;
    uint32_t *numbers; /* of node ids in the answer, or HOP_NO_ID */
} answer;

static int compare_nodes(const void *a, const void *b)
{
    const osus_node *const *x = a, *const *y = b;
    return hop_version_compare(&(*x)->version, &(*y)->version);
}

static bool is_in_list(const char *list, const char *wanted)
{
    HOP_AUTO(hop_arena) a = hop_arena_new();
    hop_texts names = list ? hop_model_split(a, list) : (hop_texts){0};
    for (size_t i = 0; i < names.len; i++)
        if (strcmp(names.items[i], wanted) == 0)
            return true;
    return false;
}

/* The channel first, then the architecture, as the service does; only scraped releases
 * are served. */
static bool is_served(const osus_node *n, const char *channel, const char *arch)
{
    if (!channel)
        return true;
    return n->payload &&
           is_in_list(hop_osus_get_meta(n, META "release.channels"), channel) &&
           is_in_list(hop_osus_get_meta(n, ARCH), arch);
}

static void select_nodes(answer *a, const char *channel)
{
    const hop_osus *o = a->o;
    a->kept = hop_alloc(o->node_count + 1, sizeof(const osus_node *));
    a->numbers = hop_alloc(o->node_count + 1, sizeof(*a->numbers));
    for (size_t i = 0; i < o->node_count; i++) {
        a->numbers[i] = HOP_NO_ID;
        if (is_served(&o->nodes[i], channel, a->arch))
            a->kept[a->kept_count++] = &o->nodes[i];
    }
    qsort(a->kept, a->kept_count, sizeof(*a->kept), compare_nodes);
    for (size_t i = 0; i < a->kept_count; i++)
        a->numbers[a->kept[i] - o->nodes] = (uint32_t)i;
}

/* The build part goes when it names the architecture that was asked for. */
static char *served_version(const answer *a, const osus_node *n)
{
    bool strips = a->arch && strcmp(hop_osus_get_build(n), a->arch) == 0;
    return strips ? hop_strndup(n->version.text, n->version.pre_end)
                  : hop_strdup(n->version.text);
}

static void add_nodes(const answer *a, hop_json *doc)
{
    hop_json *nodes = hop_json_add_array(doc, "nodes");
    for (size_t i = 0; i < a->kept_count; i++) {
        const osus_node *n = a->kept[i];
        hop_json *node = hop_json_append_object(nodes);
        HOP_AUTO_STR version = served_version(a, n);
        hop_json_set_string(node, "version", version);
        if (!n->payload)
            continue;
        hop_json_set_string(node, "payload", n->payload);
        hop_json *metadata = hop_json_add_object(node, "metadata");
        for (size_t j = 0; j < n->meta_count; j++)
            if (!a->arch || strcmp(n->meta[j].key, ARCH) != 0)
                hop_json_set_string(metadata, n->meta[j].key, n->meta[j].value);
    }
}

/* Edges of the answer in the order of their ends. */
typedef struct served_edge {
    uint32_t from, to;
    const osus_edge *edge;
} served_edge;

static int compare_edges(const void *a, const void *b)
{
    const served_edge *x = a, *y = b;
    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    return (x->to > y->to) - (x->to < y->to);
}

static bool has_same_risks(const osus_edge *a, const osus_edge *b)
{
    if (a->risk_count != b->risk_count)
        return false;
    for (size_t i = 0; i < a->risk_count; i++) {
        const hop_risk *x = a->risks[i], *y = b->risks[i];
        if (strcmp(x->name, y->name) != 0 || strcmp(x->url, y->url) != 0 ||
            strcmp(x->message, y->message) != 0 ||
            strcmp(x->rules_json, y->rules_json) != 0)
            return false;
    }
    return true;
}

static void add_risks(hop_json *group, const osus_edge *e)
{
    hop_json *risks = hop_json_add_array(group, "risks");
    for (size_t i = 0; i < e->risk_count; i++) {
        const hop_risk *r = e->risks[i];
        hop_json *risk = hop_json_append_object(risks);
        hop_json_set_string(risk, "url", r->url);
        hop_json_set_string(risk, "name", r->name);
        hop_json_set_string(risk, "message", r->message);
        HOP_AUTO(hop_json) rules = NULL;
        hop_error *why = NULL;
        if (hop_json_parse(r->rules_json, strlen(r->rules_json), "rules", &rules, &why) !=
            HOP_OK) {
            hop_error_drop(&why); /* cannot be: the text was made by hop_json_dump() */
            rules = hop_json_new_array();
        }
        hop_json_set_take(risk, "matchingRules", &rules);
    }
}

/* Pairs with the very same list of risks make a group. */
static void add_groups(const answer *a, hop_json *doc, const served_edge *edges,
                       size_t count)
{
    hop_json *groups = hop_json_add_array(doc, "conditionalEdges");
    const osus_edge **seen = hop_alloc(count + 1, sizeof(const osus_edge *));
    hop_json **lists = hop_alloc(count + 1, sizeof(*lists));
    size_t group_count = 0;
    for (size_t i = 0; i < count; i++) {
        const osus_edge *e = edges[i].edge;
        size_t g = 0;
        if (e->risk_count == 0)
            continue;
        while (g < group_count && !has_same_risks(seen[g], e))
            g++;
        if (g == group_count) {
            hop_json *group = hop_json_append_object(groups);
            lists[g] = hop_json_add_array(group, "edges");
            add_risks(group, e);
            seen[group_count++] = e;
        }
        HOP_AUTO_STR from = served_version(a, a->kept[edges[i].from]);
        HOP_AUTO_STR to = served_version(a, a->kept[edges[i].to]);
        hop_json *pair = hop_json_append_object(lists[g]);
        hop_json_set_string(pair, "from", from);
        hop_json_set_string(pair, "to", to);
    }
    free(seen);
    free(lists);
}

static void add_edges(const answer *a, hop_json *doc)
{
    const hop_osus *o = a->o;
    served_edge *edges = hop_alloc(o->edge_count + 1, sizeof(*edges));
    size_t count = 0;
    for (size_t i = 0; i < o->edge_count; i++) {
        uint32_t from = a->numbers[o->edges[i].from], to = a->numbers[o->edges[i].to];
        if (from != HOP_NO_ID && to != HOP_NO_ID)
            edges[count++] = (served_edge){from, to, &o->edges[i]};
    }
    qsort(edges, count, sizeof(*edges), compare_edges);
    hop_json *list = hop_json_add_array(doc, "edges");
    for (size_t i = 0; i < count; i++) {
        if (edges[i].edge->is_removed)
            continue;
        HOP_AUTO(hop_json) pair = hop_json_new_array();
        hop_json_append_uint(pair, edges[i].from);
        hop_json_append_uint(pair, edges[i].to);
        hop_json_append_take(list, &pair);
    }
    add_groups(a, doc, edges, count);
    free(edges);
}

static hop_json *serve(const hop_osus *o, const char *channel, const char *arch)
{
    answer a = {.o = o, .arch = arch};
    select_nodes(&a, channel);
    hop_json *doc = hop_json_new_object();
    if (channel)
        hop_json_set_uint(doc, "version", 1);
    add_nodes(&a, doc);
    add_edges(&a, doc);
    free(a.kept);
    free(a.numbers);
    return doc;
}

hop_json *hop_osus_get_graph(const hop_osus *o)
{
    return serve(o, NULL, NULL);
}

hop_json *hop_osus_get_channel(const hop_osus *o, const char *channel, const char *arch)
{
    return serve(o, channel, arch);
}
