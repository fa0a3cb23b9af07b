/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads documents of the update protocol, v1. What real consumers tolerate is a warning;
 * what makes a cluster refuse the whole document is an error. */
#include <stdlib.h>
#include <string.h>

#include "channels.h"
#include "hop_oci.h"
#include "model.h"

#define METADATA_CHANNELS "io.openshift.upgrades.graph.release.channels"
#define CHANNEL_MAX ((size_t)100)
#define DRAFT_MAX_RISKS ((size_t)100000)

void hop_draft_clear(hop_draft *d)
{
    for (size_t i = 0; i < d->risk_count; i++) {
        free(d->risks[i].rules);
        free(d->risks[i].rules_json);
    }
    free(d->channel);
    free(d->nodes);
    free(d->edges);
    free(d->risks);
    free(d->groups);
    hop_index_clear(&d->by_version);
    hop_strings_clear(&d->warnings);
    *d = (hop_draft){0};
}

bool hop_channel_is_valid(const char *name)
{
    size_t len = strspn(name, "0123456789abcdefghijklmnopqrstuvwxyz.-");
    return len > 0 && len <= CHANNEL_MAX && name[len] == '\0';
}

static void warn(hop_draft *d, const char *fmt, ...) HOP_PRINTF(2, 3);

static void warn(hop_draft *d, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    HOP_AUTO_STR text = hop_vsprintf(fmt, ap);
    va_end(ap);
    HOP_AUTO_STR line = hop_sprintf("%s: %s", d->name, text);
    hop_strings_take(&d->warnings, &line);
}

/* ---- nodes ---- */

static bool draft_has_version(const void *owner, uint32_t id, const void *key)
{
    const hop_draft *d = owner;
    return strcmp(d->nodes[id].version.text, key) == 0;
}

uint32_t hop_draft_find(const hop_draft *d, const char *version)
{
    return hop_index_find(&d->by_version, hop_index_hash(version, strlen(version)),
                          draft_has_version, d, version);
}

static hop_status check_payload(const hop_json_view *node, const char *payload,
                                hop_error **err)
{
    HOP_AUTO_VALUE(hop_ref) ref = {0};
    hop_error *why = NULL;
    if (hop_ref_parse(payload, &ref, &why) == HOP_OK)
        return HOP_OK;
    hop_error_drop(&why);
    return hop_json_error(node, err, "payload \"%s\" is no image reference", payload);
}

static hop_status read_metadata(const hop_json_view *node, draft_node *n, hop_error **err)
{
    hop_json_view metadata;
    hop_status s = hop_json_optional(node, "metadata", HOP_JSON_OBJECT, &metadata, err);
    if (s != HOP_OK || !metadata.value)
        return s;
    s = hop_json_optional_string(&metadata, "url", &n->url, err);
    if (s == HOP_OK)
        s = hop_json_optional_string(&metadata, METADATA_CHANNELS, &n->channels, err);
    return s;
}

static hop_status read_node(const hop_json_view *node, draft_node *n, hop_error **err)
{
    const char *version = NULL;
    hop_status s = hop_json_get_string(node, "version", &version, err);
    if (s != HOP_OK)
        return s;
    s = hop_version_parse(version, &n->version, err);
    if (s != HOP_OK)
        return hop_error_wrap(err, "%s: nodes[%zu]", node->document, node->index);
    s = hop_json_optional_string(node, "payload", &n->payload, err);
    if (s != HOP_OK)
        return s;
    if (n->payload && !*n->payload)
        n->payload = NULL; /* raw graphs name versions that nobody published */
    if (n->payload)
        s = check_payload(node, n->payload, err);
    return s == HOP_OK ? read_metadata(node, n, err) : s;
}

