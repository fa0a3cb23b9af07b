/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Media in volumes: tar files of a limited size, written straight and in order. What does
 * not fit into what is left of one goes on in the next.
 *
 * In the directory there are oc-hop.<NNN>.tar, and for each that is done (its command
 * included) oc-hop.<NNN>.json, which is what an interrupted writing goes on from, even
 * when the volume itself is on a disc by then. Of the volume that was not done what is
 * right is kept (media_torn.h): the blobs up to the last whole one, or, when only its
 * command did not succeed, all of it, and the command is run again.
 */
#ifndef HOP_MEDIA_VOLUME_H
#define HOP_MEDIA_VOLUME_H

#include "hop_media.h"

#define HOP_VOLUME_MIN_BYTES ((uint64_t)1024 * 1024)
#define HOP_VOLUME_PIECE_BYTES (1 * HOP_MIB) /* held in memory for each blob */

typedef struct hop_volumes hop_volumes;

typedef struct hop_volumes_opts {
    const char *dir;
    uint64_t size_bytes; /* no volume is larger; at least HOP_VOLUME_MIN_BYTES */
    const char *command; /* run as COMMAND FILE NUMBER when one is done; NULL: none */
    uint64_t seed;       /* differs between runs: names the set */
} hop_volumes_opts;

/** Reads what an earlier run has done, and takes up the volume that it has not.
 * HOP_E_USAGE when that run came to its end. */
HOP_MUST_USE hop_status hop_volumes_open(const hop_volumes_opts *opts, hop_volumes **out,
                                         hop_error **err);
void hop_volumes_free(hop_volumes *v);
HOP_DEFINE_AUTO(hop_volumes);

/** All of a blob is in volumes. */
bool hop_volumes_has(const hop_volumes *v, const hop_digest *digest, uint64_t size_bytes);
/** The number for the next try at a member: 0 unless one was given up, here or before. */
unsigned hop_volumes_next_try(const hop_volumes *v, const char *path);
/** An earlier run has written the last volume, and its command did not succeed: all that
 * is missing is hop_volumes_finish(). */
bool hop_volumes_is_ended(const hop_volumes *v);
bool hop_volumes_has_command(const hop_volumes *v);
/** How much more the volume that is being written, or else the next one, may take; what a
 * command has yet to take away counts as room. */
uint64_t hop_volumes_get_room(const hop_volumes *v);

/** Writes a piece of something long. `*part` counts up: a piece may come to lie in two
 * volumes. */
HOP_MUST_USE hop_status hop_volumes_add_piece(hop_volumes *v, const char *path,
                                              unsigned try_number, unsigned *part,
                                              const void *data, size_t len,
                                              hop_error **err);
/** The last piece of a blob was written, and its digest is right. */
HOP_MUST_USE hop_status hop_volumes_end_blob(hop_volumes *v, hop_error **err);
/** Writes a blob as a whole when it fits into what is left, else in parts. */
HOP_MUST_USE hop_status hop_volumes_add_blob(hop_volumes *v, const char *path,
                                             unsigned try_number, const void *data,
                                             size_t len, hop_error **err);
/** A small file: whole, in the next volume when need be. One that an earlier run has
 * written with the same bytes is left alone, with others it is HOP_E_USAGE. */
HOP_MUST_USE hop_status hop_volumes_add_file(hop_volumes *v, const char *path,
                                             const void *data, size_t len,
                                             hop_error **err);
/** Ends the last volume. */
HOP_MUST_USE hop_status hop_volumes_finish(hop_volumes *v, hop_error **err);

#endif
