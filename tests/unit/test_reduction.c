/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_support.h"

#include "reduction.h"

#define R(a, b)         \
    {                   \
        (a), (b), false \
    }
#define C(a, b)        \
    {                  \
        (a), (b), true \
    }

static void an_edge_goes_when_a_way_of_its_kind_is_there(void **state)
{
    (void)state;
    static const struct {
        reduction_edge edges[4];
        size_t count;
        const char *kept; /* one letter for each edge */
    } cases[] = {
        {{R(0, 1), R(0, 2), R(1, 2)}, 3, "k-k"},
        {{R(0, 1), C(0, 2), R(1, 2)}, 3, "k-k"}, /* a safe way makes the risky one idle */
        {{C(0, 1), R(0, 2), R(1, 2)}, 3, "kkk"}, /* a risky way replaces no safe one */
        {{C(0, 1), C(0, 2), C(1, 2)}, 3, "k-k"},
        {{R(0, 1), R(0, 3), R(1, 2), R(2, 3)}, 4, "k-kk"},
        {{R(0, 1), R(2, 3)}, 2, "kk"},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        bool keep[4] = {false};
        hop_reduce(4, cases[i].edges, cases[i].count, keep);
        for (size_t k = 0; k < cases[i].count; k++)
            if (keep[k] != (cases[i].kept[k] == 'k')) {
                print_error("case %zu, edge %zu\n", i, k);
                fail();
            }
    }
}

/* ---- against brute force ---- */

#define NODES 70 /* more than a word of bits */

typedef struct square {
    bool cells[NODES][NODES];
} square;

/* What reaches what over recommended edges (or all) that `keep` (or NULL: all) has. */
static void close_over(const reduction_edge *edges, size_t count, const bool *keep,
                       bool with_conditional, square *out)
{
    *out = (square){0};
    for (size_t i = 0; i < count; i++)
        if ((!keep || keep[i]) && (with_conditional || !edges[i].is_conditional))
            out->cells[edges[i].from][edges[i].to] = true;
    for (size_t k = 0; k < NODES; k++)
        for (size_t i = 0; i < NODES; i++)
            for (size_t j = 0; out->cells[i][k] && j < NODES; j++)
                out->cells[i][j] = out->cells[i][j] || out->cells[k][j];
}

static bool is_equal_reach(const reduction_edge *edges, size_t count, const bool *keep)
{
    static square want, got;
    for (int all = 0; all < 2; all++) {
        close_over(edges, count, NULL, all, &want);
        close_over(edges, count, keep, all, &got);
        if (memcmp(&want, &got, sizeof(want)) != 0)
            return false;
    }
    return true;
}

static size_t make_edges(unsigned *seed, reduction_edge *edges)
{
    size_t count = 0;
    for (uint32_t i = 0; i < NODES; i++)
        for (uint32_t j = i + 1; j < NODES && j < i + 12; j++) {
            *seed = *seed * 1664525u + 1013904223u;
            unsigned roll = *seed >> 24;
            if (roll < 64)
                edges[count++] = (reduction_edge){i, j, roll < 24};
        }
    return count;
}

static void both_relations_stay_and_nothing_is_kept_for_nothing(void **state)
{
    (void)state;
    unsigned seed = 1;
    for (int round = 0; round < 3; round++) {
        static reduction_edge edges[NODES * 12];
        static bool keep[NODES * 12];
        size_t count = make_edges(&seed, edges);
        hop_reduce(NODES, edges, count, keep);
        assert_true(is_equal_reach(edges, count, keep));
        for (size_t i = 0; i < count; i++) {
            if (!keep[i])
                continue;
            keep[i] = false;
            assert_false(is_equal_reach(edges, count, keep));
            keep[i] = true;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_edge_goes_when_a_way_of_its_kind_is_there),
        cmocka_unit_test(both_relations_stay_and_nothing_is_kept_for_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
