/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The document of a set of plans: one plan is its own document; several stand under
 * "plans", and what is said about the whole is worked out anew from them. */
#include <string.h>

#include "plan_set_build.h"

/* All plans of a set are for one architecture and one target. */
static hop_status check_alike(const hop_json_view *item, const hop_plan_set *set,
                              hop_error **err)
{
    const hop_plan *first = set->plans[0], *last = set->plans[set->plan_count - 1];
    if (strcmp(first->to, last->to) != 0 || strcmp(first->arch, last->arch) != 0)
        return hop_json_error(item, err, "leads to %s (%s), the first plan to %s (%s)",
                              last->to, last->arch, first->to, first->arch);
    for (size_t i = 0; i + 1 < set->plan_count; i++)
        if (strcmp(set->plans[i]->from, last->from) == 0)
            return hop_json_error(item, err, "a second plan from %s", last->from);
    return HOP_OK;
}

static hop_status parse_plans(const hop_json_view *plans, hop_plan_set *set,
                              hop_error **err)
{
    size_t count = hop_json_count(plans);
    if (count == 0 || count > HOP_PLAN_SET_MAX_STARTS)
        return hop_json_error(plans, err, "%zu plans; expected 1 to %zu", count,
                              HOP_PLAN_SET_MAX_STARTS);
    hop_status s = HOP_OK;
    for (size_t i = 0; i < count && s == HOP_OK; i++) {
        hop_json_view item;
        HOP_AUTO(hop_plan) plan = NULL;
        s = hop_json_item(plans, i, HOP_JSON_OBJECT, &item, err);
        if (s == HOP_OK)
            s = hop_plan_parse_view(&item, &plan, err);
        if (s != HOP_OK)
            return hop_error_wrap(err, "plan %zu of %zu", i + 1, count);
        hop_plan_set_add(set, &plan);
        s = check_alike(&item, set, err);
    }
    return s;
}

static hop_status parse_root(const hop_json_view *root, hop_plan_set *set,
                             hop_error **err)
{
    hop_json_view plans;
    hop_status s = hop_plan_check_schema(root, err);
    if (s == HOP_OK)
        s = hop_json_optional(root, "plans", HOP_JSON_ARRAY, &plans, err);
    if (s != HOP_OK)
        return s;
    if (!plans.value) {
        HOP_AUTO(hop_plan) plan = NULL;
        s = hop_plan_parse_view(root, &plan, err);
        if (s == HOP_OK)
            hop_plan_set_add(set, &plan);
        return s;
    }
    uint64_t at_least = 0;
    hop_json_view bound;
    s = hop_json_optional(root, "at_least", HOP_JSON_INTEGER, &bound, err);
    if (s == HOP_OK && bound.value)
        s = hop_json_uint(&bound, &at_least, err);
    set->at_least = (size_t)at_least;
    return s == HOP_OK ? parse_plans(&plans, set, err) : s;
}

hop_status hop_plan_set_parse(const char *text, size_t len, const char *name,
                              hop_plan_set **out, hop_error **err)
{
    if (len > HOP_MAX_DOCUMENT)
        return hop_error_set(err, HOP_E_LIMIT, "%s: larger than %zu MiB", name,
                             HOP_MAX_DOCUMENT / HOP_MIB);
    HOP_AUTO(hop_json) doc = NULL;
    hop_status s = hop_json_parse(text, len, name, &doc, err);
    if (s != HOP_OK)
        return s;
    hop_json_view root = hop_json_root(doc, name);
    HOP_AUTO(hop_plan_set) set = hop_alloc(1, sizeof(*set));
    s = parse_root(&root, set, err);
    if (s != HOP_OK)
        return s;
    hop_plan_set_sum_up(set);
    *out = hop_steal(&set);
    return HOP_OK;
}
