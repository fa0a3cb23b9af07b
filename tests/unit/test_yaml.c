/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_support.h"

#include "hop_yaml.h"

static void scalars_stay_text_and_lines_are_known(void **state)
{
    (void)state;
    static const char text[] =
        "# c\nto: 4.10\nfrom: '4[.]9'\nmessage: |-\n  one\n  two\n"
        "rules:\n- type: Always\n- type: PromQL\n  q: a\n    b\nnothing:\n";
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO(hop_yaml) y = NULL;
    assert_ok(hop_yaml_parse(text, strlen(text), "b.yaml", &y, &err), &err);
    assert_int_equal(hop_yaml_count(y), 1);
    const hop_yaml_node *root = hop_yaml_get_document(y, 0);
    const char *s = NULL;
    assert_ok(hop_yaml_get_string(y, root, "to", &s, &err), &err);
    assert_string_equal(s, "4.10");
    assert_ok(hop_yaml_get_string(y, root, "message", &s, &err), &err);
    assert_string_equal(s, "one\ntwo");
    const hop_yaml_node *rules = hop_yaml_find(root, "rules");
    assert_int_equal(rules->len, 2);
    assert_int_equal(rules->items[1]->line, 9);
    assert_int_equal(root->key_lines[3], 7);
    assert_ok(hop_yaml_get_string(y, rules->items[1], "q", &s, &err), &err);
    assert_string_equal(s, "a b");
    assert_true(hop_yaml_is_null(hop_yaml_find(root, "nothing")));
    assert_fails(hop_yaml_get_string(y, root, "nothing", &s, &err), &err, HOP_E_PARSE,
                 "b.yaml:12: \"nothing\" is missing");
    assert_fails(hop_yaml_get_string(y, root, "rules", &s, &err), &err, HOP_E_PARSE,
                 "b.yaml:8: \"rules\" must be text");
    const hop_yaml_node *n = rules;
    assert_ok(hop_yaml_optional(y, root, "nothing", HOP_YAML_MAPPING, &n, &err), &err);
    assert_null(n);
    assert_fails(hop_yaml_optional(y, root, "to", HOP_YAML_SEQUENCE, &n, &err), &err,
                 HOP_E_PARSE, "must be a list");
}

static void several_documents_and_empty_ones(void **state)
{
    (void)state;
    static const char text[] = "---\na: 1\n---\n---\nb: 2\n...\n";
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO(hop_yaml) y = NULL;
    assert_ok(hop_yaml_parse(text, strlen(text), "m", &y, &err), &err);
    assert_int_equal(hop_yaml_count(y), 2);
    assert_non_null(hop_yaml_find(hop_yaml_get_document(y, 1), "b"));
    assert_null(hop_yaml_get_document(y, 2));
}

static void refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *why;
    } cases[] = {
        {"a: &x 1\nb: *x\n", "d:1: anchors are not accepted"},
        {"b: *x\n", "d:1: "},
        {"to: 1\nfrom: 2\nto: 3\n", "d:3: key \"to\" is there twice"},
        {"{[1]: 2}", "a mapping key must be plain text"},
        {"? {a: 1}\n: 2\n", "a mapping key must be plain text"},
        {"a: [1\n", "d:2: "},
        {"a: \"x\\0y\"\n", "NUL"},
        {"a:\n\t- b\n", "d:2: "},
    };
    HOP_AUTO(hop_error) err = NULL;
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        hop_yaml *y = NULL;
        assert_fails(hop_yaml_parse(cases[i].text, strlen(cases[i].text), "d", &y, &err),
                     &err, HOP_E_PARSE, cases[i].why);
        assert_null(y);
    }
}

static void depth_is_limited(void **state)
{
    (void)state;
    char deep[300];
    memset(deep, '[', sizeof(deep));
    HOP_AUTO(hop_error) err = NULL;
    hop_yaml *y = NULL;
    assert_fails(hop_yaml_parse(deep, sizeof(deep), "d", &y, &err), &err, HOP_E_PARSE,
                 "nested too deep");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scalars_stay_text_and_lines_are_known),
        cmocka_unit_test(several_documents_and_empty_ones),
        cmocka_unit_test(refused),
        cmocka_unit_test(depth_is_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
