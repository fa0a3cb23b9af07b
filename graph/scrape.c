/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "scrape.h"

#include <stdlib.h>
#include <string.h>

#include "hop_oci.h"

#define MAX_TAGS ((size_t)20000)

/* What is remembered of a manifest, by its digest. */
typedef struct memory {
    char *digest;
    hop_json *metadata; /* NULL: not a release */
    char *why;          /* then: why not */
} memory;

struct hop_scraper {
    memory *memories;
    size_t memory_count, memory_cap;
    hop_strings skipped;
};

typedef struct scrape {
    hop_scraper *s;
    const char *repository;
    scraped_release *releases;
    size_t release_count, release_cap;
} scrape;

hop_scraper *hop_scraper_new(void)
{
    return hop_alloc(1, sizeof(hop_scraper));
}

void hop_scraper_free(hop_scraper *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->memory_count; i++) {
        free(s->memories[i].digest);
        free(s->memories[i].why);
        hop_json_free(s->memories[i].metadata);
    }
    free(s->memories);
    hop_strings_clear(&s->skipped);
    free(s);
}

const hop_strings *hop_scraper_get_skipped(const hop_scraper *s)
{
    return &s->skipped;
}

static void scrape_clear(scrape *x)
{
    for (size_t i = 0; i < x->release_count; i++) {
        free(x->releases[i].version);
        free(x->releases[i].digest);
    }
    free(x->releases);
}

static void skip(scrape *x, const char *tag, const char *why)
{
    HOP_AUTO_STR line = hop_sprintf("%s: %s", tag, why);
    hop_strings_take(&x->s->skipped, &line);
}

/* ---- layers, with the memory of earlier looks ---- */

static memory *recall(hop_scraper *s, const char *digest)
{
    for (size_t i = 0; i < s->memory_count; i++)
        if (strcmp(s->memories[i].digest, digest) == 0)
            return &s->memories[i];
    return NULL;
}

/* The service remembers an empty release before it fetches the layers, and forgets to
 * take it back when that fails. */
static memory *remember_placeholder(hop_scraper *s, const char *digest)
{
    s->memories =
        hop_grow(s->memories, s->memory_count, &s->memory_cap, sizeof(*s->memories));
    memory *m = &s->memories[s->memory_count++];
    *m = (memory){.digest = hop_strdup(digest), .metadata = hop_json_new_object()};
    hop_json_set_string(m->metadata, "version", "0.0.0");
    return m;
}

static void settle(memory *m, hop_json **metadata, const char *why)
{
    hop_json_free(m->metadata);
    m->metadata = hop_steal(metadata);
    m->why = hop_strdup(why);
}

/* From the top to the base; the first layer with a valid document is taken. */
static hop_status read_layers(memory *m, const hop_json_view *image, const char *tag,
                              hop_error **err)
{
    hop_json_view layers, layer;
    bool had_invalid = false;
    hop_json *none = NULL;
    hop_status s = hop_json_member(image, "layers", HOP_JSON_ARRAY, &layers, err);
    if (s != HOP_OK)
        return s;
    for (size_t i = hop_json_count(&layers); i-- > 0;) {
        s = hop_json_item(&layers, i, HOP_JSON_ANY, &layer, err);
        if (s != HOP_OK)
            return s;
        const char *word = NULL;
        HOP_AUTO(hop_error) ignored = NULL;
        if (hop_json_is(&layer, HOP_JSON_STRING) &&
            hop_json_string(&layer, &word, &ignored) == HOP_OK &&
            strcmp(word, "unreadable") == 0)
            return hop_json_error(&layer, err,
                                  "tag %s: a layer cannot be fetched, so the whole "
                                  "scrape is given up",
                                  tag);
        if (hop_scrape_is_metadata(&layer)) {
            HOP_AUTO(hop_json) copy = hop_json_copy(&layer);
            settle(m, &copy, NULL);
            return HOP_OK;
        }
        had_invalid = had_invalid || hop_json_is(&layer, HOP_JSON_OBJECT);
    }
    settle(m, &none,
           had_invalid ? "its release-metadata is invalid"
                       : "it has no release-metadata");
    return HOP_OK;
}

