/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "endpoint.h"

#include "credential_helper.h"

#include <stdlib.h>
#include <string.h>

#define WINDOW_MS 100
#define CALLS_PER_STREAM 2
#define MIN_LIMIT 2
/* Answers to requests that were under way when a host pushed back count as one. */
#define HALVE_EVERY_MS 1000

hop_endpoint *hop_endpoint_new(const hop_side_state *side, const char *host,
                               unsigned max_limit)
{
    hop_endpoint *e = hop_alloc(1, sizeof(*e));
    e->side = side;
    e->host = hop_strdup(host);
    e->base = hop_sprintf("https://%s", host);
    if (hop_side_state_get_tls(side, host, &e->tls, &e->error) != HOP_OK)
        e->reach = HOP_REACH_FAILED;
    e->max_limit = max_limit;
    e->limit = max_limit < HOP_START_STREAMS ? max_limit : HOP_START_STREAMS;
    return e;
}

static void free_pass(hop_pass *p)
{
    free(p->scopes);
    free(p->header);
    free(p->refused);
    hop_error_free(p->error);
    free(p);
}

static void free_helper(hop_helper_memory *h)
{
    free(h->name);
    hop_child_free(h->child);
    hop_credential_clear(&h->credential);
    hop_error_free(h->error);
    free(h);
}

void hop_endpoint_free(hop_endpoint *e)
{
    if (!e)
        return;
    while (e->passes) {
        hop_pass *next = e->passes->next;
        free_pass(e->passes);
        e->passes = next;
    }
    hop_challenge_clear(&e->challenge);
    hop_tls_clear(&e->tls);
    while (e->helpers) {
        hop_helper_memory *next = e->helpers->next;
        free_helper(e->helpers);
        e->helpers = next;
    }
    free(e->note);
    hop_error_free(e->error);
    free(e->host);
    free(e->base);
    free(e);
}

bool hop_endpoint_is_loopback(const hop_endpoint *e)
{
    size_t len = strcspn(e->host, ":");
    return hop_has_prefix(e->host, "[::1]") ||
           (len == strlen("localhost") && strncmp(e->host, "localhost", len) == 0) ||
           (hop_has_prefix(e->host, "127.") && strspn(e->host, "0123456789.") == len);
}

bool hop_endpoint_is_plain(const hop_endpoint *e)
{
    return hop_has_prefix(e->base, "http://");
}

bool hop_endpoint_allow_plain(hop_endpoint *e)
{
    if (hop_endpoint_is_plain(e) ||
        (e->tls.mode == HOP_TLS_VERIFY && !hop_endpoint_is_loopback(e)))
        return false;
    free(e->base);
    e->base = hop_sprintf("http://%s", e->host);
    return true;
}

/* ---- limits ---- */

void hop_patience_note(hop_patience *p, uint64_t now_ms)
{
    *p = (hop_patience){.alive_ms = now_ms};
}

bool hop_endpoint_may_stream(const hop_endpoint *e, uint64_t now_ms)
{
    return e->streams < e->limit && now_ms >= e->blocked_until_ms;
}

bool hop_endpoint_may_call(const hop_endpoint *e, uint64_t now_ms)
{
    return e->calls < e->limit * CALLS_PER_STREAM && now_ms >= e->blocked_until_ms;
}

/* Doubled as long as the host bears it all, then in small steps. */
static unsigned limit_step(const hop_endpoint *e)
{
    return e->halved_ms == 0 ? e->limit : 2;
}

/* More streams are tried while all are in use, and kept while they move more bytes. What
 * moved no more is not taken back: small blobs over a long way gain from every stream,
 * and only a host that pushes back loses by one too many. */
void hop_endpoint_note_bytes(hop_endpoint *e, uint64_t bytes, uint64_t now_ms)
{
    if (e->window_start_ms == 0)
        e->window_start_ms = now_ms;
    e->window_bytes += bytes;
    e->was_full = e->was_full || e->streams >= e->limit;
    uint64_t passed_ms = now_ms - e->window_start_ms;
    if (passed_ms < WINDOW_MS)
        return;
    uint64_t rate = e->window_bytes * 1000 / passed_ms;
    bool grows = rate > e->best_rate;
    bool is_latency_bound = rate < ((uint64_t)32 << 20);
    if (e->was_full && e->limit < e->max_limit && (grows || is_latency_bound))
        e->limit = e->max_limit - e->limit > limit_step(e) ? e->limit + limit_step(e)
                                                           : e->max_limit;
    if (grows)
        e->best_rate = rate;
    e->window_start_ms = now_ms;
    e->window_bytes = 0;
    e->was_full = false;
}