static hop_status read_nodes(const hop_json_view *root, hop_draft *d, hop_error **err)
{
    hop_json_view nodes;
    hop_status s = hop_json_member(root, "nodes", HOP_JSON_ARRAY, &nodes, err);
    if (s != HOP_OK)
        return s;
    size_t count = hop_json_count(&nodes);
    if (count > HOP_GRAPH_MAX_NODES)
        return hop_error_set(err, HOP_E_LIMIT, "%s: nodes: more than %zu", d->name,
                             HOP_GRAPH_MAX_NODES);
    d->nodes = hop_alloc(count + 1, sizeof(*d->nodes));
    for (size_t i = 0; i < count; i++) {
        hop_json_view node;
        s = hop_json_item(&nodes, i, HOP_JSON_OBJECT, &node, err);
        if (s == HOP_OK)
            s = read_node(&node, &d->nodes[i], err);
        if (s != HOP_OK)
            return s;
        const char *version = d->nodes[i].version.text;
        if (hop_draft_find(d, version) != HOP_NO_ID)
            return hop_json_error(&node, err, "version %s is listed twice", version);
        hop_index_add(&d->by_version, hop_index_hash(version, strlen(version)),
                      (uint32_t)i);
        d->node_count = i + 1;
    }
    return HOP_OK;
}

/* ---- edges ---- */

static hop_status add_edge(const hop_json_view *place, hop_draft *d, draft_edge edge,
                           hop_error **err)
{
    if (edge.from == edge.to)
        return hop_json_error(place, err, "an edge from %s to itself",
                              d->nodes[edge.from].version.text);
    if (d->edge_count == HOP_GRAPH_MAX_EDGES)
        return hop_error_set(err, HOP_E_LIMIT, "%s: more than %zu edges", d->name,
                             HOP_GRAPH_MAX_EDGES);
    d->edges = hop_grow(d->edges, d->edge_count, &d->edge_cap, sizeof(*d->edges));
    d->edges[d->edge_count++] = edge;
    return HOP_OK;
}

static hop_status read_end(const hop_json_view *edge, size_t which, const hop_draft *d,
                           uint32_t *out, hop_error **err)
{
    hop_json_view end;
    uint64_t index = 0;
    hop_status s = hop_json_item(edge, which, HOP_JSON_INTEGER, &end, err);
    if (s == HOP_OK)
        s = hop_json_uint(&end, &index, err);
    if (s != HOP_OK)
        return s;
    if (index >= d->node_count)
        return hop_json_error(&end, err, "index %ju, but there are %zu nodes",
                              (uintmax_t)index, d->node_count);
    *out = (uint32_t)index;
    return HOP_OK;
}

static hop_status read_edge(const hop_json_view *edge, hop_draft *d, hop_error **err)
{
    draft_edge e = {.group = HOP_NO_ID};
    if (hop_json_count(edge) != 2)
        return hop_json_error(edge, err, "expected two indexes");
    hop_status s = read_end(edge, 0, d, &e.from, err);
    if (s == HOP_OK)
        s = read_end(edge, 1, d, &e.to, err);
    return s == HOP_OK ? add_edge(edge, d, e, err) : s;
}

/* Finds an array that may be missing; *out has no value then, and a warning was given. */
static hop_status find_array(const hop_json_view *root, const char *key, hop_draft *d,
                             hop_json_view *out, hop_error **err)
{
    hop_status s = hop_json_optional(root, key, HOP_JSON_ARRAY, out, err);
    if (s == HOP_OK && !out->value)
        warn(d, "has no member \"%s\"", key);
    return s;
}

static hop_status read_edges(const hop_json_view *root, hop_draft *d, hop_error **err)
{
    hop_json_view edges;
    hop_status s = find_array(root, "edges", d, &edges, err);
    if (s != HOP_OK || !edges.value)
        return s;
    size_t count = hop_json_count(&edges);
    for (size_t i = 0; i < count; i++) {
        hop_json_view edge;
        s = hop_json_item(&edges, i, HOP_JSON_ARRAY, &edge, err);
        if (s == HOP_OK)
            s = read_edge(&edge, d, err);
        if (s != HOP_OK)
            return s;
    }
    return HOP_OK;
}

/* ---- conditional edges ---- */

