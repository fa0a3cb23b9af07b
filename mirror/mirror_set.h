/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Where images named by digest are mirrored: ImageDigestMirrorSet and
 * ImageContentSourcePolicy, read as the cluster's nodes would.
 *
 * The longest matching source wins; what follows it is appended to each mirror. A source
 * is HOST, HOST/NAMESPACE, HOST/NAMESPACE/REPO, or *.DOMAIN for all hosts below a domain
 * (containers-registries.conf(5), "prefix"). Sets that name the same source are joined,
 * mirrors in the order of reading; NeverContactSource in one of them counts for all.
 *
 *     HOP_AUTO(hop_mirror_set) set = hop_mirror_set_new();
 *     s = hop_mirror_set_add_file(set, "idms.yaml", text, len, err);
 *     hop_mirror_set_resolve(set, &ref, &places);   // "mirror.local/ocp4/openshift4", …
 */
#ifndef HOP_MIRROR_SET_H
#define HOP_MIRROR_SET_H

#include "hop_oci.h"

typedef struct hop_mirror_set hop_mirror_set;
hop_mirror_set *hop_mirror_set_new(void) HOP_MUST_USE;
void hop_mirror_set_free(hop_mirror_set *set);
HOP_DEFINE_AUTO(hop_mirror_set);

/** Adds all mirror sets of a YAML or JSON text, several documents and `kind: List`
 * included. `path` names it in errors. HOP_E_PARSE for a malformed one; then the set
 * holds nothing of this text. Documents of another kind are counted and passed over. */
HOP_MUST_USE hop_status hop_mirror_set_add_file(hop_mirror_set *set, const char *path,
                                                const char *text, size_t len,
                                                hop_error **err);

typedef enum hop_set_kind {
    HOP_SET_DIGEST_MIRRORS, /* ImageDigestMirrorSet */
    HOP_SET_SOURCE_POLICY,  /* ImageContentSourcePolicy */
} hop_set_kind;
#define HOP_SET_KINDS 2

/** Where objects go, by their name: those named `own_name` into own[kind], all others
 * into `rest`. Nothing here is owned. */
typedef struct hop_set_parts {
    const char *own_name;
    hop_mirror_set *own[HOP_SET_KINDS];
    hop_mirror_set *rest;
} hop_set_parts;
/** As hop_mirror_set_add_file(), told apart. */
HOP_MUST_USE hop_status hop_mirror_set_add_parts(const hop_set_parts *parts,
                                                 const char *path, const char *text,
                                                 size_t len, hop_error **err);
/** Adds what another set holds, after what is there. */
void hop_mirror_set_join(hop_mirror_set *set, const hop_mirror_set *more);
/** Objects of that kind that were read, also those without any source. */
size_t hop_mirror_set_count_objects(const hop_mirror_set *set, hop_set_kind which);

/** One source as the nodes see it; borrowed. */
typedef struct hop_set_source {
    char *name; /* "*.example.com" with its star; owned: free() it */
    bool never_contact_source;
    const hop_strings *mirrors;
} hop_set_source;
/** Source `index` of hop_mirror_set_get_count(), in the order of reading. */
hop_set_source hop_mirror_set_get_source(const hop_mirror_set *set, size_t index);

/** Sources known, and documents that were passed over, over all files. */
size_t hop_mirror_set_get_count(const hop_mirror_set *set);
size_t hop_mirror_set_get_ignored(const hop_mirror_set *set);

/** Appends HOST/REPO texts, the order in which to try them: mirrors first, then the
 * source itself unless it must not be contacted. Without a digest in `source` only the
 * source is given: these sets speak of digests. A NULL set knows no mirrors. */
void hop_mirror_set_resolve(const hop_mirror_set *set, const hop_ref *source,
                            hop_strings *out);

#endif
