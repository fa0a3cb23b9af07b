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
/** As above, over a graph that was read already and between versions that are known; the
 * flags that say what a good path is are followed. `from` and `to` are exact versions. */
HOP_MUST_USE hop_status hop_planning_between(const hop_options *o, const hop_graph *g,
                                             const char *arch, const char *from,
                                             const char *to, hop_plan **out,
                                             hop_error **err);
/** True when a cluster can follow the plan as it is. */
bool hop_planning_is_usable(const hop_plan *plan);

#endif
