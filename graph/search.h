/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * The part of a graph that a plan may use, and shortest paths in it.
 *
 * Nodes are numbered by position in version order, so that a larger number is a newer
 * release, every usable edge leads upwards and the numbers are a topological order. One
 * 64-bit key carries the preference:
 *
 *     conditional edges * 2^32 + hops * 2^16 + pre-release intermediates        (--prefer
 * hops swaps the first two)
 *
 * A term counts at most one per hop, and a path has fewer than 2^16 hops
 * (HOP_GRAPH_MAX_NODES).
 */
#ifndef SEARCH_H
#define SEARCH_H

#include "igraph_bridge.h"
#include "model.h"

typedef enum search_risks {
    SEARCH_ACCEPTED_RISKS, /* conditional edges only when all their risks are accepted */
    SEARCH_ANY_RISKS,
} search_risks;

typedef enum search_span {
    SEARCH_BETWEEN, /* only releases from the start to the target: enough for paths */
    SEARCH_WHOLE,   /* all: for explanations */
} search_span;

typedef struct hop_search {
    const hop_graph *g;
    const hop_plan_opts *opts;
    size_t node_count;
    uint32_t start, target;   /* positions */
    uint32_t *positions;      /* of node ids */
    hop_weighted_edge *edges; /* by start, then by end */
    uint32_t *edge_ids;       /* graph edge of each */
    size_t edge_count;
    size_t *first_out;    /* node_count + 1: where the edges of a node begin */
    uint64_t *from_start; /* distances, or HOP_UNREACHABLE */
    uint64_t *to_target;
} hop_search;

/** A path as edges of the search, in order. */
typedef struct hop_search_path {
    uint32_t *edges; /* indexes into search.edges */
    size_t hops;
} hop_search_path;

/** Makes the search and both sets of distances. `from` and `to` are node ids. */
HOP_MUST_USE hop_status hop_search_new(const hop_graph *g, const hop_plan_opts *opts,
                                       uint32_t from, uint32_t to, search_risks risks,
                                       search_span span, hop_search **out,
                                       hop_error **err);
void hop_search_free(hop_search *s);
HOP_DEFINE_AUTO(hop_search);

bool hop_search_has_path(const hop_search *s);
/** The best path by the whole preference. There must be one. */
hop_search_path hop_search_find_best(const hop_search *s) HOP_MUST_USE;
void hop_search_path_clear(hop_search_path *p);
/** Exact number of paths that are best by (conditional edges, hops), or by hops with
 * --prefer hops. Heap text. */
char *hop_search_count_paths(const hop_search *s) HOP_MUST_USE;
/** The best `want` paths in order of the whole preference, the best one first; fewer when
 * there are fewer. Writes into `paths`, which has room for `want`, and returns how many.
 */
size_t hop_search_find_best_few(const hop_search *s, size_t want,
                                hop_search_path *paths) HOP_MUST_USE;

/** True when the options accept all risks of the list. A list without risks is only
 * accepted by "all". */
/** Answers count: a risk that does not apply needs no acceptance. */
bool hop_search_accepts(const hop_plan_opts *opts, const risk_list *risks);

/** False for a listed update and for one none of whose risks applies: the cluster
 *  recommends both. */
bool hop_search_is_conditional(const hop_plan_opts *opts, const risk_list *risks);

#endif
