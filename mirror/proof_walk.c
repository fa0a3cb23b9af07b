/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proof_walk.h"

#include "endpoint.h"
#include "names.h"
#include "resources.h"

#include <stdlib.h>
#include <string.h>

/* ---- claims ---- */

char *hop_walk_tag(const hop_proof_subject *r)
{
    return r->tag ? hop_strdup(r->tag) : hop_name_payload_tag(r->version, r->arch);
}

char *hop_walk_user(const hop_proof_subject *r, const char *what)
{
    if (!*r->version)
        return hop_sprintf("%s %s", r->tag, what);
    return hop_sprintf("%s (%s) %s", r->version, r->arch, what);
}

static char *key_of(const hop_walk *w, hop_media_place place, const char *tag,
                    const hop_digest *digest, const char *kind)
{
    if (w->opts->places == HOP_PROOF_ONE_STORE)
        return hop_sprintf("%s %s", kind, digest->text);
    return hop_sprintf("%s %d %s %s", kind, (int)place, tag ? tag : "", digest->text);
}

static hop_claim *claim(hop_walk *w, const hop_want *want, const char *kind,
                        const char *user)
{
    HOP_AUTO_STR key = key_of(w, want->place, want->tag, &want->digest, kind);
    hop_claim *c = hop_table_get(&w->known, key);
    if (!c) {
        c = hop_alloc(1, sizeof(*c));
        c->want = *want;
        c->tag = hop_strdup(want->tag);
        c->want.tag = c->tag;
        c->want.fd = -1;
        hop_table_set(&w->known, key, c);
        w->claims.items =
            hop_grow(w->claims.items, w->claims.len, &w->claims.cap, sizeof(hop_claim *));
        w->claims.items[w->claims.len++] = c;
    }
    if (user && !hop_strings_has(&c->users, user))
        hop_strings_add(&c->users, user);
    return c;
}

hop_claim *hop_walk_find(hop_walk *w, hop_media_place place, const char *tag,
                         const hop_digest *digest)
{
    HOP_AUTO_STR key = key_of(w, place, tag, digest, "manifest");
    return hop_table_get(&w->known, key);
}

static void claim_parts(hop_walk *w, const hop_claim *c, const char *user);

hop_claim *hop_walk_manifest(hop_walk *w, hop_media_place place, const char *tag,
                             const hop_digest *digest, const char *user)
{
    hop_want want = {
        .kind = HOP_WANT_MANIFEST, .place = place, .tag = tag, .digest = *digest};
    hop_claim *c = claim(w, &want, "manifest", user);
    if (c->is_parsed)
        claim_parts(w, c, user);
    return c;
}

static void claim_blob(hop_walk *w, const hop_claim *c, const hop_descriptor *d,
                       const char *user)
{
    if (d->is_foreign)
        return;
    hop_want want = {.kind = HOP_WANT_THERE,
                     .place = c->want.place,
                     .digest = d->digest,
                     .size_bytes = d->size_bytes};
    claim(w, &want, "blob", user);
}

/* What a manifest names is needed by whoever needs the manifest. A list is not followed
 * into lists within it: there are none in what is mirrored, and a chain would not end. */
static void claim_parts(hop_walk *w, const hop_claim *c, const char *user)
{
    const hop_manifest *m = &c->manifest;
    if (m->kind == HOP_MANIFEST_IMAGE) {
        claim_blob(w, c, &m->config, user);
        for (size_t i = 0; i < m->layer_count; i++)
            claim_blob(w, c, &m->layers[i], user);
        return;
    }
    for (size_t i = 0; i < m->layer_count; i++) {
        hop_want want = {.kind = HOP_WANT_MANIFEST,
                         .place = c->want.place,
                         .digest = m->layers[i].digest};
        hop_claim *child = claim(w, &want, "manifest", user);
        if (child->is_parsed && child->manifest.kind == HOP_MANIFEST_IMAGE)
            claim_parts(w, child, user);
    }
}

void hop_walk_blame_blob(hop_walk *w, const hop_want *want)
{
    HOP_AUTO_STR key = key_of(w, want->place, NULL, &want->digest, "blob");
    hop_claim *c = hop_table_get(&w->known, key);
    if (!c || c->want.error)
        return;
    c->is_asked = true;
    c->want.error = hop_error_clone(want->error);
    c->want.file = hop_strdup(want->file);
}

