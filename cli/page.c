/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "page.h"

#include "hop_oci.h"
#include "markup.h"

#include <stdlib.h>
#include <string.h>

void hop_page_add_file(hop_buf *out, const hop_page_file *file)
{
    hop_buf_add(out, file->data, file->len);
}

static unsigned hex_value(char c)
{
    return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

/* CSP level 3, "hash-source". */
static void add_hash(hop_buf *out, const char *text)
{
    hop_digest d = hop_digest_of(text, strlen(text));
    const char *hex = hop_digest_get_hex(&d);
    unsigned char bytes[32];
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] =
            (unsigned char)(hex_value(hex[2 * i]) << 4 | hex_value(hex[2 * i + 1]));
    hop_buf_adds(out, "'sha256-");
    hop_markup_add_base64(out, bytes, sizeof(bytes));
    hop_buf_addc(out, '\'');
}

void hop_page_add_policy(hop_buf *out, const char *style, const char *script)
{
    hop_buf_adds(out,
                 "default-src 'none'; base-uri 'none'; form-action 'none'; style-src ");
    add_hash(out, style);
    hop_buf_adds(out, "; script-src ");
    add_hash(out, script);
}
