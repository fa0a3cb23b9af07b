/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command.h"

#include <signal.h>
#include <unistd.h>

static volatile sig_atomic_t signal_seen; /* the one way from a handler to the program */

/* The first one is a request, the second one an order: nothing is cleaned up, and the
 * exit status is that of a run which was ended by the signal. */
static void on_signal(int number)
{
    if (signal_seen)
        _exit(HOP_EXIT_SIGNAL + number);
    signal_seen = number;
}

int hop_signal_get(void)
{
    return signal_seen;
}

void hop_signal_watch(void)
{
    static const int asked[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = on_signal};
    for (size_t i = 0; i < HOP_COUNT_OF(asked); i++) {
        struct sigaction before = {0};
        (void)sigaction(asked[i], NULL, &before);
        /* nohup means it. */
        if (asked[i] != SIGHUP || before.sa_handler != SIG_IGN)
            (void)sigaction(asked[i], &action, NULL);
    }
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    (void)sigaction(SIGPIPE, &ignore, NULL);
}
