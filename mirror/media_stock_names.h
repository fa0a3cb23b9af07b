/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * The names in the layout of stock oc (media_stock.h), as a reader takes them. Pure.
 *
 *     hop_stock_tag t;
 *     if (hop_stock_tag_read("4.16.3-x86_64", &t)) …      // 4.16.3, amd64
 */
#ifndef MEDIA_STOCK_NAMES_H
#define MEDIA_STOCK_NAMES_H

#include "hop_oci.h"

/** The tag of a release's payload. */
typedef struct hop_stock_tag {
    char version[101]; /* '+' where the tag has '_' */
    const char *arch;  /* static */
} hop_stock_tag;

/** VERSION-ARCH, exactly as hop_name_payload_tag() makes it; false for every other tag,
 * those of components among them. */
bool hop_stock_tag_read(const char *tag, hop_stock_tag *out);
/** "sha256:<hex>", or "sha256-<hex>" as it is written on Windows. */
bool hop_stock_digest_read(const char *name, hop_digest *out);
/** The same of the last component of a link's target: older versions of oc wrote longer
 * ones, and the rest of it is never looked at. */
bool hop_stock_target_read(const char *target, hop_digest *out);
/** What a writer leaves behind when it is interrupted, and hidden files: they are no part
 * of the layout. */
bool hop_stock_is_leftover(const char *name);

#endif
