/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A carried plan against today's graphs. */
#include <string.h>

#include "search.h"

void hop_changes_clear(hop_changes *c)
{
    hop_strings_clear(&c->breaks);
    hop_strings_clear(&c->notes);
}

static void tell(hop_strings *list, const char *fmt, ...) HOP_PRINTF(2, 3);

static void tell(hop_strings *list, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    HOP_AUTO_STR text = hop_vsprintf(fmt, ap);
    va_end(ap);
    hop_strings_take(list, &text);
}

static void check_release(const hop_graph *g, const hop_plan *plan, const hop_release *r,
                          hop_changes *out)
{
    const hop_release *now = hop_graph_find_release(g, r->version, plan->arch);
    if (!now)
        tell(&out->breaks, "release %s is no longer in the graphs", r->version);
    else if (r->payload && now->payload && strcmp(r->payload, now->payload) != 0)
        tell(&out->breaks, "release %s: the payload was %s and is now %s", r->version,
             r->payload, now->payload);
    else if (r->payload && !now->payload)
        tell(&out->breaks, "release %s has no payload any more", r->version);
}

static bool has_name(const hop_texts *names, const char *name)
{
    for (size_t i = 0; i < names->len; i++)
        if (strcmp(names->items[i], name) == 0 || strcmp(names->items[i], "all") == 0)
            return true;
    return false;
}

static const hop_risk *find_risk(const hop_plan_edge *e, const char *name)
{
    for (size_t i = 0; i < e->risk_count; i++)
        if (strcmp(e->risks[i]->name, name) == 0)
            return e->risks[i];
    return NULL;
}

static bool is_in_list(const risk_list *list, const char *name)
{
    for (size_t i = 0; list && i < list->len; i++)
        if (strcmp(list->items[i]->name, name) == 0)
            return true;
    return false;
}

/* What is held against what. `today` has what the user says now about risks. */
typedef struct comparison {
    const hop_graph *g;
    const hop_plan *plan;
    const hop_plan_opts *today;
    hop_changes *out;
} comparison;

static bool is_accepted(const comparison *c, const char *name)
{
    const hop_strings *now = c->today->accept_risks;
    return has_name(&c->plan->accepted_risks, name) ||
           (now && (hop_strings_has(now, name) || hop_strings_has(now, "all")));
}

/* Answers of today replace those of the plan as a whole. */
static hop_risk_answer answer_of(const comparison *c, const hop_risk *now,
                                 const hop_risk *was)
{
    if (c->today->answers)
        return hop_answers_evaluate(c->today->answers, now);
    return was ? was->answer : HOP_RISK_UNKNOWN;
}

/* Risks that were not there when the plan was made break it unless they are accepted by
 * name all the same, or known not to apply. */
static void check_new_risk(const comparison *c, const hop_plan_edge *e,
                           const hop_risk *now)
{
    if (answer_of(c, now, NULL) == HOP_RISK_DOES_NOT_APPLY)
        tell(&c->out->notes,
             "update %s to %s has the new risk %s, which does not apply here", e->from,
             e->to, now->name);
    else
        tell(is_accepted(c, now->name) ? &c->out->notes : &c->out->breaks,
             "update %s to %s has the new risk %s", e->from, e->to, now->name);
}

static void check_known_risk(const comparison *c, const hop_plan_edge *e,
                             const hop_risk *now, const hop_risk *was)
{
    if (strcmp(was->message, now->message) != 0 ||
        strcmp(was->rules_json, now->rules_json) != 0)
        tell(&c->out->notes, "update %s to %s: risk %s was reworded", e->from, e->to,
             now->name);
    hop_risk_answer answer = answer_of(c, now, was);
    if (answer == was->answer)
        return;
    bool is_usable = answer == HOP_RISK_DOES_NOT_APPLY || is_accepted(c, now->name);
    tell(is_usable ? &c->out->notes : &c->out->breaks,
         "update %s to %s: risk %s was answered \"%s\" and is now \"%s\"", e->from, e->to,
         now->name, hop_risk_answer_name(was->answer), hop_risk_answer_name(answer));
}

static void check_risks(const comparison *c, const hop_plan_edge *e, const risk_list *now)
{
    for (size_t i = 0; now && i < now->len; i++) {
        const hop_risk *risk = now->items[i], *was = find_risk(e, risk->name);
        if (was)
            check_known_risk(c, e, risk, was);
        else
            check_new_risk(c, e, risk);
    }
    if (now && now->len == 0 && !e->is_conditional)
        tell(&c->out->breaks, "update %s to %s is now conditional", e->from, e->to);
    for (size_t i = 0; i < e->risk_count; i++)
        if (!is_in_list(now, e->risks[i]->name))
            tell(&c->out->notes, "update %s to %s no longer has the risk %s", e->from,
                 e->to, e->risks[i]->name);
}

