/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "authorities.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdlib.h>

struct hop_authorities {
    hop_buf pem;
    X509_STORE *store; /* NULL before the first handshake */
};

hop_authorities *hop_authorities_new(const hop_buf *pem)
{
    hop_authorities *a = hop_alloc(1, sizeof(*a));
    a->pem = hop_buf_init(pem->max);
    hop_buf_add(&a->pem, hop_buf_get(pem), pem->len);
    return a;
}

void hop_authorities_free(hop_authorities *a)
{
    if (!a)
        return;
    X509_STORE_free(a->store);
    hop_buf_clear(&a->pem);
    free(a);
}

/* How many certificates of the text the store now has. */
static size_t add_pem(X509_STORE *store, const hop_buf *pem)
{
    size_t count = 0;
    BIO *in = BIO_new_mem_buf(hop_buf_get(pem), (int)pem->len);
    if (!in)
        abort();
    X509 *certificate = NULL;
    while ((certificate = PEM_read_bio_X509_AUX(in, NULL, NULL, NULL))) {
        count += X509_STORE_add_cert(store, certificate) == 1;
        X509_free(certificate);
    }
    BIO_free(in);
    return count;
}

static X509_STORE *make_store(const hop_buf *pem, const char *bundle,
                              const char *directory)
{
    X509_STORE *store = X509_STORE_new();
    if (!store)
        abort();
    /* As libcurl does: an intermediate authority may be trusted by itself. */
    X509_STORE_set_flags(store, X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN);
    size_t count = add_pem(store, pem);
    /* A system without either trusts nobody, and the handshake says so. */
    if (pem->len == 0 && bundle)
        (void)X509_STORE_load_file(store, bundle);
    if (directory)
        (void)X509_STORE_load_path(store, directory);
    /* What failed above must not be taken for the handshake's failure. */
    ERR_clear_error();
    if (pem->len == 0 || count > 0)
        return store;
    X509_STORE_free(store);
    return NULL;
}

bool hop_authorities_lend(hop_authorities *a, void *ssl_ctx, const char *system_bundle,
                          const char *system_directory)
{
    if (!a->store)
        a->store = make_store(&a->pem, system_bundle, system_directory);
    if (!a->store)
        return false;
    SSL_CTX_set1_cert_store(ssl_ctx, a->store);
    return true;
}
