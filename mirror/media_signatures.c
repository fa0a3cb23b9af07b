/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hop_signature.h"
#include "media_disk.h"
#include "media_stock_read.h"

static void read_file(const hop_media_disk *d, const char *file, hop_signatures *out)
{
    HOP_AUTO_VALUE(hop_buf) bytes = hop_buf_init(HOP_SIGNATURE_MAX);
    HOP_AUTO(hop_error) why = NULL;
    if (hop_media_disk_read_file(d, file, &bytes, &why) == HOP_OK)
        hop_signatures_add(out, file, hop_buf_get(&bytes), bytes.len);
    else
        hop_signatures_add_bad(out, file, hop_error_get_frame(why, 0));
}

/* Kubernetes has no ConfigMap above 1 MiB, so neither has oc. */
static void read_map(const hop_media_disk *d, const hop_digest *payload,
                     hop_signatures *out)
{
    HOP_AUTO_STR file = hop_stock_map_path(payload);
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_MAX_SMALL_BODY);
    HOP_AUTO(hop_error) why = NULL;
    hop_status s = hop_media_disk_read_file(d, file, &text, &why);
    if (s == HOP_E_NOT_FOUND)
        return;
    if (s == HOP_OK)
        s = hop_signatures_read_map(hop_buf_get(&text), text.len, file, payload, out,
                                    &why);
    if (s != HOP_OK)
        hop_signatures_add_bad(out, file, hop_error_get_frame(why, 0));
}

void hop_media_disk_get_signatures(const hop_media_disk *d, const hop_digest *payload,
                                   hop_signatures *out)
{
    const hop_media *m = &d->media;
    if (d->format == HOP_MEDIA_FORMAT_STOCK)
        read_map(d, payload, out);
    for (size_t i = 0; i < m->signature_count; i++) {
        const hop_media_signatures *s = &m->signatures[i];
        for (size_t k = 0; hop_digest_is_equal(&s->digest, payload) && k < s->files.len;
             k++)
            read_file(d, s->files.items[k], out);
    }
}
