/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image_set_order.h"

#include "graph_source.h"
#include "hop_file.h"
#include "hop_oci.h"
#include "planning.h"
#include "report.h"

#include <stdlib.h>
#include <string.h>

/* One architecture and platform type of a configuration. */
typedef struct scope {
    const hop_options *o;
    const hop_graph *g;
    const char *arch;
    const hop_image_set_channel **channels; /* of that type, in the file's order */
    size_t count;
    hop_order *out;
} scope;

/* Versions, borrowed from the graph or the configuration. */
typedef struct range {
    const char *min;
    const char *max;
} range;

/* ---- channels ---- */

static bool is_before(const char *a, const char *b)
{
    hop_version x, y;
    HOP_AUTO(hop_error) ignored = NULL;
    return hop_version_parse(a, &x, &ignored) == HOP_OK &&
           hop_version_parse(b, &y, &ignored) == HOP_OK &&
           hop_version_compare(&x, &y) < 0;
}

/* Release i of the graph, newest first, if the channel has it; else NULL. */
static const hop_release *get_member(const scope *s, const char *channel, size_t i)
{
    const hop_release *r = hop_graph_get_release(s->g, i);
    return r->payload && hop_graph_source_is_member(s->g, r, channel) ? r : NULL;
}

static const hop_release *find_oldest(const scope *s, const char *channel)
{
    const hop_release *r = NULL;
    for (size_t i = hop_graph_count(s->g); !r && i > 0; i--)
        r = get_member(s, channel, i - 1);
    return r;
}

/* The head: the newest that is generally available, where there is any such. */
static const hop_release *find_head(const scope *s, const char *channel)
{
    const hop_release *newest = NULL;
    for (size_t i = 0; i < hop_graph_count(s->g); i++) {
        const hop_release *r = get_member(s, channel, i);
        if (r && !r->is_prerelease)
            return r;
        newest = newest ? newest : r;
    }
    return newest;
}

static bool is_in_range(const char *version, const range *wanted)
{
    return !is_before(version, wanted->min) && !is_before(wanted->max, version);
}

static void note_missing_end(const scope *s, const hop_image_set_channel *c,
                             const char *key, const char *version)
{
    const hop_release *r =
        version ? hop_graph_find_release(s->g, version, s->arch) : NULL;
    if (version && !(r && hop_graph_source_is_member(s->g, r, c->name)))
        hop_report_warning("%s %s (line %zu) is not in channel %s for %s", key, version,
                           c->line, c->name, s->arch);
}

/* Narrows a range to the releases that the channel has of it. */
static hop_status narrow(const scope *s, const hop_image_set_channel *c, range *inout,
                         hop_error **err)
{
    const hop_release *lowest = NULL, *highest = NULL;
    note_missing_end(s, c, "minVersion", c->min);
    note_missing_end(s, c, "maxVersion", c->max);
    for (size_t i = 0; i < hop_graph_count(s->g); i++) {
        const hop_release *r = get_member(s, c->name, i);
        if (!r || !is_in_range(r->version, inout))
            continue;
        highest = highest ? highest : r;
        lowest = r;
    }
    if (!lowest)
        return hop_error_set(err, HOP_E_NO_PATH,
                             "channel %s (line %zu) has no release from %s to %s for %s",
                             c->name, c->line, inout->min, inout->max, s->arch);
    *inout = (range){.min = lowest->version, .max = highest->version};
    return HOP_OK;
}

static hop_status find_range(const scope *s, const hop_image_set_channel *c, range *out,
                             hop_error **err)
{
    const hop_release *oldest = find_oldest(s, c->name), *head = find_head(s, c->name);
    if (!head)
        return hop_error_set(err, HOP_E_NO_PATH, "channel %s has no releases for %s",
                             c->name, s->arch);
    out->max = c->max ? c->max : head->version;
    if (c->min)
        out->min = c->min;
    else
        out->min = c->max || c->is_full ? oldest->version : head->version;
    /* A path needs the very ends that were asked for, a range takes what is there. */
    return c->is_shortest_path ? HOP_OK : narrow(s, c, out, err);
}

static hop_status add_range(const scope *s, const hop_image_set_channel *c,
                            const range *wanted, hop_error **err)
{
    hop_status status = HOP_OK;
    bool is_whole =
        c->is_full && !c->min && !c->max; /* pre-releases above the head too */
    for (size_t i = hop_graph_count(s->g); status == HOP_OK && i > 0; i--) {
        const hop_release *r = get_member(s, c->name, i - 1);
        if (r && (is_whole || is_in_range(r->version, wanted)))
            status = hop_order_add_release(s->out, r, s->arch, HOP_COMPONENTS_COPY, err);
    }
    return status;
}

/* ---- paths ---- */

static hop_status add_route(const scope *s, const hop_plan *plan, hop_error **err)
{
    hop_status status = HOP_OK;
    for (size_t i = 0; status == HOP_OK && i < plan->best.release_count; i++)
        status = hop_order_add_release(s->out, &plan->best.releases[i], s->arch,
                                       HOP_COMPONENTS_COPY, err);
    return status;
}

