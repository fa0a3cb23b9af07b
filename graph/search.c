/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "search.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "bignum.h"

#define FIRST_TERM ((uint64_t)1 << 32)
#define SECOND_TERM ((uint64_t)1 << 16)

/* ---- which edges may be used ---- */

static bool is_accepted(const hop_plan_opts *opts, const char *name)
{
    return opts->accept_risks && hop_strings_has(opts->accept_risks, name);
}

static bool is_harmless(const hop_plan_opts *opts, const hop_risk *risk)
{
    return opts->answers &&
           hop_answers_evaluate(opts->answers, risk) == HOP_RISK_DOES_NOT_APPLY;
}

bool hop_search_accepts(const hop_plan_opts *opts, const risk_list *risks)
{
    if (is_accepted(opts, "all"))
        return true;
    for (size_t i = 0; i < risks->len; i++)
        if (!is_harmless(opts, risks->items[i]) &&
            !is_accepted(opts, risks->items[i]->name))
            return false;
    return risks->len > 0;
}

bool hop_search_is_conditional(const hop_plan_opts *opts, const risk_list *risks)
{
    if (!risks)
        return false;
    for (size_t i = 0; i < risks->len; i++)
        if (!is_harmless(opts, risks->items[i]))
            return true;
    return risks->len == 0;
}

/* Decides once per list what hundreds of edges ask for. */
typedef struct policy {
    const hop_search *s;
    search_risks risks;
    bool *is_avoided; /* by position */
    const risk_list *last_list;
    bool last_answer;
} policy;

static bool are_risks_usable(policy *p, const risk_list *list)
{
    if (!list || p->risks == SEARCH_ANY_RISKS)
        return true;
    if (list != p->last_list) {
        p->last_list = list;
        p->last_answer = hop_search_accepts(p->s->opts, list);
    }
    return p->last_answer;
}

/* A hop never goes down and never skips a minor, whatever the documents say. */
static bool is_step_legal(const graph_node *from, const graph_node *to)
{
    hop_version_step step = hop_version_get_step(&from->version, &to->version);
    return step == HOP_STEP_PATCH || step == HOP_STEP_MINOR;
}

static bool is_usable(policy *p, const graph_edge *e)
{
    const hop_search *s = p->s;
    uint32_t from = s->positions[e->from], to = s->positions[e->to];
    return to > from && !p->is_avoided[from] && !p->is_avoided[to] &&
           are_risks_usable(p, e->risks) &&
           is_step_legal(s->g->nodes[e->from], s->g->nodes[e->to]);
}

static uint64_t get_weight(const hop_search *s, const graph_edge *e)
{
    bool by_hops = s->opts->prefer == HOP_PREFER_HOPS;
    uint64_t weight = by_hops ? FIRST_TERM : SECOND_TERM;
    if (hop_search_is_conditional(s->opts, e->risks))
        weight += by_hops ? SECOND_TERM : FIRST_TERM;
    bool is_intermediate = s->positions[e->to] != s->target;
    return weight + (is_intermediate && s->g->nodes[e->to]->release.is_prerelease);
}

static void mark_versions(const hop_search *s, const hop_strings *list, bool *marks,
                          bool mark)
{
    for (size_t i = 0; list && i < list->len; i++) {
        uint32_t id = hop_model_find(s->g, list->items[i], s->opts->arch);
        if (id != HOP_NO_ID)
            marks[s->positions[id]] = mark;
    }
}

static bool *find_avoided(const hop_search *s)
{
    bool *avoided = hop_alloc(s->node_count + 1, sizeof(*avoided));
    if (s->opts->within) {
        memset(avoided, true, s->node_count * sizeof(*avoided));
        mark_versions(s, s->opts->within, avoided, false);
    }
    mark_versions(s, s->opts->avoid, avoided, true);
    return avoided;
}

static void collect_edges(hop_search *s, search_risks risks, search_span span)
{
    policy p = {.s = s, .risks = risks, .is_avoided = find_avoided(s)};
    size_t cap = 0, id_cap = 0, n = 0;
    for (size_t i = 0; i < s->g->edge_count; i++) {
        const graph_edge *e = &s->g->edges[i];
        uint32_t from = s->positions[e->from], to = s->positions[e->to];
        if (span == SEARCH_BETWEEN && (from < s->start || to > s->target))
            continue;
        if (!is_usable(&p, e))
            continue;
        s->edges = hop_grow(s->edges, n, &cap, sizeof(*s->edges));
        s->edge_ids = hop_grow(s->edge_ids, n, &id_cap, sizeof(*s->edge_ids));
        s->edges[n] = (hop_weighted_edge){from, to, get_weight(s, e)};
        s->edge_ids[n++] = (uint32_t)i;
    }
    s->edge_count = n;
    free(p.is_avoided);
}

/* ---- sorting edges, by two counting sorts ---- */

typedef enum edge_end { END_FROM, END_TO } edge_end;

static uint32_t get_end(const hop_weighted_edge *e, edge_end end)
{
    return end == END_FROM ? e->from : e->to;
}

