/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hop_base64.h"

#include <string.h>

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void hop_base64_add(hop_buf *out, const void *bytes, size_t len)
{
    const unsigned char *data = bytes;
    for (size_t i = 0; i < len; i += 3) {
        size_t n = len - i < 3 ? len - i : 3;
        uint32_t group = (uint32_t)data[i] << 16;
        if (n > 1)
            group |= (uint32_t)data[i + 1] << 8;
        if (n > 2)
            group |= data[i + 2];
        for (size_t j = 0; j < 4; j++)
            hop_buf_addc(out, j > n ? '=' : alphabet[(group >> (18 - 6 * j)) & 63]);
    }
}

hop_base64 hop_base64_decode(const char *text, hop_buf *out)
{
    uint32_t group = 0;
    unsigned bits = 0;
    for (; *text && *text != '='; text++) {
        const char *at = strchr(alphabet, *text);
        if (!at)
            return HOP_BASE64_INVALID;
        group = group << 6 | (uint32_t)(at - alphabet);
        bits += 6;
        if (bits < 8)
            continue;
        bits -= 8;
        char byte = (char)(unsigned char)(group >> bits & 255);
        if (!hop_buf_offer(out, &byte, 1))
            return HOP_BASE64_LONG;
    }
    return text[strspn(text, "=")] == '\0' ? HOP_BASE64_OK : HOP_BASE64_INVALID;
}
