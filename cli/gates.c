/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gates.h"

#include "command.h"
#include "environment.h"
#include "hop_resources.h"
#include "progress.h"
#include "registry_options.h"
#include "report.h"
#include "transfer_report.h"
#include "wrap.h"

#include <stdlib.h>
#include <string.h>

void hop_gate_list_clear(hop_gate_list *list)
{
    for (size_t i = 0; i < list->len; i++) {
        free(list->hops[i].from);
        free(list->hops[i].to);
        hop_strings_clear(&list->hops[i].keys);
        hop_strings_clear(&list->hops[i].texts);
    }
    free(list->hops);
    *list = (hop_gate_list){0};
}

/* ---- collecting ---- */

static bool leaves_minor(const hop_plan_edge *edge)
{
    hop_version from, to;
    HOP_AUTO(hop_error) ignored = NULL;
    return hop_version_parse(edge->from, &from, &ignored) == HOP_OK &&
           hop_version_parse(edge->to, &to, &ignored) == HOP_OK &&
           !hop_version_is_same_minor(&from, &to);
}

static bool has_hop(const hop_gate_list *list, const hop_plan_edge *edge,
                    const char *arch)
{
    for (size_t i = 0; i < list->len; i++)
        if (strcmp(list->hops[i].from, edge->from) == 0 &&
            strcmp(list->hops[i].to, edge->to) == 0 &&
            strcmp(list->hops[i].arch, arch) == 0)
            return true;
    return false;
}

static const hop_release_info *find_info(const hop_mirror_report *report,
                                         const char *version, const char *arch)
{
    for (size_t i = 0; report && i < report->release_count; i++)
        if (strcmp(report->releases[i].version, version) == 0 &&
            strcmp(report->releases[i].arch, arch) == 0)
            return report->releases[i].info;
    return NULL;
}

static void add_hop(hop_gate_list *list, const hop_plan_edge *edge, const char *arch,
                    const hop_release_info *info)
{
    list->hops = hop_grow(list->hops, list->len, &list->cap, sizeof(*list->hops));
    hop_gate_hop *hop = &list->hops[list->len++];
    *hop = (hop_gate_hop){.from = hop_strdup(edge->from),
                          .to = hop_strdup(edge->to),
                          .arch = arch,
                          .is_known = info != NULL};
    for (size_t i = 0; info && i < info->gate_count; i++) {
        if (!hop_gate_is_for(&info->gates[i], edge->from))
            continue;
        hop_strings_add(&hop->keys, info->gates[i].key);
        hop_strings_add(&hop->texts, info->gates[i].text);
    }
    const char *key = NULL, *text = NULL;
    if (hop_gate_at_run_time(edge->from, edge->to, &key, &text) &&
        !hop_strings_has(&hop->keys, key)) {
        hop_strings_add(&hop->keys, key);
        hop_strings_add(&hop->texts, text);
    }
}

void hop_gates_add_plan(hop_gate_list *list, const hop_plan *plan,
                        const hop_mirror_report *report)
{
    const char *arch = hop_arch_parse(plan->arch);
    for (size_t i = 0; arch && i < plan->best.hops; i++) {
        const hop_plan_edge *edge = &plan->best.edges[i];
        if (leaves_minor(edge) && !has_hop(list, edge, arch))
            add_hop(list, edge, arch, find_info(report, edge->from, arch));
    }
}

/* ---- in payloads that were proved ---- */

static const hop_proof_release *find_proved(const hop_proof *proof, const char *version,
                                            const char *arch)
{
    for (size_t i = 0; i < proof->release_count; i++)
        if (proof->releases[i].has_info &&
            strcmp(proof->releases[i].version, version) == 0 &&
            strcmp(proof->releases[i].arch, arch) == 0)
            return &proof->releases[i];
    return NULL;
}

