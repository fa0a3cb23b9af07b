/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "index.h"

#include <stdlib.h>

/* FNV-1a, then a finaliser, as the low bits alone choose the slot. */
uint64_t hop_index_hash(const void *data, size_t len)
{
    const unsigned char *p = data;
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < len; i++)
        h = (h ^ p[i]) * 0x100000001b3u;
    h ^= h >> 32;
    h *= 0x9e3779b97f4a7c15u;
    return h ^ (h >> 29);
}

uint32_t hop_index_find(const hop_index *x, uint64_t hash, hop_index_match *match,
                        const void *owner, const void *key)
{
    if (x->cap == 0)
        return HOP_NO_ID;
    for (size_t i = hash & (x->cap - 1);; i = (i + 1) & (x->cap - 1)) {
        const hop_index_slot *slot = &x->slots[i];
        if (!slot->is_used)
            return HOP_NO_ID;
        if (slot->hash == hash && match(owner, slot->id, key))
            return slot->id;
    }
}

static void put(hop_index *x, uint64_t hash, uint32_t id)
{
    size_t i = hash & (x->cap - 1);
    while (x->slots[i].is_used)
        i = (i + 1) & (x->cap - 1);
    x->slots[i] = (hop_index_slot){.hash = hash, .id = id, .is_used = 1};
}

static void enlarge(hop_index *x)
{
    hop_index bigger = {.cap = x->cap ? x->cap * 2 : 64, .len = x->len};
    bigger.slots = hop_alloc(bigger.cap, sizeof(*bigger.slots));
    for (size_t i = 0; i < x->cap; i++)
        if (x->slots[i].is_used)
            put(&bigger, x->slots[i].hash, x->slots[i].id);
    free(x->slots);
    *x = bigger;
}

void hop_index_add(hop_index *x, uint64_t hash, uint32_t id)
{
    if ((x->len + 1) * 3 > x->cap * 2)
        enlarge(x);
    put(x, hash, id);
    x->len++;
}

void hop_index_clear(hop_index *x)
{
    free(x->slots);
    *x = (hop_index){0};
}
