/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "graphdata.h"
#include "image.h"
#include "tar.h"

#include <string.h>

/* A member of a layer as a path below the data's directory; NULL for all others. */
static const char *path_in_data(const char *member)
{
    while (hop_has_prefix(member, "./"))
        member += 2;
    if (*member == '/')
        member++;
    const char *rest = member + strlen(DATA_ROOT "/");
    return hop_has_prefix(member, DATA_ROOT "/") && graphdata_is_kept(rest) ? rest : NULL;
}

static hop_status add_member(tar_reader *r, const tar_member *m, hop_tree *tree,
                             hop_error **err)
{
    const char *path = m->kind == TAR_FILE ? path_in_data(m->path) : NULL;
    if (!path)
        return HOP_OK;
    HOP_AUTO_STR copy = hop_strdup(path);
    HOP_AUTO_VALUE(hop_buf) bytes = hop_buf_init(HOP_TREE_MAX_FILE);
    hop_status s = tar_reader_read(r, &bytes, err);
    if (s == HOP_OK)
        s = hop_tree_add(tree, copy, hop_buf_get(&bytes), bytes.len, err);
    return s == HOP_OK ? s : hop_error_wrap(err, "member \"%s\"", copy);
}

static hop_status read_members(const void *tar, size_t len, hop_tree *tree,
                               hop_error **err)
{
    HOP_AUTO(tar_reader) r = tar_reader_new(tar, len);
    for (;;) {
        tar_member member = {0};
        bool is_end = false;
        hop_status s = tar_reader_next(r, &member, &is_end, err);
        if (s == HOP_OK && is_end)
            return HOP_OK;
        if (s == HOP_OK)
            s = add_member(r, &member, tree, err);
        if (s != HOP_OK)
            return s;
    }
}

hop_status hop_graphdata_read_layer(const void *data, size_t len, const char *name,
                                    hop_tree *out, hop_graphdata_info *info,
                                    hop_error **err)
{
    HOP_AUTO_VALUE(hop_buf) tar = hop_buf_init(GRAPHDATA_MAX_TAR);
    HOP_AUTO_VALUE(hop_tree) tree = {0};
    hop_status s = HOP_OK;
    if (gzip_is(data, len)) {
        s = gzip_inflate(data, len, &tar, err);
        if (s == HOP_OK)
            s = read_members(hop_buf_get(&tar), tar.len, &tree, err);
    } else {
        s = read_members(data, len, &tree, err);
    }
    if (s == HOP_OK && tree.len == 0)
        s = hop_error_set(err, HOP_E_NOT_FOUND,
                          "nothing in its last layer is below /" DATA_ROOT);
    if (s == HOP_OK)
        s = hop_graphdata_check(&tree, info, err);
    if (s != HOP_OK)
        return hop_error_wrap(err, "read graph-data from image %s", name);
    *out = tree;
    tree = (hop_tree){0};
    return HOP_OK;
}
