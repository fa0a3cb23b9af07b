/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "graph_source.h"

#include "command.h"
#include "hop_file.h"
#include "hop_mirror.h"
#include "hop_oci.h"
#include "registry_options.h"
#include "releases_source.h"
#include "report.h"

#include <stdlib.h>
#include <string.h>

/* The last minor of a major is known only by asking: `<stream>-4.N` upward until a
 * channel is empty. */
#define MAX_MINORS 64

typedef struct minor {
    uint64_t major, minor;
} minor;

/* ---- architectures ---- */

hop_status hop_graph_source_archs(const hop_options *o, hop_strings *out, hop_error **err)
{
    for (size_t i = 0; i < o->arch.len; i++) {
        const char *arch = hop_arch_parse(o->arch.items[i]);
        if (!arch)
            return hop_error_set(
                err, HOP_E_USAGE,
                "--arch %s: expected amd64, arm64, ppc64le, s390x or multi",
                o->arch.items[i]);
        if (!hop_strings_has(out, arch))
            hop_strings_add(out, arch);
    }
    if (out->len == 0)
        hop_strings_add(out, "amd64");
    return HOP_OK;
}

/* ---- files ---- */

/* What `--graph [CHANNEL[/ARCH]=]FILE` says. Strings are owned. */
typedef struct named_file {
    char *channel;
    const char *arch; /* static; NULL when it names none */
    const char *path;
} named_file;

static hop_status read_name(const char *text, named_file *out, hop_error **err)
{
    *out = (named_file){.path = text};
    size_t name = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789.-_/");
    if (text[name] != '=')
        return HOP_OK;
    HOP_AUTO_STR left = hop_strndup(text, name);
    char *slash = strchr(left, '/');
    if (slash) {
        *slash = '\0';
        out->arch = hop_arch_parse(slash + 1);
        if (!out->arch)
            return hop_error_set(err, HOP_E_USAGE,
                                 "--graph %s: \"%s\" is no architecture", text,
                                 slash + 1);
    }
    if (!hop_channel_is_valid(left))
        return hop_error_set(err, HOP_E_USAGE, "--graph %s: \"%s\" is no channel name",
                             text, left);
    out->channel = hop_strdup(left);
    out->path = text + name + 1;
    return HOP_OK;
}

static bool is_kept(const hop_graph_documents *keep, const char *channel,
                    const char *arch, const hop_buf *text)
{
    for (size_t i = 0; i < keep->len; i++) {
        const struct hop_graph_document *d = &keep->items[i];
        if (strcmp(d->channel ? d->channel : "", channel ? channel : "") == 0 &&
            strcmp(d->arch, arch) == 0 && d->len == text->len &&
            memcmp(d->data, hop_buf_get(text), text->len) == 0)
            return true;
    }
    return false;
}

/* One that is read twice, as for several parts of a configuration, is kept once. */
static void keep_document(hop_graph_documents *keep, const char *channel,
                          const char *arch, const hop_buf *text)
{
    if (!keep || is_kept(keep, channel, arch, text))
        return;
    keep->items = hop_grow(keep->items, keep->len, &keep->cap, sizeof(*keep->items));
    keep->items[keep->len++] =
        (struct hop_graph_document){.channel = hop_strdup(channel),
                                    .arch = arch,
                                    .data = hop_strndup(hop_buf_get(text), text->len),
                                    .len = text->len};
}

void hop_graph_documents_clear(hop_graph_documents *documents)
{
    for (size_t i = 0; i < documents->len; i++) {
        free(documents->items[i].channel);
        free(documents->items[i].data);
    }
    free(documents->items);
    *documents = (hop_graph_documents){0};
}

static hop_status add_file(hop_graph *g, const named_file *file, const char *arch,
                           hop_graph_documents *keep, hop_error **err)
{
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_MAX_DOCUMENT);
    hop_status s = hop_file_read(file->path, &text, err);
    if (s != HOP_OK)
        return hop_error_wrap(err, "read update graph");
    hop_graph_source source = {.name = file->path, .channel = file->channel};
    s = hop_graph_add(g, hop_buf_get(&text), text.len, &source, err);
    if (s == HOP_OK)
        keep_document(keep, file->channel, arch, &text);
    return s;
}

