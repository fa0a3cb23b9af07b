/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The floor of a copy: libcurl's multi interface alone moves every blob of a list once,
 * GET piped into PUT, N at a time, the largest first. It asks nothing, and unless told to
 * --check hashes nothing: a copier that is as fast wastes no time. Manifests can be in
 * lists, too: each is read once, and put under each of its references.
 *
 *     hop-bench-floor --source URL --destination URL --repository REPO [--jobs N]
 *         [--ca FILE] [--check] LIST…
 *
 * URL is http(s)://HOST:PORT; a line of LIST is "REPO DIGEST SIZE" for a blob, and
 * "REPO DIGEST SIZE TYPE REFERENCE…" for a manifest. A list begins when all of the one
 * before it is done, so that nothing is pushed before what it names. */
#include "hop_oci.h"
#include "hop_own.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RING ((size_t)256 << 10)
#define LOCATION_MAX 4096

#define REFERENCES_MAX 8

typedef struct item {
    char *repository;
    char *digest;
    curl_off_t size;
    char *type; /* of a manifest; NULL for a blob */
    char *references[REFERENCES_MAX];
    size_t reference_count;
} item;

typedef struct options {
    const char *source, *destination, *repository, *ca;
    unsigned long jobs;
    bool is_checking;
} options;

typedef enum stage { STAGE_OPEN, STAGE_COPY, STAGE_MANIFEST } stage;

typedef struct worker {
    const options *options;
    CURLM *multi;
    CURL *down, *up;
    const item *item;
    stage stage;
    size_t references_done;
    unsigned under_way;
    char location[LOCATION_MAX];
    struct curl_slist *headers;
    char ring[RING];
    size_t first, held;
    bool down_waits, up_waits;
    hop_hash *hash; /* of what came; NULL without --check */
} worker;

static void die(const char *what, const char *why)
{
    fprintf(stderr, "hop-bench-floor: %s: %s\n", what, why);
    exit(1);
}

/* ---- bytes ---- */

static size_t on_data(char *data, size_t size, size_t count, void *user)
{
    worker *w = user;
    size_t len = size * count;
    if (RING - w->held < len) {
        w->down_waits = true;
        return CURL_WRITEFUNC_PAUSE;
    }
    size_t at = (w->first + w->held) % RING;
    size_t part = len < RING - at ? len : RING - at;
    memcpy(w->ring + at, data, part);
    memcpy(w->ring, data + part, len - part);
    w->held += len;
    if (w->hash)
        hop_hash_update(w->hash, data, len);
    return len;
}

static size_t on_need(char *data, size_t size, size_t count, void *user)
{
    worker *w = user;
    size_t len = size * count < w->held ? size * count : w->held;
    if (len > RING - w->first)
        len = RING - w->first;
    if (len == 0) {
        w->up_waits = true;
        return CURL_READFUNC_PAUSE;
    }
    memcpy(data, w->ring + w->first, len);
    w->first = (w->first + len) % RING;
    w->held -= len;
    return len;
}

static size_t on_header(char *data, size_t size, size_t count, void *user)
{
    worker *w = user;
    static const char name[] = "location: ";
    size_t len = size * count;
    if (len > strlen(name) && strncasecmp(data, name, strlen(name)) == 0) {
        size_t value = len - strlen(name);
        while (value > 0 && strchr("\r\n", data[strlen(name) + value - 1]))
            value--;
        if (value >= LOCATION_MAX)
            die("Location", "it is too long");
        memcpy(w->location, data + strlen(name), value);
        w->location[value] = '\0';
    }
    return len;
}

static size_t ignore(char *data, size_t size, size_t count, void *user)
{
    (void)data;
    (void)user;
    return size * count;
}

/* ---- requests ---- */

