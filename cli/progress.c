/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "progress.h"

#include "command.h"
#include "environment.h"
#include "hop_json.h"
#include "report.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define BAR_EVERY_MS 250
#define PLAIN_EVERY_MS 10000
#define STEP_MS 200

static uint64_t now_ms(void)
{
    struct timespec t = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

hop_status hop_progress_init(const hop_options *o, hop_progress *out, hop_error **err)
{
    static const struct {
        const char *name;
        hop_progress_mode mode;
    } modes[] = {{"none", HOP_PROGRESS_NONE},
                 {"plain", HOP_PROGRESS_PLAIN},
                 {"bar", HOP_PROGRESS_BAR},
                 {"json", HOP_PROGRESS_JSON}};
    uint64_t now = now_ms();
    *out = (hop_progress){.mode = hop_environment_has_terminal() ? HOP_PROGRESS_BAR
                                                                 : HOP_PROGRESS_PLAIN,
                          .verbose = o->verbose,
                          .quiet = o->quiet,
                          .started_ms = now,
                          .shown_ms = now};
    bool is_known = !o->progress || strcmp(o->progress, "auto") == 0;
    for (size_t i = 0; o->progress && i < HOP_COUNT_OF(modes); i++) {
        if (strcmp(o->progress, modes[i].name) == 0) {
            out->mode = modes[i].mode;
            is_known = true;
        }
    }
    if (!is_known)
        return hop_error_set(err, HOP_E_USAGE,
                             "--progress %s: expected auto, bar, plain, json or none",
                             o->progress);
    if (o->quiet)
        out->mode = HOP_PROGRESS_NONE;
    return HOP_OK;
}

static void add_line(const hop_progress *p, const hop_mirror_progress *n, hop_buf *out)
{
    uint64_t moved = n->bytes_sent + n->count.bytes_skipped + n->count.bytes_mounted;
    size_t images = n->count.images_done + n->count.images_present;
    hop_buf_addf(out, "releases %zu/%zu  images %zu/%zu  ", n->releases_done,
                 n->releases_total, images, n->count.images_total);
    hop_buf_add_size(out, moved);
    hop_buf_adds(out, " of ");
    hop_buf_add_size(out, n->count.bytes_total);
    if (p->rate.per_second > 0) {
        hop_buf_adds(out, "  ");
        hop_buf_add_size(out, (uint64_t)p->rate.per_second);
        hop_buf_adds(out, "/s");
    }
    if (n->retries)
        hop_buf_addf(out, "  %llu retries", (unsigned long long)n->retries);
    if (n->count.images_failed)
        hop_buf_addf(out, "  %zu failed", n->count.images_failed);
}

static void show_json(const hop_mirror_progress *n)
{
    HOP_AUTO(hop_json) line = hop_json_new_object();
    hop_json_set_string(line, "schema", "oc-hop/progress/v1");
    hop_json_set_string(line, "event", "progress");
    hop_json_set_uint(line, "releases_done", n->releases_done);
    hop_json_set_uint(line, "releases_total", n->releases_total);
    hop_json_set_uint(line, "images_done",
                      n->count.images_done + n->count.images_present);
    hop_json_set_uint(line, "images_total", n->count.images_total);
    hop_json_set_uint(line, "images_failed", n->count.images_failed);
    hop_json_set_uint(line, "bytes_sent", n->bytes_sent);
    hop_json_set_uint(line, "bytes_total", n->count.bytes_total);
    hop_json_set_uint(line, "requests", n->requests);
    hop_json_set_uint(line, "retries", n->retries);
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    hop_json_dump(line, HOP_JSON_COMPACT, &text);
    fprintf(stderr, "%s\n", hop_buf_get(&text));
}

/* It is time to show something. */
static bool is_due(hop_progress *p, uint64_t at)
{
    uint64_t every = p->mode == HOP_PROGRESS_PLAIN ? PLAIN_EVERY_MS : BAR_EVERY_MS;
    if (p->mode == HOP_PROGRESS_NONE || at < p->shown_ms + every)
        return false;
    p->shown_ms = at;
    return true;
}

static void show_line(hop_progress *p, const char *line)
{
    p->line_is_open = p->mode == HOP_PROGRESS_BAR;
    fprintf(stderr, p->line_is_open ? "\r%s\x1b[K" : "%s\n", line);
}

static void show(hop_progress *p, const hop_mirror_progress *n)
{
    HOP_AUTO_VALUE(hop_buf) line = hop_buf_init(HOP_BUF_TEXT);
    add_line(p, n, &line);
    switch (p->mode) {
    case HOP_PROGRESS_NONE:
        return;
    case HOP_PROGRESS_PLAIN:
    case HOP_PROGRESS_BAR:
        show_line(p, hop_buf_get(&line));
        return;
    case HOP_PROGRESS_JSON:
        show_json(n);
        return;
    }
}

void hop_progress_update(hop_progress *p, const hop_mirror_progress *now)
{
    uint64_t at = now_ms();
    hop_rate_update(&p->rate, "sent", at, now->bytes_sent);
    bool has_work = now->releases_total > 0 || now->count.images_total > 0;
    if (has_work && is_due(p, at))
        show(p, now);
}

void hop_progress_bytes(hop_progress *p, const char *what, uint64_t done, uint64_t total)
{
    uint64_t at = now_ms();
    hop_rate_update(&p->rate, what, at, done);
    if (!is_due(p, at))
        return;
    if (p->mode == HOP_PROGRESS_JSON) {
        fprintf(stderr,
                "{\"schema\":\"oc-hop/progress/v1\",\"event\":\"%s\",\"bytes_done\":%llu,"
                "\"bytes_total\":%llu}\n",
                what, (unsigned long long)done, (unsigned long long)total);
        return;
    }
    HOP_AUTO_VALUE(hop_buf) line = hop_buf_init(HOP_BUF_TEXT);
    hop_buf_addf(&line, "%s ", what);
    hop_buf_add_size(&line, done);
    hop_buf_adds(&line, " of ");
    hop_buf_add_size(&line, total);
    if (p->rate.per_second > 0) {
        hop_buf_adds(&line, "  ");
        hop_buf_add_size(&line, (uint64_t)p->rate.per_second);
        hop_buf_addf(&line, "/s  %.0f s to go",
                     total > done ? (double)(total - done) / p->rate.per_second : 0.0);
    }
    show_line(p, hop_buf_get(&line));
}

void hop_progress_answers(hop_progress *p, uint64_t answered, uint64_t asked)
{
    if (!is_due(p, now_ms()))
        return;
    HOP_AUTO_STR line =
        p->mode == HOP_PROGRESS_JSON
            ? hop_sprintf("{\"schema\":\"oc-hop/progress/v1\",\"event\":\"asked\","
                          "\"answered\":%llu,\"asked\":%llu}",
                          (unsigned long long)answered, (unsigned long long)asked)
            : hop_sprintf("asked the registry: %llu of %llu answers",
                          (unsigned long long)answered, (unsigned long long)asked);
    show_line(p, line);
}

void hop_progress_end(hop_progress *p)
{
    if (p->line_is_open)
        fputs("\r\x1b[K", stderr);
    p->line_is_open = false;
}

/* What is worth a line at which level; NULL is silence. */
static const char *label_of(const hop_progress *p, hop_mirror_event_kind kind)
{
    switch (kind) {
    case HOP_EVENT_LOG:
        return p->verbose >= 2 ? "log" : NULL;
    case HOP_EVENT_WARNING:
        return "warning";
    case HOP_EVENT_RETRY:
        return p->verbose >= 1 ? "retry" : NULL;
    case HOP_EVENT_IMAGE:
        return p->verbose >= 1 ? "image" : NULL;
    case HOP_EVENT_RELEASE:
        return p->quiet ? NULL : "";
    case HOP_EVENT_FAILURE: /* the report at the end has them all */
        return p->verbose >= 1 ? "failed" : NULL;
    }
    return NULL;
}

void hop_progress_event(void *progress, const hop_mirror_event *event)
{
    hop_progress *p = progress;
    const char *label = label_of(p, event->kind);
    if (!label)
        return;
    hop_progress_end(p);
    fprintf(stderr, "%s%s", label, *label ? ": " : "");
    hop_report_visible(stderr, event->text);
    fputc('\n', stderr);
}

hop_status hop_progress_run_until(hop_progress *p, hop_mirror *m,
                                  bool (*is_over)(void *user), void *user,
                                  hop_error **err)
{
    bool is_finished = false;
    hop_status s = HOP_OK;
    while (s == HOP_OK && !is_finished && !(is_over && is_over(user))) {
        s = hop_mirror_step(m, STEP_MS, &is_finished, err);
        if (hop_signal_get() && !p->is_stopping) {
            p->is_stopping = true;
            hop_progress_end(p);
            fputs("stopping: what is on its way is finished first; once more stops at "
                  "once\n",
                  stderr);
            hop_mirror_cancel(m, HOP_CANCEL_SOON);
        }
        hop_mirror_progress now = hop_mirror_get_progress(m);
        hop_progress_update(p, &now);
    }
    hop_progress_end(p);
    return s;
}

hop_status hop_progress_run(hop_progress *p, hop_mirror *m, hop_error **err)
{
    return hop_progress_run_until(p, m, NULL, NULL, err);
}
