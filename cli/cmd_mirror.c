/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command.h"
#include "environment.h"
#include "gates.h"
#include "media_target.h"
#include "mirror_graph_data.h"
#include "mirror_order.h"
#include "mirror_resources.h"
#include "mirror_sets.h"
#include "plan_report.h"
#include "progress.h"
#include "registry_options.h"
#include "releases_source.h"
#include "report.h"
#include "transfer_report.h"
#include "trust.h"

#include <string.h>

#define DEFAULT_RESOURCES "oc-hop-resources"

typedef enum mirror_format { FORMAT_TEXT, FORMAT_JSON } mirror_format;

/* One run of the verb. */
typedef struct mirror_run {
    const hop_options *o;
    mirror_format format;
    hop_run_mode mode;
    hop_resources_place place;
    hop_strings clients;
    hop_media_target media; /* without a path: the destination is a registry */
    hop_order order;
    hop_trust trust;
    hop_mirror_data data; /* for the graph-data image */
    hop_strings source_files, destination_files, registries_conf;
    hop_progress progress;
    hop_mirror *mirror;
    hop_set_wish sets;
    hop_tree resources; /* empty when the mirror is not complete */
    const char *resources_state;
} mirror_run;

static void mirror_run_clear(mirror_run *r)
{
    hop_mirror_free(r->mirror);
    hop_mirror_data_clear(&r->data);
    hop_media_target_clear(&r->media);
    hop_strings_clear(&r->clients);
    hop_order_clear(&r->order);
    hop_trust_clear(&r->trust);
    hop_tree_clear(&r->resources);
    hop_set_wish_clear(&r->sets);
    hop_strings_clear(&r->source_files);
    hop_strings_clear(&r->destination_files);
    hop_strings_clear(&r->registries_conf);
}

/* ---- flags ---- */

static hop_status read_repository(const char *flag, const char *text,
                                  const char *fallback, const char **out, hop_error **err)
{
    *out = text ? text : fallback;
    if (!hop_repository_is_valid(*out))
        return hop_error_set(
            err, HOP_E_USAGE,
            "%s %s: a repository is lower-case path components, as ocp4/openshift4", flag,
            *out);
    return HOP_OK;
}

static hop_status read_repositories(mirror_run *r, hop_error **err)
{
    const hop_options *o = r->o;
    hop_resources_place *p = &r->place;
    hop_status s = read_repository("--repository", o->repository, "ocp4/openshift4",
                                   &p->repository, err);
    if (s == HOP_OK)
        s = read_repository("--release-repository", o->release_repository,
                            "ocp4/openshift4-release-images", &p->release_repository,
                            err);
    if (s == HOP_OK)
        s = read_repository("--graph-data-repository", o->graph_data_repository,
                            "ocp4/graph-data", &p->graph_data_repository, err);
    if (s != HOP_OK)
        return s;
    if (strcmp(p->release_repository, p->repository) == 0 ||
        strcmp(p->release_repository, p->graph_data_repository) == 0) {
        s = hop_error_set(err, HOP_E_USAGE,
                          "release images need a repository of their own, not %s",
                          p->release_repository);
        hop_error_hint(
            err,
            "the update service reads every image in it whole, and runs out of memory "
            "over components");
    }
    return s;
}

static hop_status read_flags(mirror_run *r, hop_error **err)
{
    const hop_options *o = r->o;
    if (o->output && strcmp(o->output, "text") != 0 && strcmp(o->output, "json") != 0)
        return hop_error_set(err, HOP_E_USAGE, "-o %s: expected text or json", o->output);
    r->format = o->output && strcmp(o->output, "json") == 0 ? FORMAT_JSON : FORMAT_TEXT;
    if (o->dry_run && o->recheck)
        return hop_error_set(err, HOP_E_USAGE,
                             "--dry-run asks the mirror nothing: it cannot --recheck");
    if (o->no_graph_data && o->graph_data)
        return hop_error_set(err, HOP_E_USAGE,
                             "--graph-data and --no-graph-data exclude each other");
    hop_status s = hop_base_check_flag(o, err);
    if (s != HOP_OK)
        return s;
    r->mode = o->dry_run ? HOP_RUN_DRY : o->recheck ? HOP_RUN_RECHECK : HOP_RUN_COPY;
    if (o->args.len != 1)
        return hop_error_set(err, HOP_E_USAGE,
                             "expected one destination: docker://HOST[:PORT] or "
                             "dir:PATH");
    s = hop_media_target_read(o, o->args.items[0], &r->media, err);
    r->place.host = HOP_MEDIA_HOST;
    if (s == HOP_OK && !r->media.path)
        s = hop_registry_host(o->args.items[0], &r->place.host, err);
    r->place.ca_file = o->dest.ca ? o->dest.ca : o->common.ca;
    if (s == HOP_OK)
        s = hop_set_wish_read(o, &r->sets, &r->place, err);
    return s == HOP_OK ? read_repositories(r, err) : s;
}

