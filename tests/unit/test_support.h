/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * What every cmocka program needs: the includes in the order that cmocka demands, and
 * checks that read a hop_error and consume it.
 */
#ifndef TEST_SUPPORT_H
#define TEST_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hop_error.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/** A directory and all that is in it. */
static inline void remove_tree(const char *path)
{
    pid_t child = fork();
    if (child == 0) {
        execlp("rm", "rm", "-rf", path, (char *)NULL);
        _exit(127);
    }
    (void)waitpid(child, NULL, 0);
}

/** The call must have succeeded; an error is shown. */
static inline void assert_ok_(hop_status s, hop_error **err, const char *file, int line)
{
    if (s != HOP_OK || *err) {
        HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
        hop_error_print(*err, &text);
        print_error("status %s\n%s", hop_status_name(s), hop_buf_get(&text));
        hop_error_drop(err);
        _fail(file, line);
    }
}
#define assert_ok(call, err) assert_ok_((call), (err), __FILE__, __LINE__)

/** The call must have failed with the status, and `part` must stand in the chain of
 * causes. */
static inline void assert_fails_(hop_status s, hop_error **err, hop_status want,
                                 const char *part, const char *file, int line)
{
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    hop_error_print(*err, &text);
    bool is_right = s == want && hop_error_get_status(*err) == want &&
                    strstr(hop_buf_get(&text), part) != NULL;
    if (!is_right)
        print_error("status %s, wanted %s with \"%s\"; got\n%s", hop_status_name(s),
                    hop_status_name(want), part, hop_buf_get(&text));
    hop_error_drop(err);
    if (!is_right)
        _fail(file, line);
}
#define assert_fails(call, err, want, part) \
    assert_fails_((call), (err), (want), (part), __FILE__, __LINE__)

#endif
