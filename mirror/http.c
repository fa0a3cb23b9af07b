/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http.h"

#include "answer.h"
#include "poller.h"
#include "redirect.h"
#include "side.h"

#include <assert.h>
#include <curl/curl.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <time.h>

#define CONNECT_TIMEOUT_S 30U
#define STALL_BYTES_PER_S 1024
#define LOOK_EVERY_MS 500
#define BUFFER_BYTES 65536L
/* Resuming a sink can make another one ready; past this the loop polls first. */
#define MAX_ROUNDS 16

struct hop_exchange {
    hop_http *http;
    hop_exchange *next;
    hop_exchange *previous;
    CURL *easy;
    struct curl_slist *headers;
    char *asked_url;    /* what was submitted */
    char *url;          /* where a redirect led, else the same */
    const hop_tls *tls; /* of the url's host */
    unsigned redirects;
    bool has_left; /* another origin than asked_url's: it sees no secret */
    hop_http_request request;
    hop_answer answer;
    bool wants_resume;
    bool is_paused;
    bool is_stopped;
    const char *tls_trouble; /* why a handshake was not tried */
    uint64_t moved;          /* bytes in both directions, as far as libcurl knows */
    uint64_t body_given;     /* of a streamed body */
    uint64_t moved_mark;     /* at alive_ms */
    uint64_t alive_ms;       /* when it had last moved enough for a whole stall_s */
    char error_text[CURL_ERROR_SIZE];
};

struct hop_http {
    CURLM *multi;
    hop_poller *poller;
    hop_exchange *active;
    size_t active_count;
    CURL *spare[32]; /* easy handles to use again: they are costly to make */
    size_t spare_count;
    char *user_agent;
    uint64_t look_ms;
};

const char *hop_method_name(hop_method m)
{
    static const char *const names[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};
    return names[m];
}

/* ---- sockets: libcurl says what to wait for, and is told what is ready.
 * curl_multi_perform() would ask the kernel about every transfer at every step. ---- */

static int on_socket(CURL *easy, curl_socket_t socket, int what, void *user, void *unused)
{
    hop_http *h = user;
    (void)easy;
    (void)unused;
    if (what == CURL_POLL_REMOVE)
        hop_poller_forget(h->poller, socket);
    else
        hop_poller_watch(h->poller, socket,
                         (what & CURL_POLL_IN ? HOP_POLL_READ : 0) |
                             (what & CURL_POLL_OUT ? HOP_POLL_WRITE : 0));
    return 0;
}

static int on_timer(CURLM *multi, long timeout_ms, void *user)
{
    const hop_http *h = user;
    (void)multi;
    hop_poller_set_timer(h->poller, timeout_ms);
    return 0;
}