/* ---- before the transfer ---- */

static void print_plan(const mirror_run *r, const hop_plan_set *set)
{
    if (r->format == FORMAT_JSON) {
        HOP_AUTO(hop_json) doc = hop_plan_set_report_json(set);
        hop_report_json(doc);
        return;
    }
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    hop_plan_set_report_text(set, &text);
    fwrite(hop_buf_get(&text), 1, text.len, stdout);
}

static bool wants_graph_data(const mirror_run *r)
{
    return !r->o->no_graph_data && (!r->order.without_graph_data || r->o->graph_data);
}

/* Gates are for the hops of a plan, keys for the signatures. */
static bool needs_manifests(const mirror_run *r)
{
    return r->order.plan_count > 0 || hop_trust_needs_payload_keys(&r->trust);
}

static void on_event(void *user, const hop_mirror_event *event)
{
    mirror_run *r = user;
    hop_progress_event(&r->progress, event);
}

static hop_status on_payload(void *user, size_t release, const hop_release_info *info,
                             hop_error **err)
{
    mirror_run *r = user;
    return hop_trust_check(&r->trust, release, info, err);
}

static hop_status find_registries_conf(mirror_run *r, hop_error **err)
{
    hop_status s =
        hop_environment_registries_conf(r->o->registries_conf, &r->registries_conf, err);
    for (size_t i = 0; s == HOP_OK && r->o->verbose && i < r->registries_conf.len; i++)
        hop_report_note(r->o, "mirrors of sources are read from %s",
                        r->registries_conf.items[i]);
    return s;
}

static hop_status fill_opts(mirror_run *r, hop_mirror_opts *out, hop_error **err)
{
    const hop_options *o = r->o;
    uint64_t jobs = 0;
    hop_status s = hop_options_number("--jobs", o->jobs, 1, 64, 0, &jobs, err);
    unsigned stall_s = 0;
    unsigned outage_s = 0;
    if (s == HOP_OK)
        s = hop_registry_timeouts(o, &stall_s, &outage_s, err);
    if (s == HOP_OK)
        s = hop_progress_init(o, &r->progress, err);
    *out = (hop_mirror_opts){
        .host = r->place.host,
        .directory = r->media.path,
        .media = r->media.writer,
        .repository = r->place.repository,
        .release_repository = r->place.release_repository,
        .idms_files = &o->idms_file,
        .registries_conf = &r->registries_conf,
        .tmp_dir = hop_environment_tmp_dir(),
        .mode = r->mode,
        .payload_depth =
            needs_manifests(r) ? HOP_PAYLOAD_MANIFESTS : HOP_PAYLOAD_REFERENCES,
        .sigstore = o->allow_missing_sigstore ? HOP_SIGSTORE_MAY_BE_MISSING
                                              : HOP_SIGSTORE_MUST_BE_THERE,
        .sigstore_key =
            r->trust.sigstore_key.len ? hop_buf_get(&r->trust.sigstore_key) : NULL,
        .jobs = (unsigned)jobs,
        .stall_s = stall_s,
        .outage_s = outage_s,
        .seed = hop_environment_seed(),
        .event = on_event,
        .check = on_payload,
        .user = r};
    if (s == HOP_OK)
        s = find_registries_conf(r, err);
    if (s == HOP_OK)
        s = hop_registry_side_with_auth(o, &o->src, &r->source_files, &out->source, err);
    if (s == HOP_OK)
        s = hop_registry_side_with_auth(o, &o->dest, &r->destination_files,
                                        &out->destination, err);
    return s;
}

static hop_status fill_mirror(mirror_run *r, hop_error **err)
{
    hop_mirror_opts opts;
    hop_status s = fill_opts(r, &opts, err);
    if (s == HOP_OK)
        s = hop_mirror_new(&opts, &r->mirror, err);
    for (size_t i = 0; s == HOP_OK && i < r->order.release_count; i++) {
        const hop_order_release *from = &r->order.releases[i];
        hop_mirror_release release = {
            .version = from->version,
            .arch = from->arch,
            .payload = from->payload,
            .components = from->components,
            .gives_client = hop_media_target_gives_client(&r->media, &r->order, i)};
        s = hop_mirror_add_release(r->mirror, &release, err);
    }
    return s;
}

