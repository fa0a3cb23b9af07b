/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mirror_private.h"
#include "tag_list.h"

#include <stdlib.h>
#include <string.h>

/* ---- repositories of the destination: which tags are there ---- */

static void ask_tags(hop_repository *r, const char *path);

static void read_tags(hop_repository *r, const hop_job *job)
{
    HOP_AUTO_VALUE(hop_strings) tags = {0};
    r->is_listed = hop_tag_list_parse(&job->body, &tags);
    for (size_t i = 0; i < tags.len; i++)
        hop_table_set(&r->tags, tags.items[i], r);
}

static void got_tags(void *user, hop_job *job)
{
    hop_repository *r = user;
    r->is_listed = job->outcome == HOP_OUTCOME_ABSENT; /* no such repository: no tags */
    if (job->outcome == HOP_OUTCOME_OK)
        read_tags(r, job);
    HOP_AUTO_STR next = hop_tag_list_next(job->link);
    bool has_more = r->is_listed && job->link != NULL;
    hop_job_clear(job);
    if (has_more && next && ++r->pages < HOP_TAG_PAGES) {
        ask_tags(r, next);
        return;
    }
    /* What goes wrong here is no failure: each tag is asked for by itself then. */
    if (has_more)
        r->is_listed = false;
    hop_task_succeed(&r->task);
}

static void ask_tags(hop_repository *r, const char *path)
{
    char *copy = hop_strdup(path);
    free(r->path);
    r->path = copy;
    r->job = (hop_job){
        .kind = HOP_JOB_TAGS,
        .priority = HOP_PRIORITY_FIRST,
        .at = r->mirror->at,
        .repository = r->name,
        .reference = r->path,
        .done = got_tags,
        .user = r,
    };
    hop_engine_submit(r->mirror->engine, &r->job);
}

hop_repository *hop_mirror_repository(hop_mirror *m, const char *name)
{
    for (size_t i = 0; i < m->repositories.len; i++) {
        hop_repository *r = m->repositories.items[i];
        if (strcmp(r->name, name) == 0)
            return r;
    }
    hop_repository *r = hop_alloc(1, sizeof(*r));
    r->mirror = m;
    r->name = hop_strdup(name);
    hop_pointers_add(&m->repositories, r);
    return r;
}

/* Asked for when the first image wants to know; not at all where no answer is used. */
void hop_mirror_list_tags(hop_repository *r)
{
    if (r->is_asked)
        return;
    r->is_asked = true;
    ask_tags(r, NULL);
}

/* ---- holdings ---- */

static void fail_with_job(hop_holding *h)
{
    hop_cause cause = {0};
    hop_cause_of_job(&cause, &h->job, &h->content->digest);
    hop_task_fail(&h->task, &cause);
}

/* The destination may be asked about it before, but it is not written to. */
static void need_content(hop_holding *h)
{
    hop_task_need(&h->task, &h->mirror->sources, HOP_NEED_SUCCESS);
    hop_task_need(&h->task, &h->content->task, HOP_NEED_SUCCESS);
    hop_task_arm(&h->task);
}

static void looked(void *user, hop_job *job)
{
    hop_holding *h = user;
    h->is_present = job->outcome == HOP_OUTCOME_OK;
    /* A failure here only costs that each blob is asked for. */
    hop_job_clear(job);
    need_content(h);
}

static void look(hop_holding *h)
{
    h->job = (hop_job){
        .kind = HOP_JOB_MANIFEST_HEAD,
        .priority = HOP_PRIORITY_FIND,
        .at = h->mirror->at,
        .repository = h->repository->name,
        .reference = h->content->digest.text,
        .digest = h->content->digest,
        .done = looked,
        .user = h,
    };
    hop_engine_submit(h->mirror->engine, &h->job);
}

static void put_done(void *user, hop_job *job)
{
    hop_holding *h = user;
    if (job->outcome != HOP_OUTCOME_OK) {
        h->task.lacks_part = job->lacks_part;
        if (job->lacks_part)
            hop_mirror_believe_missing(h->mirror, job);
        fail_with_job(h);
        return;
    }
    hop_job_clear(job);
    hop_task_succeed(&h->task);
}

