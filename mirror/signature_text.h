/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * The JSON text inside a release signature ("simple signing").
 *
 *     HOP_AUTO_STR reference = NULL;
 *     s = hop_signature_text_check(text, len, &digest, &reference, err);
 */
#ifndef HOP_SIGNATURE_TEXT_H
#define HOP_SIGNATURE_TEXT_H

#include "hop_oci.h"

/** HOP_E_SIGNATURE unless the text is an "atomic container signature" of `digest` and
 * holds no member that the cluster does not know (it refuses such texts). *reference is
 * its docker-reference, any text but an empty one; the caller frees it. */
HOP_MUST_USE hop_status hop_signature_text_check(const char *text, size_t len,
                                                 const hop_digest *digest,
                                                 char **reference, hop_error **err);

#endif
