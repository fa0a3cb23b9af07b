/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * The registry protocol without the network: where requests go and what answers mean.
 * OCI distribution-spec 1.1; what products do otherwise is said where it is handled.
 */
#ifndef HOP_REGISTRY_H
#define HOP_REGISTRY_H

#include "hop_oci.h"
#include "http.h"
#include "transfer.h"

typedef enum hop_request_kind {
    HOP_REQ_PING,
    HOP_REQ_TOKEN,
    HOP_REQ_TAGS,
    HOP_REQ_MANIFEST_READ, /* GET or HEAD */
    HOP_REQ_MANIFEST_PUT,
    HOP_REQ_BLOB_HEAD,
    HOP_REQ_BLOB_MOUNT,
    HOP_REQ_BLOB_OPEN,
    HOP_REQ_BLOB_GET,
    HOP_REQ_BLOB_PUT,
    HOP_REQ_BLOB_PATCH,  /* a piece */
    HOP_REQ_BLOB_STATUS, /* GET of the upload */
    HOP_REQ_BLOB_CLOSE,  /* PUT after the last piece */
} hop_request_kind;

/* URLs; `base` is "https://HOST". Heap text. */
char *hop_registry_manifest_url(const char *base, const char *repository,
                                const char *reference) HOP_MUST_USE;
char *hop_registry_blob_url(const char *base, const char *repository,
                            const hop_digest *digest) HOP_MUST_USE;
/** `mount` NULL: a plain upload. Mounting from the repository itself asks whether the
 * blob is there and opens an upload when it is not, in one request. */
char *hop_registry_upload_url(const char *base, const char *repository,
                              const hop_digest *mount, const char *from) HOP_MUST_USE;

/**
 * Where an upload goes on: `location` relative to the request's URL, its query kept as it
 * is, the digest added. A Location that falls back from https to http on the same host is
 * taken as https (a proxy that forgot to say so); on another host it is HOP_E_NET.
 * *same_host tells whether credentials may go there.
 */
HOP_MUST_USE hop_status hop_registry_session_url(const char *request_url,
                                                 const char *location, char **out,
                                                 bool *same_host, hop_error **err);
char *hop_registry_commit_url(const char *session, const hop_digest *digest) HOP_MUST_USE;

/** What an answer means to the transfer that asked. HOP_NET_STOPPED and digests are the
 * caller's to judge. */
hop_transfer_event hop_registry_judge(hop_request_kind kind, const hop_answer *answer);
/** True when the registry asks for less: 429, 5xx. */
bool hop_registry_is_pushback(const hop_answer *answer);
/** True for a refused manifest because of a blob or child that the registry lacks. */
bool hop_registry_is_missing_part(const hop_answer *answer);
/** Adds the digests that an answer's body names to `out`, at most 1000. */
void hop_registry_find_digests(const hop_answer *answer, hop_strings *out);

/** Milliseconds to wait, from seconds or an HTTP date; 0 without or in the past, at most
 * an hour. `date` is the answer's own Date, by whose clock a date is meant, or NULL;
 * `now_s` is Unix time here. */
uint64_t hop_registry_retry_after_ms(const char *value, const char *date, int64_t now_s);
/** Seconds that a server's Date is ahead of `now_s`; 0 without a Date that can be read.
 */
int64_t hop_registry_clock_ahead_s(const char *date, int64_t now_s);
/** "bytes N-M/T": is it what comes from byte `start` on, of `size_bytes` in all? A T of
 * "*" is not known and fits. */
bool hop_registry_range_fits(const char *content_range, uint64_t start,
                             uint64_t size_bytes);
/** How many bytes of an upload the registry has, from its Range "[bytes=]0-N". "0-0" is
 * taken for none: that is what an upload without a byte is given. */
bool hop_registry_upload_offset(const char *range, uint64_t *offset);

/** A URL for messages: no user, no query, no fragment. */
char *hop_registry_public_url(const char *url) HOP_MUST_USE;
/** Some programs repeat the header that they do not like: stars instead of what follows
 * its scheme, "Basic" or "Bearer". */
void hop_registry_hide_credentials(char *text);

/**
 * Makes the error of an answer that is no success: "GET URL: 404 manifest unknown", with
 * the registry's own message when it sent one as JSON, and a hint where there is one.
 * HOP_E_AUTH for 401 and 403, HOP_E_NOT_FOUND for 404 to a read, else HOP_E_NET.
 * `host` and `option` ("src" or "dest") are for the hint.
 */
typedef struct hop_request_name {
    hop_method method;
    const char *url;
    const char *host;
    const char *option;
} hop_request_name;
HOP_MUST_USE hop_status hop_registry_error(const hop_request_name *name,
                                           const hop_answer *answer, hop_error **err);

#endif
