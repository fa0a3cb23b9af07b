/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_WAIT_MS 250
#define MAX_WAIT_MS 8000

void hop_fifo_add(hop_fifo *q, hop_job *job)
{
    job->next = NULL;
    job->queue = q;
    if (q->tail)
        q->tail->next = job;
    else
        q->head = job;
    q->tail = job;
    q->len++;
}

hop_job *hop_fifo_take(hop_fifo *q)
{
    hop_job *job = q->head;
    if (job)
        hop_fifo_remove(q, job);
    return job;
}

void hop_fifo_remove(hop_fifo *q, hop_job *job)
{
    hop_job *before = NULL;
    for (hop_job *at = q->head; at; before = at, at = at->next) {
        if (at != job)
            continue;
        if (before)
            before->next = at->next;
        else
            q->head = at->next;
        if (q->tail == at)
            q->tail = before;
        at->next = NULL;
        at->queue = NULL;
        q->len--;
        return;
    }
}

/* First index whose job is larger: equal sizes stay in the order in which they came. */
static size_t upper_bound(const hop_by_size *q, uint64_t size_bytes)
{
    size_t low = 0;
    size_t high = q->len;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (q->items[middle]->size_bytes <= size_bytes)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void hop_by_size_add(hop_by_size *q, hop_job *job)
{
    q->items = hop_grow(q->items, q->len, &q->cap, sizeof(*q->items));
    size_t at = upper_bound(q, job->size_bytes);
    memmove(q->items + at + 1, q->items + at, (q->len - at) * sizeof(*q->items));
    q->items[at] = job;
    q->len++;
}

hop_job *hop_by_size_take(hop_by_size *q, hop_end end)
{
    if (q->len == 0)
        return NULL;
    q->len--;
    if (end == HOP_END_LARGEST)
        return q->items[q->len];
    hop_job *job = q->items[0];
    memmove(q->items, q->items + 1, q->len * sizeof(*q->items));
    return job;
}

void hop_by_size_clear(hop_by_size *q)
{
    free(q->items);
    *q = (hop_by_size){0};
}

/* xorshift64: jitter needs no better. */
static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

uint64_t hop_back_off_ms(unsigned failures, uint64_t *state)
{
    uint64_t wait_ms = FIRST_WAIT_MS;
    for (unsigned i = 1; i < failures && wait_ms < MAX_WAIT_MS; i++)
        wait_ms *= 2;
    if (wait_ms > MAX_WAIT_MS)
        wait_ms = MAX_WAIT_MS;
    return wait_ms / 2 + next_random(state) % (wait_ms / 2 + 1);
}
