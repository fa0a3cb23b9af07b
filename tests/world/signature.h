/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Release signatures as a signature store holds them, and the key to check them with.
 */
#ifndef HOP_WORLD_SIGNATURE_H
#define HOP_WORLD_SIGNATURE_H

#include "image.h"

/** Writes DIR/signatures/sha256=HEX/signature-1 for every payload, and
 * DIR/update-key.asc. The same bytes each time. */
HOP_MUST_USE hop_status hop_world_write_signatures(const hop_world *w, const char *dir,
                                                   hop_error **err);

#endif
