/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a credential helper printed. */
#include "fuzz.h"

#include "credential_helper.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    HOP_AUTO_STR text = fuzz_text(data, size);
    HOP_AUTO_VALUE(hop_credential) c = {0};
    hop_error *err = NULL;
    bool found = false;
    hop_status s =
        hop_credential_helper_read(text, size, "docker-credential-x", &c, &found, &err);
    if (!fuzz_is_ok(s, &err) || !found)
        return 0;
    FUZZ_CHECK(c.identity_token ? c.identity_token[0] != '\0'
                                : c.user[0] && c.password[0]);
    return 0;
}
