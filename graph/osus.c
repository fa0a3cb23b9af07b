/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The graph-builder's steps on a scraped graph, in its order. */
#include <stdlib.h>
#include <string.h>

#include "channels.h"
#include "osus_model.h"
#include "pattern.h"

#define REMOVE_REGEX META "previous.remove_regex"
#define CHANNELS META "release.channels"

void hop_osus_free(hop_osus *o)
{
    if (!o)
        return;
    for (size_t i = 0; i < o->node_count; i++)
        free(o->nodes[i].meta);
    for (size_t i = 0; i < o->edge_count; i++)
        free(o->edges[i].risks);
    free(o->nodes);
    free(o->edges);
    free(o->archs);
    hop_index_clear(&o->by_version);
    hop_index_clear(&o->by_pair);
    hop_arena_free(o->arena);
    free(o);
}

/* ---- graph-data into metadata ---- */

static void apply_raw(hop_osus *o, const hop_graph_data *d)
{
    hop_json_view root = hop_json_root(d->raw, "raw/metadata.json"), entry, item;
    for (void *i = NULL; hop_json_next(&root, &i, &entry);)
        for (size_t n = 0; n < o->node_count; n++) {
            if (!hop_osus_is_version(&o->nodes[n],
                                     entry.key)) /* the build part is ignored */
                continue;
            o->nodes[n].has_raw = true;
            for (void *j = NULL; hop_json_next(&entry, &j, &item);) {
                const char *value = NULL;
                hop_error *why = NULL;
                if (hop_json_string(&item, &value, &why) == HOP_OK)
                    hop_osus_append_meta(o, &o->nodes[n], item.key, ",", value);
                hop_error_drop(&why);
            }
        }
}

static osus_node *find_scraped(hop_osus *o, const char *core, size_t len,
                               const char *arch)
{
    HOP_AUTO_STR text = hop_sprintf("%.*s%s%s", (int)len, core, *arch ? "+" : "", arch);
    uint32_t id = hop_osus_find(o, text);
    return id != HOP_NO_ID && o->nodes[id].payload ? &o->nodes[id] : NULL;
}

/* A version whose pre-release part is exactly s390x means that architecture only. */
static const char *pinned_arch(const char *to)
{
    const char *plus = strchr(to, '+');
    if (plus)
        return plus + 1;
    return hop_has_suffix(to, "-s390x") ? "s390x" : NULL;
}

static void apply_plain_block(hop_osus *o, const data_block *b)
{
    size_t len = strcspn(b->to, "+");
    const char *pinned = pinned_arch(b->to);
    for (size_t i = 0; i < o->arch_count; i++) {
        if (pinned && strcmp(pinned, o->archs[i]) != 0)
            continue;
        osus_node *n = find_scraped(o, b->to, len, o->archs[i]);
        if (n) /* sets, so the last file for a target wins */
            hop_osus_set_meta(o, n, REMOVE_REGEX, b->from);
    }
}

/* The update is taken from every architecture, even where the risk names one. */
static void apply_risk_block(hop_osus *o, const data_block *b)
{
    size_t len = strcspn(b->to, "+");
    for (size_t i = 0; i < o->arch_count; i++) {
        osus_node *n = find_scraped(o, b->to, len, o->archs[i]);
        if (n)
            hop_osus_append_meta(o, n, REMOVE_REGEX, "|", b->from);
    }
}

