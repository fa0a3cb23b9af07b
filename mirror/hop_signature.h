/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Verifies the OpenPGP signature of a release payload, as the cluster will.
 *
 * A signature is a binary OpenPGP signed message whose text is JSON and names the
 * payload's digest. It counts when at least one signer is trusted and everything about
 * that signer's signature is right; the text is not looked at before. Pure: bytes in,
 * verdict out; the time is an argument.
 *
 *     hop_signature_policy p = {.keyrings = keys, .keyring_count = 1,
 *                               .trust = HOP_TRUST_PINNED, .now_s = now};
 *     hop_signature_verdict v;
 *     s = hop_signature_verify(bytes, len, &payload_digest, &p, &v, err);
 */
#ifndef HOP_SIGNATURE_H
#define HOP_SIGNATURE_H

#include "hop_oci.h"
#include "hop_resources.h"

/** A message is under 2 KiB in practice; more than this is not read at all, and it may
 * not unpack to more either. */
#define HOP_SIGNATURE_MAX (256 * HOP_KIB)
#define HOP_FINGERPRINT_MAX 65

typedef enum hop_trust {
    HOP_TRUST_KEYRINGS, /* every key given: the user chose them */
    HOP_TRUST_PINNED,   /* of the keys given only those whose fingerprints are built in:
                           the keys came with the payload that they vouch for */
} hop_trust;

typedef struct hop_signature_policy {
    const hop_keyring *keyrings; /* armored (one block or several) or binary */
    size_t keyring_count;
    hop_trust trust;
    uint64_t now_s; /* seconds since the Unix epoch */
} hop_signature_policy;

typedef struct hop_signature_verdict {
    char fingerprint[HOP_FINGERPRINT_MAX]; /* of the primary key that vouches, upper case
                                            */
    const char *owner; /* "Red Hat release key 2", …; NULL for a key that is not pinned */
} hop_signature_verdict;

/** The name of a pinned key, or NULL. Both cases of hex are taken. */
const char *hop_signature_get_pinned_owner(const char *fingerprint);

/** HOP_E_SIGNATURE when the message does not vouch for `digest`, with the reason;
 * HOP_E_PARSE when a keyring cannot be read. */
HOP_MUST_USE hop_status hop_signature_verify(const void *message, size_t len,
                                             const hop_digest *digest,
                                             const hop_signature_policy *policy,
                                             hop_signature_verdict *out, hop_error **err);

/** The same for any bytes with a detached signature, armored or binary: the inventory of
 * media. */
HOP_MUST_USE hop_status hop_signature_verify_detached(const void *data, size_t data_len,
                                                      const void *signature, size_t len,
                                                      const hop_signature_policy *policy,
                                                      hop_signature_verdict *out,
                                                      hop_error **err);

#endif
