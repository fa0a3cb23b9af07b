/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "steiner.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_TERM ((uint64_t)1 << 32)
#define SECOND_TERM ((uint64_t)1 << 16)

/* How the best tree of a cell came about: by an edge of the search, by joining the trees
 * of two subsets, or not at all. */
#define BY_NOTHING UINT32_MAX
#define BY_SUBSET ((uint32_t)1 << 31) /* with one of the two subsets in the low bits */

/* The tree that collects subset m at node v has the cell m * node_count + v. Nodes are
 * the useful positions only, renumbered. */
typedef struct steiner {
    const hop_search *s;
    steiner_first first;
    uint32_t *positions; /* of nodes, ascending */
    uint32_t *nodes;     /* of positions, or HOP_NO_ID */
    size_t node_count;
    const bool *is_free; /* by position: in the set whatever happens */
    uint64_t *edge_costs;
    uint64_t *costs;
    uint32_t *reasons;
} steiner;

/* ---- what a tree costs ---- */

static uint64_t node_cost(const steiner *t, uint32_t node)
{
    uint32_t at = t->positions[node];
    if (t->is_free[at])
        return 0;
    uint64_t one = t->first == STEINER_FEWEST_RELEASES ? FIRST_TERM : SECOND_TERM;
    return one + t->s->g->order[at]->release.is_prerelease;
}

static void price_edges(steiner *t)
{
    const hop_search *s = t->s;
    uint64_t one = t->first == STEINER_FEWEST_RELEASES ? SECOND_TERM : FIRST_TERM;
    t->edge_costs = hop_alloc(s->edge_count + 1, sizeof(*t->edge_costs));
    for (size_t i = 0; i < s->edge_count; i++)
        if (hop_search_is_conditional(s->opts, s->g->edges[s->edge_ids[i]].risks))
            t->edge_costs[i] = one;
}

/* ---- useful nodes ---- */

/* Reached from a start, and with a way to the target. */
static void number_nodes(steiner *t, const uint32_t *starts, size_t count)
{
    const hop_search *s = t->s;
    bool *is_reached = hop_alloc(s->node_count + 1, sizeof(*is_reached));
    for (size_t i = 0; i < count; i++)
        is_reached[starts[i]] = true;
    t->positions = hop_alloc(s->node_count + 1, sizeof(*t->positions));
    t->nodes = hop_alloc(s->node_count + 1, sizeof(*t->nodes));
    for (uint32_t at = 0; at < s->node_count; at++) {
        t->nodes[at] = HOP_NO_ID;
        if (!is_reached[at] || s->to_target[at] == HOP_UNREACHABLE)
            continue;
        t->nodes[at] = (uint32_t)t->node_count;
        t->positions[t->node_count++] = at;
        for (size_t i = s->first_out[at]; i < s->first_out[at + 1]; i++)
            is_reached[s->edges[i].to] = true;
    }
    free(is_reached);
}

/* ---- the programme ---- */

static void join(steiner *t, size_t subset, uint32_t node)
{
    size_t cell = subset * t->node_count + node;
    uint64_t once = node_cost(t, node);
    for (size_t part = (subset - 1) & subset; part > 0; part = (part - 1) & subset) {
        size_t rest = subset ^ part;
        if (part < rest)
            break; /* the other half of the splits is the same again */
        uint64_t a = t->costs[part * t->node_count + node];
        uint64_t b = t->costs[rest * t->node_count + node];
        if (a == HOP_UNREACHABLE || b == HOP_UNREACHABLE ||
            a + b - once >= t->costs[cell])
            continue;
        t->costs[cell] = a + b - once;
        t->reasons[cell] = BY_SUBSET | (uint32_t)part;
    }
}

/* Nodes come in ascending order, so among equals the newest predecessor stays. */
static void pass_on(steiner *t, size_t subset, uint32_t node)
{
    const hop_search *s = t->s;
    uint64_t cost = t->costs[subset * t->node_count + node];
    uint32_t at = t->positions[node];
    if (cost == HOP_UNREACHABLE)
        return;
    for (size_t i = s->first_out[at]; i < s->first_out[at + 1]; i++) {
        uint32_t to = t->nodes[s->edges[i].to];
        if (to == HOP_NO_ID)
            continue;
        size_t cell = subset * t->node_count + to;
        uint64_t sum = cost + t->edge_costs[i] + node_cost(t, to);
        if (sum > t->costs[cell])
            continue;
        t->costs[cell] = sum;
        t->reasons[cell] = (uint32_t)i;
    }
}

