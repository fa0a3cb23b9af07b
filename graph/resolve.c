/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "hop_plan_set.h"
#include "search.h"

typedef struct wish {
    bool is_latest;
    uint64_t major, minor;
} wish;

/* "4.16": two numbers and nothing else. */
static bool read_wish(const char *text, wish *out)
{
    *out = (wish){.is_latest = strcmp(text, "latest") == 0};
    if (out->is_latest)
        return true;
    size_t first = strspn(text, "0123456789");
    if (first == 0 || text[first] != '.')
        return false;
    size_t second = strspn(text + first + 1, "0123456789");
    if (second == 0 || text[first + 1 + second])
        return false;
    HOP_AUTO_STR whole = hop_sprintf("%s.0", text);
    hop_version v;
    hop_error *why = NULL;
    bool is_good = hop_version_parse(whole, &v, &why) == HOP_OK &&
                   hop_version_get_minor(&v, &out->major, &out->minor);
    hop_error_drop(&why);
    return is_good;
}

static bool fits(const wish *w, const graph_node *node)
{
    uint64_t major = 0, minor = 0;
    if (node->release.is_prerelease || !node->release.payload)
        return false;
    return w->is_latest || (hop_version_get_minor(&node->version, &major, &minor) &&
                            major == w->major && minor == w->minor);
}

/* The newest release that fits, of those that all starts reach where `is_reached` says
 * which. */
static const graph_node *find_newest(const hop_graph *g, const wish *w,
                                     const bool *is_reached)
{
    for (size_t i = g->node_count; i-- > 0;)
        if (fits(w, g->order[i]) && (!is_reached || is_reached[i]))
            return g->order[i];
    return NULL;
}

static hop_status restrict_to(const hop_graph *g, const hop_plan_opts *opts,
                              uint32_t from, search_risks risks, bool *is_reached,
                              hop_error **err)
{
    HOP_AUTO(hop_search) s = NULL;
    hop_status st = hop_search_new(g, opts, from, from, risks, SEARCH_WHOLE, &s, err);
    for (size_t i = 0; st == HOP_OK && i < g->node_count; i++)
        is_reached[i] = is_reached[i] && s->from_start[i] != HOP_UNREACHABLE;
    return st;
}

static hop_status find_reachable(const hop_graph *g, const hop_plan_opts *opts,
                                 const uint32_t *starts, size_t count, const wish *w,
                                 const graph_node **out, hop_error **err)
{
    static const search_risks widths[] = {SEARCH_ACCEPTED_RISKS, SEARCH_ANY_RISKS};
    bool *is_reached = hop_alloc(g->node_count + 1, sizeof(*is_reached));
    hop_status s = HOP_OK;
    *out = NULL;
    for (size_t i = 0; i < HOP_COUNT_OF(widths) && !*out && s == HOP_OK; i++) {
        memset(is_reached, true, g->node_count * sizeof(*is_reached));
        for (size_t j = 0; j < count && s == HOP_OK; j++)
            s = restrict_to(g, opts, starts[j], widths[i], is_reached, err);
        if (s == HOP_OK)
            *out = find_newest(g, w, is_reached);
    }
    free(is_reached);
    return s;
}

static hop_status find_starts(const hop_graph *g, const hop_plan_opts *o,
                              const hop_strings *starts, uint32_t *ids, hop_error **err)
{
    for (size_t i = 0; i < starts->len; i++) {
        ids[i] = hop_model_find(g, starts->items[i], o->arch);
        if (ids[i] == HOP_NO_ID)
            return hop_error_set(err, HOP_E_NOT_FOUND,
                                 "the start %s is not in the graphs that were read",
                                 starts->items[i]);
    }
    return HOP_OK;
}

hop_status hop_plan_set_resolve(const hop_graph *g, const hop_plan_opts *opts,
                                const hop_strings *starts, const char *text,
                                const char **out, hop_error **err)
{
    wish w;
    if (!read_wish(text, &w)) {
        *out = text;
        return HOP_OK;
    }
    hop_plan_opts o = *opts;
    o.arch = opts->arch ? opts->arch : "amd64";
    uint32_t *ids = hop_alloc(starts->len + 1, sizeof(*ids));
    const graph_node *found = NULL;
    hop_status s = find_starts(g, &o, starts, ids, err);
    if (s == HOP_OK)
        s = find_reachable(g, &o, ids, starts->len, &w, &found, err);
    free(ids);
    if (s != HOP_OK)
        return s;
    if (!found)
        found = find_newest(g, &w, NULL);
    if (!found)
        return hop_error_set(
            err, HOP_E_NOT_FOUND,
            "no generally available release%s%s is in the graphs that were read",
            w.is_latest ? "" : " of ", w.is_latest ? "" : text);
    *out = found->release.version;
    return HOP_OK;
}

hop_status hop_graph_resolve(const hop_graph *g, const hop_plan_opts *opts,
                             const char *text, const char **out, hop_error **err)
{
    HOP_AUTO_VALUE(hop_strings) starts = {0};
    hop_strings_add(&starts, opts->from ? opts->from : "");
    return hop_plan_set_resolve(g, opts, &starts, text, out, err);
}
