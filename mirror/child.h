/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Runs another program with text on its standard input and takes what it prints. No
 * shell, and a deadline: a program that hangs is killed. Nothing here waits for it unless
 * it is told to, so that it cannot hold up what goes on beside it. What may be secret
 * goes through the pipes alone, never through the arguments.
 *
 *     const char *argv[] = {"docker-credential-pass", "get", NULL};
 *     s = hop_child_start(argv, "registry.local:5000", 30000, HOP_MAX_SMALL_BODY, &c,
 * err); while (hop_child_step(c, 100) == HOP_CHILD_RUNS) … s = hop_child_finish(c, &out,
 * &code, err); hop_child_free(c);
 */
#ifndef HOP_CHILD_H
#define HOP_CHILD_H

#include "hop_buf.h"
#include "hop_error.h"

typedef struct hop_child hop_child;

/**
 * Looks for argv[0] on PATH, as execvp(3) does, and gives it the environment of this
 * process; its standard error is thrown away. The input is copied. HOP_E_NOT_FOUND when
 * there is no such program, HOP_E_IO when it could not be started.
 */
HOP_MUST_USE hop_status hop_child_start(const char *const *argv, const char *input,
                                        int timeout_ms, size_t out_max, hop_child **out,
                                        hop_error **err);
typedef enum hop_child_state { HOP_CHILD_RUNS, HOP_CHILD_OVER } hop_child_state;
/** Moves what can be moved; waits at most wait_ms when that is nothing. */
hop_child_state hop_child_step(hop_child *c, int wait_ms);
/**
 * After the end: what it printed, borrowed from the child, and its exit code, or 128 + N
 * when signal N ended it. HOP_E_LIMIT when it printed more than out_max or took longer
 * than timeout_ms: then it was killed.
 */
HOP_MUST_USE hop_status hop_child_finish(const hop_child *c, const hop_buf **out,
                                         int *exit_code, hop_error **err);
/** Kills what still runs, and forgets what it printed. */
void hop_child_free(hop_child *c);
HOP_DEFINE_AUTO(hop_child);

/** Runs a program that may talk with a person: standard input and error are ours, what it
 * prints goes to our standard error (a report may be on the output), and it takes as long
 * as it takes. HOP_E_IO unless it ends with 0. */
HOP_MUST_USE hop_status hop_child_run_attended(const char *const *argv, hop_error **err);

#endif
