/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reduction.h"

#include <stdlib.h>
#include <string.h>

/* A square of bits: row i says what node i reaches. */
typedef struct reach {
    uint64_t *bits;
    size_t words; /* of a row */
} reach;

static bool has(const reach *r, size_t row, size_t node)
{
    return r->bits[row * r->words + node / 64] >> (node % 64) & 1;
}

static void add_with_all_it_reaches(reach *r, size_t row, size_t node)
{
    uint64_t *mine = r->bits + row * r->words;
    const uint64_t *its = r->bits + node * r->words;
    for (size_t i = 0; i < r->words; i++)
        mine[i] |= its[i];
    mine[node / 64] |= (uint64_t)1 << (node % 64);
}

/* Nodes come from the last to the first, so all that an edge leads to is known. The edges
 * of one node come nearest first: a detour begins with a nearer node. */
void hop_reduce(size_t node_count, const reduction_edge *edges, size_t edge_count,
                bool *keep)
{
    size_t words = (node_count + 63) / 64;
    reach recommended = {hop_alloc(node_count * words + 1, sizeof(uint64_t)), words};
    reach all = {hop_alloc(node_count * words + 1, sizeof(uint64_t)), words};
    size_t end = edge_count;
    while (end > 0) {
        size_t begin = end;
        uint32_t from = edges[end - 1].from;
        while (begin > 0 && edges[begin - 1].from == from)
            begin--;
        for (size_t i = begin; i < end; i++) {
            const reduction_edge *e = &edges[i];
            keep[i] = !has(e->is_conditional ? &all : &recommended, from, e->to);
            add_with_all_it_reaches(&all, from, e->to);
            if (!e->is_conditional)
                add_with_all_it_reaches(&recommended, from, e->to);
        }
        end = begin;
    }
    free(recommended.bits);
    free(all.bits);
}
