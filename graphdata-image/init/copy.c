/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The program inside the graph-data image. As the entrypoint it copies the graph-data to
 * the directory that the update service reads; as /bin/sh it does the one thing that the
 * operator asks of a shell there, `sh -c -- "sleep 300;"`.
 *
 * It runs under any uid: it never changes owners or times, and replaces files by rename,
 * so that a file that another user left there is no obstacle.
 */
#include "system.h"

#define DATA_DIR "/var/lib/cincinnati-graph-data"
#define SERVED_DIR "/var/lib/cincinnati/graph-data"
#define TEMPORARY ".oc-hop-copy.partial"

enum { MAX_DEPTH = 16, MAX_PATH = 4096, LIST_BYTES = 2048, COPY_BYTES = 16384 };
enum { ERROR_EXISTS = -17, ERROR_INTERRUPTED = -4 };

/* One directory that is being copied. */
typedef struct level {
    int from;
    int to;
    size_t path_len; /* of the path up to here */
    size_t at;       /* next entry in `entries` */
    size_t len;
    _Alignas(dir_entry) char entries[LIST_BYTES];
} level;

typedef struct copier {
    char path[MAX_PATH]; /* what is being copied, for messages */
    level levels[MAX_DEPTH];
    size_t depth;
    char chunk[COPY_BYTES];
} copier;

static size_t text_len(const char *s)
{
    size_t n = 0;
    while (s[n] != '\0')
        n++;
    return n;
}

