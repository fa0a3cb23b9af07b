/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "igraph_bridge.h"

#include <igraph.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define LAYER_SWEEPS 100 /* at most, to avoid crossings; igraph's own advice */

struct hop_igraph {
    igraph_t graph;
    igraph_vector_t weights;
};

/* igraph calls its handler once per stack level, with a reason only in the first call.
 * Its own clean-up stack is a process global as well, so this buffer makes nothing worse.
 */
static char first_reason[256];

static void keep_reason(const char *reason, const char *file, int line,
                        igraph_error_t code)
{
    (void)file;
    (void)line;
    if (first_reason[0] == '\0')
        (void)snprintf(first_reason, sizeof(first_reason), "%s",
                       reason && *reason ? reason : igraph_strerror(code));
    IGRAPH_FINALLY_FREE();
}

static void ignore_warning(const char *reason, const char *file, int line)
{
    (void)reason;
    (void)file;
    (void)line;
}

/* igraph aborts by default, and prints a warning for every node that cannot be reached.
 */
static void install_handlers(void)
{
    igraph_set_error_handler(keep_reason);
    igraph_set_warning_handler(ignore_warning);
    first_reason[0] = '\0';
}

static hop_status fail(const char *what, hop_error **err)
{
    return hop_error_set(err, HOP_E_LIMIT, "igraph: %s: %s", what, first_reason);
}

/* Wrappers, so that clean-up is armed only after initialisation went well. */
typedef struct int_vector {
    igraph_vector_int_t v;
    bool is_live;
} int_vector;

static void int_vector_clear(int_vector *w)
{
    if (w->is_live)
        igraph_vector_int_destroy(&w->v);
}

typedef struct matrix {
    igraph_matrix_t m;
    bool is_live;
} matrix;

static void matrix_clear(matrix *w)
{
    if (w->is_live)
        igraph_matrix_destroy(&w->m);
}

static hop_status fill_ends(const hop_weighted_edge *edges, size_t edge_count,
                            int_vector *ends, hop_error **err)
{
    if (igraph_vector_int_init(&ends->v, (igraph_integer_t)(edge_count * 2)))
        return fail("edge list", err);
    ends->is_live = true;
    for (size_t i = 0; i < edge_count; i++) {
        VECTOR(ends->v)[2 * i] = (igraph_integer_t)edges[i].from;
        VECTOR(ends->v)[2 * i + 1] = (igraph_integer_t)edges[i].to;
    }
    return HOP_OK;
}

static hop_status check_ends(size_t node_count, const hop_weighted_edge *edges,
                             size_t edge_count, hop_error **err)
{
    for (size_t i = 0; i < edge_count; i++)
        if (edges[i].from >= node_count || edges[i].to >= node_count)
            return hop_error_set(err, HOP_E_USAGE, "igraph: edge %zu is out of range", i);
    return HOP_OK;
}

hop_status hop_igraph_new(size_t node_count, const hop_weighted_edge *edges,
                          size_t edge_count, hop_igraph **out, hop_error **err)
{
    hop_status s = check_ends(node_count, edges, edge_count, err);
    if (s != HOP_OK)
        return s;
    install_handlers();
    __attribute__((cleanup(int_vector_clear))) int_vector ends = {.is_live = false};
    s = fill_ends(edges, edge_count, &ends, err);
    if (s != HOP_OK)
        return s;
    hop_igraph *g = hop_alloc(1, sizeof(*g));
    if (igraph_vector_init(&g->weights, (igraph_integer_t)edge_count)) {
        free(g);
        return fail("weights", err);
    }
    for (size_t i = 0; i < edge_count; i++)
        VECTOR(g->weights)[i] = (double)edges[i].weight;
    if (igraph_create(&g->graph, &ends.v, (igraph_integer_t)node_count,
                      IGRAPH_DIRECTED)) {
        igraph_vector_destroy(&g->weights);
        free(g);
        return fail("create", err);
    }
    *out = g;
    return HOP_OK;
}

void hop_igraph_free(hop_igraph *g)
{
    if (!g)
        return;
    igraph_vector_destroy(&g->weights);
    igraph_destroy(&g->graph);
    free(g);
}

