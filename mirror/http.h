/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * HTTP without blocking: submit a request, step, get an answer. The only file behind this
 * header that knows libcurl is http.c.
 *
 * An exchange lives from hop_http_submit() until its `done` has returned or it was
 * cancelled. `done` is called from hop_http_step() alone, never from inside libcurl, so
 * it may submit and cancel freely. Sinks and bodies are called from inside libcurl: they
 * move bytes, may call hop_http_resume(), and nothing else.
 */
#ifndef HOP_HTTP_H
#define HOP_HTTP_H

#include "hop_buf.h"
#include "tls.h"

typedef struct hop_http hop_http;
typedef struct hop_exchange hop_exchange;

typedef enum hop_method {
    HOP_GET,
    HOP_HEAD,
    HOP_POST,
    HOP_PUT,
    HOP_PATCH,
    HOP_DELETE,
} hop_method;
const char *hop_method_name(hop_method m);

typedef enum hop_net {
    HOP_NET_OK,          /* there is an HTTP answer */
    HOP_NET_UNREACHABLE, /* no connection: name, route, refused, time */
    HOP_NET_BROKEN,      /* the connection was lost, or stalled */
    HOP_NET_PLAIN,       /* the server does not speak TLS */
    HOP_NET_TLS,         /* certificate or handshake refused */
    HOP_NET_PROXY,       /* a proxy refused to let us through: 403, 407 */
    HOP_NET_STOPPED,     /* the sink said stop */
    HOP_NET_INVALID, /* nothing that can be tried again: bad URL, too many redirects */
} hop_net;

typedef struct hop_answer {
    hop_net net;
    char *net_text; /* why there is no answer; NULL with HOP_NET_OK */
    char *net_host; /* HOST[:PORT] that it is about */
    long status;
    char *content_type; /* headers of the last response; NULL without */
    char *location;
    char *retry_after;
    char *content_range;
    char *etag;
    char *docker_digest;
    char *link;
    char *range;            /* how far an upload has come */
    char *chunk_min;        /* OCI-Chunk-Min-Length */
    char *date;             /* the server's clock */
    bool is_redirected;     /* another URL than the one asked for has answered */
    hop_strings challenges; /* WWW-Authenticate */
    int64_t content_length; /* -1 without */
    hop_buf body;      /* without a sink, or when the status is not 2xx; cut at its cap */
    bool is_truncated; /* the body went past its cap */
} hop_answer;

typedef enum hop_take {
    HOP_TAKE_ALL,
    HOP_TAKE_AGAIN, /* nothing taken; the same bytes come after hop_http_resume() */
    HOP_TAKE_STOP,
} hop_take;

#define HOP_READ_STOP ((size_t)-1)

/** FOLLOW is for GET and HEAD, ten times at most, and never from https to http. Another
 * origin gets no Authorization; its certificates and its proxy are its own. */
typedef enum hop_redirects { HOP_REDIRECTS_FOLLOW, HOP_REDIRECTS_REPORT } hop_redirects;

typedef struct hop_http_request {
    hop_method method;
    const char *url;
    const hop_strings *headers; /* "Name: value"; may be NULL */
    const hop_tls *tls; /* of the URL's host or the one that led there; must outlive the
                         * exchange. See hop_side_get_tls_at() */
    hop_redirects redirects;
    bool is_fresh;    /* on a new connection */
    const void *body; /* POST, PUT, PATCH: copied by nobody, must outlive the exchange */
    size_t body_len;
    /** A streamed body of exactly stream_bytes: 0 means nothing at present,
     * HOP_READ_STOP ends the exchange with HOP_NET_STOPPED. */
    size_t (*read)(void *user, char *data, size_t cap);
    uint64_t stream_bytes;
    /** Takes the body of a 2xx answer; `answer` has status and headers by then. */
    hop_take (*write)(void *user, const hop_answer *answer, const char *data, size_t len);
    size_t body_max; /* cap of answer->body; 0: HOP_MAX_SMALL_BODY */
    /** Under 1 KiB/s for this long ends the exchange with HOP_NET_BROKEN. Time in which
     * its sink or body asked for a pause does not count. */
    unsigned stall_s;
    unsigned answer_s; /* so much longer between the body's last byte and the answer */
    void (*done)(void *user, hop_answer *answer);
    void *user;
} hop_http_request;

hop_http *hop_http_new(const char *user_agent) HOP_MUST_USE;
/** Drops every exchange that is left without calling its `done`. */
void hop_http_free(hop_http *h);
HOP_DEFINE_AUTO(hop_http);

hop_exchange *hop_http_submit(hop_http *h, const hop_http_request *r) HOP_MUST_USE;
/** Ends an exchange, `done` is not called. Its connection is closed when bytes were on
 * their way. Not from inside a sink or a body. */
void hop_http_cancel(hop_exchange *x);
/** A paused sink or body should be asked again. */
void hop_http_resume(hop_exchange *x);
/** Moves bytes and calls `done` of what has ended; waits at most timeout_ms when there is
 * nothing to do. */
void hop_http_step(hop_http *h, int timeout_ms);
size_t hop_http_get_active(const hop_http *h);

#endif
