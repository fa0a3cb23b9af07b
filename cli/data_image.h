/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Reads graph-data back out of an image that holds it: the data in its last layer, and
 * what its configs say of them.
 *
 *     HOP_AUTO_VALUE(hop_data_image) image = {.name = "docker://localhost:5000/data"};
 *     s = hop_data_image_pull(&image, "localhost:5000/data", o, &o->src, &progress, err);
 *     if (s == HOP_OK)
 *         s = hop_data_image_check(&image, err);
 */
#ifndef DATA_IMAGE_H
#define DATA_IMAGE_H

#include "hop_image.h"
#include "options.h"
#include "progress.h"

typedef struct hop_data_image {
    const char *name;  /* for errors; the caller's */
    hop_digest digest; /* "" when there is none */
    hop_strings archs;
    hop_image_labels labels;
    hop_tree tree;
    hop_graphdata_info info;
} hop_data_image;

void hop_data_image_clear(hop_data_image *image);

/** From a registry: `ref` is HOST/REPO[:TAG][@DIGEST], `side` says how to reach it.
 * HOP_E_NOT_FOUND when it or its layer is not there; HOP_E_PARSE, HOP_E_LIMIT or
 * HOP_E_DIGEST for what is no graph-data image; what the network gives. */
HOP_MUST_USE hop_status hop_data_image_pull(hop_data_image *to, const char *ref,
                                            const hop_options *o,
                                            const hop_side_options *side,
                                            hop_progress *progress, hop_error **err);
/** `path` is DIR[:TAG] of an OCI layout. */
HOP_MUST_USE hop_status hop_data_image_read_layout(hop_data_image *to, const char *path,
                                                   hop_error **err);
/** `path` is FILE of a docker-archive. */
HOP_MUST_USE hop_status hop_data_image_read_archive(hop_data_image *to, const char *path,
                                                    hop_error **err);

/** Is the data what its label says? An image without one was not built by oc-hop. */
bool hop_data_image_is_as_labelled(const hop_data_image *image);
/** HOP_E_DIGEST when it is not. */
HOP_MUST_USE hop_status hop_data_image_check(const hop_data_image *image,
                                             hop_error **err);

#endif
