/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan_build.h"

#include <stdlib.h>
#include <string.h>

#include "channels.h"
#include "pools.h"

hop_plan *hop_plan_new(void)
{
    hop_plan *plan = hop_alloc(1, sizeof(*plan));
    plan->memory = hop_arena_new();
    return plan;
}

void hop_plan_free(hop_plan *plan)
{
    if (!plan)
        return;
    hop_arena_free(plan->memory);
    free(plan);
}

void hop_plan_builder_clear(hop_plan_builder *b)
{
    hop_plan_free(b->plan);
    free(b->originals);
    free(b->copies);
    *b = (hop_plan_builder){0};
}

const char *hop_plan_copy(hop_plan_builder *b, const char *text)
{
    return hop_arena_strdup(b->plan->memory, text);
}

hop_texts hop_plan_copy_texts(hop_plan_builder *b, const char *const *items, size_t len)
{
    const char **copy = hop_arena_alloc(b->plan->memory, len, sizeof(*copy));
    for (size_t i = 0; i < len; i++)
        copy[i] = hop_plan_copy(b, items[i]);
    return (hop_texts){copy, len};
}

static hop_release copy_release(hop_plan_builder *b, const hop_release *r)
{
    return (hop_release){.version = hop_plan_copy(b, r->version),
                         .payload = hop_plan_copy(b, r->payload),
                         .url = hop_plan_copy(b, r->url),
                         .channels =
                             hop_plan_copy_texts(b, r->channels.items, r->channels.len),
                         .is_prerelease = r->is_prerelease,
                         .is_hotfix = r->is_hotfix};
}

static const hop_risk *copy_risk(hop_plan_builder *b, const hop_risk *r)
{
    for (size_t i = 0; i < b->risk_count; i++)
        if (b->originals[i] == r)
            return b->copies[i];
    hop_arena *a = b->plan->memory;
    hop_rule *rules = hop_arena_alloc(a, r->rule_count, sizeof(*rules));
    for (size_t i = 0; i < r->rule_count; i++)
        rules[i] = (hop_rule){.type = hop_plan_copy(b, r->rules[i].type),
                              .promql = hop_plan_copy(b, r->rules[i].promql)};
    hop_risk *copy = hop_arena_alloc(a, 1, sizeof(*copy));
    *copy =
        (hop_risk){.name = hop_plan_copy(b, r->name),
                   .url = hop_plan_copy(b, r->url),
                   .message = hop_plan_copy(b, r->message),
                   .rules = rules,
                   .rule_count = r->rule_count,
                   .rules_json = hop_plan_copy(b, r->rules_json),
                   .answer = b->opts->answers ? hop_answers_evaluate(b->opts->answers, r)
                                              : HOP_RISK_UNKNOWN};
    b->originals =
        hop_grow(b->originals, b->risk_count, &b->original_cap, sizeof(*b->originals));
    b->copies = hop_grow(b->copies, b->risk_count, &b->copy_cap, sizeof(*b->copies));
    b->originals[b->risk_count] = r;
    b->copies[b->risk_count++] = copy;
    return copy;
}

static hop_plan_edge copy_edge(hop_plan_builder *b, const graph_edge *e,
                               const char *channel)
{
    size_t count = e->risks ? e->risks->len : 0;
    const hop_risk **risks =
        hop_arena_alloc(b->plan->memory, count, sizeof(const hop_risk *));
    for (size_t i = 0; i < count; i++)
        risks[i] = copy_risk(b, e->risks->items[i]);
    return (hop_plan_edge){.from =
                               hop_plan_copy(b, b->g->nodes[e->from]->release.version),
                           .to = hop_plan_copy(b, b->g->nodes[e->to]->release.version),
                           .channel = hop_plan_copy(b, channel),
                           .is_conditional = hop_search_is_conditional(b->opts, e->risks),
                           .risks = risks,
                           .risk_count = count};
}

hop_route hop_plan_copy_route(hop_plan_builder *b, const hop_search *s,
                              const hop_search_path *path)
{
    hop_arena *a = b->plan->memory;
    size_t hops = path->hops;
    uint32_t *ids = hop_alloc(hops + 1, sizeof(*ids));
    for (size_t i = 0; i < hops; i++)
        ids[i] = s->edge_ids[path->edges[i]];
    const char **labels = hop_alloc(hops + 1, sizeof(*labels));
    hop_channel_label(b->g, ids, hops, labels);
    hop_release *releases = hop_arena_alloc(a, hops + 1, sizeof(*releases));
    hop_plan_edge *edges = hop_arena_alloc(a, hops, sizeof(*edges));
    hop_route route = {
        .releases = releases, .release_count = hops + 1, .edges = edges, .hops = hops};
    releases[0] = copy_release(b, &b->g->order[s->start]->release);
    for (size_t i = 0; i < hops; i++) {
        const graph_edge *e = &b->g->edges[ids[i]];
        releases[i + 1] = copy_release(b, &b->g->nodes[e->to]->release);
        edges[i] = copy_edge(b, e, labels[i]);
        route.conditional_hops += edges[i].is_conditional;
    }
    free(labels);
    free(ids);
    route.worker_updates = hops;
    if (b->opts->workers == HOP_WORKERS_PAUSE)
        route.worker_updates = hop_pools_schedule(&route, edges);
    return route;
}

hop_route hop_plan_copy_start(hop_plan_builder *b, uint32_t node)
{
    hop_release *start = hop_arena_alloc(b->plan->memory, 1, sizeof(*start));
    *start = copy_release(b, &b->g->nodes[node]->release);
    return (hop_route){.releases = start, .release_count = 1};
}
