/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * The chapters of the runbook. runbook.c frames them and writes what is done once,
 * runbook_hop.c what is done at each hop.
 *
 *     hop_runbook_add_hop(in, i, &document);
 */
#ifndef HOP_RUNBOOK_H
#define HOP_RUNBOOK_H

#include "document.h"
#include "resources.h"

void hop_runbook_add_hop(const hop_resources_input *in, size_t index, hop_document *d);
/** Waits until all nodes follow. */
void hop_runbook_add_wait_for_nodes(hop_document *d);

#endif
