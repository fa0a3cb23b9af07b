/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * The only way to igraph. Speaks node indexes, an edge list and whole-number weights; no
 * igraph type leaves it.
 *
 * igraph is not thread safe, and neither is this.
 */
#ifndef IGRAPH_BRIDGE_H
#define IGRAPH_BRIDGE_H

#include "hop_error.h"

#define HOP_UNREACHABLE UINT64_MAX

typedef struct hop_weighted_edge {
    uint32_t from;
    uint32_t to;
    uint64_t weight;
} hop_weighted_edge;

typedef struct hop_igraph hop_igraph;

typedef enum hop_igraph_direction {
    HOP_FROM_ROOT, /* along the edges */
    HOP_TO_ROOT,   /* against them */
} hop_igraph_direction;

/** A directed graph over nodes 0 … node_count-1. HOP_E_USAGE for an end out of range. */
HOP_MUST_USE hop_status hop_igraph_new(size_t node_count, const hop_weighted_edge *edges,
                                       size_t edge_count, hop_igraph **out,
                                       hop_error **err);
void hop_igraph_free(hop_igraph *g);
HOP_DEFINE_AUTO(hop_igraph);

/**
 * Least sums of weights between `root` and every node, by Dijkstra; HOP_UNREACHABLE where
 * there is no way. Exact while every sum stays below 2^53, which the caller guarantees.
 * `distances` has node_count items.
 */
HOP_MUST_USE hop_status hop_igraph_distances(const hop_igraph *g, uint32_t root,
                                             hop_igraph_direction direction,
                                             uint64_t *distances, hop_error **err);

/** A piece of an edge, from an item to one in the next layer. */
typedef struct hop_layer_link {
    uint32_t from;
    uint32_t to;
    uint32_t edge; /* index of the edge that it is a part of */
} hop_layer_link;

/**
 * A layered drawing. Items 0 … node_count-1 are the nodes; those behind them are bends,
 * one for each layer that an edge passes through.
 */
typedef struct hop_layering {
    size_t item_count;
    uint32_t *layers;      /* of items */
    double *x;             /* of items; says who stands left of whom in a layer */
    hop_layer_link *links; /* the links of an edge follow each other, downwards */
    size_t link_count;
} hop_layering;

/**
 * Orders nodes within given layers so that few edges cross (Sugiyama's method, with
 * Brandes and Köpf's coordinates). Every edge must lead to a higher layer, else
 * HOP_E_USAGE: igraph leaves edges inside a layer out and turns others around. Weights
 * are not looked at. Release with hop_layering_clear().
 */
HOP_MUST_USE hop_status hop_igraph_layer(size_t node_count, const uint32_t *layers,
                                         const hop_weighted_edge *edges,
                                         size_t edge_count, hop_layering *out,
                                         hop_error **err);
void hop_layering_clear(hop_layering *l);

#endif