static hop_status load_files(const hop_options *o, const char *arch,
                             hop_graph_documents *keep, hop_graph *g, hop_error **err)
{
    HOP_AUTO_VALUE(hop_strings) archs = {0};
    hop_status s = hop_graph_source_archs(o, &archs, err);
    for (size_t i = 0; s == HOP_OK && i < o->graph.len; i++) {
        named_file file;
        s = read_name(o->graph.items[i], &file, err);
        if (s != HOP_OK)
            return s;
        if (archs.len > 1 && !file.arch)
            s = hop_error_set(
                err, HOP_E_USAGE,
                "--graph %s: with several --arch each file must name its own, as "
                "CHANNEL/ARCH=FILE",
                o->graph.items[i]);
        else if (!file.arch || strcmp(file.arch, arch) == 0)
            s = add_file(g, &file, arch, keep, err);
        free(file.channel);
    }
    return s;
}

/* ---- the update service ---- */

/* {"kind":…,"value":…} is how the service says what it does not like. */
static hop_status refuse(const char *name, long status, const hop_buf *body,
                         hop_error **err)
{
    HOP_AUTO(hop_error) ignored = NULL;
    HOP_AUTO(hop_json) doc = NULL;
    const char *value = NULL;
    if (hop_json_parse(hop_buf_get(body), body->len, "answer", &doc, &ignored) ==
        HOP_OK) {
        hop_json_view root = hop_json_root(doc, "answer");
        if (hop_json_get_string(&root, "value", &value, &ignored) != HOP_OK)
            value = NULL;
    }
    hop_status s = status == 401 || status == 403 ? HOP_E_AUTH : HOP_E_NET;
    if (value)
        return hop_error_set(err, s, "GET %s: %ld: the update service says: %.500s", name,
                             status, value);
    s = hop_error_set(err, s, "GET %s: %ld, which is no answer of an update service",
                      name, status);
    hop_error_hint(err, "check --upstream; it ends in /api/upgrades_info/v1/graph");
    return s;
}

static hop_status fetch_graph(const hop_options *o, const char *url, hop_buf *body,
                              hop_error **err)
{
    hop_fetch_opts fetch;
    hop_registry_fetch(&o->common, &o->common, &fetch);
    fetch.accept = "application/json";
    HOP_AUTO_VALUE(hop_fetch_info) info = {0};
    hop_status s = hop_fetch(&fetch, url, body, &info, err);
    if (s != HOP_OK)
        return s;
    HOP_AUTO_STR name = hop_fetch_public_url(url);
    return info.status == 200 ? HOP_OK : refuse(name, info.status, body, err);
}

static hop_status save_graph(const hop_options *o, const char *channel, const char *arch,
                             const hop_buf *body, hop_error **err)
{
    if (!o->save_graphs)
        return HOP_OK;
    hop_status s = hop_dir_make(o->save_graphs, err);
    if (s != HOP_OK)
        return s;
    HOP_AUTO_STR path = hop_sprintf("%s/%s-%s.json", o->save_graphs, channel, arch);
    return hop_file_write(path, hop_buf_get(body), body->len, err);
}

/* Who is asked for channels: a service on the network, or one that is simulated. */
typedef struct service {
    const hop_options *o;
    const char *arch;
    hop_osus *simulated;       /* NULL: the network */
    hop_graph_documents *keep; /* NULL: the answers are not kept */
} service;

static hop_status ask(const service *from, const char *channel, const char *url,
                      hop_buf *body, hop_error **err)
{
    if (hop_signal_get())
        return hop_error_set(err, HOP_E_CANCELLED, "stopped by a signal");
    if (!from->simulated)
        return fetch_graph(from->o, url, body, err);
    HOP_AUTO(hop_json)
    answer = hop_osus_get_channel(from->simulated, channel, from->arch);
    hop_json_dump(answer, HOP_JSON_COMPACT, body);
    return HOP_OK;
}

