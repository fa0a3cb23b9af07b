/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Is the graph-data that an update service is fed with the data that was planned with?
 *
 * A plan states the tree hash of the graph-data that it was made from, or mirrored with.
 */
#ifndef PLANNED_DATA_H
#define PLANNED_DATA_H

#include "hop_graph.h"
#include "hop_oci.h"
#include "hop_proof.h"
#include "hop_tree.h"

/** A warning for plans that state another hash than `tree`, once for each hash: hops are
 * looked for in the data that is there, and newer data may offer them all. `name` is
 * where that is. Plans that state none say nothing. */
void hop_planned_data_check(const hop_plan *const *plans, size_t count,
                            const hop_digest *tree, const char *name, hop_proof *proof);
/** A finding when the image `name` holds other data than `given`, which the hops are
 * looked for in; it names the first file that differs. */
void hop_planned_data_compare(hop_proof_level level, const hop_tree *image,
                              const char *name, const hop_tree *given,
                              const char *given_name, hop_proof *proof);

#endif
