/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "graphdata.h"

#include <stdlib.h>
#include <string.h>

#define SUPPORTED_MAJOR 1
#define SUPPORTED_MINOR 2
#define MAX_VERSION_TEXT ((size_t)64)

static bool has_only(const char *s, size_t len, const char *set)
{
    return len > 0 && strspn(s, set) >= len;
}

/* "signatures/ALGORITHM/HEX/signature-N" */
static bool is_signature(const char *path)
{
    static const char hex[] = "0123456789abcdef", digit[] = "0123456789";
    static const char word[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    if (!hop_has_prefix(path, "signatures/"))
        return false;
    path += strlen("signatures/");
    size_t n = strcspn(path, "/");
    if (!has_only(path, n, word) || path[n] != '/')
        return false;
    path += n + 1;
    n = strcspn(path, "/");
    if (!has_only(path, n, hex) || path[n] != '/')
        return false;
    path += n + 1;
    if (!hop_has_prefix(path, "signature-"))
        return false;
    path += strlen("signature-");
    return has_only(path, strlen(path), digit);
}

/* "DIRECTORY/X.yaml" */
static bool is_yaml_in(const char *path, const char *directory)
{
    size_t n = strlen(directory);
    if (strncmp(path, directory, n) != 0 || path[n] != '/' || strchr(path + n + 1, '/'))
        return false;
    return strlen(path + n + 1) > strlen(".yaml") && hop_has_suffix(path, ".yaml");
}

bool graphdata_is_kept(const char *path)
{
    return strcmp(path, "LICENSE") == 0 || strcmp(path, "version") == 0 ||
           strcmp(path, "raw/metadata.json") == 0 || is_yaml_in(path, "channels") ||
           is_yaml_in(path, "blocked-edges") || is_signature(path);
}

bool graphdata_is_kept_dir(const char *path)
{
    if (strcmp(path, "channels") == 0 || strcmp(path, "blocked-edges") == 0 ||
        strcmp(path, "raw") == 0 || strcmp(path, "signatures") == 0)
        return true;
    HOP_AUTO_STR with_hex = hop_sprintf("%s/0/signature-1", path);
    HOP_AUTO_STR with_name = hop_sprintf("%s/signature-1", path);
    return is_signature(with_hex) || is_signature(with_name);
}

/* The path under a reading; NULL when it has no second component to begin with. */
static const char *read_as(const char *path, graphdata_reading reading)
{
    if (reading == GRAPHDATA_AS_IS)
        return path;
    const char *slash = strchr(path, '/');
    return slash ? slash + 1 : NULL;
}

bool graphdata_is_candidate(const char *path)
{
    const char *stripped = read_as(path, GRAPHDATA_STRIPPED);
    return graphdata_is_kept(path) || (stripped && graphdata_is_kept(stripped));
}

static bool is_at_or_below(const char *path, const char *directory)
{
    size_t n = strlen(directory);
    return strncmp(path, directory, n) == 0 && (path[n] == '\0' || path[n] == '/');
}

hop_status graphdata_note_member(graphdata_collector *c, const char *path,
                                 hop_error **err)
{
    if (++c->member_count > GRAPHDATA_MAX_MEMBERS)
        return hop_error_set(err, HOP_E_LIMIT, "more than %zu files and directories",
                             GRAPHDATA_MAX_MEMBERS);
    if (!c->first_component) {
        c->first_component = hop_strndup(path, strcspn(path, "/"));
        c->is_one_root = true;
    }
    c->is_one_root = c->is_one_root && is_at_or_below(path, c->first_component);
    return HOP_OK;
}

/* Anything below channels/ shows that the directory exists, even a file that is skipped.
 */
static void note_below(graphdata_collector *c, const char *path)
{
    for (int r = 0; r < GRAPHDATA_READINGS; r++) {
        const char *p = read_as(path, (graphdata_reading)r);
        c->has_channels[r] |= p && hop_has_prefix(p, "channels/");
        c->has_blocked_edges[r] |= p && hop_has_prefix(p, "blocked-edges/");
    }
}

void graphdata_note_dir(graphdata_collector *c, const char *path)
{
    HOP_AUTO_STR with_slash = hop_sprintf("%s/", path);
    note_below(c, with_slash);
}

void graphdata_note_skipped(graphdata_collector *c, const char *path)
{
    note_below(c, path);
    c->skipped_count++;
    if (c->skipped.len < GRAPHDATA_MAX_SKIPPED_NAMES)
        hop_strings_add(&c->skipped, path);
}

hop_status graphdata_note_file(graphdata_collector *c, const char *path, const void *data,
                               size_t len, uint64_t time_s, hop_error **err)
{
    note_below(c, path);
    hop_status s = hop_tree_add(&c->files, path, data, len, err);
    if (s != HOP_OK)
        return s;
    c->times = hop_grow(c->times, c->files.len - 1, &c->times_cap, sizeof(*c->times));
    c->times[c->files.len - 1] = time_s;
    return HOP_OK;
}

static graphdata_reading choose_reading(const graphdata_collector *c)
{
    for (size_t i = 0; i < c->files.len; i++)
        if (strcmp(c->files.files[i].path, "version") == 0)
            return GRAPHDATA_AS_IS;
    return c->is_one_root ? GRAPHDATA_STRIPPED : GRAPHDATA_AS_IS;
}

static hop_status fill_tree(graphdata_collector *c, graphdata_reading reading,
                            hop_tree *out, hop_graphdata_info *info, hop_error **err)
{
    for (size_t i = 0; i < c->files.len; i++) {
        const hop_tree_file *f = &c->files.files[i];
        const char *path = read_as(f->path, reading);
        if (!path || !graphdata_is_kept(path)) {
            graphdata_note_skipped(c, f->path);
            continue;
        }
        hop_status s = hop_tree_add(out, path, f->data, f->len, err);
        if (s != HOP_OK)
            return s;
        if (c->times[i] > info->newest_s)
            info->newest_s = c->times[i];
    }
    info->skipped_count = c->skipped_count;
    info->skipped = c->skipped;
    c->skipped = (hop_strings){0};
    hop_strings_sort(&info->skipped);
    return HOP_OK;
}

static hop_status check_dirs(const graphdata_collector *c, graphdata_reading reading,
                             hop_error **err)
{
    if (!c->has_channels[reading])
        return hop_error_set(err, HOP_E_PARSE, "there is no directory channels/");
    if (!c->has_blocked_edges[reading])
        return hop_error_set(err, HOP_E_PARSE, "there is no directory blocked-edges/");
    return HOP_OK;
}

hop_status graphdata_finish(graphdata_collector *c, hop_tree *out,
                            hop_graphdata_info *info, hop_error **err)
{
    graphdata_reading reading = choose_reading(c);
    HOP_AUTO_VALUE(hop_tree) tree = {0};
    HOP_AUTO_VALUE(hop_graphdata_info) found = {0};
    hop_status s = fill_tree(c, reading, &tree, &found, err);
    if (s == HOP_OK)
        s = hop_graphdata_check(&tree, &found, err);
    if (s == HOP_OK)
        s = check_dirs(c, reading, err);
    if (s != HOP_OK)
        return s;
    *out = tree;
    *info = found;
    tree = (hop_tree){0};
    found = (hop_graphdata_info){0};
    return HOP_OK;
}

void graphdata_collector_clear(graphdata_collector *c)
{
    hop_tree_clear(&c->files);
    free(c->times);
    free(c->first_component);
    hop_strings_clear(&c->skipped);
    *c = (graphdata_collector){0};
}

/* One number of a version, without leading zeros; moves *p past it. */
static bool read_number(const char **p, unsigned long *out)
{
    enum { MAX_DIGITS = 9 };
    size_t n = strspn(*p, "0123456789");
    if (n == 0 || n > MAX_DIGITS || (n > 1 && **p == '0'))
        return false;
    *out = 0;
    for (size_t i = 0; i < n; i++)
        *out = *out * 10 + (unsigned long)((*p)[i] - '0');
    *p += n;
    return true;
}

/* MAJOR.MINOR.PATCH, with a pre-release or build part that does not matter here. */
static bool read_version(const char *text, unsigned long *major, unsigned long *minor)
{
    unsigned long patch = 0;
    const char *p = text;
    return read_number(&p, major) && *p++ == '.' && read_number(&p, minor) &&
           *p++ == '.' && read_number(&p, &patch) &&
           (*p == '\0' || ((*p == '-' || *p == '+') && p[1] != '\0'));
}

/* Identifiers between dots, none of them empty; stops at the first other character. */
static bool skip_identifiers(const char **p)
{
    static const char letters[] =
        "0123456789-ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    for (;;) {
        size_t n = strspn(*p, letters);
        *p += n;
        if (n == 0)
            return false;
        if (**p != '.')
            return true;
        *p += 1;
    }
}

