/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Which releases and updates a drawing shows, before anything has a place.
 */
#ifndef DRAWING_H
#define DRAWING_H

#include "hop_drawing.h"
#include "search.h"

typedef struct picked_node {
    const graph_node *node;
    hop_drawn_role role;
    bool is_from_start, is_to_target;
} picked_node;

typedef struct picked_edge {
    uint32_t from, to; /* indexes of picked nodes */
    uint32_t edge;     /* of the graph */
    hop_drawn_role role;
    bool is_conditional;
    bool
        is_needed; /* to see every way, or part of a route: has its place in the layers */
} picked_edge;

/** All zero is empty; release with hop_pick_clear(). Nodes are oldest first, edges by
 * their ends. */
typedef struct hop_pick {
    picked_node *nodes;
    size_t node_count, node_cap;
    picked_edge *edges;
    size_t edge_count, edge_cap;
    size_t nodes_left_out, edges_left_out;
} hop_pick;

HOP_MUST_USE hop_status hop_pick_make(const hop_graph *g, const hop_plan *plan,
                                      const hop_drawing_opts *opts, hop_pick *out,
                                      hop_error **err);
void hop_pick_clear(hop_pick *p);

#endif
