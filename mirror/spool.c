/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spool.h"

#include "hop_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct hop_spool {
    int fd;
    char *dir;
};

static int open_unlinked(const char *dir)
{
    int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT))
        return fd;
    /* Not every file system can make a file without a name. */
    HOP_AUTO_STR path = hop_sprintf("%s/oc-hop-XXXXXX", dir);
    fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0)
        unlink(path);
    return fd;
}

hop_status hop_spool_new(const char *dir, hop_spool **out, hop_error **err)
{
    int fd = open_unlinked(dir);
    if (fd < 0)
        return hop_error_set(
            err, hop_status_of_errno(errno) == HOP_E_DISK ? HOP_E_DISK : HOP_E_IO,
            "make a temporary file in %s: %s", dir, strerror(errno));
    hop_spool *s = hop_alloc(1, sizeof(*s));
    s->fd = fd;
    s->dir = hop_strdup(dir);
    *out = s;
    return HOP_OK;
}

hop_status hop_spool_open(const char *path, uint64_t size_bytes, hop_spool **out,
                          hop_error **err)
{
    HOP_AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0)
        return hop_error_set(err, hop_status_of_errno(errno), "open %s: %s", path,
                             strerror(errno));
    if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size != size_bytes)
        return hop_error_set(err, HOP_E_DIGEST, "%s has not the %llu bytes of its name",
                             path, (unsigned long long)size_bytes);
    hop_spool *s = hop_alloc(1, sizeof(*s));
    s->fd = fd;
    s->dir = hop_strdup(path);
    fd = -1;
    *out = s;
    return HOP_OK;
}

void hop_spool_free(hop_spool *s)
{
    if (!s)
        return;
    close(s->fd);
    free(s->dir);
    free(s);
}

hop_status hop_spool_write(hop_spool *s, uint64_t offset, const void *data, size_t len,
                           hop_error **err)
{
    const char *at = data;
    while (len > 0) {
        ssize_t n = pwrite(s->fd, at, len, (off_t)offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return hop_error_set(err, hop_status_of_errno(errno),
                                 "write a temporary file in %s: %s", s->dir,
                                 strerror(errno));
        at += n;
        offset += (uint64_t)n;
        len -= (size_t)n;
    }
    return HOP_OK;
}

size_t hop_spool_read(const hop_spool *s, uint64_t offset, void *data, size_t cap)
{
    size_t got = 0;
    while (got < cap) {
        ssize_t n =
            pread(s->fd, (char *)data + got, cap - got, (off_t)(offset + (uint64_t)got));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        got += (size_t)n;
    }
    return got;
}

int hop_spool_get_fd(const hop_spool *s)
{
    return s->fd;
}
