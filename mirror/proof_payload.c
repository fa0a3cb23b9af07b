/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hop_json.h"
#include "names.h"
#include "proof_walk.h"
#include "release.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_CONFIG (8 * HOP_MIB)

/* A payload that is being read. */
typedef struct reading {
    const hop_proof_subject *subject;
    hop_proof_release *release;
    const hop_claim *image; /* that is read; NULL when there is none */
    const char *arch;       /* of that, where it is of a list; else NULL */
    bool is_other;          /* of a list, and not the one that says what the release is */
    hop_payload *payload;
    size_t layers_left;
    hop_want want;
    bool is_over;
} reading;

static hop_proof_finding *blame(hop_walk *w, reading *r, const char *rule,
                                const char *file, const hop_error *error)
{
    HOP_AUTO_STR user = hop_walk_user(r->subject, "payload");
    hop_proof_finding *f =
        hop_proof_add_error(w->out, rule, file ? file : r->subject->digest.text, error);
    hop_strings_add(&f->hops, user);
    r->release->is_good = false;
    r->is_over = true;
    return f;
}

static const char *file_of(const reading *r)
{
    return r->image && r->image->want.file ? r->image->want.file
                                           : r->subject->digest.text;
}

/* ---- which image is read ---- */

static hop_status choose(hop_walk *w, const hop_claim *top, reading *r, hop_error **err)
{
    const hop_manifest *m = &top->manifest;
    bool wants_list = strcmp(r->subject->arch, "multi") == 0;
    bool is_multi = m->kind == HOP_MANIFEST_LIST && m->layer_count > 1;
    if (*r->subject->version && wants_list != is_multi)
        return hop_error_set(err, HOP_E_DIGEST, "it is %s, not release %s for %s",
                             is_multi ? "a list for several architectures"
                                      : "an image for one architecture",
                             r->subject->version, r->subject->arch);
    r->image = top;
    if (m->kind == HOP_MANIFEST_IMAGE)
        return HOP_OK;
    const hop_descriptor *child = m->layer_count ? &m->layers[0] : NULL;
    for (size_t i = 0; i < m->layer_count; i++)
        if (m->layers[i].os && m->layers[i].architecture &&
            strcmp(m->layers[i].os, "linux") == 0 &&
            strcmp(m->layers[i].architecture, "amd64") == 0)
            child = &m->layers[i];
    r->arch = child ? child->architecture : NULL;
    r->image = child ? hop_walk_find(w, top->want.place, NULL, &child->digest) : NULL;
    if (!r->image ||
        (r->image->is_parsed && r->image->manifest.kind != HOP_MANIFEST_IMAGE))
        return hop_error_set(err, HOP_E_DIGEST, "the list has no image in it");
    return HOP_OK;
}

static void begin(hop_walk *w, size_t index, reading *r)
{
    r->subject = &w->opts->releases[index];
    r->release = &w->out->releases[index];
    r->want.fd = -1;
    HOP_AUTO_STR tag = hop_walk_tag(r->subject);
    const hop_claim *top = hop_walk_find(w, HOP_MEDIA_RELEASES, tag, &r->subject->digest);
    HOP_AUTO(hop_error) error = NULL;
    r->is_over = !top || !top->is_parsed; /* the claim says why */
    if (r->is_over)
        return;
    r->release->media_type = hop_strdup(top->manifest.media_type);
    if (top->manifest.kind == HOP_MANIFEST_LIST)
        r->release->list_entries = top->manifest.layer_count;
    if (choose(w, top, r, &error) != HOP_OK) {
        blame(w, r, "payload", top->want.file, error);
        return;
    }
    r->is_over = !r->image->is_parsed;
    if (r->is_over)
        return;
    r->payload = hop_payload_new();
    r->layers_left = r->image->manifest.layer_count + 1; /* and the config, first */
}

/* ---- its blobs, one round after the other ---- */

static void want_next(reading *r)
{
    const hop_manifest *m = &r->image->manifest;
    const hop_descriptor *d =
        r->layers_left > m->layer_count ? &m->config : &m->layers[r->layers_left - 1];
    r->layers_left--;
    hop_want_clear(&r->want);
    r->want = (hop_want){.kind = HOP_WANT_BYTES,
                         .place = r->image->want.place,
                         .digest = d->digest,
                         .size_bytes = d->size_bytes,
                         .fd = -1};
}

