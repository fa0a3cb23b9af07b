/* SPDX-License-Identifier: GPL-3.0-or-later */
/* raw/metadata.json of graph-data, and the same text as the releases of the service. */
#include "fuzz.h"

#include "hop_osus.h"

static void put(hop_tree *tree, const char *path, const char *text, size_t len)
{
    hop_error *err = NULL;
    FUZZ_CHECK(fuzz_is_ok(hop_tree_add(tree, path, text, len, &err), &err));
}

static void serve(const char *raw, size_t raw_len, const char *releases, size_t len)
{
    HOP_AUTO_VALUE(hop_tree) tree = {0};
    HOP_AUTO(hop_graph_data) graph_data = NULL;
    HOP_AUTO(hop_osus) service = NULL;
    hop_error *err = NULL;
    put(&tree, "version", "1.1.0\n", 6);
    put(&tree, "raw/metadata.json", raw, raw_len);
    put(&tree, "channels/_", "", 0);
    put(&tree, "blocked-edges/_", "", 0);
    FUZZ_CHECK(fuzz_is_ok(hop_tree_sort(&tree, &err), &err));
    if (!fuzz_is_ok(hop_graph_data_read(&tree, &graph_data, &err), &err) ||
        !fuzz_is_ok(
            hop_osus_new(releases, len, "releases.json", graph_data, &service, &err),
            &err))
        return;
    HOP_AUTO(hop_json) all = hop_osus_get_graph(service);
    FUZZ_CHECK(all != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char raw[] =
        "{\"4.16.2\":{\"io.openshift.upgrades.graph.previous.remove_regex\":\".*\"}}";
    static const char releases[] =
        "{\"nodes\":[{\"version\":\"4.16.1\",\"payload\":\"q.io/r:a\",\"metadata\":{}},"
        "{\"version\":\"4.16.2\",\"payload\":\"q.io/r:b\",\"metadata\":{}}],"
        "\"edges\":[[0,1]]}";
    HOP_AUTO_STR text = fuzz_text(data, size);
    serve(text, size, releases, strlen(releases));
    serve(raw, strlen(raw), text, size);
    return 0;
}
