/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tree as a whole: which files are there, which of them are read, and the two that
 * are no YAML. */
#include "lint.h"

#include <stdlib.h>
#include <string.h>

#include "hop_version.h"

/* ---- findings ---- */

const char *hop_severity_name(hop_severity s)
{
    switch (s) {
    case HOP_LINT_ERROR:
        return "error";
    case HOP_LINT_WARNING:
        return "warning";
    }
    return "error";
}

void hop_findings_clear(hop_findings *f)
{
    for (size_t i = 0; i < f->len; i++) {
        free(f->items[i].file);
        free(f->items[i].text);
    }
    free(f->items);
    *f = (hop_findings){0};
}

static void add(hop_findings *out, hop_severity severity, const char *rule, lint_place at,
                char **text)
{
    out->items = hop_grow(out->items, out->len, &out->cap, sizeof(*out->items));
    out->items[out->len++] = (hop_finding){.severity = severity,
                                           .rule = rule,
                                           .file = hop_strdup(at.file),
                                           .line = at.line,
                                           .text = hop_steal(text)};
    if (severity == HOP_LINT_ERROR)
        out->error_count++;
    else
        out->warning_count++;
}

void hop_lint_error(hop_findings *out, const char *rule, lint_place at, const char *fmt,
                    ...)
{
    va_list ap;
    va_start(ap, fmt);
    char *text = hop_vsprintf(fmt, ap);
    va_end(ap);
    add(out, HOP_LINT_ERROR, rule, at, &text);
}

void hop_lint_warn(hop_findings *out, const char *rule, lint_place at, const char *fmt,
                   ...)
{
    va_list ap;
    va_start(ap, fmt);
    char *text = hop_vsprintf(fmt, ap);
    va_end(ap);
    add(out, HOP_LINT_WARNING, rule, at, &text);
}

static int compare_findings(const void *a, const void *b)
{
    const hop_finding *x = a, *y = b;
    int order = strcmp(x->file, y->file);
    if (order == 0)
        order = (x->line > y->line) - (x->line < y->line);
    if (order == 0)
        order = strcmp(x->rule, y->rule);
    return order ? order : strcmp(x->text, y->text);
}

/* ---- what the checks share ---- */

lint_place hop_lint_at(const lint_file *f, const hop_yaml_node *n)
{
    return (lint_place){f->path, n ? n->line : 1};
}

const char *hop_lint_text(const lint_file *f, const char *key)
{
    const hop_yaml_node *n = hop_yaml_find(f->root, key);
    return n && n->type == HOP_YAML_SCALAR ? n->text : NULL;
}

bool hop_lint_is_version(const char *text)
{
    hop_version v;
    HOP_AUTO(hop_error) why = NULL;
    return hop_version_parse(text, &v, &why) == HOP_OK;
}

/* ---- `version` ---- */

static void check_format(const hop_lint *l)
{
    static const char rule[] = "format";
    lint_place at = {"version", 1};
    const hop_tree_file *f = hop_tree_find(l->tree, "version");
    if (!f) {
        hop_lint_error(l->out, rule, at,
                       "the file is missing: the whole tree is refused");
        return;
    }
    HOP_AUTO_STR text = hop_strndup(f->data, strcspn(f->data, " \t\r\n"));
    hop_version v;
    uint64_t major = 0, minor = 0;
    HOP_AUTO(hop_error) why = NULL;
    if (hop_version_parse(text, &v, &why) != HOP_OK)
        hop_lint_error(l->out, rule, at, "\"%s\" is no version: the tree is refused",
                       text);
    else if (!hop_version_get_minor(&v, &major, &minor) || major != 1)
        hop_lint_error(l->out, rule, at, "format %s: only 1.x is understood", text);
    else if (minor > 2)
        hop_lint_warn(l->out, rule, at, "format %s is newer than 1.2", text);
}

/* ---- raw/metadata.json ---- */

#define RAW "raw/metadata.json"
#define META "io.openshift.upgrades.graph."

/* The line on which the key stands; JSON views know no lines. */
static lint_place raw_place(const hop_tree_file *f, const char *key)
{
    HOP_AUTO_STR quoted = hop_sprintf("\"%s\"", key);
    const char *found = strstr(f->data, quoted);
    lint_place at = {RAW, 1};
    for (const char *c = f->data; found && c < found; c++)
        at.line += *c == '\n';
    return at;
}

