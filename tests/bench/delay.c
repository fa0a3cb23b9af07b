/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A proxy that makes a registry look far away: what comes in leaves half a round trip
 * later, and the first bytes of a connection wait for one more round trip, as a TCP
 * handshake would have taken it. A connection has at most a window's worth of bytes on
 * their way. With --rtt 0 it only forwards, so that every row of a table pays the same
 * for going through it.
 *
 *     hop-bench-delay --rtt MS --totals FILE HOST:PORT…
 *
 * prints one line "127.0.0.1:PORT" for each HOST:PORT. SIGUSR1 writes to FILE, for each
 * of them, a line "CONNECTIONS UP DOWN" (bytes) since the last time. */
#include "hop_own.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define WINDOW ((size_t)4 << 20)
#define PIECE ((size_t)65536)
#define MAX_PLACES 8

typedef struct piece {
    struct piece *next;
    uint64_t due_us;
    size_t len; /* 0: the end of the stream */
    size_t sent;
    char data[];
} piece;

/* One direction of a connection. */
typedef struct flow {
    int from, to;
    piece *head, *tail;
    size_t held;
    bool is_read_out; /* the end was read */
    bool is_over;     /* and passed on */
} flow;

typedef struct place {
    struct sockaddr_in upstream;
    int listener;
    uint64_t connections, bytes[2];
} place;

typedef struct tunnel {
    struct tunnel *next, *previous;
    place *place;
    int client, server;
    flow up, down;
    uint64_t open_us; /* when the handshake is over */
    uint64_t moves;   /* reads and writes that moved something */
    bool is_dead;
} tunnel;

typedef struct proxy {
    place places[MAX_PLACES];
    size_t place_count;
    uint64_t half_us;
    const char *totals;
    int epoll;
    tunnel *tunnels;
} proxy;

