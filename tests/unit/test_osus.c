/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The simulated update service: upstream's three fixtures where $OC_HOP_TEST_DATA has
 * them, and one test for each habit of the service, named after it. */
#include "test_support.h"

#include "hop_file.h"
#include "hop_osus.h"

#include <dirent.h>
#include <stdio.h>

static void put(hop_tree *t, const char *path, const char *text)
{
    hop_error *err = NULL;
    assert_ok(hop_tree_add(t, path, text, strlen(text), &err), &err);
}

/* Graph-data that says nothing; the files without extension stand for the directories. */
static hop_tree empty_tree(void)
{
    hop_tree t = {0};
    put(&t, "version", "1.1.0\n");
    put(&t, "raw/metadata.json", "{}");
    put(&t, "channels/_OWNERS", "");
    put(&t, "blocked-edges/_OWNERS", "");
    return t;
}

static hop_osus *serve(hop_tree *t, const char *raw, size_t len)
{
    hop_error *err = NULL;
    HOP_AUTO(hop_graph_data) data = NULL;
    hop_osus *o = NULL;
    assert_ok(hop_tree_sort(t, &err), &err);
    assert_ok(hop_graph_data_read(t, &data, &err), &err);
    assert_ok(hop_osus_new(raw, len, "raw.json", data, &o, &err), &err);
    hop_tree_clear(t);
    return o;
}

/* "A>B" for each edge and "A?B:RISKS" for each conditional one, with blanks between. */
static char *edges_text(const hop_json *doc)
{
    hop_error *err = NULL;
    HOP_AUTO_VALUE(hop_buf) b = hop_buf_init(HOP_BUF_TEXT);
    hop_json_view root = hop_json_root(doc, "answer"), nodes, list;
    assert_ok(hop_json_member(&root, "nodes", HOP_JSON_ARRAY, &nodes, &err), &err);
    assert_ok(hop_json_member(&root, "edges", HOP_JSON_ARRAY, &list, &err), &err);
    for (size_t i = 0; i < hop_json_count(&list); i++) {
        hop_json_view edge;
        assert_ok(hop_json_item(&list, i, HOP_JSON_ARRAY, &edge, &err), &err);
        for (size_t end = 0; end < 2; end++) {
            hop_json_view index, node;
            uint64_t at = 0;
            const char *version = NULL;
            assert_ok(hop_json_item(&edge, end, HOP_JSON_INTEGER, &index, &err), &err);
            assert_ok(hop_json_uint(&index, &at, &err), &err);
            assert_ok(hop_json_item(&nodes, at, HOP_JSON_OBJECT, &node, &err), &err);
            assert_ok(hop_json_get_string(&node, "version", &version, &err), &err);
            hop_buf_addf(&b, "%s%s", version, end ? " " : ">");
        }
    }
    assert_ok(hop_json_member(&root, "conditionalEdges", HOP_JSON_ARRAY, &list, &err),
              &err);
    for (size_t i = 0; i < hop_json_count(&list); i++) {
        hop_json_view group, edges, risks;
        assert_ok(hop_json_item(&list, i, HOP_JSON_OBJECT, &group, &err), &err);
        assert_ok(hop_json_member(&group, "edges", HOP_JSON_ARRAY, &edges, &err), &err);
        assert_ok(hop_json_member(&group, "risks", HOP_JSON_ARRAY, &risks, &err), &err);
        for (size_t j = 0; j < hop_json_count(&edges); j++) {
            hop_json_view edge;
            const char *from = NULL, *to = NULL;
            assert_ok(hop_json_item(&edges, j, HOP_JSON_OBJECT, &edge, &err), &err);
            assert_ok(hop_json_get_string(&edge, "from", &from, &err), &err);
            assert_ok(hop_json_get_string(&edge, "to", &to, &err), &err);
            hop_buf_addf(&b, "%s?%s:", from, to);
            for (size_t k = 0; k < hop_json_count(&risks); k++) {
                hop_json_view risk;
                const char *name = NULL;
                assert_ok(hop_json_item(&risks, k, HOP_JSON_OBJECT, &risk, &err), &err);
                assert_ok(hop_json_get_string(&risk, "name", &name, &err), &err);
                hop_buf_adds(&b, name);
            }
            hop_buf_addc(&b, ' ');
        }
    }
    return hop_buf_take(&b);
}

