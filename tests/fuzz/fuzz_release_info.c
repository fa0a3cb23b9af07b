/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The texts in a payload: image-references, release-metadata, manifests. */
#include "fuzz.h"

#include "manifests.h"
#include "names.h"
#include "release.h"
#include "release_info.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    HOP_AUTO_STR text = fuzz_text(data, size);
    HOP_AUTO_VALUE(hop_release_info) info = {0};
    hop_manifests_found found = {0};
    hop_error *err = NULL;
    if (fuzz_is_ok(hop_release_info_read_references(text, size, &info, &err), &err)) {
        FUZZ_CHECK(info.version != NULL);
        for (size_t i = 0; i < info.component_count; i++) {
            FUZZ_CHECK(hop_name_component_is_valid(info.components[i].name));
            FUZZ_CHECK(hop_digest_is_valid(info.components[i].image.digest.text));
        }
    }
    (void)fuzz_is_ok(hop_release_info_read_metadata(text, size, &info, &err), &err);
    if (info.version)
        (void)fuzz_is_ok(hop_release_info_check(&info, "4.16.3", "amd64", &err), &err);
    (void)hop_manifests_is_candidate(text, size);
    hop_manifests_read("manifests/x.yaml", text, size, &info, &found);
    for (size_t i = 1; i < info.gate_count; i++)
        FUZZ_CHECK(strcmp(info.gates[i - 1].key, info.gates[i].key) < 0);
    return 0;
}
