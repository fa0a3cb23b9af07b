/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads the documents of removable media. Whoever altered the media can have written
 * them: a text that does not fit its grammar is refused here, so that none becomes a path
 * or a tag later.
 */
#include "hop_json.h"
#include "media_words.h"
#include "names.h"
#include "table.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define MAX_RELEASES ((size_t)1000)
#define MAX_ITEMS ((size_t)500000)
#define MAX_STRINGS ((size_t)10000)

typedef struct reader {
    hop_media *media;
    hop_media_items *items;
    hop_media_files *files;
    hop_strings *strings;
    hop_media_image *image;
    hop_media_signatures *signatures;
    const hop_table *listed; /* paths in "files"; NULL while they are being read */
    hop_table *seen;         /* what must not come twice */
} reader;

typedef hop_status read_item(reader *r, const hop_json_view *v, hop_error **err);

static hop_status each(reader *r, const hop_json_view *obj, const char *key,
                       hop_json_type type, size_t max, read_item *read, hop_error **err)
{
    hop_json_view array, item;
    hop_status s = hop_json_member(obj, key, HOP_JSON_ARRAY, &array, err);
    size_t count = s == HOP_OK ? hop_json_count(&array) : 0;
    if (count > max)
        return hop_json_error(&array, err, "%zu entries, more than %zu", count, max);
    for (size_t i = 0; s == HOP_OK && i < count; i++) {
        s = hop_json_item(&array, i, type, &item, err);
        if (s == HOP_OK)
            s = read(r, &item, err);
    }
    return s;
}

static hop_status only_once(reader *r, const hop_json_view *v, const char *key,
                            hop_error **err)
{
    if (hop_table_get(r->seen, key))
        return hop_json_error(v, err, "\"%s\" stands here twice", key);
    hop_table_set(r->seen, key, r);
    return HOP_OK;
}

/* FAT knows no difference between upper and lower case. */
static hop_status path_only_once(reader *r, const hop_json_view *v, const char *path,
                                 hop_error **err)
{
    HOP_AUTO_STR folded = hop_strdup(path);
    for (char *p = folded; *p; p++)
        *p = (char)tolower((unsigned char)*p);
    return only_once(r, v, folded, err);
}

/* ---- texts with a grammar ---- */

static hop_status to_digest(const hop_json_view *v, const char *text, hop_digest *out,
                            hop_error **err)
{
    if (!hop_digest_is_valid(text))
        return hop_json_error(v, err, "\"%.150s\" is no digest", text);
    memcpy(out->text, text, strlen(text) + 1);
    return HOP_OK;
}

static hop_status get_digest(const hop_json_view *obj, hop_digest *out, hop_error **err)
{
    const char *text = NULL;
    hop_status s = hop_json_get_string(obj, "digest", &text, err);
    return s == HOP_OK ? to_digest(obj, text, out, err) : s;
}

typedef bool is_valid(const char *text);

static hop_status get_checked(const hop_json_view *obj, const char *key, is_valid *check,
                              char **out, hop_error **err)
{
    const char *text = NULL;
    hop_status s = hop_json_get_string(obj, key, &text, err);
    if (s == HOP_OK && !check(text))
        return hop_json_error(obj, err, "%s \"%.150s\" is not legal here", key, text);
    if (s == HOP_OK)
        *out = hop_strdup(text);
    return s;
}

static hop_status copy_optional(const hop_json_view *obj, const char *key, char **out,
                                hop_error **err)
{
    const char *text = NULL;
    hop_status s = hop_json_optional_string(obj, key, &text, err);
    if (s == HOP_OK)
        *out = hop_strdup(text);
    return s;
}

static bool is_arch(const char *text)
{
    const char *known = hop_arch_parse(text);
    return known && strcmp(known, text) == 0;
}

static bool is_manifest_type(const char *text)
{
    return strcmp(text, HOP_TYPE_DOCKER_MANIFEST) == 0 ||
           strcmp(text, HOP_TYPE_DOCKER_LIST) == 0 ||
           strcmp(text, HOP_TYPE_OCI_MANIFEST) == 0 ||
           strcmp(text, HOP_TYPE_OCI_INDEX) == 0;
}

