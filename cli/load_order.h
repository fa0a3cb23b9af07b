/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * What `load` has to do, from the media's own documents: the order that `mirror` had, and
 * the signatures that were found then.
 */
#ifndef LOAD_ORDER_H
#define LOAD_ORDER_H

#include "media_board.h"
#include "mirror_order.h"
#include "trust.h"

/** Takes the plans out of the board, which must not be checked afterwards. Nothing here
 * is trusted: the mirror checks each payload against `trust` and against what it is said
 * to be. */
HOP_MUST_USE hop_status hop_load_order(const hop_media_disk *disk, hop_board *board,
                                       hop_order *order, hop_trust *trust,
                                       hop_error **err);

typedef enum hop_media_vouched {
    HOP_MEDIA_UNVOUCHED,
    HOP_MEDIA_VOUCHED, /* --media-keyring: the media's own signature is good */
} hop_media_vouched;

/**
 * Where the releases come from, which the mirror sets say. Whoever alters media can write
 * any name there; the text that a release's signature signs has one, too. Where the two
 * differ and nobody vouches for the media, the order takes the signed name, and `out`
 * gets a warning: a mirror that was fed from another one may rightly have another name.
 * `proof` is of the same media. Returns how many releases have a source that nobody
 * vouches for: signatures are skipped, or name no repository.
 */
size_t hop_load_check_sources(hop_order *order, hop_trust *trust, const hop_proof *proof,
                              hop_media_vouched vouched, hop_proof *out);

#endif
