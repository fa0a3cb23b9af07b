/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drawing.h"

#include <stdlib.h>
#include <string.h>

#include "layout.h"

#define ROW_HEIGHT 62.0
#define BAND_GAP 22.0 /* between two bands, above and below the rows next to it */
#define MARGIN 16.0
#define GLYPH_WIDTH 7.0
#define NODE_PADDING 14.0
#define PATH_PULL 30 /* how much straighter the path runs than the rest */

void hop_drawing_free(hop_drawing *d)
{
    if (!d)
        return;
    hop_arena_free(d->memory);
    free(d);
}

/* A drawing that is being made. */
typedef struct draft {
    const hop_graph *g;
    hop_pick pick;
    hop_drawing *d;
    hop_drawn_node *nodes;
    hop_drawn_edge *edges;
    hop_drawn_band *bands;
    uint32_t *layers; /* of nodes */
    double *rows;     /* the y of layers */
    size_t row_count;
} draft;

static void draft_clear(draft *b)
{
    hop_pick_clear(&b->pick);
    hop_drawing_free(b->d);
    free(b->layers);
    free(b->rows);
}

/* ---- bands and layers ---- */

/* A wide picture has few layers, a high one many. This is about as wide as high, as lines
 * between the boxes need room, too. */
static size_t count_per_row(size_t node_count)
{
    size_t width = 6; /* 0.75 * sqrt(node_count), from 6 to 12 */
    while (width < 12 && width * width * 16 < node_count * 9)
        width++;
    return width;
}

static size_t find_band_end(const draft *b, size_t begin)
{
    size_t end = begin + 1;
    while (end < b->pick.node_count &&
           hop_version_is_same_minor(&b->pick.nodes[begin].node->version,
                                     &b->pick.nodes[end].node->version))
        end++;
    return end;
}

static const char *band_label(const draft *b, const hop_version *v)
{
    size_t len = v->patch_at > 0 ? (size_t)v->patch_at - 1 : v->length;
    return hop_arena_strndup(b->d->memory, v->text, len);
}

/* The releases of a minor in even rows, oldest first, so that updates lead down or stay
 * in the row. */
static void add_band(draft *b, size_t begin, size_t end, size_t per_row, double *y)
{
    size_t count = end - begin, rows = (count + per_row - 1) / per_row;
    hop_drawn_band *band = &b->bands[b->d->band_count];
    *band = (hop_drawn_band){.label = band_label(b, &b->pick.nodes[begin].node->version),
                             .top = *y};
    *y += BAND_GAP + HOP_DRAWING_NODE_HEIGHT / 2;
    for (size_t i = 0; i < count; i++) {
        b->layers[begin + i] = (uint32_t)(b->row_count + i * rows / count);
        b->nodes[begin + i].band = b->d->band_count;
    }
    for (size_t i = 0; i < rows; i++)
        b->rows[b->row_count + i] = *y + (double)i * ROW_HEIGHT;
    b->row_count += rows;
    *y += (double)(rows - 1) * ROW_HEIGHT + HOP_DRAWING_NODE_HEIGHT / 2 + BAND_GAP;
    band->bottom = *y;
    b->d->band_count++;
}

static void add_bands(draft *b)
{
    size_t n = b->pick.node_count, per_row = count_per_row(n);
    b->bands = hop_arena_alloc(b->d->memory, n + 1, sizeof(*b->bands));
    b->layers = hop_alloc(n + 1, sizeof(*b->layers));
    b->rows = hop_alloc(n + 1, sizeof(*b->rows));
    double y = 0;
    for (size_t begin = 0, end; begin < n; begin = end) {
        end = find_band_end(b, begin);
        add_band(b, begin, end, per_row, &y);
    }
    b->d->bands = b->bands;
    b->d->height = y;
}

/* ---- texts ---- */

typedef bool (*lists_thing)(const graph_document *d, size_t id);

static bool lists_node(const graph_document *d, size_t id)
{
    return hop_model_has_node(d, (uint32_t)id);
}

/* Names of the channels that were read and list the thing, in the graph's order. */
static hop_texts find_channels(const draft *b, lists_thing lists, size_t id)
{
    const hop_graph *g = b->g;
    const char **names =
        hop_arena_alloc(b->d->memory, g->channel_count + 1, sizeof(*names));
    size_t count = 0;
    for (size_t i = 0; i < g->channel_count; i++) {
        bool is_listed = false;
        for (size_t j = 0; j < g->document_count && !is_listed; j++) {
            const graph_document *d = &g->documents[j];
            is_listed =
                d->channel && strcmp(d->channel, g->channels[i]) == 0 && lists(d, id);
        }
        if (is_listed)
            names[count++] = g->channels[i];
    }
    return (hop_texts){names, count};
}

static void add_nodes(draft *b, const hop_plan *plan)
{
    size_t n = b->pick.node_count;
    uint32_t from = hop_model_find(b->g, plan->from, plan->arch);
    uint32_t to = hop_model_find(b->g, plan->to, plan->arch);
    b->nodes = hop_arena_alloc(b->d->memory, n + 1, sizeof(*b->nodes));
    for (size_t i = 0; i < n; i++) {
        const picked_node *p = &b->pick.nodes[i];
        size_t length = strlen(p->node->release.version);
        b->nodes[i] =
            (hop_drawn_node){.release = &p->node->release,
                             .channels = find_channels(b, lists_node, p->node->id),
                             .role = p->role,
                             .is_start = p->node->id == from,
                             .is_target = p->node->id == to,
                             .is_from_start = p->is_from_start,
                             .is_to_target = p->is_to_target,
                             .width = (double)length * GLYPH_WIDTH + NODE_PADDING};
    }
    b->d->nodes = b->nodes;
    b->d->node_count = n;
    b->d->nodes_left_out = b->pick.nodes_left_out;
}

