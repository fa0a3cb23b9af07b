/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Proves that releases are complete where they lie: on media or in a registry.
 *
 * The walk goes from each payload to what it names: payload manifest, its layers,
 * image-references, component manifests, lists' children, configs and layers. Whatever is
 * wrong becomes a finding with the file (or registry name) and the hops that need it; the
 * walk goes on, so that one run reports everything. Where the bytes come from is the
 * business of a hop_want_source: media_proof.c asks a disk, registry_proof.c a registry.
 *
 *     HOP_AUTO_VALUE(hop_proof) proof = {0};
 *     hop_proof_opts o = {.releases = r, .release_count = n, .keyrings = keys, …};
 *     s = hop_proof_walk(&source, &o, &proof, err);
 *     for (size_t i = 0; i < proof.len; i++)
 *         print(&proof.items[i]);
 */
#ifndef HOP_PROOF_H
#define HOP_PROOF_H

#include "hop_media.h"
#include "hop_mirror.h"
#include "hop_signature.h"

/* ---- what is wrong ---- */

typedef enum hop_proof_level {
    HOP_PROOF_ERROR,
    HOP_PROOF_WARNING, /* it works, but hardly as it was meant */
} hop_proof_level;

typedef struct hop_proof_finding {
    hop_proof_level level;
    const char *rule; /* a fixed word: "missing", "digest", "signature", …; static */
    char *file;       /* on media a path, in a registry HOST/REPO:TAG or @DIGEST */
    hop_strings hops; /* "4.18.9 (amd64) etcd": who needs it; may be empty */
    char *text;       /* may hold text from outside */
} hop_proof_finding;

/** What the walk learnt about a release. */
typedef struct hop_proof_release {
    char *version;
    char *arch;
    hop_digest digest;
    char *media_type;    /* of the payload's manifest; NULL while unread */
    size_t list_entries; /* of a list; 0 for an image */
    bool has_info;
    hop_release_info info;
    bool is_signed; /* a signature vouches for the payload */
    char signer[HOP_FINGERPRINT_MAX];
    bool is_good;         /* no error concerns it */
    char *not_gzip;       /* architecture of an image of it whose layer with the
                             release-metadata is not compressed by gzip: an update service
                             reads no other; NULL: there is none */
    bool is_payload_only; /* its components were not asked for */
} hop_proof_release;

/** Owns everything in it; all zero is empty. */
typedef struct hop_proof {
    hop_proof_finding *items;
    size_t len, cap;
    size_t error_count, warning_count;
    hop_proof_release *releases; /* in the order of the options */
    size_t release_count;
    hop_media_items manifests; /* that are there and good, each once, sorted */
    hop_media_items blobs;
    hop_media_items missing; /* manifests and blobs that are not there, sorted */
    uint64_t bytes;          /* of both */
} hop_proof;

/** Borrowed until the next call; hops may be added to it. */
hop_proof_finding *hop_proof_add(hop_proof *p, hop_proof_level level, const char *rule,
                                 const char *file, const char *fmt, ...) HOP_PRINTF(5, 6);
/** The same, with an error as the text. */
hop_proof_finding *hop_proof_add_error(hop_proof *p, const char *rule, const char *file,
                                       const hop_error *error);
/** Forgets the releases from this one on, not what was found out about them. */
void hop_proof_drop_releases(hop_proof *p, size_t from);
void hop_proof_clear(hop_proof *p);

/* ---- where bytes come from ---- */

typedef enum hop_want_kind {
    HOP_WANT_MANIFEST, /* its bytes, into `body` */
    HOP_WANT_BYTES,    /* a blob's bytes: a config, a payload's layer */
    HOP_WANT_THERE,    /* a blob's presence, with its size */
} hop_want_kind;

/** One question, and what came of it. */
typedef struct hop_want {
    hop_want_kind kind;
    hop_media_place place;
    const char *tag; /* NULL: by digest */
    hop_digest digest;
    uint64_t size_bytes; /* of blobs, as the manifest gives it */

    char *file;       /* what was asked, for findings */
    hop_error *error; /* NULL: it is there, and its bytes are right. HOP_E_NOT_FOUND: it
                         is not there */
    hop_buf body;     /* MANIFEST */
    char *content_type;
    int fd; /* BYTES: at offset 0, size_bytes of them; closed by hop_want_clear() */
    bool is_elsewhere; /* left out on purpose: whoever gets the media has it */
} hop_want;

void hop_want_clear(hop_want *w);

typedef struct hop_want_source {
    /** Answers all of them. The error is for what ends the run (HOP_E_CANCELLED, an
     * unreachable registry). */
    hop_status (*answer)(void *user, hop_want *const *wants, size_t count,
                         hop_error **err);
    void *user;
} hop_want_source;

/* ---- the walk ---- */

typedef enum hop_proof_extent {
    HOP_PROOF_RELEASE,
    HOP_PROOF_START_ONLY, /* HOP_COMPONENTS_SKIP is a guess: its components are asked for
                             unless it is the start of a path, which updates to a release
                             here, while none here updates to it */
    HOP_PROOF_SCRAPED,    /* what an update service reads of it, and no more: its
                             signature is nobody's question */
} hop_proof_extent;

typedef struct hop_proof_subject {
    const char *tag;     /* NULL: as a mirror names it */
    const char *version; /* "": whatever the payload says, and its architecture too */
    const char *arch;
    hop_digest digest;
    hop_components components;
    hop_proof_extent extent;
    const hop_resources_signature *signatures; /* candidates, not yet verified */
    size_t signature_count;
} hop_proof_subject;

/** A sigstore signature image. */
typedef struct hop_proof_image {
    hop_media_place place;
    const char *tag;
    hop_digest digest; /* "": the tag leads nowhere */
} hop_proof_image;

typedef enum hop_proof_trust {
    HOP_PROOF_DEMAND,      /* a payload without a good signature is an error */
    HOP_PROOF_NOT_CHECKED, /* there is nothing to check: signatures are not at hand */
    HOP_PROOF_SKIP,        /* on the user's word */
} hop_proof_trust;

typedef enum hop_proof_places {
    HOP_PROOF_ONE_STORE, /* media: a digest lies where it lies, tags are words */
    HOP_PROOF_REGISTRY,  /* each repository has its own; tags are asked for */
} hop_proof_places;

typedef struct hop_proof_opts {
    const hop_proof_subject *releases;
    size_t release_count;
    const hop_proof_image *signatures; /* sigstore images that should be there */
    size_t signature_count;
    hop_sigstore_demand sigstore; /* of payloads from 4.21 on: error or warning */
    hop_proof_places places;
    hop_proof_trust trust;
    const hop_keyring *keyrings; /* none: the payloads' own keys, of which only pinned
                                    ones count */
    size_t keyring_count;
    uint64_t now_s;
} hop_proof_opts;

/** HOP_OK also when much is wrong: that is in `out`. Fails as the source does. */
HOP_MUST_USE hop_status hop_proof_walk(const hop_want_source *source,
                                       const hop_proof_opts *opts, hop_proof *out,
                                       hop_error **err);

#endif