static hop_status add_graph_data(mirror_run *r, int *exit_code, hop_error **err)
{
    if (!wants_graph_data(r))
        return HOP_OK;
    hop_status s = hop_mirror_data_add(
        r->o, &r->order, r->mirror, &r->progress, r->place.repository,
        r->media.path ? NULL : r->place.graph_data_repository, &r->data, exit_code, err);
    if (s == HOP_OK && r->data.image)
        r->place.graph_data = hop_image_get_top(r->data.image)->digest;
    return s;
}

/* ---- after the transfer ---- */

static const char *destination(const mirror_run *r)
{
    return r->media.path ? r->o->args.items[0] : r->place.host;
}

static const char *resources_dir(const mirror_run *r)
{
    if (r->media.path)
        return "resources, on the media";
    return r->o->resources ? r->o->resources : DEFAULT_RESOURCES;
}

/* A manifest that may hold gates and cannot be read is no reason to stop, but must not go
 * unseen. */
static void warn_unreadable(const hop_mirror_report *report)
{
    for (size_t i = 0; i < report->release_count; i++) {
        const hop_release_info *info = report->releases[i].info;
        for (size_t k = 0; info && k < info->unreadable.len; k++)
            hop_report_warning("release %s: %s", report->releases[i].version,
                               info->unreadable.items[k]);
    }
}

static hop_status make_resources(mirror_run *r, const hop_mirror_report *report,
                                 hop_error **err)
{
    hop_status s =
        hop_mirror_resources(&r->order, &r->trust, report, &r->place, &r->resources, err);
    if (s == HOP_OK)
        s = hop_set_wish_compare(&r->sets, &r->resources, err);
    if (s != HOP_OK)
        return s;
    r->resources_state = "would be written";
    if (r->mode == HOP_RUN_DRY)
        return HOP_OK;
    if (r->media.path) {
        r->resources_state = "written";
        return HOP_OK;
    }
    hop_resources_change change = HOP_RESOURCES_SAME;
    s = hop_resources_write(resources_dir(r), &r->resources, &change, err);
    r->resources_state = change == HOP_RESOURCES_SAME ? "unchanged" : "written";
    return s;
}

static void find_gates(const mirror_run *r, const hop_mirror_report *report,
                       hop_gate_list *out)
{
    for (size_t i = 0; i < r->order.plan_count; i++)
        hop_gates_add_plan(out, r->order.plans[i], report);
}

static void print_json(const mirror_run *r, const hop_mirror_report *report, int code)
{
    HOP_AUTO(hop_json) doc = hop_json_new_object();
    hop_json_set_string(doc, "schema", "oc-hop/mirror/v1");
    hop_json_set_string(doc, "destination", destination(r));
    hop_json_set_bool(doc, "dry_run", r->mode == HOP_RUN_DRY);
    hop_json_set_uint(doc, "exit_code", (uint64_t)code);
    hop_trust_report_json(&r->trust, &r->order, doc);
    hop_transfer_report_json(report, r->mode, doc);
    if (r->data.image && r->media.path) {
        hop_json_set_string(doc, "graph_data", r->place.graph_data.text);
    } else if (r->data.image) {
        HOP_AUTO_STR name =
            hop_sprintf("%s/%s@%s", r->place.host, r->place.graph_data_repository,
                        r->place.graph_data.text);
        hop_json_set_string(doc, "graph_data", name);
    }
    hop_json *resources = hop_json_add_object(doc, "resources");
    hop_json_set_string(resources, "directory", resources_dir(r));
    hop_json_set_string(resources, "state", r->resources_state);
    hop_json *files = hop_json_add_array(resources, "files");
    for (size_t i = 0; i < r->resources.len; i++)
        hop_json_append_string(files, r->resources.files[i].path);
    hop_set_wish_json(&r->sets, &r->resources, doc);
    HOP_AUTO_VALUE(hop_gate_list) gates = {0};
    find_gates(r, report, &gates);
    hop_gates_json(&gates, doc);
    hop_report_json(doc);
}

