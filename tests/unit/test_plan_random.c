/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random small graphs against a reference that lists every path: the best one, how many
 * are as good, the order of the next best, and that the order of nodes and edges in a
 * document does not matter. */
#include "graph_support.h"

#include "plan_report.h"

#define NODES 9
#define WORLDS 4000
#define ALL_PATHS 256 /* a path picks a subset of the nodes between */
#define FEW 12

/* Oldest first. */
static const char *const versions[NODES] = {
    "4.1.0",      "4.1.1", "4.2.0-rc.1",       "4.2.0", "4.2.10",
    "4.3.0-ec.0", "4.3.0", "4.3.1-0.hotfix-1", "4.3.1"};
static const int minors[NODES] = {1, 1, 2, 2, 2, 3, 3, 3, 3};
static const int is_pre[NODES] = {0, 0, 1, 0, 0, 1, 0, 1, 0};

typedef enum edge_kind { NONE, PLAIN, RISK_A, RISK_B } edge_kind;

typedef struct world {
    edge_kind edge[NODES][NODES];
    size_t start, target;
    uint64_t random;
} world;

static uint64_t next_random(world *w, uint64_t below)
{
    w->random ^= w->random << 13;
    w->random ^= w->random >> 7;
    w->random ^= w->random << 17;
    return (w->random >> 11) % below;
}

static void fill(world *w)
{
    uint64_t density = 2 + next_random(w, 5);
    for (size_t i = 0; i < NODES; i++)
        for (size_t j = 0; j < NODES; j++) {
            static const edge_kind kinds[] = {PLAIN, PLAIN, PLAIN, RISK_A, RISK_B};
            bool has = i != j && next_random(w, density) == 0 &&
                       (i < j || next_random(w, 4) == 0);
            w->edge[i][j] = has ? kinds[next_random(w, HOP_COUNT_OF(kinds))] : NONE;
        }
    w->start = next_random(w, 4);
    w->target = w->start + 1 + next_random(w, NODES - 1 - w->start);
}

/* ---- the reference ---- */

typedef struct path {
    size_t nodes[NODES];
    size_t count;
    unsigned conditional, hops, pre;
} path;

typedef struct paths {
    path all[ALL_PATHS];
    size_t len;
} paths;

typedef enum allowed { ALLOW_NONE, ALLOW_A, ALLOW_ALL } allowed;

static bool may_use(const world *w, size_t i, size_t j, allowed risks)
{
    if (j <= i || minors[j] > minors[i] + 1)
        return false;
    switch (w->edge[i][j]) {
    case NONE:
        return false;
    case PLAIN:
        return true;
    case RISK_A:
        return risks != ALLOW_NONE;
    case RISK_B:
        return risks == ALLOW_ALL;
    }
    return false;
}

/* Every path is a subset of the nodes between, in order. */
static void list_paths(const world *w, allowed risks, paths *out)
{
    out->len = 0;
    size_t between = w->target - w->start - 1;
    for (size_t set = 0; set < (size_t)1 << between; set++) {
        path p = {.nodes = {w->start}, .count = 1};
        bool is_possible = true;
        for (size_t i = 0; i <= between && is_possible; i++) {
            if (i < between && !(set >> i & 1))
                continue;
            size_t from = p.nodes[p.count - 1], to = w->start + 1 + i;
            is_possible = may_use(w, from, to, risks);
            p.conditional += w->edge[from][to] != PLAIN;
            p.hops++;
            p.pre += to != w->target && is_pre[to];
            p.nodes[p.count++] = to;
        }
        if (is_possible)
            out->all[out->len++] = p;
    }
}

static int compare_numbers(size_t a, size_t b)
{
    return (a > b) - (a < b);
}

static int compare_rest(const path *a, const path *b)
{
    int order = compare_numbers(a->pre, b->pre);
    for (size_t i = 0; i < NODES && !order; i++)
        order = compare_numbers(b->nodes[i], a->nodes[i]);
    return order;
}

static int compare_by_risk(const void *x, const void *y)
{
    const path *a = x, *b = y;
    int order = compare_numbers(a->conditional, b->conditional);
    order = order ? order : compare_numbers(a->hops, b->hops);
    return order ? order : compare_rest(a, b);
}

static int compare_by_hops(const void *x, const void *y)
{
    const path *a = x, *b = y;
    int order = compare_numbers(a->hops, b->hops);
    order = order ? order : compare_numbers(a->conditional, b->conditional);
    return order ? order : compare_rest(a, b);
}

static size_t count_best(const paths *p, hop_plan_prefer prefer)
{
    size_t n = 0;
    for (size_t i = 0; i < p->len; i++)
        n +=
            p->all[i].hops == p->all[0].hops &&
            (prefer == HOP_PREFER_HOPS || p->all[i].conditional == p->all[0].conditional);
    return n;
}

