/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * What an update service beside the mirror will serve: the releases' own metadata as its
 * graph-builder scrapes it, and the graph-data on board, through the model of hop_osus.h.
 */
#ifndef SERVED_H
#define SERVED_H

#include "hop_graph.h"
#include "hop_proof.h"
#include "hop_tree.h"

/** The graph of the scrape stage as v1 JSON (spec: cincinnati, release-scrape-dockerv2):
 * a node for each release that the walk could read, edges from `previous` and `next`.
 * `repository` is HOST/REPO of the release images. What the service passes over in
 * silence is a finding. */
void hop_served_scrape(hop_proof *proof, const char *repository, hop_buf *out);

/** Findings for every hop of the plans that the service will not offer in its channel,
 * and for graph-data that it refuses; `name` is where these are. */
void hop_served_check(hop_proof *proof, const hop_buf *scraped, const hop_tree *data,
                      const char *name, const hop_plan *const *plans, size_t plan_count);

#endif
