/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Bytes that look random and do not compress, the same for the same seed and name on
 * every machine.
 */
#ifndef HOP_WORLD_NOISE_H
#define HOP_WORLD_NOISE_H

#include "hop_buf.h"

/** A number that depends on the seed and the name only. */
uint64_t hop_noise_of(uint64_t seed, const char *name);
/** Appends `len` bytes. */
void hop_noise_add(uint64_t seed, const char *name, size_t len, hop_buf *out);

#endif
