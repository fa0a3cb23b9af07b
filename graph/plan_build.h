/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Making plans: a plan owns copies of all that it shows, in its own arena.
 */
#ifndef PLAN_BUILD_H
#define PLAN_BUILD_H

#include "search.h"

/** A plan under construction. Risks that were copied are remembered, as many edges share
 * them. */
typedef struct hop_plan_builder {
    hop_plan *plan;
    const hop_graph *g;
    const hop_plan_opts *opts;
    const hop_risk **originals;
    const hop_risk **copies;
    size_t risk_count, original_cap, copy_cap;
} hop_plan_builder;

hop_plan *hop_plan_new(void) HOP_MUST_USE;
void hop_plan_builder_clear(hop_plan_builder *b);
const char *hop_plan_copy(hop_plan_builder *b, const char *text);
/** Copies a list of texts. */
hop_texts hop_plan_copy_texts(hop_plan_builder *b, const char *const *items, size_t len);
/** Copies a path with its releases, risks and channels. */
hop_route hop_plan_copy_route(hop_plan_builder *b, const hop_search *s,
                              const hop_search_path *path);
/** A route of zero hops. */
hop_route hop_plan_copy_start(hop_plan_builder *b, uint32_t node);

/* explain.c */

/** Says which versions are unknown, and what is near them. */
void hop_explain_unknown(hop_plan_builder *b, const char *from, uint32_t from_id,
                         const char *to, uint32_t to_id);
/** Says why no path is usable. For HOP_PLAN_NEEDS_RISKS, `best` must be filled. */
HOP_MUST_USE hop_status hop_explain_no_path(hop_plan_builder *b, uint32_t from_id,
                                            uint32_t to_id, hop_error **err);

#endif
