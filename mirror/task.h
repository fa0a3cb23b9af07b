/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * What waits for what: a task runs when all that it needs is over.
 *
 *     hop_task_need(&image->task, &manifest->task, HOP_NEED_SUCCESS);
 *     hop_task_arm(&image->task);      // task.run is called when the manifest is over
 *
 * A task may need more while it runs, and arm itself again: `run` is then its next step.
 * When something that it needs to succeed has failed, `bad` names that and `run` is
 * called all the same, so that there is one place where a task ends.
 */
#ifndef HOP_TASK_H
#define HOP_TASK_H

#include "hop_error.h"
#include "hop_oci.h"

typedef enum hop_task_state {
    HOP_TASK_OPEN,
    HOP_TASK_DONE,
    HOP_TASK_FAILED
} hop_task_state;
typedef enum hop_need { HOP_NEED_SUCCESS, HOP_NEED_END } hop_need;

/** Why a task failed, as the report tells it. */
typedef struct hop_cause {
    hop_error *error;
    char *url;
    long http_status;
    unsigned attempts;
    hop_digest digest;
} hop_cause;

typedef struct hop_task hop_task;
struct hop_task {
    void (*run)(hop_task *task);
    hop_task_state state;
    bool is_armed;
    size_t pending;
    hop_task *bad;   /* the first that failed of those that had to succeed */
    hop_cause cause; /* with HOP_TASK_FAILED */
    bool lacks_part; /* failed as the registry misses what it was thought to have */
    struct hop_dependent {
        hop_task *task;
        hop_need need;
    } * dependents;
    size_t dependent_count;
    size_t dependent_cap;
};

void hop_task_need(hop_task *task, hop_task *other, hop_need need);
/** May call `run` at once. */
void hop_task_arm(hop_task *task);
void hop_task_succeed(hop_task *task);
/** Consumes the cause. */
void hop_task_fail(hop_task *task, hop_cause *cause);
/** Fails for the reason of task->bad. */
void hop_task_fail_like(hop_task *task, const hop_task *other);
void hop_task_clear(hop_task *task);
void hop_cause_clear(hop_cause *cause);

#endif
