/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Release versions: SemVer 2.0.0, kept as their text, compared by precedence.
 *
 * Nothing here assumes a major version or a vendor: 4.x, 5.0 and OKD's forms are read
 * alike. Numbers are compared as digits, so no length overflows. A version borrows its
 * text.
 *
 *     hop_version a, b;
 *     s = hop_version_parse("4.16.0-rc.9", &a, err);
 *     s = hop_version_parse("4.16.0-rc.10", &b, err);
 *     assert(hop_version_compare(&a, &b) < 0);
 */
#ifndef HOP_VERSION_H
#define HOP_VERSION_H

#include "hop_error.h"

#define HOP_VERSION_MAX ((size_t)128) /* bytes of text */

typedef struct hop_version {
    const char *text; /* borrowed */
    uint8_t minor_at; /* where the parts begin in the text */
    uint8_t patch_at;
    uint8_t pre_at;   /* after the '-'; equals core_end without a pre-release part */
    uint8_t core_end; /* end of X.Y.Z */
    uint8_t pre_end;  /* end of the pre-release part */
    uint8_t length;   /* of the whole text; a build part stands behind a '+' at pre_end */
} hop_version;

/** Strict SemVer 2.0.0, no leading "v", no leading zeros. `text` must outlive `*out`.
 * HOP_E_PARSE says why not. */
HOP_MUST_USE hop_status hop_version_parse(const char *text, hop_version *out,
                                          hop_error **err);

/** <0, 0, >0 by precedence; then by the build part, bytewise, with none before any. 0
 * only for equal texts. */
int hop_version_compare(const hop_version *a, const hop_version *b);

bool hop_version_has_pre(const hop_version *v);
/**
 * True for what is not generally available: any pre-release part but those of finished
 * OKD releases, "okd-scos.N" and the older "0.okd-DATE-TIME" and "0.okd-scos-DATE-TIME"
 * with an optional "-ga".
 */
bool hop_version_is_prerelease(const hop_version *v);
/** "0.hotfix-…": a build for one customer. It sorts before the release that it mends. */
bool hop_version_is_hotfix(const hop_version *v);
bool hop_version_is_same_minor(const hop_version *a, const hop_version *b);

typedef enum hop_version_step {
    HOP_STEP_NONE,  /* equal */
    HOP_STEP_PATCH, /* newer in the same minor */
    HOP_STEP_MINOR, /* to the next minor, or to X+1.0 */
    HOP_STEP_SKIP,  /* over a minor */
    HOP_STEP_DOWN,  /* to an older version */
} hop_version_step;

hop_version_step hop_version_get_step(const hop_version *from, const hop_version *to);

/** Parts as numbers, for display and channel names; false when they are longer than 18
 * digits. */
bool hop_version_get_minor(const hop_version *v, uint64_t *major,
                           uint64_t *minor) HOP_MUST_USE;

#endif
