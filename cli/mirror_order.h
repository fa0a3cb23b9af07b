/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * What `mirror` has to do: the releases to copy, and the plans that they come from.
 *
 * They come from --from and --to (one plan per architecture and start), from a plan that
 * was written down (--plan), are named one by one (--release), or by an
 * ImageSetConfiguration (--config; image_set_order.h). The start of a path is mirrored
 * without its components, as the cluster has them, unless another path goes through it or
 * --config names it.
 */
#ifndef MIRROR_ORDER_H
#define MIRROR_ORDER_H

#include "hop_mirror.h"
#include "planning.h"

typedef struct hop_order_release {
    char *version;
    const char *arch; /* static */
    char *payload;    /* HOST/REPO@DIGEST */
    char *url;        /* NULL without */
    hop_strings channels;
    hop_components components;
} hop_order_release;

typedef struct hop_order {
    hop_plan_set **sets; /* one per architecture; none with --release */
    size_t set_count;
    const hop_plan **plans; /* those of the sets; borrowed from them */
    size_t plan_count;
    hop_order_release *releases; /* by architecture, in it the start first */
    size_t release_count;
    size_t release_cap;
    bool without_graph_data;    /* a configuration that does not want the image */
    hop_graph_documents graphs; /* none when none had to be read */
} hop_order;

/** Reads the flags, the graphs and plans. A plan that has no usable path is in the order,
 * and no releases are. */
HOP_MUST_USE hop_status hop_order_load(const hop_options *o, hop_order *out,
                                       hop_error **err);
/** Adds a release, or makes one that is there complete; HOP_E_NOT_FOUND or HOP_E_PARSE
 * when its payload is not known or not pinned by a digest. */
HOP_MUST_USE hop_status hop_order_add_release(hop_order *order, const hop_release *r,
                                              const char *arch, hop_components components,
                                              hop_error **err);
/** Takes a set over, without its releases. Its plans become the order's when all of them
 * can be followed. */
void hop_order_take_set(hop_order *order, hop_plan_set **set);
/** The first set with a plan that cannot be followed, or NULL. */
const hop_plan_set *hop_job_find_unusable(const hop_order *order);
void hop_order_clear(hop_order *order);

#endif
