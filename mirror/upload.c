/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine_private.h"
#include "hop_media_disk.h"

#include <stdlib.h>
#include <string.h>

/* What left this machine may lie in buffers on the way: so much of it, on a slow link. */
#define BUFFERED_BYTES ((uint64_t)8 << 20)
#define DRAINED_PER_S ((uint64_t)32 << 10)
/* And a registry may copy what it has to another place before it answers. */
#define ASSEMBLED_PER_S ((uint64_t)4 << 20)

unsigned hop_job_answer_s(const hop_job *job)
{
    uint64_t buffered =
        job->size_bytes < BUFFERED_BYTES ? job->size_bytes : BUFFERED_BYTES;
    return (unsigned)(buffered / DRAINED_PER_S + job->size_bytes / ASSEMBLED_PER_S);
}

/* ---- one request: PUT of a whole blob, or PATCH of a piece ---- */

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
    if (job->sent + got <= job->hashed)
        return got; /* a piece once more */
    size_t known = (size_t)(job->hashed - job->sent);
    hop_hash_update(job->hash, data + known, got - known);
    job->hashed = job->sent + got;
    if (job->hashed < job->size_bytes)
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
    uint64_t left = job->piece_end - job->sent;
    size_t len = left < cap ? (size_t)left : cap;
    if (job->pipe) {
        len = hop_pipe_take(job->pipe, data, len);
        if (hop_pipe_is_low(job->pipe))
            hop_http_resume(job->down);
    } else if (job->reader) {
        len = read_media(job, data, len);
        if (len == HOP_READ_STOP)
            return len;
    } else if (job->source.spool) {
        len = hop_spool_read(job->source.spool, job->sent, data, len);
    } else {
        memcpy(data, (const char *)job->source.data + job->sent, len);
    }
    job->sent += len;
    job->engine->stats.sent_bytes += len;
    hop_endpoint_note_bytes(job->at, len, job->engine->now_ms);
    return len;
}

/* A token that ends while a blob is on its way costs the whole blob where the registry
 * finds that out after it: there a large one goes in pieces, and a request without a body
 * ends it. */
#define LATE_BLOB HOP_MIB
#define LATE_PIECE (16 * HOP_MIB)

static bool closes_apart(const hop_job *job)
{
    return job->at->checks_late && !job->at->refuses_pieces &&
           job->size_bytes >= LATE_BLOB;
}

static bool is_whole(const hop_job *job)
{
    return job->offset == 0 && job->piece_end == job->size_bytes && !closes_apart(job);
}

static void note_late_check(const hop_job *job)
{
    if (job->is_put && job->sent == job->piece_end && job->size_bytes >= LATE_BLOB)
        job->at->checks_late = true;
}

/* An upload cannot be complete while its last byte is held back, or was not hashed. */
static hop_transfer_event take_stored(const hop_job *job)
{
    if (job->reader && job->hashed < job->size_bytes)
        return HOP_EV_FATAL;
    return job->machine.state == HOP_ST_COMMIT ? HOP_EV_STORED : HOP_EV_FATAL;
}

static hop_transfer_event take_piece(hop_job *job, const char *url, const hop_answer *a)
{
    if (job->sent < job->piece_end)
        return HOP_EV_TRANSIENT; /* answered before it had all of it */
    if (a->location && hop_job_take_session(job, HOP_PATCH, url, a) != HOP_EV_SESSION)
        return HOP_EV_FATAL;
    /* The Range of this answer is not looked at: registries are known that keep naming
     * the first piece. The digest tells in the end. */
    job->offset = job->piece_end;
    return job->offset < job->size_bytes ? HOP_EV_PIECE : HOP_EV_ALL_SENT;
}

static void warn_of_limit(const hop_job *job, long status)
{
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    hop_buf_addf(&text, "%s refuses an upload of ", job->at->host);
    hop_buf_add_size(&text, job->piece_end - job->offset);
    hop_buf_addf(
        &text,
        " in one request (%ld): large blobs go there in pieces; a proxy in front "
        "of it may have a limit (nginx: client_max_body_size)",
        status);
    hop_engine_log(job->engine, HOP_EVENT_WARNING, "%s", hop_buf_get(&text));
}

static hop_transfer_event take_too_large(hop_job *job, const hop_answer *a)
{
    uint64_t offset = 0;
    if (a->status == 416 && hop_registry_upload_offset(a->range, &offset) &&
        offset != job->offset && offset <= job->sent) {
        job->offset = offset;
        return HOP_EV_OFFSET;
    }
    bool is_news = job->at->piece_bytes == 0;
    if (!hop_endpoint_shrink_pieces(job->at, job->piece_end - job->offset))
        return HOP_EV_FATAL;
    if (is_news)
        warn_of_limit(job, a->status);
    return HOP_EV_TOO_LARGE;
}

