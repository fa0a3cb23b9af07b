/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first stage of the graph-builder: one test for each habit, named after it. */
#include "test_support.h"

#include "hop_scrape.h"

#define DOC(tags)                                                         \
    "{\"schema\":\"oc-hop/scrape/v1\",\"repository\":\"r.example:5000/a/" \
    "b\",\"tags\":[" tags "]}"
#define META(version, more) \
    "{\"kind\":\"cincinnati-metadata-v0\",\"version\":\"" version "\"" more "}"
#define IMAGE(tag, n, arch, layers)               \
    "{\"tag\":\"" tag "\",\"digest\":\"sha256:" n \
    "\",\"type\":\"image\",\"architecture\":\"" arch "\",\"layers\":[" layers "]}"
#define LIST(tag, n, manifests)                   \
    "{\"tag\":\"" tag "\",\"digest\":\"sha256:" n \
    "\",\"type\":\"list\",\"manifests\":[" manifests "]}"
#define ENTRY(arch, layers) "{\"architecture\":\"" arch "\",\"layers\":[" layers "]}"

/* "VERSION=DIGEST" for each release and "VERSION" for an abstract node, then "A>B". */
static char *summary(const char *graph, size_t len)
{
    hop_error *err = NULL;
    HOP_AUTO(hop_json) doc = NULL;
    HOP_AUTO_VALUE(hop_buf) b = hop_buf_init(HOP_BUF_TEXT);
    assert_ok(hop_json_parse(graph, len, "graph", &doc, &err), &err);
    hop_json_view root = hop_json_root(doc, "graph"), nodes, edges, item, end;
    assert_ok(hop_json_member(&root, "nodes", HOP_JSON_ARRAY, &nodes, &err), &err);
    assert_ok(hop_json_member(&root, "edges", HOP_JSON_ARRAY, &edges, &err), &err);
    for (size_t i = 0; i < hop_json_count(&nodes); i++) {
        const char *version = NULL, *payload = NULL;
        assert_ok(hop_json_item(&nodes, i, HOP_JSON_OBJECT, &item, &err), &err);
        assert_ok(hop_json_get_string(&item, "version", &version, &err), &err);
        assert_ok(hop_json_optional_string(&item, "payload", &payload, &err), &err);
        const char *digest = payload ? strchr(payload, ':') : NULL;
        digest = digest ? strchr(digest + 1, ':') : NULL;
        hop_buf_addf(&b, "%s%s%s", i ? " " : "", version, digest ? "=" : "");
        hop_buf_adds(&b, digest ? digest + 1 : "");
    }
    for (size_t i = 0; i < hop_json_count(&edges); i++) {
        uint64_t at[2] = {0};
        assert_ok(hop_json_item(&edges, i, HOP_JSON_ARRAY, &item, &err), &err);
        for (size_t k = 0; k < 2; k++) {
            assert_ok(hop_json_item(&item, k, HOP_JSON_INTEGER, &end, &err), &err);
            assert_ok(hop_json_uint(&end, &at[k], &err), &err);
        }
        hop_buf_addf(&b, " %u>%u", (unsigned)at[0], (unsigned)at[1]);
    }
    return hop_buf_take(&b);
}

static void run_ok(hop_scraper *s, const char *text, const char *wanted)
{
    hop_error *err = NULL;
    HOP_AUTO_VALUE(hop_buf) graph = hop_buf_init(HOP_MAX_DOCUMENT);
    assert_ok(hop_scraper_run(s, text, strlen(text), "s.json", &graph, &err), &err);
    HOP_AUTO_STR got = summary(hop_buf_get(&graph), graph.len);
    assert_string_equal(got, wanted);
}

/* `skipped` is what the first tag that was passed over is told to be; NULL for none. */
static void expect(const char *text, const char *wanted, const char *skipped)
{
    HOP_AUTO(hop_scraper) s = hop_scraper_new();
    run_ok(s, text, wanted);
    const hop_strings *list = hop_scraper_get_skipped(s);
    assert_int_equal(list->len > 0, skipped != NULL);
    if (skipped)
        assert_non_null(strstr(list->items[0], skipped));
}

