/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plans are documents: reads what `plan -o json` wrote. A carried plan is input from
 * outside, so every version, channel and payload must match its grammar again, and the
 * hops must follow from each other. */
#include <stdlib.h>
#include <string.h>

#include "hop_oci.h"
#include "plan_build.h"
#include "plan_set_build.h"

#define PLAN_MAX_ITEMS ((size_t)65536) /* of any list in a plan */

/* ---- texts ---- */

typedef bool text_test(const char *text);

static bool is_version(const char *text)
{
    hop_version v;
    hop_error *why = NULL;
    bool is_good = hop_version_parse(text, &v, &why) == HOP_OK;
    hop_error_drop(&why);
    return is_good;
}

static bool is_reference(const char *text)
{
    HOP_AUTO_VALUE(hop_ref) ref = {0};
    hop_error *why = NULL;
    bool is_good = hop_ref_parse(text, &ref, &why) == HOP_OK;
    hop_error_drop(&why);
    return is_good;
}

static bool is_decimal(const char *text)
{
    size_t len = strspn(text, "0123456789");
    return len > 0 && text[len] == '\0';
}

static bool is_known_arch(const char *text)
{
    return hop_arch_parse(text) != NULL;
}

/* A member that may be missing or null when `test` allows NULL to stay; otherwise it must
 * pass the test. */
static hop_status optional_text(hop_plan *plan, const hop_json_view *obj, const char *key,
                                text_test *test, const char **out, hop_error **err)
{
    const char *text = NULL;
    hop_status s = hop_json_optional_string(obj, key, &text, err);
    if (s != HOP_OK)
        return s;
    if (text && test && !test(text))
        return hop_json_error(obj, err, "%s \"%s\" is malformed", key, text);
    *out = hop_arena_strdup(plan->memory, text);
    return HOP_OK;
}

static hop_status required_text(hop_plan *plan, const hop_json_view *obj, const char *key,
                                text_test *test, const char **out, hop_error **err)
{
    const char *text = NULL;
    hop_status s = hop_json_get_string(obj, key, &text, err);
    return s == HOP_OK ? optional_text(plan, obj, key, test, out, err) : s;
}

/* An array that may be missing: *out has no value then. */
static hop_status optional_array(const hop_json_view *obj, const char *key,
                                 hop_json_view *out, size_t *count, hop_error **err)
{
    hop_status s = hop_json_optional(obj, key, HOP_JSON_ARRAY, out, err);
    *count = s == HOP_OK && out->value ? hop_json_count(out) : 0;
    if (*count > PLAN_MAX_ITEMS)
        return hop_json_error(out, err, "more than %zu items", PLAN_MAX_ITEMS);
    return s;
}

static hop_status parse_texts(hop_plan *plan, const hop_json_view *obj, const char *key,
                              text_test *test, hop_texts *out, hop_error **err)
{
    hop_json_view array;
    size_t count = 0;
    hop_status s = optional_array(obj, key, &array, &count, err);
    const char **items = hop_arena_alloc(plan->memory, count, sizeof(*items));
    for (size_t i = 0; i < count && s == HOP_OK; i++) {
        hop_json_view item;
        const char *text = NULL;
        s = hop_json_item(&array, i, HOP_JSON_STRING, &item, err);
        if (s == HOP_OK)
            s = hop_json_string(&item, &text, err);
        if (s == HOP_OK && test && !test(text))
            s = hop_json_error(&item, err, "\"%s\" is malformed", text);
        items[i] = s == HOP_OK ? hop_arena_strdup(plan->memory, text) : NULL;
    }
    if (s == HOP_OK)
        *out = (hop_texts){items, count};
    return s;
}

/* ---- risks ---- */

static hop_status parse_rule(hop_plan *plan, const hop_json_view *rule, hop_rule *out,
                             hop_error **err)
{
    hop_json_view promql;
    hop_status s = required_text(plan, rule, "type", NULL, &out->type, err);
    if (s != HOP_OK || strcmp(out->type, "PromQL") != 0)
        return s;
    s = hop_json_optional(rule, "promql", HOP_JSON_OBJECT, &promql, err);
    if (s != HOP_OK || !promql.value)
        return s;
    return optional_text(plan, &promql, "promql", NULL, &out->promql, err);
}