/* ---- comparing ---- */

/* The document with its nodes in a random order. */
static hop_graph *load(world *w)
{
    HOP_AUTO_VALUE(hop_buf) lines = hop_buf_init(HOP_BUF_TEXT);
    size_t order[NODES];
    for (size_t i = 0; i < NODES; i++) {
        size_t at = next_random(w, i + 1);
        order[i] = order[at];
        order[at] = i;
    }
    for (size_t i = 0; i < NODES; i++)
        hop_buf_addf(&lines, "%s;", versions[order[i]]);
    for (size_t i = 0; i < NODES; i++)
        for (size_t j = 0; j < NODES; j++) {
            edge_kind kind = w->edge[order[i]][order[j]];
            if (kind == NONE)
                continue;
            hop_buf_addf(&lines, "%s %s %s%s;", versions[order[i]],
                         kind == PLAIN ? ">" : "?", versions[order[j]],
                         kind == RISK_A   ? " A"
                         : kind == RISK_B ? " B"
                                          : "");
        }
    return graph_of(hop_buf_get(&lines));
}

static void assert_same_path(const hop_route *got, const path *wanted)
{
    assert_int_equal(got->release_count, wanted->count);
    for (size_t i = 0; i < wanted->count; i++)
        assert_string_equal(got->releases[i].version, versions[wanted->nodes[i]]);
    assert_int_equal(got->conditional_hops, wanted->conditional);
}

static void assert_as_reference(const hop_plan *plan, const world *w, allowed risks,
                                hop_plan_prefer prefer)
{
    static paths p;
    list_paths(w, risks, &p);
    bool is_usable = p.len > 0;
    if (!is_usable)
        list_paths(w, ALLOW_ALL, &p);
    hop_plan_status wanted = is_usable   ? HOP_PLAN_OK
                             : p.len > 0 ? HOP_PLAN_NEEDS_RISKS
                                         : HOP_PLAN_UNREACHABLE;
    assert_string_equal(hop_plan_status_name(plan->status), hop_plan_status_name(wanted));
    if (p.len == 0)
        return;
    qsort(p.all, p.len, sizeof(p.all[0]),
          prefer == HOP_PREFER_HOPS ? compare_by_hops : compare_by_risk);
    assert_same_path(&plan->best, &p.all[0]);
    HOP_AUTO_STR count = hop_sprintf("%zu", count_best(&p, prefer));
    assert_string_equal(plan->path_count, count);
    assert_int_equal(plan->alternative_count, (p.len < FEW ? p.len : FEW) - 1);
    for (size_t i = 0; i < plan->alternative_count; i++)
        assert_same_path(&plan->alternatives[i], &p.all[i + 1]);
}

static char *plan_text(const hop_plan *plan)
{
    HOP_AUTO_VALUE(hop_buf) b = hop_buf_init(HOP_BUF_TEXT);
    HOP_AUTO(hop_json) doc = hop_plan_report_json(plan);
    hop_json_dump(doc, HOP_JSON_COMPACT, &b);
    return hop_buf_take(&b);
}

static void check_world(world *w, allowed risks, hop_plan_prefer prefer)
{
    static const char *const names[] = {NULL, "A", "all"};
    HOP_AUTO_VALUE(hop_strings) accept = strings_of(names[risks], NULL);
    hop_plan_opts o = {.from = versions[w->start],
                       .to = versions[w->target],
                       .accept_risks = &accept,
                       .prefer = prefer,
                       .paths = FEW};
    HOP_AUTO(hop_graph) g = load(w);
    HOP_AUTO(hop_graph) shuffled = load(w);
    HOP_AUTO(hop_plan) plan = plan_of(g, &o);
    HOP_AUTO(hop_plan) again = plan_of(shuffled, &o);
    assert_as_reference(plan, w, risks, prefer);
    HOP_AUTO_STR one = plan_text(plan);
    HOP_AUTO_STR two = plan_text(again);
    assert_string_equal(one, two);
    o.paths = 1;
    HOP_AUTO(hop_plan) single = plan_of(g, &o);
    HOP_AUTO_STR best = route_text(&plan->best);
    assert_route(&single->best, best);
}

static void planner_agrees_with_the_reference(void **state)
{
    (void)state;
    world w = {.random = 0x9e3779b97f4a7c15u};
    for (int i = 0; i < WORLDS; i++) {
        fill(&w);
        check_world(&w, (allowed)next_random(&w, 3),
                    next_random(&w, 2) ? HOP_PREFER_HOPS : HOP_PREFER_RISK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planner_agrees_with_the_reference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