static void on_ready(void *user, int socket, unsigned what)
{
    const hop_http *h = user;
    int running = 0;
    int actions = (what & HOP_POLL_READ ? CURL_CSELECT_IN : 0) |
                  (what & HOP_POLL_WRITE ? CURL_CSELECT_OUT : 0) |
                  (what & HOP_POLL_ERROR ? CURL_CSELECT_ERR : 0);
    curl_multi_socket_action(h->multi,
                             socket == HOP_POLL_TIMER ? CURL_SOCKET_TIMEOUT : socket,
                             actions, &running);
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
    h->poller = hop_poller_new(on_ready, h);
    curl_multi_setopt(h->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(h->multi, CURLMOPT_SOCKETDATA, h);
    curl_multi_setopt(h->multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(h->multi, CURLMOPT_TIMERDATA, h);
    h->user_agent = hop_strdup(user_agent);
    return h;
}

/* ---- callbacks: they move bytes and record ---- */

static size_t on_header(char *data, size_t size, size_t count, void *user)
{
    hop_exchange *x = user;
    x->moved += size * count;
    hop_answer_add_line(&x->answer, data, size * count);
    return size * count;
}

static void note_status(hop_exchange *x)
{
    curl_off_t length = -1;
    x->answer.is_redirected = x->redirects > 0;
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
        x->moved += len;
        if (!x->answer.is_truncated)
            return len;
        x->is_stopped = true;
        return CURL_WRITEFUNC_ERROR;
    }
    switch (x->request.write(x->request.user, &x->answer, data, len)) {
    case HOP_TAKE_ALL:
        x->moved += len;
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
    x->moved += len;
    x->body_given += len;
    if (len > 0)
        return len;
    x->is_paused = true;
    return CURL_READFUNC_PAUSE;
}

/* ---- one exchange ---- */

static CURLcode on_handshake(CURL *easy, void *ssl_ctx, void *user)
{
    (void)easy;
    hop_exchange *x = user;
    const curl_version_info_data *curl = curl_version_info(CURLVERSION_NOW);
    if (!x->tls->trouble &&
        hop_authorities_lend(x->tls->authorities, ssl_ctx, curl->cainfo, curl->capath))
        return CURLE_OK;
    x->tls_trouble = x->tls->trouble ? x->tls->trouble
                                     : "there is no certificate in what is to be trusted";
    return CURLE_SSL_CACERT_BADFILE;
}

/* libcurl reads no certificates itself. It must not use a connection again that was
 * verified with other ones: it tells them apart by a directory in which nothing can be.
 */
static void set_authorities(hop_exchange *x)
{
    CURL *e = x->easy;
    char label[64];
    (void)snprintf(label, sizeof(label), "/dev/null/%p", (void *)x->tls->authorities);
    curl_easy_setopt(e, CURLOPT_CAINFO, NULL);
    curl_easy_setopt(e, CURLOPT_CAPATH, label);
    curl_easy_setopt(e, CURLOPT_PROXY_CAINFO, NULL);
    curl_easy_setopt(e, CURLOPT_PROXY_CAPATH, label);
    if (curl_easy_setopt(e, CURLOPT_SSL_CTX_FUNCTION, on_handshake) != CURLE_OK)
        abort(); /* built for another TLS library */
    curl_easy_setopt(e, CURLOPT_SSL_CTX_DATA, x);
}

/* Who was sent away and comes back is shown no certificate either: who sent him may have
 * chosen the request. */
static void set_tls(hop_exchange *x)
{
    CURL *e = x->easy;
    const hop_tls *tls = x->tls;
    bool shows = tls->client_cert && !(x->has_left && tls == x->request.tls);
    long verify = tls->mode == HOP_TLS_VERIFY;
    curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, verify);
    curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, verify ? 2L : 0L);
    if (verify)
        set_authorities(x);
    curl_easy_setopt(e, CURLOPT_SSLCERT, shows ? tls->client_cert : NULL);
    curl_easy_setopt(e, CURLOPT_SSLKEY, shows ? tls->client_key : NULL);
}

static void set_common(hop_http *h, hop_exchange *x)
{
    CURL *e = x->easy;
    const hop_http_request *r = &x->request;
    curl_easy_setopt(e, CURLOPT_PRIVATE, x);
    curl_easy_setopt(e, CURLOPT_ERRORBUFFER, x->error_text);
    curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(e, CURLOPT_USERAGENT, h->user_agent);
    curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L); /* see follow() */
    curl_easy_setopt(e, CURLOPT_FRESH_CONNECT, (long)r->is_fresh);
    /* Blobs over HTTP/2 are slower and a paused stream buffers a window in libcurl. */
    curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(
        e, CURLOPT_CONNECTTIMEOUT,
        (long)(r->stall_s < CONNECT_TIMEOUT_S ? r->stall_s : CONNECT_TIMEOUT_S));
    curl_easy_setopt(e, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(e, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(e, CURLOPT_BUFFERSIZE, BUFFER_BYTES);
    curl_easy_setopt(e, CURLOPT_UPLOAD_BUFFERSIZE, BUFFER_BYTES);
    curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(e, CURLOPT_HEADERDATA, x);
    curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_write);
    curl_easy_setopt(e, CURLOPT_WRITEDATA, x);
}

