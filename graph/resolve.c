/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

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

/* The newest release that fits, with a distance where distances are given. */
static const graph_node *find_newest(const hop_graph *g, const wish *w,
                                     const uint64_t *distances)
{
    for (size_t i = g->node_count; i-- > 0;)
        if (fits(w, g->order[i]) && (!distances || distances[i] != HOP_UNREACHABLE))
            return g->order[i];
    return NULL;
}

static hop_status find_reachable(const hop_graph *g, const hop_plan_opts *opts,
                                 uint32_t from, const wish *w, const graph_node **out,
                                 hop_error **err)
{
    static const search_risks widths[] = {SEARCH_ACCEPTED_RISKS, SEARCH_ANY_RISKS};
    *out = NULL;
    for (size_t i = 0; i < HOP_COUNT_OF(widths) && !*out; i++) {
        HOP_AUTO(hop_search) s = NULL;
        hop_status st =
            hop_search_new(g, opts, from, from, widths[i], SEARCH_WHOLE, &s, err);
        if (st != HOP_OK)
            return st;
        *out = find_newest(g, w, s->from_start);
    }
    return HOP_OK;
}

hop_status hop_graph_resolve(const hop_graph *g, const hop_plan_opts *opts,
                             const char *text, const char **out, hop_error **err)
{
    wish w;
    if (!read_wish(text, &w)) {
        *out = text;
        return HOP_OK;
    }
    hop_plan_opts o = *opts;
    o.arch = opts->arch ? opts->arch : "amd64";
    uint32_t from = o.from ? hop_model_find(g, o.from, o.arch) : HOP_NO_ID;
    if (from == HOP_NO_ID)
        return hop_error_set(err, HOP_E_NOT_FOUND,
                             "the start %s is not in the graphs that were read",
                             o.from ? o.from : "");
    const graph_node *found = NULL;
    hop_status s = find_reachable(g, &o, from, &w, &found, err);
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
