/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hop_file.h"
#include "mirror_private.h"
#include "names.h"
#include "preflight.h"
#include "registries_conf.h"
#include "release.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_REPOSITORY "ocp4/openshift4"
#define DEFAULT_RELEASE_REPOSITORY "ocp4/openshift4-release-images"
#define DEFAULT_JOBS 16
#define MAX_JOBS 64
#define DEFAULT_ATTEMPTS 10
#define DEFAULT_STALL_S 60
#define MAX_IDMS (16 * HOP_MIB)
#define MAX_REGISTRIES_CONF (4 * HOP_MIB)

/* ---- options ---- */

static hop_status load_mirror_sets(hop_mirror *m, const hop_strings *files,
                                   hop_error **err)
{
    m->set = hop_mirror_set_new();
    for (size_t i = 0; files && i < files->len; i++) {
        HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(MAX_IDMS);
        hop_status s = hop_file_read(files->items[i], &text, err);
        if (s == HOP_OK)
            s = hop_mirror_set_add_file(m->set, files->items[i], hop_buf_get(&text),
                                        text.len, err);
        if (s != HOP_OK)
            return s;
    }
    return HOP_OK;
}

static hop_status load_registries(hop_mirror *m, const hop_strings *files,
                                  hop_error **err)
{
    m->registries = hop_mirror_set_new();
    for (size_t i = 0; files && i < files->len; i++) {
        HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(MAX_REGISTRIES_CONF);
        hop_status s = hop_file_read(files->items[i], &text, err);
        if (s == HOP_OK)
            s = hop_registries_conf_add(m->registries, files->items[i],
                                        hop_buf_get(&text), text.len, err);
        if (s != HOP_OK)
            return s;
    }
    hop_mirror_set_get_insecure(m->registries, &m->source.insecure_hosts);
    return HOP_OK;
}

static hop_status check_options(const hop_mirror_opts *o, hop_error **err)
{
    if (!o->directory && (!o->host || !hop_host_is_valid(o->host)))
        return hop_error_set(err, HOP_E_USAGE, "destination \"%s\": expected HOST[:PORT]",
                             o->host ? o->host : "");
    const char *names[] = {o->repository, o->release_repository};
    for (size_t i = 0; i < HOP_COUNT_OF(names); i++)
        if (names[i] && !hop_repository_is_valid(names[i]))
            return hop_error_set(err, HOP_E_USAGE,
                                 "repository \"%s\": expected lower-case path components",
                                 names[i]);
    if (o->jobs > MAX_JOBS)
        return hop_error_set(err, HOP_E_USAGE, "%u jobs: at most %d make sense", o->jobs,
                             MAX_JOBS);
    return HOP_OK;
}

static unsigned or_default(unsigned value, unsigned fallback)
{
    return value ? value : fallback;
}

hop_status hop_mirror_new(const hop_mirror_opts *opts, hop_mirror **out, hop_error **err)
{
    hop_status s = check_options(opts, err);
    if (s != HOP_OK)
        return s;
    HOP_AUTO(hop_mirror) m = hop_alloc(1, sizeof(*m));
    m->opts = *opts;
    m->host =
        opts->directory ? hop_sprintf("dir:%s", opts->directory) : hop_strdup(opts->host);
    m->media = opts->media;
    m->disk = opts->from_disk;
    m->tmp_dir = hop_strdup(opts->tmp_dir ? opts->tmp_dir : "/tmp");
    m->mode = opts->mode;
    m->payload_depth = opts->payload_depth;
    s = hop_side_state_load(HOP_SIDE_SOURCE, &opts->source, &m->source, err);
    if (s == HOP_OK)
        s = hop_side_state_load(HOP_SIDE_DESTINATION, &opts->destination, &m->destination,
                                err);
    if (s == HOP_OK)
        s = load_mirror_sets(m, opts->idms_files, err);
    if (s == HOP_OK && opts->sigstore_key)
        s = hop_sigstore_key_new(opts->sigstore_key, strlen(opts->sigstore_key),
                                 &m->sigstore_key, err);
    if (s == HOP_OK)
        s = load_registries(m, opts->registries_conf, err);
    if (s != HOP_OK)
        return s;
    m->engine = hop_engine_new(&(hop_engine_opts){
        .jobs = or_default(opts->jobs, DEFAULT_JOBS),
        .attempts = or_default(opts->attempts, DEFAULT_ATTEMPTS),
        .stall_s = or_default(opts->stall_s, DEFAULT_STALL_S),
        .outage_s = opts->outage_s,
        .seed = opts->seed,
        .event = opts->event,
        .user = opts->user,
    });
    m->at = hop_engine_get_endpoint(m->engine, &m->destination, m->host);
    m->components = hop_mirror_repository(m, opts->repository ? opts->repository
                                                              : DEFAULT_REPOSITORY);
    m->payloads =
        hop_mirror_repository(m, opts->release_repository ? opts->release_repository
                                                          : DEFAULT_RELEASE_REPOSITORY);
    *out = hop_steal(&m);
    return HOP_OK;
}

