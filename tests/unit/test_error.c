/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_support.h"

static hop_status fail_deep(hop_error **err)
{
    hop_status s = hop_error_set(err, HOP_E_AUTH, "GET https://h/v2/: %d", 401);
    hop_error_hint(err, "inner hint");
    return s;
}

static hop_status fail_outer(hop_error **err)
{
    hop_status s = fail_deep(err);
    if (s != HOP_OK)
        s = hop_error_wrap(err, "read manifest of %s", "a\x1b[31m");
    hop_error_hint(err, "run `podman login %s`", "h");
    return s;
}

static void chain_prints_outermost_first_with_the_outer_hint(void **state)
{
    (void)state;
    HOP_AUTO(hop_error) err = NULL;
    assert_int_equal(fail_outer(&err), HOP_E_AUTH);
    assert_string_equal(hop_error_get_frame(err, 1), "GET https://h/v2/: 401");
    assert_null(hop_error_get_frame(err, 2));
    HOP_AUTO_VALUE(hop_buf) b = hop_buf_init(HOP_BUF_TEXT);
    hop_error_print(err, &b);
    assert_string_equal(hop_buf_get(&b), "error: read manifest of a\\x1b[31m\n"
                                         "  because: GET https://h/v2/: 401\n"
                                         "hint: run `podman login h`\n");
    hop_buf_reset(&b);
    hop_error_join(err, &b);
    assert_string_equal(hop_buf_get(&b),
                        "read manifest of a\\x1b[31m: GET https://h/v2/: 401");
}

static void nothing_has_no_status(void **state)
{
    (void)state;
    assert_int_equal(hop_error_get_status(NULL), HOP_OK);
    assert_null(hop_error_get_frame(NULL, 0));
    assert_null(hop_error_get_hint(NULL));
}

static void every_status_has_its_own_name(void **state)
{
    (void)state;
    for (int a = HOP_OK; a <= HOP_E_CANCELLED; a++)
        for (int b = a + 1; b <= HOP_E_CANCELLED; b++)
            assert_string_not_equal(hop_status_name((hop_status)a),
                                    hop_status_name((hop_status)b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chain_prints_outermost_first_with_the_outer_hint),
        cmocka_unit_test(nothing_has_no_status),
        cmocka_unit_test(every_status_has_its_own_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
