/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "html_parts.h"

#include "markup.h"

static void add_list(hop_buf *out, hop_texts list)
{
    for (size_t i = 0; i < list.len; i++) {
        hop_buf_adds(out, i ? ", " : "");
        hop_markup_add(out, list.items[i]);
    }
}

static void add_row(hop_buf *out, const char *term, hop_texts list)
{
    if (list.len == 0)
        return;
    hop_buf_addf(out, "<dt>%s</dt><dd>", term);
    add_list(out, list);
    hop_buf_adds(out, "</dd>\n");
}

static void add_frontier(hop_buf *out, const char *term, const hop_frontier *f)
{
    hop_buf_addf(out, "<dt>%s</dt><dd>", term);
    if (f->total == 0) {
        hop_buf_adds(out, "no other release</dd>\n");
        return;
    }
    hop_buf_addf(out, "%zu release%s%s ", f->total, f->total == 1 ? "" : "s",
                 f->total > f->examples.len ? ", the newest of them:" : ":");
    add_list(out, f->examples);
    hop_buf_adds(out, "</dd>\n");
}

static void add_reason(hop_buf *out, const hop_gap *gap)
{
    switch (gap->reason) {
    case HOP_GAP_NOT_DECLARED:
        hop_buf_adds(out, "not offered in any channel that was read");
        return;
    case HOP_GAP_OTHER_CHANNEL:
        hop_buf_adds(out,
                     "not offered in the channels that were read; both releases are in ");
        add_list(out, gap->channels);
        return;
    case HOP_GAP_RISK:
        hop_buf_adds(out, "conditional, and not all of its risks are accepted");
        return;
    case HOP_GAP_AVOIDED:
        hop_buf_adds(out, "offered, but one of the two is to be avoided");
        return;
    }
}

static void add_gaps(hop_buf *out, const hop_explanation *x)
{
    if (x->gap_count == 0)
        return;
    hop_buf_adds(out, "<h3>What stands between</h3>\n<ul>\n");
    for (size_t i = 0; i < x->gap_count; i++) {
        hop_buf_adds(out, "<li>");
        hop_markup_add(out, x->gaps[i].from);
        hop_buf_adds(out, " to ");
        hop_markup_add(out, x->gaps[i].to);
        hop_buf_adds(out, ": ");
        add_reason(out, &x->gaps[i]);
        hop_buf_adds(out, "</li>\n");
    }
    hop_buf_adds(out, "</ul>\n");
}

void html_add_explanation(hop_buf *out, const hop_plan *plan)
{
    const hop_explanation *x = &plan->explanation;
    if (!x->summary)
        return;
    bool is_risky = plan->status == HOP_PLAN_NEEDS_RISKS;
    hop_buf_addf(out, "<section id=\"why\">\n<h2>%s</h2>\n<p>",
                 is_risky ? "Why not without risks" : "Why there is no path");
    hop_markup_add_prose(out, x->summary);
    hop_buf_adds(out, ".</p>\n<dl>\n");
    add_row(out, "Nearest to the start", x->near_from);
    add_row(out, "Nearest to the target", x->near_to);
    bool has_frontiers = x->is_from_known && x->is_to_known && !x->is_downgrade;
    if (has_frontiers) {
        add_frontier(out,
                     is_risky ? "With the accepted risks, the start can reach"
                              : "The start can reach",
                     &x->from_start);
        add_frontier(out,
                     is_risky ? "With the accepted risks, the target can be reached from"
                              : "The target can be reached from",
                     &x->to_target);
    }
    if (has_frontiers && x->next_with_way) {
        hop_buf_adds(out,
                     "<dt>The nearest release after the start that has a way</dt><dd>");
        hop_markup_add(out, x->next_with_way);
        hop_buf_adds(out, "</dd>\n");
    }
    hop_buf_adds(out, "</dl>\n");
    if (has_frontiers)
        add_gaps(out, x);
    hop_buf_adds(out, "</section>\n");
}
