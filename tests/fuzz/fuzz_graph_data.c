/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Graph-data in which a channel and a blocked edge are the input, and the graph that the
 * simulated update service makes of it. */
#include "fuzz.h"

#include "hop_osus.h"

static const char releases[] =
    "{\"nodes\":[{\"version\":\"4.16.1+amd64\",\"payload\":\"q.io/r@sha256:"
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\","
    "\"metadata\":{}},{\"version\":\"4.16.2+amd64\",\"payload\":\"q.io/r@sha256:"
    "01ba4719c80b6fe911b091a7c05124b64eeece964e09c058ef8f9805daca546b\","
    "\"metadata\":{}}],\"edges\":[[0,1]]}";

static void put(hop_tree *tree, const char *path, const char *text, size_t len)
{
    hop_error *err = NULL;
    FUZZ_CHECK(fuzz_is_ok(hop_tree_add(tree, path, text, len, &err), &err));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    HOP_AUTO_STR text = fuzz_text(data, size);
    HOP_AUTO_VALUE(hop_tree) tree = {0};
    HOP_AUTO(hop_graph_data) graph_data = NULL;
    HOP_AUTO(hop_osus) service = NULL;
    hop_error *err = NULL;
    put(&tree, "version", "1.1.0\n", 6);
    put(&tree, "raw/metadata.json", "{}", 2);
    put(&tree, "channels/a.yaml", text, size);
    put(&tree, "blocked-edges/a.yaml", text, size);
    FUZZ_CHECK(fuzz_is_ok(hop_tree_sort(&tree, &err), &err));
    if (!fuzz_is_ok(hop_graph_data_read(&tree, &graph_data, &err), &err) ||
        !fuzz_is_ok(hop_osus_new(releases, strlen(releases), "releases.json", graph_data,
                                 &service, &err),
                    &err))
        return 0;
    HOP_AUTO(hop_json) all = hop_osus_get_graph(service);
    HOP_AUTO(hop_json) channel = hop_osus_get_channel(service, "stable-4.16", "amd64");
    FUZZ_CHECK(all && channel);
    return 0;
}
