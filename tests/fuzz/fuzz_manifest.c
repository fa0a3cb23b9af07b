/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A manifest or index, under the types that a server may claim for it. */
#include "fuzz.h"

#include "hop_oci.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const types[] = {NULL, HOP_TYPE_DOCKER_MANIFEST,
                                        HOP_TYPE_DOCKER_LIST, HOP_TYPE_OCI_INDEX,
                                        "text/html"};
    HOP_AUTO_STR text = fuzz_text(data, size);
    for (size_t i = 0; i < HOP_COUNT_OF(types); i++) {
        HOP_AUTO_VALUE(hop_manifest) m = {0};
        hop_error *err = NULL;
        if (!fuzz_is_ok(hop_manifest_parse(text, size, types[i], "manifest", &m, &err),
                        &err))
            continue;
        FUZZ_CHECK(m.media_type != NULL);
        FUZZ_CHECK(m.kind == HOP_MANIFEST_LIST ||
                   hop_digest_is_valid(m.config.digest.text));
        for (size_t k = 0; k < m.layer_count; k++)
            FUZZ_CHECK(hop_digest_is_valid(m.layers[k].digest.text));
        FUZZ_CHECK(m.kind == HOP_MANIFEST_IMAGE || hop_manifest_get_size(&m) == 0);
    }
    return 0;
}
