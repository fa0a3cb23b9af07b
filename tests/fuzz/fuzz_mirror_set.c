/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mirror sets, and where they lead. Every place is one that can be asked. */
#include "fuzz.h"

#include "mirror_set.h"

#define DIGEST "@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/* HOST/REPO. A host needs no dot here, unlike in a reference that a user types, and what
 * is appended to a mirror may make a repository longer than the grammar allows; a
 * registry refuses that. */
static void check_place(const char *place)
{
    const char *slash = strchr(place, '/');
    FUZZ_CHECK(slash);
    HOP_AUTO_STR host = hop_strndup(place, (size_t)(slash - place));
    FUZZ_CHECK(hop_host_is_valid(host));
    FUZZ_CHECK(strlen(slash + 1) > 255 || hop_repository_is_valid(slash + 1));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    HOP_AUTO_STR text = fuzz_text(data, size);
    HOP_AUTO(hop_mirror_set) set = hop_mirror_set_new();
    HOP_AUTO_VALUE(hop_ref) source = {0};
    HOP_AUTO_VALUE(hop_strings) places = {0};
    hop_error *err = NULL;
    if (!fuzz_is_ok(hop_mirror_set_add_file(set, "idms.yaml", text, size, &err), &err))
        FUZZ_CHECK(hop_mirror_set_get_count(set) == 0);
    FUZZ_CHECK(fuzz_is_ok(
        hop_ref_parse("quay.io/openshift-release-dev/ocp-release" DIGEST, &source, &err),
        &err));
    hop_mirror_set_resolve(set, &source, &places);
    for (size_t i = 0; i < places.len; i++)
        check_place(places.items[i]);
    return 0;
}