static hop_status parse_rules(hop_plan *plan, const hop_json_view *risk, hop_risk *r,
                              hop_error **err)
{
    hop_json_view array;
    hop_status s = optional_array(risk, "matchingRules", &array, &r->rule_count, err);
    if (s != HOP_OK)
        return s;
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    if (array.value)
        hop_json_dump(array.value, HOP_JSON_COMPACT, &text);
    r->rules_json =
        hop_arena_strdup(plan->memory, array.value ? hop_buf_get(&text) : "[]");
    hop_rule *rules = hop_arena_alloc(plan->memory, r->rule_count, sizeof(*rules));
    for (size_t i = 0; i < r->rule_count; i++) {
        hop_json_view rule;
        s = hop_json_item(&array, i, HOP_JSON_OBJECT, &rule, err);
        if (s == HOP_OK)
            s = parse_rule(plan, &rule, &rules[i], err);
        if (s != HOP_OK)
            return s;
    }
    r->rules = rules;
    return HOP_OK;
}

static hop_status parse_answer(const hop_json_view *risk, hop_risk *r, hop_error **err)
{
    static const hop_risk_answer all[] = {HOP_RISK_UNKNOWN, HOP_RISK_APPLIES,
                                          HOP_RISK_DOES_NOT_APPLY};
    const char *word = NULL;
    hop_status s = hop_json_optional_string(risk, "answer", &word, err);
    if (s != HOP_OK || !word)
        return s;
    for (size_t i = 0; i < HOP_COUNT_OF(all); i++)
        if (strcmp(word, hop_risk_answer_name(all[i])) == 0) {
            r->answer = all[i];
            return HOP_OK;
        }
    return hop_json_error(risk, err, "unknown answer \"%s\"", word);
}

static hop_status parse_risk(hop_plan *plan, const hop_json_view *view,
                             const hop_risk **out, hop_error **err)
{
    hop_risk *r = hop_arena_alloc(plan->memory, 1, sizeof(*r));
    *out = r;
    hop_status s = required_text(plan, view, "name", NULL, &r->name, err);
    if (s == HOP_OK)
        s = required_text(plan, view, "url", NULL, &r->url, err);
    if (s == HOP_OK)
        s = required_text(plan, view, "message", NULL, &r->message, err);
    if (s == HOP_OK)
        s = parse_answer(view, r, err);
    return s == HOP_OK ? parse_rules(plan, view, r, err) : s;
}

/* ---- paths ---- */

static hop_status parse_pools(const hop_json_view *edge, hop_plan_edge *e,
                              hop_error **err)
{
    static const hop_pools all[] = {HOP_POOLS_UPDATE, HOP_POOLS_PAUSE,
                                    HOP_POOLS_STAY_PAUSED, HOP_POOLS_RESUME};
    const char *word = NULL;
    hop_status s = hop_json_optional_string(edge, "worker_pools", &word, err);
    if (s != HOP_OK || !word)
        return s;
    for (size_t i = 0; i < HOP_COUNT_OF(all); i++)
        if (strcmp(word, hop_pools_name(all[i])) == 0) {
            e->pools = all[i];
            return HOP_OK;
        }
    return hop_json_error(edge, err, "unknown worker_pools \"%s\"", word);
}

static hop_status parse_edge(hop_plan *plan, const hop_json_view *view, hop_plan_edge *e,
                             hop_error **err)
{
    hop_json_view member, risks;
    hop_status s = required_text(plan, view, "from", is_version, &e->from, err);
    if (s == HOP_OK)
        s = required_text(plan, view, "to", is_version, &e->to, err);
    if (s == HOP_OK)
        s = optional_text(plan, view, "channel", hop_channel_is_valid, &e->channel, err);
    if (s == HOP_OK)
        s = hop_json_member(view, "conditional", HOP_JSON_BOOL, &member, err);
    if (s == HOP_OK)
        s = hop_json_bool(&member, &e->is_conditional, err);
    if (s == HOP_OK)
        s = parse_pools(view, e, err);
    if (s == HOP_OK)
        s = optional_array(view, "risks", &risks, &e->risk_count, err);
    if (s != HOP_OK)
        return s;
    const hop_risk **items =
        hop_arena_alloc(plan->memory, e->risk_count, sizeof(const hop_risk *));
    for (size_t i = 0; i < e->risk_count && s == HOP_OK; i++) {
        hop_json_view risk;
        s = hop_json_item(&risks, i, HOP_JSON_OBJECT, &risk, err);
        if (s == HOP_OK)
            s = parse_risk(plan, &risk, &items[i], err);
    }
    e->risks = items;
    return s;
}

