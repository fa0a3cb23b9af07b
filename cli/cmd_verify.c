/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command.h"
#include "environment.h"
#include "load_order.h"
#include "media_board.h"
#include "planning.h"
#include "progress.h"
#include "report.h"
#include "trust.h"
#include "verify_report.h"
#include "verify_run.h"
#include "volume_drive.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static hop_status read_format(const char *text, hop_verify_format *out, hop_error **err)
{
    static const char *const words[] = {"text", "json", "inventory"};
    *out = HOP_VERIFY_TEXT;
    for (size_t i = 0; i < HOP_COUNT_OF(words); i++) {
        if (text && strcmp(text, words[i]) == 0) {
            *out = (hop_verify_format)i;
            return HOP_OK;
        }
    }
    if (!text)
        return HOP_OK;
    return hop_error_set(err, HOP_E_USAGE, "-o %s: expected text, json or inventory",
                         text);
}

void hop_verify_take_gates(hop_verify_run *v, const hop_plan *const *plans, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!hop_planning_is_usable(plans[i]))
            continue;
        hop_gates_add_proved(&v->gates, plans[i], &v->proof);
        v->has_plan = true;
    }
}

/* ---- media ---- */

static hop_status on_tick(void *user, uint64_t done, uint64_t total, hop_error **err)
{
    if (hop_signal_get())
        return hop_error_set(err, HOP_E_CANCELLED, "stopped by a signal");
    hop_progress_bytes(user, "hashed", done, total);
    return HOP_OK;
}

static void note_media_signature(hop_verify_run *v, const hop_media_disk *disk)
{
    const hop_media *m = hop_media_disk_get_media(disk);
    bool is_own = hop_media_disk_get_format(disk) == HOP_MEDIA_FORMAT_OWN;
    HOP_AUTO(hop_error) why = NULL;
    v->media_signature_checked = v->o->media_keyring.len > 0;
    if (hop_board_check_signature(v->o, disk, &why) != HOP_OK)
        hop_proof_add_error(&v->proof, "media-signature",
                            is_own ? HOP_MEDIA_SIGNATURE : NULL, why);
    else if (!is_own && m->plans.len + m->graph_count > 0)
        hop_report_note(v->o, "nobody vouches for the plan, the graphs and the "
                              "graph-data: this layout has no place for a signature");
    else if (is_own && v->o->media_keyring.len == 0)
        hop_report_note(v->o, "no --media-keyring: nobody vouches for the plan, the "
                              "graphs and the graph-data on the media");
}

/* What `load` will take for the sources of the releases. The plans are no longer the
 * board's then. */
static void check_sources(hop_verify_run *v, const hop_media_disk *disk, hop_board *board)
{
    HOP_AUTO_VALUE(hop_order) order = {0};
    HOP_AUTO(hop_error) error = NULL;
    bool is_vouched = v->o->media_keyring.len > 0;
    if (hop_load_order(disk, board, &order, &v->trust, &error) != HOP_OK)
        hop_proof_add_error(&v->proof, "document", HOP_MEDIA_DOCUMENT, error);
    else
        (void)hop_load_check_sources(&order, &v->trust, &v->proof,
                                     is_vouched ? HOP_MEDIA_VOUCHED : HOP_MEDIA_UNVOUCHED,
                                     &v->proof);
}

/* Of the layout of stock oc it is told what it lacks: hop_board_note_stock(). */
static void take_served(hop_verify_run *v, const hop_media_disk *disk, hop_board *board)
{
    const hop_media *m = hop_media_disk_get_media(disk);
    bool is_own = hop_media_disk_get_format(disk) == HOP_MEDIA_FORMAT_OWN;
    v->how =
        m->plans.len > 0
            ? "the one on the media cannot be read"
            : "`mirror --from V --to V` and `mirror --plan FILE` write media with one";
    v->served = board->served;
    board->served = (hop_served){0};
    if (!m->graph_data && is_own)
        hop_proof_add(&v->proof, HOP_PROOF_WARNING, "graph-data", NULL,
                      "there is none on the media, so what an update service will offer "
                      "is not checked");
}

static hop_status verify_media(hop_verify_run *v, const hop_strings *dirs,
                               hop_error **err)
{
    hop_volume_drive drive = {0};
    HOP_AUTO(hop_media_disk) disk = NULL;
    HOP_AUTO_VALUE(hop_board) board = {0};
    hop_status s = hop_volume_drive_open(&drive, v->o, dirs, HOP_MEDIA_READ_ALL,
                                         &v->progress, &disk, err);
    if (s != HOP_OK)
        return s;
    hop_media_proof_opts opts = {.hashing = HOP_MEDIA_HASH_ALL,
                                 .trust = v->trust.is_skipped ? HOP_PROOF_SKIP
                                                              : HOP_PROOF_DEMAND,
                                 .keyrings = v->trust.keyrings,
                                 .keyring_count = v->trust.keyring_count,
                                 .now_s = (uint64_t)time(NULL),
                                 .sigstore = hop_trust_sigstore(v->o),
                                 .tmp_dir = hop_environment_tmp_dir(),
                                 .tick = on_tick,
                                 .user = &v->progress};
    v->checked = opts.trust;
    s = hop_media_prove(disk, &opts, &v->proof, err);
    hop_progress_end(&v->progress);
    if (s != HOP_OK)
        return s;
    const hop_media *m = hop_media_disk_get_media(disk);
    hop_board_note_stock(v->o, disk);
    note_media_signature(v, disk);
    hop_board_load(disk, &board, &v->proof);
    hop_board_check(disk, &board, m->release_repository, &v->proof);
    take_served(v, disk, &board);
    hop_verify_take_gates(v, board.plans, board.plan_count);
    check_sources(v, disk, &board);
    v->left_out = hop_board_count_left_out(disk);
    v->base = m->base;
    if (board.has_graph_data)
        v->graph_data = hop_strdup(m->graph_data);
    return HOP_OK;
}

