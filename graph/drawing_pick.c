/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drawing.h"

#include <stdlib.h>

#include "reduction.h"

void hop_pick_clear(hop_pick *p)
{
    free(p->nodes);
    free(p->edges);
    *p = (hop_pick){0};
}

/* ---- releases ---- */

typedef struct picker {
    const hop_graph *g;
    const hop_plan *plan;
    const hop_search *s;
    uint32_t from, to;    /* node ids or HOP_NO_ID */
    uint32_t low, high;   /* positions: nothing outside can be on a way */
    hop_drawn_role *role; /* by position */
    uint32_t *index;      /* by position: of the picked node, or HOP_NO_ID */
} picker;

static void picker_clear(picker *p)
{
    free(p->role);
    free(p->index);
}

/* Where a version stands, or would stand if it were known. */
static uint32_t find_position(const picker *p, uint32_t id, const char *version)
{
    if (id != HOP_NO_ID)
        return p->s->positions[id];
    hop_version v;
    HOP_AUTO(hop_error) ignored = NULL;
    uint32_t at = 0;
    if (hop_version_parse(version, &v, &ignored) != HOP_OK)
        return at;
    while (at < p->g->node_count &&
           hop_version_compare(&p->g->order[at]->version, &v) < 0)
        at++;
    return at;
}

static void find_range(picker *p)
{
    uint32_t a = find_position(p, p->from, p->plan->from);
    uint32_t b = find_position(p, p->to, p->plan->to);
    p->low = a < b ? a : b;
    p->high = a < b ? b : a;
}

static void mark_route(picker *p, const hop_route *route, hop_drawn_role role)
{
    for (size_t i = 0; i < route->release_count; i++) {
        uint32_t id = hop_model_find(p->g, route->releases[i].version, p->plan->arch);
        if (id == HOP_NO_ID)
            continue;
        hop_drawn_role *at = &p->role[p->s->positions[id]];
        *at = role > *at ? role : *at;
    }
}

static void mark_routes(picker *p)
{
    mark_route(p, &p->plan->best, HOP_DRAWN_PATH);
    for (size_t i = 0; i < p->plan->alternative_count; i++)
        mark_route(p, &p->plan->alternatives[i], HOP_DRAWN_ALTERNATIVE);
}

static bool is_on_the_way(const picker *p, const picked_node *n, uint32_t position)
{
    uint32_t id = p->g->order[position]->id;
    if (id == p->from || id == p->to || p->role[position] != HOP_DRAWN_CONTEXT)
        return true;
    if (position < p->low || position > p->high)
        return false;
    return p->plan->best.release_count ? n->is_from_start && n->is_to_target
                                       : n->is_from_start || n->is_to_target;
}

static void pick_nodes(const picker *p, hop_pick *out)
{
    for (uint32_t i = 0; i < p->g->node_count; i++) {
        picked_node n = {.node = p->g->order[i],
                         .role = p->role[i],
                         .is_from_start = p->from != HOP_NO_ID &&
                                          p->s->from_start[i] != HOP_UNREACHABLE,
                         .is_to_target =
                             p->to != HOP_NO_ID && p->s->to_target[i] != HOP_UNREACHABLE};
        if (!is_on_the_way(p, &n, i))
            continue;
        out->nodes =
            hop_grow(out->nodes, out->node_count, &out->node_cap, sizeof(*out->nodes));
        out->nodes[out->node_count++] = n;
    }
}

static bool must_stay(const picker *p, const picked_node *n)
{
    return n->role != HOP_DRAWN_CONTEXT || n->node->id == p->from || n->node->id == p->to;
}

/* How many of its minor are newer, for each release. */
static size_t *count_newer(const hop_pick *pick)
{
    size_t *newer = hop_alloc(pick->node_count + 1, sizeof(*newer));
    for (size_t i = pick->node_count; i-- > 1;)
        if (hop_version_is_same_minor(&pick->nodes[i - 1].node->version,
                                      &pick->nodes[i].node->version))
            newer[i - 1] = newer[i] + 1;
    return newer;
}

