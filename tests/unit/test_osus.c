/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The simulated update service: upstream's three fixtures where $OC_HOP_TEST_DATA has
 * them, and one test for each habit of the service, named after it. */
#include "test_support.h"

#include "hop_file.h"
#include "hop_image.h"
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
        cmocka_unit_test(upstream_fixtures_give_the_same_edges),
        cmocka_unit_test(derived_graphs_are_equal),
        cmocka_unit_test(the_real_service_said_the_same_of_the_same_releases),
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
        cmocka_unit_test(a_cycle_fails_the_whole_graph),
        cmocka_unit_test(a_channel_needs_both_ends_and_one_architecture),
        cmocka_unit_test(trees_that_the_service_refuses_are_refused),
        cmocka_unit_test(null_is_text_to_the_service),
        cmocka_unit_test(a_channel_lists_versions),
        cmocka_unit_test(dropped_files_are_told_with_file_and_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