static void note_unreadable(hop_proof *proof, const hop_proof_release *r)
{
    for (size_t i = 0; i < r->info.unreadable.len; i++) {
        hop_proof_finding *f =
            hop_proof_add(proof, HOP_PROOF_WARNING, "gates", r->digest.text, "%s",
                          r->info.unreadable.items[i]);
        HOP_AUTO_STR hop = hop_sprintf("%s (%s) payload", r->version, r->arch);
        hop_strings_add(&f->hops, hop);
    }
}

void hop_gates_add_proved(hop_gate_list *list, const hop_plan *plan, hop_proof *proof)
{
    const char *arch = hop_arch_parse(plan->arch);
    for (size_t i = 0; arch && i < plan->best.hops; i++) {
        const hop_plan_edge *edge = &plan->best.edges[i];
        if (!leaves_minor(edge) || has_hop(list, edge, arch))
            continue;
        const hop_proof_release *r = find_proved(proof, edge->from, arch);
        add_hop(list, edge, arch, r ? &r->info : NULL);
        if (r)
            note_unreadable(proof, r);
    }
}

/* ---- reading payloads for a plan ---- */

/* A run that copies nothing: payloads are read, no destination is asked. */
static hop_status open_reader(const hop_options *o, hop_strings *files,
                              hop_progress *progress, hop_mirror **out, hop_error **err)
{
    hop_mirror_opts opts = {.host = "nowhere.invalid",
                            .idms_files = &o->idms_file,
                            .tmp_dir = hop_environment_tmp_dir(),
                            .mode = HOP_RUN_DRY,
                            .payload_depth = HOP_PAYLOAD_MANIFESTS,
                            .sigstore = HOP_SIGSTORE_MAY_BE_MISSING,
                            .attempts = 3,
                            .seed = hop_environment_seed(),
                            .event = hop_progress_event,
                            .user = progress};
    hop_status s = hop_registry_side_with_auth(o, &o->common, files, &opts.source, err);
    return s == HOP_OK ? hop_mirror_new(&opts, out, err) : s;
}

static hop_status add_departures(hop_mirror *m, const hop_plan *plan, hop_strings *added,
                                 hop_error **err)
{
    const hop_route *best = &plan->best;
    hop_status s = HOP_OK;
    for (size_t i = 0; s == HOP_OK && i < best->hops; i++) {
        const hop_release *r = &best->releases[i];
        if (!leaves_minor(&best->edges[i]) || !r->payload ||
            hop_strings_has(added, r->version))
            continue;
        hop_mirror_release release = {.version = r->version,
                                      .arch = plan->arch,
                                      .payload = r->payload,
                                      .components = HOP_COMPONENTS_SKIP};
        hop_strings_add(added, r->version);
        s = hop_mirror_add_release(m, &release, err);
    }
    return s;
}

static void warn_unreadable(const hop_mirror_report *report)
{
    for (size_t i = 0; i < report->release_count; i++) {
        const hop_release_info *info = report->releases[i].info;
        for (size_t k = 0; info && k < info->unreadable.len; k++)
            hop_report_warning("release %s: %s", report->releases[i].version,
                               info->unreadable.items[k]);
    }
}

hop_status hop_gates_read(const hop_options *o, const hop_plan_set *set,
                          hop_gate_list *list, int *exit_code, hop_error **err)
{
    HOP_AUTO_VALUE(hop_strings) files = {0};
    HOP_AUTO_VALUE(hop_strings) added = {0};
    HOP_AUTO(hop_mirror) m = NULL;
    hop_progress progress = {
        .mode = HOP_PROGRESS_NONE, .verbose = o->verbose, .quiet = true};
    hop_status s = open_reader(o, &files, &progress, &m, err);
    for (size_t i = 0; s == HOP_OK && i < set->plan_count; i++)
        s = add_departures(m, set->plans[i], &added, err);
    if (s == HOP_OK && added.len > 0)
        s = hop_progress_run(&progress, m, err);
    if (s != HOP_OK)
        return hop_error_wrap(err, "read admin gates");
    const hop_mirror_report *report = hop_mirror_get_report(m);
    hop_transfer_report_failures(report);
    warn_unreadable(report);
    if (report->failure_count > 0)
        *exit_code = hop_transfer_report_exit(report);
    for (size_t i = 0; i < set->plan_count; i++)
        hop_gates_add_plan(list, set->plans[i], report);
    return HOP_OK;
}

