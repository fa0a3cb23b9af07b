/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "auth.h"

#include "hop_json.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAX_PARAMETER ((size_t)4096)
#define DEFAULT_LIFETIME_S 60

void hop_challenge_clear(hop_challenge *c)
{
    free(c->realm);
    free(c->service);
    *c = (hop_challenge){0};
}

/* ---- WWW-Authenticate ---- */

typedef struct scanner {
    const char *at;
    const char *end;
} scanner;

static bool is_token_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("!#$%&'*+-.^_`|~", c));
}

static void skip(scanner *s, const char *set)
{
    while (s->at < s->end && *s->at != '\0' && strchr(set, *s->at))
        s->at++;
}

static size_t token_length(const scanner *s)
{
    size_t n = 0;
    while (s->at + n < s->end && is_token_char(s->at[n]))
        n++;
    return n;
}

/* A token or a quoted string; NULL when there is neither or it is too long. */
static char *read_value(scanner *s)
{
    if (s->at >= s->end)
        return NULL;
    if (*s->at != '"') {
        /* Some registries leave URLs unquoted: all up to a comma or space counts. */
        const char *from = s->at;
        while (s->at < s->end && *s->at != ',' && *s->at != ' ' && *s->at != '\t')
            s->at++;
        size_t len = (size_t)(s->at - from);
        return len <= MAX_PARAMETER ? hop_strndup(from, len) : NULL;
    }
    HOP_AUTO_VALUE(hop_buf) b = hop_buf_init(MAX_PARAMETER);
    for (s->at++; s->at < s->end && *s->at != '"'; s->at++) {
        if (*s->at == '\\' && s->at + 1 < s->end)
            s->at++;
        if (!hop_buf_offer(&b, s->at, 1))
            return NULL;
    }
    if (s->at >= s->end)
        return NULL;
    s->at++;
    return hop_buf_take(&b);
}

static bool name_is(const char *s, size_t len, const char *name)
{
    return len == strlen(name) && strncasecmp(s, name, len) == 0;
}

static hop_auth_scheme scheme_of(const char *s, size_t len)
{
    if (name_is(s, len, "bearer"))
        return HOP_AUTH_BEARER;
    return name_is(s, len, "basic") ? HOP_AUTH_BASIC : HOP_AUTH_NONE;
}

/* Parameters of one challenge: stops at what looks like the next scheme. */
static void read_parameters(scanner *s, hop_challenge *c)
{
    while (true) {
        skip(s, " \t,");
        size_t len = token_length(s);
        scanner ahead = {s->at + len, s->end};
        skip(&ahead, " \t");
        if (len == 0 || ahead.at >= ahead.end || *ahead.at != '=')
            return;
        const char *name = s->at;
        ahead.at++;
        skip(&ahead, " \t");
        HOP_AUTO_STR value = read_value(&ahead);
        *s = ahead;
        if (!value)
            return;
        if (name_is(name, len, "realm") && !c->realm)
            c->realm = hop_steal(&value);
        else if (name_is(name, len, "service") && !c->service)
            c->service = hop_steal(&value);
    }
}

void hop_challenge_add(hop_challenge *out, const char *value, size_t len)
{
    scanner s = {value, value + len};
    while (true) {
        skip(&s, " \t,");
        size_t n = token_length(&s);
        if (n == 0)
            return;
        hop_challenge c = {.scheme = scheme_of(s.at, n)};
        s.at += n;
        read_parameters(&s, &c);
        bool usable = c.scheme == HOP_AUTH_BASIC ||
                      (c.scheme == HOP_AUTH_BEARER && c.realm && c.realm[0]);
        if (usable && c.scheme > out->scheme) {
            hop_challenge_clear(out);
            *out = c;
        } else {
            hop_challenge_clear(&c);
        }
    }
}

/* ---- token requests ---- */

void hop_token_request_clear(hop_token_request *r)
{
    free(r->url);
    free(r->form);
    free(r->basic);
    *r = (hop_token_request){0};
}

