/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "release.h"

#include "archive_walk.h"
#include "manifests.h"
#include "release_info.h"

#include <stdlib.h>
#include <string.h>

#define REFERENCES_PATH "release-manifests/image-references"
#define METADATA_PATH "release-manifests/release-metadata"
#define WHITEOUT ".wh."
#define OPAQUE ".wh..wh..opq"

#define MAX_REFERENCES (16 * HOP_MIB)
#define MAX_KEPT_BYTES (64 * HOP_MIB)

enum { MAX_SEEN = 20000 };

/** A path of interest that some layer had, whether its bytes were kept or not: what lies
 * below it in other layers is hidden. */
typedef struct seen_file {
    char *path;
    size_t layer;
    hop_buf data;
    bool is_kept;
} seen_file;

struct hop_payload {
    seen_file *files;
    size_t len;
    size_t cap;
    size_t kept_bytes;
    hop_strings hidden;  /* paths that nothing below this layer can show */
    hop_strings pending; /* the same for below the layer that is being read */
    size_t layer;
    hop_manifests_found found;
};

hop_payload *hop_payload_new(void)
{
    return hop_alloc(1, sizeof(hop_payload));
}

void hop_payload_free(hop_payload *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < p->len; i++) {
        free(p->files[i].path);
        hop_buf_clear(&p->files[i].data);
    }
    free(p->files);
    hop_strings_clear(&p->hidden);
    hop_strings_clear(&p->pending);
    free(p);
}

static seen_file *find(const hop_payload *p, const char *path)
{
    for (size_t i = 0; i < p->len; i++)
        if (strcmp(p->files[i].path, path) == 0)
            return &p->files[i];
    return NULL;
}

static const seen_file *find_kept(const hop_payload *p, const char *path)
{
    const seen_file *f = find(p, path);
    return f && f->is_kept ? f : NULL;
}

