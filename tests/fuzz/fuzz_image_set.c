/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ImageSetConfigurations. What is read fits its grammar and names each channel once. */
#include "fuzz.h"

#include "hop_graph.h"
#include "image_set.h"

static void check_version(const char *text)
{
    hop_version v;
    hop_error *err = NULL;
    FUZZ_CHECK(!text || fuzz_is_ok(hop_version_parse(text, &v, &err), &err));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    HOP_AUTO_STR text = fuzz_text(data, size);
    HOP_AUTO_VALUE(hop_image_set) set = {0};
    hop_error *err = NULL;
    if (!fuzz_is_ok(hop_image_set_parse(text, size, "isc.yaml", &set, &err), &err)) {
        FUZZ_CHECK(set.channel_count == 0 && !set.release);
        return 0;
    }
    FUZZ_CHECK(set.channel_count || set.release || set.unhandled.len);
    for (size_t i = 0; i < set.channel_count; i++) {
        FUZZ_CHECK(hop_channel_is_valid(set.channels[i].name));
        check_version(set.channels[i].min);
        check_version(set.channels[i].max);
        for (size_t k = 0; k < i; k++)
            FUZZ_CHECK(strcmp(set.channels[k].name, set.channels[i].name) != 0);
    }
    return 0;
}
