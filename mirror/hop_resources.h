/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * What a release payload says about itself, and the files that the cluster needs beside
 * the mirrored images.
 *
 * Building is pure: plain structs in, a sorted tree of files out, the same bytes for the
 * same input. Writing replaces the whole directory in one rename, so that a reader never
 * sees half a set.
 *
 *     hop_resources_input in = {.host = "registry.local:5000", ...};
 *     HOP_AUTO_VALUE(hop_tree) files = {0};
 *     s = hop_resources_build(&in, &files, err);
 *     if (s == HOP_OK)
 *         s = hop_resources_write("oc-hop-resources", &files, &change, err);
 */
#ifndef HOP_RESOURCES_H
#define HOP_RESOURCES_H

#include "hop_error.h"
#include "hop_oci.h"
#include "hop_tree.h"

/* The UpdateService, in the directory of resources. */
#define HOP_FILE_UPDATE_SERVICE "updateservice.yaml"

/* ---- what a payload says ---- */

typedef struct hop_component {
    char *name;    /* spec.tags[].name; legal inside a tag */
    hop_ref image; /* HOST/REPO@DIGEST, never a tag */
} hop_component;

/** One question that an administrator must answer before the cluster leaves a minor. */
typedef struct hop_gate {
    char *key;  /* "ack-4.13-kube-1.27-api-removals-in-4.14" */
    char *text; /* what is asked; text from outside */
} hop_gate;

/** A keyring of the payload's verification ConfigMap, armored or binary. */
typedef struct hop_keyring {
    char *name; /* "verifier-public-key-redhat" */
    char *data;
    size_t len;
} hop_keyring;

/** Owns everything in it; all zero is empty. */
typedef struct hop_release_info {
    char *version;             /* image-references metadata.name */
    char *metadata_version;    /* release-metadata version; NULL when there is none */
    char *metadata_arch;       /* "multi", or NULL: release-metadata does not say */
    char *url;                 /* errata; NULL without. Text from outside */
    char *metadata;            /* release-metadata as it stands there; NULL without */
    hop_component *components; /* in the payload's order, names unique */
    size_t component_count;
    hop_gate *gates; /* sorted by key */
    size_t gate_count;
    hop_keyring *keys; /* sorted by name */
    size_t key_count;
    hop_strings stores;     /* signature store URLs, sorted by their ConfigMap keys */
    hop_strings unreadable; /* manifests that seemed to hold gates or keys but could not
                               be read: "path: reason" */
} hop_release_info;

void hop_release_info_clear(hop_release_info *info);

/** The gates that apply to leaving `version`: key prefix "ack-X.Y-" of its minor. */
bool hop_gate_is_for(const hop_gate *gate, const char *version);

/** The gate that the cluster itself raises at run time, in no payload: leaving 4.20 for
 * 4.21 where mirror sets are in use. False when the hop has none; the texts are static.
 */
bool hop_gate_at_run_time(const char *from, const char *to, const char **key,
                          const char **text);

/* ---- the cluster's resources ---- */

typedef enum hop_mirror_kind {
    HOP_MIRROR_KIND_BY_START, /* ICSP when the start is below 4.13, or below 4.13.27 and
                                 the cluster has one; else IDMS */
    HOP_MIRROR_KIND_IDMS,
    HOP_MIRROR_KIND_ICSP,
} hop_mirror_kind;

typedef enum hop_source_policy {
    HOP_SOURCE_POLICY_ALLOW, /* the field is left out */
    HOP_SOURCE_POLICY_NEVER, /* mirrorSourcePolicy: NeverContactSource */
} hop_source_policy;

/** A verified OpenPGP signature of a payload, as it came from its store. */
typedef struct hop_resources_signature {
    const void *data;
    size_t len;
} hop_resources_signature;

typedef struct hop_resources_release {
    const char *version;
    const char *arch; /* amd64, …, multi */
    hop_digest payload;
    const char *url;                      /* NULL without */
    const char *payload_repository;       /* where it really came from: HOST/REPO */
    const hop_strings *component_sources; /* HOST/REPO of its components; may be NULL */
    const hop_strings *channels;          /* for the static graphs; may be NULL */
    const hop_resources_signature *signatures; /* verified ones only */
    size_t signature_count;
} hop_resources_release;

typedef struct hop_resources_risk {
    const char *name, *message, *url;
    const char *matching_rules; /* the JSON array; NULL: as if it were always exposed */
} hop_resources_risk;

typedef struct hop_resources_hop {
    const char *from, *to;
    const char *arch;
    const char *channel;             /* to set before this hop; NULL: none known */
    const hop_resources_risk *risks; /* not empty: a conditional update */
    size_t risk_count;
    const hop_gate *gates; /* of the departing payload, for this minor only */
    size_t gate_count;
    bool gates_known; /* the departing payload's manifests were read */
} hop_resources_hop;

typedef enum hop_signature_state {
    HOP_SIGNATURES_NOT_CHECKED, /* the runbook says so */
    HOP_SIGNATURES_SKIPPED,     /* on the user's word; the runbook shouts */
    HOP_SIGNATURES_VERIFIED,
} hop_signature_state;

/** Borrowed strings; all zero but the first four members and `releases` is sensible. */
typedef struct hop_resources_input {
    const char *host;                      /* HOST[:PORT] of the mirror */
    const char *repository;                /* components */
    const char *release_repository;        /* payloads */
    const hop_resources_release *releases; /* start first */
    size_t release_count;
    const hop_resources_hop *hops; /* path after path, each in order; none: only mirrored,
                                      no path */
    size_t hop_count;
    const char *graph_data_repository; /* NULL: no graph-data image, no UpdateService */
    hop_digest graph_data;
    const char *ca_pem; /* the mirror's CA bundle; NULL without */
    hop_mirror_kind mirror_kind;
    bool cluster_has_policies; /* an ImageContentSourcePolicy is in use already */
    hop_source_policy source_policy;
    hop_signature_state signatures;
    const hop_strings *clients; /* of media: paths of the target's oc, relative to the
                                   directory of the resources; may be NULL */
} hop_resources_input;

/** Fills `out`, sorted. HOP_E_USAGE when a name, version or digest does not fit its
 * grammar: nothing of the kind may reach a command line. */
HOP_MUST_USE hop_status hop_resources_build(const hop_resources_input *in, hop_tree *out,
                                            hop_error **err);

typedef enum hop_resources_change {
    HOP_RESOURCES_SAME,    /* the directory held these bytes already: untouched */
    HOP_RESOURCES_WRITTEN, /* new, or replaced */
} hop_resources_change;

/** Makes `dir` hold exactly `files`. A directory there is replaced only when it is empty
 * or carries the marker file that every set has, else HOP_E_USAGE: it is not ours. */
HOP_MUST_USE hop_status hop_resources_write(const char *dir, const hop_tree *files,
                                            hop_resources_change *change,
                                            hop_error **err);

#endif
