/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Channel files. The service drops a malformed one in silence, whatever it is told about
 * disallowed errors. */
#include "lint.h"

#include <stdlib.h>
#include <string.h>

#include "hop_graph.h"

static void check_members(const hop_lint *l, const lint_file *f)
{
    static const char *const known[] = {"name", "versions", "feeder", "tombstones"};
    for (size_t i = 0; i < f->root->len; i++) {
        bool is_known = false;
        for (size_t j = 0; j < HOP_COUNT_OF(known); j++)
            is_known = is_known || strcmp(f->root->keys[i], known[j]) == 0;
        if (!is_known)
            hop_lint_warn(l->out, "unknown-member", hop_lint_at(f, f->root->items[i]),
                          "\"%s\" has no meaning in a channel", f->root->keys[i]);
    }
}

static void check_name(const hop_lint *l, const lint_file *f)
{
    const hop_yaml_node *n = hop_yaml_find(f->root, "name");
    const char *name = hop_lint_text(f, "name");
    lint_place at = hop_lint_at(f, n);
    if (!name) {
        hop_lint_error(l->out, "malformed", at,
                       "the whole channel is silently dropped: name is missing");
        return;
    }
    if (!hop_channel_is_valid(name))
        hop_lint_error(l->out, "channel-name", at,
                       "\"%s\": a cluster can only ask for names of a-z 0-9 . -", name);
    if (!strchr(name, '-'))
        hop_lint_error(l->out, "channel-name", at,
                       "\"%s\" has no \"-\": the service crashes when a release is in "
                       "this channel and another one",
                       name);
    HOP_AUTO_STR wanted = hop_sprintf("channels/%s.yaml", name);
    if (strcmp(wanted, f->path) != 0)
        hop_lint_warn(l->out, "odd-name", at,
                      "the channel is called \"%s\", whatever the file's name is", name);
}

static void check_versions(hop_lint *l, const lint_file *f)
{
    const hop_yaml_node *list = hop_yaml_find(f->root, "versions");
    if (!list || list->type != HOP_YAML_SEQUENCE) {
        hop_lint_error(l->out, "malformed", hop_lint_at(f, list),
                       "the whole channel is silently dropped: versions is missing or "
                       "no list");
        return;
    }
    HOP_AUTO_VALUE(hop_strings) seen = {0};
    for (size_t i = 0; i < list->len; i++) {
        const hop_yaml_node *v = list->items[i];
        if (v->type != HOP_YAML_SCALAR || !hop_lint_is_version(v->text)) {
            hop_lint_error(l->out, "malformed", hop_lint_at(f, v),
                           "the whole channel is silently dropped: \"%s\" is no version",
                           v->type == HOP_YAML_SCALAR ? v->text : "");
            continue;
        }
        if (hop_strings_has(&seen, v->text))
            hop_lint_warn(l->out, "listed-twice", hop_lint_at(f, v),
                          "%s is in the list twice", v->text);
        hop_strings_add(&seen, v->text);
        char *core = hop_strndup(v->text, strcspn(v->text, "+"));
        hop_strings_take(&l->versions, &core);
    }
}

static void check_same_name(const hop_lint *l, size_t index)
{
    const lint_file *f = &l->channels.items[index];
    const char *name = hop_lint_text(f, "name");
    for (size_t i = 0; name && i < index; i++) {
        const lint_file *other = &l->channels.items[i];
        const char *taken = hop_lint_text(other, "name");
        if (taken && strcmp(taken, name) == 0) {
            hop_lint_warn(l->out, "same-name",
                          hop_lint_at(f, hop_yaml_find(f->root, "name")),
                          "channel %s is in %s, too; their releases are put together",
                          name, other->path);
            return;
        }
    }
}

/* ---- stable-X in fast-X in candidate-X ---- */

static const lint_file *find_channel(const hop_lint *l, const char *name)
{
    for (size_t i = 0; i < l->channels.len; i++) {
        const char *other = hop_lint_text(&l->channels.items[i], "name");
        if (other && strcmp(other, name) == 0)
            return &l->channels.items[i];
    }
    return NULL;
}

static bool lists(const lint_file *f, const char *version)
{
    const hop_yaml_node *list = hop_yaml_find(f->root, "versions");
    for (size_t i = 0; list && list->type == HOP_YAML_SEQUENCE && i < list->len; i++)
        if (list->items[i]->type == HOP_YAML_SCALAR &&
            strcmp(list->items[i]->text, version) == 0)
            return true;
    return false;
}

/* Upstream promotes through candidate and fast; 4.1 is older than that. */
static void check_promotion(const hop_lint *l, const lint_file *f)
{
    static const char *const wider[] = {"fast-", "candidate-"};
    const char *name = hop_lint_text(f, "name");
    const hop_yaml_node *list = hop_yaml_find(f->root, "versions");
    if (!name || !hop_has_prefix(name, "stable-") || strcmp(name, "stable-4.1") == 0 ||
        !list || list->type != HOP_YAML_SEQUENCE)
        return;
    for (size_t w = 0; w < HOP_COUNT_OF(wider); w++) {
        HOP_AUTO_STR other = hop_sprintf("%s%s", wider[w], name + strlen("stable-"));
        const lint_file *in = find_channel(l, other);
        for (size_t i = 0; in && i < list->len; i++)
            if (list->items[i]->type == HOP_YAML_SCALAR &&
                !lists(in, list->items[i]->text))
                hop_lint_warn(l->out, "promotion", hop_lint_at(f, list->items[i]),
                              "%s is in %s but not in %s", list->items[i]->text, name,
                              other);
    }
}

void hop_lint_channels(hop_lint *l)
{
    for (size_t i = 0; i < l->channels.len; i++) {
        const lint_file *f = &l->channels.items[i];
        check_members(l, f);
        check_name(l, f);
        check_versions(l, f);
        check_same_name(l, i);
        check_promotion(l, f);
    }
}
