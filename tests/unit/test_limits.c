/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_support.h"

#include "endpoint.h"

#define STEP_MS 300 /* longer than an endpoint measures at a time */

/* One more window in which all streams were in use. */
static void move(hop_endpoint *e, uint64_t bytes, uint64_t *now_ms)
{
    e->streams = e->limit;
    hop_endpoint_note_bytes(e, 0, *now_ms);
    *now_ms += STEP_MS;
    hop_endpoint_note_bytes(e, bytes, *now_ms);
}

static void streams_double_until_the_host_pushes_back(void **state)
{
    (void)state;
    hop_side_state side = {0};
    uint64_t now = 1000;
    hop_endpoint *e = hop_endpoint_new(&side, "r:1", 16);
    assert_int_equal(e->limit, HOP_START_STREAMS);
    static const unsigned grown[] = {12, 16, 16};
    for (size_t i = 0; i < HOP_COUNT_OF(grown); i++) {
        move(e, 1000, &now);
        assert_int_equal(e->limit, grown[i]);
    }
    hop_endpoint_note_pushback(e, 0, now);
    assert_int_equal(e->limit, 8);
    hop_endpoint_note_pushback(e, 0, now + 1); /* of the same moment */
    assert_int_equal(e->limit, 8);
    move(e, 1000, &now);
    assert_int_equal(e->limit, 10);
    hop_endpoint_free(e);
}

/* A wire that is full is not made faster by more streams. */
static void a_full_wire_gets_no_more_streams(void **state)
{
    (void)state;
    hop_side_state side = {0};
    uint64_t now = 1000;
    hop_endpoint *e = hop_endpoint_new(&side, "r:1", 64);
    move(e, 100 * HOP_MIB, &now);
    unsigned limit = e->limit;
    assert_true(limit > HOP_START_STREAMS);
    move(e, 100 * HOP_MIB, &now);
    assert_int_equal(e->limit, limit);
    move(e, 120 * HOP_MIB, &now);
    assert_true(e->limit > limit);
    hop_endpoint_free(e);
}

static void streams_that_are_not_used_do_not_grow(void **state)
{
    (void)state;
    hop_side_state side = {0};
    hop_endpoint *e = hop_endpoint_new(&side, "r:1", 16);
    e->streams = e->limit - 1;
    hop_endpoint_note_bytes(e, 1000, 1000);
    hop_endpoint_note_bytes(e, 1000, 1000 + STEP_MS);
    hop_endpoint_note_bytes(e, 1000, 1000 + 2 * STEP_MS);
    assert_int_equal(e->limit, HOP_START_STREAMS);
    hop_endpoint_free(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_double_until_the_host_pushes_back),
        cmocka_unit_test(a_full_wire_gets_no_more_streams),
        cmocka_unit_test(streams_that_are_not_used_do_not_grow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