static char *add_query(const char *upstream, const service *from, const char *channel)
{
    return hop_sprintf("%s%cchannel=%s&arch=%s", upstream,
                       strchr(upstream, '?') ? '&' : '?', channel, from->arch);
}

static const char *upstream_of(const service *from)
{
    return from->o->upstream ? from->o->upstream : HOP_DEFAULT_UPSTREAM;
}

/* As it may be shown: what else stands in the address may be a secret. */
static char *name_answer(const service *from, const char *channel)
{
    if (from->simulated)
        return hop_sprintf("%s, as channel %s of %s", from->o->releases, channel,
                           from->arch);
    HOP_AUTO_STR upstream = hop_fetch_public_url(upstream_of(from));
    return add_query(upstream, from, channel);
}

/* *was_empty: the channel has no release, which is how the service answers for one that
 * does not exist. */
static hop_status add_channel(const service *from, const char *channel, hop_graph *g,
                              bool *was_empty, hop_error **err)
{
    const hop_options *o = from->o;
    HOP_AUTO_STR url = add_query(upstream_of(from), from, channel);
    HOP_AUTO_STR name = name_answer(from, channel);
    HOP_AUTO_VALUE(hop_buf) body = hop_buf_init(HOP_MAX_DOCUMENT);
    hop_status s = ask(from, channel, url, &body, err);
    size_t before = hop_graph_count(g);
    /* A channel whose releases are all known already is not empty, so it is looked at by
     * itself. */
    HOP_AUTO(hop_graph) alone = hop_graph_new();
    hop_graph_source source = {.name = name, .channel = channel};
    if (s == HOP_OK)
        s = hop_graph_add(alone, hop_buf_get(&body), body.len, &source, err);
    if (s != HOP_OK)
        return hop_error_wrap(err, "read channel %s", channel);
    *was_empty = hop_graph_count(alone) == 0;
    if (*was_empty) {
        if (o->verbose)
            hop_report_note(o, "channel %s has no releases for %s", channel, from->arch);
        return HOP_OK;
    }
    s = hop_graph_add(g, hop_buf_get(&body), body.len, &source, err);
    if (s == HOP_OK && o->verbose)
        hop_report_note(o, "channel %s: %zu releases, %zu of them new", channel,
                        hop_graph_count(alone), hop_graph_count(g) - before);
    if (s == HOP_OK)
        keep_document(from->keep, channel, from->arch, &body);
    return s == HOP_OK ? save_graph(o, channel, from->arch, &body, err) : s;
}

/* A version, a minor ("4.16"), or "latest": the highest that there can be. */
static hop_status read_minor(const char *text, minor *out, hop_error **err)
{
    if (strcmp(text, "latest") == 0) {
        *out = (minor){UINT64_MAX, 0};
        return HOP_OK;
    }
    size_t digits = strspn(text, "0123456789.");
    const char *dot = strchr(text, '.');
    bool is_minor = text[digits] == '\0' && dot && !strchr(dot + 1, '.');
    HOP_AUTO_STR full = hop_sprintf("%s%s", text, is_minor ? ".0" : "");
    hop_version v;
    hop_status s = hop_version_parse(full, &v, err);
    if (s != HOP_OK)
        return hop_options_blame(err);
    if (!hop_version_get_minor(&v, &out->major, &out->minor))
        return hop_error_set(err, HOP_E_USAGE, "version %s: numbers too long", text);
    return HOP_OK;
}

static bool is_before(const minor *a, const minor *b)
{
    return a->major != b->major ? a->major < b->major : a->minor < b->minor;
}

static hop_status find_range(const hop_strings *versions, minor *low, minor *high,
                             hop_error **err)
{
    for (size_t i = 0; i < versions->len; i++) {
        minor m;
        hop_status s = read_minor(versions->items[i], &m, err);
        if (s != HOP_OK)
            return s;
        if (i == 0 || is_before(&m, low))
            *low = m;
        if (i == 0 || is_before(high, &m))
            *high = m;
    }
    return HOP_OK;
}

