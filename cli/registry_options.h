/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Registry flags as the transfer engine wants them: `--src-…` and `--dest-…` win over the
 * common ones.
 */
#ifndef REGISTRY_OPTIONS_H
#define REGISTRY_OPTIONS_H

#include "hop_mirror.h"
#include "options.h"

/** Fills all but the credential files. `out` borrows from the options. */
void hop_registry_side(const hop_side_options *common, const hop_side_options *own,
                       hop_side_opts *out);

/** How graphs, graph-data and signatures are fetched: as hop_registry_side() says, until
 * a signal asks for an end. `out` borrows from the options. */
void hop_registry_fetch(const hop_side_options *common, const hop_side_options *own,
                        hop_fetch_opts *out);

/** One side with its credential files, which `files` owns. */
HOP_MUST_USE hop_status hop_registry_side_with_auth(const hop_options *o,
                                                    const hop_side_options *own,
                                                    hop_strings *files,
                                                    hop_side_opts *out, hop_error **err);

/** HOST[:PORT] of `docker://HOST[:PORT]`; HOP_E_USAGE for everything else. Borrowed from
 * `text`. */
HOP_MUST_USE hop_status hop_registry_host(const char *text, const char **out,
                                          hop_error **err);

/** Seconds of --stall-timeout and --outage-timeout; 0 leaves it to the mirror. */
HOP_MUST_USE hop_status hop_registry_timeouts(const hop_options *o, unsigned *stall_s,
                                              unsigned *outage_s, hop_error **err);

#endif
