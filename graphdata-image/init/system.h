/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * The little of Linux that the copier needs, without a C library: it must start on any
 * node from an image that holds nothing else, and be small enough to ship four times.
 *
 * All calls return a negative error number on failure. Everything lives on the stack or
 * in read-only data, so that the program is a single read-only, executable segment; this
 * keeps it free of the 64 KiB padding that arm64 and ppc64le need between segments.
 */
#ifndef INIT_SYSTEM_H
#define INIT_SYSTEM_H

#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__)
#include "amd64.h"
#elif defined(__aarch64__)
#include "arm64.h"
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
#include "ppc64le.h"
#elif defined(__s390x__)
#include "s390x.h"
#else
#error "the copier has no start code for this architecture"
#endif

#define AT_CWD (-100)
#define OPEN_READ 0
#define OPEN_WRITE 01
#define OPEN_CREATE 0100
#define OPEN_TRUNCATE 01000
#define OPEN_CLOEXEC 02000000

enum entry_type { ENTRY_UNKNOWN = 0, ENTRY_DIRECTORY = 4, ENTRY_FILE = 8 };

/* struct linux_dirent64 of getdents64(2) */
typedef struct dir_entry {
    uint64_t inode;
    int64_t offset;
    uint16_t record_len;
    uint8_t type;
    char name[];
} dir_entry;

static inline long sys_open(int dir, const char *name, int flags, int mode)
{
    return system_call(SYS_OPENAT, dir, (long)name, flags | OPEN_CLOEXEC, mode, 0);
}

static inline long sys_read(int fd, void *data, size_t len)
{
    return system_call(SYS_READ, fd, (long)data, (long)len, 0, 0);
}

static inline long sys_write(int fd, const void *data, size_t len)
{
    return system_call(SYS_WRITE, fd, (long)data, (long)len, 0, 0);
}

static inline long sys_close(int fd)
{
    return system_call(SYS_CLOSE, fd, 0, 0, 0, 0);
}

static inline long sys_make_dir(int dir, const char *name)
{
    return system_call(SYS_MKDIRAT, dir, (long)name, 0755, 0, 0);
}

static inline long sys_unlink(int dir, const char *name)
{
    return system_call(SYS_UNLINKAT, dir, (long)name, 0, 0, 0);
}

static inline long sys_rename(int dir, const char *from, const char *to)
{
    return system_call(SYS_RENAMEAT, dir, (long)from, dir, (long)to, 0);
}

static inline long sys_list(int dir, void *entries, size_t len)
{
    return system_call(SYS_GETDENTS64, dir, (long)entries, (long)len, 0, 0);
}

/** The type of a name where the file system does not say it in the listing. */
static inline long sys_entry_type(int dir, const char *name)
{
    enum { NO_FOLLOW = 0x100, WANT_TYPE = 1, MODE_OFFSET = 28 };
    uint16_t status[128]; /* struct statx: 256 bytes on every architecture */
    long result =
        system_call(SYS_STATX, dir, (long)name, NO_FOLLOW, WANT_TYPE, (long)status);
    if (result < 0)
        return result;
    return status[MODE_OFFSET / 2] >> 12; /* S_IFMT; DT_* are the same numbers */
}

static inline void sys_set_umask(int mask)
{
    (void)system_call(SYS_UMASK, mask, 0, 0, 0, 0);
}

static inline void sys_sleep(long seconds)
{
    enum { INTERRUPTED = -4 };
    long left[2] = {seconds, 0}; /* struct timespec; the kernel leaves what remains */
    while (system_call(SYS_NANOSLEEP, (long)left, (long)left, 0, 0, 0) == INTERRUPTED) {
    }
}

static inline __attribute__((noreturn)) void sys_exit(int code)
{
    for (;;)
        (void)system_call(SYS_EXIT_GROUP, code, 0, 0, 0, 0);
}

#endif
