/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Builds the releases of a shape: component images first, then the payloads that name
 * them.
 *
 * Component images are stacked as real ones are: a base layer per minor, a language layer
 * per minor, and a layer of their own per build. A component that was not rebuilt keeps
 * its digest from release to release.
 */
#ifndef HOP_WORLD_RELEASE_H
#define HOP_WORLD_RELEASE_H

#include "image.h"

/** Fills the store, and w->entries with one row per release, architecture and component.
 */
HOP_MUST_USE hop_status hop_world_build(hop_world *w, hop_error **err);

#endif
