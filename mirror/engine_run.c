/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine_private.h"
#include "hop_media_disk.h"

#include <stdlib.h>
#include <string.h>

/* ---- slots ---- */

static bool is_large(const hop_job *job)
{
    return job->size_bytes >= HOP_LARGE_BLOB;
}

static void take_streams(hop_job *job)
{
    job->at->streams++;
    job->holds_source = job->source.endpoint != NULL;
    if (job->holds_source)
        job->source.endpoint->streams++;
    job->engine->stats.streams++;
}

static void leave_streams(hop_job *job)
{
    job->at->streams--;
    if (job->holds_source)
        job->source.endpoint->streams--;
    job->holds_source = false;
    job->engine->stats.streams--;
}

void hop_engine_set_stage(hop_job *job, hop_stage stage)
{
    if (job->stage == stage)
        return;
    hop_lane *l = hop_engine_lane(job->engine, job->at);
    if (job->stage == HOP_STAGE_AHEAD)
        l->ahead--;
    if (job->stage == HOP_STAGE_STREAMING)
        leave_streams(job);
    if (job->stage == HOP_STAGE_QUEUED && is_large(job))
        l->large++;
    if (stage == HOP_STAGE_QUEUED && is_large(job))
        l->large--;
    if (stage == HOP_STAGE_AHEAD)
        l->ahead++;
    if (stage == HOP_STAGE_STREAMING)
        take_streams(job);
    job->stage = stage;
}

void hop_engine_release_call(hop_job *job)
{
    if (job->call_at)
        job->call_at->calls--;
    job->call_at = NULL;
}

/* ---- actions ---- */

static void stop_requests(hop_job *job)
{
    hop_http_cancel(hop_steal(&job->up));
    hop_http_cancel(hop_steal(&job->down));
    hop_engine_release_call(job);
}

static void drop_session(hop_job *job)
{
    hop_job_say_goodbye(job);
    free(hop_steal(&job->session));
    hop_pipes_give(&job->engine->pipes, &job->pipe);
}

void hop_job_forget_upload(hop_job *job)
{
    drop_session(job);
    job->engine->stats.sent_bytes -= job->sent;
    job->sent = job->offset = job->hashed = 0;
    job->is_verified = false;
}

static void finish(hop_job *job)
{
    bool is_done = job->machine.state == HOP_ST_DONE;
    stop_requests(job);
    if (is_done)
        free(hop_steal(&job->session));
    drop_session(job);
    if (job->kind == HOP_JOB_BLOB_PUSH)
        hop_engine_set_stage(job, HOP_STAGE_QUEUED);
    hop_hash_free(hop_steal(&job->hash));
    hop_media_reader_free(hop_steal(&job->reader));
    hop_strings_clear(&job->up_headers);
    hop_strings_clear(&job->down_headers);
    hop_error_drop(&job->stop_error);
    if (is_done) {
        hop_error_drop(&job->error);
        if (job->outcome == HOP_OUTCOME_PENDING)
            job->outcome = HOP_OUTCOME_OK;
    } else {
        job->outcome = HOP_OUTCOME_FAILED;
        if (!job->error)
            (void)!hop_error_set(&job->error, HOP_E_CANCELLED, "cancelled");
    }
    hop_fifo_add(&job->engine->over, job);
}

static uint64_t wait_time(hop_job *job)
{
    hop_engine *e = job->engine;
    uint64_t wait_ms =
        hop_back_off_ms(hop_transfer_get_failures(&job->machine), &e->random);
    /* What the host asked for wins over our own idea. */
    uint64_t blocked = job->at->blocked_until_ms;
    const hop_endpoint *source = job->source.endpoint;
    if (source && source->blocked_until_ms > blocked)
        blocked = source->blocked_until_ms;
    if (blocked > e->now_ms && blocked - e->now_ms > wait_ms)
        wait_ms = blocked - e->now_ms;
    return wait_ms;
}

static void back_off(hop_job *job)
{
    uint64_t wait_ms = wait_time(job);
    HOP_AUTO_VALUE(hop_buf) why = hop_buf_init(HOP_BUF_TEXT);
    hop_error_join(job->error, &why);
    job->engine->stats.retries++;
    hop_engine_log(job->engine, HOP_EVENT_RETRY, "again in %.1f s: %s",
                   (double)wait_ms / 1000, hop_buf_get(&why));
    hop_engine_sleep(job, wait_ms);
}

/* Bytes rest; the session stays where the transfer means to go on with it. */
static void begin_again(hop_job *job)
{
    stop_requests(job);
    if (job->kind != HOP_JOB_BLOB_PUSH)
        return;
    hop_engine_set_stage(job, HOP_STAGE_AHEAD);
    if (hop_transfer_keeps_session(&job->machine))
        hop_pipes_give(&job->engine->pipes, &job->pipe);
    else
        hop_job_forget_upload(job);
    job->got = 0;
}

/* Download and upload go on by themselves, so a job can wait for the one when the other
 * brings news: then it is that what counts. */
static void leave_queue(hop_job *job)
{
    if (job->queue)
        hop_fifo_remove(job->queue, job);
}

static void enqueue(hop_job *job, hop_transfer_action action)
{
    if (action != HOP_DO_RESUME && job->kind == HOP_JOB_BLOB_PUSH) {
        stop_requests(job);
        hop_pipes_give(&job->engine->pipes, &job->pipe);
    }
    job->todo = action;
    hop_engine_enqueue(job);
}

