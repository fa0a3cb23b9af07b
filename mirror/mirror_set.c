/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mirror_set.h"

#include "hop_yaml.h"

#include <stdlib.h>
#include <string.h>

typedef struct place {
    char *source; /* without "*" for a wildcard: ".example.com" */
    bool is_wildcard;
    bool never_contact_source;
    hop_strings mirrors;
} place;

struct hop_mirror_set {
    place *places;
    size_t len;
    size_t cap;
    size_t ignored;
    size_t objects[HOP_SET_KINDS];
};

/** The two kinds differ only in names. */
typedef struct kind {
    const char *api_prefix;
    const char *name;
    const char *list;
} kind;

static const kind KINDS[HOP_SET_KINDS] = {
    {"config.openshift.io/", "ImageDigestMirrorSet", "imageDigestMirrors"},
    {"operator.openshift.io/", "ImageContentSourcePolicy", "repositoryDigestMirrors"},
};

hop_mirror_set *hop_mirror_set_new(void)
{
    return hop_alloc(1, sizeof(hop_mirror_set));
}

void hop_mirror_set_free(hop_mirror_set *set)
{
    if (!set)
        return;
    for (size_t i = 0; i < set->len; i++) {
        free(set->places[i].source);
        hop_strings_clear(&set->places[i].mirrors);
    }
    free(set->places);
    free(set);
}

size_t hop_mirror_set_get_count(const hop_mirror_set *set)
{
    return set->len;
}

size_t hop_mirror_set_get_ignored(const hop_mirror_set *set)
{
    return set->ignored;
}

/** HOST or HOST/PATH. */
static bool is_location(const char *text)
{
    const char *slash = strchr(text, '/');
    if (!slash)
        return hop_host_is_valid(text);
    HOP_AUTO_STR host = hop_strndup(text, (size_t)(slash - text));
    return hop_host_is_valid(host) && hop_repository_is_valid(slash + 1);
}

static place *get_place(hop_mirror_set *set, const char *source)
{
    bool is_wildcard = source[0] == '*';
    source += is_wildcard;
    for (size_t i = 0; i < set->len; i++)
        if (set->places[i].is_wildcard == is_wildcard &&
            strcmp(set->places[i].source, source) == 0)
            return &set->places[i];
    set->places = hop_grow(set->places, set->len, &set->cap, sizeof(*set->places));
    place *p = &set->places[set->len++];
    *p = (place){.source = hop_strdup(source), .is_wildcard = is_wildcard};
    return p;
}

static hop_status read_mirrors(const hop_yaml *y, const hop_yaml_node *entry, place *p,
                               hop_error **err)
{
    const hop_yaml_node *mirrors = NULL;
    hop_status s =
        hop_yaml_optional(y, entry, "mirrors", HOP_YAML_SEQUENCE, &mirrors, err);
    if (s != HOP_OK)
        return s;
    for (size_t i = 0; mirrors && i < mirrors->len; i++) {
        const hop_yaml_node *m = mirrors->items[i];
        if (m->type != HOP_YAML_SCALAR || !is_location(m->text))
            return hop_yaml_error(y, m, err, "a mirror must be HOST[:PORT][/REPOSITORY]");
        if (!hop_strings_has(&p->mirrors, m->text))
            hop_strings_add(&p->mirrors, m->text);
    }
    return HOP_OK;
}

static hop_status read_entry(hop_mirror_set *set, const hop_yaml *y,
                             const hop_yaml_node *entry, hop_error **err)
{
    const char *source = NULL;
    hop_status s = hop_yaml_get_string(y, entry, "source", &source, err);
    if (s != HOP_OK)
        return s;
    /* "*.example.com" is checked as if the star were a host's first label. */
    const char *checkable = hop_has_prefix(source, "*.") ? source + 2 : source;
    if (!is_location(checkable))
        return hop_yaml_error(y, hop_yaml_find(entry, "source"), err,
                              "a source must be HOST[:PORT][/REPOSITORY] or *.DOMAIN");
    place *p = get_place(set, source);
    const hop_yaml_node *policy = NULL;
    s = hop_yaml_optional(y, entry, "mirrorSourcePolicy", HOP_YAML_SCALAR, &policy, err);
    if (s != HOP_OK)
        return s;
    if (policy && strcmp(policy->text, "NeverContactSource") == 0)
        p->never_contact_source = true;
    else if (policy && strcmp(policy->text, "AllowContactingSource") != 0)
        return hop_yaml_error(y, policy, err,
                              "mirrorSourcePolicy must be AllowContactingSource or "
                              "NeverContactSource");
    return read_mirrors(y, entry, p, err);
}

