/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Plans for machines and for people.
 *
 *     HOP_AUTO_VALUE(hop_buf) out = hop_buf_init(HOP_BUF_TEXT);
 *     hop_plan_report_text(plan, &out);
 */
#ifndef PLAN_REPORT_H
#define PLAN_REPORT_H

#include "hop_graph.h"

/** The document `oc-hop/plan/v1`; its keys are a contract. hop_plan_parse() reads it
 * back. */
hop_json *hop_plan_report_json(const hop_plan *plan) HOP_MUST_USE;

/** At most 80 columns (but for words that are longer); all outside text is made visible.
 */
void hop_plan_report_text(const hop_plan *plan, hop_buf *out);

#endif
