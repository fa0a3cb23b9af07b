/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hop_file.h"
#include "media_sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct hop_media_stream {
    hop_media_writer *writer;
    char *path;    /* relative */
    char *partial; /* full */
    int fd;
    hop_hash *hash;
    uint64_t size_bytes;

    /* in volumes */
    hop_buf piece;
    unsigned try_number;
    unsigned pieces;
};

static hop_status fail(hop_error **err, const char *verb, const char *path)
{
    int e = errno;
    return hop_error_set(err, hop_status_of_errno(e), "%s %s: %s", verb, path,
                         strerror(e));
}

void hop_media_stream_free(hop_media_stream *s)
{
    if (!s)
        return;
    if (s->fd >= 0) {
        (void)close(s->fd);
        (void)unlink(s->partial);
    }
    hop_hash_free(s->hash);
    hop_buf_clear(&s->piece);
    free(s->partial);
    free(s->path);
    free(s);
}

hop_status hop_media_stream_new(hop_media_writer *w, const char *path,
                                hop_media_stream **out, hop_error **err)
{
    if (!hop_media_path_is_safe(path))
        return hop_error_set(err, HOP_E_USAGE,
                             "\"%s\" is no name for a file on removable media", path);
    HOP_AUTO(hop_media_stream) s = hop_alloc(1, sizeof(*s));
    s->writer = w;
    s->path = hop_strdup(path);
    s->partial = hop_media_writer_path(w, "partial/file");
    s->hash = hop_hash_new();
    s->piece = hop_buf_init(HOP_VOLUME_PIECE_BYTES);
    s->fd = -1;
    if (w->volumes) {
        s->try_number = hop_volumes_next_try(w->volumes, path);
        *out = hop_steal(&s);
        return HOP_OK;
    }
    s->fd = open(s->partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (s->fd < 0)
        return fail(err, "create", s->partial);
    *out = hop_steal(&s);
    return HOP_OK;
}

static hop_status write_piece(hop_media_stream *s, hop_error **err)
{
    hop_status status =
        hop_volumes_add_piece(s->writer->volumes, s->path, s->try_number, &s->pieces,
                              s->piece.data, s->piece.len, err);
    hop_buf_reset(&s->piece);
    return status;
}

static hop_status write_to_volumes(hop_media_stream *s, const char *data, size_t len,
                                   hop_error **err)
{
    hop_status status = HOP_OK;
    /* It is there, and oc-hop.json, which is compared, has its digest. */
    if (hop_volumes_is_ended(s->writer->volumes))
        return HOP_OK;
    while (status == HOP_OK && len > 0) {
        if (s->piece.len == HOP_VOLUME_PIECE_BYTES)
            status = write_piece(s, err);
        size_t room = HOP_VOLUME_PIECE_BYTES - s->piece.len;
        size_t n = len < room ? len : room;
        hop_buf_add(&s->piece, data, n);
        data += n;
        len -= n;
    }
    return status;
}

static hop_status end_in_volumes(hop_media_stream *s, hop_error **err)
{
    if (hop_volumes_is_ended(s->writer->volumes))
        return HOP_OK;
    if (s->pieces > 0)
        return s->piece.len > 0 ? write_piece(s, err) : HOP_OK;
    return hop_volumes_add_file(s->writer->volumes, s->path, hop_buf_get(&s->piece),
                                s->piece.len, err);
}

hop_status hop_media_stream_write(hop_media_stream *s, const void *data, size_t len,
                                  hop_error **err)
{
    const char *at = data;
    hop_hash_update(s->hash, data, len);
    s->size_bytes += len;
    if (s->writer->volumes)
        return write_to_volumes(s, data, len, err);
    while (len > 0) {
        ssize_t n = write(s->fd, at, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail(err, "write", s->path);
        at += n;
        len -= (size_t)n;
    }
    return HOP_OK;
}

hop_status hop_media_stream_end(hop_media_stream *s, hop_media *media, hop_error **err)
{
    hop_digest digest = hop_hash_finish(s->hash);
    if (s->writer->volumes) {
        hop_status in_volumes = end_in_volumes(s, err);
        if (in_volumes == HOP_OK)
            hop_media_files_note(&media->files, s->path, s->size_bytes, &digest);
        return in_volumes;
    }
    if (fsync(s->fd) != 0)
        return fail(err, "flush", s->path);
    HOP_AUTO_STR full = hop_media_writer_path(s->writer, s->path);
    char *slash = strrchr(full, '/');
    *slash = '\0';
    hop_status status = hop_dir_make(full, err);
    *slash = '/';
    if (status != HOP_OK)
        return status;
    if (rename(s->partial, full) != 0)
        return fail(err, "rename into", full);
    (void)close(s->fd);
    s->fd = -1;
    hop_media_files_note(&media->files, s->path, s->size_bytes, &digest);
    return HOP_OK;
}