static int text_is_equal(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

static void say(const char *text)
{
    (void)sys_write(2, text, text_len(text));
}

static const char *explain(long error)
{
    switch (error) {
    case 1:
        return "operation not permitted";
    case 2:
        return "no such file or directory";
    case 5:
        return "input or output error";
    case 13:
        return "permission denied";
    case 20:
        return "not a directory";
    case 21:
        return "is a directory";
    case 28:
        return "no space left on device";
    case 30:
        return "read-only file system";
    case 40:
        return "is a symbolic link";
    case 122:
        return "disk quota exceeded";
    default:
        return "see errno(3)";
    }
}

static void say_number(long value)
{
    char digits[24];
    size_t at = sizeof(digits);
    digits[--at] = '\0';
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    say(&digits[at]);
}

static int complain(const char *verb, const char *path, long negative_error)
{
    say("oc-hop-copy: ");
    say(verb);
    say(" ");
    say(path);
    say(": error ");
    say_number(-negative_error);
    say(", ");
    say(explain(-negative_error));
    say("\n");
    return 1;
}

/* Puts "/name" behind the first `len` bytes of the path; 0 when it does not fit. */
static size_t extend_path(copier *c, size_t len, const char *name)
{
    size_t n = text_len(name);
    if (n >= MAX_PATH - len - 1)
        return 0;
    c->path[len++] = '/';
    for (size_t i = 0; i <= n; i++)
        c->path[len + i] = name[i];
    return len + n;
}

static int copy_bytes(copier *c, int from, int to)
{
    for (;;) {
        long got = sys_read(from, c->chunk, COPY_BYTES);
        if (got == ERROR_INTERRUPTED)
            continue;
        if (got < 0)
            return complain("read", c->path, got);
        if (got == 0)
            return 0;
        for (long done = 0; done < got;) {
            long put = sys_write(to, c->chunk + done, (size_t)(got - done));
            if (put < 0 && put != ERROR_INTERRUPTED)
                return complain("write the copy of", c->path, put);
            if (put > 0)
                done += put;
        }
    }
}

static int copy_file(copier *c, const level *l, const char *name)
{
    long from = sys_open(l->from, name, OPEN_READ | OPEN_NOFOLLOW, 0);
    if (from < 0)
        return complain("open", c->path, from);
    long to = sys_open(l->to, TEMPORARY,
                       OPEN_WRITE | OPEN_CREATE | OPEN_TRUNCATE | OPEN_NOFOLLOW, 0644);
    if (to < 0) {
        (void)sys_close((int)from);
        return complain("make the copy of", c->path, to);
    }
    int failed = copy_bytes(c, (int)from, (int)to);
    long closed = sys_close((int)to);
    if (!failed && closed < 0)
        failed = complain("write the copy of", c->path, closed);
    (void)sys_close((int)from);
    if (failed) {
        (void)sys_unlink(l->to, TEMPORARY);
        return failed;
    }
    long renamed = sys_rename(l->to, TEMPORARY, name);
    if (renamed < 0) {
        (void)sys_unlink(l->to, TEMPORARY);
        return complain("name the copy of", c->path, renamed);
    }
    return 0;
}

static int enter(copier *c, int from_dir, const char *from, int to_dir, const char *to,
                 size_t path_len)
{
    if (c->depth == MAX_DEPTH) {
        say("oc-hop-copy: directories are nested too deep at ");
        say(c->path);
        say("\n");
        return 1;
    }
    level *l = &c->levels[c->depth];
    long fd = sys_open(from_dir, from, OPEN_READ | OPEN_DIRECTORY, 0);
    if (fd < 0)
        return complain("open", c->path, fd);
    l->from = (int)fd;
    fd = sys_open(to_dir, to, OPEN_READ | OPEN_DIRECTORY, 0);
    if (fd < 0) {
        (void)sys_close(l->from);
        return c->depth == 0 ? complain("open", to, fd)
                             : complain("open the directory for", c->path, fd);
    }
    l->to = (int)fd;
    l->path_len = path_len;
    l->at = l->len = 0;
    c->depth++;
    return 0;
}

static int copy_entry(copier *c, level *l, const dir_entry *entry)
{
    const char *name = entry->name;
    if (text_is_equal(name, ".") || text_is_equal(name, ".."))
        return 0;
    size_t len = extend_path(c, l->path_len, name);
    if (len == 0) {
        say("oc-hop-copy: a path is too long below ");
        c->path[l->path_len] = '\0';
        say(c->path);
        say("\n");
        return 1;
    }
    long type = entry->type;
    if (type == ENTRY_UNKNOWN)
        type = sys_entry_type(l->from, name);
    if (type < 0)
        return complain("look at", c->path, type);
    if (type == ENTRY_FILE)
        return copy_file(c, l, name);
    if (type != ENTRY_DIRECTORY) {
        say("oc-hop-copy: neither a file nor a directory: ");
        say(c->path);
        say("\n");
        return 1;
    }
    long made = sys_make_dir(l->to, name);
    if (made < 0 && made != ERROR_EXISTS)
        return complain("make the directory for", c->path, made);
    return enter(c, l->from, name, l->to, name, len);
}

static int copy_tree(copier *c)
{
    while (c->depth > 0) {
        level *l = &c->levels[c->depth - 1];
        if (l->at == l->len) {
            long got = sys_list(l->from, l->entries, LIST_BYTES);
            if (got < 0) {
                c->path[l->path_len] = '\0';
                return complain("list", c->path, got);
            }
            if (got == 0) {
                (void)sys_close(l->from);
                (void)sys_close(l->to);
                c->depth--;
                continue;
            }
            l->at = 0;
            l->len = (size_t)got;
        }
        const dir_entry *entry = (const dir_entry *)(const void *)&l->entries[l->at];
        l->at += entry->record_len;
        int failed = copy_entry(c, l, entry);
        if (failed)
            return failed;
    }
    return 0;
}

static int run_copy(const char *from, const char *to)
{
    copier c;
    c.depth = 0;
    size_t len = text_len(from);
    if (len >= MAX_PATH)
        return complain("open", "the source", -36);
    for (size_t i = 0; i <= len; i++)
        c.path[i] = from[i];
    sys_set_umask(022);
    int failed = enter(&c, AT_CWD, from, AT_CWD, to, len);
    return failed ? failed : copy_tree(&c);
}

static const char *skip_spaces(const char *s)
{
    while (*s == ' ')
        s++;
    return s;
}

/* The seconds of "sleep N" with an optional ';'; -1 for any other command. */
static long read_sleep(const char *s)
{
    static const char word[] = "sleep ";
    enum { MAX_DIGITS = 9 };
    s = skip_spaces(s);
    for (size_t i = 0; i < sizeof(word) - 1; i++)
        if (*s++ != word[i])
            return -1;
    s = skip_spaces(s);
    long seconds = 0;
    int digits = 0;
    for (; *s >= '0' && *s <= '9'; s++) {
        if (++digits > MAX_DIGITS)
            return -1;
        seconds = seconds * 10 + (*s - '0');
    }
    s = skip_spaces(s);
    if (*s == ';')
        s = skip_spaces(s + 1);
    return digits > 0 && *s == '\0' ? seconds : -1;
}

static int run_shell(int argc, char **argv)
{
    int at = 1;
    long seconds = -1;
    if (at < argc && text_is_equal(argv[at], "-c")) {
        at++;
        if (at < argc && text_is_equal(argv[at], "--"))
            at++;
        if (at + 1 == argc)
            seconds = read_sleep(argv[at]);
    }
    if (seconds < 0) {
        say("sh: this image has no shell; here sh only knows -c \"sleep N\"\n");
        return 127;
    }
    sys_sleep(seconds);
    return 0;
}

static int is_shell(const char *program)
{
    const char *base = program;
    for (const char *p = program; *p != '\0'; p++)
        if (*p == '/')
            base = p + 1;
    return text_is_equal(base, "sh");
}

/* Called by the start code with the initial stack: argc, argv…, NULL. */
__attribute__((noreturn, used)) void start_c(long *stack);
void start_c(long *stack)
{
    int argc = (int)stack[0];
    char **argv = (char **)(stack + 1);
    if (argc > 0 && is_shell(argv[0]))
        sys_exit(run_shell(argc, argv));
    if (argc <= 1)
        sys_exit(run_copy(DATA_DIR, SERVED_DIR));
    if (argc == 3)
        sys_exit(run_copy(argv[1], argv[2]));
    say("oc-hop-copy: usage: oc-hop-copy [SOURCE DESTINATION]\n");
    sys_exit(2);
}
