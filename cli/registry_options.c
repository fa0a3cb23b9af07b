/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "registry_options.h"

#include "command.h"
#include "environment.h"

#include <string.h>

void hop_registry_side(const hop_side_options *common, const hop_side_options *own,
                       hop_side_opts *out)
{
    hop_choice verify =
        own->tls_verify != HOP_UNSET ? own->tls_verify : common->tls_verify;
    const char *ca = own->ca ? own->ca : common->ca;
    *out = (hop_side_opts){.ca_file = ca ? ca : hop_environment_ca_file(),
                           .cert_dir = own->cert_dir ? own->cert_dir : common->cert_dir,
                           .home = hop_environment_home(),
                           .tls = verify == HOP_NO ? HOP_TLS_SKIP : HOP_TLS_VERIFY};
    hop_environment_proxy(&out->proxy);
}

static bool is_end_asked_for(void *user)
{
    (void)user;
    return hop_signal_get() != 0;
}

void hop_registry_fetch(const hop_side_options *common, const hop_side_options *own,
                        hop_fetch_opts *out)
{
    *out = (hop_fetch_opts){.is_cancelled = is_end_asked_for};
    hop_registry_side(common, own, &out->side);
}

hop_status hop_registry_side_with_auth(const hop_options *o, const hop_side_options *own,
                                       hop_strings *files, hop_side_opts *out,
                                       hop_error **err)
{
    const char *flag = own->authfile ? own->authfile : o->common.authfile;
    hop_status s = hop_environment_authfiles(flag, files, err);
    if (s != HOP_OK)
        return s;
    hop_registry_side(&o->common, own, out);
    out->authfiles = files;
    out->http_credentials = o->allow_http_credentials ? HOP_HTTP_CREDENTIALS_ALLOW
                                                      : HOP_HTTP_CREDENTIALS_LOOPBACK;
    return HOP_OK;
}

hop_status hop_registry_host(const char *text, const char **out, hop_error **err)
{
    static const char scheme[] = "docker://";
    hop_status s = HOP_OK;
    if (!hop_has_prefix(text, scheme)) {
        s = hop_error_set(err, HOP_E_USAGE,
                          "destination \"%s\": expected docker://HOST[:PORT]", text);
        if (hop_host_is_valid(text))
            hop_error_hint(err, "docker://%s", text);
        return s;
    }
    const char *host = text + strlen(scheme);
    if (strchr(host, '@')) { /* not repeated: there may be a password in it */
        s = hop_error_set(err, HOP_E_USAGE,
                          "the destination has a user or password in it; expected "
                          "docker://HOST[:PORT]");
        hop_error_hint(err, "`podman login HOST[:PORT]` keeps them in a file");
        return s;
    }
    if (strchr(host, '/')) {
        s = hop_error_set(err, HOP_E_USAGE,
                          "destination \"%s\": expected a host without a path", text);
        hop_error_hint(err, "paths are set with --repository, --release-repository and "
                            "--graph-data-repository");
        return s;
    }
    if (!hop_host_is_valid(host))
        return hop_error_set(err, HOP_E_USAGE,
                             "destination \"%s\": \"%s\" is no HOST[:PORT]", text, host);
    *out = host;
    return HOP_OK;
}

hop_status hop_registry_timeouts(const hop_options *o, unsigned *stall_s,
                                 unsigned *outage_s, hop_error **err)
{
    uint64_t stall = 0;
    uint64_t outage = 0;
    hop_status s =
        hop_options_number("--stall-timeout", o->stall_timeout, 1, 86400, 0, &stall, err);
    if (s == HOP_OK)
        s = hop_options_number("--outage-timeout", o->outage_timeout, 1, 86400, 0,
                               &outage, err);
    *stall_s = (unsigned)stall;
    *outage_s = (unsigned)outage;
    return s;
}
