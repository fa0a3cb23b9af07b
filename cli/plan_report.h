/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Plans for machines and for people.
 *
 *     HOP_AUTO_VALUE(hop_buf) out = hop_buf_init(HOP_BUF_TEXT);
 *     hop_plan_report_text(plan, &out);
 */
#ifndef PLAN_REPORT_H
#define PLAN_REPORT_H

#include "hop_drawing.h"
#include "hop_plan_set.h"

/** The document `oc-hop/plan/v1`; its keys are a contract. hop_plan_parse() reads it
 * back. */
hop_json *hop_plan_report_json(const hop_plan *plan) HOP_MUST_USE;

/** At most 80 columns (but for words that are longer); all outside text is made visible.
 */
void hop_plan_report_text(const hop_plan *plan, hop_buf *out);
/** The same as a part of a longer text: without what is said about other paths, and
 * without the flags. */
void hop_plan_report_part(const hop_plan *plan, hop_buf *out);
/** The flags that accept these risks. */
void hop_plan_report_flags(hop_texts risks, hop_buf *out);

/** A set of one plan is that plan's document. Of several: the common facts, and under
 * "plans" one document for each start; "path_count" in them counts within the common
 * releases. */
hop_json *hop_plan_set_report_json(const hop_plan_set *set) HOP_MUST_USE;
void hop_plan_set_report_text(const hop_plan_set *set, hop_buf *out);

/** One line that says how it went: "4.12.20 to 4.16.30 (amd64): 4 hops, 1 conditional".
 * Text from outside is raw. */
void hop_plan_report_headline(const hop_plan *plan, hop_buf *out);

/* Pictures. The drawing is of the plan; same plan, same bytes. */

/** For Graphviz: a cluster for each minor. */
void hop_plan_report_dot(const hop_plan *plan, const hop_drawing *d, hop_buf *out);
/** A picture that needs nothing else, light or dark as the viewer is. */
void hop_plan_report_svg(const hop_plan *plan, const hop_drawing *d, hop_buf *out);
/** A page that needs nothing else: all that the text says, and the graph to look around
 * in. Without scripts the text and the picture stay. */
void hop_plan_report_html(const hop_plan *plan, const hop_drawing *d, hop_buf *out);

#endif
