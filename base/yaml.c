/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hop_yaml.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#define MAX_DEPTH 64
#define MAX_DOCUMENTS 10000

struct hop_yaml {
    char *name;
    hop_yaml_node **documents;
    size_t len;
    size_t cap;
};

/* Frees children before parents; depth is bounded by MAX_DEPTH on the way in. */
static void free_node(hop_yaml_node *n) /* NOLINT(misc-no-recursion) */
{
    if (!n)
        return;
    for (size_t i = 0; i < n->len; i++) {
        free_node(n->items[i]);
        if (n->keys)
            free(n->keys[i]);
    }
    free(n->keys);
    free(n->key_lines);
    free(n->items);
    free(n->text);
    free(n);
}

void hop_yaml_free(hop_yaml *y)
{
    if (!y)
        return;
    for (size_t i = 0; i < y->len; i++)
        free_node(y->documents[i]);
    free(y->documents);
    free(y->name);
    free(y);
}

/* ---- events to tree ---- */

/* One open collection of the document that is being read. */
typedef struct frame {
    hop_yaml_node *node;
    size_t cap, key_cap, line_cap;
    char *pending_key; /* mapping: the key whose value comes next */
    size_t pending_line;
} frame;

typedef struct builder {
    hop_yaml *y;
    frame stack[MAX_DEPTH];
    size_t depth;
    hop_yaml_node *root;
} builder;

static hop_status fail_at(const builder *b, size_t line, hop_error **err,
                          const char *what)
{
    return hop_error_set(err, HOP_E_PARSE, "%s:%zu: %s", b->y->name, line, what);
}

static hop_status put_key(builder *b, frame *f, hop_yaml_node *n, hop_error **err)
{
    hop_status s = HOP_OK;
    if (n->type != HOP_YAML_SCALAR)
        s = fail_at(b, n->line, err, "a mapping key must be plain text");
    else if (hop_yaml_find(f->node, n->text))
        s = hop_error_set(err, HOP_E_PARSE, "%s:%zu: key \"%s\" is there twice",
                          b->y->name, n->line, n->text);
    else
        f->pending_key = hop_steal(&n->text);
    f->pending_line = n->line;
    free_node(n);
    return s;
}

/* Puts a finished node where it belongs; takes it over in every case. */
static hop_status put(builder *b, hop_yaml_node *n, hop_error **err)
{
    if (b->depth == 0) {
        b->root = n;
        return HOP_OK;
    }
    frame *f = &b->stack[b->depth - 1];
    hop_yaml_node *in = f->node;
    if (in->type == HOP_YAML_MAPPING && !f->pending_key)
        return put_key(b, f, n, err);
    in->items = hop_grow(in->items, in->len, &f->cap, sizeof(hop_yaml_node *));
    if (in->type == HOP_YAML_MAPPING) {
        in->keys = hop_grow(in->keys, in->len, &f->key_cap, sizeof(*in->keys));
        in->keys[in->len] = hop_steal(&f->pending_key);
        in->key_lines =
            hop_grow(in->key_lines, in->len, &f->line_cap, sizeof(*in->key_lines));
        in->key_lines[in->len] = f->pending_line;
    }
    in->items[in->len++] = n;
    return HOP_OK;
}

static hop_yaml_node *new_node(hop_yaml_type type, const yaml_event_t *e)
{
    hop_yaml_node *n = hop_alloc(1, sizeof(*n));
    n->type = type;
    n->line = e->start_mark.line + 1;
    return n;
}

static hop_status on_scalar(builder *b, const yaml_event_t *e, hop_error **err)
{
    const char *text = (const char *)e->data.scalar.value;
    size_t len = e->data.scalar.length;
    size_t line = e->start_mark.line + 1;
    if (e->data.scalar.anchor)
        return fail_at(b, line, err, "anchors are not accepted");
    if (memchr(text, 0, len))
        return fail_at(b, line, err, "text with a NUL byte");
    hop_yaml_node *n = new_node(HOP_YAML_SCALAR, e);
    n->text = hop_strndup(text, len);
    n->is_plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    return put(b, n, err);
}

static hop_status on_open(builder *b, const yaml_event_t *e, hop_error **err)
{
    bool is_map = e->type == YAML_MAPPING_START_EVENT;
    size_t line = e->start_mark.line + 1;
    if (is_map ? e->data.mapping_start.anchor != NULL
               : e->data.sequence_start.anchor != NULL)
        return fail_at(b, line, err, "anchors are not accepted");
    if (b->depth >= MAX_DEPTH)
        return fail_at(b, line, err, "nested too deep");
    if (b->depth > 0 && b->stack[b->depth - 1].node->type == HOP_YAML_MAPPING &&
        !b->stack[b->depth - 1].pending_key)
        return fail_at(b, line, err, "a mapping key must be plain text");
    b->stack[b->depth++] =
        (frame){.node = new_node(is_map ? HOP_YAML_MAPPING : HOP_YAML_SEQUENCE, e)};
    return HOP_OK;
}

static hop_status on_close(builder *b, hop_error **err)
{
    hop_yaml_node *n = b->stack[--b->depth].node;
    return put(b, n, err);
}

