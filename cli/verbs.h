/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * The table of verbs, and what is printed about them: the overview, --help, and the man
 * pages.
 */
#ifndef VERBS_H
#define VERBS_H

#include "command.h"

typedef struct hop_verb_row {
    const char *name;
    hop_verb verb;
    hop_status (*run)(const hop_options *o, int *exit_code, hop_error **err);
    const char *synopsis;    /* after "oc-hop " */
    const char *summary;     /* lower case, one line */
    const char *description; /* paragraphs, an empty line between them */
    const char *examples;    /* shell lines, each ended */
} hop_verb_row;

/** NULL when there is no verb of that name. */
const hop_verb_row *hop_verb_find(const char *name);
/** The verb at an index; NULL past the last. */
const hop_verb_row *hop_verb_at(size_t index);

void hop_verb_overview(hop_buf *out);
void hop_verb_help(const hop_verb_row *v, hop_buf *out);
/** A man page, section 1, in man(7) macros. */
void hop_verb_man(const hop_verb_row *v, const char *version, hop_buf *out);

#endif
