/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "toml.h"

#include <stdlib.h>
#include <string.h>

#define MAX_DEPTH 32
#define MAX_STRING HOP_MIB

typedef struct reader {
    const char *at;
    const char *end;
    const char *name;
    size_t line;
    unsigned depth;
    hop_error **err;
} reader;

static hop_status fail(const reader *r, const char *what)
{
    return hop_error_set(r->err, HOP_E_PARSE, "%s:%zu: %s", r->name, r->line, what);
}

/* ---- the tree ---- */

static hop_toml *new_node(const reader *r, hop_toml_type type)
{
    hop_toml *t = hop_alloc(1, sizeof(*t));
    t->type = type;
    t->line = r->line;
    return t;
}

void hop_toml_free(hop_toml *t)
{
    if (!t)
        return;
    for (size_t i = 0; i < t->len; i++) {
        hop_toml_free(t->items[i]); /* at most MAX_DEPTH deep, see deeper() */
        if (t->keys)
            free(t->keys[i]);
    }
    free(t->keys);
    free(t->items);
    free(t->text);
    free(t);
}

static hop_toml *find(const hop_toml *table, const char *key)
{
    for (size_t i = 0; i < table->len; i++)
        if (strcmp(table->keys[i], key) == 0)
            return table->items[i];
    return NULL;
}

const hop_toml *hop_toml_find(const hop_toml *table, const char *key)
{
    return table->type == HOP_TOML_TABLE ? find(table, key) : NULL;
}

const char *hop_toml_type_name(hop_toml_type type)
{
    static const char *const names[] = {"a string", "true or false", "a number",
                                        "an array", "a table"};
    return names[type];
}

/* Takes `value`; `key` is NULL for an array. Returns it, borrowed. */
static hop_toml *append(hop_toml *to, const char *key, hop_toml *value)
{
    if (key) {
        to->keys = hop_grow(to->keys, to->len, &to->key_cap, sizeof(*to->keys));
        to->keys[to->len] = hop_strdup(key);
    }
    to->items = hop_grow(to->items, to->len, &to->cap, sizeof(*to->items));
    to->items[to->len++] = value;
    return value;
}

/* ---- characters ---- */

static char peek(const reader *r)
{
    return r->at < r->end ? *r->at : '\0';
}

static bool take(reader *r, const char *text)
{
    size_t len = strlen(text);
    if ((size_t)(r->end - r->at) < len || memcmp(r->at, text, len) != 0)
        return false;
    r->at += len;
    return true;
}

static void skip_blanks(reader *r)
{
    while (peek(r) == ' ' || peek(r) == '\t')
        r->at++;
}

static void skip_comment(reader *r)
{
    if (peek(r) == '#')
        while (r->at < r->end && *r->at != '\n')
            r->at++;
}

/* Blanks, comments and line ends. */
static void skip_lines(reader *r)
{
    for (;;) {
        skip_blanks(r);
        skip_comment(r);
        if (!take(r, "\n") && !take(r, "\r\n"))
            return;
        r->line++;
    }
}

static hop_status end_line(reader *r)
{
    skip_blanks(r);
    skip_comment(r);
    if (r->at == r->end)
        return HOP_OK;
    if (!take(r, "\n") && !take(r, "\r\n"))
        return fail(r, "expected the end of the line");
    r->line++;
    return HOP_OK;
}

static hop_status deeper(reader *r)
{
    if (r->depth >= MAX_DEPTH)
        return hop_error_set(r->err, HOP_E_LIMIT, "%s:%zu: more than %d levels", r->name,
                             r->line, MAX_DEPTH);
    r->depth++;
    return HOP_OK;
}

/* ---- strings ---- */

