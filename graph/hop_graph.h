/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Update graphs and plans: read v1 graph documents, merge them, ask for a path, read the
 * plan.
 *
 * Pure: no network, no clock, no terminal. A graph holds what its documents said; every
 * plan is computed anew and owns all its text, so the graph may be freed before it.
 * Results never depend on the order of nodes in a document.
 *
 *     HOP_AUTO(hop_graph) g = hop_graph_new();
 *     hop_graph_source src = {.name = "stable-4.16.json", .channel = "stable-4.16"};
 *     s = hop_graph_add(g, text, len, &src, err);
 *     hop_plan_opts o = {.from = "4.15.20", .to = "4.16.30", .arch = "amd64"};
 *     HOP_AUTO(hop_plan) plan = NULL;
 *     s = hop_graph_plan(g, &o, &plan, err);        // "no path" is HOP_OK with a status
 * in the plan for (size_t i = 0; i < plan->best.hops; i++) use(&plan->best.edges[i],
 * &plan->best.releases[i + 1]);
 */
#ifndef HOP_GRAPH_H
#define HOP_GRAPH_H

#include "hop_error.h"
#include "hop_json.h"
#include "hop_release.h"
#include "hop_version.h"

#define HOP_GRAPH_MAX_NODES ((size_t)20000) /* in all documents of a graph together */
#define HOP_GRAPH_MAX_EDGES ((size_t)2000000)
#define HOP_PLAN_MAX_PATHS ((size_t)1000)
#define HOP_PLAN_SCHEMA "oc-hop/plan/v1"

/* ---- graphs ---- */

typedef struct hop_graph hop_graph;

/** Where a document came from. */
typedef struct hop_graph_source {
    const char *name;    /* names the document in errors and warnings; required */
    const char *channel; /* NULL: derived from what all nodes share in their metadata,
                            else unknown */
    uint32_t age_rank;   /* larger is newer; among equals the document added later is the
                            newer one */
} hop_graph_source;

hop_graph *hop_graph_new(void) HOP_MUST_USE;
void hop_graph_free(hop_graph *g);
HOP_DEFINE_AUTO(hop_graph);

/**
 * Reads one v1 graph document and merges it: nodes by version, edges by pair; an edge
 * that any document lists as conditional is conditional, with the risks of the newest
 * document that does. Payload pages and channels of a release come from the newest
 * document too. Unknown members are ignored; missing edges or conditionalEdges and
 * conditional edges to unknown versions give a warning. HOP_E_PARSE, naming document and
 * place, for a version that is no SemVer or comes twice, an edge index out of range, a
 * self edge, a payload that is no reference or differs between documents, an empty or
 * ill-formed channel name. HOP_E_LIMIT past the limits above. On failure the graph is as
 * before. The text is not kept.
 */
HOP_MUST_USE hop_status hop_graph_add(hop_graph *g, const char *text, size_t len,
                                      const hop_graph_source *source, hop_error **err);

/** The tree hash ("sha256:…") of the graph-data that the documents were made from: plans
 * over this graph state it. Copied. */
void hop_graph_note_data(hop_graph *g, const char *tree);

/** Things that were tolerated, one line each, text from outside included raw. */
const hop_strings *hop_graph_get_warnings(const hop_graph *g);
/** Names of the channels that were read, stream by stream with ascending minors; valid
 * until the next add. */
hop_texts hop_graph_get_channels(const hop_graph *g);
size_t hop_graph_count(const hop_graph *g);       /* releases */
size_t hop_graph_count_edges(const hop_graph *g); /* conditional ones included */
/** Release `index`, newest first (0 is the newest). */
const hop_release *hop_graph_get_release(const hop_graph *g, size_t index);
/** By version; a version without build part also finds `version+arch` (arch may be NULL).
 * NULL when unknown. */
const hop_release *hop_graph_find_release(const hop_graph *g, const char *version,
                                          const char *arch);
/** True when a document named `channel` lists the release. */
bool hop_graph_has_in_channel(const hop_graph *g, const hop_release *r,
                              const char *channel);

/** Channel names are what an update service takes: ^[0-9a-z.-]+$, at most 100 bytes. */
bool hop_channel_is_valid(const char *name);

/* ---- plans ---- */

typedef enum hop_plan_status {
    HOP_PLAN_OK,
    HOP_PLAN_SAME_VERSION,
    HOP_PLAN_NEEDS_RISKS, /* `best` is the path to take once `needed_risks` are accepted
                           */
    HOP_PLAN_UNREACHABLE,
    HOP_PLAN_UNKNOWN_VERSION,
} hop_plan_status;

typedef enum hop_plan_prefer {
    HOP_PREFER_RISK, /* fewest conditional edges, then fewest hops */
    HOP_PREFER_HOPS, /* the other way round */
} hop_plan_prefer;

typedef enum hop_plan_workers {
    HOP_WORKERS_FOLLOW, /* every hop updates the worker pools, too */
    HOP_WORKERS_PAUSE,  /* --control-plane-only: paused between even minors */
} hop_plan_workers;