static bool has_minor(const hop_graph *g, const minor *wanted)
{
    for (size_t i = 0; i < hop_graph_count(g); i++) {
        hop_version v;
        uint64_t major = 0, number = 0;
        HOP_AUTO(hop_error) ignored = NULL;
        if (hop_version_parse(hop_graph_get_release(g, i)->version, &v, &ignored) ==
                HOP_OK &&
            hop_version_get_minor(&v, &major, &number) && major == wanted->major &&
            number == wanted->minor)
            return true;
    }
    return false;
}

/* `<stream>-X.Y` of every minor from the lowest to the highest. Across a major, where its
 * last minor is not known, upward until two channels in a row are empty: eus channels
 * have even minors only. Channels in `known` were read already; it may be NULL. */
static hop_status load_stream(const service *from, const char *stream,
                              const hop_strings *versions, const hop_strings *known,
                              hop_graph *g, hop_error **err)
{
    minor at = {0}, high = {0};
    hop_status s = find_range(versions, &at, &high, err);
    size_t empty_in_a_row = 0;
    bool found_in_major = false;
    for (size_t asked = 0; s == HOP_OK && !is_before(&high, &at); asked++) {
        if (asked >= MAX_MINORS)
            return hop_error_set(err, HOP_E_USAGE,
                                 "more than %d minors between the versions", MAX_MINORS);
        HOP_AUTO_STR channel =
            hop_sprintf("%s-%llu.%llu", stream, (unsigned long long)at.major,
                        (unsigned long long)at.minor);
        bool is_empty = false;
        if (!known || !hop_strings_has(known, channel))
            s = add_channel(from, channel, g, &is_empty, err);
        /* A server with one graph for all channels never answers empty. */
        is_empty = is_empty || (s == HOP_OK && !has_minor(g, &at));
        empty_in_a_row = is_empty ? empty_in_a_row + 1 : 0;
        found_in_major = found_in_major || !is_empty;
        if (at.major < high.major && empty_in_a_row >= 2) {
            if (!found_in_major)
                break; /* the latest major was the one before */
            at = (minor){at.major + 1, 0};
            empty_in_a_row = 0;
            found_in_major = false;
        } else {
            at.minor++;
        }
    }
    return s;
}

static hop_status check_stream(const hop_options *o, hop_error **err)
{
    static const char *const streams[] = {"stable", "fast", "candidate", "eus"};
    if (!o->stream)
        return HOP_OK;
    if (o->channel.len)
        return hop_error_set(err, HOP_E_USAGE,
                             "--stream and --channel say the same thing twice");
    for (size_t i = 0; i < HOP_COUNT_OF(streams); i++)
        if (strcmp(o->stream, streams[i]) == 0)
            return HOP_OK;
    /* OKD and house-made services have streams of their own. */
    if (o->upstream && hop_channel_is_valid(o->stream))
        return HOP_OK;
    return hop_error_set(err, HOP_E_USAGE,
                         "--stream %s: expected stable, fast, candidate or eus",
                         o->stream);
}

static hop_status load_channels(const service *from, const hop_strings *channels,
                                hop_graph *g, hop_error **err)
{
    hop_status s = HOP_OK;
    for (size_t i = 0; s == HOP_OK && i < channels->len; i++) {
        bool is_empty = false;
        if (!hop_channel_is_valid(channels->items[i]))
            return hop_error_set(err, HOP_E_USAGE,
                                 "--channel %s: a channel is written with a-z 0-9 . -",
                                 channels->items[i]);
        s = add_channel(from, channels->items[i], g, &is_empty, err);
        if (s == HOP_OK && is_empty)
            hop_report_warning("channel %s has no releases for %s", channels->items[i],
                               from->arch);
    }
    return s;
}