static bool is_reference(const char *text)
{
    HOP_AUTO(hop_error) ignored = NULL;
    HOP_AUTO_VALUE(hop_ref) ref = {0};
    return hop_ref_parse(text, &ref, &ignored) == HOP_OK && ref.digest.text[0];
}

static bool is_image_name(const char *text)
{
    return hop_name_component_is_valid(text);
}

static hop_status get_word(const hop_json_view *obj, const char *key,
                           const char *const *words, size_t count, size_t *out,
                           hop_error **err)
{
    const char *text = NULL;
    hop_status s = hop_json_get_string(obj, key, &text, err);
    if (s != HOP_OK)
        return s;
    for (size_t i = 0; i < count; i++)
        if (strcmp(words[i], text) == 0) {
            *out = i;
            return HOP_OK;
        }
    return hop_json_error(obj, err, "%s \"%.100s\" is unknown", key, text);
}

static hop_status get_size(const hop_json_view *obj, uint64_t *out, hop_error **err)
{
    hop_status s = hop_json_get_uint(obj, "sizeBytes", out, err);
    if (s == HOP_OK && *out > INT64_MAX)
        return hop_json_error(obj, err, "the size does not fit 63 bits");
    return s;
}

static hop_status get_bool(const hop_json_view *obj, const char *key, bool *out,
                           hop_error **err)
{
    hop_json_view v;
    hop_status s = hop_json_member(obj, key, HOP_JSON_BOOL, &v, err);
    return s == HOP_OK ? hop_json_bool(&v, out, err) : s;
}

/* A file that the inventory speaks of is one that it has a hash of. */
static hop_status check_listed(const reader *r, const hop_json_view *v, const char *path,
                               hop_error **err)
{
    if (hop_table_get(r->listed, path))
        return HOP_OK;
    return hop_json_error(v, err, "\"%.150s\" is not among the files", path);
}

/* ---- the parts of oc-hop.json ---- */

static hop_status read_text(reader *r, const hop_json_view *v, hop_error **err)
{
    const char *text = NULL;
    hop_status s = hop_json_string(v, &text, err);
    if (s == HOP_OK)
        hop_strings_add(r->strings, text);
    return s;
}

static hop_status read_path(reader *r, const hop_json_view *v, hop_error **err)
{
    hop_status s = read_text(r, v, err);
    if (s != HOP_OK)
        return s;
    return check_listed(r, v, r->strings->items[r->strings->len - 1], err);
}

static hop_status read_file(reader *r, const hop_json_view *v, hop_error **err)
{
    const char *hex = NULL;
    r->files->items = hop_grow(r->files->items, r->files->len, &r->files->cap,
                               sizeof(*r->files->items));
    hop_media_file *f = &r->files->items[r->files->len++];
    *f = (hop_media_file){0};
    hop_status s = get_checked(v, "path", hop_media_path_is_safe, &f->path, err);
    if (s == HOP_OK)
        s = path_only_once(r, v, f->path, err);
    if (s == HOP_OK)
        s = get_size(v, &f->size_bytes, err);
    if (s == HOP_OK)
        s = hop_json_get_string(v, "sha256", &hex, err);
    if (s != HOP_OK)
        return s;
    HOP_AUTO_STR digest = hop_sprintf("sha256:%.100s", hex);
    if (!hop_digest_is_valid(digest))
        return hop_json_error(v, err, "\"%.100s\" is no SHA-256", hex);
    memcpy(f->sha256, hex, sizeof(f->sha256));
    return HOP_OK;
}

