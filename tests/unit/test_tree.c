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
        cmocka_unit_test(unsafe_paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