static hop_status load_service(const service *from, const hop_strings *versions,
                               hop_graph *g, hop_error **err)
{
    const hop_options *o = from->o;
    if (o->channel.len == 0)
        return load_stream(from, o->stream ? o->stream : "stable", versions, NULL, g,
                           err);
    return load_channels(from, &o->channel, g, err);
}

/* One source of graphs at a time. */
static hop_status check_sources(const hop_options *o, hop_error **err)
{
    if (o->graph.len && (o->upstream || o->save_graphs))
        return hop_error_set(err, HOP_E_USAGE,
                             "--graph reads files: it cannot go with %s",
                             o->upstream ? "--upstream" : "--save-graphs");
    if (o->graph.len && o->stream)
        return hop_error_set(err, HOP_E_USAGE,
                             "--graph names the documents: --stream has no effect");
    if (o->releases && (o->graph.len || o->upstream))
        return hop_error_set(err, HOP_E_USAGE,
                             "--releases takes the place of an update service: it cannot "
                             "go with %s",
                             o->upstream ? "--upstream" : "--graph");
    return check_stream(o, err);
}

/* The service that is asked; *simulated owns one that stands in for it, and the graph
 * learns what that is fed with. */
static hop_status open_service(const hop_options *o, const char *arch,
                               hop_osus **simulated, hop_graph *g, service *out,
                               hop_error **err)
{
    hop_digest tree;
    hop_status s = o->releases ? hop_releases_load(o, simulated, &tree, err) : HOP_OK;
    if (s == HOP_OK && o->releases)
        hop_graph_note_data(g, tree.text);
    out->o = o;
    out->arch = arch;
    out->simulated = *simulated;
    return s;
}

hop_status hop_graph_source_load_channels(const hop_options *o, const char *arch,
                                          const hop_strings *channels, const char *stream,
                                          const hop_strings *versions,
                                          hop_graph_documents *keep, hop_graph **out,
                                          hop_error **err)
{
    HOP_AUTO(hop_osus) simulated = NULL;
    HOP_AUTO(hop_graph) g = hop_graph_new();
    service from = {.keep = keep};
    hop_status s = open_service(o, arch, &simulated, g, &from, err);
    if (s == HOP_OK)
        s = o->graph.len ? load_files(o, arch, keep, g, err)
                         : load_channels(&from, channels, g, err);
    if (s == HOP_OK && o->graph.len == 0 && stream)
        s = load_stream(&from, stream, versions, channels, g, err);
    if (s == HOP_OK)
        *out = hop_steal(&g);
    return s;
}

hop_status hop_graph_source_load(const hop_options *o, const char *arch,
                                 const hop_strings *versions, hop_graph_documents *keep,
                                 hop_graph **out, hop_error **err)
{
    HOP_AUTO(hop_osus) simulated = NULL;
    HOP_AUTO(hop_graph) g = hop_graph_new();
    service from = {.keep = keep};
    hop_status s = check_sources(o, err);
    if (s == HOP_OK)
        s = open_service(o, arch, &simulated, g, &from, err);
    if (s == HOP_OK)
        s = o->graph.len ? load_files(o, arch, keep, g, err)
                         : load_service(&from, versions, g, err);
    if (s == HOP_OK)
        *out = hop_steal(&g);
    return s;
}

bool hop_graph_source_is_member(const hop_graph *g, const hop_release *r,
                                const char *channel)
{
    for (size_t i = 0; i < r->channels.len; i++)
        if (strcmp(r->channels.items[i], channel) == 0)
            return true;
    return hop_graph_has_in_channel(g, r, channel);
}

void hop_graph_source_warn(const hop_options *o, const hop_graph *g)
{
    static const size_t shown_at_most = 5;
    const hop_strings *warnings = hop_graph_get_warnings(g);
    size_t shown =
        o->verbose || warnings->len <= shown_at_most ? warnings->len : shown_at_most;
    for (size_t i = 0; i < shown; i++)
        hop_report_note(o, "%s", warnings->items[i]);
    if (shown < warnings->len)
        hop_report_note(o, "%zu more like these; -v shows them", warnings->len - shown);
}
