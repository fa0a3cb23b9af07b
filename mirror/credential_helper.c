/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "credential_helper.h"

#include "hop_json.h"
#include "registry.h"

#include <string.h>

#define TIMEOUT_MS 30000
/* All helpers say it with these words, on standard output, and end with 1. */
#define NOT_FOUND "credentials not found in native keychain"
#define MAX_REASON 200

hop_status hop_credential_helper_read(const char *text, size_t len, const char *program,
                                      hop_credential *out, bool *found, hop_error **err)
{
    *found = false;
    HOP_AUTO(hop_json) doc = NULL;
    hop_error *parse_error = NULL;
    if (hop_json_parse(text, len, program, &doc, &parse_error) != HOP_OK) {
        /* Its text could quote the secret. */
        hop_error_drop(&parse_error);
        return hop_error_set(err, HOP_E_PARSE, "%s: its answer is no JSON", program);
    }
    hop_json_view root = hop_json_root(doc, program);
    const char *user = NULL;
    const char *secret = NULL;
    hop_status s = hop_json_optional_string(&root, "Username", &user, err);
    if (s == HOP_OK)
        s = hop_json_optional_string(&root, "Secret", &secret, err);
    if (s != HOP_OK || !user || !user[0] || !secret || !secret[0])
        return s;
    if (strcmp(user, "<token>") == 0) {
        out->identity_token = hop_strdup(secret);
    } else {
        out->user = hop_strdup(user);
        out->password = hop_strdup(secret);
    }
    *found = true;
    return HOP_OK;
}

/* The name becomes part of a program's name, so it must not lead to another directory. */
static bool is_name(const char *name)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    return name[0] && strspn(name, allowed) == strlen(name);
}

hop_status hop_credential_helper_start(const char *name, const char *host,
                                       hop_child **out, hop_error **err)
{
    if (!is_name(name))
        return hop_error_set(err, HOP_E_PARSE,
                             "credential helper \"%s\": expected the NAME of a program "
                             "docker-credential-NAME",
                             name);
    HOP_AUTO_STR program = hop_sprintf("docker-credential-%s", name);
    const char *argv[] = {program, "get", NULL};
    return hop_child_start(argv, host, TIMEOUT_MS, HOP_MAX_SMALL_BODY, out, err);
}

/* ---- why a helper failed ---- */

static bool is_word_end(char c)
{
    return c == '\0' || (unsigned char)c <= ' ' || strchr("\"',;", c);
}

/* Where a secret begins in a word: behind "NAME=", in "SCHEME://USER:PASSWORD@HOST", or a
 * token as a whole. NULL when it has none. */
static char *find_secret(char *word, const char *end)
{
    char *scheme = strstr(word, "://");
    const char *at = memchr(word, '@', (size_t)(end - word));
    if (hop_has_prefix(word, "eyJ"))
        return word;
    if (scheme && at && scheme < at)
        return scheme + strlen("://");
    char *equals = memchr(word, '=', (size_t)(end - word));
    return equals ? equals + 1 : NULL;
}

static void hide_secrets(char *text)
{
    for (char *word = text; *word;) {
        char *end = word;
        while (!is_word_end(*end))
            end++;
        char *secret = find_secret(word, end);
        if (secret)
            memset(secret, '*', (size_t)(end - secret));
        word = *end ? end + 1 : end;
    }
}

/* Helpers write to standard output what is wrong. An answer is not that, even when the
 * helper failed after it; and what is no sentence may be a secret by itself. */
static char *read_reason(const char *text)
{
    text += strspn(text, " \t\r\n");
    size_t len = strcspn(text, "\r\n");
    while (len > 0 && strchr(" \t.", text[len - 1]))
        len--;
    if (strchr(text, '{') || strstr(text, "Secret") || !memchr(text, ' ', len))
        return NULL;
    char *reason = hop_strndup(text, len < MAX_REASON ? len : MAX_REASON);
    hop_registry_hide_credentials(reason);
    hide_secrets(reason);
    return reason;
}

hop_status hop_credential_helper_finish(const char *name, const hop_child *child,
                                        hop_credential *out, bool *found, hop_error **err)
{
    *found = false;
    const hop_buf *text = NULL;
    int code = 0;
    hop_status s = hop_child_finish(child, &text, &code, err);
    if (s != HOP_OK)
        return s;
    HOP_AUTO_STR program = hop_sprintf("docker-credential-%s", name);
    if (code == 0)
        return hop_credential_helper_read(hop_buf_get(text), text->len, program, out,
                                          found, err);
    if (strstr(hop_buf_get(text), NOT_FOUND))
        return HOP_OK;
    HOP_AUTO_STR reason = read_reason(hop_buf_get(text));
    return hop_error_set(err, HOP_E_AUTH, "%s get: it ended with %d%s%s", program, code,
                         reason ? ": " : "", reason ? reason : "");
}
