/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "graph_data.h"

#include <stdlib.h>
#include <string.h>

#include "hop_version.h"
#include "hop_yaml.h"

void hop_graph_data_free(hop_graph_data *d)
{
    if (!d)
        return;
    free(d->blocks);
    free(d->channels);
    hop_json_free(d->raw);
    hop_strings_clear(&d->warnings);
    hop_arena_free(d->arena);
    free(d);
}

const hop_strings *hop_graph_data_get_warnings(const hop_graph_data *d)
{
    return &d->warnings;
}

static void warn(hop_graph_data *d, const char *file, size_t line, const char *fmt, ...)
    HOP_PRINTF(4, 5);

static void warn(hop_graph_data *d, const char *file, size_t line, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    HOP_AUTO_STR text = hop_vsprintf(fmt, ap);
    va_end(ap);
    HOP_AUTO_STR whole = hop_sprintf("%s:%zu: %s", file, line, text);
    hop_strings_take(&d->warnings, &whole);
}

static bool is_version(const char *text)
{
    hop_version v;
    hop_error *why = NULL;
    bool is_good = hop_version_parse(text, &v, &why) == HOP_OK;
    hop_error_drop(&why);
    return is_good;
}

/* ---- one file ---- */

/* Any scalar is text to the service, `~` and an empty one too (serde_yaml,
 * deserialize_str). */
static const char *scalar(const hop_yaml_node *mapping, const char *key)
{
    const hop_yaml_node *n = hop_yaml_find(mapping, key);
    return n && n->type == HOP_YAML_SCALAR ? n->text : NULL;
}

/* Reads a rule and says what is wrong with it, or NULL. */
static const char *read_rule(hop_arena *a, const hop_yaml_node *n, hop_rule *rule,
                             hop_json *json)
{
    const char *type = scalar(n, "type");
    if (!type)
        return "a matching rule without type";
    hop_json_set_string(json, "type", type);
    const hop_yaml_node *promql = hop_yaml_find(n, "promql");
    const char *query = promql ? scalar(promql, "promql") : NULL;
    *rule = (hop_rule){.type = hop_arena_strdup(a, type)};
    if (strcmp(type, "PromQL") == 0 && !query)
        return "a PromQL rule without promql.promql";
    if (query) {
        hop_json_set_string(hop_json_add_object(json, "promql"), "promql", query);
        rule->promql = hop_arena_strdup(a, query);
    }
    return NULL;
}

static const char *read_rules(hop_arena *a, const hop_yaml_node *n, hop_risk *risk)
{
    if (!n || n->type != HOP_YAML_SEQUENCE)
        return "matchingRules is missing or no list";
    HOP_AUTO(hop_json) json = hop_json_new_array();
    hop_rule *rules = hop_arena_alloc(a, n->len, sizeof(*rules));
    for (size_t i = 0; i < n->len; i++) {
        const char *fault =
            read_rule(a, n->items[i], &rules[i], hop_json_append_object(json));
        if (fault)
            return fault;
    }
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    hop_json_dump(json, HOP_JSON_COMPACT, &text);
    risk->rules = rules;
    risk->rule_count = n->len;
    risk->rules_json = hop_arena_strdup(a, hop_buf_get(&text));
    return NULL;
}

/* Two shapes exist: exactly to and from, or these two with all four members of a risk.
 * All else is dropped by the service, and the edge stays open. */
static const char *read_block(hop_graph_data *d, const hop_yaml_node *n, data_block *b)
{
    const char *to = scalar(n, "to"), *from = scalar(n, "from");
    if (!to || !from)
        return "to or from is missing";
    if (!is_version(to))
        return "to is no version";
    b->to = hop_arena_strdup(d->arena, to);
    b->from = hop_arena_strdup(d->arena, from);
    if (n->len == 2)
        return NULL;
    const char *url = scalar(n, "url"), *name = scalar(n, "name");
    const char *message = scalar(n, "message");
    if (!url || !name || !message)
        return "more than to and from, but not all of url, name, message and "
               "matchingRules";
    hop_risk *risk = hop_arena_alloc(d->arena, 1, sizeof(*risk));
    risk->name = hop_arena_strdup(d->arena, name);
    risk->url = hop_arena_strdup(d->arena, url);
    risk->message = hop_arena_strdup(d->arena, message);
    b->risk = risk;
    return read_rules(d->arena, hop_yaml_find(n, "matchingRules"), risk);
}

