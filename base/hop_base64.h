/* SPDX-License-Identifier: GPL-3.0-or-later */
/** Base64 as RFC 4648, section 4, has it. */
#ifndef HOP_BASE64_H
#define HOP_BASE64_H

#include "hop_buf.h"

void hop_base64_add(hop_buf *out, const void *bytes, size_t len);

typedef enum hop_base64 { HOP_BASE64_OK, HOP_BASE64_INVALID, HOP_BASE64_LONG } hop_base64;

/** Appends what `text` stands for; LONG when `out` has no room for it. Padding may be
 * absent. */
HOP_MUST_USE hop_base64 hop_base64_decode(const char *text, hop_buf *out);

#endif
