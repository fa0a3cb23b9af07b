/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "answer.h"
#include "http.h"
#include "queue.h"
#include "registry.h"
#include "side.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DEFAULT_ATTEMPTS 4
#define DEFAULT_STALL_S 60
#define SLICE_MS 250

typedef struct fetch {
    const hop_fetch_opts *opts;
    hop_buf *body;
    size_t start; /* what the body held before */
    bool is_over;
    bool is_too_long;
    hop_answer answer;
} fetch;

void hop_fetch_info_clear(hop_fetch_info *info)
{
    free(info->content_type);
    free(info->etag);
    *info = (hop_fetch_info){0};
}

static hop_take take(void *user, const hop_answer *a, const char *data, size_t len)
{
    fetch *f = user;
    (void)a;
    if (hop_buf_offer(f->body, data, len))
        return HOP_TAKE_ALL;
    f->is_too_long = true;
    return HOP_TAKE_STOP;
}

static void done(void *user, hop_answer *a)
{
    fetch *f = user;
    f->is_over = true;
    f->answer.net = a->net;
    f->answer.status = a->status;
    f->answer.net_text = hop_steal(&a->net_text);
    f->answer.content_type = hop_steal(&a->content_type);
    f->answer.etag = hop_steal(&a->etag);
    f->answer.retry_after = hop_steal(&a->retry_after);
    f->answer.body = a->body;
    a->body = hop_buf_init(0);
}

static bool is_cancelled(const hop_fetch_opts *o)
{
    return o->is_cancelled && o->is_cancelled(o->user);
}

static void run(fetch *f, hop_http *h, const hop_tls *tls, const char *url)
{
    HOP_AUTO_VALUE(hop_strings) headers = {0};
    if (f->opts->accept) {
        char *accept = hop_sprintf("Accept: %s", f->opts->accept);
        hop_strings_take(&headers, &accept);
    }
    hop_http_request r = {
        .method = HOP_GET,
        .url = url,
        .headers = &headers,
        .tls = tls,
        .stall_s = f->opts->stall_s ? f->opts->stall_s : DEFAULT_STALL_S,
        .write = take,
        .done = done,
        .user = f,
    };
    hop_answer_clear(&f->answer);
    f->body->len = f->start;
    f->is_over = false;
    hop_exchange *x = hop_http_submit(h, &r);
    while (!f->is_over && !is_cancelled(f->opts))
        hop_http_step(h, SLICE_MS);
    if (!f->is_over)
        hop_http_cancel(x);
}

static bool should_retry(const fetch *f)
{
    const hop_answer *a = &f->answer;
    if (a->net == HOP_NET_UNREACHABLE || a->net == HOP_NET_BROKEN)
        return true;
    return a->net == HOP_NET_OK &&
           (a->status == 408 || a->status == 429 || a->status >= 500);
}

static void pause_for(const hop_fetch_opts *o, uint64_t wait_ms)
{
    while (wait_ms > 0 && !is_cancelled(o)) {
        uint64_t part = wait_ms < SLICE_MS ? wait_ms : SLICE_MS;
        struct timespec t = {.tv_nsec = (long)part * 1000000};
        nanosleep(&t, NULL);
        wait_ms -= part;
    }
}

static hop_status conclude(fetch *f, const char *url, hop_fetch_info *info,
                           hop_error **err)
{
    hop_answer *a = &f->answer;
    HOP_AUTO_STR name = hop_registry_public_url(url);
    if (!f->is_over)
        return hop_error_set(err, HOP_E_CANCELLED, "GET %s: cancelled", name);
    if (f->is_too_long ||
        (a->net == HOP_NET_OK && !hop_buf_offer(f->body, a->body.data, a->body.len)))
        return hop_error_set(err, HOP_E_LIMIT,
                             "GET %s: the answer is longer than %zu "
                             "bytes",
                             name, f->body->max);
    if (a->net != HOP_NET_OK) {
        hop_status s = hop_error_set(err, HOP_E_NET, "GET %s: %s", name,
                                     a->net_text ? a->net_text : "no answer");
        if (a->net == HOP_NET_TLS)
            hop_error_hint(err,
                           "pass the authority that signed its certificate with --ca");
        if (a->net == HOP_NET_PROXY)
            hop_error_hint(err, "the proxy of https_proxy does not let this through; "
                                "no_proxy goes around it");
        return s;
    }
    info->status = a->status;
    info->content_type = hop_steal(&a->content_type);
    info->etag = hop_steal(&a->etag);
    return HOP_OK;
}

char *hop_fetch_public_url(const char *url)
{
    return hop_registry_public_url(url);
}

hop_status hop_fetch(const hop_fetch_opts *opts, const char *url, hop_buf *body,
                     hop_fetch_info *info, hop_error **err)
{
    HOP_AUTO_VALUE(hop_side_state) side = {0};
    HOP_AUTO_VALUE(hop_tls) tls = {0};
    HOP_AUTO_STR host = hop_side_host_of(url);
    hop_status s = hop_side_state_load(HOP_SIDE_SOURCE, &opts->side, &side, err);
    if (s == HOP_OK)
        s = hop_side_state_get_tls(&side, host, &tls, err);
    if (s != HOP_OK)
        return s;
    HOP_AUTO(hop_http) h = hop_http_new("oc-hop/" HOP_VERSION);
    fetch f = {.opts = opts, .body = body, .start = body->len};
    unsigned attempts = opts->attempts ? opts->attempts : DEFAULT_ATTEMPTS;
    uint64_t random = (uint64_t)(uintptr_t)&f | 1;
    for (unsigned i = 1; i <= attempts && !is_cancelled(opts); i++) {
        run(&f, h, &tls, url);
        if (!f.is_over || !should_retry(&f) || i == attempts)
            break;
        uint64_t wait_ms = hop_back_off_ms(i, &random);
        uint64_t asked_ms = hop_registry_retry_after_ms(
            f.answer.retry_after, f.answer.date, (int64_t)time(NULL));
        f.is_over = false; /* what was answered is no result any more */
        pause_for(opts, asked_ms > wait_ms ? asked_ms : wait_ms);
    }
    s = conclude(&f, url, info, err);
    hop_answer_clear(&f.answer);
    return s;
}
