/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rate.h"

#include <string.h>

void hop_rate_update(hop_rate *r, const char *what, uint64_t now_ms, uint64_t bytes)
{
    if (!r->what || strcmp(r->what, what) != 0 || bytes < r->from_bytes) {
        *r = (hop_rate){.what = what, .from_ms = now_ms, .from_bytes = bytes};
        return;
    }
    uint64_t over = r->per_second > 0 ? HOP_RATE_OVER_MS : HOP_RATE_FIRST_MS;
    if (now_ms < r->from_ms + over)
        return;
    r->per_second =
        (double)(bytes - r->from_bytes) * 1000.0 / (double)(now_ms - r->from_ms);
    r->from_ms = now_ms;
    r->from_bytes = bytes;
}
