/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * How fast a count of bytes grows, over the last few seconds. Pure: the time is an
 * argument.
 *
 *     hop_rate r = {0};
 *     hop_rate_update(&r, "checked", now_ms, done);      // often
 *     if (r.per_second > 0)
 *         show(r.per_second);
 */
#ifndef RATE_H
#define RATE_H

#include <stdint.h>

#define HOP_RATE_FIRST_MS 1000 /* before it there is no rate that is worth showing */
#define HOP_RATE_OVER_MS 3000

/** All zero is empty. */
typedef struct hop_rate {
    const char *what; /* that is counted */
    uint64_t from_ms;
    uint64_t from_bytes;
    double per_second; /* 0: not known yet, or nothing moves */
} hop_rate;

/** `what` is a fixed word: where another one is counted, or the count went back, the rate
 * begins anew. */
void hop_rate_update(hop_rate *r, const char *what, uint64_t now_ms, uint64_t bytes);

#endif
