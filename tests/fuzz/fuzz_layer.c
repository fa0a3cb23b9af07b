/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A layer of a release payload: a tar, plain or in gzip or zstd, and what its files say.
 */
#include "fuzz.h"

#include "release.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    HOP_AUTO_FD fd = fuzz_file(data, size);
    HOP_AUTO(hop_payload) p = hop_payload_new();
    HOP_AUTO_VALUE(hop_release_info) info = {0};
    hop_error *err = NULL;
    if (!fuzz_is_ok(hop_payload_add_layer(p, fd, size, &err), &err) ||
        !fuzz_is_ok(hop_payload_read(p, "payload", &info, &err), &err))
        return 0;
    FUZZ_CHECK(info.version != NULL);
    for (size_t i = 0; i < info.component_count; i++)
        FUZZ_CHECK(hop_digest_is_valid(info.components[i].image.digest.text));
    return 0;
}
