/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command.h"
#include "environment.h"
#include "graph_data_source.h"
#include "hop_registry_proof.h"
#include "load_order.h"
#include "media_board.h"
#include "mirror_resources.h"
#include "progress.h"
#include "push_image.h"
#include "registry_options.h"
#include "report.h"
#include "transfer_report.h"
#include "verify_report.h"
#include "volume_drive.h"

#include <string.h>
#include <time.h>

#define DEFAULT_RESOURCES "oc-hop-resources"

/* One run of the verb. */
typedef struct load_run {
    const hop_options *o;
    bool is_json;
    hop_strings dirs;
    hop_volume_drive drive;
    hop_media_disk *disk;
    hop_board board;
    hop_trust trust;
    hop_order order;
    hop_resources_place place;
    hop_strings authfiles;
    hop_side_opts side;
    uint64_t jobs;
    hop_image *image; /* graph-data; NULL without */
    hop_progress progress;
    hop_registry_reader *reader;
    hop_proof proof;
    hop_proof advice; /* what does not fit and is no reason to stop */
    size_t unvouched; /* releases of which nobody vouches for the source */
    hop_mirror *mirror;
    hop_tree resources;
    const char *resources_state;
    bool has_begun;               /* the command line is right: there will be a report */
    bool media_signature_checked; /* it could be opened, too */
    const hop_mirror_report *report; /* NULL: nothing was sent */
} load_run;

static void load_run_clear(load_run *r)
{
    hop_mirror_free(r->mirror);
    hop_registry_reader_free(r->reader);
    hop_image_free(r->image);
    hop_proof_clear(&r->advice);
    hop_proof_clear(&r->proof);
    hop_order_clear(&r->order);
    hop_trust_clear(&r->trust);
    hop_board_clear(&r->board);
    hop_media_disk_free(r->disk);
    hop_tree_clear(&r->resources);
    hop_strings_clear(&r->authfiles);
    hop_strings_clear(&r->dirs);
}

/* ---- flags ---- */

static hop_status read_flags(load_run *r, hop_error **err)
{
    const hop_options *o = r->o;
    r->is_json = o->output && strcmp(o->output, "json") == 0;
    if (o->output && !r->is_json && strcmp(o->output, "text") != 0)
        return hop_error_set(err, HOP_E_USAGE, "-o %s: expected text or json", o->output);
    if (o->graph_data && o->no_graph_data)
        return hop_error_set(err, HOP_E_USAGE,
                             "--graph-data and --no-graph-data exclude each other");
    hop_status s = hop_board_dirs(&o->args, &r->dirs, err);
    if (s == HOP_OK && (r->dirs.len == 0 || r->dirs.len + 1 != o->args.len))
        s = hop_error_set(err, HOP_E_USAGE,
                          "expected media and a registry: dir:PATH... "
                          "docker://HOST[:PORT]");
    if (s == HOP_OK)
        s = hop_registry_host(o->args.items[r->dirs.len], &r->place.host, err);
    if (s == HOP_OK)
        s = hop_options_number("--jobs", o->jobs, 1, 64, 0, &r->jobs, err);
    if (s == HOP_OK)
        s = hop_progress_init(o, &r->progress, err);
    if (s == HOP_OK)
        s = hop_trust_load_flags(o, &r->trust, err);
    if (s == HOP_OK)
        s = hop_registry_side_with_auth(o, &o->dest, &r->authfiles, &r->side, err);
    r->place.ca_file = o->dest.ca ? o->dest.ca : o->common.ca;
    return s;
}

static hop_status choose(const char *flag, const char *text, const char *on_media,
                         const char **out, hop_error **err)
{
    *out = text ? text : on_media;
    if (hop_repository_is_valid(*out))
        return HOP_OK;
    return hop_error_set(
        err, HOP_E_USAGE,
        "%s %s: a repository is lower-case path components, as ocp4/openshift4", flag,
        *out);
}

