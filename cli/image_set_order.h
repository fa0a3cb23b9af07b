/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * From an ImageSetConfiguration to the releases to mirror: what oc-mirror would take,
 * with the planner's paths.
 *
 * Per channel and architecture: every release of the channel from minVersion to
 * maxVersion, or with shortestPath those on the best path between the two. Without
 * minVersion the range begins at the channel's oldest release, without maxVersion it ends
 * at its newest; without both it is the newest alone, or with `full` all. Several ocp
 * channels are joined by a path from the lowest version to the highest, over the channels
 * between them. A path follows the rules of `plan`, conditional updates included.
 */
#ifndef IMAGE_SET_ORDER_H
#define IMAGE_SET_ORDER_H

#include "image_set.h"
#include "mirror_order.h"

/** The update service of `type: okd`, where no --upstream is given. */
#define HOP_OKD_UPSTREAM "https://origin-release.ci.openshift.org/graph"

/** Reads --config and the graphs. HOP_E_USAGE for what is wrong in the file, and for
 * content that oc-hop does not mirror unless --ignore-unhandled; HOP_E_NO_PATH when a
 * channel has none of the releases. A path that cannot be followed is a plan in the
 * order. */
HOP_MUST_USE hop_status hop_image_set_order(const hop_options *o, hop_order *out,
                                            hop_error **err);

/** The same without reading the file. */
HOP_MUST_USE hop_status hop_image_set_resolve(const hop_options *o,
                                              const hop_image_set *set, hop_order *out,
                                              hop_error **err);

/** `mirror.platform.release`: version and architecture come from the reference's tag,
 * the digest from the reference or from the update graph. */
HOP_MUST_USE hop_status hop_image_set_resolve_release(const hop_options *o,
                                                      const hop_image_set *set,
                                                      hop_order *out, hop_error **err);

#endif