static hop_status read_rule(const hop_json_view *rule, hop_rule *out, hop_error **err)
{
    hop_json_view promql;
    hop_status s = hop_json_get_string(rule, "type", &out->type, err);
    if (s != HOP_OK || strcmp(out->type, "PromQL") != 0)
        return s;
    s = hop_json_optional(rule, "promql", HOP_JSON_OBJECT, &promql, err);
    if (s != HOP_OK || !promql.value)
        return s;
    return hop_json_optional_string(&promql, "promql", &out->promql, err);
}

static hop_status read_rules(const hop_json_view *risk, draft_risk *r, hop_error **err)
{
    hop_json_view rules;
    hop_status s = hop_json_optional(risk, "matchingRules", HOP_JSON_ARRAY, &rules, err);
    if (s != HOP_OK)
        return s;
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    if (rules.value)
        hop_json_dump(rules.value, HOP_JSON_COMPACT, &text);
    else
        hop_buf_adds(&text, "[]");
    r->rules_json = hop_buf_take(&text);
    size_t count = rules.value ? hop_json_count(&rules) : 0;
    r->rules = hop_alloc(count + 1, sizeof(*r->rules));
    r->rule_count = count;
    for (size_t i = 0; i < count; i++) {
        hop_json_view rule;
        s = hop_json_item(&rules, i, HOP_JSON_OBJECT, &rule, err);
        if (s == HOP_OK)
            s = read_rule(&rule, &r->rules[i], err);
        if (s != HOP_OK)
            return s;
    }
    return HOP_OK;
}

static hop_status read_risk(const hop_json_view *risk, hop_draft *d, hop_error **err)
{
    if (d->risk_count == DRAFT_MAX_RISKS)
        return hop_error_set(err, HOP_E_LIMIT, "%s: more than %zu risks", d->name,
                             DRAFT_MAX_RISKS);
    d->risks = hop_grow(d->risks, d->risk_count, &d->risk_cap, sizeof(*d->risks));
    draft_risk *r = &d->risks[d->risk_count++];
    *r = (draft_risk){0};
    hop_status s = hop_json_get_string(risk, "name", &r->name, err);
    if (s == HOP_OK)
        s = hop_json_optional_string(risk, "url", &r->url, err);
    if (s == HOP_OK)
        s = hop_json_optional_string(risk, "message", &r->message, err);
    if (s != HOP_OK)
        return s;
    r->url = r->url ? r->url : "";
    r->message = r->message ? r->message : "";
    return read_rules(risk, r, err);
}

static hop_status read_risks(const hop_json_view *group, hop_draft *d, hop_error **err)
{
    hop_json_view risks;
    hop_status s = hop_json_member(group, "risks", HOP_JSON_ARRAY, &risks, err);
    if (s != HOP_OK)
        return s;
    size_t count = hop_json_count(&risks);
    d->groups = hop_grow(d->groups, d->group_count, &d->group_cap, sizeof(*d->groups));
    d->groups[d->group_count++] =
        (draft_group){.first_risk = d->risk_count, .risk_count = count};
    if (count == 0)
        warn(d, "conditionalEdges[%zu] has no risks; only --accept-risk all admits it",
             group->index);
    for (size_t i = 0; i < count; i++) {
        hop_json_view risk;
        s = hop_json_item(&risks, i, HOP_JSON_OBJECT, &risk, err);
        if (s == HOP_OK)
            s = read_risk(&risk, d, err);
        if (s != HOP_OK)
            return s;
    }
    return HOP_OK;
}

static hop_status read_conditional(const hop_json_view *edge, hop_draft *d,
                                   hop_error **err)
{
    const char *from = NULL, *to = NULL;
    hop_status s = hop_json_get_string(edge, "from", &from, err);
    if (s == HOP_OK)
        s = hop_json_get_string(edge, "to", &to, err);
    if (s != HOP_OK)
        return s;
    draft_edge e = {.from = hop_draft_find(d, from),
                    .to = hop_draft_find(d, to),
                    .group = (uint32_t)(d->group_count - 1)};
    if (e.from == HOP_NO_ID || e.to == HOP_NO_ID) {
        warn(d, "conditional edge %s to %s is dropped: %s is no node", from, to,
             e.from == HOP_NO_ID ? from : to);
        return HOP_OK;
    }
    return add_edge(edge, d, e, err);
}