/* *stop: the order holds a plan that cannot be followed; nothing more is needed. */
static hop_status add_shortest(const scope *s, const range *wanted, bool *stop,
                               hop_error **err)
{
    HOP_AUTO(hop_plan_set) set = NULL;
    hop_status status =
        hop_planning_between(s->o, s->g, s->arch, wanted->min, wanted->max, &set, err);
    if (status != HOP_OK)
        return status;
    *stop = !hop_planning_set_is_usable(set);
    if (!*stop)
        return add_route(s, set->plans[0], err);
    hop_order_take_set(s->out, &set);
    return HOP_OK;
}

/* The path that the runbook is about: from the lowest version to the highest. It is
 * needed where a shortest path was asked for, else it is welcome. */
static hop_status add_main_path(const scope *s, const range *wanted, bool is_needed,
                                bool *stop, hop_error **err)
{
    if (!is_before(wanted->min, wanted->max))
        return HOP_OK;
    HOP_AUTO(hop_plan_set) set = NULL;
    hop_status status =
        hop_planning_between(s->o, s->g, s->arch, wanted->min, wanted->max, &set, err);
    if (status != HOP_OK)
        return status;
    bool is_usable = hop_planning_set_is_usable(set);
    *stop = !is_usable && is_needed;
    if (is_usable)
        status = add_route(s, set->plans[0], err);
    else if (!is_needed)
        hop_report_warning(
            "no update path from %s to %s (%s)%s: only the releases of the "
            "channels are mirrored",
            wanted->min, wanted->max, s->arch,
            set->status == HOP_PLAN_NEEDS_RISKS
                ? " without risks that --accept-risk would have to name"
                : "");
    if (status == HOP_OK && (is_usable || is_needed))
        hop_order_take_set(s->out, &set);
    return status;
}

static hop_status add_channels(const scope *s, const range *ranges, range whole,
                               bool has_path, hop_error **err)
{
    bool needs_path = false, stop = false;
    hop_status status = HOP_OK;
    for (size_t i = 0; i < s->count; i++)
        needs_path = needs_path || s->channels[i]->is_shortest_path;
    if (has_path)
        status = add_main_path(s, &whole, needs_path, &stop, err);
    for (size_t i = 0; status == HOP_OK && !stop && i < s->count; i++) {
        if (s->channels[i]->is_shortest_path)
            status = add_shortest(s, &ranges[i], &stop, err);
        else
            status = add_range(s, s->channels[i], &ranges[i], err);
    }
    return status;
}

static hop_status add_scope(const scope *s, bool has_path, hop_error **err)
{
    hop_status status = HOP_OK;
    range *ranges = hop_alloc(s->count, sizeof(*ranges));
    range whole = {0};
    for (size_t i = 0; status == HOP_OK && i < s->count; i++) {
        status = find_range(s, s->channels[i], &ranges[i], err);
        if (status != HOP_OK)
            break;
        if (i == 0 || is_before(ranges[i].min, whole.min))
            whole.min = ranges[i].min;
        if (i == 0 || is_before(whole.max, ranges[i].max))
            whole.max = ranges[i].max;
    }
    if (status == HOP_OK)
        status = add_channels(s, ranges, whole, has_path, err);
    free(ranges);
    return status;
}

/* ---- graphs ---- */

/* "stable-4.16": where its minor begins, or NULL. */
static const char *minor_of(const char *channel)
{
    const char *dash = strrchr(channel, '-');
    if (!dash || dash == channel)
        return NULL;
    size_t major = strspn(dash + 1, "0123456789");
    const char *dot = dash + 1 + major;
    size_t minor = major && *dot == '.' ? strspn(dot + 1, "0123456789") : 0;
    return minor && dot[1 + minor] == '\0' ? dash + 1 : NULL;
}

static bool is_lower_minor(const char *a, const char *b)
{
    HOP_AUTO_STR x = hop_sprintf("%s.0", a);
    HOP_AUTO_STR y = hop_sprintf("%s.0", b);
    return is_before(x, y);
}

/* Several minors are joined over those between them, in the lowest channel's stream. A
 * heap string, or NULL when nothing lies between. */
static char *find_stream(const scope *s, hop_strings *minors)
{
    const char *lowest = NULL;
    for (size_t i = 0; i < s->count; i++) {
        const char *minor = minor_of(s->channels[i]->name);
        if (!minor)
            continue;
        if (!hop_strings_has(minors, minor))
            hop_strings_add(minors, minor);
        if (!lowest || is_lower_minor(minor, minor_of(lowest)))
            lowest = s->channels[i]->name;
    }
    return minors->len < 2 ? NULL
                           : hop_strndup(lowest, (size_t)(strrchr(lowest, '-') - lowest));
}