/* Keeps the newest `newest` of each minor and what must stay. */
static void keep_newest(const picker *p, hop_pick *pick, const size_t *newer,
                        size_t newest)
{
    size_t kept = 0;
    for (size_t i = 0; i < pick->node_count; i++)
        if (newer[i] < newest || must_stay(p, &pick->nodes[i]))
            pick->nodes[kept++] = pick->nodes[i];
    pick->nodes_left_out = pick->node_count - kept;
    pick->node_count = kept;
}

static size_t count_kept(const picker *p, const hop_pick *pick, const size_t *newer,
                         size_t newest)
{
    size_t kept = 0;
    for (size_t i = 0; i < pick->node_count; i++)
        kept += newer[i] < newest || must_stay(p, &pick->nodes[i]);
    return kept;
}

static void thin_nodes(const picker *p, hop_pick *pick)
{
    if (pick->node_count <= HOP_DRAWING_MAX_NODES)
        return;
    size_t *newer = count_newer(pick);
    size_t newest = 0;
    while (count_kept(p, pick, newer, newest + 1) <= HOP_DRAWING_MAX_NODES)
        newest++;
    keep_newest(p, pick, newer, newest);
    free(newer);
}

/* ---- updates ---- */

static void pick_edges(picker *p, hop_pick *out)
{
    for (size_t i = 0; i < out->node_count; i++)
        p->index[p->s->positions[out->nodes[i].node->id]] = (uint32_t)i;
    for (size_t i = 0; i < p->s->edge_count; i++) {
        uint32_t from = p->index[p->s->edges[i].from], to = p->index[p->s->edges[i].to];
        if (from == HOP_NO_ID || to == HOP_NO_ID)
            continue;
        bool at_path = out->nodes[from].role == HOP_DRAWN_PATH ||
                       out->nodes[to].role == HOP_DRAWN_PATH;
        uint32_t id = p->s->edge_ids[i];
        out->edges =
            hop_grow(out->edges, out->edge_count, &out->edge_cap, sizeof(*out->edges));
        out->edges[out->edge_count++] =
            (picked_edge){.from = from,
                          .to = to,
                          .edge = id,
                          .role = at_path ? HOP_DRAWN_AT_PATH : HOP_DRAWN_CONTEXT,
                          .is_conditional = hop_search_is_conditional(
                              p->s->opts, p->g->edges[id].risks)};
    }
}

static void mark_needed(hop_pick *pick)
{
    size_t m = pick->edge_count;
    reduction_edge *edges = hop_alloc(m + 1, sizeof(*edges));
    bool *keep = hop_alloc(m + 1, sizeof(*keep));
    for (size_t i = 0; i < m; i++)
        edges[i] = (reduction_edge){pick->edges[i].from, pick->edges[i].to,
                                    pick->edges[i].is_conditional};
    hop_reduce(pick->node_count, edges, m, keep);
    for (size_t i = 0; i < m; i++)
        pick->edges[i].is_needed = keep[i];
    free(edges);
    free(keep);
}

static picked_edge *find_edge(hop_pick *pick, uint32_t id)
{
    for (size_t i = 0; i < pick->edge_count; i++)
        if (pick->edges[i].edge == id)
            return &pick->edges[i];
    return NULL;
}

static void mark_route_edges(const picker *p, hop_pick *pick, const hop_route *route,
                             hop_drawn_role role)
{
    for (size_t i = 0; i < route->hops; i++) {
        uint32_t from = hop_model_find(p->g, route->edges[i].from, p->plan->arch);
        uint32_t to = hop_model_find(p->g, route->edges[i].to, p->plan->arch);
        if (from == HOP_NO_ID || to == HOP_NO_ID)
            continue;
        picked_edge *e = find_edge(pick, hop_model_find_edge(p->g, from, to));
        if (!e)
            continue;
        e->role = role > e->role ? role : e->role;
        e->is_needed = true;
    }
}

