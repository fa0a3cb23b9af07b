/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan_set_build.h"

#include <stdlib.h>
#include <string.h>

#include "steiner.h"

void hop_plan_set_free(hop_plan_set *set)
{
    if (!set)
        return;
    for (size_t i = 0; i < set->plan_count; i++)
        hop_plan_free(set->plans[i]);
    free(set->plans);
    hop_strings_clear(&set->releases);
    hop_strings_clear(&set->needed_risks);
    free(set);
}

bool hop_plan_set_is_smallest(const hop_plan_set *set)
{
    return set->at_least > 0 && set->at_least == set->releases.len;
}

void hop_plan_set_add(hop_plan_set *set, hop_plan **plan)
{
    set->plans = hop_realloc(set->plans, set->plan_count + 1, sizeof(*set->plans));
    set->plans[set->plan_count++] = hop_steal(plan);
}

void hop_plan_set_note_data(hop_plan_set *set, const char *tree)
{
    for (size_t i = 0; i < set->plan_count; i++)
        if (!set->plans[i]->graph_data)
            set->plans[i]->graph_data = hop_arena_strdup(set->plans[i]->memory, tree);
}

/* ---- the whole ---- */

static int severity(hop_plan_status s)
{
    switch (s) {
    case HOP_PLAN_SAME_VERSION:
        return 0;
    case HOP_PLAN_OK:
        return 1;
    case HOP_PLAN_NEEDS_RISKS:
        return 2;
    case HOP_PLAN_UNREACHABLE:
        return 3;
    case HOP_PLAN_UNKNOWN_VERSION:
        return 4;
    }
    return 4;
}

static int compare_versions(const void *a, const void *b)
{
    hop_version x, y;
    hop_error *why = NULL;
    const char *const *left = a, *const *right = b;
    int order = 0;
    if (hop_version_parse(*left, &x, &why) == HOP_OK &&
        hop_version_parse(*right, &y, &why) == HOP_OK)
        order = hop_version_compare(&x, &y);
    hop_error_drop(&why); /* cannot be: releases of plans were parsed before */
    return order ? order : strcmp(*left, *right);
}

static void add_once(hop_strings *list, const char *text)
{
    if (!hop_strings_has(list, text))
        hop_strings_add(list, text);
}

void hop_plan_set_sum_up(hop_plan_set *set)
{
    hop_strings_clear(&set->releases);
    hop_strings_clear(&set->needed_risks);
    set->status = HOP_PLAN_SAME_VERSION;
    for (size_t i = 0; i < set->plan_count; i++) {
        const hop_plan *plan = set->plans[i];
        if (severity(plan->status) > severity(set->status))
            set->status = plan->status;
        for (size_t j = 0; j < plan->best.release_count; j++)
            add_once(&set->releases, plan->best.releases[j].version);
        for (size_t j = 0; j < plan->needed_risks.len; j++)
            add_once(&set->needed_risks, plan->needed_risks.items[j]);
    }
    if (set->releases.len > 1)
        qsort(set->releases.items, set->releases.len, sizeof(*set->releases.items),
              compare_versions);
    hop_strings_sort(&set->needed_risks);
}

/* ---- making ---- */

static hop_status plan_each(const hop_graph *g, const hop_plan_opts *opts,
                            const hop_strings *starts, hop_plan_set *set, hop_error **err)
{
    hop_plan_opts o = *opts;
    for (size_t i = 0; i < starts->len; i++) {
        HOP_AUTO(hop_plan) plan = NULL;
        o.from = starts->items[i];
        hop_status s = hop_graph_plan(g, &o, &plan, err);
        if (s != HOP_OK)
            return s;
        hop_plan_set_add(set, &plan);
    }
    hop_plan_set_sum_up(set);
    return HOP_OK;
}

