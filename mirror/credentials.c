/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "auth.h"
#include "hop_base64.h"
#include "hop_file.h"
#include "hop_json.h"

#include <stdlib.h>
#include <string.h>

void hop_credential_clear(hop_credential *c)
{
    free(c->user);
    free(c->password);
    free(c->identity_token);
    free(c->origin);
    *c = (hop_credential){0};
}

char *hop_auth_basic(const hop_credential *c)
{
    HOP_AUTO_STR pair = hop_sprintf("%s:%s", c->user, c->password);
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    hop_base64_add(&text, pair, strlen(pair));
    return hop_sprintf("Basic %s", hop_buf_get(&text));
}

/* ---- files ---- */

/* How well a key fits: its length when it names the host or a path above the repository,
 * else 0. Docker writes keys as URLs, so scheme, "/v1/" and a final slash are cut off. */
static size_t match_length(const char *key, const char *target)
{
    size_t from = 0;
    if (hop_has_prefix(key, "https://"))
        from = strlen("https://");
    else if (hop_has_prefix(key, "http://"))
        from = strlen("http://");
    HOP_AUTO_STR k = hop_strdup(key + from);
    if (from > 0 && (hop_has_suffix(k, "/v1/") || hop_has_suffix(k, "/v2/")))
        k[strlen(k) - 4] = '\0';
    while (k[0] && k[strlen(k) - 1] == '/')
        k[strlen(k) - 1] = '\0';
    size_t len = strlen(k);
    if (len == 0 || !hop_has_prefix(target, k))
        return 0;
    return target[len] == '\0' || target[len] == '/' ? len : 0;
}

static hop_status read_pair(const char *text, const char *file, const char *key,
                            hop_credential *out, hop_error **err)
{
    HOP_AUTO_VALUE(hop_buf) pair = hop_buf_init(HOP_BUF_TEXT);
    bool is_text = hop_base64_decode(text, &pair) == HOP_BASE64_OK &&
                   strlen(hop_buf_get(&pair)) == pair.len;
    const char *colon = is_text ? strchr(hop_buf_get(&pair), ':') : NULL;
    if (!colon)
        return hop_error_set(err, HOP_E_AUTH,
                             "%s: auths.%s.auth: expected base64 of user:password", file,
                             key);
    out->user = hop_strndup(hop_buf_get(&pair), (size_t)(colon - hop_buf_get(&pair)));
    out->password = hop_strdup(colon + 1);
    return HOP_OK;
}

static hop_status read_entry(const hop_json_view *entry, const char *file,
                             hop_credential *out, bool *found, hop_error **err)
{
    const char *auth = NULL;
    const char *token = NULL;
    const char *user = NULL;
    const char *password = NULL;
    hop_status s = hop_json_optional_string(entry, "auth", &auth, err);
    if (s == HOP_OK)
        s = hop_json_optional_string(entry, "identitytoken", &token, err);
    if (s == HOP_OK)
        s = hop_json_optional_string(entry, "username", &user, err);
    if (s == HOP_OK)
        s = hop_json_optional_string(entry, "password", &password, err);
    if (s != HOP_OK)
        return s;
    HOP_AUTO_VALUE(hop_credential) c = {0};
    if (token && token[0]) {
        c.identity_token = hop_strdup(token);
    } else if (auth && auth[0]) {
        s = read_pair(auth, file, entry->key, &c, err);
        if (s != HOP_OK)
            return s;
    } else if (user && user[0] && password) {
        c.user = hop_strdup(user);
        c.password = hop_strdup(password);
    } else {
        return HOP_OK; /* docker leaves empty entries where a helper holds the secret */
    }
    c.origin = hop_sprintf("%s (auths.%s)", file, entry->key);
    *out = c;
    c = (hop_credential){0};
    *found = true;
    return HOP_OK;
}

/* ---- one file: which of its keys decides ---- */

typedef struct search {
    const char *file;
    const char *host;
    const char *target; /* HOST/REPOSITORY */
    const hop_helper *helper;
} search;

/* True for an entry that holds anything: docker leaves empty ones where a helper has the
 * secret. */
static bool has_secret(const hop_json_view *entry)
{
    static const char *const keys[] = {"auth", "identitytoken", "username"};
    bool has = false;
    for (size_t i = 0; i < HOP_COUNT_OF(keys) && !has; i++) {
        const char *text = NULL;
        hop_error *err = NULL;
        if (hop_json_optional_string(entry, keys[i], &text, &err) != HOP_OK) {
            hop_error_drop(&err);
            return true; /* whoever reads it says what is wrong */
        }
        has = text && text[0];
    }
    return has;
}

/* The longest key of the object `name` that fits; its length, 0 without. */
static hop_status find_key(const search *q, const hop_json_view *root, const char *name,
                           hop_json_type type, hop_json_view *all, hop_json_view *best,
                           size_t *best_len, hop_error **err)
{
    *best_len = 0;
    hop_status s = hop_json_optional(root, name, HOP_JSON_OBJECT, all, err);
    if (s != HOP_OK || !all->value)
        return s;
    void *iter = NULL;
    hop_json_view entry;
    while (hop_json_next(all, &iter, &entry)) {
        size_t len = match_length(entry.key, q->target);
        if (len <= *best_len || !hop_json_is(&entry, type) ||
            (type == HOP_JSON_OBJECT && !has_secret(&entry)))
            continue;
        *best = entry;
        *best_len = len;
    }
    return HOP_OK;
}

