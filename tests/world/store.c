/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store.h"

#include "hop_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define V2 "docker/registry/v2"

static hop_status write_all(int fd, const char *path, const void *data, size_t len,
                            hop_error **err)
{
    const char *at = data;
    while (len > 0) {
        ssize_t n = write(fd, at, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return hop_error_set(err, hop_status_of_errno(errno), "write %s: %s", path,
                                 strerror(errno));
        at += n;
        len -= (size_t)n;
    }
    return HOP_OK;
}

hop_status hop_store_write(const char *path, const void *data, size_t len,
                           hop_error **err)
{
    const char *slash = strrchr(path, '/');
    if (slash && slash != path) {
        HOP_AUTO_STR directory = hop_strndup(path, (size_t)(slash - path));
        hop_status s = hop_dir_make(directory, err);
        if (s != HOP_OK)
            return s;
    }
    HOP_AUTO_FD fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        return hop_error_set(err, hop_status_of_errno(errno), "create %s: %s", path,
                             strerror(errno));
    return write_all(fd, path, data, len, err);
}

static hop_status write_link(char *path, const hop_digest *d, hop_error **err)
{
    HOP_AUTO_STR owned = path;
    return hop_store_write(owned, d->text, strlen(d->text), err);
}

hop_status hop_store_add_blob(const hop_store *s, const void *data, size_t len,
                              hop_digest *out, hop_error **err)
{
    hop_digest d = hop_digest_of(data, len);
    const char *hex = hop_digest_get_hex(&d);
    HOP_AUTO_STR path =
        hop_sprintf("%s/" V2 "/blobs/sha256/%.2s/%s/data", s->root, hex, hex);
    hop_status status = HOP_OK;
    if (access(path, F_OK) != 0)
        status = hop_store_write(path, data, len, err);
    if (status == HOP_OK)
        *out = d;
    return status;
}

hop_status hop_store_link_blob(const hop_store *s, const char *repository,
                               const hop_digest *blob, hop_error **err)
{
    return write_link(hop_sprintf("%s/" V2 "/repositories/%s/_layers/sha256/%s/link",
                                  s->root, repository, hop_digest_get_hex(blob)),
                      blob, err);
}

hop_status hop_store_add_manifest(const hop_store *s, const char *repository,
                                  const hop_buf *text, hop_digest *out, hop_error **err)
{
    hop_digest d = {0};
    hop_status status = hop_store_add_blob(s, text->data, text->len, &d, err);
    if (status != HOP_OK)
        return status;
    status = write_link(
        hop_sprintf("%s/" V2 "/repositories/%s/_manifests/revisions/sha256/%s/link",
                    s->root, repository, hop_digest_get_hex(&d)),
        &d, err);
    if (status == HOP_OK)
        *out = d;
    return status;
}

hop_status hop_store_tag(const hop_store *s, const char *repository, const char *tag,
                         const hop_digest *manifest, hop_error **err)
{
    hop_status status = write_link(
        hop_sprintf("%s/" V2 "/repositories/%s/_manifests/tags/%s/current/link", s->root,
                    repository, tag),
        manifest, err);
    if (status != HOP_OK)
        return status;
    return write_link(
        hop_sprintf("%s/" V2 "/repositories/%s/_manifests/tags/%s/index/sha256/%s/link",
                    s->root, repository, tag, hop_digest_get_hex(manifest)),
        manifest, err);
}
