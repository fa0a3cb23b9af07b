/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hop_json.h"
#include "mirror_private.h"
#include "names.h"
#include "resources.h"
#include "sigstore.h"

#include <stdlib.h>
#include <string.h>

/* Whether a digest has a sigstore signature, and whether the key vouches for it. Layers
 * of a signature image are the signed texts: some hundred bytes. */

#define MAX_TEXT (64 * HOP_KIB)

static const hop_descriptor *layer_at(const hop_proof *p, size_t i)
{
    return &p->content->manifest.layers[i];
}

static bool is_text(const hop_descriptor *layer)
{
    return !layer->is_foreign && layer->size_bytes <= MAX_TEXT;
}

static void need_texts(hop_proof *p)
{
    p->has_texts = true;
    for (size_t i = 0; i < p->content->manifest.layer_count; i++) {
        if (!is_text(layer_at(p, i)))
            continue;
        const hop_store *s = hop_mirror_store(p->mirror, layer_at(p, i), p->content);
        hop_task_need(&p->task, (hop_task *)(uintptr_t)&s->task, HOP_NEED_SUCCESS);
    }
    hop_task_arm(&p->task);
}

/* An annotation of layer `i`; NULL when it has none of that name. Borrowed from the
 * document. */
static const char *annotation(const hop_json_view *layers, size_t i, const char *name)
{
    HOP_AUTO(hop_error) ignored = NULL;
    hop_json_view layer, annotations;
    const char *value = NULL;
    if (hop_json_item(layers, i, HOP_JSON_OBJECT, &layer, &ignored) != HOP_OK ||
        hop_json_member(&layer, "annotations", HOP_JSON_OBJECT, &annotations, &ignored) !=
            HOP_OK ||
        hop_json_get_string(&annotations, name, &value, &ignored) != HOP_OK)
        return NULL;
    return value;
}

static hop_status verify_layer(const hop_proof *p, size_t i, const char *signature,
                               hop_error **err)
{
    const hop_descriptor *layer = layer_at(p, i);
    const hop_store *store = hop_mirror_find_store(p->mirror, &layer->digest);
    if (!is_text(layer) || !store)
        return hop_error_set(err, HOP_E_SIGNATURE, "its text is far too long");
    HOP_AUTO_STR text = hop_alloc((size_t)layer->size_bytes + 1, 1);
    size_t len = (size_t)layer->size_bytes;
    if (store->data)
        memcpy(text, store->data, len);
    else
        len = hop_spool_read(store->spool, 0, text, len);
    return hop_sigstore_verify(p->mirror->sigstore_key, text, len, signature, &p->subject,
                               err);
}

/* One signature by the key is enough. One with a certificate is keyless: it is somebody's
 * else way, neither good nor bad. */
static hop_status verify(hop_proof *p, const hop_json_view *layers, hop_error **err)
{
    HOP_AUTO(hop_error) why = NULL;
    size_t keyless = 0;
    for (size_t i = 0; i < p->content->manifest.layer_count; i++) {
        const char *signature = annotation(layers, i, HOP_SIGSTORE_ANNOTATION);
        hop_error_drop(&why);
        if (signature && verify_layer(p, i, signature, &why) == HOP_OK) {
            p->state = HOP_SIGSTORE_VERIFIED;
            return HOP_OK;
        }
        keyless += annotation(layers, i, HOP_SIGSTORE_CERTIFICATE) != NULL;
    }
    if (keyless > 0) {
        p->state = HOP_SIGSTORE_KEYLESS;
        return HOP_OK;
    }
    if (why) {
        *err = hop_steal(&why);
        return hop_error_get_status(*err);
    }
    return hop_error_set(err, HOP_E_SIGNATURE,
                         "verify the sigstore signature of %s: there is none in %s",
                         p->subject.text, p->content->tag);
}

static hop_status judge(hop_proof *p, hop_error **err)
{
    HOP_AUTO(hop_json) doc = NULL;
    hop_json_view layers;
    HOP_AUTO_STR name = hop_sprintf("signature %s", p->content->tag);
    hop_status s = hop_json_parse(hop_buf_get(&p->content->body), p->content->body.len,
                                  name, &doc, err);
    if (s != HOP_OK)
        return s;
    hop_json_view root = hop_json_root(doc, name);
    s = hop_json_member(&root, "layers", HOP_JSON_ARRAY, &layers, err);
    return s == HOP_OK ? verify(p, &layers, err) : s;
}

static void run_proof(hop_task *task)
{
    hop_proof *p = (hop_proof *)task;
    if (task->bad) {
        hop_task_fail_like(task, task->bad);
        return;
    }
    if (p->content->is_absent || !p->mirror->sigstore_key) {
        p->state = p->content->is_absent ? HOP_SIGSTORE_ABSENT : HOP_SIGSTORE_PRESENT;
        hop_task_succeed(task);
        return;
    }
    if (!p->has_texts) {
        need_texts(p);
        return;
    }
    hop_cause cause = {.digest = p->subject};
    if (judge(p, &cause.error) == HOP_OK)
        hop_task_succeed(task);
    else
        hop_task_fail(task, &cause);
}

