/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Graph-data and the plan that it is for: what the plan needs of it, and whether it is
 * new enough.
 */
#ifndef GRAPH_DATA_PLAN_H
#define GRAPH_DATA_PLAN_H

#include "hop_image.h"
#include "planning.h"

/** Reads plans that can be followed. HOP_E_NO_PATH when one cannot. */
HOP_MUST_USE hop_status hop_graph_data_read_plan(const char *path, hop_plan_set **out,
                                                 hop_error **err);
/** Leaves only what the hops of the plans need. HOP_E_NOT_FOUND when it has not even
 * their channels. */
HOP_MUST_USE hop_status hop_graph_data_prune(const hop_plan_set *set, const char *path,
                                             hop_tree *tree, hop_graphdata_info *info,
                                             hop_error **err);
/** Warns of releases on the paths that the data does not list: it is older than they are,
 * and the update service will not offer them. */
void hop_graph_data_warn_age(const hop_plan *const *plans, size_t count,
                             const hop_tree *tree, const hop_graphdata_info *info);
/** Heap text: when the data was last changed, and how long ago that is. */
char *hop_graph_data_age(const hop_graphdata_info *info) HOP_MUST_USE;

#endif
