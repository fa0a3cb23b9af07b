/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "served.h"

#include "served_channels.h"

#include <stdlib.h>
#include <string.h>

#define KIND "cincinnati-metadata-v0"
#define META "io.openshift.upgrades.graph."

/* ---- the scrape ---- */

typedef struct scrape {
    hop_strings versions; /* of the nodes: "4.18.9+amd64" */
    hop_json *nodes, *edges;
} scrape;

static size_t index_of(const scrape *s, const char *version)
{
    size_t i = 0;
    while (i < s->versions.len && strcmp(s->versions.items[i], version) != 0)
        i++;
    return i;
}

/* The service puts the architecture where the build metadata of a version stands. */
static char *with_arch(const char *version, const char *arch)
{
    return hop_sprintf("%.*s+%s", (int)strcspn(version, "+"), version, arch);
}

static size_t node_of(scrape *s, const char *version, const char *arch)
{
    HOP_AUTO_STR name = with_arch(version, arch);
    size_t at = index_of(s, name);
    if (at < s->versions.len)
        return at;
    hop_strings_add(&s->versions, name);
    hop_json *node = hop_json_append_object(s->nodes);
    hop_json_set_string(node, "version", name);
    hop_json_set_string(node, "payload", "");
    return at;
}

static hop_status copy_metadata(const hop_json_view *root, hop_json *to, hop_error **err)
{
    hop_json_view metadata, item;
    const char *value = NULL;
    hop_status s = hop_json_optional(root, "metadata", HOP_JSON_OBJECT, &metadata, err);
    void *iter = NULL;
    while (s == HOP_OK && metadata.value && hop_json_next(&metadata, &iter, &item)) {
        s = hop_json_string(&item, &value, err);
        if (s == HOP_OK)
            hop_json_set_string(to, item.key, value);
    }
    return s;
}

static hop_status add_node(scrape *s, const hop_json_view *root,
                           const hop_proof_release *r, const char *repository,
                           hop_error **err)
{
    const char *kind = NULL, *version = NULL;
    hop_status status = hop_json_get_string(root, "kind", &kind, err);
    if (status == HOP_OK && strcmp(kind, KIND) != 0)
        return hop_json_error(root, err, "kind is \"%s\", not " KIND, kind);
    if (status == HOP_OK)
        status = hop_json_get_string(root, "version", &version, err);
    HOP_AUTO(hop_json) metadata = hop_json_new_object();
    if (status == HOP_OK)
        status = copy_metadata(root, metadata, err);
    if (status != HOP_OK)
        return status;
    HOP_AUTO_STR name = with_arch(version, r->arch);
    HOP_AUTO_STR payload = hop_sprintf("%s@%s", repository, r->digest.text);
    hop_json_set_string(metadata, META "release.manifestref", r->digest.text);
    hop_json_set_string(metadata, META "release.arch", r->arch);
    if (index_of(s, name) < s->versions.len)
        return hop_json_error(root, err, "two releases are %s", name);
    hop_strings_add(&s->versions, name);
    hop_json *node = hop_json_append_object(s->nodes);
    hop_json_set_string(node, "version", name);
    hop_json_set_string(node, "payload", payload);
    hop_json_set_take(node, "metadata", &metadata);
    return HOP_OK;
}

static hop_status add_edges(scrape *s, const hop_json_view *root, const char *arch,
                            const char *version, const char *member, hop_error **err)
{
    hop_json_view list, item;
    const char *other = NULL;
    hop_status status = hop_json_optional(root, member, HOP_JSON_ARRAY, &list, err);
    for (size_t i = 0; status == HOP_OK && list.value && i < hop_json_count(&list); i++) {
        status = hop_json_item(&list, i, HOP_JSON_STRING, &item, err);
        if (status == HOP_OK)
            status = hop_json_string(&item, &other, err);
        if (status != HOP_OK)
            return status;
        bool is_previous = strcmp(member, "previous") == 0;
        HOP_AUTO(hop_json) edge = hop_json_new_array();
        hop_json_append_uint(edge, node_of(s, is_previous ? other : version, arch));
        hop_json_append_uint(edge, node_of(s, is_previous ? version : other, arch));
        hop_json_append_take(s->edges, &edge);
    }
    return status;
}