static hop_status load_graph(const scope *s, hop_platform type, hop_graph **out,
                             hop_error **err)
{
    HOP_AUTO_VALUE(hop_strings) names = {0};
    HOP_AUTO_VALUE(hop_strings) minors = {0};
    for (size_t i = 0; i < s->count; i++)
        hop_strings_add(&names, s->channels[i]->name);
    hop_options with = *s->o; /* borrows */
    HOP_AUTO_STR okd = hop_strdup(HOP_OKD_UPSTREAM);
    HOP_AUTO_STR stream = type == HOP_PLATFORM_OCP ? find_stream(s, &minors) : NULL;
    if (type == HOP_PLATFORM_OKD && !with.upstream)
        with.upstream = okd;
    hop_status status = hop_graph_source_load_channels(
        &with, s->arch, &names, stream, &minors, &s->out->graphs, out, err);
    if (status == HOP_OK)
        hop_graph_source_warn(s->o, *out);
    return status;
}

static hop_status resolve_type(const hop_options *o, const hop_image_set *set,
                               const char *arch, hop_platform type, hop_order *out,
                               hop_error **err)
{
    scope s = {.o = o, .arch = arch, .out = out};
    s.channels = hop_alloc(set->channel_count, sizeof(*s.channels));
    for (size_t i = 0; i < set->channel_count; i++)
        if (set->channels[i].type == type)
            s.channels[s.count++] = &set->channels[i];
    HOP_AUTO(hop_graph) g = NULL;
    hop_status status = HOP_OK;
    if (s.count > 0) {
        status = load_graph(&s, type, &g, err);
        s.g = g;
    }
    if (status == HOP_OK && s.count > 0)
        status = add_scope(&s, type == HOP_PLATFORM_OCP || s.count == 1, err);
    free(s.channels);
    return status;
}

/* ---- the whole ---- */

hop_status hop_image_set_resolve(const hop_options *o, const hop_image_set *set,
                                 hop_order *out, hop_error **err)
{
    HOP_AUTO_VALUE(hop_strings) archs = {0};
    if (set->release)
        return hop_image_set_resolve_release(o, set, out, err);
    hop_status s = hop_graph_source_archs(o, &archs, err);
    const hop_strings *list = set->archs.len ? &set->archs : &archs;
    for (size_t i = 0; s == HOP_OK && i < list->len; i++) {
        const char *arch = hop_arch_parse(list->items[i]);
        s = resolve_type(o, set, arch, HOP_PLATFORM_OCP, out, err);
        if (s == HOP_OK)
            s = resolve_type(o, set, arch, HOP_PLATFORM_OKD, out, err);
    }
    return s;
}

static hop_status check_flags(const hop_options *o, const hop_image_set *set,
                              hop_error **err)
{
    if (set->archs.len && o->arch.len)
        return hop_error_set(err, HOP_E_USAGE, "--arch: %s names its architectures",
                             o->config);
    if (!set->release && (o->channel.len || o->stream))
        return hop_error_set(err, HOP_E_USAGE, "--%s: %s names its channels",
                             o->channel.len ? "channel" : "stream", o->config);
    if (set->channel_count == 0 && !set->release)
        return hop_error_set(err, HOP_E_USAGE,
                             "%s: mirror.platform names neither channels nor a release",
                             o->config);
    return HOP_OK;
}

static hop_status check_unhandled(const hop_options *o, const hop_image_set *set,
                                  hop_error **err)
{
    for (size_t i = 0; o->ignore_unhandled && i < set->unhandled.len; i++)
        hop_report_warning("%s: %s is left out", o->config, set->unhandled.items[i]);
    if (o->ignore_unhandled || set->unhandled.len == 0)
        return HOP_OK;
    HOP_AUTO_VALUE(hop_buf) list = hop_buf_init(HOP_BUF_TEXT);
    for (size_t i = 0; i < set->unhandled.len; i++)
        hop_buf_addf(&list, "%s%s", i ? ", " : "", set->unhandled.items[i]);
    hop_status s =
        hop_error_set(err, HOP_E_USAGE, "%s: oc-hop mirrors platform releases, not %s",
                      o->config, hop_buf_get(&list));
    hop_error_hint(err,
                   "mirror these with oc-mirror, and say --ignore-unhandled to leave "
                   "them out here");
    return s;
}

hop_status hop_image_set_order(const hop_options *o, hop_order *out, hop_error **err)
{
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_MAX_SMALL_BODY);
    HOP_AUTO_VALUE(hop_image_set) set = {0};
    hop_status s = hop_file_read(o->config, &text, err);
    if (s != HOP_OK)
        return hop_error_wrap(err, "read --config");
    s = hop_image_set_parse(hop_buf_get(&text), text.len, o->config, &set, err);
    if (s != HOP_OK)
        return hop_options_blame(err);
    s = check_unhandled(o, &set, err);
    if (s == HOP_OK)
        s = check_flags(o, &set, err);
    if (s != HOP_OK)
        return s;
    for (size_t i = 0; i < set.notes.len; i++)
        hop_report_note(o, "%s: %s", o->config, set.notes.items[i]);
    out->without_graph_data = !set.has_graph;
    s = hop_image_set_resolve(o, &set, out, err);
    return s == HOP_OK ? s : hop_error_wrap(err, "follow %s", o->config);
}
