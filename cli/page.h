/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * The files in page/, as the build puts them into the program, and what a page needs to
 * say about them.
 */
#ifndef PAGE_H
#define PAGE_H

#include "hop_buf.h"

/** Not NUL-terminated. */
typedef struct hop_page_file {
    const unsigned char *data;
    size_t len;
} hop_page_file;

extern const hop_page_file
    hop_page_drawing_css; /* for a drawing, on its own or in a page */
extern const hop_page_file hop_page_css;
extern const hop_page_file hop_page_js;

void hop_page_add_file(hop_buf *out, const hop_page_file *file);

/**
 * A Content-Security-Policy that allows one style sheet and one script, by their digests,
 * and nothing else: text that broke out of its quotes would still do nothing.
 */
void hop_page_add_policy(hop_buf *out, const char *style, const char *script);

#endif
