/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One document: what is read, what is warned about, what is refused and how the error
 * names the place. */
#include "graph_support.h"

#define RELEASE "registry.example.com/r/release"
#define DIGEST_A \
    "@sha256:1111111111111111111111111111111111111111111111111111111111111111"
#define RISK                                                                        \
    "{\"name\":\"R\",\"url\":\"u\",\"message\":\"m\",\"matchingRules\":[{\"type\":" \
    "\"Always\"}]}"

static hop_status add(hop_graph *g, const char *text, hop_error **err)
{
    hop_graph_source source = {.name = "g.json", .channel = "stable-4.1"};
    return hop_graph_add(g, text, strlen(text), &source, err);
}

static void faults_are_errors_with_a_place(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "g.json:"},
        {"[]", "g.json: expected an object"},
        {"<html>", "g.json:1:"},
        {"{}", "g.json: nodes: missing"},
        {"{\"nodes\":{}}", "g.json: nodes: expected an array"},
        {"{\"version\":2,\"nodes\":[]}", "g.json: version: graph format 2"},
        {"{\"version\":\"1\",\"nodes\":[]}", "g.json: version: expected a whole number"},
        {"{\"nodes\":[7]}", "nodes[0]: expected an object"},
        {"{\"nodes\":[{}]}", "nodes[0].version: missing"},
        {"{\"nodes\":[{\"version\":\"4.1\"}]}", "g.json: nodes[0]"},
        {"{\"nodes\":[{\"version\":\"4.1.0\"},{\"version\":\"4.1.0\"}]}",
         "nodes[1]: version 4.1.0 is listed twice"},
        {"{\"nodes\":[{\"version\":\"4.1.0\",\"payload\":\"not a reference\"}]}",
         "nodes[0]: payload \"not a reference\""},
        {"{\"nodes\":[{\"version\":\"4.1.0\",\"metadata\":[]}]}",
         "nodes[0].metadata: expected an object"},
        {"{\"nodes\":[{\"version\":\"4.1.0\"}],\"edges\":[[0,1]]}",
         "edges[0][1]: index 1, but there are 1 nodes"},
        {"{\"nodes\":[{\"version\":\"4.1.0\"}],\"edges\":[[0,-1]]}", "edges[0][1]:"},
        {"{\"nodes\":[{\"version\":\"4.1.0\"}],\"edges\":[[0,18446744073709551616]]}",
         "g.json:"},
        {"{\"nodes\":[{\"version\":\"4.1.0\"}],\"edges\":[[0,0]]}",
         "edges[0]: an edge from 4.1.0 to itself"},
        {"{\"nodes\":[{\"version\":\"4.1.0\"}],\"edges\":[[0]]}",
         "edges[0]: expected two"},
        {"{\"nodes\":[],\"conditionalEdges\":[{\"edges\":[]}]}",
         "conditionalEdges[0].risks: missing"},
        {"{\"nodes\":[],\"conditionalEdges\":[{\"risks\":[" RISK "]}]}",
         "conditionalEdges[0].edges: missing"},
        {"{\"nodes\":[],\"conditionalEdges\":[{\"edges\":[{\"from\":\"a\"}],\"risks\":"
         "[" RISK "]}]}",
         "conditionalEdges[0].edges[0].to: missing"},
        {"{\"nodes\":[],\"conditionalEdges\":[{\"edges\":[],\"risks\":[{}]}]}",
         "conditionalEdges[0].risks[0].name: missing"},
        {"{\"nodes\":[],\"conditionalEdges\":[{\"edges\":[],\"risks\":[{\"name\":\"R\","
         "\"matchingRules\":[{}]}]}]}",
         "risks[0].matchingRules[0].type: missing"},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        HOP_AUTO(hop_graph) g = hop_graph_new();
        hop_error *err = NULL;
        assert_fails(add(g, cases[i].text, &err), &err, HOP_E_PARSE, cases[i].message);
        assert_int_equal(hop_graph_count(g), 0);
    }
}

static void a_channel_name_must_match_its_grammar(void **state)
{
    (void)state;
    HOP_AUTO(hop_graph) g = hop_graph_new();
    static const char *const bad[] = {"",    "Stable-4.1", "stable_4.1", "stable-4.1;rm",
                                      "a/b", "\x1b"};
    for (size_t i = 0; i < HOP_COUNT_OF(bad); i++) {
        hop_error *err = NULL;
        hop_graph_source source = {.name = "g.json", .channel = bad[i]};
        assert_fails(hop_graph_add(g, "{\"nodes\":[]}", 12, &source, &err), &err,
                     HOP_E_PARSE, "is no channel name");
    }
}

