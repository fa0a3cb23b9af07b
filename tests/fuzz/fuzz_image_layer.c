/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A layer of somebody's image, in which graph-data may lie. */
#include "fuzz.h"

#include "hop_image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    HOP_AUTO_VALUE(hop_tree) tree = {0};
    HOP_AUTO_VALUE(hop_graphdata_info) info = {0};
    hop_error *err = NULL;
    if (!fuzz_is_ok(hop_graphdata_read_layer(data, size, "image", &tree, &info, &err),
                    &err))
        return 0;
    FUZZ_CHECK(info.file_count == tree.len && hop_digest_is_valid(info.tree.text));
    for (size_t i = 0; i < tree.len; i++)
        FUZZ_CHECK(hop_tree_path_is_safe(tree.files[i].path));
    FUZZ_CHECK(hop_tree_find(&tree, "version") != NULL);
    return 0;
}