static void add_utf8(hop_buf *b, uint32_t c)
{
    if (c < 0x80) {
        hop_buf_addc(b, (char)c);
    } else if (c < 0x800) {
        hop_buf_addc(b, (char)(0xc0 | c >> 6));
        hop_buf_addc(b, (char)(0x80 | (c & 0x3f)));
    } else if (c < 0x10000) {
        hop_buf_addc(b, (char)(0xe0 | c >> 12));
        hop_buf_addc(b, (char)(0x80 | (c >> 6 & 0x3f)));
        hop_buf_addc(b, (char)(0x80 | (c & 0x3f)));
    } else {
        hop_buf_addc(b, (char)(0xf0 | c >> 18));
        hop_buf_addc(b, (char)(0x80 | (c >> 12 & 0x3f)));
        hop_buf_addc(b, (char)(0x80 | (c >> 6 & 0x3f)));
        hop_buf_addc(b, (char)(0x80 | (c & 0x3f)));
    }
}

static hop_status add_code_point(reader *r, unsigned digits, hop_buf *out)
{
    uint32_t c = 0;
    for (unsigned i = 0; i < digits; i++) {
        static const char hex[] = "0123456789abcdef";
        char digit = peek(r);
        digit = digit >= 'A' && digit <= 'F' ? (char)(digit - 'A' + 'a') : digit;
        const char *p = digit ? strchr(hex, digit) : NULL;
        if (!p)
            return fail(r, "bad escape in a string");
        c = c << 4 | (uint32_t)(p - hex);
        r->at++;
    }
    if (c == 0 || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
        return fail(r, "bad escape in a string");
    add_utf8(out, c);
    return HOP_OK;
}

static hop_status add_escape(reader *r, bool is_long, hop_buf *out)
{
    static const char letters[] = "btnfr\"\\";
    static const char meant[] = "\b\t\n\f\r\"\\";
    r->at++;
    char c = peek(r);
    const char *p = c ? strchr(letters, c) : NULL;
    if (p) {
        hop_buf_addc(out, meant[p - letters]);
        r->at++;
        return HOP_OK;
    }
    if (c == 'u' || c == 'U') {
        r->at++;
        return add_code_point(r, c == 'u' ? 4 : 8, out);
    }
    /* A backslash at the end of a line takes the line end and what blanks follow. */
    skip_blanks(r);
    if (!is_long || (peek(r) != '\n' && peek(r) != '\r'))
        return fail(r, "bad escape in a string");
    while (r->at < r->end && *r->at && strchr(" \t\r\n", *r->at))
        r->line += *r->at++ == '\n';
    return HOP_OK;
}

/* A string up to its closing quotes; `quote` is one or three of ' or ". */
static hop_status read_string(reader *r, const char *quote, char **out)
{
    bool is_long = strlen(quote) == 3;
    HOP_AUTO_VALUE(hop_buf) b = hop_buf_init(MAX_STRING + 8);
    if (is_long && (take(r, "\n") || take(r, "\r\n")))
        r->line++;
    while (!take(r, quote)) {
        char c = peek(r);
        bool is_line_end = c == '\n' || c == '\r';
        if (r->at == r->end || (is_line_end && !is_long) ||
            ((unsigned char)c < ' ' && !is_line_end && c != '\t'))
            return fail(r, "a string does not end");
        if (b.len >= MAX_STRING)
            return fail(r, "a string is too long");
        if (c == '\\' && *quote == '"') {
            hop_status s = add_escape(r, is_long, &b);
            if (s != HOP_OK)
                return s;
            continue;
        }
        r->line += c == '\n';
        hop_buf_addc(&b, c);
        r->at++;
    }
    /* Quotes that touch the closing ones belong to the text. */
    for (int i = 0; is_long && i < 2 && peek(r) == *quote; i++, r->at++)
        hop_buf_addc(&b, *quote);
    *out = hop_buf_take(&b);
    return HOP_OK;
}

/* ---- keys ---- */

static bool is_bare(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '_' || c == '-';
}

static hop_status read_key(reader *r, char **out)
{
    if (take(r, "\""))
        return read_string(r, "\"", out);
    if (take(r, "'"))
        return read_string(r, "'", out);
    const char *from = r->at;
    while (r->at < r->end && is_bare(*r->at))
        r->at++;
    if (r->at == from)
        return fail(r, "expected a key");
    *out = hop_strndup(from, (size_t)(r->at - from));
    return HOP_OK;
}

/* a.b.c */
static hop_status read_keys(reader *r, hop_strings *out)
{
    do {
        HOP_AUTO_STR key = NULL;
        skip_blanks(r);
        hop_status s = read_key(r, &key);
        if (s != HOP_OK)
            return s;
        if (out->len >= MAX_DEPTH)
            return hop_error_set(r->err, HOP_E_LIMIT, "%s:%zu: more than %d levels",
                                 r->name, r->line, MAX_DEPTH);
        hop_strings_take(out, &key);
        skip_blanks(r);
    } while (take(r, "."));
    return HOP_OK;
}

/* The table below `from` that the key names, made when it is new; the last one of an
 * array of tables. */
static hop_status enter(reader *r, hop_toml *from, const char *key, hop_toml **out)
{
    hop_toml *t = find(from, key);
    if (!t)
        t = append(from, key, new_node(r, HOP_TOML_TABLE));
    if (t->type == HOP_TOML_ARRAY && t->has_tables)
        t = t->items[t->len - 1];
    if (t->type != HOP_TOML_TABLE)
        return fail(r, "a key is a value and a table");
    *out = t;
    return HOP_OK;
}

static hop_status enter_all(reader *r, hop_toml *from, const hop_strings *keys,
                            hop_toml **out)
{
    hop_status s = HOP_OK;
    *out = from;
    for (size_t i = 0; s == HOP_OK && i + 1 < keys->len; i++)
        s = enter(r, *out, keys->items[i], out);
    return s;
}

/* ---- values ---- */

static hop_status read_value(reader *r, hop_toml **out);

static hop_status read_pair(reader *r, hop_toml *table)
{
    HOP_AUTO_VALUE(hop_strings) keys = {0};
    hop_toml *in = NULL;
    hop_status s = read_keys(r, &keys);
    if (s == HOP_OK)
        s = enter_all(r, table, &keys, &in);
    if (s != HOP_OK)
        return s;
    const char *key = keys.items[keys.len - 1];
    if (find(in, key))
        return fail(r, "a key is set twice");
    if (!take(r, "="))
        return fail(r, "expected \"=\" after a key");
    skip_blanks(r);
    hop_toml *value = NULL;
    s = read_value(r, &value);
    if (s == HOP_OK)
        append(in, key, value);
    return s;
}

static hop_status read_array(reader *r, hop_toml *array)
{
    hop_status s = HOP_OK;
    skip_lines(r);
    while (s == HOP_OK && !take(r, "]")) {
        hop_toml *value = NULL;
        s = read_value(r, &value);
        if (s != HOP_OK)
            return s;
        append(array, NULL, value);
        skip_lines(r);
        if (take(r, ","))
            skip_lines(r);
        else if (peek(r) != ']')
            s = fail(r, "expected \",\" or \"]\" in an array");
    }
    return s;
}

static hop_status read_inline_table(reader *r, hop_toml *table)
{
    hop_status s = HOP_OK;
    table->is_closed = true;
    skip_blanks(r);
    if (take(r, "}"))
        return s;
    do {
        s = read_pair(r, table);
        skip_blanks(r);
    } while (s == HOP_OK && take(r, ","));
    return s == HOP_OK && !take(r, "}") ? fail(r, "expected \",\" or \"}\" in a table")
                                        : s;
}

static hop_status read_scalar(reader *r, hop_toml **out)
{
    static const char others[] = "+-.:_";
    const char *from = r->at;
    while (r->at < r->end && (is_bare(*r->at) || (*r->at && strchr(others, *r->at))))
        r->at++;
    HOP_AUTO_STR text = hop_strndup(from, (size_t)(r->at - from));
    bool is_bool = strcmp(text, "true") == 0 || strcmp(text, "false") == 0;
    bool is_number = strcspn(text, "0123456789") < strlen(text) || strstr(text, "inf") ||
                     strstr(text, "nan");
    if (!is_bool && !is_number)
        return fail(r, "expected a value");
    *out = new_node(r, is_bool ? HOP_TOML_BOOL : HOP_TOML_NUMBER);
    (*out)->truth = is_bool && text[0] == 't';
    if (is_number)
        (*out)->text = hop_steal(&text);
    return HOP_OK;
}

static hop_status read_compound(reader *r, hop_toml *node)
{
    hop_status s = deeper(r);
    if (s != HOP_OK)
        return s;
    s = node->type == HOP_TOML_ARRAY ? read_array(r, node) : read_inline_table(r, node);
    r->depth--;
    return s;
}

static hop_status read_value(reader *r, hop_toml **out)
{
    static const char *const quotes[] = {"\"\"\"", "'''", "\"", "'"};
    HOP_AUTO(hop_toml) node = NULL;
    hop_status s = HOP_OK;
    for (size_t i = 0; i < HOP_COUNT_OF(quotes) && !node; i++)
        if (take(r, quotes[i])) {
            node = new_node(r, HOP_TOML_STRING);
            s = read_string(r, quotes[i], &node->text);
        }
    if (!node && (peek(r) == '[' || peek(r) == '{')) {
        node = new_node(r, *r->at++ == '[' ? HOP_TOML_ARRAY : HOP_TOML_TABLE);
        s = read_compound(r, node);
    } else if (!node) {
        s = read_scalar(r, &node);
    }
    if (s == HOP_OK)
        *out = hop_steal(&node);
    return s;
}

/* ---- the document ---- */

static hop_status open_table(reader *r, hop_toml *in, const char *key, hop_toml **out)
{
    hop_status s = enter(r, in, key, out);
    if (s == HOP_OK && (*out)->is_closed)
        s = fail(r, "a table is there twice");
    if (s == HOP_OK)
        (*out)->is_closed = true;
    return s;
}

static hop_status open_item(reader *r, hop_toml *in, const char *key, hop_toml **out)
{
    hop_toml *array = find(in, key);
    if (!array) {
        array = append(in, key, new_node(r, HOP_TOML_ARRAY));
        array->has_tables = true;
    }
    if (array->type != HOP_TOML_ARRAY || !array->has_tables)
        return fail(r, "a key is a value and an array of tables");
    *out = append(array, NULL, new_node(r, HOP_TOML_TABLE));
    return HOP_OK;
}

static hop_status read_header(reader *r, hop_toml *root, hop_toml **current)
{
    bool is_item = take(r, "[[");
    if (!is_item)
        r->at++;
    HOP_AUTO_VALUE(hop_strings) keys = {0};
    hop_toml *in = NULL;
    hop_status s = read_keys(r, &keys);
    if (s == HOP_OK && !take(r, is_item ? "]]" : "]"))
        s = fail(r, "expected \"]\" after the name of a table");
    if (s == HOP_OK)
        s = enter_all(r, root, &keys, &in);
    if (s != HOP_OK)
        return s;
    const char *key = keys.items[keys.len - 1];
    return is_item ? open_item(r, in, key, current) : open_table(r, in, key, current);
}

hop_status hop_toml_parse(const char *text, size_t len, const char *name, hop_toml **out,
                          hop_error **err)
{
    reader r = {.at = text, .end = text + len, .name = name, .line = 1, .err = err};
    HOP_AUTO(hop_toml) root = new_node(&r, HOP_TOML_TABLE);
    hop_toml *current = root;
    hop_status s = HOP_OK;
    (void)take(&r, "\xef\xbb\xbf");
    for (skip_lines(&r); s == HOP_OK && r.at < r.end; skip_lines(&r)) {
        s = *r.at == '[' ? read_header(&r, root, &current) : read_pair(&r, current);
        if (s == HOP_OK)
            s = end_line(&r);
    }
    if (s == HOP_OK)
        *out = hop_steal(&root);
    return s;
}
