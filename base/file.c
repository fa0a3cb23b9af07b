/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hop_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

hop_status hop_status_of_errno(int errnum)
{
    if (errnum == ENOSPC || errnum == EDQUOT || errnum == EFBIG)
        return HOP_E_DISK;
    return errnum == ENOENT ? HOP_E_NOT_FOUND : HOP_E_IO;
}

static hop_status fail(hop_error **err, const char *verb, const char *path)
{
    int e = errno;
    return hop_error_set(err, hop_status_of_errno(e), "%s %s: %s", verb, path,
                         strerror(e));
}

hop_status hop_file_read(const char *path, hop_buf *out, hop_error **err)
{
    HOP_AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail(err, "open", path);
    char chunk[64 * 1024];
    for (;;) {
        ssize_t n = read(fd, chunk, sizeof(chunk));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail(err, "read", path);
        if (n == 0)
            return HOP_OK;
        if (!hop_buf_offer(out, chunk, (size_t)n))
            return hop_error_set(err, HOP_E_LIMIT,
                                 "read %s: larger than the limit of %zu bytes", path,
                                 out->max);
    }
}

static hop_status write_all(int fd, const char *data, size_t len, const char *path,
                            hop_error **err)
{
    while (len > 0) {
        ssize_t n = write(fd, data, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail(err, "write", path);
        data += n;
        len -= (size_t)n;
    }
    if (fsync(fd) != 0)
        return fail(err, "flush", path);
    return HOP_OK;
}

hop_status hop_file_write(const char *path, const void *data, size_t len, hop_error **err)
{
    HOP_AUTO_STR temporary = hop_sprintf("%s.oc-hop-%ld", path, (long)getpid());
    HOP_AUTO_FD fd =
        open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd < 0)
        return fail(err, "create", path);
    hop_status s = write_all(fd, data, len, path, err);
    if (s == HOP_OK && rename(temporary, path) != 0)
        s = fail(err, "rename into", path);
    if (s != HOP_OK)
        (void)unlink(temporary);
    return s;
}

hop_status hop_dir_make(const char *path, hop_error **err)
{
    HOP_AUTO_STR partial = hop_strdup(path);
    for (char *p = partial + 1; *partial; p++) {
        if (*p != '/' && *p != '\0')
            continue;
        char end = *p;
        *p = '\0';
        if (mkdir(partial, 0755) != 0 && errno != EEXIST)
            return fail(err, "make directory", partial);
        *p = end;
        if (end == '\0')
            break;
    }
    struct stat st;
    if (stat(path, &st) != 0)
        return fail(err, "make directory", path);
    if (!S_ISDIR(st.st_mode))
        return hop_error_set(err, HOP_E_IO,
                             "make directory %s: there is a file of that name", path);
    return HOP_OK;
}
