/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * What is known of one host on one side: how it is reached, what it wants to be shown,
 * and how much it bears at a time.
 *
 * Limits adapt: a host starts with HOP_START_STREAMS streams, gets more while that moves
 * more bytes, and half when it pushes back (429, 5xx). Small requests have a limit of
 * twice the streams of their own, so that the next uploads are opened while bytes flow.
 */
#ifndef HOP_ENDPOINT_H
#define HOP_ENDPOINT_H

#include "auth.h"
#include "child.h"
#include "side.h"

#define HOP_START_STREAMS 6

typedef enum hop_reach {
    HOP_REACH_UNKNOWN,
    HOP_REACH_ASKING,
    HOP_REACH_READY,
    HOP_REACH_FAILED,
} hop_reach;

typedef enum hop_pass_state {
    HOP_PASS_NONE,
    HOP_PASS_HELPED, /* a credential helper has to end first */
    HOP_PASS_ASKING,
    HOP_PASS_READY,
    HOP_PASS_FAILED,
} hop_pass_state;

/** The Authorization for one set of scopes; one token serves all who need these. */
typedef struct hop_pass {
    struct hop_pass *next;
    char *scopes; /* "repository:a:pull,push", or two of them */
    hop_pass_state state;
    char *header;        /* "Authorization: …", a secret; NULL sends none */
    char *refused;       /* a header that was answered with 401 */
    uint64_t expires_ms; /* UINT64_MAX: never */
    unsigned serial;     /* grows with every renewal */
    hop_error *error;
} hop_pass;

/** What a credential helper said: it is a program, and a run asks often. */
typedef struct hop_helper_memory {
    struct hop_helper_memory *next;
    char *name;
    hop_child *child; /* it is being asked */
    hop_credential credential;
    bool is_found;
    hop_error *error;  /* it never said anything; it is not asked again */
    uint64_t until_ms; /* when it is asked again; 0: it was not asked */
} hop_helper_memory;

/** How long a host has been silent. Failures while it is are no reason to give up what
 * was asked: it comes back, or there is an end to the patience with it. */
typedef struct hop_patience {
    uint64_t alive_ms;       /* when it last answered, or sent bytes; 0: never */
    uint64_t silent_from_ms; /* its first failure since then; 0: there was none */
    bool is_said;            /* that it is silent */
} hop_patience;

typedef struct hop_endpoint {
    struct hop_endpoint *next;
    const hop_side_state *side;
    char *host;
    char *base; /* "https://HOST" */
    hop_tls tls;
    hop_reach reach;
    hop_error *error; /* why it could not be reached */
    hop_patience patience;
    hop_patience token_patience; /* with the token service of its challenge */
    hop_challenge challenge;
    hop_pass *passes;
    hop_helper_memory *helpers;
    char *note; /* for the log: which credentials are used; whoever logs it takes it */
    bool refuses_mount;
    bool refuses_pieces;  /* where there was no need for them */
    bool checks_late;     /* it looks at a token when the body of an upload has come */
    bool has_clock;       /* it was looked at */
    uint64_t piece_bytes; /* larger requests do not pass; 0: none was too large yet */
    uint64_t piece_min;   /* what the registry wants at least; 0: anything */

    unsigned limit; /* streams */
    unsigned max_limit;
    unsigned streams; /* under way */
    unsigned calls;
    uint64_t blocked_until_ms; /* the host asked for a pause */
    uint64_t halved_ms;
    uint64_t window_start_ms; /* measures whether more streams move more bytes */
    uint64_t window_bytes;
    uint64_t best_rate;
    bool was_full; /* all streams were in use in this window */
} hop_endpoint;

/** Certificates for the host that cannot be read make it one that could not be reached.
 */
hop_endpoint *hop_endpoint_new(const hop_side_state *side, const char *host,
                               unsigned max_limit) HOP_MUST_USE;
void hop_endpoint_free(hop_endpoint *e);

bool hop_endpoint_is_loopback(const hop_endpoint *e);
bool hop_endpoint_is_plain(const hop_endpoint *e);
/** The host answered a handshake in plain text: true when plain HTTP may be used, and
 * then the endpoint is switched over. */
bool hop_endpoint_allow_plain(hop_endpoint *e);

bool hop_endpoint_may_stream(const hop_endpoint *e, uint64_t now_ms);
bool hop_endpoint_may_call(const hop_endpoint *e, uint64_t now_ms);
void hop_patience_note(hop_patience *p, uint64_t now_ms);
void hop_endpoint_note_bytes(hop_endpoint *e, uint64_t bytes, uint64_t now_ms);
/**
 * An upload request of `bytes` was refused for its size: smaller pieces from here on, at
 * least half as large. False when pieces cannot become smaller.
 */
bool hop_endpoint_shrink_pieces(hop_endpoint *e, uint64_t bytes);
void hop_endpoint_note_pushback(hop_endpoint *e, uint64_t wait_ms, uint64_t now_ms);

/** The pass for these scopes, made when it is new. Borrowed from the endpoint. */
hop_pass *hop_endpoint_get_pass(hop_endpoint *e, const char *scopes);
/**
 * Brings a pass that has no header or an old one as far as is possible without the
 * network: Basic is done at once. When a token has to be fetched, its state becomes
 * HOP_PASS_ASKING and *request says how; when a credential helper has to be waited for,
 * HOP_PASS_HELPED. `repository` decides which credentials.
 */
HOP_MUST_USE hop_status hop_endpoint_renew_pass(hop_endpoint *e, hop_pass *pass,
                                                const char *repository, uint64_t now_ms,
                                                hop_token_request *request,
                                                hop_error **err);
bool hop_endpoint_has_helper(const hop_endpoint *e); /* one that is being asked */
/** True when a credential helper has ended: passes that waited for it can go on. */
bool hop_endpoint_step_helpers(hop_endpoint *e, uint64_t now_ms);
bool hop_pass_is_fresh(const hop_pass *pass, uint64_t now_ms);
/** A token that its service gave, such as "Bearer …". */
void hop_pass_take_token(hop_pass *pass, const char *authorization, uint64_t lifetime_s,
                         uint64_t now_ms);
/** Remembers why there is no token, for 15 seconds; for good, when the credentials were
 * refused. Takes the error. */
void hop_pass_take_failure(hop_pass *pass, hop_error **error, uint64_t now_ms);
/** A failure whose time is over leaves a pass that can be renewed. */
void hop_pass_forget_failure(hop_pass *pass, uint64_t now_ms);

/** A second error with the same frames and hint. */
hop_error *hop_error_clone(const hop_error *err) HOP_MUST_USE;

#endif
