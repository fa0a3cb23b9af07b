/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * The graph-data that an update service beside a registry is fed with: what --graph-data
 * names, with which the image is compared; else the image that the UpdateService in
 * --resources names; else the one tagged "latest" in the graph-data repository, where
 * `mirror` puts it.
 */
#ifndef VERIFY_GRAPH_DATA_H
#define VERIFY_GRAPH_DATA_H

#include "data_image.h"
#include "hop_proof.h"
#include "options.h"
#include "progress.h"

typedef struct hop_verify_data_place {
    const char *host;
    const char *repository;  /* of graph-data images */
    const hop_strings *tags; /* in it */
} hop_verify_data_place;

typedef struct hop_verify_data {
    hop_data_image image;
    char *source; /* where the data came from; NULL: there is none to look at */
} hop_verify_data;

void hop_verify_data_clear(hop_verify_data *d);

/** Without any data it succeeds, which is a finding of level warning. An image that
 * cannot be what it should, or that is not there although the UpdateService names it, is
 * a finding. Fails as hop_graph_data_load() does, and for what the network gives. */
HOP_MUST_USE hop_status hop_verify_data_read(const hop_options *o,
                                             const hop_verify_data_place *place,
                                             hop_progress *progress, hop_proof *proof,
                                             hop_verify_data *out, hop_error **err);

#endif
