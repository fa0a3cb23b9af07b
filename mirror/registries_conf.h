/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * registries.conf: where podman and skopeo look for images, version 2 of
 * containers-registries.conf(5).
 *
 * Of each [[registry]] count prefix, location, insecure, blocked, mirror-by-digest-only
 * and the [[registry.mirror]]s with location, insecure and pull-from-mirror (all and
 * digest-only; what is read here is named by digest). Everything else in the file, short
 * names above all, is of no concern here. A later file replaces registries of the same
 * prefix, as drop-in files do.
 */
#ifndef HOP_REGISTRIES_CONF_H
#define HOP_REGISTRIES_CONF_H

#include "mirror_set.h"

/** Adds the registries of one file to `set`, and with them the hosts that are insecure:
 * connections belong to hosts, so one insecure location makes it so for all of a host's.
 * HOP_E_PARSE with the line; then nothing was added. */
HOP_MUST_USE hop_status hop_registries_conf_add(hop_mirror_set *set, const char *path,
                                                const char *text, size_t len,
                                                hop_error **err);

#endif