/* ---- answers ---- */

static void print_json(const hop_verify_run *v, int code, const hop_error *error)
{
    HOP_AUTO(hop_json) doc = hop_json_new_object();
    hop_json_set_string(doc, "schema", "oc-hop/verify/v1");
    hop_json *subjects = hop_json_add_array(doc, "subjects");
    for (size_t i = 0; i < v->o->args.len; i++)
        hop_json_append_string(subjects, v->o->args.items[i]);
    hop_json_set_uint(doc, "exit_code", (uint64_t)code);
    hop_report_json_error(error, doc);
    if (v->is_media)
        hop_json_set_bool(doc, "media_signature_checked", v->media_signature_checked);
    if (v->is_media) {
        hop_json *left_out = hop_json_add_object(doc, "left_out");
        hop_json_set_uint(left_out, "count", v->left_out);
        hop_json_set_string(left_out, "base", v->base.text[0] ? v->base.text : NULL);
    }
    hop_json_set_string(doc, "graph_data", v->graph_data);
    if (error)
        hop_json_set_string(doc, "simulation", NULL);
    else
        hop_served_json(&v->served, v->how, doc);
    if (v->has_plan)
        hop_gates_json(&v->gates, doc);
    else
        hop_json_set_string(doc, "gates", NULL);
    hop_verify_report_json(&v->proof, v->checked, doc);
    hop_report_json(doc);
}

/* Set off, as in a plan. */
static void add_gates(const hop_verify_run *v, hop_buf *out)
{
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    hop_gates_text(&v->gates, "", &text);
    if (text.len > 0)
        hop_buf_addf(out, "\n%s", hop_buf_get(&text));
}

static void print(const hop_verify_run *v, hop_verify_format format, int code)
{
    HOP_AUTO_VALUE(hop_buf) out = hop_buf_init(HOP_BUF_TEXT);
    hop_verify_report_findings(&v->proof);
    switch (format) {
    case HOP_VERIFY_JSON:
        print_json(v, code, NULL);
        return;
    case HOP_VERIFY_TEXT:
        hop_verify_report_text(&v->proof, v->checked, &out);
        if (v->left_out > 0)
            hop_buf_addf(&out,
                         "left out: %zu blobs, which the far side has by its inventory "
                         "%s\n",
                         v->left_out, v->base.text);
        if (v->graph_data) {
            hop_buf_adds(&out, "graph-data: ");
            hop_buf_add_visible(&out, v->graph_data, strlen(v->graph_data));
            hop_buf_addc(&out, '\n');
        }
        hop_served_text(&v->served, v->how, &out);
        add_gates(v, &out);
        break;
    case HOP_VERIFY_INVENTORY:
        hop_inventory_write(&v->proof.manifests, &v->proof.blobs, &out);
        break;
    }
    fwrite(hop_buf_get(&out), 1, out.len, stdout);
}

static hop_status run(hop_verify_run *v, const hop_strings *dirs, int *exit_code,
                      hop_error **err)
{
    const hop_options *o = v->o;
    hop_verify_format format = HOP_VERIFY_TEXT;
    hop_status s = read_format(o->output, &format, err);
    if (s == HOP_OK)
        s = hop_progress_init(o, &v->progress, err);
    if (s == HOP_OK)
        s = hop_trust_load_flags(o, &v->trust, err);
    if (s != HOP_OK)
        return s;
    v->is_media = dirs->len > 0;
    s = v->is_media ? verify_media(v, dirs, err) : hop_verify_registry(v, err);
    if (s != HOP_OK) {
        /* What cannot even be read is not what was written. */
        bool is_bad =
            s == HOP_E_PARSE || s == HOP_E_LIMIT || (dirs->len && s == HOP_E_NOT_FOUND);
        *exit_code = is_bad ? HOP_EXIT_INTEGRITY : hop_exit_of(s);
        if (format == HOP_VERIFY_JSON && (s != HOP_E_USAGE || v->is_media))
            print_json(v, hop_exit_final(*exit_code, s), *err);
        return s;
    }
    *exit_code = v->proof.error_count ? HOP_EXIT_INTEGRITY : HOP_EXIT_OK;
    print(v, format, *exit_code);
    return HOP_OK;
}

hop_status hop_cmd_verify(const hop_options *o, int *exit_code, hop_error **err)
{
    HOP_AUTO_VALUE(hop_strings) dirs = {0};
    hop_verify_run v = {.o = o};
    hop_status s = hop_board_dirs(&o->args, &dirs, err);
    if (s == HOP_OK && (o->args.len == 0 || (dirs.len && dirs.len < o->args.len) ||
                        (dirs.len == 0 && o->args.len > 1)))
        s = hop_error_set(
            err, HOP_E_USAGE,
            "expected what to verify: dir:PATH..., or docker://HOST[:PORT]");
    if (s == HOP_OK && dirs.len && (o->plan || o->from.len || o->to || o->deep))
        s = hop_error_set(err, HOP_E_USAGE,
                          "media carries its own plan, and is always read whole: --plan, "
                          "--from, --to and --deep are for registries");
    if (s == HOP_OK && dirs.len == 0 && o->volume_command)
        s = hop_error_set(err, HOP_E_USAGE,
                          "--volume-command changes volumes of media, as in dir:PATH");
    if (s == HOP_OK)
        s = run(&v, &dirs, exit_code, err);
    hop_proof_clear(&v.proof);
    hop_trust_clear(&v.trust);
    hop_served_clear(&v.served);
    hop_gate_list_clear(&v.gates);
    free(v.graph_data);
    return s;
}
