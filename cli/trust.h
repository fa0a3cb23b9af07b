/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Who vouches for the releases of a run: keyrings and signatures as the flags say.
 *
 * Signatures are fetched before the transfer, as their names follow from the payloads'
 * digests; they are judged when a payload has been read, as the keys may be in it.
 *
 *     hop_trust t = {0};
 *     s = hop_trust_load(o, &order, &t, err);
 *     s = hop_trust_check(&t, release, info, err);      // from hop_mirror_opts.check
 */
#ifndef TRUST_H
#define TRUST_H

#include "hop_json.h"
#include "hop_signature.h"
#include "mirror_order.h"

/** One release, by its index in the order. */
typedef struct hop_trust_release {
    hop_digest payload;
    hop_signatures signatures;
    hop_error *trouble; /* the stores could not be asked; NULL when they were */
    bool is_verified;
} hop_trust_release;

typedef struct hop_trust {
    bool is_skipped;       /* --insecure-skip-signatures */
    hop_buf sigstore_key;  /* --sigstore-key; empty without */
    hop_keyring *keyrings; /* --keyring; none: the payload's, pinned keys only */
    size_t keyring_count;
    hop_trust_release *releases;
    size_t release_count;
} hop_trust;

/** Reads --keyring and --sigstore-key and asks the stores (--signature-store, else the
 * public ones) for the signatures of every release. A store that cannot be asked is
 * warned about. */
HOP_MUST_USE hop_status hop_trust_load(const hop_options *o, const hop_order *order,
                                       hop_trust *out, hop_error **err);
/** Only --keyring and --insecure-skip-signatures: the signatures come from elsewhere. */
HOP_MUST_USE hop_status hop_trust_load_flags(const hop_options *o, hop_trust *out,
                                             hop_error **err);
/** Fills `ring` (its name and data are the caller's to free, on failure too). */
HOP_MUST_USE hop_status hop_trust_read_keyring(const char *flag, const char *path,
                                               hop_keyring *ring, hop_error **err);
void hop_trust_clear(hop_trust *t);

/** What --allow-missing-sigstore says. */
hop_sigstore_demand hop_trust_sigstore(const hop_options *o);

/** The payload must be read for its keys: no --keyring was given. */
bool hop_trust_needs_payload_keys(const hop_trust *t);

/** HOP_E_SIGNATURE when no signature vouches for the release; HOP_E_NET when none was
 * found and a store could not be asked. */
HOP_MUST_USE hop_status hop_trust_check(hop_trust *t, size_t release,
                                        const hop_release_info *info, hop_error **err);

/** Who vouched for which releases, and by which keyring. `mark` begins each line. */
void hop_trust_report_text(const hop_trust *t, const hop_order *order, const char *mark,
                           hop_buf *out);
/** What sigstore says of payloads and components. */
void hop_trust_report_sigstore(const hop_mirror_report *report, const char *mark,
                               hop_buf *out);
/** The word for a state: "absent", "present", "keyless", "verified", "unknown". */
const char *hop_trust_sigstore_word(hop_sigstore_state state);
void hop_trust_report_json(const hop_trust *t, const hop_order *order, hop_json *doc);

#endif
