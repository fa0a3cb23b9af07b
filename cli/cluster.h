/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * What a cluster says about itself: the ClusterVersion object, as `oc get clusterversion
 * version -o json` prints it.
 */
#ifndef CLUSTER_H
#define CLUSTER_H

#include "options.h"

/** Texts are owned; NULL where the object does not say. */
typedef struct hop_cluster {
    char *version;       /* status.desired.version: what its checks take for current */
    const char *arch;    /* static, Go name or multi */
    char *channel;       /* spec.channel */
    char *updating_from; /* not NULL: an update to `version` is under way */
    char *refusal;       /* not NULL: why it refuses minor updates now */
} hop_cluster;

/** Reads one object, or a list with just one in it. HOP_E_PARSE for what is no
 * ClusterVersion or names no version. */
HOP_MUST_USE hop_status hop_cluster_parse(const char *text, size_t len, const char *name,
                                          hop_cluster *out, hop_error **err);
void hop_cluster_clear(hop_cluster *c);

/**
 * Fills in what every --cluster ("-": standard input) says: --from, and where they are
 * not given --arch and --stream, or --channel when the cluster's is none of the usual
 * streams. HOP_E_USAGE for clusters that do not fit one plan.
 */
HOP_MUST_USE hop_status hop_cluster_apply(hop_options *o, hop_error **err);

#endif
