/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine_private.h"
#include "hop_media_disk.h"
#include "media_sink.h"

#include <stdlib.h>
#include <string.h>

/* Refusals by a place that a registry sent us to; more than these mean it. */
#define MAX_STRAYS 3u

/* ---- download: GET of a blob, into the pipe or into a spool ---- */

static hop_take stop(hop_job *job, hop_transfer_event why, hop_status s, const char *text)
{
    job->stop = why;
    hop_error_drop(&job->stop_error);
    (void)!hop_error_set(&job->stop_error, s, "GET blob %s: %s", job->digest.text, text);
    return HOP_TAKE_STOP;
}

/* The first bytes of a connection: do they continue what is there? A whole body does,
 * when its begin is passed over. */
static bool check_start(hop_job *job, const hop_answer *a)
{
    job->is_checked = true;
    job->skip = a->status == 206 ? 0 : job->got;
    return a->status != 206 ||
           hop_registry_range_fits(a->content_range, job->got, job->size_bytes);
}

/* What comes a second time, as the upload went back, is in the hash already. */
static void hash(hop_job *job, const char *data, size_t len)
{
    uint64_t known = job->hashed > job->got ? job->hashed - job->got : 0;
    if (known >= len)
        return;
    hop_hash_update(job->hash, data + known, len - (size_t)known);
    job->hashed = job->got + len;
}

static void count_bytes(hop_job *job, size_t len)
{
    hop_endpoint *from = job->source.endpoint ? job->source.endpoint : job->at;
    hop_endpoint_note_bytes(from, len, job->engine->now_ms);
    hop_patience_note(&from->patience, job->engine->now_ms);
    if (from->side->side == HOP_SIDE_SOURCE)
        job->engine->stats.source_bytes += len;
}

static hop_status write_down(hop_job *job, const char *data, size_t len, hop_error **err)
{
    if (!job->media && !job->spool)
        return HOP_OK; /* it is only to be hashed */
    if (!job->media)
        return hop_spool_write(job->spool, job->got, data, len, err);
    job->sent += len;
    job->engine->stats.sent_bytes += len;
    return hop_media_blob_write(job->media, job->got, data, len, err);
}

static hop_take take_blob(void *user, const hop_answer *a, const char *data, size_t len)
{
    hop_job *job = user;
    if (!job->is_checked && !check_start(job, a)) {
        job->avoids_range = true;
        return stop(job, HOP_EV_BROKEN, HOP_E_NET,
                    "the server does not go on where the download broke");
    }
    size_t passed = job->skip < len ? (size_t)job->skip : len;
    size_t all = len;
    data += passed;
    len -= passed;
    if (len > job->size_bytes - job->got)
        return stop(job, HOP_EV_MISMATCH, HOP_E_DIGEST,
                    "it is longer than its descriptor says");
    if (len == 0) {
        /* All of it is known. */
    } else if (job->pipe) {
        if (!hop_pipe_offer(job->pipe, data, len))
            return HOP_TAKE_AGAIN;
        hop_http_resume(job->up);
    } else {
        hop_error *error = NULL;
        if (write_down(job, data, len, &error) != HOP_OK) {
            hop_error_drop(&job->stop_error);
            job->stop_error = error;
            job->stop = HOP_EV_FATAL;
            return HOP_TAKE_STOP;
        }
    }
    hash(job, data, len);
    job->got += len;
    job->skip -= passed;
    count_bytes(job, all);
    return HOP_TAKE_ALL;
}

