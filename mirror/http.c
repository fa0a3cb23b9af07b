/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http.h"

#include <assert.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CONNECT_TIMEOUT_S 30L
#define STALL_BYTES_PER_S 1024L
/* A registry may assemble a large blob for minutes after its last byte has come. */
#define PUT_STALL_S 600L
#define MAX_REDIRECTS 10L
#define MAX_HEADER_VALUE ((size_t)8192)
#define MAX_CHALLENGES 16
#define BUFFER_BYTES 65536L
/* Resuming a sink can make another one ready; past this the loop polls first. */
#define MAX_ROUNDS 16

struct hop_exchange {
    hop_http *http;
    hop_exchange *next;
    hop_exchange *previous;
    CURL *easy;
    struct curl_slist *headers;
    hop_http_request request;
    hop_answer answer;
    bool wants_resume;
    bool is_paused;
    bool is_stopped;
    char error_text[CURL_ERROR_SIZE];
};

struct hop_http {
    CURLM *multi;
    hop_exchange *active;
    size_t active_count;
    CURL *spare[32]; /* easy handles to use again: they are costly to make */
    size_t spare_count;
    char *user_agent;
};

const char *hop_method_name(hop_method m)
{
    static const char *const names[] = {"GET", "HEAD", "POST", "PUT", "DELETE"};
    return names[m];
}

hop_http *hop_http_new(const char *user_agent)
{
    /* Counted by libcurl: only the first call does anything. */
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        abort();
    hop_http *h = hop_alloc(1, sizeof(*h));
    h->multi = curl_multi_init();
    if (!h->multi)
        abort();
    curl_multi_setopt(h->multi, CURLMOPT_MAXCONNECTS, 128L);
    h->user_agent = hop_strdup(user_agent);
    return h;
}

static void clear_answer(hop_answer *a)
{
    free(a->net_text);
    free(a->content_type);
    free(a->location);
    free(a->retry_after);
    free(a->content_range);
    free(a->docker_digest);
    free(a->link);
    hop_strings_clear(&a->challenges);
    hop_buf_clear(&a->body);
    *a = (hop_answer){0};
}

/* ---- callbacks: they move bytes and record ---- */

static void set_text(char **field, const char *value, size_t len)
{
    free(*field);
    *field = len <= MAX_HEADER_VALUE ? hop_strndup(value, len) : NULL;
}

static void take_header(hop_answer *a, const char *name, size_t name_len,
                        const char *value, size_t len)
{
    static const struct {
        const char *name;
        size_t offset;
    } fields[] = {
        {"content-type", offsetof(hop_answer, content_type)},
        {"location", offsetof(hop_answer, location)},
        {"retry-after", offsetof(hop_answer, retry_after)},
        {"content-range", offsetof(hop_answer, content_range)},
        {"docker-content-digest", offsetof(hop_answer, docker_digest)},
        {"link", offsetof(hop_answer, link)},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(fields); i++)
        if (strlen(fields[i].name) == name_len &&
            strncasecmp(name, fields[i].name, name_len) == 0)
            set_text((char **)(void *)((char *)a + fields[i].offset), value, len);
    if (name_len == strlen("www-authenticate") &&
        strncasecmp(name, "www-authenticate", name_len) == 0 &&
        a->challenges.len < MAX_CHALLENGES && len <= MAX_HEADER_VALUE) {
        char *copy = hop_strndup(value, len);
        hop_strings_take(&a->challenges, &copy);
    }
}

/* A redirect that is followed brings several responses: each starts with a clean slate.
 */
static void begin_response(hop_exchange *x)
{
    char *net_text = hop_steal(&x->answer.net_text);
    size_t max = x->answer.body.max;
    clear_answer(&x->answer);
    x->answer.body = hop_buf_init(max);
    x->answer.net_text = net_text;
    x->answer.content_length = -1;
}

static size_t on_header(char *data, size_t size, size_t count, void *user)
{
    hop_exchange *x = user;
    size_t len = size * count;
    if (len >= 5 && strncmp(data, "HTTP/", 5) == 0) {
        begin_response(x);
        return len;
    }
    const char *colon = memchr(data, ':', len);
    if (!colon)
        return len;
    const char *value = colon + 1;
    size_t value_len = len - (size_t)(value - data);
    while (value_len > 0 && strchr(" \t", *value)) {
        value++;
        value_len--;
    }
    while (value_len > 0 && strchr(" \t\r\n", value[value_len - 1]))
        value_len--;
    take_header(&x->answer, data, (size_t)(colon - data), value, value_len);
    return len;
}