void hop_endpoint_note_pushback(hop_endpoint *e, uint64_t wait_ms, uint64_t now_ms)
{
    if (now_ms >= e->halved_ms + HALVE_EVERY_MS || e->halved_ms == 0) {
        unsigned half = e->limit / 2 > MIN_LIMIT ? e->limit / 2 : MIN_LIMIT;
        e->limit = half < e->max_limit ? half : e->max_limit;
        e->halved_ms = now_ms;
        e->window_start_ms = now_ms;
        e->window_bytes = 0;
    }
    e->best_rate = 0;
    if (now_ms + wait_ms > e->blocked_until_ms)
        e->blocked_until_ms = now_ms + wait_ms;
}

/* Web servers mostly allow 1 MiB, some registries 4; below the least no upload gets on.
 */
#define MAX_PIECE ((uint64_t)16 << 20)
#define MIN_PIECE ((uint64_t)64 << 10)

bool hop_endpoint_shrink_pieces(hop_endpoint *e, uint64_t bytes)
{
    uint64_t least = e->piece_min > MIN_PIECE ? e->piece_min : MIN_PIECE;
    uint64_t piece = MAX_PIECE;
    while (piece > bytes / 2)
        piece /= 2;
    if (piece < least)
        piece = least;
    if (piece >= bytes)
        return false;
    /* Others may have learnt more in the meantime. */
    if (e->piece_bytes == 0 || piece < e->piece_bytes)
        e->piece_bytes = piece;
    return true;
}

/* ---- passes ---- */

hop_pass *hop_endpoint_get_pass(hop_endpoint *e, const char *scopes)
{
    for (hop_pass *p = e->passes; p; p = p->next)
        if (strcmp(p->scopes, scopes) == 0)
            return p;
    hop_pass *p = hop_alloc(1, sizeof(*p));
    p->scopes = hop_strdup(scopes);
    p->next = e->passes;
    e->passes = p;
    return p;
}

bool hop_pass_is_fresh(const hop_pass *pass, uint64_t now_ms)
{
    return pass->state == HOP_PASS_READY && now_ms < pass->expires_ms;
}

/* A token service that gave none may be back for those who ask after this. */
#define FAILURE_LASTS_MS 15000

/* Renewed while it is still good: a request that is on its way must not meet its end. */
static uint64_t usable_ms(uint64_t lifetime_s)
{
    uint64_t life_ms = lifetime_s < 86400 ? lifetime_s * 1000 : 86400000;
    uint64_t margin_ms = life_ms / 5;
    return life_ms - (margin_ms < 15000 ? margin_ms : 15000);
}

void hop_pass_take_token(hop_pass *p, const char *authorization, uint64_t lifetime_s,
                         uint64_t now_ms)
{
    free(p->header);
    p->header = hop_sprintf("Authorization: %s", authorization);
    p->expires_ms = now_ms + usable_ms(lifetime_s);
    p->serial++;
    p->state = HOP_PASS_READY;
}

void hop_pass_take_failure(hop_pass *p, hop_error **error, uint64_t now_ms)
{
    hop_error_drop(&p->error);
    p->error = hop_steal(error);
    p->state = HOP_PASS_FAILED;
    /* Wrong credentials stay wrong, and asking on may lock an account. */
    bool is_final = hop_error_get_status(p->error) == HOP_E_AUTH;
    p->expires_ms = is_final ? UINT64_MAX : now_ms + FAILURE_LASTS_MS;
}

void hop_pass_forget_failure(hop_pass *p, uint64_t now_ms)
{
    if (p->state != HOP_PASS_FAILED || now_ms < p->expires_ms)
        return;
    hop_error_drop(&p->error);
    p->state = HOP_PASS_NONE;
}

static void set_ready(hop_pass *p, char **authorization)
{
    free(p->header);
    p->header = *authorization ? hop_sprintf("Authorization: %s", *authorization) : NULL;
    p->expires_ms = UINT64_MAX;
    p->state = HOP_PASS_READY;
    p->serial++;
}

