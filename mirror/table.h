/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Finds what a run knows already by a text key, such as "REPOSITORY DIGEST". Nothing is
 * ever removed; values belong to someone else.
 */
#ifndef HOP_TABLE_H
#define HOP_TABLE_H

#include "hop_own.h"

typedef struct hop_table {
    struct hop_table_entry {
        char *key;
        void *value;
    } * entries;
    size_t len;
    size_t cap; /* a power of two, or 0 */
} hop_table;

void *hop_table_get(const hop_table *t, const char *key); /* NULL when not there */
/** Adds or replaces; the key is copied. */
void hop_table_set(hop_table *t, const char *key, void *value);
void hop_table_clear(hop_table *t);

#endif