static bool is_hidden(const hop_payload *p, const char *path)
{
    for (size_t i = 0; i < p->hidden.len; i++) {
        size_t len = strlen(p->hidden.items[i]);
        if (strncmp(path, p->hidden.items[i], len) == 0 &&
            (path[len] == '/' || path[len] == '\0'))
            return true;
    }
    return false;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool is_directory_of_interest(const char *path)
{
    return strcmp(path, "manifests") == 0 || strcmp(path, "release-manifests") == 0;
}

static bool is_reference_file(const char *path)
{
    return strcmp(path, REFERENCES_PATH) == 0 || strcmp(path, METADATA_PATH) == 0;
}

/** The operator reads both directories flat. */
static bool is_file_of_interest(const char *path)
{
    const char *base = base_name(path);
    if (base == path)
        return false;
    HOP_AUTO_STR directory = hop_strndup(path, (size_t)(base - path) - 1);
    if (!is_directory_of_interest(directory))
        return false;
    return is_reference_file(path) || hop_has_suffix(base, ".yaml") ||
           hop_has_suffix(base, ".yml") || hop_has_suffix(base, ".json");
}

/** The path that a whiteout removes from the layers below (OCI image-spec 1.1, layer,
 * "Whiteouts"); NULL when the member is none that matters here. */
static char *hidden_by(const char *path)
{
    const char *base = base_name(path);
    if (!hop_has_prefix(base, WHITEOUT))
        return NULL;
    size_t parent_len = base == path ? 0 : (size_t)(base - path) - 1;
    HOP_AUTO_STR hidden =
        strcmp(base, OPAQUE) == 0
            ? hop_strndup(path, parent_len)
            : hop_sprintf("%.*s%s", (int)(base - path), path, base + strlen(WHITEOUT));
    bool matters = is_directory_of_interest(hidden) || is_file_of_interest(hidden);
    return matters ? hop_steal(&hidden) : NULL;
}

static size_t want(void *user, const char *path, hop_member_kind kind,
                   uint64_t size_bytes)
{
    hop_payload *p = user;
    HOP_AUTO_STR hidden = hidden_by(path);
    if (hidden || (is_directory_of_interest(path) && kind != HOP_MEMBER_DIRECTORY))
        return HOP_ARCHIVE_NAME_ONLY;
    if (!is_file_of_interest(path) || is_hidden(p, path))
        return 0;
    const seen_file *f = find(p, path);
    if (f && f->layer != p->layer)
        return 0;
    if (strcmp(path, REFERENCES_PATH) == 0)
        return MAX_REFERENCES;
    /* A ConfigMap cannot be larger than 1 MiB, so a larger manifest is none of ours; it
     * is taken note of with no byte kept. */
    return is_reference_file(path) || size_bytes <= HOP_MIB ? HOP_MIB
                                                            : HOP_ARCHIVE_NAME_ONLY;
}

static hop_status get_slot(hop_payload *p, const char *path, seen_file **out,
                           hop_error **err)
{
    *out = find(p, path);
    if (*out)
        return HOP_OK;
    if (p->len >= MAX_SEEN)
        return hop_error_set(err, HOP_E_LIMIT, "more than %d manifests", MAX_SEEN);
    p->files = hop_grow(p->files, p->len, &p->cap, sizeof(*p->files));
    p->files[p->len] = (seen_file){.path = hop_strdup(path), .layer = p->layer};
    *out = &p->files[p->len++];
    return HOP_OK;
}

static hop_status take_file(hop_payload *p, const char *path, const hop_buf *data,
                            hop_error **err)
{
    seen_file *f = NULL;
    hop_status s = get_slot(p, path, &f, err);
    if (s != HOP_OK)
        return s;
    p->kept_bytes -= f->data.len;
    hop_buf_clear(&f->data);
    f->is_kept = data && (is_reference_file(path) ||
                          hop_manifests_is_candidate(hop_buf_get(data), data->len));
    if (!f->is_kept)
        return HOP_OK;
    if (p->kept_bytes + data->len > MAX_KEPT_BYTES)
        return hop_error_set(err, HOP_E_LIMIT, "the manifests are larger than %zu MiB",
                             (size_t)(MAX_KEPT_BYTES / HOP_MIB));
    p->kept_bytes += data->len;
    f->data = hop_buf_init(MAX_REFERENCES);
    hop_buf_add(&f->data, hop_buf_get(data), data->len);
    return HOP_OK;
}

static hop_status member(void *user, const char *path, hop_member_kind kind,
                         const hop_buf *data, hop_error **err)
{
    (void)kind; /* only files have data */
    hop_payload *p = user;
    HOP_AUTO_STR hidden = hidden_by(path);
    if (!hidden && is_directory_of_interest(path))
        hidden = hop_strdup(path);
    if (!hidden)
        return take_file(p, path, data, err);
    if (!hop_strings_has(&p->pending, hidden))
        hop_strings_take(&p->pending, &hidden);
    return HOP_OK;
}

/** Reads every kept manifest, in the order of their paths. */
static void read_manifests(const hop_payload *p, hop_release_info *info,
                           hop_manifests_found *found)
{
    hop_strings paths = {0};
    for (size_t i = 0; i < p->len; i++)
        if (p->files[i].is_kept && !is_reference_file(p->files[i].path))
            hop_strings_add(&paths, p->files[i].path);
    hop_strings_sort(&paths);
    for (size_t i = 0; i < paths.len; i++) {
        const seen_file *f = find(p, paths.items[i]);
        hop_manifests_read(f->path, hop_buf_get(&f->data), f->data.len, info, found);
    }
    hop_strings_clear(&paths);
}

hop_status hop_payload_add_layer(hop_payload *p, int fd, uint64_t size_bytes,
                                 hop_error **err)
{
    if (hop_payload_has_manifests(p))
        return HOP_OK;
    hop_archive_visitor visitor = {.want = want, .member = member, .user = p};
    hop_status s = hop_archive_walk(fd, size_bytes, "payload layer", &visitor, err);
    if (s != HOP_OK)
        return s;
    /* Whiteouts hide what is below their own layer, never what is in it. */
    for (size_t i = 0; i < p->pending.len; i++)
        hop_strings_take(&p->hidden, &p->pending.items[i]);
    p->pending.len = 0;
    p->layer++;
    hop_release_info probe = {0};
    p->found = (hop_manifests_found){0};
    read_manifests(p, &probe, &p->found);
    hop_release_info_clear(&probe);
    return HOP_OK;
}

bool hop_payload_has_references(const hop_payload *p)
{
    return find_kept(p, REFERENCES_PATH) && find_kept(p, METADATA_PATH);
}

bool hop_payload_has_metadata(const hop_payload *p)
{
    return find_kept(p, METADATA_PATH) != NULL;
}

bool hop_payload_has_manifests(const hop_payload *p)
{
    return hop_payload_has_references(p) && p->found.gates && p->found.verification;
}

hop_status hop_payload_read(const hop_payload *p, const char *name, hop_release_info *out,
                            hop_error **err)
{
    const seen_file *references = find_kept(p, REFERENCES_PATH);
    if (!references)
        return hop_error_set(err, HOP_E_NOT_FOUND,
                             "read release payload %s: it has no %s", name,
                             REFERENCES_PATH);
    HOP_AUTO_VALUE(hop_release_info) info = {0};
    hop_status s = hop_release_info_read_references(hop_buf_get(&references->data),
                                                    references->data.len, &info, err);
    const seen_file *metadata = find_kept(p, METADATA_PATH);
    if (s == HOP_OK && metadata)
        s = hop_release_info_read_metadata(hop_buf_get(&metadata->data),
                                           metadata->data.len, &info, err);
    if (s != HOP_OK)
        return hop_error_wrap(err, "read release payload %s", name);
    hop_manifests_found found = {0};
    read_manifests(p, &info, &found);
    *out = info;
    info = (hop_release_info){0};
    return HOP_OK;
}
