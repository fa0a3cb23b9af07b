/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * What a transfer did, for people and for scripts, and the exit code that it deserves.
 */
#ifndef TRANSFER_REPORT_H
#define TRANSFER_REPORT_H

#include "hop_json.h"
#include "hop_mirror.h"

/** DESIGN.md, "Exit codes": 8 when some images arrived and a rerun may cure each failure,
 * else by cause. */
int hop_transfer_report_exit(const hop_mirror_report *r);
/** Every failure to standard error: release, component, and why. */
void hop_transfer_report_failures(const hop_mirror_report *r);

/** One line per release and a total. */
void hop_transfer_report_text(const hop_mirror_report *r, hop_buf *out);
/** `SOURCE@digest DEST:tag` for every image, then the bytes per release as comments. */
void hop_transfer_report_mapping(const hop_mirror_report *r, hop_buf *out);
/** The members `releases`, `images` (dry runs), `failures` and `totals` of a summary
 * document. */
void hop_transfer_report_json(const hop_mirror_report *r, hop_run_mode mode,
                              hop_json *doc);

#endif
