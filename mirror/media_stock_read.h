/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Reads the layout of stock oc (media_stock.h): what `oc adm release mirror --to-dir`
 * writes, and `mirror --media-format oc`.
 *
 * media_stock_scan.c finds files and tags, media_stock_read.c makes of them the inventory
 * that this layout does not have. Which releases there are is known from the tags of
 * their payloads; what belongs to a release says its payload alone.
 *
 * Links are never followed: of a tag's link only the last component of its target counts.
 */
#ifndef MEDIA_STOCK_READ_H
#define MEDIA_STOCK_READ_H

#include "media_disk.h"

/** A tag as it stands in a manifests directory. */
typedef struct hop_stock_link {
    hop_media_place place; /* openshift/release, or openshift/release-images */
    char *tag;
    hop_digest digest;
} hop_stock_link;

typedef struct hop_stock_links {
    hop_stock_link *items; /* by place, then by tag */
    size_t len, cap;
} hop_stock_links;

void hop_stock_links_clear(hop_stock_links *links);

/** Notes all blobs and manifests in the disk's index and lists the tags. *is_there is
 * false when the directory has neither repository. HOP_E_PARSE when a link or a file
 * stands in the way of a directory, HOP_E_LIMIT, HOP_E_IO. */
HOP_MUST_USE hop_status hop_stock_scan(hop_media_disk *d, hop_stock_links *links,
                                       bool *is_there, hop_error **err);

/** Fills the disk's media. HOP_E_NOT_FOUND when there is no layout, or no release in it,
 * HOP_E_USAGE for several directories, else as hop_stock_scan(). */
HOP_MUST_USE hop_status hop_stock_read(hop_media_disk *d, hop_error **err);

/** Fills what only our own writer puts beside the images, as SHA256SUMS lists it: files,
 * plans, graphs, graph-data. Nothing without SHA256SUMS. */
void hop_stock_read_beside(hop_media_disk *d);

/** "config/signature-sha256-<16 hex>.json", as oc names the ConfigMap of a payload. */
char *hop_stock_map_path(const hop_digest *payload) HOP_MUST_USE;
/** "v2/openshift/release/manifests/<tag>". */
char *hop_stock_tag_path(hop_media_place place, const char *tag) HOP_MUST_USE;

#endif
