/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_support.h"

#include "transfer.h"

#define LAST_EVENT HOP_EV_CANCEL
#define MAX_STEPS 64

typedef struct step {
    hop_transfer_event event;
    bool progressed;
    hop_transfer_state state;
    hop_transfer_action action;
} step;

static void play(hop_transfer *t, const step *steps, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        hop_transfer_action a = hop_transfer_feed(t, steps[i].event, steps[i].progressed);
        if (a != steps[i].action || t->state != steps[i].state)
            fail_msg("step %zu: state %s action %d, wanted %s and %d", i,
                     hop_transfer_state_name(t->state), (int)a,
                     hop_transfer_state_name(steps[i].state), (int)steps[i].action);
    }
}
#define PLAY(t, ...)                         \
    do {                                     \
        const step list[] = {__VA_ARGS__};   \
        play((t), list, HOP_COUNT_OF(list)); \
    } while (0)

static hop_transfer new_push(hop_probe probe)
{
    return (hop_transfer){.kind = HOP_TRANSFER_PUSH, .probe = probe, .max_attempts = 3};
}

static void test_push_that_goes_well(void **state)
{
    (void)state;
    hop_transfer t = new_push(HOP_PROBE_MOUNT);
    PLAY(&t, {HOP_EV_START, false, HOP_ST_MOUNT, HOP_DO_ASK},
         {HOP_EV_SESSION, false, HOP_ST_COPY, HOP_DO_STREAM},
         {HOP_EV_VERIFIED, false, HOP_ST_COMMIT, HOP_DO_RELEASE},
         {HOP_EV_STORED, false, HOP_ST_DONE, HOP_DO_FINISH},
         {HOP_EV_STORED, false, HOP_ST_DONE, HOP_DO_NOTHING});
}

static void test_presence_and_mounts_end_a_push(void **state)
{
    (void)state;
    hop_transfer t = new_push(HOP_PROBE_MOUNT);
    PLAY(&t, {HOP_EV_START, false, HOP_ST_MOUNT, HOP_DO_ASK},
         {HOP_EV_PRESENT, false, HOP_ST_DONE, HOP_DO_FINISH});
    t = new_push(HOP_PROBE_HEAD);
    t.can_mount = true;
    PLAY(&t, {HOP_EV_START, false, HOP_ST_PROBE, HOP_DO_ASK},
         {HOP_EV_ABSENT, false, HOP_ST_MOUNT, HOP_DO_ASK},
         {HOP_EV_REFUSED, false, HOP_ST_OPEN, HOP_DO_ASK},
         {HOP_EV_SESSION, false, HOP_ST_COPY, HOP_DO_STREAM});
}

static void test_download_breaks_and_resumes(void **state)
{
    (void)state;
    hop_transfer t = new_push(HOP_PROBE_NONE);
    PLAY(&t, {HOP_EV_START, false, HOP_ST_OPEN, HOP_DO_ASK},
         {HOP_EV_SESSION, false, HOP_ST_COPY, HOP_DO_STREAM});
    for (int i = 0; i < 20; i++)
        PLAY(&t, {HOP_EV_BROKEN, true, HOP_ST_REJOIN, HOP_DO_HOLD},
             {HOP_EV_TIMER, false, HOP_ST_COPY, HOP_DO_RESUME});
    PLAY(&t, {HOP_EV_BROKEN, false, HOP_ST_REJOIN, HOP_DO_HOLD},
         {HOP_EV_TIMER, false, HOP_ST_COPY, HOP_DO_RESUME},
         {HOP_EV_BROKEN, false, HOP_ST_FAILED, HOP_DO_FAIL});
}

