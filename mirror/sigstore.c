/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sigstore.h"
#include "hop_json.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_BASE64 = 16 * 1024, MIN_RSA_BITS = 2048, MAX_PEM = 64 * 1024 };

struct hop_sigstore_key {
    EVP_PKEY *pkey;
};

void hop_sigstore_key_free(hop_sigstore_key *key)
{
    if (key)
        EVP_PKEY_free(key->pkey);
    free(key);
}

hop_status hop_sigstore_key_new(const char *pem, size_t len, hop_sigstore_key **out,
                                hop_error **err)
{
    if (len > MAX_PEM)
        return hop_error_set(err, HOP_E_PARSE, "read sigstore key: far too large");
    BIO *bio = BIO_new_mem_buf(pem, (int)len);
    HOP_AUTO(hop_sigstore_key) key = hop_alloc(1, sizeof(*key));
    key->pkey = bio ? PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL) : NULL;
    BIO_free(bio);
    /* What stays in the queue would be told as the cause of a later TLS error. */
    ERR_clear_error();
    if (!key->pkey)
        return hop_error_set(err, HOP_E_PARSE, "read sigstore key: no public key in PEM");
    bool is_rsa = EVP_PKEY_is_a(key->pkey, "RSA");
    if (!is_rsa && !EVP_PKEY_is_a(key->pkey, "EC") &&
        !EVP_PKEY_is_a(key->pkey, "ED25519"))
        return hop_error_set(err, HOP_E_PARSE,
                             "read sigstore key: it must be ECDSA, RSA or Ed25519");
    if (is_rsa && EVP_PKEY_get_bits(key->pkey) < MIN_RSA_BITS)
        return hop_error_set(err, HOP_E_PARSE,
                             "read sigstore key: RSA with fewer than %d bits",
                             MIN_RSA_BITS);
    *out = hop_steal(&key);
    return HOP_OK;
}

/** Not EVP_DecodeBlock(), which counts the padding as bytes. Heap bytes, or NULL. */
static unsigned char *decode(const char *base64, size_t *len)
{
    size_t text_len = strlen(base64);
    if (text_len == 0 || text_len > MAX_BASE64)
        return NULL;
    unsigned char *bytes = hop_alloc(text_len, 1);
    EVP_ENCODE_CTX *ctx = EVP_ENCODE_CTX_new();
    int first = 0, last = 0;
    bool is_good = ctx != NULL;
    if (is_good) {
        EVP_DecodeInit(ctx);
        is_good = EVP_DecodeUpdate(ctx, bytes, &first, (const unsigned char *)base64,
                                   (int)text_len) >= 0 &&
                  EVP_DecodeFinal(ctx, bytes + first, &last) == 1;
    }
    EVP_ENCODE_CTX_free(ctx);
    *len = (size_t)(first + last);
    if (is_good && *len > 0)
        return bytes;
    free(bytes);
    return NULL;
}

static bool is_signed(const hop_sigstore_key *key, const void *text, size_t len,
                      const char *base64)
{
    size_t size = 0;
    unsigned char *signature = decode(base64, &size);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    const EVP_MD *md = EVP_PKEY_is_a(key->pkey, "ED25519") ? NULL : EVP_sha256();
    /* Exactly 1: a malformed signature is -1. */
    bool is_good = signature && ctx &&
                   EVP_DigestVerifyInit(ctx, NULL, md, NULL, key->pkey) == 1 &&
                   EVP_DigestVerify(ctx, signature, size, text, len) == 1;
    EVP_MD_CTX_free(ctx);
    free(signature);
    ERR_clear_error();
    return is_good;
}

static hop_status check_cosign_text(const void *text, size_t len,
                                    const hop_digest *digest, hop_error **err)
{
    HOP_AUTO(hop_json) doc = NULL;
    hop_status s = hop_json_parse(text, len, "signed text", &doc, err);
    if (s != HOP_OK)
        return s;
    hop_json_view root = hop_json_root(doc, "signed text"), critical, image;
    const char *type = NULL, *found = NULL;
    s = hop_json_member(&root, "critical", HOP_JSON_OBJECT, &critical, err);
    if (s == HOP_OK)
        s = hop_json_get_string(&critical, "type", &type, err);
    if (s == HOP_OK && strcmp(type, "cosign container image signature") != 0)
        return hop_json_error(&critical, err, "the type is \"%s\"", type);
    if (s == HOP_OK)
        s = hop_json_member(&critical, "image", HOP_JSON_OBJECT, &image, err);
    if (s == HOP_OK)
        s = hop_json_get_string(&image, "docker-manifest-digest", &found, err);
    if (s == HOP_OK && strcmp(found, digest->text) != 0)
        return hop_json_error(&image, err, "it vouches for %s, not for %s", found,
                              digest->text);
    return s;
}

hop_status hop_sigstore_verify(const hop_sigstore_key *key, const void *text, size_t len,
                               const char *signature_base64, const hop_digest *digest,
                               hop_error **err)
{
    if (!is_signed(key, text, len, signature_base64))
        return hop_error_set(err, HOP_E_SIGNATURE,
                             "verify the sigstore signature of %s: the key has not "
                             "signed this",
                             digest->text);
    HOP_AUTO(hop_error) why = NULL;
    if (check_cosign_text(text, len, digest, &why) == HOP_OK)
        return HOP_OK;
    HOP_AUTO_VALUE(hop_buf) reason = hop_buf_init(HOP_BUF_TEXT);
    hop_error_join(why, &reason);
    return hop_error_set(err, HOP_E_SIGNATURE, "verify the sigstore signature of %s: %s",
                         digest->text, hop_buf_get(&reason));
}
