/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * From flags to a plan: what `plan` prints and `mirror` carries out.
 */
#ifndef PLANNING_H
#define PLANNING_H

#include "hop_graph.h"
#include "options.h"

/** Loads the graphs for `arch` and plans. A plan without a path is HOP_OK; its status
 * says so. */
HOP_MUST_USE hop_status hop_planning_run(const hop_options *o, const char *arch,
                                         hop_plan **out, hop_error **err);
/** A plan with what it was made from. All zero is empty; release with
 * hop_planning_clear(). */
typedef struct hop_planning {
    hop_graph *graph;
    hop_answers *answers;
    hop_plan_opts opts; /* borrows from the flags, the graph and the answers */
    hop_plan *plan;
} hop_planning;

/** The same, for those who go on to draw the plan. `*out` is empty on entry, and to be
 * cleared whatever comes back. */
HOP_MUST_USE hop_status hop_planning_make(const hop_options *o, const char *arch,
                                          hop_planning *out, hop_error **err);
void hop_planning_clear(hop_planning *p);

/** True when a cluster can follow the plan as it is. */
bool hop_planning_is_usable(const hop_plan *plan);

#endif
