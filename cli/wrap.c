/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wrap.h"

#include <string.h>

#define COLUMNS ((size_t)80)

void hop_add_spaces(hop_buf *out, size_t count)
{
    for (size_t i = 0; i < count; i++)
        hop_buf_addc(out, ' ');
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* Characters, not bytes; wide ones count as one. */
size_t hop_text_width(const char *s, size_t len)
{
    size_t width = 0;
    for (size_t i = 0; i < len; i++)
        width += ((unsigned char)s[i] & 0xc0) != 0x80;
    return width;
}

void hop_paragraph_word(hop_paragraph *p, const char *word, size_t len)
{
    HOP_AUTO_VALUE(hop_buf) visible = hop_buf_init(HOP_BUF_TEXT);
    hop_buf_add_visible(&visible, word, len);
    size_t width = hop_text_width(hop_buf_get(&visible), visible.len);
    if (p->column > 0 && larger(p->column + 1, p->indent) + width > COLUMNS) {
        hop_buf_addc(p->out, '\n');
        p->column = 0;
    }
    size_t at = p->column == 0 ? p->indent : larger(p->column + 1, p->indent);
    hop_add_spaces(p->out, at - p->column);
    p->column = at;
    hop_buf_add(p->out, hop_buf_get(&visible), visible.len);
    p->column += width;
}

void hop_paragraph_words(hop_paragraph *p, const char *text)
{
    while (*text) {
        text += strspn(text, " \t\r\n");
        size_t len = strcspn(text, " \t\r\n");
        if (len > 0)
            hop_paragraph_word(p, text, len);
        text += len;
    }
}

void hop_paragraph_end(hop_paragraph *p)
{
    if (p->column > 0)
        hop_buf_addc(p->out, '\n');
    p->column = 0;
}

void hop_wrap(hop_buf *out, size_t indent, const char *text)
{
    hop_paragraph p = {.out = out, .indent = indent};
    hop_paragraph_words(&p, text);
    hop_paragraph_end(&p);
}

void hop_wrapf(hop_buf *out, size_t indent, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    HOP_AUTO_STR text = hop_vsprintf(fmt, ap);
    va_end(ap);
    hop_wrap(out, indent, text);
}

void hop_add_visible_text(hop_buf *out, const char *text)
{
    hop_buf_add_visible(out, text, strlen(text));
}

void hop_paragraph_list(hop_paragraph *p, hop_texts list)
{
    for (size_t i = 0; i < list.len; i++) {
        HOP_AUTO_STR word =
            hop_sprintf("%s%s", list.items[i], i + 1 < list.len ? "," : "");
        hop_paragraph_word(p, word, strlen(word));
    }
}

void hop_wrap_list(hop_buf *out, size_t indent, const char *label, hop_texts list)
{
    hop_paragraph p = {.out = out, .indent = indent};
    hop_paragraph_words(&p, label);
    p.indent += 2;
    hop_paragraph_list(&p, list);
    hop_paragraph_end(&p);
}
