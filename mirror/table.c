/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "table.h"

#include <stdlib.h>
#include <string.h>

/* FNV-1a: keys hold digests, so any mixing does. */
static size_t slot_of(const hop_table *t, const char *key)
{
    uint64_t h = 14695981039346656037u;
    for (const char *s = key; *s; s++)
        h = (h ^ (unsigned char)*s) * 1099511628211u;
    size_t at = (size_t)h & (t->cap - 1);
    while (t->entries[at].key && strcmp(t->entries[at].key, key) != 0)
        at = (at + 1) & (t->cap - 1);
    return at;
}

void *hop_table_get(const hop_table *t, const char *key)
{
    return t->cap > 0 ? t->entries[slot_of(t, key)].value : NULL;
}

static void make_room(hop_table *t)
{
    if (t->len * 2 < t->cap)
        return;
    hop_table bigger = {.cap = t->cap ? t->cap * 2 : 64, .len = t->len};
    bigger.entries = hop_alloc(bigger.cap, sizeof(*bigger.entries));
    for (size_t i = 0; i < t->cap; i++)
        if (t->entries[i].key)
            bigger.entries[slot_of(&bigger, t->entries[i].key)] = t->entries[i];
    free(t->entries);
    *t = bigger;
}

void hop_table_set(hop_table *t, const char *key, void *value)
{
    make_room(t);
    struct hop_table_entry *e = &t->entries[slot_of(t, key)];
    if (!e->key) {
        e->key = hop_strdup(key);
        t->len++;
    }
    e->value = value;
}

void hop_table_clear(hop_table *t)
{
    for (size_t i = 0; i < t->cap; i++)
        free(t->entries[i].key);
    free(t->entries);
    *t = (hop_table){0};
}
