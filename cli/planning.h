/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * From flags to a plan: what `plan` prints and `mirror` carries out.
 */
#ifndef PLANNING_H
#define PLANNING_H

#include "hop_plan_set.h"
#include "options.h"

/** Loads the graphs for `arch` and plans, for every --from. A plan without a path is
 * HOP_OK; its status says so. */
HOP_MUST_USE hop_status hop_planning_run(const hop_options *o, const char *arch,
                                         hop_plan_set **out, hop_error **err);
/** Reads a file that `plan -o json` wrote. */
HOP_MUST_USE hop_status hop_planning_read(const char *path, hop_plan_set **out,
                                          hop_error **err);
/** What --accept-risk and --risk-answers say. *answers is owned by the caller, and
 * borrowed by *out. */
HOP_MUST_USE hop_status hop_planning_risks(const hop_options *o, hop_answers **answers,
                                           hop_plan_opts *out, hop_error **err);
/** True when a cluster can follow the plan as it is. */
bool hop_planning_is_usable(const hop_plan *plan);

#endif
