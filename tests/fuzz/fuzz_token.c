/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The answer of a token service. What it gives becomes a header line. */
#include "fuzz.h"

#include "auth.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    HOP_AUTO_STR text = fuzz_text(data, size);
    HOP_AUTO_STR bearer = NULL;
    hop_error *err = NULL;
    uint64_t lifetime_s = 0;
    if (!fuzz_is_ok(hop_token_read(text, size, &bearer, &lifetime_s, &err), &err)) {
        FUZZ_CHECK(!bearer);
        return 0;
    }
    FUZZ_CHECK(hop_has_prefix(bearer, "Bearer ") && lifetime_s > 0);
    for (const char *c = bearer + strlen("Bearer "); *c; c++)
        FUZZ_CHECK(*c > ' ' && *c != 0x7f);
    return 0;
}
