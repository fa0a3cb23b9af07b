/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "markup.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* XML 1.0, section 2.2, has no U+FFFE and U+FFFF; HTML calls their like in the other
 * planes errors, too. */
static bool is_noncharacter(uint32_t cp)
{
    return (cp & 0xfffe) == 0xfffe || (cp >= 0xfdd0 && cp <= 0xfdef);
}

static void add_escaped(hop_buf *out, const char *text, size_t len)
{
    HOP_AUTO_VALUE(hop_buf) visible = hop_buf_init(HOP_BUF_TEXT);
    hop_buf_add_visible(&visible, text, len);
    const char *s = hop_buf_get(&visible);
    for (size_t i = 0; i < visible.len;) {
        uint32_t cp = 0;
        size_t n = hop_utf8_decode(s + i, visible.len - i, &cp);
        if (cp == '&')
            hop_buf_adds(out, "&amp;");
        else if (cp == '<')
            hop_buf_adds(out, "&lt;");
        else if (cp == '>')
            hop_buf_adds(out, "&gt;");
        else if (cp == '"')
            hop_buf_adds(out, "&quot;");
        else if (cp == '\'')
            hop_buf_adds(out, "&#39;");
        else if (is_noncharacter(cp))
            hop_buf_addf(out, "\\u{%x}", (unsigned)cp);
        else
            hop_buf_add(out, s + i, n);
        i += n;
    }
}

void hop_markup_add(hop_buf *out, const char *text)
{
    add_escaped(out, text, strlen(text));
}

void hop_markup_add_lines(hop_buf *out, const char *text)
{
    while (*text) {
        size_t len = strcspn(text, "\r\n\t");
        add_escaped(out, text, len);
        text += len;
        if (text[0] == '\r' && text[1] == '\n')
            text++;
        if (*text) {
            hop_buf_addc(out, *text == '\t' ? '\t' : '\n');
            text++;
        }
    }
}

void hop_markup_add_prose(hop_buf *out, const char *text)
{
    static const char blanks[] = " \t\r\n";
    text += strspn(text, blanks);
    while (*text) {
        size_t len = strcspn(text, blanks);
        add_escaped(out, text, len);
        text += len;
        text += strspn(text, blanks);
        if (*text)
            hop_buf_addc(out, ' ');
    }
}

/* A backslash begins an escape in labels, "\N" the node's name for one: it is doubled. */
void hop_markup_add_dot(hop_buf *out, const char *text)
{
    HOP_AUTO_VALUE(hop_buf) visible = hop_buf_init(HOP_BUF_TEXT);
    hop_buf_add_visible(&visible, text, strlen(text));
    hop_buf_addc(out, '"');
    for (const char *s = hop_buf_get(&visible); *s; s++) {
        if (*s == '"' || *s == '\\')
            hop_buf_addc(out, '\\');
        hop_buf_addc(out, *s);
    }
    hop_buf_addc(out, '"');
}

bool hop_markup_is_link(const char *url)
{
    if (!url)
        return false;
    size_t scheme = strncasecmp(url, "https://", 8) == 0  ? 8
                    : strncasecmp(url, "http://", 7) == 0 ? 7
                                                          : 0;
    if (scheme == 0 || !isalnum((unsigned char)url[scheme]))
        return false;
    for (const char *s = url; *s; s++)
        if (*s <= ' ' || *s > '~' || *s == '"' || *s == '<' || *s == '>' || *s == '\\')
            return false;
    return true;
}

void hop_markup_add_base64(hop_buf *out, const unsigned char *data, size_t len)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < len; i += 3) {
        size_t have = len - i < 3 ? len - i : 3;
        unsigned long bits = (unsigned long)data[i] << 16;
        bits |= have > 1 ? (unsigned long)data[i + 1] << 8 : 0;
        bits |= have > 2 ? (unsigned long)data[i + 2] : 0;
        for (size_t k = 0; k < 4; k++)
            hop_buf_addc(out, k <= have ? digits[bits >> (18 - 6 * k) & 63] : '=');
    }
}
