/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_support.h"

#include "sigstore.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

static EVP_PKEY *make(const char *kind)
{
    if (strcmp(kind, "RSA") == 0)
        return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
    if (strcmp(kind, "RSA1024") == 0)
        return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024);
    if (strcmp(kind, "EC") == 0)
        return EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    return EVP_PKEY_Q_keygen(NULL, NULL, kind);
}

static char *public_pem(EVP_PKEY *key)
{
    BIO *bio = BIO_new(BIO_s_mem());
    assert_int_equal(PEM_write_bio_PUBKEY(bio, key), 1);
    char *data = NULL;
    long len = BIO_get_mem_data(bio, &data);
    char *pem = hop_strndup(data, (size_t)len);
    BIO_free(bio);
    return pem;
}

static char *sign(EVP_PKEY *key, const char *text)
{
    unsigned char signature[1024], base64[2048];
    size_t len = sizeof(signature);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    const EVP_MD *md = EVP_PKEY_is_a(key, "ED25519") ? NULL : EVP_sha256();
    assert_int_equal(EVP_DigestSignInit(ctx, NULL, md, NULL, key), 1);
    assert_int_equal(
        EVP_DigestSign(ctx, signature, &len, (const unsigned char *)text, strlen(text)),
        1);
    EVP_MD_CTX_free(ctx);
    int n = EVP_EncodeBlock(base64, signature, (int)len);
    return hop_strndup((const char *)base64, (size_t)n);
}

static char *text_for(const char *digest, const char *type)
{
    return hop_sprintf("{\"critical\":{\"identity\":{\"docker-reference\":\"q.io/a\"},"
                       "\"image\":{\"docker-manifest-digest\":\"%s\"},\"type\":\"%s\"},"
                       "\"optional\":null}",
                       digest, type);
}

static hop_status check(const char *pem, const char *text, const char *base64,
                        const hop_digest *digest, hop_error **err)
{
    HOP_AUTO(hop_sigstore_key) key = NULL;
    hop_status s = hop_sigstore_key_new(pem, strlen(pem), &key, err);
    if (s != HOP_OK)
        return s;
    return hop_sigstore_verify(key, text, strlen(text), base64, digest, err);
}

static void every_kind_of_key(void **state)
{
    (void)state;
    static const char *const KINDS[] = {"EC", "RSA", "ED25519"};
    hop_digest d = hop_digest_of("a", 1), other = hop_digest_of("b", 1);
    HOP_AUTO_STR text = text_for(d.text, "cosign container image signature");
    for (size_t i = 0; i < HOP_COUNT_OF(KINDS); i++) {
        HOP_AUTO(hop_error) err = NULL;
        EVP_PKEY *key = make(KINDS[i]), *wrong = make(KINDS[i]);
        HOP_AUTO_STR pem = public_pem(key);
        HOP_AUTO_STR wrong_pem = public_pem(wrong);
        HOP_AUTO_STR good = sign(key, text);
        assert_ok(check(pem, text, good, &d, &err), &err);
        assert_fails(check(pem, text, good, &other, &err), &err, HOP_E_SIGNATURE,
                     "it vouches for");
        assert_fails(check(wrong_pem, text, good, &d, &err), &err, HOP_E_SIGNATURE,
                     "has not signed");
        HOP_AUTO_STR changed = hop_sprintf("%s ", text);
        assert_fails(check(pem, changed, good, &d, &err), &err, HOP_E_SIGNATURE,
                     "has not signed");
        static const char *const GARBAGE[] = {"", "QQ==", "MEUCIQ==", "no base64!"};
        for (size_t j = 0; j < HOP_COUNT_OF(GARBAGE); j++)
            assert_fails(check(pem, text, GARBAGE[j], &d, &err), &err, HOP_E_SIGNATURE,
                         "has not signed");
        HOP_AUTO_STR atomic = text_for(d.text, "atomic container signature");
        HOP_AUTO_STR atomic_signature = sign(key, atomic);
        assert_fails(check(pem, atomic, atomic_signature, &d, &err), &err,
                     HOP_E_SIGNATURE, "the type is");
        EVP_PKEY_free(key);
        EVP_PKEY_free(wrong);
    }
}

static void keys_that_do_not_do(void **state)
{
    (void)state;
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO(hop_sigstore_key) out = NULL;
    assert_fails(hop_sigstore_key_new("x", 1, &out, &err), &err, HOP_E_PARSE,
                 "no public key");
    static const struct {
        const char *kind, *part;
    } CASES[] = {{"RSA1024", "fewer than 2048"}, {"X25519", "must be ECDSA"}};
    for (size_t i = 0; i < HOP_COUNT_OF(CASES); i++) {
        EVP_PKEY *key = make(CASES[i].kind);
        HOP_AUTO_STR pem = public_pem(key);
        assert_fails(hop_sigstore_key_new(pem, strlen(pem), &out, &err), &err,
                     HOP_E_PARSE, CASES[i].part);
        EVP_PKEY_free(key);
    }
    assert_null(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_key),
        cmocka_unit_test(keys_that_do_not_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
