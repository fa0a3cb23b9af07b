/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "auth.h"
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

/* ---- base64, RFC 4648 section 4 ---- */

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static char *encode64(const char *s)
{
    size_t len = strlen(s);
    HOP_AUTO_VALUE(hop_buf) b = hop_buf_init(HOP_BUF_TEXT);
    for (size_t i = 0; i < len; i += 3) {
        uint32_t v = (uint32_t)(unsigned char)s[i] << 16;
        if (i + 1 < len)
            v |= (uint32_t)(unsigned char)s[i + 1] << 8;
        if (i + 2 < len)
            v |= (uint32_t)(unsigned char)s[i + 2];
        hop_buf_addc(&b, alphabet[v >> 18]);
        hop_buf_addc(&b, alphabet[(v >> 12) & 63]);
        hop_buf_addc(&b, i + 1 < len ? alphabet[(v >> 6) & 63] : '=');
        hop_buf_addc(&b, i + 2 < len ? alphabet[v & 63] : '=');
    }
    return hop_buf_take(&b);
}

/* NULL for what is no base64 or holds a NUL. */
static char *decode64(const char *s)
{
    HOP_AUTO_VALUE(hop_buf) b = hop_buf_init(HOP_BUF_TEXT);
    uint32_t v = 0;
    unsigned bits = 0;
    for (; *s && *s != '='; s++) {
        const char *p = strchr(alphabet, *s);
        if (!p)
            return NULL;
        v = v << 6 | (uint32_t)(p - alphabet);
        bits += 6;
        if (bits < 8)
            continue;
        bits -= 8;
        char c = (char)(unsigned char)(v >> bits & 255);
        if (c == '\0')
            return NULL;
        hop_buf_addc(&b, c);
    }
    return s[strspn(s, "=")] == '\0' ? hop_buf_take(&b) : NULL;
}

char *hop_auth_basic(const hop_credential *c)
{
    HOP_AUTO_STR pair = hop_sprintf("%s:%s", c->user, c->password);
    HOP_AUTO_STR text = encode64(pair);
    return hop_sprintf("Basic %s", text);
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
    HOP_AUTO_STR pair = decode64(text);
    char *colon = pair ? strchr(pair, ':') : NULL;
    if (!colon)
        return hop_error_set(err, HOP_E_AUTH,
                             "%s: auths.%s.auth: expected base64 of user:password", file,
                             key);
    *colon = '\0';
    out->user = hop_strdup(pair);
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
    c.origin = hop_sprintf("%s (%s)", file, entry->key);
    *out = c;
    c = (hop_credential){0};
    *found = true;
    return HOP_OK;
}

static hop_status find_in_file(const char *file, const char *target, hop_credential *out,
                               bool *found, hop_error **err)
{
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_MAX_SMALL_BODY);
    hop_status s = hop_file_read(file, &text, err);
    if (s == HOP_E_NOT_FOUND) {
        hop_error_drop(err);
        return HOP_OK;
    }
    if (s != HOP_OK || text.len == 0)
        return s;
    HOP_AUTO(hop_json) doc = NULL;
    s = hop_json_parse(text.data, text.len, file, &doc, err);
    if (s != HOP_OK)
        return s;
    hop_json_view root = hop_json_root(doc, file);
    hop_json_view auths;
    s = hop_json_optional(&root, "auths", HOP_JSON_OBJECT, &auths, err);
    if (s != HOP_OK || !auths.value)
        return s;
    hop_json_view best = {0};
    size_t best_len = 0;
    void *iter = NULL;
    hop_json_view entry;
    while (hop_json_next(&auths, &iter, &entry)) {
        size_t len = match_length(entry.key, target);
        if (len > best_len && hop_json_is(&entry, HOP_JSON_OBJECT)) {
            best = entry;
            best_len = len;
        }
    }
    return best_len > 0 ? read_entry(&best, file, out, found, err) : HOP_OK;
}

hop_status hop_credential_find(const hop_strings *files, const char *host,
                               const char *repository, hop_credential *out, bool *found,
                               hop_error **err)
{
    *found = false;
    HOP_AUTO_STR target =
        repository ? hop_sprintf("%s/%s", host, repository) : hop_strdup(host);
    for (size_t i = 0; i < files->len && !*found; i++) {
        hop_status s = find_in_file(files->items[i], target, out, found, err);
        if (s != HOP_OK)
            return hop_error_wrap(err, "look up credentials of %s", target);
    }
    return HOP_OK;
}
