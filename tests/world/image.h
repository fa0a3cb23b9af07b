/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Images, lists and signatures, written into the store and remembered by name, so that
 * what has the same name is made once and has the same digest wherever it is used.
 */
#ifndef HOP_WORLD_IMAGE_H
#define HOP_WORLD_IMAGE_H

#include "hop_oci.h"
#include "shape.h"
#include "store.h"

#define HOP_WORLD_HOST "quay.io"
#define HOP_WORLD_PAYLOADS "openshift-release-dev/ocp-release"
#define HOP_WORLD_COMPONENTS "openshift-release-dev/ocp-v4.0-art-dev"

typedef struct hop_layer {
    char *name;
    hop_digest digest;
    hop_digest diff_id; /* of the archive before compression */
    uint64_t size_bytes;
} hop_layer;

typedef enum hop_family { HOP_FAMILY_DOCKER, HOP_FAMILY_OCI } hop_family;

typedef struct hop_blob {
    hop_digest digest;
    uint64_t size_bytes;
} hop_blob;

typedef struct hop_image {
    char *name;
    const char *repository;
    const char *media_type;
    const char *arch; /* NULL for a list */
    hop_digest digest;
    uint64_t manifest_bytes;
    hop_blob *blobs; /* config and layers; of a list: none, they are its children's */
    size_t blob_count;
    struct hop_image **children; /* borrowed */
    size_t child_count;
    char *signature_tag; /* "sha256-….sig", NULL when there is none */
    hop_digest signature;
    hop_blob signature_blobs[2];
} hop_image;

/** One row of a payload: what a release calls an image. */
typedef struct hop_entry {
    const char *version;
    const char *arch;      /* of the release: amd64, …, multi */
    const char *component; /* "payload" for the release image */
    const hop_image *image;
} hop_entry;

typedef struct hop_world {
    const hop_shape *shape;
    hop_store store;
    uint64_t seed;
    hop_layer **layers; /* owned */
    size_t layer_count, layer_cap;
    hop_image **images; /* owned */
    size_t image_count, image_cap;
    hop_entry *entries;
    size_t entry_count, entry_cap;
} hop_world;

void hop_world_clear(hop_world *w);

/** NULL when nothing of that name was made. */
const hop_layer *hop_world_find_layer(const hop_world *w, const char *name);
hop_image *hop_world_find_image(const hop_world *w, const char *name);

/** Compresses an archive and stores it. Level as in hop_gzip(). */
HOP_MUST_USE hop_status hop_world_add_layer(hop_world *w, const char *name,
                                            const hop_buf *tar, int level,
                                            const hop_layer **out, hop_error **err);

typedef struct hop_image_spec {
    const char *name;
    const char *repository;
    const char *arch;
    hop_family family;
    const hop_layer *const *layers; /* base first */
    size_t layer_count;
    const char *label_name; /* one label of the config; NULL for none */
    const char *label_value;
} hop_image_spec;

HOP_MUST_USE hop_status hop_world_add_image(hop_world *w, const hop_image_spec *spec,
                                            hop_image **out, hop_error **err);
HOP_MUST_USE hop_status hop_world_add_list(hop_world *w, const char *name,
                                           const char *repository, hop_family family,
                                           hop_image **children, size_t child_count,
                                           hop_image **out, hop_error **err);
/** Adds a sigstore signature under its tag, as cosign lays it out, made with the world's
 * key. */
HOP_MUST_USE hop_status hop_world_sign(hop_world *w, hop_image *image, hop_error **err);

void hop_world_add_entry(hop_world *w, const hop_entry *entry);

#endif
