/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bignum.h"

#include <stdlib.h>

#include "hop_buf.h"

#define BASE ((uint32_t)1000000000)

void hop_bignum_clear(hop_bignum *n)
{
    free(n->limbs);
    *n = (hop_bignum){0};
}

static void push(hop_bignum *n, uint32_t limb)
{
    n->limbs = hop_grow(n->limbs, n->len, &n->cap, sizeof(*n->limbs));
    n->limbs[n->len++] = limb;
}

void hop_bignum_set(hop_bignum *n, uint32_t value)
{
    n->len = 0;
    for (; value > 0; value /= BASE)
        push(n, value % BASE);
}

void hop_bignum_add(hop_bignum *n, const hop_bignum *other)
{
    uint32_t carry = 0;
    for (size_t i = 0; i < other->len || carry > 0; i++) {
        if (i == n->len)
            push(n, 0);
        uint32_t sum = n->limbs[i] + (i < other->len ? other->limbs[i] : 0) + carry;
        carry = sum / BASE; /* a sum stays below 2 * 10^9 + 1, within 32 bits */
        n->limbs[i] = sum % BASE;
    }
}

char *hop_bignum_format(const hop_bignum *n)
{
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    if (n->len == 0)
        hop_buf_addc(&text, '0');
    for (size_t i = n->len; i-- > 0;)
        hop_buf_addf(&text, i + 1 == n->len ? "%u" : "%09u", n->limbs[i]);
    return hop_buf_take(&text);
}
