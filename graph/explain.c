/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why there is no path: an answer, not an error message. */
#include <stdlib.h>
#include <string.h>

#include "plan_build.h"

#define NEAR_MAX ((size_t)5)
#define EXAMPLE_MAX ((size_t)10)
#define GAP_MAX ((size_t)10)

static const char *say(hop_plan_builder *b, const char *fmt, ...) HOP_PRINTF(2, 3);

static const char *say(hop_plan_builder *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    HOP_AUTO_STR text = hop_vsprintf(fmt, ap);
    va_end(ap);
    return hop_plan_copy(b, text);
}

const char *hop_gap_reason_name(hop_gap_reason r)
{
    switch (r) {
    case HOP_GAP_NOT_DECLARED:
        return "not-declared";
    case HOP_GAP_OTHER_CHANNEL:
        return "other-channel";
    case HOP_GAP_RISK:
        return "risk";
    case HOP_GAP_AVOIDED:
        return "avoided";
    }
    return "unknown";
}

/* ---- unknown versions ---- */

/* The neighbours in version order; those of the same minor first, newer before older. */
static hop_texts list_near(hop_plan_builder *b, const char *text)
{
    hop_version v;
    hop_error *why = NULL;
    if (hop_version_parse(text, &v, &why) != HOP_OK) {
        hop_error_drop(&why); /* the options were checked; a plan without neighbours is
                                 still right */
        return (hop_texts){0};
    }
    const hop_graph *g = b->g;
    size_t above = 0;
    while (above < g->node_count &&
           hop_version_compare(&g->order[above]->version, &v) < 0)
        above++;
    size_t below = above; /* the next older one is below - 1 */
    const char *names[NEAR_MAX];
    size_t n = 0;
    while (n < NEAR_MAX && (above < g->node_count || below > 0)) {
        bool has_above = above<g->node_count, has_below = below> 0;
        bool above_fits =
            has_above && hop_version_is_same_minor(&g->order[above]->version, &v);
        bool below_fits =
            has_below && hop_version_is_same_minor(&g->order[below - 1]->version, &v);
        bool take_above =
            has_above &&
            (above_fits == below_fits ? n % 2 == 0 || !has_below : above_fits);
        names[n++] = take_above || !has_below ? g->order[above++]->release.version
                                              : g->order[--below]->release.version;
    }
    return hop_plan_copy_texts(b, names, n);
}

void hop_explain_unknown(hop_plan_builder *b, const char *from, uint32_t from_id,
                         const char *to, uint32_t to_id)
{
    hop_explanation *x = &b->plan->explanation;
    x->is_from_known = from_id != HOP_NO_ID;
    x->is_to_known = to_id != HOP_NO_ID;
    if (!x->is_from_known)
        x->near_from = list_near(b, from);
    if (!x->is_to_known)
        x->near_to = list_near(b, to);
    if (x->is_from_known || x->is_to_known || strcmp(from, to) == 0)
        x->summary = say(b, "%s is not in the graphs that were read",
                         x->is_from_known ? to : from);
    else
        x->summary =
            say(b, "neither %s nor %s is in the graphs that were read", from, to);
}

/* ---- frontiers ---- */

/* The releases with a distance, newest first, without the one that they were measured
 * from. */
static hop_frontier list_frontier(hop_plan_builder *b, const uint64_t *distances,
                                  uint32_t root)
{
    hop_frontier f = {0};
    const char *names[EXAMPLE_MAX];
    size_t n = 0;
    for (size_t i = b->g->node_count; i-- > 0;) {
        if (distances[i] == HOP_UNREACHABLE || i == root)
            continue;
        if (n < EXAMPLE_MAX)
            names[n++] = b->g->order[i]->release.version;
        f.total++;
    }
    f.examples = hop_plan_copy_texts(b, names, n);
    return f;
}

static const char *find_next_with_way(hop_plan_builder *b, const hop_search *s)
{
    for (size_t i = s->start + 1u; i < s->target; i++)
        if (s->to_target[i] != HOP_UNREACHABLE)
            return hop_plan_copy(b, b->g->order[i]->release.version);
    return NULL;
}

/* ---- gaps ---- */

static bool has_text(hop_texts list, const char *text)
{
    for (size_t i = 0; i < list.len; i++)
        if (strcmp(list.items[i], text) == 0)
            return true;
    return false;
}

