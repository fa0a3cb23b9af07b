/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Before the first byte: can every repository that the run writes be written?
 *
 * An upload is opened and cancelled in each. When one of them is refused the run ends
 * there, with one failure for each cause. A dry run asks nothing.
 */
#ifndef HOP_PREFLIGHT_H
#define HOP_PREFLIGHT_H

#include "mirror_private.h"

/** Ends with m->ready. */
void hop_mirror_preflight(hop_mirror *m);
void hop_check_free(void *check);

#endif
