/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * JSON: reading with errors that name the place, and building documents with a fixed key
 * order.
 *
 * Reading goes through views. A view knows its document's name and how it was reached, so
 * that a wrong type is reported as "graph.json: nodes[3].version: expected a string". A
 * view borrows from the document and from the view that it came from; both must outlive
 * it. Duplicate keys are refused.
 *
 *     HOP_AUTO(hop_json) doc = NULL;
 *     s = hop_json_parse(text, len, "graph.json", &doc, err);
 *     hop_json_view root = hop_json_root(doc, "graph.json"), nodes, node;
 *     s = hop_json_member(&root, "nodes", HOP_JSON_ARRAY, &nodes, err);
 *     for (size_t i = 0; i < hop_json_count(&nodes); i++) {
 *         s = hop_json_item(&nodes, i, HOP_JSON_OBJECT, &node, err);
 *         s = hop_json_get_string(&node, "version", &version, err);
 *     }
 */
#ifndef HOP_JSON_H
#define HOP_JSON_H

#include "hop_buf.h"
#include "hop_error.h"

typedef struct json_t hop_json; /* jansson's value; only json.c knows what is inside */

typedef enum hop_json_type {
    HOP_JSON_ANY,
    HOP_JSON_OBJECT,
    HOP_JSON_ARRAY,
    HOP_JSON_STRING,
    HOP_JSON_INTEGER,
    HOP_JSON_BOOL,
} hop_json_type;

typedef struct hop_json_view {
    const hop_json *value;
    const struct hop_json_view *up; /* NULL at the root */
    const char *key;                /* the member's name, or NULL for an array item */
    size_t index;
    const char *document;
} hop_json_view;

/** Parses one JSON text (nesting at most 2048 deep). `name` names it in errors.
 * HOP_E_PARSE with line and column. */
HOP_MUST_USE hop_status hop_json_parse(const char *text, size_t len, const char *name,
                                       hop_json **out, hop_error **err);
void hop_json_free(hop_json *doc);
HOP_DEFINE_AUTO(hop_json);

hop_json_view hop_json_root(const hop_json *doc, const char *name);
bool hop_json_is(const hop_json_view *v, hop_json_type type);
/** Items of an array or members of an object; 0 for all else. */
size_t hop_json_count(const hop_json_view *v);

/** A member that must exist and have the type. */
HOP_MUST_USE hop_status hop_json_member(const hop_json_view *obj, const char *key,
                                        hop_json_type type, hop_json_view *out,
                                        hop_error **err);
/** A member that may be missing or null: then out->value is NULL. Another type is an
 * error. */
HOP_MUST_USE hop_status hop_json_optional(const hop_json_view *obj, const char *key,
                                          hop_json_type type, hop_json_view *out,
                                          hop_error **err);
HOP_MUST_USE hop_status hop_json_item(const hop_json_view *array, size_t index,
                                      hop_json_type type, hop_json_view *out,
                                      hop_error **err);
/** Walks an object's members in document order. Start with *iter NULL; false at the end.
 */
bool hop_json_next(const hop_json_view *obj, void **iter, hop_json_view *out);

/* Values. Strings are borrowed from the document and contain no NUL (hop_json_parse
 * refuses them). */
HOP_MUST_USE hop_status hop_json_string(const hop_json_view *v, const char **out,
                                        hop_error **err);
HOP_MUST_USE hop_status hop_json_uint(const hop_json_view *v, uint64_t *out,
                                      hop_error **err);
HOP_MUST_USE hop_status hop_json_bool(const hop_json_view *v, bool *out, hop_error **err);
/** Member of an object in one step. The optional ones leave NULL or the given default. */
HOP_MUST_USE hop_status hop_json_get_string(const hop_json_view *obj, const char *key,
                                            const char **out, hop_error **err);
HOP_MUST_USE hop_status hop_json_get_uint(const hop_json_view *obj, const char *key,
                                          uint64_t *out, hop_error **err);
HOP_MUST_USE hop_status hop_json_optional_string(const hop_json_view *obj,
                                                 const char *key, const char **out,
                                                 hop_error **err);

/** Sets an error that names the document and the place: "graph.json: nodes[3].version:
 * <message>". */
HOP_MUST_USE hop_status hop_json_error(const hop_json_view *v, hop_error **err,
                                       const char *fmt, ...) HOP_PRINTF(3, 4);

/* Building. Members keep the order in which they are set. Strings that are no UTF-8 are
 * made visible. */
hop_json *hop_json_new_object(void) HOP_MUST_USE;
hop_json *hop_json_new_array(void) HOP_MUST_USE;
void hop_json_set_string(hop_json *obj, const char *key,
                         const char *value); /* NULL gives null */
void hop_json_set_uint(hop_json *obj, const char *key, uint64_t value);
void hop_json_set_bool(hop_json *obj, const char *key, bool value);
/** Consumes *value and leaves NULL there. Returns the value, borrowed, so that it can be
 * filled further. */
hop_json *hop_json_set_take(hop_json *obj, const char *key, hop_json **value);
hop_json *hop_json_add_object(hop_json *obj,
                              const char *key); /* an empty one, borrowed */
hop_json *hop_json_add_array(hop_json *obj, const char *key);
void hop_json_append_string(hop_json *array, const char *value);
void hop_json_append_uint(hop_json *array, uint64_t value);
hop_json *hop_json_append_take(hop_json *array, hop_json **value);
hop_json *hop_json_append_object(hop_json *array);
/** A deep copy of what a view shows, for passing foreign JSON through. */
hop_json *hop_json_copy(const hop_json_view *v) HOP_MUST_USE;

typedef enum hop_json_style { HOP_JSON_COMPACT, HOP_JSON_INDENT } hop_json_style;
/** Appends the text, without a final newline. Same document, same bytes. */
void hop_json_dump(const hop_json *doc, hop_json_style style, hop_buf *out);

#endif
