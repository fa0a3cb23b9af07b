/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a site adds to graph-data: release signatures and blocked edges of its own.
 */
#include "graphdata.h"
#include "hop_file.h"
#include "hop_yaml.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* Adds the files to the tree; what is there already must be the same. On failure nothing
 * has changed. */
static hop_status merge(hop_tree *tree, const hop_tree *more, hop_graphdata_info *info,
                        hop_error **err)
{
    hop_status s = HOP_OK;
    HOP_AUTO_VALUE(hop_tree) merged = {0};
    for (size_t i = 0; s == HOP_OK && i < tree->len; i++)
        s = hop_tree_add(&merged, tree->files[i].path, tree->files[i].data,
                         tree->files[i].len, err);
    for (size_t i = 0; s == HOP_OK && i < more->len; i++) {
        const hop_tree_file *f = &more->files[i];
        const hop_tree_file *old = hop_tree_find(tree, f->path);
        if (!old)
            s = hop_tree_add(&merged, f->path, f->data, f->len, err);
        else if (old->len != f->len || memcmp(old->data, f->data, f->len) != 0)
            s = hop_error_set(err, HOP_E_PARSE, "%s is there already with other content",
                              f->path);
    }
    if (s == HOP_OK)
        s = hop_graphdata_check(&merged, info, err);
    if (s != HOP_OK)
        return s;
    hop_tree_clear(tree);
    *tree = merged;
    merged = (hop_tree){0};
    return HOP_OK;
}

/* ---- signatures ---- */

/* Takes the signatures out of one directory `full`, which stands for `place` in the tree.
 */
static hop_status take_signatures(hop_tree *more, const char *full, const char *place,
                                  hop_error **err)
{
    HOP_AUTO_VALUE(hop_strings) names = {0};
    hop_status s = graphdata_list_dir(full, &names, err);
    for (size_t i = 0; s == HOP_OK && i < names.len; i++) {
        HOP_AUTO_STR from = hop_sprintf("%s/%s", full, names.items[i]);
        HOP_AUTO_STR path = hop_sprintf("%s/%s", place, names.items[i]);
        struct stat st;
        if (!graphdata_is_kept(path) || stat(from, &st) != 0 || !S_ISREG(st.st_mode))
            continue;
        HOP_AUTO_VALUE(hop_buf) bytes = hop_buf_init(HOP_MAX_SMALL_BODY);
        s = hop_file_read(from, &bytes, err);
        if (s == HOP_OK)
            s = hop_tree_add(more, path, hop_buf_get(&bytes), bytes.len, err);
    }
    return s;
}

static bool is_dir(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* ALGORITHM with its HEX directories, or ALGORITHM=HEX. */
static hop_status take_entry(hop_tree *more, const char *dir, const char *name,
                             hop_error **err)
{
    HOP_AUTO_STR full = hop_sprintf("%s/%s", dir, name);
    if (!is_dir(full))
        return HOP_OK;
    const char *equals = strchr(name, '=');
    if (equals) {
        HOP_AUTO_STR place =
            hop_sprintf("signatures/%.*s/%s", (int)(equals - name), name, equals + 1);
        return take_signatures(more, full, place, err);
    }
    HOP_AUTO_VALUE(hop_strings) names = {0};
    hop_status s = graphdata_list_dir(full, &names, err);
    for (size_t i = 0; s == HOP_OK && i < names.len; i++) {
        HOP_AUTO_STR child = hop_sprintf("%s/%s", full, names.items[i]);
        HOP_AUTO_STR place = hop_sprintf("signatures/%s/%s", name, names.items[i]);
        if (is_dir(child))
            s = take_signatures(more, child, place, err);
    }
    return s;
}

hop_status hop_graphdata_add_signatures(hop_tree *tree, const char *dir,
                                        hop_graphdata_info *info, hop_error **err)
{
    HOP_AUTO_VALUE(hop_tree) more = {0};
    HOP_AUTO_VALUE(hop_strings) names = {0};
    hop_status s = graphdata_list_dir(dir, &names, err);
    for (size_t i = 0; s == HOP_OK && i < names.len; i++)
        s = take_entry(&more, dir, names.items[i], err);
    if (s == HOP_OK && more.len == 0)
        s = hop_error_set(err, HOP_E_NOT_FOUND,
                          "there is no sha256/HEX/signature-N or sha256=HEX/signature-N");
    if (s == HOP_OK)
        s = merge(tree, &more, info, err);
    return s == HOP_OK ? s : hop_error_wrap(err, "add signatures from %s", dir);
}

/* ---- blocked edges ---- */

static hop_status check_block(const hop_yaml *y, hop_error **err)
{
    static const char *const members[] = {"to",   "from",    "url",
                                          "name", "message", "matchingRules"};
    const hop_yaml_node *root = hop_yaml_get_document(y, 0);
    if (hop_yaml_count(y) != 1 || root->type != HOP_YAML_MAPPING)
        return hop_error_set(err, HOP_E_PARSE,
                             "expected one document with `to` and `from`");
    bool has[HOP_COUNT_OF(members)] = {0};
    size_t count = 0;
    for (size_t i = 0; i < HOP_COUNT_OF(members); i++) {
        const hop_yaml_node *n = hop_yaml_find(root, members[i]);
        bool is_list = strcmp(members[i], "matchingRules") == 0;
        if (n && (hop_yaml_is_null(n) ||
                  n->type != (is_list ? HOP_YAML_SEQUENCE : HOP_YAML_SCALAR)))
            return hop_yaml_error(y, n, err, "`%s` must be a %s", members[i],
                                  is_list ? "list" : "text");
        if (n && is_list && n->len == 0)
            return hop_yaml_error(y, n, err, "`%s` is empty", members[i]);
        has[i] = n != NULL;
        count += has[i];
    }
    bool is_plain = has[0] && has[1] && root->len == 2;
    if (is_plain || count == HOP_COUNT_OF(members)) {
        const hop_yaml_node *to = hop_yaml_find(root, "to");
        if (graphdata_is_version(to->text))
            return HOP_OK;
        return hop_yaml_error(y, to, err,
                              "it would block nothing: `to` is \"%.80s\", no version "
                              "as 4.16.3",
                              to->text);
    }
    return hop_yaml_error(y, root, err,
                          "it would block nothing: it needs exactly `to` and `from`, or "
                          "also `url`, `name`, `message` and `matchingRules`");
}

hop_status hop_graphdata_add_block(hop_tree *tree, const char *name, const void *data,
                                   size_t len, hop_graphdata_info *info, hop_error **err)
{
    HOP_AUTO_STR path = hop_sprintf("blocked-edges/%s", name);
    HOP_AUTO(hop_yaml) y = NULL;
    HOP_AUTO_VALUE(hop_tree) more = {0};
    hop_status s = HOP_OK;
    if (!graphdata_is_kept(path))
        s = hop_error_set(err, HOP_E_PARSE,
                          "the file must be called X.yaml; any other name is ignored");
    if (s == HOP_OK)
        s = hop_yaml_parse(data, len, name, &y, err);
    if (s == HOP_OK)
        s = check_block(y, err);
    if (s == HOP_OK)
        s = hop_tree_add(&more, path, data, len, err);
    if (s == HOP_OK)
        s = merge(tree, &more, info, err);
    return s == HOP_OK ? s : hop_error_wrap(err, "add blocked edges from %s", name);
}
