/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Which proxy a URL is asked for through. The rules are those of Go's programs (oc,
 * podman, skopeo), so that one environment means the same to all of them; libcurl's own
 * differ: no ports in exceptions, no upper-case HTTP_PROXY.
 *
 * An exception is one of: "*" (everything), an address, a network (10.0.0.0/8), a name
 * (the host and all below it), ".name" or "*.name" (only what is below it); with ":PORT"
 * it is for that port alone. Loopback never goes through a proxy. Pure.
 */
#ifndef HOP_PROXY_H
#define HOP_PROXY_H

#include "hop_mirror.h"

typedef struct hop_proxies {
    char *http; /* for http:// URLs; NULL: none */
    char *https;
    hop_strings exceptions;
} hop_proxies;

/** Copies; a proxy without a scheme is one that speaks HTTP. HOP_E_USAGE for a proxy that
 * is no http, https or socks5 URL: the message leaves out its password. */
HOP_MUST_USE hop_status hop_proxies_read(const hop_proxy_opts *opts, hop_proxies *out,
                                         hop_error **err);
void hop_proxies_clear(hop_proxies *p);

/** NULL for none, else borrowed: it may hold a password, so it must not be shown. */
const char *hop_proxies_find(const hop_proxies *p, const char *url);

#endif
