/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * The world's update graphs and graph-data: the same facts twice, once as an update
 * service would answer, once as the files that it would compute the answer from.
 *
 * Every release updates to the next. A channel `stable-X.Y` holds the releases of X.Y and
 * of all earlier minors. An edge into a new minor is conditional.
 */
#ifndef HOP_WORLD_GRAPH_H
#define HOP_WORLD_GRAPH_H

#include "image.h"

/** DIR/graphs/CHANNEL.json for amd64, DIR/graphs/CHANNEL-ARCH.json for the others. */
HOP_MUST_USE hop_status hop_world_write_graphs(const hop_world *w, const char *dir,
                                               hop_error **err);
/** DIR/graph-data/ and DIR/graph-data.tar.gz. */
HOP_MUST_USE hop_status hop_world_write_graph_data(const hop_world *w, const char *dir,
                                                   hop_error **err);
/** DIR/idms.yaml: where the world's images are found instead of at their real hosts.
 * `host` is HOST:PORT. */
HOP_MUST_USE hop_status hop_world_write_idms(const char *dir, const char *host,
                                             hop_error **err);

#endif
