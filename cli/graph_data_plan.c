/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "graph_data_plan.h"

#include "hop_osus.h"
#include "report.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

hop_status hop_graph_data_read_plan(const char *path, hop_plan_set **out, hop_error **err)
{
    HOP_AUTO(hop_plan_set) set = NULL;
    hop_status s = hop_planning_read(path, &set, err);
    if (s != HOP_OK)
        return s;
    if (!hop_planning_set_is_usable(set))
        return hop_error_set(err, HOP_E_NO_PATH, "plan %s: there is no path in it", path);
    *out = hop_steal(&set);
    return HOP_OK;
}

static void add_needs(const hop_plan *plan, hop_graphdata_needs *needs)
{
    for (size_t i = 0; i < plan->best.hops; i++) {
        const char *channel = plan->best.edges[i].channel;
        if (channel && !hop_strings_has(&needs->channels, channel))
            hop_strings_add(&needs->channels, channel);
    }
    for (size_t i = 0; i < plan->best.release_count; i++)
        hop_strings_add(&needs->versions, plan->best.releases[i].version);
}

hop_status hop_graph_data_prune(const hop_plan_set *set, const char *path, hop_tree *tree,
                                hop_graphdata_info *info, hop_error **err)
{
    hop_graphdata_needs needs = {0};
    for (size_t i = 0; i < set->plan_count; i++)
        add_needs(set->plans[i], &needs);
    hop_status s = hop_graphdata_prune(tree, &needs, info, err);
    hop_strings_clear(&needs.channels);
    hop_strings_clear(&needs.versions);
    if (s == HOP_OK)
        return s;
    bool is_missing = s == HOP_E_NOT_FOUND;
    s = hop_error_wrap(err, "prune graph-data to plan %s", path);
    if (is_missing)
        hop_error_hint(err, "the graph-data may be older than the plan");
    return s;
}

/* ---- age ---- */

char *hop_graph_data_age(const hop_graphdata_info *info)
{
    HOP_AUTO_STR when = NULL;
    HOP_AUTO(hop_error) ignored = NULL;
    if (info->newest_s == 0 ||
        hop_image_format_time(info->newest_s, &when, &ignored) != HOP_OK)
        return hop_strdup("of unknown age");
    int64_t days = ((int64_t)time(NULL) - (int64_t)info->newest_s) / 86400;
    return days < 0
               ? hop_sprintf("newest file of %s", when)
               : hop_sprintf("newest file of %s, %lld days old", when, (long long)days);
}

static bool knows(const hop_graph_data *data, const char *channel, const char *version)
{
    HOP_AUTO_STR bare = hop_strndup(version, strcspn(version, "+"));
    return hop_graph_data_has(data, channel, bare);
}

/* Plans with one target share releases and hops: each thing is said once. */
static void warn_once(hop_strings *said, char *text)
{
    if (!hop_strings_has(said, text))
        hop_report_warning("%s", text);
    hop_strings_take(said, &text);
}

static void warn_release(const hop_graph_data *data, const char *version, const char *age,
                         hop_strings *said)
{
    if (!knows(data, NULL, version))
        warn_once(said, hop_sprintf("graph-data is older than the plan: no channel in it "
                                    "has %s, so the update service will not offer that "
                                    "release (%s)",
                                    version, age));
}

static void warn_edge(const hop_graph_data *data, const hop_plan_edge *edge,
                      hop_strings *said)
{
    const char *const ends[] = {edge->from, edge->to};
    for (size_t i = 0; edge->channel && i < HOP_COUNT_OF(ends); i++)
        if (knows(data, NULL, ends[i]) && !knows(data, edge->channel, ends[i]))
            warn_once(said, hop_sprintf(
                                "graph-data differs from what was planned with: channel "
                                "%s in it has no %s, so the update service will not "
                                "offer the update from %s to %s there",
                                edge->channel, ends[i], edge->from, edge->to));
}

void hop_graph_data_warn_age(const hop_plan *const *plans, size_t count,
                             const hop_tree *tree, const hop_graphdata_info *info)
{
    HOP_AUTO(hop_graph_data) data = NULL;
    HOP_AUTO(hop_error) ignored = NULL; /* the lint has told of it, or was told not to */
    HOP_AUTO_VALUE(hop_strings) said = {0};
    if (hop_graph_data_read(tree, &data, &ignored) != HOP_OK)
        return;
    HOP_AUTO_STR age = hop_graph_data_age(info);
    for (size_t p = 0; p < count; p++) {
        const hop_route *path = &plans[p]->best;
        for (size_t i = 0; i < path->release_count; i++)
            warn_release(data, path->releases[i].version, age, &said);
        for (size_t i = 0; i < path->hops; i++)
            warn_edge(data, &path->edges[i], &said);
    }
}
