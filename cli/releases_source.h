/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * An update service in the place of one on the network: the releases of --releases, with
 * the graph-data of --graph-data applied to them.
 */
#ifndef RELEASES_SOURCE_H
#define RELEASES_SOURCE_H

#include "hop_oci.h"
#include "hop_osus.h"
#include "options.h"

/** Reads both; what the service would drop in silence is warned of. `data_tree` gets the
 * tree hash of the graph-data. HOP_E_PARSE and HOP_E_LIMIT for graph-data or releases
 * that the service could make no graph of. */
HOP_MUST_USE hop_status hop_releases_load(const hop_options *o, hop_osus **out,
                                          hop_digest *data_tree, hop_error **err);
/** The exit code of a failure, where hop_releases_load() may have been the reason:
 * malformed graph-data is 4. */
int hop_releases_exit(const hop_options *o, hop_status s);

#endif
