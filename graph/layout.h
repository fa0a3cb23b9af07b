/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Where the boxes of a layered drawing stand, and where the lines between them bend.
 *
 * igraph says who stands left of whom; its coordinates know neither how wide a box is nor
 * that the path should run straight, so the places are found here.
 */
#ifndef LAYOUT_H
#define LAYOUT_H

#include "arena.h"
#include "hop_drawing.h"
#include "igraph_bridge.h"

/** `weight` of an edge: how much it pulls its ends, and the bends between, into line. */
typedef struct layout_job {
    const uint32_t *layers; /* of nodes; every layer from 0 has one */
    const double *widths;   /* of nodes */
    size_t node_count;
    const hop_weighted_edge *edges; /* each leads to a higher layer */
    size_t edge_count;
    const double *rows; /* the y of each layer */
} layout_job;

typedef struct layout_line {
    const hop_point *bends;
    size_t bend_count;
} layout_line;

/** `x` has room for node_count, `lines` for edge_count items; the bends are in the arena.
 * The leftmost edge of all boxes is at x = 0. */
HOP_MUST_USE hop_status hop_layout(const layout_job *job, hop_arena *arena, double *x,
                                   layout_line *lines, double *width, hop_error **err);

#endif