static uint64_t now_us(void)
{
    struct timespec t = {0};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void die(const char *what)
{
    fprintf(stderr, "hop-bench-delay: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* ---- flows ---- */

static void flow_clear(flow *f)
{
    while (f->head) {
        piece *next = f->head->next;
        free(f->head);
        f->head = next;
    }
}

static void hold(flow *f, piece *p)
{
    if (f->tail)
        f->tail->next = p;
    else
        f->head = p;
    f->tail = p;
    f->held += p->len;
}

/* False when the connection broke. */
static bool read_in(proxy *x, tunnel *l, flow *f, size_t direction)
{
    static char buffer[PIECE];
    while (!f->is_read_out && f->held < WINDOW) {
        ssize_t n = recv(f->from, buffer, PIECE, MSG_DONTWAIT);
        if (n < 0)
            return errno == EAGAIN || errno == EINTR;
        piece *p = hop_alloc(1, sizeof(*p) + (size_t)n);
        uint64_t at = now_us();
        p->len = (size_t)n;
        p->due_us = (at > l->open_us ? at : l->open_us) + x->half_us;
        memcpy(p->data, buffer, (size_t)n);
        f->is_read_out = n == 0;
        l->place->bytes[direction] += (uint64_t)n;
        l->moves++;
        hold(f, p);
    }
    return true;
}

static bool write_out(tunnel *l, flow *f, uint64_t at_us)
{
    while (f->head && f->head->due_us <= at_us) {
        piece *p = f->head;
        if (p->len == 0) {
            f->is_over = true;
            shutdown(f->to, SHUT_WR);
            return true;
        }
        ssize_t n =
            send(f->to, p->data + p->sent, p->len - p->sent, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0)
            return errno == EAGAIN || errno == EINTR;
        p->sent += (size_t)n;
        l->moves++;
        if (p->sent < p->len)
            return true;
        f->held -= p->len;
        f->head = p->next;
        if (!f->head)
            f->tail = NULL;
        free(p);
    }
    return true;
}

/* ---- connections ---- */

static void watch(const proxy *x, int fd, tunnel *l)
{
    struct epoll_event e = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                            .data.ptr = l};
    int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    if (epoll_ctl(x->epoll, EPOLL_CTL_ADD, fd, &e) != 0)
        die("epoll_ctl");
}

static void accept_all(proxy *x, place *p)
{
    int client = 0;
    while ((client = accept4(p->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >=
           0) {
        int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (server < 0 || connect(server, (const struct sockaddr *)&p->upstream,
                                  sizeof(p->upstream)) != 0)
            die("connect");
        tunnel *l = hop_alloc(1, sizeof(*l));
        l->place = p;
        l->client = client;
        l->server = server;
        l->up = (flow){.from = client, .to = server};
        l->down = (flow){.from = server, .to = client};
        l->open_us = now_us() + 2 * x->half_us;
        l->next = x->tunnels;
        if (x->tunnels)
            x->tunnels->previous = l;
        x->tunnels = l;
        p->connections++;
        watch(x, client, l);
        watch(x, server, l);
    }
}

static void move(proxy *x, tunnel *l)
{
    bool is_good = !l->is_dead;
    /* Edges come only once, so this ends when nothing moves any more: room that writing
     * makes is read into before the next wait. */
    for (uint64_t before = l->moves - 1; is_good && l->moves != before;) {
        before = l->moves;
        is_good = read_in(x, l, &l->up, 0) && read_in(x, l, &l->down, 1) &&
                  write_out(l, &l->up, now_us()) && write_out(l, &l->down, now_us());
    }
    l->is_dead = !is_good || (l->up.is_over && l->down.is_over);
}

static void bury(proxy *x)
{
    for (tunnel *l = x->tunnels; l;) {
        tunnel *next = l->next;
        if (l->is_dead) {
            if (l->previous)
                l->previous->next = next;
            else
                x->tunnels = next;
            if (next)
                next->previous = l->previous;
            close(l->client);
            close(l->server);
            flow_clear(&l->up);
            flow_clear(&l->down);
            free(l);
        }
        l = next;
    }
}

/* ---- totals, time, the loop ---- */

static void write_totals(proxy *x)
{
    HOP_AUTO_STR fresh = hop_sprintf("%s.new", x->totals);
    FILE *f = fopen(fresh, "w");
    if (!f)
        die(fresh);
    for (size_t i = 0; i < x->place_count; i++) {
        place *p = &x->places[i];
        fprintf(f, "%llu %llu %llu\n", (unsigned long long)p->connections,
                (unsigned long long)p->bytes[0], (unsigned long long)p->bytes[1]);
        p->connections = p->bytes[0] = p->bytes[1] = 0;
    }
    if (fclose(f) != 0 || rename(fresh, x->totals) != 0)
        die(x->totals);
}

/* Microseconds until the next piece is due; what is due already waits for its socket. */
static int64_t next_due(const proxy *x, uint64_t at)
{
    uint64_t best = UINT64_MAX;
    for (const tunnel *l = x->tunnels; l; l = l->next) {
        const piece *heads[] = {l->up.head, l->down.head};
        for (size_t i = 0; i < 2; i++)
            if (heads[i] && heads[i]->due_us > at && heads[i]->due_us < best)
                best = heads[i]->due_us;
    }
    return best == UINT64_MAX ? -1 : (int64_t)(best - at);
}

static void handle(proxy *x, const struct epoll_event *e, int signals)
{
    if (e->data.ptr == &x->epoll) {
        struct signalfd_siginfo info;
        if (read(signals, &info, sizeof(info)) == sizeof(info))
            write_totals(x);
        return;
    }
    for (size_t i = 0; i < x->place_count; i++)
        if (e->data.ptr == &x->places[i]) {
            accept_all(x, &x->places[i]);
            return;
        }
    move(x, e->data.ptr);
}

static void run(proxy *x, int signals)
{
    /* The moment up to which all that was due has been tried: what has become due since
     * then must not be taken for something that waits for its socket. */
    uint64_t at = now_us();
    for (;;) {
        struct epoll_event events[256];
        int64_t wait_us = next_due(x, at);
        struct timespec wait = {.tv_sec = wait_us / 1000000,
                                .tv_nsec = wait_us % 1000000 * 1000};
        int n = epoll_pwait2(x->epoll, events, (int)HOP_COUNT_OF(events),
                             wait_us < 0 ? NULL : &wait, NULL);
        if (n < 0 && errno != EINTR)
            die("epoll_pwait2");
        for (int i = 0; i < n; i++)
            handle(x, &events[i], signals);
        at = now_us();
        for (tunnel *l = x->tunnels; l; l = l->next)
            if ((l->up.head && l->up.head->due_us <= at) ||
                (l->down.head && l->down.head->due_us <= at))
                move(x, l);
        bury(x);
    }
}

static void open_place(proxy *x, const char *upstream)
{
    if (x->place_count == MAX_PLACES) {
        errno = E2BIG;
        die(upstream);
    }
    place *p = &x->places[x->place_count++];
    const char *colon = strrchr(upstream, ':');
    HOP_AUTO_STR host = hop_strndup(upstream, colon ? (size_t)(colon - upstream) : 0);
    p->upstream.sin_family = AF_INET;
    p->upstream.sin_port = htons((uint16_t)strtoul(colon ? colon + 1 : "", NULL, 10));
    errno = EINVAL;
    if (inet_pton(AF_INET, host, &p->upstream.sin_addr) != 1)
        die(upstream);
    struct sockaddr_in own = {.sin_family = AF_INET,
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(own);
    p->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (p->listener < 0 || bind(p->listener, (const struct sockaddr *)&own, len) != 0 ||
        listen(p->listener, 512) != 0 ||
        getsockname(p->listener, (struct sockaddr *)&own, &len) != 0)
        die("listen");
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = p};
    epoll_ctl(x->epoll, EPOLL_CTL_ADD, p->listener, &e);
    printf("127.0.0.1:%u\n", (unsigned)ntohs(own.sin_port));
}

int main(int argc, char **argv)
{
    proxy x = {.epoll = epoll_create1(EPOLL_CLOEXEC)};
    int i = 1;
    for (; i + 1 < argc && strncmp(argv[i], "--", 2) == 0; i += 2) {
        if (strcmp(argv[i], "--rtt") == 0)
            x.half_us = strtoul(argv[i + 1], NULL, 10) * 500;
        else
            x.totals = argv[i + 1];
    }
    if (i >= argc || !x.totals) {
        fputs("Usage: hop-bench-delay --rtt MS --totals FILE HOST:PORT…\n", stderr);
        return 2;
    }
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR1);
    sigprocmask(SIG_BLOCK, &mask, NULL);
    int signals = signalfd(-1, &mask, SFD_CLOEXEC);
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = &x.epoll};
    epoll_ctl(x.epoll, EPOLL_CTL_ADD, signals, &e);
    for (; i < argc; i++)
        open_place(&x, argv[i]);
    fflush(stdout);
    run(&x, signals);
    return 0;
}
