/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * The key that signs the world's images in the way of sigstore: Ed25519, made from a
 * fixed seed that everybody can read, so it vouches for nothing and signs the same bytes
 * anywhere.
 */
#ifndef HOP_WORLD_SIGSTORE_KEY_H
#define HOP_WORLD_SIGSTORE_KEY_H

#include "hop_error.h"

/** Appends the signature of the text, in base64. */
HOP_MUST_USE hop_status hop_world_sigstore_sign(const hop_buf *text, hop_buf *out,
                                                hop_error **err);
/** Writes DIR/sigstore-key.pem, the public half. */
HOP_MUST_USE hop_status hop_world_write_sigstore_key(const char *dir, hop_error **err);

#endif
