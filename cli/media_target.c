/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "media_target.h"

#include "environment.h"
#include "hop_base64.h"
#include "hop_file.h"
#include "plan_report.h"
#include "report.h"
#include "volume_drive.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PREFIX "dir:"

void hop_media_target_clear(hop_media_target *t)
{
    hop_media_writer_free(t->writer);
    hop_buf_clear(&t->graph_data);
    hop_inventory_clear(&t->since);
    free(t->key.name);
    free(t->key.data);
    hop_media_clear(&t->media);
    *t = (hop_media_target){0};
}

/* ---- before the transfer ---- */

/* A flag that is about media has no effect elsewhere, so it was a mistake. */
static hop_status check_registry(const hop_options *o, hop_error **err)
{
    const struct {
        const char *name;
        bool is_set;
    } flags[] = {{"--no-client", o->no_client},
                 {"--media-format", o->media_format != NULL},
                 {"--since", o->since != NULL},
                 {"--sign-with", o->sign_with != NULL},
                 {"--volume-size", o->volume_size != NULL},
                 {"--volume-command", o->volume_command != NULL}};
    for (size_t i = 0; i < HOP_COUNT_OF(flags); i++)
        if (flags[i].is_set)
            return hop_error_set(err, HOP_E_USAGE, "%s is for dir:PATH only",
                                 flags[i].name);
    return HOP_OK;
}

static hop_status read_format(const hop_options *o, hop_media_target *out,
                              hop_error **err)
{
    if (!o->media_format || strcmp(o->media_format, "own") == 0)
        return HOP_OK;
    if (strcmp(o->media_format, "oc") != 0)
        return hop_error_set(err, HOP_E_USAGE, "--media-format %s: expected own or oc",
                             o->media_format);
    const char *other = o->volume_size ? "--volume-size"
                        : o->since     ? "--since"
                        : o->sign_with ? "--sign-with"
                                       : NULL;
    if (other)
        return hop_error_set(err, HOP_E_USAGE, "--media-format oc has no place for %s",
                             other);
    out->format = HOP_MEDIA_FORMAT_STOCK;
    return HOP_OK;
}

/* A number of bytes, or of KiB, MiB, GiB or TiB. */
static bool parse_size(const char *text, uint64_t *out)
{
    static const char units[] = "KMGT";
    uint64_t value = 0, unit = 1;
    size_t digits = strspn(text, "0123456789");
    for (size_t i = 0; i < digits; i++)
        if (!hop_mul_u64(value, 10, &value) ||
            !hop_add_u64(value, (uint64_t)(text[i] - '0'), &value))
            return false;
    const char *end = text + digits;
    const char *at = *end ? strchr(units, *end) : NULL;
    if (digits == 0 || (*end && (!at || end[1])))
        return false;
    for (size_t i = 0; at && i <= (size_t)(at - units); i++)
        unit *= 1024;
    return hop_mul_u64(value, unit, out) && *out <= INT64_MAX;
}

static hop_status read_volumes(const hop_options *o, hop_media_target *out,
                               hop_error **err)
{
    if (!o->volume_size && o->volume_command)
        return hop_error_set(err, HOP_E_USAGE, "--volume-command needs --volume-size");
    if (!o->volume_size)
        return HOP_OK;
    if (!parse_size(o->volume_size, &out->volume_bytes) || out->volume_bytes < HOP_MIB)
        return hop_error_set(err, HOP_E_USAGE,
                             "--volume-size %s: expected a size of at least 1M, as 700M "
                             "or 25G",
                             o->volume_size);
    if (o->recheck)
        return hop_error_set(err, HOP_E_USAGE,
                             "--recheck reads what is there: volumes may be elsewhere");
    return hop_volume_command_check(o->volume_command,
                                    "gets the volume's file and number", err);
}

hop_status hop_media_target_read(const hop_options *o, const char *text,
                                 hop_media_target *out, hop_error **err)
{
    if (!hop_has_prefix(text, PREFIX))
        return check_registry(o, err);
    if (text[strlen(PREFIX)] == '\0')
        return hop_error_set(err, HOP_E_USAGE, "%s: expected dir:PATH", text);
    if (o->resources)
        return hop_error_set(err, HOP_E_USAGE,
                             "--resources: on media they are in PATH/resources");
    if (o->image_base)
        return hop_error_set(err, HOP_E_USAGE,
                             "--image-base: media carry the data; the image is built "
                             "where they are loaded");
    out->path = text + strlen(PREFIX);
    out->has_clients = !o->no_client;
    hop_status s = read_format(o, out, err);
    return s == HOP_OK ? read_volumes(o, out, err) : s;
}