/* ---- upstream's fixtures ---- */

static void put_directory(hop_tree *t, const char *root, const char *name)
{
    HOP_AUTO_STR path = hop_sprintf("%s/%s", root, name);
    DIR *dir = opendir(path);
    assert_non_null(dir);
    for (struct dirent *e = readdir(dir); e; e = readdir(dir)) {
        if (*e->d_name == '.')
            continue;
        hop_error *err = NULL;
        HOP_AUTO_STR file = hop_sprintf("%s/%s", path, e->d_name);
        HOP_AUTO_STR inner = hop_sprintf("%s/%s", name, e->d_name);
        HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_MAX_DOCUMENT);
        assert_ok(hop_file_read(file, &text, &err), &err);
        put(t, inner, hop_buf_get(&text));
    }
    closedir(dir);
}

static size_t member_count(const hop_json *doc, const char *key)
{
    hop_error *err = NULL;
    hop_json_view root = hop_json_root(doc, "answer"), list;
    assert_ok(hop_json_member(&root, key, HOP_JSON_ARRAY, &list, &err), &err);
    return hop_json_count(&list);
}

static size_t count_text(const char *text, char c)
{
    size_t n = 0;
    for (; *text; text++)
        n += *text == c;
    return n;
}

static void fixture(const char *name, size_t edges, size_t conditional, size_t groups)
{
    hop_error *err = NULL;
    HOP_AUTO_STR root = hop_sprintf("%s/fixtures/%s", getenv("OC_HOP_TEST_DATA"), name);
    HOP_AUTO_STR data = hop_sprintf("%s/cincinnati-graph-data", root);
    HOP_AUTO_STR raw_path = hop_sprintf("%s/graph-gb-raw.json", root);
    HOP_AUTO_STR wanted_path = hop_sprintf("%s/graph-gb-with-quay-metadata.json", root);
    HOP_AUTO_STR version_path = hop_sprintf("%s/version", data);
    HOP_AUTO_VALUE(hop_buf) raw = hop_buf_init(HOP_MAX_DOCUMENT);
    HOP_AUTO_VALUE(hop_buf) wanted = hop_buf_init(HOP_MAX_DOCUMENT);
    HOP_AUTO_VALUE(hop_buf) version = hop_buf_init(HOP_MAX_DOCUMENT);
    assert_ok(hop_file_read(raw_path, &raw, &err), &err);
    assert_ok(hop_file_read(wanted_path, &wanted, &err), &err);
    assert_ok(hop_file_read(version_path, &version, &err), &err);
    hop_tree tree = {0};
    put(&tree, "version", hop_buf_get(&version));
    put_directory(&tree, data, "raw");
    put_directory(&tree, data, "channels");
    put_directory(&tree, data, "blocked-edges");
    HOP_AUTO(hop_osus) ours = serve(&tree, hop_buf_get(&raw), raw.len);
    hop_tree nothing = empty_tree();
    HOP_AUTO(hop_osus) theirs = serve(&nothing, hop_buf_get(&wanted), wanted.len);
    HOP_AUTO(hop_json) got = hop_osus_get_graph(ours);
    HOP_AUTO(hop_json) reference = hop_osus_get_graph(theirs);
    HOP_AUTO_STR got_edges = edges_text(got);
    HOP_AUTO_STR reference_edges = edges_text(reference);
    assert_int_equal(member_count(got, "nodes"), member_count(reference, "nodes"));
    assert_int_equal(count_text(got_edges, '>'), edges);
    assert_int_equal(count_text(got_edges, '?'), conditional);
    assert_int_equal(member_count(got, "conditionalEdges"), groups);
    char *questions = strchr(got_edges, '?');
    size_t plain = questions ? strlen(reference_edges) : strlen(got_edges);
    assert_int_equal(strlen(reference_edges), plain);
    assert_memory_equal(got_edges, reference_edges, plain);
}

static void upstream_fixtures_give_the_same_edges(void **state)
{
    (void)state;
    if (!getenv("OC_HOP_TEST_DATA")) {
        printf("skipped: OC_HOP_TEST_DATA is not set\n");
        skip();
    }
    fixture("20200220.104838", 466, 0, 0);
    fixture("20200319.204124", 559, 0, 0);
    fixture("20211124.083150", 17395, 63, 2);
}