static hop_status read_config(reading *r, hop_error **err)
{
    const hop_want *w = &r->want;
    if (w->size_bytes > MAX_CONFIG)
        return hop_error_set(err, HOP_E_LIMIT, "image config %s: it is too long",
                             w->digest.text);
    HOP_AUTO_STR text = hop_alloc((size_t)w->size_bytes + 1, 1);
    ssize_t len = pread(w->fd, text, (size_t)w->size_bytes, 0);
    HOP_AUTO(hop_json) doc = NULL;
    hop_status s =
        hop_json_parse(text, len > 0 ? (size_t)len : 0, "image config", &doc, err);
    if (s != HOP_OK)
        return s;
    hop_json_view root = hop_json_root(doc, "image config");
    const char *arch = NULL;
    s = hop_json_get_string(&root, "architecture", &arch, err);
    if (s == HOP_OK && !*r->subject->version) {
        free(r->release->arch);
        r->release->arch = hop_strdup(r->release->list_entries > 1 ? "multi" : arch);
        return HOP_OK;
    }
    if (s != HOP_OK || strcmp(r->subject->arch, "multi") == 0 ||
        strcmp(arch, r->subject->arch) == 0)
        return s;
    return hop_error_set(err, HOP_E_DIGEST,
                         "it is an image for %s, not release %s for %s", arch,
                         r->subject->version, r->subject->arch);
}

static bool is_gzip(int fd)
{
    unsigned char magic[2] = {0};
    return pread(fd, magic, sizeof(magic), 0) == (ssize_t)sizeof(magic) &&
           magic[0] == 0x1f && magic[1] == 0x8b;
}

static hop_status read_layer(reading *r, hop_error **err)
{
    bool was_found = hop_payload_has_metadata(r->payload);
    hop_status s = hop_payload_add_layer(r->payload, r->want.fd, r->want.size_bytes, err);
    bool is_found = s == HOP_OK && !was_found && hop_payload_has_metadata(r->payload);
    if (is_found && !r->release->not_gzip && !is_gzip(r->want.fd))
        r->release->not_gzip = hop_strdup(r->arch ? r->arch : r->release->arch);
    return s;
}

static hop_status take(reading *r, hop_error **err)
{
    bool is_config = r->layers_left == r->image->manifest.layer_count;
    if (is_config)
        return read_config(r, err);
    return read_layer(r, err);
}

static hop_status finish(reading *r, hop_error **err)
{
    hop_status s =
        hop_payload_read(r->payload, r->subject->digest.text, &r->release->info, err);
    if (s != HOP_OK)
        return s;
    r->release->has_info = true;
    if (!*r->subject->version) {
        free(r->release->version);
        r->release->version = hop_strdup(r->release->info.version);
        return HOP_OK;
    }
    return hop_release_info_check(&r->release->info, r->subject->version,
                                  r->subject->arch, err);
}

/* ---- the other images of a list ---- */

static void note_no_metadata(hop_walk *w, reading *r)
{
    HOP_AUTO_STR user = hop_walk_user(r->subject, "payload");
    hop_proof_finding *f =
        hop_proof_add(w->out, HOP_PROOF_ERROR, "osus", file_of(r),
                      "its image for %s has no release-metadata: an update service that "
                      "reads it passes the release over",
                      r->arch);
    hop_strings_add(&f->hops, user);
}

/* Down to the layer with the release-metadata. What the media leave out is not at hand,
 * and was looked at when it was mirrored first. */
static void step_other(hop_walk *w, reading *r)
{
    HOP_AUTO(hop_error) error = NULL;
    r->is_over = r->want.fd < 0;
    if (r->is_over)
        return;
    if (read_layer(r, &error) != HOP_OK) {
        blame(w, r, "payload", r->want.file, error);
        return;
    }
    hop_want_clear(&r->want);
    bool is_found = hop_payload_has_metadata(r->payload);
    r->is_over = is_found || r->layers_left == 0;
    if (r->is_over && !is_found)
        note_no_metadata(w, r);
}

/* ---- all of them ---- */

static void step(hop_walk *w, reading *r)
{
    HOP_AUTO(hop_error) error = NULL;
    if (r->want.error) {
        hop_walk_blame_blob(w, &r->want);
        r->is_over = true;
        r->release->is_good = false;
        return;
    }
    if (r->is_other) {
        step_other(w, r);
        return;
    }
    if (take(r, &error) != HOP_OK) {
        blame(w, r, "payload", r->want.file, error);
        return;
    }
    hop_want_clear(&r->want);
    if (r->layers_left > 0 && !hop_payload_has_manifests(r->payload))
        return;
    r->is_over = true;
    if (finish(r, &error) == HOP_OK)
        return;
    /* What is no such release names nothing that is to be looked for. */
    r->release->has_info = false;
    blame(w, r, "payload", file_of(r), error);
}

static hop_status read_round(hop_walk *w, reading *all, size_t count, bool *is_over,
                             hop_error **err)
{
    hop_want **wants = hop_alloc(count, sizeof(hop_want *));
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        if (all[i].is_over)
            continue;
        want_next(&all[i]);
        wants[len++] = &all[i].want;
    }
    hop_status s = len ? w->source->answer(w->source->user, wants, len, err) : HOP_OK;
    *is_over = len == 0;
    for (size_t i = 0; s == HOP_OK && i < count; i++)
        if (!all[i].is_over)
            step(w, &all[i]);
    free(wants);
    return s;
}

static hop_status read_rounds(hop_walk *w, reading *all, size_t count, hop_error **err)
{
    bool is_over = false;
    hop_status s = HOP_OK;
    while (s == HOP_OK && !is_over)
        s = read_round(w, all, count, &is_over, err);
    return s;
}

