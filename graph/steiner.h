/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * The smallest set of releases that brings several starts to one target: a directed
 * Steiner tree towards the target, in a graph without cycles.
 *
 * Dreyfus and Wagner's dynamic programme over subsets of the starts, exact. Releases are
 * taken in version order, which is a topological order, so no priority queue is needed.
 * Its work grows as 3^starts: past STEINER_MAX_TERMINALS, or past STEINER_MAX_CELLS, the
 * starts are joined group by group, and a lower bound says how far from the best the
 * result can be at most.
 */
#ifndef STEINER_H
#define STEINER_H

#include "search.h"

#define STEINER_MAX_TERMINALS ((size_t)10)
#define STEINER_MAX_CELLS ((size_t)1 << 22) /* subsets times releases */

typedef enum steiner_first {
    STEINER_FEWEST_RELEASES, /* then fewest conditional edges, then pre-releases */
    STEINER_FEWEST_RISKS,    /* conditional edges before releases */
} steiner_first;

/** `is_in` is by position, starts and target included; free with hop_steiner_clear(). */
typedef struct hop_steiner {
    bool *is_in;
    size_t
        at_least; /* no set has fewer releases; 0 with STEINER_FEWEST_RISKS or `held` */
} hop_steiner;

/**
 * `starts` are positions in `s`, ascending, each once, each with a way to the target of
 * `s`; the search must span the whole graph. `held` (by position; may be NULL) are
 * releases that are in the set already. Among equals newer releases are preferred; the
 * result does not depend on the order of nodes in any document.
 */
void hop_steiner_find(const hop_search *s, const uint32_t *starts, size_t count,
                      steiner_first first, const bool *held, hop_steiner *out);
void hop_steiner_clear(hop_steiner *t);

#endif