static int compare_painting(const void *a, const void *b)
{
    const hop_drawn_edge *x = a, *y = b;
    if (x->role != y->role)
        return x->role < y->role ? -1 : 1;
    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    return x->to != y->to ? (x->to < y->to ? -1 : 1) : 0;
}

static void add_edges(draft *b)
{
    size_t m = b->pick.edge_count;
    b->edges = hop_arena_alloc(b->d->memory, m + 1, sizeof(*b->edges));
    for (size_t i = 0; i < m; i++) {
        const picked_edge *p = &b->pick.edges[i];
        const risk_list *risks = b->g->edges[p->edge].risks;
        b->edges[i] = (hop_drawn_edge){
            .from = p->from,
            .to = p->to,
            .role = p->role == HOP_DRAWN_AT_PATH && p->is_needed ? HOP_DRAWN_CONTEXT
                                                                 : p->role,
            .is_conditional = p->is_conditional,
            .risks = risks ? risks->items : NULL,
            .risk_count = risks ? risks->len : 0,
            .channels = find_channels(b, hop_model_has_edge, p->edge)};
    }
    b->d->edges = b->edges;
    b->d->edge_count = m;
    b->d->edges_left_out = b->pick.edges_left_out;
}

/* ---- places ---- */

/* Only what is needed has its own way between the boxes; the rest goes over all. */
static size_t list_routed(const draft *b, hop_weighted_edge *edges, uint32_t *ids)
{
    size_t count = 0;
    for (size_t i = 0; i < b->pick.edge_count; i++) {
        const picked_edge *p = &b->pick.edges[i];
        if (!p->is_needed || b->layers[p->from] == b->layers[p->to])
            continue;
        ids[count] = (uint32_t)i;
        edges[count++] = (hop_weighted_edge){p->from, p->to,
                                             p->role == HOP_DRAWN_PATH ? PATH_PULL : 1};
    }
    return count;
}

static void use_places(draft *b, const double *x, const layout_line *lines,
                       const uint32_t *ids, size_t line_count, double width)
{
    double left = MARGIN + HOP_DRAWING_BAND_LABEL;
    for (size_t i = 0; i < b->pick.node_count; i++) {
        b->nodes[i].x = x[i] + left;
        b->nodes[i].y = b->rows[b->layers[i]];
    }
    for (size_t i = 0; i < line_count; i++) {
        hop_drawn_edge *e = &b->edges[ids[i]];
        hop_point *bends =
            hop_arena_alloc(b->d->memory, lines[i].bend_count + 1, sizeof(*bends));
        for (size_t k = 0; k < lines[i].bend_count; k++)
            bends[k] = (hop_point){lines[i].bends[k].x + left, lines[i].bends[k].y};
        e->bends = bends;
        e->bend_count = lines[i].bend_count;
    }
    b->d->width = left + width + MARGIN;
}

static hop_status place(draft *b, hop_error **err)
{
    size_t n = b->pick.node_count, m = b->pick.edge_count;
    double *x = hop_alloc(n + 1, sizeof(*x)), *widths = hop_alloc(n + 1, sizeof(*widths));
    hop_weighted_edge *edges = hop_alloc(m + 1, sizeof(*edges));
    uint32_t *ids = hop_alloc(m + 1, sizeof(*ids));
    layout_line *lines = hop_alloc(m + 1, sizeof(*lines));
    for (size_t i = 0; i < n; i++)
        widths[i] = b->nodes[i].width;
    layout_job job = {.layers = b->layers,
                      .widths = widths,
                      .node_count = n,
                      .edges = edges,
                      .edge_count = list_routed(b, edges, ids),
                      .rows = b->rows};
    double width = 0;
    hop_status s = hop_layout(&job, b->d->memory, x, lines, &width, err);
    if (s == HOP_OK)
        use_places(b, x, lines, ids, job.edge_count, width);
    free(x);
    free(widths);
    free(edges);
    free(ids);
    free(lines);
    return s;
}

hop_status hop_graph_draw(const hop_graph *g, const hop_plan *plan,
                          const hop_drawing_opts *opts, hop_drawing **out,
                          hop_error **err)
{
    __attribute__((cleanup(draft_clear)))
    draft b = {.g = g, .d = hop_alloc(1, sizeof(*b.d))};
    b.d->memory = hop_arena_new();
    hop_status s = hop_pick_make(g, plan, opts, &b.pick, err);
    if (s != HOP_OK)
        return s;
    add_nodes(&b, plan);
    add_bands(&b);
    add_edges(&b);
    if (b.d->node_count > 0)
        s = place(&b, err);
    if (s != HOP_OK)
        return hop_error_wrap(err, "draw the update graph");
    qsort(b.edges, b.d->edge_count, sizeof(*b.edges), compare_painting);
    *out = hop_steal(&b.d);
    return HOP_OK;
}
