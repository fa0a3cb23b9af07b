/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hop_rollout.h"

#include "hop_file.h"
#include "mirror_set.h"
#include "resources.h"

#include <stdlib.h>
#include <string.h>

/* Ours are apart, as applying replaces them; the position of a set among others is of no
 * meaning to the cluster. */
struct hop_cluster_sets {
    hop_mirror_set *own[HOP_SET_KINDS];
    hop_mirror_set *rest;
};

void hop_cluster_sets_free(hop_cluster_sets *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < HOP_SET_KINDS; i++)
        hop_mirror_set_free(c->own[i]);
    hop_mirror_set_free(c->rest);
    free(c);
}

void hop_rollout_clear(hop_rollout *r)
{
    hop_strings_clear(&r->changes);
    *r = (hop_rollout){0};
}

const char *hop_rollout_effect_name(hop_rollout_effect e)
{
    switch (e) {
    case HOP_ROLLOUT_NONE:
        return "none";
    case HOP_ROLLOUT_RELOAD:
        return "reload";
    case HOP_ROLLOUT_DRAIN:
        return "drain";
    }
    return "";
}

/* ---- what the cluster has ---- */

static size_t count_objects(const hop_cluster_sets *c)
{
    size_t count = 0;
    for (size_t kind = 0; kind < HOP_SET_KINDS; kind++) {
        count += hop_mirror_set_count_objects(c->rest, (hop_set_kind)kind);
        count += hop_mirror_set_count_objects(c->own[kind], (hop_set_kind)kind);
    }
    return count;
}

static hop_status load_file(hop_cluster_sets *c, const char *path, hop_error **err)
{
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_MAX_SMALL_BODY);
    hop_status s = hop_file_read(path, &text, err);
    if (s != HOP_OK)
        return s;
    size_t objects = count_objects(c), ignored = hop_mirror_set_get_ignored(c->rest);
    hop_set_parts parts = {.own_name = HOP_NAME_MIRROR_SET, .rest = c->rest};
    memcpy(parts.own, c->own, sizeof(parts.own));
    s = hop_mirror_set_add_parts(&parts, path, hop_buf_get(&text), text.len, err);
    if (s != HOP_OK)
        return s;
    if (count_objects(c) == objects && hop_mirror_set_get_ignored(c->rest) > ignored) {
        s = hop_error_set(err, HOP_E_USAGE,
                          "%s holds neither an ImageDigestMirrorSet nor an "
                          "ImageContentSourcePolicy",
                          path);
        hop_error_hint(err, "oc get imagedigestmirrorset,imagecontentsourcepolicy -o "
                            "yaml prints what is meant");
    }
    return s;
}

hop_status hop_cluster_sets_load(const hop_strings *files, hop_cluster_sets **out,
                                 hop_error **err)
{
    HOP_AUTO(hop_cluster_sets) c = hop_alloc(1, sizeof(*c));
    for (size_t i = 0; i < HOP_SET_KINDS; i++)
        c->own[i] = hop_mirror_set_new();
    c->rest = hop_mirror_set_new();
    hop_status s = HOP_OK;
    for (size_t i = 0; s == HOP_OK && i < files->len; i++)
        s = load_file(c, files->items[i], err);
    if (s != HOP_OK)
        return hop_error_wrap(err, "read the cluster's mirror sets");
    *out = hop_steal(&c);
    return HOP_OK;
}

bool hop_cluster_sets_has_policies(const hop_cluster_sets *c)
{
    return hop_mirror_set_count_objects(c->rest, HOP_SET_SOURCE_POLICY) +
               hop_mirror_set_count_objects(c->own[HOP_SET_SOURCE_POLICY],
                                            HOP_SET_SOURCE_POLICY) >
           0;
}

/* ---- before and after ---- */

static void HOP_PRINTF(3, 4)
    change(hop_rollout *r, hop_rollout_effect effect, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    HOP_AUTO_STR text = hop_vsprintf(fmt, ap);
    va_end(ap);
    hop_strings_take(&r->changes, &text);
    if (effect > r->effect)
        r->effect = effect;
}

/** The index of a source; the count of the set when it is not there. */
static size_t find_source(const hop_mirror_set *set, const char *name)
{
    size_t count = hop_mirror_set_get_count(set);
    for (size_t i = 0; i < count; i++) {
        hop_set_source s = hop_mirror_set_get_source(set, i);
        HOP_AUTO_STR owned = s.name;
        if (strcmp(owned, name) == 0)
            return i;
    }
    return count;
}

static size_t index_of(const hop_strings *list, const char *text)
{
    size_t i = 0;
    while (i < list->len && strcmp(list->items[i], text) != 0)
        i++;
    return i;
}

/** The items of `part` that are in `whole` stand there in the same order. */
static bool is_in_order(const hop_strings *part, const hop_strings *whole)
{
    size_t last = 0;
    for (size_t i = 0; i < part->len; i++) {
        size_t at = index_of(whole, part->items[i]);
        if (at == whole->len)
            continue;
        if (at < last)
            return false;
        last = at;
    }
    return true;
}

