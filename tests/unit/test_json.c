/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_support.h"

#include "hop_json.h"

static hop_json *parse(const char *text)
{
    HOP_AUTO(hop_error) err = NULL;
    hop_json *doc = NULL;
    assert_ok(hop_json_parse(text, strlen(text), "doc.json", &doc, &err), &err);
    return doc;
}

static void syntax_errors_have_line_and_column(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",         "{",       "[1,]", "{\"a\":1,\"a\":2}", "[1] x", "\"\\u0000\"",
        "\"\xff\"", "{'a':1}", "nul"};
    HOP_AUTO(hop_error) err = NULL;
    for (size_t i = 0; i < HOP_COUNT_OF(bad); i++) {
        hop_json *doc = NULL;
        assert_fails(hop_json_parse(bad[i], strlen(bad[i]), "d", &doc, &err), &err,
                     HOP_E_PARSE, "d:1:");
        assert_null(doc);
    }
}

static void wrong_type_names_the_place(void **state)
{
    (void)state;
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO(hop_json)
    doc = parse("{\"nodes\":[{\"version\":\"4.1\"},{\"version\":7,\"n\":-1}]}");
    hop_json_view root = hop_json_root(doc, "doc.json"), nodes, node;
    const char *version = NULL;
    uint64_t n = 3;
    assert_ok(hop_json_member(&root, "nodes", HOP_JSON_ARRAY, &nodes, &err), &err);
    assert_int_equal(hop_json_count(&nodes), 2);
    assert_ok(hop_json_item(&nodes, 0, HOP_JSON_OBJECT, &node, &err), &err);
    assert_ok(hop_json_get_string(&node, "version", &version, &err), &err);
    assert_string_equal(version, "4.1");
    assert_ok(hop_json_item(&nodes, 1, HOP_JSON_OBJECT, &node, &err), &err);
    assert_fails(hop_json_get_string(&node, "version", &version, &err), &err, HOP_E_PARSE,
                 "doc.json: nodes[1].version: expected a string");
    assert_fails(hop_json_get_uint(&node, "n", &n, &err), &err, HOP_E_PARSE,
                 "not negative");
    assert_fails(hop_json_get_uint(&node, "m", &n, &err), &err, HOP_E_PARSE,
                 "nodes[1].m: missing; expected a whole number");
    assert_int_equal(n, 3);
    assert_fails(hop_json_item(&nodes, 2, HOP_JSON_ANY, &node, &err), &err, HOP_E_PARSE,
                 "nodes[2]: missing");
}

static void optional_members(void **state)
{
    (void)state;
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO(hop_json) doc = parse("{\"a\":null,\"b\":\"x\",\"c\":1,\"d\":true}");
    hop_json_view root = hop_json_root(doc, "d"), v;
    const char *text = "kept";
    bool flag = false;
    assert_ok(hop_json_optional_string(&root, "a", &text, &err), &err);
    assert_null(text);
    assert_ok(hop_json_optional_string(&root, "z", &text, &err), &err);
    assert_null(text);
    assert_ok(hop_json_optional_string(&root, "b", &text, &err), &err);
    assert_string_equal(text, "x");
    assert_fails(hop_json_optional_string(&root, "c", &text, &err), &err, HOP_E_PARSE,
                 "d: c: ");
    assert_ok(hop_json_member(&root, "d", HOP_JSON_BOOL, &v, &err), &err);
    assert_ok(hop_json_bool(&v, &flag, &err), &err);
    assert_true(flag);
}

static void members_are_walked_in_order(void **state)
{
    (void)state;
    HOP_AUTO(hop_json) doc = parse("{\"z\":1,\"a\":2,\"m\":3}");
    hop_json_view root = hop_json_root(doc, "d"), v;
    char seen[8] = "";
    size_t n = 0;
    for (void *iter = NULL; hop_json_next(&root, &iter, &v);)
        seen[n++] = v.key[0];
    assert_string_equal(seen, "zam");
}

static void building_keeps_the_order_and_the_bytes(void **state)
{
    (void)state;
    HOP_AUTO(hop_json) doc = hop_json_new_object();
    hop_json_set_string(doc, "schema", "x/v1");
    hop_json_set_string(doc, "none", NULL);
    hop_json_set_uint(doc, "n", 1ull << 53);
    hop_json_set_bool(doc, "yes", true);
    hop_json *list = hop_json_add_array(doc, "list");
    hop_json_append_string(list, "a\"\n");
    hop_json_append_uint(list, 0);
    hop_json_set_string(hop_json_append_object(list), "bad", "\xff\x1b");
    hop_json *child = hop_json_new_object();
    hop_json_set_take(doc, "o", &child);
    assert_null(child);
    HOP_AUTO_VALUE(hop_buf) b = hop_buf_init(HOP_BUF_TEXT);
    hop_json_dump(doc, HOP_JSON_COMPACT, &b);
    assert_string_equal(
        hop_buf_get(&b),
        "{\"schema\":\"x/v1\",\"none\":null,\"n\":9007199254740992,\"yes\":true,"
        "\"list\":[\"a\\\"\\n\",0,{\"bad\":\"\\\\xff\\\\x1b\"}],\"o\":{}}");
}

static void a_copy_outlives_its_document(void **state)
{
    (void)state;
    hop_json *doc = parse("{\"rules\":[{\"type\":\"Always\"}]}");
    HOP_AUTO(hop_error) err = NULL;
    hop_json_view root = hop_json_root(doc, "d"), v;
    assert_ok(hop_json_member(&root, "rules", HOP_JSON_ARRAY, &v, &err), &err);
    HOP_AUTO(hop_json) copy = hop_json_copy(&v);
    hop_json_free(doc);
    HOP_AUTO_VALUE(hop_buf) b = hop_buf_init(HOP_BUF_TEXT);
    hop_json_dump(copy, HOP_JSON_COMPACT, &b);
    assert_string_equal(hop_buf_get(&b), "[{\"type\":\"Always\"}]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(syntax_errors_have_line_and_column),
        cmocka_unit_test(wrong_type_names_the_place),
        cmocka_unit_test(optional_members),
        cmocka_unit_test(members_are_walked_in_order),
        cmocka_unit_test(building_keeps_the_order_and_the_bytes),
        cmocka_unit_test(a_copy_outlives_its_document),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
