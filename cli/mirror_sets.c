/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mirror_sets.h"

#include "report.h"

#include <string.h>

void hop_set_wish_clear(hop_set_wish *w)
{
    hop_cluster_sets_free(w->current);
    hop_rollout_clear(&w->rollout);
    *w = (hop_set_wish){0};
}

static hop_status read_kind(const hop_options *o, hop_resources_place *place,
                            hop_error **err)
{
    if (o->idms && o->icsp)
        return hop_error_set(err, HOP_E_USAGE, "--idms and --icsp exclude each other");
    if (o->idms)
        place->mirror_kind = HOP_MIRROR_KIND_IDMS;
    if (o->icsp)
        place->mirror_kind = HOP_MIRROR_KIND_ICSP;
    return HOP_OK;
}

static hop_status read_policy(const hop_options *o, hop_resources_place *place,
                              hop_error **err)
{
    if (!o->source_policy || strcmp(o->source_policy, "allow") == 0)
        return HOP_OK;
    if (strcmp(o->source_policy, "never") != 0)
        return hop_error_set(err, HOP_E_USAGE,
                             "--source-policy %s: expected allow or never",
                             o->source_policy);
    if (o->icsp)
        return hop_error_set(
            err, HOP_E_USAGE,
            "--source-policy never: an ImageContentSourcePolicy (--icsp) "
            "has no such member");
    place->source_policy = HOP_SOURCE_POLICY_NEVER;
    return HOP_OK;
}

hop_status hop_set_wish_read(const hop_options *o, hop_set_wish *out,
                             hop_resources_place *place, hop_error **err)
{
    hop_status s = read_kind(o, place, err);
    if (s == HOP_OK)
        s = read_policy(o, place, err);
    if (s != HOP_OK || o->current_idms.len == 0)
        return s;
    s = hop_cluster_sets_load(&o->current_idms, &out->current, err);
    if (s == HOP_OK)
        place->cluster_has_policies = hop_cluster_sets_has_policies(out->current);
    return s;
}

static bool is_below(const char *version, const char *limit)
{
    hop_version a, b;
    HOP_AUTO(hop_error) ignored = NULL;
    return hop_version_parse(version, &a, &ignored) == HOP_OK &&
           hop_version_parse(limit, &b, &ignored) == HOP_OK &&
           hop_version_compare(&a, &b) < 0;
}

void hop_set_wish_warn(const hop_options *o, const hop_set_wish *w, const char *start)
{
    bool is_old = is_below(start, "4.13.0");
    if (o->idms && is_old)
        hop_report_warning("--idms: a cluster at %s knows no ImageDigestMirrorSet; "
                           "4.13 brings it",
                           start);
    else if (o->idms && w->current && hop_cluster_sets_has_policies(w->current) &&
             is_below(start, "4.13.27"))
        hop_report_warning("--idms: below 4.13.27 an ImageDigestMirrorSet cannot stand "
                           "beside the ImageContentSourcePolicy that the cluster has");
    else if (is_old && !o->icsp && o->source_policy &&
             strcmp(o->source_policy, "never") == 0)
        hop_report_warning("--source-policy never holds only once the "
                           "ImageContentSourcePolicy of the start is converted");
}

hop_status hop_set_wish_compare(hop_set_wish *w, const hop_tree *resources,
                                hop_error **err)
{
    if (!w->current)
        return HOP_OK;
    hop_status s = hop_cluster_sets_compare(w->current, resources, &w->rollout, err);
    w->is_compared = s == HOP_OK;
    return s == HOP_OK ? s : hop_error_wrap(err, "compare with --current-idms");
}

static const char *verdict(hop_rollout_effect effect)
{
    switch (effect) {
    case HOP_ROLLOUT_NONE:
        return "no change, no rollout";
    case HOP_ROLLOUT_RELOAD:
        return "the nodes take in what is new, one after the other, without a drain";
    case HOP_ROLLOUT_DRAIN:
        return "the nodes roll out: each is drained in turn";
    }
    return "";
}

void hop_set_wish_text(const hop_set_wish *w, const char *mark, hop_buf *out)
{
    if (!w->is_compared)
        return;
    hop_buf_addf(out, "%smirror sets: %s\n", mark, verdict(w->rollout.effect));
    for (size_t i = 0; i < w->rollout.changes.len; i++) {
        const char *change = w->rollout.changes.items[i];
        hop_buf_addf(out, "%s  ", mark);
        hop_buf_add_visible(out, change, strlen(change));
        hop_buf_addc(out, '\n');
    }
}

void hop_set_wish_json(const hop_set_wish *w, const hop_tree *resources, hop_json *doc)
{
    static const struct {
        const char *file, *kind;
    } KINDS[] = {{"imagecontentsourcepolicy.yaml", "ImageContentSourcePolicy"},
                 {"imagedigestmirrorset.yaml", "ImageDigestMirrorSet"}};
    hop_json *sets = hop_json_add_object(doc, "mirror_sets");
    hop_json *kinds = hop_json_add_array(sets, "kinds");
    for (size_t i = 0; i < HOP_COUNT_OF(KINDS); i++)
        if (hop_tree_find(resources, KINDS[i].file))
            hop_json_append_string(kinds, KINDS[i].kind);
    hop_json_set_string(sets, "rollout",
                        w->is_compared ? hop_rollout_effect_name(w->rollout.effect)
                                       : NULL);
    hop_json *changes = hop_json_add_array(sets, "changes");
    for (size_t i = 0; i < w->rollout.changes.len; i++)
        hop_json_append_string(changes, w->rollout.changes.items[i]);
}
