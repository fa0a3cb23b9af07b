/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Whole numbers of any size, for counting paths: there are 10^25 of them and more.
 */
#ifndef BIGNUM_H
#define BIGNUM_H

#include "hop_own.h"

/** All zero is the number 0. */
typedef struct hop_bignum {
    uint32_t *limbs; /* base 10^9, least first */
    size_t len;
    size_t cap;
} hop_bignum;

void hop_bignum_clear(hop_bignum *n);
void hop_bignum_set(hop_bignum *n, uint32_t value);
/** n += other. The two must be different objects. */
void hop_bignum_add(hop_bignum *n, const hop_bignum *other);
/** Decimal heap text. */
char *hop_bignum_format(const hop_bignum *n) HOP_MUST_USE;

#endif