/* ---- habits ---- */

#define NODE(v, arch)                                            \
    "{\"version\":\"" v "+" arch                                 \
    "\",\"payload\":\"r.example.com/x@sha256:0\",\"metadata\":{" \
    "\"io.openshift.upgrades.graph.release.arch\":\"" arch "\""
#define RAW                                                                        \
    "{\"nodes\":[" NODE("4.1.0", "amd64") "}}," NODE("4.1.1", "amd64") "}}," NODE( \
        "4.1.0", "s390x") "}}," NODE("4.1.1", "s390x") "}}],\"edges\":[[0,1],[2,3]]}"
#define RISK "url: https://e/\nname: R\nmessage: m\nmatchingRules:\n- type: Always\n"

static void expect(const char *const *files, const char *raw, const char *wanted)
{
    hop_tree t = empty_tree();
    for (; *files; files += 2)
        put(&t, files[0], files[1]);
    HOP_AUTO(hop_osus) o = serve(&t, raw, strlen(raw));
    HOP_AUTO(hop_json) doc = hop_osus_get_graph(o);
    HOP_AUTO_STR got = edges_text(doc);
    assert_string_equal(got, wanted);
}

static void a_plain_block_takes_the_edge_from_every_architecture(void **state)
{
    (void)state;
    expect((const char *[]){"blocked-edges/a.yaml", "to: 4.1.1\nfrom: 4[.]1[.]0\n", NULL},
           RAW, "");
    expect((const char *[]){"blocked-edges/a.yaml", "to: 4.1.1+s390x\nfrom: .*\n", NULL},
           RAW, "4.1.0+amd64>4.1.1+amd64 ");
    expect((const char *[]){"blocked-edges/a.yaml",
                            "to: 4.1.1\nfrom: ^4[.]1[.]0[+]amd64$\n", NULL},
           RAW, "4.1.0+s390x>4.1.1+s390x ");
    expect(
        (const char *[]){"blocked-edges/a.yaml", "to: 4.1.1\nfrom: ^4[.]1[.]0$\n", NULL},
        RAW, "4.1.0+amd64>4.1.1+amd64 4.1.0+s390x>4.1.1+s390x ");
}

static void a_risk_makes_the_edge_conditional(void **state)
{
    (void)state;
    expect((const char *[]){"blocked-edges/a.yaml",
                            "to: 4.1.1\nfrom: .*\nfixedIn: 4.1.2\n" RISK, NULL},
           RAW, "4.1.0+amd64?4.1.1+amd64:R 4.1.0+s390x?4.1.1+s390x:R ");
}

static void a_risk_for_one_architecture_still_takes_the_edge_from_all(void **state)
{
    (void)state;
    expect((const char *[]){"blocked-edges/a.yaml", "to: 4.1.1+s390x\nfrom: .*\n" RISK,
                            NULL},
           RAW, "4.1.0+s390x?4.1.1+s390x:R ");
}

static void a_plain_block_and_a_risk_on_one_edge_leave_it_conditional(void **state)
{
    (void)state;
    expect((const char *[]){"blocked-edges/a.yaml", "to: 4.1.1\nfrom: .*\n",
                            "blocked-edges/b.yaml", "to: 4.1.1\nfrom: amd64\n" RISK,
                            NULL},
           RAW, "4.1.0+amd64?4.1.1+amd64:R ");
}

static void the_last_of_two_plain_blocks_for_a_target_wins(void **state)
{
    (void)state;
    expect((const char *[]){"blocked-edges/a.yaml", "to: 4.1.1\nfrom: .*\n",
                            "blocked-edges/b.yaml", "to: 4.1.1\nfrom: never\n", NULL},
           RAW, "4.1.0+amd64>4.1.1+amd64 4.1.0+s390x>4.1.1+s390x ");
}

static void incomplete_risks_and_other_extensions_block_nothing(void **state)
{
    (void)state;
    static const char *const whole = "4.1.0+amd64>4.1.1+amd64 4.1.0+s390x>4.1.1+s390x ";
    expect((const char *[]){"blocked-edges/a.yaml",
                            "to: 4.1.1\nfrom: .*\nfixedIn: 4.1.2\n", NULL},
           RAW, whole);
    expect((const char *[]){"blocked-edges/a.yml", "to: 4.1.1\nfrom: .*\n", NULL}, RAW,
           whole);
    expect((const char *[]){"blocked-edges/d/a.yaml", "to: 4.1.1\nfrom: .*\n", NULL}, RAW,
           whole);
    expect((const char *[]){"blocked-edges/a.yaaaml", "to: 4.1.1\nfrom: .*\n", NULL}, RAW,
           "");
}

