/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A static update graph per channel and architecture, for clusters without an update
 * service: any web server can serve it, and payloads are named as the mirror has them. */
#include "resources.h"

#include "hop_json.h"

#include <stdlib.h>
#include <string.h>

static bool is_in_channel(const hop_resources_input *in, const hop_resources_release *r,
                          const char *channel)
{
    if (r->channels && hop_strings_has(r->channels, channel))
        return true;
    for (size_t i = 0; i < in->hop_count; i++) {
        const hop_resources_hop *hop = &in->hops[i];
        if (hop->channel && strcmp(hop->channel, channel) == 0 &&
            strcmp(hop->arch, r->arch) == 0 &&
            (strcmp(hop->from, r->version) == 0 || strcmp(hop->to, r->version) == 0))
            return true;
    }
    return false;
}

static void add_node(const hop_resources_input *in, const hop_resources_release *r,
                     const char *channel, hop_json *nodes)
{
    HOP_AUTO_STR payload =
        hop_sprintf("%s/%s@%s", in->host, in->release_repository, r->payload.text);
    HOP_AUTO_VALUE(hop_buf) channels = hop_buf_init(HOP_BUF_TEXT);
    for (size_t i = 0; r->channels && i < r->channels->len; i++)
        hop_buf_addf(&channels, "%s%s", i ? "," : "", r->channels->items[i]);
    hop_json *node = hop_json_append_object(nodes);
    hop_json_set_string(node, "version", r->version);
    hop_json_set_string(node, "payload", payload);
    hop_json *metadata = hop_json_add_object(node, "metadata");
    hop_json_set_string(metadata, "io.openshift.upgrades.graph.release.channels",
                        channels.len ? hop_buf_get(&channels) : channel);
    hop_json_set_string(metadata, "io.openshift.upgrades.graph.release.manifestref",
                        r->payload.text);
    if (r->url)
        hop_json_set_string(metadata, "url", r->url);
}

/** The rules as the graph had them; without, the risk counts as always there, so that
 * nobody is led over it unasked. */
static hop_status add_rules(const hop_resources_risk *from, hop_json *risk,
                            hop_error **err)
{
    HOP_AUTO(hop_json) rules = NULL;
    if (from->matching_rules) {
        hop_status s = hop_json_parse(from->matching_rules, strlen(from->matching_rules),
                                      "matchingRules", &rules, err);
        if (s != HOP_OK)
            return s;
    } else {
        rules = hop_json_new_array();
        hop_json_set_string(hop_json_append_object(rules), "type", "Always");
    }
    (void)hop_json_set_take(risk, "matchingRules", &rules);
    return HOP_OK;
}

static hop_status add_conditional(const hop_resources_hop *hop, hop_json *list,
                                  hop_error **err)
{
    hop_json *item = hop_json_append_object(list);
    hop_json *edge = hop_json_append_object(hop_json_add_array(item, "edges"));
    hop_json_set_string(edge, "from", hop->from);
    hop_json_set_string(edge, "to", hop->to);
    hop_json *risks = hop_json_add_array(item, "risks");
    for (size_t i = 0; i < hop->risk_count; i++) {
        hop_json *risk = hop_json_append_object(risks);
        hop_json_set_string(risk, "url", hop->risks[i].url ? hop->risks[i].url : "");
        hop_json_set_string(risk, "name", hop->risks[i].name);
        hop_json_set_string(risk, "message",
                            hop->risks[i].message ? hop->risks[i].message : "");
        hop_status s = add_rules(&hop->risks[i], risk, err);
        if (s != HOP_OK)
            return s;
    }
    return HOP_OK;
}

/** Where a version stands among the nodes; SIZE_MAX when it is none. */
static size_t find_node(const hop_strings *versions, const char *version)
{
    for (size_t i = 0; i < versions->len; i++)
        if (strcmp(versions->items[i], version) == 0)
            return i;
    return SIZE_MAX;
}

/** Several clusters may take the same update: the one of these hops that is to stand for
 * it, a conditional one before any other. */
static bool stands_for_its_edge(const hop_resources_input *in, size_t index)
{
    const hop_resources_hop *hop = &in->hops[index];
    for (size_t i = 0; i < in->hop_count; i++) {
        const hop_resources_hop *other = &in->hops[i];
        if (i == index || strcmp(other->from, hop->from) != 0 ||
            strcmp(other->to, hop->to) != 0 || strcmp(other->arch, hop->arch) != 0)
            continue;
        bool is_other_conditional = other->risk_count > 0;
        bool is_conditional = hop->risk_count > 0;
        if (is_other_conditional != is_conditional ? is_other_conditional : i < index)
            return false;
    }
    return true;
}

static hop_status fill_graph(const hop_resources_input *in, const char *channel,
                             const char *arch, hop_strings *versions, hop_json *doc,
                             hop_error **err)
{
    hop_json_set_uint(doc, "version", 1);
    hop_json *nodes = hop_json_add_array(doc, "nodes");
    for (size_t i = 0; i < in->release_count; i++) {
        const hop_resources_release *r = &in->releases[i];
        if (strcmp(r->arch, arch) != 0 || !is_in_channel(in, r, channel))
            continue;
        add_node(in, r, channel, nodes);
        hop_strings_add(versions, r->version);
    }
    hop_json *edges = hop_json_add_array(doc, "edges");
    hop_json *conditional = hop_json_add_array(doc, "conditionalEdges");
    hop_status s = HOP_OK;
    for (size_t i = 0; s == HOP_OK && i < in->hop_count; i++) {
        const hop_resources_hop *hop = &in->hops[i];
        size_t from = find_node(versions, hop->from), to = find_node(versions, hop->to);
        if (strcmp(hop->arch, arch) != 0 || from == SIZE_MAX || to == SIZE_MAX ||
            !stands_for_its_edge(in, i))
            continue;
        if (hop->risk_count > 0) {
            s = add_conditional(hop, conditional, err);
            continue;
        }
        HOP_AUTO(hop_json) pair = hop_json_new_array();
        hop_json_append_uint(pair, from);
        hop_json_append_uint(pair, to);
        (void)hop_json_append_take(edges, &pair);
    }
    return s;
}

static hop_status add_graph(const hop_resources_input *in, const char *channel,
                            const char *arch, hop_tree *out, hop_error **err)
{
    HOP_AUTO(hop_json) doc = hop_json_new_object();
    hop_strings versions = {0};
    hop_status s = fill_graph(in, channel, arch, &versions, doc, err);
    hop_strings_clear(&versions);
    if (s != HOP_OK)
        return s;
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    hop_json_dump(doc, HOP_JSON_INDENT, &text);
    hop_buf_addc(&text, '\n');
    HOP_AUTO_STR path = hop_sprintf("graphs/%s-%s.json", channel, arch);
    return hop_tree_add(out, path, text.data, text.len, err);
}

hop_status hop_resources_add_graphs(const hop_resources_input *in, hop_tree *out,
                                    hop_error **err)
{
    hop_status s = HOP_OK;
    for (size_t i = 0; s == HOP_OK && i < in->hop_count; i++) {
        const hop_resources_hop *hop = &in->hops[i];
        bool is_first = hop->channel != NULL;
        for (size_t j = 0; is_first && j < i; j++)
            if (in->hops[j].channel && strcmp(in->hops[j].channel, hop->channel) == 0 &&
                strcmp(in->hops[j].arch, hop->arch) == 0)
                is_first = false;
        if (is_first)
            s = add_graph(in, hop->channel, hop->arch, out, err);
    }
    return s;
}
