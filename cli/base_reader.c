/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base_reader.h"

#include "command.h"
#include "environment.h"
#include "registry_options.h"
#include "transfer_report.h"

#include <string.h>

void hop_base_reader_clear(hop_base_reader *reader)
{
    hop_mirror_free(reader->mirror);
    hop_trust_clear(&reader->trust);
    hop_order_clear(&reader->order);
    hop_strings_clear(&reader->files);
    *reader = (hop_base_reader){0};
}

static void on_event(void *user, const hop_mirror_event *event)
{
    hop_base_reader *reader = user;
    hop_progress_event(reader->progress, event);
}

static hop_status on_payload(void *user, size_t release, const hop_release_info *info,
                             hop_error **err)
{
    hop_base_reader *reader = user;
    return hop_trust_check(&reader->trust, release, info, err);
}

/* The release that the plans lead to, as an order of its own. */
static hop_status order_target(hop_base_reader *reader, const hop_options *o,
                               const hop_plan_set *plans, hop_error **err)
{
    if (!plans)
        return hop_error_set(err, HOP_E_USAGE,
                             "--image-base payload: the payload of which release? Give "
                             "its plan with --plan or --prune");
    const hop_plan *plan = plans->plans[0]; /* all lead to one release */
    const hop_release *target = &plan->best.releases[plan->best.release_count - 1];
    HOP_AUTO_VALUE(hop_ref) ref = {0};
    hop_status s = HOP_OK;
    if (!target->payload || !hop_arch_parse(plan->arch))
        s = hop_error_set(err, HOP_E_NOT_FOUND, "release %s: the plan has no payload",
                          target->version);
    if (s == HOP_OK)
        s = hop_ref_parse(target->payload, &ref, err);
    if (s == HOP_OK && !ref.digest.text[0])
        s = hop_error_set(err, HOP_E_PARSE,
                          "release %s: payload %s is not pinned by a digest",
                          target->version, target->payload);
    if (s != HOP_OK)
        return s;
    hop_order *order = &reader->order;
    order->releases = hop_alloc(1, sizeof(*order->releases));
    order->release_count = 1;
    order->releases[0] = (hop_order_release){.version = hop_strdup(target->version),
                                             .arch = hop_arch_parse(plan->arch),
                                             .payload = hop_strdup(target->payload),
                                             .components = HOP_COMPONENTS_SKIP};
    return hop_trust_load(o, order, &reader->trust, err);
}

static hop_status open_mirror(hop_base_reader *reader, const hop_options *o,
                              const char *host, hop_error **err)
{
    /* In a dry run the destination is not contacted; a name it must have. */
    hop_mirror_opts opts = {.host = host ? host : "localhost",
                            .repository = o->repository,
                            .release_repository = o->release_repository,
                            .idms_files = &o->idms_file,
                            .tmp_dir = hop_environment_tmp_dir(),
                            .seed = hop_environment_seed(),
                            .mode = HOP_RUN_DRY,
                            .payload_depth = hop_trust_needs_payload_keys(&reader->trust)
                                                 ? HOP_PAYLOAD_MANIFESTS
                                                 : HOP_PAYLOAD_REFERENCES,
                            .event = on_event,
                            .check = on_payload,
                            .user = reader};
    hop_status s =
        hop_registry_side_with_auth(o, &o->src, &reader->files, &opts.source, err);
    return s == HOP_OK ? hop_mirror_new(&opts, &reader->mirror, err) : s;
}

static hop_status add_target(hop_base_reader *reader, const hop_options *o,
                             const char *host, hop_error **err)
{
    const hop_order_release *target = &reader->order.releases[0];
    HOP_AUTO_VALUE(hop_ref) ref = {0};
    hop_status s = hop_ref_parse(target->payload, &ref, err);
    if (s == HOP_OK && host) {
        HOP_AUTO_STR place =
            hop_sprintf("%s/%s", host,
                        o->release_repository ? o->release_repository
                                              : "ocp4/openshift4-release-images");
        s = hop_mirror_add_place(reader->mirror, &ref, place, err);
    }
    hop_mirror_release release = {.version = target->version,
                                  .arch = target->arch,
                                  .payload = target->payload,
                                  .components = target->components};
    return s == HOP_OK ? hop_mirror_add_release(reader->mirror, &release, err) : s;
}

static hop_status read(hop_base_reader *reader, const hop_options *o,
                       const hop_plan_set *plans, const hop_strings *archs,
                       const char *host, hop_base *out, hop_error **err)
{
    static const size_t first = 0;
    bool is_payload = hop_base_is_payload(o);
    hop_status s = is_payload ? order_target(reader, o, plans, err) : HOP_OK;
    if (s == HOP_OK)
        s = open_mirror(reader, o, host, err);
    if (s == HOP_OK && is_payload)
        s = add_target(reader, o, host, err);
    if (s != HOP_OK)
        return s;
    const char *payload = is_payload ? reader->order.releases[0].payload : NULL;
    hop_base_order order = {.o = o,
                            .mirror = reader->mirror,
                            .progress = reader->progress,
                            .releases = &first,
                            .payloads = &payload,
                            .release_count = is_payload ? 1 : 0,
                            .archs = archs,
                            .depth = host ? HOP_PULL_DOCUMENTS : HOP_PULL_LAYERS};
    if (is_payload && host) {
        order.host = host;
        order.near_repository = o->repository ? o->repository : "ocp4/openshift4";
    }
    return hop_base_read(&order, out, err);
}

hop_status hop_base_reader_read(hop_base_reader *reader, const hop_options *o,
                                const hop_plan_set *plans, const hop_strings *archs,
                                const char *host, hop_base *out, int *exit_code,
                                hop_error **err)
{
    hop_status s = read(reader, o, plans, archs, host, out, err);
    if (s == HOP_OK)
        return s;
    *exit_code = hop_base_exit(o, s);
    bool is_over = false;
    if (hop_base_is_payload(o) && reader->mirror && !hop_signal_get() &&
        hop_mirror_get_report(reader->mirror)->failure_count > 0 &&
        !hop_mirror_get_info(reader->mirror, 0, &is_over)) {
        const hop_mirror_report *report = hop_mirror_get_report(reader->mirror);
        hop_transfer_report_failures(report);
        *exit_code = hop_exit_worse(*exit_code, hop_transfer_report_exit(report));
    }
    return s;
}
