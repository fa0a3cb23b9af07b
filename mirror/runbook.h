/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * The chapters of the runbook, in their order. runbook.c frames them, runbook_once.c is
 * what is done before the first hop, runbook_hop.c what is done at each.
 *
 *     hop_runbook_add_once(in, &document);
 *     hop_runbook_add_hop(in, path, i, &document);
 */
#ifndef HOP_RUNBOOK_H
#define HOP_RUNBOOK_H

#include "document.h"
#include "resources.h"

/** The state of the cluster, then what is applied once. */
void hop_runbook_add_once(const hop_resources_input *in, hop_document *d);
/** Hop `index` of the path that it is in. */
void hop_runbook_add_hop(const hop_resources_input *in, hop_path_span path, size_t index,
                         hop_document *d);
/** Waits until all nodes follow a change. */
void hop_runbook_add_wait_for_nodes(hop_document *d);
/** The last hop of a stretch in which worker pools may be held back, when hop `index` of
 * the path begins one; else in->hop_count. */
size_t hop_runbook_find_release_of_pools(const hop_resources_input *in,
                                         hop_path_span path, size_t index);

#endif
