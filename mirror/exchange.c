/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine_private.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MAX_TAG_LIST (16 * HOP_MIB)

static const char accept_manifests[] =
    "Accept: " HOP_TYPE_DOCKER_MANIFEST ", " HOP_TYPE_DOCKER_LIST
    ", " HOP_TYPE_OCI_MANIFEST ", " HOP_TYPE_OCI_INDEX;

/* ---- what every answer is good for ---- */

/* Another host than the registry's may have failed: where it sends its readers, or who
 * gives its tokens. */
static hop_request_name name_of(hop_method method, const char *url,
                                const hop_endpoint *endpoint, const hop_answer *answer)
{
    return (hop_request_name){
        .method = method,
        .url = url,
        .host = answer->net_host ? answer->net_host : endpoint->host,
        .option = endpoint->side->side == HOP_SIDE_SOURCE ? "src" : "dest",
    };
}

/* What was named for the registry is not shown to others. */
static bool wants_own_certificate(const hop_endpoint *endpoint, const hop_answer *a)
{
    return a->net == HOP_NET_TLS && a->net_host && a->net_text &&
           strcmp(a->net_host, endpoint->host) != 0 &&
           (strstr(a->net_text, "alert certificate required") ||
            strstr(a->net_text, "alert bad certificate"));
}

void hop_job_set_answer_error(hop_job *job, hop_method method, const char *url,
                              const hop_endpoint *endpoint, const hop_answer *answer)
{
    hop_error *error = NULL;
    hop_request_name name = name_of(method, url, endpoint, answer);
    (void)!hop_registry_error(&name, answer, &error);
    if (wants_own_certificate(endpoint, answer))
        hop_error_hint(&error,
                       "%s wants a client certificate that it knows: certs.d/%s, with "
                       "NAME.cert and NAME.key in it (containers-certs.d(5))",
                       answer->net_host, answer->net_host);
    hop_job_set_error(job, &error);
}

static void read_challenges(hop_endpoint *endpoint, const hop_answer *answer)
{
    if (endpoint->challenge.scheme != HOP_AUTH_NONE)
        return;
    for (size_t i = 0; i < answer->challenges.len; i++) {
        const char *value = answer->challenges.items[i];
        hop_challenge_add(&endpoint->challenge, value, strlen(value));
    }
}

#define MAX_CLOCK_SKEW_S 300

static void look_at_clock(const hop_engine *e, hop_endpoint *endpoint,
                          const hop_answer *answer)
{
    if (endpoint->has_clock || !answer->date)
        return;
    endpoint->has_clock = true;
    int64_t ahead_s = hop_registry_clock_ahead_s(answer->date, (int64_t)time(NULL));
    int64_t minutes = (ahead_s < 0 ? -ahead_s : ahead_s) / 60;
    if (ahead_s > MAX_CLOCK_SKEW_S || ahead_s < -MAX_CLOCK_SKEW_S)
        hop_engine_log(
            e, HOP_EVENT_WARNING,
            "the clock of %s is %lld minutes %s this machine's: tokens, signed "
            "URLs and certificates may be refused for it",
            endpoint->host, (long long)minutes, ahead_s > 0 ? "ahead of" : "behind");
}

/* Who began to answer was there, also where the answer broke off. */
static bool shows_life(const hop_answer *answer)
{
    bool has_begun = answer->net == HOP_NET_OK || answer->net == HOP_NET_BROKEN;
    long status = answer->status;
    return has_begun && status > 0 && status < 500 && status != 408 && status != 429;
}

void hop_job_note_answer(hop_job *job, hop_method method, const char *url,
                         hop_endpoint *endpoint, const hop_answer *answer)
{
    hop_engine *e = job->engine;
    free(job->url);
    job->url = hop_registry_public_url(url);
    job->http_status = answer->status;
    job->attempts++;
    if (answer->net == HOP_NET_OK)
        hop_engine_log(e, HOP_EVENT_LOG, "%s %s %ld", hop_method_name(method), job->url,
                       answer->status);
    else
        hop_engine_log(e, HOP_EVENT_LOG, "%s %s %s", hop_method_name(method), job->url,
                       answer->net_text);
    if (answer->net == HOP_NET_OK && answer->status == 401)
        read_challenges(endpoint, answer);
    look_at_clock(e, endpoint, answer);
    if (shows_life(answer))
        hop_patience_note(job->kind == HOP_JOB_TOKEN ? &endpoint->token_patience
                                                     : &endpoint->patience,
                          e->now_ms);
    if (hop_registry_is_pushback(answer))
        hop_endpoint_note_pushback(endpoint,
                                   hop_registry_retry_after_ms(answer->retry_after,
                                                               answer->date,
                                                               (int64_t)time(NULL)),
                                   e->now_ms);
}