static void add_block(hop_graph_data *d, const char *file, const hop_yaml_node *n)
{
    data_block b = {.file = hop_arena_strdup(d->arena, file)};
    const char *fault = read_block(d, n, &b);
    if (fault) {
        warn(d, file, n->line, "dropped, so that nothing is blocked: %s", fault);
        return;
    }
    d->blocks = hop_grow(d->blocks, d->block_count, &d->block_cap, sizeof(*d->blocks));
    d->blocks[d->block_count++] = b;
}

static void add_channel(hop_graph_data *d, const char *file, const hop_yaml_node *n)
{
    const char *name = scalar(n, "name");
    const hop_yaml_node *versions = hop_yaml_find(n, "versions");
    if (!name || !versions || versions->type != HOP_YAML_SEQUENCE) {
        warn(d, file, n->line, "the channel is dropped: name or versions is missing");
        return;
    }
    const char **items = hop_arena_alloc(d->arena, versions->len, sizeof(*items));
    for (size_t i = 0; i < versions->len; i++) {
        const hop_yaml_node *v = versions->items[i];
        if (v->type != HOP_YAML_SCALAR || !is_version(v->text)) {
            warn(d, file, v->line,
                 "the whole channel is dropped: a version is malformed");
            return;
        }
        items[i] = hop_arena_strdup(d->arena, v->text);
    }
    d->channels =
        hop_grow(d->channels, d->channel_count, &d->channel_cap, sizeof(*d->channels));
    d->channels[d->channel_count++] = (data_channel){hop_arena_strdup(d->arena, name),
                                                     (hop_texts){items, versions->len}};
}

/* ---- the tree ---- */

/* The service takes files whose extension contains "yaml" with any number of a. */
static bool has_yaml_extension(const char *path)
{
    const char *dot = strrchr(path, '.');
    for (const char *y = dot ? strchr(dot, 'y') : NULL; y; y = strchr(y + 1, 'y')) {
        size_t a = strspn(y + 1, "a");
        if (a > 0 && y[1 + a] == 'm' && y[2 + a] == 'l')
            return true;
    }
    return false;
}

typedef void file_reader(hop_graph_data *d, const char *file, const hop_yaml_node *n);

static void read_file(hop_graph_data *d, const hop_tree_file *f, file_reader *reader)
{
    hop_error *why = NULL;
    HOP_AUTO(hop_yaml) y = NULL;
    if (hop_yaml_parse(f->data, f->len, f->path, &y, &why) != HOP_OK) {
        HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
        hop_error_join(why, &text);
        hop_error_drop(&why);
        warn(d, f->path, 1, "dropped: %s", hop_buf_get(&text));
        return;
    }
    const hop_yaml_node *root = hop_yaml_get_document(y, 0);
    if (!root || hop_yaml_count(y) != 1 || root->type != HOP_YAML_MAPPING)
        warn(d, f->path, 1, "dropped: expected one YAML mapping");
    else
        reader(d, f->path, root);
}

/* Whether an empty directory is there a tree cannot tell: whoever read it has looked. */
static void read_directory(hop_graph_data *d, const hop_tree *tree, const char *prefix,
                           file_reader *reader)
{
    for (size_t i = 0; i < tree->len; i++) {
        const hop_tree_file *f = &tree->files[i];
        if (!hop_has_prefix(f->path, prefix))
            continue;
        if (strchr(f->path + strlen(prefix), '/'))
            continue;
        if (has_yaml_extension(f->path))
            read_file(d, f, reader);
        else
            warn(d, f->path, 1, "not read: the name does not end in .yaml");
    }
}