static void test_upload_begins_anew(void **state)
{
    (void)state;
    hop_transfer t = new_push(HOP_PROBE_NONE);
    PLAY(&t, {HOP_EV_START, false, HOP_ST_OPEN, HOP_DO_ASK},
         {HOP_EV_SESSION, false, HOP_ST_COPY, HOP_DO_STREAM},
         {HOP_EV_TRANSIENT, true, HOP_ST_WAIT, HOP_DO_BACK_OFF},
         {HOP_EV_TIMER, false, HOP_ST_STATUS, HOP_DO_ASK},
         {HOP_EV_ABSENT, false, HOP_ST_OPEN, HOP_DO_ASK},
         {HOP_EV_SESSION, false, HOP_ST_COPY, HOP_DO_STREAM},
         {HOP_EV_VERIFIED, false, HOP_ST_COMMIT, HOP_DO_RELEASE},
         {HOP_EV_TRANSIENT, false, HOP_ST_WAIT, HOP_DO_BACK_OFF},
         {HOP_EV_TIMER, false, HOP_ST_STATUS, HOP_DO_ASK},
         {HOP_EV_ABSENT, false, HOP_ST_PROBE, HOP_DO_ASK},
         {HOP_EV_ABSENT, false, HOP_ST_OPEN, HOP_DO_ASK},
         {HOP_EV_SESSION, false, HOP_ST_COPY, HOP_DO_STREAM},
         {HOP_EV_TRANSIENT, false, HOP_ST_FAILED, HOP_DO_FAIL});
}

static void test_upload_goes_on_as_long_as_it_gets_on(void **state)
{
    (void)state;
    hop_transfer t = new_push(HOP_PROBE_NONE);
    PLAY(&t, {HOP_EV_START, false, HOP_ST_OPEN, HOP_DO_ASK},
         {HOP_EV_SESSION, false, HOP_ST_COPY, HOP_DO_STREAM});
    for (int i = 0; i < 20; i++)
        PLAY(&t, {HOP_EV_TRANSIENT, false, HOP_ST_WAIT, HOP_DO_BACK_OFF},
             {HOP_EV_TIMER, false, HOP_ST_STATUS, HOP_DO_ASK},
             {HOP_EV_OFFSET, true, HOP_ST_COPY, HOP_DO_STREAM});
    PLAY(&t, {HOP_EV_TRANSIENT, false, HOP_ST_WAIT, HOP_DO_BACK_OFF},
         {HOP_EV_TIMER, false, HOP_ST_STATUS, HOP_DO_ASK},
         {HOP_EV_OFFSET, false, HOP_ST_COPY, HOP_DO_STREAM},
         {HOP_EV_TRANSIENT, false, HOP_ST_WAIT, HOP_DO_BACK_OFF},
         {HOP_EV_TIMER, false, HOP_ST_STATUS, HOP_DO_ASK},
         {HOP_EV_OFFSET, false, HOP_ST_COPY, HOP_DO_STREAM},
         {HOP_EV_TRANSIENT, false, HOP_ST_FAILED, HOP_DO_FAIL});
}

static void test_pieces_and_their_end(void **state)
{
    (void)state;
    hop_transfer t = new_push(HOP_PROBE_NONE);
    PLAY(&t, {HOP_EV_START, false, HOP_ST_OPEN, HOP_DO_ASK},
         {HOP_EV_SESSION, false, HOP_ST_COPY, HOP_DO_STREAM},
         {HOP_EV_TOO_LARGE, false, HOP_ST_STATUS, HOP_DO_ASK},
         {HOP_EV_OFFSET, false, HOP_ST_COPY, HOP_DO_STREAM},
         {HOP_EV_PIECE, false, HOP_ST_COPY, HOP_DO_PIECE},
         {HOP_EV_BROKEN, true, HOP_ST_REJOIN, HOP_DO_HOLD},
         {HOP_EV_PIECE, false, HOP_ST_REJOIN, HOP_DO_PIECE},
         {HOP_EV_TIMER, false, HOP_ST_COPY, HOP_DO_RESUME},
         {HOP_EV_NO_SOURCE, false, HOP_ST_COPY, HOP_DO_RESUME},
         {HOP_EV_VERIFIED, false, HOP_ST_COMMIT, HOP_DO_RELEASE},
         {HOP_EV_PIECE, false, HOP_ST_COMMIT, HOP_DO_PIECE},
         {HOP_EV_ALL_SENT, false, HOP_ST_CLOSE, HOP_DO_ASK},
         /* Only the closing request is sent again. */
         {HOP_EV_UNAUTHORIZED, false, HOP_ST_AUTH, HOP_DO_NEW_TOKEN});
    assert_true(hop_transfer_keeps_session(&t));
    PLAY(&t, {HOP_EV_TOKEN, false, HOP_ST_CLOSE, HOP_DO_ASK},
         {HOP_EV_TRANSIENT, false, HOP_ST_WAIT, HOP_DO_BACK_OFF});
    assert_true(hop_transfer_keeps_session(&t));
    PLAY(&t, {HOP_EV_TIMER, false, HOP_ST_CLOSE, HOP_DO_ASK},
         {HOP_EV_STORED, false, HOP_ST_DONE, HOP_DO_FINISH});
}

