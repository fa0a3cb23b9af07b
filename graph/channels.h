/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Channels: what their names say, which one a document is, and which one to set for each
 * hop of a fixed path.
 *
 * To the update service a channel is only a name with members. The convention
 * "stream-X.Y" is used to choose among channels that would all do, never to conclude that
 * one would.
 */
#ifndef CHANNELS_H
#define CHANNELS_H

#include "model.h"

/** By stream, then by the numbers of X.Y, then by text. */
int hop_channel_compare(const char *a, const char *b);
/** Like hop_channel_compare, but by X.Y first: what "highest minor" means. */
int hop_channel_compare_minor(const char *a, const char *b);

/**
 * The channel of a draft, from the channels that all its nodes share: one of the minor of
 * the newest node first, then of the most settled stream (stable, eus, fast, candidate),
 * then of the highest minor. NULL when no channel is shared. The result is a heap string.
 */
char *hop_channel_derive(const hop_draft *d) HOP_MUST_USE;

/**
 * Writes the channel to set for each edge into `labels` (NULL where no named document has
 * the edge): fewest switches over the path, then the highest minor, compared from the
 * first hop.
 */
void hop_channel_label(const hop_graph *g, const uint32_t *edges, size_t count,
                       const char **labels);

#endif
