/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * A hash index from keys to 32-bit ids. The things themselves lie in an array of the
 * owner, which compares.
 */
#ifndef INDEX_H
#define INDEX_H

#include "hop_own.h"

#define HOP_NO_ID UINT32_MAX

typedef struct hop_index_slot {
    uint64_t hash;
    uint32_t id;
    uint32_t is_used;
} hop_index_slot;

/** All zero is an empty index. */
typedef struct hop_index {
    hop_index_slot *slots;
    size_t cap; /* a power of two, or 0 */
    size_t len;
} hop_index;

/** True when thing `id` of the owner has the key. */
typedef bool hop_index_match(const void *owner, uint32_t id, const void *key);

uint64_t hop_index_hash(const void *data, size_t len);
/** HOP_NO_ID when there is none. */
uint32_t hop_index_find(const hop_index *x, uint64_t hash, hop_index_match *match,
                        const void *owner, const void *key);
/** The key must not be there yet. */
void hop_index_add(hop_index *x, uint64_t hash, uint32_t id);
void hop_index_clear(hop_index *x);

#endif
