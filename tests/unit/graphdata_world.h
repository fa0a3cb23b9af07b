/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * What tests of the graph-data image begin with: a tree, what is known of it, and a
 * temporary directory that vanishes with all that is in it.
 *
 *     static int set_up(void **state)
 *     {
 *         world *w = world_begin(state);
 *         world_add(&w->tree, "version", "1.1.0\n");
 *         return world_ready(w);
 *     }
 *     cmocka_unit_test_setup_teardown(test, set_up, world_end)
 */
#ifndef GRAPHDATA_WORLD_H
#define GRAPHDATA_WORLD_H

#include "test_support.h"

#include "hop_file.h"
#include "hop_image.h"

#include <ftw.h>
#include <stdio.h>
#include <unistd.h>

typedef struct world {
    char dir[64];
    hop_tree tree;
    hop_graphdata_info info;
} world;

static inline void world_add(hop_tree *tree, const char *path, const char *text)
{
    hop_error *err = NULL;
    assert_ok(hop_tree_add(tree, path, text, strlen(text), &err), &err);
}

static inline world *world_begin(void **state)
{
    static world w;
    w = (world){.dir = "/tmp/oc-hop-test-XXXXXX"};
    *state = &w;
    return &w;
}

static inline int world_ready(world *w)
{
    hop_error *err = NULL;
    assert_ok(hop_graphdata_check(&w->tree, &w->info, &err), &err);
    return mkdtemp(w->dir) ? 0 : 1;
}

static inline int world_remove(const char *path, const struct stat *st, int kind,
                               struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(path);
}

static inline int world_end(void **state)
{
    world *w = *state;
    hop_tree_clear(&w->tree);
    hop_graphdata_info_clear(&w->info);
    return nftw(w->dir, world_remove, 16, FTW_DEPTH | FTW_PHYS);
}

static inline void world_read_file(const char *path, hop_buf *out)
{
    hop_error *err = NULL;
    assert_ok(hop_file_read(path, out, &err), &err);
}

/** The image of the tree, for one architecture unless the options name others. */
static inline hop_image *world_build(const world *w, hop_image_opts opts)
{
    hop_error *err = NULL;
    hop_image *image = NULL;
    const char *const archs[] = {hop_image_get_copier_arch(0)};
    opts.info = &w->info;
    if (opts.arch_count == 0 && !opts.bases) {
        opts.archs = archs;
        opts.arch_count = 1;
    }
    assert_ok(hop_image_build(&opts, &w->tree, &image, &err), &err);
    return image;
}

#endif