bool hop_graph_data_has(const hop_graph_data *d, const char *channel, const char *version)
{
    for (size_t i = 0; i < d->channel_count; i++) {
        const data_channel *c = &d->channels[i];
        if (channel && strcmp(channel, c->name) != 0)
            continue;
        for (size_t k = 0; k < c->versions.len; k++) {
            const char *v = c->versions.items[k];
            if (strncmp(v, version, strlen(version)) == 0 &&
                (v[strlen(version)] == '\0' || v[strlen(version)] == '+'))
                return true;
        }
    }
    return false;
}

static hop_status find_file(const hop_tree *tree, const char *path,
                            const hop_tree_file **out, hop_error **err)
{
    *out = hop_tree_find(tree, path);
    return *out ? HOP_OK
                : hop_error_set(err, HOP_E_PARSE, "graph-data: %s is missing", path);
}

static hop_status read_format(hop_graph_data *d, const hop_tree *tree, hop_error **err)
{
    const hop_tree_file *f = NULL;
    hop_status s = find_file(tree, "version", &f, err);
    if (s != HOP_OK)
        return s;
    HOP_AUTO_STR text = hop_strndup(f->data, strcspn(f->data, " \r\n"));
    hop_version v;
    uint64_t major = 0, minor = 0;
    s = hop_version_parse(text, &v, err);
    if (s != HOP_OK)
        return hop_error_wrap(err, "graph-data: version");
    if (!hop_version_get_minor(&v, &major, &minor) || major != 1)
        return hop_error_set(err, HOP_E_PARSE,
                             "graph-data: format %s; only 1.x is understood", text);
    if (minor > 2)
        warn(d, "version", 1, "format %s is newer than 1.2", text);
    return HOP_OK;
}

static hop_status read_raw(hop_graph_data *d, const hop_tree *tree, hop_error **err)
{
    const char *path = "raw/metadata.json";
    const hop_tree_file *f = NULL;
    hop_status s = find_file(tree, path, &f, err);
    if (s == HOP_OK)
        s = hop_json_parse(f->data, f->len, path, &d->raw, err);
    if (s != HOP_OK)
        return s;
    hop_json_view root = hop_json_root(d->raw, path), entry, value;
    if (!hop_json_is(&root, HOP_JSON_OBJECT))
        return hop_json_error(&root, err, "expected an object");
    for (void *i = NULL; hop_json_next(&root, &i, &entry);) {
        if (!hop_json_is(&entry, HOP_JSON_OBJECT) || !is_version(entry.key))
            return hop_json_error(&entry, err, "expected a version with an object");
        for (void *j = NULL; hop_json_next(&entry, &j, &value);)
            if (!hop_json_is(&value, HOP_JSON_STRING))
                return hop_json_error(&value, err, "expected a string");
    }
    return HOP_OK;
}

static hop_status check_channels(const hop_tree *tree, hop_error **err)
{
    for (size_t i = 0; i < tree->len; i++)
        if (hop_has_prefix(tree->files[i].path, "channels/"))
            return HOP_OK;
    return hop_error_set(err, HOP_E_PARSE, "graph-data: no file under channels/");
}

hop_status hop_graph_data_read(const hop_tree *tree, hop_graph_data **out,
                               hop_error **err)
{
    HOP_AUTO(hop_graph_data) d = hop_alloc(1, sizeof(*d));
    d->arena = hop_arena_new();
    hop_status s = read_format(d, tree, err);
    if (s == HOP_OK)
        s = read_raw(d, tree, err);
    if (s == HOP_OK)
        s = check_channels(tree, err);
    if (s != HOP_OK)
        return s;
    read_directory(d, tree, "blocked-edges/", add_block);
    read_directory(d, tree, "channels/", add_channel);
    *out = hop_steal(&d);
    return HOP_OK;
}
