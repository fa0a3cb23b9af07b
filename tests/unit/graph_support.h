/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Small update graphs for tests, written as lines:
 *
 *     "4.1.0 > 4.1.1"            an edge; its ends become nodes
 *     "4.1.1 ? 4.1.2 RiskA,RiskB" a conditional edge
 *     "4.1.9"                    a node
 *
 * Lines end with ';'. Payloads are made up from the version; every node is in the
 * channels given.
 */
#ifndef GRAPH_SUPPORT_H
#define GRAPH_SUPPORT_H

#include "test_support.h"

#include "hop_graph.h"
#include "hop_oci.h"

typedef struct graph_lines {
    hop_strings nodes;
    hop_json *doc, *edges, *groups;
} graph_lines;

static inline uint64_t lines_node(graph_lines *l, const char *version)
{
    for (size_t i = 0; i < l->nodes.len; i++)
        if (strcmp(l->nodes.items[i], version) == 0)
            return i;
    hop_strings_add(&l->nodes, version);
    return l->nodes.len - 1;
}

static inline void lines_edge(graph_lines *l, const char *from, const char *to)
{
    uint64_t a = lines_node(l, from), b = lines_node(l, to);
    hop_json *pair = hop_json_new_array();
    hop_json_append_uint(pair, a);
    hop_json_append_uint(pair, b);
    hop_json_append_take(l->edges, &pair);
}

static inline void lines_risky(graph_lines *l, const char *from, const char *to,
                               char *risks)
{
    lines_node(l, from);
    lines_node(l, to);
    hop_json *group = hop_json_append_object(l->groups);
    hop_json *edge = hop_json_append_object(hop_json_add_array(group, "edges"));
    hop_json_set_string(edge, "from", from);
    hop_json_set_string(edge, "to", to);
    hop_json *list = hop_json_add_array(group, "risks");
    for (char *name = strsep(&risks, ","); name; name = strsep(&risks, ",")) {
        hop_json *risk = hop_json_append_object(list);
        hop_json_set_string(risk, "url", "https://example.com/risk");
        hop_json_set_string(risk, "name", name);
        hop_json_set_string(risk, "message", "Something may happen.");
        hop_json *rule =
            hop_json_append_object(hop_json_add_array(risk, "matchingRules"));
        hop_json_set_string(rule, "type", "Always");
    }
}

static inline void lines_read(graph_lines *l, char *line)
{
    line += strspn(line, " ");
    if (!*line)
        return;
    const char *from = strsep(&line, " ");
    const char *kind = strsep(&line, " ");
    const char *to = strsep(&line, " ");
    if (!kind)
        lines_node(l, from);
    else if (*kind == '>')
        lines_edge(l, from, to);
    else
        lines_risky(l, from, to, line);
}

/** The JSON text of a graph. */
static inline void lines_to_json(const char *text, const char *channels, hop_buf *out)
{
    graph_lines l = {.doc = hop_json_new_object()};
    hop_json_set_uint(l.doc, "version", 1);
    hop_json *nodes = hop_json_add_array(l.doc, "nodes");
    l.edges = hop_json_add_array(l.doc, "edges");
    l.groups = hop_json_add_array(l.doc, "conditionalEdges");
    HOP_AUTO_STR copy = hop_strdup(text);
    char *rest = copy;
    for (char *line = strsep(&rest, ";"); line; line = strsep(&rest, ";"))
        lines_read(&l, line);
    for (size_t i = 0; i < l.nodes.len; i++) {
        const char *version = l.nodes.items[i];
        hop_digest d = hop_digest_of(version, strlen(version));
        HOP_AUTO_STR payload = hop_sprintf("registry.example.com/r/release@%s", d.text);
        hop_json *node = hop_json_append_object(nodes);
        hop_json_set_string(node, "version", version);
        hop_json_set_string(node, "payload", payload);
        hop_json *metadata = hop_json_add_object(node, "metadata");
        if (channels)
            hop_json_set_string(metadata, "io.openshift.upgrades.graph.release.channels",
                                channels);
    }
    hop_json_dump(l.doc, HOP_JSON_COMPACT, out);
    hop_json_free(l.doc);
    hop_strings_clear(&l.nodes);
}

static inline void add_lines(hop_graph *g, const char *text,
                             const hop_graph_source *source)
{
    hop_error *err = NULL;
    HOP_AUTO_VALUE(hop_buf) json = hop_buf_init(HOP_BUF_TEXT);
    lines_to_json(text, NULL, &json);
    assert_ok(hop_graph_add(g, hop_buf_get(&json), json.len, source, &err), &err);
}

static inline hop_graph *graph_of(const char *text)
{
    hop_graph *g = hop_graph_new();
    hop_graph_source source = {.name = "test.json", .channel = "stable-4.1"};
    add_lines(g, text, &source);
    return g;
}

static inline hop_plan *plan_of(const hop_graph *g, const hop_plan_opts *o)
{
    hop_error *err = NULL;
    hop_plan *plan = NULL;
    assert_ok(hop_graph_plan(g, o, &plan, &err), &err);
    return plan;
}

/** The versions of a route with blanks between. */
static inline char *route_text(const hop_route *r)
{
    HOP_AUTO_VALUE(hop_buf) b = hop_buf_init(HOP_BUF_TEXT);
    for (size_t i = 0; i < r->release_count; i++)
        hop_buf_addf(&b, "%s%s", i ? " " : "", r->releases[i].version);
    return hop_buf_take(&b);
}

static inline void assert_route(const hop_route *r, const char *wanted)
{
    HOP_AUTO_STR got = route_text(r);
    assert_string_equal(got, wanted);
}

static inline hop_strings strings_of(const char *a, const char *b)
{
    hop_strings list = {0};
    if (a)
        hop_strings_add(&list, a);
    if (b)
        hop_strings_add(&list, b);
    return list;
}

#endif
