/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mirror_private.h"
#include "names.h"
#include "preflight.h"

#include <stdlib.h>
#include <string.h>

/* ---- how an image ends ---- */

void hop_mirror_note_failure(hop_mirror *m, size_t release, const char *name,
                             const hop_digest *digest, const hop_task *task)
{
    if (hop_error_get_status(task->cause.error) == HOP_E_CANCELLED)
        return;
    hop_failed *f = hop_alloc(1, sizeof(*f));
    f->release = release;
    f->name = hop_strdup(name);
    f->digest = *digest;
    f->cause = task->cause;
    f->cause.error = hop_error_clone(task->cause.error);
    f->cause.url = hop_strdup(task->cause.url);
    hop_pointers_add(&m->failures, f);
}

static void count_image(hop_image *image)
{
    hop_mirror *m = image->mirror;
    hop_release *r =
        image->release == HOP_NO_RELEASE ? NULL : m->releases.items[image->release];
    hop_counters *counts[] = {&m->count, r ? &r->count : NULL};
    for (size_t i = 0; i < HOP_COUNT_OF(counts) && counts[i]; i++) {
        counts[i]->images_done += image->state == HOP_ITEM_DONE;
        counts[i]->images_present += image->state == HOP_ITEM_PRESENT;
        counts[i]->images_failed += image->state == HOP_ITEM_FAILED;
    }
}

static void end_image(hop_image *image)
{
    hop_engine_log(image->mirror->engine, HOP_EVENT_IMAGE, "%s %s", image->destination,
                   image->state == HOP_ITEM_PRESENT ? "is there" : "done");
    count_image(image);
    hop_task_succeed(&image->task);
}

static void fail_image(hop_image *image, hop_cause *cause)
{
    /* An image that only had to wait for others has not failed by itself. */
    bool is_withheld = image->gate && image->gate->state == HOP_TASK_FAILED;
    if (!is_withheld) {
        image->state = HOP_ITEM_FAILED;
        count_image(image);
        (void)!hop_error_wrap(&cause->error, "mirror %s to %s", image->source,
                              image->destination);
    }
    hop_source_settle(image);
    hop_task_fail(&image->task, cause);
    if (is_withheld || image->role == HOP_ROLE_SIGNATURE)
        return; /* what a signature belongs to tells of it */
    hop_mirror_note_failure(image->mirror, image->release, image->name, &image->digest,
                            &image->task);
    hop_engine_log(image->mirror->engine, HOP_EVENT_FAILURE, "%s: %s", image->destination,
                   hop_error_get_frame(image->task.cause.error, 1));
}

static void fail_like(hop_image *image, const hop_task *other)
{
    hop_cause cause = other->cause;
    cause.error = hop_error_clone(other->cause.error);
    cause.url = hop_strdup(other->cause.url);
    fail_image(image, &cause);
}

static void fail_with_job(hop_image *image)
{
    hop_cause cause = {0};
    hop_cause_of_job(&cause, &image->job, &image->digest);
    fail_image(image, &cause);
}

/* ---- steps ---- */

static bool is_signed(const hop_image *image)
{
    return image->role == HOP_ROLE_COMPONENT || image->role == HOP_ROLE_PAYLOAD;
}

/* A rerun asks the source nothing for components that are there, if an earlier run has
 * finished with their release: their signatures came before it. */
static bool is_settled(const hop_image *image)
{
    const hop_mirror *m = image->mirror;
    return image->state == HOP_ITEM_PRESENT && image->role == HOP_ROLE_COMPONENT &&
           !m->disk && !m->sigstore_key &&
           hop_mirror_is_sealed(m->releases.items[image->release]);
}

static void ask_signature(hop_image *image)
{
    if (is_signed(image) && !is_settled(image))
        image->signature = hop_mirror_signature(image, &image->digest);
}

/* What is needed in any case is asked for before what may not exist: its answer counts
 * for the repository. */
static void ask_source(hop_image *image)
{
    if (image->role == HOP_ROLE_COMPONENT && !image->content)
        image->content = hop_mirror_content(image->mirror, image->origin, &image->digest);
    ask_signature(image);
    hop_source_settle(image);
}

static void begin(hop_image *image)
{
    hop_mirror *m = image->mirror;
    image->step = HOP_IMAGE_BEGIN;
    ask_source(image);
    /* Layers that a payload still being read needs are spooled, so that they are fetched
     * once; until it is known which, payloads wait. */
    if (image->role == HOP_ROLE_PAYLOAD)
        hop_task_need(&image->task, &m->all_read, HOP_NEED_END);
    hop_task_arm(&image->task);
}

