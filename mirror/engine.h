/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * The event loop: runs jobs, each through its transfer machine, within what hosts bear.
 *
 *     hop_engine *e = hop_engine_new(&(hop_engine_opts){.attempts = 8, …});
 *     hop_engine_submit(e, &job);
 *     while (hop_engine_is_busy(e))
 *         hop_engine_step(e, 250);        // calls job.done
 */
#ifndef HOP_ENGINE_H
#define HOP_ENGINE_H

#include "job.h"

typedef struct hop_engine hop_engine;

typedef struct hop_engine_opts {
    unsigned jobs;
    unsigned attempts;
    unsigned stall_s;
    unsigned outage_s; /* a host that was silent for so long is given up; 0: 300 */
    uint64_t seed;
    void (*event)(void *user, const hop_mirror_event *event);
    void *user;
} hop_engine_opts;

typedef struct hop_engine_stats {
    uint64_t source_bytes; /* blob bytes from source hosts */
    uint64_t sent_bytes;
    uint64_t requests;
    uint64_t retries;
    size_t streams;
    size_t waiting;
} hop_engine_stats;

hop_engine *hop_engine_new(const hop_engine_opts *opts) HOP_MUST_USE;
void hop_engine_free(hop_engine *e);
HOP_DEFINE_AUTO(hop_engine);

/** The endpoint of a host on a side, made when it is new. Lives as long as the engine. */
hop_endpoint *hop_engine_get_endpoint(hop_engine *e, const hop_side_state *side,
                                      const char *host);
/** Never calls `done` at once. */
void hop_engine_submit(hop_engine *e, hop_job *job);
void hop_engine_step(hop_engine *e, int timeout_ms);
bool hop_engine_is_busy(const hop_engine *e);
/** Fails with HOP_E_CANCELLED, in the next step, what has not begun, what only asks, and
 * what is not nearly done (SOON), or everything (NOW); so is what is submitted later. */
void hop_engine_cancel(hop_engine *e, hop_cancel how);
/** Frees what unfinished jobs hold, without calling their `done`; then only
 * hop_engine_free() may follow. */
void hop_engine_abandon(hop_engine *e);
hop_engine_stats hop_engine_get_stats(const hop_engine *e);
void hop_engine_log(const hop_engine *e, hop_mirror_event_kind kind, const char *fmt, ...)
    HOP_PRINTF(3, 4);

#endif
