/* SPDX-License-Identifier: GPL-3.0-or-later */
/** Parts of the text of a plan. */
#ifndef PLAN_TEXT_H
#define PLAN_TEXT_H

#include "hop_graph.h"

/** What was read, what can be reached, what stands between. */
void hop_plan_text_explanation(const hop_plan *plan, hop_buf *out);

#endif
