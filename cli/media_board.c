/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "media_board.h"

#include "graph_data_source.h"
#include "planned_data.h"
#include "report.h"
#include "served.h"
#include "trust.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define SCHEME "dir:"

static bool is_directory(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

hop_status hop_board_dirs(const hop_strings *args, hop_strings *dirs, hop_error **err)
{
    size_t i = 0;
    for (; i < args->len && hop_has_prefix(args->items[i], SCHEME); i++) {
        const char *path = args->items[i] + strlen(SCHEME);
        if (!*path)
            return hop_error_set(err, HOP_E_USAGE, "\"%s\": expected dir:PATH",
                                 args->items[i]);
        hop_strings_add(dirs, path);
    }
    if (i == args->len || strchr(args->items[i], ':') || !is_directory(args->items[i]))
        return HOP_OK;
    hop_status s = hop_error_set(err, HOP_E_USAGE,
                                 "\"%s\": expected dir:PATH or docker://HOST[:PORT]",
                                 args->items[i]);
    hop_error_hint(err, SCHEME "%s", args->items[i]);
    return s;
}

/* What was mistyped is nothing that could be wrong with media. */
hop_status hop_board_check_dir(const char *path, hop_error **err)
{
    struct stat st;
    bool is_there = stat(path, &st) == 0;
    if (!is_there && (errno == ENOENT || errno == ENOTDIR))
        return hop_error_set(err, HOP_E_USAGE, SCHEME "%s: there is no such directory",
                             path);
    if (!is_there || S_ISDIR(st.st_mode))
        return HOP_OK;
    hop_status s = hop_error_set(err, HOP_E_USAGE, SCHEME "%s: it is no directory", path);
    if (hop_has_suffix(path, ".tar"))
        hop_error_hint(err, "name the directory that the volume is in");
    return s;
}

hop_status hop_board_open(const hop_strings *dirs, hop_media_disk **out, hop_error **err)
{
    for (size_t i = 0; i < dirs->len; i++) {
        hop_status s = hop_board_check_dir(dirs->items[i], err);
        if (s != HOP_OK)
            return s;
    }
    return hop_media_disk_open(dirs, out, err);
}

void hop_board_clear(hop_board *b)
{
    for (size_t i = 0; i < b->set_count; i++)
        hop_plan_set_free(b->sets[i]);
    free(b->sets);
    free(b->plans);
    free(b->plan_files);
    hop_tree_clear(&b->graph_data);
    hop_graphdata_info_clear(&b->graph_data_info);
    hop_served_clear(&b->served);
    *b = (hop_board){0};
}

/* ---- reading ---- */

static void add_set(hop_board *out, hop_plan_set **set, const char *file)
{
    size_t count = out->plan_count + (*set)->plan_count;
    out->plans = hop_realloc(out->plans, count, sizeof(const hop_plan *));
    out->plan_files = hop_realloc(out->plan_files, count, sizeof(const char *));
    for (size_t i = 0; i < (*set)->plan_count; i++) {
        out->plans[out->plan_count] = (*set)->plans[i];
        out->plan_files[out->plan_count++] = file;
    }
    out->sets[out->set_count++] = hop_steal(set);
}

static void load_plans(const hop_media_disk *disk, hop_board *out, hop_proof *proof)
{
    const hop_strings *files = &hop_media_disk_get_media(disk)->plans;
    out->sets = hop_alloc(files->len, sizeof(hop_plan_set *));
    for (size_t i = 0; i < files->len; i++) {
        HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_MAX_DOCUMENT);
        HOP_AUTO(hop_error) error = NULL;
        HOP_AUTO(hop_plan_set) set = NULL;
        hop_status s = hop_media_disk_read_file(disk, files->items[i], &text, &error);
        if (s == HOP_OK)
            s = hop_plan_set_parse(hop_buf_get(&text), text.len, files->items[i], &set,
                                   &error);
        if (s == HOP_OK)
            add_set(out, &set, files->items[i]);
        else if (s != HOP_E_NOT_FOUND) /* which the check of all files tells */
            hop_proof_add_error(proof, "plan", files->items[i], error);
    }
}

