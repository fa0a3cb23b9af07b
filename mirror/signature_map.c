/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hop_signature.h"

#include "hop_yaml.h"

#include <stdlib.h>
#include <string.h>

static int value_of(char c)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(alphabet, c) : NULL;
    return at ? (int)(at - alphabet) : -1;
}

/* RFC 4648, section 4. NULL, or what is wrong. */
static const char *decode(const char *text, hop_buf *out)
{
    unsigned bits = 0, count = 0;
    for (; *text && *text != '='; text++) {
        int v = value_of(*text);
        if (v < 0)
            return "it is no base64";
        bits = bits << 6 | (unsigned)v;
        count += 6;
        if (count < 8)
            continue;
        count -= 8;
        char byte = (char)(bits >> count & 0xff);
        if (!hop_buf_offer(out, &byte, 1))
            return "it is far too long for a signature";
    }
    return strspn(text, "=") == strlen(text) ? NULL : "it is no base64";
}

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
        const char *why = decode(value->text, &bytes);
        if (why)
            hop_signatures_add_bad(out, name, why);
        else
            hop_signatures_add(out, name, hop_buf_get(&bytes), bytes.len);
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
