/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "registry.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define MAX_WAIT_MS ((uint64_t)3600 * 1000)

/* ---- URLs ---- */

char *hop_registry_manifest_url(const char *base, const char *repository,
                                const char *reference)
{
    return hop_sprintf("%s/v2/%s/manifests/%s", base, repository, reference);
}

char *hop_registry_blob_url(const char *base, const char *repository,
                            const hop_digest *digest)
{
    return hop_sprintf("%s/v2/%s/blobs/%s", base, repository, digest->text);
}

char *hop_registry_upload_url(const char *base, const char *repository,
                              const hop_digest *mount, const char *from)
{
    if (!mount)
        return hop_sprintf("%s/v2/%s/blobs/uploads/", base, repository);
    return hop_sprintf("%s/v2/%s/blobs/uploads/?mount=%s&from=%s", base, repository,
                       mount->text, from);
}

typedef struct authority {
    bool is_https;
    const char *host; /* with port */
    size_t len;
    size_t name_len;  /* without port */
    const char *rest; /* path and query */
} authority;

static bool split_url(const char *url, authority *out)
{
    size_t skip = 0;
    if (strncasecmp(url, "https://", 8) == 0)
        skip = 8;
    else if (strncasecmp(url, "http://", 7) == 0)
        skip = 7;
    else
        return false;
    out->is_https = skip == 8;
    out->host = url + skip;
    out->len = strcspn(out->host, "/?#");
    if (out->len == 0 || memchr(out->host, '@', out->len))
        return false;
    out->name_len = out->len;
    for (size_t i = out->len; i > 0 && out->host[i - 1] != ']'; i--)
        if (out->host[i - 1] == ':')
            out->name_len = i - 1;
    out->rest = out->host + out->len;
    return true;
}

static bool is_url_text(const char *s)
{
    for (; *s; s++)
        if ((unsigned char)*s <= ' ' || (unsigned char)*s >= 0x7f)
            return false;
    return true;
}

static char *resolve_relative(const char *request_url, const authority *request,
                              const char *location)
{
    int origin = (int)(request->rest - request_url);
    if (location[0] == '/')
        return hop_sprintf("%.*s%s", origin, request_url, location);
    size_t path = strcspn(request->rest, "?#");
    while (path > 0 && request->rest[path - 1] != '/')
        path--;
    return hop_sprintf("%.*s%.*s%s%s", origin, request_url, (int)path, request->rest,
                       path ? "" : "/", location);
}

static hop_status refuse_downgrade(const authority *from, const authority *to,
                                   hop_error **err)
{
    hop_status s = hop_error_set(err, HOP_E_NET,
                                 "the registry sends an upload from https to http on "
                                 "another host: %.*s",
                                 (int)to->len, to->host);
    hop_error_hint(err,
                   "what stands in front of the registry has to tell it that it is "
                   "https://%.*s (X-Forwarded-Proto and X-Forwarded-Host)",
                   (int)from->len, from->host);
    return s;
}

hop_status hop_registry_session_url(const char *request_url, const char *location,
                                    char **out, bool *same_host, hop_error **err)
{
    authority request = {0};
    authority there = {0};
    if (!location || !location[0] || !is_url_text(location) ||
        !split_url(request_url, &request))
        return hop_error_set(err, HOP_E_NET,
                             "the registry opened an upload without saying where");
    if (hop_has_prefix(location, "//") ||
        (strstr(location, "://") && !split_url(location, &there) && location[0] != '/'))
        return hop_error_set(err, HOP_E_NET,
                             "the registry opened an upload at a place that is no URL");
    if (!there.host) {
        *out = resolve_relative(request_url, &request, location);
        *same_host = true;
        return HOP_OK;
    }
    bool same_name = request.name_len == there.name_len &&
                     strncasecmp(request.host, there.host, there.name_len) == 0;
    if (request.is_https && !there.is_https) {
        if (!same_name)
            return refuse_downgrade(&request, &there, err);
        *out = hop_sprintf("https://%.*s%s", (int)request.len, request.host, there.rest);
        *same_host = true;
        return HOP_OK;
    }
    *out = hop_strdup(location);
    *same_host = same_name && (request.len == there.len || there.is_https) &&
                 (request.is_https != there.is_https ||
                  (request.len == there.len &&
                   strncasecmp(request.host, there.host, there.len) == 0));
    return HOP_OK;
}

