/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine_private.h"
#include "hop_media_disk.h"
#include "media_sink.h"

#include <stdlib.h>
#include <string.h>

/* ---- download: GET of a blob, into the pipe or into a spool ---- */

static hop_take stop(hop_job *job, hop_transfer_event why, hop_status s, const char *text)
{
    job->stop = why;
    hop_error_drop(&job->stop_error);
    (void)!hop_error_set(&job->stop_error, s, "GET blob %s: %s", job->digest.text, text);
    return HOP_TAKE_STOP;
}

/* The first bytes of a connection: do they continue what is there? */
static bool is_continuation(const hop_job *job, const hop_answer *a)
{
    uint64_t start = 0;
    if (a->status == 206)
        return hop_registry_range_start(a->content_range, &start) && start == job->got;
    return job->got == 0;
}

static hop_status write_down(hop_job *job, const char *data, size_t len, hop_error **err)
{
    if (!job->media)
        return hop_spool_write(job->spool, job->got, data, len, err);
    job->sent += len;
    job->engine->stats.sent_bytes += len;
    return hop_media_blob_write(job->media, job->got, data, len, err);
}

static hop_take take_blob(void *user, const hop_answer *a, const char *data, size_t len)
{
    hop_job *job = user;
    if (!job->is_checked && !is_continuation(job, a))
        return stop(job, HOP_EV_NO_RANGE, HOP_E_NET,
                    "the server does not go on where the download broke");
    job->is_checked = true;
    if (len > job->size_bytes - job->got)
        return stop(job, HOP_EV_MISMATCH, HOP_E_DIGEST,
                    "it is longer than its descriptor says");
    if (job->pipe) {
        if (!hop_pipe_offer(job->pipe, data, len))
            return HOP_TAKE_AGAIN;
        hop_http_resume(job->up);
    } else if (job->spool || job->media) {
        hop_error *error = NULL;
        if (write_down(job, data, len, &error) != HOP_OK) {
            hop_error_drop(&job->stop_error);
            job->stop_error = error;
            job->stop = HOP_EV_FATAL;
            return HOP_TAKE_STOP;
        }
    }
    hop_hash_update(job->hash, data, len);
    job->got += len;
    hop_endpoint *from = job->source.endpoint ? job->source.endpoint : job->at;
    hop_endpoint_note_bytes(from, len, job->engine->now_ms);
    if (from->side->side == HOP_SIDE_SOURCE)
        job->engine->stats.source_bytes += len;
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
    hop_digest got = hop_hash_finish(job->hash);
    if (hop_digest_is_equal(&got, &job->digest))
        return job->machine.kind == HOP_TRANSFER_PUSH ? HOP_EV_VERIFIED : HOP_EV_ANSWERED;
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
    if (event == HOP_EV_ANSWERED)
        return judge_whole(job, a);
    hop_job_set_answer_error(job, HOP_GET, job->request_url, from, a);
    return event == HOP_EV_TRANSIENT ? HOP_EV_BROKEN : event;
}

static void on_download(void *user, hop_answer *a)
{
    hop_job *job = user;
    hop_endpoint *from = job->source.endpoint ? job->source.endpoint : job->at;
    job->down = NULL;
    hop_engine_release_call(job);
    hop_job_note_answer(job, HOP_GET, job->request_url, from, a);
    job->is_source_refused = a->status == 401 && job->kind == HOP_JOB_BLOB_PUSH;
    hop_transfer_event event = judge_download(job, a, from);
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
    if (job->got > 0) {
        char *range = hop_sprintf("Range: bytes=%llu-", (unsigned long long)job->got);
        hop_strings_take(&job->down_headers, &range);
    }
    hop_http_request r = {
        .method = HOP_GET,
        .url = job->request_url,
        .headers = &job->down_headers,
        .tls = &from->side->tls,
        .stall_s = job->engine->opts.stall_s,
        .is_fresh = job->machine.mismatches > 0,
        .write = take_blob,
        .done = on_download,
        .user = job,
    };
    job->engine->stats.requests++;
    job->down = hop_http_submit(job->engine->http, &r);
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
        if (job->machine.mismatches > 0 || job->stop == HOP_EV_NO_RANGE ||
            job->got == 0) {
            hop_hash_restart(job->hash);
            job->engine->stats.sent_bytes -= job->sent;
            job->sent = 0;
            job->got = 0;
            job->stop = HOP_EV_START;
        }
        job->call_at = from;
        from->calls++;
    }
    start_download(job, from, repository);
}

/* ---- upload: PUT of a blob into its session ---- */

/* Media may hold anything: the last bytes leave only when the whole has the right digest,
 * so that the registry can never complete an upload of wrong ones. */