static hop_transfer_event judge_upload(hop_job *job, const char *url, const hop_answer *a,
                                       hop_transfer_event event)
{
    if (event == HOP_EV_STORED)
        return take_stored(job);
    if (event == HOP_EV_PIECE)
        return take_piece(job, url, a);
    if (event == HOP_EV_TOO_LARGE)
        return take_too_large(job, a);
    /* Where only our wish to go on led to a piece, the whole blob may still pass. */
    if (event == HOP_EV_FATAL && !job->is_put && job->at->piece_bytes == 0 &&
        a->net == HOP_NET_OK && a->status != 403) {
        job->at->refuses_pieces = true;
        return HOP_EV_SPOILED;
    }
    if (event == HOP_EV_UNAUTHORIZED)
        note_late_check(job);
    return event;
}

static void on_upload(void *user, hop_answer *a)
{
    hop_job *job = user;
    bool is_put = job->is_put;
    hop_method method = is_put ? HOP_PUT : HOP_PATCH;
    job->up = NULL;
    HOP_AUTO_STR url = is_put ? hop_registry_commit_url(job->session, &job->digest)
                              : hop_strdup(job->session);
    hop_job_note_answer(job, method, url, job->at, a);
    if (a->net == HOP_NET_STOPPED) {
        hop_job_set_error(job, &job->stop_error);
        hop_engine_feed(job, HOP_EV_FATAL, false);
        return;
    }
    uint64_t offset = job->offset;
    hop_error_drop(&job->error); /* of an attempt before this one */
    hop_transfer_event event =
        hop_registry_judge(is_put ? HOP_REQ_BLOB_PUT : HOP_REQ_BLOB_PATCH, a);
    job->has_source_failed = false;
    event = judge_upload(job, url, a, event);
    if (event != HOP_EV_STORED && event != HOP_EV_PIECE && event != HOP_EV_ALL_SENT &&
        !(event == HOP_EV_FATAL && job->error))
        hop_job_set_answer_error(job, method, url, job->at, a);
    hop_engine_feed(job, event, event == HOP_EV_OFFSET && job->offset > offset);
}

static uint64_t piece_length(const hop_job *job)
{
    uint64_t left = job->size_bytes - job->offset;
    uint64_t piece = job->at->piece_bytes;
    if (piece == 0 && closes_apart(job))
        piece = LATE_PIECE;
    if (piece > 0 && piece < job->at->piece_min)
        piece = job->at->piece_min;
    return piece > 0 && piece < left ? piece : left;
}

void hop_job_upload(hop_job *job)
{
    /* Between pieces nothing may wait for a token, as the download runs: the machine
     * stops both and goes on with a new one. */
    if (job->offset > 0 && !hop_pass_is_fresh(job->pass, job->engine->now_ms)) {
        hop_engine_feed(job, HOP_EV_UNAUTHORIZED, false);
        return;
    }
    job->piece_end = job->offset + piece_length(job);
    bool is_put = job->is_put = is_whole(job);
    hop_strings_clear(&job->up_headers);
    hop_strings_add(&job->up_headers, "Content-Type: application/octet-stream");
    if (!is_put) {
        char *range =
            hop_sprintf("Content-Range: %llu-%llu", (unsigned long long)job->offset,
                        (unsigned long long)job->piece_end - 1);
        hop_strings_take(&job->up_headers, &range);
    }
    if (job->session_is_near)
        hop_pass_add_header(job->pass, &job->up_headers);
    HOP_AUTO_STR url = is_put ? hop_registry_commit_url(job->session, &job->digest)
                              : hop_strdup(job->session);
    hop_http_request r = {
        .method = is_put ? HOP_PUT : HOP_PATCH,
        .url = url,
        .headers = &job->up_headers,
        .tls = &job->at->tls,
        .redirects = HOP_REDIRECTS_REPORT,
        .read = read_upload,
        .stream_bytes = job->piece_end - job->offset,
        .stall_s = job->engine->opts.stall_s,
        .answer_s = hop_job_answer_s(job),
        .done = on_upload,
        .user = job,
    };
    job->engine->stats.requests++;
    job->up = hop_http_submit(job->engine->http, &r);
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
        .tls = &job->at->tls,
        .redirects = HOP_REDIRECTS_REPORT,
        .stall_s = f->engine->is_cancelled ? 5 : 10,
        .done = on_goodbye,
        .user = f,
    };
    job->engine->farewells++;
    job->engine->stats.requests++;
    if (!hop_http_submit(job->engine->http, &r))
        abort();
}