/* ---- what is to be mirrored ---- */

hop_status hop_mirror_add_release(hop_mirror *m, const hop_mirror_release *release,
                                  hop_error **err)
{
    HOP_AUTO_VALUE(hop_ref) ref = {0};
    hop_status s = hop_ref_parse(release->payload, &ref, err);
    if (s != HOP_OK)
        return hop_error_wrap(err, "payload of release %s", release->version);
    const char *arch = hop_arch_parse(release->arch);
    HOP_AUTO_STR tag = arch ? hop_name_payload_tag(release->version, arch) : NULL;
    if (!tag)
        return hop_error_set(err, HOP_E_USAGE,
                             "release \"%s\" for \"%s\" cannot be named in a tag",
                             release->version, release->arch);
    if (ref.digest.text[0] == '\0')
        return hop_error_set(err, HOP_E_USAGE,
                             "payload %s of release %s is not pinned by a digest",
                             release->payload, release->version);
    hop_release *r = hop_alloc(1, sizeof(*r));
    r->mirror = m;
    r->index = m->releases.len;
    r->version = hop_strdup(release->version);
    r->arch = arch;
    r->components = release->components;
    r->gives_client = release->gives_client;
    free(hop_steal(&ref.tag));
    r->payload_text = hop_ref_format(&ref);
    r->payload = ref;
    ref = (hop_ref){0};
    r->destination = hop_sprintf("%s/%s:%s", m->host, m->payloads->name, tag);
    hop_pointers_add(&m->releases, r);
    return HOP_OK;
}

const hop_release_info *hop_mirror_get_info(const hop_mirror *m, size_t release,
                                            bool *is_over)
{
    const hop_release *r = m->releases.items[release];
    *is_over = r->read.state != HOP_TASK_OPEN;
    return r->read.state == HOP_TASK_DONE && r->has_info ? &r->info : NULL;
}

hop_status hop_mirror_add_place(hop_mirror *m, const hop_ref *source, const char *place,
                                hop_error **err)
{
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    hop_buf_addf(&text,
                 "apiVersion: config.openshift.io/v1\nkind: ImageDigestMirrorSet\n"
                 "spec:\n  imageDigestMirrors:\n  - source: %s/%s\n    mirrors: [%s]\n",
                 source->host, source->repository, place);
    return hop_mirror_set_add_file(m->set, place, hop_buf_get(&text), text.len, err);
}

/* Says where the blobs are that an image in memory names and does not bring. */
static hop_status set_origin(hop_mirror *m, const hop_image_bytes *image,
                             const char *from, hop_content *content, hop_error **err)
{
    HOP_AUTO_VALUE(hop_ref) ref = {0};
    hop_status s = hop_ref_parse(from, &ref, err);
    if (s != HOP_OK)
        return hop_error_wrap(err, "base of %s", image->name);
    content->origin = hop_mirror_origin(m, &ref);
    content->place = content->origin->current;
    free(content->near_repository);
    content->near_repository = hop_strdup(image->near_repository);
    return HOP_OK;
}

static hop_status add_blobs(hop_mirror *m, const hop_image_bytes *image, hop_error **err)
{
    hop_status s = HOP_OK;
    for (size_t i = 0; s == HOP_OK && i < image->blob_count; i++) {
        const struct hop_bytes *b = &image->blobs[i];
        if (b->data)
            hop_mirror_store_bytes(m, b->data, b->len);
        else
            s = hop_mirror_store_file(m, b->digest, b->path, b->len, err);
    }
    return s;
}

