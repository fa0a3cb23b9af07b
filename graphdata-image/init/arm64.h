/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Linux on AArch64: entry, system calls, and the numbers that differ by architecture. */
#ifndef INIT_ARM64_H
#define INIT_ARM64_H

enum {
    SYS_MKDIRAT = 34,
    SYS_UNLINKAT = 35,
    SYS_RENAMEAT = 38,
    SYS_OPENAT = 56,
    SYS_CLOSE = 57,
    SYS_GETDENTS64 = 61,
    SYS_READ = 63,
    SYS_WRITE = 64,
    SYS_EXIT_GROUP = 94,
    SYS_NANOSLEEP = 101,
    SYS_UMASK = 166,
    SYS_STATX = 291,
};
#define OPEN_DIRECTORY 040000
#define OPEN_NOFOLLOW 0100000

/* At entry sp points at argc and is a multiple of 16. */
__asm__(".text\n"
        ".globl _start\n"
        "_start:\n"
        "  mov x29, #0\n"
        "  mov x30, #0\n"
        "  mov x0, sp\n"
        "  bl start_c\n"
        "  brk #0\n");

static inline long system_call(long n, long a, long b, long c, long d, long e)
{
    register long x8 __asm__("x8") = n;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    register long x4 __asm__("x4") = e;
    __asm__ volatile("svc #0"
                     : "+r"(x0)
                     : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4)
                     : "memory", "cc");
    return x0;
}

#endif
