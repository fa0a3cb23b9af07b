/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * The OpenPGP key that the world's payloads carry and are signed with.
 */
#ifndef HOP_WORLD_UPDATE_KEY_H
#define HOP_WORLD_UPDATE_KEY_H

/** The public half. ASCII armour; every line ends in a newline. */
const char *hop_world_get_update_key(void);
/** The secret half, without a passphrase. */
const char *hop_world_get_secret_key(void);

#endif
