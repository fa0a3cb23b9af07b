/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Ownership: scope cleanup, stealing, and allocation that never returns NULL.
 *
 * An owned pointer is declared with HOP_AUTO and freed when the scope ends; hop_steal()
 * hands it out. Out of memory aborts with one line, so no caller has an untested branch
 * for it. That is safe because every size that comes from outside is checked against a
 * limit before it is allocated.
 *
 *     HOP_AUTO(hop_graph) g = NULL;
 *     hop_status s = hop_graph_load(text, len, &g, err);
 *     if (s != HOP_OK)
 *         return s;                  // g is freed
 *     *out = hop_steal(&g);          // g is NULL now, nothing is freed
 *     return HOP_OK;
 */
#ifndef HOP_OWN_H
#define HOP_OWN_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HOP_MUST_USE __attribute__((warn_unused_result))
#define HOP_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))

/** Declares a pointer to T that T_free() releases at the end of the scope. */
#define HOP_AUTO(T) __attribute__((cleanup(T##_auto_))) T *
/** Defines what HOP_AUTO(T) calls. Stands once, in the header that declares T_free(). */
#define HOP_DEFINE_AUTO(T)              \
    static inline void T##_auto_(T **p) \
    {                                   \
        T##_free(*p);                   \
    }                                   \
    struct T##_auto_needs_a_semicolon_
/** Declares a value of T that T_clear() empties at the end of the scope. */
#define HOP_AUTO_VALUE(T) __attribute__((cleanup(T##_clear))) T
/** A heap string that free() releases. */
#define HOP_AUTO_STR __attribute__((cleanup(hop_auto_str_))) char *
/** A file descriptor that is closed unless it is -1. Close by hand where the result
 * matters. */
#define HOP_AUTO_FD __attribute__((cleanup(hop_auto_fd_))) int

/** Takes the pointer out of its owner: returns it and leaves NULL behind. */
#define hop_steal(p) ((__typeof__(*(p)))hop_steal_((p)))

#define HOP_COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))

void *hop_steal_(void *address_of_pointer);
void hop_auto_str_(char **p);
void hop_auto_fd_(int *fd);

/** Zeroed memory; `count * size` must not overflow, else it aborts. Free with free(). */
void *hop_alloc(size_t count, size_t size) HOP_MUST_USE;
/** Grows or shrinks an array; new elements are not initialised. */
void *hop_realloc(void *p, size_t count, size_t size) HOP_MUST_USE;
/** Makes room for one more element in an array that doubles: returns the (moved) array.
 */
void *hop_grow(void *p, size_t len, size_t *cap, size_t size) HOP_MUST_USE;
char *hop_strdup(const char *s) HOP_MUST_USE; /* NULL gives NULL */
char *hop_strndup(const char *s, size_t len) HOP_MUST_USE;
char *hop_sprintf(const char *fmt, ...) HOP_PRINTF(1, 2) HOP_MUST_USE;
char *hop_vsprintf(const char *fmt, va_list ap) HOP_PRINTF(1, 0) HOP_MUST_USE;

/** True when the text begins with, or ends in, the other text. */
bool hop_has_prefix(const char *s, const char *prefix);
bool hop_has_suffix(const char *s, const char *suffix);

/** A growing list of owned strings. All zero is an empty list. */
typedef struct hop_strings {
    char **items;
    size_t len;
    size_t cap;
} hop_strings;

void hop_strings_add(hop_strings *list, const char *s);
void hop_strings_take(hop_strings *list,
                      char **s); /* consumes *s and leaves NULL there */
bool hop_strings_has(const hop_strings *list, const char *s);
void hop_strings_sort(hop_strings *list); /* bytewise */
void hop_strings_clear(hop_strings *list);

/** Sums and products of sizes from outside; false on overflow, and then *out is
 * untouched. */
bool hop_add_u64(uint64_t a, uint64_t b, uint64_t *out) HOP_MUST_USE;
bool hop_mul_u64(uint64_t a, uint64_t b, uint64_t *out) HOP_MUST_USE;

#endif
