/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* How often it is asked whether a program that closed its output has ended. */
#define REAP_EVERY_MS 5

extern char **environ;

static int64_t now_ms(void)
{
    struct timespec t = {0};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Starts the program with `fd` as its standard input and output: 0 or an errno. SIGPIPE
 * is ignored here, and what is ignored would stay so in the program. */
static int spawn(const char *const *argv, int fd, pid_t *pid)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t defaults, mask;
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    sigemptyset(&mask);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, fd, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&files, fd, STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setsigmask(&attributes, &mask);
    /* posix_spawnp() takes char *const[] for history's sake and changes nothing. */
    int code = posix_spawnp(pid, argv[0], &files, &attributes,
                            (char *const *)(uintptr_t)argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return code;
}

typedef struct talk {
    int fd;
    const char *input;
    size_t left; /* of the input */
    int64_t deadline_ms;
    hop_buf *out;
} talk;

typedef enum progress { GOES_ON, IS_OVER, TOO_LATE, TOO_MUCH } progress;

/* A program need not read its input: then the rest of it is of no interest. */
static void write_some(talk *t)
{
    ssize_t n = send(t->fd, t->input, t->left, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n > 0) {
        t->input += n;
        t->left -= (size_t)n;
    } else if (n < 0 && errno != EAGAIN && errno != EINTR) {
        t->left = 0;
    }
    if (t->left == 0)
        (void)shutdown(t->fd, SHUT_WR);
}

static progress read_some(talk *t)
{
    char piece[4096];
    ssize_t n = recv(t->fd, piece, sizeof(piece), MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return GOES_ON;
    if (n <= 0)
        return IS_OVER;
    progress p = hop_buf_offer(t->out, piece, (size_t)n) ? GOES_ON : TOO_MUCH;
    explicit_bzero(piece, sizeof(piece)); /* it may be a password */
    return p;
}

static progress exchange(talk *t)
{
    progress p = GOES_ON;
    if (t->left == 0)
        (void)shutdown(t->fd, SHUT_WR);
    while (p == GOES_ON) {
        int64_t wait_ms = t->deadline_ms - now_ms();
        if (wait_ms <= 0)
            return TOO_LATE;
        struct pollfd poll_fd = {.fd = t->fd,
                                 .events = (short)(t->left ? POLLIN | POLLOUT : POLLIN)};
        int ready = poll(&poll_fd, 1, (int)wait_ms);
        if (ready < 0 && errno != EINTR)
            return IS_OVER;
        if (ready <= 0)
            continue;
        if (poll_fd.revents & POLLOUT)
            write_some(t);
        if (poll_fd.revents & (POLLIN | POLLHUP | POLLERR))
            p = read_some(t);
    }
    return p;
}

/* True when the program ended by itself. Output can be closed before the end. */
static bool reap(pid_t pid, int64_t deadline_ms, int *status)
{
    while (waitpid(pid, status, WNOHANG) == 0) {
        if (now_ms() >= deadline_ms) {
            kill(pid, SIGKILL);
            while (waitpid(pid, status, 0) < 0 && errno == EINTR)
                continue;
            return false;
        }
        struct timespec t = {.tv_nsec = REAP_EVERY_MS * 1000000L};
        nanosleep(&t, NULL);
    }
    return true;
}

hop_status hop_child_run(const char *const *argv, const char *input, int timeout_ms,
                         hop_buf *out, int *exit_code, hop_error **err)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return hop_error_set(err, HOP_E_IO, "run %s: %s", argv[0], strerror(errno));
    HOP_AUTO_FD ours = ends[0];
    HOP_AUTO_FD theirs = ends[1];
    pid_t pid = 0;
    int code = spawn(argv, theirs, &pid);
    if (code != 0)
        return hop_error_set(
            err, code == ENOENT ? HOP_E_NOT_FOUND : HOP_E_IO, "run %s: %s", argv[0],
            code == ENOENT ? "there is no such program on PATH" : strerror(code));
    close(theirs);
    theirs = -1;
    talk t = {.fd = ours,
              .input = input,
              .left = strlen(input),
              .deadline_ms = now_ms() + timeout_ms,
              .out = out};
    progress p = exchange(&t);
    int status = 0;
    /* What has to be killed gets no more time. */
    bool ended = reap(pid, p == IS_OVER ? t.deadline_ms : 0, &status);
    if (p == TOO_MUCH)
        return hop_error_set(err, HOP_E_LIMIT, "run %s: it printed more than %zu bytes",
                             argv[0], out->max);
    if (p == TOO_LATE || !ended)
        return hop_error_set(err, HOP_E_LIMIT,
                             "run %s: it did not end within %d s and was killed", argv[0],
                             timeout_ms / 1000);
    *exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return HOP_OK;
}

/* ---- a program that talks with a person ---- */

static hop_status judge_status(const char *name, int status, hop_error **err)
{
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return HOP_OK;
    if (WIFSIGNALED(status))
        return hop_error_set(err, HOP_E_IO, "run %s: ended by signal %d", name,
                             WTERMSIG(status));
    return hop_error_set(err, HOP_E_IO, "run %s: it ended with exit status %d", name,
                         WEXITSTATUS(status));
}

hop_status hop_child_run_attended(const char *const *argv, hop_error **err)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t defaults;
    pid_t pid = 0;
    int status = 0;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, STDERR_FILENO, STDOUT_FILENO);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE); /* ignored here, which would stay so in the program */
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    int rc = posix_spawnp(&pid, argv[0], &files, &attributes,
                          (char *const *)(uintptr_t)argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    if (rc != 0)
        return hop_error_set(err, rc == ENOENT ? HOP_E_NOT_FOUND : HOP_E_IO, "run %s: %s",
                             argv[0], strerror(rc));
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return hop_error_set(err, HOP_E_IO, "wait for %s: %s", argv[0],
                                 strerror(errno));
    return judge_status(argv[0], status, err);
}
