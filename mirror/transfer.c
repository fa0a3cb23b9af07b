/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transfer.h"

/* New tokens for one question. More than one, as requests beside it may use a token up,
 * or its time may run out on the way. */
#define MAX_REFUSALS 3u
/* From the largest piece down to the smallest, and then some. */
#define MAX_SHRINKS 24u

static hop_transfer_action go(hop_transfer *t, hop_transfer_state s,
                              hop_transfer_action a)
{
    t->state = s;
    return a;
}

static hop_transfer_action fail(hop_transfer *t)
{
    return go(t, HOP_ST_FAILED, HOP_DO_FAIL);
}

/* After an answer that is no failure the next failure counts from one again. */
static hop_transfer_action advance(hop_transfer *t, hop_transfer_state s,
                                   hop_transfer_action a)
{
    t->attempts = 0;
    t->refusals = 0;
    return go(t, s, a);
}

static hop_transfer_state first_state(const hop_transfer *t)
{
    if (t->kind == HOP_TRANSFER_SINGLE)
        return HOP_ST_ASKING;
    switch (t->probe) {
    case HOP_PROBE_MOUNT:
        return HOP_ST_MOUNT;
    case HOP_PROBE_HEAD:
        return HOP_ST_PROBE;
    case HOP_PROBE_NONE:
        return HOP_ST_OPEN;
    }
    return HOP_ST_OPEN;
}

/* Where a transfer goes on after a failure in `s`. */
static hop_transfer_state retry_state(hop_transfer_state s)
{
    switch (s) {
    case HOP_ST_COPY:
    case HOP_ST_REJOIN:
    case HOP_ST_COMMIT:
        return HOP_ST_STATUS;
    case HOP_ST_STATUS:
    case HOP_ST_CLOSE:
    case HOP_ST_IDLE:
    case HOP_ST_ASKING:
    case HOP_ST_PROBE:
    case HOP_ST_MOUNT:
    case HOP_ST_OPEN:
    case HOP_ST_AUTH:
    case HOP_ST_WAIT:
    case HOP_ST_DONE:
    case HOP_ST_FAILED:
        break;
    }
    return s;
}

static bool is_uploading(hop_transfer_state s)
{
    return s == HOP_ST_COPY || s == HOP_ST_REJOIN || s == HOP_ST_COMMIT;
}

static hop_transfer_action wait_for(hop_transfer *t, hop_transfer_state back,
                                    unsigned *count, bool progressed)
{
    *count = progressed ? 1 : *count + 1;
    if (*count >= t->max_attempts)
        return fail(t);
    if (t->state != HOP_ST_WAIT && t->state != HOP_ST_AUTH)
        t->back = back;
    return go(t, HOP_ST_WAIT, HOP_DO_BACK_OFF);
}

static hop_transfer_action back_off(hop_transfer *t, bool progressed)
{
    /* Whether an upload came further, its registry says: not before STATUS. */
    bool is_upload = is_uploading(t->state);
    return wait_for(t, retry_state(t->state), is_upload ? &t->rounds : &t->attempts,
                    progressed && !is_upload);
}

static hop_transfer_action begin_anew(hop_transfer *t)
{
    t->may_be_stored = false;
    return wait_for(t, HOP_ST_OPEN, &t->rounds, false);
}

static hop_transfer_action unauthorized(hop_transfer *t)
{
    /* A mount may be refused for want of rights at its source, which no token cures. */
    if (t->refusals >= (t->state == HOP_ST_MOUNT ? 1u : MAX_REFUSALS)) {
        if (t->state != HOP_ST_MOUNT)
            return fail(t);
        t->refusals = 0;
        return go(t, HOP_ST_OPEN, HOP_DO_ASK);
    }
    t->refusals++;
    t->back = retry_state(t->state);
    return go(t, HOP_ST_AUTH, HOP_DO_NEW_TOKEN);
}

static hop_transfer_action mismatch(hop_transfer *t)
{
    if (++t->mismatches > 1)
        return fail(t);
    t->may_be_stored = false;
    t->back = t->kind == HOP_TRANSFER_PUSH ? HOP_ST_OPEN : HOP_ST_ASKING;
    return go(t, HOP_ST_WAIT, HOP_DO_BACK_OFF);
}