bool graphdata_is_version(const char *text)
{
    unsigned long number = 0;
    const char *p = text;
    for (int i = 0; i < 3; i++)
        if ((i > 0 && *p++ != '.') || !read_number(&p, &number))
            return false;
    if (*p == '-') {
        p++;
        if (!skip_identifiers(&p))
            return false;
    }
    if (*p == '+') {
        p++;
        if (!skip_identifiers(&p))
            return false;
    }
    return *p == '\0';
}

static hop_status check_version(const hop_tree *tree, hop_graphdata_info *info,
                                hop_error **err)
{
    const hop_tree_file *f = hop_tree_find(tree, "version");
    if (!f)
        return hop_error_set(err, HOP_E_PARSE, "there is no file `version`");
    size_t len = f->len;
    while (len > 0 && strchr("\r\n\t ", f->data[len - 1]))
        len--;
    HOP_AUTO_STR text =
        hop_strndup(f->data, len < MAX_VERSION_TEXT ? len : MAX_VERSION_TEXT);
    unsigned long major = 0, minor = 0;
    if (len > MAX_VERSION_TEXT || strlen(text) != len ||
        !read_version(text, &major, &minor))
        return hop_error_set(err, HOP_E_PARSE, "file `version`: \"%s\" is no version",
                             text);
    if (major != SUPPORTED_MAJOR)
        return hop_error_set(
            err, HOP_E_PARSE,
            "file `version`: graph-data of version %s; only major version 1 can be read",
            text);
    free(info->version);
    info->version = hop_steal(&text);
    info->is_newer_minor = minor > SUPPORTED_MINOR;
    return HOP_OK;
}

