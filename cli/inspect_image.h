/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * `graph-data --inspect IMAGE [--compare IMAGE|DIR|TAR]`: what an image says of its data,
 * what is in it, and whether another one has the same.
 */
#ifndef INSPECT_IMAGE_H
#define INSPECT_IMAGE_H

#include "options.h"

/** Sets the exit code to 1 when the two differ, to 4 when an image's data is not what its
 * labels say. */
HOP_MUST_USE hop_status hop_inspect_image(const hop_options *o, int *exit_code,
                                          hop_error **err);

#endif
