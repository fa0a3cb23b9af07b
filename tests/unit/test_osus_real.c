/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The simulated update service against real ones: upstream's three fixtures, and answers
 * of the public service, where $OC_HOP_TEST_DATA has them. */
#include "osus_support.h"

#include "hop_file.h"
#include "hop_image.h"

#include <dirent.h>
#include <stdio.h>

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

static size_t count_text(const char *text, char c)
{
    size_t n = 0;
    for (; *text; text++)
        n += *text == c;
    return n;
}

/* ---- whole answers, whatever their order ---- */

static void add_line(hop_strings *lines, const char *kind, const hop_json_view *v)
{
    HOP_AUTO(hop_json) copy = hop_json_copy(v);
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    hop_buf_addf(&text, "%s ", kind);
    hop_json_dump(copy, HOP_JSON_COMPACT, &text);
    HOP_AUTO_STR line = hop_buf_take(&text);
    hop_strings_take(lines, &line);
}

/* One line per payload and per metadata value. */
static void add_node_lines(hop_strings *lines, const hop_json_view *node)
{
    hop_error *err = NULL;
    hop_json_view metadata, item;
    const char *version = NULL, *payload = NULL, *value = NULL;
    assert_ok(hop_json_get_string(node, "version", &version, &err), &err);
    assert_ok(hop_json_get_string(node, "payload", &payload, &err), &err);
    assert_ok(hop_json_member(node, "metadata", HOP_JSON_OBJECT, &metadata, &err), &err);
    HOP_AUTO_STR first = hop_sprintf("node %s %s", version, payload);
    hop_strings_take(lines, &first);
    for (void *i = NULL; hop_json_next(&metadata, &i, &item);) {
        assert_ok(hop_json_string(&item, &value, &err), &err);
        HOP_AUTO_STR line = hop_sprintf("metadata %s %s=%s", version, item.key, value);
        hop_strings_take(lines, &line);
    }
}

/* Nodes, conditional edges with every member of each risk, plain edges by version. */
static hop_strings lines_of(const hop_json *doc)
{
    hop_error *err = NULL;
    hop_strings lines = {0};
    hop_json_view root = hop_json_root(doc, "answer"), nodes, groups;
    uint64_t version = 0;
    assert_ok(hop_json_get_uint(&root, "version", &version, &err), &err);
    assert_int_equal(version, 1);
    assert_ok(hop_json_member(&root, "nodes", HOP_JSON_ARRAY, &nodes, &err), &err);
    for (size_t i = 0; i < hop_json_count(&nodes); i++) {
        hop_json_view node;
        assert_ok(hop_json_item(&nodes, i, HOP_JSON_OBJECT, &node, &err), &err);
        add_node_lines(&lines, &node);
    }
    assert_ok(hop_json_member(&root, "conditionalEdges", HOP_JSON_ARRAY, &groups, &err),
              &err);
    for (size_t i = 0; i < hop_json_count(&groups); i++) {
        hop_json_view group, risks, risk;
        assert_ok(hop_json_item(&groups, i, HOP_JSON_OBJECT, &group, &err), &err);
        assert_ok(hop_json_member(&group, "risks", HOP_JSON_ARRAY, &risks, &err), &err);
        for (size_t j = 0; j < hop_json_count(&risks); j++) {
            static const char *const keys[] = {"name", "url", "message", "matchingRules"};
            assert_ok(hop_json_item(&risks, j, HOP_JSON_OBJECT, &risk, &err), &err);
            for (size_t k = 0; k < HOP_COUNT_OF(keys); k++) {
                hop_json_view member;
                assert_ok(hop_json_member(&risk, keys[k], HOP_JSON_ANY, &member, &err),
                          &err);
                add_line(&lines, keys[k], &member);
            }
        }
    }
    HOP_AUTO_STR edges = edges_text(doc);
    char *rest = edges;
    for (char *edge = strsep(&rest, " "); edge; edge = strsep(&rest, " "))
        hop_strings_add(&lines, edge);
    hop_strings_sort(&lines);
    return lines;
}

