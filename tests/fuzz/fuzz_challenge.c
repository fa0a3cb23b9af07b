/* SPDX-License-Identifier: GPL-3.0-or-later */
/* WWW-Authenticate values, one a line, and the token request that answers them. */
#include "fuzz.h"

#include "auth.h"

static void check_url(const char *url)
{
    FUZZ_CHECK(hop_has_prefix(url, "http://") || hop_has_prefix(url, "https://"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    HOP_AUTO_VALUE(hop_challenge) c = {0};
    const char *at = (const char *)data;
    for (size_t left = size; left > 0;) {
        const char *end = memchr(at, '\n', left);
        size_t len = end ? (size_t)(end - at) : left;
        hop_challenge_add(&c, at, len);
        len += end ? 1 : 0;
        at += len;
        left -= len;
    }
    if (c.scheme != HOP_AUTH_BEARER)
        return 0;
    FUZZ_CHECK(c.realm && c.realm[0]);
    hop_credential secret = {.user = (char[]){"user"}, .password = (char[]){"pass"}};
    hop_credential token = {.identity_token = (char[]){"t k&n"}};
    const hop_credential *const all[] = {NULL, &secret, &token};
    for (size_t i = 0; i < HOP_COUNT_OF(all); i++) {
        HOP_AUTO_VALUE(hop_token_request) r = {0};
        hop_error *err = NULL;
        if (!fuzz_is_ok(hop_token_request_make(&c, all[i], "repository:a/b:pull",
                                               HOP_REALM_HTTPS, &r, &err),
                        &err))
            continue;
        check_url(r.url);
        FUZZ_CHECK(hop_has_prefix(r.url, "https://") || (!r.basic && !r.form));
    }
    return 0;
}
