/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_support.h"

#include <fcntl.h>
#include <unistd.h>

static void steal_leaves_null(void **state)
{
    (void)state;
    char *text = hop_strdup("abc");
    char *moved = hop_steal(&text);
    assert_null(text);
    assert_string_equal(moved, "abc");
    free(moved);
}

static int open_and_leave_scope(void)
{
    HOP_AUTO_FD fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

static void descriptor_is_closed_with_its_scope(void **state)
{
    (void)state;
    int fd = open_and_leave_scope();
    assert_int_equal(fcntl(fd, F_GETFD), -1);
}

static void strings_add_take_sort(void **state)
{
    (void)state;
    hop_strings list = {0};
    for (int i = 0; i < 50; i++) {
        char *s = hop_sprintf("%02d", 49 - i);
        hop_strings_take(&list, &s);
        assert_null(s);
    }
    hop_strings_add(&list, "zz");
    hop_strings_sort(&list);
    assert_int_equal(list.len, 51);
    assert_string_equal(list.items[0], "00");
    assert_string_equal(list.items[50], "zz");
    assert_true(hop_strings_has(&list, "17"));
    assert_false(hop_strings_has(&list, "1"));
    hop_strings_clear(&list);
    assert_int_equal(list.len, 0);
}

static void prefixes_and_suffixes(void **state)
{
    (void)state;
    assert_true(hop_has_prefix("sha256:ab", "sha256:"));
    assert_false(hop_has_prefix("sha", "sha256:"));
    assert_true(hop_has_suffix("a.yaml", ".yaml"));
    assert_false(hop_has_suffix("yaml", ".yaml"));
    assert_true(hop_has_suffix("x", ""));
}

static void sums_refuse_overflow(void **state)
{
    (void)state;
    uint64_t out = 7;
    assert_false(hop_add_u64(UINT64_MAX, 1, &out));
    assert_false(hop_mul_u64(UINT64_MAX, 2, &out));
    assert_int_equal(out, 7);
    assert_true(hop_add_u64(40, 2, &out));
    assert_int_equal(out, 42);
    assert_true(hop_mul_u64(6, 7, &out));
    assert_int_equal(out, 42);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steal_leaves_null),
        cmocka_unit_test(descriptor_is_closed_with_its_scope),
        cmocka_unit_test(strings_add_take_sort),
        cmocka_unit_test(prefixes_and_suffixes),
        cmocka_unit_test(sums_refuse_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