static hop_osus *serve_fixture(const char *name)
{
    hop_error *err = NULL;
    HOP_AUTO_STR root = hop_sprintf("%s/fixtures/%s", getenv("OC_HOP_TEST_DATA"), name);
    HOP_AUTO_STR data = hop_sprintf("%s/cincinnati-graph-data", root);
    HOP_AUTO_STR raw_path = hop_sprintf("%s/graph-gb-raw.json", root);
    HOP_AUTO_STR version_path = hop_sprintf("%s/version", data);
    HOP_AUTO_VALUE(hop_buf) raw = hop_buf_init(HOP_MAX_DOCUMENT);
    HOP_AUTO_VALUE(hop_buf) version = hop_buf_init(HOP_MAX_DOCUMENT);
    assert_ok(hop_file_read(raw_path, &raw, &err), &err);
    assert_ok(hop_file_read(version_path, &version, &err), &err);
    hop_tree tree = {0};
    put(&tree, "version", hop_buf_get(&version));
    put_directory(&tree, data, "raw");
    put_directory(&tree, data, "channels");
    put_directory(&tree, data, "blocked-edges");
    return serve(&tree, hop_buf_get(&raw), raw.len);
}

static void fixture(const char *name, size_t edges, size_t conditional, size_t groups)
{
    hop_error *err = NULL;
    HOP_AUTO_STR wanted_path =
        hop_sprintf("%s/fixtures/%s/graph-gb-with-quay-metadata.json",
                    getenv("OC_HOP_TEST_DATA"), name);
    HOP_AUTO_VALUE(hop_buf) wanted = hop_buf_init(HOP_MAX_DOCUMENT);
    assert_ok(hop_file_read(wanted_path, &wanted, &err), &err);
    HOP_AUTO(hop_osus) ours = serve_fixture(name);
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

static void derived_graphs_are_equal(void **state)
{
    (void)state;
    static const struct {
        const char *channel, *arch;
    } cases[] = {
        {"candidate-4.9", "arm64"}, {"stable-4.7", "amd64"}, {"stable-4.8", "ppc64le"}};
    if (!getenv("OC_HOP_TEST_DATA")) {
        printf("skipped: OC_HOP_TEST_DATA is not set\n");
        skip();
    }
    HOP_AUTO(hop_osus) o = serve_fixture("20211124.083150");
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        hop_error *err = NULL;
        HOP_AUTO_STR path =
            hop_sprintf("%s/graphs/derived-20211124-%s-%s.json",
                        getenv("OC_HOP_TEST_DATA"), cases[i].channel, cases[i].arch);
        HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_MAX_DOCUMENT);
        HOP_AUTO(hop_json) wanted = NULL;
        assert_ok(hop_file_read(path, &text, &err), &err);
        assert_ok(hop_json_parse(hop_buf_get(&text), text.len, path, &wanted, &err),
                  &err);
        HOP_AUTO(hop_json) got = hop_osus_get_channel(o, cases[i].channel, cases[i].arch);
        HOP_AUTO_VALUE(hop_strings) ours = lines_of(got);
        HOP_AUTO_VALUE(hop_strings) theirs = lines_of(wanted);
        assert_int_equal(ours.len, theirs.len);
        for (size_t j = 0; j < ours.len; j++)
            assert_string_equal(ours.items[j], theirs.items[j]);
    }
}

/* ---- answers of the real service, a year later ---- */

static hop_osus *serve_archive(const char *releases, const char *archive)
{
    hop_error *err = NULL;
    const char *root = getenv("OC_HOP_TEST_DATA");
    HOP_AUTO_STR raw_path = hop_sprintf("%s/%s", root, releases);
    HOP_AUTO_STR data_path = hop_sprintf("%s/%s", root, archive);
    HOP_AUTO_VALUE(hop_buf) raw = hop_buf_init(HOP_MAX_DOCUMENT);
    HOP_AUTO_VALUE(hop_buf) data = hop_buf_init(HOP_MAX_DOCUMENT);
    HOP_AUTO_VALUE(hop_graphdata_info) info = {0};
    HOP_AUTO(hop_graph_data) read = NULL;
    hop_tree tree = {0};
    hop_osus *o = NULL;
    assert_ok(hop_file_read(raw_path, &raw, &err), &err);
    assert_ok(hop_file_read(data_path, &data, &err), &err);
    assert_ok(hop_graphdata_read_archive(hop_buf_get(&data), data.len, archive, &tree,
                                         &info, &err),
              &err);
    assert_ok(hop_graph_data_read(&tree, &read, &err), &err);
    assert_ok(hop_osus_new(hop_buf_get(&raw), raw.len, "raw", read, &o, &err), &err);
    hop_tree_clear(&tree);
    return o;
}

