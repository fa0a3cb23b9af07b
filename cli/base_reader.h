/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Reads the base of an image for `graph-data`, where nothing else is mirrored: a mirror
 * that writes nothing, and for a payload the check of who vouches for it.
 */
#ifndef BASE_READER_H
#define BASE_READER_H

#include "image_base.h"
#include "trust.h"

/** What is being read from. Must stand still, and outlive the base. */
typedef struct hop_base_reader {
    hop_mirror *mirror;
    hop_progress *progress;
    hop_order order; /* the target release, with payload */
    hop_trust trust;
    hop_strings files;
} hop_base_reader;

void hop_base_reader_clear(hop_base_reader *reader);

/**
 * Reads the base that --image-base names. `plans` say which release is meant by payload
 * (NULL: HOP_E_USAGE then); `host` is the registry that the image goes to, where the
 * release is looked for first, or NULL. On failure the exit code is set.
 */
HOP_MUST_USE hop_status hop_base_reader_read(hop_base_reader *reader,
                                             const hop_options *o,
                                             const hop_plan_set *plans,
                                             const hop_strings *archs, const char *host,
                                             hop_base *out, int *exit_code,
                                             hop_error **err);

#endif