static bool is_begun(const reading *others, size_t count, const hop_claim *image)
{
    for (size_t i = 0; i < count; i++)
        if (others[i].image == image)
            return true;
    return false;
}

/* The images of the list `of` was chosen from, to an array that has the room. */
static size_t begin_others(hop_walk *w, const reading *of, reading *others, size_t count)
{
    HOP_AUTO_STR tag = hop_walk_tag(of->subject);
    const hop_claim *top =
        hop_walk_find(w, HOP_MEDIA_RELEASES, tag, &of->subject->digest);
    size_t first = count;
    for (size_t i = 0; i < of->release->list_entries; i++) {
        const hop_descriptor *d = &top->manifest.layers[i];
        const hop_claim *c = hop_walk_find(w, top->want.place, NULL, &d->digest);
        bool is_image = c && c->is_parsed && c->manifest.kind == HOP_MANIFEST_IMAGE &&
                        c->manifest.layer_count > 0;
        if (!is_image || c == of->image || is_begun(others + first, count - first, c))
            continue;
        others[count++] =
            (reading){.subject = of->subject,
                      .release = of->release,
                      .image = c,
                      .arch = d->architecture ? d->architecture : "no architecture",
                      .is_other = true,
                      .payload = hop_payload_new(),
                      .layers_left = c->manifest.layer_count,
                      .want = {.fd = -1}};
    }
    return count;
}

/* An update service reads one image of a list, and which one is its own affair. Of a list
 * that nobody vouches for as many would be read as it likes. */
static hop_status read_others(hop_walk *w, const reading *all, size_t count,
                              hop_error **err)
{
    size_t room = 0, len = 0;
    for (size_t i = 0; i < count; i++)
        room += all[i].release->list_entries;
    reading *others = hop_alloc(room, sizeof(*others));
    for (size_t i = 0; i < count; i++)
        if (all[i].release->has_info &&
            (w->opts->trust != HOP_PROOF_DEMAND || all[i].release->is_signed ||
             all[i].subject->extent == HOP_PROOF_SCRAPED))
            len = begin_others(w, &all[i], others, len);
    hop_status s = read_rounds(w, others, len, err);
    for (size_t i = 0; i < len; i++) {
        hop_want_clear(&others[i].want);
        hop_payload_free(others[i].payload);
    }
    free(others);
    return s;
}

/* ---- who signed it ---- */

static hop_signature_policy policy_for(const hop_walk *w, const hop_proof_release *r)
{
    const hop_proof_opts *o = w->opts;
    hop_signature_policy p = {.keyrings = o->keyrings,
                              .keyring_count = o->keyring_count,
                              .trust = HOP_TRUST_KEYRINGS,
                              .now_s = o->now_s};
    if (o->keyring_count == 0) {
        p.keyrings = r->info.keys;
        p.keyring_count = r->info.key_count;
        p.trust = HOP_TRUST_PINNED;
    }
    return p;
}

static void check_signature(hop_walk *w, reading *r)
{
    const hop_proof_subject *subject = r->subject;
    hop_signature_policy policy = policy_for(w, r->release);
    HOP_AUTO(hop_error) last = NULL;
    for (size_t i = 0; i < subject->signature_count && !r->release->is_signed; i++) {
        hop_signature_verdict verdict = {0};
        hop_error_drop(&last);
        if (hop_signature_verify(subject->signatures[i].data, subject->signatures[i].len,
                                 &subject->digest, &policy, &verdict, &last) != HOP_OK)
            continue;
        r->release->is_signed = true;
        memcpy(r->release->signer, verdict.fingerprint, sizeof(r->release->signer));
    }
    if (r->release->is_signed)
        return;
    if (!last)
        (void)!hop_error_set(&last, HOP_E_SIGNATURE, "there is no signature of %s",
                             subject->digest.text);
    blame(w, r, "signature", file_of(r), last);
}

hop_status hop_walk_read_payloads(hop_walk *w, hop_error **err)
{
    size_t count = w->opts->release_count;
    reading *all = hop_alloc(count, sizeof(*all));
    for (size_t i = 0; i < count; i++)
        begin(w, i, &all[i]);
    hop_status s = read_rounds(w, all, count, err);
    for (size_t i = 0; s == HOP_OK && i < count; i++) {
        /* A payload that cannot be read brings no keys: its reason stands already. */
        bool can_check = w->opts->keyring_count > 0 || all[i].release->has_info;
        bool is_asked = w->opts->trust == HOP_PROOF_DEMAND &&
                        all[i].subject->extent != HOP_PROOF_SCRAPED;
        if (is_asked && can_check)
            check_signature(w, &all[i]);
    }
    if (s == HOP_OK)
        s = read_others(w, all, count, err);
    for (size_t i = 0; i < count; i++) {
        hop_want_clear(&all[i].want);
        hop_payload_free(all[i].payload);
    }
    free(all);
    return s;
}
