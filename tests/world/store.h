/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * The storage root of a docker-registry 2.8 with the filesystem driver, written straight
 * to disk:
 *
 *     docker/registry/v2/blobs/sha256/ab/ab…/data
 *     docker/registry/v2/repositories/REPO/_layers/sha256/ab…/link
 *     docker/registry/v2/repositories/REPO/_manifests/revisions/sha256/ab…/link
 *     docker/registry/v2/repositories/REPO/_manifests/tags/TAG/current/link
 *     docker/registry/v2/repositories/REPO/_manifests/tags/TAG/index/sha256/ab…/link
 *
 * A link file holds the digest. Manifests are blobs as well.
 */
#ifndef HOP_WORLD_STORE_H
#define HOP_WORLD_STORE_H

#include "hop_oci.h"

typedef struct hop_store {
    const char *root; /* borrowed */
} hop_store;

/** Writes a file that need not survive a power cut, and the directories above it. */
HOP_MUST_USE hop_status hop_store_write(const char *path, const void *data, size_t len,
                                        hop_error **err);

HOP_MUST_USE hop_status hop_store_add_blob(const hop_store *s, const void *data,
                                           size_t len, hop_digest *out, hop_error **err);
/** Makes a blob visible in a repository. */
HOP_MUST_USE hop_status hop_store_link_blob(const hop_store *s, const char *repository,
                                            const hop_digest *blob, hop_error **err);
HOP_MUST_USE hop_status hop_store_add_manifest(const hop_store *s, const char *repository,
                                               const hop_buf *text, hop_digest *out,
                                               hop_error **err);
HOP_MUST_USE hop_status hop_store_tag(const hop_store *s, const char *repository,
                                      const char *tag, const hop_digest *manifest,
                                      hop_error **err);

#endif
