/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_support.h"

#include "queue.h"

static void test_fifo_keeps_order_and_removes(void **state)
{
    (void)state;
    hop_fifo q = {0};
    hop_job a = {0};
    hop_job b = {0};
    hop_job c = {0};
    assert_null(hop_fifo_take(&q));
    hop_fifo_add(&q, &a);
    hop_fifo_add(&q, &b);
    hop_fifo_add(&q, &c);
    hop_fifo_remove(&q, &c);
    hop_fifo_add(&q, &c);
    hop_fifo_remove(&q, &b);
    assert_int_equal(q.len, 2);
    assert_ptr_equal(hop_fifo_take(&q), &a);
    assert_ptr_equal(hop_fifo_take(&q), &c);
    assert_null(hop_fifo_take(&q));
}

static void test_by_size_gives_both_ends(void **state)
{
    (void)state;
    hop_by_size q = {0};
    hop_job jobs[] = {{.size_bytes = 5},
                      {.size_bytes = 1},
                      {.size_bytes = 9},
                      {.size_bytes = 1},
                      {.size_bytes = 7}};
    for (size_t i = 0; i < HOP_COUNT_OF(jobs); i++)
        hop_by_size_add(&q, &jobs[i]);
    assert_ptr_equal(hop_by_size_take(&q, HOP_END_LARGEST), &jobs[2]);
    assert_ptr_equal(hop_by_size_take(&q, HOP_END_SMALLEST), &jobs[1]);
    assert_ptr_equal(hop_by_size_take(&q, HOP_END_SMALLEST), &jobs[3]);
    assert_ptr_equal(hop_by_size_take(&q, HOP_END_LARGEST), &jobs[4]);
    assert_ptr_equal(hop_by_size_take(&q, HOP_END_LARGEST), &jobs[0]);
    assert_null(hop_by_size_take(&q, HOP_END_SMALLEST));
    hop_by_size_clear(&q);
}

static void test_back_off_doubles_and_is_capped(void **state)
{
    (void)state;
    uint64_t random = 42;
    for (unsigned i = 1; i < 20; i++) {
        uint64_t full = 250;
        for (unsigned k = 1; k < i && full < 8000; k++)
            full *= 2;
        if (full > 8000)
            full = 8000;
        uint64_t wait_ms = hop_back_off_ms(i, &random);
        assert_in_range(wait_ms, full / 2, full);
    }
    uint64_t same[] = {7, 7};
    assert_int_equal(hop_back_off_ms(3, &same[0]), hop_back_off_ms(3, &same[1]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fifo_keeps_order_and_removes),
        cmocka_unit_test(test_by_size_gives_both_ends),
        cmocka_unit_test(test_back_off_doubles_and_is_capped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
