/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Linux on x86-64: entry, system calls, and the numbers that differ by architecture. */
#ifndef INIT_AMD64_H
#define INIT_AMD64_H

enum {
    SYS_READ = 0,
    SYS_WRITE = 1,
    SYS_CLOSE = 3,
    SYS_NANOSLEEP = 35,
    SYS_UMASK = 95,
    SYS_GETDENTS64 = 217,
    SYS_EXIT_GROUP = 231,
    SYS_OPENAT = 257,
    SYS_MKDIRAT = 258,
    SYS_UNLINKAT = 263,
    SYS_RENAMEAT = 264,
    SYS_STATX = 332,
};
#define OPEN_DIRECTORY 0200000
#define OPEN_NOFOLLOW 0400000

/* At entry rsp points at argc and is a multiple of 16. */
__asm__(".text\n"
        ".globl _start\n"
        "_start:\n"
        "  xor %ebp, %ebp\n"
        "  mov %rsp, %rdi\n"
        "  call start_c\n"
        "  hlt\n");

static inline long system_call(long n, long a, long b, long c, long d, long e)
{
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
                     : "rcx", "r11", "memory");
    return result;
}

#endif
