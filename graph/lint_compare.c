/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Blocked-edges files against each other and against the channels. */
#include "lint.h"

#include <stdlib.h>
#include <string.h>

/* ---- one risk in several files ---- */

/* Values as text; two that differ give different texts. Depth is bounded by the YAML
 * reader. */
static void add_value(const hop_yaml_node *n,
                      hop_buf *out) /* NOLINT(misc-no-recursion) */
{
    if (!n)
        return;
    switch (n->type) {
    case HOP_YAML_SCALAR:
        hop_buf_add_yaml(out, n->text);
        return;
    case HOP_YAML_SEQUENCE:
    case HOP_YAML_MAPPING:
        hop_buf_addc(out, n->keys ? '{' : '[');
        for (size_t i = 0; i < n->len; i++) {
            if (n->keys)
                hop_buf_add_yaml(out, n->keys[i]);
            hop_buf_addc(out, ':');
            add_value(n->items[i], out);
            hop_buf_addc(out, ',');
        }
        hop_buf_addc(out, n->keys ? '}' : ']');
        return;
    }
}

static bool is_equal(const hop_yaml_node *a, const hop_yaml_node *b)
{
    HOP_AUTO_VALUE(hop_buf) x = hop_buf_init(HOP_BUF_TEXT);
    HOP_AUTO_VALUE(hop_buf) y = hop_buf_init(HOP_BUF_TEXT);
    add_value(a, &x);
    add_value(b, &y);
    return (a != NULL) == (b != NULL) && strcmp(hop_buf_get(&x), hop_buf_get(&y)) == 0;
}

static bool may_differ(const char *key)
{
    return strcmp(key, "to") == 0 || strcmp(key, "from") == 0 ||
           strcmp(key, "fixedIn") == 0;
}

static const char rule_differs[] = "risk-differs";

/* Rules that differ give one name two meanings. Other members are texts, which clusters
 * show as they come; upstream had such files for years. A member that only `first` has is
 * reported at the name of `b`. */
static void compare_members(const hop_lint *l, const lint_block *first,
                            const lint_block *b)
{
    const hop_yaml_node *mine = b->file->root, *theirs = first->file->root;
    for (size_t i = 0; i < mine->len; i++) {
        const char *key = mine->keys[i];
        if (may_differ(key) || is_equal(mine->items[i], hop_yaml_find(theirs, key)))
            continue;
        lint_place at = hop_lint_at(b->file, mine->items[i]);
        static const char text[] = "%s of risk %s is not what %s says";
        if (strcmp(key, "matchingRules") == 0)
            hop_lint_error(l->out, rule_differs, at, text, key, b->name,
                           first->file->path);
        else
            hop_lint_warn(l->out, rule_differs, at, text, key, b->name,
                          first->file->path);
    }
    for (size_t i = 0; i < theirs->len; i++)
        if (!may_differ(theirs->keys[i]) && !hop_yaml_find(mine, theirs->keys[i]))
            hop_lint_warn(l->out, rule_differs,
                          hop_lint_at(b->file, hop_yaml_find(mine, "name")),
                          "%s of risk %s is in %s but not here", theirs->keys[i], b->name,
                          first->file->path);
}

static int compare_by_name(const void *a, const void *b)
{
    const lint_block *x = *(const lint_block *const *)a;
    const lint_block *y = *(const lint_block *const *)b;
    int order = strcmp(x->name, y->name);
    return order ? order : strcmp(x->file->path, y->file->path);
}

static void compare_risks(const hop_lint *l)
{
    const lint_block **risks = hop_alloc(l->blocks.len + 1, sizeof(const lint_block *));
    size_t count = 0;
    for (size_t i = 0; i < l->blocks.len; i++)
        if (l->blocks.items[i].name)
            risks[count++] = &l->blocks.items[i];
    qsort(risks, count, sizeof(*risks), compare_by_name);
    for (size_t i = 1, first = 0; i < count; i++) {
        if (strcmp(risks[i]->name, risks[first]->name) == 0)
            compare_members(l, risks[first], risks[i]);
        else
            first = i;
    }
    free(risks);
}

/* ---- several blocks of one target ---- */

/* A pre-release part that is exactly s390x pins a plain block to that architecture. */
static const char *arch_of(const lint_block *b)
{
    const char *plus = strchr(b->to->text, '+');
    if (plus)
        return plus + 1;
    return !b->name && hop_has_suffix(b->to->text, "-s390x") ? "s390x" : NULL;
}

static bool has_same_target(const lint_block *a, const lint_block *b)
{
    size_t len = strcspn(a->to->text, "+");
    const char *x = arch_of(a), *y = arch_of(b);
    return len == strcspn(b->to->text, "+") &&
           memcmp(a->to->text, b->to->text, len) == 0 && (!x || !y || strcmp(x, y) == 0);
}

/* A version that both take, or NULL. */
static const char *find_common(const hop_lint *l, const lint_block *a,
                               const lint_block *b)
{
    const hop_pattern *p = l->patterns.items[a->pattern].code;
    const hop_pattern *q = l->patterns.items[b->pattern].code;
    for (size_t i = 0; p && q && i < l->versions.len; i++)
        if (hop_lint_match(p, l->versions.items[i]) &&
            hop_lint_match(q, l->versions.items[i]))
            return l->versions.items[i];
    return NULL;
}

static void compare_with_plain(const hop_lint *l, const lint_block *plain,
                               const lint_block *other)
{
    lint_place at = hop_lint_at(plain->file, plain->from);
    if (!has_same_target(plain, other))
        return;
    if (!other->name) {
        if (strcmp(plain->file->path, other->file->path) < 0 &&
            strcmp(plain->from->text, other->from->text) != 0)
            hop_lint_warn(l->out, "overwritten", at,
                          "without effect: the last plain block of a target counts, and "
                          "that is in %s",
                          other->file->path);
        return;
    }
    const char *common = find_common(l, plain, other);
    if (common)
        hop_lint_warn(l->out, "block-and-risk", at,
                      "%s has a risk for the same updates (%s to %s): they are not "
                      "blocked but conditional",
                      other->file->path, common, plain->to->text);
}

static void compare_targets(const hop_lint *l)
{
    for (size_t i = 0; i < l->blocks.len; i++)
        for (size_t j = 0; !l->blocks.items[i].name && j < l->blocks.len; j++)
            if (i != j)
                compare_with_plain(l, &l->blocks.items[i], &l->blocks.items[j]);
}

void hop_lint_compare_blocks(hop_lint *l)
{
    compare_risks(l);
    compare_targets(l);
}