/* ---- requests with a short answer ---- */

static hop_request_kind request_kind(const hop_job *job)
{
    switch (job->machine.state) {
    case HOP_ST_PROBE:
        return HOP_REQ_BLOB_HEAD;
    case HOP_ST_MOUNT:
        return HOP_REQ_BLOB_MOUNT;
    case HOP_ST_OPEN:
        return HOP_REQ_BLOB_OPEN;
    case HOP_ST_STATUS:
        return HOP_REQ_BLOB_STATUS;
    case HOP_ST_CLOSE:
        return HOP_REQ_BLOB_CLOSE;
    case HOP_ST_IDLE:
    case HOP_ST_ASKING:
    case HOP_ST_COPY:
    case HOP_ST_REJOIN:
    case HOP_ST_COMMIT:
    case HOP_ST_AUTH:
    case HOP_ST_WAIT:
    case HOP_ST_DONE:
    case HOP_ST_FAILED:
        break;
    }
    switch (job->kind) {
    case HOP_JOB_PING:
        return HOP_REQ_PING;
    case HOP_JOB_TOKEN:
        return HOP_REQ_TOKEN;
    case HOP_JOB_TAGS:
        return HOP_REQ_TAGS;
    case HOP_JOB_MANIFEST_HEAD:
    case HOP_JOB_MANIFEST_GET:
        return HOP_REQ_MANIFEST_READ;
    case HOP_JOB_MANIFEST_PUT:
        return HOP_REQ_MANIFEST_PUT;
    case HOP_JOB_PUSH_RIGHT:
        return HOP_REQ_BLOB_OPEN;
    case HOP_JOB_BLOB_HEAD:
        return HOP_REQ_BLOB_HEAD;
    case HOP_JOB_BLOB_FETCH:
    case HOP_JOB_BLOB_PUSH:
        break;
    }
    return HOP_REQ_BLOB_GET;
}

static hop_method method_of(const hop_job *job, hop_request_kind kind)
{
    switch (kind) {
    case HOP_REQ_TOKEN:
        return job->token.form ? HOP_POST : HOP_GET;
    case HOP_REQ_MANIFEST_READ:
        return job->kind == HOP_JOB_MANIFEST_HEAD ? HOP_HEAD : HOP_GET;
    case HOP_REQ_MANIFEST_PUT:
    case HOP_REQ_BLOB_PUT:
    case HOP_REQ_BLOB_CLOSE:
        return HOP_PUT;
    case HOP_REQ_BLOB_PATCH:
        return HOP_PATCH;
    case HOP_REQ_BLOB_HEAD:
        return HOP_HEAD;
    case HOP_REQ_BLOB_MOUNT:
    case HOP_REQ_BLOB_OPEN:
        return HOP_POST;
    case HOP_REQ_PING:
    case HOP_REQ_TAGS:
    case HOP_REQ_BLOB_GET:
    case HOP_REQ_BLOB_STATUS:
        break;
    }
    return HOP_GET;
}

static char *url_of(const hop_job *job, hop_request_kind kind)
{
    const char *base = job->at->base;
    switch (kind) {
    case HOP_REQ_PING:
        return hop_sprintf("%s/v2/", base);
    case HOP_REQ_TOKEN:
        return hop_strdup(job->token.url);
    case HOP_REQ_TAGS:
        return job->reference ? hop_sprintf("%s%s", base, job->reference)
                              : hop_sprintf("%s/v2/%s/tags/list", base, job->repository);
    case HOP_REQ_MANIFEST_READ:
    case HOP_REQ_MANIFEST_PUT:
        return hop_registry_manifest_url(base, job->repository, job->reference);
    case HOP_REQ_BLOB_HEAD:
        return hop_registry_blob_url(base, job->repository, &job->digest);
    case HOP_REQ_BLOB_MOUNT:
        return hop_registry_upload_url(base, job->repository, &job->digest,
                                       job->mount_from ? job->mount_from
                                                       : job->repository);
    case HOP_REQ_BLOB_STATUS:
        return hop_strdup(job->session);
    case HOP_REQ_BLOB_CLOSE:
        return hop_registry_commit_url(job->session, &job->digest);
    case HOP_REQ_BLOB_OPEN:
    case HOP_REQ_BLOB_GET:
    case HOP_REQ_BLOB_PUT:
    case HOP_REQ_BLOB_PATCH:
        break;
    }
    return hop_registry_upload_url(base, job->repository, NULL, NULL);
}

