/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The config of a graph-data image: the labels that say which data it holds. */
#include "fuzz.h"

#include "hop_image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    HOP_AUTO_STR text = fuzz_text(data, size);
    HOP_AUTO_VALUE(hop_image_labels) labels = {0};
    hop_error *err = NULL;
    if (!fuzz_is_ok(hop_image_labels_parse(text, size, "config", &labels, &err), &err))
        FUZZ_CHECK(!labels.tree && !labels.version && !labels.revision && !labels.newest);
    return 0;
}