static hop_status read_release(reader *r, const hop_json_view *v, hop_error **err)
{
    hop_media_release *to = hop_media_add_release(r->media, NULL, NULL, &(hop_digest){0});
    hop_status s =
        get_checked(v, "version", hop_name_version_is_valid, &to->version, err);
    if (s == HOP_OK)
        s = get_checked(v, "arch", is_arch, &to->arch, err);
    if (s != HOP_OK)
        return s;
    HOP_AUTO_STR key = hop_sprintf("release %s %s", to->version, to->arch);
    s = only_once(r, v, key, err);
    if (s == HOP_OK)
        s = get_digest(v, &to->digest, err);
    if (s == HOP_OK)
        s = get_checked(v, "source", is_reference, &to->source, err);
    if (s == HOP_OK)
        s = copy_optional(v, "url", &to->url, err);
    if (s == HOP_OK)
        s = get_bool(v, "components", &to->has_components, err);
    if (s == HOP_OK)
        s = get_bool(v, "complete", &to->is_complete, err);
    r->strings = &to->channels;
    return s == HOP_OK
               ? each(r, v, "channels", HOP_JSON_STRING, MAX_STRINGS, read_text, err)
               : s;
}

static hop_status read_destination(reader *r, const hop_json_view *v, hop_error **err)
{
    size_t place = 0;
    HOP_AUTO_STR tag = NULL;
    hop_status s = get_word(v, "repository", hop_media_place_words,
                            HOP_COUNT_OF(hop_media_place_words), &place, err);
    if (s == HOP_OK)
        s = get_checked(v, "tag", hop_tag_is_valid, &tag, err);
    if (s != HOP_OK)
        return s;
    hop_media_image_add_destination(r->image, (hop_media_place)place, tag);
    HOP_AUTO_STR key = hop_sprintf("tag %s:%s", hop_media_place_words[place], tag);
    return only_once(r, v, key, err);
}

/* Which release an image belongs to must be one of the media's. */
static hop_status read_owner(reader *r, const hop_json_view *v, hop_media_image *to,
                             hop_error **err)
{
    hop_status s = copy_optional(v, "release", &to->release, err);
    if (s == HOP_OK)
        s = copy_optional(v, "arch", &to->arch, err);
    if (s != HOP_OK || (!to->release && !to->arch))
        return s;
    HOP_AUTO_STR key = hop_sprintf("release %.120s %.20s", to->release ? to->release : "",
                                   to->arch ? to->arch : "");
    return hop_table_get(r->seen, key)
               ? HOP_OK
               : hop_json_error(v, err, "%s is not on this media", key);
}

static hop_status read_image(reader *r, const hop_json_view *v, hop_error **err)
{
    size_t role = 0;
    hop_status s = get_word(v, "role", hop_media_role_words,
                            HOP_COUNT_OF(hop_media_role_words), &role, err);
    if (s != HOP_OK)
        return s;
    hop_media_image *to =
        hop_media_add_image(r->media, (hop_media_role)role, NULL, &(hop_digest){0});
    s = get_checked(v, "name", is_image_name, &to->name, err);
    if (s == HOP_OK)
        s = read_owner(r, v, to, err);
    if (s == HOP_OK)
        s = copy_optional(v, "source", &to->source, err);
    if (s == HOP_OK)
        s = get_digest(v, &to->digest, err);
    if (s == HOP_OK)
        s = get_checked(v, "mediaType", is_manifest_type, &to->media_type, err);
    if (s == HOP_OK)
        s = get_size(v, &to->size_bytes, err);
    r->image = to;
    if (s == HOP_OK)
        s = each(r, v, "destinations", HOP_JSON_OBJECT, 16, read_destination, err);
    if (s == HOP_OK && to->destination_count == 0)
        return hop_json_error(v, err, "an image without a destination");
    return s;
}

static hop_status add_item(reader *r, const hop_json_view *v, const hop_digest *digest,
                           uint64_t size_bytes, hop_error **err)
{
    HOP_AUTO_STR key = hop_sprintf("item %s", digest->text);
    hop_media_items_add(r->items, digest, size_bytes);
    return only_once(r, v, key, err);
}

