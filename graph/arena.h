/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Memory that dies with one graph or one plan: many small pieces, no destructor, freed
 * together.
 */
#ifndef ARENA_H
#define ARENA_H

#include "hop_own.h"

typedef struct hop_arena hop_arena;

hop_arena *hop_arena_new(void) HOP_MUST_USE;
void hop_arena_free(hop_arena *a);
HOP_DEFINE_AUTO(hop_arena);

/** Zeroed memory, aligned for any type; `count * size` must not overflow. Never NULL. */
void *hop_arena_alloc(hop_arena *a, size_t count, size_t size) HOP_MUST_USE;
/** NULL gives NULL. */
char *hop_arena_strdup(hop_arena *a, const char *s) HOP_MUST_USE;
char *hop_arena_strndup(hop_arena *a, const char *s, size_t len) HOP_MUST_USE;

#endif