static hop_status ask_helper(const search *q, const char *key, const char *name,
                             hop_credential *out, bool *found, hop_error **err)
{
    HOP_AUTO_VALUE(hop_credential) c = {0};
    hop_status s = q->helper->ask(q->helper->user, name, q->host, &c, found, err);
    if (s != HOP_OK || !*found)
        return s;
    free(c.origin);
    c.origin = hop_sprintf("%s (%s: docker-credential-%s)", q->file, key, name);
    *out = c;
    c = (hop_credential){0};
    return HOP_OK;
}

static hop_status ask_named(const search *q, const hop_json_view *entry,
                            hop_credential *out, bool *found, hop_error **err)
{
    const char *name = NULL;
    hop_status s = hop_json_string(entry, &name, err);
    if (s != HOP_OK || !name[0])
        return s;
    HOP_AUTO_STR key = hop_sprintf("credHelpers.%s", entry->key);
    hop_error *cause = NULL;
    s = ask_helper(q, key, name, out, found, &cause);
    if (s == HOP_OK)
        return s;
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    hop_error_join(cause, &text);
    hop_error_free(cause);
    s = hop_error_set(err, HOP_E_AUTH, "%s: %s: %s", q->file, key, hop_buf_get(&text));
    hop_error_hint(err,
                   "does `echo %s | docker-credential-%s get` work here? "
                   "`podman login` writes a password that needs no helper",
                   q->host, name);
    return s;
}

static hop_status ask_store(const search *q, const hop_json_view *root,
                            hop_credential *out, bool *found, hop_error **err)
{
    const char *name = NULL;
    hop_status s = hop_json_optional_string(root, "credsStore", &name, err);
    if (s != HOP_OK || !name || !name[0])
        return s;
    s = ask_helper(q, "credsStore", name, out, found, err);
    if (s != HOP_E_NOT_FOUND)
        return s == HOP_OK ? s : hop_error_wrap(err, "%s: credsStore", q->file);
    hop_error_drop(err);
    return HOP_OK;
}

static hop_status find_in_document(const search *q, const hop_json_view *root,
                                   hop_credential *out, bool *found, hop_error **err)
{
    hop_json_view auths = {0}, helpers = {0}, entry = {0}, helper = {0};
    size_t entry_len = 0, helper_len = 0;
    hop_status s =
        find_key(q, root, "auths", HOP_JSON_OBJECT, &auths, &entry, &entry_len, err);
    if (s == HOP_OK && q->helper)
        s = find_key(q, root, "credHelpers", HOP_JSON_STRING, &helpers, &helper,
                     &helper_len, err);
    if (s == HOP_OK && helper_len > 0 && helper_len >= entry_len)
        s = ask_named(q, &helper, out, found, err);
    if (s == HOP_OK && !*found && entry_len > 0)
        s = read_entry(&entry, q->file, out, found, err);
    if (s == HOP_OK && !*found && q->helper)
        s = ask_store(q, root, out, found, err);
    return s;
}

/* What is not written as it should be is a matter of credentials, not of integrity. */
static hop_status no_credentials(hop_error **err)
{
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    hop_error_join(*err, &text);
    hop_error_drop(err);
    return hop_error_set(err, HOP_E_AUTH, "read credentials: %s", hop_buf_get(&text));
}

static hop_status find_in_file(const search *q, hop_credential *out, bool *found,
                               hop_error **err)
{
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_MAX_SMALL_BODY);
    hop_status s = hop_file_read(q->file, &text, err);
    if (s == HOP_E_NOT_FOUND) {
        hop_error_drop(err);
        return HOP_OK;
    }
    if (s != HOP_OK || text.len == 0)
        return s;
    HOP_AUTO(hop_json) doc = NULL;
    s = hop_json_parse(text.data, text.len, q->file, &doc, err);
    if (s == HOP_OK) {
        hop_json_view root = hop_json_root(doc, q->file);
        s = find_in_document(q, &root, out, found, err);
    }
    return s == HOP_E_PARSE ? no_credentials(err) : s;
}

hop_status hop_credential_find(const hop_strings *files, const hop_helper *helper,
                               const char *host, const char *repository,
                               hop_credential *out, bool *found, hop_error **err)
{
    *found = false;
    HOP_AUTO_STR target =
        repository ? hop_sprintf("%s/%s", host, repository) : hop_strdup(host);
    search q = {.host = host, .target = target, .helper = helper};
    for (size_t i = 0; i < files->len && !*found; i++) {
        q.file = files->items[i];
        hop_status s = find_in_file(&q, out, found, err);
        if (s != HOP_OK)
            return hop_error_wrap(err, "look up credentials of %s", target);
    }
    return HOP_OK;
}
