/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Proves media: every byte, and everything that its releases need.
 *
 * Each file is hashed once; then the walk of hop_proof.h goes over what the payloads
 * name, and oc-hop.json, index.json and SHA256SUMS are held against what was found. All
 * that is wrong is a finding. Needs no network.
 *
 *     hop_media_proof_opts o = {.trust = HOP_PROOF_DEMAND, .now_s = now, …};
 *     s = hop_media_prove(disk, &o, &proof, err);
 */
#ifndef HOP_MEDIA_PROOF_H
#define HOP_MEDIA_PROOF_H

#include "hop_media_disk.h"
#include "hop_proof.h"

typedef enum hop_media_hashing {
    HOP_MEDIA_HASH_ALL,
    HOP_MEDIA_HASH_WALKED, /* manifests, payloads and small files only; of other blobs
                              size and presence: they are hashed when they are loaded */
} hop_media_hashing;

typedef struct hop_media_proof_opts {
    hop_media_hashing hashing;
    hop_proof_trust trust;
    const hop_keyring *keyrings;
    size_t keyring_count;
    uint64_t now_s;
    hop_sigstore_demand sigstore;
    /** Asked, by digest, for what is not on the media: the registry that it is loaded
     * into. NULL: what is omitted is taken for being there. */
    const hop_want_source *elsewhere;
    const char *tmp_dir; /* payload layers that are in parts; NULL: "/tmp" */
    /** Bytes hashed so far. Another status than HOP_OK ends the run with it. May be NULL.
     */
    hop_status (*tick)(void *user, uint64_t done, uint64_t total, hop_error **err);
    void *user;
} hop_media_proof_opts;

/** HOP_OK also when much is wrong: that is in `out`, which is zero on entry. HOP_E_DISK,
 * HOP_E_IO for the temporary directory, and what `tick` gives. */
HOP_MUST_USE hop_status hop_media_prove(const hop_media_disk *disk,
                                        const hop_media_proof_opts *opts, hop_proof *out,
                                        hop_error **err);

/** Are these bytes (a detached OpenPGP signature, armored or binary) a good signature of
 * oc-hop.json by a key of the keyrings? HOP_E_SIGNATURE, in the layout of stock oc too;
 * HOP_E_NOT_FOUND without one. */
HOP_MUST_USE hop_status hop_media_check_signature(const hop_media_disk *disk,
                                                  const hop_keyring *keyrings,
                                                  size_t keyring_count, uint64_t now_s,
                                                  hop_error **err);

#endif
