/* SPDX-License-Identifier: GPL-3.0-or-later */
/** The words of oc-hop.json's enumerations, for its writer and its reader. */
#ifndef HOP_MEDIA_WORDS_H
#define HOP_MEDIA_WORDS_H

#include "hop_media.h"

static const char *const hop_media_role_words[] = {
    [HOP_MEDIA_PAYLOAD] = "payload",
    [HOP_MEDIA_COMPONENT] = "component",
    [HOP_MEDIA_SIGNATURE_IMAGE] = "signature",
    [HOP_MEDIA_GRAPH_DATA_IMAGE] = "graph-data",
};

static const char *const hop_media_place_words[] = {
    [HOP_MEDIA_COMPONENTS] = "components",
    [HOP_MEDIA_RELEASES] = "releases",
    [HOP_MEDIA_GRAPH_DATA_PLACE] = "graph-data",
};

#endif