/* A password does not become right by being sent again, and accounts are locked for that.
 * A helper may have another one by now. */
static hop_status look_at_refusal(const hop_endpoint *e, hop_pass *p,
                                  const char *repository, hop_error **err)
{
    if (!p->header || !p->refused || strcmp(p->header, p->refused) != 0)
        return HOP_OK;
    hop_status s = hop_error_set(
        &p->error, HOP_E_AUTH,
        "%s/%s: 401 unauthorized, with the password that was found", e->host, repository);
    hop_error_hint(&p->error, "run `podman login %s` or pass --%s-authfile", e->host,
                   e->side->side == HOP_SIDE_SOURCE ? "src" : "dest");
    p->state = HOP_PASS_FAILED;
    *err = hop_error_clone(p->error);
    return s;
}

static bool may_send_credentials(const hop_endpoint *e)
{
    return !hop_endpoint_is_plain(e) || hop_endpoint_is_loopback(e) ||
           e->side->http_credentials == HOP_HTTP_CREDENTIALS_ALLOW;
}

/* A token service without TLS gets credentials only where the registry has none either,
 * and under the same rule. */
static hop_realm_policy realm_policy(const hop_endpoint *e)
{
    const char *realm = e->challenge.realm;
    bool is_loopback = hop_has_prefix(realm, "http://127.") ||
                       hop_has_prefix(realm, "http://[::1]") ||
                       hop_has_prefix(realm, "http://localhost:") ||
                       hop_has_prefix(realm, "http://localhost/");
    bool is_allowed =
        is_loopback || e->side->http_credentials == HOP_HTTP_CREDENTIALS_ALLOW;
    return hop_endpoint_is_plain(e) && is_allowed ? HOP_REALM_ANY : HOP_REALM_HTTPS;
}

/* ---- credentials ---- */

/* Helpers hand out tokens of cloud accounts, too, which last for hours. */
#define HELPER_MEMORY_MS 600000

typedef struct helper_call {
    hop_endpoint *endpoint;
    uint64_t now_ms;
    bool waits; /* for a helper that runs */
} helper_call;

static void copy_credential(const hop_credential *from, hop_credential *to)
{
    *to = (hop_credential){
        .user = hop_strdup(from->user),
        .password = hop_strdup(from->password),
        .identity_token = hop_strdup(from->identity_token),
    };
}

static hop_helper_memory *get_helper(hop_endpoint *e, const char *name)
{
    for (hop_helper_memory *h = e->helpers; h; h = h->next)
        if (strcmp(h->name, name) == 0)
            return h;
    hop_helper_memory *h = hop_alloc(1, sizeof(*h));
    h->name = hop_strdup(name);
    h->next = e->helpers;
    e->helpers = h;
    return h;
}

/* A secret that it gave before is better than none. */
static void note_failure(hop_endpoint *e, hop_helper_memory *h, uint64_t now_ms,
                         hop_error **error)
{
    if (!h->is_found) {
        h->error = hop_steal(error);
        h->until_ms = UINT64_MAX;
        return;
    }
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    hop_error_join(*error, &text);
    hop_error_drop(error);
    free(e->note);
    e->note = hop_sprintf("%s keeps the credentials that it has: %s", e->host,
                          hop_buf_get(&text));
    h->until_ms = now_ms + HELPER_MEMORY_MS;
}

static void take_answer(hop_endpoint *e, hop_helper_memory *h, uint64_t now_ms)
{
    HOP_AUTO(hop_child) child = hop_steal(&h->child);
    hop_credential c = {0};
    bool is_found = false;
    hop_error *error = NULL;
    if (hop_credential_helper_finish(h->name, child, &c, &is_found, &error) != HOP_OK) {
        note_failure(e, h, now_ms, &error);
        return;
    }
    hop_credential_clear(&h->credential);
    h->credential = c;
    h->is_found = is_found;
    h->until_ms = now_ms + HELPER_MEMORY_MS;
}

bool hop_endpoint_has_helper(const hop_endpoint *e)
{
    for (const hop_helper_memory *h = e->helpers; h; h = h->next)
        if (h->child)
            return true;
    return false;
}