static void print_text(const mirror_run *r, const hop_mirror_report *report)
{
    HOP_AUTO_VALUE(hop_buf) out = hop_buf_init(HOP_BUF_TEXT);
    if (r->mode == HOP_RUN_DRY)
        hop_transfer_report_mapping(report, &out);
    else
        hop_transfer_report_text(report, &out);
    const char *mark = r->mode == HOP_RUN_DRY ? "# " : "";
    hop_trust_report_text(&r->trust, &r->order, mark, &out);
    hop_trust_report_sigstore(report, mark, &out);
    if (r->data.image && r->media.path)
        hop_buf_addf(&out, "%sgraph-data: on the media; loading it makes image %s\n",
                     mark, r->place.graph_data.text);
    else if (r->data.image)
        hop_buf_addf(&out, "%sgraph-data: %s/%s@%s\n", mark, r->place.host,
                     r->place.graph_data_repository, r->place.graph_data.text);
    hop_buf_addf(&out, "%sresources: ", mark);
    hop_buf_add_visible(&out, resources_dir(r), strlen(resources_dir(r)));
    hop_buf_addf(&out, " (%s)", r->resources_state);
    for (size_t i = 0; r->mode == HOP_RUN_DRY && i < r->resources.len; i++)
        hop_buf_addf(&out, "\n#   %s", r->resources.files[i].path);
    if (r->mode != HOP_RUN_DRY && r->resources.len)
        hop_buf_adds(&out, "; begin with RUNBOOK.md");
    hop_buf_addc(&out, '\n');
    hop_set_wish_text(&r->sets, mark, &out);
    HOP_AUTO_VALUE(hop_gate_list) gates = {0};
    find_gates(r, report, &gates);
    hop_gates_text(&gates, mark, &out);
    fwrite(hop_buf_get(&out), 1, out.len, stdout);
}

/* What has arrived gets its names even when something is missing: the inventory says so,
 * and the same command brings the rest. */
static hop_status finish_media(mirror_run *r, int exit_code, hop_error **err)
{
    if (!r->media.writer || exit_code > HOP_EXIT_SIGNAL)
        return HOP_OK;
    hop_media_parts parts = {.order = &r->order,
                             .trust = &r->trust,
                             .place = &r->place,
                             .mirror = r->mirror,
                             .graph_data = &r->data.info.tree,
                             .resources = &r->resources};
    return hop_media_target_finish(&r->media, &parts, err);
}

static hop_status finish(mirror_run *r, int *exit_code, hop_error **err)
{
    const hop_mirror_report *report = hop_mirror_get_report(r->mirror);
    hop_transfer_report_failures(report);
    warn_unreadable(report);
    *exit_code = hop_transfer_report_exit(report);
    r->resources_state = "not written, as the mirror is not complete";
    hop_status s = HOP_OK;
    if (*exit_code <= HOP_EXIT_SIGNAL)
        s = hop_media_target_add_clients(&r->media, r->mirror, &r->clients, err);
    r->place.clients = &r->clients;
    if (s == HOP_OK && *exit_code == HOP_EXIT_OK)
        s = make_resources(r, report, err);
    if (s == HOP_OK)
        s = finish_media(r, *exit_code, err);
    if (s == HOP_E_DISK)
        hop_error_hint(err, HOP_MEDIA_HINT_FULL);
    if (s != HOP_OK)
        return s;
    if (r->format == FORMAT_JSON)
        print_json(r, report, *exit_code);
    else
        print_text(r, report);
    if (*exit_code == HOP_EXIT_PARTIAL || *exit_code > HOP_EXIT_SIGNAL)
        fputs("hint: run the same command again: it goes on where this run ended\n",
              stderr);
    return HOP_OK;
}

static hop_status run(mirror_run *r, int *exit_code, hop_error **err)
{
    hop_status s = read_flags(r, err);
    if (s == HOP_OK)
        s = hop_order_load(r->o, &r->order, err);
    if (s != HOP_OK) {
        *exit_code = hop_releases_exit(r->o, s);
        return s;
    }
    const hop_plan_set *unusable = hop_job_find_unusable(&r->order);
    if (unusable) {
        print_plan(r, unusable);
        *exit_code = HOP_EXIT_NO_PATH;
        return HOP_OK;
    }
    hop_set_wish_warn(r->o, &r->sets, r->order.releases[0].version);
    s = r->media.path && r->mode != HOP_RUN_DRY
            ? hop_media_target_open(&r->media, r->o, &r->order, err)
            : HOP_OK;
    if (s == HOP_OK)
        s = hop_trust_load(r->o, &r->order, &r->trust, err);
    if (s == HOP_OK && wants_graph_data(r))
        s = hop_mirror_data_load(r->o, &r->order, &r->data, &r->media.graph_data,
                                 exit_code, err);
    if (s == HOP_OK)
        s = fill_mirror(r, err);
    if (s == HOP_OK)
        s = add_graph_data(r, exit_code, err);
    if (s == HOP_OK)
        s = hop_progress_run(&r->progress, r->mirror, err);
    return s == HOP_OK ? finish(r, exit_code, err) : s;
}

hop_status hop_cmd_mirror(const hop_options *o, int *exit_code, hop_error **err)
{
    mirror_run r = {.o = o};
    hop_status s = run(&r, exit_code, err);
    mirror_run_clear(&r);
    return s;
}
