/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two lines, a version each. */
#include "fuzz.h"

#include "hop_version.h"

static bool parse(const char *text, hop_version *out)
{
    hop_error *err = NULL;
    return fuzz_is_ok(hop_version_parse(text, out, &err), &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    HOP_AUTO_STR text = fuzz_text(data, size);
    char *rest = text;
    const char *first = fuzz_line(&rest);
    const char *second = fuzz_line(&rest);
    hop_version a, b;
    if (!parse(first, &a))
        return 0;
    uint64_t major = 0;
    uint64_t minor = 0;
    FUZZ_CHECK(a.length == strlen(first) && a.length <= HOP_VERSION_MAX);
    FUZZ_CHECK(hop_version_compare(&a, &a) == 0);
    FUZZ_CHECK(hop_version_get_step(&a, &a) == HOP_STEP_NONE);
    FUZZ_CHECK(!hop_version_is_prerelease(&a) || hop_version_has_pre(&a));
    if (hop_version_get_minor(&a, &major, &minor))
        FUZZ_CHECK(major < UINT64_MAX / 10 && minor < UINT64_MAX / 10);
    if (!parse(second, &b))
        return 0;
    int order = hop_version_compare(&a, &b);
    FUZZ_CHECK((order == 0) == (strcmp(first, second) == 0));
    FUZZ_CHECK((order < 0) == (hop_version_compare(&b, &a) > 0));
    FUZZ_CHECK(hop_version_is_same_minor(&a, &b) == hop_version_is_same_minor(&b, &a));
    return 0;
}