bool hop_endpoint_step_helpers(hop_endpoint *e, uint64_t now_ms)
{
    bool has_ended = false;
    for (hop_helper_memory *h = e->helpers; h; h = h->next) {
        if (!h->child || hop_child_step(h->child, 0) == HOP_CHILD_RUNS)
            continue;
        take_answer(e, h, now_ms);
        has_ended = true;
    }
    return has_ended;
}

static hop_status ask_once(void *user, const char *name, const char *host,
                           hop_credential *out, bool *found, hop_error **err)
{
    helper_call *call = user;
    hop_helper_memory *h = get_helper(call->endpoint, name);
    hop_error *error = NULL;
    if (!h->child && call->now_ms >= h->until_ms &&
        hop_credential_helper_start(name, host, &h->child, &error) != HOP_OK)
        note_failure(call->endpoint, h, call->now_ms, &error);
    call->waits = h->child != NULL;
    if (call->waits) /* ends the search, which begins again when the program has ended */
        return hop_error_set(err, HOP_E_CANCELLED, "docker-credential-%s runs", name);
    if (h->error) {
        *err = hop_error_clone(h->error);
        return hop_error_get_status(h->error);
    }
    *found = h->is_found;
    if (h->is_found)
        copy_credential(&h->credential, out);
    return HOP_OK;
}

static hop_status find_credential(hop_endpoint *e, const char *repository,
                                  uint64_t now_ms, hop_credential *out, bool *found,
                                  bool *waits, hop_error **err)
{
    free(hop_steal(&e->note));
    if (!may_send_credentials(e)) {
        e->note = hop_sprintf("%s has no TLS: no credentials are sent there", e->host);
        return HOP_OK;
    }
    helper_call call = {.endpoint = e, .now_ms = now_ms};
    hop_helper helper = {.ask = ask_once, .user = &call};
    hop_status s = hop_credential_find(&e->side->authfiles, &helper, e->host, repository,
                                       out, found, err);
    *waits = call.waits;
    if (call.waits) {
        hop_error_drop(err);
        return HOP_OK;
    }
    if (s == HOP_OK)
        e->note = hop_sprintf("credentials of %s/%s: %s", e->host, repository,
                              *found ? out->origin : "none found, anonymous");
    return s;
}

hop_status hop_endpoint_renew_pass(hop_endpoint *e, hop_pass *pass,
                                   const char *repository, uint64_t now_ms,
                                   hop_token_request *request, hop_error **err)
{
    if (hop_pass_is_fresh(pass, now_ms) || pass->state == HOP_PASS_ASKING)
        return HOP_OK;
    HOP_AUTO_STR authorization = NULL;
    if (e->challenge.scheme == HOP_AUTH_NONE) {
        set_ready(pass, &authorization);
        return HOP_OK;
    }
    HOP_AUTO_VALUE(hop_credential) cred = {0};
    bool found = false;
    bool waits = false;
    hop_status s = find_credential(e, repository, now_ms, &cred, &found, &waits, err);
    if (waits)
        pass->state = HOP_PASS_HELPED;
    if (s != HOP_OK || waits)
        return s;
    if (e->challenge.scheme == HOP_AUTH_BASIC) {
        if (found && cred.user)
            authorization = hop_auth_basic(&cred);
        set_ready(pass, &authorization);
        return look_at_refusal(e, pass, repository, err);
    }
    s = hop_token_request_make(&e->challenge, found ? &cred : NULL, pass->scopes,
                               realm_policy(e), request, err);
    if (s == HOP_OK)
        pass->state = HOP_PASS_ASKING;
    return s;
}

hop_error *hop_error_clone(const hop_error *err)
{
    size_t depth = 0;
    while (hop_error_get_frame(err, depth))
        depth++;
    hop_error *copy = NULL;
    hop_status s = HOP_OK;
    for (size_t i = depth; i > 0; i--) {
        const char *frame = hop_error_get_frame(err, i - 1);
        s = i == depth ? hop_error_set(&copy, hop_error_get_status(err), "%s", frame)
                       : hop_error_wrap(&copy, "%s", frame);
    }
    (void)s;
    if (copy && hop_error_get_hint(err))
        hop_error_hint(&copy, "%s", hop_error_get_hint(err));
    return copy;
}