static hop_transfer_action hold(hop_transfer *t, bool progressed)
{
    t->breaks = progressed ? 1 : t->breaks + 1;
    if (progressed)
        t->refusals = 0;
    if (t->breaks >= t->max_attempts)
        return fail(t);
    return go(t, HOP_ST_REJOIN, HOP_DO_HOLD);
}

static hop_transfer_action resume_with_token(hop_transfer *t)
{
    if (t->refusals >= MAX_REFUSALS)
        return fail(t);
    t->refusals++;
    return go(t, HOP_ST_COPY, HOP_DO_RESUME);
}

static hop_transfer_action shrink(hop_transfer *t)
{
    if (++t->shrinks > MAX_SHRINKS)
        return fail(t);
    return go(t, HOP_ST_STATUS, HOP_DO_ASK);
}

static hop_transfer_action go_on(hop_transfer *t, bool progressed)
{
    if (progressed)
        t->rounds = 0;
    t->may_be_stored = false;
    return advance(t, HOP_ST_COPY, HOP_DO_STREAM);
}

/* The registry corrects us in the middle of an upload. */
static hop_transfer_action correct(hop_transfer *t, bool progressed)
{
    if (++t->rounds >= t->max_attempts)
        return fail(t);
    return go_on(t, progressed);
}

static hop_transfer_action feed_download(hop_transfer *t, hop_transfer_event e,
                                         bool progressed)
{
    if (t->state == HOP_ST_REJOIN)
        return e == HOP_EV_TIMER ? go(t, HOP_ST_COPY, HOP_DO_RESUME) : fail(t);
    if (t->state == HOP_ST_COMMIT)
        return fail(t);
    if (e == HOP_EV_VERIFIED) {
        t->may_be_stored = true;
        return advance(t, HOP_ST_COMMIT, HOP_DO_RELEASE);
    }
    if (e == HOP_EV_BROKEN)
        return hold(t, progressed);
    if (e == HOP_EV_NO_SOURCE)
        return resume_with_token(t);
    return e == HOP_EV_MISMATCH ? mismatch(t) : fail(t);
}

static hop_transfer_action feed_upload(hop_transfer *t, hop_transfer_event e,
                                       bool progressed)
{
    if (e == HOP_EV_PIECE)
        return go(t, t->state, HOP_DO_PIECE);
    if (e == HOP_EV_TOO_LARGE)
        return shrink(t);
    if (e == HOP_EV_OFFSET)
        return correct(t, progressed);
    if (e == HOP_EV_SPOILED)
        return begin_anew(t);
    if (t->state == HOP_ST_COMMIT && e == HOP_EV_STORED)
        return advance(t, HOP_ST_DONE, HOP_DO_FINISH);
    if (t->state == HOP_ST_COMMIT && e == HOP_EV_ALL_SENT)
        return advance(t, HOP_ST_CLOSE, HOP_DO_ASK);
    return feed_download(t, e, progressed);
}

static hop_transfer_action feed_status(hop_transfer *t, hop_transfer_event e,
                                       bool progressed)
{
    if (e == HOP_EV_OFFSET)
        return go_on(t, progressed);
    if (e == HOP_EV_ALL_SENT)
        return advance(t, HOP_ST_CLOSE, HOP_DO_ASK);
    if (e != HOP_EV_ABSENT)
        return fail(t);
    hop_transfer_state next = t->may_be_stored ? HOP_ST_PROBE : HOP_ST_OPEN;
    t->may_be_stored = false;
    return advance(t, next, HOP_DO_ASK);
}

static hop_transfer_action feed_close(hop_transfer *t, hop_transfer_event e)
{
    if (e == HOP_EV_STORED)
        return advance(t, HOP_ST_DONE, HOP_DO_FINISH);
    if (e == HOP_EV_SPOILED)
        return begin_anew(t);
    if (e != HOP_EV_ABSENT || ++t->rounds >= t->max_attempts)
        return fail(t);
    t->may_be_stored = false;
    return advance(t, HOP_ST_PROBE, HOP_DO_ASK);
}

