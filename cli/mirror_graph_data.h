/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * The graph-data image of a mirror run: read before anything is copied, built when its
 * base is known, and pushed along with the releases.
 */
#ifndef MIRROR_GRAPH_DATA_H
#define MIRROR_GRAPH_DATA_H

#include "image_base.h"
#include "mirror_order.h"

typedef struct hop_mirror_data {
    hop_tree tree;
    hop_graphdata_info info;
    hop_base base;
    hop_image *image; /* NULL until it is built */
} hop_mirror_data;

void hop_mirror_data_clear(hop_mirror_data *data);

/** Reads and checks the data, and warns when it is older than a plan; `archive`, which is
 * empty on entry, gets it as one tar, for media. The exit code is set when it is
 * malformed. */
HOP_MUST_USE hop_status hop_mirror_data_load(const hop_options *o, const hop_order *order,
                                             hop_mirror_data *out, hop_buf *archive,
                                             int *exit_code, hop_error **err);
/**
 * Reads the base, builds the image and adds it to the mirror, whose releases are those of
 * the order. When a payload that it was to stand on cannot be read there is no image: the
 * report of the mirror says why. `components` is the destination's repository of them;
 * without a `repository` the image is built and not pushed.
 */
HOP_MUST_USE hop_status hop_mirror_data_add(const hop_options *o, const hop_order *order,
                                            hop_mirror *m, hop_progress *progress,
                                            const char *components,
                                            const char *repository, hop_mirror_data *data,
                                            int *exit_code, hop_error **err);

#endif
