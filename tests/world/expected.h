/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * DIR/expected.json: what a test may expect to find.
 *
 *     {"releases":[{"version","arch","tag","payload"}…],
 *      "images":[{"release","arch","component","repository","digest","mediaType",
 *                 "bytes", "children":[digest…], "blobs":{digest: bytes…},
 *                 "signatures":[{"image","tag","digest"}…]}…]}
 *
 * `children`, `blobs` and `signatures` are those of the whole image, lists with all that
 * they list; `bytes` sums up `blobs`.
 */
#ifndef HOP_WORLD_EXPECTED_H
#define HOP_WORLD_EXPECTED_H

#include "image.h"

HOP_MUST_USE hop_status hop_world_write_expected(const hop_world *w, const char *dir,
                                                 hop_error **err);

#endif