static hop_status parse_release(hop_plan *plan, const hop_json_view *view, hop_release *r,
                                hop_error **err)
{
    hop_status s = required_text(plan, view, "version", is_version, &r->version, err);
    if (s == HOP_OK)
        s = optional_text(plan, view, "payload", is_reference, &r->payload, err);
    if (s == HOP_OK)
        s = optional_text(plan, view, "url", NULL, &r->url, err);
    if (s == HOP_OK)
        s = parse_texts(plan, view, "channels", NULL, &r->channels, err);
    if (s != HOP_OK)
        return s;
    hop_version v;
    s = hop_version_parse(r->version, &v, err);
    if (s == HOP_OK) {
        r->is_prerelease = hop_version_is_prerelease(&v);
        r->is_hotfix = hop_version_is_hotfix(&v);
    }
    return s;
}

static hop_status check_chain(const hop_json_view *edge, const hop_route *route, size_t i,
                              hop_error **err)
{
    const hop_plan_edge *e = &route->edges[i];
    if (strcmp(e->from, route->releases[i].version) == 0 &&
        strcmp(e->to, route->releases[i + 1].version) == 0)
        return HOP_OK;
    return hop_json_error(edge, err, "the hop %s to %s does not follow the path", e->from,
                          e->to);
}

static hop_status parse_edges(hop_plan *plan, const hop_json_view *obj, hop_route *route,
                              hop_error **err)
{
    hop_json_view array;
    size_t count = 0;
    hop_status s = optional_array(obj, "edges", &array, &count, err);
    if (s != HOP_OK)
        return s;
    size_t wanted = route->release_count > 0 ? route->release_count - 1 : 0;
    if (count != wanted)
        return hop_json_error(obj, err, "%zu edges, but %zu releases in the path", count,
                              route->release_count);
    hop_plan_edge *edges = hop_arena_alloc(plan->memory, count, sizeof(*edges));
    route->edges = edges;
    route->hops = count;
    for (size_t i = 0; i < count; i++) {
        hop_json_view edge;
        s = hop_json_item(&array, i, HOP_JSON_OBJECT, &edge, err);
        if (s == HOP_OK)
            s = parse_edge(plan, &edge, &edges[i], err);
        if (s == HOP_OK)
            s = check_chain(&edge, route, i, err);
        if (s != HOP_OK)
            return s;
        route->conditional_hops += edges[i].is_conditional;
        route->worker_updates +=
            edges[i].pools == HOP_POOLS_UPDATE || edges[i].pools == HOP_POOLS_RESUME;
    }
    return HOP_OK;
}

static hop_status parse_route(hop_plan *plan, const hop_json_view *obj, hop_route *out,
                              hop_error **err)
{
    hop_json_view array;
    hop_route route = {0};
    hop_status s = optional_array(obj, "path", &array, &route.release_count, err);
    if (s != HOP_OK)
        return s;
    hop_release *releases =
        hop_arena_alloc(plan->memory, route.release_count, sizeof(*releases));
    route.releases = releases;
    for (size_t i = 0; i < route.release_count; i++) {
        hop_json_view release;
        s = hop_json_item(&array, i, HOP_JSON_OBJECT, &release, err);
        if (s == HOP_OK)
            s = parse_release(plan, &release, &releases[i], err);
        if (s != HOP_OK)
            return s;
    }
    s = parse_edges(plan, obj, &route, err);
    if (s == HOP_OK)
        *out = route;
    return s;
}

static hop_status parse_alternatives(hop_plan *plan, const hop_json_view *root,
                                     hop_error **err)
{
    hop_json_view array;
    size_t count = 0;
    hop_status s = optional_array(root, "alternatives", &array, &count, err);
    hop_route *routes = hop_arena_alloc(plan->memory, count, sizeof(*routes));
    for (size_t i = 0; i < count && s == HOP_OK; i++) {
        hop_json_view item;
        s = hop_json_item(&array, i, HOP_JSON_OBJECT, &item, err);
        if (s == HOP_OK)
            s = parse_route(plan, &item, &routes[i], err);
    }
    if (s == HOP_OK) {
        plan->alternatives = routes;
        plan->alternative_count = count;
    }
    return s;
}

/* ---- the explanation ---- */

static hop_status parse_flag(const hop_json_view *obj, const char *key, bool *out,
                             hop_error **err)
{
    hop_json_view v;
    hop_status s = hop_json_optional(obj, key, HOP_JSON_BOOL, &v, err);
    return s == HOP_OK && v.value ? hop_json_bool(&v, out, err) : s;
}

