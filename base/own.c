/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hop_own.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static _Noreturn void out_of_memory(void)
{
    static const char line[] = "oc-hop: out of memory\n";
    ssize_t ignored = write(STDERR_FILENO, line, sizeof(line) - 1);
    (void)ignored;
    abort();
}

void *hop_steal_(void *address_of_pointer)
{
    void *p = NULL;
    /* memcpy, as the address is of a pointer to any type. */
    memcpy(&p, address_of_pointer, sizeof(p));
    memset(address_of_pointer, 0, sizeof(p));
    return p;
}

void hop_auto_str_(char **p)
{
    free(*p);
}

void hop_auto_fd_(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}

void *hop_alloc(size_t count, size_t size)
{
    void *p = calloc(count ? count : 1, size ? size : 1);
    if (!p)
        out_of_memory();
    return p;
}

void *hop_realloc(void *p, size_t count, size_t size)
{
    size_t bytes = 0;
    if (__builtin_mul_overflow(count, size, &bytes))
        out_of_memory();
    void *grown = realloc(p, bytes ? bytes : 1);
    if (!grown)
        out_of_memory();
    return grown;
}

void *hop_grow(void *p, size_t len, size_t *cap, size_t size)
{
    if (len < *cap)
        return p;
    *cap = *cap ? *cap * 2 : 8;
    return hop_realloc(p, *cap, size);
}

char *hop_strdup(const char *s)
{
    return s ? hop_strndup(s, strlen(s)) : NULL;
}

char *hop_strndup(const char *s, size_t len)
{
    char *copy = hop_alloc(len + 1, 1);
    if (len)
        memcpy(copy, s, len);
    return copy;
}

char *hop_vsprintf(const char *fmt, va_list ap)
{
    char *text = NULL;
    if (vasprintf(&text, fmt, ap) < 0)
        out_of_memory();
    return text;
}

char *hop_sprintf(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    char *text = hop_vsprintf(fmt, ap);
    va_end(ap);
    return text;
}

bool hop_has_prefix(const char *s, const char *prefix)
{
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool hop_has_suffix(const char *s, const char *suffix)
{
    size_t len = strlen(s), tail = strlen(suffix);
    return len >= tail && memcmp(s + len - tail, suffix, tail) == 0;
}

void hop_strings_take(hop_strings *list, char **s)
{
    list->items = hop_grow(list->items, list->len, &list->cap, sizeof(*list->items));
    list->items[list->len++] = hop_steal(s);
}

void hop_strings_add(hop_strings *list, const char *s)
{
    char *copy = hop_strdup(s);
    hop_strings_take(list, &copy);
}

bool hop_strings_has(const hop_strings *list, const char *s)
{
    for (size_t i = 0; i < list->len; i++)
        if (strcmp(list->items[i], s) == 0)
            return true;
    return false;
}

static int compare_strings(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void hop_strings_sort(hop_strings *list)
{
    if (list->len > 1)
        qsort(list->items, list->len, sizeof(*list->items), compare_strings);
}

void hop_strings_clear(hop_strings *list)
{
    for (size_t i = 0; i < list->len; i++)
        free(list->items[i]);
    free(list->items);
    *list = (hop_strings){0};
}

bool hop_add_u64(uint64_t a, uint64_t b, uint64_t *out)
{
    uint64_t sum = 0;
    if (__builtin_add_overflow(a, b, &sum))
        return false;
    *out = sum;
    return true;
}

bool hop_mul_u64(uint64_t a, uint64_t b, uint64_t *out)
{
    uint64_t product = 0;
    if (__builtin_mul_overflow(a, b, &product))
        return false;
    *out = product;
    return true;
}