static void apply_channel(hop_osus *o, const data_channel *c)
{
    for (size_t v = 0; v < c->versions.len; v++) {
        const char *version = c->versions.items[v];
        const char *plus = strchr(version, '+');
        for (size_t i = 0; i < o->node_count; i++) {
            osus_node *n = &o->nodes[i];
            if (n->payload && hop_osus_is_version(n, version) &&
                (!plus || strcmp(plus + 1, hop_osus_get_build(n)) == 0))
                hop_osus_append_meta(o, n, CHANNELS, ",", c->name);
        }
    }
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* By what follows the first '-', as text, so that 4.10 comes before 4.9; then by the
 * whole. */
static int compare_channels(const void *a, const void *b)
{
    const char *x = strchr(*(const char *const *)a, '-');
    const char *y = strchr(*(const char *const *)b, '-');
    int order = strcmp(x ? x + 1 : "", y ? y + 1 : "");
    return order ? order : compare_texts(a, b);
}

/* The service cuts each name at its '-', as soon as there are two to compare. */
static hop_status check_channels(const osus_node *n, const hop_texts *names,
                                 hop_error **err)
{
    for (size_t i = 0; names->len > 1 && i < names->len; i++)
        if (!strchr(names->items[i], '-'))
            return hop_error_set(err, HOP_E_PARSE,
                                 "channel %s: the service ends on a name without \"-\" "
                                 "when a release, here %s, is in other channels, too",
                                 names->items[i], n->version.text);
    return HOP_OK;
}

static hop_status sort_channels(hop_osus *o, osus_node *n, hop_error **err)
{
    const char *list = hop_osus_get_meta(n, CHANNELS);
    if (!list)
        return HOP_OK;
    hop_texts names = hop_model_split(o->arena, list);
    hop_status s = check_channels(n, &names, err);
    if (s != HOP_OK)
        return s;
    const char **sorted = hop_alloc(names.len + 1, sizeof(*sorted));
    for (size_t i = 0; i < names.len; i++)
        sorted[i] = names.items[i];
    qsort(sorted, names.len, sizeof(*sorted), compare_channels);
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    for (size_t i = 0; i < names.len; i++)
        hop_buf_addf(&text, "%s%s", i ? "," : "", sorted[i]);
    hop_osus_set_meta(o, n, CHANNELS, hop_buf_get(&text));
    free(sorted);
    return HOP_OK;
}

static hop_status apply_graph_data(hop_osus *o, const hop_graph_data *d, hop_error **err)
{
    apply_raw(o, d);
    for (size_t i = 0; i < d->block_count; i++)
        if (!d->blocks[i].risk)
            apply_plain_block(o, &d->blocks[i]);
    for (size_t i = 0; i < d->block_count; i++)
        if (d->blocks[i].risk)
            apply_risk_block(o, &d->blocks[i]);
    for (size_t i = 0; i < d->channel_count; i++)
        apply_channel(o, &d->channels[i]);
    hop_status s = HOP_OK;
    for (size_t i = 0; i < o->node_count && s == HOP_OK; i++)
        s = sort_channels(o, &o->nodes[i], err);
    return s;
}

/* ---- metadata into edges ---- */

typedef enum edge_side { SIDE_PREVIOUS, SIDE_NEXT } edge_side;

/* What an edge from metadata is owed to: the releases themselves, unless the graph-data
 * speaks of one of the two. */
static const char *origin_of(const hop_osus *o)
{
    for (size_t i = 0; i < o->node_count; i++)
        if (o->nodes[i].has_raw)
            return "raw/metadata.json, or the metadata of the releases";
    return o->name;
}

/* The entry with the owner's architecture, whatever it had. HOP_NO_ID for a version that
 * is not there. */
static hop_status find_named(const hop_osus *o, const osus_node *owner, const char *entry,
                             uint32_t *out, hop_error **err)
{
    hop_version v;
    hop_status s = hop_version_parse(entry, &v, err);
    if (s != HOP_OK)
        return hop_error_wrap(err, "%s: metadata of %s",
                              owner->has_raw ? "raw/metadata.json" : o->name,
                              owner->version.text);
    const char *build = hop_osus_get_build(owner);
    HOP_AUTO_STR text =
        hop_sprintf("%.*s%s%s", (int)v.pre_end, entry, *build ? "+" : "", build);
    *out = hop_osus_find(o, text);
    return HOP_OK;
}

static hop_status add_named(hop_osus *o, const char *key, edge_side side, hop_error **err)
{
    for (size_t i = 0; i < o->node_count; i++) {
        const char *list = hop_osus_get_meta(&o->nodes[i], key);
        hop_texts names = list ? hop_model_split(o->arena, list) : (hop_texts){0};
        for (size_t j = 0; j < names.len; j++) {
            uint32_t other = HOP_NO_ID, self = (uint32_t)i;
            hop_status s = find_named(o, &o->nodes[i], names.items[j], &other, err);
            if (s != HOP_OK)
                return s;
            if (other != HOP_NO_ID)
                hop_osus_add_edge(o, side == SIDE_PREVIOUS ? other : self,
                                  side == SIDE_PREVIOUS ? self : other);
        }
    }
    return hop_osus_check_acyclic(o, origin_of(o), err);
}

/* What is served of a risk; the graph-data may be freed before the service. */
static const hop_risk *copy_risk(hop_osus *o, const hop_risk *r)
{
    hop_risk *copy = hop_arena_alloc(o->arena, 1, sizeof(*copy));
    *copy = (hop_risk){.name = hop_arena_strdup(o->arena, r->name),
                       .url = hop_arena_strdup(o->arena, r->url),
                       .message = hop_arena_strdup(o->arena, r->message),
                       .rules_json = hop_arena_strdup(o->arena, r->rules_json)};
    return copy;
}

static hop_status add_risk(hop_osus *o, const data_block *b, hop_error **err)
{
    const hop_risk *risk = NULL;
    HOP_AUTO(hop_pattern) p = NULL;
    hop_status s = hop_pattern_new(b->from, &p, err);
    if (s != HOP_OK)
        return hop_error_wrap(err, "%s", b->file);
    for (size_t i = 0; i < o->edge_count; i++) {
        osus_edge *e = &o->edges[i];
        const osus_node *to = &o->nodes[e->to];
        bool is_target = strcmp(to->version.text, b->to) == 0 ||
                         (!strchr(b->to, '+') && hop_osus_is_version(to, b->to));
        bool found = false;
        if (is_target)
            s = hop_pattern_search(p, o->nodes[e->from].version.text, &found, err);
        if (s != HOP_OK)
            return s;
        if (!found)
            continue;
        e->risks = hop_grow(e->risks, e->risk_count, &e->risk_cap, sizeof(hop_risk *));
        risk = risk ? risk : copy_risk(o, b->risk);
        e->risks[e->risk_count++] = risk;
    }
    return HOP_OK;
}

static hop_status remove_named(hop_osus *o, const char *key, edge_side side,
                               hop_error **err)
{
    for (size_t i = 0; i < o->edge_count; i++) {
        osus_edge *e = &o->edges[i];
        uint32_t self = side == SIDE_PREVIOUS ? e->to : e->from;
        uint32_t other = side == SIDE_PREVIOUS ? e->from : e->to;
        const char *list = hop_osus_get_meta(&o->nodes[self], key);
        if (!list)
            continue;
        hop_texts names = hop_model_split(o->arena, list);
        for (size_t j = 0; j < names.len; j++) {
            uint32_t named = HOP_NO_ID;
            bool is_all = side == SIDE_PREVIOUS && strcmp(names.items[j], "*") == 0;
            if (!is_all) {
                hop_status s =
                    find_named(o, &o->nodes[self], names.items[j], &named, err);
                if (s != HOP_OK)
                    return s;
            }
            e->is_removed = e->is_removed || is_all || named == other;
        }
    }
    return HOP_OK;
}

/* The pattern of a target is put together from several files. NULL when each of them is
 * sound by itself. */
static const char *find_faulty_file(const hop_graph_data *d, const osus_node *target)
{
    for (size_t i = 0; i < d->block_count; i++) {
        HOP_AUTO(hop_pattern) p = NULL;
        HOP_AUTO(hop_error) why = NULL;
        if (hop_osus_is_version(target, d->blocks[i].to) &&
            hop_pattern_new(d->blocks[i].from, &p, &why) != HOP_OK)
            return d->blocks[i].file;
    }
    return NULL;
}

static hop_status remove_matching(hop_osus *o, const hop_graph_data *d, uint32_t target,
                                  const char *regex, hop_error **err)
{
    HOP_AUTO(hop_pattern) p = NULL;
    hop_status s = hop_pattern_new(regex, &p, err);
    if (s != HOP_OK) {
        const char *file = find_faulty_file(d, &o->nodes[target]);
        return hop_error_wrap(err, "%s: blocked edges of %s", file ? file : o->name,
                              o->nodes[target].version.text);
    }
    for (size_t i = 0; i < o->edge_count && s == HOP_OK; i++) {
        osus_edge *e = &o->edges[i];
        bool found = false;
        if (e->to != target)
            continue;
        s = hop_pattern_search(p, o->nodes[e->from].version.text, &found, err);
        e->is_removed = e->is_removed || found;
    }
    return s;
}

/* Risks are looked up before anything is removed, so an edge that a plain block takes
 * away as well is still served as a conditional one (OTA-1043). */
static hop_status apply_edges(hop_osus *o, const hop_graph_data *d, hop_error **err)
{
    hop_status s = add_named(o, META "previous.add", SIDE_PREVIOUS, err);
    if (s == HOP_OK)
        s = add_named(o, META "next.add", SIDE_NEXT, err);
    for (size_t i = 0; i < d->block_count && s == HOP_OK; i++)
        if (d->blocks[i].risk)
            s = add_risk(o, &d->blocks[i], err);
    if (s == HOP_OK)
        s = remove_named(o, META "previous.remove", SIDE_PREVIOUS, err);
    for (size_t i = 0; i < o->node_count && s == HOP_OK; i++) {
        const char *regex = hop_osus_get_meta(&o->nodes[i], REMOVE_REGEX);
        if (regex)
            s = remove_matching(o, d, (uint32_t)i, regex, err);
    }
    return s == HOP_OK ? remove_named(o, META "next.remove", SIDE_NEXT, err) : s;
}

hop_status hop_osus_new(const char *text, size_t len, const char *name,
                        const hop_graph_data *data, hop_osus **out, hop_error **err)
{
    HOP_AUTO(hop_osus) o = hop_alloc(1, sizeof(*o));
    o->arena = hop_arena_new();
    hop_status s = hop_osus_load(o, text, len, name, err);
    if (s != HOP_OK)
        return s;
    s = apply_graph_data(o, data, err);
    if (s == HOP_OK)
        s = apply_edges(o, data, err);
    if (s == HOP_OK)
        *out = hop_steal(&o);
    return s;
}
