/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hop_registry_proof.h"

#include "engine.h"
#include "tag_list.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define STEP_MS 200

struct hop_registry_reader {
    hop_registry_reader_opts opts; /* numbers and callbacks; pointers are stale */
    char *repositories[3];         /* by hop_media_place */
    char *tmp_dir;
    hop_side_state side;
    hop_engine *engine;
    hop_endpoint *at;
    uint64_t asked, answered;
    hop_strings unnamed; /* tags of releases that came without a digest */
};

/* ---- life ---- */

static hop_status set_repositories(hop_registry_reader *r,
                                   const hop_registry_reader_opts *o, hop_error **err)
{
    const char *names[] = {[HOP_MEDIA_COMPONENTS] = o->repository,
                           [HOP_MEDIA_RELEASES] = o->release_repository,
                           [HOP_MEDIA_GRAPH_DATA_PLACE] = o->graph_data_repository};
    for (size_t i = 0; i < HOP_COUNT_OF(names); i++) {
        if (!names[i] || !hop_repository_is_valid(names[i]))
            return hop_error_set(err, HOP_E_USAGE,
                                 "repository \"%s\": expected lower-case path components",
                                 names[i] ? names[i] : "");
        r->repositories[i] = hop_strdup(names[i]);
    }
    return HOP_OK;
}

hop_status hop_registry_reader_new(const hop_registry_reader_opts *opts,
                                   hop_registry_reader **out, hop_error **err)
{
    if (!hop_host_is_valid(opts->host))
        return hop_error_set(err, HOP_E_USAGE, "registry \"%s\": expected HOST[:PORT]",
                             opts->host);
    HOP_AUTO(hop_registry_reader) r = hop_alloc(1, sizeof(*r));
    r->opts = *opts;
    r->tmp_dir = hop_strdup(opts->tmp_dir ? opts->tmp_dir : "/tmp");
    hop_status s = set_repositories(r, opts, err);
    /* A source: it is only read, and a token for more might be refused. */
    if (s == HOP_OK)
        s = hop_side_state_load(HOP_SIDE_SOURCE, &opts->side, &r->side, err);
    if (s != HOP_OK)
        return s;
    r->engine =
        hop_engine_new(&(hop_engine_opts){.jobs = opts->jobs ? opts->jobs : 16,
                                          .attempts = opts->attempts ? opts->attempts : 5,
                                          .stall_s = opts->stall_s ? opts->stall_s : 60,
                                          .outage_s = opts->outage_s,
                                          .seed = opts->seed,
                                          .event = opts->event,
                                          .user = opts->user});
    r->at = hop_engine_get_endpoint(r->engine, &r->side, opts->host);
    *out = hop_steal(&r);
    return HOP_OK;
}

void hop_registry_reader_free(hop_registry_reader *r)
{
    if (!r)
        return;
    if (r->engine) {
        hop_engine_abandon(r->engine);
        hop_engine_free(r->engine);
    }
    for (size_t i = 0; i < HOP_COUNT_OF(r->repositories); i++)
        free(r->repositories[i]);
    free(r->tmp_dir);
    hop_side_state_clear(&r->side);
    hop_strings_clear(&r->unnamed);
    free(r);
}

/* ---- questions ---- */

typedef struct question {
    hop_registry_reader *reader;
    hop_want *want;
    hop_job job;
    hop_spool *spool;
} question;

static hop_status not_there(const hop_job *job, hop_error **err)
{
    return hop_error_set(err, HOP_E_NOT_FOUND, "%s: it is not in the registry",
                         job->url ? job->url : job->digest.text);
}

static void take_manifest(hop_registry_reader *r, hop_want *w, hop_job *job)
{
    if (w->tag && w->place == HOP_MEDIA_RELEASES && !job->has_digest_header)
        hop_strings_add(&r->unnamed, w->tag);
    w->body = job->body;
    job->body = hop_buf_init(0);
    w->content_type = hop_steal(&job->content_type);
    if (w->digest.text[0] && !hop_digest_is_equal(&job->found, &w->digest))
        (void)!hop_error_set(&w->error, HOP_E_DIGEST, "its manifest is %s, not %s",
                             job->found.text, w->digest.text);
}