static hop_content *add_manifests(hop_mirror *m, const hop_image_bytes *image,
                                  hop_error **err)
{
    hop_content *top = NULL;
    for (size_t i = 0; i < image->manifest_count; i++) {
        const struct hop_bytes *b = &image->manifests[i];
        top = hop_mirror_content_bytes(m, b->media_type, b->data, b->len, err);
        if (!top || (b->from && set_origin(m, image, b->from, top, err) != HOP_OK))
            return NULL;
    }
    return top;
}

hop_status hop_mirror_add_image(hop_mirror *m, const hop_image_bytes *image,
                                hop_error **err)
{
    if (!hop_repository_is_valid(image->repository) || image->tags->len == 0 ||
        image->manifest_count == 0)
        return hop_error_set(err, HOP_E_USAGE,
                             "image %s for \"%s\" needs a repository, a tag and a "
                             "manifest",
                             image->name, image->repository);
    for (size_t i = 0; i < image->tags->len; i++)
        if (!hop_tag_is_valid(image->tags->items[i]))
            return hop_error_set(err, HOP_E_USAGE, "\"%s\" is no tag",
                                 image->tags->items[i]);
    const hop_content *top = add_manifests(m, image, err);
    if (!top)
        return hop_error_get_status(*err);
    hop_status s = add_blobs(m, image, err);
    if (s != HOP_OK)
        return s;
    HOP_AUTO_STR source = hop_sprintf("%s@%s", image->name, top->digest.text);
    for (size_t i = 0; i < image->tags->len; i++) {
        hop_image_spec spec = {
            .release = HOP_NO_RELEASE,
            .role = HOP_ROLE_BYTES,
            .name = image->name,
            .source = source,
            .repository = hop_mirror_repository(m, image->repository),
            .tag = image->tags->items[i],
            .content = (hop_content *)(uintptr_t)top,
            .digest = &top->digest,
        };
        hop_mirror_image(m, &spec);
    }
    return HOP_OK;
}

/* ---- running ---- */

static void run_nothing(hop_task *task)
{
    hop_task_succeed(task);
}

static void run_start(hop_task *task)
{
    hop_mirror *m = (hop_mirror *)(void *)((char *)task - offsetof(hop_mirror, start));
    if (task->bad) {
        hop_task_fail_like(task, task->bad);
        return;
    }
    for (size_t i = 0; i < m->releases.len; i++)
        hop_mirror_start_release(m->releases.items[i]);
    m->all_read.run = run_nothing;
    for (size_t i = 0; i < m->releases.len; i++) {
        hop_release *r = m->releases.items[i];
        hop_task_need(&m->all_read, &r->read, HOP_NEED_END);
    }
    hop_mirror_check_sources(m);
    hop_task_arm(&m->all_read);
    hop_task_succeed(task);
}

static void start(hop_mirror *m)
{
    m->is_started = true;
    m->start.run = run_start;
    hop_task_need(&m->start, &m->ready, HOP_NEED_SUCCESS);
    hop_task_arm(&m->start);
    hop_mirror_preflight(m);
}

/* What ended the run is told when all that was under way has stopped. */
static hop_status tell_fatal(hop_mirror *m, hop_error **err)
{
    if (!m->fatal || hop_engine_is_busy(m->engine))
        return HOP_OK;
    *err = hop_steal(&m->fatal);
    return hop_error_get_status(*err);
}

hop_status hop_mirror_step(hop_mirror *m, int timeout_ms, bool *finished, hop_error **err)
{
    hop_status s = HOP_OK;
    if (!m->is_started)
        start(m);
    if (hop_engine_is_busy(m->engine))
        hop_engine_step(m->engine, timeout_ms);
    bool is_idle = !hop_engine_is_busy(m->engine);
    if (is_idle && m->media && m->space.state == HOP_TASK_OPEN)
        s = hop_media_begin_blobs(m, err);
    if (s == HOP_OK && is_idle && m->waiting.len > 0)
        s = hop_disk_change(m, err);
    if (s == HOP_OK)
        s = tell_fatal(m, err);
    *finished = !hop_engine_is_busy(m->engine) && m->waiting.len == 0;
    return s;
}

void hop_mirror_cancel(hop_mirror *m, hop_cancel how)
{
    m->is_cancelled = true;
    hop_engine_cancel(m->engine, how);
}

/* ---- the end ---- */

