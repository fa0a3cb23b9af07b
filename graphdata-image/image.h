/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * What an image is made of, shared by the files that build it and those that write it.
 */
#ifndef IMAGE_H
#define IMAGE_H

#include "hop_image.h"
#include "hop_json.h"

/** A gzip layer and the tar inside it. */
typedef struct image_layer {
    hop_digest diff_id; /* of the tar */
    hop_buf tar;
    hop_buf gzip;
    hop_digest digest; /* of the gzip */
} image_layer;

/** A part and what it owns. */
typedef struct image_entry {
    hop_image_part part;
    char *data;       /* owns part.data */
    char *media_type; /* owns part.media_type */
    char *arch;       /* owns part.arch */
    char *tar;        /* of a layer made here, for docker-archive */
    size_t tar_len;
    hop_digest diff_id;
} image_entry;

struct hop_image {
    image_entry *entries;
    size_t len;
    size_t cap;
    char *content_tag;
    hop_image_layers layers;
};

/** The labels of the data, as pairs; the values are owned. */
typedef struct image_label {
    const char *key;
    char *value;
} image_label;

enum { IMAGE_MAX_LABELS = 8 };

typedef struct image_labels {
    image_label items[IMAGE_MAX_LABELS];
    size_t len;
} image_labels;

#define LABEL_TREE "oc-hop.graph-data.tree"
#define LABEL_VERSION "oc-hop.graph-data.version"
#define LABEL_REVISION "oc-hop.graph-data.revision"
#define LABEL_NEWEST "oc-hop.graph-data.newest"

/** Everything that the documents of one architecture say. Borrowed. */
typedef struct image_recipe {
    hop_image_format format;
    const char *arch;
    const char *created; /* RFC 3339 */
    const image_labels *labels;
    const image_layer *const *layers; /* ours, base first */
    const char *const *created_by;    /* one line of history for each layer */
    size_t layer_count;
    const hop_image_base *base;        /* NULL: scratch */
    const hop_manifest *base_manifest; /* parsed; NULL: scratch */
} image_recipe;

/* ---- layer.c ---- */

HOP_MUST_USE hop_status image_layer_make_data(const hop_tree *tree, image_layer *out,
                                              hop_error **err);
/** `program` is the copier; it becomes both /bin/oc-hop-copy and /bin/sh. */
HOP_MUST_USE hop_status image_layer_make_copier(const void *program, size_t len,
                                                image_layer *out, hop_error **err);
void image_layer_clear(image_layer *l);

/* ---- config.c ---- */

void image_labels_make(const hop_image_opts *opts, image_labels *out);
void image_labels_clear(image_labels *labels);
/** RFC 3339 in UTC; HOP_E_USAGE past the year 9999. */
HOP_MUST_USE hop_status image_format_time(uint64_t seconds, char **out, hop_error **err);
HOP_MUST_USE hop_status image_make_config(const image_recipe *r, hop_buf *out,
                                          hop_error **err);
HOP_MUST_USE hop_status image_make_manifest(const image_recipe *r,
                                            const hop_image_part *config, hop_buf *out,
                                            hop_error **err);
/** A list over the manifests among `image`'s parts. */
void image_make_list(const hop_image *image, hop_image_format format,
                     const image_labels *labels, hop_buf *out);
/** The layer type of a base as `format` spells it; NULL when that format has no name for
 * it. Static or borrowed from `type`. */
const char *image_layer_type(const char *type, hop_image_format format);

#endif
