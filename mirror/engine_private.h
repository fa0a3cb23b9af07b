/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * What the parts of the engine share. engine.c has the loop and the queues, engine_run.c
 * carries out what a transfer machine wants, exchange.c speaks to registries, blob_flow.c
 * gets blob bytes and upload.c sends them, engine_pass.c gets hosts and tokens ready.
 */
#ifndef HOP_ENGINE_PRIVATE_H
#define HOP_ENGINE_PRIVATE_H

#include "engine.h"
#include "queue.h"
#include "registry.h"

#define HOP_PIPE_BYTES (256 * HOP_KIB)

typedef struct hop_lane {
    struct hop_lane *next;
    hop_endpoint *endpoint;
    hop_fifo urgent; /* pings and tokens: others wait for them */
    hop_fifo calls[3];
    hop_by_size pushes; /* not begun */
    hop_fifo opened;    /* uploads that wait for their streams */
    hop_fifo parked;    /* wait for a ping or a token */
    unsigned ahead;
    unsigned large; /* large pushes begun and not over */
} hop_lane;

struct hop_engine {
    hop_engine_opts opts;
    hop_http *http;
    hop_lane *lanes;
    hop_fifo sleeping;
    hop_fifo over; /* their `done` is to be called */
    hop_pipes pipes;
    hop_job *live; /* submitted, not yet given back */
    size_t farewells;
    hop_engine_stats stats;
    uint64_t random;
    uint64_t now_ms;
    bool is_cancelled;
    uint64_t cancelled_ms;
    bool is_stopped;
};

typedef enum hop_gate { HOP_GATE_GO, HOP_GATE_PARKED, HOP_GATE_FAILED } hop_gate;

hop_lane *hop_engine_lane(hop_engine *e, hop_endpoint *endpoint);
/** Puts a job where its `todo` waits. */
void hop_engine_enqueue(hop_job *job);
void hop_engine_unpark(hop_engine *e, hop_endpoint *endpoint);
void hop_engine_sleep(hop_job *job, uint64_t wait_ms);

void hop_engine_feed(hop_job *job, hop_transfer_event event, bool progressed);
void hop_engine_run(hop_job *job); /* carries out job->todo */
void hop_engine_set_stage(hop_job *job, hop_stage stage);
void hop_engine_release_call(hop_job *job);

/** Readies a host and a pass for a request; parks or fails the job when it can't. The
 * pass goes to job->pass, or for the source of a push to job->source_pass. */
hop_gate hop_engine_gate(hop_job *job, const char *mount_from);
hop_gate hop_engine_gate_source(hop_job *job);
void hop_engine_reject_pass(hop_job *job);
void hop_engine_log_note(const hop_engine *e, hop_endpoint *p);

void hop_job_ask(hop_job *job);    /* the request of the machine's state */
void hop_job_stream(hop_job *job); /* upload and download of a blob */
void hop_job_download(hop_job *job);
void hop_job_upload(hop_job *job); /* the next request of an upload, from job->sent on */
void hop_job_say_goodbye(hop_job *job); /* cancels an upload session */
/** The upload is gone, or of no use: what is known of it is dropped. */
void hop_job_forget_upload(hop_job *job);
/** Takes the place where an upload goes on from an answer, where it names one. */
hop_transfer_event hop_job_take_session(hop_job *job, hop_method method,
                                        const char *request_url, const hop_answer *a);
/** Seconds that a registry may need to make a blob of the bytes that it has. */
unsigned hop_job_answer_s(const hop_job *job);
void hop_job_set_answer_error(hop_job *job, hop_method method, const char *url,
                              const hop_endpoint *endpoint, const hop_answer *answer);
/** Counts, logs and remembers an answer; tells the endpoint when it pushes back. */
void hop_job_note_answer(hop_job *job, hop_method method, const char *url,
                         hop_endpoint *endpoint, const hop_answer *answer);
void hop_job_set_error(hop_job *job, hop_error **error);
void hop_pass_add_header(const hop_pass *pass, hop_strings *headers);

#endif
