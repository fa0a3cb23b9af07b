/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Text for people, wrapped at 80 columns. Everything given is made visible, so that text
 * from outside can do nothing to a terminal.
 */
#ifndef WRAP_H
#define WRAP_H

#include "hop_release.h"

/** A paragraph that is being filled. Words are made visible one by one, so a line break
 * is always ours. */
typedef struct hop_paragraph {
    hop_buf *out;
    size_t indent;
    size_t column; /* where the next character goes; 0 at the start of a line */
} hop_paragraph;

void hop_paragraph_word(hop_paragraph *p, const char *word, size_t len);
/** Words are what blanks and line breaks separate. */
void hop_paragraph_words(hop_paragraph *p, const char *text);
/** The texts with commas between. */
void hop_paragraph_list(hop_paragraph *p, hop_texts list);
void hop_paragraph_end(hop_paragraph *p);

/** A whole paragraph. */
void hop_wrap(hop_buf *out, size_t indent, const char *text);
void hop_wrapf(hop_buf *out, size_t indent, const char *fmt, ...) HOP_PRINTF(3, 4);
/** "LABEL a, b, c", continued two columns further in. */
void hop_wrap_list(hop_buf *out, size_t indent, const char *label, hop_texts list);

void hop_add_visible_text(hop_buf *out, const char *text);
void hop_add_spaces(hop_buf *out, size_t count);
/** Characters, not bytes; wide ones count as one. */
size_t hop_text_width(const char *s, size_t len);

#endif
