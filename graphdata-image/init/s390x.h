/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Linux on s390x: entry, system calls, and the numbers that differ by architecture. */
#ifndef INIT_S390X_H
#define INIT_S390X_H

enum {
    SYS_READ = 3,
    SYS_WRITE = 4,
    SYS_CLOSE = 6,
    SYS_UMASK = 60,
    SYS_NANOSLEEP = 162,
    SYS_GETDENTS64 = 220,
    SYS_EXIT_GROUP = 248,
    SYS_OPENAT = 288,
    SYS_MKDIRAT = 289,
    SYS_UNLINKAT = 294,
    SYS_RENAMEAT = 295,
    SYS_STATX = 379,
};
#define OPEN_DIRECTORY 0200000
#define OPEN_NOFOLLOW 0400000

/* At entry r15 points at argc; a callee wants a save area of 160 bytes above its stack
 * pointer, whose first word is the back chain. */
__asm__(".text\n"
        ".globl _start\n"
        "_start:\n"
        "  lgr %r2, %r15\n"
        "  aghi %r15, -160\n"
        "  xc 0(8,%r15), 0(%r15)\n"
        "  brasl %r14, start_c\n"
        "  j .\n");

static inline long system_call(long n, long a, long b, long c, long d, long e)
{
    register long r1 __asm__("1") = n;
    register long r2 __asm__("2") = a;
    register long r3 __asm__("3") = b;
    register long r4 __asm__("4") = c;
    register long r5 __asm__("5") = d;
    register long r6 __asm__("6") = e;
    __asm__ volatile("svc 0"
                     : "+d"(r2)
                     : "d"(r1), "d"(r3), "d"(r4), "d"(r5), "d"(r6)
                     : "memory", "cc");
    return r2;
}

#endif