static void read_content(hop_image *image)
{
    if (!image->content)
        image->content = hop_mirror_content(image->mirror, image->origin, &image->digest);
    hop_task_need(&image->task, &image->content->task, HOP_NEED_SUCCESS);
}

static bool is_list_type(const char *type)
{
    return type && (strstr(type, "manifest.list.v2") || strstr(type, "image.index.v1"));
}

static void looked(void *user, hop_job *job)
{
    hop_image *image = user;
    if (job->outcome == HOP_OUTCOME_FAILED) {
        fail_with_job(image);
        return;
    }
    bool is_there = job->outcome == HOP_OUTCOME_OK &&
                    hop_digest_is_equal(&job->found, &image->digest);
    bool is_list = is_list_type(job->content_type);
    hop_job_clear(job);
    if (!is_there) {
        begin(image);
        return;
    }
    image->state = HOP_ITEM_PRESENT;
    image->step = HOP_IMAGE_READ;
    if (is_list && image->origin && !is_settled(image))
        read_content(image);
    ask_signature(image);
    hop_source_settle(image);
    hop_task_arm(&image->task);
}

static void look(hop_image *image)
{
    const hop_repository *r = image->repository;
    if (image->mirror->media || image->mirror->mode == HOP_RUN_RECHECK ||
        (r->is_listed && !hop_table_get(&r->tags, image->tag))) {
        begin(image);
        return;
    }
    image->job = (hop_job){
        .kind = HOP_JOB_MANIFEST_HEAD,
        .priority = HOP_PRIORITY_FIND,
        .at = image->mirror->at,
        .repository = r->name,
        .reference = image->tag,
        .done = looked,
        .user = image,
    };
    hop_engine_submit(image->mirror->engine, &image->job);
}

static void need_signatures(hop_image *image)
{
    if (image->signature)
        hop_task_need(&image->task, &image->signature->task, HOP_NEED_SUCCESS);
    if (image->has_child_signatures || !is_signed(image) || !image->content ||
        image->content->manifest.kind != HOP_MANIFEST_LIST)
        return;
    image->has_child_signatures = true;
    for (size_t i = 0; i < image->content->manifest.layer_count; i++) {
        hop_signature *s =
            hop_mirror_signature(image, &image->content->manifest.layers[i].digest);
        hop_task_need(&image->task, &s->task, HOP_NEED_SUCCESS);
    }
}

/* A dry run reads all manifests, so that sizes are exact. */
static void list_only(hop_image *image)
{
    read_content(image);
    hop_task_arm(&image->task);
}

static void list_children(hop_image *image)
{
    const hop_manifest *m = &image->content->manifest;
    for (size_t i = 0;
         m->kind == HOP_MANIFEST_LIST && image->origin && i < m->layer_count; i++) {
        hop_content *c =
            hop_mirror_content(image->mirror, image->origin, &m->layers[i].digest);
        hop_task_need(&image->task, &c->task, HOP_NEED_SUCCESS);
    }
}

static void fill(hop_image *image)
{
    hop_mirror *m = image->mirror;
    image->step = HOP_IMAGE_FILL;
    if (m->mode == HOP_RUN_DRY) {
        list_only(image);
        return;
    }
    if (!image->content)
        image->content = hop_mirror_content(m, image->origin, &image->digest);
    image->holding = hop_mirror_holding(m, image->repository, image->content,
                                        image->release, image->effort, HOP_HOLDING_TOP);
    hop_task_need(&image->task, &image->holding->task, HOP_NEED_SUCCESS);
    hop_task_need(&image->task, &image->content->task, HOP_NEED_SUCCESS);
    hop_task_arm(&image->task);
}

static void put_done(void *user, hop_job *job)
{
    hop_image *image = user;
    if (job->outcome == HOP_OUTCOME_OK) {
        hop_job_clear(job);
        image->state = HOP_ITEM_DONE;
        end_image(image);
        return;
    }
    if (job->lacks_part && image->effort == HOP_EFFORT_NORMAL) {
        /* What was taken for present is not: ask for each part, once. */
        hop_mirror_believe_missing(image->mirror, job);
        hop_job_clear(job);
        image->effort = HOP_EFFORT_REPAIR;
        fill(image);
        return;
    }
    fail_with_job(image);
}

/* The name comes with the inventory, at the very end. */
static void put_on_media(hop_image *image)
{
    bool was_there = false;
    if (hop_media_put_manifest(image->mirror, image->content, &was_there)) {
        image->state = was_there ? HOP_ITEM_PRESENT : HOP_ITEM_DONE;
        end_image(image);
        return;
    }
    hop_cause cause = {.error = hop_error_clone(image->mirror->fatal),
                       .digest = image->digest};
    fail_image(image, &cause);
}

