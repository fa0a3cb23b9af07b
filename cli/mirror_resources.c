/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mirror_resources.h"

#include "hop_file.h"

#include <stdlib.h>
#include <string.h>

/* What the input of hop_resources_build() borrows from. */
typedef struct workbench {
    hop_resources_release *releases;
    char **payload_repositories;
    hop_strings *component_sources;
    hop_resources_signature **signatures;
    size_t release_count;
    hop_resources_hop *hops;
    hop_resources_risk **risks;
    hop_gate **gates;
    size_t hop_count;
} workbench;

static void workbench_clear(workbench *w)
{
    for (size_t i = 0; i < w->release_count; i++) {
        free(w->payload_repositories[i]);
        hop_strings_clear(&w->component_sources[i]);
        free(w->signatures[i]);
    }
    for (size_t i = 0; i < w->hop_count; i++) {
        free(w->risks[i]);
        free(w->gates[i]);
    }
    free(w->releases);
    free(w->payload_repositories);
    free(w->component_sources);
    free(w->signatures);
    free(w->hops);
    free(w->risks);
    free(w->gates);
}

/* The good ones, as they came: the cluster verifies them again. */
static void fill_signatures(workbench *w, size_t i, const hop_trust *trust)
{
    if (i >= trust->release_count)
        return;
    const hop_signatures *all = &trust->releases[i].signatures;
    w->signatures[i] = hop_alloc(all->len, sizeof(**w->signatures));
    size_t count = 0;
    for (size_t k = 0; k < all->len; k++)
        if (all->items[k].is_good)
            w->signatures[i][count++] = (hop_resources_signature){
                .data = all->items[k].data, .len = all->items[k].len};
    w->releases[i].signatures = w->signatures[i];
    w->releases[i].signature_count = count;
}

static hop_status fill_release(workbench *w, size_t i, const hop_order_release *order,
                               const hop_release_report *report, hop_error **err)
{
    HOP_AUTO_VALUE(hop_ref) ref = {0};
    hop_status s = hop_ref_parse(order->payload, &ref, err);
    if (s != HOP_OK)
        return s;
    w->payload_repositories[i] = hop_sprintf("%s/%s", ref.host, ref.repository);
    const hop_release_info *info = report->info;
    for (size_t c = 0; info && c < info->component_count; c++) {
        const hop_ref *image = &info->components[c].image;
        HOP_AUTO_STR source = hop_sprintf("%s/%s", image->host, image->repository);
        if (!hop_strings_has(&w->component_sources[i], source))
            hop_strings_add(&w->component_sources[i], source);
    }
    w->releases[i] =
        (hop_resources_release){.version = order->version,
                                .arch = order->arch,
                                .payload = ref.digest,
                                .url = order->url,
                                .payload_repository = w->payload_repositories[i],
                                .component_sources = &w->component_sources[i],
                                .channels = &order->channels};
    return HOP_OK;
}

static const hop_release_info *find_info(const hop_mirror_report *r, const char *version,
                                         const char *arch)
{
    for (size_t i = 0; i < r->release_count; i++)
        if (strcmp(r->releases[i].version, version) == 0 &&
            strcmp(r->releases[i].arch, arch) == 0)
            return r->releases[i].info;
    return NULL;
}

static void fill_risks(workbench *w, size_t i, const hop_plan_edge *edge)
{
    w->risks[i] = hop_alloc(edge->risk_count, sizeof(**w->risks));
    for (size_t k = 0; k < edge->risk_count; k++)
        w->risks[i][k] =
            (hop_resources_risk){.name = edge->risks[k]->name,
                                 .message = edge->risks[k]->message,
                                 .url = edge->risks[k]->url,
                                 .matching_rules = edge->risks[k]->rules_json};
    w->hops[i].risks = w->risks[i];
    w->hops[i].risk_count = edge->risk_count;
}

