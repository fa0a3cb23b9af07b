/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Regular expressions as the update service means them: the syntax of Rust's `regex`,
 * searched for anywhere in the text. What Rust refuses (look-around, back-references,
 * possessive quantifiers, a stray brace) is refused here.
 */
#ifndef PATTERN_H
#define PATTERN_H

#include "hop_error.h"

typedef struct hop_pattern hop_pattern;

/** HOP_E_PARSE says what is wrong and at which byte. */
HOP_MUST_USE hop_status hop_pattern_new(const char *text, hop_pattern **out,
                                        hop_error **err);
void hop_pattern_free(hop_pattern *p);
HOP_DEFINE_AUTO(hop_pattern);

/** HOP_E_LIMIT when the match takes too many steps, which Rust's engine never does. */
HOP_MUST_USE hop_status hop_pattern_search(const hop_pattern *p, const char *text,
                                           bool *found, hop_error **err);

/** The leftmost match, as Rust's engine finds it: bytes [start, end) of the text. */
typedef struct hop_span {
    size_t start, end;
} hop_span;

/** Like hop_pattern_search(), and says where; the span is untouched when nothing was
 * found. */
HOP_MUST_USE hop_status hop_pattern_find(const hop_pattern *p, const char *text,
                                         bool *found, hop_span *span, hop_error **err);

/** Bytes of the escape, bracket class or single character at `s`, which is not empty. */
size_t hop_pattern_atom_length(const char *s);

#endif
