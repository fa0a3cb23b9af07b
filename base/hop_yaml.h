/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * YAML: one or more documents as a tree whose errors have line numbers.
 *
 * Scalars are text, never converted: `4.10` stays "4.10". Anchors, aliases and duplicate
 * keys are refused, and so are scalars with a NUL. Nodes are borrowed from the document
 * set.
 *
 *     HOP_AUTO(hop_yaml) y = NULL;
 *     s = hop_yaml_parse(text, len, "channels/a.yaml", &y, err);
 *     const hop_yaml_node *root = hop_yaml_get_document(y, 0);
 *     s = hop_yaml_get_string(y, root, "name", &name, err);
 */
#ifndef HOP_YAML_H
#define HOP_YAML_H

#include "hop_error.h"

typedef struct hop_yaml hop_yaml;

typedef enum hop_yaml_type {
    HOP_YAML_SCALAR,
    HOP_YAML_SEQUENCE,
    HOP_YAML_MAPPING
} hop_yaml_type;

typedef struct hop_yaml_node {
    hop_yaml_type type;
    size_t line;       /* 1-based */
    char *text;        /* scalar */
    bool is_plain;     /* scalar without quotes: `~`, `null` and an empty one mean null */
    size_t len;        /* items, or pairs of a mapping */
    char **keys;       /* mapping */
    size_t *key_lines; /* mapping: where each key stands */
    struct hop_yaml_node **items; /* sequence items, or the mapping's values */
} hop_yaml_node;

HOP_MUST_USE hop_status hop_yaml_parse(const char *text, size_t len, const char *name,
                                       hop_yaml **out, hop_error **err);
void hop_yaml_free(hop_yaml *y);
HOP_DEFINE_AUTO(hop_yaml);

/** Documents in the stream; empty ones are left out. */
size_t hop_yaml_count(const hop_yaml *y);
/** NULL past the last. */
const hop_yaml_node *hop_yaml_get_document(const hop_yaml *y, size_t index);

/** The value of a key, or NULL when the node is no mapping or has no such key. */
const hop_yaml_node *hop_yaml_find(const hop_yaml_node *mapping, const char *key);
/** A scalar member that must exist. */
HOP_MUST_USE hop_status hop_yaml_get_string(const hop_yaml *y,
                                            const hop_yaml_node *mapping, const char *key,
                                            const char **out, hop_error **err);
/** A member of the given type that may be missing or null (then *out is NULL). */
HOP_MUST_USE hop_status hop_yaml_optional(const hop_yaml *y, const hop_yaml_node *mapping,
                                          const char *key, hop_yaml_type type,
                                          const hop_yaml_node **out, hop_error **err);
bool hop_yaml_is_null(const hop_yaml_node *n);

/** Sets an error that names the document and the node's line: "channels/a.yaml:3:
 * <message>". */
HOP_MUST_USE hop_status hop_yaml_error(const hop_yaml *y, const hop_yaml_node *n,
                                       hop_error **err, const char *fmt, ...)
    HOP_PRINTF(4, 5);

#endif
