/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The planning cases that lie beside the repository: $OC_HOP_TEST_DATA/cases-dev.json.
 * Each names update graphs, a question and its answer. What our path is made of is
 * checked against the edges as the documents list them, read here without the planner's
 * help. */
#include "test_support.h"

#include "hop_file.h"
#include "hop_graph.h"

#include <stdio.h>

#define SKIPPED 77

/* The documents of one set. The cases of a set stand together in the file, so that one is
 * kept at a time. */
typedef struct world {
    const char *root;
    char *key;
    hop_graph *graph;
    hop_strings listed;      /* "FROM TO" of every edge, sorted */
    hop_strings conditional; /* those that some document lists as conditional */
} world;

static void world_clear(world *w)
{
    free(w->key);
    hop_graph_free(w->graph);
    hop_strings_clear(&w->listed);
    hop_strings_clear(&w->conditional);
    *w = (world){.root = w->root};
}

static int compare_items(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool has_sorted(const hop_strings *list, const char *text)
{
    return list->len > 0 &&
           bsearch(&text, list->items, list->len, sizeof(*list->items), compare_items);
}

static const char *node_version(const hop_json_view *nodes, const hop_json_view *edge,
                                size_t end)
{
    hop_error *err = NULL;
    hop_json_view index, node;
    uint64_t i = 0;
    const char *version = NULL;
    assert_ok(hop_json_item(edge, end, HOP_JSON_INTEGER, &index, &err), &err);
    assert_ok(hop_json_uint(&index, &i, &err), &err);
    assert_ok(hop_json_item(nodes, i, HOP_JSON_OBJECT, &node, &err), &err);
    assert_ok(hop_json_get_string(&node, "version", &version, &err), &err);
    return version;
}

static void list_edges(world *w, const hop_json_view *doc)
{
    hop_error *err = NULL;
    hop_json_view nodes, edges;
    assert_ok(hop_json_member(doc, "nodes", HOP_JSON_ARRAY, &nodes, &err), &err);
    assert_ok(hop_json_member(doc, "edges", HOP_JSON_ARRAY, &edges, &err), &err);
    for (size_t i = 0; i < hop_json_count(&edges); i++) {
        hop_json_view edge;
        assert_ok(hop_json_item(&edges, i, HOP_JSON_ARRAY, &edge, &err), &err);
        char *pair = hop_sprintf("%s %s", node_version(&nodes, &edge, 0),
                                 node_version(&nodes, &edge, 1));
        hop_strings_take(&w->listed, &pair);
    }
}

static void list_group(world *w, const hop_json_view *group)
{
    hop_error *err = NULL;
    hop_json_view edges;
    assert_ok(hop_json_member(group, "edges", HOP_JSON_ARRAY, &edges, &err), &err);
    for (size_t i = 0; i < hop_json_count(&edges); i++) {
        hop_json_view edge;
        const char *from = NULL, *to = NULL;
        assert_ok(hop_json_item(&edges, i, HOP_JSON_OBJECT, &edge, &err), &err);
        assert_ok(hop_json_get_string(&edge, "from", &from, &err), &err);
        assert_ok(hop_json_get_string(&edge, "to", &to, &err), &err);
        char *pair = hop_sprintf("%s %s", from, to);
        hop_strings_add(&w->listed, pair);
        hop_strings_take(&w->conditional, &pair);
    }
}

static void add_document(world *w, const char *name)
{
    hop_error *err = NULL;
    HOP_AUTO_STR path = hop_sprintf("%s/graphs/%s", w->root, name);
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_MAX_DOCUMENT);
    assert_ok(hop_file_read(path, &text, &err), &err);
    hop_graph_source source = {.name = name};
    assert_ok(hop_graph_add(w->graph, hop_buf_get(&text), text.len, &source, &err), &err);

    HOP_AUTO(hop_json) doc = NULL;
    assert_ok(hop_json_parse(hop_buf_get(&text), text.len, name, &doc, &err), &err);
    hop_json_view root = hop_json_root(doc, name), groups;
    list_edges(w, &root);
    assert_ok(hop_json_optional(&root, "conditionalEdges", HOP_JSON_ARRAY, &groups, &err),
              &err);
    for (size_t i = 0; groups.value && i < hop_json_count(&groups); i++) {
        hop_json_view group;
        assert_ok(hop_json_item(&groups, i, HOP_JSON_OBJECT, &group, &err), &err);
        list_group(w, &group);
    }
}

static void enter_set(world *w, const hop_json_view *names)
{
    HOP_AUTO_VALUE(hop_buf) key = hop_buf_init(HOP_BUF_TEXT);
    hop_json_dump(names->value, HOP_JSON_COMPACT, &key);
    if (w->key && strcmp(w->key, hop_buf_get(&key)) == 0)
        return;
    world_clear(w);
    w->key = hop_buf_take(&key);
    w->graph = hop_graph_new();
    for (size_t i = 0; i < hop_json_count(names); i++) {
        hop_error *err = NULL;
        hop_json_view item;
        const char *name = NULL;
        assert_ok(hop_json_item(names, i, HOP_JSON_STRING, &item, &err), &err);
        assert_ok(hop_json_string(&item, &name, &err), &err);
        add_document(w, name);
    }
    hop_strings_sort(&w->listed);
    hop_strings_sort(&w->conditional);
}

/* ---- one case ---- */

