/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * The two JSON documents of a payload, and the check against what was planned.
 *
 *     s = hop_release_info_read_references(text, len, &info, err);
 *     s = hop_release_info_read_metadata(text, len, &info, err);
 */
#ifndef HOP_RELEASE_INFO_H
#define HOP_RELEASE_INFO_H

#include "hop_resources.h"

/** image-references, strictly: an ImageStream of image.openshift.io/v1 whose image tags
 * are pinned by digest. Tags that name no image are passed over. Fills version and
 * components. HOP_E_PARSE, HOP_E_LIMIT. */
HOP_MUST_USE hop_status hop_release_info_read_references(const char *text, size_t len,
                                                         hop_release_info *info,
                                                         hop_error **err);
/** release-metadata, leniently: it must be a JSON object, and a member of another type
 * than expected counts as missing. Fills metadata_version, metadata_arch, url. */
HOP_MUST_USE hop_status hop_release_info_read_metadata(const char *text, size_t len,
                                                       hop_release_info *info,
                                                       hop_error **err);

#endif
