/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * From flags to a plan: what `plan` prints and `mirror` carries out.
 */
#ifndef PLANNING_H
#define PLANNING_H

#include "graph_source.h"

/** Loads the graphs for `arch`, adding them to `keep` unless that is NULL, and plans. A
 * plan without a path is HOP_OK; its status says so. */
HOP_MUST_USE hop_status hop_planning_run(const hop_options *o, const char *arch,
                                         hop_graph_documents *keep, hop_plan **out,
                                         hop_error **err);
/** True when a cluster can follow the plan as it is. */
bool hop_planning_is_usable(const hop_plan *plan);

#endif
