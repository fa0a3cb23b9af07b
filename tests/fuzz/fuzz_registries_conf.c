/* SPDX-License-Identifier: GPL-3.0-or-later */
/* registries.conf, and where it leads. Every place is one that can be asked. */
#include "fuzz.h"

#include "registries_conf.h"

#define DIGEST "@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static void check_host(const char *text, size_t len)
{
    HOP_AUTO_STR host = hop_strndup(text, len);
    FUZZ_CHECK(hop_host_is_valid(hop_has_prefix(host, "*.") ? host + 2 : host));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    HOP_AUTO_STR text = fuzz_text(data, size);
    HOP_AUTO(hop_mirror_set) set = hop_mirror_set_new();
    HOP_AUTO_VALUE(hop_ref) source = {0};
    HOP_AUTO_VALUE(hop_strings) places = {0}, insecure = {0};
    hop_error *err = NULL;
    if (!fuzz_is_ok(hop_registries_conf_add(set, "r.conf", text, size, &err), &err))
        FUZZ_CHECK(hop_mirror_set_get_count(set) == 0);
    FUZZ_CHECK(fuzz_is_ok(
        hop_ref_parse("quay.io/openshift-release-dev/ocp-release" DIGEST, &source, &err),
        &err));
    hop_mirror_match match = hop_mirror_set_resolve(set, &source, &places);
    FUZZ_CHECK((match == HOP_MIRROR_BLOCKED) == (places.len == 0) ||
               match == HOP_MIRROR_KNOWN);
    for (size_t i = 0; i < places.len; i++)
        check_host(places.items[i], strcspn(places.items[i], "/"));
    hop_mirror_set_get_insecure(set, &insecure);
    for (size_t i = 0; i < insecure.len; i++)
        check_host(insecure.items[i], strlen(insecure.items[i]));
    return 0;
}