static void mark_edges(const picker *p, hop_pick *pick)
{
    mark_needed(pick);
    mark_route_edges(p, pick, &p->plan->best, HOP_DRAWN_PATH);
    for (size_t i = 0; i < p->plan->alternative_count; i++)
        mark_route_edges(p, pick, &p->plan->alternatives[i], HOP_DRAWN_ALTERNATIVE);
}

/* What is drawn first, when not everything can be. */
static unsigned edge_rank(const picked_edge *e)
{
    if (e->role >= HOP_DRAWN_ALTERNATIVE)
        return HOP_DRAWN_PATH - e->role;
    unsigned later = e->is_needed ? 2 : e->role == HOP_DRAWN_AT_PATH ? 4 : 6;
    return later + e->is_conditional;
}

/* Long updates tell more: short ones can be guessed from what is needed anyway. */
static int compare_worth(const void *a, const void *b)
{
    const picked_edge *x = a, *y = b;
    unsigned rx = edge_rank(x), ry = edge_rank(y);
    if (rx != ry)
        return rx < ry ? -1 : 1;
    uint32_t lx = x->to - x->from, ly = y->to - y->from;
    if (lx != ly)
        return lx > ly ? -1 : 1;
    return x->from != y->from ? (x->from < y->from ? -1 : 1) : 0;
}

static int compare_ends(const void *a, const void *b)
{
    const picked_edge *x = a, *y = b;
    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    return x->to != y->to ? (x->to < y->to ? -1 : 1) : 0;
}

static bool is_telling(const picked_edge *e)
{
    return e->is_needed || e->role != HOP_DRAWN_CONTEXT;
}

static void thin_edges(hop_pick *pick, hop_drawing_extent extent)
{
    size_t all = pick->edge_count;
    if (extent == HOP_DRAW_ALL_EDGES || all == 0)
        return;
    qsort(pick->edges, all, sizeof(*pick->edges), compare_worth);
    size_t kept = 0;
    while (kept < all && kept < HOP_DRAWING_MAX_EDGES && is_telling(&pick->edges[kept]))
        kept++;
    pick->edge_count = kept;
    pick->edges_left_out = all - kept;
    qsort(pick->edges, kept, sizeof(*pick->edges), compare_ends);
}

/* ---- both ---- */

hop_status hop_pick_make(const hop_graph *g, const hop_plan *plan,
                         const hop_drawing_opts *opts, hop_pick *out, hop_error **err)
{
    __attribute__((cleanup(picker_clear)))
    picker p = {.g = g,
                .plan = plan,
                .from = hop_model_find(g, plan->from, plan->arch),
                .to = hop_model_find(g, plan->to, plan->arch)};
    if (p.from == HOP_NO_ID && p.to == HOP_NO_ID)
        return HOP_OK;
    HOP_AUTO(hop_search) s = NULL;
    hop_status st = hop_search_new(g, opts->plan, p.from == HOP_NO_ID ? p.to : p.from,
                                   p.to == HOP_NO_ID ? p.from : p.to, SEARCH_ANY_RISKS,
                                   SEARCH_WHOLE, &s, err);
    if (st != HOP_OK)
        return st;
    p.s = s;
    p.role = hop_alloc(g->node_count + 1, sizeof(*p.role));
    p.index = hop_alloc(g->node_count + 1, sizeof(*p.index));
    for (size_t i = 0; i < g->node_count; i++)
        p.index[i] = HOP_NO_ID;
    find_range(&p);
    mark_routes(&p);
    pick_nodes(&p, out);
    thin_nodes(&p, out);
    pick_edges(&p, out);
    mark_edges(&p, out);
    thin_edges(out, opts->extent);
    return HOP_OK;
}
