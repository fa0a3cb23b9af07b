/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mirror_private.h"

#include <stdlib.h>
#include <string.h>

static void fetch(hop_store *s);

static void fetched(void *user, hop_job *job)
{
    hop_store *s = user;
    if (job->outcome == HOP_OUTCOME_OK) {
        hop_job_clear(job);
        hop_task_succeed(&s->task);
        return;
    }
    hop_status status = hop_error_get_status(job->error);
    bool is_final =
        status == HOP_E_CANCELLED || status == HOP_E_DISK || status == HOP_E_IO;
    if (!is_final && s->nearby) {
        s->nearby = NULL;
        fetch(s);
        return;
    }
    if (!is_final && ++s->tries < s->from->origin->places.len) {
        fetch(s);
        return;
    }
    hop_cause cause = {0};
    hop_cause_of_job(&cause, job, &s->digest);
    hop_spool_free(hop_steal(&s->spool));
    hop_task_fail(&s->task, &cause);
}

static void fetch(hop_store *s)
{
    hop_job_clear(&s->job);
    s->job = (hop_job){
        .kind = HOP_JOB_BLOB_FETCH,
        .priority = HOP_PRIORITY_FIRST,
        .digest = s->digest,
        .size_bytes = s->size_bytes,
        .spool = s->spool,
        .done = fetched,
        .user = s,
    };
    if (s->nearby) {
        s->job.at = s->mirror->at;
        s->job.repository = s->nearby->repository->name;
        hop_engine_submit(s->mirror->engine, &s->job);
        return;
    }
    hop_cause cause = {.digest = s->digest};
    if (!hop_mirror_next_place(s->mirror, s->from->origin, s->from->place, s->tries,
                               &s->job.at, &s->repository)) {
        (void)!hop_error_set(&cause.error, HOP_E_NOT_FOUND,
                             "no place is left to look for blob %s", s->digest.text);
        hop_task_fail(&s->task, &cause);
        return;
    }
    s->job.repository = s->repository;
    hop_engine_submit(s->mirror->engine, &s->job);
}

/* What an image brings to the destination is read from there, once it has arrived: it
 * crosses the source's link once. (Layers of payloads are read before that begins.) */
static void run_store(hop_task *task)
{
    hop_store *s = (hop_store *)task;
    if (s->nearby && s->nearby->task.state != HOP_TASK_DONE)
        s->nearby = NULL;
    fetch(s);
}

static hop_store *new_store(hop_mirror *m, const hop_digest *digest)
{
    HOP_AUTO_STR key = hop_sprintf("store %s", digest->text);
    hop_store *s = hop_alloc(1, sizeof(*s));
    s->mirror = m;
    s->digest = *digest;
    hop_table_set(&m->known, key, s);
    hop_pointers_add(&m->stores, s);
    return s;
}

hop_store *hop_mirror_find_store(const hop_mirror *m, const hop_digest *digest)
{
    HOP_AUTO_STR key = hop_sprintf("store %s", digest->text);
    return hop_table_get(&m->known, key);
}

hop_store *hop_mirror_store(hop_mirror *m, const hop_descriptor *d,
                            const hop_content *from)
{
    hop_store *s = hop_mirror_find_store(m, &d->digest);
    if (s)
        return s;
    s = new_store(m, &d->digest);
    s->size_bytes = d->size_bytes;
    s->from = from;
    hop_cause cause = {.digest = d->digest};
    if (hop_spool_new(m->tmp_dir, &s->spool, &cause.error) != HOP_OK) {
        hop_task_fail(&s->task, &cause);
        return s;
    }
    if (m->disk && hop_disk_give_store(s))
        return s;
    s->task.run = run_store;
    if (!m->media)
        s->nearby = hop_mirror_find_blob(m, &d->digest);
    if (s->nearby)
        hop_task_need(&s->task, &s->nearby->task, HOP_NEED_END);
    hop_task_arm(&s->task);
    return s;
}

hop_status hop_mirror_store_file(hop_mirror *m, const hop_digest *digest,
                                 const char *path, size_t len, hop_error **err)
{
    if (hop_mirror_find_store(m, digest))
        return HOP_OK;
    hop_spool *spool = NULL;
    hop_status status = hop_spool_open(path, len, &spool, err);
    if (status != HOP_OK)
        return status;
    hop_store *s = new_store(m, digest);
    s->size_bytes = len;
    s->spool = spool;
    hop_task_succeed(&s->task);
    return HOP_OK;
}

void hop_mirror_store_bytes(hop_mirror *m, const void *data, size_t len)
{
    hop_digest digest = hop_digest_of(data, len);
    if (hop_mirror_find_store(m, &digest))
        return;
    hop_store *s = new_store(m, &digest);
    s->size_bytes = len;
    s->data = hop_alloc(len + 1, 1);
    memcpy(s->data, data, len);
    hop_task_succeed(&s->task);
}