static bool has_release(const hop_order *order, const hop_media_release *r)
{
    for (size_t i = 0; i < order->release_count; i++)
        if (strcmp(order->releases[i].version, r->version) == 0 &&
            strcmp(order->releases[i].arch, r->arch) == 0)
            return true;
    return false;
}

/* Media that were made before are extended, never emptied: a release on them that this
 * run does not have would lose its names. */
static hop_status check_earlier(const hop_media_target *t, const hop_order *order,
                                hop_error **err)
{
    HOP_AUTO_VALUE(hop_media) earlier = {0};
    HOP_AUTO(hop_error) why = NULL;
    if (hop_media_writer_read(t->writer, &earlier, &why) != HOP_OK) {
        HOP_AUTO_VALUE(hop_buf) line = hop_buf_init(HOP_BUF_TEXT);
        hop_error_join(why, &line);
        hop_report_warning("the inventory there is written anew: %s", hop_buf_get(&line));
        return HOP_OK;
    }
    for (size_t i = 0; i < earlier.release_count; i++) {
        const hop_media_release *r = &earlier.releases[i];
        if (has_release(order, r))
            continue;
        hop_status s = hop_error_set(
            err, HOP_E_USAGE, "%s holds release %s (%s), which this run does not have",
            t->path, r->version, r->arch);
        hop_error_hint(err, "use another directory");
        return s;
    }
    return HOP_OK;
}

static hop_status read_since(hop_media_target *t, const char *path, hop_error **err)
{
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_MAX_DOCUMENT);
    hop_status s = hop_file_read(path, &text, err);
    if (s == HOP_OK)
        s = hop_inventory_parse(hop_buf_get(&text), text.len, path, &t->since, err);
    return s == HOP_OK ? s : hop_error_wrap(err, "read --since");
}

static hop_status read_key(hop_media_target *t, const char *path, hop_error **err)
{
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_MAX_SMALL_BODY);
    hop_status s = hop_file_read(path, &text, err);
    if (s != HOP_OK)
        return hop_error_wrap(err, "read --sign-with");
    t->key.name = hop_strdup(path);
    t->key.len = text.len;
    t->key.data = hop_buf_take(&text);
    return HOP_OK;
}

static hop_status read_files(hop_media_target *t, const hop_options *o, hop_error **err)
{
    hop_status s = o->since ? read_since(t, o->since, err) : HOP_OK;
    return s == HOP_OK && o->sign_with ? read_key(t, o->sign_with, err) : s;
}

hop_status hop_media_target_open(hop_media_target *t, const hop_options *o,
                                 const hop_order *order, hop_error **err)
{
    hop_status s = read_files(t, o, err);
    if (s != HOP_OK)
        return s;
    hop_media_writer_opts opts = {.path = t->path,
                                  .format = t->format,
                                  .since = o->since ? &t->since : NULL,
                                  .signing_key = o->sign_with ? &t->key : NULL,
                                  .now_s = (uint64_t)time(NULL),
                                  .volume_bytes = t->volume_bytes,
                                  .volume_command = o->volume_command,
                                  .seed = hop_environment_seed()};
    s = hop_media_writer_open(&opts, &t->writer, err);
    return s == HOP_OK ? check_earlier(t, order, err) : s;
}

bool hop_media_target_gives_client(const hop_media_target *t, const hop_order *order,
                                   size_t release)
{
    const hop_order_release *r = &order->releases[release];
    if (!t->path || !t->has_clients)
        return false;
    for (size_t i = 0; i < order->plan_count; i++) {
        const hop_route *best = &order->plans[i]->best;
        if (best->release_count > 0 &&
            strcmp(best->releases[best->release_count - 1].version, r->version) == 0)
            return true;
    }
    for (size_t i = release + 1; i < order->release_count; i++)
        if (strcmp(order->releases[i].arch, r->arch) == 0)
            return false;
    return order->plan_count == 0;
}

/* ---- after it ---- */

