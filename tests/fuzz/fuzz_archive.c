/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A graph-data archive, plain or gzip. */
#include "fuzz.h"

#include "hop_image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    HOP_AUTO_VALUE(hop_tree) tree = {0};
    HOP_AUTO_VALUE(hop_graphdata_info) info = {0};
    hop_error *err = NULL;
    if (!fuzz_is_ok(
            hop_graphdata_read_archive(data, size, "data.tar", &tree, &info, &err), &err))
        return 0;
    FUZZ_CHECK(info.file_count == tree.len && hop_digest_is_valid(info.tree.text));
    for (size_t i = 0; i < tree.len; i++) {
        FUZZ_CHECK(hop_tree_path_is_safe(tree.files[i].path));
        FUZZ_CHECK(i == 0 || strcmp(tree.files[i - 1].path, tree.files[i].path) < 0);
    }
    FUZZ_CHECK(hop_tree_find(&tree, "version") &&
               hop_tree_find(&tree, "raw/metadata.json"));
    return 0;
}
