/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * The parts of a resource set, one function each. All are pure and append files to a
 * tree, or text to a buffer; the input has been checked by hop_resources_build().
 *
 *     s = hop_resources_add_mirror_sets(in, &plan, out, err);
 */
#ifndef HOP_RESOURCES_PRIVATE_H
#define HOP_RESOURCES_PRIVATE_H

#include "hop_resources.h"

#define HOP_RESOURCES_SCHEMA "oc-hop/resources/v1"
#define HOP_RESOURCES_INDEX "index.json"

#define HOP_FILE_IDMS "imagedigestmirrorset.yaml"
#define HOP_FILE_ICSP "imagecontentsourcepolicy.yaml"
#define HOP_FILE_INSTALL "install-config-stanza.yaml"
#define HOP_FILE_CA "additional-trusted-ca.yaml"

#define HOP_NAME_MIRROR_SET "oc-hop-release"
#define HOP_NAME_UPDATE_SERVICE "oc-hop"
#define HOP_NAME_CA "oc-hop-registry-ca"
#define HOP_NAMESPACE_UPDATE_SERVICE "openshift-update-service"

/** The numbers of a version: "4.16.3-rc.1" is 4, 16, 3. */
typedef struct hop_numbers {
    unsigned major, minor, patch;
} hop_numbers;
hop_numbers hop_numbers_of(const char *version);
/** A version's numbers are at least these. */
bool hop_numbers_reach(const char *version, unsigned major, unsigned minor,
                       unsigned patch);
/** The hop leaves its minor. */
bool hop_hop_is_minor(const hop_resources_hop *hop);

/** The hops of one cluster, one after the other. */
typedef struct hop_path_span {
    size_t first;
    size_t count; /* 0: no path begins there */
} hop_path_span;
/** The path that begins at hop `first`, or that this hop is in the middle of. Walk them
 * all with first + count of the one before. */
hop_path_span hop_resources_path_at(const hop_resources_input *in, size_t first);

/** Which mirror set a cluster uses, and when it is converted. */
typedef struct hop_set_choice {
    bool uses_icsp;
    bool converts;         /* to an ImageDigestMirrorSet, after a hop */
    size_t converts_after; /* that hop's index */
} hop_set_choice;
/** For a path; without any hop, for a cluster that runs the first release. */
hop_set_choice hop_resources_choose_set(const hop_resources_input *in,
                                        hop_path_span path);

/* Names of files that belong to a hop or a release; heap strings. */
char *hop_resources_channel_file(size_t hop);
char *hop_resources_ack_file(size_t hop);
char *hop_resources_signature_file(const hop_resources_release *r);
/** Gates of a hop, the run-time one included, in `keys` and `texts` alike. */
void hop_resources_get_gates(const hop_resources_hop *hop, hop_strings *keys,
                             hop_strings *texts);
/** The release at an end of a hop; never NULL in a checked input. */
const hop_resources_release *hop_resources_find(const hop_resources_input *in,
                                                const char *version, const char *arch);

HOP_MUST_USE hop_status hop_resources_add_mirror_sets(const hop_resources_input *in,
                                                      hop_tree *out, hop_error **err);
HOP_MUST_USE hop_status hop_resources_add_services(const hop_resources_input *in,
                                                   hop_tree *out, hop_error **err);
HOP_MUST_USE hop_status hop_resources_add_patches(const hop_resources_input *in,
                                                  hop_tree *out, hop_error **err);
HOP_MUST_USE hop_status hop_resources_add_signatures(const hop_resources_input *in,
                                                     hop_tree *out, hop_error **err);
HOP_MUST_USE hop_status hop_resources_add_graphs(const hop_resources_input *in,
                                                 hop_tree *out, hop_error **err);
HOP_MUST_USE hop_status hop_resources_add_runbook(const hop_resources_input *in,
                                                  hop_tree *out, hop_error **err);

#endif
