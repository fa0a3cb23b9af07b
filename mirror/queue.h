/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Which job is next at one host. Pure order, no limits.
 *
 * Pushes are taken from both ends of a list by size: large blobs must not trail at the
 * end, and small ones, which cost round trips and no bandwidth, should run beside them.
 */
#ifndef HOP_QUEUE_H
#define HOP_QUEUE_H

#include "job.h"

/** First in, first out, through job->next. */
typedef struct hop_fifo {
    hop_job *head;
    hop_job *tail;
    size_t len;
} hop_fifo;
void hop_fifo_add(hop_fifo *q, hop_job *job);
hop_job *hop_fifo_take(hop_fifo *q); /* NULL when empty */
void hop_fifo_remove(hop_fifo *q, hop_job *job);

/** Sorted by size. */
typedef struct hop_by_size {
    hop_job **items;
    size_t len;
    size_t cap;
} hop_by_size;
void hop_by_size_add(hop_by_size *q, hop_job *job);
typedef enum hop_end { HOP_END_SMALLEST, HOP_END_LARGEST } hop_end;
hop_job *hop_by_size_take(hop_by_size *q, hop_end end); /* NULL when empty */
void hop_by_size_clear(hop_by_size *q);

#define HOP_LARGE_BLOB ((uint64_t)4 << 20)

/** Milliseconds before try number `failures` + 1: exponential, capped, half of it jitter.
 * *state is a random state, not zero. */
uint64_t hop_back_off_ms(unsigned failures, uint64_t *state);

#endif