static void note_status(hop_exchange *x)
{
    curl_off_t length = -1;
    curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &x->answer.status);
    curl_easy_getinfo(x->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    x->answer.content_length = length;
}

static size_t on_write(char *data, size_t size, size_t count, void *user)
{
    hop_exchange *x = user;
    size_t len = size * count;
    if (x->answer.status == 0)
        note_status(x);
    bool is_good = x->answer.status >= 200 && x->answer.status < 300;
    if (!x->request.write || !is_good) {
        /* All that fits is kept: an error page is only looked at for its message. */
        size_t room = x->answer.body.max - x->answer.body.len;
        if (len > room)
            x->answer.is_truncated = true;
        if (!hop_buf_offer(&x->answer.body, data, len < room ? len : room))
            x->answer.is_truncated = true;
        if (!x->answer.is_truncated)
            return len;
        x->is_stopped = true;
        return CURL_WRITEFUNC_ERROR;
    }
    switch (x->request.write(x->request.user, &x->answer, data, len)) {
    case HOP_TAKE_ALL:
        return len;
    case HOP_TAKE_AGAIN:
        x->is_paused = true;
        return CURL_WRITEFUNC_PAUSE;
    case HOP_TAKE_STOP:
        break;
    }
    x->is_stopped = true;
    return CURL_WRITEFUNC_ERROR;
}

static size_t on_read(char *data, size_t size, size_t count, void *user)
{
    hop_exchange *x = user;
    size_t len = x->request.read(x->request.user, data, size * count);
    if (len == HOP_READ_STOP) {
        x->is_stopped = true;
        return CURL_READFUNC_ABORT;
    }
    if (len > 0)
        return len;
    x->is_paused = true;
    return CURL_READFUNC_PAUSE;
}

/* ---- one exchange ---- */

static void set_tls(CURL *e, const hop_tls *tls)
{
    long verify = tls->mode == HOP_TLS_VERIFY;
    curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, verify);
    curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, verify ? 2L : 0L);
    if (tls->ca_pem.len > 0) {
        /* The system's certificates stay trusted through CURLOPT_CAPATH. */
        struct curl_blob blob = {
            .data = tls->ca_pem.data, .len = tls->ca_pem.len, .flags = CURL_BLOB_NOCOPY};
        curl_easy_setopt(e, CURLOPT_CAINFO_BLOB, &blob);
    }
    if (tls->client_cert) {
        curl_easy_setopt(e, CURLOPT_SSLCERT, tls->client_cert);
        curl_easy_setopt(e, CURLOPT_SSLKEY, tls->client_key);
    }
}

/* 127.0.0.0/8, ::1 and localhost are never asked for through a proxy. */
static bool is_loopback_url(const char *url)
{
    const char *host = strstr(url, "://");
    if (!host)
        return false;
    host += 3;
    size_t len = strcspn(host, ":/");
    return hop_has_prefix(host, "127.") || hop_has_prefix(host, "[::1]") ||
           (len == strlen("localhost") && strncmp(host, "localhost", len) == 0);
}

