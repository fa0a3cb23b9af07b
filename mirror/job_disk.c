/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mirror_private.h"

#include <stdlib.h>
#include <string.h>

/* A mirror that reads media. What stands there is hashed before it is used; what is left
 * out there, as the far side has it, is read from the destination. */

bool hop_disk_has(const hop_mirror *m, const hop_digest *digest)
{
    uint64_t size = 0;
    return hop_media_disk_find(m->disk, digest, &size);
}

void hop_disk_resolve(const hop_mirror *m, hop_strings *places)
{
    const hop_repository *all[] = {m->components, m->payloads};
    for (size_t i = 0; i < HOP_COUNT_OF(all); i++) {
        HOP_AUTO_STR place = hop_sprintf("%s/%s", m->host, all[i]->name);
        if (!hop_strings_has(places, place))
            hop_strings_add(places, place);
    }
}

/* ---- manifests ---- */

/* The digest of a sigstore signature, by its tag. */
static const hop_digest *find_signature(const hop_media *media, const char *tag)
{
    for (size_t i = 0; i < media->image_count; i++) {
        const hop_media_image *image = &media->images[i];
        for (size_t k = 0;
             image->role == HOP_MEDIA_SIGNATURE_IMAGE && k < image->destination_count;
             k++)
            if (strcmp(image->destinations[k].tag, tag) == 0)
                return &image->digest;
    }
    return NULL;
}

bool hop_disk_give_content(hop_content *c)
{
    const hop_media_disk *disk = c->mirror->disk;
    if (c->tag) {
        const hop_digest *digest = find_signature(hop_media_disk_get_media(disk), c->tag);
        c->is_absent = digest == NULL;
        if (c->is_absent) {
            hop_task_succeed(&c->task);
            return true;
        }
        c->digest = *digest;
    }
    if (!hop_disk_has(c->mirror, &c->digest))
        return false;
    HOP_AUTO_VALUE(hop_buf) body = hop_buf_init(HOP_MAX_MANIFEST);
    hop_cause cause = {.digest = c->digest};
    if (hop_media_disk_read_blob(disk, &c->digest, &body, &cause.error) == HOP_OK)
        hop_mirror_take_content(c, &body);
    else
        hop_task_fail(&c->task, &cause);
    return true;
}

/* ---- layers of payloads ---- */

static hop_status spool(hop_store *s, hop_error **err)
{
    HOP_AUTO(hop_media_reader) r = NULL;
    HOP_AUTO(hop_hash) h = hop_hash_new_like(&s->digest);
    char chunk[64 * 1024];
    uint64_t at = 0;
    size_t got = 1;
    hop_status status = hop_media_disk_open_blob(s->mirror->disk, &s->digest, &r, err);
    if (status == HOP_OK && hop_media_reader_get_size(r) != s->size_bytes)
        return hop_error_set(
            err, HOP_E_DIGEST, "read blob %s from the media: it has %llu bytes, not %llu",
            s->digest.text, (unsigned long long)hop_media_reader_get_size(r),
            (unsigned long long)s->size_bytes);
    while (status == HOP_OK && got > 0) {
        status = hop_media_reader_read(r, at, chunk, sizeof(chunk), &got, err);
        if (status == HOP_OK)
            status = hop_spool_write(s->spool, at, chunk, got, err);
        hop_hash_update(h, chunk, got);
        at += got;
    }
    if (status != HOP_OK)
        return status;
    hop_digest found = hop_hash_finish(h);
    if (hop_digest_is_equal(&found, &s->digest))
        return HOP_OK;
    return hop_error_set(err, HOP_E_DIGEST,
                         "read blob %s from the media: its bytes have the digest %s",
                         s->digest.text, found.text);
}

bool hop_disk_give_store(hop_store *s)
{
    if (!hop_disk_has(s->mirror, &s->digest))
        return false;
    hop_cause cause = {.digest = s->digest};
    if (spool(s, &cause.error) == HOP_OK) {
        hop_task_succeed(&s->task);
        return true;
    }
    hop_spool_free(hop_steal(&s->spool));
    hop_task_fail(&s->task, &cause);
    return true;
}

/* ---- one volume after the other ---- */

static void fail_cancelled(hop_blob *b)
{
    hop_cause cause = {.digest = b->digest};
    (void)!hop_error_set(&cause.error, HOP_E_CANCELLED, "cancelled");
    hop_task_fail(&b->task, &cause);
}

/* What could not be asked is told when it is pushed. */
static void asked(void *user, hop_job *job)
{
    hop_blob *b = user;
    if (job->outcome == HOP_OUTCOME_PRESENT || job->outcome == HOP_OUTCOME_OK) {
        job->outcome = HOP_OUTCOME_PRESENT;
        hop_mirror_end_blob(b);
        return;
    }
    hop_job_clear(job);
    hop_pointers_add(&b->mirror->waiting, b);
}

bool hop_disk_wait(hop_blob *b)
{
    hop_mirror *m = b->mirror;
    if (!hop_media_disk_must_change(m->disk, &b->digest))
        return false;
    hop_job_clear(&b->job);
    if (b->is_asked || b->effort == HOP_EFFORT_REPAIR) {
        hop_pointers_add(&m->waiting, b);
        return true;
    }
    b->is_asked = true;
    b->job = (hop_job){
        .kind = HOP_JOB_BLOB_HEAD,
        .priority = HOP_PRIORITY_FIND,
        .at = m->at,
        .repository = b->repository->name,
        .digest = b->digest,
        .size_bytes = b->size_bytes,
        .done = asked,
        .user = b,
    };
    hop_engine_submit(m->engine, &b->job);
    return true;
}

/* Upwards from the volume that is there, then from the first one on: like a lift. */
static unsigned choose_volume(const hop_mirror *m)
{
    unsigned present = hop_media_disk_get_volume(m->disk), above = 0, below = 0;
    for (size_t i = 0; i < m->waiting.len; i++) {
        const hop_blob *b = m->waiting.items[i];
        unsigned n = hop_media_disk_next_volume(m->disk, &b->digest);
        unsigned *best = n >= present ? &above : &below;
        if (*best == 0 || n < *best)
            *best = n;
    }
    return above ? above : below;
}

hop_status hop_disk_change(hop_mirror *m, hop_error **err)
{
    hop_pointers list = m->waiting;
    hop_status s = m->is_cancelled
                       ? HOP_OK
                       : hop_media_disk_bring_volume(m->disk, choose_volume(m), err);
    if (s != HOP_OK)
        return s;
    m->waiting = (hop_pointers){0};
    /* Before any of them is begun: what is not ready yet reads the volume here. */
    for (size_t i = 0; s == HOP_OK && !m->is_cancelled && i < list.len; i++) {
        const hop_blob *b = list.items[i];
        if (hop_media_disk_must_change(m->disk, &b->digest))
            s = hop_media_disk_keep(m->disk, &b->digest, HOP_MEDIA_KEEP_FOR_NOW, err);
    }
    for (size_t i = 0; s == HOP_OK && i < list.len; i++) {
        hop_blob *b = list.items[i];
        if (m->is_cancelled)
            fail_cancelled(b);
        else
            hop_mirror_push_blob(b);
    }
    free(list.items);
    return s;
}
