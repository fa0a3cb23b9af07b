/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The K best paths, by best-first search over beginnings of paths.
 *
 * The distance to the target is known exactly, so a beginning is ordered by the key of
 * the best path that it can become. Among equals the one with the newer release at the
 * first difference comes first, and a beginning comes before what continues it: it may
 * still become something newer. So complete paths leave the heap in order. */
#include <stdlib.h>

#include "search.h"

#define NO_PARENT UINT32_MAX

typedef struct beginning {
    uint64_t key;    /* of the best completion */
    uint64_t so_far; /* of the beginning itself */
    uint32_t parent; /* index of the beginning that is one hop shorter */
    uint32_t edge;   /* the last hop */
    uint32_t node;   /* where it ends */
    uint32_t hops;
} beginning;

typedef struct frontier {
    beginning *all; /* every beginning that was ever made: parents must stay */
    size_t count, cap;
    uint32_t *heap; /* indexes into all */
    size_t heap_len, heap_cap;
} frontier;

/* True when path a comes before path b of the same key. */
static bool is_newer(const frontier *f, uint32_t a, uint32_t b)
{
    uint32_t a_hops = f->all[a].hops, b_hops = f->all[b].hops;
    uint32_t x = a, y = b;
    while (f->all[x].hops > f->all[y].hops)
        x = f->all[x].parent;
    while (f->all[y].hops > f->all[x].hops)
        y = f->all[y].parent;
    if (x == y)
        return a_hops < b_hops;
    while (f->all[x].parent != f->all[y].parent) {
        x = f->all[x].parent;
        y = f->all[y].parent;
    }
    return f->all[x].node > f->all[y].node;
}

static bool is_before(const frontier *f, uint32_t a, uint32_t b)
{
    if (f->all[a].key != f->all[b].key)
        return f->all[a].key < f->all[b].key;
    return is_newer(f, a, b);
}

static void swap(uint32_t *a, uint32_t *b)
{
    uint32_t keep = *a;
    *a = *b;
    *b = keep;
}

static void push(frontier *f, beginning b)
{
    f->all = hop_grow(f->all, f->count, &f->cap, sizeof(*f->all));
    f->heap = hop_grow(f->heap, f->heap_len, &f->heap_cap, sizeof(*f->heap));
    f->all[f->count] = b;
    size_t i = f->heap_len++;
    f->heap[i] = (uint32_t)f->count++;
    for (; i > 0 && is_before(f, f->heap[i], f->heap[(i - 1) / 2]); i = (i - 1) / 2)
        swap(&f->heap[i], &f->heap[(i - 1) / 2]);
}

static uint32_t pop(frontier *f)
{
    uint32_t top = f->heap[0];
    f->heap[0] = f->heap[--f->heap_len];
    for (size_t i = 0;;) {
        size_t child = 2 * i + 1;
        if (child >= f->heap_len)
            return top;
        if (child + 1 < f->heap_len && is_before(f, f->heap[child + 1], f->heap[child]))
            child++;
        if (!is_before(f, f->heap[child], f->heap[i]))
            return top;
        swap(&f->heap[i], &f->heap[child]);
        i = child;
    }
}

static void extend(const hop_search *s, frontier *f, uint32_t index)
{
    beginning b = f->all[index];
    for (size_t i = s->first_out[b.node]; i < s->first_out[b.node + 1]; i++) {
        const hop_weighted_edge *e = &s->edges[i];
        if (s->to_target[e->to] == HOP_UNREACHABLE)
            continue;
        uint64_t so_far = b.so_far + e->weight;
        push(f, (beginning){.key = so_far + s->to_target[e->to],
                            .so_far = so_far,
                            .parent = index,
                            .edge = (uint32_t)i,
                            .node = e->to,
                            .hops = b.hops + 1});
    }
}

static hop_search_path trace(const frontier *f, uint32_t index)
{
    hop_search_path path = {.hops = f->all[index].hops};
    path.edges = hop_alloc(path.hops + 1, sizeof(*path.edges));
    for (size_t i = path.hops; i-- > 0; index = f->all[index].parent)
        path.edges[i] = f->all[index].edge;
    return path;
}

size_t hop_search_find_best_few(const hop_search *s, size_t want, hop_search_path *paths)
{
    frontier f = {0};
    size_t found = 0;
    if (hop_search_has_path(s))
        push(&f, (beginning){.key = s->to_target[s->start],
                             .parent = NO_PARENT,
                             .node = s->start});
    while (found < want && f.heap_len > 0) {
        uint32_t index = pop(&f);
        if (f.all[index].node == s->target)
            paths[found++] = trace(&f, index);
        else
            extend(s, &f, index);
    }
    free(f.all);
    free(f.heap);
    return found;
}
