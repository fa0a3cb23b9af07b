/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * TOML 1.0 as a tree whose errors have line numbers: tables, arrays of tables, dotted and
 * quoted keys, all four kinds of strings, booleans, arrays, inline tables. Numbers and
 * dates are kept as the text that they are: nothing here reads one. (Debian has no C
 * library for it.) Keys that are set twice are refused, and so is a NUL.
 *
 *     HOP_AUTO(hop_toml) root = NULL;
 *     s = hop_toml_parse(text, len, "registries.conf", &root, err);
 *     const hop_toml *list = hop_toml_find(root, "registry");
 */
#ifndef HOP_TOML_H
#define HOP_TOML_H

#include "hop_error.h"

typedef enum hop_toml_type {
    HOP_TOML_STRING,
    HOP_TOML_BOOL,
    HOP_TOML_NUMBER, /* or a date */
    HOP_TOML_ARRAY,
    HOP_TOML_TABLE,
} hop_toml_type;

typedef struct hop_toml {
    hop_toml_type type;
    size_t line;     /* 1-based */
    char *text;      /* string, number */
    bool truth;      /* bool */
    bool is_closed;  /* table: its header was seen, or it is inline */
    bool has_tables; /* array: of [[tables]] */
    size_t len;      /* items of an array, pairs of a table */
    size_t cap, key_cap;
    char **keys; /* table */
    struct hop_toml **items;
} hop_toml;

/** `text` may be any bytes. HOP_E_PARSE names `name` and the line; HOP_E_LIMIT past 32
 * levels. */
HOP_MUST_USE hop_status hop_toml_parse(const char *text, size_t len, const char *name,
                                       hop_toml **out, hop_error **err);
void hop_toml_free(hop_toml *t);
HOP_DEFINE_AUTO(hop_toml);

/** A table's value; NULL without. Borrowed. */
const hop_toml *hop_toml_find(const hop_toml *table, const char *key);
/** As in "a string". */
const char *hop_toml_type_name(hop_toml_type type);

#endif
