/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "served_channels.h"

#include <stdlib.h>
#include <string.h>

#define META "io.openshift.upgrades.graph."

void hop_served_clear(hop_served *s)
{
    for (size_t i = 0; i < s->channel_count; i++) {
        free(s->channels[i].name);
        free(s->channels[i].arch);
        hop_strings_clear(&s->channels[i].versions);
    }
    free(s->channels);
    *s = (hop_served){0};
}

/* ---- which channels there are ---- */

static const char *text_of(const hop_json_view *obj, const char *key)
{
    HOP_AUTO(hop_error) ignored = NULL;
    const char *text = NULL;
    return hop_json_optional_string(obj, key, &text, &ignored) == HOP_OK ? text : NULL;
}

static bool array_of(const hop_json_view *obj, const char *key, hop_json_view *out)
{
    HOP_AUTO(hop_error) ignored = NULL;
    return hop_json_optional(obj, key, HOP_JSON_ARRAY, out, &ignored) == HOP_OK &&
           out->value;
}

static bool item_of(const hop_json_view *array, size_t index, hop_json_view *out)
{
    HOP_AUTO(hop_error) ignored = NULL;
    return hop_json_item(array, index, HOP_JSON_OBJECT, out, &ignored) == HOP_OK;
}

static void add_channel(hop_served *out, const char *name, size_t len, const char *arch)
{
    HOP_AUTO_STR channel = hop_strndup(name, len);
    for (size_t i = 0; i < out->channel_count; i++)
        if (strcmp(out->channels[i].name, channel) == 0 &&
            strcmp(out->channels[i].arch, arch) == 0)
            return;
    out->channels = hop_grow(out->channels, out->channel_count, &out->channel_cap,
                             sizeof(*out->channels));
    out->channels[out->channel_count++] =
        (hop_served_channel){.name = hop_steal(&channel), .arch = hop_strdup(arch)};
}

static void note_unlisted(hop_proof *proof, const char *version, const char *arch)
{
    hop_proof_finding *f = hop_proof_add(
        proof, HOP_PROOF_WARNING, "osus", NULL,
        "no channel of the graph-data has it: the update service will not offer it");
    HOP_AUTO_STR hop =
        hop_sprintf("%.*s (%s)", (int)strcspn(version, "+"), version, arch);
    hop_strings_add(&f->hops, hop);
}

static void read_node(const hop_json_view *node, hop_proof *proof, hop_served *out)
{
    HOP_AUTO(hop_error) ignored = NULL;
    hop_json_view metadata;
    const char *version = text_of(node, "version");
    /* Releases that are only named by others have neither. */
    if (!version || !text_of(node, "payload") ||
        hop_json_member(node, "metadata", HOP_JSON_OBJECT, &metadata, &ignored) != HOP_OK)
        return;
    const char *arch = text_of(&metadata, META "release.arch");
    const char *at = text_of(&metadata, META "release.channels");
    if (!arch)
        return;
    if ((!at || !*at) && out->state == HOP_SERVED_NO_PLAN)
        note_unlisted(proof, version, arch);
    while (at && *at) {
        size_t len = strcspn(at, ",");
        if (len > 0)
            add_channel(out, at, len, arch);
        at += len + (at[len] == ',');
    }
}

static int compare_channels(const void *a, const void *b)
{
    const hop_served_channel *x = a, *y = b;
    int order = strcmp(x->arch, y->arch);
    return order ? order : strcmp(x->name, y->name);
}

/* ---- what they offer ---- */

static void ask_channel(const hop_osus *service, hop_served_channel *c)
{
    HOP_AUTO(hop_json) answer = hop_osus_get_channel(service, c->name, c->arch);
    hop_json_view root = hop_json_root(answer, "served graph"), list, item, pairs;
    if (array_of(&root, "nodes", &list))
        for (size_t i = 0; i < hop_json_count(&list); i++)
            if (item_of(&list, i, &item) && text_of(&item, "version"))
                hop_strings_add(&c->versions, text_of(&item, "version"));
    if (array_of(&root, "conditionalEdges", &list))
        for (size_t i = 0; i < hop_json_count(&list); i++)
            if (item_of(&list, i, &item) && array_of(&item, "edges", &pairs))
                c->conditional += hop_json_count(&pairs);
    c->updates = c->conditional;
    if (array_of(&root, "edges", &list))
        c->updates += hop_json_count(&list);
}

