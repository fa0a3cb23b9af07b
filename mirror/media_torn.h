/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * What a run that was torn off has left of a volume. While a volume is written there is
 * oc-hop.<NNN>.sums beside it, a line for each member in their order, of the form of
 * sha256sum, and a line "whole" when all of a blob is there:
 *
 *     4a1f…e0  blobs/sha256/4a1f…e0
 *     whole
 *     03be…77  blobs/sha256/9c22…15.000000
 *
 * Neither file is flushed on the way, and after a power failure either may hold anything.
 * So every member is read and hashed again, and the first that is not what its line says
 * is where the rest is cut off.
 */
#ifndef HOP_MEDIA_TORN_H
#define HOP_MEDIA_TORN_H

#include "hop_media.h"

#define HOP_TORN_WHOLE "whole"

typedef struct hop_torn {
    hop_media_files files; /* members up to the last that made a blob whole */
    uint64_t end_bytes;    /* where these end in the volume */
    uint64_t sums_bytes;   /* and where their lines end */
    char *list;            /* of a volume that was written to its end: its last member */
    size_t list_len;
} hop_torn;

/** Reads both files. What cannot be read counts as not there. */
void hop_torn_read(const char *volume_path, const char *sums_path, hop_torn *out);
void hop_torn_clear(hop_torn *t);

#endif