static hop_status add_text(hop_media_target *t, const char *path, const hop_buf *text,
                           hop_error **err)
{
    return hop_media_writer_add_file(t->writer, &t->media, path, hop_buf_get(text),
                                     text->len, err);
}

static hop_status add_plans(hop_media_target *t, const hop_order *order, hop_error **err)
{
    hop_status s = HOP_OK;
    for (size_t i = 0; s == HOP_OK && i < order->set_count; i++) {
        HOP_AUTO(hop_json) doc = hop_plan_set_report_json(order->sets[i]);
        HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
        HOP_AUTO_STR path = hop_sprintf("plan-%s.json", order->sets[i]->plans[0]->arch);
        hop_json_dump(doc, HOP_JSON_INDENT, &text);
        hop_buf_addc(&text, '\n');
        s = add_text(t, path, &text, err);
        if (s == HOP_OK)
            hop_strings_add(&t->media.plans, path);
    }
    return s;
}

static bool is_taken(const hop_media *m, const char *path)
{
    return hop_media_files_find(&m->files, path) != NULL;
}

static char *graph_path(const hop_media *m, const struct hop_graph_document *d)
{
    HOP_AUTO_STR path =
        d->channel ? hop_sprintf("graphs/%s-%s.json", d->channel, d->arch) : NULL;
    for (size_t n = 1; !path || is_taken(m, path); n++) {
        free(path);
        path = hop_sprintf("graphs/graph-%zu-%s.json", n, d->arch);
    }
    return hop_steal(&path);
}

static hop_status add_graphs(hop_media_target *t, const hop_graph_documents *graphs,
                             hop_error **err)
{
    hop_status s = HOP_OK;
    for (size_t i = 0; s == HOP_OK && i < graphs->len; i++) {
        const struct hop_graph_document *d = &graphs->items[i];
        HOP_AUTO_STR path = graph_path(&t->media, d);
        s = hop_media_writer_add_file(t->writer, &t->media, path, d->data, d->len, err);
        if (s == HOP_OK)
            hop_media_add_graph(&t->media, d->channel ? d->channel : "", d->arch, path);
    }
    return s;
}

static hop_status add_graph_data(hop_media_target *t, const hop_digest *tree,
                                 hop_error **err)
{
    if (t->graph_data.len < 2)
        return HOP_OK;
    bool is_gzip = memcmp(t->graph_data.data, "\x1f\x8b", 2) == 0;
    const char *path = is_gzip ? HOP_MEDIA_GRAPH_DATA : "graph-data.tar";
    t->media.graph_data = hop_strdup(path);
    t->media.graph_data_tree = *tree;
    return add_text(t, path, &t->graph_data, err);
}

/* The ConfigMap that `oc adm release mirror` writes: one line of JSON. */
static hop_status add_config_map(hop_media_target *t, const hop_trust_release *r,
                                 hop_error **err)
{
    const char *hex = hop_digest_get_hex(&r->payload);
    HOP_AUTO_STR name = hop_sprintf("sha256-%s", hex);
    HOP_AUTO_STR path = hop_sprintf("config/signature-sha256-%.16s.json", hex);
    HOP_AUTO(hop_json) doc = hop_json_new_object();
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    hop_json_set_string(doc, "kind", "ConfigMap");
    hop_json_set_string(doc, "apiVersion", "v1");
    hop_json *metadata = hop_json_add_object(doc, "metadata");
    hop_json_set_string(metadata, "name", name);
    hop_json_set_string(metadata, "namespace", "openshift-config-managed");
    hop_json_set_string(hop_json_add_object(metadata, "labels"),
                        "release.openshift.io/verification-signatures", "");
    hop_json *data = hop_json_add_object(doc, "binaryData");
    unsigned number = 0;
    for (size_t k = 0; k < r->signatures.len; k++) {
        const hop_signature_found *f = &r->signatures.items[k];
        if (!f->is_good)
            continue;
        HOP_AUTO_STR key = hop_sprintf("%s-%u", name, ++number);
        HOP_AUTO_VALUE(hop_buf) base64 = hop_buf_init(HOP_BUF_TEXT);
        hop_base64_add(&base64, f->data, f->len);
        hop_json_set_string(data, key, hop_buf_get(&base64));
    }
    hop_json_dump(doc, HOP_JSON_COMPACT, &text);
    hop_buf_addc(&text, '\n');
    return number > 0 && !is_taken(&t->media, path) ? add_text(t, path, &text, err)
                                                    : HOP_OK;
}