/* A malformed version in *.add or *.remove makes the service fail at its whole graph. */
static void check_raw_list(const hop_lint *l, lint_place at, const char *key,
                           const char *value)
{
    bool is_previous_remove = strcmp(key, META "previous.remove") == 0;
    for (const char *c = value; *c;) {
        size_t len = strcspn(c, ",");
        size_t lead = strspn(c, " ");
        size_t size = len > lead ? len - lead : 0;
        while (size > 0 && c[lead + size - 1] == ' ')
            size--;
        HOP_AUTO_STR entry = hop_strndup(c + lead, size);
        bool is_all = is_previous_remove && strcmp(entry, "*") == 0;
        if (size > 0 && !is_all && !hop_lint_is_version(entry))
            hop_lint_error(l->out, "raw-metadata", at,
                           "%s: \"%s\" is no version: the service would keep no graph",
                           key, entry);
        c += len;
        c += *c == ',';
    }
}

static void check_raw_value(const hop_lint *l, lint_place at, const hop_json_view *item)
{
    static const char *const lists[] = {META "previous.add", META "previous.remove",
                                        META "next.add", META "next.remove"};
    HOP_AUTO(hop_error) why = NULL;
    const char *value = NULL;
    if (hop_json_string(item, &value, &why) != HOP_OK) {
        hop_lint_error(l->out, "raw-metadata", at, "%s: only text is a value", item->key);
        return;
    }
    for (size_t i = 0; i < HOP_COUNT_OF(lists); i++)
        if (strcmp(item->key, lists[i]) == 0)
            check_raw_list(l, at, item->key, value);
    if (strcmp(item->key, META "previous.remove_regex") != 0)
        return;
    HOP_AUTO(hop_pattern) p = NULL;
    if (hop_pattern_new(value, &p, &why) != HOP_OK)
        hop_lint_error(l->out, "raw-metadata", at, "%s", hop_error_get_frame(why, 0));
}

static void check_raw(const hop_lint *l)
{
    lint_place top = {RAW, 1};
    const hop_tree_file *f = hop_tree_find(l->tree, RAW);
    if (!f) {
        hop_lint_error(l->out, "raw-metadata", top,
                       "the file is missing: the whole tree is refused");
        return;
    }
    HOP_AUTO(hop_error) why = NULL;
    HOP_AUTO(hop_json) doc = NULL;
    if (hop_json_parse(f->data, f->len, RAW, &doc, &why) != HOP_OK) {
        hop_lint_error(l->out, "raw-metadata", top, "%s", hop_error_get_frame(why, 0));
        return;
    }
    hop_json_view root = hop_json_root(doc, RAW), entry, item;
    if (!hop_json_is(&root, HOP_JSON_OBJECT))
        hop_lint_error(l->out, "raw-metadata", top, "expected an object");
    for (void *i = NULL; hop_json_next(&root, &i, &entry);) {
        lint_place at = raw_place(f, entry.key);
        if (!hop_lint_is_version(entry.key))
            hop_lint_error(l->out, "raw-metadata", at, "\"%s\" is no version", entry.key);
        if (!hop_json_is(&entry, HOP_JSON_OBJECT))
            hop_lint_error(l->out, "raw-metadata", at, "%s: expected an object",
                           entry.key);
        if (strchr(entry.key, '+'))
            hop_lint_warn(l->out, "raw-metadata", at,
                          "%s: the architecture is ignored, all of them are meant",
                          entry.key);
        for (void *j = NULL; hop_json_next(&entry, &j, &item);)
            check_raw_value(l, at, &item);
    }
}

/* ---- names of files ---- */

/* The service looks for y, any number of a, m, l anywhere in the extension. */
static bool is_taken_as_yaml(const char *extension)
{
    for (const char *y = strchr(extension, 'y'); y; y = strchr(y + 1, 'y')) {
        size_t a = strspn(y + 1, "a");
        if (a > 0 && y[1 + a] == 'm' && y[2 + a] == 'l')
            return true;
    }
    return false;
}

/* Says what is wrong with a name. True when the service reads such a file. */
static bool check_name(const hop_lint *l, const char *path, const char *name)
{
    lint_place at = {path, 1};
    if (strchr(name, '/')) {
        hop_lint_warn(l->out, "not-read", at, "files in a directory below are not read");
        return false;
    }
    const char *dot = strrchr(name, '.');
    if (!dot || dot == name) {
        if (*name != '_' && *name != '.' && strcmp(name, "OWNERS") != 0)
            hop_lint_warn(l->out, "not-read", at,
                          "without an extension a file is not read; name it .yaml");
        return false;
    }
    if (strcmp(dot, ".yaml") == 0)
        return true;
    if (is_taken_as_yaml(dot + 1)) {
        hop_lint_warn(l->out, "odd-name", at,
                      "the service reads it, as it finds yaml in \"%s\"; if that is "
                      "meant, name it .yaml",
                      dot);
        return false;
    }
    if (strcasecmp(dot, ".yml") == 0 || strcasecmp(dot, ".yaml") == 0)
        hop_lint_error(l->out, "not-read", at,
                       "files named %s are silently not read; name it .yaml", dot);
    else
        hop_lint_warn(l->out, "not-read", at, "files named %s are not read", dot);
    return false;
}

