/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_support.h"

#include "hop_tree.h"

static void sorted_and_found(void **state)
{
    (void)state;
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO_VALUE(hop_tree) t = {0};
    assert_ok(hop_tree_add(&t, "version", "1.1.0\n", 6, &err), &err);
    assert_ok(hop_tree_add(&t, "channels/b.yaml", "b", 1, &err), &err);
    assert_ok(hop_tree_add(&t, "channels/a.yaml", "", 0, &err), &err);
    assert_ok(hop_tree_sort(&t, &err), &err);
    assert_string_equal(t.files[0].path, "channels/a.yaml");
    assert_int_equal(t.total_bytes, 7);
    assert_string_equal(hop_tree_find(&t, "version")->data, "1.1.0\n");
    assert_null(hop_tree_find(&t, "channels"));
    assert_ok(hop_tree_add(&t, "version", "2", 1, &err), &err);
    assert_fails(hop_tree_sort(&t, &err), &err, HOP_E_PARSE,
                 "\"version\" is there twice");
}

static void fill(hop_tree *t, const char *const *files, hop_error **err)
{
    for (size_t i = 0; files[i]; i += 2)
        assert_ok(hop_tree_add(t, files[i], files[i + 1], strlen(files[i + 1]), err),
                  err);
    assert_ok(hop_tree_sort(t, err), err);
}

static void the_first_difference(void **state)
{
    (void)state;
    static const struct {
        const char *const a[7], *const b[7];
        const char *first;
    } cases[] = {
        {{NULL}, {NULL}, NULL},
        {{"a", "1", "b", "2"}, {"b", "2", "a", "1"}, NULL},
        {{"a", "1", "b", "2"}, {"a", "1", "b", "3"}, "b"},
        {{"a", "1", "b", "2"}, {"a", "1", "b", "22"}, "b"},
        {{"a", "1", "b", "2"}, {"a", "1"}, "b"},
        {{"a", "1"}, {"a", "1", "b", "2"}, "b"},
        {{"a", "1", "c", "2"}, {"a", "1", "b", "2", "c", "2"}, "b"},
        {{"a", "1", "b", "2", "c", "2"}, {"a", "1", "c", "3"}, "b"},
        {{NULL}, {"a", ""}, "a"},
    };
    HOP_AUTO(hop_error) err = NULL;
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        HOP_AUTO_VALUE(hop_tree) a = {0};
        HOP_AUTO_VALUE(hop_tree) b = {0};
        fill(&a, cases[i].a, &err);
        fill(&b, cases[i].b, &err);
        const char *first = hop_tree_find_difference(&a, &b);
        if (cases[i].first)
            assert_string_equal(first, cases[i].first);
        else
            assert_null(first);
    }
}

static void unsafe_paths(void **state)
{
    (void)state;
    static const char *const bad[] = {"",     "/etc/passwd", "..",  "a/../b", "a/./b",
                                      "a//b", "a/",          "./a", "a\\b",   "a\nb"};
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO_VALUE(hop_tree) t = {0};
    for (size_t i = 0; i < HOP_COUNT_OF(bad); i++)
        assert_fails(hop_tree_add(&t, bad[i], "x", 1, &err), &err, HOP_E_PARSE,
                     "relative");
    assert_int_equal(t.len, 0);
    assert_true(hop_tree_path_is_safe("a/..b/c.."));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sorted_and_found),
        cmocka_unit_test(the_first_difference),
        cmocka_unit_test(unsafe_paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
