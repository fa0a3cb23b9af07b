/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where worker pools are paused when only the control plane takes every hop.
 *
 * Pools are paused before the path leaves an even minor and resumed as soon as it arrives
 * at the next even one, so the workers are never more than two minors behind. The last
 * leg of a path that ends in an odd minor is not worth a pause: it could not be ended. */
#include "hop_release.h"

#include <stdlib.h>

#include "hop_version.h"
#include "pools.h"

const char *hop_pools_name(hop_pools p)
{
    switch (p) {
    case HOP_POOLS_UPDATE:
        return "update";
    case HOP_POOLS_PAUSE:
        return "pause";
    case HOP_POOLS_STAY_PAUSED:
        return "paused";
    case HOP_POOLS_RESUME:
        return "resume";
    }
    return "update";
}

typedef struct minor_number {
    uint64_t major, minor;
    bool is_known;
} minor_number;

static minor_number parse_minor(const char *version)
{
    minor_number m = {0};
    hop_version v;
    hop_error *why = NULL;
    if (hop_version_parse(version, &v, &why) == HOP_OK)
        m.is_known = hop_version_get_minor(&v, &m.major, &m.minor);
    hop_error_drop(&why);
    return m;
}

static minor_number read_minor(const hop_release *r)
{
    return parse_minor(r->version);
}

static bool is_even(minor_number m)
{
    return m.is_known && m.minor % 2 == 0;
}

static bool is_same(minor_number a, minor_number b)
{
    return a.major == b.major && a.minor == b.minor;
}

/* The hop, counted from `first`, that arrives at the next even minor; `hops` when none
 * does. */
static size_t find_arrival(const hop_route *route, size_t first)
{
    for (size_t i = first; i < route->hops; i++)
        if (is_even(read_minor(&route->releases[i + 1])))
            return i;
    return route->hops;
}

size_t hop_pools_schedule(const hop_route *route, hop_plan_edge *edges)
{
    size_t updates = route->hops;
    for (size_t i = 0; i < route->hops; i++) {
        minor_number from = read_minor(&route->releases[i]);
        minor_number to = read_minor(&route->releases[i + 1]);
        if (!is_even(from) || is_same(from, to) || is_even(to))
            continue;
        size_t arrival = find_arrival(route, i + 1);
        if (arrival == route->hops)
            break;
        edges[i].pools = HOP_POOLS_PAUSE;
        for (size_t j = i + 1; j < arrival; j++)
            edges[j].pools = HOP_POOLS_STAY_PAUSED;
        edges[arrival].pools = HOP_POOLS_RESUME;
        updates -= arrival - i;
        i = arrival;
    }
    return updates;
}

size_t hop_route_least_worker_updates(const hop_route *route)
{
    hop_plan_edge *scratch = hop_alloc(route->hops + 1, sizeof(*scratch));
    size_t updates = hop_pools_schedule(route, scratch);
    free(scratch);
    return updates;
}

bool hop_plan_edge_is_minor(const hop_plan_edge *e)
{
    return !is_same(parse_minor(e->from), parse_minor(e->to));
}
