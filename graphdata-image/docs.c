/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image.h"

#include <stdlib.h>
#include <string.h>

static hop_status read_arch(const char *config, size_t len, const char **out,
                            hop_error **err)
{
    HOP_AUTO(hop_json) doc = NULL;
    hop_status s = hop_json_parse(config, len, "image config", &doc, err);
    if (s != HOP_OK)
        return s;
    hop_json_view root = hop_json_root(doc, "image config");
    const char *text = NULL;
    s = hop_json_get_string(&root, "architecture", &text, err);
    *out = s == HOP_OK ? hop_arch_parse(text) : NULL;
    if (s == HOP_OK && !*out)
        s = hop_json_error(&root, err, "architecture \"%.60s\" is unknown here", text);
    return s;
}

hop_status hop_image_docs_add(hop_image_docs *docs, const char *manifest,
                              size_t manifest_len, const char *config, size_t config_len,
                              hop_error **err)
{
    const char *arch = NULL;
    hop_status s = read_arch(config, config_len, &arch, err);
    if (s != HOP_OK)
        return s;
    for (size_t i = 0; i < docs->len; i++)
        if (strcmp(docs->items[i].arch, arch) == 0)
            return HOP_OK;
    docs->items = hop_realloc(docs->items, docs->len + 1, sizeof(*docs->items));
    docs->items[docs->len++] =
        (hop_image_base){.arch = arch,
                         .manifest = hop_strndup(manifest, manifest_len),
                         .manifest_len = manifest_len,
                         .config = hop_strndup(config, config_len),
                         .config_len = config_len};
    return HOP_OK;
}

void hop_image_docs_clear(hop_image_docs *docs)
{
    for (size_t i = 0; i < docs->len; i++) {
        free((void *)(uintptr_t)docs->items[i].manifest);
        free((void *)(uintptr_t)docs->items[i].config);
    }
    free(docs->items);
    *docs = (hop_image_docs){0};
}
