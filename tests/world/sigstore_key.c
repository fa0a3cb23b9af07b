/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sigstore_key.h"

#include "store.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

#define SIGNATURE_BYTES 64 /* RFC 8032, section 5.1.6 */

static EVP_PKEY *make_key(void)
{
    static const unsigned char seed[32] = "oc-hop demo world, not a secret";
    return EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, sizeof(seed));
}

hop_status hop_world_sigstore_sign(const hop_buf *text, hop_buf *out, hop_error **err)
{
    unsigned char signature[SIGNATURE_BYTES];
    unsigned char base64[SIGNATURE_BYTES * 2];
    size_t len = sizeof(signature);
    EVP_PKEY *key = make_key();
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool is_good = key && ctx && EVP_DigestSignInit(ctx, NULL, NULL, NULL, key) == 1 &&
                   EVP_DigestSign(ctx, signature, &len, (const unsigned char *)text->data,
                                  text->len) == 1;
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
    if (!is_good)
        return hop_error_set(err, HOP_E_SIGNATURE, "OpenSSL cannot sign with Ed25519");
    int written = EVP_EncodeBlock(base64, signature, (int)len);
    hop_buf_add(out, base64, (size_t)written);
    return HOP_OK;
}

hop_status hop_world_write_sigstore_key(const char *dir, hop_error **err)
{
    HOP_AUTO_STR path = hop_sprintf("%s/sigstore-key.pem", dir);
    EVP_PKEY *key = make_key();
    BIO *bio = BIO_new(BIO_s_mem());
    char *data = NULL;
    hop_status s = HOP_OK;
    if (key && bio && PEM_write_bio_PUBKEY(bio, key) == 1) {
        long len = BIO_get_mem_data(bio, &data);
        s = hop_store_write(path, data, (size_t)len, err);
    } else {
        s = hop_error_set(err, HOP_E_SIGNATURE, "OpenSSL cannot write an Ed25519 key");
    }
    BIO_free(bio);
    EVP_PKEY_free(key);
    return s;
}
