/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mirror_private.h"

#include <stdlib.h>
#include <string.h>

static hop_counters *release_count(const hop_blob *b)
{
    hop_mirror *m = b->mirror;
    if (b->release == HOP_NO_RELEASE)
        return NULL;
    return &((hop_release *)m->releases.items[b->release])->count;
}

static void count_blob(hop_counters *c, const hop_blob *b)
{
    switch (b->job.outcome) {
    case HOP_OUTCOME_OK:
        c->blobs_copied++;
        c->bytes_copied += b->size_bytes;
        break;
    case HOP_OUTCOME_PRESENT:
        c->blobs_skipped++;
        c->bytes_skipped += b->size_bytes;
        break;
    case HOP_OUTCOME_MOUNTED:
        c->blobs_mounted++;
        c->bytes_mounted += b->size_bytes;
        break;
    case HOP_OUTCOME_PENDING:
    case HOP_OUTCOME_ABSENT:
    case HOP_OUTCOME_FAILED:
        break;
    }
}

static void count_total(hop_counters *c, const hop_blob *b)
{
    c->blobs_total++;
    c->bytes_total += b->size_bytes;
}

static bool may_try_elsewhere(const hop_blob *b)
{
    hop_status status = hop_error_get_status(b->job.error);
    bool is_source = b->job.source.endpoint && b->job.source.endpoint != b->job.at;
    return is_source && b->job.has_source_failed && status != HOP_E_CANCELLED &&
           b->tries + 1 < b->from->origin->places.len;
}

void hop_mirror_end_blob(hop_blob *b)
{
    if (b->mirror->disk)
        hop_media_disk_drop(b->mirror->disk, &b->digest);
    count_blob(&b->mirror->count, b);
    if (release_count(b))
        count_blob(release_count(b), b);
    hop_job_clear(&b->job);
    hop_task_succeed(&b->task);
}

static void pushed(void *user, hop_job *job)
{
    hop_blob *b = user;
    if (job->outcome != HOP_OUTCOME_FAILED) {
        hop_mirror_end_blob(b);
        return;
    }
    if (job->source.endpoint == b->mirror->at && b->sibling && job->has_source_failed &&
        hop_error_get_status(job->error) != HOP_E_CANCELLED) {
        b->sibling = NULL; /* the destination said that it has the blob, and has not */
        hop_mirror_push_blob(b);
        return;
    }
    if (may_try_elsewhere(b)) {
        b->tries++;
        hop_mirror_push_blob(b);
        return;
    }
    hop_cause cause = {0};
    hop_cause_of_job(&cause, job, &b->digest);
    hop_task_fail(&b->task, &cause);
}

void hop_mirror_believe_missing(hop_mirror *m, const hop_job *job)
{
    for (size_t i = 0; i < job->missing.len; i++) {
        HOP_AUTO_STR key = hop_sprintf("missing %s", job->missing.items[i]);
        hop_table_set(&m->known, key, m);
    }
}

static bool is_known_missing(const hop_blob *b)
{
    HOP_AUTO_STR key = hop_sprintf("missing %s", b->digest.text);
    return b->effort == HOP_EFFORT_REPAIR && hop_table_get(&b->mirror->known, key);
}

/* Bytes come from this machine, else from the destination's other repository, else from
 * the source: the last is left to blobs that are nowhere nearer. */
static bool choose_source(hop_blob *b)
{
    hop_mirror *m = b->mirror;
    hop_job *job = &b->job;
    const hop_store *store = hop_mirror_find_store(m, &b->digest);
    if (store && store->task.state == HOP_TASK_DONE) {
        job->source.spool = store->spool;
        job->source.data = store->data;
        return true;
    }
    if (b->sibling && b->sibling->task.state == HOP_TASK_DONE && !is_known_missing(b)) {
        job->source.endpoint = m->at;
        job->source.repository = b->sibling->repository->name;
        return true;
    }
    if (m->disk && hop_disk_has(m, &b->digest)) {
        job->source.disk = m->disk;
        return true;
    }
    if (!hop_mirror_next_place(m, b->from->origin, b->from->place, b->tries,
                               &job->source.endpoint, &b->place_repository))
        return false;
    job->source.repository = b->place_repository;
    return true;
}

