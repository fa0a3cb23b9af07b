/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mirror_graph_data.h"

#include "command.h"
#include "graph_data_plan.h"
#include "graph_data_source.h"
#include "hop_oci.h"
#include "push_image.h"
#include "report.h"

#include <stdlib.h>
#include <string.h>

void hop_mirror_data_clear(hop_mirror_data *data)
{
    hop_image_free(data->image);
    hop_base_clear(&data->base);
    hop_tree_clear(&data->tree);
    hop_graphdata_info_clear(&data->info);
    *data = (hop_mirror_data){0};
}

static void warn_differs(const hop_plan_set *set, const hop_digest *tree)
{
    const char *planned = set->plans[0]->graph_data;
    if (planned && strcmp(planned, tree->text) != 0)
        hop_report_warning("graph-data differs from what was planned with: its tree hash "
                           "is %s, the plan's %s",
                           tree->text, planned);
}

hop_status hop_mirror_data_load(const hop_options *o, const hop_order *order,
                                hop_mirror_data *out, hop_buf *archive, int *exit_code,
                                hop_error **err)
{
    *archive = hop_buf_init(HOP_GRAPHDATA_MAX_ARCHIVE);
    hop_status s = hop_graph_data_load_archive(o, &out->tree, &out->info, archive, err);
    if (s == HOP_OK)
        s = hop_graph_data_check(o, &out->tree, err);
    if (s != HOP_OK) {
        *exit_code = hop_graph_data_exit(s);
        return s;
    }
    for (size_t i = 0; i < order->set_count; i++) {
        warn_differs(order->sets[i], &out->info.tree);
        hop_plan_set_note_data(order->sets[i], out->info.tree.text);
    }
    hop_graph_data_warn_age(order->plans, order->plan_count, &out->tree, &out->info);
    return HOP_OK;
}

/* Whether a release is what its architecture's plans lead to; of releases that are named
 * one by one, which stand together by architecture, the last is it. */
static bool is_target(const hop_order *order, size_t index)
{
    const hop_order_release *r = &order->releases[index];
    for (size_t i = 0; i < order->set_count; i++) {
        const hop_plan *plan = order->sets[i]->plans[0];
        const hop_release *last = &plan->best.releases[plan->best.release_count - 1];
        const char *arch = hop_arch_parse(plan->arch);
        if (arch && strcmp(arch, r->arch) == 0 && strcmp(last->version, r->version) == 0)
            return true;
    }
    return order->set_count == 0 &&
           (index + 1 == order->release_count || strcmp(r->arch, (r + 1)->arch) != 0);
}

static size_t list_targets(const hop_order *order, size_t *releases,
                           const char **payloads)
{
    size_t count = 0;
    for (size_t i = 0; i < order->release_count; i++) {
        if (!is_target(order, i))
            continue;
        releases[count] = i;
        payloads[count++] = order->releases[i].payload;
    }
    return count;
}

static bool has_unread_payload(const hop_base_order *base)
{
    for (size_t i = 0; i < base->release_count; i++) {
        bool is_over = false;
        if (!hop_mirror_get_info(base->mirror, base->releases[i], &is_over))
            return true;
    }
    return false;
}

static hop_status read_base(const hop_options *o, const hop_order *order, hop_mirror *m,
                            hop_progress *progress, const char *components,
                            hop_mirror_data *data, hop_error **err)
{
    static const hop_strings all = {0};
    size_t *releases = hop_alloc(order->release_count + 1, sizeof(*releases));
    const char **payloads = hop_alloc(order->release_count + 1, sizeof(*payloads));
    hop_base_order base = {.o = o,
                           .mirror = m,
                           .progress = progress,
                           .releases = releases,
                           .payloads = payloads,
                           .archs = &all,
                           .near_repository = components};
    if (hop_base_is_payload(o))
        base.release_count = list_targets(order, releases, payloads);
    hop_status s = hop_base_read(&base, &data->base, err);
    if (s != HOP_OK && has_unread_payload(&base)) {
        hop_error_drop(err);
        hop_report_warning("the graph-data image is left out: the payload that it was to "
                           "stand on could not be read");
        s = HOP_OK;
    }
    free(releases);
    free(payloads);
    return s;
}

hop_status hop_mirror_data_add(const hop_options *o, const hop_order *order,
                               hop_mirror *m, hop_progress *progress,
                               const char *components, const char *repository,
                               hop_mirror_data *data, int *exit_code, hop_error **err)
{
    hop_status s = HOP_OK;
    if (o->image_base)
        s = read_base(o, order, m, progress, components, data, err);
    if (s != HOP_OK)
        *exit_code = hop_base_exit(o, s);
    if (s != HOP_OK || (o->image_base && data->base.docs.len == 0))
        return s;
    s = hop_graph_data_build(&data->tree, &data->info, HOP_IMAGE_DOCKER,
                             &(hop_strings){0}, &data->base, &data->image, err);
    if (s != HOP_OK || !repository)
        return s;
    HOP_AUTO_VALUE(hop_strings) tags = {0};
    hop_strings_add(&tags, hop_image_get_content_tag(data->image));
    hop_strings_add(&tags, "latest");
    return hop_push_image(m, data->image, &data->base, repository, &tags, err);
}
