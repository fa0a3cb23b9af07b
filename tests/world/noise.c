/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "noise.h"

#include <string.h>

/* splitmix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators". */
static uint64_t next(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static uint64_t state_of(uint64_t seed, const char *name)
{
    uint64_t state = seed ^ UINT64_C(0xcbf29ce484222325);
    for (; *name; name++)
        state = (state ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
    return state;
}

uint64_t hop_noise_of(uint64_t seed, const char *name)
{
    uint64_t state = state_of(seed, name);
    return next(&state);
}

void hop_noise_add(uint64_t seed, const char *name, size_t len, hop_buf *out)
{
    uint64_t state = state_of(seed, name);
    unsigned char block[4096];
    while (len > 0) {
        for (size_t i = 0; i < sizeof(block); i += 8) {
            uint64_t word = next(&state);
            for (size_t k = 0; k < 8; k++)
                block[i + k] = (unsigned char)(word >> (8 * k)); /* any byte order */
        }
        size_t n = len < sizeof(block) ? len : sizeof(block);
        hop_buf_add(out, block, n);
        len -= n;
    }
}
