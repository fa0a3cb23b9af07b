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

/* Arrays are by position. */
typedef struct picker {
    const hop_graph *g;
    const hop_plan_opts *opts;
    hop_search *s; /* the last one; its updates are those of all */
    bool *is_drawn, *is_reached, *is_reaching, *is_start, *is_target;
    hop_drawn_role *role;
    uint32_t *index; /* of the picked node, or HOP_NO_ID */
} picker;

static void picker_init(picker *p)
{
    size_t n = p->g->node_count + 1;
    p->is_drawn = hop_alloc(n, sizeof(bool));
    p->is_reached = hop_alloc(n, sizeof(bool));
    p->is_reaching = hop_alloc(n, sizeof(bool));
    p->is_start = hop_alloc(n, sizeof(bool));
    p->is_target = hop_alloc(n, sizeof(bool));
    p->role = hop_alloc(n, sizeof(*p->role));
    p->index = hop_alloc(n, sizeof(*p->index));
    for (size_t i = 0; i < n; i++)
        p->index[i] = HOP_NO_ID;
}

static void picker_clear(picker *p)
{
    hop_search_free(p->s);
    free(p->is_drawn);
    free(p->is_reached);
    free(p->is_reaching);
    free(p->is_start);
    free(p->is_target);
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

static void mark_route(picker *p, const hop_route *route, hop_drawn_role role)
{
    for (size_t i = 0; i < route->release_count; i++) {
        uint32_t id = hop_model_find(p->g, route->releases[i].version, p->opts->arch);
        if (id == HOP_NO_ID)
            continue;
        uint32_t at = p->s->positions[id];
        p->is_drawn[at] = true;
        p->role[at] = role > p->role[at] ? role : p->role[at];
    }
}

static void mark_routes(picker *p, const hop_plan *plan)
{
    mark_route(p, &plan->best, HOP_DRAWN_PATH);
    for (size_t i = 0; i < plan->alternative_count; i++)
        mark_route(p, &plan->alternatives[i], HOP_DRAWN_ALTERNATIVE);
}

/* Nothing outside of start and target can be on a way between them. */
static void mark_ways(picker *p, const hop_plan *plan, uint32_t from, uint32_t to)
{
    uint32_t a = find_position(p, from, plan->from), b = find_position(p, to, plan->to);
    bool has_path = plan->best.release_count > 0;
    for (uint32_t i = 0; i < p->g->node_count; i++) {
        bool reached = from != HOP_NO_ID && p->s->from_start[i] != HOP_UNREACHABLE;
        bool reaching = to != HOP_NO_ID && p->s->to_target[i] != HOP_UNREACHABLE;
        bool is_between = i >= (a < b ? a : b) && i <= (a < b ? b : a);
        p->is_reached[i] = p->is_reached[i] || reached;
        p->is_reaching[i] = p->is_reaching[i] || reaching;
        if (is_between && (has_path ? reached && reaching : reached || reaching))
            p->is_drawn[i] = true;
    }
}

static hop_status mark_plan(picker *p, const hop_plan *plan, hop_error **err)
{
    uint32_t from = hop_model_find(p->g, plan->from, p->opts->arch);
    uint32_t to = hop_model_find(p->g, plan->to, p->opts->arch);
    if (from == HOP_NO_ID && to == HOP_NO_ID)
        return HOP_OK;
    hop_search *s = NULL;
    hop_status st = hop_search_new(p->g, p->opts, from == HOP_NO_ID ? to : from,
                                   to == HOP_NO_ID ? from : to, SEARCH_ANY_RISKS,
                                   SEARCH_WHOLE, &s, err);
    if (st != HOP_OK)
        return st;
    hop_search_free(p->s);
    p->s = s;
    mark_routes(p, plan);
    mark_ways(p, plan, from, to);
    if (from != HOP_NO_ID)
        p->is_start[s->positions[from]] = true;
    if (to != HOP_NO_ID)
        p->is_target[s->positions[to]] = true;
    return HOP_OK;
}

static void pick_nodes(const picker *p, hop_pick *out)
{
    for (uint32_t i = 0; i < p->g->node_count; i++) {
        if (!p->is_drawn[i] && !p->is_start[i] && !p->is_target[i])
            continue;
        out->nodes =
            hop_grow(out->nodes, out->node_count, &out->node_cap, sizeof(*out->nodes));
        out->nodes[out->node_count++] = (picked_node){.node = p->g->order[i],
                                                      .role = p->role[i],
                                                      .is_start = p->is_start[i],
                                                      .is_target = p->is_target[i],
                                                      .is_from_start = p->is_reached[i],
                                                      .is_to_target = p->is_reaching[i]};
    }
}

static bool must_stay(const picked_node *n)
{
    return n->role != HOP_DRAWN_CONTEXT || n->is_start || n->is_target;
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
static void keep_newest(hop_pick *pick, const size_t *newer, size_t newest)
{
    size_t kept = 0;
    for (size_t i = 0; i < pick->node_count; i++)
        if (newer[i] < newest || must_stay(&pick->nodes[i]))
            pick->nodes[kept++] = pick->nodes[i];
    pick->nodes_left_out = pick->node_count - kept;
    pick->node_count = kept;
}

static size_t count_kept(const hop_pick *pick, const size_t *newer, size_t newest)
{
    size_t kept = 0;
    for (size_t i = 0; i < pick->node_count; i++)
        kept += newer[i] < newest || must_stay(&pick->nodes[i]);
    return kept;
}

static void thin_nodes(hop_pick *pick)
{
    if (pick->node_count <= HOP_DRAWING_MAX_NODES)
        return;
    size_t *newer = count_newer(pick);
    size_t newest = 0;
    while (count_kept(pick, newer, newest + 1) <= HOP_DRAWING_MAX_NODES)
        newest++;
    keep_newest(pick, newer, newest);
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
        out->edges[out->edge_count++] = (picked_edge){
            .from = from,
            .to = to,
            .edge = id,
            .role = at_path ? HOP_DRAWN_AT_PATH : HOP_DRAWN_CONTEXT,
            .is_conditional = hop_search_is_conditional(p->opts, p->g->edges[id].risks)};
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
        uint32_t from = hop_model_find(p->g, route->edges[i].from, p->opts->arch);
        uint32_t to = hop_model_find(p->g, route->edges[i].to, p->opts->arch);
        if (from == HOP_NO_ID || to == HOP_NO_ID)
            continue;
        picked_edge *e = find_edge(pick, hop_model_find_edge(p->g, from, to));
        if (!e)
            continue;
        e->role = role > e->role ? role : e->role;
        e->is_needed = true;
    }
}

static void mark_edges(const picker *p, hop_pick *pick, const hop_plan_set *set)
{
    mark_needed(pick);
    for (size_t i = 0; i < set->plan_count; i++) {
        const hop_plan *plan = set->plans[i];
        mark_route_edges(p, pick, &plan->best, HOP_DRAWN_PATH);
        for (size_t k = 0; k < plan->alternative_count; k++)
            mark_route_edges(p, pick, &plan->alternatives[k], HOP_DRAWN_ALTERNATIVE);
    }
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

hop_status hop_pick_make(const hop_graph *g, const hop_plan_set *set,
                         const hop_drawing_opts *opts, hop_pick *out, hop_error **err)
{
    hop_plan_opts plan_opts = *opts->plan;
    plan_opts.arch = plan_opts.arch ? plan_opts.arch : "amd64";
    __attribute__((cleanup(picker_clear))) picker p = {.g = g, .opts = &plan_opts};
    picker_init(&p);
    for (size_t i = 0; i < set->plan_count; i++) {
        hop_status s = mark_plan(&p, set->plans[i], err);
        if (s != HOP_OK)
            return s;
    }
    if (!p.s) /* no version is known */
        return HOP_OK;
    pick_nodes(&p, out);
    thin_nodes(out);
    pick_edges(&p, out);
    mark_edges(&p, out, set);
    thin_edges(out, opts->extent);
    return HOP_OK;
}
