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

#include "hop_mirror.h"
#include "hop_oci.h"
#include "hop_resources.h"

/** A message is under 2 KiB in practice; more than this is not read at all, and it may
 * not unpack to more either. */
#define HOP_SIGNATURE_MAX (256 * HOP_KIB)
#define HOP_FINGERPRINT_MAX 65
#define HOP_SIGNED_NAME_MAX 512

typedef enum hop_key_trust {
    HOP_TRUST_KEYRINGS, /* every key given: the user chose them */
    HOP_TRUST_PINNED,   /* of the keys given only those whose fingerprints are built in:
                           the keys came with the payload that they vouch for */
} hop_key_trust;

typedef struct hop_signature_policy {
    const hop_keyring *keyrings; /* armored (one block or several) or binary */
    size_t keyring_count;
    hop_key_trust trust;
    uint64_t now_s; /* seconds since the Unix epoch */
} hop_signature_policy;

typedef struct hop_signature_verdict {
    char fingerprint[HOP_FINGERPRINT_MAX]; /* of the primary key that vouches, upper case
                                            */
    const char *owner; /* "Red Hat release key 2", …; NULL for a key that is not pinned */
    char repository[HOP_SIGNED_NAME_MAX]; /* HOST/REPOSITORY that the signed text names;
                                             "" when it names none so */
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

/** HOP_E_PARSE when the keyring cannot be read or holds no key: said before a run rather
 * than at its first release. */
HOP_MUST_USE hop_status hop_keyring_check(const hop_keyring *ring, hop_error **err);

/** Appends a binary detached signature over the bytes, SHA-512, made at `now_s` by the
 * key that may sign (its signing subkey where it has one) in an exported secret key
 * without passphrase. HOP_E_PARSE when there is none. */
HOP_MUST_USE hop_status hop_signature_sign(const hop_keyring *key, uint64_t now_s,
                                           const void *data, size_t len, hop_buf *out,
                                           hop_error **err);

/* ---- all signatures of one release, wherever they were found ---- */

typedef struct hop_signature_found {
    char *origin; /* URL or path */
    char *data;   /* NULL: it was too large to be read */
    size_t len;
    bool is_good;
    hop_signature_verdict verdict; /* of a good one */
    char *keyring;                 /* that holds its key; of a good one */
    char *why;                     /* it does not count; of a bad one */
} hop_signature_found;

/** Owns everything in it; all zero is empty. */
typedef struct hop_signatures {
    hop_signature_found *items; /* in the order in which they were found */
    size_t len;
    size_t cap;
} hop_signatures;

/** Copies the bytes. The same bytes from a second place are not added again. */
void hop_signatures_add(hop_signatures *list, const char *origin, const void *data,
                        size_t len);
/** One that could not be read whole. */
void hop_signatures_add_bad(hop_signatures *list, const char *origin, const char *why);
void hop_signatures_clear(hop_signatures *list);

/** Candidates for one release that are taken from ConfigMaps: each costs a check. */
#define HOP_SIGNATURE_MAX_CANDIDATES ((size_t)100)

/** Adds the signatures of `digest` in a ConfigMap, JSON or YAML, as `oc adm release
 * mirror` and this program write them: binaryData, keys that begin with sha256-<hex>.
 * `name` becomes their origin. HOP_E_PARSE for what is no such document. */
HOP_MUST_USE hop_status hop_signatures_read_map(const char *text, size_t len,
                                                const char *name,
                                                const hop_digest *digest,
                                                hop_signatures *out, hop_error **err);

/** Judges each. HOP_OK when one vouches for `digest`; else HOP_E_SIGNATURE, which names
 * every signature with what is wrong with it. HOP_E_PARSE as hop_signature_verify(). */
HOP_MUST_USE hop_status hop_signatures_judge(hop_signatures *list,
                                             const hop_digest *digest,
                                             const hop_signature_policy *policy,
                                             hop_error **err);

/* ---- signature stores: library-go `verify/store` ---- */

/** STORE/sha256=HEX/signature-N, N from 1: the first that is not there ends the search,
 * and so does HOP_SIGNATURE_NUMBERS, as it does in the cluster. */
#define HOP_SIGNATURE_NUMBERS 9

/** Where Red Hat publishes, both with the same content. */
#define HOP_SIGNATURE_STORE_1 \
    "https://mirror.openshift.com/pub/openshift-v4/signatures/openshift/release"
#define HOP_SIGNATURE_STORE_2                                                         \
    "https://storage.googleapis.com/openshift-release/official/signatures/openshift/" \
    "release"

typedef struct hop_signature_stores hop_signature_stores;
/** `urls`: http, https or file URLs, or directories. `how` is borrowed. HOP_E_USAGE for
 * another scheme. */
HOP_MUST_USE hop_status hop_signature_stores_new(const hop_fetch_opts *how,
                                                 const hop_strings *urls,
                                                 hop_signature_stores **out,
                                                 hop_error **err);
void hop_signature_stores_free(hop_signature_stores *s);
HOP_DEFINE_AUTO(hop_signature_stores);

/** Adds what the stores have for `digest`. A store that cannot be asked is passed over
 * from then on. HOP_E_NET when nothing was found and a store could not be asked: a rerun
 * may find more. HOP_E_CANCELLED. Blocks. */
HOP_MUST_USE hop_status hop_signature_stores_read(hop_signature_stores *s,
                                                  const hop_digest *digest,
                                                  hop_signatures *out, hop_error **err);

/** Why a store was passed over, by index of `urls`; NULL for one that answered. */
const hop_error *hop_signature_stores_get_trouble(const hop_signature_stores *s,
                                                  size_t index);

#endif