static void compare_source(const hop_set_source *was, const hop_set_source *is,
                           hop_rollout *r)
{
    if (was->never_contact_source != is->never_contact_source)
        change(r, HOP_ROLLOUT_DRAIN, "%s: mirrorSourcePolicy becomes %s", is->name,
               is->never_contact_source ? "NeverContactSource" : "AllowContactingSource");
    for (size_t i = 0; i < was->mirrors->len; i++)
        if (!hop_strings_has(is->mirrors, was->mirrors->items[i]))
            change(r, HOP_ROLLOUT_DRAIN, "%s: mirror %s goes", is->name,
                   was->mirrors->items[i]);
    for (size_t i = 0; i < is->mirrors->len; i++)
        if (!hop_strings_has(was->mirrors, is->mirrors->items[i]))
            change(r, HOP_ROLLOUT_RELOAD, "%s: mirror %s comes in", is->name,
                   is->mirrors->items[i]);
    if (!is_in_order(was->mirrors, is->mirrors))
        change(r, HOP_ROLLOUT_DRAIN, "%s: the order of its mirrors changes", is->name);
}

static void compare_sets(const hop_mirror_set *before, const hop_mirror_set *after,
                         hop_rollout *r)
{
    for (size_t i = 0; i < hop_mirror_set_get_count(after); i++) {
        hop_set_source is = hop_mirror_set_get_source(after, i);
        HOP_AUTO_STR name = is.name;
        size_t at = find_source(before, name);
        if (at == hop_mirror_set_get_count(before)) {
            change(r, is.never_contact_source ? HOP_ROLLOUT_DRAIN : HOP_ROLLOUT_RELOAD,
                   "%s: a source with %zu mirror%s comes in", name, is.mirrors->len,
                   is.mirrors->len == 1 ? "" : "s");
            continue;
        }
        hop_set_source was = hop_mirror_set_get_source(before, at);
        HOP_AUTO_STR same_name = was.name;
        compare_source(&was, &is, r);
    }
    for (size_t i = 0; i < hop_mirror_set_get_count(before); i++) {
        hop_set_source was = hop_mirror_set_get_source(before, i);
        HOP_AUTO_STR name = was.name;
        if (find_source(after, name) == hop_mirror_set_get_count(after))
            change(r, HOP_ROLLOUT_DRAIN, "%s: the source goes", name);
    }
}

/** Sets that name a source in opposite orders: which one wins is for the cluster to say.
 */
static void find_contradictions(const hop_mirror_set *ours, const hop_mirror_set *after,
                                hop_rollout *r)
{
    for (size_t i = 0; i < hop_mirror_set_get_count(ours); i++) {
        hop_set_source own = hop_mirror_set_get_source(ours, i);
        HOP_AUTO_STR name = own.name;
        hop_set_source all = hop_mirror_set_get_source(after, find_source(after, name));
        HOP_AUTO_STR same_name = all.name;
        if (!is_in_order(own.mirrors, all.mirrors))
            change(r, HOP_ROLLOUT_DRAIN,
                   "%s: another mirror set has the same mirrors in another order", name);
    }
}

hop_status hop_cluster_sets_compare(const hop_cluster_sets *c, const hop_tree *resources,
                                    hop_rollout *out, hop_error **err)
{
    /* Where both are in the tree, the older kind is applied first. */
    hop_set_kind kind = HOP_SET_SOURCE_POLICY;
    const hop_tree_file *file = hop_tree_find(resources, HOP_FILE_ICSP);
    if (!file) {
        kind = HOP_SET_DIGEST_MIRRORS;
        file = hop_tree_find(resources, HOP_FILE_IDMS);
    }
    HOP_AUTO(hop_mirror_set) fresh = hop_mirror_set_new();
    HOP_AUTO(hop_mirror_set) before = hop_mirror_set_new();
    HOP_AUTO(hop_mirror_set) after = hop_mirror_set_new();
    hop_status s = HOP_OK;
    if (file)
        s = hop_mirror_set_add_file(fresh, file->path, file->data, file->len, err);
    if (s != HOP_OK)
        return s;
    hop_mirror_set_join(before, c->rest);
    hop_mirror_set_join(after, c->rest);
    for (size_t i = 0; i < HOP_SET_KINDS; i++) {
        hop_mirror_set_join(before, c->own[i]);
        hop_mirror_set_join(after, i == (size_t)kind ? fresh : c->own[i]);
    }
    hop_rollout_clear(out);
    compare_sets(before, after, out);
    bool was_there = hop_mirror_set_count_objects(c->own[kind], kind) > 0;
    if (!was_there || out->effect != HOP_ROLLOUT_NONE)
        find_contradictions(fresh, after, out);
    return HOP_OK;
}
