/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Blocked-edges files, one by one. The service takes exactly two shapes; with any other
 * the file is dropped and the update stays open. */
#include "lint.h"

#include <stdlib.h>
#include <string.h>

#include "hop_version.h"

static const char fails_open[] = "fails-open";
static const char dropped[] = "dropped, so that nothing is blocked";

static bool is_one_of(const char *text, const char *const *list, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (strcmp(text, list[i]) == 0)
            return true;
    return false;
}

/* ---- rules ---- */

static void check_promql(const hop_lint *l, const lint_file *f, const hop_yaml_node *rule)
{
    const hop_yaml_node *promql = hop_yaml_find(rule, "promql");
    const hop_yaml_node *query = hop_yaml_find(promql, "promql");
    if (!query || query->type != HOP_YAML_SCALAR || !*query->text)
        hop_lint_error(l->out, "matching-rules", hop_lint_at(f, promql ? promql : rule),
                       "a PromQL rule needs promql.promql, the query");
    for (size_t i = 0; i < rule->len; i++)
        if (strcmp(rule->keys[i], "type") != 0 && strcmp(rule->keys[i], "promql") != 0)
            hop_lint_error(l->out, "matching-rules", hop_lint_at(f, rule->items[i]),
                           "\"%s\" has no meaning in a PromQL rule", rule->keys[i]);
}

/* `seen` counts the rules of a type so far. */
static void check_rule(const hop_lint *l, const lint_file *f, const hop_yaml_node *rule,
                       size_t seen[2])
{
    const hop_yaml_node *type = hop_yaml_find(rule, "type");
    lint_place at = hop_lint_at(f, type ? type : rule);
    if (!type || type->type != HOP_YAML_SCALAR) {
        hop_lint_error(l->out, fails_open, at, "%s: a matching rule without type",
                       dropped);
        return;
    }
    bool is_always = strcmp(type->text, "Always") == 0;
    if (!is_always && strcmp(type->text, "PromQL") != 0) {
        hop_lint_error(l->out, "matching-rules", at,
                       "type \"%s\": clusters know Always and PromQL", type->text);
        return;
    }
    if (seen[is_always]++)
        hop_lint_error(l->out, "matching-rules", at, "a second rule of type %s",
                       type->text);
    if (!is_always)
        check_promql(l, f, rule);
    else if (rule->len != 1)
        hop_lint_error(l->out, "matching-rules", at,
                       "an Always rule has no other member than type");
}

static void check_rules(const hop_lint *l, const lint_file *f)
{
    const hop_yaml_node *list = hop_yaml_find(f->root, "matchingRules");
    if (list->len == 0)
        hop_lint_error(l->out, "matching-rules", hop_lint_at(f, list),
                       "matchingRules is empty: clusters drop the update altogether");
    size_t seen[2] = {0};
    for (size_t i = 0; i < list->len; i++)
        check_rule(l, f, list->items[i], seen);
}

/* ---- the members of a risk ---- */

static bool is_risk_name(const char *name)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                  "0123456789_";
    return *name >= 'A' && *name <= 'Z' && name[strspn(name, letters)] == '\0';
}

static void check_url(const hop_lint *l, const lint_file *f)
{
    const char *url = hop_lint_text(f, "url");
    if (!url)
        return;
    const char *host = hop_has_prefix(url, "https://") ? url + strlen("https://") : "";
    size_t len = strcspn(host, "/?#");
    bool has_odd_byte = false;
    for (const char *c = url; *c; c++)
        has_odd_byte = has_odd_byte || (unsigned char)*c <= ' ' || *c == 0x7f;
    if (len == 0 || has_odd_byte)
        hop_lint_error(l->out, "url", hop_lint_at(f, hop_yaml_find(f->root, "url")),
                       "\"%s\": expected https://HOST…", url);
}

static void check_risk(const hop_lint *l, const lint_file *f)
{
    static const char *const known[] = {
        "to", "from", "url", "name", "message", "matchingRules", "fixedIn", "autoExtend"};
    const hop_yaml_node *to = hop_yaml_find(f->root, "to");
    const char *name = hop_lint_text(f, "name"), *fixed = hop_lint_text(f, "fixedIn");
    if (name && !is_risk_name(name))
        hop_lint_error(
            l->out, "risk-name", hop_lint_at(f, hop_yaml_find(f->root, "name")),
            "\"%s\": a name is a capital letter, then letters, digits and _", name);
    check_url(l, f);
    check_rules(l, f);
    if (fixed && !hop_lint_is_version(fixed))
        hop_lint_warn(l->out, "fixed-in",
                      hop_lint_at(f, hop_yaml_find(f->root, "fixedIn")),
                      "\"%s\" is no version", fixed);
    for (size_t i = 0; i < f->root->len; i++)
        if (!is_one_of(f->root->keys[i], known, HOP_COUNT_OF(known)))
            hop_lint_warn(l->out, "unknown-member", hop_lint_at(f, f->root->items[i]),
                          "\"%s\" has no meaning in a risk", f->root->keys[i]);
    if (strchr(to->text, '+'))
        hop_lint_warn(l->out, "risk-architecture", hop_lint_at(f, to),
                      "only %s gets the risk, but the update is taken away from every "
                      "architecture",
                      to->text);
    HOP_AUTO_STR prefix = hop_sprintf("blocked-edges/%s", to->text);
    if (!hop_has_prefix(f->path, prefix))
        hop_lint_warn(l->out, "odd-name", hop_lint_at(f, to),
                      "a file about %s is customarily called %s-….yaml", to->text,
                      to->text);
}

