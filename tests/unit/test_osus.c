/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The simulated update service: one test for each habit, named after it. */
#include "osus_support.h"

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

/* Three releases and their metadata; 4.1.9 is only named. */
#define WITH(first, second, edges)                                                  \
    "{\"nodes\":[" NODE("4.1.0", "amd64") first "}}," NODE("4.1.1", "amd64") second \
        "}},{\"version\":\"4.1.9+amd64\"}],\"edges\":" edges "}"
#define KEY(key, value) ",\"io.openshift.upgrades.graph." key "\":\"" value "\""

static void next_adds_and_removes_from_the_other_side(void **state)
{
    (void)state;
    expect((const char *[]){NULL}, WITH(KEY("next.add", "4.1.1"), "", "[]"),
           "4.1.0+amd64>4.1.1+amd64 ");
    expect((const char *[]){NULL}, WITH(KEY("next.remove", "4.1.1"), "", "[[0,1]]"), "");
}

static void remove_beats_add(void **state)
{
    (void)state;
    expect((const char *[]){NULL},
           WITH("", KEY("previous.add", "4.1.0") KEY("previous.remove", "4.1.0"), "[]"),
           "");
}

static void an_added_version_takes_the_owners_architecture(void **state)
{
    (void)state;
    expect((const char *[]){NULL}, WITH("", KEY("previous.add", " 4.1.0+s390x "), "[]"),
           "4.1.0+amd64>4.1.1+amd64 ");
}

static void previous_remove_leaves_a_risk_conditional(void **state)
{
    (void)state;
    expect((const char *[]){"blocked-edges/a.yaml", "to: 4.1.1\nfrom: .*\n" RISK, NULL},
           WITH("", KEY("previous.remove", "*"), "[[0,1]]"),
           "4.1.0+amd64?4.1.1+amd64:R ");
}

static void a_risk_makes_no_update_that_nobody_declares(void **state)
{
    (void)state;
    expect((const char *[]){"blocked-edges/a.yaml", "to: 4.1.1\nfrom: .*\n" RISK, NULL},
           WITH("", "", "[]"), "");
}

static void releases_that_are_only_named_stay_in_the_whole_graph(void **state)
{
    (void)state;
    static const char raw[] = WITH("", "", "[[0,1],[1,2]]");
    expect((const char *[]){NULL}, raw,
           "4.1.0+amd64>4.1.1+amd64 4.1.1+amd64>4.1.9+amd64 ");
    hop_tree t = empty_tree();
    put(&t, "channels/a.yaml", "name: a-4.1\nversions: [4.1.0, 4.1.1, 4.1.9]\n");
    HOP_AUTO(hop_osus) o = serve(&t, raw, strlen(raw));
    HOP_AUTO(hop_json) doc = hop_osus_get_channel(o, "a-4.1", "amd64");
    HOP_AUTO_STR got = edges_text(doc);
    assert_string_equal(got, "4.1.0>4.1.1 ");
    assert_int_equal(member_count(doc, "nodes"), 2);
}

static void risks_of_one_edge_stand_in_the_order_of_files(void **state)
{
    (void)state;
    expect((const char *[]){"blocked-edges/b.yaml",
                            "to: 4.1.1\nfrom: .*\nurl: https://e/\nname: A\nmessage: "
                            "m\nmatchingRules:\n- type: Always\n",
                            "blocked-edges/a.yaml", "to: 4.1.1\nfrom: amd64\n" RISK,
                            NULL},
           RAW, "4.1.0+amd64?4.1.1+amd64:RA 4.1.0+s390x?4.1.1+s390x:A ");
}

static void what_fails_the_whole_graph(void **state)
{
    (void)state;
    static const struct {
        const char *block, *raw, *message; /* which says whose fault it is */
    } cases[] = {
        {"to: 4.1.9\nfrom: x\n", WITH("", KEY("previous.add", "4.1"), "[]"),
         "r: metadata of 4.1.1+amd64"},
        {"to: 4.1.9\nfrom: x\n", WITH(KEY("previous.add", "4.1.1"), "", "[[0,1]]"),
         "r: the updates form a cycle near 4.1.0+amd64"},
        {"to: 4.1.9\nfrom: x\n", WITH("", "", "[[1,1]]"),
         "r: the updates form a cycle near 4.1.1+amd64"},
        {"to: 4.1.1\nfrom: 4{\n", WITH("", "", "[[0,1]]"),
         "blocked-edges/a.yaml: blocked edges of 4.1.1+amd64"},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        hop_error *err = NULL;
        hop_tree t = empty_tree();
        HOP_AUTO(hop_graph_data) data = NULL;
        hop_osus *o = NULL;
        put(&t, "blocked-edges/a.yaml", cases[i].block);
        assert_ok(hop_tree_sort(&t, &err), &err);
        assert_ok(hop_graph_data_read(&t, &data, &err), &err);
        assert_fails(
            hop_osus_new(cases[i].raw, strlen(cases[i].raw), "r", data, &o, &err), &err,
            HOP_E_PARSE, cases[i].message);
        hop_tree_clear(&t);
    }
}

