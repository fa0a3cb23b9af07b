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

#endif
