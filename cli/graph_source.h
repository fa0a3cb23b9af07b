/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Where update graphs come from: files (`--graph`), an update service (`--upstream`), or
 * one that is simulated (`--releases` with `--graph-data`).
 */
#ifndef GRAPH_SOURCE_H
#define GRAPH_SOURCE_H

#include "hop_graph.h"
#include "options.h"

#define HOP_DEFAULT_UPSTREAM "https://api.openshift.com/api/upgrades_info/v1/graph"

/** Graph documents as they came, for media to carry. All zero is empty. */
typedef struct hop_graph_documents {
    struct hop_graph_document {
        char *channel;    /* NULL when the user named none */
        const char *arch; /* static */
        char *data;
        size_t len;
    } * items;
    size_t len;
    size_t cap;
} hop_graph_documents;
void hop_graph_documents_clear(hop_graph_documents *documents);

/**
 * Reads the graphs for one architecture into a new graph, and adds the documents to
 * `keep` unless that is NULL. `versions` are the ones that
 * the answer must be about (start and target, or single releases); from their minors the
 * channels follow when none is named. HOP_E_USAGE for flags that contradict each other,
 * HOP_E_NET when the service does not answer, HOP_E_PARSE for what is no graph. A graph
 * without any release is no error.
 */
HOP_MUST_USE hop_status hop_graph_source_load(const hop_options *o, const char *arch,
                                              const hop_strings *versions,
                                              hop_graph_documents *keep, hop_graph **out,
                                              hop_error **err);

/** As above, for channels that are named; with a stream, the channels of every minor of
 * `versions` too. --graph files are read instead of either. */
HOP_MUST_USE hop_status hop_graph_source_load_channels(
    const hop_options *o, const char *arch, const hop_strings *channels,
    const char *stream, const hop_strings *versions, hop_graph_documents *keep,
    hop_graph **out, hop_error **err);

/** The architectures of --arch in the order given, Go names, each once; amd64 without. */
HOP_MUST_USE hop_status hop_graph_source_archs(const hop_options *o, hop_strings *out,
                                               hop_error **err);

/** The release is in the channel: by its own metadata, or by the channel's document. */
bool hop_graph_source_is_member(const hop_graph *g, const hop_release *r,
                                const char *channel);

/** Tells what was tolerated while reading. */
void hop_graph_source_warn(const hop_options *o, const hop_graph *g);

#endif
