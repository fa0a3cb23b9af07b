/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A ClusterVersion object: what was taken of it is a version, an architecture and a
 * channel that can be put into a request. */
#include "fuzz.h"

#include "cluster.h"
#include "hop_graph.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    HOP_AUTO_STR text = fuzz_text(data, size);
    HOP_AUTO_VALUE(hop_cluster) c = {0};
    hop_error *err = NULL;
    if (!fuzz_is_ok(hop_cluster_parse(text, size, "cv.json", &c, &err), &err))
        return 0;
    hop_version v;
    FUZZ_CHECK(c.version);
    FUZZ_CHECK(fuzz_is_ok(hop_version_parse(c.version, &v, &err), &err));
    FUZZ_CHECK(!c.channel || hop_channel_is_valid(c.channel));
    return 0;
}
