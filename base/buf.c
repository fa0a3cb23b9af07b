/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hop_buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

hop_buf hop_buf_init(size_t max)
{
    return (hop_buf){.max = max};
}

void hop_buf_clear(hop_buf *b)
{
    free(b->data);
    *b = (hop_buf){.max = b->max};
}

void hop_buf_reset(hop_buf *b)
{
    b->len = 0;
    if (b->data)
        b->data[0] = '\0';
}

char *hop_buf_take(hop_buf *b)
{
    char *text = b->data ? b->data : hop_strdup("");
    *b = (hop_buf){.max = b->max};
    return text;
}

const char *hop_buf_get(const hop_buf *b)
{
    return b->data ? b->data : "";
}

bool hop_buf_offer(hop_buf *b, const void *data, size_t len)
{
    if (len > b->max || b->len > b->max - len)
        return false;
    size_t need = b->len + len + 1;
    if (need > b->cap) {
        size_t cap = b->cap ? b->cap : 64;
        while (cap < need)
            cap *= 2;
        b->data = hop_realloc(b->data, cap, 1);
        b->cap = cap;
    }
    if (len)
        memcpy(b->data + b->len, data, len);
    b->len += len;
    b->data[b->len] = '\0';
    return true;
}

void hop_buf_add(hop_buf *b, const void *data, size_t len)
{
    if (!hop_buf_offer(b, data, len)) {
        fputs("oc-hop: a text grew past its ceiling\n", stderr);
        abort();
    }
}

void hop_buf_adds(hop_buf *b, const char *s)
{
    hop_buf_add(b, s, strlen(s));
}

void hop_buf_addc(hop_buf *b, char c)
{
    hop_buf_add(b, &c, 1);
}

void hop_buf_addf(hop_buf *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    HOP_AUTO_STR text = hop_vsprintf(fmt, ap);
    va_end(ap);
    hop_buf_adds(b, text);
}

size_t hop_utf8_decode(const char *s, size_t len, uint32_t *out)
{
    static const struct {
        unsigned char mask, lead, bits;
        uint32_t least; /* a smaller code point would be an overlong form */
    } forms[] = {{0x80, 0x00, 7, 0},
                 {0xe0, 0xc0, 5, 0x80},
                 {0xf0, 0xe0, 4, 0x800},
                 {0xf8, 0xf0, 3, 0x10000}};
    if (len == 0)
        return 0;
    unsigned char first = (unsigned char)s[0];
    for (size_t n = 0; n < HOP_COUNT_OF(forms); n++) {
        if ((first & forms[n].mask) != forms[n].lead)
            continue;
        if (len < n + 1)
            return 0;
        uint32_t cp = first & ((1u << forms[n].bits) - 1);
        for (size_t i = 1; i <= n; i++) {
            if (((unsigned char)s[i] & 0xc0) != 0x80)
                return 0;
            cp = cp << 6 | ((unsigned char)s[i] & 0x3f);
        }
        if (cp < forms[n].least || cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff))
            return 0;
        if (out)
            *out = cp;
        return n + 1;
    }
    return 0;
}

/* Code points that a terminal obeys or hides instead of showing. */
static bool is_invisible(uint32_t cp)
{
    return (cp >= 0x80 && cp <= 0x9f) || cp == 0xad || cp == 0x061c ||
           (cp >= 0x200b && cp <= 0x200f) || (cp >= 0x2028 && cp <= 0x202e) ||
           (cp >= 0x2060 && cp <= 0x206f) || cp == 0xfeff ||
           (cp >= 0xe0000 && cp <= 0xe0fff);
}

void hop_buf_add_visible(hop_buf *b, const char *s, size_t len)
{
    for (size_t i = 0; i < len;) {
        uint32_t cp = 0;
        size_t n = hop_utf8_decode(s + i, len - i, &cp);
        if (n == 0 || cp < 0x20 || cp == 0x7f) {
            hop_buf_addf(b, "\\x%02x", (unsigned)(unsigned char)s[i]);
            i += 1;
            continue;
        }
        if (is_invisible(cp))
            hop_buf_addf(b, "\\u{%x}", (unsigned)cp);
        else
            hop_buf_add(b, s + i, n);
        i += n;
    }
}

void hop_buf_add_yaml(hop_buf *b, const char *s)
{
    size_t len = strlen(s);
    hop_buf_addc(b, '"');
    for (size_t i = 0; i < len;) {
        uint32_t cp = 0;
        size_t n = hop_utf8_decode(s + i, len - i, &cp);
        if (n == 0) { /* YAML has no bytes: show what was there */
            hop_buf_addf(b, "\\\\x%02x", (unsigned)(unsigned char)s[i]);
            i += 1;
            continue;
        }
        if (cp == '"' || cp == '\\')
            hop_buf_addf(b, "\\%c", (int)cp);
        else if (cp == '\n')
            hop_buf_adds(b, "\\n");
        else if (cp < 0x20 || cp == 0x7f)
            hop_buf_addf(b, "\\x%02x", (unsigned)cp);
        else if (is_invisible(cp))
            hop_buf_addf(b, cp > 0xffff ? "\\U%08x" : "\\u%04x", (unsigned)cp);
        else
            hop_buf_add(b, s + i, n);
        i += n;
    }
    hop_buf_addc(b, '"');
}

void hop_buf_add_shell(hop_buf *b, const char *s)
{
    static const char harmless[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
        "@%+=:,./_-";
    if (*s && strspn(s, harmless) == strlen(s)) {
        hop_buf_adds(b, s);
        return;
    }
    hop_buf_addc(b, '\'');
    for (; *s; s++) {
        if (*s == '\'')
            hop_buf_adds(b, "'\\''");
        else
            hop_buf_addc(b, *s);
    }
    hop_buf_addc(b, '\'');
}

void hop_buf_add_size(hop_buf *b, uint64_t size_bytes)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    size_t u = 0;
    double v = (double)size_bytes;
    while (v >= 1024.0 && u + 1 < HOP_COUNT_OF(units)) {
        v /= 1024.0;
        u++;
    }
    if (u == 0)
        hop_buf_addf(b, "%llu B", (unsigned long long)size_bytes);
    else
        hop_buf_addf(b, v < 10.0 ? "%.2f %s" : "%.1f %s", v, units[u]);
}