static void parse(hop_walk *w, hop_claim *c)
{
    if (c->want.error || c->want.is_elsewhere)
        return;
    HOP_AUTO_STR name = hop_sprintf("manifest %s", c->want.digest.text);
    if (hop_manifest_parse(hop_buf_get(&c->want.body), c->want.body.len,
                           c->want.content_type, name, &c->manifest,
                           &c->want.error) != HOP_OK)
        return;
    c->is_parsed = true;
    for (size_t i = 0; i < c->users.len; i++)
        claim_parts(w, c, c->users.items[i]);
}

/* Asks for the claims of one kind that were not asked for. */
static hop_status ask(hop_walk *w, hop_want_kind kind, size_t *count, hop_error **err)
{
    hop_want **wants = hop_alloc(w->claims.len, sizeof(hop_want *));
    size_t len = 0, end = w->claims.len;
    *count = 0;
    for (size_t i = 0; i < end; i++) {
        hop_claim *c = w->claims.items[i];
        if (c->is_asked || c->want.kind != kind)
            continue;
        c->is_asked = true;
        wants[len++] = &c->want;
    }
    hop_status s = len ? w->source->answer(w->source->user, wants, len, err) : HOP_OK;
    for (size_t i = 0; s == HOP_OK && kind == HOP_WANT_MANIFEST && i < len; i++)
        parse(w, (hop_claim *)wants[i]); /* a claim begins with its want */
    free(wants);
    *count = len;
    return s;
}

hop_status hop_walk_settle(hop_walk *w, hop_error **err)
{
    size_t count = 1;
    hop_status s = HOP_OK;
    while (s == HOP_OK && count > 0)
        s = ask(w, HOP_WANT_MANIFEST, &count, err);
    return s;
}

/* ---- what is claimed ---- */

static void claim_payloads(hop_walk *w)
{
    for (size_t i = 0; i < w->opts->release_count; i++) {
        const hop_proof_subject *r = &w->opts->releases[i];
        HOP_AUTO_STR user = hop_walk_user(r, "payload");
        HOP_AUTO_STR tag = hop_walk_tag(r);
        hop_walk_manifest(w, HOP_MEDIA_RELEASES, tag, &r->digest, user)->is_release =
            true;
        if (*r->version)
            hop_walk_manifest(w, HOP_MEDIA_COMPONENTS, tag, &r->digest, user);
    }
}

static void claim_components(hop_walk *w)
{
    for (size_t i = 0; i < w->out->release_count; i++) {
        const hop_proof_subject *r = &w->opts->releases[i];
        const hop_proof_release *known = &w->out->releases[i];
        if (!known->has_info || hop_walk_is_payload_only(w, i))
            continue;
        for (size_t k = 0; k < known->info.component_count; k++) {
            const hop_component *c = &known->info.components[k];
            HOP_AUTO_STR user = hop_walk_user(r, c->name);
            HOP_AUTO_STR tag = hop_name_component_tag(r->version, r->arch, c->name);
            hop_walk_manifest(w, HOP_MEDIA_COMPONENTS, tag, &c->image.digest, user);
        }
    }
}

/* The signature of what: the claim whose digest the tag spells. */
static char *signature_user(const hop_walk *w, const hop_proof_image *image)
{
    for (size_t i = 0; i < w->claims.len; i++) {
        const hop_claim *c = w->claims.items[i];
        if (c->want.kind != HOP_WANT_MANIFEST)
            continue;
        HOP_AUTO_STR tag = hop_name_signature_tag(&c->want.digest);
        if (tag && strcmp(tag, image->tag) == 0)
            return hop_sprintf("%s signature", c->users.items[0]);
    }
    return NULL;
}

/* Components of a release that is not asked about are not looked at, nor are their
 * signatures. */
static bool has_others(const hop_walk *w)
{
    for (size_t i = 0; i < w->opts->release_count; i++)
        if (w->opts->releases[i].extent == HOP_PROOF_SCRAPED)
            return true;
    return false;
}

