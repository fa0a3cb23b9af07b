/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Worker pools during a path that only the control plane takes hop by hop.
 */
#ifndef POOLS_H
#define POOLS_H

#include "hop_release.h"

/** Sets `pools` of the route's edges (the same ones, writable; all zero before). Returns
 * how often workers update. */
size_t hop_pools_schedule(const hop_route *route, hop_plan_edge *edges);

#endif