/** The index of its kind; HOP_SET_KINDS when it is no mirror set. */
static size_t kind_of(const hop_yaml_node *document)
{
    const hop_yaml_node *api = hop_yaml_find(document, "apiVersion");
    const hop_yaml_node *name = hop_yaml_find(document, "kind");
    if (!api || !name || api->type != HOP_YAML_SCALAR || name->type != HOP_YAML_SCALAR)
        return HOP_SET_KINDS;
    for (size_t i = 0; i < HOP_COUNT_OF(KINDS); i++)
        if (strcmp(name->text, KINDS[i].name) == 0 &&
            hop_has_prefix(api->text, KINDS[i].api_prefix))
            return i;
    return HOP_SET_KINDS;
}

static bool has_name(const hop_yaml_node *object, const char *name)
{
    const hop_yaml_node *n = hop_yaml_find(hop_yaml_find(object, "metadata"), "name");
    return name && n && n->type == HOP_YAML_SCALAR && strcmp(n->text, name) == 0;
}

static hop_status read_object(const hop_set_parts *parts, const hop_yaml *y,
                              const hop_yaml_node *object, hop_error **err)
{
    size_t index = kind_of(object);
    if (index == HOP_SET_KINDS) {
        parts->rest->ignored++;
        return HOP_OK;
    }
    const kind *k = &KINDS[index];
    hop_mirror_set *set =
        has_name(object, parts->own_name) ? parts->own[index] : parts->rest;
    set->objects[index]++;
    const hop_yaml_node *spec = NULL, *list = NULL;
    hop_status s = hop_yaml_optional(y, object, "spec", HOP_YAML_MAPPING, &spec, err);
    if (s == HOP_OK && spec)
        s = hop_yaml_optional(y, spec, k->list, HOP_YAML_SEQUENCE, &list, err);
    for (size_t i = 0; s == HOP_OK && list && i < list->len; i++)
        s = read_entry(set, y, list->items[i], err);
    return s;
}

/** A document, or the items of what `oc get -o yaml` prints for several objects. */
static hop_status read_document(const hop_set_parts *parts, const hop_yaml *y,
                                const hop_yaml_node *document, hop_error **err)
{
    const hop_yaml_node *name = hop_yaml_find(document, "kind");
    if (!name || name->type != HOP_YAML_SCALAR || !hop_has_suffix(name->text, "List"))
        return read_object(parts, y, document, err);
    const hop_yaml_node *items = NULL;
    hop_status s =
        hop_yaml_optional(y, document, "items", HOP_YAML_SEQUENCE, &items, err);
    for (size_t i = 0; s == HOP_OK && items && i < items->len; i++)
        s = read_object(parts, y, items->items[i], err);
    return s;
}

static char *source_name(const place *p)
{
    return hop_sprintf("%s%s", p->is_wildcard ? "*" : "", p->source);
}

void hop_mirror_set_join(hop_mirror_set *set, const hop_mirror_set *more)
{
    for (size_t i = 0; i < more->len; i++) {
        const place *from = &more->places[i];
        HOP_AUTO_STR source = source_name(from);
        place *to = get_place(set, source);
        to->never_contact_source |= from->never_contact_source;
        for (size_t j = 0; j < from->mirrors.len; j++)
            if (!hop_strings_has(&to->mirrors, from->mirrors.items[j]))
                hop_strings_add(&to->mirrors, from->mirrors.items[j]);
    }
    set->ignored += more->ignored;
    for (size_t i = 0; i < HOP_SET_KINDS; i++)
        set->objects[i] += more->objects[i];
}

