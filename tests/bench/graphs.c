/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long it takes to load every real graph, merge them and plan, and how much memory:
 *
 *     hop-bench-graphs DIR FROM TO [RUNS]
 *
 * reads DIR/api-*.json, each document read, parsed, merged and freed before the next. The
 * floor is jansson alone, parsing the same files in the same run; shares and the ratio
 * are what counts. CPU is the median of RUNS. Memory is each way's own: it runs in a
 * child. */
#include "hop_file.h"
#include "hop_graph.h"

#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_RUNS = 101 };

typedef enum phase {
    PHASE_READ,
    PHASE_JANSSON, /* the floor: parse and free, nothing else */
    PHASE_MERGE,   /* hop_graph_add: parse, check, merge, free */
    PHASE_PLAN,
    PHASES,
} phase;

/* What a child tells its parent. */
typedef struct result {
    double cpu_ms[PHASES];
    size_t releases, edges;
    char path[200];
} result;

typedef enum bench_way { WAY_FLOOR, WAY_OURS } bench_way;

static double cpu_now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void die(const char *what, hop_error *err)
{
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    if (err)
        hop_error_print(err, &text);
    fprintf(stderr, "%s\n%s", what, hop_buf_get(&text));
    exit(1);
}

static hop_strings list_files(const char *dir)
{
    hop_strings files = {0};
    DIR *d = opendir(dir);
    if (!d)
        die(dir, NULL);
    for (struct dirent *e = readdir(d); e; e = readdir(d)) {
        if (!hop_has_prefix(e->d_name, "api-"))
            continue;
        HOP_AUTO_STR path = hop_sprintf("%s/%s", dir, e->d_name);
        hop_strings_take(&files, &path);
    }
    closedir(d);
    hop_strings_sort(&files);
    return files;
}

static void parse_alone(const hop_buf *text, const char *name)
{
    json_error_t e;
    json_t *doc = json_loadb(text->data, text->len, JSON_REJECT_DUPLICATES, &e);
    if (!doc)
        die(name, NULL);
    json_decref(doc);
}

static void plan(const hop_graph *g, const char *from, const char *to, result *out)
{
    hop_error *err = NULL;
    hop_plan_opts o = {.from = from, .to = to};
    HOP_AUTO(hop_plan) p = NULL;
    if (hop_graph_plan(g, &o, &p, &err) != HOP_OK)
        die("plan", err);
    HOP_AUTO_VALUE(hop_buf) path = hop_buf_init(HOP_BUF_TEXT);
    hop_buf_addf(&path, "%s:", hop_plan_status_name(p->status));
    for (size_t i = 0; i < p->best.release_count; i++)
        hop_buf_addf(&path, " %s", p->best.releases[i].version);
    snprintf(out->path, sizeof(out->path), "%s", hop_buf_get(&path));
}

static void work(bench_way way, const hop_strings *files, const char *from,
                 const char *to, result *out)
{
    HOP_AUTO(hop_graph) g = hop_graph_new();
    for (size_t i = 0; i < files->len; i++) {
        hop_error *err = NULL;
        HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_MAX_DOCUMENT);
        double start = cpu_now_ms();
        if (hop_file_read(files->items[i], &text, &err) != HOP_OK)
            die("read", err);
        double read = cpu_now_ms();
        out->cpu_ms[PHASE_READ] += read - start;
        if (way == WAY_FLOOR) {
            parse_alone(&text, files->items[i]);
            out->cpu_ms[PHASE_JANSSON] += cpu_now_ms() - read;
            continue;
        }
        hop_graph_source source = {.name = files->items[i]};
        if (hop_graph_add(g, hop_buf_get(&text), text.len, &source, &err) != HOP_OK)
            die("load", err);
        out->cpu_ms[PHASE_MERGE] += cpu_now_ms() - read;
    }
    if (way == WAY_FLOOR)
        return;
    double start = cpu_now_ms();
    plan(g, from, to, out);
    out->cpu_ms[PHASE_PLAN] = cpu_now_ms() - start;
    out->releases = hop_graph_count(g);
    out->edges = hop_graph_count_edges(g);
}

/* In a child, so that its peak of memory is this way's alone. Returns it in KiB. */
static long run(bench_way way, const hop_strings *files, const char *from, const char *to,
                result *out)
{
    int ends[2];
    if (pipe(ends) != 0)
        die("pipe", NULL);
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        result r = {0};
        work(way, files, from, to, &r);
        _exit(write(ends[1], &r, sizeof(r)) == (ssize_t)sizeof(r) ? 0 : 1);
    }
    close(ends[1]);
    struct rusage usage = {0};
    int status = 0;
    bool is_whole = read(ends[0], out, sizeof(*out)) == (ssize_t)sizeof(*out);
    close(ends[0]);
    if (pid < 0 || wait4(pid, &status, 0, &usage) != pid || status != 0 || !is_whole)
        die("a run failed", NULL);
    return usage.ru_maxrss;
}

static int compare_numbers(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof(*values), compare_numbers);
    return values[count / 2];
}

int main(int argc, char **argv)
{
    size_t runs = argc > 4 ? strtoul(argv[4], NULL, 10) : 11;
    if (argc < 4 || runs < 1 || runs > MAX_RUNS) {
        fprintf(stderr, "Usage: hop-bench-graphs DIR FROM TO [RUNS]\n");
        return 2;
    }
    HOP_AUTO_VALUE(hop_strings) files = list_files(argv[1]);
    double floor_ms[MAX_RUNS], merge_ms[MAX_RUNS], plan_ms[MAX_RUNS], read_ms[MAX_RUNS];
    long floor_kib = 0, ours_kib = 0;
    result r = {0};
    for (size_t i = 0; i < runs;
         i++) { /* interleaved, so that both see the same machine */
        long kib = run(WAY_FLOOR, &files, argv[2], argv[3], &r);
        floor_kib = kib > floor_kib ? kib : floor_kib;
        floor_ms[i] = r.cpu_ms[PHASE_JANSSON];
        kib = run(WAY_OURS, &files, argv[2], argv[3], &r);
        ours_kib = kib > ours_kib ? kib : ours_kib;
        merge_ms[i] = r.cpu_ms[PHASE_MERGE];
        plan_ms[i] = r.cpu_ms[PHASE_PLAN];
        read_ms[i] = r.cpu_ms[PHASE_READ];
    }
    double base = median(floor_ms, runs), merge = median(merge_ms, runs);
    double planning = median(plan_ms, runs), reading = median(read_ms, runs);
    double all = merge + planning;
    printf("%zu documents: %zu releases, %zu updates\n%s\n", files.len, r.releases,
           r.edges, r.path);
    printf("jansson alone   %8.1f ms CPU   1.00\n", base);
    printf("load and plan   %8.1f ms CPU   %.2f\n", all, all / base);
    printf("  parse         %5.1f %%  (as jansson alone)\n", 100 * base / all);
    printf("  check, merge  %5.1f %%\n", 100 * (merge - base) / all);
    printf("  plan          %5.1f %%\n", 100 * planning / all);
    printf("reading files   %8.1f ms CPU, not counted\n", reading);
    printf("memory peak     %8.1f MiB, jansson alone %.1f MiB\n", (double)ours_kib / 1024,
           (double)floor_kib / 1024);
    return 0;
}