/* Stable. Leaves in `first` where each node's edges begin. */
static void sort_by(hop_search *s, edge_end end, size_t *first)
{
    size_t m = s->edge_count;
    hop_weighted_edge *edges = hop_alloc(m + 1, sizeof(*edges));
    uint32_t *ids = hop_alloc(m + 1, sizeof(*ids));
    size_t *next = hop_alloc(s->node_count + 1, sizeof(*next));
    for (size_t i = 0; i < m; i++)
        next[get_end(&s->edges[i], end) + 1]++;
    for (size_t i = 0; i < s->node_count; i++)
        next[i + 1] += next[i];
    memcpy(first, next, (s->node_count + 1) * sizeof(*first));
    for (size_t i = 0; i < m; i++) {
        size_t at = next[get_end(&s->edges[i], end)]++;
        edges[at] = s->edges[i];
        ids[at] = s->edge_ids[i];
    }
    free(next);
    free(s->edges);
    free(s->edge_ids);
    s->edges = edges;
    s->edge_ids = ids;
}

/* ---- life ---- */

hop_status hop_search_new(const hop_graph *g, const hop_plan_opts *opts, uint32_t from,
                          uint32_t to, search_risks risks, search_span span,
                          hop_search **out, hop_error **err)
{
    HOP_AUTO(hop_search) s = hop_alloc(1, sizeof(*s));
    s->g = g;
    s->opts = opts;
    s->node_count = g->node_count;
    s->positions = hop_alloc(g->node_count + 1, sizeof(*s->positions));
    for (size_t i = 0; i < g->node_count; i++)
        s->positions[g->order[i]->id] = (uint32_t)i;
    s->start = s->positions[from];
    s->target = s->positions[to];
    collect_edges(s, risks, span);
    s->first_out = hop_alloc(s->node_count + 1, sizeof(*s->first_out));
    sort_by(s, END_TO, s->first_out);
    sort_by(s, END_FROM, s->first_out);
    HOP_AUTO(hop_igraph) ig = NULL;
    hop_status st = hop_igraph_new(s->node_count, s->edges, s->edge_count, &ig, err);
    if (st != HOP_OK)
        return st;
    s->from_start = hop_alloc(s->node_count, sizeof(*s->from_start));
    s->to_target = hop_alloc(s->node_count, sizeof(*s->to_target));
    st = hop_igraph_distances(ig, s->start, HOP_FROM_ROOT, s->from_start, err);
    if (st == HOP_OK)
        st = hop_igraph_distances(ig, s->target, HOP_TO_ROOT, s->to_target, err);
    if (st == HOP_OK)
        *out = hop_steal(&s);
    return st;
}

void hop_search_free(hop_search *s)
{
    if (!s)
        return;
    free(s->positions);
    free(s->edges);
    free(s->edge_ids);
    free(s->first_out);
    free(s->from_start);
    free(s->to_target);
    free(s);
}

bool hop_search_has_path(const hop_search *s)
{
    return s->to_target[s->start] != HOP_UNREACHABLE;
}

/* ---- the best path ---- */

void hop_search_path_clear(hop_search_path *p)
{
    free(p->edges);
    *p = (hop_search_path){0};
}

/* An edge is tight when it lies on a best path. Every walk over tight edges is a best
 * path, so taking the newest next release each time compares versions from the first hop.
 */
hop_search_path hop_search_find_best(const hop_search *s)
{
    assert(hop_search_has_path(s));
    hop_search_path path = {0};
    size_t cap = 0;
    for (uint32_t at = s->start; at != s->target;) {
        size_t i = s->first_out[at + 1];
        bool is_tight = false;
        while (!is_tight) {
            assert(i > s->first_out[at]);
            const hop_weighted_edge *e = &s->edges[--i];
            uint64_t rest = s->to_target[e->to];
            is_tight = rest != HOP_UNREACHABLE && e->weight + rest == s->to_target[at];
        }
        path.edges = hop_grow(path.edges, path.hops, &cap, sizeof(*path.edges));
        path.edges[path.hops++] = (uint32_t)i;
        at = s->edges[i].to;
    }
    return path;
}

/* ---- how many there are ---- */

/* Counting has a coarser key: the low terms of the preference are cut off. They are the
 * least significant ones, and no sum of them reaches the next term, so the rest of a
 * least distance is a least distance of the rest. */
static unsigned counting_shift(const hop_search *s)
{
    return s->opts->prefer == HOP_PREFER_HOPS ? 32 : 16;
}

static bool counts(const hop_search *s, const hop_weighted_edge *e, unsigned shift)
{
    uint64_t before = s->from_start[e->from], rest = s->to_target[e->to];
    if (before == HOP_UNREACHABLE || rest == HOP_UNREACHABLE)
        return false;
    uint64_t sum = (before >> shift) + (e->weight >> shift) + (rest >> shift);
    return sum == s->to_target[s->start] >> shift;
}

char *hop_search_count_paths(const hop_search *s)
{
    unsigned shift = counting_shift(s);
    hop_bignum *ways = hop_alloc(s->node_count, sizeof(*ways));
    hop_bignum_set(&ways[s->start], 1);
    for (uint32_t at = s->start; at < s->target; at++) {
        for (size_t i = s->first_out[at]; i < s->first_out[at + 1]; i++)
            if (ways[at].len > 0 && counts(s, &s->edges[i], shift))
                hop_bignum_add(&ways[s->edges[i].to], &ways[at]);
    }
    char *text = hop_bignum_format(&ways[s->target]);
    for (size_t i = 0; i < s->node_count; i++)
        hop_bignum_clear(&ways[i]);
    free(ways);
    return text;
}
