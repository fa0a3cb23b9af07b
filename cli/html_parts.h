/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Pieces of the plan's page that are more than a paragraph: risks, and why there is no
 * path. Private to plan_html.c and its neighbours.
 */
#ifndef HTML_PARTS_H
#define HTML_PARTS_H

#include "hop_graph.h"

/** Every risk of a plan once, in the order in which the reader meets them. Borrowed. */
typedef struct html_risks {
    const hop_risk **items;
    size_t len, cap;
} html_risks;

void html_risks_collect(html_risks *list, const hop_plan *plan);
void html_risks_clear(html_risks *list);
/** Links to the risks of an edge: "RiskA, RiskB". */
void html_add_risk_links(hop_buf *out, const html_risks *list, const hop_plan_edge *e);
/** The section with all of them; nothing when there are none. */
void html_add_risks(hop_buf *out, const html_risks *list, const hop_plan *plan);

/** Frontiers, near versions and gaps. */
void html_add_explanation(hop_buf *out, const hop_plan *plan);

/** The text, as a link where the URL may be one; `url` may be NULL. */
void html_add_link(hop_buf *out, const char *url, const char *text);

#endif