static hop_status choose_repositories(load_run *r, hop_error **err)
{
    const hop_media *m = hop_media_disk_get_media(r->disk);
    hop_resources_place *p = &r->place;
    hop_status s =
        choose("--repository", r->o->repository, m->repository, &p->repository, err);
    if (s == HOP_OK)
        s = choose("--release-repository", r->o->release_repository,
                   m->release_repository, &p->release_repository, err);
    if (s == HOP_OK)
        s = choose("--graph-data-repository", r->o->graph_data_repository,
                   m->graph_data_repository, &p->graph_data_repository, err);
    if (s == HOP_OK && (strcmp(p->release_repository, p->repository) == 0 ||
                        strcmp(p->release_repository, p->graph_data_repository) == 0))
        s = hop_error_set(err, HOP_E_USAGE,
                          "release images need a repository of their own, not %s",
                          p->release_repository);
    return s;
}

/* ---- before the first upload ---- */

static void note_layout(const load_run *r)
{
    const hop_media *m = hop_media_disk_get_media(r->disk);
    hop_board_note_stock(r->o, r->disk);
    if (hop_media_disk_get_format(r->disk) == HOP_MEDIA_FORMAT_STOCK && m->plans.len == 0)
        hop_report_note(r->o,
                        "nothing says where the releases came from: the resources take "
                        "%.*s",
                        (int)strcspn(m->releases[0].source, "@"), m->releases[0].source);
}

static hop_status on_tick(void *user, uint64_t done, uint64_t total, hop_error **err)
{
    load_run *r = user;
    if (hop_signal_get())
        return hop_error_set(err, HOP_E_CANCELLED, "stopped by a signal");
    hop_progress_bytes(&r->progress, "checked", done, total);
    return HOP_OK;
}

static hop_status on_answers(void *user, uint64_t answered, uint64_t asked,
                             hop_error **err)
{
    load_run *r = user;
    if (hop_signal_get())
        return hop_error_set(err, HOP_E_CANCELLED, "stopped by a signal");
    hop_progress_answers(&r->progress, answered, asked);
    return HOP_OK;
}

static void on_event(void *user, const hop_mirror_event *event)
{
    load_run *r = user;
    hop_progress_event(&r->progress, event);
}

static hop_status open_registry(load_run *r, hop_error **err)
{
    unsigned stall_s = 0;
    unsigned outage_s = 0;
    hop_status s = hop_registry_timeouts(r->o, &stall_s, &outage_s, err);
    if (s != HOP_OK)
        return s;
    hop_registry_reader_opts opts = {.host = r->place.host,
                                     .repository = r->place.repository,
                                     .release_repository = r->place.release_repository,
                                     .graph_data_repository =
                                         r->place.graph_data_repository,
                                     .side = r->side,
                                     .tmp_dir = hop_environment_tmp_dir(),
                                     .jobs = (unsigned)r->jobs,
                                     .stall_s = stall_s,
                                     .outage_s = outage_s,
                                     .seed = hop_environment_seed(),
                                     .event = on_event,
                                     .tick = on_answers,
                                     .user = r};
    return hop_registry_reader_new(&opts, &r->reader, err);
}

/* What the media left out on purpose was found missing nowhere but here. */
static void hint_at_missing(const load_run *r, hop_error **err)
{
    const hop_media *m = hop_media_disk_get_media(r->disk);
    size_t left_out = 0;
    for (size_t i = 0; i < r->proof.missing.len; i++)
        if (hop_media_items_has(&m->omitted, &r->proof.missing.items[i].digest))
            left_out++;
    if (left_out == 0)
        hop_error_hint(err, "`oc-hop verify dir:PATH` on the other side finds all of "
                            "them before the media is carried");
    else
        hop_error_hint(err,
                       "%zu of them were left out, as this registry should have them by "
                       "the inventory %s (its sha256sum): load the earlier media first, "
                       "or write one without --since",
                       left_out, m->base.text);
}

