/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * The static copiers of init/ as bytes, one for each architecture that this build had a
 * compiler for.
 */
#ifndef COPIER_H
#define COPIER_H

#include "hop_own.h"

typedef struct hop_copier {
    const char *arch; /* Go name */
    const unsigned char *data;
    size_t len;
} hop_copier;

/** Sorted by architecture; NULL past the last. */
const hop_copier *hop_copier_get(size_t index);

#endif
