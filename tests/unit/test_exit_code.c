/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_support.h"

#include "command.h"

static void of_a_status(void **state)
{
    (void)state;
    static const struct {
        hop_status s;
        int code;
    } cases[] = {{HOP_OK, 0},       {HOP_E_USAGE, 2},     {HOP_E_NO_PATH, 3},
                 {HOP_E_DIGEST, 4}, {HOP_E_SIGNATURE, 4}, {HOP_E_NET, 5},
                 {HOP_E_AUTH, 6},   {HOP_E_DISK, 7},      {HOP_E_PARTIAL, 8},
                 {HOP_E_IO, 1},     {HOP_E_PARSE, 1}};
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++)
        assert_int_equal(hop_exit_of(cases[i].s), cases[i].code);
}

static void the_worse_of_two_follows_the_contract(void **state)
{
    (void)state;
    static const int order[] = {130, 2, 7, 4, 6, 3, 8, 5, 1, 0};
    for (size_t a = 0; a < HOP_COUNT_OF(order); a++)
        for (size_t b = a; b < HOP_COUNT_OF(order); b++) {
            assert_int_equal(hop_exit_worse(order[a], order[b]), order[a]);
            assert_int_equal(hop_exit_worse(order[b], order[a]), order[a]);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_a_status),
        cmocka_unit_test(the_worse_of_two_follows_the_contract),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
