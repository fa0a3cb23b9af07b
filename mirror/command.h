/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Runs another program and waits for it: no shell; its standard input and output are
 * ours, as it may talk with a person. The only place that starts one.
 */
#ifndef HOP_COMMAND_H
#define HOP_COMMAND_H

#include "hop_error.h"

/** argv ends in NULL; argv[0] is looked for in PATH. HOP_E_IO, with what it ended with,
 * unless that is 0. Waits as long as it takes: a person may be changing a disc. */
HOP_MUST_USE hop_status hop_command_run(const char *const *argv, hop_error **err);

#endif