/* ---- one tag ---- */

/* Which image of the list is read. */
static hop_status choose_image(const hop_json_view *list, const char *name,
                               hop_json_view *image, hop_error **err)
{
    hop_json_view missing;
    size_t count = hop_json_count(list);
    if (count == 1)
        return hop_json_error(
            list, err,
            "tag %s: a list with one entry; update services of before March 2026 take "
            "the entry for a layer, find no such blob, and give the whole scrape up",
            name);
    if (count == 0)
        return hop_json_error(list, err, "tag %s: a list without entries", name);
    hop_status s = hop_json_item(list, count - 1, HOP_JSON_OBJECT, image, err);
    if (s == HOP_OK)
        s = hop_json_optional(image, "missing", HOP_JSON_BOOL, &missing, err);
    bool is_missing = false;
    if (s == HOP_OK && missing.value)
        s = hop_json_bool(&missing, &is_missing, err);
    if (s == HOP_OK && is_missing)
        return hop_json_error(image, err,
                              "tag %s: the last entry of the list, the one that is read, "
                              "is not in the registry, so the whole scrape is given up",
                              name);
    return s;
}

static hop_status read_arch(const hop_json_view *image, const char *tag, const char **out,
                            hop_error **err)
{
    const char *text = NULL;
    hop_status s = hop_json_get_string(image, "architecture", &text, err);
    if (s != HOP_OK)
        return hop_error_wrap(err, "tag %s: the service ends on an image without one",
                              tag);
    *out = hop_arch_parse(text);
    return *out ? HOP_OK
                : hop_json_error(image, err, "\"%s\" is no architecture of releases",
                                 text);
}

/* A shard of a multi release, alone in its own tag, is no release. */
static bool is_shard(const hop_json *metadata, const char *arch)
{
    hop_json_view root = hop_json_root(metadata, "release-metadata"), map;
    const char *value = NULL;
    HOP_AUTO(hop_error) why = NULL;
    return strcmp(arch, "multi") != 0 &&
           hop_json_optional(&root, "metadata", HOP_JSON_OBJECT, &map, &why) == HOP_OK &&
           map.value &&
           hop_json_optional_string(&map, "release.openshift.io/architecture", &value,
                                    &why) == HOP_OK &&
           value && strcmp(value, "multi") == 0;
}

static hop_status add_release(scrape *x, const memory *m, const char *arch,
                              hop_error **err)
{
    hop_json_view root = hop_json_root(m->metadata, "release-metadata");
    const char *version = NULL;
    hop_status s = hop_json_get_string(&root, "version", &version, err);
    if (s != HOP_OK)
        return s;
    HOP_AUTO_STR full = hop_scrape_version(version, arch);
    for (size_t i = 0; i < x->release_count; i++) {
        if (strcmp(x->releases[i].version, full) != 0)
            continue;
        if (strcmp(x->releases[i].digest, m->digest) == 0)
            return HOP_OK; /* the same image by another tag */
        return hop_error_set(err, HOP_E_PARSE,
                             "release %s: mismatched manifest ref, %s and %s: the whole "
                             "scrape is given up",
                             full, x->releases[i].digest, m->digest);
    }
    x->releases =
        hop_grow(x->releases, x->release_count, &x->release_cap, sizeof(*x->releases));
    x->releases[x->release_count++] = (scraped_release){.version = hop_steal(&full),
                                                        .digest = hop_strdup(m->digest),
                                                        .arch = arch,
                                                        .metadata = m->metadata};
    return HOP_OK;
}

static hop_status read_image(scrape *x, const hop_json_view *image, const char *tag,
                             const char *digest, const char *arch, hop_error **err)
{
    memory *m = recall(x->s, digest);
    hop_status s = HOP_OK;
    if (!m) {
        m = remember_placeholder(x->s, digest);
        s = read_layers(m, image, tag, err);
    }
    if (s != HOP_OK)
        return s;
    if (!m->metadata)
        skip(x, tag, m->why);
    else if (is_shard(m->metadata, arch))
        skip(x, tag, "a part of a multi release, tagged by itself");
    else
        s = add_release(x, m, arch, err);
    return s;
}

