/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "arena.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_SIZE ((size_t)64 * 1024)

typedef struct chunk {
    struct chunk *next;
    size_t used;
    size_t size;
    alignas(max_align_t) unsigned char bytes[];
} chunk;

struct hop_arena {
    chunk *head; /* the one that is being filled */
};

hop_arena *hop_arena_new(void)
{
    return hop_alloc(1, sizeof(hop_arena));
}

void hop_arena_free(hop_arena *a)
{
    if (!a)
        return;
    while (a->head) {
        chunk *c = a->head;
        a->head = c->next;
        free(c);
    }
    free(a);
}

static chunk *add_chunk(hop_arena *a, size_t size)
{
    chunk *c = hop_alloc(1, sizeof(*c) + size);
    c->size = size;
    /* A large piece goes behind the head, which still has room for small ones. */
    if (size > CHUNK_SIZE && a->head) {
        c->next = a->head->next;
        a->head->next = c;
    } else {
        c->next = a->head;
        a->head = c;
    }
    return c;
}

static void *take(hop_arena *a, size_t bytes, size_t align)
{
    chunk *c = a->head;
    size_t at = c ? (c->used + align - 1) / align * align : 0;
    if (!c || at > c->size || bytes > c->size - at) {
        c = add_chunk(a, bytes > CHUNK_SIZE ? bytes : CHUNK_SIZE);
        at = 0;
    }
    c->used = at + bytes;
    return c->bytes + at;
}

void *hop_arena_alloc(hop_arena *a, size_t count, size_t size)
{
    uint64_t bytes = 0;
    if (!hop_mul_u64(count, size, &bytes) || bytes > SIZE_MAX / 2)
        abort();
    return take(a, bytes, alignof(max_align_t));
}

char *hop_arena_strndup(hop_arena *a, const char *s, size_t len)
{
    char *copy = take(a, len + 1, 1);
    memcpy(copy, s, len);
    copy[len] = '\0';
    return copy;
}

char *hop_arena_strdup(hop_arena *a, const char *s)
{
    return s ? hop_arena_strndup(a, s, strlen(s)) : NULL;
}