static void fails(hop_scraper *s, const char *text, const char *message)
{
    hop_error *err = NULL;
    HOP_AUTO_VALUE(hop_buf) graph = hop_buf_init(HOP_MAX_DOCUMENT);
    assert_fails(hop_scraper_run(s, text, strlen(text), "s.json", &graph, &err), &err,
                 HOP_E_PARSE, message);
    assert_int_equal(graph.len, 0);
}

static void expect_failure(const char *text, const char *message)
{
    HOP_AUTO(hop_scraper) s = hop_scraper_new();
    fails(s, text, message);
}

static void a_release_takes_the_architecture_of_its_image(void **state)
{
    (void)state;
    expect(DOC(IMAGE("any", "1", "arm64", META("4.1.0", ""))), "4.1.0+arm64=1", NULL);
    expect(DOC(IMAGE("any", "1", "arm64", META("4.1.0+s390x", ""))), "4.1.0+arm64=1",
           NULL);
}

static void payload_and_metadata_name_the_manifest(void **state)
{
    (void)state;
    hop_error *err = NULL;
    HOP_AUTO(hop_scraper) s = hop_scraper_new();
    HOP_AUTO_VALUE(hop_buf) graph = hop_buf_init(HOP_MAX_DOCUMENT);
    static const char text[] = DOC(IMAGE(
        "t", "1", "amd64", META("4.1.0", ",\"metadata\":{\"url\":\"https://e/\"}")));
    assert_ok(hop_scraper_run(s, text, strlen(text), "s.json", &graph, &err), &err);
    assert_string_equal(
        hop_buf_get(&graph),
        "{\"nodes\":[{\"version\":\"4.1.0+amd64\",\"payload\":\"r.example:5000/a/"
        "b@sha256:1\",\"metadata\":{\"url\":\"https://e/"
        "\",\"io.openshift.upgrades.graph.release.manifestref\":\"sha256:1\","
        "\"io.openshift.upgrades.graph.release.arch\":\"amd64\"}}],\"edges\":[]}");
}

static void every_tag_is_visited_and_what_is_no_release_is_passed_over(void **state)
{
    (void)state;
    expect(DOC(IMAGE("sha256-1.sig", "9", "amd64", "null") "," IMAGE("t", "1", "amd64",
                                                                     META("4.1.0", ""))),
           "4.1.0+amd64=1", "sha256-1.sig: it has no release-metadata");
}

static void oci_manifests_are_not_read(void **state)
{
    (void)state;
    expect(DOC("{\"tag\":\"t\",\"digest\":\"sha256:1\",\"type\":\"oci\"}"), "",
           "t: an OCI manifest");
}

static void the_top_layer_with_valid_metadata_wins(void **state)
{
    (void)state;
    expect(DOC(IMAGE("t", "1", "amd64", META("4.1.0", "") "," META("4.1.1", "") ",null")),
           "4.1.1+amd64=1", NULL);
    expect(DOC(IMAGE("t", "1", "amd64",
                     META("4.1.0", "") ",{\"kind\":\"other\",\"version\":\"4.1.1\"}")),
           "4.1.0+amd64=1", NULL);
}

static void one_wrong_value_makes_the_document_worthless(void **state)
{
    (void)state;
    static const char *const faulty[] = {
        DOC(IMAGE("t", "1", "amd64", META("4.1", ""))),
        DOC(IMAGE("t", "1", "amd64", META("4.1.0", ",\"previous\":[\"4.0\"]"))),
        DOC(IMAGE("t", "1", "amd64", META("4.1.0", ",\"next\":[1]"))),
        DOC(IMAGE("t", "1", "amd64", META("4.1.0", ",\"metadata\":{\"a\":1}"))),
        DOC(IMAGE("t", "1", "amd64", "{\"version\":\"4.1.0\"}")),
    };
    for (size_t i = 0; i < HOP_COUNT_OF(faulty); i++)
        expect(faulty[i], "", "t: its release-metadata is invalid");
}

