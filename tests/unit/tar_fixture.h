/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Tar archives written byte by byte, so that tests can make what no tar program writes.
 */
#ifndef TAR_FIXTURE_H
#define TAR_FIXTURE_H

#include "hop_buf.h"

#include <stdio.h>
#include <string.h>

/** One member; `type` is the type flag of the header ('0' file, '5' directory, '2' link).
 */
static inline void tar_fixture_add(hop_buf *out, char type, const char *name,
                                   const void *data, size_t len, unsigned long time_s)
{
    char head[512] = {0};
    memcpy(head, name, strlen(name) < 100 ? strlen(name) : 100);
    (void)snprintf(head + 100, 8, "%07o", 0640u);
    (void)snprintf(head + 108, 8, "%07o", 1234u);
    (void)snprintf(head + 116, 8, "%07o", 1234u);
    (void)snprintf(head + 124, 12, "%011zo", len & 077777777777u);
    (void)snprintf(head + 136, 12, "%011lo", time_s & 077777777777u);
    head[156] = type;
    if (type == '1' || type == '2')
        memcpy(head + 157, "version", 7);
    memcpy(head + 257, "ustar\00000", 8);
    memset(head + 148, ' ', 8);
    unsigned sum = 0;
    for (size_t i = 0; i < sizeof(head); i++)
        sum += (unsigned char)head[i];
    (void)snprintf(head + 148, 7, "%06o", sum);
    hop_buf_add(out, head, sizeof(head));
    hop_buf_add(out, data, len);
    static const char zeros[512] = {0};
    if (len % 512 != 0)
        hop_buf_add(out, zeros, 512 - len % 512);
}

static inline void tar_fixture_text(hop_buf *out, const char *name, const char *text)
{
    tar_fixture_add(out, '0', name, text, strlen(text), 1000);
}

static inline void tar_fixture_end(hop_buf *out)
{
    static const char zeros[1024] = {0};
    hop_buf_add(out, zeros, sizeof(zeros));
}

/** The four files that a small graph-data has, each name behind `prefix`. */
static inline void tar_fixture_graph_data(hop_buf *out, const char *prefix)
{
    static const char *const files[][2] = {
        {"version", "1.1.0\n"},
        {"raw/metadata.json", "{}\n"},
        {"channels/stable-4.16.yaml", "name: stable-4.16\nversions:\n- 4.16.1\n"},
        {"blocked-edges/4.16.1-x.yaml", "to: 4.16.1\nfrom: 4\\.15\\..*\n"},
    };
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        char name[100];
        (void)snprintf(name, sizeof(name), "%s%s", prefix, files[i][0]);
        tar_fixture_text(out, name, files[i][1]);
    }
}

#endif
