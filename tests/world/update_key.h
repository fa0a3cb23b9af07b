/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * The OpenPGP public key that the world's payloads carry.
 */
#ifndef HOP_WORLD_UPDATE_KEY_H
#define HOP_WORLD_UPDATE_KEY_H

/** ASCII armour; every line ends in a newline. */
const char *hop_world_get_update_key(void);

#endif
