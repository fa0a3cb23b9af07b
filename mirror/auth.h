/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * What a registry asks for and what it is given: challenges, token requests, tokens.
 * Pure: headers and bodies in, values out. RFC 9110 section 11, distribution "Token
 * Authentication Specification".
 */
#ifndef HOP_AUTH_H
#define HOP_AUTH_H

#include "hop_buf.h"
#include "hop_error.h"

typedef enum hop_auth_scheme {
    HOP_AUTH_NONE,
    HOP_AUTH_BASIC,
    HOP_AUTH_BEARER,
} hop_auth_scheme;

/** The challenge that will be answered: Bearer wins over Basic. */
typedef struct hop_challenge {
    hop_auth_scheme scheme;
    char *realm;   /* Bearer: URL of the token service */
    char *service; /* NULL without */
} hop_challenge;
void hop_challenge_clear(hop_challenge *c);

/** Reads one WWW-Authenticate value, which may hold several challenges, into `out`; one
 * that is better than what is there replaces it. Malformed ones are passed over: they are
 * as good as an unknown scheme. */
void hop_challenge_add(hop_challenge *out, const char *value, size_t len);

typedef struct hop_credential {
    char *user;
    char *password;
    char *identity_token; /* instead of the two */
    char *origin;         /* "FILE (auths.KEY)": what decided; never the secret */
} hop_credential;
void hop_credential_clear(hop_credential *c);

/** Asks the credential helper docker-credential-NAME for a host. *found is false, and
 * `out` untouched, when it has nothing; HOP_E_NOT_FOUND when there is no such program. */
typedef struct hop_helper {
    hop_status (*ask)(void *user, const char *name, const char *host, hop_credential *out,
                      bool *found, hop_error **err);
    void *user;
} hop_helper;

/**
 * Looks for the credentials of HOST/REPOSITORY in podman- and docker-style files, as
 * containers-auth.json(5) says: the first file that has them wins, in it the longest key
 * of `auths` and `credHelpers` (host/ns/repo, host/ns, host; a docker key may be written
 * as a URL), at equal length the helper; `credsStore` is asked for what no key knows.
 * Entries without a secret are passed over, and so are missing files and a `credsStore`
 * that is not installed: docker's desktop leaves that behind. *found is false, and `out`
 * untouched, when nothing has them.
 *
 * HOP_E_PARSE for a broken file, HOP_E_AUTH for an entry that is no "user:password" and
 * for a helper that failed. A NULL `helper` never asks any.
 */
HOP_MUST_USE hop_status hop_credential_find(const hop_strings *files,
                                            const hop_helper *helper, const char *host,
                                            const char *repository, hop_credential *out,
                                            bool *found, hop_error **err);

/** "Basic …" for a user and a password. Heap text, a secret. */
char *hop_auth_basic(const hop_credential *c) HOP_MUST_USE;

/** "repository:NAME:ACTIONS", one per line in a scope key, sorted as given. */
typedef struct hop_token_request {
    char *url;   /* GET, or POST when there is a form */
    char *form;  /* the refresh-token flow: a secret; NULL for GET */
    char *basic; /* Authorization for the GET: a secret; NULL for anonymous */
} hop_token_request;
void hop_token_request_clear(hop_token_request *r);
/** `scopes` are separated by spaces, at most two. `cred` may be NULL: anonymous.
 * HOP_E_NET when the realm is no http(s) URL, HOP_E_AUTH when the realm is plain http and
 * that is not allowed for credentials. */
typedef enum hop_realm_policy { HOP_REALM_HTTPS, HOP_REALM_ANY } hop_realm_policy;
HOP_MUST_USE hop_status hop_token_request_make(const hop_challenge *c,
                                               const hop_credential *cred,
                                               const char *scopes,
                                               hop_realm_policy policy,
                                               hop_token_request *out, hop_error **err);

/** Reads a token answer: `token` or `access_token`; a lifetime that is missing is 60 s.
 * *bearer gets "Bearer …". */
HOP_MUST_USE hop_status hop_token_read(const char *body, size_t len, char **bearer,
                                       uint64_t *lifetime_s, hop_error **err);

#endif