static hop_status parse_frontier(hop_plan *plan, const hop_json_view *obj,
                                 const char *key, hop_frontier *out, hop_error **err)
{
    hop_json_view v;
    uint64_t total = 0;
    hop_status s = hop_json_optional(obj, key, HOP_JSON_OBJECT, &v, err);
    if (s != HOP_OK || !v.value)
        return s;
    s = hop_json_get_uint(&v, "total", &total, err);
    out->total = (size_t)total;
    return s == HOP_OK
               ? parse_texts(plan, &v, "examples", is_version, &out->examples, err)
               : s;
}

static hop_status parse_gap(hop_plan *plan, const hop_json_view *view, hop_gap *gap,
                            hop_error **err)
{
    static const hop_gap_reason reasons[] = {HOP_GAP_NOT_DECLARED, HOP_GAP_OTHER_CHANNEL,
                                             HOP_GAP_RISK, HOP_GAP_AVOIDED};
    const char *reason = NULL;
    hop_status s = required_text(plan, view, "from", is_version, &gap->from, err);
    if (s == HOP_OK)
        s = required_text(plan, view, "to", is_version, &gap->to, err);
    if (s == HOP_OK)
        s = hop_json_get_string(view, "reason", &reason, err);
    if (s == HOP_OK)
        s = parse_texts(plan, view, "channels", NULL, &gap->channels, err);
    for (size_t i = 0; i < HOP_COUNT_OF(reasons) && s == HOP_OK; i++)
        if (strcmp(reason, hop_gap_reason_name(reasons[i])) == 0) {
            gap->reason = reasons[i];
            return HOP_OK;
        }
    return s == HOP_OK ? hop_json_error(view, err, "unknown reason \"%s\"", reason) : s;
}

static hop_status parse_gaps(hop_plan *plan, const hop_json_view *obj, hop_error **err)
{
    hop_explanation *x = &plan->explanation;
    hop_json_view array;
    size_t count = 0;
    hop_status s = optional_array(obj, "missing", &array, &count, err);
    hop_gap *gaps = hop_arena_alloc(plan->memory, count, sizeof(*gaps));
    for (size_t i = 0; i < count && s == HOP_OK; i++) {
        hop_json_view gap;
        s = hop_json_item(&array, i, HOP_JSON_OBJECT, &gap, err);
        if (s == HOP_OK)
            s = parse_gap(plan, &gap, &gaps[i], err);
    }
    x->gaps = gaps;
    x->gap_count = count;
    return s;
}

static hop_status parse_explanation(hop_plan *plan, const hop_json_view *root,
                                    hop_error **err)
{
    hop_explanation *x = &plan->explanation;
    hop_json_view v;
    hop_status s = hop_json_optional(root, "explanation", HOP_JSON_OBJECT, &v, err);
    if (s != HOP_OK || !v.value)
        return s;
    s = optional_text(plan, &v, "summary", NULL, &x->summary, err);
    if (s == HOP_OK)
        s = parse_flag(&v, "known_from", &x->is_from_known, err);
    if (s == HOP_OK)
        s = parse_flag(&v, "known_to", &x->is_to_known, err);
    if (s == HOP_OK)
        s = parse_flag(&v, "downgrade", &x->is_downgrade, err);
    if (s == HOP_OK)
        s = parse_texts(plan, &v, "near_from", is_version, &x->near_from, err);
    if (s == HOP_OK)
        s = parse_texts(plan, &v, "near_to", is_version, &x->near_to, err);
    if (s == HOP_OK)
        s = parse_frontier(plan, &v, "reachable_from_start", &x->from_start, err);
    if (s == HOP_OK)
        s = parse_frontier(plan, &v, "can_reach_target", &x->to_target, err);
    if (s == HOP_OK)
        s = optional_text(plan, &v, "next_with_way", is_version, &x->next_with_way, err);
    return s == HOP_OK ? parse_gaps(plan, &v, err) : s;
}

/* ---- the document ---- */

hop_status hop_plan_check_schema(const hop_json_view *root, hop_error **err)
{
    const char *schema = NULL;
    hop_status s = hop_json_get_string(root, "schema", &schema, err);
    if (s != HOP_OK || strcmp(schema, HOP_PLAN_SCHEMA) == 0)
        return s;
    const char *number = schema + strlen("oc-hop/plan/v");
    if (hop_has_prefix(schema, "oc-hop/plan/v") && is_decimal(number)) {
        s = hop_json_error(
            root, err, "a plan of format %s, written by a newer oc-hop; this one reads 1",
            number);
        hop_error_hint(err, "use the oc-hop that wrote the plan, or plan again");
        return s;
    }
    return hop_json_error(root, err, "schema \"%s\" is no plan of oc-hop", schema);
}

