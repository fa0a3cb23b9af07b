/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * From flags to a plan: what `plan` prints and `mirror` carries out.
 */
#ifndef PLANNING_H
#define PLANNING_H

#include "graph_source.h"
#include "hop_plan_set.h"

/** Loads the graphs for `arch`, adding the documents to `keep` unless that is NULL, and
 * plans, for every --from. A plan without a path is HOP_OK; its status says so. */
HOP_MUST_USE hop_status hop_planning_run(const hop_options *o, const char *arch,
                                         hop_graph_documents *keep, hop_plan_set **out,
                                         hop_error **err);
/** As above, over a graph that was read already, for one start; the flags that say what a
 * good path is are followed. `from` and `to` are exact versions. */
HOP_MUST_USE hop_status hop_planning_between(const hop_options *o, const hop_graph *g,
                                             const char *arch, const char *from,
                                             const char *to, hop_plan_set **out,
                                             hop_error **err);
/** Reads a file that `plan -o json` wrote. */
HOP_MUST_USE hop_status hop_planning_read(const char *path, hop_plan_set **out,
                                          hop_error **err);

/** Plans with what they were made from. All zero is empty; release with
 * hop_planning_clear(). */
typedef struct hop_planning {
    hop_graph *graph;
    hop_answers *answers;
    hop_plan_opts opts; /* borrows from the flags, the graph and the answers */
    hop_plan_set *set;
    hop_graph_documents *keep; /* gets the graphs' documents; borrowed; NULL: dropped */
} hop_planning;

/** As hop_planning_run(), for those who go on to draw. `*out` is empty but for `keep`
 * on entry, and to be cleared whatever comes back. */
HOP_MUST_USE hop_status hop_planning_make(const hop_options *o, const char *arch,
                                          hop_planning *out, hop_error **err);
void hop_planning_clear(hop_planning *p);

bool hop_planning_set_is_usable(const hop_plan_set *set);
/** What --accept-risk and --risk-answers say. *answers is owned by the caller, and
 * borrowed by *out. */
HOP_MUST_USE hop_status hop_planning_risks(const hop_options *o, hop_answers **answers,
                                           hop_plan_opts *out, hop_error **err);
/** True when a cluster can follow the plan as it is. */
bool hop_planning_is_usable(const hop_plan *plan);

#endif
