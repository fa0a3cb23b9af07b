/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mirror_private.h"
#include "names.h"

#include <stdlib.h>

/* Sigstore's tag scheme: the signature of DIGEST is the image at the tag sha256-HEX.sig
 * of the same repository. Most images have none. */

static void make_image(hop_signature *s)
{
    HOP_AUTO_STR tag = hop_name_signature_tag(&s->subject);
    const char *place = s->origin->places.items[s->proof->content->place];
    HOP_AUTO_STR source = hop_sprintf("%s@%s", place, s->proof->content->digest.text);
    hop_image_spec spec = {
        .release = s->release,
        .role = HOP_ROLE_SIGNATURE,
        .name = "signature",
        .source = source,
        .repository = s->repository,
        .tag = tag,
        .origin = s->origin,
        .content = s->proof->content,
        .digest = &s->proof->content->digest,
    };
    s->image = hop_mirror_image(s->mirror, &spec);
}

static void run_signature(hop_task *task)
{
    hop_signature *s = (hop_signature *)task;
    if (task->bad) {
        hop_task_fail_like(task, task->bad);
        return;
    }
    if (s->image || s->proof->content->is_absent) {
        hop_task_succeed(task);
        return;
    }
    make_image(s);
    hop_task_need(task, &s->image->task, HOP_NEED_SUCCESS);
    hop_task_arm(task);
}

/* A signature that several releases share is reported with the first of them, whichever
 * asked first. */
static void claim(hop_signature *s, size_t release)
{
    if (release >= s->release)
        return;
    s->release = release;
    if (s->image)
        s->image->release = release;
}

static bool has_tag(const hop_repository *r, char *tag)
{
    HOP_AUTO_STR owned = tag;
    return owned && r->is_listed && hop_table_get(&r->tags, owned);
}

bool hop_mirror_is_sealed(const hop_release *r)
{
    const hop_repository *at = r->mirror->payloads;
    const hop_manifest *top = &r->content->manifest;
    if (!has_tag(at, hop_name_payload_tag(r->version, r->arch)))
        return false;
    bool is_signed = has_tag(at, hop_name_signature_tag(&r->payload.digest));
    if (is_signed || top->kind != HOP_MANIFEST_LIST)
        return is_signed;
    for (size_t i = 0; i < top->layer_count; i++)
        if (!has_tag(at, hop_name_signature_tag(&top->layers[i].digest)))
            return false;
    return top->layer_count > 0;
}

hop_signature *hop_mirror_signature(hop_image *beside, const hop_digest *subject)
{
    hop_mirror *m = beside->mirror;
    HOP_AUTO_STR key =
        hop_sprintf("signature %s %s", beside->repository->name, subject->text);
    hop_signature *s = hop_table_get(&m->known, key);
    if (s) {
        claim(s, beside->release);
        return s;
    }
    s = hop_alloc(1, sizeof(*s));
    s->mirror = m;
    s->release = beside->release;
    s->repository = beside->repository;
    s->origin = beside->origin;
    s->subject = *subject;
    s->task.run = run_signature;
    hop_table_set(&m->known, key, s);
    hop_pointers_add(&m->signatures, s);
    s->proof = hop_mirror_proof(m, s->origin, subject, HOP_URGENCY_LOW);
    hop_task_need(&s->task, &s->proof->task, HOP_NEED_SUCCESS);
    hop_task_arm(&s->task);
    return s;
}
