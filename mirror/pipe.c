/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pipe.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct hop_pipe {
    size_t capacity;
    uint64_t size_bytes;
    uint64_t written;
    uint64_t taken;
    bool released;
    char ring[];
};

hop_pipe *hop_pipe_new(size_t capacity)
{
    hop_pipe *p = hop_alloc(1, sizeof(*p) + capacity);
    p->capacity = capacity;
    return p;
}

void hop_pipe_free(hop_pipe *p)
{
    free(p);
}

void hop_pipe_restart(hop_pipe *p, uint64_t size_bytes)
{
    p->size_bytes = size_bytes;
    p->written = 0;
    p->taken = 0;
    p->released = false;
}

bool hop_pipe_is_overrun(const hop_pipe *p, size_t len)
{
    return len > p->size_bytes - p->written;
}

bool hop_pipe_offer(hop_pipe *p, const void *data, size_t len)
{
    size_t used = (size_t)(p->written - p->taken);
    if (len > p->capacity - used || hop_pipe_is_overrun(p, len))
        return false;
    size_t at = (size_t)(p->written % p->capacity);
    size_t first = len < p->capacity - at ? len : p->capacity - at;
    memcpy(p->ring + at, data, first);
    memcpy(p->ring, (const char *)data + first, len - first);
    p->written += len;
    return true;
}

size_t hop_pipe_take(hop_pipe *p, void *data, size_t cap)
{
    uint64_t end = p->written;
    if (!p->released && end == p->size_bytes && end > 0)
        end--;
    size_t len = end > p->taken ? (size_t)(end - p->taken) : 0;
    if (len > cap)
        len = cap;
    size_t at = (size_t)(p->taken % p->capacity);
    size_t first = len < p->capacity - at ? len : p->capacity - at;
    memcpy(data, p->ring + at, first);
    memcpy((char *)data + first, p->ring, len - first);
    p->taken += len;
    return len;
}

void hop_pipe_release(hop_pipe *p)
{
    p->released = true;
}

uint64_t hop_pipe_get_written(const hop_pipe *p)
{
    return p->written;
}

uint64_t hop_pipe_get_taken(const hop_pipe *p)
{
    return p->taken;
}

bool hop_pipe_is_low(const hop_pipe *p)
{
    return p->written - p->taken <= p->capacity / 2;
}

/* ---- spare ones ---- */

hop_pipe *hop_pipes_take(hop_pipes *pipes, size_t capacity)
{
    if (pipes->len == 0)
        return hop_pipe_new(capacity);
    hop_pipe *p = pipes->spare[--pipes->len];
    assert(p->capacity == capacity);
    return p;
}

void hop_pipes_give(hop_pipes *pipes, hop_pipe **p)
{
    if (!*p)
        return;
    pipes->spare = hop_grow(pipes->spare, pipes->len, &pipes->cap, sizeof(*pipes->spare));
    pipes->spare[pipes->len++] = hop_steal(p);
}

void hop_pipes_clear(hop_pipes *pipes)
{
    for (size_t i = 0; i < pipes->len; i++)
        hop_pipe_free(pipes->spare[i]);
    free(pipes->spare);
    *pipes = (hop_pipes){0};
}
