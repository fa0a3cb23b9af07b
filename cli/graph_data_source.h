/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Where graph-data comes from: a directory, an archive, or the update service's archive
 * endpoint.
 */
#ifndef GRAPH_DATA_SOURCE_H
#define GRAPH_DATA_SOURCE_H

#include "hop_image.h"
#include "image_base.h"
#include "options.h"

#define HOP_DEFAULT_GRAPH_DATA "https://api.openshift.com/api/upgrades_info/graph-data"

/** Reads what --graph-data names (else the default endpoint). Malformed graph-data is
 * HOP_E_PARSE or HOP_E_LIMIT, which the verbs end with exit code 4:
 * hop_graph_data_exit(). */
HOP_MUST_USE hop_status hop_graph_data_load(const hop_options *o, hop_tree *tree,
                                            hop_graphdata_info *info, hop_error **err);
/** The same, and the data as an archive for media to carry: an archive's own bytes, so
 * that the far side builds the same image of them; a directory is packed. */
HOP_MUST_USE hop_status hop_graph_data_load_archive(const hop_options *o, hop_tree *tree,
                                                    hop_graphdata_info *info,
                                                    hop_buf *archive, hop_error **err);
/** What the update service would pass over in silence must not become an image:
 * HOP_E_PARSE with the first error of the lint, unless --no-lint. */
HOP_MUST_USE hop_status hop_graph_data_check(const hop_options *o, const hop_tree *tree,
                                             hop_error **err);
bool hop_graph_data_is_url(const char *text);
/** The exit code of a failure of hop_graph_data_load() or hop_graph_data_check(). */
int hop_graph_data_exit(hop_status s);

/** Builds the image of `tree` for the architectures (none: all that the base has; without
 * a base, all that this build has a copier for). `base` may be NULL or empty; else it
 * must outlive the image. */
HOP_MUST_USE hop_status hop_graph_data_build(const hop_tree *tree,
                                             const hop_graphdata_info *info,
                                             hop_image_format format,
                                             const hop_strings *archs, hop_base *base,
                                             hop_image **out, hop_error **err);

#endif