size_t hop_mirror_set_count_objects(const hop_mirror_set *set, hop_set_kind which)
{
    return set->objects[which];
}

hop_set_source hop_mirror_set_get_source(const hop_mirror_set *set, size_t index)
{
    const place *p = &set->places[index];
    return (hop_set_source){.name = source_name(p),
                            .never_contact_source = p->never_contact_source,
                            .mirrors = &p->mirrors};
}

hop_status hop_mirror_set_add_parts(const hop_set_parts *parts, const char *path,
                                    const char *text, size_t len, hop_error **err)
{
    HOP_AUTO(hop_yaml) y = NULL;
    hop_status s = hop_yaml_parse(text, len, path, &y, err);
    HOP_AUTO(hop_mirror_set) rest = hop_mirror_set_new();
    HOP_AUTO(hop_mirror_set) mirrors = hop_mirror_set_new();
    HOP_AUTO(hop_mirror_set) policies = hop_mirror_set_new();
    const hop_set_parts fresh = {
        .own_name = parts->own_name, .own = {mirrors, policies}, .rest = rest};
    for (size_t i = 0; s == HOP_OK && i < hop_yaml_count(y); i++)
        s = read_document(&fresh, y, hop_yaml_get_document(y, i), err);
    if (s != HOP_OK)
        return hop_error_wrap(err, "read mirror sets");
    hop_mirror_set_join(parts->rest, rest);
    for (size_t i = 0; parts->own_name && i < HOP_SET_KINDS; i++)
        hop_mirror_set_join(parts->own[i], fresh.own[i]);
    return HOP_OK;
}

hop_status hop_mirror_set_add_file(hop_mirror_set *set, const char *path,
                                   const char *text, size_t len, hop_error **err)
{
    const hop_set_parts parts = {.rest = set};
    return hop_mirror_set_add_parts(&parts, path, text, len, err);
}

/** How many bytes of `name` the place's source covers; 0 when it does not match. A match
 * ends where a path component ends. */
static size_t match(const place *p, const char *name)
{
    const char *at = name;
    if (p->is_wildcard) {
        at = strstr(name, p->source);
        if (!at || at == name || memchr(name, '/', (size_t)(at - name)))
            return 0;
    } else if (!hop_has_prefix(name, p->source)) {
        return 0;
    }
    size_t end = (size_t)(at - name) + strlen(p->source);
    bool is_whole = name[end] == '\0' || name[end] == '/' ||
                    (p->is_wildcard && name[end] == ':' && !strchr(p->source, '/'));
    return is_whole ? end : 0;
}

/** Appends HOST/REPO unless it is there already or, a bare host, names no repository. */
static void add_once(hop_strings *out, size_t first, const char *text)
{
    if (!strchr(text, '/'))
        return;
    for (size_t i = first; i < out->len; i++)
        if (strcmp(out->items[i], text) == 0)
            return;
    hop_strings_add(out, text);
}

void hop_mirror_set_resolve(const hop_mirror_set *set, const hop_ref *source,
                            hop_strings *out)
{
    HOP_AUTO_STR name = hop_sprintf("%s/%s", source->host, source->repository);
    const place *best = NULL;
    size_t best_len = 0;
    for (size_t i = 0; set && source->digest.text[0] && i < set->len; i++) {
        size_t len = match(&set->places[i], name);
        /* At equal length the exact source says more than the wildcard. */
        if (len > best_len || (len > 0 && len == best_len && best->is_wildcard)) {
            best = &set->places[i];
            best_len = len;
        }
    }
    size_t first = out->len;
    for (size_t i = 0; best && i < best->mirrors.len; i++) {
        /* A wildcard without a repository stands for the host with its port. */
        size_t rest = best_len;
        if (name[rest] == ':')
            rest += strcspn(name + rest, "/");
        HOP_AUTO_STR place_text =
            hop_sprintf("%s%s", best->mirrors.items[i], name + rest);
        add_once(out, first, place_text);
    }
    if (!best || !best->never_contact_source)
        add_once(out, first, name);
}
