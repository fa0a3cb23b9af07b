/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Graph-data cut down to one plan, so that a small update service starts fast and offers
 * nothing that was not mirrored.
 */
#include "graphdata.h"
#include "hop_json.h"
#include "hop_yaml.h"

#include <string.h>

/* True when the version, its "+arch" aside, is needed. */
static bool is_needed(const hop_graphdata_needs *needs, const char *version)
{
    HOP_AUTO_STR bare = hop_strndup(version, strcspn(version, "+"));
    return hop_strings_has(&needs->versions, bare);
}

static hop_status parse(const hop_tree_file *f, hop_yaml **y, const hop_yaml_node **root,
                        hop_error **err)
{
    hop_status s = hop_yaml_parse(f->data, f->len, f->path, y, err);
    if (s != HOP_OK)
        return s;
    *root = hop_yaml_get_document(*y, 0);
    if (!*root || (*root)->type != HOP_YAML_MAPPING)
        return hop_error_set(err, HOP_E_PARSE, "%s: expected a mapping", f->path);
    return HOP_OK;
}

static hop_status prune_channel(const hop_tree_file *f, const hop_graphdata_needs *needs,
                                hop_tree *out, hop_strings *found, hop_error **err)
{
    HOP_AUTO(hop_yaml) y = NULL;
    const hop_yaml_node *root = NULL, *versions = NULL;
    const char *name = NULL;
    hop_status s = parse(f, &y, &root, err);
    if (s == HOP_OK)
        s = hop_yaml_get_string(y, root, "name", &name, err);
    if (s != HOP_OK || !hop_strings_has(&needs->channels, name))
        return s;
    s = hop_yaml_optional(y, root, "versions", HOP_YAML_SEQUENCE, &versions, err);
    if (s != HOP_OK)
        return s;
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    hop_buf_adds(&text, "name: ");
    hop_buf_add_yaml(&text, name);
    hop_buf_adds(&text, "\nversions:");
    size_t count = 0;
    for (size_t i = 0; versions && i < versions->len; i++) {
        const hop_yaml_node *v = versions->items[i];
        if (v->type != HOP_YAML_SCALAR)
            return hop_yaml_error(y, v, err, "expected a version");
        if (!is_needed(needs, v->text))
            continue;
        hop_buf_adds(&text, "\n- ");
        hop_buf_add_yaml(&text, v->text);
        count++;
    }
    hop_buf_adds(&text, count ? "\n" : " []\n");
    hop_strings_add(found, name);
    return hop_tree_add(out, f->path, hop_buf_get(&text), text.len, err);
}

/* A blocked edge is kept whole when it leads to a needed version: its `from` is a pattern
 * that may also speak of others, which does no harm. */
static hop_status prune_block(const hop_tree_file *f, const hop_graphdata_needs *needs,
                              hop_tree *out, hop_error **err)
{
    HOP_AUTO(hop_yaml) y = NULL;
    const hop_yaml_node *root = NULL;
    const char *to = NULL;
    hop_status s = parse(f, &y, &root, err);
    if (s == HOP_OK)
        s = hop_yaml_get_string(y, root, "to", &to, err);
    if (s != HOP_OK || !is_needed(needs, to))
        return s;
    return hop_tree_add(out, f->path, f->data, f->len, err);
}

static hop_status prune_metadata(const hop_tree_file *f, const hop_graphdata_needs *needs,
                                 hop_tree *out, hop_error **err)
{
    HOP_AUTO(hop_json) document = NULL;
    hop_status s = hop_json_parse(f->data, f->len, f->path, &document, err);
    if (s != HOP_OK)
        return s;
    hop_json_view root = hop_json_root(document, f->path), member;
    if (!hop_json_is(&root, HOP_JSON_OBJECT))
        return hop_json_error(&root, err, "expected an object");
    HOP_AUTO(hop_json) kept = hop_json_new_object();
    for (void *iter = NULL; hop_json_next(&root, &iter, &member);) {
        if (!is_needed(needs, member.key))
            continue;
        HOP_AUTO(hop_json) copy = hop_json_copy(&member);
        hop_json_set_take(kept, member.key, &copy);
    }
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    hop_json_dump(kept, HOP_JSON_INDENT, &text);
    hop_buf_addc(&text, '\n');
    return hop_tree_add(out, f->path, hop_buf_get(&text), text.len, err);
}

static hop_status prune_file(const hop_tree_file *f, const hop_graphdata_needs *needs,
                             hop_tree *out, hop_strings *found, hop_error **err)
{
    if (hop_has_prefix(f->path, "channels/"))
        return prune_channel(f, needs, out, found, err);
    if (hop_has_prefix(f->path, "blocked-edges/"))
        return prune_block(f, needs, out, err);
    if (strcmp(f->path, "raw/metadata.json") == 0)
        return prune_metadata(f, needs, out, err);
    return hop_tree_add(out, f->path, f->data, f->len, err);
}

hop_status hop_graphdata_prune(hop_tree *tree, const hop_graphdata_needs *needs,
                               hop_graphdata_info *info, hop_error **err)
{
    HOP_AUTO_VALUE(hop_tree) out = {0};
    HOP_AUTO_VALUE(hop_strings) found = {0};
    hop_status s = HOP_OK;
    for (size_t i = 0; s == HOP_OK && i < tree->len; i++)
        s = prune_file(&tree->files[i], needs, &out, &found, err);
    for (size_t i = 0; s == HOP_OK && i < needs->channels.len; i++)
        if (!hop_strings_has(&found, needs->channels.items[i]))
            s = hop_error_set(err, HOP_E_NOT_FOUND, "there is no channel \"%s\"",
                              needs->channels.items[i]);
    if (s == HOP_OK)
        s = hop_graphdata_check(&out, info, err);
    if (s != HOP_OK)
        return hop_error_wrap(err, "prune graph-data");
    hop_tree_clear(tree);
    *tree = out;
    out = (hop_tree){0};
    return HOP_OK;
}