static void answered(void *user, hop_job *job)
{
    question *q = user;
    hop_want *w = q->want;
    q->reader->answered++;
    if (job->outcome == HOP_OUTCOME_FAILED)
        w->error = hop_steal(&job->error);
    else if (job->outcome == HOP_OUTCOME_ABSENT)
        (void)!not_there(job, &w->error);
    else if (w->kind == HOP_WANT_MANIFEST)
        take_manifest(q->reader, w, job);
    else if (w->kind == HOP_WANT_BYTES)
        w->fd = fcntl(hop_spool_get_fd(q->spool), F_DUPFD_CLOEXEC, 0);
}

static hop_job_kind kind_of(const hop_registry_reader *r, const hop_want *w)
{
    switch (w->kind) {
    case HOP_WANT_MANIFEST:
        return HOP_JOB_MANIFEST_GET;
    case HOP_WANT_BYTES:
        return HOP_JOB_BLOB_FETCH;
    case HOP_WANT_THERE:
        break;
    }
    return r->opts.depth == HOP_REGISTRY_DEEP ? HOP_JOB_BLOB_FETCH : HOP_JOB_BLOB_HEAD;
}

static void name_file(const hop_registry_reader *r, hop_want *w)
{
    w->file = hop_sprintf("%s/%s%s%s", r->at->host, r->repositories[w->place],
                          w->tag ? ":" : "@", w->tag ? w->tag : w->digest.text);
}

static hop_status submit(hop_registry_reader *r, question *q, hop_want *w,
                         hop_error **err)
{
    *q = (question){.reader = r, .want = w};
    name_file(r, w);
    r->asked++;
    if (w->kind == HOP_WANT_BYTES) {
        hop_status s = hop_spool_new(r->tmp_dir, &q->spool, err);
        if (s != HOP_OK)
            return s;
    }
    q->job = (hop_job){.kind = kind_of(r, w),
                       .priority = HOP_PRIORITY_FIND,
                       .at = r->at,
                       .repository = r->repositories[w->place],
                       .reference = w->tag ? w->tag : w->digest.text,
                       .size_bytes = w->size_bytes,
                       .spool = q->spool,
                       .done = answered,
                       .user = q};
    /* By tag another digest is an answer, and a finding; no reason to ask again. */
    if (!w->tag)
        q->job.digest = w->digest;
    hop_engine_submit(r->engine, &q->job);
    return HOP_OK;
}

static hop_status run(hop_registry_reader *r, hop_error **err)
{
    hop_status s = HOP_OK;
    while (hop_engine_is_busy(r->engine)) {
        hop_engine_step(r->engine, STEP_MS);
        if (s != HOP_OK || !r->opts.tick)
            continue;
        s = r->opts.tick(r->opts.user, r->answered, r->asked, err);
        if (s != HOP_OK)
            hop_engine_cancel(r->engine, HOP_CANCEL_NOW);
    }
    return s;
}

static hop_status answer(void *user, hop_want *const *wants, size_t count,
                         hop_error **err)
{
    hop_registry_reader *r = user;
    question *all = hop_alloc(count, sizeof(*all));
    hop_status s = HOP_OK;
    size_t begun = 0;
    while (s == HOP_OK && begun < count) {
        s = submit(r, &all[begun], wants[begun], err);
        begun++;
    }
    if (s != HOP_OK)
        hop_engine_cancel(r->engine, HOP_CANCEL_NOW);
    hop_error *stopped = NULL;
    hop_status ran = run(r, &stopped);
    if (s == HOP_OK && ran != HOP_OK) {
        s = ran;
        *err = hop_steal(&stopped);
    }
    hop_error_drop(&stopped);
    for (size_t i = 0; i < begun; i++) {
        hop_job_clear(&all[i].job);
        hop_spool_free(all[i].spool);
    }
    free(all);
    return s;
}

hop_want_source hop_registry_reader_get_source(hop_registry_reader *r)
{
    return (hop_want_source){.answer = answer, .user = r};
}

/* ---- tags ---- */

static void done(void *user, hop_job *job)
{
    (void)job;
    *(bool *)user = true;
}

static hop_status ask_one(hop_registry_reader *r, hop_job *job, hop_error **err)
{
    bool is_done = false;
    job->priority = HOP_PRIORITY_FIRST;
    job->at = r->at;
    job->done = done;
    job->user = &is_done;
    hop_engine_submit(r->engine, job);
    hop_status s = run(r, err);
    if (s == HOP_OK && job->outcome == HOP_OUTCOME_FAILED) {
        s = hop_error_get_status(job->error);
        *err = hop_steal(&job->error);
    }
    return s;
}

