/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * A bounded ring between the download and the upload of one blob.
 *
 * The writer offers whole chunks and is told "no" when there is no room (it pauses and
 * offers the same bytes again); the reader takes what there is. The last byte stays in
 * the ring until hop_pipe_release() says that the digest is right, so that an upload can
 * never complete with wrong bytes.
 */
#ifndef HOP_PIPE_H
#define HOP_PIPE_H

#include "hop_own.h"

typedef struct hop_pipe hop_pipe;

hop_pipe *hop_pipe_new(size_t capacity) HOP_MUST_USE;
void hop_pipe_free(hop_pipe *p);
HOP_DEFINE_AUTO(hop_pipe);
/** Empties the ring for a stream of exactly `size_bytes`. */
void hop_pipe_restart(hop_pipe *p, uint64_t size_bytes);
/** False, and nothing taken, when the ring has no room for all of it or the stream would
 * become longer than its size. */
bool hop_pipe_offer(hop_pipe *p, const void *data, size_t len) HOP_MUST_USE;
/** Bytes moved to `data`; 0 when there are none that may go. */
size_t hop_pipe_take(hop_pipe *p, void *data, size_t cap) HOP_MUST_USE;
void hop_pipe_release(hop_pipe *p);

uint64_t hop_pipe_get_written(const hop_pipe *p);
uint64_t hop_pipe_get_taken(const hop_pipe *p);
/** At most half full: a paused writer should go on. */
bool hop_pipe_is_low(const hop_pipe *p);
bool hop_pipe_is_overrun(const hop_pipe *p, size_t len);

/** Rings of one capacity that are used again: memory that goes back to the system with
 * each blob costs a page fault for each of its pages with the next. All-zero is empty. */
typedef struct hop_pipes {
    hop_pipe **spare;
    size_t len;
    size_t cap;
} hop_pipes;

/** A spare ring, or a new one; it is the caller's until hop_pipes_give(). */
hop_pipe *hop_pipes_take(hop_pipes *pipes, size_t capacity) HOP_MUST_USE;
/** Consumes the ring; *p may be NULL. */
void hop_pipes_give(hop_pipes *pipes, hop_pipe **p);
void hop_pipes_clear(hop_pipes *pipes);

#endif