static size_t read_media(hop_job *job, char *data, size_t cap)
{
    size_t got = 0;
    hop_error_drop(&job->stop_error);
    if (hop_media_reader_read(job->reader, job->sent, data, cap, &got,
                              &job->stop_error) != HOP_OK)
        return HOP_READ_STOP;
    if (got == 0) {
        (void)!hop_error_set(&job->stop_error, HOP_E_DIGEST,
                             "read blob %s from the media: it is shorter than %llu bytes",
                             job->digest.text, (unsigned long long)job->size_bytes);
        return HOP_READ_STOP;
    }
    hop_hash_update(job->hash, data, got);
    if (job->sent + got < job->size_bytes)
        return got;
    hop_digest found = hop_hash_finish(job->hash);
    if (hop_digest_is_equal(&found, &job->digest))
        return got;
    (void)!hop_error_set(&job->stop_error, HOP_E_DIGEST,
                         "read blob %s from the media: its bytes have the digest %s",
                         job->digest.text, found.text);
    return HOP_READ_STOP;
}

static size_t read_upload(void *user, char *data, size_t cap)
{
    hop_job *job = user;
    size_t len = 0;
    if (job->pipe) {
        len = hop_pipe_take(job->pipe, data, cap);
        if (hop_pipe_is_low(job->pipe))
            hop_http_resume(job->down);
    } else {
        uint64_t left = job->size_bytes - job->sent;
        len = left < cap ? (size_t)left : cap;
        if (job->reader)
            len = read_media(job, data, len);
        else if (job->source.spool)
            len = hop_spool_read(job->source.spool, job->sent, data, len);
        else
            memcpy(data, (const char *)job->source.data + job->sent, len);
    }
    if (len == HOP_READ_STOP)
        return len;
    job->sent += len;
    job->engine->stats.sent_bytes += len;
    hop_endpoint_note_bytes(job->at, len, job->engine->now_ms);
    return len;
}

static void on_upload(void *user, hop_answer *a)
{
    hop_job *job = user;
    job->up = NULL;
    HOP_AUTO_STR url = hop_registry_commit_url(job->session, &job->digest);
    hop_job_note_answer(job, HOP_PUT, url, job->at, a);
    if (a->net == HOP_NET_STOPPED) {
        hop_job_set_error(job, &job->stop_error);
        hop_engine_feed(job, HOP_EV_FATAL, false);
        return;
    }
    hop_transfer_event event = hop_registry_judge(HOP_REQ_BLOB_PUT, a);
    job->has_source_failed = false;
    /* Nor can one whose bytes were not all read, and so not hashed. */
    if (event == HOP_EV_STORED && job->reader && job->sent < job->size_bytes)
        event = HOP_EV_FATAL;
    /* An upload cannot be complete while its last byte is held back. */
    if (event == HOP_EV_STORED && job->machine.state != HOP_ST_COMMIT)
        event = HOP_EV_FATAL;
    if (event != HOP_EV_STORED)
        hop_job_set_answer_error(job, HOP_PUT, url, job->at, a);
    hop_engine_feed(job, event, false);
}

static void start_upload(hop_job *job)
{
    hop_strings_clear(&job->up_headers);
    hop_strings_add(&job->up_headers, "Content-Type: application/octet-stream");
    if (job->session_is_near)
        hop_pass_add_header(job->pass, &job->up_headers);
    HOP_AUTO_STR url = hop_registry_commit_url(job->session, &job->digest);
    hop_http_request r = {
        .method = HOP_PUT,
        .url = url,
        .headers = &job->up_headers,
        .tls = &job->at->side->tls,
        .redirects = HOP_REDIRECTS_REPORT,
        .read = read_upload,
        .stream_bytes = job->size_bytes,
        .stall_s = job->engine->opts.stall_s,
        .done = on_upload,
        .user = job,
    };
    job->sent = 0;
    job->engine->stats.requests++;
    job->up = hop_http_submit(job->engine->http, &r);
}

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
    hop_hash_restart(job->hash);
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
        job->pipe = hop_pipe_new(HOP_PIPE_BYTES);
        hop_pipe_restart(job->pipe, job->size_bytes);
        if (!job->hash)
            job->hash = hop_hash_new_like(&job->digest);
        hop_hash_restart(job->hash);
        job->got = 0;
    }
    start_upload(job);
    if (!from) {
        hop_engine_feed(job, HOP_EV_VERIFIED, false);
        return;
    }
    start_download(job, from, job->source.repository);
}

/* ---- a session that will not be used ---- */

typedef struct farewell {
    hop_engine *engine;
    hop_strings headers;
} farewell;

static void on_goodbye(void *user, hop_answer *a)
{
    farewell *f = user;
    (void)a; /* gone already, or the registry removes it in its own time */
    f->engine->farewells--;
    hop_strings_clear(&f->headers);
    free(f);
}

void hop_job_say_goodbye(hop_job *job)
{
    if (!job->session || job->at->reach != HOP_REACH_READY)
        return;
    farewell *f = hop_alloc(1, sizeof(*f));
    f->engine = job->engine;
    if (job->session_is_near)
        hop_pass_add_header(job->pass, &f->headers);
    hop_http_request r = {
        .method = HOP_DELETE,
        .url = job->session,
        .headers = &f->headers,
        .tls = &job->at->side->tls,
        .redirects = HOP_REDIRECTS_REPORT,
        .stall_s = 10,
        .done = on_goodbye,
        .user = f,
    };
    job->engine->farewells++;
    job->engine->stats.requests++;
    if (!hop_http_submit(job->engine->http, &r))
        abort();
}
