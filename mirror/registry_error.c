/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hop_json.h"
#include "registry.h"

#include <string.h>
#include <strings.h>

#define MAX_MESSAGE 300
#define PROXY_HINT                                                                     \
    "the proxy does not let this through: https_proxy=http://USER:PASSWORD@HOST:PORT " \
    "logs in there, no_proxy goes around it"

static const char *status_word(long status)
{
    static const struct {
        long status;
        const char *word;
    } words[] = {
        {400, "bad request"},        {401, "unauthorized"},
        {403, "forbidden"},          {404, "not found"},
        {405, "method not allowed"}, {407, "proxy authentication required"},
        {408, "request timeout"},    {413, "request body too large"},
        {414, "address too long"},   {416, "range not satisfiable"},
        {429, "too many requests"},  {500, "internal server error"},
        {502, "bad gateway"},        {503, "service unavailable"},
        {504, "gateway timeout"},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(words); i++)
        if (words[i].status == status)
            return words[i].word;
    return "unexpected answer";
}

static const char *get_text(const hop_json_view *obj, const char *key)
{
    const char *text = NULL;
    hop_error *err = NULL;
    if (hop_json_optional_string(obj, key, &text, &err) != HOP_OK)
        hop_error_drop(&err);
    return text && text[0] ? text : NULL;
}

/* errors[0].message as in the distribution spec, or what token services write. */
static const char *find_message(const hop_json_view *root)
{
    hop_error *err = NULL;
    hop_json_view errors = {0};
    hop_json_view first = {0};
    if (hop_json_optional(root, "errors", HOP_JSON_ARRAY, &errors, &err) != HOP_OK)
        hop_error_drop(&err);
    if (errors.value && hop_json_count(&errors) > 0) {
        if (hop_json_item(&errors, 0, HOP_JSON_OBJECT, &first, &err) != HOP_OK)
            hop_error_drop(&err);
        if (first.value) {
            const char *message = get_text(&first, "message");
            return message ? message : get_text(&first, "code");
        }
    }
    static const char *const keys[] = {"message", "error_description", "details",
                                       "detail", "error"};
    for (size_t i = 0; i < HOP_COUNT_OF(keys); i++) {
        const char *text = get_text(root, keys[i]);
        if (text)
            return text;
    }
    return NULL;
}

void hop_registry_hide_credentials(char *text)
{
    static const char *const schemes[] = {"basic ", "bearer "};
    for (char *at = text; *at; at++) {
        size_t len = 0;
        for (size_t i = 0; i < HOP_COUNT_OF(schemes); i++)
            if (strncasecmp(at, schemes[i], strlen(schemes[i])) == 0)
                len = strlen(schemes[i]);
        for (char *c = at + len; len > 0 && *c && !strchr(" \t\r\n\"',", *c); c++)
            *c = '*';
    }
}

static char *read_message(const hop_answer *a)
{
    const char *text = hop_buf_get(&a->body);
    if (a->is_truncated || text[strspn(text, " \t\r\n")] != '{')
        return NULL; /* an HTML page says nothing that the status does not */
    HOP_AUTO(hop_json) doc = NULL;
    hop_error *err = NULL;
    if (hop_json_parse(a->body.data, a->body.len, "answer", &doc, &err) != HOP_OK) {
        hop_error_drop(&err);
        return NULL;
    }
    hop_json_view root = hop_json_root(doc, "answer");
    if (!hop_json_is(&root, HOP_JSON_OBJECT))
        return NULL;
    const char *message = find_message(&root);
    if (!message)
        return NULL;
    char *copy = hop_strndup(message, strnlen(message, MAX_MESSAGE));
    hop_registry_hide_credentials(copy);
    return copy;
}

static hop_status status_of(const hop_request_name *n, long status)
{
    if (status == 401 || status == 403)
        return HOP_E_AUTH;
    bool is_read = n->method == HOP_GET || n->method == HOP_HEAD;
    return status == 404 && is_read ? HOP_E_NOT_FOUND : HOP_E_NET;
}

