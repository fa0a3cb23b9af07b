/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan_report.h"
#include "wrap.h"

static hop_texts texts_of(const hop_strings *list)
{
    return (hop_texts){(const char *const *)list->items, list->len};
}

/* ---- for machines ---- */

static void set_strings(hop_json *doc, const char *key, const hop_strings *list)
{
    hop_json *array = hop_json_add_array(doc, key);
    for (size_t i = 0; i < list->len; i++)
        hop_json_append_string(array, list->items[i]);
}

hop_json *hop_plan_set_report_json(const hop_plan_set *set)
{
    const hop_plan *first = set->plans[0];
    if (set->plan_count == 1)
        return hop_plan_report_json(first);
    hop_json *doc = hop_json_new_object();
    hop_json_set_string(doc, "schema", HOP_PLAN_SCHEMA);
    hop_json_set_string(doc, "status", hop_plan_status_name(set->status));
    hop_json_set_string(doc, "arch", first->arch);
    hop_json *starts = hop_json_add_array(doc, "starts");
    for (size_t i = 0; i < set->plan_count; i++)
        hop_json_append_string(starts, set->plans[i]->from);
    hop_json_set_string(doc, "to", first->to);
    set_strings(doc, "releases", &set->releases);
    hop_json_set_uint(doc, "release_count", set->releases.len);
    hop_json_set_uint(doc, "at_least", set->at_least);
    hop_json_set_bool(doc, "smallest", hop_plan_set_is_smallest(set));
    set_strings(doc, "needed_risks", &set->needed_risks);
    hop_json *plans = hop_json_add_array(doc, "plans");
    for (size_t i = 0; i < set->plan_count; i++) {
        HOP_AUTO(hop_json) plan = hop_plan_report_json(set->plans[i]);
        hop_json_append_take(plans, &plan);
    }
    return doc;
}

/* ---- for people ---- */

static void add_head(const hop_plan_set *set, hop_buf *out)
{
    const hop_plan *first = set->plans[0];
    size_t without = 0;
    for (size_t i = 0; i < set->plan_count; i++)
        without += set->plans[i]->best.release_count == 0;
    if (without > 0) {
        hop_wrapf(out, 0,
                  "No common plan for %zu starts to %s (%s): %zu of them %s no path.",
                  set->plan_count, first->to, first->arch, without,
                  without == 1 ? "has" : "have");
        return;
    }
    hop_wrapf(out, 0, "%zu starts to %s (%s): %zu releases in all%s", set->plan_count,
              first->to, first->arch, set->releases.len,
              set->status == HOP_PLAN_NEEDS_RISKS ? ", with risks to accept."
              : hop_plan_set_is_smallest(set)     ? ", the fewest that will do."
                                                  : ".");
    if (set->status != HOP_PLAN_NEEDS_RISKS && !hop_plan_set_is_smallest(set) &&
        set->at_least > 0)
        hop_wrapf(out, 0,
                  "So many starts are joined group by group; %zu releases are needed in "
                  "any case.",
                  set->at_least);
    hop_wrap_list(out, 2, "Releases:", texts_of(&set->releases));
}

void hop_plan_set_report_text(const hop_plan_set *set, hop_buf *out)
{
    if (set->plan_count == 1) {
        hop_plan_report_text(set->plans[0], out);
        return;
    }
    add_head(set, out);
    for (size_t i = 0; i < set->plan_count; i++) {
        hop_buf_adds(out, "\n---- start ");
        hop_buf_addf(out, "%zu of %zu ----\n\n", i + 1, set->plan_count);
        hop_plan_report_part(set->plans[i], out);
    }
    if (set->needed_risks.len > 0)
        hop_plan_report_flags(texts_of(&set->needed_risks), out);
}