static void copy_version(char *out, const char *text, size_t len)
{
    assert_true(len < 256);
    memcpy(out, text, len);
    out[len] = '\0';
}

/* The versions that a line of lines_of() is about; "" twice for the members of risks. */
static void versions_of_line(const char *line, char *from, char *to)
{
    *from = *to = '\0';
    const char *start = hop_has_prefix(line, "node ")       ? line + 5
                        : hop_has_prefix(line, "metadata ") ? line + 9
                                                            : NULL;
    if (start) {
        copy_version(from, start, strcspn(start, " "));
        return;
    }
    size_t len = strcspn(line, ">?");
    if (line[len] && line[0] >= '0' && line[0] <= '9') {
        copy_version(from, line, len);
        copy_version(to, line + len + 1, strcspn(line + len + 1, ":"));
    }
}

static bool has_node(const hop_strings *lines, const char *version)
{
    HOP_AUTO_STR head = hop_sprintf("node %s ", version);
    for (size_t i = 0; i < lines->len; i++)
        if (hop_has_prefix(lines->items[i], head))
            return true;
    return false;
}

/* Of what the service said in December 2022, all that is about releases of November 2021
 * must come out of those releases and the graph-data of December 2022, and nothing else:
 * payloads, every value of the metadata, updates, risks. What is left are releases that
 * were not there yet, counted here, and their updates. */
static void the_real_service_said_the_same_of_the_same_releases(void **state)
{
    (void)state;
    static const struct {
        const char *channel, *arch;
        size_t common, newer;
    } cases[] = {{"stable-4.8", "amd64", 52, 49},
                 {"stable-4.8", "s390x", 52, 49},
                 {"stable-4.9", "s390x", 24, 66},
                 {"candidate-4.12", "multi", 0, 5}}; /* no multi payloads in 2021 */
    if (!getenv("OC_HOP_TEST_DATA")) {
        printf("skipped: OC_HOP_TEST_DATA is not set\n");
        skip();
    }
    HOP_AUTO(hop_osus)
    o = serve_archive("fixtures/20211124.083150/graph-gb-raw.json",
                      "cincinnati-graph-data-20221215.tar.gz");
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        hop_error *err = NULL;
        HOP_AUTO_STR path =
            hop_sprintf("%s/graphs/e2e-20221215-%s-%s.json", getenv("OC_HOP_TEST_DATA"),
                        cases[i].channel, cases[i].arch);
        HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_MAX_DOCUMENT);
        HOP_AUTO(hop_json) wanted = NULL;
        assert_ok(hop_file_read(path, &text, &err), &err);
        assert_ok(hop_json_parse(hop_buf_get(&text), text.len, path, &wanted, &err),
                  &err);
        HOP_AUTO(hop_json) got = hop_osus_get_channel(o, cases[i].channel, cases[i].arch);
        assert_int_equal(member_count(got, "nodes"), cases[i].common);
        assert_int_equal(member_count(wanted, "nodes"), cases[i].common + cases[i].newer);
        HOP_AUTO_VALUE(hop_strings) ours = lines_of(got);
        HOP_AUTO_VALUE(hop_strings) theirs = lines_of(wanted);
        HOP_AUTO_VALUE(hop_strings) kept = {0};
        for (size_t j = 0; j < theirs.len; j++) {
            char from[256], to[256];
            versions_of_line(theirs.items[j], from, to);
            if ((!*from || has_node(&ours, from)) && (!*to || has_node(&ours, to)))
                hop_strings_add(&kept, theirs.items[j]);
        }
        assert_int_equal(ours.len, kept.len);
        for (size_t j = 0; j < ours.len; j++)
            assert_string_equal(ours.items[j], kept.items[j]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(upstream_fixtures_give_the_same_edges),
        cmocka_unit_test(derived_graphs_are_equal),
        cmocka_unit_test(the_real_service_said_the_same_of_the_same_releases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
