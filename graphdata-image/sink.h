/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * A file that is written piece by piece and has its name only when it is complete.
 *
 *     HOP_AUTO_VALUE(sink) to = SINK_NONE;
 *     s = sink_open("image.tar", &to, err);
 *     s = sink_write(&to, data, len, err);
 *     s = sink_copy(&to, fd, &digest, size, err);
 *     s = sink_commit(&to, err);        // without it the file vanishes with the sink
 */
#ifndef SINK_H
#define SINK_H

#include "hop_oci.h"

typedef struct sink {
    int fd;
    char *path;
    char *temporary;
} sink;

#define SINK_NONE ((sink){.fd = -1})

HOP_MUST_USE hop_status sink_open(const char *path, sink *out, hop_error **err);
HOP_MUST_USE hop_status sink_write(sink *s, const void *data, size_t len,
                                   hop_error **err);
/** Appends all that `fd` has. HOP_E_DIGEST when it is not what the digest and the size
 * say. */
HOP_MUST_USE hop_status sink_copy(sink *s, int fd, const hop_digest *digest,
                                  uint64_t size_bytes, hop_error **err);
HOP_MUST_USE hop_status sink_commit(sink *s, hop_error **err);
void sink_clear(sink *s);

#endif
