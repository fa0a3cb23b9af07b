/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command.h"

#include <signal.h>

static volatile sig_atomic_t signal_seen; /* the one way from a handler to the program */

static void on_signal(int number)
{
    signal_seen = number;
}

int hop_signal_get(void)
{
    return signal_seen;
}

void hop_signal_watch(void)
{
    static const int asked[] = {SIGINT, SIGTERM, SIGHUP};
    /* The handler is reset by the first signal, so a second one ends the process at once.
     */
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    for (size_t i = 0; i < HOP_COUNT_OF(asked); i++)
        (void)sigaction(asked[i], &action, NULL);
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    (void)sigaction(SIGPIPE, &ignore, NULL);
}
