/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Linux on little-endian POWER, ELF ABI v2: entry, system calls, and the numbers that
 * differ by architecture. */
#ifndef INIT_PPC64LE_H
#define INIT_PPC64LE_H

enum {
    SYS_READ = 3,
    SYS_WRITE = 4,
    SYS_CLOSE = 6,
    SYS_UMASK = 60,
    SYS_NANOSLEEP = 162,
    SYS_GETDENTS64 = 202,
    SYS_EXIT_GROUP = 234,
    SYS_OPENAT = 286,
    SYS_MKDIRAT = 287,
    SYS_UNLINKAT = 292,
    SYS_RENAMEAT = 293,
    SYS_STATX = 383,
};
#define OPEN_DIRECTORY 040000
#define OPEN_NOFOLLOW 0100000

/* At entry r1 points at argc and r12 at _start, from which the table of contents pointer
 * is found. The first frame needs a null back chain. */
__asm__(".text\n"
        ".globl _start\n"
        "_start:\n"
        "  addis 2, 12, .TOC.-_start@ha\n"
        "  addi 2, 2, .TOC.-_start@l\n"
        "  mr 3, 1\n"
        "  clrrdi 1, 1, 4\n"
        "  li 0, 0\n"
        "  stdu 1, -32(1)\n"
        "  std 0, 0(1)\n"
        "  mtlr 0\n"
        "  bl start_c\n"
        "  nop\n"
        "  trap\n");

/* A failure is the summary overflow bit and a positive error number. */
static inline long system_call(long n, long a, long b, long c, long d, long e)
{
    register long r0 __asm__("r0") = n;
    register long r3 __asm__("r3") = a;
    register long r4 __asm__("r4") = b;
    register long r5 __asm__("r5") = c;
    register long r6 __asm__("r6") = d;
    register long r7 __asm__("r7") = e;
    __asm__ volatile("sc\n"
                     "bns+ 1f\n"
                     "neg %1, %1\n"
                     "1:"
                     : "+r"(r0), "+r"(r3), "+r"(r4), "+r"(r5), "+r"(r6), "+r"(r7)
                     :
                     : "memory", "cr0", "ctr", "r8", "r9", "r10", "r11", "r12");
    return r3;
}

#endif