/* Channels that both releases are in by their metadata, but that were not read. */
static hop_texts list_unread(hop_plan_builder *b, const hop_release *from,
                             const hop_release *to)
{
    const char **names =
        hop_arena_alloc(b->plan->memory, from->channels.len, sizeof(*names));
    size_t n = 0;
    for (size_t i = 0; i < from->channels.len; i++) {
        const char *name = from->channels.items[i];
        if (has_text(to->channels, name) && !has_text(b->plan->channels, name))
            names[n++] = hop_plan_copy(b, name);
    }
    return (hop_texts){names, n};
}

/* An update is offered in every channel that has both releases. So where a document that
 * was read has both, another channel would not offer more. */
static bool is_seen_together(const hop_plan_builder *b, const hop_release *from,
                             const hop_release *to)
{
    uint32_t x = hop_model_find(b->g, from->version, NULL);
    uint32_t y = hop_model_find(b->g, to->version, NULL);
    for (size_t i = 0; i < b->g->document_count; i++)
        if (hop_model_has_node(&b->g->documents[i], x) &&
            hop_model_has_node(&b->g->documents[i], y))
            return true;
    return false;
}

static hop_gap make_gap(hop_plan_builder *b, const hop_release *from,
                        const hop_release *to, hop_gap_reason reason)
{
    hop_gap gap = {.from = hop_plan_copy(b, from->version),
                   .to = hop_plan_copy(b, to->version),
                   .reason = reason};
    if (reason == HOP_GAP_NOT_DECLARED && !is_seen_together(b, from, to)) {
        gap.channels = list_unread(b, from, to);
        if (gap.channels.len > 0)
            gap.reason = HOP_GAP_OTHER_CHANNEL;
    }
    return gap;
}

static bool is_one_step(const graph_node *from, const graph_node *to)
{
    hop_version_step step = hop_version_get_step(&from->version, &to->version);
    return step == HOP_STEP_PATCH || step == HOP_STEP_MINOR;
}

/* The newest release that one legal hop from `from` would reach and from which there is a
 * way. */
static const graph_node *find_landing(const hop_search *s, const graph_node *from)
{
    const graph_node *prerelease = NULL;
    for (size_t i = s->target + 1u; i-- > s->positions[from->id] + 1u;) {
        const graph_node *to = s->g->order[i];
        if (s->to_target[i] == HOP_UNREACHABLE || !is_one_step(from, to))
            continue;
        if (!to->release.is_prerelease || i == s->target)
            return to;
        prerelease = prerelease ? prerelease : to;
    }
    return prerelease;
}

/* Updates that nobody declared and that would close the gap, from the newest releases
 * that can be reached. */
static void list_missing(hop_plan_builder *b, const hop_search *s)
{
    hop_explanation *x = &b->plan->explanation;
    hop_gap *gaps = hop_arena_alloc(b->plan->memory, GAP_MAX, sizeof(*gaps));
    for (size_t i = s->target; i-- > s->start && x->gap_count < GAP_MAX;) {
        const graph_node *from = b->g->order[i];
        if (s->from_start[i] == HOP_UNREACHABLE ||
            (from->release.is_prerelease && i != s->start))
            continue;
        const graph_node *to = find_landing(s, from);
        if (to)
            gaps[x->gap_count++] =
                make_gap(b, &from->release, &to->release, HOP_GAP_NOT_DECLARED);
    }
    x->gaps = gaps;
}

/* The edges of a path that the given test picks. */
typedef bool edge_test(const hop_plan_builder *b, const graph_edge *e);

static bool is_risky(const hop_plan_builder *b, const graph_edge *e)
{
    return e->risks && !hop_search_accepts(b->opts, e->risks);
}

static bool is_avoided(const hop_plan_builder *b, const graph_edge *e)
{
    for (size_t i = 0; i < b->opts->avoid->len; i++) {
        uint32_t id = hop_model_find(b->g, b->opts->avoid->items[i], b->opts->arch);
        if (id == e->from || id == e->to)
            return true;
    }
    return false;
}

static void list_blocked(hop_plan_builder *b, const hop_search *s, edge_test *test,
                         hop_gap_reason reason)
{
    hop_explanation *x = &b->plan->explanation;
    hop_gap *gaps = hop_arena_alloc(b->plan->memory, GAP_MAX, sizeof(*gaps));
    hop_search_path path = hop_search_find_best(s);
    for (size_t i = 0; i < path.hops && x->gap_count < GAP_MAX; i++) {
        const graph_edge *e = &b->g->edges[s->edge_ids[path.edges[i]]];
        if (test(b, e))
            gaps[x->gap_count++] = make_gap(b, &b->g->nodes[e->from]->release,
                                            &b->g->nodes[e->to]->release, reason);
    }
    x->gaps = gaps;
    hop_search_path_clear(&path);
}