/* ---- reports ---- */

/* {"data":{"ack-…":"true"}}, with every gate of the hop. */
static char *patch_of(const hop_gate_hop *hop)
{
    HOP_AUTO(hop_json) doc = hop_json_new_object();
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    hop_json *data = hop_json_add_object(doc, "data");
    for (size_t i = 0; i < hop->keys.len; i++)
        hop_json_set_string(data, hop->keys.items[i], "true");
    hop_json_dump(doc, HOP_JSON_COMPACT, &text);
    return hop_buf_take(&text);
}

/* Line by line: such a text may be a list. */
static void add_lines(const char *text, size_t indent, hop_buf *out)
{
    while (*text) {
        size_t n = strcspn(text, "\n");
        HOP_AUTO_STR line = hop_strndup(text, n);
        hop_wrap(out, indent, line);
        text += n + (text[n] == '\n');
    }
}

static void add_hop_text(const hop_gate_hop *hop, hop_buf *out)
{
    if (hop->keys.len == 0) {
        hop_wrapf(out, 2, "%s to %s (%s): nothing to acknowledge", hop->from, hop->to,
                  hop->arch);
        return;
    }
    hop_wrapf(out, 2, "%s to %s (%s):", hop->from, hop->to, hop->arch);
    for (size_t i = 0; i < hop->keys.len; i++) {
        hop_wrap(out, 4, hop->keys.items[i]);
        add_lines(hop->texts.items[i], 6, out);
    }
    if (!hop->is_known)
        hop_wrap(out, 4, "The payload was not read; it may ask for more.");
    hop_wrap(out, 4, "When this holds for your cluster, say so before the update:");
    HOP_AUTO_STR patch = patch_of(hop);
    hop_buf_adds(out, "\n      oc -n openshift-config patch configmap admin-acks "
                      "--type=merge -p ");
    hop_buf_add_shell(out, patch);
    hop_buf_addc(out, '\n');
}

static bool is_shown(const hop_gate_hop *hop)
{
    return hop->is_known || hop->keys.len > 0;
}

void hop_gates_text(const hop_gate_list *list, const char *mark, hop_buf *out)
{
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    for (size_t i = 0; i < list->len; i++) {
        if (!is_shown(&list->hops[i]))
            continue;
        hop_buf_adds(&text, text.len ? "\n"
                                     : "What clusters ask before they leave a "
                                       "minor\n\n");
        add_hop_text(&list->hops[i], &text);
    }
    for (const char *line = hop_buf_get(&text); *line;) {
        size_t n = strcspn(line, "\n");
        hop_buf_addf(out, "%s%.*s\n", mark, (int)n, line);
        line += n + (line[n] == '\n');
    }
}

void hop_gates_json(const hop_gate_list *list, hop_json *doc)
{
    hop_json *array = hop_json_add_array(doc, "gates");
    for (size_t i = 0; i < list->len; i++) {
        const hop_gate_hop *hop = &list->hops[i];
        hop_json *item = hop_json_append_object(array);
        HOP_AUTO_STR patch = hop->keys.len ? patch_of(hop) : NULL;
        hop_json_set_string(item, "from", hop->from);
        hop_json_set_string(item, "to", hop->to);
        hop_json_set_string(item, "arch", hop->arch);
        hop_json_set_bool(item, "known", hop->is_known);
        hop_json *acks = hop_json_add_array(item, "acks");
        for (size_t k = 0; k < hop->keys.len; k++) {
            hop_json *ack = hop_json_append_object(acks);
            hop_json_set_string(ack, "key", hop->keys.items[k]);
            hop_json_set_string(ack, "text", hop->texts.items[k]);
        }
        hop_json_set_string(item, "patch", patch);
    }
}
