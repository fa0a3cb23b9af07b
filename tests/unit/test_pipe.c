/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_support.h"

#include "pipe.h"

static void test_moves_bytes_in_order_around_the_ring(void **state)
{
    (void)state;
    HOP_AUTO(hop_pipe) p = hop_pipe_new(8);
    hop_pipe_restart(p, 26);
    char got[27] = {0};
    size_t at = 0;
    for (size_t i = 0; i < 26; i++) {
        char c = (char)('a' + (int)i);
        assert_true(hop_pipe_offer(p, &c, 1));
        if (i % 3 == 2)
            at += hop_pipe_take(p, got + at, 26 - at);
    }
    hop_pipe_release(p);
    at += hop_pipe_take(p, got + at, 26 - at);
    assert_int_equal(at, 26);
    assert_string_equal(got, "abcdefghijklmnopqrstuvwxyz");
}

static void test_holds_the_last_byte_until_released(void **state)
{
    (void)state;
    HOP_AUTO(hop_pipe) p = hop_pipe_new(16);
    hop_pipe_restart(p, 4);
    char got[8] = {0};
    assert_true(hop_pipe_offer(p, "abcd", 4));
    assert_int_equal(hop_pipe_take(p, got, sizeof(got)), 3);
    assert_int_equal(hop_pipe_take(p, got, sizeof(got)), 0);
    hop_pipe_release(p);
    assert_int_equal(hop_pipe_take(p, got, sizeof(got)), 1);
    assert_int_equal(got[0], 'd');
}

static void test_takes_all_or_nothing(void **state)
{
    (void)state;
    HOP_AUTO(hop_pipe) p = hop_pipe_new(4);
    hop_pipe_restart(p, 10);
    assert_true(hop_pipe_offer(p, "abc", 3));
    assert_false(hop_pipe_is_low(p));
    assert_false(hop_pipe_offer(p, "de", 2));
    assert_int_equal(hop_pipe_get_written(p), 3);
    char got[4];
    assert_int_equal(hop_pipe_take(p, got, 1), 1);
    assert_true(hop_pipe_is_low(p));
    assert_true(hop_pipe_offer(p, "de", 2));
}

static void test_refuses_more_than_the_size(void **state)
{
    (void)state;
    HOP_AUTO(hop_pipe) p = hop_pipe_new(16);
    hop_pipe_restart(p, 3);
    assert_true(hop_pipe_is_overrun(p, 4));
    assert_false(hop_pipe_offer(p, "abcd", 4));
    assert_true(hop_pipe_offer(p, "abc", 3));
    assert_false(hop_pipe_offer(p, "d", 1));
    hop_pipe_restart(p, 1);
    assert_true(hop_pipe_offer(p, "x", 1));
    char got = 0;
    assert_int_equal(hop_pipe_take(p, &got, 1), 0);
}

static void test_uses_a_ring_again(void **state)
{
    (void)state;
    hop_pipes pipes = {0};
    hop_pipe *first = hop_pipes_take(&pipes, 16);
    hop_pipe *second = hop_pipes_take(&pipes, 16);
    assert_ptr_not_equal(first, second);
    hop_pipe_restart(first, 3);
    assert_true(hop_pipe_offer(first, "abc", 3));
    const hop_pipe *known = first;
    hop_pipes_give(&pipes, &first);
    assert_null(first);
    hop_pipes_give(&pipes, &first); /* nothing is nothing */
    first = hop_pipes_take(&pipes, 16);
    assert_ptr_equal(first, known);
    hop_pipe_restart(first, 2);
    char got[4];
    assert_int_equal(hop_pipe_take(first, got, sizeof(got)), 0);
    assert_true(hop_pipe_offer(first, "de", 2));
    hop_pipes_give(&pipes, &first);
    hop_pipes_give(&pipes, &second);
    hop_pipes_clear(&pipes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_moves_bytes_in_order_around_the_ring),
        cmocka_unit_test(test_holds_the_last_byte_until_released),
        cmocka_unit_test(test_takes_all_or_nothing),
        cmocka_unit_test(test_refuses_more_than_the_size),
        cmocka_unit_test(test_uses_a_ring_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