static void the_s390x_pre_release_is_pinned_to_its_architecture(void **state)
{
    (void)state;
    static const char raw[] = "{\"nodes\":[" NODE("4.1.0", "amd64") "}}," NODE(
        "4.1.1-s390x",
        "amd64") "}}," NODE("4.1.0",
                            "s390x") "}}," NODE("4.1.1-s390x",
                                                "s390x") "}}],\"edges\":[[0,1],[2,3]]}";
    expect((const char *[]){"blocked-edges/a.yaml", "to: 4.1.1-s390x\nfrom: .*\n", NULL},
           raw, "4.1.0+amd64>4.1.1-s390x+amd64 ");
}

static void raw_metadata_adds_edges_for_every_architecture(void **state)
{
    (void)state;
    static const char raw[] = "{\"nodes\":[" NODE("4.1.0", "amd64") "}}," NODE(
        "4.1.1", "amd64") "}}],\"edges\":[]}";
    expect((const char *[]){NULL}, raw, "");
    hop_tree t = {0};
    put(&t, "version", "1.0.0");
    put(&t, "raw/metadata.json",
        "{\"4.1.1+s390x\":{\"io.openshift.upgrades.graph.previous.add\":\"4.1.0, "
        "4.0.9\"}}");
    put(&t, "channels/_", "");
    put(&t, "blocked-edges/_", "");
    HOP_AUTO(hop_osus) o = serve(&t, raw, strlen(raw));
    HOP_AUTO(hop_json) doc = hop_osus_get_graph(o);
    HOP_AUTO_STR got = edges_text(doc);
    assert_string_equal(got, "4.1.0+amd64>4.1.1+amd64 ");
}

static void previous_remove_takes_one_or_all(void **state)
{
    (void)state;
#define REMOVE(list)                                                                 \
    "{\"nodes\":[" NODE("4.1.0", "amd64") "}}," NODE("4.1.1", "amd64") "}}," NODE(   \
        "4.1.2", "amd64") ",\"io.openshift.upgrades.graph.previous.remove\":\"" list \
                          "\"}}],\"edges\":[[0,1],[0,2],[1,2]]}"
    expect((const char *[]){NULL}, REMOVE("4.1.1"),
           "4.1.0+amd64>4.1.1+amd64 4.1.0+amd64>4.1.2+amd64 ");
    expect((const char *[]){NULL}, REMOVE("*"), "4.1.0+amd64>4.1.1+amd64 ");
}

static void a_cycle_fails_the_whole_graph(void **state)
{
    (void)state;
    static const char raw[] = "{\"nodes\":[" NODE("4.1.0", "amd64") "}}," NODE(
        "4.1.1", "amd64") "}}],\"edges\":[[0,1],[1,0]]}";
    hop_error *err = NULL;
    hop_tree t = empty_tree();
    HOP_AUTO(hop_graph_data) data = NULL;
    hop_osus *o = NULL;
    assert_ok(hop_tree_sort(&t, &err), &err);
    assert_ok(hop_graph_data_read(&t, &data, &err), &err);
    assert_fails(hop_osus_new(raw, strlen(raw), "raw.json", data, &o, &err), &err,
                 HOP_E_PARSE, "cycle");
    hop_tree_clear(&t);
}

