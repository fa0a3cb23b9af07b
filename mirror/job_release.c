/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hop_json.h"
#include "mirror_private.h"
#include "names.h"
#include "release.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static hop_release *release_of_read(hop_task *task)
{
    return (hop_release *)task; /* the first member */
}

static hop_release *release_of_parts(hop_task *task)
{
    return (hop_release *)(void *)((char *)task - offsetof(hop_release, parts));
}

static hop_release *release_of_task(hop_task *task)
{
    return (hop_release *)(void *)((char *)task - offsetof(hop_release, task));
}

/* ---- reading: nothing is copied before the payload is what was asked for ---- */

static void fail_read(hop_release *r, hop_error **error)
{
    (void)!hop_error_wrap(error, "read payload %s of release %s", r->payload_text,
                          r->version);
    hop_cause cause = {.error = hop_steal(error), .digest = r->payload.digest};
    hop_task_fail(&r->read, &cause);
}

static void fail_read_like(hop_release *r, const hop_task *other)
{
    hop_cause cause = other->cause;
    cause.error = hop_error_clone(other->cause.error);
    cause.url = hop_strdup(other->cause.url);
    (void)!hop_error_wrap(&cause.error, "read payload %s of release %s", r->payload_text,
                          r->version);
    hop_task_fail(&r->read, &cause);
}

static hop_status mismatch(const hop_release *r, const char *what, hop_error **err)
{
    return hop_error_set(err, HOP_E_DIGEST, "it is %s, not release %s for %s", what,
                         r->version, r->arch);
}

static const hop_descriptor *choose_child(const hop_manifest *list)
{
    for (size_t i = 0; i < list->layer_count; i++) {
        const hop_descriptor *d = &list->layers[i];
        if (d->os && d->architecture && strcmp(d->os, "linux") == 0 &&
            strcmp(d->architecture, "amd64") == 0)
            return d;
    }
    return list->layer_count > 0 ? &list->layers[0] : NULL;
}

static void need_store(hop_release *r, const hop_descriptor *d)
{
    r->store = hop_mirror_store(r->mirror, d, r->image);
    hop_task_need(&r->read, &r->store->task, HOP_NEED_SUCCESS);
    hop_task_arm(&r->read);
}

static void read_top(hop_release *r)
{
    const hop_manifest *m = &r->content->manifest;
    bool wants_list = strcmp(r->arch, "multi") == 0;
    bool is_multi = m->kind == HOP_MANIFEST_LIST && m->layer_count > 1;
    hop_error *error = NULL;
    if (wants_list != is_multi) {
        (void)!mismatch(r,
                        is_multi ? "a list for several architectures"
                                 : "an image for one architecture",
                        &error);
        fail_read(r, &error);
        return;
    }
    r->step = HOP_READ_IMAGE;
    r->image = r->content;
    if (m->kind == HOP_MANIFEST_LIST) {
        const hop_descriptor *child = choose_child(m);
        if (!child) {
            (void)!mismatch(r, "an empty list", &error);
            fail_read(r, &error);
            return;
        }
        r->image = hop_mirror_content(r->mirror, r->origin, &child->digest);
        hop_task_need(&r->read, &r->image->task, HOP_NEED_SUCCESS);
    }
    hop_task_arm(&r->read);
}

#define MAX_CONFIG (8 * HOP_MIB)

static hop_status read_config_text(const hop_store *store, hop_buf *out, hop_error **err)
{
    if (store->size_bytes > MAX_CONFIG)
        return hop_error_set(err, HOP_E_LIMIT, "image config %s: it is too long",
                             store->digest.text);
    HOP_AUTO_STR data = hop_alloc((size_t)store->size_bytes + 1, 1);
    size_t len = hop_spool_read(store->spool, 0, data, (size_t)store->size_bytes);
    *out = hop_buf_init(MAX_CONFIG);
    hop_buf_add(out, data, len);
    return HOP_OK;
}