/* The channel may only be missing because it was not read this time. */
static void check_channel(const hop_graph *g, const hop_plan_edge *e, uint32_t edge,
                          hop_changes *out)
{
    bool was_read = false;
    for (size_t i = 0; e->channel && i < g->document_count; i++) {
        const graph_document *d = &g->documents[i];
        if (!d->channel || strcmp(d->channel, e->channel) != 0)
            continue;
        if (hop_model_has_edge(d, edge))
            return;
        was_read = true;
    }
    if (was_read)
        tell(&out->breaks, "update %s to %s is no longer in channel %s", e->from, e->to,
             e->channel);
}

static void check_edge(const comparison *c, const hop_plan_edge *e)
{
    uint32_t from = hop_model_find(c->g, e->from, c->plan->arch);
    uint32_t to = hop_model_find(c->g, e->to, c->plan->arch);
    if (from == HOP_NO_ID || to == HOP_NO_ID)
        return; /* told already */
    uint32_t edge = hop_model_find_edge(c->g, from, to);
    if (edge == HOP_NO_ID) {
        tell(&c->out->breaks, "update %s to %s is no longer offered", e->from, e->to);
        return;
    }
    check_risks(c, e, c->g->edges[edge].risks);
    check_channel(c->g, e, edge, c->out);
}

static bool is_same_route(const hop_route *a, const hop_route *b)
{
    if (a->release_count != b->release_count)
        return false;
    for (size_t i = 0; i < a->release_count; i++)
        if (strcmp(a->releases[i].version, b->releases[i].version) != 0)
            return false;
    return true;
}

static void add_today(const hop_strings *now, hop_strings *accepted)
{
    for (size_t i = 0; now && i < now->len; i++)
        hop_strings_add(accepted, now->items[i]);
}

/* Worth a note only: what the plan brings is on the media, a better path may not be. */
static hop_status look_for_better(const comparison *c, hop_error **err)
{
    const hop_plan *plan = c->plan;
    HOP_AUTO_VALUE(hop_strings) accepted = {0};
    for (size_t i = 0; i < plan->accepted_risks.len; i++)
        hop_strings_add(&accepted, plan->accepted_risks.items[i]);
    for (size_t i = 0; i < plan->best.hops; i++)
        for (size_t j = 0; j < plan->best.edges[i].risk_count; j++)
            hop_strings_add(&accepted, plan->best.edges[i].risks[j]->name);
    add_today(c->today->accept_risks, &accepted);
    hop_plan_opts o = {.from = plan->from,
                       .to = plan->to,
                       .arch = plan->arch,
                       .prefer = plan->prefer,
                       .answers = c->today->answers,
                       .accept_risks = &accepted};
    HOP_AUTO(hop_plan) now = NULL;
    hop_status s = hop_graph_plan(c->g, &o, &now, err);
    if (s == HOP_OK && now->status == HOP_PLAN_OK &&
        !is_same_route(&now->best, &plan->best))
        tell(&c->out->notes,
             "planned today, another path is preferred: %zu hops, %zu conditional",
             now->best.hops, now->best.conditional_hops);
    return s;
}

hop_status hop_graph_check_with(const hop_graph *g, const hop_plan *plan,
                                const hop_plan_opts *today, hop_changes *out,
                                hop_error **err)
{
    HOP_AUTO_VALUE(hop_changes) found = {0};
    comparison c = {.g = g, .plan = plan, .today = today, .out = &found};
    if (plan->status != HOP_PLAN_OK && plan->status != HOP_PLAN_SAME_VERSION)
        tell(&found.breaks, "the plan had no path that could be followed: %s",
             hop_plan_status_name(plan->status));
    for (size_t i = 0; i < plan->best.release_count; i++)
        check_release(g, plan, &plan->best.releases[i], &found);
    for (size_t i = 0; i < plan->best.hops; i++)
        check_edge(&c, &plan->best.edges[i]);
    if (found.breaks.len == 0) {
        hop_status s = look_for_better(&c, err);
        if (s != HOP_OK)
            return s;
    }
    *out = found;
    found = (hop_changes){0};
    return HOP_OK;
}

hop_status hop_graph_check(const hop_graph *g, const hop_plan *plan, hop_changes *out,
                           hop_error **err)
{
    hop_plan_opts nothing = {0};
    return hop_graph_check_with(g, plan, &nothing, out, err);
}
