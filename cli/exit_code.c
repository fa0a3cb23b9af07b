/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command.h"

int hop_exit_of(hop_status s)
{
    switch (s) {
    case HOP_OK:
        return HOP_EXIT_OK;
    case HOP_E_USAGE:
        return HOP_EXIT_USAGE;
    case HOP_E_NO_PATH:
        return HOP_EXIT_NO_PATH;
    case HOP_E_DIGEST:
    case HOP_E_SIGNATURE:
        return HOP_EXIT_INTEGRITY;
    case HOP_E_NET:
        return HOP_EXIT_NETWORK;
    case HOP_E_AUTH:
        return HOP_EXIT_CREDENTIALS;
    case HOP_E_DISK:
        return HOP_EXIT_DISK;
    case HOP_E_PARTIAL:
        return HOP_EXIT_PARTIAL;
    case HOP_E_PARSE:
    case HOP_E_LIMIT:
    case HOP_E_IO:
    case HOP_E_NOT_FOUND:
    case HOP_E_CANCELLED:
        return HOP_EXIT_FAILURE;
    }
    return HOP_EXIT_FAILURE;
}

static size_t rank_of(int code)
{
    static const int order[] = {
        HOP_EXIT_USAGE,       HOP_EXIT_DISK,    HOP_EXIT_INTEGRITY,
        HOP_EXIT_CREDENTIALS, HOP_EXIT_NO_PATH, HOP_EXIT_PARTIAL,
        HOP_EXIT_NETWORK,     HOP_EXIT_FAILURE, HOP_EXIT_OK};
    if (code > HOP_EXIT_SIGNAL)
        return 0;
    size_t i = 0;
    while (i + 1 < HOP_COUNT_OF(order) && order[i] != code)
        i++;
    return i + 1;
}

int hop_exit_worse(int a, int b)
{
    return rank_of(a) <= rank_of(b) ? a : b;
}

int hop_exit_final(int code, hop_status s)
{
    if (s != HOP_OK)
        code = hop_exit_worse(code, hop_exit_of(s));
    if (hop_signal_get() && (s == HOP_E_CANCELLED || code == HOP_EXIT_FAILURE))
        code = HOP_EXIT_SIGNAL + hop_signal_get();
    return code;
}
