/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hop_oci.h"

#include <assert.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

struct hop_hash {
    EVP_MD *md;
    EVP_MD_CTX *ctx;
    const char *prefix;
};

static bool is_hex(const char *s, size_t len)
{
    return strlen(s) == len && strspn(s, "0123456789abcdef") == len;
}

bool hop_digest_is_valid(const char *text)
{
    if (hop_has_prefix(text, "sha256:"))
        return is_hex(text + 7, 64);
    return hop_has_prefix(text, "sha512:") && is_hex(text + 7, 128);
}

hop_status hop_digest_parse(const char *text, hop_digest *out, hop_error **err)
{
    if (!hop_digest_is_valid(text))
        return hop_error_set(
            err, HOP_E_PARSE,
            "digest \"%.150s\": expected sha256:<64 hex digits> or sha512:<128>", text);
    memcpy(out->text, text, strlen(text) + 1);
    return HOP_OK;
}

bool hop_digest_is_equal(const hop_digest *a, const hop_digest *b)
{
    return strcmp(a->text, b->text) == 0;
}

const char *hop_digest_get_hex(const hop_digest *d)
{
    const char *colon = strchr(d->text, ':');
    return colon ? colon + 1 : "";
}

static hop_hash *new_hash(const char *name, const char *prefix)
{
    hop_hash *h = hop_alloc(1, sizeof(*h));
    h->prefix = prefix;
    h->md = EVP_MD_fetch(NULL, name, NULL);
    h->ctx = EVP_MD_CTX_new();
    /* Both algorithms are in every provider, FIPS included; what is left is memory. */
    if (!h->md || !h->ctx)
        abort();
    hop_hash_restart(h);
    return h;
}

hop_hash *hop_hash_new(void)
{
    return new_hash("SHA256", "sha256:");
}

hop_hash *hop_hash_new_like(const hop_digest *expected)
{
    if (hop_has_prefix(expected->text, "sha512:"))
        return new_hash("SHA512", "sha512:");
    return hop_hash_new();
}

void hop_hash_restart(hop_hash *h)
{
    if (EVP_DigestInit_ex2(h->ctx, h->md, NULL) != 1)
        abort();
}

void hop_hash_update(hop_hash *h, const void *data, size_t len)
{
    if (EVP_DigestUpdate(h->ctx, data, len) != 1)
        abort();
}

hop_digest hop_hash_finish(hop_hash *h)
{
    unsigned char raw[EVP_MAX_MD_SIZE];
    unsigned int len = 0;
    if (EVP_DigestFinal_ex(h->ctx, raw, &len) != 1)
        abort();
    static const char hex[] = "0123456789abcdef";
    hop_digest d = {{0}};
    size_t at = strlen(h->prefix);
    assert(at + 2 * len < sizeof(d.text));
    memcpy(d.text, h->prefix, at);
    for (unsigned int i = 0; i < len; i++) {
        d.text[at++] = hex[raw[i] >> 4];
        d.text[at++] = hex[raw[i] & 15];
    }
    return d;
}

void hop_hash_free(hop_hash *h)
{
    if (!h)
        return;
    EVP_MD_CTX_free(h->ctx);
    EVP_MD_free(h->md);
    free(h);
}

hop_digest hop_digest_of(const void *data, size_t len)
{
    HOP_AUTO(hop_hash) h = hop_hash_new();
    hop_hash_update(h, data, len);
    return hop_hash_finish(h);
}
