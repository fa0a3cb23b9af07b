/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * The only place that reads the environment. Everything else gets what is found here as
 * an argument.
 */
#ifndef ENVIRONMENT_H
#define ENVIRONMENT_H

#include "hop_error.h"
#include "hop_mirror.h"

/** Credential files in the order in which they are looked through. A file that was named
 * (by a flag, or in REGISTRY_AUTH_FILE) is the only one and must exist; the customary
 * ones are left out when they do not. */
HOP_MUST_USE hop_status hop_environment_authfiles(const char *flag, hop_strings *out,
                                                  hop_error **err);
/** registries.conf files in the order of reading, as podman has it: the user's with his
 * drop-ins, else the system's with both folders of drop-ins. One that was named (by the
 * flag, or in CONTAINERS_REGISTRIES_CONF) is the only one and must exist. */
HOP_MUST_USE hop_status hop_environment_registries_conf(const char *flag,
                                                        hop_strings *out,
                                                        hop_error **err);
/** http_proxy, https_proxy and no_proxy, in lower or else in upper case; all_proxy where
 * the first two are not set. Borrowed from the environment. */
void hop_environment_proxy(hop_proxy_opts *out);
/** HOME; NULL without. Borrowed. */
const char *hop_environment_home(void);
/** PATH; empty without. Borrowed. */
const char *hop_environment_path(void);
/** SSL_CERT_FILE, for where no --ca is given; NULL without. Borrowed. */
const char *hop_environment_ca_file(void);
/** TMPDIR, else /tmp. Borrowed. */
const char *hop_environment_tmp_dir(void);
/** SOURCE_DATE_EPOCH in seconds; *is_set says whether it was there. HOP_E_USAGE when it
 * is no number. */
HOP_MUST_USE hop_status hop_environment_source_date(bool *is_set, uint64_t *seconds,
                                                    hop_error **err);
/** A number that differs between runs, for the jitter of back-off. */
uint64_t hop_environment_seed(void);
/** True when standard error is a terminal that takes cursor movement (not TERM=dumb, not
 * NO_COLOR). */
bool hop_environment_has_terminal(void);

#endif