/* Without accepted risks "unreachable" is our "needs-risks" where risks would lead on. */
static const char *wanted_status(const hop_json_view *expect)
{
    hop_error *err = NULL;
    hop_json_view flag;
    const char *status = NULL;
    bool leads_on = false;
    assert_ok(hop_json_get_string(expect, "status", &status, &err), &err);
    assert_ok(hop_json_optional(expect, "reachable_with_conditional", HOP_JSON_BOOL,
                                &flag, &err),
              &err);
    if (flag.value)
        assert_ok(hop_json_bool(&flag, &leads_on, &err), &err);
    return leads_on ? "needs-risks" : status;
}

static void compare_uint(const hop_json_view *expect, const char *key, uint64_t got)
{
    hop_error *err = NULL;
    hop_json_view member;
    uint64_t wanted = 0;
    assert_ok(hop_json_optional(expect, key, HOP_JSON_INTEGER, &member, &err), &err);
    if (!member.value)
        return;
    assert_ok(hop_json_uint(&member, &wanted, &err), &err);
    assert_int_equal(got, wanted);
}

static void compare_count(const hop_json_view *expect, const char *got)
{
    hop_error *err = NULL;
    hop_json_view paths;
    assert_ok(hop_json_member(expect, "paths", HOP_JSON_ANY, &paths, &err), &err);
    if (hop_json_is(&paths, HOP_JSON_STRING)) {
        const char *text = NULL;
        assert_ok(hop_json_string(&paths, &text, &err), &err);
        assert_string_equal(got, text);
        return;
    }
    uint64_t number = 0;
    assert_ok(hop_json_uint(&paths, &number, &err), &err);
    HOP_AUTO_STR text = hop_sprintf("%ju", (uintmax_t)number);
    assert_string_equal(got, text);
}

static void check_edges_are_listed(const world *w, const hop_route *route)
{
    size_t conditional = 0;
    for (size_t i = 0; i < route->hops; i++) {
        const hop_plan_edge *e = &route->edges[i];
        assert_string_equal(e->from, route->releases[i].version);
        assert_string_equal(e->to, route->releases[i + 1].version);
        HOP_AUTO_STR pair = hop_sprintf("%s %s", e->from, e->to);
        assert_true(has_sorted(&w->listed, pair));
        assert_int_equal(has_sorted(&w->conditional, pair), e->is_conditional);
        conditional += e->is_conditional;
    }
    assert_int_equal(conditional, route->conditional_hops);
}

static void check_case(world *w, const hop_json_view *test)
{
    hop_error *err = NULL;
    const char *mode = NULL;
    hop_json_view names, expect;
    hop_plan_opts o = {0};
    assert_ok(hop_json_get_string(test, "from", &o.from, &err), &err);
    assert_ok(hop_json_get_string(test, "to", &o.to, &err), &err);
    assert_ok(hop_json_get_string(test, "arch", &o.arch, &err), &err);
    assert_ok(hop_json_get_string(test, "mode", &mode, &err), &err);
    assert_ok(hop_json_member(test, "graphs", HOP_JSON_ARRAY, &names, &err), &err);
    assert_ok(hop_json_member(test, "expect", HOP_JSON_OBJECT, &expect, &err), &err);
    enter_set(w, &names);
    HOP_AUTO_VALUE(hop_strings) accept = {0};
    if (strcmp(mode, "unconditional") != 0)
        hop_strings_add(&accept, "all");
    o.accept_risks = &accept;
    o.prefer = strcmp(mode, "any") == 0 ? HOP_PREFER_HOPS : HOP_PREFER_RISK;
    HOP_AUTO(hop_plan) plan = NULL;
    assert_ok(hop_graph_plan(w->graph, &o, &plan, &err), &err);
    assert_string_equal(hop_plan_status_name(plan->status), wanted_status(&expect));
    check_edges_are_listed(w, &plan->best);
    if (plan->status != HOP_PLAN_OK && plan->status != HOP_PLAN_SAME_VERSION) {
        assert_non_null(plan->explanation.summary);
        return;
    }
    compare_uint(&expect, "hops", plan->best.hops);
    compare_uint(&expect, "conditional_edges", plan->best.conditional_hops);
    compare_count(&expect, plan->path_count);
}

static void all_cases_agree(void **state)
{
    world *w = *state;
    hop_error *err = NULL;
    HOP_AUTO_STR path = hop_sprintf("%s/cases-dev.json", w->root);
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_MAX_DOCUMENT);
    assert_ok(hop_file_read(path, &text, &err), &err);
    HOP_AUTO(hop_json) doc = NULL;
    assert_ok(hop_json_parse(hop_buf_get(&text), text.len, path, &doc, &err), &err);
    hop_json_view root = hop_json_root(doc, path), cases;
    assert_ok(hop_json_member(&root, "cases", HOP_JSON_ARRAY, &cases, &err), &err);
    assert_true(hop_json_count(&cases) > 1000);
    for (size_t i = 0; i < hop_json_count(&cases); i++) {
        hop_json_view test;
        assert_ok(hop_json_item(&cases, i, HOP_JSON_OBJECT, &test, &err), &err);
        check_case(w, &test);
    }
    print_message("%zu cases\n", hop_json_count(&cases));
}

int main(void)
{
    HOP_AUTO_VALUE(world) w = {.root = getenv("OC_HOP_TEST_DATA")};
    if (!w.root) {
        printf("skipped: OC_HOP_TEST_DATA is not set\n");
        return SKIPPED;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(all_cases_agree, &w),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
