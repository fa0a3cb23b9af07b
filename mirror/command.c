/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command.h"

#include <errno.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static hop_status judge(const char *name, int status, hop_error **err)
{
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return HOP_OK;
    if (WIFSIGNALED(status))
        return hop_error_set(err, HOP_E_IO, "run %s: ended by signal %d", name,
                             WTERMSIG(status));
    return hop_error_set(err, HOP_E_IO, "run %s: it ended with exit status %d", name,
                         WEXITSTATUS(status));
}

hop_status hop_command_run(const char *const *argv, hop_error **err)
{
    pid_t pid = 0;
    int rc =
        posix_spawnp(&pid, argv[0], NULL, NULL, (char *const *)(uintptr_t)argv, environ);
    if (rc != 0)
        return hop_error_set(err, rc == ENOENT ? HOP_E_NOT_FOUND : HOP_E_IO, "run %s: %s",
                             argv[0], strerror(rc));
    int status = 0;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return hop_error_set(err, HOP_E_IO, "wait for %s: %s", argv[0],
                                 strerror(errno));
    return judge(argv[0], status, err);
}