static hop_status on_document_end(builder *b, const yaml_event_t *e, hop_error **err)
{
    hop_yaml *y = b->y;
    if (!b->root || (b->root->type == HOP_YAML_SCALAR && hop_yaml_is_null(b->root))) {
        free_node(hop_steal(&b->root));
        return HOP_OK;
    }
    if (y->len >= MAX_DOCUMENTS)
        return fail_at(b, e->start_mark.line + 1, err, "too many documents");
    y->documents = hop_grow(y->documents, y->len, &y->cap, sizeof(hop_yaml_node *));
    y->documents[y->len++] = hop_steal(&b->root);
    return HOP_OK;
}

static hop_status on_event(builder *b, const yaml_event_t *e, hop_error **err)
{
    switch (e->type) {
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_DOCUMENT_START_EVENT:
        return HOP_OK;
    case YAML_DOCUMENT_END_EVENT:
        return on_document_end(b, e, err);
    case YAML_ALIAS_EVENT:
        return fail_at(b, e->start_mark.line + 1, err, "aliases are not accepted");
    case YAML_SCALAR_EVENT:
        return on_scalar(b, e, err);
    case YAML_SEQUENCE_START_EVENT:
    case YAML_MAPPING_START_EVENT:
        return on_open(b, e, err);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return on_close(b, err);
    }
    return HOP_OK;
}

static hop_status read_stream(yaml_parser_t *parser, builder *b, hop_error **err)
{
    for (;;) {
        yaml_event_t e;
        if (!yaml_parser_parse(parser, &e))
            return hop_error_set(err, HOP_E_PARSE, "%s:%zu: %s", b->y->name,
                                 parser->problem_mark.line + 1,
                                 parser->problem ? parser->problem : "no YAML");
        bool is_end = e.type == YAML_STREAM_END_EVENT;
        hop_status s = on_event(b, &e, err);
        yaml_event_delete(&e);
        if (s != HOP_OK || is_end)
            return s;
    }
}

hop_status hop_yaml_parse(const char *text, size_t len, const char *name, hop_yaml **out,
                          hop_error **err)
{
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser))
        abort();
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
    HOP_AUTO(hop_yaml) y = hop_alloc(1, sizeof(*y));
    y->name = hop_strdup(name);
    builder b = {.y = y};
    hop_status s = read_stream(&parser, &b, err);
    yaml_parser_delete(&parser);
    while (b.depth > 0) {
        frame *f = &b.stack[--b.depth];
        free(f->pending_key);
        free_node(f->node);
    }
    free_node(b.root);
    if (s == HOP_OK)
        *out = hop_steal(&y);
    return s;
}

/* ---- reading the tree ---- */

size_t hop_yaml_count(const hop_yaml *y)
{
    return y->len;
}

const hop_yaml_node *hop_yaml_get_document(const hop_yaml *y, size_t index)
{
    return index < y->len ? y->documents[index] : NULL;
}

const hop_yaml_node *hop_yaml_find(const hop_yaml_node *mapping, const char *key)
{
    if (!mapping || mapping->type != HOP_YAML_MAPPING)
        return NULL;
    for (size_t i = 0; i < mapping->len; i++)
        if (strcmp(mapping->keys[i], key) == 0)
            return mapping->items[i];
    return NULL;
}

bool hop_yaml_is_null(const hop_yaml_node *n)
{
    return !n ||
           (n->type == HOP_YAML_SCALAR && n->is_plain &&
            (!*n->text || strcmp(n->text, "~") == 0 || strcmp(n->text, "null") == 0));
}

hop_status hop_yaml_error(const hop_yaml *y, const hop_yaml_node *n, hop_error **err,
                          const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    HOP_AUTO_STR message = hop_vsprintf(fmt, ap);
    va_end(ap);
    return hop_error_set(err, HOP_E_PARSE, "%s:%zu: %s", y->name, n ? n->line : (size_t)1,
                         message);
}

hop_status hop_yaml_get_string(const hop_yaml *y, const hop_yaml_node *mapping,
                               const char *key, const char **out, hop_error **err)
{
    const hop_yaml_node *n = hop_yaml_find(mapping, key);
    if (hop_yaml_is_null(n))
        return hop_yaml_error(y, n ? n : mapping, err, "\"%s\" is missing", key);
    if (n->type != HOP_YAML_SCALAR)
        return hop_yaml_error(y, n, err, "\"%s\" must be text", key);
    *out = n->text;
    return HOP_OK;
}

hop_status hop_yaml_optional(const hop_yaml *y, const hop_yaml_node *mapping,
                             const char *key, hop_yaml_type type,
                             const hop_yaml_node **out, hop_error **err)
{
    static const char *const names[] = {"text", "a list", "a mapping"};
    const hop_yaml_node *n = hop_yaml_find(mapping, key);
    if (!hop_yaml_is_null(n) && n->type != type)
        return hop_yaml_error(y, n, err, "\"%s\" must be %s", key, names[type]);
    *out = hop_yaml_is_null(n) ? NULL : n;
    return HOP_OK;
}
