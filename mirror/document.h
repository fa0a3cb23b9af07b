/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * A document written as Markdown and as self-contained HTML at once.
 *
 * Our own sentences may mark code with backticks. Text from outside goes through
 * hop_document_quote() only, which shows it as it is and lets nothing in it act as
 * markup; links from outside are shown as text.
 *
 *     hop_document d = hop_document_init("Update of a cluster");
 *     hop_document_heading(&d, 2, "Before you begin");
 *     hop_document_paragraph(&d, "Set the channel `%s`.", channel);
 *     hop_document_commands(&d, "oc apply -f x.yaml\n");
 *     hop_document_finish(&d);
 *     ... d.markdown, d.html ...
 *     hop_document_clear(&d);
 */
#ifndef HOP_DOCUMENT_H
#define HOP_DOCUMENT_H

#include "hop_buf.h"

typedef struct hop_document {
    hop_buf markdown;
    hop_buf html;
    bool in_list;
} hop_document;

hop_document hop_document_init(const char *title);
void hop_document_finish(hop_document *d);
void hop_document_clear(hop_document *d);

/* The format is ours; what it inserts must have been checked against a grammar. */
void hop_document_heading(hop_document *d, unsigned level, const char *fmt, ...)
    HOP_PRINTF(3, 4);
void hop_document_paragraph(hop_document *d, const char *fmt, ...) HOP_PRINTF(2, 3);
void hop_document_item(hop_document *d, const char *fmt, ...) HOP_PRINTF(2, 3);
/** Shell commands, each line ended; words from outside already quoted for the shell. */
void hop_document_commands(hop_document *d, const char *commands);
/** Text from outside, line by line, with control characters made visible. */
void hop_document_quote(hop_document *d, const char *text);

#endif