static hop_transfer_event judge_whole(hop_job *job, const hop_answer *a)
{
    hop_error *error = NULL;
    if (job->got < job->size_bytes) {
        bool was_cut = a->content_length < 0;
        (void)!hop_error_set(&error, was_cut ? HOP_E_NET : HOP_E_DIGEST,
                             "GET %s: %llu bytes came, the descriptor says %llu",
                             job->url, (unsigned long long)job->got,
                             (unsigned long long)job->size_bytes);
        hop_job_set_error(job, &error);
        return was_cut ? HOP_EV_BROKEN : HOP_EV_MISMATCH;
    }
    hop_transfer_event good =
        job->machine.kind == HOP_TRANSFER_PUSH ? HOP_EV_VERIFIED : HOP_EV_ANSWERED;
    if (job->is_verified)
        return good;
    hop_digest got = hop_hash_finish(job->hash);
    job->is_verified = hop_digest_is_equal(&got, &job->digest);
    if (job->is_verified)
        return good;
    (void)!hop_error_set(&error, HOP_E_DIGEST, "GET %s: the blob's digest is %s",
                         job->url, got.text);
    hop_job_set_error(job, &error);
    return HOP_EV_MISMATCH;
}

static hop_transfer_event judge_download(hop_job *job, const hop_answer *a,
                                         const hop_endpoint *from)
{
    if (a->net == HOP_NET_STOPPED) {
        hop_job_set_error(job, &job->stop_error);
        return job->stop;
    }
    hop_transfer_event event = hop_registry_judge(HOP_REQ_BLOB_GET, a);
    /* A connection that broke after the last byte has broken nothing. */
    bool is_whole = a->net == HOP_NET_BROKEN && job->got == job->size_bytes;
    if (event == HOP_EV_ANSWERED || is_whole)
        return judge_whole(job, a);
    hop_job_set_answer_error(job, HOP_GET, job->request_url, from, a);
    if (event == HOP_EV_TRANSIENT)
        return HOP_EV_BROKEN;
    if (a->status == 416 && job->got > 0 && !job->avoids_range) {
        job->avoids_range = true;
        return HOP_EV_BROKEN;
    }
    /* A signed URL has its hour: the registry hands out a new one. */
    if (a->is_redirected && a->status >= 400 && ++job->strays <= MAX_STRAYS)
        return HOP_EV_BROKEN;
    if (event == HOP_EV_UNAUTHORIZED && a->is_redirected)
        return HOP_EV_FATAL;
    if (event == HOP_EV_UNAUTHORIZED && job->kind == HOP_JOB_BLOB_PUSH)
        return HOP_EV_NO_SOURCE;
    return event;
}

static void on_download(void *user, hop_answer *a)
{
    hop_job *job = user;
    hop_endpoint *from = job->source.endpoint ? job->source.endpoint : job->at;
    job->down = NULL;
    hop_engine_release_call(job);
    hop_job_note_answer(job, HOP_GET, job->request_url, from, a);
    hop_transfer_event event = judge_download(job, a, from);
    job->is_source_refused = event == HOP_EV_NO_SOURCE;
    if (job->is_source_refused)
        hop_engine_reject_pass(job);
    if (event == HOP_EV_MISMATCH)
        job->stop = event;
    job->has_source_failed = event != HOP_EV_VERIFIED && event != HOP_EV_ANSWERED;
    hop_engine_feed(job, event, job->got > job->got_mark);
}

static void start_download(hop_job *job, hop_endpoint *from, const char *repository)
{
    free(job->request_url);
    job->request_url = hop_registry_blob_url(from->base, repository, &job->digest);
    hop_strings_clear(&job->down_headers);
    hop_pass_add_header(job->kind == HOP_JOB_BLOB_PUSH ? job->source_pass : job->pass,
                        &job->down_headers);
    job->is_checked = false;
    hop_strings_add(&job->down_headers, "Accept-Encoding: identity");
    if (job->got > 0 && !job->avoids_range) {
        char *range = hop_sprintf("Range: bytes=%llu-", (unsigned long long)job->got);
        hop_strings_take(&job->down_headers, &range);
    }
    hop_http_request r = {
        .method = HOP_GET,
        .url = job->request_url,
        .headers = &job->down_headers,
        .tls = &from->tls,
        .stall_s = job->engine->opts.stall_s,
        .is_fresh = job->machine.mismatches > 0,
        .write = take_blob,
        .done = on_download,
        .user = job,
    };
    job->engine->stats.requests++;
    job->down = hop_http_submit(job->engine->http, &r);
}

