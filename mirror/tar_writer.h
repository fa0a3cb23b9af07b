/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Writes a plain tar to a descriptor, member by member, the same bytes for the same
 * calls: ustar, uid and gid 0, mode 0644, every time 0, no padding at the end.
 *
 *     HOP_AUTO(hop_tar_writer) t = hop_tar_writer_new(fd, "oc-hop.001.tar");
 *     s = hop_tar_writer_add(t, "blobs/sha256/…", data, len, err);
 *     s = hop_tar_writer_end(t, err);              // hop_tar_size() bytes for each, and
 *                                                  // HOP_TAR_END_BYTES are in the file
 */
#ifndef HOP_TAR_WRITER_H
#define HOP_TAR_WRITER_H

#include "hop_error.h"

#define HOP_TAR_END_BYTES ((uint64_t)1024)

typedef struct hop_tar_writer hop_tar_writer;

/** The descriptor stays the caller's. `name` is for errors. */
hop_tar_writer *hop_tar_writer_new(int fd, const char *name) HOP_MUST_USE;
void hop_tar_writer_free(hop_tar_writer *t);
HOP_DEFINE_AUTO(hop_tar_writer);
/** All of the member is with the kernel when this returns. HOP_E_DISK when the space
 * ends. */
HOP_MUST_USE hop_status hop_tar_writer_add(hop_tar_writer *t, const char *path,
                                           const void *data, size_t len, hop_error **err);
HOP_MUST_USE hop_status hop_tar_writer_end(hop_tar_writer *t, hop_error **err);
/** What a member takes: POSIX.1-2017, pax, "ustar Interchange Format". */
uint64_t hop_tar_size(uint64_t len);

#endif