static void missing_lists_and_dangling_edges_are_warnings(void **state)
{
    (void)state;
    HOP_AUTO(hop_graph) g = hop_graph_new();
    hop_error *err = NULL;
    assert_ok(add(g, "{\"nodes\":[{\"version\":\"4.1.0\"}],\"surplus\":[1]}", &err),
              &err);
    const hop_strings *w = hop_graph_get_warnings(g);
    assert_int_equal(w->len, 2);
    assert_string_equal(w->items[0], "g.json: has no member \"edges\"");
    assert_string_equal(w->items[1], "g.json: has no member \"conditionalEdges\"");
    assert_ok(
        add(g,
            "{\"nodes\":[{\"version\":\"4.1.0\"}],\"edges\":[],\"conditionalEdges\":[{"
            "\"edges\":[{\"from\":\"4.1.0\",\"to\":\"4.1.9\"}],\"risks\":[" RISK "]}]}",
            &err),
        &err);
    assert_int_equal(w->len, 3);
    assert_string_equal(
        w->items[2],
        "g.json: conditional edge 4.1.0 to 4.1.9 is dropped: 4.1.9 is no node");
    assert_int_equal(hop_graph_count_edges(g), 0);
}

static void releases_keep_what_the_document_says(void **state)
{
    (void)state;
    HOP_AUTO(hop_graph) g = hop_graph_new();
    hop_error *err = NULL;
    assert_ok(add(g,
                  "{\"nodes\":[{\"version\":\"4.1.0+amd64\",\"payload\":\"\"},{"
                  "\"version\":\"4.1.1+"
                  "amd64\",\"payload\":\"" RELEASE DIGEST_A
                  "\",\"metadata\":{\"url\":\"https://e/"
                  "\",\"io.openshift.upgrades.graph.release.channels\":\"fast-4.1, "
                  "stable-4.1,,\""
                  ",\"x\":1}}],\"edges\":[[0,1],[0,1]],\"conditionalEdges\":[]}",
                  &err),
              &err);
    assert_int_equal(hop_graph_count_edges(g), 1);
    const hop_release *r = hop_graph_get_release(g, 0);
    assert_string_equal(r->version, "4.1.1+amd64");
    assert_string_equal(r->payload, RELEASE DIGEST_A);
    assert_string_equal(r->url, "https://e/");
    assert_int_equal(r->channels.len, 2);
    assert_string_equal(r->channels.items[1], "stable-4.1");
    assert_ptr_equal(hop_graph_find_release(g, "4.1.1", "amd64"), r);
    assert_null(hop_graph_find_release(g, "4.1.1", "s390x"));
    assert_null(hop_graph_find_release(g, "4.1.1", NULL));
    assert_null(hop_graph_get_release(g, 1)->payload);
    assert_true(hop_graph_has_in_channel(g, r, "stable-4.1"));
    assert_false(hop_graph_has_in_channel(g, r, "fast-4.1"));
}

static const char *derived_channel(hop_graph *g, const char *lines, const char *channels)
{
    hop_error *err = NULL;
    HOP_AUTO_VALUE(hop_buf) json = hop_buf_init(HOP_BUF_TEXT);
    lines_to_json(lines, channels, &json);
    hop_graph_source source = {.name = "g.json"};
    assert_ok(hop_graph_add(g, hop_buf_get(&json), json.len, &source, &err), &err);
    hop_texts names = hop_graph_get_channels(g);
    return names.len > 0 ? names.items[0] : NULL;
}

static void a_nameless_document_is_the_channel_that_its_nodes_share(void **state)
{
    (void)state;
    static const struct {
        const char *channels, *wanted;
    } cases[] = {
        {"candidate-4.16", "candidate-4.16"},
        {"candidate-4.16,fast-4.16,stable-4.16", "stable-4.16"},
        {"candidate-4.17,fast-4.16", "fast-4.16"},
        {"candidate-4.16,eus-4.16,fast-4.16", "eus-4.16"},
        {"stable-4.17,candidate-4.16", "candidate-4.16"},
        {"Not-Valid", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        HOP_AUTO(hop_graph) g = hop_graph_new();
        const char *got = derived_channel(g, "4.15.1 > 4.16.2", cases[i].channels);
        if (cases[i].wanted)
            assert_string_equal(got, cases[i].wanted);
        else
            assert_null(got);
    }
    HOP_AUTO(hop_graph) g = hop_graph_new();
    assert_null(derived_channel(g, "4.15.1 > 4.16.2", NULL));
}

static void too_large_a_document_is_refused_unread(void **state)
{
    (void)state;
    HOP_AUTO(hop_graph) g = hop_graph_new();
    hop_error *err = NULL;
    hop_graph_source source = {.name = "g.json"};
    assert_fails(hop_graph_add(g, "{}", HOP_MAX_DOCUMENT + 1, &source, &err), &err,
                 HOP_E_LIMIT, "g.json: larger than 64 MiB");
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    hop_buf_adds(&text, "{\"nodes\":[");
    for (size_t i = 0; i <= HOP_GRAPH_MAX_NODES; i++)
        hop_buf_addf(&text, "%s{\"version\":\"4.0.%zu\"}", i ? "," : "", i);
    hop_buf_adds(&text, "]}");
    assert_fails(hop_graph_add(g, hop_buf_get(&text), text.len, &source, &err), &err,
                 HOP_E_LIMIT, "g.json: nodes: more than 20000");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_are_errors_with_a_place),
        cmocka_unit_test(a_channel_name_must_match_its_grammar),
        cmocka_unit_test(missing_lists_and_dangling_edges_are_warnings),
        cmocka_unit_test(releases_keep_what_the_document_says),
        cmocka_unit_test(a_nameless_document_is_the_channel_that_its_nodes_share),
        cmocka_unit_test(too_large_a_document_is_refused_unread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