static void add_headers(hop_job *job, hop_request_kind kind)
{
    hop_strings *h = &job->down_headers;
    hop_strings_clear(h);
    if (kind == HOP_REQ_MANIFEST_READ)
        hop_strings_add(h, accept_manifests);
    if (kind == HOP_REQ_BLOB_MOUNT || kind == HOP_REQ_BLOB_OPEN)
        hop_strings_add(h, "Content-Type:");
    if (kind == HOP_REQ_MANIFEST_PUT) {
        char *type = hop_sprintf("Content-Type: %s", job->media_type);
        hop_strings_take(h, &type);
    }
    if (kind == HOP_REQ_TOKEN && job->token.basic) {
        char *basic = hop_sprintf("Authorization: %s", job->token.basic);
        hop_strings_take(h, &basic);
    }
    if (kind == HOP_REQ_BLOB_CLOSE)
        hop_strings_add(h, "Content-Type: application/octet-stream");
    bool is_far = (kind == HOP_REQ_BLOB_CLOSE || kind == HOP_REQ_BLOB_STATUS) &&
                  !job->session_is_near;
    if (kind != HOP_REQ_TOKEN && kind != HOP_REQ_PING && !is_far)
        hop_pass_add_header(job->pass, h);
}

/* ---- answers ---- */

/* By tag only the registry's header says what should have come. The same bytes a second
 * time are what it has, whatever it says. */
static bool is_what_was_sent(hop_job *job, const hop_answer *a)
{
    if (!a->docker_digest || !hop_digest_is_valid(a->docker_digest) ||
        strcmp(a->docker_digest, job->found.text) == 0 ||
        hop_digest_is_equal(&job->doubted, &job->found))
        return true;
    job->doubted = job->found;
    return false;
}

/* True when the answer is as asked for; else job->error says why not. */
static bool read_manifest(hop_job *job, hop_answer *a)
{
    free(job->content_type); /* of an answer that had to be asked for again */
    job->content_type = hop_steal(&a->content_type);
    job->has_digest_header = a->docker_digest && hop_digest_is_valid(a->docker_digest);
    if (job->kind == HOP_JOB_MANIFEST_HEAD) {
        if (job->has_digest_header)
            memcpy(job->found.text, a->docker_digest, strlen(a->docker_digest) + 1);
        return true;
    }
    HOP_AUTO(hop_hash) h = hop_hash_new_like(&job->digest);
    hop_hash_update(h, hop_buf_get(&a->body), a->body.len);
    job->found = hop_hash_finish(h);
    hop_buf_clear(&job->body);
    job->body = a->body;
    a->body = hop_buf_init(0);
    if (job->digest.text[0] == '\0' ? is_what_was_sent(job, a)
                                    : hop_digest_is_equal(&job->digest, &job->found))
        return true;
    hop_error *error = NULL;
    (void)!hop_error_set(&error, HOP_E_DIGEST, "GET %s: the manifest's digest is %s",
                         job->url, job->found.text);
    hop_job_set_error(job, &error);
    return false;
}

static hop_transfer_event too_long(hop_job *job)
{
    hop_error *error = NULL;
    (void)!hop_error_set(&error, HOP_E_LIMIT, "GET %s: the answer is too long", job->url);
    hop_job_set_error(job, &error);
    return HOP_EV_FATAL;
}

static hop_transfer_event take_answer(hop_job *job, hop_request_kind kind, hop_answer *a)
{
    if (a->status == 404) {
        job->outcome = HOP_OUTCOME_ABSENT;
        return HOP_EV_ANSWERED;
    }
    if (a->is_truncated)
        return too_long(job);
    if (kind == HOP_REQ_MANIFEST_READ)
        return read_manifest(job, a) ? HOP_EV_ANSWERED : HOP_EV_MISMATCH;
    hop_buf_clear(&job->body);
    job->body = a->body;
    a->body = hop_buf_init(0);
    job->link = hop_steal(&a->link);
    return HOP_EV_ANSWERED;
}

