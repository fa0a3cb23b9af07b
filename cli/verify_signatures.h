/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Where `verify docker://` finds the OpenPGP signatures of releases: in the ConfigMaps of
 * a resources directory, or in signature stores.
 */
#ifndef VERIFY_SIGNATURES_H
#define VERIFY_SIGNATURES_H

#include "hop_signature.h"
#include "options.h"

/** True when --resources or --signature-store names a place to look. */
bool hop_verify_has_signatures(const hop_options *o);
/** Adds what these places have for `digest`. HOP_E_NET, HOP_E_NOT_FOUND for a directory
 * that is none, HOP_E_PARSE for a malformed ConfigMap. */
HOP_MUST_USE hop_status hop_verify_read_signatures(const hop_options *o,
                                                   const hop_digest *digest,
                                                   hop_signatures *out, hop_error **err);

#endif
