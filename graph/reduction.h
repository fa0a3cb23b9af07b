/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * What of an update graph must be drawn so that nothing is lost.
 */
#ifndef REDUCTION_H
#define REDUCTION_H

#include "hop_own.h"

typedef struct reduction_edge {
    uint32_t from; /* below `to`: the numbers of nodes are a topological order */
    uint32_t to;
    bool is_conditional;
} reduction_edge;

/**
 * Transitive reduction that keeps two relations: what can be reached over recommended
 * edges alone, and what over all. A recommended edge goes when other recommended edges
 * lead there; a conditional one when any others do. `edges` are sorted by `from`, then by
 * `to`; sets keep[i] for each that stays.
 */
void hop_reduce(size_t node_count, const reduction_edge *edges, size_t edge_count,
                bool *keep);

#endif
