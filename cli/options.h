/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * The command line as a struct. One table (options.c) says which flag belongs to which
 * verbs, what it means to each of them, and what `--help` prints.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "hop_error.h"

/** Which verb. A set of them says where an option is accepted. */
typedef enum hop_verb {
    HOP_VERB_PLAN = 1u << 0,
    HOP_VERB_MIRROR = 1u << 1,
    HOP_VERB_GRAPH_DATA = 1u << 2,
    HOP_VERB_LINT = 1u << 3,
    HOP_VERB_SIMULATE = 1u << 4,
    HOP_VERB_RELEASES = 1u << 5,
    HOP_VERB_VERIFY = 1u << 6,
    HOP_VERB_LOAD = 1u << 7,
} hop_verb;

/** `--tls-verify[=true|false]`; unset leaves the choice to the common flag, and that to
 * true. */
typedef enum hop_choice { HOP_UNSET, HOP_YES, HOP_NO } hop_choice;

/** Flags that exist three times: common, `--src-…` and `--dest-…`. */
typedef struct hop_side_options {
    char *authfile;
    char *ca;
    char *cert_dir;
    hop_choice tls_verify;
} hop_side_options;

typedef struct hop_options {
    hop_strings args; /* what is no option: destinations */

    /* plan */
    hop_strings from;
    char *to;
    hop_strings cluster;
    hop_strings arch;
    hop_strings channel;
    char *stream;
    char *upstream;
    hop_strings graph;
    char *save_graphs;
    hop_strings accept_risk;
    hop_strings avoid;
    char *prefer;
    char *paths;
    char *risk_answers;
    char *check;
    bool control_plane_only;
    bool gates;
    bool all_edges;

    /* mirror */
    char *plan;
    hop_strings release;
    char *config;
    bool ignore_unhandled;
    char *repository;
    char *release_repository;
    char *graph_data_repository;
    hop_strings idms_file;
    hop_strings keyring;
    hop_strings signature_store;
    bool insecure_skip_signatures;
    char *sigstore_key;
    bool allow_missing_sigstore;
    char *registries_conf;
    char *resources;
    bool with_start_components;
    bool dry_run;
    bool recheck;
    bool no_graph_data;
    bool no_client;
    char *media_format;
    char *since;
    char *sign_with;
    char *volume_size;
    char *volume_command;
    char *jobs;

    /* mirror: cluster resources */
    bool idms;
    bool icsp;
    char *source_policy;
    hop_strings current_idms;

    /* graph-data */
    char *graph_data;
    char *format;
    char *prune;
    hop_strings extra_block;
    char *signatures;
    char *image_base;
    char *inspect;
    char *compare;
    bool no_lint;

    /* verify, load */
    hop_strings media_keyring;
    bool deep;

    /* simulate */
    char *releases;

    /* registries */
    hop_side_options common;
    hop_side_options src;
    hop_side_options dest;
    bool allow_http_credentials;

    /* everywhere */
    char *output;
    char *progress;
    char *stall_timeout;
    char *outage_timeout;
    bool quiet;
    unsigned verbose;
    bool help;
} hop_options;

/** Reads argv after the verb. HOP_E_USAGE names the flag and says which ones the verb has
 * that are near. */
HOP_MUST_USE hop_status hop_options_parse(hop_verb verb, int argc, char **argv,
                                          hop_options *out, hop_error **err);
void hop_options_clear(hop_options *o);

/** Turns a failure to read what the user typed into HOP_E_USAGE, its text kept on one
 * line. */
HOP_MUST_USE hop_status hop_options_blame(hop_error **err);

/** One flag, as it is described. */
typedef struct hop_option_text {
    const char *group; /* of this flag and those after it; NULL: that of the one before */
    char letter;       /* 0 without */
    const char *name;
    const char *value;       /* NULL when it takes none */
    const char *value_joint; /* what stands between the two: " " or "=" */
    const char *help;        /* NULL: as the flag before it */
} hop_option_text;

/** Calls back for every flag of a verb, in the order of the help. */
void hop_options_each(hop_verb verb,
                      void (*each)(void *user, const hop_option_text *option),
                      void *user);
/** The flags of a verb, for --help. At most 80 columns. */
void hop_options_help(hop_verb verb, hop_buf *out);

/** A number of an option, within the range; `fallback` when it was not given. */
HOP_MUST_USE hop_status hop_options_number(const char *flag, const char *text,
                                           uint64_t low, uint64_t high, uint64_t fallback,
                                           uint64_t *out, hop_error **err);

#endif
