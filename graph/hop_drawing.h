/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * The picture of a plan: which releases and updates to draw, and where.
 *
 * Drawn are the releases between start and target that lie on a way from one to the
 * other; without any way, those that the start reaches and those that reach the target.
 * Of their updates, which are thousands, the picture has the path, the alternatives, what
 * is needed so that every way that exists can be seen (over recommended updates alone,
 * and over all), and then the updates of the releases on the path, longest first, until
 * there are HOP_DRAWING_MAX_EDGES.
 *
 * Time runs downwards. Each minor is a band of several layers; igraph orders the releases
 * in them so that few updates cross. Lengths are in CSS pixels for text of 11 px; the
 * origin is the upper left corner. Same graph, same plan: same drawing.
 *
 *     HOP_AUTO(hop_drawing) d = NULL;
 *     hop_drawing_opts how = {.plan = &plan_opts};
 *     s = hop_graph_draw(g, plan, &how, &d, err);
 *     for (size_t i = 0; i < d->node_count; i++)
 *         use(d->nodes[i].x, d->nodes[i].y, d->nodes[i].release->version);
 */
#ifndef HOP_DRAWING_H
#define HOP_DRAWING_H

#include "hop_graph.h"

#define HOP_DRAWING_MAX_NODES ((size_t)240)
#define HOP_DRAWING_MAX_EDGES ((size_t)600) /* but for HOP_DRAW_ALL_EDGES */
#define HOP_DRAWING_NODE_HEIGHT 18.0
#define HOP_DRAWING_BAND_LABEL 52.0 /* width kept free on the left for a band's name */

typedef enum hop_drawing_extent {
    HOP_DRAW_TELLING_EDGES, /* as said above */
    HOP_DRAW_ALL_EDGES,     /* every update between two releases that are drawn */
} hop_drawing_extent;

typedef struct hop_drawing_opts {
    const hop_plan_opts *plan; /* those that the plan was made with; required */
    hop_drawing_extent extent;
} hop_drawing_opts;

/** Why a thing is drawn; of several reasons the last one here. */
typedef enum hop_drawn_role {
    HOP_DRAWN_CONTEXT,
    HOP_DRAWN_AT_PATH, /* an update from or to a release on the path */
    HOP_DRAWN_ALTERNATIVE,
    HOP_DRAWN_PATH,
} hop_drawn_role;

typedef struct hop_drawn_node {
    const hop_release *release; /* borrowed from the graph */
    hop_texts channels;         /* that were read and list the release */
    hop_drawn_role role;
    bool is_start;
    bool is_target;
    bool is_from_start; /* the start reaches it, over risks if need be */
    bool is_to_target;  /* it reaches the target, likewise */
    size_t band;
    double x, y; /* its middle */
    double width;
} hop_drawn_node;

typedef struct hop_point {
    double x, y;
} hop_point;

typedef struct hop_drawn_edge {
    size_t from, to; /* indexes of nodes */
    hop_drawn_role role;
    bool is_conditional;
    const hop_risk *const *risks; /* borrowed from the graph */
    size_t risk_count;
    hop_texts channels;     /* that were read and list the update */
    const hop_point *bends; /* between the two ends */
    size_t bend_count;
} hop_drawn_edge;

/** All releases of one minor. */
typedef struct hop_drawn_band {
    const char *label; /* "4.16" */
    double top, bottom;
} hop_drawn_band;

typedef struct hop_drawing {
    double width, height;
    const hop_drawn_node *nodes; /* oldest first */
    size_t node_count;
    const hop_drawn_edge *edges; /* by role, so that the path is painted last; then by
                                    their ends */
    size_t edge_count;
    const hop_drawn_band *bands; /* from top to bottom */
    size_t band_count;
    size_t nodes_left_out;    /* for want of room: the oldest of each minor */
    size_t edges_left_out;    /* between releases that are drawn */
    struct hop_arena *memory; /* private */
} hop_drawing;

/**
 * Draws a plan that hop_graph_plan() made from the same graph and options. The drawing
 * borrows from the graph. A plan of which neither version is known gives a drawing
 * without nodes.
 */
HOP_MUST_USE hop_status hop_graph_draw(const hop_graph *g, const hop_plan *plan,
                                       const hop_drawing_opts *opts, hop_drawing **out,
                                       hop_error **err);
void hop_drawing_free(hop_drawing *d);
HOP_DEFINE_AUTO(hop_drawing);

#endif