static void add_encoded(hop_buf *b, const char *s)
{
    for (; *s; s++) {
        bool plain = (*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') ||
                     (*s >= '0' && *s <= '9') || strchr("-._~:/,", *s);
        if (plain)
            hop_buf_addc(b, *s);
        else
            hop_buf_addf(b, "%%%02X", (unsigned)(unsigned char)*s);
    }
}

static void add_pair(hop_buf *b, char separator, const char *name, const char *value)
{
    hop_buf_addc(b, separator);
    hop_buf_addf(b, "%s=", name);
    add_encoded(b, value);
}

static void add_scopes(hop_buf *b, const char *scopes, char separator)
{
    for (const char *at = scopes; *at;) {
        size_t len = strcspn(at, " ");
        HOP_AUTO_STR one = hop_strndup(at, len);
        add_pair(b, separator, "scope", one);
        separator = '&';
        at += len + (at[len] == ' ');
    }
}

static char *make_form(const hop_challenge *c, const hop_credential *cred,
                       const char *scopes)
{
    HOP_AUTO_VALUE(hop_buf) b = hop_buf_init(HOP_BUF_TEXT);
    hop_buf_adds(&b, "grant_type=refresh_token");
    add_pair(&b, '&', "service", c->service ? c->service : "");
    add_pair(&b, '&', "client_id", "oc-hop");
    /* RFC 6749 section 3.3: one scope parameter, its values separated by spaces. */
    add_pair(&b, '&', "scope", scopes);
    add_pair(&b, '&', "refresh_token", cred->identity_token);
    return hop_buf_take(&b);
}

hop_status hop_token_request_make(const hop_challenge *c, const hop_credential *cred,
                                  const char *scopes, hop_realm_policy policy,
                                  hop_token_request *out, hop_error **err)
{
    bool secure = hop_has_prefix(c->realm, "https://");
    if (!secure && !hop_has_prefix(c->realm, "http://"))
        return hop_error_set(err, HOP_E_NET, "token service \"%.200s\" is no URL",
                             c->realm);
    if (!secure && cred && policy == HOP_REALM_HTTPS)
        return hop_error_set(
            err, HOP_E_AUTH,
            "token service \"%.200s\" would get the credentials over plain http",
            c->realm);
    if (cred && cred->identity_token) {
        out->url = hop_strdup(c->realm);
        out->form = make_form(c, cred, scopes);
        return HOP_OK;
    }
    HOP_AUTO_VALUE(hop_buf) b = hop_buf_init(HOP_BUF_TEXT);
    hop_buf_adds(&b, c->realm);
    char separator = strchr(c->realm, '?') ? '&' : '?';
    if (c->service) {
        add_pair(&b, separator, "service", c->service);
        separator = '&';
    }
    add_scopes(&b, scopes, separator);
    out->url = hop_buf_take(&b);
    out->basic = cred ? hop_auth_basic(cred) : NULL;
    return HOP_OK;
}

static bool is_header_safe(const char *s)
{
    for (; *s; s++)
        if (*s <= ' ' || *s == 0x7f)
            return false;
    return true;
}

hop_status hop_token_read(const char *body, size_t len, char **bearer,
                          uint64_t *lifetime_s, hop_error **err)
{
    HOP_AUTO(hop_json) doc = NULL;
    hop_status s = hop_json_parse(body, len, "token answer", &doc, err);
    if (s != HOP_OK)
        return s;
    hop_json_view root = hop_json_root(doc, "token answer");
    const char *token = NULL;
    s = hop_json_optional_string(&root, "token", &token, err);
    if (s == HOP_OK && (!token || !token[0]))
        s = hop_json_optional_string(&root, "access_token", &token, err);
    if (s != HOP_OK)
        return s;
    if (!token || !token[0] || !is_header_safe(token))
        return hop_error_set(err, HOP_E_AUTH, "token answer: it holds no usable token");
    uint64_t life = DEFAULT_LIFETIME_S;
    hop_json_view v;
    s = hop_json_optional(&root, "expires_in", HOP_JSON_ANY, &v, err);
    if (s != HOP_OK)
        return s;
    if (v.value && hop_json_is(&v, HOP_JSON_INTEGER))
        s = hop_json_uint(&v, &life, err);
    if (s != HOP_OK)
        return s;
    *bearer = hop_sprintf("Bearer %s", token);
    *lifetime_s = life ? life : DEFAULT_LIFETIME_S;
    return HOP_OK;
}