static hop_status read_sized_item(reader *r, const hop_json_view *v, hop_error **err)
{
    hop_digest digest;
    uint64_t size_bytes = 0;
    hop_status s = get_digest(v, &digest, err);
    if (s == HOP_OK)
        s = get_size(v, &size_bytes, err);
    return s == HOP_OK ? add_item(r, v, &digest, size_bytes, err) : s;
}

static hop_status read_bare_item(reader *r, const hop_json_view *v, hop_error **err)
{
    const char *text = NULL;
    hop_digest digest;
    hop_status s = hop_json_string(v, &text, err);
    if (s == HOP_OK)
        s = to_digest(v, text, &digest, err);
    return s == HOP_OK ? add_item(r, v, &digest, 0, err) : s;
}

static hop_status read_graph(reader *r, const hop_json_view *v, hop_error **err)
{
    const char *channel = NULL, *arch = NULL, *file = NULL;
    hop_status s = hop_json_get_string(v, "channel", &channel, err);
    if (s == HOP_OK)
        s = hop_json_get_string(v, "arch", &arch, err);
    if (s == HOP_OK)
        s = hop_json_get_string(v, "file", &file, err);
    if (s == HOP_OK)
        s = check_listed(r, v, file, err);
    if (s == HOP_OK && !is_arch(arch))
        return hop_json_error(v, err, "arch \"%.50s\" is unknown", arch);
    if (s == HOP_OK)
        hop_media_add_graph(r->media, channel, arch, file);
    return s;
}

static hop_status read_signatures(reader *r, const hop_json_view *v, hop_error **err)
{
    hop_digest digest;
    hop_strings files = {0};
    hop_status s = get_digest(v, &digest, err);
    r->strings = &files;
    if (s == HOP_OK)
        s = each(r, v, "files", HOP_JSON_STRING, 100, read_path, err);
    for (size_t i = 0; s == HOP_OK && i < files.len; i++)
        hop_media_add_signature(r->media, &digest, files.items[i]);
    hop_strings_clear(&files);
    return s;
}

/* ---- documents ---- */

static hop_status check_schema(const hop_json_view *root, const char *wanted,
                               hop_error **err)
{
    const char *schema = NULL;
    hop_status s = hop_json_get_string(root, "schema", &schema, err);
    if (s != HOP_OK || strcmp(schema, wanted) == 0)
        return s;
    size_t stem = (size_t)(strrchr(wanted, '/') - wanted) + 2;
    const char *number = schema + stem;
    bool is_newer = strncmp(schema, wanted, stem) == 0 && number[0] &&
                    strspn(number, "0123456789") == strlen(number);
    if (!is_newer)
        return hop_json_error(root, err, "schema \"%.100s\" is not %s", schema, wanted);
    s = hop_json_error(root, err,
                       "schema %.100s is newer than this oc-hop, which reads %s", schema,
                       wanted);
    hop_error_hint(err, "use the oc-hop that wrote it, or a newer one");
    return s;
}

static hop_status read_head(const hop_json_view *root, hop_media *m, hop_error **err)
{
    hop_status s = check_schema(root, HOP_MEDIA_SCHEMA, err);
    if (s == HOP_OK)
        s = get_checked(root, "repository", hop_repository_is_valid, &m->repository, err);
    if (s == HOP_OK)
        s = get_checked(root, "releaseRepository", hop_repository_is_valid,
                        &m->release_repository, err);
    if (s == HOP_OK)
        s = get_checked(root, "graphDataRepository", hop_repository_is_valid,
                        &m->graph_data_repository, err);
    return s;
}

static hop_status read_base(const hop_json_view *root, hop_media *m, hop_error **err)
{
    hop_json_view base;
    const char *text = NULL;
    hop_status s = hop_json_optional(root, "base", HOP_JSON_OBJECT, &base, err);
    if (s != HOP_OK || !base.value)
        return s;
    s = hop_json_get_string(&base, "inventory", &text, err);
    return s == HOP_OK ? to_digest(&base, text, &m->base, err) : s;
}