static void set_common(hop_http *h, hop_exchange *x)
{
    CURL *e = x->easy;
    const hop_http_request *r = &x->request;
    curl_easy_setopt(e, CURLOPT_URL, r->url);
    curl_easy_setopt(e, CURLOPT_PRIVATE, x);
    curl_easy_setopt(e, CURLOPT_ERRORBUFFER, x->error_text);
    curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(e, CURLOPT_USERAGENT, h->user_agent);
    curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
    /* A redirect may not leave TLS behind. */
    curl_easy_setopt(e, CURLOPT_REDIR_PROTOCOLS_STR,
                     hop_has_prefix(r->url, "https:") ? "https" : "http,https");
    curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION,
                     (long)(r->redirects == HOP_REDIRECTS_FOLLOW));
    curl_easy_setopt(e, CURLOPT_FRESH_CONNECT, (long)r->is_fresh);
    curl_easy_setopt(e, CURLOPT_UNRESTRICTED_AUTH, 0L);
    curl_easy_setopt(e, CURLOPT_MAXREDIRS, MAX_REDIRECTS);
    /* Blobs over HTTP/2 are slower and a paused stream buffers a window in libcurl. */
    curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT, CONNECT_TIMEOUT_S);
    curl_easy_setopt(e, CURLOPT_LOW_SPEED_LIMIT, STALL_BYTES_PER_S);
    curl_easy_setopt(e, CURLOPT_LOW_SPEED_TIME,
                     r->method == HOP_PUT && r->stall_s < PUT_STALL_S ? PUT_STALL_S
                                                                      : (long)r->stall_s);
    curl_easy_setopt(e, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(e, CURLOPT_BUFFERSIZE, BUFFER_BYTES);
    curl_easy_setopt(e, CURLOPT_UPLOAD_BUFFERSIZE, BUFFER_BYTES);
    curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(e, CURLOPT_HEADERDATA, x);
    curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_write);
    curl_easy_setopt(e, CURLOPT_WRITEDATA, x);
    if (is_loopback_url(r->url))
        curl_easy_setopt(e, CURLOPT_NOPROXY, "*");
    set_tls(e, r->tls);
}

static void set_method(hop_exchange *x)
{
    CURL *e = x->easy;
    const hop_http_request *r = &x->request;
    switch (r->method) {
    case HOP_GET:
        curl_easy_setopt(e, CURLOPT_HTTPGET, 1L);
        break;
    case HOP_HEAD:
        curl_easy_setopt(e, CURLOPT_NOBODY, 1L);
        break;
    case HOP_DELETE:
        curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST, "DELETE");
        break;
    case HOP_POST:
    case HOP_PUT:
        if (r->read) {
            curl_easy_setopt(e, CURLOPT_UPLOAD, 1L);
            curl_easy_setopt(e, CURLOPT_READFUNCTION, on_read);
            curl_easy_setopt(e, CURLOPT_READDATA, x);
            curl_easy_setopt(e, CURLOPT_INFILESIZE_LARGE, (curl_off_t)r->stream_bytes);
        } else {
            curl_easy_setopt(e, CURLOPT_POST, 1L);
            curl_easy_setopt(e, CURLOPT_POSTFIELDS, r->body ? r->body : "");
            curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body_len);
        }
        curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST, hop_method_name(r->method));
        break;
    }
}

static void set_headers(hop_exchange *x)
{
    /* An empty value removes what libcurl would add by itself. */
    struct curl_slist *list = curl_slist_append(NULL, "Expect:");
    const hop_strings *h = x->request.headers;
    for (size_t i = 0; h && i < h->len; i++)
        list = curl_slist_append(list, h->items[i]);
    x->headers = list;
    curl_easy_setopt(x->easy, CURLOPT_HTTPHEADER, list);
}

hop_exchange *hop_http_submit(hop_http *h, const hop_http_request *r)
{
    hop_exchange *x = hop_alloc(1, sizeof(*x));
    x->http = h;
    x->request = *r;
    x->answer.body = hop_buf_init(r->body_max ? r->body_max : HOP_MAX_SMALL_BODY);
    x->answer.content_length = -1;
    x->easy = h->spare_count > 0 ? h->spare[--h->spare_count] : curl_easy_init();
    if (!x->easy)
        abort();
    set_common(h, x);
    set_method(x);
    set_headers(x);
    x->next = h->active;
    if (h->active)
        h->active->previous = x;
    h->active = x;
    h->active_count++;
    if (curl_multi_add_handle(h->multi, x->easy) != CURLM_OK)
        abort();
    return x;
}

/* Takes the exchange out of libcurl and of the list; its answer stays. */
static void detach(hop_exchange *x)
{
    hop_http *h = x->http;
    curl_multi_remove_handle(h->multi, x->easy);
    curl_easy_reset(x->easy);
    if (h->spare_count < HOP_COUNT_OF(h->spare))
        h->spare[h->spare_count++] = x->easy;
    else
        curl_easy_cleanup(x->easy);
    x->easy = NULL;
    curl_slist_free_all(x->headers);
    if (x->previous)
        x->previous->next = x->next;
    else
        h->active = x->next;
    if (x->next)
        x->next->previous = x->previous;
    h->active_count--;
}

