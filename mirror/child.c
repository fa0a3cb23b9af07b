/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
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

typedef enum progress { GOES_ON, IS_CLOSED, TOO_LATE, TOO_MUCH } progress;

struct hop_child {
    char *program;
    pid_t pid;
    int fd;
    char *input;
    size_t given; /* of the input */
    size_t left;
    int timeout_ms;
    int64_t deadline_ms;
    hop_buf out;
    progress progress;
    bool is_over;
    int status;
};

/* A program need not read its input: then the rest of it is of no interest. */
static void write_some(hop_child *c)
{
    ssize_t n = send(c->fd, c->input + c->given, c->left, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n > 0) {
        c->given += (size_t)n;
        c->left -= (size_t)n;
    } else if (n < 0 && errno != EAGAIN && errno != EINTR) {
        c->left = 0;
    }
    if (c->left == 0)
        (void)shutdown(c->fd, SHUT_WR);
}

static progress read_some(hop_child *c)
{
    char piece[4096];
    ssize_t n = recv(c->fd, piece, sizeof(piece), MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return GOES_ON;
    if (n <= 0)
        return IS_CLOSED;
    progress p = hop_buf_offer(&c->out, piece, (size_t)n) ? GOES_ON : TOO_MUCH;
    explicit_bzero(piece, sizeof(piece)); /* it may be a password */
    return p;
}

static progress talk(hop_child *c, int wait_ms)
{
    struct pollfd poll_fd = {.fd = c->fd,
                             .events = (short)(c->left ? POLLIN | POLLOUT : POLLIN)};
    int ready = poll(&poll_fd, 1, wait_ms);
    if (ready < 0 && errno != EINTR)
        return IS_CLOSED;
    if (ready <= 0)
        return GOES_ON;
    if (poll_fd.revents & POLLOUT)
        write_some(c);
    return poll_fd.revents & (POLLIN | POLLHUP | POLLERR) ? read_some(c) : GOES_ON;
}

/* Output can be closed before the end. */
static bool has_ended(hop_child *c, int wait_ms)
{
    if (waitpid(c->pid, &c->status, WNOHANG) != 0)
        return true;
    struct timespec t = {.tv_nsec = (wait_ms < REAP_EVERY_MS ? wait_ms : REAP_EVERY_MS) *
                                    1000000L};
    nanosleep(&t, NULL);
    return waitpid(c->pid, &c->status, WNOHANG) != 0;
}

static void end(hop_child *c)
{
    kill(c->pid, SIGKILL);
    while (waitpid(c->pid, &c->status, 0) < 0 && errno == EINTR)
        continue;
    c->is_over = true;
}

hop_child_state hop_child_step(hop_child *c, int wait_ms)
{
    int64_t left_ms = c->deadline_ms - now_ms();
    if (left_ms < wait_ms)
        wait_ms = left_ms > 0 ? (int)left_ms : 0;
    if (c->progress == GOES_ON)
        c->progress = talk(c, wait_ms);
    else if (c->progress == IS_CLOSED && !c->is_over)
        c->is_over = has_ended(c, wait_ms);
    if (!c->is_over && left_ms <= 0 && c->progress != TOO_MUCH)
        c->progress = TOO_LATE;
    /* What has to be killed gets no more time. */
    if (!c->is_over && (c->progress == TOO_LATE || c->progress == TOO_MUCH))
        end(c);
    return c->is_over ? HOP_CHILD_OVER : HOP_CHILD_RUNS;
}

hop_status hop_child_start(const char *const *argv, const char *input, int timeout_ms,
                           size_t out_max, hop_child **out, hop_error **err)
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
    hop_child *c = hop_alloc(1, sizeof(*c));
    *c = (hop_child){.program = hop_strdup(argv[0]),
                     .pid = pid,
                     .fd = ours,
                     .input = hop_strdup(input),
                     .left = strlen(input),
                     .timeout_ms = timeout_ms,
                     .deadline_ms = now_ms() + timeout_ms,
                     .out = hop_buf_init(out_max)};
    ours = -1;
    if (c->left == 0)
        (void)shutdown(c->fd, SHUT_WR);
    *out = c;
    return HOP_OK;
}

hop_status hop_child_finish(const hop_child *c, const hop_buf **out, int *exit_code,
                            hop_error **err)
{
    if (c->progress == TOO_MUCH)
        return hop_error_set(err, HOP_E_LIMIT, "run %s: it printed more than %zu bytes",
                             c->program, c->out.max);
    if (c->progress == TOO_LATE)
        return hop_error_set(err, HOP_E_LIMIT,
                             "run %s: it did not end within %d s and was killed",
                             c->program, c->timeout_ms / 1000);
    *out = &c->out;
    *exit_code =
        WIFEXITED(c->status) ? WEXITSTATUS(c->status) : 128 + WTERMSIG(c->status);
    return HOP_OK;
}

void hop_child_free(hop_child *c)
{
    if (!c)
        return;
    if (!c->is_over)
        end(c);
    close(c->fd);
    if (c->out.data)
        explicit_bzero(c->out.data, c->out.len);
    hop_buf_clear(&c->out);
    free(c->input);
    free(c->program);
    free(c);
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
