/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "preflight.h"

#include <stddef.h>
#include <stdlib.h>

/* One repository that the run writes: may it be written? */
typedef struct check {
    hop_task task;
    hop_mirror *mirror;
    const hop_repository *repository;
    hop_job job;
} check;

static void asked(void *user, hop_job *job)
{
    check *c = user;
    if (job->outcome == HOP_OUTCOME_OK) {
        hop_job_clear(job);
        hop_task_succeed(&c->task);
        return;
    }
    hop_cause cause = {0};
    hop_cause_of_job(&cause, job, &(hop_digest){0});
    hop_task_fail(&c->task, &cause);
}

static void ask(hop_mirror *m, const hop_repository *r)
{
    check *c = hop_alloc(1, sizeof(*c));
    c->mirror = m;
    c->repository = r;
    hop_pointers_add(&m->checks, c);
    hop_task_need(&m->ready, &c->task, HOP_NEED_SUCCESS);
    c->job = (hop_job){
        .kind = HOP_JOB_PUSH_RIGHT,
        .priority = HOP_PRIORITY_FIRST,
        .at = m->at,
        .repository = r->name,
        .done = asked,
        .user = c,
    };
    hop_engine_submit(m->engine, &c->job);
}

/* ---- what is said ---- */

static bool has_failed(const check *c)
{
    return c->task.state == HOP_TASK_FAILED &&
           hop_error_get_status(c->task.cause.error) != HOP_E_CANCELLED;
}

static bool is_same_cause(const check *a, const check *b)
{
    return a->task.cause.http_status == b->task.cause.http_status &&
           hop_error_get_status(a->task.cause.error) ==
               hop_error_get_status(b->task.cause.error);
}

static bool is_first_of_cause(const hop_mirror *m, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (has_failed(m->checks.items[i]) &&
            is_same_cause(m->checks.items[i], m->checks.items[index]))
            return false;
    return true;
}

/* One sentence for each cause, with every repository that it concerns. */
static void note(hop_mirror *m, const check *first)
{
    HOP_AUTO_VALUE(hop_buf) names = hop_buf_init(HOP_BUF_TEXT);
    for (size_t i = 0; i < m->checks.len; i++) {
        const check *c = m->checks.items[i];
        if (has_failed(c) && is_same_cause(c, first))
            hop_buf_addf(&names, "%s%s", names.len ? ", " : "", c->repository->name);
    }
    hop_cause cause = first->task.cause;
    cause.error = hop_error_clone(first->task.cause.error);
    cause.url = hop_strdup(first->task.cause.url);
    (void)!hop_error_wrap(&cause.error, "make sure that %s can be pushed to at %s",
                          hop_buf_get(&names), m->host);
    hop_task failed = {.state = HOP_TASK_FAILED, .cause = cause};
    hop_mirror_note_failure(m, HOP_NO_RELEASE, "destination", &cause.digest, &failed);
    hop_task_clear(&failed);
}

static void run_ready(hop_task *task)
{
    hop_mirror *m = (hop_mirror *)(void *)((char *)task - offsetof(hop_mirror, ready));
    if (!task->bad) {
        hop_task_succeed(task);
        return;
    }
    for (size_t i = 0; i < m->checks.len; i++)
        if (has_failed(m->checks.items[i]) && is_first_of_cause(m, i))
            note(m, m->checks.items[i]);
    hop_task_fail_like(task, task->bad);
}

void hop_mirror_preflight(hop_mirror *m)
{
    m->ready.run = run_ready;
    bool has_releases = m->releases.len > 0;
    bool writes_there = m->mode != HOP_RUN_DRY && !m->media;
    for (size_t i = 0; writes_there && i < m->repositories.len; i++) {
        hop_repository *r = m->repositories.items[i];
        bool is_for_releases = r == m->components || r == m->payloads;
        if (r->is_written || (is_for_releases && has_releases))
            ask(m, r);
    }
    hop_task_arm(&m->ready);
}

void hop_check_free(void *p)
{
    check *c = p;
    hop_task_clear(&c->task);
    hop_job_clear(&c->job);
    free(c);
}
