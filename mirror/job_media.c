/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A run whose destination is removable media.
 *
 * All manifests are read first. When the engine has nothing left to do, all that can be
 * known without blobs is known: then it is seen whether the blobs fit, and they begin.
 * The media's names (index.json, oc-hop.json) are not written here but by whoever
 * finishes the media.
 */
#include "mirror_private.h"

#include <stdlib.h>
#include <string.h>

#define COPY_BYTES (256 * HOP_KIB)

/* The disk is full, or broken: nothing else will succeed. Consumes the error. */
static void end_run(hop_mirror *m, hop_error **error)
{
    if (m->fatal) {
        hop_error_drop(error);
        return;
    }
    m->fatal = hop_steal(error);
    if (hop_error_get_status(m->fatal) == HOP_E_DISK)
        hop_error_hint(&m->fatal, HOP_MEDIA_HINT_FULL);
    hop_engine_cancel(m->engine, HOP_CANCEL_NOW);
}

static void fail_blob(hop_blob *b, hop_error **error)
{
    hop_cause cause = {.error = hop_error_clone(*error), .digest = b->digest};
    end_run(b->mirror, error);
    hop_media_blob_free(hop_steal(&b->media));
    hop_job_clear(&b->job);
    hop_task_fail(&b->task, &cause);
}

static void succeed(hop_blob *b, hop_outcome outcome)
{
    hop_media_blob_free(hop_steal(&b->media));
    b->job.outcome = outcome;
    hop_mirror_end_blob(b);
}

static void commit(hop_blob *b)
{
    hop_error *error = NULL;
    if (hop_media_blob_commit(b->media, &error) == HOP_OK)
        succeed(b, HOP_OUTCOME_OK);
    else
        fail_blob(b, &error);
}

/* ---- from this machine: layers of payloads, images held in memory ---- */

static hop_status copy_store(hop_blob *b, const hop_store *store, hop_error **err)
{
    HOP_AUTO_STR chunk = hop_alloc(COPY_BYTES, 1);
    hop_status s = store->data ? hop_media_blob_write(b->media, 0, store->data,
                                                      (size_t)store->size_bytes, err)
                               : HOP_OK;
    for (uint64_t at = 0; !store->data && s == HOP_OK && at < store->size_bytes;) {
        size_t n = hop_spool_read(store->spool, at, chunk, COPY_BYTES);
        if (n == 0)
            return hop_error_set(err, HOP_E_IO,
                                 "read blob %s back from the temporary file",
                                 store->digest.text);
        s = hop_media_blob_write(b->media, at, chunk, n, err);
        at += n;
    }
    return s;
}

/* ---- from the source ---- */

static void fetch(hop_blob *b);

static void fetched(void *user, hop_job *job)
{
    hop_blob *b = user;
    if (job->outcome == HOP_OUTCOME_OK) {
        commit(b);
        return;
    }
    hop_status status = hop_error_get_status(job->error);
    if (status == HOP_E_DISK || status == HOP_E_IO) {
        hop_error *error = hop_steal(&job->error);
        fail_blob(b, &error);
        return;
    }
    if (status != HOP_E_CANCELLED && ++b->tries < b->from->origin->places.len) {
        fetch(b);
        return;
    }
    hop_cause cause = {0};
    hop_cause_of_job(&cause, job, &b->digest);
    hop_media_blob_free(hop_steal(&b->media));
    hop_task_fail(&b->task, &cause);
}

/* What an earlier run has left goes on where it ended; true when nothing is missing. */
static hop_status take_up(hop_blob *b, bool *is_whole, hop_error **err)
{
    hop_job *job = &b->job;
    uint64_t have = hop_media_blob_get_have(b->media);
    *is_whole = false;
    if (have == 0)
        return HOP_OK;
    job->hash = hop_hash_new_like(&b->digest);
    hop_status s = hop_media_blob_hash(b->media, job->hash, err);
    if (s != HOP_OK || have < b->size_bytes) {
        job->got = s == HOP_OK ? have : 0;
        job->hashed = job->got;
        job->got_mark = job->got;
        return s;
    }
    hop_digest got = hop_hash_finish(job->hash);
    hop_hash_free(hop_steal(&job->hash));
    *is_whole = hop_digest_is_equal(&got, &b->digest);
    return HOP_OK;
}

static void fetch(hop_blob *b)
{
    hop_error *error = NULL;
    bool is_whole = false;
    hop_job_clear(&b->job);
    b->job = (hop_job){
        .kind = HOP_JOB_BLOB_FETCH,
        .priority = HOP_PRIORITY_FIND,
        .digest = b->digest,
        .size_bytes = b->size_bytes,
        .media = b->media,
        .done = fetched,
        .user = b,
    };
    if (!hop_mirror_next_place(b->mirror, b->from->origin, b->from->place, b->tries,
                               &b->job.at, &b->place_repository)) {
        hop_cause cause = {.digest = b->digest};
        (void)!hop_error_set(&cause.error, HOP_E_NOT_FOUND,
                             "no place is left to look for blob %s", b->digest.text);
        hop_media_blob_free(hop_steal(&b->media));
        hop_task_fail(&b->task, &cause);
        return;
    }
    b->job.repository = b->place_repository;
    if (take_up(b, &is_whole, &error) != HOP_OK)
        fail_blob(b, &error);
    else if (is_whole)
        commit(b);
    else
        hop_engine_submit(b->mirror->engine, &b->job);
}

