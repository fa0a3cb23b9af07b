/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hop_signature.h"

#include "hop_base64.h"
#include "hop_yaml.h"

#include <stdlib.h>
#include <string.h>

/* Keys are sha256-<hex>, or sha256-<hex>-N (library-go, verify/store/configmap). */
static bool is_key_of(const char *key, const hop_digest *digest)
{
    HOP_AUTO_STR want = hop_sprintf("sha256-%s", hop_digest_get_hex(digest));
    if (!hop_has_prefix(key, want))
        return false;
    return key[strlen(want)] == '\0' || key[strlen(want)] == '-';
}

static void take_data(const hop_yaml_node *data, const char *name,
                      const hop_digest *digest, hop_signatures *out)
{
    for (size_t k = 0; k < data->len && out->len < HOP_SIGNATURE_MAX_CANDIDATES; k++) {
        HOP_AUTO_VALUE(hop_buf) bytes = hop_buf_init(HOP_SIGNATURE_MAX);
        const hop_yaml_node *value = data->items[k];
        if (value->type != HOP_YAML_SCALAR || !is_key_of(data->keys[k], digest))
            continue;
        switch (hop_base64_decode(value->text, &bytes)) {
        case HOP_BASE64_OK:
            hop_signatures_add(out, name, hop_buf_get(&bytes), bytes.len);
            break;
        case HOP_BASE64_INVALID:
            hop_signatures_add_bad(out, name, "it is no base64");
            break;
        case HOP_BASE64_LONG:
            hop_signatures_add_bad(out, name, "it is far too long for a signature");
            break;
        }
    }
}

hop_status hop_signatures_read_map(const char *text, size_t len, const char *name,
                                   const hop_digest *digest, hop_signatures *out,
                                   hop_error **err)
{
    HOP_AUTO(hop_yaml) doc = NULL;
    hop_status s = hop_yaml_parse(text, len, name, &doc, err);
    for (size_t i = 0; s == HOP_OK && i < hop_yaml_count(doc); i++) {
        const hop_yaml_node *data =
            hop_yaml_find(hop_yaml_get_document(doc, i), "binaryData");
        if (data && data->type == HOP_YAML_MAPPING)
            take_data(data, name, digest, out);
    }
    return s;
}
