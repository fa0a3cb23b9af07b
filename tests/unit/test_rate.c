/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_support.h"

#include "rate.h"

static void assert_rate(const hop_rate *r, double want)
{
    assert_true(r->per_second > want - 0.5 && r->per_second < want + 0.5);
}

static void the_first_second_shows_none(void **state)
{
    (void)state;
    hop_rate r = {0};
    hop_rate_update(&r, "hashed", 5000, 0);
    hop_rate_update(&r, "hashed", 5001, 6);
    hop_rate_update(&r, "hashed", 5999, 900);
    assert_rate(&r, 0);
    hop_rate_update(&r, "hashed", 6000, 1000);
    assert_rate(&r, 1000);
}

static void then_it_is_of_the_last_seconds(void **state)
{
    (void)state;
    hop_rate r = {0};
    hop_rate_update(&r, "hashed", 0, 0);
    hop_rate_update(&r, "hashed", 1000, 1000);
    hop_rate_update(&r, "hashed", 3999, 90000);
    assert_rate(&r, 1000);
    hop_rate_update(&r, "hashed", 4000, 10000);
    assert_rate(&r, 3000);
    hop_rate_update(&r, "hashed", 7000, 10000);
    assert_rate(&r, 0);
}

/* From what was checked to what was sent: the new count is far below the old one. */
static void another_count_begins_anew(void **state)
{
    (void)state;
    hop_rate r = {0};
    hop_rate_update(&r, "checked", 0, 0);
    hop_rate_update(&r, "checked", 1000, 8500);
    hop_rate_update(&r, "sent", 9000, 0);
    assert_rate(&r, 0);
    hop_rate_update(&r, "sent", 10000, 700);
    assert_rate(&r, 700);
    hop_rate_update(&r, "sent", 20000, 10);
    assert_rate(&r, 0);
}

static void a_clock_that_went_back_does_no_harm(void **state)
{
    (void)state;
    hop_rate r = {0};
    hop_rate_update(&r, "sent", 5000, 0);
    hop_rate_update(&r, "sent", 4000, 100);
    assert_rate(&r, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_second_shows_none),
        cmocka_unit_test(then_it_is_of_the_last_seconds),
        cmocka_unit_test(another_count_begins_anew),
        cmocka_unit_test(a_clock_that_went_back_does_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
