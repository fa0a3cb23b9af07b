/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Events through the state machine of one transfer. The first byte picks what is
 * transferred; every other byte is an event, with its top bit for "bytes arrived". */
#include "fuzz.h"

#include "transfer.h"

#define MAX_ATTEMPTS 5u
#define EVENTS ((unsigned)HOP_EV_CANCEL + 1)

static void check_step(const hop_transfer *before, const hop_transfer *t,
                       hop_transfer_event event, hop_transfer_action action)
{
    FUZZ_CHECK((int)t->state >= HOP_ST_IDLE && t->state <= HOP_ST_FAILED);
    FUZZ_CHECK(hop_transfer_state_name(t->state));
    if (hop_transfer_is_over(before)) {
        FUZZ_CHECK(action == HOP_DO_NOTHING);
        FUZZ_CHECK(t->state == before->state);
        return;
    }
    FUZZ_CHECK(action != HOP_DO_NOTHING);
    FUZZ_CHECK((action == HOP_DO_FINISH) == (t->state == HOP_ST_DONE));
    FUZZ_CHECK((action == HOP_DO_FAIL) == (t->state == HOP_ST_FAILED));
    FUZZ_CHECK((action == HOP_DO_BACK_OFF) == (t->state == HOP_ST_WAIT));
    /* The upload's news can be a piece that has arrived while the download rests. */
    bool still_rests = before->state == HOP_ST_REJOIN && action == HOP_DO_PIECE;
    FUZZ_CHECK((action == HOP_DO_HOLD || still_rests) == (t->state == HOP_ST_REJOIN));
    FUZZ_CHECK((action == HOP_DO_NEW_TOKEN) == (t->state == HOP_ST_AUTH));
    FUZZ_CHECK(action != HOP_DO_RELEASE ||
               (before->state == HOP_ST_COPY && event == HOP_EV_VERIFIED));
    FUZZ_CHECK((before->state != HOP_ST_COMMIT && before->state != HOP_ST_CLOSE) ||
               t->state != HOP_ST_DONE || event == HOP_EV_STORED);
    FUZZ_CHECK(t->kind == HOP_TRANSFER_PUSH ||
               (t->state != HOP_ST_COPY && t->state != HOP_ST_COMMIT &&
                t->state != HOP_ST_CLOSE));
}

static void check_counts(const hop_transfer *t)
{
    FUZZ_CHECK(t->attempts <= MAX_ATTEMPTS && t->rounds <= MAX_ATTEMPTS);
    FUZZ_CHECK(t->breaks <= MAX_ATTEMPTS && t->mismatches <= 2 && t->refusals <= 3);
    FUZZ_CHECK(hop_transfer_get_failures(t) <= MAX_ATTEMPTS);
}

/* A peer that from here on answers every question with `event` gets an end. Pieces end
 * with the blob. */
static void check_end(hop_transfer t, hop_transfer_event event)
{
    if (event == HOP_EV_PIECE)
        return;
    unsigned steps = 0;
    for (; steps < 200 && !hop_transfer_is_over(&t); steps++) {
        hop_transfer_event e = event;
        if (t.state == HOP_ST_WAIT || t.state == HOP_ST_REJOIN)
            e = HOP_EV_TIMER;
        else if (t.state == HOP_ST_AUTH)
            e = HOP_EV_TOKEN;
        hop_transfer_feed(&t, e, false);
    }
    FUZZ_CHECK(hop_transfer_is_over(&t));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    hop_transfer t = {.kind = data[0] & 1 ? HOP_TRANSFER_PUSH : HOP_TRANSFER_SINGLE,
                      .probe = (hop_probe)((data[0] >> 1) % 3),
                      .can_mount = (data[0] & 16) != 0,
                      .max_attempts = MAX_ATTEMPTS};
    for (size_t i = 1; i < size; i++) {
        hop_transfer before = t;
        hop_transfer_event event = (hop_transfer_event)((data[i] & 0x7f) % EVENTS);
        hop_transfer_action action = hop_transfer_feed(&t, event, (data[i] & 0x80) != 0);
        check_step(&before, &t, event, action);
        check_counts(&t);
    }
    for (unsigned e = 0; e < EVENTS; e++)
        check_end(t, (hop_transfer_event)e);
    return 0;
}
