/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cluster.h"

#include "hop_file.h"
#include "hop_graph.h"
#include "hop_json.h"
#include "hop_oci.h"
#include "report.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

void hop_cluster_clear(hop_cluster *c)
{
    free(c->version);
    free(c->channel);
    free(c->updating_from);
    free(c->refusal);
    *c = (hop_cluster){0};
}

/* ---- the object ---- */

/* The member, when it is there; *out has no value otherwise. */
static hop_status find(const hop_json_view *obj, const char *key, hop_json_type type,
                       hop_json_view *out, hop_error **err)
{
    *out = (hop_json_view){0};
    return obj->value ? hop_json_optional(obj, key, type, out, err) : HOP_OK;
}

static hop_status find_text(const hop_json_view *obj, const char *key, const char **out,
                            hop_error **err)
{
    *out = NULL;
    return obj->value ? hop_json_optional_string(obj, key, out, err) : HOP_OK;
}

/* "Multi", "amd64": spelled with capitals in some places. */
static const char *read_arch(const char *text, size_t len)
{
    HOP_AUTO_STR lower = hop_strndup(text, len);
    for (char *p = lower; *p; p++)
        *p = (char)tolower((unsigned char)*p);
    return hop_arch_parse(lower);
}

/* Payload loaded version="4.16.3" image="…" architecture="amd64" */
static const char *arch_of_message(const char *message)
{
    static const char key[] = " architecture=\"";
    const char *at = message ? strstr(message, key) : NULL;
    return at ? read_arch(at + strlen(key), strcspn(at + strlen(key), "\"")) : NULL;
}

static hop_status read_condition(const hop_json_view *condition, hop_cluster *c,
                                 hop_error **err)
{
    const char *type = NULL, *state = NULL, *message = NULL;
    hop_status s = hop_json_get_string(condition, "type", &type, err);
    if (s == HOP_OK)
        s = hop_json_get_string(condition, "status", &state, err);
    if (s == HOP_OK)
        s = hop_json_optional_string(condition, "message", &message, err);
    if (s != HOP_OK)
        return s;
    if (strcmp(type, "ReleaseAccepted") == 0 && !c->arch)
        c->arch = arch_of_message(message);
    if (strcmp(type, "Upgradeable") == 0 && strcmp(state, "False") == 0 && !c->refusal)
        c->refusal = hop_strdup(message ? message : "it does not say why");
    return HOP_OK;
}

static hop_status read_conditions(const hop_json_view *status, hop_cluster *c,
                                  hop_error **err)
{
    hop_json_view list, item;
    hop_status s = find(status, "conditions", HOP_JSON_ARRAY, &list, err);
    size_t count = s == HOP_OK && list.value ? hop_json_count(&list) : 0;
    for (size_t i = 0; i < count && s == HOP_OK; i++) {
        s = hop_json_item(&list, i, HOP_JSON_OBJECT, &item, err);
        if (s == HOP_OK)
            s = read_condition(&item, c, err);
    }
    return s;
}

/* The newest entry comes first; the one after it is where an update that is not complete
 * came from. */
static hop_status read_history(const hop_json_view *status, hop_cluster *c,
                               hop_error **err)
{
    hop_json_view list, item;
    const char *state = NULL, *version = NULL;
    hop_status s = find(status, "history", HOP_JSON_ARRAY, &list, err);
    if (s != HOP_OK || !list.value || hop_json_count(&list) < 2)
        return s;
    s = hop_json_item(&list, 0, HOP_JSON_OBJECT, &item, err);
    if (s == HOP_OK)
        s = hop_json_optional_string(&item, "state", &state, err);
    if (s != HOP_OK || !state || strcmp(state, "Partial") != 0)
        return s;
    s = hop_json_item(&list, 1, HOP_JSON_OBJECT, &item, err);
    if (s == HOP_OK)
        s = hop_json_optional_string(&item, "version", &version, err);
    c->updating_from = hop_strdup(version);
    return s;
}

