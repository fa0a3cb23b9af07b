/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * One plan for several clusters: every start its path to the common target, over the
 * smallest set of releases that will do. One start is a set of one plan.
 *
 *     HOP_AUTO(hop_plan_set) set = NULL;
 *     s = hop_plan_set_make(g, &opts, &starts, &set, err);
 *     for (size_t i = 0; i < set->plan_count; i++) use(set->plans[i]);
 *
 * What counts: the fewest releases, starts and target included; then the fewest
 * conditional updates, then the fewest pre-releases, then newer ones. Inside the chosen
 * releases each start's path is the best by the ordinary preference. When some start
 * needs risks that are not accepted, the fewest conditional updates count first.
 *
 * Ten different starts are solved exactly (fewer in graphs of many thousand releases);
 * more are joined group by group, and then `at_least` says how small a set could be at
 * best.
 */
#ifndef HOP_PLAN_SET_H
#define HOP_PLAN_SET_H

#include "hop_graph.h"

#define HOP_PLAN_SET_MAX_STARTS ((size_t)64)

typedef struct hop_plan_set {
    hop_plan **plans; /* in the order of the starts, each start once */
    size_t plan_count;
    hop_plan_status status;   /* the worst of the plans'; OK when only some are at the
                                 target already */
    hop_strings releases;     /* of all paths, each once, oldest first */
    hop_strings needed_risks; /* of all plans, sorted */
    size_t at_least;          /* no set of releases that does it is smaller; 0 unknown */
} hop_plan_set;

/** The set is proved to be the smallest. */
bool hop_plan_set_is_smallest(const hop_plan_set *set);

/**
 * Plans from every version in `starts` (at least one, HOP_PLAN_SET_MAX_STARTS at most;
 * opts->from is not looked at) to opts->to. As hop_graph_plan() for one. When a start has
 * no path, its plan says why, and the other plans are the best ones for themselves.
 */
HOP_MUST_USE hop_status hop_plan_set_make(const hop_graph *g, const hop_plan_opts *opts,
                                          const hop_strings *starts, hop_plan_set **out,
                                          hop_error **err);
/** As hop_graph_resolve(), among the releases that all starts reach. */
HOP_MUST_USE hop_status hop_plan_set_resolve(const hop_graph *g,
                                             const hop_plan_opts *opts,
                                             const hop_strings *starts, const char *wish,
                                             const char **out, hop_error **err);
/** Plans that state no graph-data state this from now on: its tree hash, copied. */
void hop_plan_set_note_data(hop_plan_set *set, const char *tree);
/** Reads a plan's document, of one start or of several. */
HOP_MUST_USE hop_status hop_plan_set_parse(const char *text, size_t len, const char *name,
                                           hop_plan_set **out, hop_error **err);
void hop_plan_set_free(hop_plan_set *set);
HOP_DEFINE_AUTO(hop_plan_set);

#endif
