/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "document.h"

#include <string.h>

static const char STYLE[] =
    "body{font:16px/1.5 sans-serif;max-width:54rem;margin:2rem auto;padding:0 1rem;"
    "color:#1b1b1b;background:#fff}"
    "pre{background:#f2f2f2;padding:.7rem;overflow-x:auto;white-space:pre-wrap;"
    "word-break:break-word}"
    "code{background:#f2f2f2}pre.quote{border-left:4px solid #c77700}"
    "@media(prefers-color-scheme:dark){body{color:#e6e6e6;background:#181818}"
    "pre,code{background:#262626}}";

static void add_escaped(hop_buf *out, const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        switch (s[i]) {
        case '&':
            hop_buf_adds(out, "&amp;");
            break;
        case '<':
            hop_buf_adds(out, "&lt;");
            break;
        case '>':
            hop_buf_adds(out, "&gt;");
            break;
        case '"':
            hop_buf_adds(out, "&quot;");
            break;
        default:
            hop_buf_addc(out, s[i]);
        }
    }
}

/** Escapes our own text and turns `x` into a code element. */
static void add_inline(hop_buf *out, const char *text)
{
    bool in_code = false;
    for (const char *p = text; *p; in_code = !in_code) {
        size_t n = strcspn(p, "`");
        add_escaped(out, p, n);
        p += n;
        if (*p == '\0')
            break;
        hop_buf_adds(out, in_code ? "</code>" : "<code>");
        p++;
    }
}

static void end_list(hop_document *d)
{
    if (d->in_list) {
        hop_buf_adds(&d->html, "</ul>\n");
        hop_buf_addc(&d->markdown, '\n');
    }
    d->in_list = false;
}

hop_document hop_document_init(const char *title)
{
    hop_document d = {.markdown = hop_buf_init(HOP_BUF_TEXT),
                      .html = hop_buf_init(HOP_BUF_TEXT)};
    hop_buf_addf(&d.markdown, "# %s\n\n", title);
    hop_buf_addf(&d.html,
                 "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                 "<meta name=\"viewport\" content=\"width=device-width\">\n<title>");
    add_escaped(&d.html, title, strlen(title));
    hop_buf_addf(&d.html, "</title>\n<style>%s</style>\n</head>\n<body>\n<h1>", STYLE);
    add_escaped(&d.html, title, strlen(title));
    hop_buf_adds(&d.html, "</h1>\n");
    return d;
}

void hop_document_finish(hop_document *d)
{
    end_list(d);
    hop_buf_adds(&d->html, "</body>\n</html>\n");
}

void hop_document_clear(hop_document *d)
{
    hop_buf_clear(&d->markdown);
    hop_buf_clear(&d->html);
}

void hop_document_heading(hop_document *d, unsigned level, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    HOP_AUTO_STR text = hop_vsprintf(fmt, ap);
    va_end(ap);
    end_list(d);
    hop_buf_addf(&d->markdown, "%.*s %s\n\n", (int)level, "######", text);
    hop_buf_addf(&d->html, "<h%u>", level);
    add_inline(&d->html, text);
    hop_buf_addf(&d->html, "</h%u>\n", level);
}

void hop_document_paragraph(hop_document *d, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    HOP_AUTO_STR text = hop_vsprintf(fmt, ap);
    va_end(ap);
    end_list(d);
    hop_buf_addf(&d->markdown, "%s\n\n", text);
    hop_buf_adds(&d->html, "<p>");
    add_inline(&d->html, text);
    hop_buf_adds(&d->html, "</p>\n");
}

void hop_document_item(hop_document *d, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    HOP_AUTO_STR text = hop_vsprintf(fmt, ap);
    va_end(ap);
    if (!d->in_list)
        hop_buf_adds(&d->html, "<ul>\n");
    d->in_list = true;
    hop_buf_addf(&d->markdown, "* %s\n", text);
    hop_buf_adds(&d->html, "<li>");
    add_inline(&d->html, text);
    hop_buf_adds(&d->html, "</li>\n");
}

void hop_document_commands(hop_document *d, const char *commands)
{
    end_list(d);
    hop_buf_addf(&d->markdown, "```sh\n%s```\n\n", commands);
    hop_buf_adds(&d->html, "<pre>");
    add_escaped(&d->html, commands, strlen(commands));
    hop_buf_adds(&d->html, "</pre>\n");
}

void hop_document_quote(hop_document *d, const char *text)
{
    end_list(d);
    hop_buf_adds(&d->html, "<pre class=\"quote\">");
    for (const char *p = text; *p;) {
        size_t n = strcspn(p, "\n");
        HOP_AUTO_VALUE(hop_buf) line = hop_buf_init(HOP_BUF_TEXT);
        hop_buf_add_visible(&line, p, n);
        /* Four columns in: nothing on such a line is Markdown. */
        hop_buf_addf(&d->markdown, "    %s\n", hop_buf_get(&line));
        add_escaped(&d->html, hop_buf_get(&line), line.len);
        hop_buf_addc(&d->html, '\n');
        p += n + (p[n] == '\n');
    }
    hop_buf_addc(&d->markdown, '\n');
    hop_buf_adds(&d->html, "</pre>\n");
}
