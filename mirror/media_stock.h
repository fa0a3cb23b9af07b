/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * The layout that stock `oc image mirror --from-dir` reads (openshift/oc,
 * pkg/cli/image/imagesource/file.go), on file systems that bear it:
 *
 *   config/signature-sha256-<16 hex>.json       the ConfigMap of a payload's signatures
 *   v2/openshift/release/blobs/sha256:<hex>     blobs, and a copy of every manifest
 *   v2/openshift/release/manifests/sha256:<hex> a hard link of that copy
 *   v2/openshift/release/manifests/<tag>        a symbolic link to the bare name
 *   v2/openshift/release-images/…               payloads once more, hard links throughout
 *
 * Files are readable by all, as stock oc's are not. Tags come last, a payload's after
 * those of its components.
 */
#ifndef HOP_MEDIA_STOCK_H
#define HOP_MEDIA_STOCK_H

#include "hop_media_writer.h"

#define HOP_STOCK_COMPONENTS "v2/openshift/release"
#define HOP_STOCK_RELEASES "v2/openshift/release-images"

/** Makes the folders, and tries whether names with ':', hard and symbolic links work:
 * HOP_E_USAGE names what does not. */
HOP_MUST_USE hop_status hop_stock_prepare(const hop_media_writer *w, hop_error **err);
/** Heap text, relative to the directory. */
char *hop_stock_blob_path(const hop_digest *digest) HOP_MUST_USE;
/** Links manifests and tags of what has arrived. */
HOP_MUST_USE hop_status hop_stock_finish(const hop_media_writer *w,
                                         const hop_media *media, hop_error **err);

#endif
