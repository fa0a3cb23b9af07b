/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "channels.h"

#include <stdlib.h>
#include <string.h>

/* ---- names ---- */

typedef struct channel_name {
    size_t stream_len;
    bool has_minor;
    uint64_t major, minor;
} channel_name;

/* Reads up to 18 digits; NULL when there are none or more. */
static const char *read_digits(const char *s, uint64_t *out)
{
    size_t len = strspn(s, "0123456789");
    if (len == 0 || len > 18)
        return NULL;
    *out = 0;
    for (size_t i = 0; i < len; i++)
        *out = *out * 10 + (uint64_t)(s[i] - '0');
    return s + len;
}

/* The minor stands behind the last '-', so that streams may have dashes of their own. */
static channel_name read_name(const char *name)
{
    channel_name c = {.stream_len = strlen(name)};
    const char *dash = strrchr(name, '-');
    const char *p = dash ? read_digits(dash + 1, &c.major) : NULL;
    if (!p || *p != '.')
        return c;
    p = read_digits(p + 1, &c.minor);
    if (!p || *p)
        return c;
    c.stream_len = (size_t)(dash - name);
    c.has_minor = true;
    return c;
}

static int compare_u64(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int compare_minors(const channel_name *x, const channel_name *y)
{
    if (x->has_minor != y->has_minor)
        return x->has_minor ? 1 : -1;
    if (!x->has_minor)
        return 0;
    int order = compare_u64(x->major, y->major);
    return order ? order : compare_u64(x->minor, y->minor);
}

static int compare_streams(const char *a, size_t a_len, const char *b, size_t b_len)
{
    int order = memcmp(a, b, a_len < b_len ? a_len : b_len);
    return order ? order : compare_u64(a_len, b_len);
}

int hop_channel_compare(const char *a, const char *b)
{
    channel_name x = read_name(a), y = read_name(b);
    int order = compare_streams(a, x.stream_len, b, y.stream_len);
    if (!order)
        order = compare_minors(&x, &y);
    return order ? order : strcmp(a, b);
}

/* 0 for the most settled stream. */
static int stream_rank(const char *name)
{
    static const char *const known[] = {"stable-", "eus-", "fast-", "candidate-"};
    int rank = 0;
    for (size_t i = 0; i < HOP_COUNT_OF(known); i++, rank++)
        if (hop_has_prefix(name, known[i]))
            return rank;
    return rank;
}

int hop_channel_compare_minor(const char *a, const char *b)
{
    channel_name x = read_name(a), y = read_name(b);
    int order = compare_minors(&x, &y);
    if (!order)
        order = stream_rank(b) - stream_rank(a);
    return order ? order : strcmp(b, a);
}

/* ---- which channel a document is ---- */

static void keep_shared(hop_strings *shared, const hop_texts *of_node)
{
    size_t kept = 0;
    for (size_t i = 0; i < shared->len; i++) {
        bool has = false;
        for (size_t j = 0; j < of_node->len && !has; j++)
            has = strcmp(shared->items[i], of_node->items[j]) == 0;
        if (has) {
            char *name = shared->items[i];
            shared->items[i] = shared->items[kept];
            shared->items[kept++] = name;
        }
    }
    while (shared->len > kept)
        free(shared->items[--shared->len]);
}

static void find_shared(const hop_draft *d, hop_strings *shared)
{
    HOP_AUTO(hop_arena) a = hop_arena_new();
    for (size_t i = 0; i < d->node_count; i++) {
        const char *list = d->nodes[i].channels ? d->nodes[i].channels : "";
        hop_texts names = hop_model_split(a, list);
        if (i == 0) {
            for (size_t j = 0; j < names.len; j++)
                if (hop_channel_is_valid(names.items[j]))
                    hop_strings_add(shared, names.items[j]);
        } else {
            keep_shared(shared, &names);
        }
        if (shared->len == 0)
            return;
    }
}

static const hop_version *newest_node(const hop_draft *d)
{
    const hop_version *newest = NULL;
    for (size_t i = 0; i < d->node_count; i++)
        if (!newest || hop_version_compare(&d->nodes[i].version, newest) > 0)
            newest = &d->nodes[i].version;
    return newest;
}

static bool is_of_minor(const char *channel, const hop_version *v)
{
    channel_name c = read_name(channel);
    uint64_t major = 0, minor = 0;
    return c.has_minor && hop_version_get_minor(v, &major, &minor) && c.major == major &&
           c.minor == minor;
}

static bool is_better_name(const char *a, const char *b, const hop_version *newest)
{
    bool a_fits = is_of_minor(a, newest), b_fits = is_of_minor(b, newest);
    if (a_fits != b_fits)
        return a_fits;
    if (stream_rank(a) != stream_rank(b))
        return stream_rank(a) < stream_rank(b);
    return hop_channel_compare_minor(a, b) > 0;
}

char *hop_channel_derive(const hop_draft *d)
{
    HOP_AUTO_VALUE(hop_strings) shared = {0};
    find_shared(d, &shared);
    const hop_version *newest = newest_node(d);
    const char *best = NULL;
    for (size_t i = 0; i < shared.len; i++)
        if (!best || is_better_name(shared.items[i], best, newest))
            best = shared.items[i];
    return hop_strdup(best);
}

/* ---- the channel of each hop ---- */

static bool channel_has_edge(const hop_graph *g, const char *channel, uint32_t edge)
{
    for (size_t i = 0; i < g->document_count; i++) {
        const graph_document *d = &g->documents[i];
        if (d->channel && strcmp(d->channel, channel) == 0 && hop_model_has_edge(d, edge))
            return true;
    }
    return false;
}

#define NO_WAY UINT32_MAX

/* switches[hop * channels + c]: switches from this hop to the end when this hop is made
 * in channel c. A hop that no channel has is passed by without a switch. */
static uint32_t *count_switches(const hop_graph *g, const uint32_t *edges, size_t count)
{
    size_t n = g->channel_count;
    uint32_t *switches = hop_alloc(count * n + 1, sizeof(*switches));
    for (size_t hop = count; hop-- > 0;) {
        uint32_t *row = switches + hop * n;
        const uint32_t *next = hop + 1 < count ? row + n : NULL;
        uint32_t least_next = NO_WAY;
        bool is_possible = false;
        for (size_t c = 0; next && c < n; c++)
            least_next = next[c] < least_next ? next[c] : least_next;
        for (size_t c = 0; c < n; c++) {
            bool has = channel_has_edge(g, g->channels[c], edges[hop]);
            is_possible = is_possible || has;
            uint32_t stay = next ? next[c] : 0;
            uint32_t change = next ? least_next + 1 : 0;
            row[c] = !has ? NO_WAY : stay < change ? stay : change;
        }
        for (size_t c = 0; !is_possible && c < n; c++)
            row[c] = next ? next[c] : 0;
    }
    return switches;
}

static size_t pick_channel(const hop_graph *g, const uint32_t *row, size_t current)
{
    size_t n = g->channel_count, best = n;
    for (size_t c = 0; c < n; c++) {
        if (row[c] == NO_WAY)
            continue;
        uint32_t cost = row[c] + (current < n && c != current);
        uint32_t best_cost =
            best < n ? row[best] + (current < n && best != current) : NO_WAY;
        if (cost < best_cost ||
            (cost == best_cost && best < n &&
             hop_channel_compare_minor(g->channels[c], g->channels[best]) > 0))
            best = c;
    }
    return best;
}

void hop_channel_label(const hop_graph *g, const uint32_t *edges, size_t count,
                       const char **labels)
{
    size_t n = g->channel_count, current = n;
    uint32_t *switches = count_switches(g, edges, count);
    for (size_t hop = 0; hop < count; hop++) {
        bool is_possible = false;
        for (size_t c = 0; c < n && !is_possible; c++)
            is_possible = channel_has_edge(g, g->channels[c], edges[hop]);
        labels[hop] = NULL;
        if (!is_possible)
            continue;
        current = pick_channel(g, switches + hop * n, current);
        labels[hop] = g->channels[current];
    }
    free(switches);
}