/* ---- one blob ---- */

static hop_status is_there(const hop_blob *b, bool *out, hop_error **err)
{
    const hop_media_writer *w = b->mirror->media;
    *out = hop_media_writer_has(w, &b->digest, b->size_bytes) &&
           !hop_media_writer_lacks_copy(w, &b->digest, b->size_bytes);
    if (!*out || b->mirror->mode != HOP_RUN_RECHECK)
        return HOP_OK;
    return hop_media_writer_recheck(w, &b->digest, b->size_bytes, out, err);
}

/* What is read to know a payload stays on the media: without it the far side could not
 * check anything before it writes. */
static bool may_omit(const hop_blob *b)
{
    return hop_media_writer_omits(b->mirror->media, &b->digest) &&
           !hop_mirror_find_store(b->mirror, &b->digest);
}

void hop_media_run_blob(hop_task *task)
{
    hop_blob *b = (hop_blob *)task;
    hop_error *error = NULL;
    bool has_it = false;
    if (task->bad) {
        hop_task_fail_like(task, task->bad);
        return;
    }
    b->is_omitted = may_omit(b);
    if (!b->is_omitted && is_there(b, &has_it, &error) != HOP_OK) {
        fail_blob(b, &error);
        return;
    }
    /* What the far side has is still read here, when oc is taken out of it. */
    bool is_for_copy = b->is_omitted && hop_media_writer_lacks_copy(
                                            b->mirror->media, &b->digest, b->size_bytes);
    if (has_it || (b->is_omitted && !is_for_copy)) {
        succeed(b, HOP_OUTCOME_PRESENT);
        return;
    }
    b->media = hop_media_blob_new(b->mirror->media, &b->digest, b->size_bytes);
    if (is_for_copy)
        hop_media_blob_keep_only(b->media);
    const hop_store *store = hop_mirror_find_store(b->mirror, &b->digest);
    if (!store || store->task.state != HOP_TASK_DONE)
        fetch(b);
    else if (copy_store(b, store, &error) == HOP_OK)
        commit(b);
    else
        fail_blob(b, &error);
}

bool hop_media_put_manifest(hop_mirror *m, const hop_content *c, bool *was_there)
{
    hop_error *error = NULL;
    if (m->fatal)
        return false;
    *was_there = hop_media_writer_has(m->media, &c->digest, c->body.len);
    hop_status s = HOP_OK;
    if (*was_there && m->mode == HOP_RUN_RECHECK)
        s = hop_media_writer_recheck(m->media, &c->digest, c->body.len, was_there,
                                     &error);
    if (s == HOP_OK)
        s = hop_media_writer_put(m->media, &c->digest, c->body.data, c->body.len, &error);
    if (s != HOP_OK)
        end_run(m, &error);
    return s == HOP_OK;
}

/* ---- does it fit? ---- */

static uint64_t missing_bytes(const hop_mirror *m, const hop_blob *b)
{
    if (may_omit(b) || hop_media_writer_has(m->media, &b->digest, b->size_bytes))
        return 0;
    HOP_AUTO(hop_media_blob)
    probe = hop_media_blob_new(m->media, &b->digest, b->size_bytes);
    return b->size_bytes - hop_media_blob_get_have(probe);
}

static void add_up(uint64_t *sum, uint64_t bytes)
{
    if (!hop_add_u64(*sum, bytes, sum))
        *sum = UINT64_MAX;
}

static hop_status check_space(const hop_mirror *m, hop_error **err)
{
    hop_media_need need = {.tmp_dir = m->tmp_dir};
    for (size_t i = 0; i < m->blobs.len; i++) {
        const hop_blob *b = m->blobs.items[i];
        uint64_t bytes = missing_bytes(m, b);
        if (bytes > 0)
            need.files++;
        add_up(&need.size_bytes, bytes);
        if (hop_media_writer_keeps(m->media, &b->digest))
            add_up(&need.copy_bytes, b->size_bytes);
    }
    for (size_t i = 0; i < m->contents.len; i++) {
        const hop_content *c = m->contents.items[i];
        if (hop_media_writer_has(m->media, &c->digest, c->body.len))
            continue;
        need.files++;
        add_up(&need.size_bytes, c->body.len);
    }
    return need.files > 0 || need.copy_bytes > 0
               ? hop_media_writer_check_space(m->media, &need, err)
               : HOP_OK;
}

hop_status hop_media_begin_blobs(hop_mirror *m, hop_error **err)
{
    hop_cause cause = {0};
    if (m->is_cancelled)
        (void)!hop_error_set(&cause.error, HOP_E_CANCELLED, "cancelled");
    hop_status s = hop_media_keep_clients(m, err);
    if (s == HOP_OK && !m->is_cancelled)
        s = check_space(m, err);
    if (s != HOP_OK)
        return s;
    if (m->is_cancelled)
        hop_task_fail(&m->space, &cause);
    else
        hop_task_succeed(&m->space);
    return HOP_OK;
}