/* Media of an oc-hop that did not record it are read all the same. */
static hop_status read_data_tree(const hop_json_view *root, hop_media *m, hop_error **err)
{
    const char *text = NULL;
    hop_status s = hop_json_optional_string(root, "graphDataTree", &text, err);
    return s == HOP_OK && text ? to_digest(root, text, &m->graph_data_tree, err) : s;
}

static hop_status read_files_part(reader *r, const hop_json_view *root, hop_error **err)
{
    hop_media *m = r->media;
    hop_status s = each(r, root, "graphs", HOP_JSON_OBJECT, MAX_STRINGS, read_graph, err);
    if (s == HOP_OK)
        s = copy_optional(root, "graphData", &m->graph_data, err);
    if (s == HOP_OK && m->graph_data)
        s = check_listed(r, root, m->graph_data, err);
    if (s == HOP_OK)
        s = read_data_tree(root, m, err);
    if (s == HOP_OK)
        s = each(r, root, "signatures", HOP_JSON_OBJECT, MAX_RELEASES, read_signatures,
                 err);
    r->strings = &m->plans;
    if (s == HOP_OK)
        s = each(r, root, "plans", HOP_JSON_STRING, 100, read_path, err);
    r->strings = &m->clients;
    return s == HOP_OK ? each(r, root, "clients", HOP_JSON_STRING, 100, read_path, err)
                       : s;
}

static hop_status read_content_part(reader *r, const hop_json_view *root, hop_error **err)
{
    hop_media *m = r->media;
    hop_status s =
        each(r, root, "releases", HOP_JSON_OBJECT, MAX_RELEASES, read_release, err);
    if (s == HOP_OK)
        s = each(r, root, "images", HOP_JSON_OBJECT, MAX_ITEMS, read_image, err);
    r->items = &m->manifests;
    if (s == HOP_OK)
        s = each(r, root, "manifests", HOP_JSON_OBJECT, MAX_ITEMS, read_sized_item, err);
    r->items = &m->blobs;
    if (s == HOP_OK)
        s = each(r, root, "blobs", HOP_JSON_OBJECT, MAX_ITEMS, read_sized_item, err);
    r->items = &m->omitted;
    if (s == HOP_OK)
        s = each(r, root, "omitted", HOP_JSON_STRING, MAX_ITEMS, read_bare_item, err);
    return s;
}

static hop_status read_media(const hop_json_view *root, hop_media *m, hop_error **err)
{
    HOP_AUTO_VALUE(hop_table) seen = {0};
    HOP_AUTO_VALUE(hop_table) listed = {0};
    reader r = {.media = m, .files = &m->files, .seen = &seen};
    hop_status s = read_head(root, m, err);
    if (s == HOP_OK)
        s = each(&r, root, "files", HOP_JSON_OBJECT, MAX_ITEMS, read_file, err);
    for (size_t i = 0; i < m->files.len && s == HOP_OK; i++)
        hop_table_set(&listed, m->files.items[i].path, m);
    r.listed = &listed;
    if (s == HOP_OK)
        s = read_base(root, m, err);
    if (s == HOP_OK)
        s = read_files_part(&r, root, err);
    if (s == HOP_OK)
        s = read_content_part(&r, root, err);
    hop_media_items_sort(&m->manifests);
    hop_media_items_sort(&m->blobs);
    hop_media_items_sort(&m->omitted);
    return s;
}

hop_status hop_media_parse(const char *text, size_t len, const char *name, hop_media *out,
                           hop_error **err)
{
    HOP_AUTO(hop_json) doc = NULL;
    HOP_AUTO_VALUE(hop_media) m = {0};
    hop_status s = hop_json_parse(text, len, name, &doc, err);
    if (s != HOP_OK)
        return s;
    hop_json_view root = hop_json_root(doc, name);
    s = read_media(&root, &m, err);
    if (s != HOP_OK)
        return s;
    *out = m;
    m = (hop_media){0};
    return HOP_OK;
}

/* ---- inventories ---- */

