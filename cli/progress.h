/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Progress of a transfer on standard error: one line that is drawn again on a terminal,
 * calm plain lines elsewhere, or one JSON object per line.
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include "hop_mirror.h"
#include "options.h"
#include "rate.h"

typedef enum hop_progress_mode {
    HOP_PROGRESS_NONE,
    HOP_PROGRESS_PLAIN,
    HOP_PROGRESS_BAR,
    HOP_PROGRESS_JSON,
} hop_progress_mode;

typedef struct hop_progress {
    hop_progress_mode mode;
    unsigned verbose;
    bool quiet;
    uint64_t started_ms;
    uint64_t shown_ms; /* when the last line was shown */
    hop_rate rate;
    bool line_is_open; /* a bar stands without its newline */
    bool is_stopping;  /* a signal was passed on */
} hop_progress;

/** Reads --progress and --quiet. HOP_E_USAGE for another word. */
HOP_MUST_USE hop_status hop_progress_init(const hop_options *o, hop_progress *out,
                                          hop_error **err);
/** Called often; shows something only when it is time. */
void hop_progress_update(hop_progress *p, const hop_mirror_progress *now);
/** The same for a count of bytes without a mirror: `what` is a fixed word. */
void hop_progress_bytes(hop_progress *p, const char *what, uint64_t done, uint64_t total);
/** The same for questions to a registry: how many were answered, of those asked so far.
 */
void hop_progress_answers(hop_progress *p, uint64_t answered, uint64_t asked);
/** An event of the engine. Put this and the progress into hop_mirror_opts as callback and
 * user. */
void hop_progress_event(void *progress, const hop_mirror_event *event);
/** Ends an open line, so that other text can follow. */
void hop_progress_end(hop_progress *p);

/** Steps the mirror to its end, with progress; a first signal finishes what is under way,
 * a second is final. */
HOP_MUST_USE hop_status hop_progress_run(hop_progress *p, hop_mirror *m, hop_error **err);
/** The same until `is_over` says so, or nothing is left to do. */
HOP_MUST_USE hop_status hop_progress_run_until(hop_progress *p, hop_mirror *m,
                                               bool (*is_over)(void *user), void *user,
                                               hop_error **err);

#endif
