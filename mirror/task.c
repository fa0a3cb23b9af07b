/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "task.h"

#include "endpoint.h"

#include <assert.h>
#include <stdlib.h>

void hop_cause_clear(hop_cause *cause)
{
    hop_error_free(cause->error);
    free(cause->url);
    *cause = (hop_cause){0};
}

void hop_task_clear(hop_task *task)
{
    hop_cause_clear(&task->cause);
    free(task->dependents);
    *task = (hop_task){0};
}

void hop_task_need(hop_task *task, hop_task *other, hop_need need)
{
    if (other->state == HOP_TASK_OPEN) {
        other->dependents = hop_grow(other->dependents, other->dependent_count,
                                     &other->dependent_cap, sizeof(*other->dependents));
        other->dependents[other->dependent_count++] =
            (struct hop_dependent){.task = task, .need = need};
        task->pending++;
    } else if (other->state == HOP_TASK_FAILED && need == HOP_NEED_SUCCESS &&
               !task->bad) {
        task->bad = other;
    }
}

void hop_task_arm(hop_task *task)
{
    task->is_armed = true;
    if (task->pending > 0)
        return;
    task->is_armed = false;
    task->run(task);
}

/* The list is taken out first: what runs now may need this task again. */
static void end(hop_task *task, hop_task_state state)
{
    assert(task->state == HOP_TASK_OPEN);
    task->state = state;
    struct hop_dependent *list = hop_steal(&task->dependents);
    size_t count = task->dependent_count;
    task->dependent_count = 0;
    task->dependent_cap = 0;
    for (size_t i = 0; i < count; i++) {
        hop_task *t = list[i].task;
        t->pending--;
        if (state == HOP_TASK_FAILED && list[i].need == HOP_NEED_SUCCESS && !t->bad)
            t->bad = task;
        if (t->pending == 0 && t->is_armed)
            hop_task_arm(t);
    }
    free(list);
}

void hop_task_succeed(hop_task *task)
{
    end(task, HOP_TASK_DONE);
}

void hop_task_fail(hop_task *task, hop_cause *cause)
{
    task->cause = *cause;
    *cause = (hop_cause){0};
    end(task, HOP_TASK_FAILED);
}

void hop_task_fail_like(hop_task *task, const hop_task *other)
{
    hop_cause cause = other->cause;
    cause.error = hop_error_clone(other->cause.error);
    cause.url = hop_strdup(other->cause.url);
    task->lacks_part = other->lacks_part;
    hop_task_fail(task, &cause);
}
