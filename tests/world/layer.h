/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Tar archives and gzip in memory, the same bytes on every run.
 */
#ifndef HOP_WORLD_LAYER_H
#define HOP_WORLD_LAYER_H

#include "hop_oci.h"

#define HOP_WORLD_TIME                                              \
    1767225600 /* 2026-01-01T00:00:00Z, for every date in the world \
                */
#define HOP_WORLD_TIME_TEXT "2026-01-01T00:00:00Z"

typedef struct hop_tar hop_tar;

hop_tar *hop_tar_new(void) HOP_MUST_USE;
void hop_tar_free(hop_tar *t);
HOP_DEFINE_AUTO(hop_tar);

HOP_MUST_USE hop_status hop_tar_add_directory(hop_tar *t, const char *path,
                                              hop_error **err);
HOP_MUST_USE hop_status hop_tar_add_file(hop_tar *t, const char *path, unsigned mode,
                                         const void *data, size_t len, hop_error **err);
HOP_MUST_USE hop_status hop_tar_add_link(hop_tar *t, const char *path, const char *target,
                                         hop_error **err);
/** The archive, ended. Borrowed; nothing can be added afterwards. */
HOP_MUST_USE hop_status hop_tar_finish(hop_tar *t, const hop_buf **out, hop_error **err);

/** Level 0 stores, for bytes that do not compress anyway; 9 is the best. */
HOP_MUST_USE hop_status hop_gzip(const hop_buf *in, int level, hop_buf *out,
                                 hop_error **err);

#endif
