/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proxy.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void hop_proxies_clear(hop_proxies *p)
{
    free(p->http);
    free(p->https);
    hop_strings_clear(&p->exceptions);
    *p = (hop_proxies){0};
}

/* ---- reading ---- */

static hop_status read_proxy(const char *name, const char *text, char **out,
                             hop_error **err)
{
    static const char *const schemes[] = {"http://", "https://", "socks5://",
                                          "socks5h://"};
    if (!text || !*text)
        return HOP_OK;
    bool is_known = false;
    for (size_t i = 0; i < HOP_COUNT_OF(schemes); i++)
        is_known = is_known || strncasecmp(text, schemes[i], strlen(schemes[i])) == 0;
    const char *scheme_end = strstr(text, "://");
    const char *host = scheme_end ? scheme_end + strlen("://") : text;
    const char *at = strrchr(host, '@');
    if (at)
        host = at + 1;
    if ((scheme_end && !is_known) || !*host || strcspn(host, " \t\r\n") != strlen(host)) {
        hop_status s =
            hop_error_set(err, HOP_E_USAGE, "%s: \"%s\" is no proxy", name, host);
        hop_error_hint(err, "%s=http://[USER:PASSWORD@]HOST:PORT", name);
        return s;
    }
    *out = scheme_end ? hop_strdup(text) : hop_sprintf("http://%s", text);
    return HOP_OK;
}

static void read_exceptions(const char *text, hop_strings *out)
{
    static const char separators[] = ", \t";
    for (const char *at = text; at && *at;) {
        at += strspn(at, separators);
        size_t len = strcspn(at, separators);
        char *one = hop_strndup(at, len);
        if (len > 0)
            hop_strings_take(out, &one);
        free(one);
        at += len;
    }
}

hop_status hop_proxies_read(const hop_proxy_opts *opts, hop_proxies *out, hop_error **err)
{
    HOP_AUTO_VALUE(hop_proxies) p = {0};
    hop_status s = read_proxy("http_proxy", opts->http, &p.http, err);
    if (s == HOP_OK)
        s = read_proxy("https_proxy", opts->https, &p.https, err);
    if (s != HOP_OK)
        return s;
    read_exceptions(opts->no_proxy, &p.exceptions);
    *out = p;
    p = (hop_proxies){0};
    return HOP_OK;
}

/* ---- addresses ---- */

/* An IPv4 address is held as the IPv6 one that maps it. */
typedef struct address {
    unsigned char bytes[16];
    bool is_v4;
} address;

static bool read_address(const char *text, address *out)
{
    struct in_addr v4;
    struct in6_addr v6;
    *out = (address){0};
    if (inet_pton(AF_INET, text, &v4) == 1) {
        out->bytes[10] = 0xff;
        out->bytes[11] = 0xff;
        memcpy(out->bytes + 12, &v4, 4);
        out->is_v4 = true;
        return true;
    }
    if (inet_pton(AF_INET6, text, &v6) != 1)
        return false;
    memcpy(out->bytes, &v6, 16);
    return true;
}

static bool in_network(const address *a, const address *network, unsigned bits)
{
    unsigned whole = bits / 8;
    if (memcmp(a->bytes, network->bytes, whole) != 0)
        return false;
    if (bits % 8 == 0)
        return true;
    unsigned mask = 0xffu << (8 - bits % 8) & 0xffu;
    return (a->bytes[whole] & mask) == (network->bytes[whole] & mask);
}

/* "10.0.0.0/8". */
static bool matches_network(const char *entry, const address *a)
{
    const char *slash = strchr(entry, '/');
    HOP_AUTO_STR text = hop_strndup(entry, (size_t)(slash - entry));
    address network;
    char *end = NULL;
    unsigned long bits = strtoul(slash + 1, &end, 10);
    if (end == slash + 1 || *end || !read_address(text, &network) ||
        bits > (network.is_v4 ? 32u : 128u))
        return false;
    return in_network(a, &network, (unsigned)bits + (network.is_v4 ? 96u : 0u));
}

/* ---- one URL ---- */

typedef struct target {
    char *host; /* without brackets */
    char *port;
    bool is_tls;
    bool is_address;
    address address;
} target;

static void target_clear(target *t)
{
    free(t->host);
    free(t->port);
    *t = (target){0};
}

/* Splits HOST[:PORT]; an IPv6 address stands in brackets, or alone. */
static void split_port(const char *text, size_t len, char **host, char **port)
{
    const char *end = text + len;
    const char *colon = NULL;
    if (text < end && *text == '[') {
        const char *close = memchr(text, ']', len);
        *host = hop_strndup(text + 1, (size_t)((close ? close : end) - text - 1));
        colon = close && close + 1 < end && close[1] == ':' ? close + 1 : NULL;
    } else {
        colon = memchr(text, ':', len);
        if (colon && memchr(colon + 1, ':', (size_t)(end - colon - 1)))
            colon = NULL;
        *host = hop_strndup(text, (size_t)((colon ? colon : end) - text));
    }
    *port = colon ? hop_strndup(colon + 1, (size_t)(end - colon - 1)) : NULL;
}

static bool read_target(const char *url, target *out)
{
    bool is_tls = hop_has_prefix(url, "https://");
    if (!is_tls && !hop_has_prefix(url, "http://"))
        return false;
    const char *authority = strstr(url, "://") + 3;
    size_t len = strcspn(authority, "/?#");
    for (size_t i = len; i > 0; i--)
        if (authority[i - 1] == '@') {
            authority += i;
            len -= i;
            break;
        }
    split_port(authority, len, &out->host, &out->port);
    if (!out->port)
        out->port = hop_strdup(is_tls ? "443" : "80");
    out->is_tls = is_tls;
    out->is_address = read_address(out->host, &out->address);
    return true;
}

static bool is_loopback(const target *t)
{
    static const unsigned char one[16] = {[15] = 1};
    if (!t->is_address)
        return strcasecmp(t->host, "localhost") == 0;
    return t->address.is_v4 ? t->address.bytes[12] == 127
                            : memcmp(t->address.bytes, one, 16) == 0;
}

static bool matches_name(const char *entry, const char *host)
{
    bool only_below = hop_has_prefix(entry, ".") || hop_has_prefix(entry, "*.");
    const char *name = only_below ? strchr(entry, '.') + 1 : entry;
    size_t len = strlen(host);
    size_t name_len = strlen(name);
    if (name_len == 0)
        return false;
    if (len == name_len)
        return !only_below && strcasecmp(host, name) == 0;
    return len > name_len && host[len - name_len - 1] == '.' &&
           strcasecmp(host + len - name_len, name) == 0;
}

static bool matches(const char *entry, const target *t)
{
    if (strcmp(entry, "*") == 0)
        return true;
    if (strchr(entry, '/'))
        return t->is_address && matches_network(entry, &t->address);
    HOP_AUTO_STR host = NULL;
    HOP_AUTO_STR port = NULL;
    split_port(entry, strlen(entry), &host, &port);
    if (port && strcmp(port, t->port) != 0)
        return false;
    address a;
    if (read_address(host, &a))
        return t->is_address && memcmp(a.bytes, t->address.bytes, sizeof(a.bytes)) == 0;
    return !t->is_address && matches_name(host, t->host);
}

const char *hop_proxies_find(const hop_proxies *p, const char *url)
{
    HOP_AUTO_VALUE(target) t = {0};
    if (!p || !read_target(url, &t) || is_loopback(&t))
        return NULL;
    for (size_t i = 0; i < p->exceptions.len; i++)
        if (matches(p->exceptions.items[i], &t))
            return NULL;
    return t.is_tls ? p->https : p->http;
}