static char *key_of(const hop_origin *origin, const hop_digest *subject)
{
    return hop_sprintf("proof %s %s", origin->name, subject->text);
}

hop_proof *hop_mirror_proof(hop_mirror *m, hop_origin *origin, const hop_digest *subject,
                            hop_urgency urgency)
{
    HOP_AUTO_STR key = key_of(origin, subject);
    hop_proof *p = hop_table_get(&m->known, key);
    if (p)
        return p;
    HOP_AUTO_STR tag = hop_name_signature_tag(subject);
    p = hop_alloc(1, sizeof(*p));
    p->mirror = m;
    p->subject = *subject;
    p->task.run = run_proof;
    p->content = hop_mirror_content_by_tag(m, origin, tag, urgency);
    hop_table_set(&m->known, key, p);
    hop_pointers_add(&m->proofs, p);
    hop_task_need(&p->task, &p->content->task, HOP_NEED_SUCCESS);
    hop_task_arm(&p->task);
    return p;
}

static hop_sigstore_state state_of(const hop_mirror *m, const hop_origin *origin,
                                   const hop_digest *subject)
{
    HOP_AUTO_STR key = key_of(origin, subject);
    const hop_proof *p = hop_table_get(&m->known, key);
    return p && p->task.state == HOP_TASK_DONE ? p->state : HOP_SIGSTORE_UNKNOWN;
}

/* The weakest of the children; of a list it counts only where its own is missing. */
static hop_sigstore_state state_of_children(const hop_mirror *m, const hop_origin *origin,
                                            const hop_manifest *list)
{
    hop_sigstore_state weakest = HOP_SIGSTORE_VERIFIED;
    for (size_t i = 0; i < list->layer_count; i++) {
        hop_sigstore_state s = state_of(m, origin, &list->layers[i].digest);
        weakest = s < weakest ? s : weakest;
    }
    return list->layer_count > 0 ? weakest : HOP_SIGSTORE_ABSENT;
}

hop_sigstore_state hop_mirror_sigstore_state(const hop_mirror *m,
                                             const hop_origin *origin,
                                             const hop_digest *digest,
                                             const hop_content *content)
{
    if (!origin)
        return HOP_SIGSTORE_UNKNOWN;
    hop_sigstore_state own = state_of(m, origin, digest);
    if (own > HOP_SIGSTORE_ABSENT || !content || content->task.state != HOP_TASK_DONE ||
        content->manifest.kind != HOP_MANIFEST_LIST)
        return own;
    return state_of_children(m, origin, &content->manifest);
}

/* ---- a release's payload ---- */

void hop_mirror_need_payload_proofs(hop_release *r)
{
    const hop_proof *p =
        hop_mirror_proof(r->mirror, r->origin, &r->payload.digest, HOP_URGENCY_HIGH);
    hop_task_need(&r->read, (hop_task *)(uintptr_t)&p->task, HOP_NEED_SUCCESS);
    const hop_manifest *top = &r->content->manifest;
    for (size_t i = 0; top->kind == HOP_MANIFEST_LIST && i < top->layer_count; i++) {
        p = hop_mirror_proof(r->mirror, r->origin, &top->layers[i].digest,
                             HOP_URGENCY_HIGH);
        hop_task_need(&r->read, (hop_task *)(uintptr_t)&p->task, HOP_NEED_SUCCESS);
    }
}

hop_status hop_mirror_check_payload_proofs(const hop_release *r, hop_error **err)
{
    hop_sigstore_state state =
        hop_mirror_sigstore_state(r->mirror, r->origin, &r->payload.digest, r->content);
    if (state > HOP_SIGSTORE_ABSENT || !hop_numbers_reach(r->version, 4, 21, 0))
        return HOP_OK;
    if (r->mirror->opts.sigstore == HOP_SIGSTORE_IS_KNOWN_MISSING)
        return HOP_OK;
    if (r->mirror->opts.sigstore == HOP_SIGSTORE_MAY_BE_MISSING) {
        hop_engine_log(r->mirror->engine, HOP_EVENT_WARNING,
                       "release %s (%s) has no sigstore signature: from 4.21 on, nodes "
                       "refuse it unless their policy is changed",
                       r->version, r->arch);
        return HOP_OK;
    }
    HOP_AUTO_STR tag = hop_name_signature_tag(&r->payload.digest);
    hop_status s = hop_error_set(
        err, HOP_E_SIGNATURE,
        "release %s has no sigstore signature (tag %s%s), which nodes ask for from 4.21 "
        "on",
        r->version, tag,
        r->content->manifest.kind == HOP_MANIFEST_LIST
            ? ", or one for each image of the list"
            : "");
    hop_error_hint(err, "--allow-missing-sigstore mirrors it all the same");
    return s;
}
