/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * What an update service would find where the releases lie, as a document
 * oc-hop/scrape/v1 (hop_scrape.h): every tag of a repository, or the release images that
 * media carry to one. Payloads are read; components are not looked at.
 */
#ifndef RELEASES_SCRAPE_H
#define RELEASES_SCRAPE_H

#include "hop_error.h"
#include "options.h"

/** Does the value of --releases name such a place, and not a file? */
bool hop_releases_is_place(const char *text);

/** `dir:PATH` or `docker://HOST/REPO`. HOP_E_USAGE for another text, HOP_E_NOT_FOUND for
 * a repository without tags; what media and registries give. */
HOP_MUST_USE hop_status hop_releases_scrape(const hop_options *o, const char *place,
                                            hop_buf *out, hop_error **err);

#endif