hop_transfer_event hop_job_take_session(hop_job *job, hop_method method,
                                        const char *request_url, const hop_answer *a)
{
    hop_error *error = NULL;
    char *session = NULL;
    if (hop_registry_session_url(request_url, a->location, &session,
                                 &job->session_is_near, &error) == HOP_OK) {
        free(job->session);
        job->session = session;
        return HOP_EV_SESSION;
    }
    (void)!hop_error_wrap(&error, "%s %s", hop_method_name(method), job->url);
    hop_job_set_error(job, &error);
    return HOP_EV_FATAL;
}

static hop_transfer_event open_session(hop_job *job, const hop_answer *a)
{
    uint64_t least =
        a->chunk_min && strlen(a->chunk_min) <= 12 ? strtoull(a->chunk_min, NULL, 10) : 0;
    if (least > 0)
        job->at->piece_min = least;
    free(hop_steal(&job->session));
    return hop_job_take_session(job, HOP_POST, job->request_url, a);
}

/* Only what was sent can have arrived, and the last byte is sent when the digest is
 * right.
 */
static hop_transfer_event take_status(hop_job *job, const hop_answer *a,
                                      hop_transfer_event event)
{
    uint64_t offset = 0;
    bool is_good = event == HOP_EV_OFFSET &&
                   hop_registry_upload_offset(a->range, &offset) && offset <= job->sent;
    if (is_good && a->location)
        is_good =
            hop_job_take_session(job, HOP_GET, job->request_url, a) == HOP_EV_SESSION;
    if (!is_good) {
        if (a->status == 404)
            free(hop_steal(&job->session)); /* nothing is left to be cancelled */
        hop_job_forget_upload(job);
        return HOP_EV_ABSENT;
    }
    job->offset = offset;
    return offset == job->size_bytes ? HOP_EV_ALL_SENT : HOP_EV_OFFSET;
}

/* A blob that is there in another size is not the one that was asked for. */
static hop_transfer_event check_probe(const hop_job *job, const hop_answer *a)
{
    bool is_wrong =
        a->content_length >= 0 && (uint64_t)a->content_length != job->size_bytes;
    return is_wrong ? HOP_EV_ABSENT : HOP_EV_PRESENT;
}

/* The question is all that was wanted, not the first step of a push. */
static hop_transfer_event take_presence(hop_job *job, const hop_answer *a,
                                        hop_transfer_event event)
{
    if (event == HOP_EV_ABSENT)
        job->outcome = HOP_OUTCOME_ABSENT;
    if (event != HOP_EV_PRESENT)
        return event == HOP_EV_ABSENT ? HOP_EV_ANSWERED : event;
    if (job->size_bytes == 0 || check_probe(job, a) == HOP_EV_PRESENT)
        return HOP_EV_ANSWERED;
    hop_error *error = NULL;
    (void)!hop_error_set(&error, HOP_E_DIGEST, "HEAD %s: it has %lld bytes, not %llu",
                         job->url, (long long)a->content_length,
                         (unsigned long long)job->size_bytes);
    hop_job_set_error(job, &error);
    return HOP_EV_FATAL;
}

static void note_presence(hop_job *job, hop_request_kind kind)
{
    if (kind == HOP_REQ_BLOB_HEAD || !job->mount_from)
        job->outcome = HOP_OUTCOME_PRESENT;
    else
        job->outcome = HOP_OUTCOME_MOUNTED;
}

/* Registries refuse a list while they still write down its children (distribution, Nexus,
 * Harbor): one refusal is met with patience, the next one is believed. */
static hop_transfer_event judge(hop_job *job, hop_request_kind kind, const hop_answer *a)
{
    hop_transfer_event event = hop_registry_judge(kind, a);
    if (event != HOP_EV_FATAL || kind != HOP_REQ_MANIFEST_PUT ||
        !hop_registry_is_missing_part(a))
        return event;
    if (job->missing.len == 0)
        hop_registry_find_digests(a, &job->missing);
    if (job->lacks_part)
        return event;
    job->lacks_part = true;
    return HOP_EV_TRANSIENT;
}