static void common(worker *w, CURL *e, const char *url)
{
    curl_easy_reset(e);
    curl_easy_setopt(e, CURLOPT_URL, url);
    curl_easy_setopt(e, CURLOPT_PRIVATE, w);
    curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(e, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(e, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(e, CURLOPT_BUFFERSIZE, 65536L);
    curl_easy_setopt(e, CURLOPT_UPLOAD_BUFFERSIZE, 65536L);
    curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, ignore);
    if (w->options->ca)
        curl_easy_setopt(e, CURLOPT_CAINFO, w->options->ca);
}

static void begin(worker *w, CURL *e)
{
    w->under_way++;
    if (curl_multi_add_handle(w->multi, e) != CURLM_OK)
        die("curl_multi_add_handle", "refused");
}

static void open_upload(worker *w)
{
    HOP_AUTO_STR url = hop_sprintf("%s/v2/%s/blobs/uploads/", w->options->destination,
                                   w->options->repository);
    w->stage = STAGE_OPEN;
    common(w, w->up, url);
    curl_easy_setopt(w->up, CURLOPT_POST, 1L);
    curl_easy_setopt(w->up, CURLOPT_POSTFIELDS, "");
    curl_easy_setopt(w->up, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(w->up, CURLOPT_HEADERDATA, w);
    begin(w, w->up);
}

static void copy(worker *w, struct curl_slist *no_expect)
{
    const item *b = w->item;
    HOP_AUTO_STR from =
        hop_sprintf("%s/v2/%s/blobs/%s", w->options->source, b->repository, b->digest);
    HOP_AUTO_STR to = hop_sprintf("%s%cdigest=%s", w->location,
                                  strchr(w->location, '?') ? '&' : '?', b->digest);
    w->stage = STAGE_COPY;
    w->first = w->held = 0;
    w->down_waits = w->up_waits = false;
    common(w, w->up, to);
    curl_easy_setopt(w->up, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(w->up, CURLOPT_READFUNCTION, on_need);
    curl_easy_setopt(w->up, CURLOPT_READDATA, w);
    curl_easy_setopt(w->up, CURLOPT_INFILESIZE_LARGE, b->size);
    curl_easy_setopt(w->up, CURLOPT_HTTPHEADER, no_expect);
    begin(w, w->up);
    common(w, w->down, from);
    curl_easy_setopt(w->down, CURLOPT_WRITEFUNCTION, on_data);
    curl_easy_setopt(w->down, CURLOPT_WRITEDATA, w);
    begin(w, w->down);
}

static void read_manifest(worker *w)
{
    const item *m = w->item;
    HOP_AUTO_STR from = hop_sprintf("%s/v2/%s/manifests/%s", w->options->source,
                                    m->repository, m->digest);
    HOP_AUTO_STR accept = hop_sprintf("Accept: %s", m->type);
    if ((size_t)m->size > RING)
        die(m->digest, "it is too long for a manifest");
    curl_slist_free_all(w->headers);
    w->headers = curl_slist_append(NULL, accept);
    w->stage = STAGE_MANIFEST;
    w->first = w->held = w->references_done = 0;
    common(w, w->down, from);
    curl_easy_setopt(w->down, CURLOPT_HTTPHEADER, w->headers);
    curl_easy_setopt(w->down, CURLOPT_WRITEFUNCTION, on_data);
    curl_easy_setopt(w->down, CURLOPT_WRITEDATA, w);
    begin(w, w->down);
}

/* Puts the manifest, which the ring holds, under the next reference. */
static void put_manifest(worker *w)
{
    const item *m = w->item;
    HOP_AUTO_STR to =
        hop_sprintf("%s/v2/%s/manifests/%s", w->options->destination,
                    w->options->repository, m->references[w->references_done++]);
    HOP_AUTO_STR type = hop_sprintf("Content-Type: %s", m->type);
    curl_slist_free_all(w->headers);
    w->headers = curl_slist_append(curl_slist_append(NULL, "Expect:"), type);
    w->first = 0;
    w->held = (size_t)m->size;
    common(w, w->up, to);
    curl_easy_setopt(w->up, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(w->up, CURLOPT_READFUNCTION, on_need);
    curl_easy_setopt(w->up, CURLOPT_READDATA, w);
    curl_easy_setopt(w->up, CURLOPT_INFILESIZE_LARGE, m->size);
    curl_easy_setopt(w->up, CURLOPT_HTTPHEADER, w->headers);
    begin(w, w->up);
}

/* ---- all of them ---- */

typedef struct work {
    item *items;
    size_t len, cap, next;
    struct curl_slist *no_expect;
} work;

static void give(work *all, worker *w)
{
    w->item = all->next < all->len ? &all->items[all->next++] : NULL;
    if (w->item && w->item->type)
        read_manifest(w);
    else if (w->item)
        open_upload(w);
}

static void check(worker *w)
{
    hop_digest got = hop_hash_finish(w->hash);
    if (strcmp(got.text, w->item->digest) != 0)
        die(w->item->digest, "something else came");
    hop_hash_restart(w->hash);
}

static void ended(work *all, CURLMsg *m)
{
    char *private = NULL;
    curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &private);
    worker *w = (worker *)(void *)private;
    if (m->data.result != CURLE_OK)
        die(w->item->digest, curl_easy_strerror(m->data.result));
    if (w->hash && m->easy_handle == w->down)
        check(w);
    curl_multi_remove_handle(w->multi, m->easy_handle);
    if (--w->under_way > 0)
        return;
    if (w->stage == STAGE_OPEN)
        copy(w, all->no_expect);
    else if (w->stage == STAGE_MANIFEST && w->references_done < w->item->reference_count)
        put_manifest(w);
    else
        give(all, w);
}

static bool resume(worker *w)
{
    bool did = false;
    if (w->up_waits && w->held > 0) {
        w->up_waits = false;
        did = true;
        curl_easy_pause(w->up, CURLPAUSE_CONT);
    }
    if (w->down_waits && w->held <= RING / 2) {
        w->down_waits = false;
        did = true;
        curl_easy_pause(w->down, CURLPAUSE_CONT);
    }
    return did;
}

static void run(work *all, worker *workers, unsigned long count, CURLM *multi)
{
    int running = 1;
    for (unsigned long i = 0; i < count; i++)
        give(all, &workers[i]);
    while (running > 0) {
        curl_multi_perform(multi, &running);
        int left = 0;
        CURLMsg *m = NULL;
        bool did = false;
        while ((m = curl_multi_info_read(multi, &left))) {
            ended(all, m);
            did = true;
            running = 1;
        }
        for (unsigned long i = 0; i < count; i++)
            did = resume(&workers[i]) || did;
        if (!did && running > 0)
            curl_multi_poll(multi, NULL, 0, 1000, NULL);
    }
}

static int larger_first(const void *a, const void *b)
{
    curl_off_t x = ((const item *)a)->size, y = ((const item *)b)->size;
    return (x < y) - (x > y);
}

/* Cuts the next word off *rest; NULL when there is none. */
static char *word(char **rest)
{
    char *at = *rest + strspn(*rest, " \n");
    size_t len = strcspn(at, " \n");
    *rest = at + len;
    return len > 0 ? hop_strndup(at, len) : NULL;
}

static item read_item(const char *path, char *line)
{
    char *rest = line;
    item it = {.repository = word(&rest)};
    it.digest = word(&rest);
    HOP_AUTO_STR size = word(&rest);
    if (!size)
        die(path, "a line is not REPO DIGEST SIZE [TYPE REFERENCE…]");
    it.size = strtoll(size, NULL, 10);
    it.type = word(&rest);
    char *reference = NULL;
    while ((reference = word(&rest))) {
        if (it.reference_count == REFERENCES_MAX)
            die(path, "a manifest has too many references");
        it.references[it.reference_count++] = reference;
    }
    return it;
}

static void read_list(const char *path, work *all)
{
    FILE *f = fopen(path, "r");
    HOP_AUTO_STR line = NULL;
    size_t cap = 0;
    if (!f)
        die(path, "cannot be read");
    while (getline(&line, &cap, f) > 0) {
        all->items = hop_grow(all->items, all->len, &all->cap, sizeof(*all->items));
        all->items[all->len++] = read_item(path, line);
    }
    fclose(f);
    qsort(all->items, all->len, sizeof(*all->items), larger_first);
}

static void forget_list(work *all)
{
    for (size_t i = 0; i < all->len; i++) {
        free(all->items[i].repository);
        free(all->items[i].digest);
        free(all->items[i].type);
        for (size_t j = 0; j < all->items[i].reference_count; j++)
            free(all->items[i].references[j]);
    }
    free(all->items);
    *all = (work){.no_expect = all->no_expect};
}

/* Returns the index of the first list; 0 when the command line is not understood. */
static int read_options(int argc, char **argv, options *o)
{
    const struct {
        const char *name;
        const char **value;
    } texts[] = {{"--source", &o->source},
                 {"--destination", &o->destination},
                 {"--repository", &o->repository},
                 {"--ca", &o->ca}};
    int i = 1;
    for (; i + 1 < argc && strncmp(argv[i], "--", 2) == 0; i += 2) {
        if (strcmp(argv[i], "--check") == 0) {
            o->is_checking = true;
            i--;
            continue;
        }
        if (strcmp(argv[i], "--jobs") == 0)
            o->jobs = strtoul(argv[i + 1], NULL, 10);
        for (size_t j = 0; j < HOP_COUNT_OF(texts); j++)
            if (strcmp(argv[i], texts[j].name) == 0)
                *texts[j].value = argv[i + 1];
    }
    bool all = o->source && o->destination && o->repository && o->jobs > 0;
    return all && i < argc ? i : 0;
}

int main(int argc, char **argv)
{
    options o = {.jobs = 16};
    int lists = read_options(argc, argv, &o);
    if (lists == 0) {
        fputs("Usage: hop-bench-floor --source URL --destination URL --repository REPO "
              "[--jobs N] [--ca FILE] [--check] LIST...\n",
              stderr);
        return 2;
    }
    curl_global_init(CURL_GLOBAL_DEFAULT);
    CURLM *multi = curl_multi_init();
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, 128L);
    work all = {.no_expect = curl_slist_append(NULL, "Expect:")};
    worker *workers = hop_alloc(o.jobs, sizeof(*workers));
    for (unsigned long i = 0; i < o.jobs; i++) {
        workers[i].options = &o;
        workers[i].multi = multi;
        workers[i].down = curl_easy_init();
        workers[i].up = curl_easy_init();
        workers[i].hash = o.is_checking ? hop_hash_new() : NULL;
    }
    bool done = true;
    for (int i = lists; i < argc; i++) {
        read_list(argv[i], &all);
        run(&all, workers, o.jobs, multi);
        done = done && all.next == all.len;
        forget_list(&all);
    }
    for (unsigned long i = 0; i < o.jobs; i++) {
        curl_easy_cleanup(workers[i].down);
        curl_easy_cleanup(workers[i].up);
        curl_slist_free_all(workers[i].headers);
        hop_hash_free(workers[i].hash);
    }
    curl_multi_cleanup(multi);
    curl_slist_free_all(all.no_expect);
    free(workers);
    return done ? 0 : 1;
}
