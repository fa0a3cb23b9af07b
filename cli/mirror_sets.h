/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * What the user wants of the mirror sets that `mirror` writes: their kind, their policy
 * (--idms, --icsp, --source-policy), and whether nodes would roll out over them
 * (--current-idms).
 *
 *     s = hop_set_wish_read(o, &wish, &place, err);      // before the transfer
 *     hop_set_wish_warn(o, &wish, start);                // when the start is known
 *     s = hop_set_wish_compare(&wish, &resources, err);  // when the files are made
 */
#ifndef MIRROR_SETS_H
#define MIRROR_SETS_H

#include "hop_json.h"
#include "hop_rollout.h"
#include "mirror_resources.h"
#include "options.h"

/** All zero is empty; release with hop_set_wish_clear(). */
typedef struct hop_set_wish {
    hop_cluster_sets *current; /* NULL without --current-idms */
    bool is_compared;
    hop_rollout rollout;
} hop_set_wish;
void hop_set_wish_clear(hop_set_wish *w);

/** Reads the flags and the files that they name; what the resources need of them goes to
 * `place`. */
HOP_MUST_USE hop_status hop_set_wish_read(const hop_options *o, hop_set_wish *out,
                                          hop_resources_place *place, hop_error **err);
/** Warns of wishes that a cluster which begins at `start` does not grant. */
void hop_set_wish_warn(const hop_options *o, const hop_set_wish *w, const char *start);
/** Compares what the cluster has with what was made, if it is known. */
HOP_MUST_USE hop_status hop_set_wish_compare(hop_set_wish *w, const hop_tree *resources,
                                             hop_error **err);
/** The verdict; each line begins with `mark`. Nothing without --current-idms. */
void hop_set_wish_text(const hop_set_wish *w, const char *mark, hop_buf *out);
/** "mirror_sets": the kinds that are written, in the order of applying, "rollout" none,
 * reload, drain or null, and "changes". */
void hop_set_wish_json(const hop_set_wish *w, const hop_tree *resources, hop_json *doc);

#endif