static void test_spoiled_uploads_begin_anew_a_few_times(void **state)
{
    (void)state;
    hop_transfer t = new_push(HOP_PROBE_NONE);
    PLAY(&t, {HOP_EV_START, false, HOP_ST_OPEN, HOP_DO_ASK});
    for (int i = 0; i < 2; i++) {
        PLAY(&t, {HOP_EV_SESSION, false, HOP_ST_COPY, HOP_DO_STREAM},
             {HOP_EV_VERIFIED, false, HOP_ST_COMMIT, HOP_DO_RELEASE},
             {HOP_EV_SPOILED, false, HOP_ST_WAIT, HOP_DO_BACK_OFF});
        assert_false(hop_transfer_keeps_session(&t));
        PLAY(&t, {HOP_EV_TIMER, false, HOP_ST_OPEN, HOP_DO_ASK});
    }
    PLAY(&t, {HOP_EV_SESSION, false, HOP_ST_COPY, HOP_DO_STREAM},
         {HOP_EV_SPOILED, false, HOP_ST_FAILED, HOP_DO_FAIL});
}

static void test_wrong_digest_is_tried_once_more(void **state)
{
    (void)state;
    hop_transfer t = new_push(HOP_PROBE_NONE);
    PLAY(&t, {HOP_EV_START, false, HOP_ST_OPEN, HOP_DO_ASK},
         {HOP_EV_SESSION, false, HOP_ST_COPY, HOP_DO_STREAM},
         {HOP_EV_MISMATCH, true, HOP_ST_WAIT, HOP_DO_BACK_OFF},
         {HOP_EV_TIMER, false, HOP_ST_OPEN, HOP_DO_ASK},
         {HOP_EV_SESSION, false, HOP_ST_COPY, HOP_DO_STREAM},
         {HOP_EV_MISMATCH, true, HOP_ST_FAILED, HOP_DO_FAIL});
}

static void test_token_is_renewed_a_few_times(void **state)
{
    (void)state;
    hop_transfer t = {.kind = HOP_TRANSFER_SINGLE, .max_attempts = 3};
    PLAY(&t, {HOP_EV_START, false, HOP_ST_ASKING, HOP_DO_ASK},
         {HOP_EV_UNAUTHORIZED, false, HOP_ST_AUTH, HOP_DO_NEW_TOKEN},
         {HOP_EV_TOKEN, false, HOP_ST_ASKING, HOP_DO_ASK},
         {HOP_EV_UNAUTHORIZED, false, HOP_ST_AUTH, HOP_DO_NEW_TOKEN},
         {HOP_EV_TOKEN, false, HOP_ST_ASKING, HOP_DO_ASK},
         {HOP_EV_UNAUTHORIZED, false, HOP_ST_AUTH, HOP_DO_NEW_TOKEN},
         {HOP_EV_TOKEN, false, HOP_ST_ASKING, HOP_DO_ASK},
         {HOP_EV_UNAUTHORIZED, false, HOP_ST_FAILED, HOP_DO_FAIL});
    t = new_push(HOP_PROBE_MOUNT);
    PLAY(&t, {HOP_EV_START, false, HOP_ST_MOUNT, HOP_DO_ASK},
         {HOP_EV_UNAUTHORIZED, false, HOP_ST_AUTH, HOP_DO_NEW_TOKEN},
         {HOP_EV_TOKEN, false, HOP_ST_MOUNT, HOP_DO_ASK},
         {HOP_EV_UNAUTHORIZED, false, HOP_ST_OPEN, HOP_DO_ASK},
         {HOP_EV_SESSION, false, HOP_ST_COPY, HOP_DO_STREAM},
         {HOP_EV_UNAUTHORIZED, false, HOP_ST_AUTH, HOP_DO_NEW_TOKEN},
         {HOP_EV_TOKEN, false, HOP_ST_STATUS, HOP_DO_ASK});
}

