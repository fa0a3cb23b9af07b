/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A credential file, asked for repositories on two hosts. */
#include "fuzz.h"

#include "auth.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const hosts[] = {"registry.local:5000", "quay.io"};
    HOP_AUTO_FD fd = fuzz_file(data, size);
    HOP_AUTO_VALUE(hop_strings) files = {0};
    char *path = hop_sprintf("/proc/self/fd/%d", fd);
    hop_strings_take(&files, &path);
    for (size_t i = 0; i < HOP_COUNT_OF(hosts); i++) {
        HOP_AUTO_VALUE(hop_credential) c = {0};
        hop_error *err = NULL;
        bool found = false;
        hop_status s =
            hop_credential_find(&files, NULL, hosts[i], "org/app", &c, &found, &err);
        if (!fuzz_is_ok(s, &err) || !found)
            continue;
        FUZZ_CHECK(c.identity_token || (c.user && c.password));
        if (!c.user || !c.password)
            continue;
        HOP_AUTO_STR header = hop_auth_basic(&c);
        FUZZ_CHECK(hop_has_prefix(header, "Basic "));
        FUZZ_CHECK(strcspn(header, "\r\n") == strlen(header));
    }
    return 0;
}
