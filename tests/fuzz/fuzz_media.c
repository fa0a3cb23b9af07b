/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The documents of removable media, which anyone on the way can rewrite. */
#include "fuzz.h"

#include "hop_media.h"

static void check_media(const char *text, size_t size)
{
    HOP_AUTO_VALUE(hop_media) m = {0};
    HOP_AUTO_VALUE(hop_buf) out = hop_buf_init(HOP_BUF_TEXT);
    hop_error *err = NULL;
    if (!fuzz_is_ok(hop_media_parse(text, size, "media", &m, &err), &err))
        return;
    for (size_t i = 0; i < m.files.len; i++)
        FUZZ_CHECK(hop_media_path_is_safe(m.files.items[i].path));
    for (size_t i = 0; i < m.image_count; i++)
        FUZZ_CHECK(hop_tag_is_valid(m.images[i].destinations[0].tag));
    HOP_AUTO_VALUE(hop_media) again = {0};
    hop_media_write(&m, &out);
    FUZZ_CHECK(hop_media_parse(hop_buf_get(&out), out.len, "again", &again, &err) ==
               HOP_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    HOP_AUTO_STR text = fuzz_text(data, size);
    hop_error *err = NULL;
    check_media(text, size);
    HOP_AUTO_VALUE(hop_inventory) inventory = {0};
    (void)fuzz_is_ok(hop_inventory_parse(text, size, "inventory", &inventory, &err),
                     &err);
    HOP_AUTO_VALUE(hop_volume) volume = {0};
    if (fuzz_is_ok(hop_volume_parse(text, size, "volume", &volume, &err), &err))
        FUZZ_CHECK(volume.number > 0);
    return 0;
}
