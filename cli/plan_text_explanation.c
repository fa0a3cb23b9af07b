/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why there is no path, in words. */
#include "plan_text.h"

#include "wrap.h"

static void add_frontier(hop_buf *out, const char *some, const char *none,
                         const hop_frontier *f)
{
    hop_paragraph p = {.out = out, .indent = 2};
    hop_paragraph_words(&p, f->total > 0 ? some : none);
    if (f->total > 0) {
        HOP_AUTO_STR count =
            hop_sprintf("%zu release%s%s", f->total, f->total == 1 ? "" : "s",
                        f->total > f->examples.len ? ", the newest of them:" : ":");
        hop_paragraph_words(&p, count);
        p.indent = 4;
        hop_paragraph_list(&p, f->examples);
    }
    hop_paragraph_end(&p);
}

static void add_gap(hop_buf *out, const hop_gap *gap)
{
    hop_paragraph p = {.out = out, .indent = 4};
    HOP_AUTO_STR ends = hop_sprintf("%s to %s:", gap->from, gap->to);
    hop_paragraph_words(&p, ends);
    p.indent = 6;
    switch (gap->reason) {
    case HOP_GAP_NOT_DECLARED:
        hop_paragraph_words(&p, "not offered in any channel that was read");
        break;
    case HOP_GAP_OTHER_CHANNEL:
        hop_paragraph_words(
            &p, "not offered in the channels that were read; both releases are in");
        hop_paragraph_list(&p, gap->channels);
        break;
    case HOP_GAP_RISK:
        hop_paragraph_words(&p, "conditional, and not all of its risks are accepted");
        break;
    case HOP_GAP_AVOIDED:
        hop_paragraph_words(&p, "offered, but one of the two is to be avoided");
        break;
    }
    hop_paragraph_end(&p);
}

void hop_plan_text_explanation(const hop_plan *plan, hop_buf *out)
{
    const hop_explanation *x = &plan->explanation;
    if (plan->channels.len > 0)
        hop_wrap_list(out, 2, "Channels read:", plan->channels);
    if (x->near_from.len > 0)
        hop_wrap_list(out, 2, "Nearest to the start:", x->near_from);
    if (x->near_to.len > 0)
        hop_wrap_list(out, 2, "Nearest to the target:", x->near_to);
    if (!x->is_from_known || !x->is_to_known || x->is_downgrade)
        return;
    if (plan->status == HOP_PLAN_NEEDS_RISKS)
        hop_wrap(out, 2, "With the risks that are accepted now:");
    add_frontier(out, "The start can reach", "The start can reach no other release.",
                 &x->from_start);
    add_frontier(out, "The target can be reached from",
                 "The target can be reached from no other release.", &x->to_target);
    if (x->next_with_way)
        hop_wrapf(out, 2, "The nearest release after the start that has a way: %s",
                  x->next_with_way);
    if (x->gap_count > 0)
        hop_wrap(out, 2, "What stands between:");
    for (size_t i = 0; i < x->gap_count; i++)
        add_gap(out, &x->gaps[i]);
}
