/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * What an update service beside the mirror will serve: the releases' own metadata as its
 * graph-builder scrapes it, and the graph-data on board, through the model of hop_osus.h.
 */
#ifndef SERVED_H
#define SERVED_H

#include "hop_graph.h"
#include "hop_json.h"
#include "hop_proof.h"
#include "hop_tree.h"

/** The graph of the scrape stage as v1 JSON (spec: cincinnati, release-scrape-dockerv2):
 * a node for each release that the walk could read, edges from `previous` and `next`.
 * `repository` is HOST/REPO of the release images. What the service passes over in
 * silence is a finding. */
void hop_served_scrape(hop_proof *proof, const char *repository, hop_buf *out);

typedef enum hop_served_state {
    HOP_SERVED_NO_DATA, /* there is no graph-data to simulate a service with */
    HOP_SERVED_REFUSED, /* the service would keep no graph of it */
    HOP_SERVED_NO_PLAN, /* what the channels offer is known, and no hop to look for */
    HOP_SERVED_HOPS,
} hop_served_state;

/** What a channel offers to clusters of one architecture. */
typedef struct hop_served_channel {
    char *name, *arch;
    hop_strings versions; /* oldest first */
    size_t updates;       /* conditional ones included */
    size_t conditional;
} hop_served_channel;

/** What came of it. All zero is HOP_SERVED_NO_DATA; release with hop_served_clear(). */
typedef struct hop_served {
    hop_served_state state;
    size_t hops;    /* of the plans, those with a channel */
    size_t offered; /* of these */
    hop_served_channel *channels;
    size_t channel_count, channel_cap;
} hop_served;
void hop_served_clear(hop_served *s);

/** Findings for every hop of the plans that the service will not offer in its channel,
 * and for graph-data that it refuses; `name` is where these are. Without a plan, for
 * releases that no channel has. `out` is zero on entry. */
void hop_served_check(hop_proof *proof, const hop_buf *scraped, const hop_tree *data,
                      const char *name, const hop_plan *const *plans, size_t plan_count,
                      hop_served *out);

/** What was simulated and what was not; `how` says how to give a plan. Where there is
 * none, the channels and what they offer. */
void hop_served_text(const hop_served *s, const char *how, hop_buf *out);
/** "simulation": state, reason, hops, offered, channels. */
void hop_served_json(const hop_served *s, const char *how, hop_json *doc);

#endif
