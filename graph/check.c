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

/* Risks that were not there when the plan was made break it unless they were accepted by
 * name all the same. */
static void check_risks(const hop_plan *plan, const hop_plan_edge *e,
                        const risk_list *now, hop_changes *out)
{
    for (size_t i = 0; now && i < now->len; i++) {
        const hop_risk *risk = now->items[i], *was = find_risk(e, risk->name);
        if (!was)
            tell(has_name(&plan->accepted_risks, risk->name) ? &out->notes : &out->breaks,
                 "update %s to %s has the new risk %s", e->from, e->to, risk->name);
        else if (strcmp(was->message, risk->message) != 0 ||
                 strcmp(was->rules_json, risk->rules_json) != 0)
            tell(&out->notes, "update %s to %s: risk %s was reworded", e->from, e->to,
                 risk->name);
    }
    if (now && now->len == 0 && !e->is_conditional)
        tell(&out->breaks, "update %s to %s is now conditional", e->from, e->to);
    for (size_t i = 0; i < e->risk_count; i++)
        if (!is_in_list(now, e->risks[i]->name))
            tell(&out->notes, "update %s to %s no longer has the risk %s", e->from, e->to,
                 e->risks[i]->name);
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

static void check_edge(const hop_graph *g, const hop_plan *plan, const hop_plan_edge *e,
                       hop_changes *out)
{
    uint32_t from = hop_model_find(g, e->from, plan->arch);
    uint32_t to = hop_model_find(g, e->to, plan->arch);
    if (from == HOP_NO_ID || to == HOP_NO_ID)
        return; /* told already */
    uint32_t edge = hop_model_find_edge(g, from, to);
    if (edge == HOP_NO_ID) {
        tell(&out->breaks, "update %s to %s is no longer offered", e->from, e->to);
        return;
    }
    check_risks(plan, e, g->edges[edge].risks, out);
    check_channel(g, e, edge, out);
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

/* Worth a note only: what the plan brings is on the media, a better path may not be. */
static hop_status look_for_better(const hop_graph *g, const hop_plan *plan,
                                  hop_changes *out, hop_error **err)
{
    HOP_AUTO_VALUE(hop_strings) accepted = {0};
    for (size_t i = 0; i < plan->accepted_risks.len; i++)
        hop_strings_add(&accepted, plan->accepted_risks.items[i]);
    for (size_t i = 0; i < plan->best.hops; i++)
        for (size_t j = 0; j < plan->best.edges[i].risk_count; j++)
            hop_strings_add(&accepted, plan->best.edges[i].risks[j]->name);
    hop_plan_opts o = {.from = plan->from,
                       .to = plan->to,
                       .arch = plan->arch,
                       .prefer = plan->prefer,
                       .accept_risks = &accepted};
    HOP_AUTO(hop_plan) now = NULL;
    hop_status s = hop_graph_plan(g, &o, &now, err);
    if (s == HOP_OK && now->status == HOP_PLAN_OK &&
        !is_same_route(&now->best, &plan->best))
        tell(&out->notes,
             "planned today, another path is preferred: %zu hops, %zu conditional",
             now->best.hops, now->best.conditional_hops);
    return s;
}

hop_status hop_graph_check(const hop_graph *g, const hop_plan *plan, hop_changes *out,
                           hop_error **err)
{
    HOP_AUTO_VALUE(hop_changes) found = {0};
    if (plan->status != HOP_PLAN_OK && plan->status != HOP_PLAN_SAME_VERSION)
        tell(&found.breaks, "the plan had no path that could be followed: %s",
             hop_plan_status_name(plan->status));
    for (size_t i = 0; i < plan->best.release_count; i++)
        check_release(g, plan, &plan->best.releases[i], &found);
    for (size_t i = 0; i < plan->best.hops; i++)
        check_edge(g, plan, &plan->best.edges[i], &found);
    if (found.breaks.len == 0) {
        hop_status s = look_for_better(g, plan, &found, err);
        if (s != HOP_OK)
            return s;
    }
    *out = found;
    found = (hop_changes){0};
    return HOP_OK;
}
