/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Small files: read whole under a cap, or written so that a final name never holds half
 * of the bytes.
 */
#ifndef HOP_FILE_H
#define HOP_FILE_H

#include "hop_buf.h"
#include "hop_error.h"

/** Appends a file's bytes to `out`, whose ceiling is the limit. "-" is not special.
 * HOP_E_NOT_FOUND when there is no such file, HOP_E_LIMIT past the ceiling, else
 * HOP_E_IO. */
HOP_MUST_USE hop_status hop_file_read(const char *path, hop_buf *out, hop_error **err);
/** Writes `path` through a temporary name beside it, fsync and rename. HOP_E_DISK when
 * the space ends. */
HOP_MUST_USE hop_status hop_file_write(const char *path, const void *data, size_t len,
                                       hop_error **err);
/** Makes a directory and its parents, mode 0755. */
HOP_MUST_USE hop_status hop_dir_make(const char *path, hop_error **err);
/** HOP_E_DISK for ENOSPC, EDQUOT and EFBIG, HOP_E_NOT_FOUND for ENOENT, else HOP_E_IO. */
hop_status hop_status_of_errno(int errnum);

#endif
