/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine.h"

#include "engine_private.h"
#include "hop_media_disk.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A registry that is restarted or moved, a link that is down for a coffee. */
#define DEFAULT_OUTAGE_S 300

static uint64_t clock_ms(void)
{
    struct timespec t = {0};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

hop_engine *hop_engine_new(const hop_engine_opts *opts)
{
    hop_engine *e = hop_alloc(1, sizeof(*e));
    e->opts = *opts;
    if (e->opts.outage_s == 0)
        e->opts.outage_s = DEFAULT_OUTAGE_S;
    e->http = hop_http_new("oc-hop/" HOP_VERSION);
    e->random = opts->seed | 1;
    e->now_ms = clock_ms();
    return e;
}

void hop_engine_free(hop_engine *e)
{
    if (!e)
        return;
    hop_http_free(e->http);
    while (e->lanes) {
        hop_lane *next = e->lanes->next;
        hop_by_size_clear(&e->lanes->pushes);
        hop_endpoint_free(e->lanes->endpoint);
        free(e->lanes);
        e->lanes = next;
    }
    hop_pipes_clear(&e->pipes);
    free(e);
}

hop_lane *hop_engine_lane(hop_engine *e, hop_endpoint *endpoint)
{
    hop_lane *l = e->lanes;
    while (l->endpoint != endpoint)
        l = l->next;
    return l;
}

hop_endpoint *hop_engine_get_endpoint(hop_engine *e, const hop_side_state *side,
                                      const char *host)
{
    for (hop_lane *l = e->lanes; l; l = l->next)
        if (l->endpoint->side == side && strcmp(l->endpoint->host, host) == 0)
            return l->endpoint;
    hop_lane *l = hop_alloc(1, sizeof(*l));
    l->endpoint = hop_endpoint_new(side, host, e->opts.jobs);
    l->next = e->lanes;
    e->lanes = l;
    return l->endpoint;
}

void hop_engine_log(const hop_engine *e, hop_mirror_event_kind kind, const char *fmt, ...)
{
    if (!e->opts.event)
        return;
    va_list ap;
    va_start(ap, fmt);
    HOP_AUTO_STR text = hop_vsprintf(fmt, ap);
    va_end(ap);
    e->opts.event(e->opts.user, &(hop_mirror_event){.kind = kind, .text = text});
}

/* ---- queues ---- */

void hop_engine_enqueue(hop_job *job)
{
    hop_lane *l = hop_engine_lane(job->engine, job->at);
    if (job->kind == HOP_JOB_PING || job->kind == HOP_JOB_TOKEN)
        hop_fifo_add(&l->urgent, job);
    else if (job->todo == HOP_DO_STREAM || job->todo == HOP_DO_RESUME)
        hop_fifo_add(&l->opened, job);
    else if (job->kind == HOP_JOB_BLOB_PUSH && job->stage == HOP_STAGE_QUEUED)
        hop_by_size_add(&l->pushes, job);
    else
        hop_fifo_add(&l->calls[job->priority], job);
}

void hop_engine_unpark(hop_engine *e, hop_endpoint *endpoint)
{
    hop_lane *l = hop_engine_lane(e, endpoint);
    hop_fifo waiting = l->parked;
    l->parked = (hop_fifo){0};
    hop_job *job = NULL;
    while ((job = hop_fifo_take(&waiting)))
        hop_engine_enqueue(job);
}

void hop_engine_sleep(hop_job *job, uint64_t wait_ms)
{
    job->due_ms = job->engine->now_ms + wait_ms;
    hop_fifo_add(&job->engine->sleeping, job);
    job->engine->stats.waiting = job->engine->sleeping.len;
}

static void wake(hop_engine *e)
{
    hop_fifo asleep = e->sleeping;
    e->sleeping = (hop_fifo){0};
    hop_job *job = NULL;
    while ((job = hop_fifo_take(&asleep))) {
        if (job->due_ms > e->now_ms)
            hop_fifo_add(&e->sleeping, job);
        else
            hop_engine_feed(job, HOP_EV_TIMER, false);
    }
    e->stats.waiting = e->sleeping.len;
}

static hop_job *next_call(hop_lane *l)
{
    hop_job *job = NULL;
    for (size_t i = 0; i < HOP_COUNT_OF(l->calls) && !job; i++)
        job = hop_fifo_take(&l->calls[i]);
    return job;
}

/* Half of the streams work from the largest blob down, the others from the smallest up.
 */
static hop_job *next_push(hop_lane *l)
{
    bool wants_large = l->large < (l->endpoint->limit + 1) / 2;
    return hop_by_size_take(&l->pushes, wants_large ? HOP_END_LARGEST : HOP_END_SMALLEST);
}

static bool may_stream(const hop_engine *e, const hop_job *job)
{
    if (job->stage == HOP_STAGE_STREAMING)
        return true; /* a download that goes on keeps its slots */
    return hop_endpoint_may_stream(job->at, e->now_ms) &&
           (!job->source.endpoint ||
            hop_endpoint_may_stream(job->source.endpoint, e->now_ms));
}

static size_t dispatch_streams(hop_engine *e, hop_lane *l)
{
    size_t count = 0;
    hop_fifo opened = l->opened;
    l->opened = (hop_fifo){0};
    hop_job *job = NULL;
    while ((job = hop_fifo_take(&opened))) {
        if (may_stream(e, job)) {
            hop_engine_run(job);
            count++;
        } else {
            hop_fifo_add(&l->opened, job);
        }
    }
    return count;
}

static size_t dispatch_lane(hop_engine *e, hop_lane *l)
{
    size_t count = 0;
    hop_job *job = NULL;
    while ((job = hop_fifo_take(&l->urgent))) {
        hop_engine_run(job);
        count++;
    }
    count += dispatch_streams(e, l);
    while (hop_endpoint_may_call(l->endpoint, e->now_ms) && (job = next_call(l))) {
        hop_engine_run(job);
        count++;
    }
    while (l->ahead < l->endpoint->limit && !e->is_cancelled &&
           hop_endpoint_may_call(l->endpoint, e->now_ms) && (job = next_push(l))) {
        hop_engine_run(job);
        count++;
    }
    return count;
}

static void dispatch(hop_engine *e)
{
    size_t count = 1;
    while (count > 0) {
        count = 0;
        for (hop_lane *l = e->lanes; l; l = l->next)
            count += dispatch_lane(e, l);
    }
}

static void unlink_live(hop_engine *e, hop_job *job)
{
    if (job->live_previous)
        job->live_previous->live_next = job->live_next;
    else
        e->live = job->live_next;
    if (job->live_next)
        job->live_next->live_previous = job->live_previous;
}

static void give_back(hop_engine *e)
{
    hop_job *job = NULL;
    while ((job = hop_fifo_take(&e->over))) {
        unlink_live(e, job);
        job->done(job->user, job);
    }
}

/* ---- the loop ---- */

void hop_engine_submit(hop_engine *e, hop_job *job)
{
    job->engine = e;
    job->machine = (hop_transfer){
        .kind = job->kind == HOP_JOB_BLOB_PUSH ? HOP_TRANSFER_PUSH : HOP_TRANSFER_SINGLE,
        .probe = job->probe,
        .can_mount = job->mount_from != NULL,
        .max_attempts = e->opts.attempts,
    };
    job->stop_error = NULL;
    job->live_previous = NULL;
    job->live_next = e->live;
    if (e->live)
        e->live->live_previous = job;
    e->live = job;
    if (e->is_cancelled)
        hop_engine_feed(job, HOP_EV_CANCEL, false);
    else
        hop_engine_feed(job, HOP_EV_START, false);
}

/* Credential helpers are programs: others are not kept waiting by them. */
#define HELPER_EVERY_MS 20

static void step_helpers(hop_engine *e)
{
    for (hop_lane *l = e->lanes; l; l = l->next) {
        if (!hop_endpoint_step_helpers(l->endpoint, e->now_ms))
            continue;
        hop_engine_log_note(e, l->endpoint);
        hop_engine_unpark(e, l->endpoint);
    }
}

/* How long the loop may sleep: until the first timer, or a host's pause, ends. */
static int poll_time(const hop_engine *e, int timeout_ms)
{
    uint64_t until = e->now_ms + (uint64_t)timeout_ms;
    for (const hop_job *job = e->sleeping.head; job; job = job->next)
        if (job->due_ms < until)
            until = job->due_ms;
    for (const hop_lane *l = e->lanes; l; l = l->next)
        if (l->endpoint->blocked_until_ms > e->now_ms &&
            l->endpoint->blocked_until_ms < until)
            until = l->endpoint->blocked_until_ms;
    for (const hop_lane *l = e->lanes; l; l = l->next)
        if (hop_endpoint_has_helper(l->endpoint) && until > e->now_ms + HELPER_EVERY_MS)
            until = e->now_ms + HELPER_EVERY_MS;
    return until > e->now_ms ? (int)(until - e->now_ms) : 0;
}

static void cancel_queue(hop_fifo *q)
{
    hop_fifo jobs = *q;
    *q = (hop_fifo){0};
    hop_job *job = NULL;
    while ((job = hop_fifo_take(&jobs)))
        hop_engine_feed(job, HOP_EV_CANCEL, false);
}

/* After a request to stop: what would take longer does not count as nearly done. */
#define FINISHED_WITHIN_MS 5000
/* … and what was expected to be quicker is not waited for any longer. */
#define STOPPED_WITHIN_MS 15000

/* By the speed that it had so far. */
static bool is_nearly_moved(const hop_job *job, uint64_t now_ms)
{
    if (job->sent == 0)
        return false;
    uint64_t at = job->kind == HOP_JOB_BLOB_FETCH ? job->got : job->sent;
    double passed_ms = (double)(now_ms - job->stream_ms) + 1;
    double left = (double)(job->size_bytes - at);
    return left * passed_ms / (double)job->sent < FINISHED_WITHIN_MS;
}

/* Something is made by the request, or opened and then to be cancelled. A host that was
 * silent for so long may stay so. */
static bool is_soon_answered(const hop_job *job, uint64_t now_ms)
{
    return now_ms - job->asked_ms < FINISHED_WITHIN_MS;
}

static bool is_push_nearly_done(const hop_job *job, uint64_t now_ms)
{
    if (job->stage == HOP_STAGE_STREAMING)
        return is_nearly_moved(job, now_ms);
    switch (job->machine.state) {
    case HOP_ST_MOUNT:
    case HOP_ST_OPEN:
        return is_soon_answered(job, now_ms);
    case HOP_ST_CLOSE:
        return true; /* all of it is there */
    case HOP_ST_IDLE:
    case HOP_ST_ASKING:
    case HOP_ST_PROBE:
    case HOP_ST_COPY:
    case HOP_ST_REJOIN:
    case HOP_ST_COMMIT:
    case HOP_ST_STATUS:
    case HOP_ST_AUTH:
    case HOP_ST_WAIT:
    case HOP_ST_DONE:
    case HOP_ST_FAILED:
        break;
    }
    return false;
}

/* Nothing comes of the answer to a mere question any more: what it was asked for will not
 * begin. */
static bool is_nearly_done(const hop_job *job, uint64_t now_ms)
{
    switch (job->kind) {
    case HOP_JOB_PING:
    case HOP_JOB_TOKEN:
    case HOP_JOB_TAGS:
    case HOP_JOB_MANIFEST_HEAD:
    case HOP_JOB_MANIFEST_GET:
    case HOP_JOB_BLOB_HEAD:
        return false;
    case HOP_JOB_MANIFEST_PUT:
    case HOP_JOB_PUSH_RIGHT:
        return is_soon_answered(job, now_ms);
    case HOP_JOB_BLOB_FETCH:
        return job->media && is_nearly_moved(job, now_ms);
    case HOP_JOB_BLOB_PUSH:
        return is_push_nearly_done(job, now_ms);
    }
    return false;
}

static void cancel_live(hop_engine *e)
{
    bool is_late = e->now_ms - e->cancelled_ms > STOPPED_WITHIN_MS;
    for (hop_job *job = e->live; job; job = job->live_next)
        if (e->is_stopped || is_late || !is_nearly_done(job, e->now_ms))
            hop_engine_feed(job, HOP_EV_CANCEL, false);
}

/* What has not begun never will. */
static void cancel_waiting(hop_engine *e)
{
    cancel_queue(&e->sleeping);
    for (hop_lane *l = e->lanes; l; l = l->next) {
        hop_job *job = NULL;
        while ((job = hop_by_size_take(&l->pushes, HOP_END_LARGEST)))
            hop_engine_feed(job, HOP_EV_CANCEL, false);
        cancel_queue(&l->urgent);
        for (size_t i = 0; i < HOP_COUNT_OF(l->calls); i++)
            cancel_queue(&l->calls[i]);
        cancel_queue(&l->parked);
        cancel_queue(&l->opened);
    }
    cancel_live(e);
}

void hop_engine_step(hop_engine *e, int timeout_ms)
{
    e->now_ms = clock_ms();
    if (e->is_cancelled)
        cancel_waiting(e);
    else
        wake(e);
    step_helpers(e);
    give_back(e);
    dispatch(e);
    give_back(e);
    bool has_work = e->over.head != NULL || !e->live;
    hop_http_step(e->http, has_work ? 0 : poll_time(e, timeout_ms));
    e->now_ms = clock_ms();
    give_back(e);
}

bool hop_engine_is_busy(const hop_engine *e)
{
    return e->live || e->farewells > 0;
}

void hop_engine_cancel(hop_engine *e, hop_cancel how)
{
    if (!e->is_cancelled)
        e->cancelled_ms = clock_ms();
    e->is_cancelled = true;
    e->is_stopped = e->is_stopped || how == HOP_CANCEL_NOW;
}

void hop_engine_abandon(hop_engine *e)
{
    hop_engine_cancel(e, HOP_CANCEL_NOW);
    for (hop_job *job = e->live; job; job = job->live_next) {
        hop_http_cancel(hop_steal(&job->up));
        hop_http_cancel(hop_steal(&job->down));
        hop_pipes_give(&e->pipes, &job->pipe);
        hop_hash_free(hop_steal(&job->hash));
        hop_media_reader_free(hop_steal(&job->reader));
        free(hop_steal(&job->session));
        hop_error_drop(&job->stop_error);
        hop_strings_clear(&job->up_headers);
        hop_strings_clear(&job->down_headers);
    }
}

hop_engine_stats hop_engine_get_stats(const hop_engine *e)
{
    return e->stats;
}
