/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Bytes that grow up to a ceiling fixed at init.
 *
 * A buffer always holds a NUL after its last byte, so `data` is a C string when no NUL
 * was added. Text that the program makes itself goes to HOP_BUF_TEXT; text from outside
 * gets the cap of its kind (HOP_MAX_…).
 *
 *     HOP_AUTO_VALUE(hop_buf) b = hop_buf_init(HOP_BUF_TEXT);
 *     hop_buf_addf(&b, "%s: ", name);
 *     hop_buf_add_visible(&b, remote, remote_len);
 */
#ifndef HOP_BUF_H
#define HOP_BUF_H

#include "hop_own.h"

#define HOP_KIB ((size_t)1024)
#define HOP_MIB ((size_t)1024 * 1024)

#define HOP_MAX_MANIFEST \
    (4 * HOP_MIB) /* OCI distribution-spec 1.1, "Pushing Manifests" */
#define HOP_MAX_SMALL_BODY (1 * HOP_MIB) /* tokens and error bodies */
#define HOP_MAX_HEADER (64 * HOP_KIB)
#define HOP_MAX_DOCUMENT (64 * HOP_MIB) /* graphs, graph-data files, plans */
#define HOP_BUF_TEXT (256 * HOP_MIB)    /* text made here; reaching it is a bug */

typedef struct hop_buf {
    char *data; /* NULL while nothing was added */
    size_t len;
    size_t cap;
    size_t max;
} hop_buf;

hop_buf hop_buf_init(size_t max);
void hop_buf_clear(
    hop_buf *b); /* frees; the ceiling stays, so the buffer can be used again */
void hop_buf_reset(hop_buf *b); /* forgets the bytes, keeps the memory */
/** Hands out the bytes as a NUL-terminated heap string and empties the buffer. Never
 * NULL. */
char *hop_buf_take(hop_buf *b) HOP_MUST_USE;
/** The bytes as a C string; "" when empty. Borrowed until the next change. */
const char *hop_buf_get(const hop_buf *b);

/** False, and nothing added, when the ceiling would be passed. For bytes from outside. */
bool hop_buf_offer(hop_buf *b, const void *data, size_t len) HOP_MUST_USE;

/* The rest is for text that is made here: passing the ceiling aborts. */
void hop_buf_add(hop_buf *b, const void *data, size_t len);
void hop_buf_adds(hop_buf *b, const char *s);
void hop_buf_addc(hop_buf *b, char c);
void hop_buf_addf(hop_buf *b, const char *fmt, ...) HOP_PRINTF(2, 3);

/** Text from outside for a terminal: control characters and invalid UTF-8 become \xNN,
 * the rest is kept. Bidirectional overrides and other invisible format characters become
 * \u{NNNN}. */
void hop_buf_add_visible(hop_buf *b, const char *s, size_t len);
/** A YAML double-quoted scalar, quotes included, for text from anywhere. */
void hop_buf_add_yaml(hop_buf *b, const char *s);
/** One POSIX shell word: bare when it is harmless, else in single quotes. */
void hop_buf_add_shell(hop_buf *b, const char *s);
/** "17.4 GiB"; exact bytes below 1 KiB. */
void hop_buf_add_size(hop_buf *b, uint64_t size_bytes);

/** Length of the valid UTF-8 sequence at s (1..4), or 0. Its code point goes to *out when
 * out is not NULL. */
size_t hop_utf8_decode(const char *s, size_t len, uint32_t *out);

#endif
