/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * What graphs and plans are made of: releases, risks, paths. Plain values; every pointer
 * in them is borrowed from the graph or the plan that they came from.
 */
#ifndef HOP_RELEASE_H
#define HOP_RELEASE_H

#include "hop_error.h"

/** A list of texts; not NULL-terminated. */
typedef struct hop_texts {
    const char *const *items;
    size_t len;
} hop_texts;

/**
 * `version` is as the document spells it, a "+amd64" of raw documents included. `payload`
 * is NULL for a version that is only named, else a valid hop_ref, usually by digest.
 * `url` (the errata page) may be NULL. A hotfix is a pre-release, too.
 */
typedef struct hop_release {
    const char *version;
    const char *payload;
    const char *url;
    hop_texts channels; /* from the metadata, in its order */
    bool is_prerelease; /* hop_version_is_prerelease() */
    bool is_hotfix;
} hop_release;

/** One matching rule. `promql` is NULL unless type is "PromQL". */
typedef struct hop_rule {
    const char *type;
    const char *promql;
} hop_rule;

/** What is known about a risk in the cluster that the plan is for. */
typedef enum hop_risk_answer {
    HOP_RISK_UNKNOWN,
    HOP_RISK_APPLIES,
    HOP_RISK_DOES_NOT_APPLY,
} hop_risk_answer;

/** No text is NULL; url and message may be empty. */
typedef struct hop_risk {
    const char *name;
    const char *url;
    const char *message;
    const hop_rule *rules; /* in order: the first that can be evaluated decides (CVO) */
    size_t rule_count;
    const char *rules_json; /* the matchingRules array as it came, compact */
    hop_risk_answer answer; /* in plans made with answers; else HOP_RISK_UNKNOWN */
} hop_risk;

/** What happens to the worker pools at a hop (--control-plane-only). */
typedef enum hop_pools {
    HOP_POOLS_UPDATE,      /* they follow the hop */
    HOP_POOLS_PAUSE,       /* pause them before the hop */
    HOP_POOLS_STAY_PAUSED, /* they were paused before an earlier hop */
    HOP_POOLS_RESUME,      /* paused until the hop is done, then unpause: one update */
} hop_pools;

/**
 * `channel` is the one to set for this hop; NULL when no document with a name has it.
 * `is_conditional` is false for a listed update, and for one of whose risks every one was
 * answered not to apply: then the cluster recommends it.
 */
typedef struct hop_plan_edge {
    const char *from;
    const char *to;
    const char *channel;
    bool is_conditional;
    const hop_risk *const *risks;
    size_t risk_count;
    hop_pools pools;
} hop_plan_edge;

/** A path. `releases` has hops + 1 items, the start first; with no path it is empty. */
typedef struct hop_route {
    const hop_release *releases;
    size_t release_count;
    const hop_plan_edge *edges;
    size_t hops;
    size_t conditional_hops;
    size_t worker_updates; /* how often worker nodes reboot: hops, less the paused ones */
} hop_route;

/** Answers to risks, gathered inside the cluster. */
typedef struct hop_answers hop_answers;

/**
 * Reads a YAML mapping from names of risks to `applies`, `does-not-apply` or `unknown`.
 * HOP_E_PARSE with the line for anything else.
 */
HOP_MUST_USE hop_status hop_answers_parse(const char *text, size_t len, const char *name,
                                          hop_answers **out, hop_error **err);
void hop_answers_free(hop_answers *a);
HOP_DEFINE_AUTO(hop_answers);

/**
 * What a cluster would find, given the answers: rules are tried in order, "Always"
 * applies whatever was answered, PromQL is what the answer says, other types are passed
 * by. `answers` may be NULL: then only "Always" is known.
 */
hop_risk_answer hop_answers_evaluate(const hop_answers *answers, const hop_risk *risk);
/** "applies", "does-not-apply", "unknown". */
const char *hop_risk_answer_name(hop_risk_answer a);
/** How often worker nodes would reboot with pools paused wherever they can be. */
size_t hop_route_least_worker_updates(const hop_route *route);
/** The hop leads to another minor. */
bool hop_plan_edge_is_minor(const hop_plan_edge *e);
/** "update", "pause", "paused", "resume". */
const char *hop_pools_name(hop_pools p);

#endif
