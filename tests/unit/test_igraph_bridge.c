/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_support.h"

#include "igraph_bridge.h"

static const hop_weighted_edge edges[] = {{0, 1, 5}, {1, 2, 5}, {0, 2, 11}, {3, 0, 1}};

static void distances_run_both_ways(void **state)
{
    (void)state;
    hop_error *err = NULL;
    HOP_AUTO(hop_igraph) g = NULL;
    uint64_t d[4];
    assert_ok(hop_igraph_new(4, edges, HOP_COUNT_OF(edges), &g, &err), &err);
    assert_ok(hop_igraph_distances(g, 0, HOP_FROM_ROOT, d, &err), &err);
    assert_int_equal(d[0], 0);
    assert_int_equal(d[2], 10);
    assert_true(d[3] == HOP_UNREACHABLE);
    assert_ok(hop_igraph_distances(g, 2, HOP_TO_ROOT, d, &err), &err);
    assert_int_equal(d[3], 11);
}

static void large_weights_stay_exact(void **state)
{
    (void)state;
    hop_error *err = NULL;
    const uint64_t weight = ((uint64_t)1 << 51) + 1;
    const hop_weighted_edge two[] = {{0, 1, weight}, {1, 2, weight}};
    HOP_AUTO(hop_igraph) g = NULL;
    uint64_t d[3];
    assert_ok(hop_igraph_new(3, two, 2, &g, &err), &err);
    assert_ok(hop_igraph_distances(g, 0, HOP_FROM_ROOT, d, &err), &err);
    assert_true(d[2] == 2 * weight);
}

static void wrong_ids_are_errors_and_the_next_call_works(void **state)
{
    (void)state;
    hop_error *err = NULL;
    HOP_AUTO(hop_igraph) g = NULL;
    const hop_weighted_edge wrong = {0, 4, 1};
    uint64_t d[4];
    assert_fails(hop_igraph_new(4, &wrong, 1, &g, &err), &err, HOP_E_USAGE,
                 "out of range");
    assert_ok(hop_igraph_new(4, edges, HOP_COUNT_OF(edges), &g, &err), &err);
    assert_fails(hop_igraph_distances(g, 4, HOP_FROM_ROOT, d, &err), &err, HOP_E_USAGE,
                 "no node 4");
    assert_ok(hop_igraph_distances(g, 3, HOP_FROM_ROOT, d, &err), &err);
    assert_int_equal(d[2], 11);
}

static void a_graph_without_edges_has_distances(void **state)
{
    (void)state;
    hop_error *err = NULL;
    HOP_AUTO(hop_igraph) g = NULL;
    uint64_t d[2];
    assert_ok(hop_igraph_new(2, NULL, 0, &g, &err), &err);
    assert_ok(hop_igraph_distances(g, 1, HOP_TO_ROOT, d, &err), &err);
    assert_true(d[0] == HOP_UNREACHABLE);
    assert_int_equal(d[1], 0);
}

/* 0 -> 3 passes two layers, 1 -> 3 one. Node 4 hangs on nothing. Layer 2 is empty. */
static void layers_have_bends_for_what_passes_through(void **state)
{
    (void)state;
    hop_error *err = NULL;
    static const uint32_t layers[] = {0, 1, 1, 4, 3};
    static const hop_weighted_edge down[] = {{0, 1, 0}, {0, 2, 0}, {1, 3, 0}, {0, 3, 0}};
    HOP_AUTO_VALUE(hop_layering) l = {0};
    assert_ok(hop_igraph_layer(5, layers, down, HOP_COUNT_OF(down), &l, &err), &err);
    assert_int_equal(l.item_count, 5 + 1 + 2);
    assert_int_equal(l.link_count, 1 + 1 + 2 + 3);
    assert_true(l.x[1] != l.x[2]);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(l.layers[i], layers[i]);
    size_t last[HOP_COUNT_OF(down)];
    for (size_t i = 0; i < HOP_COUNT_OF(down); i++)
        last[i] = down[i].from;
    for (size_t i = 0; i < l.link_count; i++) {
        const hop_layer_link *link = &l.links[i];
        assert_int_equal(link->from, last[link->edge]);
        assert_true(l.layers[link->to] > l.layers[link->from]);
        last[link->edge] = link->to;
    }
    for (size_t i = 0; i < HOP_COUNT_OF(down); i++)
        assert_int_equal(last[i], down[i].to);
}

static void edges_within_a_layer_are_refused(void **state)
{
    (void)state;
    hop_error *err = NULL;
    static const uint32_t layers[] = {0, 0};
    static const hop_weighted_edge edge = {0, 1, 0};
    HOP_AUTO_VALUE(hop_layering) l = {0};
    assert_fails(hop_igraph_layer(2, layers, &edge, 1, &l, &err), &err, HOP_E_USAGE,
                 "higher layer");
    assert_ok(hop_igraph_layer(2, layers, NULL, 0, &l, &err), &err);
    assert_int_equal(l.item_count, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distances_run_both_ways),
        cmocka_unit_test(large_weights_stay_exact),
        cmocka_unit_test(wrong_ids_are_errors_and_the_next_call_works),
        cmocka_unit_test(a_graph_without_edges_has_distances),
        cmocka_unit_test(layers_have_bends_for_what_passes_through),
        cmocka_unit_test(edges_within_a_layer_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
