/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands in the layout of stock oc beside images: names, targets of links, and the
 * ConfigMaps of signatures. */
#include "fuzz.h"

#include "hop_signature.h"
#include "media_stock_names.h"
#include "names.h"

/* One name gives one release, and the release gives that name. */
static void check_name(const char *name)
{
    hop_stock_tag tag = {0};
    hop_digest digest = {0};
    if (hop_stock_tag_read(name, &tag)) {
        HOP_AUTO_STR again = hop_name_payload_tag(tag.version, tag.arch);
        FUZZ_CHECK(again && strcmp(again, name) == 0);
        FUZZ_CHECK(hop_tag_is_valid(name) && hop_name_version_is_valid(tag.version));
    }
    if (hop_stock_target_read(name, &digest)) {
        FUZZ_CHECK(hop_digest_is_valid(digest.text));
        FUZZ_CHECK(hop_has_suffix(name, hop_digest_get_hex(&digest)));
    }
    if (hop_stock_digest_read(name, &digest))
        FUZZ_CHECK(!strchr(name, '/') && !hop_stock_is_leftover(name));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    HOP_AUTO_STR text = fuzz_text(data, size);
    HOP_AUTO_VALUE(hop_signatures) found = {0};
    hop_error *err = NULL;
    const hop_digest digest = {
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"};
    (void)fuzz_is_ok(
        hop_signatures_read_map(text, size, "ConfigMap", &digest, &found, &err), &err);
    FUZZ_CHECK(found.len <= HOP_SIGNATURE_MAX_CANDIDATES);
    for (size_t i = 0; i < found.len; i++)
        FUZZ_CHECK(found.items[i].data ? found.items[i].len <= HOP_SIGNATURE_MAX
                                       : found.items[i].why != NULL);
    char *rest = text;
    while (*rest)
        check_name(fuzz_line(&rest));
    return 0;
}
