/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * The certificates that one side of a mirror trusts and shows, read once.
 */
#ifndef HOP_TLS_H
#define HOP_TLS_H

#include "hop_mirror.h"

typedef struct hop_tls {
    hop_tls_mode mode;
    hop_buf ca_pem;    /* trusted in addition to the system's; empty for none */
    char *client_cert; /* path; NULL for none */
    char *client_key;
} hop_tls;

/** Reads ca_file and cert_dir (every *.crt is trusted; the first *.cert with a *.key of
 * the same name is shown). HOP_E_NOT_FOUND or HOP_E_IO, HOP_E_USAGE for a *.cert without
 * its key. */
HOP_MUST_USE hop_status hop_tls_load(const hop_side_opts *side, hop_tls *out,
                                     hop_error **err);
void hop_tls_clear(hop_tls *t);

#endif