static void free_origin(void *p)
{
    hop_origin *o = p;
    free(o->name);
    hop_strings_clear(&o->places);
    hop_task_clear(&o->scouting.task);
    hop_cause_clear(&o->scouting.cause);
    free(o->scouting.held.items);
    free(o);
}

static void free_content(void *p)
{
    hop_content *c = p;
    hop_task_clear(&c->task);
    hop_cause_clear(&c->refusal);
    hop_job_clear(&c->job);
    hop_manifest_clear(&c->manifest);
    hop_buf_clear(&c->body);
    free(c->tag);
    free(c->repository);
    free(c->near_repository);
    free(c);
}

static void free_store(void *p)
{
    hop_store *s = p;
    hop_task_clear(&s->task);
    hop_job_clear(&s->job);
    hop_spool_free(s->spool);
    free(s->data);
    free(s->repository);
    free(s);
}

static void free_repository(void *p)
{
    hop_repository *r = p;
    hop_task_clear(&r->task);
    hop_job_clear(&r->job);
    hop_table_clear(&r->tags);
    free(r->name);
    free(r->path);
    free(r);
}

static void free_blob(void *p)
{
    hop_blob *b = p;
    hop_task_clear(&b->task);
    hop_job_clear(&b->job);
    hop_media_blob_free(b->media);
    free(b->place_repository);
    free(b);
}

static void free_holding(void *p)
{
    hop_holding *h = p;
    hop_task_clear(&h->task);
    hop_job_clear(&h->job);
    free(h);
}

static void free_image(void *p)
{
    hop_image *image = p;
    hop_task_clear(&image->task);
    hop_job_clear(&image->job);
    free(image->name);
    free(image->source);
    free(image->destination);
    free(image->tag);
    free(image);
}

static void free_proof(void *p)
{
    hop_proof *proof = p;
    hop_task_clear(&proof->task);
    free(proof);
}

static void free_signature(void *p)
{
    hop_signature *s = p;
    hop_task_clear(&s->task);
    free(s);
}

static void free_release(void *p)
{
    hop_release *r = p;
    hop_task_clear(&r->read);
    hop_task_clear(&r->parts);
    hop_task_clear(&r->task);
    hop_payload_free(r->reader);
    hop_release_info_clear(&r->info);
    hop_ref_clear(&r->payload);
    free(r->component_images.items);
    free(r->version);
    free(r->payload_text);
    free(r->destination);
    free(r);
}

static void free_pull(void *p)
{
    hop_pull_free(p);
}

static void free_failed(void *p)
{
    hop_failed *f = p;
    hop_cause_clear(&f->cause);
    free(f->name);
    free(f);
}

static void free_all(hop_pointers *list, void (*free_one)(void *))
{
    for (size_t i = 0; i < list->len; i++)
        free_one(list->items[i]);
    free(list->items);
}

void hop_mirror_free(hop_mirror *m)
{
    if (!m)
        return;
    if (m->engine) {
        /* Jobs that are on their way hold on to memory of their own: give it back. */
        hop_engine_abandon(m->engine);
        hop_engine_free(m->engine);
    }
    free_all(&m->pulls, free_pull);
    free_all(&m->releases, free_release);
    free_all(&m->signatures, free_signature);
    free_all(&m->proofs, free_proof);
    free_all(&m->images, free_image);
    free_all(&m->holdings, free_holding);
    free_all(&m->blobs, free_blob);
    free_all(&m->stores, free_store);
    free_all(&m->contents, free_content);
    free_all(&m->repositories, free_repository);
    free_all(&m->origins, free_origin);
    free_all(&m->failures, free_failed);
    free_all(&m->checks, hop_check_free);
    free(m->waiting.items);
    hop_task_clear(&m->ready);
    hop_task_clear(&m->start);
    hop_task_clear(&m->all_read);
    hop_task_clear(&m->sources);
    hop_task_clear(&m->space);
    hop_error_free(m->fatal);
    hop_table_clear(&m->known);
    hop_mirror_set_free(m->set);
    hop_sigstore_key_free(m->sigstore_key);
    hop_mirror_set_free(m->registries);
    hop_side_state_clear(&m->source);
    hop_side_state_clear(&m->destination);
    free(m->release_reports);
    free(m->image_reports);
    free(m->failure_reports);
    free(m->host);
    free(m->tmp_dir);
    free(m);
}