/* Signatures, payloads, and the presence of all that they name, here or there. */
static hop_status prove(load_run *r, hop_error **err)
{
    hop_status s = open_registry(r, err);
    if (s != HOP_OK)
        return s;
    hop_want_source registry = hop_registry_reader_get_source(r->reader);
    hop_media_proof_opts opts = {.hashing = HOP_MEDIA_HASH_WALKED,
                                 .trust = r->trust.is_skipped ? HOP_PROOF_SKIP
                                                              : HOP_PROOF_DEMAND,
                                 .keyrings = r->trust.keyrings,
                                 .keyring_count = r->trust.keyring_count,
                                 .now_s = (uint64_t)time(NULL),
                                 .sigstore = hop_trust_sigstore(r->o),
                                 .elsewhere = &registry,
                                 .tmp_dir = hop_environment_tmp_dir(),
                                 .tick = on_tick,
                                 .user = r};
    s = hop_media_prove(r->disk, &opts, &r->proof, err);
    hop_progress_end(&r->progress);
    if (s == HOP_E_AUTH)
        hop_error_hint(err, "run `podman login %s` or pass --authfile", r->place.host);
    if (s != HOP_OK)
        return s;
    hop_board_load(r->disk, &r->board, &r->proof);
    hop_verify_report_findings(&r->proof);
    if (r->proof.error_count == 0)
        return HOP_OK;
    s = hop_error_set(err, HOP_E_DIGEST,
                      "%zu things are wrong with the media (%zu missing); nothing was "
                      "written",
                      r->proof.error_count, r->proof.missing.len);
    hint_at_missing(r, err);
    return s;
}

/* A plan that does not fit is worth knowing, and no reason to leave the releases out. */
static void check_plans(load_run *r)
{
    hop_proof *advice = &r->advice;
    HOP_AUTO_STR repository =
        hop_sprintf("%s/%s", r->place.host, r->place.release_repository);
    advice->releases = r->proof.releases; /* borrowed for the check */
    advice->release_count = r->proof.release_count;
    hop_board_check(r->disk, &r->board, repository, advice);
    advice->releases = NULL;
    advice->release_count = 0;
    for (size_t i = 0; i < advice->len; i++)
        advice->items[i].level = HOP_PROOF_WARNING;
}

static hop_status make_order(load_run *r, hop_error **err)
{
    hop_status s = hop_load_order(r->disk, &r->board, &r->order, &r->trust, err);
    if (s != HOP_OK)
        return s;
    bool is_vouched = r->o->media_keyring.len > 0;
    r->unvouched = hop_load_check_sources(
        &r->order, &r->trust, &r->proof,
        is_vouched ? HOP_MEDIA_VOUCHED : HOP_MEDIA_UNVOUCHED, &r->advice);
    hop_verify_report_findings(&r->advice);
    return HOP_OK;
}

/* In our own layout also of what is not there: somebody may have taken it away. */
static void warn_of_media(const load_run *r)
{
    const hop_media *m = hop_media_disk_get_media(r->disk);
    bool is_own = hop_media_disk_get_format(r->disk) == HOP_MEDIA_FORMAT_OWN;
    bool wants_data = !r->o->graph_data && !r->o->no_graph_data;
    const char *doubts[3];
    size_t count = 0;
    if (is_own || m->plans.len > 0)
        doubts[count++] = "the plan";
    if (r->unvouched > 0)
        doubts[count++] = "the sources of the releases";
    if (wants_data && (is_own || m->graph_data))
        doubts[count++] = "the graph-data";
    if (r->o->media_keyring.len > 0 || count == 0)
        return;
    HOP_AUTO_VALUE(hop_buf) list = hop_buf_init(HOP_BUF_TEXT);
    for (size_t i = 0; i < count; i++)
        hop_buf_addf(&list, "%s%s",
                     i == 0          ? ""
                     : i + 1 < count ? ", "
                                     : " and ",
                     doubts[i]);
    hop_report_warning("nobody vouches for %s on the media%s: whoever altered it decides "
                       "which updates the cluster is offered",
                       hop_buf_get(&list), is_own ? " (--media-keyring)" : "");
}

static hop_status make_graph_data(load_run *r, hop_error **err)
{
    if (r->o->no_graph_data)
        return HOP_OK;
    if (!r->board.has_graph_data) {
        if (hop_media_disk_get_format(r->disk) == HOP_MEDIA_FORMAT_STOCK)
            hop_report_note(
                r->o, "no graph-data image is pushed; --graph-data DIR|TAR makes one");
        return HOP_OK;
    }
    hop_status s = hop_graph_data_check(r->o, &r->board.graph_data, err);
    if (s == HOP_OK)
        s = hop_graph_data_build(&r->board.graph_data, &r->board.graph_data_info,
                                 HOP_IMAGE_DOCKER, &(hop_strings){0}, NULL, &r->image,
                                 err);
    if (s == HOP_OK)
        r->place.graph_data = hop_image_get_top(r->image)->digest;
    return s;
}