static void begin_download(hop_job *job)
{
    hop_hash_restart(job->hash);
    job->engine->stats.sent_bytes -= job->sent;
    job->sent = job->got = job->hashed = 0;
    job->stream_ms = 0;
    job->stop = HOP_EV_START;
}

/* A fetch into a spool, from its start or where it broke; or the download of a push that
 * goes on. */
void hop_job_download(hop_job *job)
{
    bool is_push = job->kind == HOP_JOB_BLOB_PUSH;
    hop_endpoint *from = is_push ? job->source.endpoint : job->at;
    const char *repository = is_push ? job->source.repository : job->repository;
    hop_gate gate = is_push ? hop_engine_gate_source(job) : hop_engine_gate(job, NULL);
    if (gate != HOP_GATE_GO)
        return;
    if (!is_push) {
        if (!job->hash)
            job->hash = hop_hash_new_like(&job->digest);
        if (job->stop == HOP_EV_MISMATCH || job->got == 0)
            begin_download(job);
        if (job->stream_ms == 0)
            job->stream_ms = job->engine->now_ms;
        job->call_at = from;
        from->calls++;
    }
    start_download(job, from, repository);
}

/* ---- both ends of a push ---- */

static bool is_empty_blob_right(hop_job *job)
{
    HOP_AUTO(hop_hash) h = hop_hash_new_like(&job->digest);
    hop_digest d = hop_hash_finish(h);
    if (hop_digest_is_equal(&d, &job->digest))
        return true;
    hop_error *error = NULL;
    (void)!hop_error_set(&error, HOP_E_DIGEST, "blob %s cannot be empty",
                         job->digest.text);
    hop_job_set_error(job, &error);
    return false;
}

/* An upload that begins anew is hashed anew. */
static bool open_media(hop_job *job)
{
    hop_error *error = NULL;
    hop_media_reader_free(hop_steal(&job->reader));
    if (hop_media_disk_open_blob(job->source.disk, &job->digest, &job->reader, &error) ==
            HOP_OK &&
        hop_media_reader_get_size(job->reader) != job->size_bytes)
        (void)!hop_error_set(&error, HOP_E_DIGEST,
                             "read blob %s from the media: it has %llu bytes, not %llu",
                             job->digest.text,
                             (unsigned long long)hop_media_reader_get_size(job->reader),
                             (unsigned long long)job->size_bytes);
    if (error) {
        hop_job_set_error(job, &error);
        hop_engine_feed(job, HOP_EV_FATAL, false);
        return false;
    }
    if (!job->hash)
        job->hash = hop_hash_new_like(&job->digest);
    if (job->offset == 0) {
        hop_hash_restart(job->hash);
        job->hashed = 0;
    }
    return true;
}

void hop_job_stream(hop_job *job)
{
    hop_endpoint *from = job->size_bytes > 0 ? job->source.endpoint : NULL;
    if (job->size_bytes == 0 && !is_empty_blob_right(job)) {
        hop_engine_feed(job, HOP_EV_FATAL, false);
        return;
    }
    if (from && hop_engine_gate_source(job) != HOP_GATE_GO)
        return;
    if (hop_engine_gate(job, NULL) != HOP_GATE_GO)
        return;
    hop_engine_set_stage(job, HOP_STAGE_STREAMING);
    if (job->source.disk && job->size_bytes > 0 && !open_media(job))
        return;
    if (from) {
        job->pipe = hop_pipes_take(&job->engine->pipes, HOP_PIPE_BYTES);
        hop_pipe_restart(job->pipe, job->size_bytes - job->offset);
        if (!job->hash)
            job->hash = hop_hash_new_like(&job->digest);
        if (job->hashed == 0)
            hop_hash_restart(job->hash);
        job->got = job->got_mark = job->offset;
    }
    job->engine->stats.sent_bytes -= job->sent - job->offset;
    job->sent = job->offset;
    job->stream_ms = job->engine->now_ms;
    hop_job_upload(job);
    if (!from) {
        hop_engine_feed(job, HOP_EV_VERIFIED, false);
        return;
    }
    start_download(job, from, job->source.repository);
}
