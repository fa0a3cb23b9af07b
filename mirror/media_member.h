/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * The header of a member of a volume. Only what tar_writer.h makes of a tar is taken.
 * POSIX.1-2017, pax, "ustar Interchange Format".
 */
#ifndef HOP_MEDIA_MEMBER_H
#define HOP_MEDIA_MEMBER_H

#include <stdbool.h>
#include <stdint.h>

#define HOP_MEMBER_BLOCK 512u

typedef struct hop_member {
    char path[257];
    uint64_t size_bytes;
    bool is_end; /* a block of zeros: no more members */
} hop_member;

/** Reads a block of HOP_MEMBER_BLOCK bytes. NULL, or why it is not taken. */
const char *hop_member_read(const char *block, hop_member *out);

#endif