static void run(steiner *t, const uint32_t *starts, size_t count)
{
    size_t cells = t->node_count << count;
    t->costs = hop_alloc(cells, sizeof(*t->costs));
    t->reasons = hop_alloc(cells, sizeof(*t->reasons));
    for (size_t i = 0; i < cells; i++) {
        t->costs[i] = HOP_UNREACHABLE;
        t->reasons[i] = BY_NOTHING;
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t node = t->nodes[starts[i]];
        assert(node != HOP_NO_ID);
        t->costs[((size_t)1 << i) * t->node_count + node] = node_cost(t, node);
    }
    for (size_t subset = 1; subset < (size_t)1 << count; subset++)
        for (uint32_t node = 0; node < t->node_count; node++) {
            join(t, subset, node);
            pass_on(t, subset, node);
        }
}

/* Follows the reasons of the best tree from the target back. A tree has at most one
 * subset for each of its nodes pending at a time, and subsets only shrink. */
static void mark(const steiner *t, size_t count, bool *is_in)
{
    size_t all = ((size_t)1 << count) - 1, len = 0, cap = 0;
    size_t *pending = NULL;
    pending = hop_grow(pending, len, &cap, sizeof(*pending));
    pending[len++] = all * t->node_count + t->nodes[t->s->target];
    while (len > 0) {
        size_t cell = pending[--len];
        size_t subset = cell / t->node_count;
        uint32_t node = (uint32_t)(cell % t->node_count), reason = t->reasons[cell];
        is_in[t->positions[node]] = true;
        if (reason == BY_NOTHING)
            continue;
        pending = hop_grow(pending, len + 1, &cap, sizeof(*pending));
        if (reason & BY_SUBSET) {
            size_t part = reason & ~BY_SUBSET;
            pending[len++] = part * t->node_count + node;
            pending[len++] = (subset ^ part) * t->node_count + node;
        } else {
            uint32_t from = t->nodes[t->s->edges[reason].from];
            pending[len++] = subset * t->node_count + from;
        }
    }
    free(pending);
}

/* Adds the best tree for these starts to `is_in`, and returns its cost beyond what is
 * free. `is_in` may be what `is_free` points at. */
static uint64_t solve(const hop_search *s, const uint32_t *starts, size_t count,
                      steiner_first first, const bool *is_free, bool *is_in)
{
    steiner t = {.s = s, .first = first, .is_free = is_free};
    number_nodes(&t, starts, count);
    price_edges(&t);
    run(&t, starts, count);
    size_t all = ((size_t)1 << count) - 1;
    uint64_t cost = t.costs[all * t.node_count + t.nodes[s->target]];
    assert(cost != HOP_UNREACHABLE);
    mark(&t, count, is_in);
    free(t.positions);
    free(t.nodes);
    free(t.edge_costs);
    free(t.costs);
    free(t.reasons);
    return cost;
}

/* ---- groups of starts ---- */

static size_t group_size(const hop_search *s)
{
    size_t size = STEINER_MAX_TERMINALS;
    while (size > 1 && s->node_count << size > STEINER_MAX_CELLS)
        size--;
    return size;
}

void hop_steiner_find(const hop_search *s, const uint32_t *starts, size_t count,
                      steiner_first first, const bool *held, hop_steiner *out)
{
    bool *ends = hop_alloc(s->node_count + 1, sizeof(*ends));
    bool *scratch = hop_alloc(s->node_count + 1, sizeof(*scratch));
    size_t end_count = 0, size = group_size(s), bound = 0;
    if (held)
        memcpy(ends, held, s->node_count * sizeof(*ends));
    ends[s->target] = true;
    for (size_t i = 0; i < count; i++)
        ends[starts[i]] = true;
    for (size_t i = 0; i < s->node_count; i++)
        end_count += ends[i];
    *out = (hop_steiner){.is_in = hop_alloc(s->node_count + 1, sizeof(*out->is_in))};
    memcpy(out->is_in, ends, s->node_count * sizeof(*ends));
    for (size_t i = 0; i < count; i += size) {
        size_t n = count - i < size ? count - i : size;
        /* With all ends free, what a group needs is needed by every set for all. */
        uint64_t cost = solve(s, starts + i, n, first, ends, scratch);
        size_t more = (size_t)(cost / FIRST_TERM);
        bound = more > bound ? more : bound;
        solve(s, starts + i, n, first, out->is_in, out->is_in);
    }
    if (first == STEINER_FEWEST_RELEASES && !held)
        out->at_least = end_count + bound;
    free(ends);
    free(scratch);
}

void hop_steiner_clear(hop_steiner *t)
{
    free(t->is_in);
    *t = (hop_steiner){0};
}