/* What depends on where the request goes. */
static void set_target(hop_exchange *x)
{
    const char *proxy = hop_proxies_find(x->request.tls->proxies, x->url);
    x->tls = hop_side_get_tls_at(x->request.tls, x->url);
    set_tls(x);
    curl_easy_setopt(x->easy, CURLOPT_URL, x->url);
    /* An empty one keeps libcurl from looking into the environment. */
    curl_easy_setopt(x->easy, CURLOPT_PROXY, proxy ? proxy : "");
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
    case HOP_PATCH:
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
    x->asked_url = hop_strdup(r->url);
    x->url = hop_strdup(r->url);
    x->answer.body = hop_buf_init(r->body_max ? r->body_max : HOP_MAX_SMALL_BODY);
    x->answer.content_length = -1;
    x->easy = h->spare_count > 0 ? h->spare[--h->spare_count] : curl_easy_init();
    if (!x->easy)
        abort();
    set_common(h, x);
    set_target(x);
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
    /* Else a name that is still being looked up would be waited for. */
    curl_easy_setopt(x->easy, CURLOPT_QUICK_EXIT, 1L);
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
    hop_answer_clear(&x->answer);
    free(x->asked_url);
    free(x->url);
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

/* ---- redirects: libcurl would take proxy and certificates along ---- */

static struct curl_slist *without_secrets(struct curl_slist *headers)
{
    static const char secret[] = "Authorization:";
    struct curl_slist *kept = NULL;
    for (struct curl_slist *h = headers; h; h = h->next)
        if (strncasecmp(h->data, secret, strlen(secret)) != 0)
            kept = curl_slist_append(kept, h->data);
    curl_slist_free_all(headers);
    return kept;
}

static bool is_redirect(const hop_exchange *x)
{
    long status = x->answer.status;
    return x->request.redirects == HOP_REDIRECTS_FOLLOW &&
           (x->request.method == HOP_GET || x->request.method == HOP_HEAD) &&
           (status == 301 || status == 302 || status == 303 || status == 307 ||
            status == 308);
}

typedef enum after { AFTER_FINISH, AFTER_FOLLOW } after;

/* Sends the exchange on to where the answer points. Who has left the origin of the
 * request once gets no secret any more, wherever he is led. */
static after follow(hop_exchange *x)
{
    char *to = NULL;
    curl_easy_getinfo(x->easy, CURLINFO_REDIRECT_URL, &to);
    if (!is_redirect(x) || !to)
        return AFTER_FINISH;
    const char *refusal = hop_redirect_refuse(x->url, to, x->redirects);
    if (refusal) {
        x->answer.net = HOP_NET_INVALID;
        x->answer.net_text = hop_strdup(refusal);
        return AFTER_FINISH;
    }
    char *copy = hop_strdup(to);
    x->redirects++;
    x->has_left = x->has_left || !hop_redirect_is_same_origin(x->asked_url, copy);
    free(x->url);
    x->url = copy;
    curl_multi_remove_handle(x->http->multi, x->easy);
    hop_answer_begin(&x->answer);
    if (x->has_left) {
        x->headers = without_secrets(x->headers);
        curl_easy_setopt(x->easy, CURLOPT_HTTPHEADER, x->headers);
    }
    set_target(x);
    if (curl_multi_add_handle(x->http->multi, x->easy) != CURLM_OK)
        abort();
    return AFTER_FOLLOW;
}

/* ---- outcomes ---- */

/* What OpenSSL says when the other side answers a handshake in plain text. */
static bool says_plain(const char *text)
{
    return strstr(text, "wrong version number") || strstr(text, "http request") ||
           strstr(text, "packet length too long") || strstr(text, "unknown protocol");
}

/* A proxy that does not let us through says why in its answer to CONNECT. */
static bool is_refused_by_proxy(const hop_exchange *x, CURLcode code)
{
    long status = 0;
    curl_easy_getinfo(x->easy, CURLINFO_HTTP_CONNECTCODE, &status);
    return code == CURLE_RECV_ERROR && status >= 400 && status < 500 && status != 408 &&
           status != 429;
}

/* TLS 1.3 says so only after the handshake, in the middle of the first request. */
static bool wants_client_certificate(const hop_exchange *x)
{
    return strstr(x->error_text, "alert certificate required") ||
           strstr(x->error_text, "alert bad certificate");
}

static hop_net net_of(const hop_exchange *x, CURLcode code)
{
    if (code == CURLE_OK)
        return HOP_NET_OK;
    if (is_refused_by_proxy(x, code))
        return HOP_NET_PROXY;
    if (wants_client_certificate(x))
        return HOP_NET_TLS;
    if (x->tls->trouble && x->tls_trouble == x->tls->trouble)
        return HOP_NET_INVALID; /* another authority would not change it */
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
    if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL)
        return HOP_NET_INVALID;
    return HOP_NET_BROKEN;
}