static void put_tag(hop_image *image)
{
    if (image->mirror->media) {
        put_on_media(image);
        return;
    }
    image->job = (hop_job){
        .kind = HOP_JOB_MANIFEST_PUT,
        .priority = HOP_PRIORITY_FIND,
        .at = image->mirror->at,
        .repository = image->repository->name,
        .reference = image->tag,
        .digest = image->digest,
        .data = image->content->body.data,
        .data_len = image->content->body.len,
        .media_type = image->content->manifest.media_type,
        .done = put_done,
        .user = image,
    };
    hop_engine_submit(image->mirror->engine, &image->job);
}

static void prepare_tag(hop_image *image)
{
    image->step = HOP_IMAGE_TAG;
    need_signatures(image);
    if (image->mirror->mode == HOP_RUN_DRY)
        list_children(image);
    if (image->gate)
        hop_task_need(&image->task, image->gate, HOP_NEED_SUCCESS);
    hop_task_arm(&image->task);
}

/* A list whose child is missing at the destination says so at the child's or the list's
 * own manifest. */
static bool can_repair(const hop_image *image)
{
    return image->holding && image->holding->task.state == HOP_TASK_FAILED &&
           image->task.bad->lacks_part && image->effort == HOP_EFFORT_NORMAL;
}

/* It is said once, for all images. */
static bool is_over_before_start(const hop_image *image)
{
    const hop_mirror *m = image->mirror;
    return m->ready.state == HOP_TASK_FAILED || m->sources.state == HOP_TASK_FAILED ||
           (image->origin && image->origin->scouting.task.state == HOP_TASK_FAILED);
}

static void run_image(hop_task *task)
{
    hop_image *image = (hop_image *)task;
    if (task->bad && is_over_before_start(image)) {
        hop_source_settle(image);
        hop_task_fail_like(task, task->bad);
        return;
    }
    if (task->bad && can_repair(image)) {
        task->bad = NULL;
        image->effort = HOP_EFFORT_REPAIR;
        fill(image);
        return;
    }
    if (task->bad) {
        fail_like(image, task->bad);
        return;
    }
    switch (image->step) {
    case HOP_IMAGE_LOOK:
        look(image);
        break;
    case HOP_IMAGE_READ:
        need_signatures(image);
        image->step = HOP_IMAGE_END;
        hop_task_arm(task);
        break;
    case HOP_IMAGE_BEGIN:
        fill(image);
        break;
    case HOP_IMAGE_FILL:
        prepare_tag(image);
        break;
    case HOP_IMAGE_TAG:
        if (image->mirror->mode != HOP_RUN_DRY) {
            put_tag(image);
            break;
        }
        image->state = HOP_ITEM_DONE;
        end_image(image);
        break;
    case HOP_IMAGE_END:
        end_image(image);
        break;
    }
}

static void count_new_image(const hop_image *image)
{
    hop_mirror *m = image->mirror;
    m->count.images_total++;
    if (image->release != HOP_NO_RELEASE)
        ((hop_release *)m->releases.items[image->release])->count.images_total++;
}

static void need_tags(hop_image *image, hop_repository *r)
{
    hop_mirror_list_tags(r);
    hop_task_need(&image->task, &r->task, HOP_NEED_END);
}

hop_image *hop_mirror_image(hop_mirror *m, const hop_image_spec *spec)
{
    hop_image *image = hop_alloc(1, sizeof(*image));
    image->mirror = m;
    image->release = spec->release;
    image->role = spec->role;
    image->name = hop_strdup(spec->name);
    image->source = hop_strdup(spec->source);
    image->repository = spec->repository;
    image->tag = hop_strdup(spec->tag);
    image->destination =
        hop_sprintf("%s/%s:%s", m->host, spec->repository->name, spec->tag);
    image->origin = spec->origin;
    image->content = spec->content;
    image->digest = *spec->digest;
    image->gate = spec->gate;
    image->task.run = run_image;
    image->repository->is_written = true;
    hop_task_need(&image->task, &m->ready, HOP_NEED_SUCCESS);
    hop_pointers_add(&m->images, image);
    count_new_image(image);
    hop_source_expect(image);
    if (m->mode == HOP_RUN_DRY) {
        image->step = HOP_IMAGE_BEGIN;
        ask_source(image);
    } else if (m->mode == HOP_RUN_COPY && !m->media) {
        need_tags(image, spec->repository);
        if (spec->role == HOP_ROLE_COMPONENT && spec->repository != m->payloads)
            need_tags(image, m->payloads);
    }
    hop_task_arm(&image->task);
    return image;
}
