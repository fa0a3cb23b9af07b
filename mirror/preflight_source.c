/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "preflight.h"

#include <stddef.h>
#include <stdlib.h>

/* ---- which repositories have to be read ---- */

static void end_unasked(hop_origin *o)
{
    hop_scouting *s = &o->scouting;
    bool is_unasked = s->task.state == HOP_TASK_OPEN && !s->scout;
    if (is_unasked && s->undecided == 0)
        hop_task_succeed(&s->task);
}

void hop_source_expect(hop_image *image)
{
    if (image->role != HOP_ROLE_COMPONENT || image->mirror->disk)
        return;
    hop_scouting *s = &image->origin->scouting;
    if (!s->is_wanted && image->origin->has_answered)
        hop_task_succeed(&s->task);
    s->is_wanted = true;
    s->undecided++;
    image->is_undecided = true;
}

void hop_source_settle(hop_image *image)
{
    if (!image->is_undecided)
        return;
    image->is_undecided = false;
    image->origin->scouting.undecided--;
    if (image->mirror->knows_needs)
        end_unasked(image->origin);
}

/* ---- one goes ahead ---- */

bool hop_source_may_ask(hop_content *c)
{
    hop_scouting *s = &c->origin->scouting;
    if (!s->is_wanted || s->task.state == HOP_TASK_DONE)
        return true;
    if (s->task.state == HOP_TASK_FAILED) {
        hop_task_fail_like(&c->task, &s->task);
        return false;
    }
    if (!s->scout) {
        s->scout = c;
        return true;
    }
    hop_pointers_add(&s->held, c);
    return false;
}

static void fail_doubt(hop_scouting *s)
{
    hop_content *c = hop_steal(&s->doubt);
    if (c)
        hop_task_fail(&c->task, &s->cause);
}

static void open_way(hop_scouting *s)
{
    hop_pointers held = s->held;
    s->held = (hop_pointers){0};
    s->scout = NULL;
    hop_task_succeed(&s->task);
    for (size_t i = 0; i < held.len; i++)
        hop_mirror_ask_content(held.items[i]);
    free(held.items);
    fail_doubt(s);
}

static void close_way(hop_scouting *s, const hop_cause *cause)
{
    hop_pointers held = s->held;
    s->held = (hop_pointers){0};
    s->scout = NULL;
    hop_cause copy = *cause;
    copy.error = hop_error_clone(cause->error);
    copy.url = hop_strdup(cause->url);
    hop_task_fail(&s->task, &copy);
    for (size_t i = 0; i < held.len; i++)
        hop_task_fail_like(&((hop_content *)held.items[i])->task, &s->task);
    free(held.items);
    fail_doubt(s);
}

void hop_source_note_answer(const hop_content *c)
{
    if (c->origin && c->origin->scouting.scout == c)
        open_way(&c->origin->scouting);
}

/* A repository that lacks one image, or has it wrong, has been read. */
static bool is_refusal(const hop_cause *cause)
{
    switch (hop_error_get_status(cause->error)) {
    case HOP_E_AUTH:
    case HOP_E_NET:
        return true;
    case HOP_E_NOT_FOUND:
        return cause->http_status != 404; /* there is no place to ask */
    case HOP_OK:
    case HOP_E_USAGE:
    case HOP_E_PARSE:
    case HOP_E_LIMIT:
    case HOP_E_IO:
    case HOP_E_DIGEST:
    case HOP_E_SIGNATURE:
    case HOP_E_NO_PATH:
    case HOP_E_DISK:
    case HOP_E_PARTIAL:
    case HOP_E_CANCELLED:
        break;
    }
    return false;
}

static void ask_another(hop_scouting *s, hop_content *refused, hop_cause *cause)
{
    s->doubt = refused;
    s->cause = *cause;
    *cause = (hop_cause){0};
    s->scout = s->held.items[0];
    s->held.len--;
    for (size_t i = 0; i < s->held.len; i++)
        s->held.items[i] = s->held.items[i + 1];
    hop_mirror_ask_content(s->scout);
}

bool hop_source_believe(hop_content *c, hop_cause *cause)
{
    hop_scouting *s = &c->origin->scouting;
    if (s->scout != c)
        return true;
    if (hop_error_get_status(cause->error) == HOP_E_CANCELLED) {
        close_way(s, cause);
        return true;
    }
    if (!is_refusal(cause)) {
        open_way(s);
        return true;
    }
    if (!s->doubt && s->held.len > 0) {
        ask_another(s, c, cause);
        return false;
    }
    close_way(s, s->doubt ? &s->cause : cause);
    return true;
}

/* ---- what comes of it ---- */

static bool has_failed(const hop_origin *o)
{
    return o->scouting.task.state == HOP_TASK_FAILED;
}

static void note(hop_mirror *m, const hop_origin *o)
{
    HOP_AUTO_VALUE(hop_buf) places = hop_buf_init(HOP_BUF_TEXT);
    bool is_elsewhere = o->places.len > 1 || !hop_strings_has(&o->places, o->name);
    for (size_t i = 0; is_elsewhere && i < o->places.len; i++)
        hop_buf_addf(&places, "%s%s", i ? " or " : " at ", o->places.items[i]);
    hop_task failed = {.state = HOP_TASK_FAILED, .cause = o->scouting.task.cause};
    failed.cause.error = hop_error_clone(o->scouting.task.cause.error);
    failed.cause.url = hop_strdup(o->scouting.task.cause.url);
    failed.cause.digest = (hop_digest){0}; /* it is not about this image */
    (void)!hop_error_wrap(&failed.cause.error, "make sure that %s can be read%s", o->name,
                          hop_buf_get(&places));
    hop_mirror_note_failure(m, HOP_NO_RELEASE, "source", &failed.cause.digest, &failed);
    hop_task_clear(&failed);
}

static void run_sources(hop_task *task)
{
    hop_mirror *m = (hop_mirror *)(void *)((char *)task - offsetof(hop_mirror, sources));
    if (!m->knows_needs) {
        m->knows_needs = true;
        for (size_t i = 0; i < m->origins.len; i++) {
            hop_origin *o = m->origins.items[i];
            if (!o->scouting.is_wanted)
                continue;
            end_unasked(o);
            hop_task_need(task, &o->scouting.task, HOP_NEED_END);
        }
        hop_task_arm(task);
        return;
    }
    const hop_origin *bad = NULL;
    for (size_t i = 0; i < m->origins.len; i++) {
        const hop_origin *o = m->origins.items[i];
        if (!has_failed(o))
            continue;
        bad = bad ? bad : o;
        note(m, o);
    }
    if (bad)
        hop_task_fail_like(task, &bad->scouting.task);
    else
        hop_task_succeed(task);
}

void hop_mirror_check_sources(hop_mirror *m)
{
    m->sources.run = run_sources;
    hop_task_need(&m->sources, &m->all_read, HOP_NEED_END);
    hop_task_arm(&m->sources);
}