void hop_served_list_channels(const hop_osus *service, hop_proof *proof, hop_served *out)
{
    HOP_AUTO(hop_json) graph = hop_osus_get_graph(service);
    hop_json_view root = hop_json_root(graph, "served graph"), nodes, node;
    size_t count = array_of(&root, "nodes", &nodes) ? hop_json_count(&nodes) : 0;
    for (size_t i = 0; i < count; i++)
        if (item_of(&nodes, i, &node))
            read_node(&node, proof, out);
    if (out->channel_count > 1)
        qsort(out->channels, out->channel_count, sizeof(*out->channels),
              compare_channels);
    for (size_t i = 0; i < out->channel_count; i++)
        ask_channel(service, &out->channels[i]);
}

/* ---- reports ---- */

/* NULL when hops were simulated. */
static char *reason_of(const hop_served *s, const char *how)
{
    switch (s->state) {
    case HOP_SERVED_NO_DATA:
        return hop_strdup("there is no graph-data that an update service could be "
                          "simulated with");
    case HOP_SERVED_REFUSED:
        return hop_strdup("the update service would keep no graph");
    case HOP_SERVED_NO_PLAN:
        return hop_sprintf("no plan is known: %s", how);
    case HOP_SERVED_HOPS:
        break;
    }
    return NULL;
}

static void add_channel_text(const hop_served_channel *c, hop_buf *out)
{
    hop_buf_adds(out, "  ");
    hop_buf_add_visible(out, c->name, strlen(c->name));
    hop_buf_addf(out, " (%s): ", c->arch);
    for (size_t i = 0; i < c->versions.len; i++) {
        hop_buf_adds(out, i ? ", " : "");
        hop_buf_add_visible(out, c->versions.items[i], strlen(c->versions.items[i]));
    }
    hop_buf_addf(out, "; %zu update%s", c->updates, c->updates == 1 ? "" : "s");
    if (c->conditional > 0)
        hop_buf_addf(out, ", %zu of them conditional", c->conditional);
    hop_buf_addc(out, '\n');
}

void hop_served_text(const hop_served *s, const char *how, hop_buf *out)
{
    HOP_AUTO_STR reason = reason_of(s, how);
    if (!reason) {
        hop_buf_addf(out, "hops: %zu simulated, %zu will be offered\n", s->hops,
                     s->offered);
        return;
    }
    hop_buf_addf(out, "hops: none was simulated, as %s\n", reason);
    if (s->state != HOP_SERVED_NO_PLAN)
        return;
    hop_buf_adds(out, s->channel_count ? "what the update service will offer:\n"
                                       : "the update service will offer nothing\n");
    for (size_t i = 0; i < s->channel_count; i++)
        add_channel_text(&s->channels[i], out);
}

static const char *state_word(hop_served_state state)
{
    static const char *const words[] = {"no-graph-data", "refused", "no-plan", "hops"};
    return words[state];
}

void hop_served_json(const hop_served *s, const char *how, hop_json *doc)
{
    HOP_AUTO_STR reason = reason_of(s, how);
    hop_json *simulation = hop_json_add_object(doc, "simulation");
    hop_json_set_string(simulation, "state", state_word(s->state));
    hop_json_set_string(simulation, "reason", reason);
    hop_json_set_uint(simulation, "hops", s->hops);
    hop_json_set_uint(simulation, "offered", s->offered);
    hop_json *channels = hop_json_add_array(simulation, "channels");
    for (size_t i = 0; i < s->channel_count; i++) {
        const hop_served_channel *c = &s->channels[i];
        hop_json *row = hop_json_append_object(channels);
        hop_json_set_string(row, "channel", c->name);
        hop_json_set_string(row, "arch", c->arch);
        hop_json *releases = hop_json_add_array(row, "releases");
        for (size_t k = 0; k < c->versions.len; k++)
            hop_json_append_string(releases, c->versions.items[k]);
        hop_json_set_uint(row, "updates", c->updates);
        hop_json_set_uint(row, "conditional_updates", c->conditional);
    }
}
