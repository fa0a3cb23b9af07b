/* SPDX-License-Identifier: GPL-3.0-or-later */
/** The graph inside the simulated service: nodes with metadata, edges, conditional edges.
 */
#ifndef OSUS_MODEL_H
#define OSUS_MODEL_H

#include "graph_data.h"
#include "hop_version.h"
#include "index.h"

#define META "io.openshift.upgrades.graph."

typedef struct osus_meta {
    const char *key;
    const char *value; /* NULL once it was taken */
} osus_meta;

typedef struct osus_node {
    hop_version version; /* with "+arch" */
    const char *payload; /* NULL: only named, not scraped */
    osus_meta *meta;
    size_t meta_count, meta_cap;
    bool has_raw; /* raw/metadata.json of the graph-data says something about it */
} osus_node;

typedef struct osus_edge {
    uint32_t from, to;
    bool is_removed;
    const hop_risk **risks; /* conditional: in the order of the files */
    size_t risk_count, risk_cap;
} osus_edge;

struct hop_osus {
    hop_arena *arena;
    const char *name; /* of the releases, for errors */
    osus_node *nodes;
    size_t node_count;
    hop_index by_version, by_pair;
    osus_edge *edges;
    size_t edge_count, edge_cap;
    const char **archs; /* builds that are there */
    size_t arch_count;
};

/** Reads the releases. `o` is empty but for its arena. */
HOP_MUST_USE hop_status hop_osus_load(hop_osus *o, const char *text, size_t len,
                                      const char *name, hop_error **err);
uint32_t hop_osus_find(const hop_osus *o, const char *version);
const char *hop_osus_get_meta(const osus_node *n, const char *key);
void hop_osus_set_meta(hop_osus *o, osus_node *n, const char *key, const char *value);
/** Appends with `separator` between, or sets. */
void hop_osus_append_meta(hop_osus *o, osus_node *n, const char *key,
                          const char *separator, const char *value);
/** The part after '+', "" without. */
const char *hop_osus_get_build(const osus_node *n);
/** True when the node's text before '+' is that of `version`. */
bool hop_osus_is_version(const osus_node *n, const char *version);
void hop_osus_add_edge(hop_osus *o, uint32_t from, uint32_t to);
/** `input` is what brought the last edges; it is named in the error, as is a release on a
 * cycle. */
HOP_MUST_USE hop_status hop_osus_check_acyclic(const hop_osus *o, const char *input,
                                               hop_error **err);

#endif
