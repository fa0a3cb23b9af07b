/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hop_json.h"

#include <assert.h>
#include <jansson.h>
#include <string.h>

/* ---- reading ---- */

hop_status hop_json_parse(const char *text, size_t len, const char *name, hop_json **out,
                          hop_error **err)
{
    json_error_t e;
    json_t *doc = json_loadb(text, len, JSON_REJECT_DUPLICATES, &e);
    if (!doc)
        return hop_error_set(err, HOP_E_PARSE, "%s:%d:%d: %s", name, e.line, e.column,
                             e.text);
    *out = doc;
    return HOP_OK;
}

void hop_json_free(hop_json *doc)
{
    json_decref(doc);
}

hop_json_view hop_json_root(const hop_json *doc, const char *name)
{
    return (hop_json_view){.value = doc, .document = name};
}

static const char *type_name(hop_json_type type)
{
    switch (type) {
    case HOP_JSON_ANY:
        return "a value";
    case HOP_JSON_OBJECT:
        return "an object";
    case HOP_JSON_ARRAY:
        return "an array";
    case HOP_JSON_STRING:
        return "a string";
    case HOP_JSON_INTEGER:
        return "a whole number";
    case HOP_JSON_BOOL:
        return "true or false";
    }
    return "a value";
}

bool hop_json_is(const hop_json_view *v, hop_json_type type)
{
    switch (type) {
    case HOP_JSON_ANY:
        return v->value != NULL;
    case HOP_JSON_OBJECT:
        return json_is_object(v->value);
    case HOP_JSON_ARRAY:
        return json_is_array(v->value);
    case HOP_JSON_STRING:
        return json_is_string(v->value);
    case HOP_JSON_INTEGER:
        return json_is_integer(v->value);
    case HOP_JSON_BOOL:
        return json_is_boolean(v->value);
    }
    return false;
}

size_t hop_json_count(const hop_json_view *v)
{
    return json_is_array(v->value) ? json_array_size(v->value)
                                   : json_object_size(v->value);
}

/* Views are nested as deep as the code that walks them, so the way up is short. */
static void add_path(const hop_json_view *v, hop_buf *out)
{
    const hop_json_view *chain[32];
    size_t n = 0;
    for (; v && v->up && n < HOP_COUNT_OF(chain); v = v->up)
        chain[n++] = v;
    for (size_t i = n; i-- > 0;) {
        if (!chain[i]->key) {
            hop_buf_addf(out, "[%zu]", chain[i]->index);
            continue;
        }
        if (i + 1 < n)
            hop_buf_addc(out, '.');
        hop_buf_adds(out, chain[i]->key);
    }
}

hop_status hop_json_error(const hop_json_view *v, hop_error **err, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    HOP_AUTO_STR message = hop_vsprintf(fmt, ap);
    va_end(ap);
    HOP_AUTO_VALUE(hop_buf) path = hop_buf_init(HOP_BUF_TEXT);
    add_path(v, &path);
    return hop_error_set(err, HOP_E_PARSE, "%s: %s%s%s", v->document, hop_buf_get(&path),
                         path.len ? ": " : "", message);
}

static hop_status expect(const hop_json_view *v, hop_json_type type, hop_error **err)
{
    if (!v->value)
        return hop_json_error(v, err, "missing; expected %s", type_name(type));
    if (!hop_json_is(v, type))
        return hop_json_error(v, err, "expected %s", type_name(type));
    return HOP_OK;
}

static hop_json_view member_view(const hop_json_view *obj, const char *key)
{
    return (hop_json_view){.value = json_object_get(obj->value, key),
                           .up = obj,
                           .key = key,
                           .document = obj->document};
}

hop_status hop_json_member(const hop_json_view *obj, const char *key, hop_json_type type,
                           hop_json_view *out, hop_error **err)
{
    hop_status s = expect(obj, HOP_JSON_OBJECT, err);
    if (s != HOP_OK)
        return s;
    hop_json_view v = member_view(obj, key);
    s = expect(&v, type, err);
    if (s == HOP_OK)
        *out = v;
    return s;
}

hop_status hop_json_optional(const hop_json_view *obj, const char *key,
                             hop_json_type type, hop_json_view *out, hop_error **err)
{
    hop_status s = expect(obj, HOP_JSON_OBJECT, err);
    if (s != HOP_OK)
        return s;
    hop_json_view v = member_view(obj, key);
    if (json_is_null(v.value))
        v.value = NULL;
    if (v.value)
        s = expect(&v, type, err);
    if (s == HOP_OK)
        *out = v;
    return s;
}

hop_status hop_json_item(const hop_json_view *array, size_t index, hop_json_type type,
                         hop_json_view *out, hop_error **err)
{
    hop_status s = expect(array, HOP_JSON_ARRAY, err);
    if (s != HOP_OK)
        return s;
    hop_json_view v = {.value = json_array_get(array->value, index),
                       .up = array,
                       .index = index,
                       .document = array->document};
    s = expect(&v, type, err);
    if (s == HOP_OK)
        *out = v;
    return s;
}

/* jansson's iterator functions take a mutable object, although they change nothing. */
static json_t *mutable_value(const hop_json *v)
{
    json_t *p = NULL;
    memcpy(&p, &v, sizeof(p));
    return p;
}

