/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * A small file tree in memory: relative paths and their bytes, sorted by path.
 *
 * The graph-data of an update service is such a tree (some 2 MiB in 1,800 files). It is
 * read once, checked by graph/, and written into an image layer by graphdata-image/.
 */
#ifndef HOP_TREE_H
#define HOP_TREE_H

#include "hop_error.h"

#define HOP_TREE_MAX_FILES ((size_t)20000)
#define HOP_TREE_MAX_FILE (16 * HOP_MIB)
#define HOP_TREE_MAX_TOTAL (256 * HOP_MIB)

typedef struct hop_tree_file {
    char *path; /* "channels/stable-4.16.yaml": relative, '/'-separated, no "." or ".."
                   component */
    char *data; /* NUL after the last byte */
    size_t len;
} hop_tree_file;

typedef struct hop_tree {
    hop_tree_file *files; /* sorted bytewise by path once hop_tree_sort() was called */
    size_t len;
    size_t cap;
    uint64_t total_bytes;
} hop_tree;

/** True for a relative path of safe components: not empty, no ".", "..", empty component,
 * control character or backslash, at most 255 bytes. */
bool hop_tree_path_is_safe(const char *path);
/** Copies a file in. HOP_E_PARSE for an unsafe path, HOP_E_LIMIT past a cap above. */
HOP_MUST_USE hop_status hop_tree_add(hop_tree *t, const char *path, const void *data,
                                     size_t len, hop_error **err);
/** Sorts; HOP_E_PARSE when a path stands there twice. Call once, after the last add. */
HOP_MUST_USE hop_status hop_tree_sort(hop_tree *t, hop_error **err);
/** Works on a sorted tree; NULL when there is no such file. Borrowed. */
const hop_tree_file *hop_tree_find(const hop_tree *t, const char *path);
/** The path of the first file that is in one of two sorted trees only, or has other bytes
 * in the other; NULL when they are the same. Borrowed from either. */
const char *hop_tree_find_difference(const hop_tree *a, const hop_tree *b);
void hop_tree_clear(hop_tree *t);

#endif
