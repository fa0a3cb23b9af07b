/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * What the fuzz targets share. A target is one function that feeds bytes to a parser and
 * checks what every answer must satisfy; run_corpus.c replays files through it in every
 * ordinary build, libFuzzer invents the bytes with HOP_FUZZ=ON.
 *
 *     int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
 *     {
 *         HOP_AUTO_STR text = fuzz_text(data, size);
 *         hop_error *err = NULL;
 *         hop_version v;
 *         if (fuzz_is_ok(hop_version_parse(text, &v, &err), &err))
 *             FUZZ_CHECK(v.length == strlen(text));
 *         return 0;
 *     }
 */
#ifndef FUZZ_H
#define FUZZ_H

#include "hop_error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** An assertion that no build type removes. */
#define FUZZ_CHECK(condition)                                                 \
    do {                                                                      \
        if (!(condition)) {                                                   \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, \
                    #condition);                                              \
            abort();                                                          \
        }                                                                     \
    } while (0)

/** The bytes as a heap string of exactly the right size, so that a read past its end is
 * seen; it ends at the first NUL for those who take strings. */
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
    char *text = hop_alloc(size + 1, 1);
    if (size > 0)
        memcpy(text, data, size);
    return text;
}

/** Cuts the next line off *rest. Never NULL; "" when nothing is left. */
static inline const char *fuzz_line(char **rest)
{
    char *line = *rest;
    char *end = strchr(line, '\n');
    *rest = end ? end + 1 : line + strlen(line);
    if (end)
        *end = '\0';
    return line;
}

/** Printed text holds no control character but the line feed. */
static inline void fuzz_check_printable(const hop_buf *text)
{
    for (size_t i = 0; i < text->len; i++) {
        unsigned char c = (unsigned char)text->data[i];
        FUZZ_CHECK((c >= ' ' && c != 0x7f) || c == '\n');
    }
}

/** Holds a result against the rules of errors (set exactly when the call failed, and with
 * its status; harmless when printed) and drops the error. True for HOP_OK. */
static inline bool fuzz_is_ok(hop_status s, hop_error **err)
{
    FUZZ_CHECK((s == HOP_OK) == (*err == NULL));
    if (s == HOP_OK)
        return true;
    FUZZ_CHECK(hop_error_get_status(*err) == s);
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    hop_error_print(*err, &text);
    fuzz_check_printable(&text);
    hop_error_drop(err);
    return false;
}

/** A file in memory that holds the bytes; close it with HOP_AUTO_FD. */
static inline int fuzz_file(const uint8_t *data, size_t size)
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    FUZZ_CHECK(fd >= 0);
    for (size_t done = 0; done < size;) {
        ssize_t n = write(fd, data + done, size - done);
        FUZZ_CHECK(n > 0);
        done += (size_t)n;
    }
    return fd;
}

#endif