hop_status hop_registry_reader_list_tags(hop_registry_reader *r, hop_media_place place,
                                         hop_strings *out, hop_error **err)
{
    HOP_AUTO_STR path = NULL;
    for (unsigned page = 0; page < HOP_TAG_PAGES; page++) {
        hop_job job = {.kind = HOP_JOB_TAGS,
                       .repository = r->repositories[place],
                       .reference = path};
        hop_status s = ask_one(r, &job, err);
        if (s == HOP_OK && job.outcome == HOP_OUTCOME_OK &&
            !hop_tag_list_parse(&job.body, out))
            s = hop_error_set(err, HOP_E_PARSE, "GET %s: it is no list of tags", job.url);
        char *next = s == HOP_OK ? hop_tag_list_next(job.link) : NULL;
        hop_job_clear(&job);
        free(path);
        path = next;
        if (s != HOP_OK || !next) {
            hop_strings_sort(out);
            return s;
        }
    }
    return hop_error_set(err, HOP_E_LIMIT, "%s/%s: its list of tags does not end",
                         r->at->host, r->repositories[place]);
}

static hop_job tag_job(hop_registry_reader *r, hop_job_kind kind, hop_media_place place,
                       const char *tag)
{
    return (hop_job){.kind = kind,
                     .priority = HOP_PRIORITY_FIND,
                     .at = r->at,
                     .repository = r->repositories[place],
                     .reference = tag};
}

/* There, but not said under which digest. */
static bool is_unnamed(const hop_job *job)
{
    return job->outcome == HOP_OUTCOME_OK && !job->found.text[0];
}

hop_status hop_registry_reader_resolve(hop_registry_reader *r, hop_media_place place,
                                       const char *tag, hop_digest *digest,
                                       char **media_type, hop_error **err)
{
    hop_job job = tag_job(r, HOP_JOB_MANIFEST_HEAD, place, tag);
    hop_status s = ask_one(r, &job, err);
    if (s == HOP_OK && is_unnamed(&job)) {
        hop_job_clear(&job);
        job = tag_job(r, HOP_JOB_MANIFEST_GET, place, tag);
        s = ask_one(r, &job, err);
    }
    if (s == HOP_OK && job.outcome == HOP_OUTCOME_ABSENT)
        s = not_there(&job, err);
    if (s == HOP_OK) {
        *digest = job.found;
        *media_type = hop_steal(&job.content_type);
    }
    hop_job_clear(&job);
    return s;
}

static void done_one(void *user, hop_job *job)
{
    (void)user;
    (void)job;
}

static void submit_tag(hop_registry_reader *r, hop_job *job)
{
    job->done = done_one;
    hop_engine_submit(r->engine, job);
}

hop_status hop_registry_reader_resolve_all(hop_registry_reader *r, hop_media_place place,
                                           const char *const *tags, size_t count,
                                           hop_digest *digests, hop_error **err)
{
    hop_job *jobs = hop_alloc(count, sizeof(*jobs));
    for (size_t i = 0; i < count; i++) {
        jobs[i] = tag_job(r, HOP_JOB_MANIFEST_HEAD, place, tags[i]);
        submit_tag(r, &jobs[i]);
    }
    hop_status s = run(r, err);
    for (size_t i = 0; s == HOP_OK && i < count; i++) {
        if (!is_unnamed(&jobs[i]))
            continue;
        hop_job_clear(&jobs[i]);
        jobs[i] = tag_job(r, HOP_JOB_MANIFEST_GET, place, tags[i]);
        submit_tag(r, &jobs[i]);
    }
    if (s == HOP_OK)
        s = run(r, err);
    for (size_t i = 0; i < count; i++) {
        if (s == HOP_OK && jobs[i].outcome == HOP_OUTCOME_FAILED) {
            s = hop_error_get_status(jobs[i].error);
            *err = hop_steal(&jobs[i].error);
        }
        digests[i] = jobs[i].found;
        hop_job_clear(&jobs[i]);
    }
    free(jobs);
    return s;
}

const hop_strings *hop_registry_reader_get_unnamed(const hop_registry_reader *r)
{
    return &r->unnamed;
}