static hop_status check_config(const hop_release *r, hop_error **err)
{
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(0);
    hop_status s = read_config_text(r->store, &text, err);
    if (s != HOP_OK)
        return s;
    HOP_AUTO(hop_json) doc = NULL;
    s = hop_json_parse(hop_buf_get(&text), text.len, "image config", &doc, err);
    if (s != HOP_OK)
        return s;
    hop_json_view root = hop_json_root(doc, "image config");
    const char *arch = NULL;
    s = hop_json_get_string(&root, "architecture", &arch, err);
    if (s != HOP_OK || strcmp(r->arch, "multi") == 0 || strcmp(arch, r->arch) == 0)
        return s;
    HOP_AUTO_STR what = hop_sprintf("an image for %s", arch);
    return mismatch(r, what, err);
}

static hop_status finish_reading(hop_release *r, hop_error **err)
{
    hop_mirror *m = r->mirror;
    hop_status s = hop_payload_read(r->reader, r->payload_text, &r->info, err);
    if (s != HOP_OK)
        return s;
    r->has_info = true;
    hop_payload_free(hop_steal(&r->reader));
    s = hop_release_info_check(&r->info, r->version, r->arch, err);
    if (s == HOP_OK && m->opts.check)
        s = m->opts.check(m->opts.user, r->index, &r->info, err);
    return s;
}

static bool knows_enough(const hop_release *r)
{
    if (r->layers_left == 0)
        return true;
    return r->mirror->payload_depth == HOP_PAYLOAD_MANIFESTS
               ? hop_payload_has_manifests(r->reader)
               : hop_payload_has_references(r->reader);
}

static void next_layer(hop_release *r)
{
    hop_error *error = NULL;
    if (!knows_enough(r)) {
        r->layers_left--;
        need_store(r, &r->image->manifest.layers[r->layers_left]);
        return;
    }
    if (finish_reading(r, &error) != HOP_OK) {
        fail_read(r, &error);
        return;
    }
    r->step = HOP_READ_PROOF;
    hop_mirror_need_payload_proofs(r);
    hop_task_arm(&r->read);
}

static hop_status take_layer(hop_release *r, hop_error **err)
{
    return hop_payload_add_layer(r->reader, hop_spool_get_fd(r->store->spool),
                                 r->store->size_bytes, err);
}

static void run_read(hop_task *task)
{
    hop_release *r = release_of_read(task);
    hop_error *error = NULL;
    if (task->bad) {
        fail_read_like(r, task->bad);
        return;
    }
    switch (r->step) {
    case HOP_READ_TOP:
        read_top(r);
        break;
    case HOP_READ_IMAGE:
        if (r->image->manifest.kind != HOP_MANIFEST_IMAGE) {
            (void)!mismatch(r, "a list of lists", &error);
            fail_read(r, &error);
            break;
        }
        r->step = HOP_READ_CONFIG;
        need_store(r, &r->image->manifest.config);
        break;
    case HOP_READ_CONFIG:
        if (check_config(r, &error) != HOP_OK) {
            fail_read(r, &error);
            break;
        }
        r->step = HOP_READ_LAYER;
        r->layers_left = r->image->manifest.layer_count;
        next_layer(r);
        break;
    case HOP_READ_LAYER:
        if (take_layer(r, &error) != HOP_OK)
            fail_read(r, &error);
        else
            next_layer(r);
        break;
    case HOP_READ_PROOF:
        if (hop_mirror_check_payload_proofs(r, &error) != HOP_OK)
            fail_read(r, &error);
        else
            hop_task_succeed(&r->read);
        break;
    }
}

/* ---- copying ---- */

static hop_image *add_payload(hop_release *r, hop_repository *repository, const char *tag,
                              hop_task *gate)
{
    hop_image_spec spec = {
        .release = r->index,
        .role = HOP_ROLE_PAYLOAD,
        .name = "payload",
        .source = r->payload_text,
        .repository = repository,
        .tag = tag,
        .origin = r->origin,
        .content = r->content,
        .digest = &r->payload.digest,
        .gate = gate,
    };
    return hop_mirror_image(r->mirror, &spec);
}

