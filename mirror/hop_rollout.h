/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Would the nodes roll out? What a cluster has as mirror sets now, held against those
 * that were made for it.
 *
 * Nodes get one file, joined from all mirror sets of the cluster: only what changes in
 * that file reaches them. Applying a set replaces the one of the same kind and name and
 * leaves the others as they are.
 *
 *     HOP_AUTO(hop_cluster_sets) now = NULL;
 *     s = hop_cluster_sets_load(&files, &now, err);        // oc get idms,icsp -o yaml
 *     HOP_AUTO_VALUE(hop_rollout) r = {0};
 *     s = hop_cluster_sets_compare(now, &resources, &r, err);
 */
#ifndef HOP_ROLLOUT_H
#define HOP_ROLLOUT_H

#include "hop_error.h"
#include "hop_tree.h"

typedef struct hop_cluster_sets hop_cluster_sets;

/** Reads what `oc get imagedigestmirrorset,imagecontentsourcepolicy -o yaml` printed, or
 * files with such objects. HOP_E_PARSE for a malformed one, HOP_E_USAGE for a file whose
 * objects are all of other kinds; an empty list is a cluster without mirror sets. */
HOP_MUST_USE hop_status hop_cluster_sets_load(const hop_strings *files,
                                              hop_cluster_sets **out, hop_error **err);
void hop_cluster_sets_free(hop_cluster_sets *c);
HOP_DEFINE_AUTO(hop_cluster_sets);

/** The cluster holds an ImageContentSourcePolicy. */
bool hop_cluster_sets_has_policies(const hop_cluster_sets *c);

typedef enum hop_rollout_effect {
    HOP_ROLLOUT_NONE,   /* the nodes' file stays as it is */
    HOP_ROLLOUT_RELOAD, /* sources or mirrors come in: nodes take that without a drain */
    HOP_ROLLOUT_DRAIN,  /* something goes, moves or changes: nodes are drained in turn */
} hop_rollout_effect;

/** All zero is empty; release with hop_rollout_clear(). */
typedef struct hop_rollout {
    hop_rollout_effect effect;
    hop_strings changes; /* one sentence each, by source */
} hop_rollout;
void hop_rollout_clear(hop_rollout *r);
/** "none", "reload", "drain". */
const char *hop_rollout_effect_name(hop_rollout_effect e);

/** Compares with the set in `resources` that is applied first (a sorted tree from
 * hop_resources_build()). */
HOP_MUST_USE hop_status hop_cluster_sets_compare(const hop_cluster_sets *c,
                                                 const hop_tree *resources,
                                                 hop_rollout *out, hop_error **err);

#endif
