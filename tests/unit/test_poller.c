/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_support.h"

#include "poller.h"

#include <sys/socket.h>
#include <unistd.h>

/* What a step told. */
typedef struct told {
    hop_poller *poller;
    int socket;
    unsigned what;
    unsigned sockets, timers;
    bool sets_timer;
} told;

static void on_ready(void *user, int socket, unsigned what)
{
    told *t = user;
    if (socket == HOP_POLL_TIMER) {
        t->timers++;
        if (t->sets_timer)
            hop_poller_set_timer(t->poller, 0);
        return;
    }
    t->socket = socket;
    t->what = what;
    t->sockets++;
}

static told step(hop_poller *p, told *t, int timeout_ms)
{
    *t = (told){.poller = p, .sets_timer = t->sets_timer};
    hop_poller_step(p, timeout_ms);
    return *t;
}

static void test_sockets_are_told_while_they_are_watched(void **state)
{
    (void)state;
    told t = {0};
    int pair[2];
    HOP_AUTO(hop_poller) p = hop_poller_new(on_ready, &t);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    hop_poller_watch(p, pair[0], HOP_POLL_READ);
    assert_int_equal(step(p, &t, 0).sockets, 0);
    assert_int_equal(write(pair[1], "x", 1), 1);
    assert_int_equal(step(p, &t, 1000).sockets, 1);
    assert_int_equal(t.socket, pair[0]);
    assert_int_equal(t.what, HOP_POLL_READ);
    hop_poller_watch(p, pair[0], HOP_POLL_READ | HOP_POLL_WRITE);
    step(p, &t, 1000);
    assert_int_equal(t.what, HOP_POLL_READ | HOP_POLL_WRITE);
    hop_poller_watch(p, pair[0], 0);
    assert_int_equal(step(p, &t, 0).sockets, 0);
    close(pair[1]);
    assert_true(step(p, &t, 1000).what & HOP_POLL_ERROR);
    hop_poller_forget(p, pair[0]);
    assert_int_equal(step(p, &t, 0).sockets, 0);
    hop_poller_forget(p, pair[0]);
    close(pair[0]);
}

static void test_a_number_that_is_used_again_is_another_socket(void **state)
{
    (void)state;
    told t = {0};
    int old[2];
    int new[2];
    HOP_AUTO(hop_poller) p = hop_poller_new(on_ready, &t);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, old), 0);
    hop_poller_watch(p, old[0], HOP_POLL_WRITE);
    close(old[0]);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, new), 0);
    assert_int_equal(new[0], old[0]);
    hop_poller_watch(p, new[0], HOP_POLL_READ);
    assert_int_equal(step(p, &t, 0).sockets, 0);
    assert_int_equal(write(new[1], "x", 1), 1);
    assert_int_equal(step(p, &t, 1000).what, HOP_POLL_READ);
    close(old[1]);
    close(new[0]);
    close(new[1]);
}

static void test_the_timer_is_told_once(void **state)
{
    (void)state;
    told t = {0};
    HOP_AUTO(hop_poller) p = hop_poller_new(on_ready, &t);
    hop_poller_set_timer(p, 0);
    /* Far longer than the test may take: only a timer that is due ends the wait. */
    assert_int_equal(step(p, &t, 1000000).timers, 1);
    hop_poller_set_timer(p, 1);
    assert_int_equal(step(p, &t, 1000000).timers, 1);
    hop_poller_set_timer(p, 0);
    hop_poller_set_timer(p, -1);
    assert_int_equal(step(p, &t, 0).timers, 1); /* as nothing else was ready */
    t.sets_timer = true;
    hop_poller_set_timer(p, 0);
    assert_int_equal(step(p, &t, 1000000).timers, 1);
    assert_int_equal(step(p, &t, 1000000).timers, 1);
}

static void test_a_timer_is_told_beside_sockets(void **state)
{
    (void)state;
    told t = {0};
    int pair[2];
    HOP_AUTO(hop_poller) p = hop_poller_new(on_ready, &t);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    hop_poller_watch(p, pair[0], HOP_POLL_WRITE);
    hop_poller_set_timer(p, 0);
    assert_int_equal(step(p, &t, 1000000).timers, 1);
    assert_int_equal(t.sockets, 1);
    hop_poller_set_timer(p, 1000000);
    assert_int_equal(step(p, &t, 1000000).timers, 0);
    assert_int_equal(t.sockets, 1);
    close(pair[0]);
    close(pair[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sockets_are_told_while_they_are_watched),
        cmocka_unit_test(test_a_number_that_is_used_again_is_another_socket),
        cmocka_unit_test(test_the_timer_is_told_once),
        cmocka_unit_test(test_a_timer_is_told_beside_sockets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
