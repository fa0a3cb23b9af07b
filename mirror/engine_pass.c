/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine_private.h"

#include <stdlib.h>
#include <string.h>

#define PING_ATTEMPTS 5

/* ---- the first request to a host: how is it reached, what does it want to see ---- */

static void submit_own(hop_engine *e, hop_job_kind kind, hop_endpoint *endpoint,
                       void (*done)(void *, hop_job *), hop_job *job)
{
    job->kind = kind;
    job->at = endpoint;
    job->done = done;
    job->user = job;
    hop_engine_submit(e, job);
}

static void ping_done(void *user, hop_job *job)
{
    (void)user;
    hop_endpoint *p = job->at;
    hop_engine *e = job->engine;
    p->reach = HOP_REACH_READY;
    if (job->outcome == HOP_OUTCOME_FAILED) {
        p->reach = HOP_REACH_FAILED;
        p->error = hop_steal(&job->error);
    }
    hop_job_clear(job);
    free(job);
    hop_engine_unpark(e, p);
}

static void start_ping(hop_engine *e, hop_endpoint *endpoint)
{
    endpoint->reach = HOP_REACH_ASKING;
    hop_job *job = hop_alloc(1, sizeof(*job));
    submit_own(e, HOP_JOB_PING, endpoint, ping_done, job);
    if (job->machine.max_attempts > PING_ATTEMPTS)
        job->machine.max_attempts = PING_ATTEMPTS;
}

/* ---- tokens ---- */

static void take_token(hop_job *job, hop_pass *pass)
{
    HOP_AUTO_STR bearer = NULL;
    uint64_t lifetime_s = 0;
    hop_error *error = NULL;
    if (job->outcome == HOP_OUTCOME_FAILED) {
        error = hop_steal(&job->error);
    } else if (hop_token_read(hop_buf_get(&job->body), job->body.len, &bearer,
                              &lifetime_s, &error) == HOP_OK) {
        hop_pass_take_token(pass, bearer, lifetime_s, job->engine->now_ms);
        return;
    }
    (void)!hop_error_wrap(&error, "get a token from %s for %s", job->at->host,
                          pass->scopes);
    hop_pass_take_failure(pass, &error, job->engine->now_ms);
}

static void token_done(void *user, hop_job *job)
{
    (void)user;
    hop_endpoint *p = job->at;
    hop_engine *e = job->engine;
    take_token(job, job->owner_pass);
    hop_job_clear(job);
    free(job);
    hop_engine_unpark(e, p);
}

static void start_token(hop_engine *e, hop_endpoint *endpoint, hop_pass *pass,
                        hop_token_request *request)
{
    hop_job *job = hop_alloc(1, sizeof(*job));
    job->token = *request;
    *request = (hop_token_request){0};
    job->owner_pass = pass;
    submit_own(e, HOP_JOB_TOKEN, endpoint, token_done, job);
}

/* ---- the gate before each request ---- */

static char *make_scopes(const hop_endpoint *p, const char *repository,
                         const char *mount_from)
{
    const char *actions = p->side->side == HOP_SIDE_SOURCE ? "pull" : "pull,push";
    if (!mount_from)
        return hop_sprintf("repository:%s:%s", repository, actions);
    return hop_sprintf("repository:%s:%s repository:%s:pull", repository, actions,
                       mount_from);
}

static hop_gate park(hop_job *job, hop_endpoint *endpoint)
{
    hop_fifo_add(&hop_engine_lane(job->engine, endpoint)->parked, job);
    return HOP_GATE_PARKED;
}

static hop_gate refuse(hop_job *job, hop_error **error)
{
    hop_job_set_error(job, error);
    /* A token for two repositories may be refused where one for the target is not. */
    hop_engine_feed(
        job, job->machine.state == HOP_ST_MOUNT ? HOP_EV_REFUSED : HOP_EV_FATAL, false);
    return HOP_GATE_FAILED;
}

void hop_engine_log_note(const hop_engine *e, hop_endpoint *p)
{
    HOP_AUTO_STR note = hop_steal(&p->note);
    if (note)
        hop_engine_log(e, HOP_EVENT_LOG, "%s", note);
}

static hop_gate check(hop_job *job, hop_endpoint *p, const char *repository,
                      const char *mount_from, hop_pass **out)
{
    hop_engine *e = job->engine;
    hop_error *error = NULL;
    if (p->reach == HOP_REACH_UNKNOWN)
        start_ping(e, p);
    if (p->reach == HOP_REACH_ASKING)
        return park(job, p);
    if (p->reach == HOP_REACH_FAILED) {
        error = hop_error_clone(p->error);
        hop_job_set_error(job, &error);
        hop_engine_feed(job, HOP_EV_FATAL, false);
        return HOP_GATE_FAILED;
    }
    HOP_AUTO_STR scopes = make_scopes(p, repository, mount_from);
    hop_pass *pass = hop_endpoint_get_pass(p, scopes);
    hop_pass_forget_failure(pass, e->now_ms);
    if (pass->state == HOP_PASS_FAILED) {
        error = hop_error_clone(pass->error);
        return refuse(job, &error);
    }
    HOP_AUTO_VALUE(hop_token_request) request = {0};
    hop_status s =
        hop_endpoint_renew_pass(p, pass, repository, e->now_ms, &request, &error);
    hop_engine_log_note(e, p);
    if (s != HOP_OK)
        return refuse(job, &error);
    if (request.url)
        start_token(e, p, pass, &request);
    if (pass->state == HOP_PASS_ASKING || pass->state == HOP_PASS_HELPED)
        return park(job, p);
    *out = pass;
    return HOP_GATE_GO;
}

hop_gate hop_engine_gate(hop_job *job, const char *mount_from)
{
    hop_gate gate = check(job, job->at, job->repository, mount_from, &job->pass);
    if (gate == HOP_GATE_GO)
        job->pass_serial = job->pass->serial;
    return gate;
}

hop_gate hop_engine_gate_source(hop_job *job)
{
    hop_gate gate =
        check(job, job->source.endpoint, job->source.repository, NULL, &job->source_pass);
    if (gate == HOP_GATE_GO)
        job->source_serial = job->source_pass->serial;
    return gate;
}

/* Several jobs may have been refused with the same token: it is dropped once. */
void hop_engine_reject_pass(hop_job *job)
{
    hop_pass *pass = job->is_source_refused ? job->source_pass : job->pass;
    unsigned serial = job->is_source_refused ? job->source_serial : job->pass_serial;
    job->is_source_refused = false;
    if (!pass || pass->serial != serial || pass->state != HOP_PASS_READY)
        return;
    pass->state = HOP_PASS_NONE;
    free(pass->refused);
    pass->refused = pass->header ? hop_strdup(pass->header) : NULL;
}

void hop_pass_add_header(const hop_pass *pass, hop_strings *headers)
{
    if (pass && pass->header)
        hop_strings_add(headers, pass->header);
}
