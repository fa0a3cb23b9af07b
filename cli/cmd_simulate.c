/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command.h"
#include "graph_source.h"
#include "hop_graph.h"
#include "releases_source.h"
#include "report.h"

#include <string.h>

/* What is asked for: all releases when `channel` is NULL. */
typedef struct question {
    const char *channel;
    const char *arch;
} question;

static hop_status read_question(const hop_options *o, hop_strings *archs, question *out,
                                hop_error **err)
{
    if (o->channel.len > 1)
        return hop_error_set(err, HOP_E_USAGE,
                             "--channel is given %zu times; an answer is about one",
                             o->channel.len);
    if (o->channel.len == 0 && o->arch.len)
        return hop_error_set(err, HOP_E_USAGE,
                             "--arch goes with --channel; without it all architectures "
                             "are printed");
    hop_status s = hop_graph_source_archs(o, archs, err);
    if (s == HOP_OK && archs->len > 1)
        s = hop_error_set(err, HOP_E_USAGE,
                          "--arch is given %zu times; an answer is about one",
                          archs->len);
    if (s != HOP_OK)
        return s;
    *out = (question){NULL, archs->items[0]};
    if (o->channel.len == 0)
        return HOP_OK;
    out->channel = o->channel.items[0];
    if (!hop_channel_is_valid(out->channel))
        return hop_error_set(err, HOP_E_USAGE,
                             "--channel %s: the service answers 400 (invalid_params); a "
                             "channel is written with a-z 0-9 . -",
                             out->channel);
    return HOP_OK;
}

static hop_status check_sources(const hop_options *o, hop_error **err)
{
    if (o->output && strcmp(o->output, "json") != 0)
        return hop_error_set(err, HOP_E_USAGE, "-o %s: expected json", o->output);
    if (o->args.len)
        return hop_error_set(err, HOP_E_USAGE, "\"%s\": simulate takes flags only",
                             o->args.items[0]);
    if (!o->releases || !o->graph_data)
        return hop_error_set(err, HOP_E_USAGE, "%s is missing",
                             o->releases ? "--graph-data" : "--releases");
    return HOP_OK;
}

hop_status hop_cmd_simulate(const hop_options *o, int *exit_code, hop_error **err)
{
    HOP_AUTO_VALUE(hop_strings) archs = {0};
    HOP_AUTO(hop_osus) service = NULL;
    question q = {0};
    hop_status s = check_sources(o, err);
    if (s == HOP_OK)
        s = read_question(o, &archs, &q, err);
    if (s != HOP_OK)
        return s;
    hop_digest data_tree; /* nobody asks for it */
    s = hop_releases_load(o, &service, &data_tree, err);
    if (s != HOP_OK) {
        *exit_code = hop_releases_exit(o, s);
        return s;
    }
    HOP_AUTO(hop_json)
    graph = q.channel ? hop_osus_get_channel(service, q.channel, q.arch)
                      : hop_osus_get_graph(service);
    hop_report_json(graph);
    return HOP_OK;
}