/* One that leads nowhere is asked for whomever it was of, so that it is reported. */
static void claim_signatures(hop_walk *w)
{
    for (size_t i = 0; i < w->opts->signature_count; i++) {
        const hop_proof_image *image = &w->opts->signatures[i];
        HOP_AUTO_STR user = signature_user(w, image);
        if (user || !image->digest.text[0])
            hop_walk_manifest(w, image->place, image->tag, &image->digest, user);
        else if (!has_others(w))
            hop_proof_add(w->out, HOP_PROOF_WARNING, "unlisted", image->tag,
                          "it is the signature of an image that no payload names");
    }
}

/* ---- signatures that nodes ask for ---- */

/* Beside the image, as the tag scheme wants it; nodes pull payloads from the repository
 * of the releases. */
static bool has_signature(const hop_walk *w, const hop_digest *digest)
{
    HOP_AUTO_STR tag = hop_name_signature_tag(digest);
    for (size_t i = 0; tag && i < w->opts->signature_count; i++) {
        const hop_proof_image *image = &w->opts->signatures[i];
        bool is_beside =
            w->opts->places == HOP_PROOF_ONE_STORE || image->place == HOP_MEDIA_RELEASES;
        if (is_beside && strcmp(image->tag, tag) == 0)
            return true;
    }
    return false;
}

/* Its own, or one for each image of a list. */
static bool is_signed(const hop_walk *w, const hop_claim *payload)
{
    const hop_manifest *m = &payload->manifest;
    if (has_signature(w, &payload->want.digest))
        return true;
    if (m->kind != HOP_MANIFEST_LIST)
        return false;
    for (size_t i = 0; i < m->layer_count; i++)
        if (!has_signature(w, &m->layers[i].digest))
            return false;
    return m->layer_count > 0;
}

static void check_sigstore(hop_walk *w, size_t index)
{
    const hop_proof_subject *r = &w->opts->releases[index];
    hop_proof_release *known = &w->out->releases[index];
    HOP_AUTO_STR payload_tag = hop_walk_tag(r);
    const hop_claim *payload =
        hop_walk_find(w, HOP_MEDIA_RELEASES, payload_tag, &r->digest);
    if (r->extent == HOP_PROOF_SCRAPED || !hop_numbers_reach(known->version, 4, 21, 0) ||
        !payload || !payload->is_parsed || is_signed(w, payload))
        return;
    bool is_allowed = w->opts->sigstore == HOP_SIGSTORE_MAY_BE_MISSING;
    HOP_AUTO_STR tag = hop_name_signature_tag(&r->digest);
    HOP_AUTO_STR user = hop_walk_user(r, "payload");
    hop_proof_finding *f = hop_proof_add(
        w->out, is_allowed ? HOP_PROOF_WARNING : HOP_PROOF_ERROR, "sigstore",
        payload->want.file,
        "it has no sigstore signature (tag %s%s), which nodes ask for from 4.21 on%s",
        tag ? tag : "",
        payload->manifest.kind == HOP_MANIFEST_LIST
            ? ", or one for each image of the list"
            : "",
        is_allowed ? "" : " (--allow-missing-sigstore)");
    hop_strings_add(&f->hops, user);
    known->is_good = known->is_good && is_allowed;
}

/* ---- what came of it ---- */

static const char *rule_of(const hop_error *e)
{
    switch (hop_error_get_status(e)) {
    case HOP_E_NOT_FOUND:
        return "missing";
    case HOP_E_DIGEST:
        return "digest";
    case HOP_E_PARSE:
    case HOP_E_LIMIT:
        return "malformed";
    case HOP_OK:
    case HOP_E_USAGE:
    case HOP_E_IO:
    case HOP_E_NET:
    case HOP_E_AUTH:
    case HOP_E_SIGNATURE:
    case HOP_E_NO_PATH:
    case HOP_E_DISK:
    case HOP_E_PARTIAL:
    case HOP_E_CANCELLED:
        break;
    }
    return "unreadable";
}

