/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan_report.h"

static void add_counts(const hop_plan *plan, hop_buf *out)
{
    const hop_route *r = &plan->best;
    hop_buf_addf(out, "%zu hop%s, ", r->hops, r->hops == 1 ? "" : "s");
    if (r->conditional_hops > 0)
        hop_buf_addf(out, "%zu conditional", r->conditional_hops);
    else
        hop_buf_adds(out, "none of them conditional");
}

void hop_plan_report_headline(const hop_plan *plan, hop_buf *out)
{
    switch (plan->status) {
    case HOP_PLAN_OK:
        hop_buf_addf(out, "%s to %s (%s): ", plan->from, plan->to, plan->arch);
        add_counts(plan, out);
        return;
    case HOP_PLAN_SAME_VERSION:
        hop_buf_addf(out, "%s is the start and the target (%s): nothing to do",
                     plan->from, plan->arch);
        return;
    case HOP_PLAN_NEEDS_RISKS:
        hop_buf_addf(out, "%s to %s (%s), only with risks: ", plan->from, plan->to,
                     plan->arch);
        add_counts(plan, out);
        return;
    case HOP_PLAN_UNREACHABLE:
    case HOP_PLAN_UNKNOWN_VERSION:
        hop_buf_addf(out, "No path from %s to %s (%s)", plan->from, plan->to, plan->arch);
        return;
    }
}