static int compare_positions(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Positions of the starts that are not at the target, ascending. Different spellings of
 * one release ("4.1.0", "4.1.0+amd64") are one. */
static size_t list_positions(const hop_search *s, const hop_strings *starts,
                             uint32_t *out)
{
    size_t count = 0, unique = 0;
    for (size_t i = 0; i < starts->len; i++) {
        uint32_t id = hop_model_find(s->g, starts->items[i], s->opts->arch);
        if (id != HOP_NO_ID && s->positions[id] != s->target)
            out[count++] = s->positions[id];
    }
    qsort(out, count, sizeof(*out), compare_positions);
    for (size_t i = 0; i < count; i++)
        if (unique == 0 || out[unique - 1] != out[i])
            out[unique++] = out[i];
    return unique;
}

/* Adds to `within` what these starts need besides what is there already. */
static hop_status choose_releases(const hop_graph *g, const hop_plan_opts *o,
                                  const hop_strings *starts, search_risks risks,
                                  hop_strings *within, size_t *at_least, hop_error **err)
{
    HOP_AUTO(hop_search) s = NULL;
    uint32_t to = hop_model_find(g, o->to, o->arch);
    hop_status st = hop_search_new(g, o, to, to, risks, SEARCH_WHOLE, &s, err);
    if (st != HOP_OK)
        return st;
    uint32_t *positions = hop_alloc(starts->len + 1, sizeof(*positions));
    bool *held = hop_alloc(g->node_count + 1, sizeof(*held));
    for (size_t i = 0; i < within->len; i++)
        held[s->positions[hop_model_find(g, within->items[i], o->arch)]] = true;
    size_t count = list_positions(s, starts, positions);
    hop_steiner tree = {0};
    hop_steiner_find(s, positions, count,
                     risks == SEARCH_ANY_RISKS ? STEINER_FEWEST_RISKS
                                               : STEINER_FEWEST_RELEASES,
                     within->len > 0 ? held : NULL, &tree);
    for (size_t i = 0; i < s->node_count; i++)
        if (tree.is_in[i] && !held[i])
            hop_strings_add(within, g->order[i]->release.version);
    *at_least = tree.at_least;
    hop_steiner_clear(&tree);
    free(positions);
    free(held);
    return HOP_OK;
}

/* Starts that have a way over accepted risks keep one; only the others look further. */
static hop_status choose_all(const hop_graph *g, const hop_plan_opts *o,
                             const hop_plan_set *each, hop_strings *within,
                             size_t *at_least, hop_error **err)
{
    HOP_AUTO_VALUE(hop_strings) easy = {0};
    HOP_AUTO_VALUE(hop_strings) risky = {0};
    for (size_t i = 0; i < each->plan_count; i++)
        hop_strings_add(each->plans[i]->status == HOP_PLAN_NEEDS_RISKS ? &risky : &easy,
                        each->plans[i]->from);
    hop_status s = HOP_OK;
    if (easy.len > 0)
        s = choose_releases(g, o, &easy, SEARCH_ACCEPTED_RISKS, within, at_least, err);
    if (s == HOP_OK && risky.len > 0)
        s = choose_releases(g, o, &risky, SEARCH_ANY_RISKS, within, at_least, err);
    return s;
}

static hop_status plan_together(const hop_graph *g, const hop_plan_opts *opts,
                                const hop_strings *starts, hop_plan_set **set,
                                hop_error **err)
{
    HOP_AUTO_VALUE(hop_strings) within = {0};
    HOP_AUTO(hop_plan_set) together = hop_alloc(1, sizeof(*together));
    hop_plan_opts o = *opts;
    hop_status s = choose_all(g, &o, *set, &within, &together->at_least, err);
    o.within = &within;
    if (s == HOP_OK)
        s = plan_each(g, &o, starts, together, err);
    if (s != HOP_OK)
        return s;
    hop_plan_set_free(*set);
    *set = hop_steal(&together);
    return HOP_OK;
}

static hop_status list_starts(const hop_strings *given, hop_strings *out, hop_error **err)
{
    for (size_t i = 0; i < given->len; i++)
        add_once(out, given->items[i]);
    if (out->len == 0)
        return hop_error_set(err, HOP_E_USAGE, "from: a version is needed");
    if (out->len > HOP_PLAN_SET_MAX_STARTS)
        return hop_error_set(err, HOP_E_USAGE, "from: more than %zu versions",
                             HOP_PLAN_SET_MAX_STARTS);
    return HOP_OK;
}

hop_status hop_plan_set_make(const hop_graph *g, const hop_plan_opts *opts,
                             const hop_strings *given, hop_plan_set **out,
                             hop_error **err)
{
    HOP_AUTO_VALUE(hop_strings) starts = {0};
    HOP_AUTO(hop_plan_set) set = hop_alloc(1, sizeof(*set));
    hop_plan_opts o = *opts;
    o.arch = opts->arch ? opts->arch : "amd64";
    hop_status s = list_starts(given, &starts, err);
    if (s == HOP_OK)
        s = plan_each(g, &o, &starts, set, err);
    bool has_ways = s == HOP_OK &&
                    (set->status == HOP_PLAN_OK || set->status == HOP_PLAN_NEEDS_RISKS);
    if (has_ways && starts.len > 1)
        s = plan_together(g, &o, &starts, &set, err);
    if (s == HOP_OK)
        *out = hop_steal(&set);
    return s;
}