static void mark_bad(hop_walk *w, const hop_claim *c)
{
    for (size_t i = 0; i < w->out->release_count; i++) {
        HOP_AUTO_STR prefix = hop_walk_user(&w->opts->releases[i], "");
        for (size_t k = 0; k < c->users.len; k++)
            if (hop_has_prefix(c->users.items[k], prefix))
                w->out->releases[i].is_good = false;
    }
}

static void report(hop_walk *w, hop_claim *c)
{
    hop_proof *p = w->out;
    if (c->want.is_elsewhere && !c->want.error)
        return;
    if (!c->want.error) {
        bool is_manifest = c->want.kind == HOP_WANT_MANIFEST;
        if (!c->want.digest.text[0])
            return;
        uint64_t size = is_manifest ? c->want.body.len : c->want.size_bytes;
        hop_media_items_add(is_manifest ? &p->manifests : &p->blobs, &c->want.digest,
                            size);
        return;
    }
    mark_bad(w, c);
    if (c->want.digest.text[0] && hop_error_get_status(c->want.error) == HOP_E_NOT_FOUND)
        hop_media_items_add(&p->missing, &c->want.digest, c->want.size_bytes);
    hop_proof_finding *f = hop_proof_add_error(
        p, rule_of(c->want.error), c->want.file ? c->want.file : c->want.digest.text,
        c->want.error);
    for (size_t i = 0; i < c->users.len; i++)
        hop_strings_add(&f->hops, c->users.items[i]);
}

static void drop_doubles(hop_media_items *list)
{
    hop_media_items_sort(list);
    size_t kept = 0;
    for (size_t i = 0; i < list->len; i++)
        if (kept == 0 ||
            !hop_digest_is_equal(&list->items[kept - 1].digest, &list->items[i].digest))
            list->items[kept++] = list->items[i];
    list->len = kept;
}

static uint64_t count_bytes(const hop_media_items *list)
{
    uint64_t total = 0;
    for (size_t i = 0; i < list->len; i++)
        if (!hop_add_u64(total, list->items[i].size_bytes, &total))
            return UINT64_MAX;
    return total;
}

static void walk_clear(hop_walk *w)
{
    for (size_t i = 0; i < w->claims.len; i++) {
        hop_claim *c = w->claims.items[i];
        hop_want_clear(&c->want);
        hop_strings_clear(&c->users);
        hop_manifest_clear(&c->manifest);
        free(c->tag);
        free(c);
    }
    free(w->claims.items);
    hop_table_clear(&w->known);
}

static void start(hop_walk *w)
{
    hop_proof *p = w->out;
    p->release_count = w->opts->release_count;
    p->releases = hop_alloc(p->release_count, sizeof(*p->releases));
    for (size_t i = 0; i < p->release_count; i++) {
        const hop_proof_subject *r = &w->opts->releases[i];
        p->releases[i] = (hop_proof_release){.version = hop_strdup(r->version),
                                             .arch = hop_strdup(r->arch),
                                             .digest = r->digest,
                                             .is_good = true};
    }
}

hop_status hop_proof_walk(const hop_want_source *source, const hop_proof_opts *opts,
                          hop_proof *out, hop_error **err)
{
    hop_walk w = {.source = source, .opts = opts, .out = out};
    size_t count = 0;
    start(&w);
    claim_payloads(&w);
    hop_status s = hop_walk_settle(&w, err);
    if (s == HOP_OK)
        s = hop_walk_read_payloads(&w, err);
    if (s == HOP_OK) {
        claim_components(&w);
        s = hop_walk_settle(&w, err);
    }
    if (s == HOP_OK) {
        for (size_t i = 0; i < out->release_count; i++)
            check_sigstore(&w, i);
        claim_signatures(&w);
        s = hop_walk_settle(&w, err);
    }
    if (s == HOP_OK)
        s = ask(&w, HOP_WANT_THERE, &count, err);
    for (size_t i = 0; s == HOP_OK && i < w.claims.len; i++)
        report(&w, w.claims.items[i]);
    drop_doubles(&out->manifests);
    drop_doubles(&out->blobs);
    drop_doubles(&out->missing);
    if (!hop_add_u64(count_bytes(&out->manifests), count_bytes(&out->blobs), &out->bytes))
        out->bytes = UINT64_MAX;
    walk_clear(&w);
    return s;
}