static hop_status read_group(const hop_json_view *group, hop_draft *d, hop_error **err)
{
    hop_json_view edges;
    hop_status s = read_risks(group, d, err);
    if (s == HOP_OK)
        s = hop_json_member(group, "edges", HOP_JSON_ARRAY, &edges, err);
    if (s != HOP_OK)
        return s;
    size_t count = hop_json_count(&edges);
    for (size_t i = 0; i < count; i++) {
        hop_json_view edge;
        s = hop_json_item(&edges, i, HOP_JSON_OBJECT, &edge, err);
        if (s == HOP_OK)
            s = read_conditional(&edge, d, err);
        if (s != HOP_OK)
            return s;
    }
    return HOP_OK;
}

static hop_status read_groups(const hop_json_view *root, hop_draft *d, hop_error **err)
{
    hop_json_view groups;
    hop_status s = find_array(root, "conditionalEdges", d, &groups, err);
    if (s != HOP_OK || !groups.value)
        return s;
    size_t count = hop_json_count(&groups);
    for (size_t i = 0; i < count; i++) {
        hop_json_view group;
        s = hop_json_item(&groups, i, HOP_JSON_OBJECT, &group, err);
        if (s == HOP_OK)
            s = read_group(&group, d, err);
        if (s != HOP_OK)
            return s;
    }
    return HOP_OK;
}

/* ---- the document ---- */

static hop_status check_schema(const hop_json_view *root, hop_error **err)
{
    hop_json_view version;
    hop_status s = hop_json_optional(root, "version", HOP_JSON_INTEGER, &version, err);
    if (s != HOP_OK || !version.value)
        return s;
    uint64_t number = 0;
    s = hop_json_uint(&version, &number, err);
    if (s == HOP_OK && number != 1)
        return hop_json_error(&version, err, "graph format %ju; only 1 is understood",
                              (uintmax_t)number);
    return s;
}

static hop_status read_document(const hop_json_view *root, hop_draft *d, hop_error **err)
{
    if (!hop_json_is(root, HOP_JSON_OBJECT))
        return hop_json_error(root, err, "expected an object with the member \"nodes\"");
    hop_status s = check_schema(root, err);
    if (s == HOP_OK)
        s = read_nodes(root, d, err);
    if (s == HOP_OK)
        s = read_edges(root, d, err);
    if (s == HOP_OK)
        s = read_groups(root, d, err);
    return s;
}

hop_status hop_graph_add(hop_graph *g, const char *text, size_t len,
                         const hop_graph_source *source, hop_error **err)
{
    if (source->channel && !hop_channel_is_valid(source->channel))
        return hop_error_set(err, HOP_E_PARSE, "%s: \"%s\" is no channel name",
                             source->name, source->channel);
    if (len > HOP_MAX_DOCUMENT)
        return hop_error_set(err, HOP_E_LIMIT, "%s: larger than %zu MiB", source->name,
                             HOP_MAX_DOCUMENT / HOP_MIB);
    HOP_AUTO(hop_json) doc = NULL;
    hop_status s = hop_json_parse(text, len, source->name, &doc, err);
    if (s != HOP_OK)
        return s;
    hop_json_view root = hop_json_root(doc, source->name);
    HOP_AUTO_VALUE(hop_draft)
    draft = {.name = source->name, .age_rank = source->age_rank};
    s = read_document(&root, &draft, err);
    if (s != HOP_OK)
        return s;
    draft.channel =
        source->channel ? hop_strdup(source->channel) : hop_channel_derive(&draft);
    return hop_model_merge(g, &draft, err);
}