/* The end of what libcurl did; a redirect goes on. */
static void finish(hop_exchange *x, CURLcode code)
{
    if (x->answer.status == 0)
        note_status(x);
    x->answer.net = net_of(x, code);
    if (x->answer.net == HOP_NET_OK && follow(x) == AFTER_FOLLOW)
        return;
    if (x->answer.net != HOP_NET_OK && !x->answer.net_text) {
        const char *text = x->tls_trouble     ? x->tls_trouble
                           : x->error_text[0] ? x->error_text
                                              : curl_easy_strerror(code);
        x->answer.net_text = hop_strdup(text);
    }
    if (x->answer.net != HOP_NET_OK)
        x->answer.net_host = hop_side_host_of(x->url);
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

/* ---- stalls ----
 *
 * libcurl's own low-speed limit counts the time in which an upload waits for its source,
 * and a body that only went into the kernel's buffer as sent. */

static uint64_t clock_ms(void)
{
    struct timespec t = {0};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* Bytes that have left this machine or have come: what waits in the socket has not. */
static uint64_t get_moved(const hop_exchange *x)
{
    curl_socket_t socket = CURL_SOCKET_BAD;
    int queued = 0;
    if (!x->request.read ||
        curl_easy_getinfo(x->easy, CURLINFO_ACTIVESOCKET, &socket) != CURLE_OK ||
        socket == CURL_SOCKET_BAD || ioctl(socket, SIOCOUTQ, &queued) != 0 || queued < 0)
        return x->moved;
    return x->moved > (uint64_t)queued ? x->moved - (uint64_t)queued : 0;
}

static bool is_stalled(hop_exchange *x, uint64_t now_ms)
{
    uint64_t moved = get_moved(x);
    uint64_t enough = (uint64_t)STALL_BYTES_PER_S * x->request.stall_s;
    bool is_fast = moved > x->moved_mark && moved - x->moved_mark >= enough;
    if (x->is_paused || is_fast || x->alive_ms == 0) {
        x->alive_ms = now_ms;
        x->moved_mark = moved;
    }
    bool waits = x->request.read && x->body_given == x->request.stream_bytes;
    uint64_t limit_s = x->request.stall_s;
    if (waits || !x->request.read)
        limit_s += x->request.answer_s;
    return limit_s > 0 && now_ms - x->alive_ms >= limit_s * 1000;
}

static hop_exchange *find_stalled(hop_http *h, uint64_t now_ms)
{
    for (hop_exchange *x = h->active; x; x = x->next)
        if (is_stalled(x, now_ms))
            return x;
    return NULL;
}

static void end_stalled(hop_http *h)
{
    uint64_t now_ms = clock_ms();
    if (now_ms < h->look_ms)
        return;
    h->look_ms = now_ms + LOOK_EVERY_MS;
    hop_exchange *x = NULL;
    while ((x = find_stalled(h, now_ms))) {
        (void)snprintf(x->error_text, sizeof(x->error_text),
                       "less than 1 KiB/s for %u seconds", x->request.stall_s);
        finish(x, CURLE_OPERATION_TIMEDOUT);
    }
}

void hop_http_step(hop_http *h, int timeout_ms)
{
    size_t busy = resume_paused(h);
    for (int i = 0; i < MAX_ROUNDS; i++) {
        hop_poller_step(h->poller, busy > 0 ? 0 : timeout_ms);
        busy = collect(h) + resume_paused(h);
        if (busy == 0)
            break;
    }
    end_stalled(h);
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
    hop_poller_free(h->poller);
    free(h->user_agent);
    free(h);
}
