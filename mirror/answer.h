/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * What an answer's header lines say, kept in hop_answer. Pure.
 *
 * Only headers that somebody asks for are kept, each up to 8 KiB; of WWW-Authenticate
 * the first 16.
 */
#ifndef ANSWER_H
#define ANSWER_H

#include "http.h"

/** Frees all that it owns; it is all zero then. */
void hop_answer_clear(hop_answer *a);

/** Forgets the response so far, for the next one of the same exchange. The body's cap and
 * `net_text` stay. */
void hop_answer_begin(hop_answer *a);

/** One line as it came, line end and all, not terminated. A status line begins the answer
 * anew; what is no header is passed over. RFC 9112, sections 4 and 5. */
void hop_answer_add_line(hop_answer *a, const char *line, size_t len);

#endif
