/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hop_pull.h"

#include "hop_json.h"
#include "mirror_private.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_PULL_CONFIG (8 * HOP_MIB)

/* What is read for one architecture. */
typedef struct pulled_image {
    hop_pulled view;
    const hop_content *content;
    const hop_store *config_store;
    hop_buf config;
    char *source;
} pulled_image;

struct hop_pull {
    hop_task task;
    hop_mirror *mirror;
    hop_ref ref;
    hop_strings archs;
    hop_pull_depth depth;
    hop_origin *origin;
    hop_content *top;
    pulled_image *images;
    size_t image_count;
    enum {
        PULL_TOP,      /* the manifest or list */
        PULL_CHILDREN, /* manifests of a list */
        PULL_CONFIGS,
        PULL_LAYERS,
    } step;
};

static void fail(hop_pull *p, hop_error **error)
{
    HOP_AUTO_STR name = hop_ref_format(&p->ref);
    (void)!hop_error_wrap(error, "read image %s", name);
    hop_cause cause = {.error = hop_steal(error), .digest = p->ref.digest};
    hop_task_fail(&p->task, &cause);
}

/* ---- which images ---- */

static pulled_image *add_image(hop_pull *p, const hop_content *content)
{
    p->images = hop_realloc(p->images, p->image_count + 1, sizeof(*p->images));
    pulled_image *image = &p->images[p->image_count++];
    *image = (pulled_image){.content = content, .config = hop_buf_init(MAX_PULL_CONFIG)};
    return image;
}

static bool is_wanted(const hop_pull *p, const hop_descriptor *d)
{
    const char *arch = d->architecture ? hop_arch_parse(d->architecture) : NULL;
    bool is_linux = d->os && strcmp(d->os, "linux") == 0;
    return is_linux && arch && (p->archs.len == 0 || hop_strings_has(&p->archs, arch));
}

static void choose_children(hop_pull *p)
{
    const hop_manifest *m = &p->top->manifest;
    p->step = PULL_CHILDREN;
    if (m->kind == HOP_MANIFEST_IMAGE) {
        (void)add_image(p, p->top);
        hop_task_arm(&p->task);
        return;
    }
    for (size_t i = 0; i < m->layer_count; i++) {
        if (!is_wanted(p, &m->layers[i]))
            continue;
        hop_content *c = hop_mirror_content(p->mirror, p->origin, &m->layers[i].digest);
        (void)add_image(p, c);
        hop_task_need(&p->task, &c->task, HOP_NEED_SUCCESS);
    }
    hop_error *error = NULL;
    if (p->image_count == 0) {
        HOP_AUTO_VALUE(hop_buf) names = hop_buf_init(HOP_BUF_TEXT);
        for (size_t i = 0; i < p->archs.len; i++)
            hop_buf_addf(&names, "%s%s", i ? ", " : " for ", p->archs.items[i]);
        (void)!hop_error_set(&error, HOP_E_NOT_FOUND,
                             "the list has no linux image that can be used%s",
                             hop_buf_get(&names));
        fail(p, &error);
        return;
    }
    hop_task_arm(&p->task);
}

static void need_configs(hop_pull *p)
{
    hop_error *error = NULL;
    p->step = PULL_CONFIGS;
    for (size_t i = 0; i < p->image_count; i++) {
        pulled_image *image = &p->images[i];
        const hop_manifest *m = &image->content->manifest;
        if (m->kind != HOP_MANIFEST_IMAGE)
            (void)!hop_error_set(&error, HOP_E_PARSE, "%s is a list in a list",
                                 image->content->digest.text);
        else if (m->config.size_bytes > MAX_PULL_CONFIG)
            (void)!hop_error_set(&error, HOP_E_LIMIT, "image config %s: it is too long",
                                 m->config.digest.text);
        if (error) {
            fail(p, &error);
            return;
        }
        hop_store *s = hop_mirror_store(p->mirror, &m->config, image->content);
        image->config_store = s;
        hop_task_need(&p->task, &s->task, HOP_NEED_SUCCESS);
    }
    hop_task_arm(&p->task);
}

static void read_store(const hop_store *s, hop_buf *out)
{
    if (s->data) {
        hop_buf_add(out, s->data, (size_t)s->size_bytes);
        return;
    }
    HOP_AUTO_STR bytes = hop_alloc((size_t)s->size_bytes + 1, 1);
    hop_buf_add(out, bytes, hop_spool_read(s->spool, 0, bytes, (size_t)s->size_bytes));
}

/* The config decides which architecture an image is for: of an image that is in no list
 * nothing else says it. */
static hop_status read_config(hop_pull *p, pulled_image *image, hop_error **err)
{
    HOP_AUTO(hop_json) doc = NULL;
    read_store(image->config_store, &image->config);
    hop_status s = hop_json_parse(hop_buf_get(&image->config), image->config.len,
                                  "image config", &doc, err);
    if (s != HOP_OK)
        return s;
    hop_json_view root = hop_json_root(doc, "image config");
    const char *text = NULL;
    s = hop_json_get_string(&root, "architecture", &text, err);
    const char *arch = s == HOP_OK ? hop_arch_parse(text) : NULL;
    if (s == HOP_OK && !arch)
        s = hop_json_error(&root, err, "architecture \"%.60s\" is unknown here", text);
    if (s == HOP_OK && p->archs.len > 0 && !hop_strings_has(&p->archs, arch))
        s = hop_error_set(err, HOP_E_NOT_FOUND, "it is for %s alone", arch);
    if (s != HOP_OK)
        return s;
    hop_ref ref = p->ref;
    ref.tag = NULL;
    ref.digest = image->content->digest;
    image->source = hop_ref_format(&ref);
    image->view = (hop_pulled){.arch = arch,
                               .source = image->source,
                               .manifest = hop_buf_get(&image->content->body),
                               .manifest_len = image->content->body.len,
                               .config = hop_buf_get(&image->config),
                               .config_len = image->config.len};
    return HOP_OK;
}