static hop_status read_desired(const hop_json_view *root, const hop_json_view *status,
                               hop_cluster *c, hop_error **err)
{
    hop_json_view desired;
    const char *version = NULL, *arch = NULL;
    hop_status s = find(status, "desired", HOP_JSON_OBJECT, &desired, err);
    if (s == HOP_OK)
        s = find_text(&desired, "version", &version, err);
    if (s == HOP_OK)
        s = find_text(&desired, "architecture", &arch, err);
    if (s != HOP_OK)
        return s;
    if (!version || !*version)
        return hop_json_error(root, err, "status.desired.version is missing");
    hop_version v;
    s = hop_version_parse(version, &v, err);
    if (s != HOP_OK)
        return hop_error_wrap(err, "%s: status.desired.version", root->document);
    c->version = hop_strdup(version);
    c->arch = arch ? read_arch(arch, strlen(arch)) : NULL;
    return HOP_OK;
}

static hop_status read_object(const hop_json_view *root, hop_cluster *c, hop_error **err)
{
    hop_json_view spec, status;
    const char *channel = NULL;
    hop_status s = find(root, "spec", HOP_JSON_OBJECT, &spec, err);
    if (s == HOP_OK)
        s = find(root, "status", HOP_JSON_OBJECT, &status, err);
    if (s == HOP_OK)
        s = find_text(&spec, "channel", &channel, err);
    if (s == HOP_OK)
        s = read_desired(root, &status, c, err);
    if (s == HOP_OK)
        s = read_conditions(&status, c, err);
    if (s == HOP_OK)
        s = read_history(&status, c, err);
    if (s != HOP_OK || !channel || !*channel)
        return s;
    if (!hop_channel_is_valid(channel))
        return hop_json_error(root, err, "spec.channel \"%s\" is no channel name",
                              channel);
    c->channel = hop_strdup(channel);
    return HOP_OK;
}

static hop_status read_kind(const hop_json_view *root, hop_cluster *c, hop_error **err)
{
    hop_json_view items, item;
    const char *kind = NULL;
    if (!hop_json_is(root, HOP_JSON_OBJECT))
        return hop_json_error(root, err, "expected a ClusterVersion");
    hop_status s = hop_json_optional_string(root, "kind", &kind, err);
    if (s != HOP_OK)
        return s;
    if (kind && strcmp(kind, "ClusterVersion") == 0)
        return read_object(root, c, err);
    if (!kind || !hop_has_suffix(kind, "List"))
        return hop_json_error(root, err, "kind \"%s\" is no ClusterVersion",
                              kind ? kind : "");
    s = hop_json_member(root, "items", HOP_JSON_ARRAY, &items, err);
    if (s == HOP_OK && hop_json_count(&items) != 1)
        return hop_json_error(&items, err, "%zu objects; expected one ClusterVersion",
                              hop_json_count(&items));
    if (s == HOP_OK)
        s = hop_json_item(&items, 0, HOP_JSON_OBJECT, &item, err);
    return s == HOP_OK ? read_object(&item, c, err) : s;
}

hop_status hop_cluster_parse(const char *text, size_t len, const char *name,
                             hop_cluster *out, hop_error **err)
{
    HOP_AUTO(hop_json) doc = NULL;
    hop_status s = hop_json_parse(text, len, name, &doc, err);
    if (s != HOP_OK)
        return s;
    hop_json_view root = hop_json_root(doc, name);
    HOP_AUTO_VALUE(hop_cluster) c = {0};
    s = read_kind(&root, &c, err);
    if (s != HOP_OK) {
        hop_error_hint(err, "give what `oc get clusterversion version -o json` prints");
        return s;
    }
    *out = c;
    c = (hop_cluster){0};
    return HOP_OK;
}

/* ---- into the flags ---- */

static void tell(const hop_options *o, const hop_cluster *c)
{
    hop_report_note(o, "the cluster runs %s (%s), channel %s", c->version,
                    c->arch ? c->arch : "architecture not said",
                    c->channel ? c->channel : "not set");
    if (c->updating_from)
        hop_report_warning("the cluster is still on the way from %s to %s; the plan "
                           "begins where it will arrive",
                           c->updating_from, c->version);
    if (c->refusal)
        hop_report_warning("the cluster refuses updates to another minor now: %s",
                           c->refusal);
}

