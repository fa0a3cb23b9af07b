/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * A model of the update service: graph-data and a set of releases in, the graph that it
 * would serve out.
 *
 *     HOP_AUTO(hop_graph_data) data = NULL;
 *     s = hop_graph_data_read(&tree, &data, err);
 *     HOP_AUTO(hop_osus) service = NULL;
 *     s = hop_osus_new(raw, raw_len, "releases.json", data, &service, err);
 *     HOP_AUTO(hop_json) graph = hop_osus_get_channel(service, "stable-4.16", "amd64");
 *
 * Upstream is openshift/cincinnati, its graph-builder (secondary metadata parser,
 * edge-add-remove) and its policy-engine (channel-filter, arch-filter), in that order and
 * with their quirks.
 */
#ifndef HOP_OSUS_H
#define HOP_OSUS_H

#include "hop_error.h"
#include "hop_json.h"
#include "hop_tree.h"

typedef struct hop_graph_data hop_graph_data;

/**
 * Reads a sorted tree. HOP_E_PARSE for what makes the service refuse the whole tree: no
 * `version`, a major version other than 1, no `raw/metadata.json` or a malformed one, no
 * file under channels/ (blocked-edges/ may be empty). Single files that the service drops
 * in silence are dropped here with a warning.
 */
HOP_MUST_USE hop_status hop_graph_data_read(const hop_tree *tree, hop_graph_data **out,
                                            hop_error **err);
void hop_graph_data_free(hop_graph_data *d);
HOP_DEFINE_AUTO(hop_graph_data);
/** "FILE:LINE: what was dropped and why", one for each. Borrowed. */
const hop_strings *hop_graph_data_get_warnings(const hop_graph_data *d);
/** Whether a channel lists the version, for any architecture; `channel` NULL: whether any
 * one does. `version` is without build metadata. */
bool hop_graph_data_has(const hop_graph_data *d, const char *channel,
                        const char *version);

typedef struct hop_osus hop_osus;

/**
 * Applies graph-data to a graph of releases as the graph-builder scrapes them (v1 JSON;
 * versions with "+arch", edges from the releases' own metadata). HOP_E_PARSE where the
 * service would keep no graph: a malformed document, a cycle, a pattern that does not
 * compile, a malformed version in previous.add or next.add.
 */
HOP_MUST_USE hop_status hop_osus_new(const char *text, size_t len, const char *name,
                                     const hop_graph_data *data, hop_osus **out,
                                     hop_error **err);
void hop_osus_free(hop_osus *o);
HOP_DEFINE_AUTO(hop_osus);

/** The graph-builder's answer: all architectures, named-only releases included, sorted.
 */
hop_json *hop_osus_get_graph(const hop_osus *o) HOP_MUST_USE;
/** The policy-engine's answer for a channel and an architecture (Go name). */
hop_json *hop_osus_get_channel(const hop_osus *o, const char *channel,
                               const char *arch) HOP_MUST_USE;

/* ---- lint ---- */

typedef enum hop_severity {
    HOP_LINT_ERROR,   /* the service drops the file, keeps no graph, or blocks nothing; or
                         clusters cannot use what is served */
    HOP_LINT_WARNING, /* it works, but hardly as it was meant */
} hop_severity;

/** One thing that is wrong. Text from the file may stand in `text` raw. */
typedef struct hop_finding {
    hop_severity severity;
    const char *rule; /* which check: a fixed word, "fails-open" and so on; static */
    char *file;
    size_t line; /* 1-based */
    char *text;
} hop_finding;

/** All zero is empty; release with hop_findings_clear(). */
typedef struct hop_findings {
    hop_finding *items; /* by file, then by line */
    size_t len;
    size_t cap;
    size_t error_count;
    size_t warning_count;
} hop_findings;

/**
 * Checks a sorted tree for everything that makes an update service drop files, serve no
 * graph, or block other updates than were meant. Works on any tree, a broken one too: all
 * faults are findings. Files that the service would not read may be in the tree, empty:
 * only their names are looked at.
 *
 * Patterns are tried on what the tree itself names: the versions of the channels and the
 * targets of blocks, with every architecture.
 */
void hop_lint_run(const hop_tree *tree, hop_findings *out);
void hop_findings_clear(hop_findings *f);
/** "error", "warning". */
const char *hop_severity_name(hop_severity s);

#endif