hop_status hop_board_bring_graph_data(const hop_options *o, hop_board *out,
                                      hop_error **err)
{
    if (!o->graph_data)
        return HOP_OK;
    if (hop_graph_data_is_url(o->graph_data))
        return hop_error_set(err, HOP_E_USAGE,
                             "--graph-data %s: load contacts no other host; expected a "
                             "directory or an archive",
                             o->graph_data);
    hop_status s = hop_graph_data_load(o, &out->graph_data, &out->graph_data_info, err);
    out->has_graph_data = s == HOP_OK;
    out->graph_data_name = o->graph_data;
    return s;
}

static void check_data_tree(const hop_media_disk *disk, const hop_graphdata_info *info,
                            hop_proof *proof)
{
    const hop_media *m = hop_media_disk_get_media(disk);
    const hop_digest *recorded = &m->graph_data_tree;
    if (recorded->text[0] && !hop_digest_is_equal(recorded, &info->tree))
        hop_proof_add(proof, HOP_PROOF_ERROR, "graph-data", m->graph_data,
                      "its data has the tree hash %s, and " HOP_MEDIA_DOCUMENT
                      " says %s: it is not what was mirrored for the plan",
                      info->tree.text, recorded->text);
}

static void load_graph_data(const hop_media_disk *disk, hop_board *out, hop_proof *proof)
{
    const char *file = hop_media_disk_get_media(disk)->graph_data;
    HOP_AUTO_VALUE(hop_buf) bytes = hop_buf_init(HOP_GRAPHDATA_MAX_ARCHIVE);
    HOP_AUTO(hop_error) error = NULL;
    if (!file || out->has_graph_data)
        return;
    hop_status s = hop_media_disk_read_file(disk, file, &bytes, &error);
    if (s == HOP_OK)
        s = hop_graphdata_read_archive(hop_buf_get(&bytes), bytes.len, file,
                                       &out->graph_data, &out->graph_data_info, &error);
    out->has_graph_data = s == HOP_OK;
    out->graph_data_name = file;
    if (s != HOP_OK && s != HOP_E_NOT_FOUND)
        hop_proof_add_error(proof, "graph-data", file, error);
    if (s == HOP_OK)
        check_data_tree(disk, &out->graph_data_info, proof);
}

/* `mirror` leaves out the components of the start of a path, which the cluster has, and
 * of nothing else. */
static bool may_lack_components(const hop_board *b, const hop_media_release *r)
{
    bool is_start = false;
    for (size_t i = 0; i < b->plan_count; i++) {
        const hop_route *best = &b->plans[i]->best;
        if (strcmp(b->plans[i]->arch, r->arch) != 0)
            continue;
        for (size_t k = 0; k < best->release_count; k++) {
            if (strcmp(best->releases[k].version, r->version) != 0)
                continue;
            if (k > 0 || best->release_count == 1)
                return false;
            is_start = true;
        }
    }
    return is_start;
}

/* A tag says that a release is complete; without its components it is not. */
static void check_components(const hop_media_disk *disk, const hop_board *b,
                             hop_proof *proof)
{
    const hop_media *m = hop_media_disk_get_media(disk);
    if (hop_media_disk_get_format(disk) == HOP_MEDIA_FORMAT_STOCK)
        return;
    for (size_t i = 0; i < m->release_count; i++) {
        const hop_media_release *r = &m->releases[i];
        if (r->has_components || may_lack_components(b, r))
            continue;
        hop_proof_finding *f = hop_proof_add(
            proof, HOP_PROOF_ERROR, "components", HOP_MEDIA_DOCUMENT,
            "release %s (%s) is there without its components, and only the start of a "
            "plan on board may be",
            r->version, r->arch);
        HOP_AUTO_STR hop = hop_sprintf("%s (%s)", r->version, r->arch);
        hop_strings_add(&f->hops, hop);
        proof->releases[i].is_good = false;
    }
}