static hop_status parse_status(const hop_json_view *root, hop_plan_status *out,
                               hop_error **err)
{
    static const hop_plan_status all[] = {HOP_PLAN_OK, HOP_PLAN_SAME_VERSION,
                                          HOP_PLAN_NEEDS_RISKS, HOP_PLAN_UNREACHABLE,
                                          HOP_PLAN_UNKNOWN_VERSION};
    const char *word = NULL;
    hop_status s = hop_json_get_string(root, "status", &word, err);
    if (s != HOP_OK)
        return s;
    for (size_t i = 0; i < HOP_COUNT_OF(all); i++)
        if (strcmp(word, hop_plan_status_name(all[i])) == 0) {
            *out = all[i];
            return HOP_OK;
        }
    return hop_json_error(root, err, "unknown status \"%s\"", word);
}

static hop_status parse_choices(const hop_json_view *root, hop_plan *plan,
                                hop_error **err)
{
    bool pauses = false;
    hop_status s = parse_flag(root, "control_plane_only", &pauses, err);
    if (s != HOP_OK)
        return s;
    plan->workers = pauses ? HOP_WORKERS_PAUSE : HOP_WORKERS_FOLLOW;
    const char *word = NULL;
    s = hop_json_optional_string(root, "prefer", &word, err);
    plan->prefer = word && strcmp(word, "hops") == 0 ? HOP_PREFER_HOPS : HOP_PREFER_RISK;
    return s;
}

/* A status without a path has none, and one with a path begins and ends where it says. */
static hop_status check_ends(const hop_json_view *root, const hop_plan *plan,
                             hop_error **err)
{
    size_t count = plan->best.release_count;
    bool has_path =
        plan->status != HOP_PLAN_UNREACHABLE && plan->status != HOP_PLAN_UNKNOWN_VERSION;
    if (has_path == (count > 0) && (plan->status != HOP_PLAN_SAME_VERSION || count == 1))
        return HOP_OK;
    return hop_json_error(root, err, "status \"%s\" with %zu releases in the path",
                          hop_plan_status_name(plan->status), count);
}

static hop_status parse_document(const hop_json_view *root, hop_plan *plan,
                                 hop_error **err)
{
    hop_status s = hop_plan_check_schema(root, err);
    if (s == HOP_OK)
        s = parse_status(root, &plan->status, err);
    if (s == HOP_OK)
        s = parse_choices(root, plan, err);
    if (s == HOP_OK)
        s = required_text(plan, root, "arch", is_known_arch, &plan->arch, err);
    if (s == HOP_OK)
        s = required_text(plan, root, "from", is_version, &plan->from, err);
    if (s == HOP_OK)
        s = required_text(plan, root, "to", is_version, &plan->to, err);
    if (s == HOP_OK)
        s = parse_texts(plan, root, "channels", hop_channel_is_valid, &plan->channels,
                        err);
    if (s == HOP_OK)
        s = optional_text(plan, root, "graph_data", hop_digest_is_valid,
                          &plan->graph_data, err);
    if (s == HOP_OK)
        s = required_text(plan, root, "path_count", is_decimal, &plan->path_count, err);
    if (s == HOP_OK)
        s = parse_texts(plan, root, "accepted_risks", NULL, &plan->accepted_risks, err);
    if (s == HOP_OK)
        s = parse_texts(plan, root, "needed_risks", NULL, &plan->needed_risks, err);
    if (s == HOP_OK)
        s = parse_route(plan, root, &plan->best, err);
    if (s == HOP_OK)
        s = check_ends(root, plan, err);
    if (s == HOP_OK)
        s = parse_alternatives(plan, root, err);
    return s == HOP_OK ? parse_explanation(plan, root, err) : s;
}

hop_status hop_plan_parse_view(const hop_json_view *root, hop_plan **out, hop_error **err)
{
    HOP_AUTO(hop_plan) plan = hop_plan_new();
    hop_status s = parse_document(root, plan, err);
    if (s == HOP_OK)
        *out = hop_steal(&plan);
    return s;
}

hop_status hop_plan_parse(const char *text, size_t len, const char *name, hop_plan **out,
                          hop_error **err)
{
    HOP_AUTO(hop_plan_set) set = NULL;
    hop_status s = hop_plan_set_parse(text, len, name, &set, err);
    if (s != HOP_OK)
        return s;
    if (set->plan_count != 1)
        return hop_error_set(err, HOP_E_PARSE,
                             "%s: a plan for %zu starts, where one is expected", name,
                             set->plan_count);
    *out = set->plans[0];
    set->plan_count = 0;
    return HOP_OK;
}