/* Nodes first, as the service does: a version that is only named gets an empty one. */
static hop_status read_release(scrape *s, const hop_proof_release *r,
                               const char *repository, bool is_for_edges, hop_error **err)
{
    HOP_AUTO(hop_json) doc = NULL;
    if (!r->info.metadata)
        return hop_error_set(err, HOP_E_NOT_FOUND, "it has no release-metadata");
    if (r->not_gzip)
        return hop_error_set(err, HOP_E_PARSE,
                             "the layer with its release-metadata (%s) is not compressed "
                             "by gzip, and it reads no other",
                             r->not_gzip);
    hop_status status = hop_json_parse(r->info.metadata, strlen(r->info.metadata),
                                       "release-metadata", &doc, err);
    if (status != HOP_OK)
        return status;
    hop_json_view root = hop_json_root(doc, "release-metadata");
    if (!is_for_edges)
        return add_node(s, &root, r, repository, err);
    const char *version = r->info.version;
    status = add_edges(s, &root, r->arch, version, "previous", err);
    if (status == HOP_OK)
        status = add_edges(s, &root, r->arch, version, "next", err);
    return status;
}

static void note_passed_over(hop_proof *p, const hop_proof_release *r,
                             const hop_error *why)
{
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    hop_error_join(why, &text);
    hop_proof_finding *f = hop_proof_add(
        p, HOP_PROOF_ERROR, "osus", r->digest.text,
        "the update service will not see this release: %s", hop_buf_get(&text));
    HOP_AUTO_STR hop = hop_sprintf("%s (%s)", r->version, r->arch);
    hop_strings_add(&f->hops, hop);
}

void hop_served_scrape(hop_proof *proof, const char *repository, hop_buf *out)
{
    HOP_AUTO(hop_json) doc = hop_json_new_object();
    scrape s = {.nodes = hop_json_add_array(doc, "nodes"),
                .edges = hop_json_add_array(doc, "edges")};
    bool *is_seen = hop_alloc(proof->release_count + 1, sizeof(*is_seen));
    for (size_t i = 0; i < 2 * proof->release_count; i++) {
        size_t at = i % proof->release_count;
        bool is_for_edges = i >= proof->release_count;
        const hop_proof_release *r = &proof->releases[at];
        HOP_AUTO(hop_error) why = NULL;
        if (!r->has_info || (is_for_edges && !is_seen[at]))
            continue;
        is_seen[at] = read_release(&s, r, repository, is_for_edges, &why) == HOP_OK;
        if (!is_seen[at])
            note_passed_over(proof, r, why);
    }
    free(is_seen);
    hop_json_dump(doc, HOP_JSON_COMPACT, out);
    hop_strings_clear(&s.versions);
}

/* ---- what is served ---- */

static bool names(const hop_json_view *nodes, uint64_t index, const char *version)
{
    hop_json_view node;
    const char *found = NULL;
    HOP_AUTO(hop_error) ignored = NULL;
    return hop_json_item(nodes, (size_t)index, HOP_JSON_OBJECT, &node, &ignored) ==
               HOP_OK &&
           hop_json_get_string(&node, "version", &found, &ignored) == HOP_OK &&
           strcmp(found, version) == 0;
}

static bool has_plain_edge(const hop_json_view *root, const hop_plan_edge *e)
{
    HOP_AUTO(hop_error) ignored = NULL;
    hop_json_view nodes, edges, edge, end;
    uint64_t from = 0, to = 0;
    if (hop_json_member(root, "nodes", HOP_JSON_ARRAY, &nodes, &ignored) != HOP_OK ||
        hop_json_member(root, "edges", HOP_JSON_ARRAY, &edges, &ignored) != HOP_OK)
        return false;
    for (size_t i = 0; i < hop_json_count(&edges); i++) {
        if (hop_json_item(&edges, i, HOP_JSON_ARRAY, &edge, &ignored) != HOP_OK ||
            hop_json_item(&edge, 0, HOP_JSON_INTEGER, &end, &ignored) != HOP_OK ||
            hop_json_uint(&end, &from, &ignored) != HOP_OK ||
            hop_json_item(&edge, 1, HOP_JSON_INTEGER, &end, &ignored) != HOP_OK ||
            hop_json_uint(&end, &to, &ignored) != HOP_OK)
            return false;
        if (names(&nodes, from, e->from) && names(&nodes, to, e->to))
            return true;
    }
    return false;
}

