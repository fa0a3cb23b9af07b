/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An image reference: what was taken is written and read back as the same. */
#include "fuzz.h"

#include "hop_oci.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    HOP_AUTO_STR text = fuzz_text(data, size);
    HOP_AUTO_VALUE(hop_ref) ref = {0};
    HOP_AUTO_VALUE(hop_ref) again = {0};
    hop_error *err = NULL;
    if (!fuzz_is_ok(hop_ref_parse(text, &ref, &err), &err))
        return 0;
    FUZZ_CHECK(hop_host_is_valid(ref.host) && hop_repository_is_valid(ref.repository));
    FUZZ_CHECK(!ref.tag || hop_tag_is_valid(ref.tag));
    FUZZ_CHECK(!ref.digest.text[0] || hop_digest_is_valid(ref.digest.text));
    HOP_AUTO_STR written = hop_ref_format(&ref);
    FUZZ_CHECK(strcmp(written, text) == 0);
    FUZZ_CHECK(fuzz_is_ok(hop_ref_parse(written, &again, &err), &err));
    FUZZ_CHECK(hop_digest_is_equal(&ref.digest, &again.digest));
    return 0;
}
