/* SPDX-License-Identifier: GPL-3.0-or-later */
/** Answers of /v2/<name>/tags/list (OCI distribution-spec 1.1, "Listing Tags"). */
#ifndef HOP_TAG_LIST_H
#define HOP_TAG_LIST_H

#include "hop_buf.h"

#define HOP_TAG_PAGES 20 /* more is a server that never ends */

/** Appends the tags of one page. False when it is none. */
bool hop_tag_list_parse(const hop_buf *body, hop_strings *out) HOP_MUST_USE;
/** The path of the next page, from the Link header: "</v2/…?last=…>; rel=next". NULL
 * without, or when it leads to another host. Heap text. */
char *hop_tag_list_next(const char *link) HOP_MUST_USE;

#endif