static hop_status read_tag(scrape *x, const hop_json_view *tag, hop_error **err)
{
    const char *name = NULL, *digest = NULL, *type = NULL, *arch = NULL;
    hop_json_view list = {0}; /* the view of an entry leads up through it */
    hop_json_view image = *tag;
    hop_status s = hop_json_get_string(tag, "tag", &name, err);
    if (s == HOP_OK)
        s = hop_json_get_string(tag, "digest", &digest, err);
    if (s == HOP_OK)
        s = hop_json_get_string(tag, "type", &type, err);
    if (s != HOP_OK)
        return s;
    if (strcmp(type, "oci") == 0) {
        skip(x, name, "an OCI manifest, which the service cannot read");
        return HOP_OK;
    }
    if (strcmp(type, "list") == 0) {
        arch = "multi";
        s = hop_json_member(tag, "manifests", HOP_JSON_ARRAY, &list, err);
        if (s == HOP_OK)
            s = choose_image(&list, name, &image, err);
    } else if (strcmp(type, "image") == 0) {
        s = read_arch(tag, name, &arch, err);
    } else {
        s = hop_json_error(tag, err, "type \"%s\"; expected image, list or oci", type);
    }
    return s == HOP_OK ? read_image(x, &image, name, digest, arch, err) : s;
}

/* ---- the document ---- */

static hop_status check_head(const hop_json_view *root, const char **repository,
                             hop_error **err)
{
    const char *schema = NULL;
    hop_status s = hop_json_get_string(root, "schema", &schema, err);
    if (s == HOP_OK && strcmp(schema, HOP_SCRAPE_SCHEMA) != 0)
        return hop_json_error(root, err, "schema \"%s\"; expected " HOP_SCRAPE_SCHEMA,
                              schema);
    return s == HOP_OK ? hop_json_get_string(root, "repository", repository, err) : s;
}

static hop_status scrape_all(scrape *x, const hop_json_view *root, hop_error **err)
{
    hop_json_view tags, tag;
    hop_status s = check_head(root, &x->repository, err);
    if (s == HOP_OK)
        s = hop_json_member(root, "tags", HOP_JSON_ARRAY, &tags, err);
    size_t count = s == HOP_OK ? hop_json_count(&tags) : 0;
    if (count > MAX_TAGS)
        return hop_json_error(&tags, err, "more than %zu tags", MAX_TAGS);
    for (size_t i = 0; i < count && s == HOP_OK; i++) {
        s = hop_json_item(&tags, i, HOP_JSON_OBJECT, &tag, err);
        if (s == HOP_OK)
            s = read_tag(x, &tag, err);
    }
    return s;
}

bool hop_scrape_is_document(const char *text, size_t len)
{
    HOP_AUTO(hop_error) why = NULL;
    HOP_AUTO(hop_json) doc = NULL;
    const char *schema = NULL;
    if (hop_json_parse(text, len, "releases", &doc, &why) != HOP_OK)
        return false;
    hop_json_view root = hop_json_root(doc, "releases");
    return hop_json_is(&root, HOP_JSON_OBJECT) &&
           hop_json_optional_string(&root, "schema", &schema, &why) == HOP_OK && schema;
}

hop_status hop_scraper_run(hop_scraper *s, const char *text, size_t len, const char *name,
                           hop_buf *out, hop_error **err)
{
    HOP_AUTO(hop_json) doc = NULL;
    hop_strings_clear(&s->skipped);
    hop_status st = hop_json_parse(text, len, name, &doc, err);
    if (st != HOP_OK)
        return st;
    hop_json_view root = hop_json_root(doc, name);
    HOP_AUTO_VALUE(scrape) x = {.s = s};
    st = scrape_all(&x, &root, err);
    if (st == HOP_OK)
        hop_scrape_write(x.repository, x.releases, x.release_count, out);
    return st;
}
