/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Whom one host's TLS connections trust. Read into memory once, at the first handshake,
 * and lent to every connection: libcurl, left to itself, parses and keeps all of a
 * system's bundle for each of them (tests/bench/memory.sh).
 */
#ifndef HOP_AUTHORITIES_H
#define HOP_AUTHORITIES_H

#include "hop_buf.h"

typedef struct hop_authorities hop_authorities;

/** `pem` is copied: certificates that are trusted beside those of the system's directory;
 * an empty one means the system's bundle. */
hop_authorities *hop_authorities_new(const hop_buf *pem) HOP_MUST_USE;
void hop_authorities_free(hop_authorities *a);
HOP_DEFINE_AUTO(hop_authorities);

/** Makes `ssl_ctx`, an SSL_CTX of OpenSSL, verify with these authorities. The system's
 * bundle and directory may be NULL or absent. False when `pem` holds no certificate. */
bool hop_authorities_lend(hop_authorities *a, void *ssl_ctx, const char *system_bundle,
                          const char *system_directory);

#endif
