/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * One piece of transfer work: what is wanted, where, and what came of it.
 *
 * The owner fills the first part, hands the job to hop_engine_submit(), and gets it back
 * through `done`, once. Strings and buffers that a job points to must live until then.
 * Jobs are embedded in what they belong to; hop_job_clear() makes one fit for another
 * use.
 */
#ifndef HOP_JOB_H
#define HOP_JOB_H

#include "endpoint.h"
#include "http.h"
#include "pipe.h"
#include "spool.h"
#include "transfer.h"

typedef enum hop_job_kind {
    HOP_JOB_PING,
    HOP_JOB_TOKEN,
    HOP_JOB_TAGS,          /* tag list of `repository` */
    HOP_JOB_MANIFEST_HEAD, /* `reference` in `repository`: is it there, which digest */
    HOP_JOB_MANIFEST_GET,
    HOP_JOB_MANIFEST_PUT, /* data under `reference` */
    HOP_JOB_PUSH_RIGHT, /* may `repository` be written: an upload, opened and cancelled */
    HOP_JOB_BLOB_HEAD,  /* is it there, with size_bytes (0: any) */
    HOP_JOB_BLOB_FETCH, /* into `spool`; without one it is only hashed */
    HOP_JOB_BLOB_PUSH,  /* into `repository` at `at`, from one of three sources */
} hop_job_kind;

typedef enum hop_outcome {
    HOP_OUTCOME_PENDING,
    HOP_OUTCOME_OK,      /* answered, stored, copied */
    HOP_OUTCOME_ABSENT,  /* 404 to a question where that is an answer */
    HOP_OUTCOME_PRESENT, /* a push found the blob in its repository */
    HOP_OUTCOME_MOUNTED,
    HOP_OUTCOME_FAILED,
} hop_outcome;

typedef enum hop_priority {
    HOP_PRIORITY_FIRST, /* payloads: all else waits for them */
    HOP_PRIORITY_FIND,  /* manifests: they tell which blobs there are */
    HOP_PRIORITY_LAST,
} hop_priority;

/** Where a push gets its bytes. */
typedef struct hop_job_source {
    hop_endpoint *endpoint; /* another registry */
    const char *repository;
    const hop_spool *spool;            /* or a spooled blob */
    const void *data;                  /* or bytes in memory */
    const struct hop_media_disk *disk; /* or media, hashed on the way */
} hop_job_source;

typedef enum hop_stage {
    HOP_STAGE_QUEUED,
    HOP_STAGE_AHEAD,     /* a push that asks, mounts, opens or has opened */
    HOP_STAGE_STREAMING, /* it holds stream slots */
} hop_stage;

typedef struct hop_job hop_job;
struct hop_job {
    /* what is wanted */
    hop_job_kind kind;
    hop_priority priority;
    hop_endpoint *at;
    const char *repository;
    const char *reference; /* tag or digest text */
    hop_digest digest;     /* what the bytes must have; "" for a tag */
    uint64_t size_bytes;   /* of a blob, exactly */
    const void *data;      /* MANIFEST_PUT */
    size_t data_len;
    const char *media_type;
    hop_spool *spool;             /* BLOB_FETCH: into this, */
    struct hop_media_blob *media; /* or onto media */
    hop_job_source source;
    hop_probe probe;
    const char *mount_from; /* repository of the same host; NULL: the target itself */
    void (*done)(void *user, hop_job *job);
    void *user;

    /* what came of it */
    hop_outcome outcome;
    hop_error *error; /* with HOP_OUTCOME_FAILED */
    hop_buf body;     /* TAGS, MANIFEST_GET */
    char *content_type;
    char *link;
    hop_digest found; /* digest of the manifest */
    char *url;        /* of the last request, public */
    long http_status;
    unsigned attempts;
    bool has_digest_header; /* the answer said which manifest it is */
    bool has_source_failed; /* a push failed because of where its bytes come from */
    bool lacks_part;        /* a manifest was refused for something that is not there */
    hop_strings missing;    /* digests that the refusal named */

    /* the engine's own */
    struct hop_engine *engine;
    hop_job *next;          /* in the one queue that it is in */
    struct hop_fifo *queue; /* that one; NULL: in none */
    hop_job *live_next;     /* among all that are submitted */
    hop_job *live_previous;
    hop_transfer machine;
    hop_transfer_action todo;
    hop_stage stage;
    hop_endpoint *call_at; /* where a call slot is held */
    bool holds_source;     /* a stream slot at the source */
    hop_exchange *up;      /* the upload */
    hop_exchange *down;    /* the download, or a request with a short answer */
    hop_pipe *pipe;
    struct hop_media_reader *reader; /* of source.disk */
    hop_hash *hash;
    uint64_t got;            /* position of the download, over all connections */
    uint64_t got_mark;       /* `got` at the last failure */
    uint64_t hashed;         /* bytes in `hash`: those that come again are not added */
    uint64_t skip;           /* bytes to pass over, as the answer begins at 0 */
    uint64_t sent;           /* position of the upload */
    uint64_t piece_end;      /* where its request ends */
    bool is_put;             /* that is a PUT of the whole blob */
    uint64_t offset;         /* what the registry has, by its own word */
    uint64_t stream_ms;      /* when bytes began to flow */
    uint64_t asked_ms;       /* when a request with a short answer was sent */
    bool is_verified;        /* the digest of what came is right */
    bool avoids_range;       /* the source does not understand ranges */
    unsigned strays;         /* refusals by a place that the source sent us to */
    hop_transfer_event stop; /* why a sink said stop */
    hop_error *stop_error;
    bool is_checked;    /* first bytes of this connection were looked at */
    hop_digest doubted; /* of an answer by tag whose header names another digest */
    char *session;
    bool session_is_near; /* credentials may go there */
    char *request_url;
    hop_strings up_headers;
    hop_strings down_headers;
    hop_pass *pass;        /* for requests to `at` */
    hop_pass *source_pass; /* for the download of a push: never sent to `at` */
    unsigned pass_serial;
    unsigned source_serial;
    bool is_source_refused; /* the 401 came from the source */
    hop_pass *owner_pass;   /* TOKEN: which one it fetches */
    hop_token_request token;
    uint64_t due_ms;         /* WAIT: until when */
    uint64_t failed_ms;      /* when this question last failed; 0: it did not */
    uint64_t failed_from_ms; /* the first of those failures */
    unsigned excused;        /* failures that only say that the host is silent */
};

void hop_job_clear(hop_job *job);

#endif