static hop_status apply_arch(hop_options *o, const hop_cluster *c, hop_error **err)
{
    if (!c->arch) {
        if (o->arch.len == 0)
            hop_report_note(o, "amd64 is assumed; --arch says otherwise");
        return HOP_OK;
    }
    if (o->arch.len == 0) {
        hop_strings_add(&o->arch, c->arch);
        return HOP_OK;
    }
    for (size_t i = 0; i < o->arch.len; i++) {
        const char *given = hop_arch_parse(o->arch.items[i]);
        if (!given || strcmp(given, c->arch) != 0)
            return hop_error_set(err, HOP_E_USAGE,
                                 "the cluster with %s is %s, not %s: clusters of one "
                                 "architecture make a plan",
                                 c->version, c->arch, o->arch.items[i]);
    }
    return HOP_OK;
}

/* "stable" of "stable-4.16"; 0 for a channel that is named otherwise. */
static size_t stream_length(const char *channel)
{
    static const char *const streams[] = {"stable-", "fast-", "candidate-", "eus-"};
    for (size_t i = 0; i < HOP_COUNT_OF(streams); i++) {
        size_t len = strlen(streams[i]);
        if (hop_has_prefix(channel, streams[i]) &&
            channel[len + strspn(channel + len, "0123456789.")] == '\0')
            return len - 1;
    }
    return 0;
}

/* Where graphs are named one by one they are the choice already. */
static hop_status apply_channel(hop_options *o, const hop_cluster *c, char **stream,
                                hop_error **err)
{
    size_t len = c->channel ? stream_length(c->channel) : 0;
    if (!c->channel || o->graph.len || o->stream)
        return HOP_OK;
    HOP_AUTO_STR name = hop_strndup(c->channel, len ? len : strlen(c->channel));
    if (*stream && strcmp(*stream, name) != 0) {
        hop_status s = hop_error_set(err, HOP_E_USAGE,
                                     "the clusters follow different channels, %s and %s",
                                     *stream, name);
        hop_error_hint(err, "say --stream or --channel for all of them");
        return s;
    }
    if (!*stream)
        *stream = hop_steal(&name);
    return HOP_OK;
}

static hop_status read_file(const char *path, hop_cluster *c, hop_error **err)
{
    bool is_stdin = strcmp(path, "-") == 0;
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_MAX_MANIFEST);
    hop_status s = hop_file_read(is_stdin ? "/dev/stdin" : path, &text, err);
    if (s == HOP_OK)
        s = hop_cluster_parse(hop_buf_get(&text), text.len,
                              is_stdin ? "standard input" : path, c, err);
    return s == HOP_OK ? s : hop_error_wrap(err, "read --cluster %s", path);
}

static hop_status apply_one(hop_options *o, const char *path, char **stream,
                            hop_error **err)
{
    HOP_AUTO_VALUE(hop_cluster) c = {0};
    hop_status s = read_file(path, &c, err);
    if (s != HOP_OK)
        return s;
    tell(o, &c);
    if (!hop_strings_has(&o->from, c.version))
        hop_strings_add(&o->from, c.version);
    s = apply_arch(o, &c, err);
    return s == HOP_OK && o->channel.len == 0 ? apply_channel(o, &c, stream, err) : s;
}

hop_status hop_cluster_apply(hop_options *o, hop_error **err)
{
    HOP_AUTO_STR stream = NULL;
    hop_status s = HOP_OK;
    for (size_t i = 0; i < o->cluster.len && s == HOP_OK; i++)
        s = apply_one(o, o->cluster.items[i], &stream, err);
    if (s != HOP_OK || !stream)
        return s;
    HOP_AUTO_STR channel = hop_sprintf("%s-", stream);
    if (stream_length(channel) > 0)
        o->stream = hop_steal(&stream);
    else
        hop_strings_add(&o->channel, stream);
    return HOP_OK;
}