static void free_exchange(hop_exchange *x)
{
    clear_answer(&x->answer);
    free(x);
}

void hop_http_cancel(hop_exchange *x)
{
    if (!x)
        return;
    detach(x);
    free_exchange(x);
}

void hop_http_resume(hop_exchange *x)
{
    if (x)
        x->wants_resume = true;
}

/* ---- outcomes ---- */

/* What OpenSSL says when the other side answers a handshake in plain text. */
static bool says_plain(const char *text)
{
    return strstr(text, "wrong version number") || strstr(text, "http request") ||
           strstr(text, "packet length too long") || strstr(text, "unknown protocol");
}

static hop_net net_of(const hop_exchange *x, CURLcode code)
{
    if (code == CURLE_OK)
        return HOP_NET_OK;
    if (x->is_stopped)
        return x->answer.is_truncated ? HOP_NET_OK : HOP_NET_STOPPED;
    if (code == CURLE_SSL_CONNECT_ERROR) {
        if (says_plain(x->error_text))
            return HOP_NET_PLAIN;
        /* A handshake that was cut is as good as a lost connection. */
        return strstr(x->error_text, "alert") || strstr(x->error_text, "certificate")
                   ? HOP_NET_TLS
                   : HOP_NET_BROKEN;
    }
    if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CERTPROBLEM ||
        code == CURLE_SSL_CACERT_BADFILE || code == CURLE_SSL_CIPHER ||
        code == CURLE_SSL_ISSUER_ERROR)
        return HOP_NET_TLS;
    if (code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST ||
        code == CURLE_COULDNT_RESOLVE_PROXY)
        return HOP_NET_UNREACHABLE;
    if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL ||
        code == CURLE_TOO_MANY_REDIRECTS)
        return HOP_NET_INVALID;
    return HOP_NET_BROKEN;
}

static void finish(hop_exchange *x, CURLcode code)
{
    if (x->answer.status == 0)
        note_status(x);
    x->answer.net = net_of(x, code);
    if (x->answer.net != HOP_NET_OK) {
        const char *text = x->error_text[0] ? x->error_text : curl_easy_strerror(code);
        x->answer.net_text = hop_strdup(text);
    }
    detach(x);
    x->request.done(x->request.user, &x->answer);
    free_exchange(x);
}

static size_t collect(hop_http *h)
{
    size_t count = 0;
    int left = 0;
    CURLMsg *m = NULL;
    while ((m = curl_multi_info_read(h->multi, &left))) {
        if (m->msg != CURLMSG_DONE)
            continue;
        char *private = NULL;
        curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &private);
        finish((hop_exchange *)(void *)private, m->data.result);
        count++;
    }
    return count;
}

/* Resuming calls the sink at once, which may ask for another one to be resumed: the next
 * round finds that. */
static size_t resume_paused(hop_http *h)
{
    size_t count = 0;
    for (hop_exchange *x = h->active; x; x = x->next) {
        if (!x->wants_resume)
            continue;
        x->wants_resume = false;
        if (!x->is_paused)
            continue;
        x->is_paused = false;
        curl_easy_pause(x->easy, CURLPAUSE_CONT);
        count++;
    }
    return count;
}

void hop_http_step(hop_http *h, int timeout_ms)
{
    int running = 0;
    size_t busy = 1;
    for (int i = 0; i < MAX_ROUNDS && busy > 0; i++) {
        curl_multi_perform(h->multi, &running);
        busy = collect(h) + resume_paused(h);
    }
    curl_multi_poll(h->multi, NULL, 0, busy > 0 ? 0 : timeout_ms, NULL);
    curl_multi_perform(h->multi, &running);
    resume_paused(h);
    collect(h);
}

size_t hop_http_get_active(const hop_http *h)
{
    return h->active_count;
}

void hop_http_free(hop_http *h)
{
    if (!h)
        return;
    while (h->active)
        hop_http_cancel(h->active);
    for (size_t i = 0; i < h->spare_count; i++)
        curl_easy_cleanup(h->spare[i]);
    curl_multi_cleanup(h->multi);
    free(h->user_agent);
    free(h);
}
