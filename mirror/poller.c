/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "poller.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#define EVENTS 64
#define NEVER UINT64_MAX

struct hop_poller {
    int epoll;
    uint64_t due_us;
    hop_poller_ready ready;
    void *user;
};

static uint64_t clock_us(void)
{
    struct timespec t = {0};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

hop_poller *hop_poller_new(hop_poller_ready ready, void *user)
{
    hop_poller *p = hop_alloc(1, sizeof(*p));
    p->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (p->epoll < 0)
        abort();
    p->due_us = NEVER;
    p->ready = ready;
    p->user = user;
    return p;
}

void hop_poller_free(hop_poller *p)
{
    if (!p)
        return;
    close(p->epoll);
    free(p);
}

void hop_poller_watch(hop_poller *p, int socket, unsigned what)
{
    struct epoll_event e = {.data.fd = socket};
    if (what & HOP_POLL_READ)
        e.events |= EPOLLIN;
    if (what & HOP_POLL_WRITE)
        e.events |= EPOLLOUT;
    if (epoll_ctl(p->epoll, EPOLL_CTL_MOD, socket, &e) != 0 &&
        (errno != ENOENT || epoll_ctl(p->epoll, EPOLL_CTL_ADD, socket, &e) != 0))
        abort();
}

void hop_poller_forget(hop_poller *p, int socket)
{
    (void)epoll_ctl(p->epoll, EPOLL_CTL_DEL, socket, NULL);
}

void hop_poller_set_timer(hop_poller *p, long timeout_ms)
{
    p->due_us = timeout_ms < 0 ? NEVER : clock_us() + (uint64_t)timeout_ms * 1000;
}

/* Rounded up: the timer's owner, told before it is due, does nothing, and may not set it
 * again. */
static int wait_time(const hop_poller *p, int timeout_ms)
{
    uint64_t now_us = clock_us();
    if (p->due_us <= now_us)
        return 0;
    uint64_t left_ms = (p->due_us - now_us + 999) / 1000;
    return left_ms < (uint64_t)timeout_ms ? (int)left_ms : timeout_ms;
}

static unsigned read_events(uint32_t events)
{
    unsigned what = 0;
    if (events & EPOLLIN)
        what |= HOP_POLL_READ;
    if (events & EPOLLOUT)
        what |= HOP_POLL_WRITE;
    if (events & (EPOLLERR | EPOLLHUP))
        what |= HOP_POLL_ERROR;
    return what;
}

void hop_poller_step(hop_poller *p, int timeout_ms)
{
    struct epoll_event events[EVENTS];
    int count = epoll_wait(p->epoll, events, EVENTS, wait_time(p, timeout_ms));
    for (int i = 0; i < count; i++)
        p->ready(p->user, events[i].data.fd, read_events(events[i].events));
    bool is_due = p->due_us <= clock_us();
    if (is_due)
        p->due_us = NEVER; /* before its owner may set the next one */
    if (is_due || count <= 0)
        p->ready(p->user, HOP_POLL_TIMER, 0);
}