static void carry_out(hop_job *job, hop_transfer_action action)
{
    if (action != HOP_DO_NOTHING && action != HOP_DO_RELEASE && action != HOP_DO_PIECE)
        leave_queue(job);
    switch (action) {
    case HOP_DO_NOTHING:
        break;
    case HOP_DO_ASK:
    case HOP_DO_STREAM:
    case HOP_DO_RESUME:
        enqueue(job, action);
        break;
    case HOP_DO_RELEASE:
        if (job->pipe)
            hop_pipe_release(job->pipe);
        hop_http_resume(job->up);
        break;
    case HOP_DO_PIECE:
        hop_job_upload(job);
        break;
    case HOP_DO_HOLD:
        job->got_mark = job->got;
        back_off(job);
        break;
    case HOP_DO_BACK_OFF:
        begin_again(job);
        job->got_mark = job->got;
        back_off(job);
        break;
    case HOP_DO_NEW_TOKEN:
        hop_engine_reject_pass(job);
        begin_again(job);
        hop_engine_feed(job, HOP_EV_TOKEN, false);
        break;
    case HOP_DO_FINISH:
    case HOP_DO_FAIL:
        finish(job);
        break;
    }
}

/* ---- patience: what breaks as its host is away is not at fault ----
 *
 * A transfer fails after so many failures of one question. Those that come while the host
 * answers nobody do not count: then it is time that counts. */

#define SAY_AFTER_MS 10000

/* Whoever did not answer; NULL where nobody is waited for: the first answer of a host,
 * and whether it may be written to, are questions about a command line. */
static hop_patience *get_patience(const hop_job *job, hop_transfer_event event)
{
    if (job->kind == HOP_JOB_PING || job->kind == HOP_JOB_PUSH_RIGHT)
        return NULL;
    if (job->kind == HOP_JOB_TOKEN)
        return &job->at->token_patience;
    bool is_source = event == HOP_EV_BROKEN && job->source.endpoint;
    return is_source ? &job->source.endpoint->patience : &job->at->patience;
}

static void say_silent(hop_job *job, hop_patience *p, uint64_t silent_ms,
                       hop_transfer_event event)
{
    if (p->is_said || silent_ms < SAY_AFTER_MS)
        return;
    p->is_said = true;
    bool is_source = event == HOP_EV_BROKEN && job->source.endpoint;
    hop_engine_log(job->engine, HOP_EVENT_WARNING,
                   "%s%s is not to be had: it is tried again, for %u seconds at most",
                   job->kind == HOP_JOB_TOKEN ? "the token service of " : "",
                   is_source ? job->source.endpoint->host : job->at->host,
                   job->engine->opts.outage_s);
}

/* The host says no to this question, and had answers for others in the meantime. */
static bool is_its_own(const hop_job *job, const hop_patience *p)
{
    return job->http_status >= 400 && p->alive_ms > job->failed_from_ms;
}

/* Sets how many failures this one may be the last of. */
static void count_failure(hop_job *job, hop_transfer_event event, bool progressed)
{
    hop_patience *p = get_patience(job, event);
    if (!p || p->alive_ms == 0)
        return;
    const hop_engine *e = job->engine;
    bool is_first = progressed || job->failed_ms == 0;
    bool is_silent = !is_first && p->alive_ms <= job->failed_ms;
    if (is_first) {
        job->excused = 0;
        job->failed_from_ms = e->now_ms;
    }
    if (is_its_own(job, p))
        is_silent = false;
    job->excused += is_silent;
    job->failed_ms = e->now_ms;
    if (p->silent_from_ms == 0)
        p->silent_from_ms = e->now_ms;
    uint64_t silent_ms = e->now_ms - p->silent_from_ms;
    if (silent_ms >= (uint64_t)e->opts.outage_s * 1000) {
        job->machine.max_attempts = 1;
        return;
    }
    job->machine.max_attempts = e->opts.attempts + job->excused;
    say_silent(job, p, silent_ms, event);
}

void hop_engine_feed(hop_job *job, hop_transfer_event event, bool progressed)
{
    if (event == HOP_EV_TRANSIENT || event == HOP_EV_BROKEN)
        count_failure(job, event, progressed);
    else if (event != HOP_EV_TIMER && event != HOP_EV_TOKEN)
        job->failed_ms = 0;
    carry_out(job, hop_transfer_feed(&job->machine, event, progressed));
}

/* Begins what waited for its turn. */
void hop_engine_run(hop_job *job)
{
    if (job->todo == HOP_DO_ASK) {
        if (job->kind == HOP_JOB_BLOB_PUSH)
            hop_engine_set_stage(job, HOP_STAGE_AHEAD);
        hop_job_ask(job);
    } else if (job->todo == HOP_DO_RESUME) {
        hop_job_download(job);
    } else {
        hop_job_stream(job);
    }
}

void hop_job_clear(hop_job *job)
{
    hop_error_free(job->error);
    hop_buf_clear(&job->body);
    free(job->content_type);
    free(job->link);
    free(job->url);
    free(job->request_url);
    hop_strings_clear(&job->missing);
    hop_token_request_clear(&job->token);
    *job = (hop_job){0};
}

void hop_job_set_error(hop_job *job, hop_error **error)
{
    hop_error_free(job->error);
    job->error = hop_steal(error);
}
