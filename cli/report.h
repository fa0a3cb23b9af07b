/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * What people read on standard error: errors, warnings and notes. Results go to standard
 * output by other ways.
 */
#ifndef REPORT_H
#define REPORT_H

#include "hop_error.h"
#include "hop_json.h"
#include "options.h"

#include <stdio.h>

/** Text from anywhere, control characters made visible. */
void hop_report_visible(FILE *to, const char *text);
/** "error: … / because: … / hint: …" */
void hop_report_error(const hop_error *err);
/** "warning: …". Always shown. */
void hop_report_warning(const char *fmt, ...) HOP_PRINTF(1, 2);
/** "note: …", unless --quiet. */
void hop_report_note(const hop_options *o, const char *fmt, ...) HOP_PRINTF(2, 3);
/** The member `error`: null, or what kept a verb from its end and what can be done. */
void hop_report_json_error(const hop_error *err, hop_json *doc);
/** A JSON document to standard output, indented, with a final newline. */
void hop_report_json(const hop_json *doc);

#endif
