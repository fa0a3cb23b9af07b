/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_support.h"

#include "bignum.h"

static void zero_and_small_numbers(void **state)
{
    (void)state;
    HOP_AUTO_VALUE(hop_bignum) n = {0};
    HOP_AUTO_STR zero = hop_bignum_format(&n);
    assert_string_equal(zero, "0");
    hop_bignum_set(&n, UINT32_MAX);
    HOP_AUTO_STR large = hop_bignum_format(&n);
    assert_string_equal(large, "4294967295");
}

static void carries_run_through_all_limbs(void **state)
{
    (void)state;
    HOP_AUTO_VALUE(hop_bignum) n = {0};
    HOP_AUTO_VALUE(hop_bignum) one = {0};
    hop_bignum_set(&n, 999999999);
    hop_bignum_set(&one, 1);
    hop_bignum_add(&n, &one);
    HOP_AUTO_STR text = hop_bignum_format(&n);
    assert_string_equal(text, "1000000000");
}

static void doubling_a_hundred_times(void **state)
{
    (void)state;
    HOP_AUTO_VALUE(hop_bignum) n = {0};
    hop_bignum_set(&n, 1);
    for (int i = 0; i < 100; i++) {
        HOP_AUTO_VALUE(hop_bignum) same = {0};
        hop_bignum_add(&same, &n);
        hop_bignum_add(&n, &same);
    }
    HOP_AUTO_STR text = hop_bignum_format(&n);
    assert_string_equal(text, "1267650600228229401496703205376");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zero_and_small_numbers),
        cmocka_unit_test(carries_run_through_all_limbs),
        cmocka_unit_test(doubling_a_hundred_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
