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
/** Sources known, and documents that were passed over, over all files. */
size_t hop_mirror_set_get_count(const hop_mirror_set *set);
size_t hop_mirror_set_get_ignored(const hop_mirror_set *set);

/** Appends HOST/REPO texts, the order in which to try them: mirrors first, then the
 * source itself unless it must not be contacted. Without a digest in `source` only the
 * source is given: these sets speak of digests. A NULL set knows no mirrors. */
void hop_mirror_set_resolve(const hop_mirror_set *set, const hop_ref *source,
                            hop_strings *out);

#endif
