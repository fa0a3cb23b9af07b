/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The JSON text that a release signature signs. Whatever passes must name the digest. */
#include "fuzz.h"

#include "signature_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    HOP_AUTO_STR text = fuzz_text(data, size);
    hop_error *err = NULL;
    const hop_digest digest = {
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"};
    HOP_AUTO_STR reference = NULL;
    hop_status s = hop_signature_text_check(text, size, &digest, &reference, &err);
    FUZZ_CHECK(s == HOP_OK || s == HOP_E_SIGNATURE);
    FUZZ_CHECK((s == HOP_OK) == (reference && *reference));
    (void)fuzz_is_ok(s, &err);
    return 0;
}
