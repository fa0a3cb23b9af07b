/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "registries_conf.h"

#include "toml.h"

#include <string.h>

typedef struct file {
    const char *path;
    hop_mirror_set *set;
} file;

static hop_status wrong(const file *f, const hop_toml *at, hop_error **err,
                        const char *what)
{
    return hop_error_set(err, HOP_E_PARSE, "%s:%zu: %s", f->path, at->line, what);
}

static hop_status get_text(const file *f, const hop_toml *table, const char *key,
                           const char **out, hop_error **err)
{
    const hop_toml *t = hop_toml_find(table, key);
    *out = NULL;
    if (t && t->type != HOP_TOML_STRING)
        return hop_error_set(err, HOP_E_PARSE, "%s:%zu: %s: expected a string, not %s",
                             f->path, t->line, key, hop_toml_type_name(t->type));
    if (t && t->text[0])
        *out = t->text;
    return HOP_OK;
}

static hop_status get_truth(const file *f, const hop_toml *table, const char *key,
                            bool *out, hop_error **err)
{
    const hop_toml *t = hop_toml_find(table, key);
    *out = t && t->truth;
    if (t && t->type != HOP_TOML_BOOL)
        return hop_error_set(err, HOP_E_PARSE,
                             "%s:%zu: %s: expected true or false, not %s", f->path,
                             t->line, key, hop_toml_type_name(t->type));
    return HOP_OK;
}

/* An array of tables; *out is NULL without. */
static hop_status get_tables(const file *f, const hop_toml *table, const char *key,
                             const hop_toml **out, hop_error **err)
{
    const hop_toml *t = hop_toml_find(table, key);
    *out = NULL;
    bool is_list = t && t->type == HOP_TOML_ARRAY;
    for (size_t i = 0; is_list && i < t->len; i++)
        is_list = t->items[i]->type == HOP_TOML_TABLE;
    if (t && !is_list)
        return hop_error_set(err, HOP_E_PARSE, "%s:%zu: %s: expected [[%s]] tables",
                             f->path, t->line, key, key);
    *out = t;
    return HOP_OK;
}

/* A location may end in slashes; it is no URL. */
static char *trim(const char *location)
{
    size_t len = strlen(location);
    while (len > 0 && location[len - 1] == '/')
        len--;
    return hop_strndup(location, len);
}

typedef struct mirrors {
    hop_strings list;
    hop_strings insecure; /* hosts, the registry's own among them */
    bool by_digest_only;  /* said of the registry */
} mirrors;

static void note_insecure(mirrors *m, const char *location)
{
    char *host = hop_strndup(location, strcspn(location, "/"));
    hop_strings_take(&m->insecure, &host);
}

static hop_status read_mirror(const file *f, const hop_toml *table, mirrors *out,
                              hop_error **err)
{
    const char *location = NULL;
    const char *pull = NULL;
    bool is_insecure = false;
    hop_status s = get_text(f, table, "location", &location, err);
    if (s == HOP_OK)
        s = get_text(f, table, "pull-from-mirror", &pull, err);
    if (s == HOP_OK)
        s = get_truth(f, table, "insecure", &is_insecure, err);
    if (s != HOP_OK)
        return s;
    if (!location)
        return wrong(f, table, err, "a mirror needs a location");
    bool is_for_tags = pull && strcmp(pull, "tag-only") == 0;
    if (pull && !is_for_tags && strcmp(pull, "all") != 0 &&
        strcmp(pull, "digest-only") != 0)
        return wrong(f, table, err,
                     "pull-from-mirror must be all, digest-only or tag-only");
    if (pull && out->by_digest_only)
        return wrong(f, table, err,
                     "pull-from-mirror and mirror-by-digest-only exclude each other");
    HOP_AUTO_STR trimmed = trim(location);
    if (is_insecure)
        note_insecure(out, trimmed);
    if (!is_for_tags)
        hop_strings_take(&out->list, &trimmed);
    return HOP_OK;
}

static hop_status read_mirrors(const file *f, const hop_toml *registry, mirrors *out,
                               hop_error **err)
{
    const hop_toml *list = NULL;
    hop_status s =
        get_truth(f, registry, "mirror-by-digest-only", &out->by_digest_only, err);
    if (s == HOP_OK)
        s = get_tables(f, registry, "mirror", &list, err);
    for (size_t i = 0; s == HOP_OK && list && i < list->len; i++)
        s = read_mirror(f, list->items[i], out, err);
    return s;
}

static void mirrors_clear(mirrors *m)
{
    hop_strings_clear(&m->list);
    hop_strings_clear(&m->insecure);
}

static hop_status read_registry(const file *f, const hop_toml *table, hop_error **err)
{
    const char *prefix = NULL;
    const char *location = NULL;
    bool is_insecure = false;
    HOP_AUTO_VALUE(mirrors) m = {0};
    hop_mirror_place place = {.mirrors = &m.list, .insecure = &m.insecure};
    hop_status s = get_text(f, table, "prefix", &prefix, err);
    if (s == HOP_OK)
        s = get_text(f, table, "location", &location, err);
    if (s == HOP_OK)
        s = get_truth(f, table, "insecure", &is_insecure, err);
    if (s == HOP_OK)
        s = get_truth(f, table, "blocked", &place.is_blocked, err);
    if (s == HOP_OK)
        s = read_mirrors(f, table, &m, err);
    if (s != HOP_OK)
        return s;
    if (!prefix && !location)
        return wrong(f, table, err, "a registry needs a prefix or a location");
    HOP_AUTO_STR source = trim(prefix ? prefix : location);
    HOP_AUTO_STR located = location ? trim(location) : NULL;
    place.source = source;
    place.location = located;
    if (is_insecure)
        note_insecure(&m, located ? located : source);
    if (!hop_mirror_set_replace(f->set, &place))
        return wrong(f, table, err,
                     "prefix and locations must be HOST[:PORT][/REPOSITORY], a prefix "
                     "also *.DOMAIN");
    return HOP_OK;
}

static hop_status read_file(const file *f, const hop_toml *root, hop_error **err)
{
    const hop_toml *list = NULL;
    const hop_toml *old = hop_toml_find(root, "registries");
    if (old) {
        hop_status s = wrong(f, old, err, "[registries] is version 1 of the format");
        hop_error_hint(err, "write [[registry]] tables, or name another file with "
                            "--registries-conf");
        return s;
    }
    hop_status s = get_tables(f, root, "registry", &list, err);
    for (size_t i = 0; s == HOP_OK && list && i < list->len; i++)
        s = read_registry(f, list->items[i], err);
    return s;
}

hop_status hop_registries_conf_add(hop_mirror_set *set, const char *path,
                                   const char *text, size_t len, hop_error **err)
{
    HOP_AUTO(hop_toml) root = NULL;
    HOP_AUTO(hop_mirror_set) tried = hop_mirror_set_new();
    hop_status s = hop_toml_parse(text, len, path, &root, err);
    if (s == HOP_OK)
        s = read_file(&(file){.path = path, .set = tried}, root, err);
    if (s == HOP_OK) /* what went well once goes well again */
        s = read_file(&(file){.path = path, .set = set}, root, err);
    return s == HOP_OK ? s : hop_error_wrap(err, "read registries");
}
