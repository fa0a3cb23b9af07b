/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An update graph, and a plan from its oldest to its newest release. */
#include "fuzz.h"

#include "hop_graph.h"

static void check_route(const hop_graph *g, const hop_route *r)
{
    FUZZ_CHECK(r->release_count == r->hops + 1);
    for (size_t i = 0; i < r->release_count; i++)
        FUZZ_CHECK(hop_graph_find_release(g, r->releases[i].version, NULL));
    for (size_t i = 0; i < r->hops; i++) {
        FUZZ_CHECK(strcmp(r->edges[i].from, r->releases[i].version) == 0);
        FUZZ_CHECK(strcmp(r->edges[i].to, r->releases[i + 1].version) == 0);
        FUZZ_CHECK(r->edges[i].is_conditional == (r->edges[i].risk_count > 0));
    }
}

static void plan(const hop_graph *g, hop_plan_prefer prefer)
{
    hop_error *err = NULL;
    HOP_AUTO(hop_plan) p = NULL;
    HOP_AUTO_VALUE(hop_changes) changes = {0};
    size_t count = hop_graph_count(g);
    const hop_plan_opts o = {.from = hop_graph_get_release(g, count - 1)->version,
                             .to = hop_graph_get_release(g, 0)->version,
                             .prefer = prefer,
                             .paths = 3};
    if (!fuzz_is_ok(hop_graph_plan(g, &o, &p, &err), &err))
        return;
    if (p->best.release_count > 0)
        check_route(g, &p->best);
    for (size_t i = 0; i < p->alternative_count; i++)
        check_route(g, &p->alternatives[i]);
    FUZZ_CHECK(fuzz_is_ok(hop_graph_check(g, p, &changes, &err), &err));
    FUZZ_CHECK(changes.breaks.len == 0 || p->status != HOP_PLAN_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    HOP_AUTO_STR text = fuzz_text(data, size);
    HOP_AUTO(hop_graph) g = hop_graph_new();
    hop_error *err = NULL;
    const hop_graph_source source = {.name = "graph.json"};
    if (!fuzz_is_ok(hop_graph_add(g, text, size, &source, &err), &err)) {
        FUZZ_CHECK(hop_graph_count(g) == 0);
        return 0;
    }
    /* The same document again changes nothing. */
    size_t edges = hop_graph_count_edges(g);
    FUZZ_CHECK(fuzz_is_ok(hop_graph_add(g, text, size, &source, &err), &err));
    FUZZ_CHECK(hop_graph_count_edges(g) == edges);
    if (hop_graph_count(g) == 0)
        return 0;
    plan(g, HOP_PREFER_RISK);
    plan(g, HOP_PREFER_HOPS);
    return 0;
}