/* No event in any state leads on after the end, or releases the last byte of a blob whose
 * digest was not verified. */
static void check_event(hop_transfer t, hop_transfer_event event, bool progressed)
{
    hop_transfer before = t;
    hop_transfer_action a = hop_transfer_feed(&t, event, progressed);
    if (hop_transfer_is_over(&before)) {
        assert_int_equal(a, HOP_DO_NOTHING);
        assert_int_equal(t.state, before.state);
    }
    if (a == HOP_DO_RELEASE)
        assert_true(before.state == HOP_ST_COPY && event == HOP_EV_VERIFIED);
    if (a == HOP_DO_FINISH)
        assert_int_equal(t.state, HOP_ST_DONE);
    if (a == HOP_DO_FAIL)
        assert_int_equal(t.state, HOP_ST_FAILED);
    if (t.state == HOP_ST_DONE && before.kind == HOP_TRANSFER_PUSH &&
        (before.state == HOP_ST_COMMIT || before.state == HOP_ST_CLOSE))
        assert_int_equal(event, HOP_EV_STORED);
}

static void test_every_state_with_every_event(void **state)
{
    (void)state;
    for (int s = HOP_ST_IDLE; s <= HOP_ST_FAILED; s++)
        for (int e = HOP_EV_START; e <= LAST_EVENT; e++)
            for (int variant = 0; variant < 4; variant++) {
                hop_transfer t = {.kind = variant & 1 ? HOP_TRANSFER_PUSH
                                                      : HOP_TRANSFER_SINGLE,
                                  .state = (hop_transfer_state)s,
                                  .back = HOP_ST_OPEN,
                                  .max_attempts = 3};
                check_event(t, (hop_transfer_event)e, (variant & 2) != 0);
            }
}

/* A peer that only ever causes failures without a byte gets an end in bounded time. */
static void test_random_failures_end(void **state)
{
    (void)state;
    static const hop_transfer_event events[] = {
        HOP_EV_TRANSIENT, HOP_EV_BROKEN,   HOP_EV_MISMATCH,  HOP_EV_NO_SOURCE,
        HOP_EV_SESSION,   HOP_EV_VERIFIED, HOP_EV_ABSENT,    HOP_EV_REFUSED,
        HOP_EV_OFFSET,    HOP_EV_ALL_SENT, HOP_EV_TOO_LARGE, HOP_EV_SPOILED};
    uint32_t random = 1;
    for (int run = 0; run < 2000; run++) {
        hop_transfer t = new_push((hop_probe)(run % 3));
        hop_transfer_feed(&t, HOP_EV_START, false);
        int steps = 0;
        for (; steps < MAX_STEPS * 4 && !hop_transfer_is_over(&t); steps++) {
            random = random * 1664525u + 1013904223u;
            hop_transfer_event e = events[(random >> 24) % HOP_COUNT_OF(events)];
            if (t.state == HOP_ST_WAIT || t.state == HOP_ST_REJOIN)
                e = HOP_EV_TIMER;
            hop_transfer_feed(&t, e, false);
        }
        assert_true(hop_transfer_is_over(&t));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_push_that_goes_well),
        cmocka_unit_test(test_presence_and_mounts_end_a_push),
        cmocka_unit_test(test_download_breaks_and_resumes),
        cmocka_unit_test(test_upload_begins_anew),
        cmocka_unit_test(test_upload_goes_on_as_long_as_it_gets_on),
        cmocka_unit_test(test_pieces_and_their_end),
        cmocka_unit_test(test_spoiled_uploads_begin_anew_a_few_times),
        cmocka_unit_test(test_wrong_digest_is_tried_once_more),
        cmocka_unit_test(test_token_is_renewed_a_few_times),
        cmocka_unit_test(test_every_state_with_every_event),
        cmocka_unit_test(test_random_failures_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
