/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * The cluster resources of a mirror run: joins the plan with what the payloads said.
 */
#ifndef MIRROR_RESOURCES_H
#define MIRROR_RESOURCES_H

#include "hop_resources.h"
#include "mirror_order.h"
#include "trust.h"

/** Where the images are, and the graph-data image's digest ("" without one). */
typedef struct hop_resources_place {
    const char *host;
    const char *repository;
    const char *release_repository;
    const char *graph_data_repository;
    hop_digest graph_data;
    const char *ca_file; /* NULL without */
    hop_mirror_kind mirror_kind;
    hop_source_policy source_policy;
    bool cluster_has_policies;
    const hop_strings *clients; /* on media; NULL without */
} hop_resources_place;

/** Builds the files. Every payload in the report must have been read. */
HOP_MUST_USE hop_status hop_mirror_resources(const hop_order *order,
                                             const hop_trust *trust,
                                             const hop_mirror_report *report,
                                             const hop_resources_place *place,
                                             hop_tree *out, hop_error **err);

#endif