void hop_board_load(const hop_media_disk *disk, hop_board *out, hop_proof *proof)
{
    load_plans(disk, out, proof);
    load_graph_data(disk, out, proof);
    check_components(disk, out, proof);
}

/* ---- plans against graphs and releases ---- */

/* The graphs of one architecture, merged. NULL when there is none on board. */
static hop_graph *load_graph(const hop_media_disk *disk, const char *arch,
                             hop_proof *proof)
{
    const hop_media *m = hop_media_disk_get_media(disk);
    HOP_AUTO(hop_graph) g = hop_graph_new();
    bool has_any = false;
    for (size_t i = 0; i < m->graph_count; i++) {
        const hop_media_graph *from = &m->graphs[i];
        HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_MAX_DOCUMENT);
        HOP_AUTO(hop_error) error = NULL;
        if (strcmp(from->arch, arch) != 0)
            continue;
        hop_graph_source source = {.name = from->file, .channel = from->channel};
        hop_status s = hop_media_disk_read_file(disk, from->file, &text, &error);
        if (s == HOP_OK)
            s = hop_graph_add(g, hop_buf_get(&text), text.len, &source, &error);
        has_any = has_any || s == HOP_OK;
        if (s != HOP_OK && s != HOP_E_NOT_FOUND)
            hop_proof_add_error(proof, "graph", from->file, error);
    }
    return has_any ? hop_steal(&g) : NULL;
}

static void check_graphs(const hop_media_disk *disk, const hop_plan *plan,
                         const char *file, hop_proof *proof)
{
    HOP_AUTO(hop_graph) g = load_graph(disk, plan->arch, proof);
    HOP_AUTO_VALUE(hop_changes) changes = {0};
    HOP_AUTO(hop_error) error = NULL;
    if (!g)
        return;
    if (hop_graph_check(g, plan, &changes, &error) != HOP_OK)
        hop_proof_add_error(proof, "plan", file, error);
    for (size_t i = 0; i < changes.breaks.len; i++)
        hop_proof_add(proof, HOP_PROOF_ERROR, "plan", file,
                      "the graphs on board say otherwise: %s", changes.breaks.items[i]);
}

static const hop_media_release *find_release(const hop_media *m, const char *version,
                                             const char *arch)
{
    for (size_t i = 0; i < m->release_count; i++)
        if (strcmp(m->releases[i].version, version) == 0 &&
            strcmp(m->releases[i].arch, arch) == 0)
            return &m->releases[i];
    return NULL;
}

static void check_releases(const hop_media *m, const hop_plan *plan, const char *file,
                           hop_proof *proof)
{
    for (size_t i = 0; i < plan->best.release_count; i++) {
        const hop_release *wanted = &plan->best.releases[i];
        const hop_media_release *r = find_release(m, wanted->version, plan->arch);
        HOP_AUTO_VALUE(hop_ref) ref = {0};
        HOP_AUTO(hop_error) ignored = NULL;
        bool is_same = r && wanted->payload &&
                       hop_ref_parse(wanted->payload, &ref, &ignored) == HOP_OK &&
                       hop_digest_is_equal(&ref.digest, &r->digest);
        if (is_same)
            continue;
        hop_proof_finding *f = hop_proof_add(
            proof, HOP_PROOF_ERROR, "plan", file, "its path goes through %s, %s",
            wanted->payload ? wanted->payload : wanted->version,
            r ? "and the media has another release of that version"
              : "which is not on the media");
        HOP_AUTO_STR hop = hop_sprintf("%s (%s)", wanted->version, plan->arch);
        hop_strings_add(&f->hops, hop);
    }
}

