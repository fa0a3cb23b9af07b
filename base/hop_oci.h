/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Content addresses: digests, references, descriptors and manifests, as values that
 * mirror/ and graphdata-image/ share.
 *
 *     hop_hash *h = hop_hash_new();
 *     hop_hash_update(h, data, len);
 *     hop_digest d = hop_hash_finish(h);      // "sha256:…"
 *
 *     HOP_AUTO_VALUE(hop_ref) r = {0};
 *     s = hop_ref_parse("quay.io/org/app:4.16@sha256:…", &r, err);
 */
#ifndef HOP_OCI_H
#define HOP_OCI_H

#include "hop_error.h"

/* ---- digests: OCI image-spec 1.1, "Digests"; sha256 and sha512 are registered ---- */

#define HOP_DIGEST_TEXT_MAX (sizeof("sha512:") + 128)

typedef struct hop_digest {
    char text[HOP_DIGEST_TEXT_MAX]; /* "sha256:<64 hex>"; "" is no digest */
} hop_digest;

/** Accepts lower-case hex of the right length only. HOP_E_PARSE names the text. */
HOP_MUST_USE hop_status hop_digest_parse(const char *text, hop_digest *out,
                                         hop_error **err);
bool hop_digest_is_valid(const char *text);
bool hop_digest_is_equal(const hop_digest *a, const hop_digest *b);
/** The part after the colon; borrowed. */
const char *hop_digest_get_hex(const hop_digest *d);
/** sha256 over bytes in memory. */
hop_digest hop_digest_of(const void *data, size_t len);

/** A running hash. HOP_HASH_SHA256 unless a digest of another algorithm is to be checked.
 */
typedef struct hop_hash hop_hash;
hop_hash *hop_hash_new(void) HOP_MUST_USE;
/** A hash with the algorithm of `expected`. */
hop_hash *hop_hash_new_like(const hop_digest *expected) HOP_MUST_USE;
void hop_hash_update(hop_hash *h, const void *data, size_t len);
/** The digest of what was given so far; the hash can only be freed or restarted
 * afterwards. */
hop_digest hop_hash_finish(hop_hash *h);
void hop_hash_restart(hop_hash *h);
void hop_hash_free(hop_hash *h);
HOP_DEFINE_AUTO(hop_hash);

/* ---- references: distribution `reference` package ---- */

typedef struct hop_ref {
    char *host; /* "quay.io", "localhost:5000", "[::1]:5000"; never NULL after a parse */
    char *repository;  /* "org/app" */
    char *tag;         /* NULL without */
    hop_digest digest; /* "" without */
} hop_ref;

/** HOST[:PORT]/REPOSITORY[:TAG][@DIGEST], at most 4096 bytes. The host must be written
 * out: there is no default registry, as a short name would mean another image on another
 * machine. Release with hop_ref_clear(). */
HOP_MUST_USE hop_status hop_ref_parse(const char *text, hop_ref *out, hop_error **err);
void hop_ref_clear(hop_ref *r);
void hop_ref_copy(const hop_ref *from, hop_ref *to);
/** Heap text of the reference, all parts that are there. */
char *hop_ref_format(const hop_ref *r) HOP_MUST_USE;
bool hop_host_is_valid(const char *text); /* HOST[:PORT] */
bool hop_repository_is_valid(
    const char *text); /* lower-case path components, at most 255 bytes */
bool hop_tag_is_valid(const char *text); /* [A-Za-z0-9_][A-Za-z0-9._-]{0,127} */

/* ---- descriptors and manifests ---- */

#define HOP_TYPE_DOCKER_MANIFEST "application/vnd.docker.distribution.manifest.v2+json"
#define HOP_TYPE_DOCKER_LIST "application/vnd.docker.distribution.manifest.list.v2+json"
#define HOP_TYPE_DOCKER_CONFIG "application/vnd.docker.container.image.v1+json"
#define HOP_TYPE_DOCKER_LAYER "application/vnd.docker.image.rootfs.diff.tar.gzip"
#define HOP_TYPE_OCI_MANIFEST "application/vnd.oci.image.manifest.v1+json"
#define HOP_TYPE_OCI_INDEX "application/vnd.oci.image.index.v1+json"
#define HOP_TYPE_OCI_CONFIG "application/vnd.oci.image.config.v1+json"
#define HOP_TYPE_OCI_LAYER "application/vnd.oci.image.layer.v1.tar+gzip"

typedef struct hop_descriptor {
    char *media_type;
    hop_digest digest;
    uint64_t size_bytes;
    char *os;           /* platform, list entries only; NULL without */
    char *architecture; /* Go name: amd64, arm64, ppc64le, s390x */
    bool is_foreign; /* has `urls` and a nondistributable type: it is not in the registry
                      */
} hop_descriptor;

typedef enum hop_manifest_kind {
    HOP_MANIFEST_IMAGE, /* config and layers */
    HOP_MANIFEST_LIST,  /* children */
} hop_manifest_kind;

typedef struct hop_manifest {
    hop_manifest_kind kind;
    char *media_type;       /* one of the four above */
    hop_descriptor config;  /* image */
    hop_descriptor *layers; /* image: base first. list: the children, in their order */
    size_t layer_count;
} hop_manifest;

/** Reads a schema 2 manifest, a manifest list, an OCI manifest or an OCI index.
 * `content_type` is what the server claimed (may be NULL) and only decides where the body
 * has no `mediaType`. Schema 1 is refused. */
HOP_MUST_USE hop_status hop_manifest_parse(const char *text, size_t len,
                                           const char *content_type, const char *name,
                                           hop_manifest *out, hop_error **err);
void hop_manifest_clear(hop_manifest *m);
/** Sum of config and layers of an image; 0 for a list. Saturates at UINT64_MAX. */
uint64_t hop_manifest_get_size(const hop_manifest *m);

/** Architecture names: "amd64" for "x86_64", "arm64" for "aarch64"; NULL for one that
 * oc-hop does not know. "multi" is itself. The result is static. */
const char *hop_arch_parse(const char *text);
/** As in tags: x86_64, aarch64, ppc64le, s390x, multi. */
const char *hop_arch_get_tag_name(const char *arch);

#endif
