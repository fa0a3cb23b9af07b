/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "side.h"

#include <stdlib.h>

hop_status hop_side_state_load(hop_side side, const hop_side_opts *opts,
                               hop_side_state *out, hop_error **err)
{
    HOP_AUTO_VALUE(hop_tls) tried = {0};
    hop_status s = hop_tls_load(opts, NULL, &tried, err);
    HOP_AUTO_VALUE(hop_proxies) proxies = {0};
    if (s == HOP_OK)
        s = hop_proxies_read(&opts->proxy, &proxies, err);
    if (s != HOP_OK)
        return s;
    *out = (hop_side_state){
        .side = side,
        .tls = opts->tls,
        .http_credentials = opts->http_credentials,
        .ca_file = hop_strdup(opts->ca_file),
        .cert_dir = hop_strdup(opts->cert_dir),
        .home = hop_strdup(opts->home),
        .proxies = proxies,
    };
    proxies = (hop_proxies){0};
    for (size_t i = 0; opts->authfiles && i < opts->authfiles->len; i++)
        hop_strings_add(&out->authfiles, opts->authfiles->items[i]);
    return HOP_OK;
}

void hop_side_state_clear(hop_side_state *s)
{
    hop_strings_clear(&s->authfiles);
    free(s->ca_file);
    free(s->cert_dir);
    free(s->home);
    hop_proxies_clear(&s->proxies);
    hop_strings_clear(&s->insecure_hosts);
    *s = (hop_side_state){0};
}

hop_status hop_side_state_get_tls(const hop_side_state *s, const char *host, hop_tls *out,
                                  hop_error **err)
{
    hop_side_opts opts = {
        .ca_file = s->ca_file,
        .cert_dir = s->cert_dir,
        .home = s->home,
        .tls = hop_strings_has(&s->insecure_hosts, host) ? HOP_TLS_SKIP : s->tls,
    };
    hop_status status = hop_tls_load(&opts, host, out, err);
    if (status == HOP_OK)
        out->proxies = &s->proxies;
    return status;
}