static bool has_pair(const hop_json_view *group, const hop_plan_edge *e)
{
    HOP_AUTO(hop_error) ignored = NULL;
    hop_json_view edges, edge;
    const char *from = NULL, *to = NULL;
    if (hop_json_member(group, "edges", HOP_JSON_ARRAY, &edges, &ignored) != HOP_OK)
        return false;
    for (size_t i = 0; i < hop_json_count(&edges); i++)
        if (hop_json_item(&edges, i, HOP_JSON_OBJECT, &edge, &ignored) == HOP_OK &&
            hop_json_get_string(&edge, "from", &from, &ignored) == HOP_OK &&
            hop_json_get_string(&edge, "to", &to, &ignored) == HOP_OK &&
            strcmp(from, e->from) == 0 && strcmp(to, e->to) == 0)
            return true;
    return false;
}

static bool has_conditional_edge(const hop_json_view *root, const hop_plan_edge *e)
{
    HOP_AUTO(hop_error) ignored = NULL;
    hop_json_view groups, group;
    if (hop_json_optional(root, "conditionalEdges", HOP_JSON_ARRAY, &groups, &ignored) !=
            HOP_OK ||
        !groups.value)
        return false;
    for (size_t i = 0; i < hop_json_count(&groups); i++)
        if (hop_json_item(&groups, i, HOP_JSON_OBJECT, &group, &ignored) == HOP_OK &&
            has_pair(&group, e))
            return true;
    return false;
}

/* Whether it is offered. */
static bool check_hop(hop_proof *proof, const hop_osus *service, const hop_plan *plan,
                      const hop_plan_edge *e)
{
    HOP_AUTO(hop_json)
    answer = e->channel ? hop_osus_get_channel(service, e->channel, plan->arch) : NULL;
    hop_proof_finding *f = NULL;
    bool is_offered = false;
    if (!answer) {
        f = hop_proof_add(proof, HOP_PROOF_WARNING, "osus", NULL,
                          "the plan names no channel for this hop: it is not checked "
                          "what the update service will say");
    } else {
        hop_json_view root = hop_json_root(answer, "served graph");
        bool is_plain = has_plain_edge(&root, e);
        bool is_conditional = has_conditional_edge(&root, e);
        is_offered = is_plain || is_conditional;
        if (!is_offered)
            f = hop_proof_add(proof, HOP_PROOF_ERROR, "osus", NULL,
                              "the update service will not offer it in channel %s",
                              e->channel);
        else if (is_conditional && !e->is_conditional)
            f = hop_proof_add(proof, HOP_PROOF_WARNING, "osus", NULL,
                              "the update service will offer it with risks in channel "
                              "%s; the plan knows of none",
                              e->channel);
    }
    if (f) {
        HOP_AUTO_STR hop = hop_sprintf("%s (%s) from %s", e->to, plan->arch, e->from);
        hop_strings_add(&f->hops, hop);
    }
    return is_offered;
}

void hop_served_check(hop_proof *proof, const hop_buf *scraped, const hop_tree *data,
                      const char *name, const hop_plan *const *plans, size_t plan_count,
                      hop_served *out)
{
    HOP_AUTO(hop_error) error = NULL;
    HOP_AUTO(hop_graph_data) read = NULL;
    HOP_AUTO(hop_osus) service = NULL;
    hop_status s = hop_graph_data_read(data, &read, &error);
    if (s == HOP_OK)
        s = hop_osus_new(hop_buf_get(scraped), scraped->len, "releases on board", read,
                         &service, &error);
    if (s != HOP_OK) {
        (void)!hop_error_wrap(&error, "the update service would keep no graph");
        hop_proof_add_error(proof, "osus", name, error);
        out->state = HOP_SERVED_REFUSED;
        return;
    }
    out->state = plan_count > 0 ? HOP_SERVED_HOPS : HOP_SERVED_NO_PLAN;
    for (size_t i = 0; i < plan_count; i++) {
        const hop_route *best = &plans[i]->best;
        for (size_t k = 0; k < best->hops; k++) {
            out->hops += best->edges[k].channel != NULL;
            out->offered += check_hop(proof, service, plans[i], &best->edges[k]);
        }
    }
    hop_served_list_channels(service, proof, out);
}