static hop_transfer_event interpret(hop_job *job, hop_request_kind kind, hop_answer *a,
                                    hop_transfer_event event)
{
    if (job->kind == HOP_JOB_BLOB_HEAD)
        return take_presence(job, a, event);
    if (event == HOP_EV_PRESENT && kind == HOP_REQ_BLOB_HEAD)
        event = check_probe(job, a);
    if (event == HOP_EV_PRESENT)
        note_presence(job, kind);
    if (event == HOP_EV_SESSION)
        event = open_session(job, a);
    if (event == HOP_EV_SESSION && job->kind == HOP_JOB_PUSH_RIGHT) {
        hop_job_forget_upload(job);
        return HOP_EV_ANSWERED;
    }
    if (kind == HOP_REQ_BLOB_STATUS && (event == HOP_EV_OFFSET || event == HOP_EV_ABSENT))
        event = take_status(job, a, event);
    if (kind == HOP_REQ_BLOB_CLOSE && event == HOP_EV_ABSENT) {
        free(hop_steal(&job->session));
        hop_job_forget_upload(job);
    }
    if (event == HOP_EV_REFUSED &&
        (a->status == 400 || a->status == 404 || a->status == 405))
        job->at->refuses_mount = true;
    bool has_answer = kind != HOP_REQ_PING && event == HOP_EV_ANSWERED;
    return has_answer ? take_answer(job, kind, a) : event;
}

/* The first handshake showed a server without TLS. */
static bool fall_back_to_plain(hop_job *job, const hop_answer *a)
{
    if (job->kind != HOP_JOB_PING || a->net != HOP_NET_PLAIN ||
        !hop_endpoint_allow_plain(job->at))
        return false;
    hop_engine_log(job->engine, HOP_EVENT_WARNING,
                   "%s speaks no TLS: plain HTTP is used, anyone on the way can read and "
                   "change it",
                   job->at->host);
    job->todo = HOP_DO_ASK;
    hop_engine_enqueue(job);
    return true;
}

static void on_answer(void *user, hop_answer *a)
{
    hop_job *job = user;
    hop_request_kind kind = request_kind(job);
    hop_method method = method_of(job, kind);
    job->down = NULL;
    hop_endpoint *at = job->at;
    hop_engine_release_call(job);
    hop_job_note_answer(job, method, job->request_url, at, a);
    if (fall_back_to_plain(job, a))
        return;
    hop_transfer_event event = judge(job, kind, a);
    if (event == HOP_EV_TRANSIENT || event == HOP_EV_FATAL ||
        event == HOP_EV_UNAUTHORIZED || event == HOP_EV_SPOILED)
        hop_job_set_answer_error(job, method, job->request_url, at, a);
    uint64_t offset = job->offset;
    event = interpret(job, kind, a, event);
    hop_engine_feed(job, event, event == HOP_EV_OFFSET && job->offset > offset);
}

static size_t body_cap(hop_request_kind kind)
{
    if (kind == HOP_REQ_TAGS)
        return MAX_TAG_LIST;
    return kind == HOP_REQ_MANIFEST_READ ? HOP_MAX_MANIFEST : HOP_MAX_SMALL_BODY;
}

void hop_job_ask(hop_job *job)
{
    hop_request_kind kind = request_kind(job);
    if (kind == HOP_REQ_BLOB_GET) {
        hop_job_download(job);
        return;
    }
    if (kind != HOP_REQ_PING && kind != HOP_REQ_TOKEN &&
        hop_engine_gate(job, kind == HOP_REQ_BLOB_MOUNT ? job->mount_from : NULL) !=
            HOP_GATE_GO)
        return;
    free(job->request_url);
    job->request_url = url_of(job, kind);
    add_headers(job, kind);
    hop_http_request r = {
        .method = method_of(job, kind),
        .url = job->request_url,
        .headers = &job->down_headers,
        .tls = &job->at->tls,
        .body_max = body_cap(kind),
        .stall_s = job->engine->opts.stall_s,
        .answer_s = kind == HOP_REQ_BLOB_CLOSE ? hop_job_answer_s(job) : 0,
        .is_fresh = job->machine.mismatches > 0,
        .done = on_answer,
        .user = job,
    };
    if (r.method == HOP_POST || r.method == HOP_PUT)
        r.redirects = HOP_REDIRECTS_REPORT;
    if (kind == HOP_REQ_MANIFEST_PUT) {
        r.body = job->data;
        r.body_len = job->data_len;
    } else if (kind == HOP_REQ_TOKEN && job->token.form) {
        r.body = job->token.form;
        r.body_len = strlen(job->token.form);
    }
    job->asked_ms = job->engine->now_ms;
    job->call_at = job->at;
    job->at->calls++;
    job->engine->stats.requests++;
    job->down = hop_http_submit(job->engine->http, &r);
}
