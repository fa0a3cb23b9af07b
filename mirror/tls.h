/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * How a host is connected to: the certificates that are trusted and shown, read once, and
 * the way out.
 */
#ifndef HOP_TLS_H
#define HOP_TLS_H

#include "authorities.h"
#include "proxy.h"

typedef struct hop_tls {
    char *host; /* HOST[:PORT]; NULL: any */
    hop_tls_mode mode;
    hop_buf ca_pem; /* trusted in addition to the system's; empty for none */
    hop_authorities *authorities; /* ca_pem and the system's; NULL: nothing is verified */
    char *client_cert;            /* path; NULL for none */
    char *client_key;
    char *trouble; /* why its certificates could not be read; NULL: they were */
    const hop_proxies *proxies;        /* borrowed; NULL for none */
    const struct hop_side_state *side; /* knows other hosts; NULL: none */
} hop_tls;

/** Reads ca_file, and cert_dir or else the first directory named `host` in
 * HOME/.config/containers/certs.d, /etc/containers/certs.d and /etc/docker/certs.d
 * (containers-certs.d(5)): every *.crt is trusted, the first *.cert with a *.key of the
 * same name is shown. One that may not be entered is passed over, as podman does. A NULL
 * `host` reads only what was named. HOP_E_NOT_FOUND or HOP_E_IO, HOP_E_USAGE for a *.cert
 * without its key or with one that is encrypted. */
HOP_MUST_USE hop_status hop_tls_load(const hop_side_opts *side, const char *host,
                                     hop_tls *out, hop_error **err);
/** For a host that another one leads to, by a redirect or as its token service: ca_file
 * and the *.crt of cert_dir are trusted there, too, but only what certs.d has for this
 * very host is shown to it. */
HOP_MUST_USE hop_status hop_tls_load_other(const hop_side_opts *side, const char *host,
                                           hop_tls *out, hop_error **err);
void hop_tls_clear(hop_tls *t);

#endif
