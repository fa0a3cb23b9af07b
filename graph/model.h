/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * The merged graph behind hop_graph, and the draft of one document that is merged into
 * it.
 *
 * A document is first read whole into a draft (cincinnati.c), whose text is borrowed from
 * its JSON. Merging checks everything that can fail before it changes anything, so a
 * graph is never half merged.
 */
#ifndef MODEL_H
#define MODEL_H

#include "arena.h"
#include "hop_graph.h"
#include "index.h"

/* ---- one document ---- */

typedef struct draft_node {
    hop_version version;
    const char *payload; /* NULL without */
    const char *url;
    const char *channels; /* the comma list of the metadata, or NULL */
} draft_node;

typedef struct draft_edge {
    uint32_t from; /* indexes of draft nodes */
    uint32_t to;
    uint32_t group; /* conditional edges: index of their group; else HOP_NO_ID */
} draft_edge;

typedef struct draft_risk {
    const char *name;
    const char *url;
    const char *message;
    hop_rule *rules; /* owned by the draft */
    size_t rule_count;
    char *rules_json; /* owned by the draft */
} draft_risk;

typedef struct draft_group {
    size_t first_risk;
    size_t risk_count;
} draft_group;

typedef struct hop_draft {
    const char *name;
    char *channel; /* NULL when unknown */
    uint32_t age_rank;
    draft_node *nodes;
    size_t node_count;
    hop_index by_version;
    draft_edge *edges;
    size_t edge_count, edge_cap;
    draft_risk *risks;
    size_t risk_count, risk_cap;
    draft_group *groups;
    size_t group_count, group_cap;
    hop_strings warnings;
} hop_draft;

void hop_draft_clear(hop_draft *d);
/** HOP_NO_ID when no node has the version. */
uint32_t hop_draft_find(const hop_draft *d, const char *version);

/* ---- the merged graph ---- */

typedef struct graph_node {
    hop_release release;
    hop_version version;
    uint32_t id;
    const char *payload_document; /* which one gave the payload; for messages */
    uint64_t payload_rank, url_rank,
        channels_rank; /* age of the documents that gave them */
} graph_node;

/** Interned: equal lists of risks are one list. */
typedef struct risk_list {
    const hop_risk *const *items;
    size_t len;
} risk_list;

typedef struct graph_edge {
    uint32_t from; /* node ids */
    uint32_t to;
    const risk_list *risks; /* NULL unless conditional */
    uint64_t rank;          /* age of the document that gave the risks */
} graph_edge;

typedef struct graph_document {
    const char *name;
    const char *channel; /* NULL when unknown */
    uint64_t *edges;     /* bit set over edge indexes below edge_bits */
    size_t edge_bits;
    uint64_t *nodes;
    size_t node_bits;
} graph_document;

struct hop_graph {
    hop_arena *arena;
    graph_node **nodes; /* by id */
    graph_node **order; /* oldest version first */
    size_t node_count, node_cap;
    graph_edge *edges;
    size_t edge_count, edge_cap;
    const hop_risk **risks;
    size_t risk_count, risk_cap;
    const risk_list **lists;
    size_t list_count, list_cap;
    graph_document *documents;
    size_t document_count, document_cap;
    const char **channels; /* sorted, each once */
    size_t channel_count;
    hop_index by_version, by_pair, by_risk, by_list;
    hop_strings warnings;
    const char *data; /* tree hash of the graph-data behind it; NULL: unknown */
};

/** Merges a draft; its warnings are taken over. The graph is unchanged on failure. */
HOP_MUST_USE hop_status hop_model_merge(hop_graph *g, hop_draft *d, hop_error **err);
/** HOP_NO_ID when unknown; tries `version+arch`, too, when the version has no build part.
 */
uint32_t hop_model_find(const hop_graph *g, const char *version, const char *arch);
/** Of two node ids; HOP_NO_ID when there is no such edge. */
uint32_t hop_model_find_edge(const hop_graph *g, uint32_t from, uint32_t to);
bool hop_model_has_node(const graph_document *d, uint32_t node);
bool hop_model_has_edge(const graph_document *d, size_t edge);
/** A comma list as texts, blanks and empty items left out. */
hop_texts hop_model_split(hop_arena *a, const char *list);

#endif