/* ---- sentences ---- */

static void say_unreachable(hop_plan_builder *b)
{
    const hop_plan *p = b->plan;
    hop_explanation *x = &b->plan->explanation;
    if (x->is_downgrade)
        x->summary =
            say(b, "%s is older than %s, and an update never goes down", p->to, p->from);
    else if (x->from_start.total == 0 && x->to_target.total == 0)
        x->summary =
            say(b, "no update leads away from %s, and none leads to %s", p->from, p->to);
    else if (x->from_start.total == 0)
        x->summary = say(b, "no update leads away from %s", p->from);
    else if (x->to_target.total == 0)
        x->summary = say(b, "no update leads to %s", p->to);
    else
        x->summary = say(b, "no update leads from what %s reaches to what reaches %s",
                         p->from, p->to);
}

/* Would there be a way if nothing was to be avoided? */
static hop_status explain_avoided(hop_plan_builder *b, uint32_t from, uint32_t to,
                                  hop_error **err)
{
    hop_plan_opts without = *b->opts;
    without.avoid = NULL;
    HOP_AUTO(hop_search) s = NULL;
    hop_status st = hop_search_new(b->g, &without, from, to, SEARCH_ANY_RISKS,
                                   SEARCH_BETWEEN, &s, err);
    if (st != HOP_OK || !hop_search_has_path(s))
        return st;
    list_blocked(b, s, is_avoided, HOP_GAP_AVOIDED);
    b->plan->explanation.summary =
        say(b, "every path from %s to %s goes through a release that is to be avoided",
            b->plan->from, b->plan->to);
    return HOP_OK;
}

static hop_status explain_unreachable(hop_plan_builder *b, const hop_search *whole,
                                      uint32_t from, uint32_t to, hop_error **err)
{
    hop_explanation *x = &b->plan->explanation;
    if (!x->is_downgrade && b->opts->avoid && b->opts->avoid->len > 0) {
        hop_status s = explain_avoided(b, from, to, err);
        if (s != HOP_OK || x->summary)
            return s;
    }
    say_unreachable(b);
    if (!x->is_downgrade)
        list_missing(b, whole);
    return HOP_OK;
}

static hop_status explain_risks(hop_plan_builder *b, uint32_t from, uint32_t to,
                                hop_error **err)
{
    HOP_AUTO(hop_search) any = NULL;
    hop_status s = hop_search_new(b->g, b->opts, from, to, SEARCH_ANY_RISKS,
                                  SEARCH_BETWEEN, &any, err);
    if (s != HOP_OK)
        return s;
    list_blocked(b, any, is_risky, HOP_GAP_RISK);
    size_t count = b->plan->needed_risks.len;
    b->plan->explanation.summary =
        say(b,
            "every path from %s to %s takes conditional updates; the one with the fewest "
            "needs %zu risk%s accepted",
            b->plan->from, b->plan->to, count, count == 1 ? "" : "s");
    return HOP_OK;
}

static hop_status explain(hop_plan_builder *b, uint32_t from, uint32_t to,
                          hop_error **err)
{
    bool needs_risks = b->plan->status == HOP_PLAN_NEEDS_RISKS;
    HOP_AUTO(hop_search) whole = NULL;
    hop_status s = hop_search_new(b->g, b->opts, from, to,
                                  needs_risks ? SEARCH_ACCEPTED_RISKS : SEARCH_ANY_RISKS,
                                  SEARCH_WHOLE, &whole, err);
    if (s != HOP_OK)
        return s;
    hop_explanation *x = &b->plan->explanation;
    x->is_from_known = true;
    x->is_to_known = true;
    x->is_downgrade = whole->target < whole->start;
    x->from_start = list_frontier(b, whole->from_start, whole->start);
    x->to_target = list_frontier(b, whole->to_target, whole->target);
    x->next_with_way = find_next_with_way(b, whole);
    return needs_risks ? explain_risks(b, from, to, err)
                       : explain_unreachable(b, whole, from, to, err);
}

/* What other releases could do is part of the answer, also for a plan that keeps within
 * some. */
hop_status hop_explain_no_path(hop_plan_builder *b, uint32_t from, uint32_t to,
                               hop_error **err)
{
    const hop_plan_opts *narrow = b->opts;
    hop_plan_opts wide = *narrow;
    wide.within = NULL;
    b->opts = &wide;
    hop_status s = explain(b, from, to, err);
    b->opts = narrow;
    return s;
}
