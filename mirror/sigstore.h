/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Verifies a sigstore signature made with a key (not keyless ones).
 *
 * The signature image has one layer per signature: its bytes are the signed text, and the
 * layer's annotation "dev.cosignproject.cosign/signature" is the signature in base64.
 *
 *     HOP_AUTO(hop_sigstore_key) key = NULL;
 *     s = hop_sigstore_key_new(pem, len, &key, err);
 *     s = hop_sigstore_verify(key, layer, layer_len, annotation, &digest, err);
 */
#ifndef HOP_SIGSTORE_H
#define HOP_SIGSTORE_H

#include "hop_oci.h"

#define HOP_SIGSTORE_ANNOTATION "dev.cosignproject.cosign/signature"
/** Stands beside the signature where it is keyless. */
#define HOP_SIGSTORE_CERTIFICATE "dev.sigstore.cosign/certificate"

typedef struct hop_sigstore_key hop_sigstore_key;
/** A public key in PEM: ECDSA, RSA from 2048 bits, or Ed25519. HOP_E_PARSE. */
HOP_MUST_USE hop_status hop_sigstore_key_new(const char *pem, size_t len,
                                             hop_sigstore_key **out, hop_error **err);
void hop_sigstore_key_free(hop_sigstore_key *key);
HOP_DEFINE_AUTO(hop_sigstore_key);

/** HOP_E_SIGNATURE unless the key has signed exactly these bytes and they vouch for
 * `digest`. */
HOP_MUST_USE hop_status hop_sigstore_verify(const hop_sigstore_key *key, const void *text,
                                            size_t len, const char *signature_base64,
                                            const hop_digest *digest, hop_error **err);

#endif