bool hop_json_next(const hop_json_view *obj, void **iter, hop_json_view *out)
{
    json_t *value = mutable_value(obj->value);
    *iter = *iter ? json_object_iter_next(value, *iter) : json_object_iter(value);
    if (!*iter)
        return false;
    *out = (hop_json_view){.value = json_object_iter_value(*iter),
                           .up = obj,
                           .key = json_object_iter_key(*iter),
                           .document = obj->document};
    return true;
}

hop_status hop_json_string(const hop_json_view *v, const char **out, hop_error **err)
{
    hop_status s = expect(v, HOP_JSON_STRING, err);
    if (s == HOP_OK)
        *out = json_string_value(v->value);
    return s;
}

hop_status hop_json_uint(const hop_json_view *v, uint64_t *out, hop_error **err)
{
    hop_status s = expect(v, HOP_JSON_INTEGER, err);
    if (s != HOP_OK)
        return s;
    json_int_t n = json_integer_value(v->value);
    if (n < 0)
        return hop_json_error(v, err, "expected a number that is not negative");
    *out = (uint64_t)n;
    return HOP_OK;
}

hop_status hop_json_bool(const hop_json_view *v, bool *out, hop_error **err)
{
    hop_status s = expect(v, HOP_JSON_BOOL, err);
    if (s == HOP_OK)
        *out = json_is_true(v->value);
    return s;
}

hop_status hop_json_get_string(const hop_json_view *obj, const char *key,
                               const char **out, hop_error **err)
{
    hop_json_view v;
    hop_status s = hop_json_member(obj, key, HOP_JSON_STRING, &v, err);
    return s == HOP_OK ? hop_json_string(&v, out, err) : s;
}

hop_status hop_json_get_uint(const hop_json_view *obj, const char *key, uint64_t *out,
                             hop_error **err)
{
    hop_json_view v;
    hop_status s = hop_json_member(obj, key, HOP_JSON_INTEGER, &v, err);
    return s == HOP_OK ? hop_json_uint(&v, out, err) : s;
}

hop_status hop_json_optional_string(const hop_json_view *obj, const char *key,
                                    const char **out, hop_error **err)
{
    hop_json_view v;
    hop_status s = hop_json_optional(obj, key, HOP_JSON_STRING, &v, err);
    if (s != HOP_OK)
        return s;
    *out = NULL;
    return v.value ? hop_json_string(&v, out, err) : HOP_OK;
}

/* ---- building ---- */

hop_json *hop_json_new_object(void)
{
    json_t *v = json_object();
    assert(v);
    return v;
}

hop_json *hop_json_new_array(void)
{
    json_t *v = json_array();
    assert(v);
    return v;
}

static json_t *string_value(const char *value)
{
    if (!value)
        return json_null();
    json_t *v = json_string(value);
    if (v)
        return v;
    HOP_AUTO_VALUE(hop_buf) visible = hop_buf_init(HOP_BUF_TEXT);
    hop_buf_add_visible(&visible, value, strlen(value));
    v = json_string(hop_buf_get(&visible));
    assert(v);
    return v;
}

static json_t *set(json_t *obj, const char *key, json_t *value)
{
    int rc = json_object_set_new(obj, key, value);
    assert(rc == 0);
    (void)rc;
    return value;
}

static json_t *append(json_t *array, json_t *value)
{
    int rc = json_array_append_new(array, value);
    assert(rc == 0);
    (void)rc;
    return value;
}

void hop_json_set_string(hop_json *obj, const char *key, const char *value)
{
    set(obj, key, string_value(value));
}

void hop_json_set_uint(hop_json *obj, const char *key, uint64_t value)
{
    set(obj, key, json_integer((json_int_t)value));
}

void hop_json_set_bool(hop_json *obj, const char *key, bool value)
{
    set(obj, key, json_boolean(value));
}

hop_json *hop_json_set_take(hop_json *obj, const char *key, hop_json **value)
{
    return set(obj, key, hop_steal(value));
}

hop_json *hop_json_add_object(hop_json *obj, const char *key)
{
    return set(obj, key, hop_json_new_object());
}

hop_json *hop_json_add_array(hop_json *obj, const char *key)
{
    return set(obj, key, hop_json_new_array());
}

void hop_json_append_string(hop_json *array, const char *value)
{
    append(array, string_value(value));
}

void hop_json_append_uint(hop_json *array, uint64_t value)
{
    append(array, json_integer((json_int_t)value));
}

hop_json *hop_json_append_take(hop_json *array, hop_json **value)
{
    return append(array, hop_steal(value));
}

hop_json *hop_json_append_object(hop_json *array)
{
    return append(array, hop_json_new_object());
}

hop_json *hop_json_copy(const hop_json_view *v)
{
    json_t *copy = json_deep_copy(v->value);
    assert(copy);
    return copy;
}

static int dump_chunk(const char *data, size_t len, void *user)
{
    hop_buf_add(user, data, len);
    return 0;
}

void hop_json_dump(const hop_json *doc, hop_json_style style, hop_buf *out)
{
    size_t flags =
        JSON_ENCODE_ANY | (style == HOP_JSON_INDENT ? JSON_INDENT(2) : JSON_COMPACT);
    int rc = json_dump_callback(doc, dump_chunk, out, flags);
    assert(rc == 0);
    (void)rc;
}