static void put_child(hop_holding *h)
{
    h->is_put = true;
    if (h->mirror->media) {
        bool was_there = false;
        if (hop_media_put_manifest(h->mirror, h->content, &was_there)) {
            hop_task_succeed(&h->task);
            return;
        }
        hop_cause cause = {.error = hop_error_clone(h->mirror->fatal),
                           .digest = h->content->digest};
        hop_task_fail(&h->task, &cause);
        return;
    }
    h->job = (hop_job){
        .kind = HOP_JOB_MANIFEST_PUT,
        .priority = HOP_PRIORITY_FIND,
        .at = h->mirror->at,
        .repository = h->repository->name,
        .reference = h->content->digest.text,
        .digest = h->content->digest,
        .data = h->content->body.data,
        .data_len = h->content->body.len,
        .media_type = h->content->manifest.media_type,
        .done = put_done,
        .user = h,
    };
    hop_engine_submit(h->mirror->engine, &h->job);
}

static void need_blob(hop_holding *h, const hop_descriptor *d)
{
    if (d->is_foreign)
        return;
    hop_blob *b = hop_mirror_blob(h, d);
    hop_task_need(&h->task, &b->task, HOP_NEED_SUCCESS);
}

static void need_parts(hop_holding *h)
{
    const hop_manifest *manifest = &h->content->manifest;
    hop_mirror *m = h->mirror;
    h->has_parts = true;
    if (manifest->kind == HOP_MANIFEST_IMAGE) {
        need_blob(h, &manifest->config);
        for (size_t i = 0; i < manifest->layer_count; i++)
            need_blob(h, &manifest->layers[i]);
        return;
    }
    for (size_t i = 0; i < manifest->layer_count; i++) {
        hop_content *c =
            hop_mirror_content(m, h->content->origin, &manifest->layers[i].digest);
        hop_holding *child = hop_mirror_holding(m, h->repository, c, h->release,
                                                h->effort, HOP_HOLDING_CHILD);
        hop_task_need(&h->task, &child->task, HOP_NEED_SUCCESS);
    }
}

/* Mirrors that were filtered by architecture hold lists of which they lack a part. */
static void fail_with_part(hop_holding *h)
{
    const hop_task *part = h->task.bad;
    hop_cause cause = part->cause;
    cause.error = hop_error_clone(part->cause.error);
    cause.url = hop_strdup(part->cause.url);
    h->task.lacks_part = part->lacks_part;
    bool is_list = h->has_parts && h->content->manifest.kind == HOP_MANIFEST_LIST;
    if (is_list && hop_error_get_status(cause.error) == HOP_E_NOT_FOUND)
        hop_error_hint(
            &cause.error,
            "the list %s names an image that its source does not have in full, "
            "and lists are copied whole: --idms-file names places to look at",
            h->content->digest.text);
    hop_task_fail(&h->task, &cause);
}

static void run_holding(hop_task *task)
{
    hop_holding *h = (hop_holding *)task;
    if (task->bad) {
        fail_with_part(h);
        return;
    }
    if (h->is_present) {
        hop_task_succeed(task);
    } else if (!h->has_parts) {
        need_parts(h);
        hop_task_arm(task);
    } else if (h->is_child && !h->is_put) {
        put_child(h);
    } else {
        hop_task_succeed(task);
    }
}

static bool should_look(const hop_holding *h)
{
    bool is_empty = h->repository->is_listed && h->repository->tags.len == 0;
    return !h->is_child && !is_empty && !h->mirror->media &&
           h->mirror->mode == HOP_RUN_COPY && h->effort == HOP_EFFORT_NORMAL;
}

hop_holding *hop_mirror_holding(hop_mirror *m, hop_repository *r, hop_content *c,
                                size_t release, hop_effort effort,
                                hop_holding_place place)
{
    HOP_AUTO_STR key = hop_sprintf("holding %s %s %d %d", r->name, c->digest.text,
                                   (int)effort, (int)place);
    hop_holding *h = hop_table_get(&m->known, key);
    if (h)
        return h;
    h = hop_alloc(1, sizeof(*h));
    h->mirror = m;
    h->repository = r;
    h->content = c;
    h->effort = effort;
    h->release = release;
    h->is_child = place == HOP_HOLDING_CHILD;
    h->task.run = run_holding;
    hop_table_set(&m->known, key, h);
    hop_pointers_add(&m->holdings, h);
    if (should_look(h)) {
        look(h);
        return h;
    }
    need_content(h);
    return h;
}