char *hop_registry_commit_url(const char *session, const hop_digest *digest)
{
    return hop_sprintf("%s%cdigest=%s", session, strchr(session, '?') ? '&' : '?',
                       digest->text);
}

char *hop_registry_public_url(const char *url)
{
    const char *host = strstr(url, "://");
    host = host ? host + 3 : url;
    size_t len = strcspn(host, "/?#");
    const char *at = memchr(host, '@', len);
    const char *from = at ? at + 1 : host;
    return hop_sprintf("%.*s%.*s", (int)(host - url), url, (int)strcspn(from, "?#"),
                       from);
}

/* ---- answers ---- */

bool hop_registry_is_pushback(const hop_answer *answer)
{
    return answer->net == HOP_NET_OK && (answer->status == 429 || answer->status >= 500);
}

static bool is_transient(const hop_answer *a)
{
    if (a->net != HOP_NET_OK)
        return a->net == HOP_NET_UNREACHABLE || a->net == HOP_NET_BROKEN;
    return a->status == 408 || a->status == 425 || a->status == 429 || a->status >= 500;
}

static bool has_code(const hop_answer *a, const char *code)
{
    return a->body.len > 0 && strstr(hop_buf_get(&a->body), code) != NULL;
}

bool hop_registry_is_missing_part(const hop_answer *a)
{
    /* The last one is Artifactory's way to say it. */
    return (a->status == 400 || a->status == 404) &&
           (has_code(a, "BLOB_UNKNOWN") || has_code(a, "MANIFEST_UNKNOWN") ||
            has_code(a, "Failed to copy blob"));
}

#define MAX_DIGESTS 1000

void hop_registry_find_digests(const hop_answer *a, hop_strings *out)
{
    static const char prefix[] = "sha256:";
    const char *at = a->body.len > 0 ? hop_buf_get(&a->body) : "";
    while ((at = strstr(at, prefix)) && out->len < MAX_DIGESTS) {
        size_t len = strlen(prefix) + strspn(at + strlen(prefix), "0123456789abcdef");
        char *digest = hop_strndup(at, len);
        if (hop_digest_is_valid(digest))
            hop_strings_take(out, &digest);
        free(digest);
        at += len;
    }
}

static hop_transfer_event judge_mount(const hop_answer *a)
{
    if (a->status == 201)
        return HOP_EV_PRESENT;
    if (a->status == 202)
        return HOP_EV_SESSION;
    /* Products refuse mounts with 400, 403, 404, 405 and worse: a plain upload decides.
     */
    return HOP_EV_REFUSED;
}

/* 400 DIGEST_INVALID: our digest was right when the last byte went out, so the bytes were
 * hurt on the way. */
static hop_transfer_event judge_put(hop_request_kind kind, const hop_answer *a)
{
    bool is_piece = kind == HOP_REQ_BLOB_PATCH;
    if (a->status == 202 && is_piece)
        return HOP_EV_PIECE;
    if (a->status == 201 || a->status == 200 || a->status == 204)
        return is_piece ? HOP_EV_PIECE : HOP_EV_STORED;
    if (a->status == 400 && has_code(a, "DIGEST_INVALID"))
        return HOP_EV_SPOILED;
    if (a->status == 404) /* the upload is gone, or was completed without our knowledge */
        return kind == HOP_REQ_BLOB_CLOSE ? HOP_EV_ABSENT : HOP_EV_TRANSIENT;
    if (a->status == 400 && has_code(a, "BLOB_UPLOAD_"))
        return kind == HOP_REQ_BLOB_CLOSE ? HOP_EV_ABSENT : HOP_EV_TRANSIENT;
    if (kind != HOP_REQ_BLOB_CLOSE && (a->status == 413 || a->status == 416))
        return HOP_EV_TOO_LARGE;
    return HOP_EV_FATAL;
}

/* What cannot say where it stands cannot be gone on with, whatever the reason. */
static hop_transfer_event judge_status(const hop_answer *a)
{
    uint64_t offset = 0;
    bool is_known = (a->status == 204 || a->status == 200 || a->status == 202) &&
                    hop_registry_upload_offset(a->range, &offset);
    return is_known ? HOP_EV_OFFSET : HOP_EV_ABSENT;
}

static bool is_success(const hop_answer *a)
{
    return a->status >= 200 && a->status < 300;
}

