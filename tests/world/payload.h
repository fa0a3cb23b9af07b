/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Release payloads. A payload is the image of the cluster-version-operator plus one gzip
 * layer on top with `release-manifests/`: the directory, image-references,
 * release-metadata, then the operators' manifests, files with mode 0444. The operator's
 * own `manifests/`, with the admin gates, lie in the layer below.
 */
#ifndef HOP_WORLD_PAYLOAD_H
#define HOP_WORLD_PAYLOAD_H

#include "image.h"

#define HOP_PAYLOAD_BASE "cluster-version-operator"

/** The operator's own layer: its manifests, and noise for its program. */
HOP_MUST_USE hop_status hop_payload_base_layer(hop_world *w, const hop_release_shape *r,
                                               const char *name, size_t size_bytes,
                                               const hop_layer **out, hop_error **err);

/** Adds, tags and signs the payload that names `components`. One base gives an image,
 * more give a list (arch "multi") of payloads that name the same components. */
HOP_MUST_USE hop_status hop_payload_add(hop_world *w, size_t release, const char *arch,
                                        hop_image *const *bases, size_t base_count,
                                        const hop_entry *components, size_t count,
                                        hop_image **out, hop_error **err);

/** "4.17.20-x86_64". */
char *hop_payload_tag(const char *version, const char *arch) HOP_MUST_USE;

#endif
