/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan_report.h"

#include <string.h>

static void set_texts(hop_json *obj, const char *key, hop_texts list)
{
    hop_json *array = hop_json_add_array(obj, key);
    for (size_t i = 0; i < list.len; i++)
        hop_json_append_string(array, list.items[i]);
}

/* The rules were JSON when they were read, so they parse again. */
static void set_rules(hop_json *obj, const hop_risk *risk)
{
    HOP_AUTO(hop_json) rules = NULL;
    hop_error *why = NULL;
    if (hop_json_parse(risk->rules_json, strlen(risk->rules_json), "matchingRules",
                       &rules, &why) != HOP_OK) {
        hop_error_drop(&why);
        rules = hop_json_new_array();
    }
    hop_json_set_take(obj, "matchingRules", &rules);
}

static void set_release(hop_json *obj, const hop_release *r)
{
    hop_json_set_string(obj, "version", r->version);
    hop_json_set_string(obj, "payload", r->payload);
    hop_json_set_string(obj, "url", r->url);
    set_texts(obj, "channels", r->channels);
    hop_json_set_bool(obj, "prerelease", r->is_prerelease);
    hop_json_set_bool(obj, "hotfix", r->is_hotfix);
}

static void set_edge(hop_json *obj, const hop_plan_edge *e)
{
    hop_json_set_string(obj, "from", e->from);
    hop_json_set_string(obj, "to", e->to);
    hop_json_set_string(obj, "channel", e->channel);
    hop_json_set_bool(obj, "conditional", e->is_conditional);
    if (hop_plan_edge_is_minor(e)) /* operators may stand in the way */
        hop_json_set_bool(obj, "new_minor", true);
    hop_json *risks = hop_json_add_array(obj, "risks");
    for (size_t i = 0; i < e->risk_count; i++) {
        hop_json *risk = hop_json_append_object(risks);
        hop_json_set_string(risk, "name", e->risks[i]->name);
        hop_json_set_string(risk, "url", e->risks[i]->url);
        hop_json_set_string(risk, "message", e->risks[i]->message);
        set_rules(risk, e->risks[i]);
        if (e->risks[i]->answer != HOP_RISK_UNKNOWN)
            hop_json_set_string(risk, "answer",
                                hop_risk_answer_name(e->risks[i]->answer));
    }
}

static void set_counts(hop_json *obj, const hop_route *route, hop_plan_workers workers)
{
    hop_json_set_uint(obj, "hops", route->hops);
    hop_json_set_uint(obj, "conditional_hops", route->conditional_hops);
    if (workers == HOP_WORKERS_PAUSE)
        hop_json_set_uint(obj, "worker_updates", route->worker_updates);
}

static void set_route(hop_json *obj, const hop_route *route, hop_plan_workers workers)
{
    hop_json *path = hop_json_add_array(obj, "path");
    for (size_t i = 0; i < route->release_count; i++)
        set_release(hop_json_append_object(path), &route->releases[i]);
    hop_json *edges = hop_json_add_array(obj, "edges");
    for (size_t i = 0; i < route->hops; i++) {
        hop_json *edge = hop_json_append_object(edges);
        set_edge(edge, &route->edges[i]);
        if (workers == HOP_WORKERS_PAUSE)
            hop_json_set_string(edge, "worker_pools",
                                hop_pools_name(route->edges[i].pools));
    }
}

/* Releases on the path that are not generally available, where there are any. */
static void set_unsupported(hop_json *obj, const hop_route *route)
{
    hop_json *list = NULL;
    for (size_t i = 0; i < route->release_count; i++) {
        if (!route->releases[i].is_prerelease)
            continue;
        list = list ? list : hop_json_add_array(obj, "unsupported");
        hop_json_append_string(list, route->releases[i].version);
    }
}

static void set_frontier(hop_json *obj, const char *key, const hop_frontier *f)
{
    hop_json *inner = hop_json_add_object(obj, key);
    hop_json_set_uint(inner, "total", f->total);
    set_texts(inner, "examples", f->examples);
}

static void set_explanation(hop_json *obj, const hop_explanation *x)
{
    hop_json_set_string(obj, "summary", x->summary);
    hop_json_set_bool(obj, "known_from", x->is_from_known);
    hop_json_set_bool(obj, "known_to", x->is_to_known);
    hop_json_set_bool(obj, "downgrade", x->is_downgrade);
    set_texts(obj, "near_from", x->near_from);
    set_texts(obj, "near_to", x->near_to);
    set_frontier(obj, "reachable_from_start", &x->from_start);
    set_frontier(obj, "can_reach_target", &x->to_target);
    hop_json_set_string(obj, "next_with_way", x->next_with_way);
    hop_json *gaps = hop_json_add_array(obj, "missing");
    for (size_t i = 0; i < x->gap_count; i++) {
        hop_json *gap = hop_json_append_object(gaps);
        hop_json_set_string(gap, "from", x->gaps[i].from);
        hop_json_set_string(gap, "to", x->gaps[i].to);
        hop_json_set_string(gap, "reason", hop_gap_reason_name(x->gaps[i].reason));
        set_texts(gap, "channels", x->gaps[i].channels);
    }
}

hop_json *hop_plan_report_json(const hop_plan *plan)
{
    HOP_AUTO(hop_json) doc = hop_json_new_object();
    hop_json_set_string(doc, "schema", HOP_PLAN_SCHEMA);
    hop_json_set_string(doc, "status", hop_plan_status_name(plan->status));
    hop_json_set_string(doc, "arch", plan->arch);
    hop_json_set_string(doc, "from", plan->from);
    hop_json_set_string(doc, "to", plan->to);
    hop_json_set_string(doc, "prefer", plan->prefer == HOP_PREFER_HOPS ? "hops" : "risk");
    if (plan->workers == HOP_WORKERS_PAUSE)
        hop_json_set_bool(doc, "control_plane_only", true);
    set_texts(doc, "channels", plan->channels);
    if (plan->graph_data)
        hop_json_set_string(doc, "graph_data", plan->graph_data);
    set_counts(doc, &plan->best, plan->workers);
    hop_json_set_string(doc, "path_count", plan->path_count);
    set_texts(doc, "accepted_risks", plan->accepted_risks);
    set_texts(doc, "needed_risks", plan->needed_risks);
    set_route(doc, &plan->best, plan->workers);
    set_unsupported(doc, &plan->best);
    hop_json *alternatives = hop_json_add_array(doc, "alternatives");
    for (size_t i = 0; i < plan->alternative_count; i++) {
        hop_json *route = hop_json_append_object(alternatives);
        set_counts(route, &plan->alternatives[i], plan->workers);
        set_route(route, &plan->alternatives[i], plan->workers);
    }
    hop_json *explanation = hop_json_add_object(doc, "explanation");
    if (plan->explanation.summary)
        set_explanation(explanation, &plan->explanation);
    return hop_steal(&doc);
}
