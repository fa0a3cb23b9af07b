/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report.h"

#include <string.h>

void hop_report_visible(FILE *to, const char *text)
{
    HOP_AUTO_VALUE(hop_buf) b = hop_buf_init(HOP_BUF_TEXT);
    hop_buf_add_visible(&b, text, strlen(text));
    fputs(hop_buf_get(&b), to);
}

void hop_report_error(const hop_error *err)
{
    HOP_AUTO_VALUE(hop_buf) b = hop_buf_init(HOP_BUF_TEXT);
    hop_error_print(err, &b);
    fputs(hop_buf_get(&b), stderr);
}

HOP_PRINTF(2, 0) static void say(const char *what, const char *fmt, va_list ap)
{
    HOP_AUTO_STR text = hop_vsprintf(fmt, ap);
    fprintf(stderr, "%s: ", what);
    hop_report_visible(stderr, text);
    fputc('\n', stderr);
}

void hop_report_warning(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    say("warning", fmt, ap);
    va_end(ap);
}

void hop_report_note(const hop_options *o, const char *fmt, ...)
{
    if (o->quiet)
        return;
    va_list ap;
    va_start(ap, fmt);
    say("note", fmt, ap);
    va_end(ap);
}

void hop_report_json_error(const hop_error *err, hop_json *doc)
{
    if (!err) {
        hop_json_set_string(doc, "error", NULL);
        return;
    }
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    hop_json *o = hop_json_add_object(doc, "error");
    hop_error_join(err, &text);
    hop_json_set_string(o, "kind", hop_status_name(hop_error_get_status(err)));
    hop_json_set_string(o, "text", hop_buf_get(&text));
    hop_json_set_string(o, "hint", hop_error_get_hint(err));
}

void hop_report_json(const hop_json *doc)
{
    HOP_AUTO_VALUE(hop_buf) b = hop_buf_init(HOP_BUF_TEXT);
    hop_json_dump(doc, HOP_JSON_INDENT, &b);
    hop_buf_addc(&b, '\n');
    fwrite(hop_buf_get(&b), 1, b.len, stdout);
}
