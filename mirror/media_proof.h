/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * What the hashing of media (media_proof.c) and the comparison with its own documents
 * (media_match.c) share.
 */
#ifndef MEDIA_PROOF_H
#define MEDIA_PROOF_H

#include "hop_media_proof.h"
#include "table.h"

typedef enum hop_hashed {
    HOP_HASHED_NOT_YET,
    HOP_HASHED_GOOD,
    HOP_HASHED_BAD,
} hop_hashed;

/** What is known about one blob file. */
typedef struct hop_media_state {
    hop_digest digest;
    char *path;
    uint64_t size_bytes;
    hop_hashed hashed;
    hop_error *error; /* with HOP_HASHED_BAD */
} hop_media_state;

typedef struct hop_media_check {
    const hop_media_disk *disk;
    const hop_media *media;
    const hop_media_proof_opts *opts;
    hop_proof *out;
    hop_media_state *states;
    size_t state_count, state_cap;
    hop_table by_digest;
    uint64_t done, total;
    char *buffer;
} hop_media_check;

/* A piece that a core's second cache holds is hashed faster than a larger one. */
#define HOP_MEDIA_READ_BYTES ((size_t)128 * 1024)

/** Hashes what a reader gives, with progress. Stops the run with what `tick` says;
 * unreadable bytes are *unreadable. */
HOP_MUST_USE hop_status hop_media_hash(hop_media_check *c, hop_media_reader *r,
                                       hop_hash *h, hop_error **unreadable,
                                       hop_error **err);

/** Files beside the blobs: checksums, SHA256SUMS, index.json. */
HOP_MUST_USE hop_status hop_media_check_files(hop_media_check *c, hop_error **err);
/** oc-hop.json against what the walk found. */
void hop_media_check_document(hop_media_check *c);

#endif
