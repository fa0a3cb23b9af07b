/* SPDX-License-Identifier: GPL-3.0-or-later */
/** What making and reading a set of plans have in common. */
#ifndef PLAN_SET_BUILD_H
#define PLAN_SET_BUILD_H

#include "hop_plan_set.h"

/** Consumes *plan. */
void hop_plan_set_add(hop_plan_set *set, hop_plan **plan);
/** Status, releases and risks of the whole, from the plans. */
void hop_plan_set_sum_up(hop_plan_set *set);
/* plan_parse.c */

/** A newer schema is refused with a sentence. */
HOP_MUST_USE hop_status hop_plan_check_schema(const hop_json_view *root, hop_error **err);
/** One plan's document. */
HOP_MUST_USE hop_status hop_plan_parse_view(const hop_json_view *root, hop_plan **out,
                                            hop_error **err);

#endif
