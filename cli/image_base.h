/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * --image-base: the image that the graph-data image stands on, read before it is built.
 *
 *     HOP_AUTO_VALUE(hop_base) base = {0};
 *     s = hop_base_read(&(hop_base_order){.o = o, …}, &base, err);
 *     s = hop_graph_data_build(…, &base, &image, err);      // with base.docs
 *     s = hop_push_image(m, image, &base, …, err);
 *
 * What is read stays with the mirror that read it, which must outlive the base.
 */
#ifndef IMAGE_BASE_H
#define IMAGE_BASE_H

#include "hop_image.h"
#include "hop_pull.h"
#include "options.h"
#include "progress.h"

typedef struct hop_base {
    hop_image_docs docs;   /* one for each architecture; none: no base */
    hop_strings sources;   /* HOST/REPO@DIGEST of each of docs; empty: all in `layout` */
    char *layout;          /* directory of oci:DIR */
    char *near_repository; /* of the destination, that should have the layers; or NULL */
    hop_pull **pulls;      /* borrowed from the mirror */
    size_t pull_count;
} hop_base;

void hop_base_clear(hop_base *base);

/** HOP_E_USAGE for a value of --image-base that is none of the three. */
HOP_MUST_USE hop_status hop_base_check_flag(const hop_options *o, hop_error **err);
bool hop_base_is_payload(const hop_options *o);

/** How a base is read. */
typedef struct hop_base_order {
    const hop_options *o;
    hop_mirror *mirror; /* with payload: the releases were added */
    hop_progress *progress;
    const size_t *releases; /* with payload: indexes of the target releases, one for each
                               architecture */
    const char *const *payloads; /* and their payloads, HOST/REPO@DIGEST */
    size_t release_count;
    const hop_strings *archs; /* empty: all that the base has */
    hop_pull_depth depth;
    const char *host;            /* of a registry that may have the components; NULL */
    const char *near_repository; /* there; NULL */
} hop_base_order;

/**
 * Reads the base that --image-base names; without the flag it is empty. HOP_E_CANCELLED
 * when the run was stopped. With payload a release that could not be read is
 * HOP_E_NET: the mirror's report has the reason.
 */
HOP_MUST_USE hop_status hop_base_read(const hop_base_order *order, hop_base *out,
                                      hop_error **err);
/** The exit code of a failure of hop_base_read(): a registry that lacks an image is a
 * registry's failure. */
int hop_base_exit(const hop_options *o, hop_status s);
/** The layers, for who writes them into a file. Borrows the base. */
hop_image_layers hop_base_layers(hop_base *base);
/** HOST/REPO@DIGEST of the base for an architecture; NULL when it is in a layout. */
const char *hop_base_source(const hop_base *base, const char *arch);

#endif