static void need_layers(hop_pull *p)
{
    hop_error *error = NULL;
    p->step = PULL_LAYERS;
    for (size_t i = 0; i < p->image_count; i++) {
        if (read_config(p, &p->images[i], &error) != HOP_OK) {
            fail(p, &error);
            return;
        }
        const hop_content *c = p->images[i].content;
        for (size_t k = 0; p->depth == HOP_PULL_LAYERS && k < c->manifest.layer_count;
             k++) {
            const hop_descriptor *d = &c->manifest.layers[k];
            hop_store *s = d->is_foreign ? NULL : hop_mirror_store(p->mirror, d, c);
            if (s)
                hop_task_need(&p->task, &s->task, HOP_NEED_SUCCESS);
        }
    }
    hop_task_arm(&p->task);
}

static void run_pull(hop_task *task)
{
    hop_pull *p = (hop_pull *)task;
    hop_error *error = NULL;
    if (task->bad) {
        error = hop_error_clone(task->bad->cause.error);
        fail(p, &error);
        return;
    }
    switch (p->step) {
    case PULL_TOP:
        if (p->top->is_absent) {
            (void)!hop_error_set(&error, HOP_E_NOT_FOUND, "there is no tag %s",
                                 p->top->tag);
            fail(p, &error);
            break;
        }
        choose_children(p);
        break;
    case PULL_CHILDREN:
        need_configs(p);
        break;
    case PULL_CONFIGS:
        need_layers(p);
        break;
    case PULL_LAYERS:
        hop_task_succeed(task);
        break;
    }
}

hop_status hop_mirror_pull(hop_mirror *m, const hop_pull_opts *opts, hop_pull **out,
                           hop_error **err)
{
    HOP_AUTO_VALUE(hop_ref) ref = {0};
    if (hop_ref_parse(opts->image, &ref, err) != HOP_OK)
        return hop_error_wrap(err, "image \"%s\"", opts->image);
    hop_pull *p = hop_alloc(1, sizeof(*p));
    p->mirror = m;
    p->depth = opts->depth;
    p->ref = ref;
    ref = (hop_ref){0};
    for (size_t i = 0; opts->archs && i < opts->archs->len; i++)
        hop_strings_add(&p->archs, opts->archs->items[i]);
    p->task.run = run_pull;
    p->origin = hop_mirror_origin(m, &p->ref);
    const char *tag = p->ref.tag ? p->ref.tag : "latest";
    p->top = p->ref.digest.text[0]
                 ? hop_mirror_content(m, p->origin, &p->ref.digest)
                 : hop_mirror_content_by_tag(m, p->origin, tag, HOP_URGENCY_HIGH);
    hop_pointers_add(&m->pulls, p);
    hop_task_need(&p->task, &p->top->task, HOP_NEED_SUCCESS);
    hop_task_arm(&p->task);
    *out = p;
    return HOP_OK;
}

/* ---- what was read ---- */

bool hop_pull_is_over(const hop_pull *p)
{
    return p->task.state != HOP_TASK_OPEN;
}

hop_status hop_pull_check(const hop_pull *p, hop_error **err)
{
    if (p->task.state == HOP_TASK_DONE)
        return HOP_OK;
    if (p->task.state == HOP_TASK_FAILED) {
        *err = hop_error_clone(p->task.cause.error);
        return hop_error_get_status(*err);
    }
    return hop_error_set(err, HOP_E_CANCELLED, "read image: not finished");
}

size_t hop_pull_count(const hop_pull *p)
{
    return p->task.state == HOP_TASK_DONE ? p->image_count : 0;
}

const hop_pulled *hop_pull_get(const hop_pull *p, size_t index)
{
    return &p->images[index].view;
}

const hop_digest *hop_pull_get_digest(const hop_pull *p)
{
    return &p->top->digest;
}

hop_status hop_pull_open_layer(const hop_pull *p, const hop_digest *digest, int *fd,
                               hop_error **err)
{
    const hop_store *s = hop_mirror_find_store(p->mirror, digest);
    if (!s || s->task.state != HOP_TASK_DONE || !s->spool)
        return hop_error_set(err, HOP_E_NOT_FOUND, "layer %s was not read", digest->text);
    HOP_AUTO_FD copy = fcntl(hop_spool_get_fd(s->spool), F_DUPFD_CLOEXEC, 0);
    if (copy < 0 || lseek(copy, 0, SEEK_SET) != 0)
        return hop_error_set(err, HOP_E_IO, "open layer %s", digest->text);
    *fd = copy;
    copy = -1;
    return HOP_OK;
}

void hop_pull_free(hop_pull *p)
{
    hop_task_clear(&p->task);
    for (size_t i = 0; i < p->image_count; i++) {
        hop_buf_clear(&p->images[i].config);
        free(p->images[i].source);
    }
    free(p->images);
    hop_ref_clear(&p->ref);
    hop_strings_clear(&p->archs);
    free(p);
}
