/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A site's own blocked edge, added to graph-data, which is then cut down to one channel;
 * the same text stands there as a channel, too. */
#include "fuzz.h"

#include "hop_image.h"

static void put(hop_tree *tree, const char *path, const char *text, size_t len)
{
    hop_error *err = NULL;
    FUZZ_CHECK(fuzz_is_ok(hop_tree_add(tree, path, text, len, &err), &err));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char channel[] = "name: stable-4.16\nversions:\n- 4.16.1\n- 4.16.2\n";
    HOP_AUTO_STR text = fuzz_text(data, size);
    HOP_AUTO_VALUE(hop_tree) tree = {0};
    HOP_AUTO_VALUE(hop_graphdata_info) info = {0};
    HOP_AUTO_VALUE(hop_strings) channels = {0};
    HOP_AUTO_VALUE(hop_strings) versions = {0};
    hop_error *err = NULL;
    put(&tree, "version", "1.1.0\n", 6);
    put(&tree, "raw/metadata.json", "{}", 2);
    put(&tree, "channels/a.yaml", channel, strlen(channel));
    put(&tree, "channels/b.yaml", text, size);
    put(&tree, "blocked-edges/a.yaml", "to: 4.16.2\nfrom: .*\n", 20);
    FUZZ_CHECK(fuzz_is_ok(hop_graphdata_check(&tree, &info, &err), &err));
    size_t before = tree.len;
    bool is_added = fuzz_is_ok(
        hop_graphdata_add_block(&tree, "b.yaml", text, size, &info, &err), &err);
    FUZZ_CHECK(tree.len == before + is_added && info.file_count == tree.len);
    hop_strings_add(&channels, "stable-4.16");
    hop_strings_add(&versions, "4.16.2");
    const hop_graphdata_needs needs = {channels, versions};
    if (fuzz_is_ok(hop_graphdata_prune(&tree, &needs, &info, &err), &err))
        FUZZ_CHECK(info.file_count == tree.len && hop_tree_find(&tree, "version"));
    return 0;
}
