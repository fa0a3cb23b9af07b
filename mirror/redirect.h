/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Where a redirect may lead. Pure.
 */
#ifndef REDIRECT_H
#define REDIRECT_H

#include <stdbool.h>

/** Scheme, host and port are written alike; RFC 6454, section 5. False where one has no
 * scheme. */
bool hop_redirect_is_same_origin(const char *a, const char *b);

/** Why a redirect from `from` to `to` is not followed after `count` others; NULL when it
 * is. Static text. */
const char *hop_redirect_refuse(const char *from, const char *to, unsigned count);

#endif
