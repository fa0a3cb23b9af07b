/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sink.h"

#include "hop_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COPY_CHUNK ((size_t)256 * 1024)

static hop_status fail(const sink *s, const char *what, hop_error **err)
{
    return hop_error_set(err, hop_status_of_errno(errno), "%s %s: %s", what, s->path,
                         strerror(errno));
}

hop_status sink_open(const char *path, sink *out, hop_error **err)
{
    sink s = {.path = hop_strdup(path),
              .temporary = hop_sprintf("%s.oc-hop-%ld", path, (long)getpid())};
    s.fd = open(s.temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (s.fd < 0) {
        hop_status status = fail(&s, "create", err);
        sink_clear(&s);
        return status;
    }
    *out = s;
    return HOP_OK;
}

hop_status sink_write(sink *s, const void *data, size_t len, hop_error **err)
{
    const char *at = data;
    while (len > 0) {
        ssize_t n = write(s->fd, at, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail(s, "write", err);
        at += n;
        len -= (size_t)n;
    }
    return HOP_OK;
}

hop_status sink_copy(sink *s, int fd, const hop_digest *digest, uint64_t size_bytes,
                     hop_error **err)
{
    HOP_AUTO(hop_hash) hash = hop_hash_new_like(digest);
    HOP_AUTO_STR chunk = hop_alloc(COPY_CHUNK, 1);
    uint64_t total = 0;
    for (;;) {
        ssize_t n = read(fd, chunk, COPY_CHUNK);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return hop_error_set(err, hop_status_of_errno(errno), "read blob %s: %s",
                                 digest->text, strerror(errno));
        if (n == 0)
            break;
        hop_hash_update(hash, chunk, (size_t)n);
        total += (uint64_t)n;
        hop_status status = sink_write(s, chunk, (size_t)n, err);
        if (status != HOP_OK)
            return status;
    }
    hop_digest found = hop_hash_finish(hash);
    if (total != size_bytes || !hop_digest_is_equal(&found, digest))
        return hop_error_set(err, HOP_E_DIGEST, "blob %s: it has the digest %s",
                             digest->text, found.text);
    return HOP_OK;
}

hop_status sink_commit(sink *s, hop_error **err)
{
    if (fsync(s->fd) != 0)
        return fail(s, "flush", err);
    if (rename(s->temporary, s->path) != 0)
        return fail(s, "rename into", err);
    free(hop_steal(&s->temporary));
    return HOP_OK;
}

void sink_clear(sink *s)
{
    if (s->fd >= 0)
        (void)close(s->fd);
    if (s->temporary && s->fd >= 0)
        (void)unlink(s->temporary);
    free(s->path);
    free(s->temporary);
    *s = SINK_NONE;
}
