/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Asks a registry what it has: the questions of hop_proof.h over the network, many at a
 * time.
 *
 *     s = hop_registry_reader_new(&opts, &reader, err);
 *     hop_want_source source = hop_registry_reader_get_source(reader);
 *     s = hop_proof_walk(&source, &walk, &proof, err);
 */
#ifndef HOP_REGISTRY_PROOF_H
#define HOP_REGISTRY_PROOF_H

#include "hop_proof.h"

typedef struct hop_registry_reader hop_registry_reader;

typedef enum hop_registry_depth {
    HOP_REGISTRY_HEADS, /* a blob is there when the registry says so, with its size */
    HOP_REGISTRY_DEEP,  /* every blob is read and hashed */
} hop_registry_depth;

/** Strings are copied. */
typedef struct hop_registry_reader_opts {
    const char *host;
    const char *repository;
    const char *release_repository;
    const char *graph_data_repository;
    hop_side_opts side;
    hop_registry_depth depth;
    const char *tmp_dir; /* layers of payloads; NULL: "/tmp" */
    unsigned jobs;       /* 0: 16 */
    unsigned attempts;   /* 0: 5 */
    unsigned stall_s;    /* 0: 60 */
    unsigned outage_s;   /* 0: 300 */
    uint64_t seed;
    void (*event)(void *user, const hop_mirror_event *event); /* may be NULL */
    /** Called often. Another status than HOP_OK ends the run with it. May be NULL. */
    hop_status (*tick)(void *user, uint64_t answered, uint64_t asked, hop_error **err);
    void *user;
} hop_registry_reader_opts;

/** HOP_E_USAGE for a bad host or repository; what certificates give. No network. */
HOP_MUST_USE hop_status hop_registry_reader_new(const hop_registry_reader_opts *opts,
                                                hop_registry_reader **out,
                                                hop_error **err);
void hop_registry_reader_free(hop_registry_reader *r);
HOP_DEFINE_AUTO(hop_registry_reader);

/** Valid as long as the reader. It fails only as the tick does: a registry that cannot be
 * reached is the error of each want. */
hop_want_source hop_registry_reader_get_source(hop_registry_reader *r);

/** Appends the tags of a repository, sorted; none when there is no such repository.
 * HOP_E_NET, HOP_E_AUTH. */
HOP_MUST_USE hop_status hop_registry_reader_list_tags(hop_registry_reader *r,
                                                      hop_media_place place,
                                                      hop_strings *out, hop_error **err);

/** Asks a tag for its digest, from the registry's own header (computed when it gives
 * none), and media type (heap text, may be NULL). HOP_E_NOT_FOUND. */
HOP_MUST_USE hop_status hop_registry_reader_resolve(hop_registry_reader *r,
                                                    hop_media_place place,
                                                    const char *tag, hop_digest *digest,
                                                    char **media_type, hop_error **err);

/** The digests of many tags at once; "" for one that is not there any more. Fails with
 * the first that cannot be asked for. */
HOP_MUST_USE hop_status hop_registry_reader_resolve_all(hop_registry_reader *r,
                                                        hop_media_place place,
                                                        const char *const *tags,
                                                        size_t count, hop_digest *digests,
                                                        hop_error **err);

/** Tags of release images whose manifests the source has got without
 * Docker-Content-Digest, which an update service needs. Borrowed. */
const hop_strings *hop_registry_reader_get_unnamed(const hop_registry_reader *r);

#endif
