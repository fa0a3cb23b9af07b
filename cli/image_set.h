/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * oc-mirror's ImageSetConfiguration, v2alpha1 and v1alpha2: the platform part is read,
 * the rest is named.
 *
 * Reading is pure. What oc-mirror passes over in silence (a key that it does not know, a
 * type that is neither ocp nor okd, a range that is upside down) is an error with its
 * line.
 *
 *     HOP_AUTO_VALUE(hop_image_set) set = {0};
 *     s = hop_image_set_parse(text, len, "isc.yaml", &set, err);
 */
#ifndef IMAGE_SET_H
#define IMAGE_SET_H

#include "hop_error.h"

typedef enum hop_platform {
    HOP_PLATFORM_OCP, /* default */
    HOP_PLATFORM_OKD, /* an update service of its own */
} hop_platform;

/** mirror.platform.channels[] */
typedef struct hop_image_set_channel {
    char *name;
    hop_platform type;
    char *min; /* NULL: not said */
    char *max;
    bool is_shortest_path;
    bool is_full;
    size_t line;
} hop_image_set_channel;

/** All zero is empty; release with hop_image_set_clear(). */
typedef struct hop_image_set {
    hop_image_set_channel *channels; /* in the order of the file; names are unique */
    size_t channel_count;
    hop_strings archs;     /* Go names, each once; empty when the file names none */
    bool has_graph;        /* the graph-data image and an UpdateService are wanted */
    char *release;         /* one payload, HOST/REPO with a tag or digest; NULL without */
    hop_strings unhandled; /* "mirror.operators (line 7)": what oc-hop does not mirror */
    hop_strings notes;     /* what is of no meaning here, one sentence each */
} hop_image_set;
void hop_image_set_clear(hop_image_set *set);

/** Reads one document. HOP_E_PARSE with file and line for everything that does not fit.
 * A file with unhandled content only is no error. */
HOP_MUST_USE hop_status hop_image_set_parse(const char *text, size_t len,
                                            const char *name, hop_image_set *out,
                                            hop_error **err);

#endif