static void a_channel_needs_both_ends_and_one_architecture(void **state)
{
    (void)state;
    hop_tree t = empty_tree();
    put(&t, "channels/a.yaml", "name: x-4.9\nversions: [4.1.0, 4.1.1+amd64]\n");
    put(&t, "channels/b.yaml", "name: x-4.10\nversions: [4.1.0]\n");
    HOP_AUTO(hop_osus) o = serve(&t, RAW, strlen(RAW));
    static const char *const wanted[][3] = {{"x-4.9", "amd64", "4.1.0>4.1.1 "},
                                            {"x-4.9", "s390x", ""},
                                            {"x-4.10", "amd64", ""},
                                            {"no", "amd64", ""}};
    for (size_t i = 0; i < HOP_COUNT_OF(wanted); i++) {
        HOP_AUTO(hop_json) doc = hop_osus_get_channel(o, wanted[i][0], wanted[i][1]);
        HOP_AUTO_STR got = edges_text(doc);
        assert_string_equal(got, wanted[i][2]);
    }
    HOP_AUTO(hop_json) doc = hop_osus_get_channel(o, "x-4.10", "s390x");
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    hop_json_dump(doc, HOP_JSON_COMPACT, &text);
    assert_string_equal(hop_buf_get(&text),
                        "{\"version\":1,\"nodes\":[{\"version\":\"4.1.0\",\"payload\":"
                        "\"r.example.com/x@sha256:0\","
                        "\"metadata\":{\"io.openshift.upgrades.graph.release.channels\":"
                        "\"x-4.10,x-4.9\"}}],"
                        "\"edges\":[],\"conditionalEdges\":[]}");
}

static void trees_that_the_service_refuses_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *version, *raw, *channel, *message;
    } cases[] = {
        {"2.0.0", "{}", "channels/a", "format 2.0.0"},
        {"x", "{}", "channels/a", "version"},
        {"1.0.0", "[]", "channels/a", "raw/metadata.json: expected an object"},
        {"1.0.0", "{\"4.1.0\":{\"a\":1}}", "channels/a", "4.1.0.a: expected a string"},
        {"1.0.0", "{}", "other/a", "no file under channels/"},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        hop_error *err = NULL;
        hop_tree t = {0};
        hop_graph_data *data = NULL;
        put(&t, "version", cases[i].version);
        put(&t, "raw/metadata.json", cases[i].raw);
        put(&t, cases[i].channel, "");
        put(&t, "blocked-edges/a", "");
        assert_ok(hop_tree_sort(&t, &err), &err);
        assert_fails(hop_graph_data_read(&t, &data, &err), &err, HOP_E_PARSE,
                     cases[i].message);
        hop_tree_clear(&t);
    }
}

static void dropped_files_are_told_with_file_and_line(void **state)
{
    (void)state;
    hop_error *err = NULL;
    hop_tree t = empty_tree();
    put(&t, "blocked-edges/a.yaml", "to: 4.1\nfrom: x\n");
    put(&t, "blocked-edges/b.yaml", "to: [");
    put(&t, "channels/c.yaml", "name: c-4.1\nversions:\n- 4.1.0\n- 4.1\n");
    HOP_AUTO(hop_graph_data) data = NULL;
    assert_ok(hop_tree_sort(&t, &err), &err);
    assert_ok(hop_graph_data_read(&t, &data, &err), &err);
    const hop_strings *w = hop_graph_data_get_warnings(data);
    assert_int_equal(w->len, 5); /* two files without extension */
    assert_string_equal(
        w->items[1],
        "blocked-edges/a.yaml:1: dropped, so that nothing is blocked: to is no version");
    assert_true(hop_has_prefix(w->items[2], "blocked-edges/b.yaml:1: dropped: "));
    assert_string_equal(
        w->items[4],
        "channels/c.yaml:4: the whole channel is dropped: a version is malformed");
    hop_tree_clear(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(upstream_fixtures_give_the_same_edges),
        cmocka_unit_test(a_plain_block_takes_the_edge_from_every_architecture),
        cmocka_unit_test(a_risk_makes_the_edge_conditional),
        cmocka_unit_test(a_risk_for_one_architecture_still_takes_the_edge_from_all),
        cmocka_unit_test(a_plain_block_and_a_risk_on_one_edge_leave_it_conditional),
        cmocka_unit_test(the_last_of_two_plain_blocks_for_a_target_wins),
        cmocka_unit_test(incomplete_risks_and_other_extensions_block_nothing),
        cmocka_unit_test(the_s390x_pre_release_is_pinned_to_its_architecture),
        cmocka_unit_test(raw_metadata_adds_edges_for_every_architecture),
        cmocka_unit_test(previous_remove_takes_one_or_all),
        cmocka_unit_test(a_cycle_fails_the_whole_graph),
        cmocka_unit_test(a_channel_needs_both_ends_and_one_architecture),
        cmocka_unit_test(trees_that_the_service_refuses_are_refused),
        cmocka_unit_test(dropped_files_are_told_with_file_and_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