static hop_transfer_action feed_question(hop_transfer *t, hop_transfer_event e)
{
    if (e == HOP_EV_PRESENT)
        return advance(t, HOP_ST_DONE, HOP_DO_FINISH);
    if (t->state == HOP_ST_PROBE && e == HOP_EV_ABSENT)
        return advance(t, t->can_mount ? HOP_ST_MOUNT : HOP_ST_OPEN, HOP_DO_ASK);
    if (t->state == HOP_ST_MOUNT && e == HOP_EV_REFUSED)
        return advance(t, HOP_ST_OPEN, HOP_DO_ASK);
    if (t->state != HOP_ST_PROBE && e == HOP_EV_SESSION)
        return advance(t, HOP_ST_COPY, HOP_DO_STREAM);
    return fail(t);
}

static hop_transfer_action feed_single(hop_transfer *t, hop_transfer_event e,
                                       bool progressed)
{
    if (e == HOP_EV_ANSWERED)
        return advance(t, HOP_ST_DONE, HOP_DO_FINISH);
    if (e == HOP_EV_BROKEN)
        return back_off(t, progressed);
    return e == HOP_EV_MISMATCH ? mismatch(t) : fail(t);
}

static hop_transfer_action feed_state(hop_transfer *t, hop_transfer_event e,
                                      bool progressed)
{
    switch (t->state) {
    case HOP_ST_IDLE:
        return e == HOP_EV_START ? go(t, first_state(t), HOP_DO_ASK) : fail(t);
    case HOP_ST_ASKING:
        return feed_single(t, e, progressed);
    case HOP_ST_PROBE:
    case HOP_ST_MOUNT:
    case HOP_ST_OPEN:
        return feed_question(t, e);
    case HOP_ST_COPY:
    case HOP_ST_REJOIN:
    case HOP_ST_COMMIT:
        return feed_upload(t, e, progressed);
    case HOP_ST_STATUS:
        return feed_status(t, e, progressed);
    case HOP_ST_CLOSE:
        return feed_close(t, e);
    case HOP_ST_AUTH:
        return e == HOP_EV_TOKEN ? go(t, t->back, HOP_DO_ASK) : fail(t);
    case HOP_ST_WAIT:
        return e == HOP_EV_TIMER ? go(t, t->back, HOP_DO_ASK) : fail(t);
    case HOP_ST_DONE:
    case HOP_ST_FAILED:
        break;
    }
    return HOP_DO_NOTHING;
}

hop_transfer_action hop_transfer_feed(hop_transfer *t, hop_transfer_event event,
                                      bool progressed)
{
    if (hop_transfer_is_over(t))
        return HOP_DO_NOTHING;
    if (event == HOP_EV_FATAL || event == HOP_EV_CANCEL)
        return fail(t);
    if (event == HOP_EV_TRANSIENT)
        return back_off(t, progressed);
    if (event == HOP_EV_UNAUTHORIZED && t->state != HOP_ST_AUTH &&
        t->state != HOP_ST_WAIT)
        return unauthorized(t);
    return feed_state(t, event, progressed);
}

bool hop_transfer_is_over(const hop_transfer *t)
{
    return t->state == HOP_ST_DONE || t->state == HOP_ST_FAILED;
}

bool hop_transfer_keeps_session(const hop_transfer *t)
{
    return (t->state == HOP_ST_WAIT || t->state == HOP_ST_AUTH) &&
           (t->back == HOP_ST_STATUS || t->back == HOP_ST_CLOSE);
}

unsigned hop_transfer_get_failures(const hop_transfer *t)
{
    unsigned most = t->attempts > t->rounds ? t->attempts : t->rounds;
    return t->breaks > most ? t->breaks : most;
}

const char *hop_transfer_state_name(hop_transfer_state s)
{
    static const char *const names[] = {"idle", "asking", "probe",  "mount",  "open",
                                        "copy", "rejoin", "commit", "status", "close",
                                        "auth", "wait",   "done",   "failed"};
    return names[s];
}