static hop_digest hash_tree(const hop_tree *tree)
{
    HOP_AUTO(hop_hash) h = hop_hash_new();
    for (size_t i = 0; i < tree->len; i++) {
        const hop_tree_file *f = &tree->files[i];
        HOP_AUTO_STR size = hop_sprintf("%zu", f->len);
        hop_hash_update(h, f->path, strlen(f->path) + 1);
        hop_hash_update(h, size, strlen(size) + 1);
        hop_hash_update(h, f->data, f->len);
    }
    return hop_hash_finish(h);
}

hop_status hop_graphdata_check(hop_tree *tree, hop_graphdata_info *info, hop_error **err)
{
    hop_status s = hop_tree_sort(tree, err);
    if (s != HOP_OK)
        return s;
    s = check_version(tree, info, err);
    if (s != HOP_OK)
        return s;
    if (!hop_tree_find(tree, "raw/metadata.json"))
        return hop_error_set(err, HOP_E_PARSE, "there is no file raw/metadata.json");
    info->tree = hash_tree(tree);
    info->file_count = tree->len;
    return HOP_OK;
}

void hop_graphdata_info_clear(hop_graphdata_info *info)
{
    free(info->version);
    free(info->revision);
    hop_strings_clear(&info->skipped);
    *info = (hop_graphdata_info){0};
}
