/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * A temporary file without a name: it is gone when it is freed or the process ends,
 * however it ends.
 */
#ifndef HOP_SPOOL_H
#define HOP_SPOOL_H

#include "hop_error.h"

typedef struct hop_spool hop_spool;

/** HOP_E_IO or HOP_E_DISK names the directory. */
HOP_MUST_USE hop_status hop_spool_new(const char *dir, hop_spool **out, hop_error **err);
/** A file that is there already, only to be read; it must have `size_bytes`. */
HOP_MUST_USE hop_status hop_spool_open(const char *path, uint64_t size_bytes,
                                       hop_spool **out, hop_error **err);
void hop_spool_free(hop_spool *s);
HOP_DEFINE_AUTO(hop_spool);
HOP_MUST_USE hop_status hop_spool_write(hop_spool *s, uint64_t offset, const void *data,
                                        size_t len, hop_error **err);
/** Bytes read at `offset`: less than `cap` at the end only, 0 on a read error too. */
size_t hop_spool_read(const hop_spool *s, uint64_t offset, void *data, size_t cap);
int hop_spool_get_fd(const hop_spool *s); /* borrowed */

#endif