/** from and to are required; arch NULL is amd64; NULL lists are empty. */
typedef struct hop_plan_opts {
    const char *from;
    const char *to;
    const char *arch;
    const hop_strings *accept_risks; /* names; "all" accepts every risk */
    const hop_strings *avoid;        /* versions never to be gone through */
    const hop_strings *within;       /* the only ones that may be; NULL: all */
    const hop_answers *answers;      /* what is known about risks; or NULL */
    hop_plan_prefer prefer;
    hop_plan_workers workers;
    size_t paths; /* to give, the best included; 0 means 1, HOP_PLAN_MAX_PATHS at most */
} hop_plan_opts;

/** How many there are, and the newest few. */
typedef struct hop_frontier {
    size_t total;
    hop_texts examples; /* at most 10, newest first */
} hop_frontier;

typedef enum hop_gap_reason {
    HOP_GAP_NOT_DECLARED,  /* no document that was read lists this update */
    HOP_GAP_OTHER_CHANNEL, /* nor does any that was read have both; both are in
                              `channels`, not read */
    HOP_GAP_RISK,          /* a conditional edge whose risks are not accepted */
    HOP_GAP_AVOIDED,       /* the edge is there, but an end of it is to be avoided */
} hop_gap_reason;

/** An update that would close the gap between what the start reaches and what reaches the
 * target. */
typedef struct hop_gap {
    const char *from;
    const char *to;
    hop_gap_reason reason;
    hop_texts channels;
} hop_gap;

/** Why there is no path, or none without risks. Zero where it does not apply. */
typedef struct hop_explanation {
    const char *
        summary; /* one sentence, never NULL in a plan without a usable path; else NULL */
    bool is_from_known;
    bool is_to_known;
    bool is_downgrade;   /* the target is older than the start */
    hop_texts near_from; /* unknown start: the nearest known versions, nearest first */
    hop_texts near_to;   /* unknown target: likewise */
    hop_frontier from_start;   /* reached from the start; over any risk, or with status
                                  needs-risks: over accepted ones */
    hop_frontier to_target;    /* likewise: what reaches the target */
    const char *next_with_way; /* the nearest release from the start upwards that can
                                  reach the target, or NULL */
    const hop_gap *gaps;       /* at most 10 */
    size_t gap_count;
} hop_explanation;

/** A plan: a document, read only. Everything in it is freed with it. */
typedef struct hop_plan {
    hop_plan_status status;
    hop_plan_prefer prefer;
    hop_plan_workers workers;
    const char *arch;
    const char *from;
    const char *to;
    hop_texts channels; /* that were read */
    const char
        *graph_data; /* tree hash of the graph-data that it goes with; NULL: unknown
                      */
    hop_route best;
    const char *path_count; /* decimal; optimal paths by (conditional edges, hops), or by
                               hops alone */
    const hop_route *alternatives; /* the next best ones, in order */
    size_t alternative_count;
    hop_texts accepted_risks; /* as asked for */
    hop_texts needed_risks;   /* names on `best` that are still to be accepted, sorted */
    hop_explanation explanation;
    struct hop_arena *memory; /* private */
} hop_plan;

/**
 * What a wish for a target means: "latest" is the newest generally available release,
 * "4.16" the newest of that minor; other texts stand for themselves. Among those that the
 * start (opts->from) reaches over accepted risks, else over any, else among all. *out is
 * borrowed from the graph or is `wish`. HOP_E_NOT_FOUND when the graph has no such
 * release or does not know the start.
 */
HOP_MUST_USE hop_status hop_graph_resolve(const hop_graph *g, const hop_plan_opts *opts,
                                          const char *wish, const char **out,
                                          hop_error **err);

/** What became of a carried plan. All zero is empty; release with hop_changes_clear(). */
typedef struct hop_changes {
    hop_strings breaks; /* sentences; with any of them the plan must not be followed */
    hop_strings notes;  /* the rest that differs */
} hop_changes;

/** Holds a plan against a graph: is every release, payload and update of its path still
 *  there, and are its risks those that were accepted? */
HOP_MUST_USE hop_status hop_graph_check(const hop_graph *g, const hop_plan *plan,
                                        hop_changes *out, hop_error **err);
/** The same, with what is known about risks now: today->accept_risks besides what the
 * plan accepted, and today->answers, where not NULL, in the place of the plan's. */
HOP_MUST_USE hop_status hop_graph_check_with(const hop_graph *g, const hop_plan *plan,
                                             const hop_plan_opts *today, hop_changes *out,
                                             hop_error **err);
void hop_changes_clear(hop_changes *c);

/** Plans as DESIGN.md, "Planning rules". HOP_E_USAGE for versions that are no SemVer, a
 * missing from or to, or too many paths. */
HOP_MUST_USE hop_status hop_graph_plan(const hop_graph *g, const hop_plan_opts *opts,
                                       hop_plan **out, hop_error **err);
/** Reads a plan from its JSON document (at most HOP_MAX_DOCUMENT). A newer schema is
 * refused with a sentence. */
HOP_MUST_USE hop_status hop_plan_parse(const char *text, size_t len, const char *name,
                                       hop_plan **out, hop_error **err);
void hop_plan_free(hop_plan *plan);
HOP_DEFINE_AUTO(hop_plan);

/** The word in JSON: "ok", "needs-risks", …; "not-declared", … */
const char *hop_plan_status_name(hop_plan_status s);
const char *hop_gap_reason_name(hop_gap_reason r);

#endif
