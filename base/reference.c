/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hop_oci.h"

#include <stdlib.h>
#include <string.h>

#define LOWER_ALNUM "abcdefghijklmnopqrstuvwxyz0123456789"
#define ALNUM LOWER_ALNUM "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define MAX_REF 4096

static bool is_port(const char *s)
{
    size_t n = strspn(s, "0123456789");
    return n >= 1 && n <= 5 && s[n] == '\0' && strtol(s, NULL, 10) <= 65535;
}

static bool is_domain(const char *s, size_t len)
{
    for (size_t start = 0; start <= len;) {
        const char *dot = memchr(s + start, '.', len - start);
        size_t end = dot ? (size_t)(dot - s) : len;
        size_t n = strspn(s + start, ALNUM "-");
        if (end == start || n < end - start || s[start] == '-' || s[end - 1] == '-')
            return false;
        start = end + 1;
    }
    return len > 0 && len <= 253;
}

bool hop_host_is_valid(const char *text)
{
    if (text[0] == '[') {
        const char *close = strchr(text, ']');
        if (!close || close == text + 1 ||
            strspn(text + 1, "0123456789abcdefABCDEF:.") != (size_t)(close - text - 1))
            return false;
        return close[1] == '\0' || (close[1] == ':' && is_port(close + 2));
    }
    const char *colon = strchr(text, ':');
    size_t len = colon ? (size_t)(colon - text) : strlen(text);
    return is_domain(text, len) && (!colon || is_port(colon + 1));
}

/* path-component := alpha-numeric ((one of . _ __ or some -) alpha-numeric)* */
static size_t component_length(const char *s)
{
    size_t n = strspn(s, LOWER_ALNUM);
    while (n > 0) {
        const char *rest = s + n;
        size_t sep = strspn(rest, "-");
        if (sep == 0)
            sep = hop_has_prefix(rest, "__")           ? 2
                  : (rest[0] == '.' || rest[0] == '_') ? 1
                                                       : 0;
        size_t more = sep ? strspn(rest + sep, LOWER_ALNUM) : 0;
        if (more == 0)
            break;
        n += sep + more;
    }
    return n;
}

bool hop_repository_is_valid(const char *text)
{
    if (strlen(text) > 255)
        return false;
    for (const char *p = text;;) {
        size_t n = component_length(p);
        if (n == 0)
            return false;
        if (p[n] == '\0')
            return true;
        if (p[n] != '/')
            return false;
        p += n + 1;
    }
}

bool hop_tag_is_valid(const char *text)
{
    size_t len = strlen(text);
    return len >= 1 && len <= 128 && strspn(text, ALNUM "_.-") == len && text[0] != '.' &&
           text[0] != '-';
}

static hop_status bad(hop_error **err, const char *text, const char *what)
{
    return hop_error_set(err, HOP_E_PARSE, "image reference \"%.300s\": %s", text, what);
}

hop_status hop_ref_parse(const char *text, hop_ref *out, hop_error **err)
{
    if (strlen(text) > MAX_REF)
        return hop_error_set(err, HOP_E_LIMIT, "image reference: longer than %d bytes",
                             MAX_REF);
    HOP_AUTO_VALUE(hop_ref) r = {0};
    HOP_AUTO_STR name = hop_strdup(text);
    char *at = strchr(name, '@');
    if (at) {
        *at = '\0';
        if (!hop_digest_is_valid(at + 1))
            return bad(err, text, "the part after @ is no digest");
        memcpy(r.digest.text, at + 1, strlen(at + 1) + 1);
    }
    char *slash = strchr(name, '/');
    if (!slash)
        return bad(err, text, "expected HOST/REPOSITORY, with the host written out");
    *slash = '\0';
    char *path = slash + 1;
    char *colon = strrchr(path, ':');
    if (colon) {
        *colon = '\0';
        if (!hop_tag_is_valid(colon + 1))
            return bad(err, text, "the tag must be 1 to 128 of A-Z a-z 0-9 _ . -");
        r.tag = hop_strdup(colon + 1);
    }
    bool is_host = strpbrk(name, ".:[") != NULL || strcmp(name, "localhost") == 0;
    if (!is_host || !hop_host_is_valid(name))
        return bad(err, text, "the part before the first / is no HOST or HOST:PORT");
    if (!hop_repository_is_valid(path))
        return bad(err, text, "the repository must be lower-case path components");
    r.host = hop_strdup(name);
    r.repository = hop_strdup(path);
    *out = r;
    r = (hop_ref){0};
    return HOP_OK;
}

void hop_ref_clear(hop_ref *r)
{
    free(r->host);
    free(r->repository);
    free(r->tag);
    *r = (hop_ref){0};
}

void hop_ref_copy(const hop_ref *from, hop_ref *to)
{
    *to = (hop_ref){.host = hop_strdup(from->host),
                    .repository = hop_strdup(from->repository),
                    .tag = hop_strdup(from->tag),
                    .digest = from->digest};
}

char *hop_ref_format(const hop_ref *r)
{
    return hop_sprintf("%s/%s%s%s%s%s", r->host, r->repository, r->tag ? ":" : "",
                       r->tag ? r->tag : "", r->digest.text[0] ? "@" : "",
                       r->digest.text);
}

static const struct {
    const char *go, *tag;
} architectures[] = {{"amd64", "x86_64"},
                     {"arm64", "aarch64"},
                     {"ppc64le", "ppc64le"},
                     {"s390x", "s390x"},
                     {"multi", "multi"}};

const char *hop_arch_parse(const char *text)
{
    for (size_t i = 0; i < HOP_COUNT_OF(architectures); i++)
        if (strcmp(text, architectures[i].go) == 0 ||
            strcmp(text, architectures[i].tag) == 0)
            return architectures[i].go;
    return NULL;
}

const char *hop_arch_get_tag_name(const char *arch)
{
    for (size_t i = 0; i < HOP_COUNT_OF(architectures); i++)
        if (strcmp(arch, architectures[i].go) == 0)
            return architectures[i].tag;
    return arch;
}