static void choose_question(hop_blob *b)
{
    hop_job *job = &b->job;
    if (is_known_missing(b)) {
        job->probe = HOP_PROBE_NONE;
        return;
    }
    if (b->sibling && b->sibling->task.state == HOP_TASK_DONE &&
        !b->mirror->at->refuses_mount)
        job->mount_from = b->sibling->repository->name;
    else if (b->from->near_repository && !b->mirror->at->refuses_mount)
        job->mount_from = b->from->near_repository;
    bool must_ask = b->mirror->mode == HOP_RUN_RECHECK ||
                    b->effort == HOP_EFFORT_REPAIR || b->mirror->at->refuses_mount;
    job->probe = must_ask ? HOP_PROBE_HEAD : HOP_PROBE_MOUNT;
}

void hop_mirror_push_blob(hop_blob *b)
{
    hop_job_clear(&b->job);
    b->job = (hop_job){
        .kind = HOP_JOB_BLOB_PUSH,
        .priority = HOP_PRIORITY_FIND,
        .at = b->mirror->at,
        .repository = b->repository->name,
        .digest = b->digest,
        .size_bytes = b->size_bytes,
        .done = pushed,
        .user = b,
    };
    if (choose_source(b)) {
        if (b->job.source.disk && hop_disk_wait(b))
            return;
        choose_question(b);
        hop_engine_submit(b->mirror->engine, &b->job);
        return;
    }
    hop_cause cause = {.digest = b->digest};
    (void)!hop_error_set(&cause.error, HOP_E_NOT_FOUND,
                         "no place is left to look for blob %s", b->digest.text);
    hop_task_fail(&b->task, &cause);
}

static void run_blob(hop_task *task)
{
    hop_mirror_push_blob((hop_blob *)task);
}

/* Media have one place for all repositories. */
static char *make_key(const hop_mirror *m, const hop_repository *r,
                      const hop_digest *digest, hop_effort effort)
{
    return hop_sprintf("blob %s %s %d", m->media ? "" : r->name, digest->text,
                       (int)effort);
}

static hop_blob *find_blob(const hop_mirror *m, const hop_repository *r,
                           const hop_digest *digest, hop_effort effort)
{
    HOP_AUTO_STR key = make_key(m, r, digest, effort);
    return hop_table_get(&m->known, key);
}

static hop_blob *find_sibling(const hop_blob *b)
{
    hop_mirror *m = b->mirror;
    for (size_t i = 0; i < m->repositories.len; i++) {
        hop_repository *r = m->repositories.items[i];
        hop_blob *other =
            r == b->repository ? NULL : find_blob(m, r, &b->digest, HOP_EFFORT_NORMAL);
        if (other)
            return other;
    }
    return NULL;
}

hop_blob *hop_mirror_find_blob(const hop_mirror *m, const hop_digest *digest)
{
    for (size_t i = 0; i < m->repositories.len; i++) {
        hop_blob *b = find_blob(m, m->repositories.items[i], digest, HOP_EFFORT_NORMAL);
        if (b && b->task.state != HOP_TASK_FAILED)
            return b;
    }
    return NULL;
}

hop_blob *hop_mirror_blob(hop_holding *h, const hop_descriptor *d)
{
    hop_mirror *m = h->mirror;
    hop_blob *b = find_blob(m, h->repository, &d->digest, h->effort);
    if (b)
        return b;
    b = hop_alloc(1, sizeof(*b));
    b->mirror = m;
    b->repository = h->repository;
    b->digest = d->digest;
    b->size_bytes = d->size_bytes;
    b->effort = h->effort;
    b->release = h->release;
    b->from = h->content;
    b->task.run = m->media ? hop_media_run_blob : run_blob;
    b->sibling = find_sibling(b);
    HOP_AUTO_STR key = make_key(m, h->repository, &d->digest, h->effort);
    hop_table_set(&m->known, key, b);
    hop_pointers_add(&m->blobs, b);
    count_total(&m->count, b);
    if (release_count(b))
        count_total(release_count(b), b);
    hop_store *store = hop_mirror_find_store(m, &d->digest);
    if (store)
        hop_task_need(&b->task, &store->task, HOP_NEED_END);
    if (b->sibling)
        hop_task_need(&b->task, &b->sibling->task, HOP_NEED_END);
    if (m->media)
        hop_task_need(&b->task, &m->space, HOP_NEED_SUCCESS);
    hop_task_arm(&b->task);
    return b;
}
