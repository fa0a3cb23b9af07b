/* SPDX-License-Identifier: GPL-3.0-or-later */
/** What a graph-data tree says, file by file, in the order of paths. */
#ifndef GRAPH_DATA_H
#define GRAPH_DATA_H

#include "arena.h"
#include "hop_osus.h"
#include "hop_release.h"

/** A plain block when `risk` is NULL, else a conditional edge rule; then risk->answer is
 * unused. */
typedef struct data_block {
    const char *file;
    const char *to;
    const char *from; /* pattern */
    const hop_risk *risk;
} data_block;

typedef struct data_channel {
    const char *name;
    hop_texts versions;
} data_channel;

struct hop_graph_data {
    hop_arena *arena;
    data_block *blocks;
    size_t block_count, block_cap;
    data_channel *channels;
    size_t channel_count, channel_cap;
    hop_json *raw; /* version -> key -> value, checked */
    hop_strings warnings;
};

#endif