void hop_board_check(const hop_media_disk *disk, hop_board *board, const char *repository,
                     hop_proof *proof)
{
    const hop_media *m = hop_media_disk_get_media(disk);
    for (size_t i = 0; i < board->plan_count; i++) {
        check_graphs(disk, board->plans[i], board->plan_files[i], proof);
        check_releases(m, board->plans[i], board->plan_files[i], proof);
    }
    if (!board->has_graph_data)
        return;
    hop_planned_data_check(board->plans, board->plan_count, &board->graph_data_info.tree,
                           board->graph_data_name, proof);
    HOP_AUTO_VALUE(hop_buf) scraped = hop_buf_init(HOP_BUF_TEXT);
    hop_served_scrape(proof, repository, &scraped);
    hop_served_check(proof, &scraped, &board->graph_data, board->graph_data_name,
                     board->plans, board->plan_count, &board->served);
}

size_t hop_board_count_left_out(const hop_media_disk *disk)
{
    const hop_media_items *omitted = &hop_media_disk_get_media(disk)->omitted;
    size_t count = 0;
    for (size_t i = 0; i < omitted->len; i++) {
        uint64_t size = 0;
        if (!hop_media_disk_find(disk, &omitted->items[i].digest, &size))
            count++;
    }
    return count;
}

/* ---- the layout of stock oc ---- */

void hop_board_note_stock(const hop_options *o, const hop_media_disk *disk)
{
    const hop_media *m = hop_media_disk_get_media(disk);
    if (hop_media_disk_get_format(disk) != HOP_MEDIA_FORMAT_STOCK)
        return;
    for (size_t i = 0; i < m->release_count; i++)
        if (!m->releases[i].has_components)
            hop_report_note(o,
                            "of release %s (%s) there is the payload only, no component",
                            m->releases[i].version, m->releases[i].arch);
    HOP_AUTO_VALUE(hop_buf) missing = hop_buf_init(HOP_BUF_TEXT);
    if (m->plans.len == 0)
        hop_buf_adds(&missing, " plan,");
    if (m->graph_count == 0)
        hop_buf_adds(&missing, " graphs,");
    if (!m->graph_data && !o->graph_data)
        hop_buf_adds(&missing, " graph-data,");
    if (missing.len > 0)
        hop_report_note(o,
                        "the layout of stock oc has no inventory, and here no%.*s: "
                        "the update path is not checked",
                        (int)missing.len - 1, hop_buf_get(&missing));
}

/* ---- who wrote it ---- */

hop_status hop_board_check_signature(const hop_options *o, const hop_media_disk *disk,
                                     hop_error **err)
{
    size_t count = o->media_keyring.len;
    if (count == 0)
        return HOP_OK;
    hop_keyring *rings = hop_alloc(count, sizeof(*rings));
    hop_status s = HOP_OK;
    for (size_t i = 0; s == HOP_OK && i < count; i++)
        s = hop_trust_read_keyring("--media-keyring", o->media_keyring.items[i],
                                   &rings[i], err);
    if (s == HOP_OK)
        s = hop_media_check_signature(disk, rings, count, (uint64_t)time(NULL), err);
    for (size_t i = 0; i < count; i++) {
        free(rings[i].name);
        free(rings[i].data);
    }
    free(rings);
    if (s != HOP_OK && hop_media_disk_get_format(disk) == HOP_MEDIA_FORMAT_STOCK)
        hop_error_hint(
            err, "leave --media-keyring out, which is for media with " HOP_MEDIA_DOCUMENT
                 "; the signatures of releases are checked all the same");
    if (s == HOP_E_NOT_FOUND) {
        hop_error_drop(err);
        s = hop_error_set(err, HOP_E_SIGNATURE,
                          "the media is not signed, and --media-keyring demands it");
        hop_error_hint(err, "`mirror --sign-with` signs media");
    }
    return s;
}
