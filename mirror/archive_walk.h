/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Walks a tar, plain or in gzip or zstd, from a file descriptor.
 *
 * A visitor sees every member once, in order, under a cleaned name, and says how many
 * bytes of it it would take. Caps hold against bombs: members and inflated bytes are
 * counted, wanted or not.
 *
 *     hop_archive_visitor v = {.want = want, .member = member, .user = &me};
 *     s = hop_archive_walk(fd, size_bytes, "layer sha256:…", &v, err);
 */
#ifndef HOP_ARCHIVE_WALK_H
#define HOP_ARCHIVE_WALK_H

#include "hop_error.h"

#define HOP_ARCHIVE_MAX_MEMBERS ((uint64_t)2000000)
#define HOP_ARCHIVE_MAX_INFLATED ((uint64_t)32 * 1024 * 1024 * 1024)

typedef enum hop_member_kind {
    HOP_MEMBER_FILE,
    HOP_MEMBER_DIRECTORY,
    HOP_MEMBER_OTHER, /* links, devices: no bytes of their own */
} hop_member_kind;

#define HOP_ARCHIVE_NAME_ONLY SIZE_MAX
#define HOP_ARCHIVE_STREAM (SIZE_MAX - 1)

typedef struct hop_archive_visitor {
    /** The most bytes to take of this member; 0 passes it over, HOP_ARCHIVE_NAME_ONLY
     * asks for member() without the bytes, HOP_ARCHIVE_STREAM (files only) for the bytes
     * through stream() and then member() without them. A larger file that is wanted is
     * HOP_E_LIMIT. `size_bytes` is what the header claims. */
    size_t (*want)(void *user, const char *path, hop_member_kind kind,
                   uint64_t size_bytes);
    /** A wanted member. `data` is borrowed, and NULL unless it is a file whose
     * bytes were asked for. */
    hop_status (*member)(void *user, const char *path, hop_member_kind kind,
                         const hop_buf *data, hop_error **err);
    /** The next bytes of a file that is streamed; needed only where want() asks for it.
     */
    hop_status (*stream)(void *user, const void *data, size_t len, hop_error **err);
    /** A symbolic or hard link, with its target as it is written; before want(). May be
     * NULL. */
    void (*link)(void *user, const char *path, const char *target);
    void *user;
} hop_archive_visitor;

/** Reads by pread() from offset 0. Names lose a leading "./" and "/" and trailing "/";
 * members whose names hold ".." are passed over. `name` names the archive in errors.
 * HOP_E_PARSE for what is no tar or ends early, HOP_E_LIMIT, HOP_E_IO. */
HOP_MUST_USE hop_status hop_archive_walk(int fd, uint64_t size_bytes, const char *name,
                                         const hop_archive_visitor *visitor,
                                         hop_error **err);

#endif
