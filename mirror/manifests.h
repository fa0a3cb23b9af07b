/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * What oc-hop reads from a payload's manifests: admin gates and the verification
 * ConfigMap.
 *
 *     hop_manifests_found found = {0};
 *     if (hop_manifests_is_candidate(text, len))
 *         hop_manifests_read("manifests/gates.yaml", text, len, &info, &found);
 */
#ifndef HOP_MANIFESTS_H
#define HOP_MANIFESTS_H

#include "hop_resources.h"

typedef struct hop_manifests_found {
    bool gates;        /* openshift-config-managed/admin-gates, even an empty one */
    bool verification; /* the ConfigMap with release.openshift.io/verification-config-map
                        */
} hop_manifests_found;

/** A quick look: false for a text that cannot hold either. */
bool hop_manifests_is_candidate(const char *text, size_t len);

/** Adds the gates of `text` (YAML or JSON, several documents) to info->gates, and keys
 * and stores if this is the first verification ConfigMap. A gate's key that is there
 * already stays. What cannot be read is named in info->unreadable: an administrator who
 * must look by hand is better than a run that cannot start. */
void hop_manifests_read(const char *path, const char *text, size_t len,
                        hop_release_info *info, hop_manifests_found *found);

#endif
