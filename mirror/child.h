/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Runs another program with text on its standard input and takes what it prints. No
 * shell, and a deadline: a program that hangs is killed, it cannot hold up the run. What
 * may be secret goes through the pipes alone, never through the arguments.
 *
 *     const char *argv[] = {"docker-credential-pass", "get", NULL};
 *     HOP_AUTO_VALUE(hop_buf) out = hop_buf_init(HOP_MAX_SMALL_BODY);
 *     int code = 0;
 *     s = hop_child_run(argv, "registry.local:5000", 30000, &out, &code, err);
 */
#ifndef HOP_CHILD_H
#define HOP_CHILD_H

#include "hop_buf.h"
#include "hop_error.h"

/**
 * Looks for argv[0] on PATH, as execvp(3) does, and gives it the environment of this
 * process; its standard error is thrown away. `out` gets what it printed, up to the
 * ceiling. *exit_code is its own, or 128 + N when signal N ended it.
 *
 * HOP_E_NOT_FOUND when there is no such program; HOP_E_LIMIT when it printed too much or
 * took longer than timeout_ms: then it was killed; HOP_E_IO when it could not be started.
 */
HOP_MUST_USE hop_status hop_child_run(const char *const *argv, const char *input,
                                      int timeout_ms, hop_buf *out, int *exit_code,
                                      hop_error **err);

/** Runs a program that may talk with a person: standard input and error are ours, what it
 * prints goes to our standard error (a report may be on the output), and it takes as long
 * as it takes. HOP_E_IO unless it ends with 0. */
HOP_MUST_USE hop_status hop_child_run_attended(const char *const *argv, hop_error **err);

#endif