static void the_last_list_entry_is_read_for_multi(void **state)
{
    (void)state;
    expect(DOC(LIST(
               "t", "1",
               ENTRY("amd64", META("4.1.0", "")) "," ENTRY("s390x", META("4.1.1", "")))),
           "4.1.1+multi=1", NULL);
}

static void a_missing_last_list_entry_ends_the_scrape(void **state)
{
    (void)state;
    expect_failure(
        DOC(LIST("t", "1", ENTRY("amd64", META("4.1.0", "")) ",{\"missing\":true}")),
        "tag t: the last entry of the list");
    expect(DOC(LIST("t", "1", "{\"missing\":true}," ENTRY("amd64", META("4.1.0", "")))),
           "4.1.0+multi=1", NULL);
}

static void a_list_with_one_entry_ends_the_scrape(void **state)
{
    (void)state;
    expect_failure(DOC(LIST("t", "1", ENTRY("amd64", META("4.1.0", "")))),
                   "tag t: a list with one entry");
}

static void a_shard_of_a_multi_release_is_hidden(void **state)
{
    (void)state;
#define SHARD ",\"metadata\":{\"release.openshift.io/architecture\":\"multi\"}"
    expect(DOC(IMAGE("t", "1", "amd64", META("4.1.0", SHARD))), "",
           "t: a part of a multi release");
    expect(DOC(LIST("t", "1",
                    ENTRY("amd64", "null") "," ENTRY("arm64", META("4.1.0", SHARD)))),
           "4.1.0+multi=1", NULL);
}

static void two_tags_of_one_image_are_one_release(void **state)
{
    (void)state;
    expect(DOC(IMAGE("a", "1", "amd64", META("4.1.0", "")) "," IMAGE("b", "1", "amd64",
                                                                     META("4.1.0", ""))),
           "4.1.0+amd64=1", NULL);
}

static void a_mismatched_manifestref_ends_the_scrape(void **state)
{
    (void)state;
    expect_failure(DOC(IMAGE("a", "1", "amd64", META("4.1.0", "")) "," IMAGE(
                       "b", "2", "amd64", META("4.1.0", ""))),
                   "mismatched manifest ref, sha256:1 and sha256:2");
    expect(DOC(IMAGE("a", "1", "amd64", META("4.1.0", "")) "," IMAGE("b", "2", "arm64",
                                                                     META("4.1.0", ""))),
           "4.1.0+amd64=1 4.1.0+arm64=2", NULL);
}

static void previous_and_next_make_abstract_nodes(void **state)
{
    (void)state;
    expect(DOC(IMAGE("a", "1", "amd64",
                     META("4.1.1", ",\"previous\":[\"4.1.0\",\"4.1.0+s390x\"],"
                                   "\"next\":[\"4.1.2\"]")) "," IMAGE("b", "2", "amd64",
                                                                      META("4.1.2", ""))),
           "4.1.1+amd64=1 4.1.2+amd64=2 4.1.0+amd64 2>0 2>0 0>1", NULL);
}

static void updates_never_cross_architectures(void **state)
{
    (void)state;
    expect(DOC(IMAGE("a", "1", "amd64", META("4.1.0", "")) "," IMAGE(
               "b", "2", "arm64", META("4.1.1", ",\"previous\":[\"4.1.0\"]"))),
           "4.1.0+amd64=1 4.1.1+arm64=2 4.1.0+arm64 2>1", NULL);
}