/* ---- the shape ---- */

/* Text that must be there. NULL after it was reported. */
static const hop_yaml_node *need_text(const hop_lint *l, const lint_file *f,
                                      const char *key)
{
    const hop_yaml_node *n = hop_yaml_find(f->root, key);
    if (n && n->type == HOP_YAML_SCALAR)
        return n;
    hop_lint_error(l->out, fails_open, hop_lint_at(f, n), "%s: %s is missing or no text",
                   dropped, key);
    return NULL;
}

/* More than to and from makes a risk, and a risk needs all of its members. */
static bool has_risk_members(const hop_lint *l, const lint_file *f)
{
    static const char *const members[] = {"url", "name", "message", "matchingRules"};
    HOP_AUTO_VALUE(hop_buf) missing = hop_buf_init(HOP_BUF_TEXT);
    for (size_t i = 0; i < HOP_COUNT_OF(members); i++) {
        const hop_yaml_node *n = hop_yaml_find(f->root, members[i]);
        bool is_list = i + 1 == HOP_COUNT_OF(members);
        if (!n || (!is_list && n->type != HOP_YAML_SCALAR))
            hop_buf_addf(&missing, "%s%s", missing.len ? ", " : "", members[i]);
    }
    if (missing.len == 0)
        return true;
    const char *extra = NULL;
    const hop_yaml_node *at = f->root;
    for (size_t i = 0; i < f->root->len && !extra; i++)
        if (strcmp(f->root->keys[i], "to") != 0 &&
            strcmp(f->root->keys[i], "from") != 0) {
            extra = f->root->keys[i];
            at = f->root->items[i];
        }
    hop_lint_error(l->out, fails_open, hop_lint_at(f, at),
                   "%s: with \"%s\" it is a risk, but %s is missing", dropped, extra,
                   hop_buf_get(&missing));
    return false;
}

static bool has_rule_list(const hop_lint *l, const lint_file *f)
{
    const hop_yaml_node *list = hop_yaml_find(f->root, "matchingRules");
    if (list->type == HOP_YAML_SEQUENCE)
        return true;
    hop_lint_error(l->out, fails_open, hop_lint_at(f, list),
                   "%s: matchingRules is no list", dropped);
    return false;
}

/* The service takes any scalar for text: an empty `from` is a pattern that matches all.
 */
static void check_nulls(const hop_lint *l, const lint_file *f)
{
    static const char *const texts[] = {"to", "from", "url", "name", "message"};
    for (size_t i = 0; i < HOP_COUNT_OF(texts); i++) {
        const hop_yaml_node *n = hop_yaml_find(f->root, texts[i]);
        if (n && n->type == HOP_YAML_SCALAR && hop_yaml_is_null(n))
            hop_lint_error(l->out, "null-text", hop_lint_at(f, n),
                           "%s is null; the service reads it as the text \"%s\"",
                           texts[i], n->text);
    }
}

static void check_file(hop_lint *l, const lint_file *f)
{
    check_nulls(l, f);
    const hop_yaml_node *to = need_text(l, f, "to");
    const hop_yaml_node *from = need_text(l, f, "from");
    if (!to || !from)
        return;
    if (!hop_lint_is_version(to->text)) {
        hop_lint_error(l->out, fails_open, hop_lint_at(f, to),
                       "%s: to \"%s\" is no version", dropped, to->text);
        return;
    }
    bool is_plain = f->root->len == 2;
    if (!is_plain && (!has_risk_members(l, f) || !has_rule_list(l, f)))
        return;
    if (!is_plain)
        check_risk(l, f);
    char *core = hop_strndup(to->text, strcspn(to->text, "+"));
    hop_strings_take(&l->versions, &core);
    lint_block b = {.file = f,
                    .to = to,
                    .from = from,
                    .name = is_plain ? NULL : hop_lint_text(f, "name"),
                    .pattern = hop_lint_pattern(l, from->text)};
    l->blocks.items = hop_grow(l->blocks.items, l->blocks.len, &l->blocks.cap, sizeof(b));
    l->blocks.items[l->blocks.len++] = b;
}

void hop_lint_blocks(hop_lint *l)
{
    for (size_t i = 0; i < l->block_files.len; i++)
        check_file(l, &l->block_files.items[i]);
}
