/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * The verbs. Each gets its options and says how the run ended; main.c prints the error
 * and exits.
 *
 * A verb that has an answer to give although it is not the one that was hoped for ("no
 * path", "three images failed") prints it and sets the exit code; an error is what kept
 * it from giving an answer.
 */
#ifndef COMMAND_H
#define COMMAND_H

#include "options.h"

/** Exit codes of DESIGN.md, "Commands". */
typedef enum hop_exit {
    HOP_EXIT_OK = 0,
    HOP_EXIT_FAILURE = 1,
    HOP_EXIT_USAGE = 2,
    HOP_EXIT_NO_PATH = 3,
    HOP_EXIT_INTEGRITY = 4,
    HOP_EXIT_NETWORK = 5,
    HOP_EXIT_CREDENTIALS = 6,
    HOP_EXIT_DISK = 7,
    HOP_EXIT_PARTIAL = 8,
    HOP_EXIT_SIGNAL = 128,
} hop_exit;

/** The exit code of one failure. */
int hop_exit_of(hop_status s);
/** The one of two exit codes that tells the user more: 128+N, 2, 7, 4, 6, 3, 8, 5, 1, 0
 * in this order. */
int hop_exit_worse(int a, int b);
/** What a verb that returned `s` with `code` ends with: a signal that stopped it comes
 * first. */
int hop_exit_final(int code, hop_status s);

/** Watches SIGINT, SIGTERM and SIGHUP, and ignores SIGPIPE. Once, at the start of the
 * program. */
void hop_signal_watch(void);
/** The signal that asked for an end, or 0. The first one asks; a second ends the process
 * at once. */
int hop_signal_get(void);

HOP_MUST_USE hop_status hop_cmd_plan(const hop_options *o, int *exit_code,
                                     hop_error **err);
HOP_MUST_USE hop_status hop_cmd_mirror(const hop_options *o, int *exit_code,
                                       hop_error **err);
HOP_MUST_USE hop_status hop_cmd_graph_data(const hop_options *o, int *exit_code,
                                           hop_error **err);
HOP_MUST_USE hop_status hop_cmd_lint(const hop_options *o, int *exit_code,
                                     hop_error **err);
HOP_MUST_USE hop_status hop_cmd_simulate(const hop_options *o, int *exit_code,
                                         hop_error **err);
HOP_MUST_USE hop_status hop_cmd_releases(const hop_options *o, int *exit_code,
                                         hop_error **err);
HOP_MUST_USE hop_status hop_cmd_verify(const hop_options *o, int *exit_code,
                                       hop_error **err);
HOP_MUST_USE hop_status hop_cmd_load(const hop_options *o, int *exit_code,
                                     hop_error **err);

#endif