static void add_component(hop_release *r, const hop_component *component)
{
    hop_mirror *m = r->mirror;
    HOP_AUTO_STR tag = hop_name_component_tag(r->version, r->arch, component->name);
    HOP_AUTO_STR source = hop_ref_format(&component->image);
    if (!tag) {
        hop_cause cause = {.digest = component->image.digest};
        (void)!hop_error_set(&cause.error, HOP_E_LIMIT,
                             "component %s: its name is too long for a tag",
                             component->name);
        hop_task bad = {.state = HOP_TASK_FAILED, .cause = cause};
        hop_mirror_note_failure(m, r->index, component->name, &cause.digest, &bad);
        r->has_bad_name = true;
        hop_task_clear(&bad);
        return;
    }
    hop_image_spec spec = {
        .release = r->index,
        .role = HOP_ROLE_COMPONENT,
        .name = component->name,
        .source = source,
        .repository = m->components,
        .tag = tag,
        .origin = hop_mirror_origin(m, &component->image),
        .digest = &component->image.digest,
    };
    const hop_image *image = hop_mirror_image(m, &spec);
    hop_pointers_add(&r->component_images, (void *)(uintptr_t)image);
}

static void run_parts(hop_task *task)
{
    hop_release *r = release_of_parts(task);
    if (task->bad) {
        hop_task_fail_like(task, task->bad);
    } else if (r->has_bad_name) {
        hop_cause cause = {.digest = r->payload.digest};
        (void)!hop_error_set(&cause.error, HOP_E_LIMIT,
                             "a component's name is too long for a tag");
        hop_task_fail(task, &cause);
    } else {
        hop_task_succeed(task);
    }
}

static void copy_parts(hop_release *r)
{
    hop_mirror *m = r->mirror;
    for (size_t i = 0;
         r->components == HOP_COMPONENTS_COPY && i < r->info.component_count; i++)
        add_component(r, &r->info.components[i]);
    for (size_t i = 0; i < r->component_images.len; i++) {
        hop_image *image = r->component_images.items[i];
        hop_task_need(&r->parts, &image->task, HOP_NEED_SUCCESS);
    }
    HOP_AUTO_STR tag = hop_name_payload_tag(r->version, r->arch);
    hop_task *gate = &r->parts;
    if (m->components != m->payloads) {
        hop_image *copy = add_payload(r, m->components, tag, gate);
        hop_task_need(&r->task, &copy->task, HOP_NEED_SUCCESS);
        gate = &copy->task;
    }
    hop_image *last = add_payload(r, m->payloads, tag, gate);
    hop_task_need(&r->task, &last->task, HOP_NEED_SUCCESS);
    hop_task_arm(&r->parts);
}

static void end_release(hop_release *r, hop_item_state state)
{
    const hop_engine *e = r->mirror->engine;
    r->state = state;
    if (state != HOP_ITEM_FAILED)
        hop_engine_log(e, HOP_EVENT_RELEASE, "release %s %s is complete", r->version,
                       r->arch);
    else
        hop_engine_log(e, HOP_EVENT_FAILURE, "release %s %s is not complete", r->version,
                       r->arch);
}

static void run_release(hop_task *task)
{
    hop_release *r = release_of_task(task);
    hop_mirror *m = r->mirror;
    if (task->bad) {
        if (task->bad == &r->read)
            hop_mirror_note_failure(m, r->index, "payload", &r->payload.digest,
                                    task->bad);
        end_release(r, HOP_ITEM_FAILED);
        hop_task_fail_like(task, task->bad);
        return;
    }
    if (r->is_copying) {
        end_release(r, r->count.images_done ? HOP_ITEM_DONE : HOP_ITEM_PRESENT);
        hop_task_succeed(task);
        return;
    }
    r->is_copying = true;
    copy_parts(r);
    hop_task_arm(task);
}

void hop_mirror_start_release(hop_release *r)
{
    r->read.run = run_read;
    r->parts.run = run_parts;
    r->task.run = run_release;
    r->reader = hop_payload_new();
    r->origin = hop_mirror_origin(r->mirror, &r->payload);
    r->content = hop_mirror_content(r->mirror, r->origin, &r->payload.digest);
    hop_task_need(&r->read, &r->content->task, HOP_NEED_SUCCESS);
    hop_task_need(&r->task, &r->read, HOP_NEED_SUCCESS);
    hop_task_arm(&r->read);
    hop_task_arm(&r->task);
}
