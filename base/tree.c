/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hop_tree.h"

#include <stdlib.h>
#include <string.h>

bool hop_tree_path_is_safe(const char *path)
{
    size_t len = strlen(path);
    if (len == 0 || len > 255)
        return false;
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)path[i] < 0x20 || path[i] == 0x7f || path[i] == '\\')
            return false;
    for (const char *p = path;;) {
        size_t n = strcspn(p, "/");
        if (n == 0 || (n == 1 && p[0] == '.') || (n == 2 && p[0] == '.' && p[1] == '.'))
            return false;
        if (p[n] == '\0')
            return true;
        p += n + 1;
    }
}

hop_status hop_tree_add(hop_tree *t, const char *path, const void *data, size_t len,
                        hop_error **err)
{
    if (!hop_tree_path_is_safe(path))
        return hop_error_set(
            err, HOP_E_PARSE,
            "file \"%.300s\": the path must be relative, without . or ..", path);
    if (t->len >= HOP_TREE_MAX_FILES)
        return hop_error_set(err, HOP_E_LIMIT, "more than %zu files", HOP_TREE_MAX_FILES);
    if (len > HOP_TREE_MAX_FILE || t->total_bytes + len > HOP_TREE_MAX_TOTAL)
        return hop_error_set(err, HOP_E_LIMIT, "file \"%s\": too large (%zu bytes)", path,
                             len);
    t->files = hop_grow(t->files, t->len, &t->cap, sizeof(*t->files));
    t->files[t->len++] = (hop_tree_file){
        .path = hop_strdup(path), .data = hop_strndup(data, len), .len = len};
    t->total_bytes += len;
    return HOP_OK;
}

static int compare_files(const void *a, const void *b)
{
    return strcmp(((const hop_tree_file *)a)->path, ((const hop_tree_file *)b)->path);
}

hop_status hop_tree_sort(hop_tree *t, hop_error **err)
{
    if (t->len > 1)
        qsort(t->files, t->len, sizeof(*t->files), compare_files);
    for (size_t i = 1; i < t->len; i++)
        if (strcmp(t->files[i - 1].path, t->files[i].path) == 0)
            return hop_error_set(err, HOP_E_PARSE, "file \"%s\" is there twice",
                                 t->files[i].path);
    return HOP_OK;
}

const hop_tree_file *hop_tree_find(const hop_tree *t, const char *path)
{
    size_t low = 0, high = t->len;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int order = strcmp(t->files[mid].path, path);
        if (order == 0)
            return &t->files[mid];
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

const char *hop_tree_find_difference(const hop_tree *a, const hop_tree *b)
{
    for (size_t i = 0; i < a->len || i < b->len; i++) {
        const hop_tree_file *x = i < a->len ? &a->files[i] : NULL;
        const hop_tree_file *y = i < b->len ? &b->files[i] : NULL;
        int order = !x ? 1 : !y ? -1 : strcmp(x->path, y->path);
        if (order != 0)
            return order < 0 ? x->path : y->path;
        if (x->len != y->len || memcmp(x->data, y->data, x->len) != 0)
            return x->path;
    }
    return NULL;
}

void hop_tree_clear(hop_tree *t)
{
    for (size_t i = 0; i < t->len; i++) {
        free(t->files[i].path);
        free(t->files[i].data);
    }
    free(t->files);
    *t = (hop_tree){0};
}
