/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * What the walk (proof_walk.c) and the reading of payloads (proof_payload.c) share.
 *
 * A claim is one manifest or blob in one place, with all who need it: asked for once,
 * reported once. Claims are answered in rounds; what a manifest names makes the claims of
 * the next round.
 */
#ifndef PROOF_WALK_H
#define PROOF_WALK_H

#include "hop_proof.h"
#include "table.h"

typedef struct hop_claim {
    hop_want want;
    char *tag; /* owned text of want.tag */
    hop_strings users;
    hop_manifest manifest;
    bool is_parsed;
    bool is_asked;
    bool is_release; /* an update service reads it */
} hop_claim;

typedef struct hop_claims {
    hop_claim **items;
    size_t len, cap;
    size_t asked; /* the first so many were answered, but for blobs */
} hop_claims;

typedef struct hop_walk {
    const hop_want_source *source;
    const hop_proof_opts *opts;
    hop_proof *out;
    hop_table known;
    hop_claims claims;
} hop_walk;

/** The tag of its payload. Heap text. */
char *hop_walk_tag(const hop_proof_subject *r) HOP_MUST_USE;
/** "4.18.9 (amd64) etcd" */
char *hop_walk_user(const hop_proof_subject *r, const char *what) HOP_MUST_USE;
/** The claim of a manifest; a second user joins the first. NULL: nobody needs it. */
hop_claim *hop_walk_manifest(hop_walk *w, hop_media_place place, const char *tag,
                             const hop_digest *digest, const char *user);
/** NULL when nobody claimed it. */
hop_claim *hop_walk_find(hop_walk *w, hop_media_place place, const char *tag,
                         const hop_digest *digest);
/** A blob that was read for what is in it, and could not be. */
void hop_walk_blame_blob(hop_walk *w, const hop_want *want);
/** Answers manifests, and those that they name, until there are no more. */
HOP_MUST_USE hop_status hop_walk_settle(hop_walk *w, hop_error **err);

/** Reads every payload whose manifests are there: configs, layers, what they say, who
 * signed them. Findings and out->releases tell. */
HOP_MUST_USE hop_status hop_walk_read_payloads(hop_walk *w, hop_error **err);

/** Its components are not asked for. Where they should have been, a finding says why
 * they are. After the payloads were read. */
bool hop_walk_is_payload_only(hop_walk *w, size_t index);

#endif
