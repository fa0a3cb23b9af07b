/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * One side of a mirror, source or destination: what is the same for all of its hosts.
 * Read once; hosts (endpoint.h) borrow from it.
 */
#ifndef HOP_SIDE_H
#define HOP_SIDE_H

#include "tls.h"

typedef enum hop_side { HOP_SIDE_SOURCE, HOP_SIDE_DESTINATION } hop_side;

typedef struct hop_side_state {
    hop_side side;
    hop_tls_mode tls;
    hop_http_credentials http_credentials;
    hop_strings authfiles;
    char *ca_file;
    char *cert_dir;
    char *home;
    hop_proxies proxies;
    /** HOST[:PORT], or *.DOMAIN, for which tls is HOP_TLS_SKIP. */
    hop_strings insecure_hosts;
    struct hop_tls_list *others; /* hosts that others led to: read once */
} hop_side_state;

/** Copies the options. Certificates that are named in them are read once, so that a
 * mistake is known before anything is asked; statuses as hop_tls_load() and
 * hop_proxies_read() have them. */
HOP_MUST_USE hop_status hop_side_state_load(hop_side side, const hop_side_opts *opts,
                                            hop_side_state *out, hop_error **err);
void hop_side_state_clear(hop_side_state *s);

/** The certificates for one host; `out` borrows from the side. */
HOP_MUST_USE hop_status hop_side_state_get_tls(const hop_side_state *s, const char *host,
                                               hop_tls *out, hop_error **err);

/** How the host of `url` is connected to, in an exchange that began at the host of `own`:
 * nothing that is shown or allowed to one host holds for another. One whose certificates
 * cannot be read has `trouble`. Borrowed from the side, or `own` itself. */
const hop_tls *hop_side_get_tls_at(const hop_tls *own, const char *url);

/** HOST[:PORT] of a URL. Heap text. */
char *hop_side_host_of(const char *url) HOP_MUST_USE;

#endif
