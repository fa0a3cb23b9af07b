/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * What reading and writing of an OCI image layout (OCI image-spec 1.1, "Image Layout")
 * share.
 */
#ifndef LAYOUT_H
#define LAYOUT_H

#include "image.h"

#define LAYOUT_REF_NAME "org.opencontainers.image.ref.name"
#define LAYOUT_DEFAULT_TAG "latest"

/** `path` is that of index.json. */
HOP_MUST_USE hop_status layout_read_index(const char *path, hop_json **out,
                                          hop_error **err);
/** Whether an entry of the index is called `tag`. */
HOP_MUST_USE hop_status layout_has_tag(const hop_json_view *entry, const char *tag,
                                       bool *out, hop_error **err);
/** Appends a blob, checked against its digest. */
HOP_MUST_USE hop_status layout_read_blob(const char *dir, const char *digest,
                                         hop_buf *out, hop_error **err);
/** Heap text of the path of a blob. */
char *layout_blob_path(const char *dir, const hop_digest *digest) HOP_MUST_USE;

#endif
