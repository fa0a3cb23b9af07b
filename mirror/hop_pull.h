/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Reads one image from a registry onto this machine: the documents of each architecture,
 * and on request its layers, in files without a name.
 *
 * A pull is part of a mirror and is carried forward by its steps, so that it shares
 * connections, credentials and mirror sets with all else, and what both need is asked for
 * once.
 *
 *     hop_pull *p = NULL;
 *     s = hop_mirror_pull(m, &(hop_pull_opts){.image = "quay.io/org/base:9"}, &p, err);
 *     while (s == HOP_OK && !hop_pull_is_over(p))
 *         s = hop_mirror_step(m, 250, &finished, err);
 *     if (s == HOP_OK)
 *         s = hop_pull_check(p, err);
 *     for (size_t i = 0; s == HOP_OK && i < hop_pull_count(p); i++)
 *         use(hop_pull_get(p, i));
 */
#ifndef HOP_PULL_H
#define HOP_PULL_H

#include "hop_mirror.h"

typedef enum hop_pull_depth {
    HOP_PULL_DOCUMENTS, /* manifests and configs */
    HOP_PULL_LAYERS,
} hop_pull_depth;

typedef struct hop_pull_opts {
    const char *image;        /* HOST/REPO[:TAG][@DIGEST]; without both the tag latest */
    const hop_strings *archs; /* of a list, only these; NULL or empty: all known ones */
    hop_pull_depth depth;
} hop_pull_opts;

typedef struct hop_pull hop_pull;

/** Begins at once; the pull lives as long as the mirror. HOP_E_USAGE for a text that is
 * no reference. */
HOP_MUST_USE hop_status hop_mirror_pull(hop_mirror *m, const hop_pull_opts *opts,
                                        hop_pull **out, hop_error **err);
bool hop_pull_is_over(const hop_pull *p);
/** HOP_OK when everything is there, else what went wrong; HOP_E_NOT_FOUND for a tag that
 * there is not, or a list without any of the architectures. */
HOP_MUST_USE hop_status hop_pull_check(const hop_pull *p, hop_error **err);

/** One architecture. All is borrowed from the mirror. */
typedef struct hop_pulled {
    const char *arch;   /* Go name, as the config says; static */
    const char *source; /* HOST/REPO@DIGEST of the manifest, as it was asked for */
    const char *manifest;
    size_t manifest_len;
    const char *config; /* checked against its digest */
    size_t config_len;
} hop_pulled;

size_t hop_pull_count(const hop_pull *p);
const hop_pulled *hop_pull_get(const hop_pull *p, size_t index);
/** The digest of the image itself, which may be a list. */
const hop_digest *hop_pull_get_digest(const hop_pull *p);
/** Opens a layer, checked against its digest; the caller closes *fd. HOP_E_NOT_FOUND when
 * it was not pulled. */
HOP_MUST_USE hop_status hop_pull_open_layer(const hop_pull *p, const hop_digest *digest,
                                            int *fd, hop_error **err);

#endif
