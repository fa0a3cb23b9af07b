/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The K best paths against igraph's implementation of Yen's algorithm: the same weights,
 * in the same order, on random graphs and on real ones. */
#include "graph_support.h"

#include "hop_file.h"
#include "search.h"

#include <stdio.h>

/* Its headers are not written for these warnings. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wundef"
#pragma GCC diagnostic ignored "-Wpedantic"
#include <igraph/igraph.h>
#pragma GCC diagnostic pop

enum { PATHS = 25, NODES = 9, WORLDS = 300 };

typedef struct yen {
    uint64_t weights[PATHS];
    size_t count;
} yen;

static yen ask_igraph(const hop_search *s)
{
    yen out = {0};
    igraph_t g;
    igraph_vector_int_t ends;
    igraph_vector_t weights;
    igraph_vector_int_list_t paths;
    igraph_integer_t edge_count = (igraph_integer_t)s->edge_count;
    igraph_vector_int_init(&ends, 2 * edge_count);
    igraph_vector_init(&weights, edge_count);
    for (igraph_integer_t i = 0; i < edge_count; i++) {
        VECTOR(ends)[2 * i] = s->edges[i].from;
        VECTOR(ends)[2 * i + 1] = s->edges[i].to;
        VECTOR(weights)[i] = (double)s->edges[i].weight;
    }
    assert_int_equal(
        igraph_create(&g, &ends, (igraph_integer_t)s->node_count, IGRAPH_DIRECTED),
        IGRAPH_SUCCESS);
    igraph_vector_int_list_init(&paths, 0);
    assert_int_equal(igraph_get_k_shortest_paths(&g, &weights, NULL, &paths, PATHS,
                                                 s->start, s->target, IGRAPH_OUT),
                     IGRAPH_SUCCESS);
    out.count = (size_t)igraph_vector_int_list_size(&paths);
    for (size_t i = 0; i < out.count; i++) {
        const igraph_vector_int_t *path =
            igraph_vector_int_list_get_ptr(&paths, (igraph_integer_t)i);
        for (igraph_integer_t k = 0; k < igraph_vector_int_size(path); k++)
            out.weights[i] += s->edges[VECTOR(*path)[k]].weight;
    }
    igraph_vector_int_list_destroy(&paths);
    igraph_vector_destroy(&weights);
    igraph_vector_int_destroy(&ends);
    igraph_destroy(&g);
    return out;
}

static uint64_t weigh(const hop_search *s, const hop_search_path *p)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < p->hops; i++)
        sum += s->edges[p->edges[i]].weight;
    return sum;
}

/* Returns how many paths there were. */
static size_t compare(const hop_graph *g, const hop_plan_opts *o)
{
    hop_error *err = NULL;
    HOP_AUTO(hop_search) s = NULL;
    uint32_t from = hop_model_find(g, o->from, o->arch);
    uint32_t to = hop_model_find(g, o->to, o->arch);
    assert_int_not_equal(from, HOP_NO_ID);
    assert_int_not_equal(to, HOP_NO_ID);
    assert_ok(hop_search_new(g, o, from, to, SEARCH_ANY_RISKS, SEARCH_BETWEEN, &s, &err),
              &err);
    if (!hop_search_has_path(s))
        return 0;
    hop_search_path ours[PATHS];
    size_t found = hop_search_find_best_few(s, PATHS, ours);
    yen theirs = ask_igraph(s);
    assert_int_equal(found, theirs.count);
    for (size_t i = 0; i < found; i++) {
        assert_int_equal(weigh(s, &ours[i]), theirs.weights[i]);
        hop_search_path_clear(&ours[i]);
    }
    return found;
}

static void random_graphs_agree_with_yen(void **state)
{
    (void)state;
    static const char *const versions[NODES] = {"4.1.0",      "4.1.1", "4.1.2",
                                                "4.2.0-rc.1", "4.2.0", "4.2.1",
                                                "4.2.2",      "4.3.0", "4.3.1"};
    uint64_t random = 4711;
    size_t compared = 0;
    for (int world = 0; world < WORLDS; world++) {
        HOP_AUTO_VALUE(hop_buf) lines = hop_buf_init(HOP_BUF_TEXT);
        for (size_t i = 0; i < NODES; i++)
            hop_buf_addf(&lines, "%s;", versions[i]);
        for (size_t i = 0; i < NODES; i++)
            for (size_t j = i + 1; j < NODES; j++) {
                random = random * 6364136223846793005u + 1442695040888963407u;
                unsigned kind = (unsigned)(random >> 33) % 5;
                if (kind < 3)
                    hop_buf_addf(&lines, "%s %s %s%s;", versions[i], kind ? ">" : "?",
                                 versions[j], kind ? "" : " R");
            }
        HOP_AUTO(hop_graph) g = graph_of(hop_buf_get(&lines));
        hop_plan_opts o = {.from = "4.1.0",
                           .to = "4.3.1",
                           .arch = "amd64",
                           .prefer = world % 2 ? HOP_PREFER_HOPS : HOP_PREFER_RISK};
        compared += compare(g, &o);
    }
    assert_true(compared > 10 * WORLDS);
}

static void real_graphs_agree_with_yen(void **state)
{
    (void)state;
    const char *root = getenv("OC_HOP_TEST_DATA");
    if (!root) {
        printf("skipped: OC_HOP_TEST_DATA is not set\n");
        skip();
    }
    HOP_AUTO(hop_graph) g = hop_graph_new();
    for (int minor = 12; minor <= 14; minor++) {
        hop_error *err = NULL;
        HOP_AUTO_STR path =
            hop_sprintf("%s/graphs/api-20260821-stable-4.%d-amd64.json", root, minor);
        HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_MAX_DOCUMENT);
        assert_ok(hop_file_read(path, &text, &err), &err);
        hop_graph_source source = {.name = path};
        assert_ok(hop_graph_add(g, hop_buf_get(&text), text.len, &source, &err), &err);
    }
    static const char *const pairs[][2] = {
        {"4.12.20", "4.14.44"}, {"4.12.60", "4.13.54"}, {"4.13.10", "4.14.30"}};
    for (size_t i = 0; i < HOP_COUNT_OF(pairs); i++) {
        hop_plan_opts o = {.from = pairs[i][0], .to = pairs[i][1], .arch = "amd64"};
        assert_int_equal(compare(g, &o), PATHS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_graphs_agree_with_yen),
        cmocka_unit_test(real_graphs_agree_with_yen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
