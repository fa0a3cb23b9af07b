/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Text from anywhere inside of HTML, SVG and DOT. Whatever goes in, it comes out as text:
 * control characters and what is no UTF-8 are made visible as on the terminal, and what
 * has a meaning in the language is escaped.
 */
#ifndef MARKUP_H
#define MARKUP_H

#include "hop_buf.h"

/** For the content of an HTML or XML element, and for a quoted attribute. */
void hop_markup_add(hop_buf *out, const char *text);
/** The same, but line breaks and tabs stay. For queries. */
void hop_markup_add_lines(hop_buf *out, const char *text);
/** The same with every run of blanks and line breaks made one blank. For prose. */
void hop_markup_add_prose(hop_buf *out, const char *text);
/** A DOT string, quotes included. */
void hop_markup_add_dot(hop_buf *out, const char *text);

/** True for what may become a link: http or https, a host, and printable ASCII only.
 * False for NULL. */
bool hop_markup_is_link(const char *url);

/** Standard base64 with padding (RFC 4648, section 4). */
void hop_markup_add_base64(hop_buf *out, const unsigned char *data, size_t len);

#endif