static hop_status add_signatures(hop_media_target *t, const hop_trust *trust,
                                 hop_error **err)
{
    hop_status s = HOP_OK;
    for (size_t i = 0;
         t->format == HOP_MEDIA_FORMAT_STOCK && s == HOP_OK && i < trust->release_count;
         i++)
        s = add_config_map(t, &trust->releases[i], err);
    if (t->format == HOP_MEDIA_FORMAT_STOCK)
        return s;
    for (size_t i = 0; i < trust->release_count; i++) {
        const hop_trust_release *r = &trust->releases[i];
        unsigned number = 1;
        for (size_t k = 0; s == HOP_OK && k < r->signatures.len; k++) {
            const hop_signature_found *f = &r->signatures.items[k];
            HOP_AUTO_STR path = hop_media_signature_path(&r->payload, number);
            if (!f->is_good || is_taken(&t->media, path))
                continue;
            s = hop_media_writer_add_file(t->writer, &t->media, path, f->data, f->len,
                                          err);
            if (s == HOP_OK)
                hop_media_add_signature(&t->media, &r->payload, path);
            number++;
        }
    }
    return s;
}

hop_status hop_media_target_add_clients(hop_media_target *t, const hop_mirror *mirror,
                                        hop_strings *paths, hop_error **err)
{
    HOP_AUTO_VALUE(hop_strings) missing = {0};
    if (!t->has_clients || !t->writer)
        return HOP_OK;
    hop_status s = hop_mirror_write_clients(mirror, &t->media, &missing, err);
    for (size_t i = 0; s == HOP_OK && i < missing.len; i++)
        hop_report_warning("no image on the media has an oc for linux/%s",
                           missing.items[i]);
    for (size_t i = 0; s == HOP_OK && i < t->media.clients.len; i++) {
        char *path = hop_sprintf("../%s", t->media.clients.items[i]);
        hop_strings_take(paths, &path);
    }
    return s;
}

static hop_status add_resources(hop_media_target *t, const hop_tree *resources,
                                hop_error **err)
{
    hop_status s = HOP_OK;
    for (size_t i = 0; s == HOP_OK && i < resources->len; i++) {
        const hop_tree_file *f = &resources->files[i];
        HOP_AUTO_STR path = hop_sprintf("resources/%s", f->path);
        /* A version's build metadata; FAT would bear it, the grammar of names does not.
         */
        for (char *plus = path; (plus = strchr(plus, '+'));)
            *plus = '_';
        s = hop_media_writer_add_file(t->writer, &t->media, path, f->data, f->len, err);
    }
    return s;
}

/* What the update graph knows of the releases, which their payloads do not say. */
static void describe_releases(hop_media *m, const hop_order *order)
{
    for (size_t i = 0; i < m->release_count && i < order->release_count; i++) {
        const hop_order_release *from = &order->releases[i];
        m->releases[i].url = hop_strdup(from->url);
        for (size_t k = 0; k < from->channels.len; k++)
            hop_strings_add(&m->releases[i].channels, from->channels.items[k]);
    }
}

static hop_status add_files(hop_media_target *t, const hop_media_parts *parts,
                            hop_error **err)
{
    hop_status s = add_plans(t, parts->order, err);
    if (s == HOP_OK)
        s = add_graphs(t, &parts->order->graphs, err);
    if (s == HOP_OK)
        s = add_graph_data(t, parts->graph_data, err);
    if (s == HOP_OK)
        s = add_signatures(t, parts->trust, err);
    return s == HOP_OK ? add_resources(t, parts->resources, err) : s;
}

hop_status hop_media_target_finish(hop_media_target *t, const hop_media_parts *parts,
                                   hop_error **err)
{
    hop_media *m = &t->media;
    m->repository = hop_strdup(parts->place->repository);
    m->release_repository = hop_strdup(parts->place->release_repository);
    m->graph_data_repository = hop_strdup(parts->place->graph_data_repository);
    hop_mirror_get_media(parts->mirror, m);
    describe_releases(m, parts->order);
    hop_status s = add_files(t, parts, err);
    return s == HOP_OK ? hop_media_writer_finish(t->writer, m, err) : s;
}