void hop_inventory_clear(hop_inventory *inventory)
{
    free(inventory->has.items);
    *inventory = (hop_inventory){0};
}

static void take_items(const hop_media_items *from, hop_inventory *to)
{
    for (size_t i = 0; i < from->len; i++)
        hop_media_items_add(&to->has, &from->items[i].digest, from->items[i].size_bytes);
}

static hop_status read_inventory(const hop_json_view *root, hop_inventory *out,
                                 hop_error **err)
{
    const char *schema = NULL;
    hop_status s = hop_json_get_string(root, "schema", &schema, err);
    if (s != HOP_OK)
        return s;
    HOP_AUTO_VALUE(hop_media) m = {0};
    if (hop_has_prefix(schema, "oc-hop/media/")) {
        s = read_media(root, &m, err);
    } else {
        HOP_AUTO_VALUE(hop_table) seen = {0};
        reader r = {.items = &m.blobs, .seen = &seen};
        s = check_schema(root, HOP_INVENTORY_SCHEMA, err);
        if (s == HOP_OK)
            s = each(&r, root, "manifests", HOP_JSON_STRING, MAX_ITEMS, read_bare_item,
                     err);
        if (s == HOP_OK)
            s = each(&r, root, "blobs", HOP_JSON_STRING, MAX_ITEMS, read_bare_item, err);
    }
    take_items(&m.manifests, out);
    take_items(&m.blobs, out);
    take_items(&m.omitted, out);
    return s;
}

hop_status hop_inventory_parse(const char *text, size_t len, const char *name,
                               hop_inventory *out, hop_error **err)
{
    HOP_AUTO(hop_json) doc = NULL;
    HOP_AUTO_VALUE(hop_inventory) inventory = {.digest = hop_digest_of(text, len)};
    hop_status s = hop_json_parse(text, len, name, &doc, err);
    if (s != HOP_OK)
        return s;
    hop_json_view root = hop_json_root(doc, name);
    s = read_inventory(&root, &inventory, err);
    if (s != HOP_OK)
        return s;
    hop_media_items_sort(&inventory.has);
    *out = inventory;
    inventory = (hop_inventory){0};
    return HOP_OK;
}

/* ---- volumes ---- */

void hop_volume_clear(hop_volume *v)
{
    free(v->set);
    hop_media_files_clear(&v->files);
    *v = (hop_volume){0};
}

static bool is_set(const char *text)
{
    return strlen(text) == 32 && strspn(text, "0123456789abcdef") == 32;
}

static hop_status read_volume(const hop_json_view *root, hop_volume *v, hop_error **err)
{
    uint64_t number = 0;
    HOP_AUTO_VALUE(hop_table) seen = {0};
    reader r = {.files = &v->files, .seen = &seen};
    hop_status s = check_schema(root, HOP_VOLUME_SCHEMA, err);
    if (s == HOP_OK)
        s = get_checked(root, "set", is_set, &v->set, err);
    if (s == HOP_OK)
        s = hop_json_get_uint(root, "number", &number, err);
    if (s == HOP_OK && (number == 0 || number > 99999))
        return hop_json_error(root, err, "a volume's number is from 1 to 99999");
    v->number = (unsigned)number;
    if (s == HOP_OK)
        s = get_bool(root, "last", &v->is_last, err);
    return s == HOP_OK
               ? each(&r, root, "files", HOP_JSON_OBJECT, MAX_ITEMS, read_file, err)
               : s;
}

hop_status hop_volume_parse(const char *text, size_t len, const char *name,
                            hop_volume *out, hop_error **err)
{
    HOP_AUTO(hop_json) doc = NULL;
    HOP_AUTO_VALUE(hop_volume) v = {0};
    hop_status s = hop_json_parse(text, len, name, &doc, err);
    if (s != HOP_OK)
        return s;
    hop_json_view root = hop_json_root(doc, name);
    s = read_volume(&root, &v, err);
    if (s != HOP_OK)
        return s;
    *out = v;
    v = (hop_volume){0};
    return HOP_OK;
}