static void add_http_hint(const hop_request_name *n, long status, hop_error **err)
{
    bool is_write = n->method != HOP_GET && n->method != HOP_HEAD;
    if (status == 401)
        hop_error_hint(err, "run `podman login %s` or pass --%s-authfile", n->host,
                       n->option);
    else if (status == 403)
        hop_error_hint(err, "the account that is used at %s may not do this", n->host);
    else if (status == 407)
        hop_error_hint(err, PROXY_HINT);
    else if (status == 400 && n->method == HOP_POST)
        hop_error_hint(err,
                       "%s may want other names: see --repository, --release-repository "
                       "and --graph-data-repository",
                       n->host);
    else if (n->method == HOP_PATCH)
        hop_error_hint(
            err,
            "%s takes a large blob neither whole nor in pieces: raise the limit "
            "of the proxy in front of it (nginx: client_max_body_size)",
            n->host);
    else if (status == 405 && is_write)
        hop_error_hint(err, "%s is read-only", n->host);
    else if (status == 413)
        hop_error_hint(err,
                       "a proxy in front of %s limits the size of a request (nginx: "
                       "client_max_body_size)",
                       n->host);
    else if (status == 404 && is_write)
        hop_error_hint(err, "does the repository have to be made at %s first?", n->host);
}

/* An alert comes from the other side and is about what we showed, or did not. */
static bool is_about_our_certificate(const char *net_text)
{
    return strstr(net_text, "alert certificate required") ||
           strstr(net_text, "alert bad certificate");
}

static hop_status net_error(const hop_request_name *n, const char *url,
                            const hop_answer *a, hop_error **err)
{
    hop_status s = hop_error_set(err, HOP_E_NET, "%s %s: %s", hop_method_name(n->method),
                                 url, a->net_text ? a->net_text : "no answer");
    switch (a->net) {
    case HOP_NET_PLAIN:
        hop_error_hint(err,
                       "%s speaks plain HTTP: pass --%s-tls-verify=false to allow that",
                       n->host, n->option);
        break;
    case HOP_NET_TLS:
        if (a->net_text && is_about_our_certificate(a->net_text))
            hop_error_hint(
                err,
                "%s wants a client certificate that it knows: --%s-cert-dir DIR, with "
                "NAME.cert and NAME.key in it",
                n->host, n->option);
        else
            hop_error_hint(
                err, "pass the authority that signed the certificate of %s with --%s-ca",
                n->host, n->option);
        break;
    case HOP_NET_UNREACHABLE:
        hop_error_hint(err, "is %s the right address, and can it be reached from here?",
                       n->host);
        break;
    case HOP_NET_PROXY:
        hop_error_hint(err, PROXY_HINT);
        break;
    case HOP_NET_OK:
    case HOP_NET_BROKEN:
    case HOP_NET_STOPPED:
    case HOP_NET_INVALID:
        break;
    }
    return s;
}

hop_status hop_registry_error(const hop_request_name *n, const hop_answer *a,
                              hop_error **err)
{
    HOP_AUTO_STR url = hop_registry_public_url(n->url);
    if (a->net != HOP_NET_OK)
        return net_error(n, url, a, err);
    HOP_AUTO_STR message = read_message(a);
    /* What a store behind a signed URL thinks is no matter of our credentials. */
    bool is_elsewhere = a->is_redirected && a->status >= 400;
    hop_status s = hop_error_set(err, is_elsewhere ? HOP_E_NET : status_of(n, a->status),
                                 "%s %s: %ld %s", hop_method_name(n->method), url,
                                 a->status, message ? message : status_word(a->status));
    if (is_elsewhere)
        hop_error_hint(err, "this is the answer of a place that %s redirects to",
                       n->host);
    else
        add_http_hint(n, a->status, err);
    return s;
}