static void a_failed_fetch_leaves_the_placeholder_0_0_0(void **state)
{
    (void)state;
    static const char broken[] = DOC(IMAGE("t", "1", "amd64", "null,\"unreadable\""));
    static const char cured[] = DOC(IMAGE("t", "1", "amd64", META("4.1.0", "")));
    HOP_AUTO(hop_scraper) s = hop_scraper_new();
    fails(s, broken, "tag t: a layer cannot be fetched");
    run_ok(s, cured, "0.0.0+amd64=1"); /* until the pod is replaced */
    HOP_AUTO(hop_scraper) fresh = hop_scraper_new();
    run_ok(fresh, cured, "4.1.0+amd64=1");
}

static void what_was_no_release_once_stays_none(void **state)
{
    (void)state;
    HOP_AUTO(hop_scraper) s = hop_scraper_new();
    run_ok(s, DOC(IMAGE("t", "1", "amd64", "null")), "");
    run_ok(s, DOC(IMAGE("t", "1", "amd64", META("4.1.0", ""))), "");
    assert_int_equal(hop_scraper_get_skipped(s)->len, 1);
}

static void a_readable_layer_above_hides_an_unreadable_one(void **state)
{
    (void)state;
    expect(DOC(IMAGE("t", "1", "amd64", "\"unreadable\"," META("4.1.0", ""))),
           "4.1.0+amd64=1", NULL);
}

static void an_image_without_architecture_ends_the_scrape(void **state)
{
    (void)state;
    expect_failure(DOC("{\"tag\":\"t\",\"digest\":\"sha256:1\",\"type\":\"image\","
                       "\"layers\":[]}"),
                   "the service ends on an image without one");
}

static void faulty_documents_name_the_place(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"{", "s.json"},
        {"[]", "s.json"},
        {"{\"schema\":\"oc-hop/plan/v1\"}", "expected oc-hop/scrape/v1"},
        {"{\"schema\":\"oc-hop/scrape/v1\"}", "repository"},
        {DOC("{}"), "tags[0].tag"},
        {DOC("{\"tag\":\"t\",\"digest\":\"d\",\"type\":\"x\"}"), "type \"x\""},
        {DOC(IMAGE("t", "1", "vax", "")), "\"vax\" is no architecture"},
        {DOC(LIST("t", "1", "")), "a list without entries"},
        {DOC(LIST("t", "1", "{},{}")), "tags[0].manifests[1].layers: missing"},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++)
        expect_failure(cases[i].text, cases[i].message);
    assert_true(hop_scrape_is_document(DOC(""), strlen(DOC(""))));
    assert_false(hop_scrape_is_document("{\"nodes\":[]}", 12));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_release_takes_the_architecture_of_its_image),
        cmocka_unit_test(payload_and_metadata_name_the_manifest),
        cmocka_unit_test(every_tag_is_visited_and_what_is_no_release_is_passed_over),
        cmocka_unit_test(oci_manifests_are_not_read),
        cmocka_unit_test(the_top_layer_with_valid_metadata_wins),
        cmocka_unit_test(one_wrong_value_makes_the_document_worthless),
        cmocka_unit_test(the_last_list_entry_is_read_for_multi),
        cmocka_unit_test(a_missing_last_list_entry_ends_the_scrape),
        cmocka_unit_test(a_list_with_one_entry_ends_the_scrape),
        cmocka_unit_test(a_shard_of_a_multi_release_is_hidden),
        cmocka_unit_test(two_tags_of_one_image_are_one_release),
        cmocka_unit_test(a_mismatched_manifestref_ends_the_scrape),
        cmocka_unit_test(previous_and_next_make_abstract_nodes),
        cmocka_unit_test(updates_never_cross_architectures),
        cmocka_unit_test(a_failed_fetch_leaves_the_placeholder_0_0_0),
        cmocka_unit_test(what_was_no_release_once_stays_none),
        cmocka_unit_test(a_readable_layer_above_hides_an_unreadable_one),
        cmocka_unit_test(an_image_without_architecture_ends_the_scrape),
        cmocka_unit_test(faulty_documents_name_the_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