/* Errors of the YAML reader begin with "FILE:LINE: ". */
static void report_yaml(const hop_lint *l, const char *path, const char *effect,
                        const hop_error *why)
{
    const char *frame = hop_error_get_frame(why, 0);
    lint_place at = {path, 1};
    if (hop_has_prefix(frame, path) && frame[strlen(path)] == ':') {
        char *end = NULL;
        at.line = strtoul(frame + strlen(path) + 1, &end, 10);
        frame = hop_has_prefix(end, ": ") ? end + 2 : end;
    }
    hop_lint_error(l->out, "malformed", at, "%s: %s", effect, frame);
}

static void read_file(const hop_lint *l, const hop_tree_file *f, const char *effect,
                      lint_files *into)
{
    HOP_AUTO(hop_error) why = NULL;
    HOP_AUTO(hop_yaml) y = NULL;
    if (hop_yaml_parse(f->data, f->len, f->path, &y, &why) != HOP_OK) {
        report_yaml(l, f->path, effect, why);
        return;
    }
    const hop_yaml_node *root = hop_yaml_get_document(y, 0);
    if (!root || hop_yaml_count(y) != 1 || root->type != HOP_YAML_MAPPING) {
        hop_lint_error(l->out, "malformed", (lint_place){f->path, 1},
                       "%s: expected one YAML mapping", effect);
        return;
    }
    into->items = hop_grow(into->items, into->len, &into->cap, sizeof(*into->items));
    into->items[into->len++] = (lint_file){f->path, hop_steal(&y), root};
}

static void read_directory(const hop_lint *l, const char *prefix, const char *effect,
                           lint_files *into)
{
    bool is_there = false;
    for (size_t i = 0; i < l->tree->len; i++) {
        const hop_tree_file *f = &l->tree->files[i];
        if (!hop_has_prefix(f->path, prefix))
            continue;
        is_there = true;
        if (check_name(l, f->path, f->path + strlen(prefix)))
            read_file(l, f, effect, into);
    }
    /* An empty directory is no file of a tree. Without blocks all is well; whether the
     * directory is there, the reader of the tree has looked. */
    if (!is_there && strcmp(prefix, "channels/") == 0)
        hop_lint_error(l->out, "missing", (lint_place){prefix, 1},
                       "there is no channel: the service would offer nothing");
}

static void clear_files(lint_files *files)
{
    for (size_t i = 0; i < files->len; i++)
        hop_yaml_free(files->items[i].yaml);
    free(files->items);
}

static void keep_each_once(hop_strings *list)
{
    hop_strings_sort(list);
    size_t kept = 0;
    for (size_t i = 0; i < list->len; i++) {
        if (kept > 0 && strcmp(list->items[kept - 1], list->items[i]) == 0)
            free(list->items[i]);
        else
            list->items[kept++] = list->items[i];
    }
    list->len = kept;
}

void hop_lint_run(const hop_tree *tree, hop_findings *out)
{
    hop_lint l = {.tree = tree, .out = out};
    check_format(&l);
    check_raw(&l);
    read_directory(&l, "channels/", "the whole channel is silently dropped", &l.channels);
    read_directory(&l, "blocked-edges/", "dropped, so that nothing is blocked",
                   &l.block_files);
    hop_lint_channels(&l);
    hop_lint_blocks(&l);
    keep_each_once(&l.versions);
    hop_lint_patterns(&l);
    hop_lint_compare_blocks(&l);
    if (out->len > 1)
        qsort(out->items, out->len, sizeof(*out->items), compare_findings);
    for (size_t i = 0; i < l.patterns.len; i++) {
        hop_pattern_free(l.patterns.items[i].code);
        hop_findings_clear(&l.patterns.items[i].faults);
    }
    free(l.patterns.items);
    free(l.blocks.items);
    clear_files(&l.channels);
    clear_files(&l.block_files);
    hop_strings_clear(&l.versions);
}