/* ---- the transfer ---- */

static hop_status on_payload(void *user, size_t release, const hop_release_info *info,
                             hop_error **err)
{
    load_run *r = user;
    return hop_trust_check(&r->trust, release, info, err);
}

static hop_status fill_mirror(load_run *r, hop_error **err)
{
    unsigned stall_s = 0;
    unsigned outage_s = 0;
    hop_status s = hop_registry_timeouts(r->o, &stall_s, &outage_s, err);
    if (s != HOP_OK)
        return s;
    hop_mirror_opts opts = {
        .host = r->place.host,
        .from_disk = r->disk,
        .repository = r->place.repository,
        .release_repository = r->place.release_repository,
        .source = r->side,
        .destination = r->side,
        .tmp_dir = hop_environment_tmp_dir(),
        .mode = r->o->recheck ? HOP_RUN_RECHECK : HOP_RUN_COPY,
        .payload_depth = HOP_PAYLOAD_MANIFESTS,
        /* The proof has told of it. */
        .sigstore = r->o->allow_missing_sigstore ? HOP_SIGSTORE_IS_KNOWN_MISSING
                                                 : HOP_SIGSTORE_MUST_BE_THERE,
        .sigstore_key =
            r->trust.sigstore_key.len ? hop_buf_get(&r->trust.sigstore_key) : NULL,
        .jobs = (unsigned)r->jobs,
        .stall_s = stall_s,
        .outage_s = outage_s,
        .seed = hop_environment_seed(),
        .event = on_event,
        .check = on_payload,
        .user = r};
    s = hop_mirror_new(&opts, &r->mirror, err);
    for (size_t i = 0; s == HOP_OK && i < r->order.release_count; i++) {
        const hop_order_release *from = &r->order.releases[i];
        hop_mirror_release release = {.version = from->version,
                                      .arch = from->arch,
                                      .payload = from->payload,
                                      .components = from->components};
        s = hop_mirror_add_release(r->mirror, &release, err);
    }
    if (s != HOP_OK || !r->image)
        return s;
    HOP_AUTO_VALUE(hop_strings) tags = {0};
    hop_strings_add(&tags, hop_image_get_content_tag(r->image));
    hop_strings_add(&tags, "latest");
    return hop_push_image(r->mirror, r->image, NULL, r->place.graph_data_repository,
                          &tags, err);
}

/* ---- after the transfer ---- */

static const char *resources_dir(const load_run *r)
{
    return r->o->resources ? r->o->resources : DEFAULT_RESOURCES;
}

static hop_status make_resources(load_run *r, const hop_mirror_report *report,
                                 hop_error **err)
{
    hop_resources_change change = HOP_RESOURCES_SAME;
    hop_status s =
        hop_mirror_resources(&r->order, &r->trust, report, &r->place, &r->resources, err);
    if (s == HOP_OK)
        s = hop_resources_write(resources_dir(r), &r->resources, &change, err);
    if (s == HOP_OK)
        r->resources_state = change == HOP_RESOURCES_SAME ? "unchanged" : "written";
    return s;
}

static void print_json(const load_run *r, int code, const hop_error *error)
{
    HOP_AUTO(hop_json) doc = hop_json_new_object();
    hop_json_set_string(doc, "schema", "oc-hop/load/v1");
    hop_json *media = hop_json_add_array(doc, "media");
    for (size_t i = 0; i < r->dirs.len; i++)
        hop_json_append_string(media, r->dirs.items[i]);
    hop_json_set_string(doc, "destination", r->place.host);
    hop_json_set_uint(doc, "exit_code", (uint64_t)code);
    hop_report_json_error(error, doc);
    hop_json_set_bool(doc, "media_signature_checked", r->media_signature_checked);
    hop_json *findings = hop_json_add_array(doc, "findings");
    hop_verify_report_json_findings(&r->proof, findings);
    hop_verify_report_json_findings(&r->advice, findings);
    hop_trust_report_json(&r->trust, &r->order, doc);
    if (r->report)
        hop_transfer_report_json(r->report, HOP_RUN_COPY, doc);
    hop_json_set_string(doc, "graph_data", r->image ? r->place.graph_data.text : NULL);
    hop_json *resources = hop_json_add_object(doc, "resources");
    hop_json_set_string(resources, "directory", resources_dir(r));
    hop_json_set_string(resources, "state",
                        r->resources_state ? r->resources_state : "not written");
    hop_report_json(doc);
}

