/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "side.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct hop_tls_list {
    hop_tls **items;
    size_t len;
    size_t cap;
};

hop_status hop_side_state_load(hop_side side, const hop_side_opts *opts,
                               hop_side_state *out, hop_error **err)
{
    HOP_AUTO_VALUE(hop_tls) tried = {0};
    hop_status s = hop_tls_load(opts, NULL, &tried, err);
    HOP_AUTO_VALUE(hop_proxies) proxies = {0};
    if (s == HOP_OK)
        s = hop_proxies_read(&opts->proxy, &proxies, err);
    if (s != HOP_OK)
        return s;
    *out = (hop_side_state){
        .side = side,
        .tls = opts->tls,
        .http_credentials = opts->http_credentials,
        .ca_file = hop_strdup(opts->ca_file),
        .cert_dir = hop_strdup(opts->cert_dir),
        .home = hop_strdup(opts->home),
        .proxies = proxies,
        .others = hop_alloc(1, sizeof(struct hop_tls_list)),
    };
    proxies = (hop_proxies){0};
    for (size_t i = 0; opts->authfiles && i < opts->authfiles->len; i++)
        hop_strings_add(&out->authfiles, opts->authfiles->items[i]);
    return HOP_OK;
}

void hop_side_state_clear(hop_side_state *s)
{
    hop_strings_clear(&s->authfiles);
    free(s->ca_file);
    free(s->cert_dir);
    free(s->home);
    hop_proxies_clear(&s->proxies);
    hop_strings_clear(&s->insecure_hosts);
    for (size_t i = 0; s->others && i < s->others->len; i++) {
        hop_tls_clear(s->others->items[i]);
        free(s->others->items[i]);
    }
    if (s->others)
        free(s->others->items);
    free(s->others);
    *s = (hop_side_state){0};
}

static bool is_insecure(const hop_side_state *s, const char *host)
{
    HOP_AUTO_STR name = hop_strndup(host, strcspn(host, ":"));
    for (size_t i = 0; i < s->insecure_hosts.len; i++) {
        const char *entry = s->insecure_hosts.items[i];
        bool is_match = hop_has_prefix(entry, "*.") ? hop_has_suffix(name, entry + 1)
                                                    : strcmp(entry, host) == 0;
        if (is_match)
            return true;
    }
    return false;
}

static hop_side_opts opts_for(const hop_side_state *s, const char *host)
{
    return (hop_side_opts){
        .ca_file = s->ca_file,
        .cert_dir = s->cert_dir,
        .home = s->home,
        .tls = is_insecure(s, host) ? HOP_TLS_SKIP : s->tls,
    };
}

hop_status hop_side_state_get_tls(const hop_side_state *s, const char *host, hop_tls *out,
                                  hop_error **err)
{
    hop_side_opts opts = opts_for(s, host);
    hop_status status = hop_tls_load(&opts, host, out, err);
    if (status == HOP_OK) {
        out->proxies = &s->proxies;
        out->side = s;
    }
    return status;
}

/* ---- where a redirect or a token service leads ---- */

char *hop_side_host_of(const char *url)
{
    const char *scheme_end = strstr(url, "://");
    const char *host = scheme_end ? scheme_end + 3 : url;
    size_t len = strcspn(host, "/?#");
    const char *user_end = memrchr(host, '@', len);
    if (user_end) {
        len -= (size_t)(user_end + 1 - host);
        host = user_end + 1;
    }
    char *out = hop_strndup(host, len);
    for (char *c = out; *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c += 'a' - 'A';
    return out;
}

static bool is_same_host(const char *a, const char *b)
{
    static const char port[] = ":443";
    size_t a_len = strlen(a) - (hop_has_suffix(a, port) ? strlen(port) : 0);
    size_t b_len = strlen(b) - (hop_has_suffix(b, port) ? strlen(port) : 0);
    return a_len == b_len && strncasecmp(a, b, a_len) == 0;
}

static const hop_tls *load_other(const hop_side_state *s, const char *host)
{
    struct hop_tls_list *list = s->others;
    list->items = hop_grow(list->items, list->len, &list->cap, sizeof(*list->items));
    hop_tls *t = hop_alloc(1, sizeof(*t));
    list->items[list->len++] = t;
    hop_side_opts opts = opts_for(s, host);
    hop_error *error = NULL;
    if (hop_tls_load_other(&opts, host, t, &error) != HOP_OK) {
        HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
        hop_error_join(error, &text);
        if (hop_error_get_hint(error))
            hop_buf_addf(&text, ": %s", hop_error_get_hint(error));
        hop_error_free(error);
        *t = (hop_tls){.mode = opts.tls,
                       .host = hop_strdup(host),
                       .trouble = hop_strdup(hop_buf_get(&text))};
    }
    t->proxies = &s->proxies;
    t->side = s;
    return t;
}

const hop_tls *hop_side_get_tls_at(const hop_tls *own, const char *url)
{
    if (!own->side || !own->side->others || !own->host ||
        !hop_has_prefix(url, "https://"))
        return own;
    HOP_AUTO_STR host = hop_side_host_of(url);
    if (is_same_host(host, own->host))
        return own;
    const struct hop_tls_list *list = own->side->others;
    for (size_t i = 0; i < list->len; i++)
        if (is_same_host(list->items[i]->host, host))
            return list->items[i];
    return load_other(own->side, host);
}
