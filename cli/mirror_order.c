/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mirror_order.h"

#include "graph_source.h"
#include "hop_oci.h"
#include "image_set_order.h"

#include <stdlib.h>
#include <string.h>

void hop_order_clear(hop_order *order)
{
    for (size_t i = 0; i < order->set_count; i++)
        hop_plan_set_free(order->sets[i]);
    for (size_t i = 0; i < order->release_count; i++) {
        free(order->releases[i].version);
        free(order->releases[i].payload);
        free(order->releases[i].url);
        hop_strings_clear(&order->releases[i].channels);
    }
    hop_graph_documents_clear(&order->graphs);
    free(order->sets);
    free(order->plans);
    free(order->releases);
    *order = (hop_order){0};
}

static hop_order_release *find_release(const hop_order *order, const hop_release *r,
                                       const char *arch)
{
    for (size_t i = 0; i < order->release_count; i++)
        if (strcmp(order->releases[i].version, r->version) == 0 &&
            strcmp(order->releases[i].arch, arch) == 0)
            return &order->releases[i];
    return NULL;
}

hop_status hop_order_add_release(hop_order *order, const hop_release *r, const char *arch,
                                 hop_components components, hop_error **err)
{
    hop_order_release *known = find_release(order, r, arch);
    if (known) {
        if (components == HOP_COMPONENTS_COPY)
            known->components = HOP_COMPONENTS_COPY;
        return HOP_OK;
    }
    if (!r->payload)
        return hop_error_set(err, HOP_E_NOT_FOUND,
                             "release %s: the update graph names it without a payload",
                             r->version);
    HOP_AUTO_VALUE(hop_ref) ref = {0};
    hop_status s = hop_ref_parse(r->payload, &ref, err);
    if (s != HOP_OK)
        return hop_error_wrap(err, "read payload of release %s", r->version);
    if (!ref.digest.text[0])
        return hop_error_set(err, HOP_E_PARSE,
                             "release %s: payload %s is not pinned by a digest",
                             r->version, r->payload);
    order->releases = hop_grow(order->releases, order->release_count, &order->release_cap,
                               sizeof(*order->releases));
    hop_order_release *to = &order->releases[order->release_count++];
    *to = (hop_order_release){.version = hop_strdup(r->version),
                              .arch = arch,
                              .payload = hop_strdup(r->payload),
                              .url = hop_strdup(r->url),
                              .components = components};
    for (size_t i = 0; i < r->channels.len; i++)
        hop_strings_add(&to->channels, r->channels.items[i]);
    return HOP_OK;
}

void hop_order_take_set(hop_order *order, hop_plan_set **from)
{
    order->sets = hop_realloc(order->sets, order->set_count + 1, sizeof(hop_plan_set *));
    const hop_plan_set *set = order->sets[order->set_count++] = hop_steal(from);
    for (size_t i = 0; i < set->plan_count; i++)
        if (!hop_planning_is_usable(set->plans[i]))
            return;
    for (size_t i = 0; i < set->plan_count; i++) {
        order->plans =
            hop_realloc(order->plans, order->plan_count + 1, sizeof(const hop_plan *));
        order->plans[order->plan_count++] = set->plans[i];
    }
}

static hop_status add_plan(const hop_options *o, hop_order *order, const hop_plan *plan,
                           const char *arch, hop_error **err)
{
    hop_status s = HOP_OK;
    for (size_t i = 0; s == HOP_OK && i < plan->best.release_count; i++) {
        bool is_start = i == 0 && plan->best.release_count > 1;
        s = hop_order_add_release(order, &plan->best.releases[i], arch,
                                  is_start && !o->with_start_components
                                      ? HOP_COMPONENTS_SKIP
                                      : HOP_COMPONENTS_COPY,
                                  err);
    }
    return s;
}

/* Consumes *set. */
static hop_status add_set(const hop_options *o, hop_order *order, hop_plan_set **from,
                          hop_error **err)
{
    const hop_plan_set *set = *from;
    const char *arch = hop_arch_parse(set->plans[0]->arch);
    size_t first = order->plan_count;
    hop_order_take_set(order, from);
    if (!arch)
        return hop_error_set(err, HOP_E_USAGE, "plan: \"%s\" is no architecture",
                             set->plans[0]->arch);
    hop_status s = HOP_OK;
    for (size_t i = first; i < order->plan_count && s == HOP_OK; i++)
        s = add_plan(o, order, order->plans[i], arch, err);
    return s;
}

static hop_status add_named(const hop_options *o, hop_order *order, const char *arch,
                            hop_error **err)
{
    HOP_AUTO(hop_graph) g = NULL;
    hop_status s = hop_graph_source_load(o, arch, &o->release, &order->graphs, &g, err);
    if (s == HOP_OK)
        hop_graph_source_warn(o, g);
    for (size_t i = 0; s == HOP_OK && i < o->release.len; i++) {
        const hop_release *r = hop_graph_find_release(g, o->release.items[i], arch);
        if (!r) {
            s = hop_error_set(err, HOP_E_NO_PATH,
                              "release %s (%s): unknown in %zu releases that were read",
                              o->release.items[i], arch, hop_graph_count(g));
            hop_error_hint(err, "another --stream or --channel may have it");
            return s;
        }
        s = hop_order_add_release(order, r, arch, HOP_COMPONENTS_COPY, err);
    }
    return s;
}

/* Exactly one of the four ways to say what to mirror. */
static hop_status check_ways(const hop_options *o, hop_error **err)
{
    bool has_path = o->from.len || o->to;
    int ways = has_path + (o->plan != NULL) + (o->release.len > 0) + (o->config != NULL);
    if (ways == 1 && !(o->plan && o->arch.len))
        return HOP_OK;
    hop_status s = HOP_OK;
    if (ways == 0)
        s = hop_error_set(err, HOP_E_USAGE, "nothing to mirror is named");
    else if (ways > 1)
        s = hop_error_set(
            err, HOP_E_USAGE,
            "--from/--to, --plan, --release and --config exclude each other");
    else
        s = hop_error_set(err, HOP_E_USAGE, "--arch: the plan in %s has its own",
                          o->plan);
    hop_error_hint(err,
                   "say --from V --to V, or --plan FILE, --release V, --config FILE");
    return s;
}

hop_status hop_order_load(const hop_options *o, hop_order *out, hop_error **err)
{
    HOP_AUTO_VALUE(hop_strings) archs = {0};
    hop_status s = check_ways(o, err);
    if (s == HOP_OK)
        s = hop_graph_source_archs(o, &archs, err);
    if (s == HOP_OK && o->config)
        return hop_image_set_order(o, out, err);
    HOP_AUTO(hop_plan_set) carried = NULL;
    if (s == HOP_OK && o->plan) {
        s = hop_planning_read(o->plan, &carried, err);
        return s == HOP_OK ? add_set(o, out, &carried, err) : s;
    }
    for (size_t i = 0; s == HOP_OK && i < archs.len; i++) {
        const char *arch = hop_arch_parse(archs.items[i]);
        HOP_AUTO(hop_plan_set) set = NULL;
        s = o->release.len ? add_named(o, out, arch, err)
                           : hop_planning_run(o, arch, &out->graphs, &set, err);
        if (s == HOP_OK && set)
            s = add_set(o, out, &set, err);
    }
    return s;
}

const hop_plan_set *hop_job_find_unusable(const hop_order *order)
{
    for (size_t i = 0; i < order->set_count; i++)
        for (size_t j = 0; j < order->sets[i]->plan_count; j++)
            if (!hop_planning_is_usable(order->sets[i]->plans[j]))
                return order->sets[i];
    return NULL;
}