hop_transfer_event hop_registry_judge(hop_request_kind kind, const hop_answer *a)
{
    if (is_transient(a))
        return HOP_EV_TRANSIENT;
    if (a->net != HOP_NET_OK)
        return HOP_EV_FATAL;
    if (kind == HOP_REQ_PING)
        return HOP_EV_ANSWERED;
    if (a->status == 401 && kind != HOP_REQ_TOKEN)
        return HOP_EV_UNAUTHORIZED;
    switch (kind) {
    case HOP_REQ_PING:
    case HOP_REQ_TOKEN:
    case HOP_REQ_MANIFEST_PUT:
    case HOP_REQ_BLOB_GET:
        return is_success(a) ? HOP_EV_ANSWERED : HOP_EV_FATAL;
    case HOP_REQ_TAGS:
    case HOP_REQ_MANIFEST_READ:
        return is_success(a) || a->status == 404 ? HOP_EV_ANSWERED : HOP_EV_FATAL;
    case HOP_REQ_BLOB_HEAD:
        if (a->status == 404)
            return HOP_EV_ABSENT;
        return is_success(a) ? HOP_EV_PRESENT : HOP_EV_FATAL;
    case HOP_REQ_BLOB_MOUNT:
        return judge_mount(a);
    case HOP_REQ_BLOB_OPEN:
        return a->status == 202 ? HOP_EV_SESSION : HOP_EV_FATAL;
    case HOP_REQ_BLOB_PUT:
    case HOP_REQ_BLOB_PATCH:
    case HOP_REQ_BLOB_CLOSE:
        return judge_put(kind, a);
    case HOP_REQ_BLOB_STATUS:
        return judge_status(a);
    }
    return HOP_EV_FATAL;
}

static bool read_date(const char *text, int64_t *at_s)
{
    struct tm tm = {0};
    const char *end = strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &tm);
    if (!end || *end != '\0')
        return false;
    *at_s = (int64_t)timegm(&tm);
    return true;
}

int64_t hop_registry_clock_ahead_s(const char *date, int64_t now_s)
{
    int64_t at_s = 0;
    return date && read_date(date, &at_s) ? at_s - now_s : 0;
}

uint64_t hop_registry_retry_after_ms(const char *value, const char *date, int64_t now_s)
{
    if (!value || !value[0])
        return 0;
    uint64_t wait_ms = 0;
    if (strspn(value, "0123456789") == strlen(value)) {
        wait_ms = strlen(value) > 6 ? MAX_WAIT_MS : strtoull(value, NULL, 10) * 1000;
    } else {
        now_s += hop_registry_clock_ahead_s(date, now_s);
        int64_t at_s = now_s;
        (void)read_date(value, &at_s);
        wait_ms = at_s > now_s ? (uint64_t)(at_s - now_s) * 1000 : 0;
    }
    return wait_ms < MAX_WAIT_MS ? wait_ms : MAX_WAIT_MS;
}

static bool read_number(const char **text, uint64_t *out)
{
    size_t len = strspn(*text, "0123456789");
    if (len == 0 || len > 18)
        return false;
    *out = strtoull(*text, NULL, 10);
    *text += len;
    return true;
}

bool hop_registry_range_fits(const char *content_range, uint64_t start,
                             uint64_t size_bytes)
{
    uint64_t first = 0;
    uint64_t last = 0;
    uint64_t total = size_bytes;
    if (!content_range || strncasecmp(content_range, "bytes ", 6) != 0)
        return false;
    const char *at = content_range + 6;
    if (!read_number(&at, &first) || *at++ != '-' || !read_number(&at, &last) ||
        *at++ != '/')
        return false;
    if (strcmp(at, "*") != 0 && (!read_number(&at, &total) || *at != '\0'))
        return false;
    return first == start && last >= first && last < size_bytes && total == size_bytes;
}

bool hop_registry_upload_offset(const char *range, uint64_t *offset)
{
    uint64_t first = 0;
    uint64_t last = 0;
    if (!range)
        return false;
    if (strncasecmp(range, "bytes=", 6) == 0)
        range += 6;
    if (!read_number(&range, &first) || first != 0 || *range++ != '-' ||
        !read_number(&range, &last) || *range != '\0')
        return false;
    *offset = last == 0 ? 0 : last + 1;
    return true;
}