static void raw_metadata_is_named_where_it_is_at_fault(void **state)
{
    (void)state;
    static const struct {
        const char *raw, *message;
    } cases[] = {
        {"{\"4.1.1\":{\"io.openshift.upgrades.graph.previous.add\":\"4.1\"}}",
         "raw/metadata.json: metadata of 4.1.1+amd64"},
        {"{\"4.1.0\":{\"io.openshift.upgrades.graph.previous.add\":\"4.1.1\"}}",
         "raw/metadata.json, or the metadata of the releases: the updates form a cycle"},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        hop_error *err = NULL;
        hop_tree t = {0};
        HOP_AUTO(hop_graph_data) data = NULL;
        hop_osus *o = NULL;
        put(&t, "version", "1.1.0");
        put(&t, "raw/metadata.json", cases[i].raw);
        put(&t, "channels/_", "");
        put(&t, "blocked-edges/_", "");
        assert_ok(hop_tree_sort(&t, &err), &err);
        assert_ok(hop_graph_data_read(&t, &data, &err), &err);
        static const char raw[] = WITH("", "", "[[0,1]]");
        assert_fails(hop_osus_new(raw, strlen(raw), "r", data, &o, &err), &err,
                     HOP_E_PARSE, cases[i].message);
        hop_tree_clear(&t);
    }
}

static void raw_metadata_appends_to_what_the_release_says(void **state)
{
    (void)state;
    hop_tree t = {0};
    put(&t, "version", "1.1.0");
    put(&t, "raw/metadata.json",
        "{\"4.1.1\":{\"io.openshift.upgrades.graph.previous.add\":\"4.1.0\"}}");
    put(&t, "channels/_", "");
    put(&t, "blocked-edges/_", "");
    static const char raw[] = WITH("", KEY("previous.add", "4.1.9"), "[]");
    HOP_AUTO(hop_osus) o = serve(&t, raw, strlen(raw));
    HOP_AUTO(hop_json) doc = hop_osus_get_graph(o);
    HOP_AUTO_STR got = edges_text(doc);
    assert_string_equal(got, "4.1.0+amd64>4.1.1+amd64 4.1.9+amd64>4.1.1+amd64 ");
}

static void a_block_is_searched_over_named_only_releases_too(void **state)
{
    (void)state;
    expect((const char *[]){"blocked-edges/a.yaml", "to: 4.1.1\nfrom: 4[.]1[.]9\n", NULL},
           WITH("", "", "[[0,1],[2,1]]"), "4.1.0+amd64>4.1.1+amd64 ");
}

static void a_block_of_a_named_only_release_does_nothing(void **state)
{
    (void)state;
    expect((const char *[]){"blocked-edges/a.yaml", "to: 4.1.9\nfrom: .*\n", NULL},
           WITH("", "", "[[0,2]]"), "4.1.0+amd64>4.1.9+amd64 ");
}

static void added_edges_may_be_there_or_lead_nowhere(void **state)
{
    (void)state;
    expect((const char *[]){NULL},
           WITH("", KEY("previous.add", "4.1.0,4.1.0, ,4.0.7"), "[[0,1]]"),
           "4.1.0+amd64>4.1.1+amd64 ");
}

static void edges_with_the_same_risks_make_one_group(void **state)
{
    (void)state;
    hop_tree t = empty_tree();
    put(&t, "blocked-edges/a.yaml", "to: 4.1.1\nfrom: .*\n" RISK);
    HOP_AUTO(hop_osus) o = serve(&t, RAW, strlen(RAW));
    HOP_AUTO(hop_json) doc = hop_osus_get_graph(o);
    assert_int_equal(member_count(doc, "conditionalEdges"), 1);
    hop_tree other = empty_tree();
    put(&other, "blocked-edges/a.yaml", "to: 4.1.1\nfrom: .*\n" RISK);
    put(&other, "blocked-edges/b.yaml",
        "to: 4.1.1\nfrom: amd64\nurl: https://e/\nname: B\nmessage: m\n"
        "matchingRules:\n- type: Always\n");
    HOP_AUTO(hop_osus) two = serve(&other, RAW, strlen(RAW));
    HOP_AUTO(hop_json) groups = hop_osus_get_graph(two);
    assert_int_equal(member_count(groups, "conditionalEdges"), 2);
}

static void channels_are_compared_whole_and_kept_twice(void **state)
{
    (void)state;
    hop_tree t = empty_tree();
    put(&t, "channels/a.yaml", "name: x-4.10\nversions: [4.1.0, 4.1.0]\n");
    HOP_AUTO(hop_osus) o = serve(&t, RAW, strlen(RAW));
    HOP_AUTO(hop_json) part = hop_osus_get_channel(o, "x-4.1", "amd64");
    assert_int_equal(member_count(part, "nodes"), 0);
    HOP_AUTO(hop_json) doc = hop_osus_get_channel(o, "x-4.10", "amd64");
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    hop_json_dump(doc, HOP_JSON_COMPACT, &text);
    assert_non_null(strstr(hop_buf_get(&text), "\"x-4.10,x-4.10\""));
}

