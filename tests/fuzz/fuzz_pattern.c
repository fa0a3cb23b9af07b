/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A pattern on the first line, the text to search on the second. */
#include "fuzz.h"

#include "pattern.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    HOP_AUTO_STR text = fuzz_text(data, size);
    HOP_AUTO(hop_pattern) pattern = NULL;
    hop_error *err = NULL;
    char *rest = text;
    if (!fuzz_is_ok(hop_pattern_new(fuzz_line(&rest), &pattern, &err), &err))
        return 0;
    bool once = false;
    bool twice = false;
    if (!fuzz_is_ok(hop_pattern_search(pattern, rest, &once, &err), &err))
        return 0;
    FUZZ_CHECK(fuzz_is_ok(hop_pattern_search(pattern, rest, &twice, &err), &err));
    FUZZ_CHECK(once == twice);
    return 0;
}