static void print_text(const load_run *r, const hop_mirror_report *report)
{
    HOP_AUTO_VALUE(hop_buf) out = hop_buf_init(HOP_BUF_TEXT);
    hop_transfer_report_text(report, &out);
    hop_trust_report_text(&r->trust, &r->order, "", &out);
    hop_trust_report_sigstore(report, "", &out);
    if (r->image)
        hop_buf_addf(&out, "graph-data: %s/%s@%s\n", r->place.host,
                     r->place.graph_data_repository, r->place.graph_data.text);
    hop_buf_adds(&out, "resources: ");
    hop_buf_add_visible(&out, resources_dir(r), strlen(resources_dir(r)));
    hop_buf_addf(&out, " (%s)%s\n", r->resources_state,
                 r->resources.len ? "; begin with RUNBOOK.md" : "");
    fwrite(hop_buf_get(&out), 1, out.len, stdout);
}

static hop_status finish(load_run *r, int *exit_code, hop_error **err)
{
    const hop_mirror_report *report = r->report = hop_mirror_get_report(r->mirror);
    hop_transfer_report_failures(report);
    *exit_code = hop_transfer_report_exit(report);
    r->resources_state = "not written, as the mirror is not complete";
    if (*exit_code == HOP_EXIT_OK) {
        hop_status s = make_resources(r, report, err);
        if (s != HOP_OK)
            return s;
    }
    if (r->is_json)
        print_json(r, *exit_code, NULL);
    else
        print_text(r, report);
    if (*exit_code == HOP_EXIT_PARTIAL || *exit_code > HOP_EXIT_SIGNAL)
        fputs("hint: run the same command again: it goes on where this run ended\n",
              stderr);
    return HOP_OK;
}

/* ---- the whole ---- */

static hop_status open_media(load_run *r, int *exit_code, hop_error **err)
{
    hop_status s = hop_volume_drive_open(&r->drive, r->o, &r->dirs, HOP_MEDIA_READ_INDEX,
                                         &r->progress, &r->disk, err);
    r->media_signature_checked = s == HOP_OK && r->o->media_keyring.len > 0;
    if (s == HOP_E_PARSE || s == HOP_E_LIMIT || s == HOP_E_NOT_FOUND)
        *exit_code = HOP_EXIT_INTEGRITY;
    return s == HOP_OK ? hop_board_check_signature(r->o, r->disk, err) : s;
}

static hop_status run(load_run *r, int *exit_code, hop_error **err)
{
    hop_status s = read_flags(r, err);
    if (s == HOP_OK) {
        s = hop_board_bring_graph_data(r->o, &r->board, err);
        r->has_begun = s != HOP_E_USAGE;
    }
    if (s == HOP_OK)
        s = open_media(r, exit_code, err);
    if (s == HOP_OK)
        s = choose_repositories(r, err);
    if (s == HOP_OK)
        note_layout(r);
    if (s == HOP_OK)
        s = prove(r, err);
    if (s == HOP_OK)
        check_plans(r);
    if (s == HOP_OK)
        s = make_order(r, err);
    if (s == HOP_OK) {
        warn_of_media(r);
        if (r->o->volume_command)
            hop_report_note(r->o, "all volumes were seen; those with something that the "
                                  "registry lacks are wanted once more");
        s = make_graph_data(r, err);
    }
    if (s != HOP_OK) {
        if (s == HOP_E_PARSE || s == HOP_E_LIMIT)
            *exit_code = HOP_EXIT_INTEGRITY;
        return s;
    }
    s = fill_mirror(r, err);
    if (s == HOP_OK)
        s = hop_progress_run(&r->progress, r->mirror, err);
    return s == HOP_OK ? finish(r, exit_code, err) : s;
}

hop_status hop_cmd_load(const hop_options *o, int *exit_code, hop_error **err)
{
    load_run r = {.o = o};
    hop_status s = run(&r, exit_code, err);
    if (s != HOP_OK && r.is_json && r.has_begun)
        print_json(&r, hop_exit_final(*exit_code, s), *err);
    load_run_clear(&r);
    return s;
}