static void a_channel_without_a_dash_fails_the_whole_graph(void **state)
{
    (void)state;
    hop_error *err = NULL;
    hop_tree t = empty_tree();
    HOP_AUTO(hop_graph_data) data = NULL;
    hop_osus *o = NULL;
    put(&t, "channels/a.yaml", "name: stable\nversions: [4.1.0]\n");
    put(&t, "channels/b.yaml", "name: x-4.1\nversions: [4.1.0]\n");
    assert_ok(hop_tree_sort(&t, &err), &err);
    assert_ok(hop_graph_data_read(&t, &data, &err), &err);
    assert_fails(hop_osus_new(RAW, strlen(RAW), "raw.json", data, &o, &err), &err,
                 HOP_E_PARSE, "channel stable: the service ends");
    hop_tree_clear(&t);
    /* Alone it is compared with nothing. */
    hop_tree alone = empty_tree();
    put(&alone, "channels/a.yaml", "name: stable\nversions: [4.1.0, 4.1.1]\n");
    HOP_AUTO(hop_osus) served = serve(&alone, RAW, strlen(RAW));
    HOP_AUTO(hop_json) doc = hop_osus_get_channel(served, "stable", "amd64");
    assert_int_equal(member_count(doc, "nodes"), 2);
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

/* serde_yaml gives any scalar to who asks for text, so an empty `from` matches all. */
static void null_is_text_to_the_service(void **state)
{
    (void)state;
    expect((const char *[]){"blocked-edges/a.yaml", "to: 4.1.1\nfrom:\n", NULL}, RAW, "");
}

static void a_channel_lists_versions(void **state)
{
    (void)state;
    hop_error *err = NULL;
    hop_tree t = {0};
    put(&t, "version", "1.1.0");
    put(&t, "raw/metadata.json", "{}");
    put(&t, "channels/a.yaml", "name: a-4.1\nversions: [4.1.0, 4.1.1+arm64]\n");
    HOP_AUTO(hop_graph_data) data = NULL; /* and without any blocked edge */
    assert_ok(hop_tree_sort(&t, &err), &err);
    assert_ok(hop_graph_data_read(&t, &data, &err), &err);
    assert_true(hop_graph_data_has(data, "a-4.1", "4.1.0"));
    assert_true(hop_graph_data_has(data, NULL, "4.1.1"));
    assert_false(hop_graph_data_has(data, "b-4.1", "4.1.0"));
    assert_false(hop_graph_data_has(data, NULL, "4.1"));
    hop_tree_clear(&t);
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
        cmocka_unit_test(next_adds_and_removes_from_the_other_side),
        cmocka_unit_test(remove_beats_add),
        cmocka_unit_test(an_added_version_takes_the_owners_architecture),
        cmocka_unit_test(previous_remove_leaves_a_risk_conditional),
        cmocka_unit_test(a_risk_makes_no_update_that_nobody_declares),
        cmocka_unit_test(releases_that_are_only_named_stay_in_the_whole_graph),
        cmocka_unit_test(risks_of_one_edge_stand_in_the_order_of_files),
        cmocka_unit_test(what_fails_the_whole_graph),
        cmocka_unit_test(a_plain_block_takes_the_edge_from_every_architecture),
        cmocka_unit_test(a_risk_makes_the_edge_conditional),
        cmocka_unit_test(a_risk_for_one_architecture_still_takes_the_edge_from_all),
        cmocka_unit_test(a_plain_block_and_a_risk_on_one_edge_leave_it_conditional),
        cmocka_unit_test(the_last_of_two_plain_blocks_for_a_target_wins),
        cmocka_unit_test(incomplete_risks_and_other_extensions_block_nothing),
        cmocka_unit_test(the_s390x_pre_release_is_pinned_to_its_architecture),
        cmocka_unit_test(raw_metadata_adds_edges_for_every_architecture),
        cmocka_unit_test(previous_remove_takes_one_or_all),
        cmocka_unit_test(raw_metadata_is_named_where_it_is_at_fault),
        cmocka_unit_test(raw_metadata_appends_to_what_the_release_says),
        cmocka_unit_test(a_block_is_searched_over_named_only_releases_too),
        cmocka_unit_test(a_block_of_a_named_only_release_does_nothing),
        cmocka_unit_test(added_edges_may_be_there_or_lead_nowhere),
        cmocka_unit_test(edges_with_the_same_risks_make_one_group),
        cmocka_unit_test(channels_are_compared_whole_and_kept_twice),
        cmocka_unit_test(a_channel_without_a_dash_fails_the_whole_graph),
        cmocka_unit_test(a_cycle_fails_the_whole_graph),
        cmocka_unit_test(a_channel_needs_both_ends_and_one_architecture),
        cmocka_unit_test(trees_that_the_service_refuses_are_refused),
        cmocka_unit_test(null_is_text_to_the_service),
        cmocka_unit_test(a_channel_lists_versions),
        cmocka_unit_test(dropped_files_are_told_with_file_and_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