/* Gates are those of the departing release, and only when the hop leaves its minor. */
static void fill_gates(workbench *w, size_t i, const hop_plan_edge *edge,
                       const hop_release_info *info)
{
    hop_version from, to;
    HOP_AUTO(hop_error) ignored = NULL;
    hop_resources_hop *hop = &w->hops[i];
    bool stays = hop_version_parse(edge->from, &from, &ignored) == HOP_OK &&
                 hop_version_parse(edge->to, &to, &ignored) == HOP_OK &&
                 hop_version_is_same_minor(&from, &to);
    hop->gates_known = stays || info != NULL;
    size_t count = info && !stays ? info->gate_count : 0;
    w->gates[i] = hop_alloc(count, sizeof(**w->gates));
    for (size_t k = 0; k < count; k++)
        if (hop_gate_is_for(&info->gates[k], edge->from))
            w->gates[i][hop->gate_count++] = info->gates[k];
    hop->gates = w->gates[i];
}

static void fill_hops(workbench *w, const hop_order *order,
                      const hop_mirror_report *report)
{
    size_t total = 0;
    for (size_t p = 0; p < order->plan_count; p++)
        total += order->plans[p]->best.hops;
    w->hops = hop_alloc(total, sizeof(*w->hops));
    w->risks = hop_alloc(total, sizeof(hop_resources_risk *));
    w->gates = hop_alloc(total, sizeof(hop_gate *));
    /* Path after path: each cluster has its own mirror set and its own pools to pause. */
    for (size_t p = 0; p < order->plan_count; p++) {
        const hop_plan *plan = order->plans[p];
        for (size_t h = 0; h < plan->best.hops; h++) {
            const hop_plan_edge *edge = &plan->best.edges[h];
            size_t i = w->hop_count++;
            w->hops[i] = (hop_resources_hop){.from = edge->from,
                                             .to = edge->to,
                                             .arch = plan->arch,
                                             .channel = edge->channel};
            fill_risks(w, i, edge);
            fill_gates(w, i, edge, find_info(report, edge->from, plan->arch));
        }
    }
}

static hop_status fill_releases(workbench *w, const hop_order *order,
                                const hop_trust *trust, const hop_mirror_report *report,
                                hop_error **err)
{
    w->release_count = order->release_count;
    w->releases = hop_alloc(order->release_count, sizeof(*w->releases));
    w->payload_repositories = hop_alloc(order->release_count, sizeof(char *));
    w->component_sources = hop_alloc(order->release_count, sizeof(*w->component_sources));
    w->signatures = hop_alloc(order->release_count, sizeof(hop_resources_signature *));
    hop_status s = HOP_OK;
    for (size_t i = 0; s == HOP_OK && i < order->release_count; i++) {
        s = fill_release(w, i, &order->releases[i], &report->releases[i], err);
        fill_signatures(w, i, trust);
    }
    return s;
}

hop_status hop_mirror_resources(const hop_order *order, const hop_trust *trust,
                                const hop_mirror_report *report,
                                const hop_resources_place *place, hop_tree *out,
                                hop_error **err)
{
    HOP_AUTO_VALUE(hop_buf) ca = hop_buf_init(HOP_MAX_SMALL_BODY);
    hop_status s = HOP_OK;
    if (place->ca_file)
        s = hop_file_read(place->ca_file, &ca, err);
    if (s != HOP_OK)
        return s;
    workbench w = {0};
    s = fill_releases(&w, order, trust, report, err);
    fill_hops(&w, order, report);
    hop_resources_input in = {.host = place->host,
                              .repository = place->repository,
                              .release_repository = place->release_repository,
                              .releases = w.releases,
                              .release_count = w.release_count,
                              .hops = w.hops,
                              .hop_count = w.hop_count,
                              .graph_data_repository = place->graph_data.text[0]
                                                           ? place->graph_data_repository
                                                           : NULL,
                              .graph_data = place->graph_data,
                              .ca_pem = place->ca_file ? hop_buf_get(&ca) : NULL,
                              .mirror_kind = place->mirror_kind,
                              .source_policy = place->source_policy,
                              .cluster_has_policies = place->cluster_has_policies,
                              .clients = place->clients,
                              .signatures = trust->is_skipped ? HOP_SIGNATURES_SKIPPED
                                                              : HOP_SIGNATURES_VERIFIED};
    if (s == HOP_OK)
        s = hop_resources_build(&in, out, err);
    workbench_clear(&w);
    return s == HOP_OK ? s : hop_error_wrap(err, "make cluster resources");
}