hop_status hop_igraph_distances(const hop_igraph *g, uint32_t root,
                                hop_igraph_direction direction, uint64_t *distances,
                                hop_error **err)
{
    size_t node_count = (size_t)igraph_vcount(&g->graph);
    if (root >= node_count) /* igraph 0.10.2 would read out of bounds */
        return hop_error_set(err, HOP_E_USAGE, "igraph: no node %u", root);
    install_handlers();
    __attribute__((cleanup(matrix_clear))) matrix result = {.is_live = false};
    if (igraph_matrix_init(&result.m, 0, 0))
        return fail("distances", err);
    result.is_live = true;
    igraph_neimode_t mode = direction == HOP_FROM_ROOT ? IGRAPH_OUT : IGRAPH_IN;
    if (igraph_distances_dijkstra(&g->graph, &result.m,
                                  igraph_vss_1((igraph_integer_t)root), igraph_vss_all(),
                                  &g->weights, mode))
        return fail("distances", err);
    for (size_t i = 0; i < node_count; i++) {
        double d = VECTOR(result.m.data)[i]; /* one row */
        distances[i] = isinf(d) ? HOP_UNREACHABLE : (uint64_t)d;
    }
    return HOP_OK;
}

/* ---- layers ---- */

typedef struct extended_graph {
    igraph_t g;
    bool is_live;
} extended_graph;

static void extended_graph_clear(extended_graph *w)
{
    if (w->is_live)
        igraph_destroy(&w->g);
}

static hop_status check_layers(const uint32_t *layers, const hop_weighted_edge *edges,
                               size_t edge_count, hop_error **err)
{
    for (size_t i = 0; i < edge_count; i++)
        if (layers[edges[i].from] >= layers[edges[i].to])
            return hop_error_set(err, HOP_E_USAGE,
                                 "igraph: edge %zu does not lead to a higher layer", i);
    return HOP_OK;
}

static hop_status fill_layers(const uint32_t *layers, size_t count, int_vector *out,
                              hop_error **err)
{
    if (igraph_vector_int_init(&out->v, (igraph_integer_t)count))
        return fail("layers", err);
    out->is_live = true;
    for (size_t i = 0; i < count; i++)
        VECTOR(out->v)[i] = (igraph_integer_t)layers[i];
    return HOP_OK;
}

/* igraph closes up empty layers inside, but its heights are those of the given layers. */
static void read_layering(const igraph_matrix_t *positions, const igraph_t *extended,
                          const igraph_vector_int_t *edge_ids, hop_layering *out)
{
    out->item_count = (size_t)igraph_matrix_nrow(positions);
    out->link_count = (size_t)igraph_ecount(extended);
    out->x = hop_alloc(out->item_count + 1, sizeof(*out->x));
    out->layers = hop_alloc(out->item_count + 1, sizeof(*out->layers));
    out->links = hop_alloc(out->link_count + 1, sizeof(*out->links));
    for (size_t i = 0; i < out->item_count; i++) {
        igraph_integer_t row = (igraph_integer_t)i;
        out->x[i] = MATRIX(*positions, row, 0);
        out->layers[i] = (uint32_t)MATRIX(*positions, row, 1);
    }
    for (size_t i = 0; i < out->link_count; i++) {
        igraph_integer_t id = (igraph_integer_t)i;
        hop_layer_link *link = &out->links[i];
        *link = (hop_layer_link){(uint32_t)IGRAPH_FROM(extended, id),
                                 (uint32_t)IGRAPH_TO(extended, id),
                                 (uint32_t)VECTOR(*edge_ids)[i]};
    }
}

hop_status hop_igraph_layer(size_t node_count, const uint32_t *layers,
                            const hop_weighted_edge *edges, size_t edge_count,
                            hop_layering *out, hop_error **err)
{
    HOP_AUTO(hop_igraph) graph = NULL;
    __attribute__((cleanup(int_vector_clear))) int_vector own = {.is_live = false};
    __attribute__((cleanup(int_vector_clear))) int_vector ids = {.is_live = false};
    __attribute__((cleanup(matrix_clear))) matrix positions = {.is_live = false};
    __attribute__((cleanup(extended_graph_clear)))
    extended_graph extended = {.is_live = false};
    hop_status s = hop_igraph_new(node_count, edges, edge_count, &graph, err);
    if (s == HOP_OK)
        s = check_layers(layers, edges, edge_count, err);
    if (s == HOP_OK)
        s = fill_layers(layers, node_count, &own, err);
    if (s != HOP_OK)
        return s;
    if (igraph_vector_int_init(&ids.v, 0))
        return fail("layers", err);
    ids.is_live = true;
    if (igraph_matrix_init(&positions.m, 0, 0))
        return fail("layers", err);
    positions.is_live = true;
    if (igraph_layout_sugiyama(&graph->graph, &positions.m, &extended.g, &ids.v, &own.v,
                               1, 1, LAYER_SWEEPS, NULL))
        return fail("layers", err);
    extended.is_live = true;
    read_layering(&positions.m, &extended.g, &ids.v, out);
    return HOP_OK;
}

void hop_layering_clear(hop_layering *l)
{
    free(l->layers);
    free(l->x);
    free(l->links);
    *l = (hop_layering){0};
}
