/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Waits for sockets and for a timer, both of which a library owns (epoll). What a step
 * costs follows from how many are ready, not from how many there are.
 */
#ifndef HOP_POLLER_H
#define HOP_POLLER_H

#include "hop_own.h"

typedef struct hop_poller hop_poller;

#define HOP_POLL_READ 1U
#define HOP_POLL_WRITE 2U
#define HOP_POLL_ERROR 4U

/** A socket is ready; with HOP_POLL_TIMER the timer is due, or nothing was ready in time.
 */
#define HOP_POLL_TIMER (-1)
typedef void (*hop_poller_ready)(void *user, int socket, unsigned what);

hop_poller *hop_poller_new(hop_poller_ready ready, void *user) HOP_MUST_USE;
void hop_poller_free(hop_poller *p);
HOP_DEFINE_AUTO(hop_poller);
/** `what` replaces what was waited for; 0 is nothing. */
void hop_poller_watch(hop_poller *p, int socket, unsigned what);
/** A socket that was closed is forgotten already, which is no error. */
void hop_poller_forget(hop_poller *p, int socket);
/** Replaces the timer; negative: there is none. */
void hop_poller_set_timer(hop_poller *p, long timeout_ms);
/** Waits for at most `timeout_ms` and tells of everything that is ready then. A signal
 * ends the wait. */
void hop_poller_step(hop_poller *p, int timeout_ms);

#endif
