/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "media_proof.h"

#include "endpoint.h"
#include "media_disk.h"
#include "spool.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- hashing ---- */

hop_status hop_media_hash(hop_media_check *c, hop_media_reader *r, hop_hash *h,
                          hop_error **unreadable, hop_error **err)
{
    uint64_t at = 0;
    for (;;) {
        size_t got = 0;
        hop_status read = hop_media_reader_read(r, at, c->buffer, HOP_MEDIA_READ_BYTES,
                                                &got, unreadable);
        if (read != HOP_OK && hop_changer_is_ended(c->disk)) {
            *err = hop_steal(unreadable);
            return read;
        }
        if (read != HOP_OK || got == 0)
            return HOP_OK;
        hop_hash_update(h, c->buffer, got);
        at += got;
        c->done += got;
        if (!c->opts->tick)
            continue;
        hop_status s = c->opts->tick(c->opts->user, c->done, c->total, err);
        if (s != HOP_OK)
            return s;
    }
}

static void set_bad(hop_media_state *state, hop_error **error)
{
    state->hashed = HOP_HASHED_BAD;
    hop_error_free(state->error);
    state->error = hop_steal(error);
}

static hop_status hash_blob(hop_media_check *c, hop_media_state *state, hop_error **err)
{
    HOP_AUTO(hop_media_reader) r = NULL;
    HOP_AUTO(hop_hash) h = hop_hash_new();
    HOP_AUTO(hop_error) bad = NULL;
    HOP_AUTO_STR path = hop_media_blob_path(&state->digest);
    const hop_digest *known = hop_media_disk_get_found(c->disk, path);
    hop_status s = HOP_OK;
    if (known)
        c->done += state->size_bytes;
    else if (hop_media_disk_open_blob(c->disk, &state->digest, &r, &bad) == HOP_OK)
        s = hop_media_hash(c, r, h, &bad, err);
    if (s != HOP_OK)
        return s;
    hop_digest found = known ? *known : hop_hash_finish(h);
    state->hashed = HOP_HASHED_GOOD;
    if (!bad && !hop_digest_is_equal(&found, &state->digest))
        (void)!hop_error_set(&bad, HOP_E_DIGEST, "its bytes have the digest %s",
                             found.text);
    if (bad)
        set_bad(state, &bad);
    return HOP_OK;
}

static void note_blob(void *user, const hop_digest *digest, uint64_t size_bytes,
                      const char *path)
{
    hop_media_check *c = user;
    c->states = hop_grow(c->states, c->state_count, &c->state_cap, sizeof(*c->states));
    c->states[c->state_count++] = (hop_media_state){
        .digest = *digest, .path = hop_strdup(path), .size_bytes = size_bytes};
    c->total += size_bytes;
}

static hop_media_state *state_of(const hop_media_check *c, const hop_digest *digest)
{
    return hop_table_get(&c->by_digest, digest->text);
}

static hop_status hash_all(hop_media_check *c, hop_error **err)
{
    hop_status s = HOP_OK;
    for (size_t i = 0; s == HOP_OK && i < c->state_count; i++)
        s = hash_blob(c, &c->states[i], err);
    return s;
}

/* In the layout of stock oc a blob may have been copied where its writer made a hard
 * link. Another reader may take the copy. */
static hop_status hash_copies(hop_media_check *c, hop_error **err)
{
    hop_status s = HOP_OK;
    for (size_t i = 0; s == HOP_OK && i < c->disk->copy_count; i++) {
        const hop_copy *copy = &c->disk->copies[i];
        const hop_piece *piece = &copy->piece;
        HOP_AUTO(hop_media_reader)
        r = hop_media_reader_new(c->disk, piece->name, &piece, 1);
        HOP_AUTO(hop_hash) h = hop_hash_new();
        HOP_AUTO(hop_error) bad = NULL;
        s = hop_media_hash(c, r, h, &bad, err);
        hop_digest found = hop_hash_finish(h);
        if (s == HOP_OK && bad)
            hop_proof_add_error(c->out, "unreadable", piece->name, bad);
        else if (s == HOP_OK && !hop_digest_is_equal(&found, &copy->digest))
            hop_proof_add(c->out, HOP_PROOF_ERROR, "digest", piece->name,
                          "its bytes have the digest %s", found.text);
    }
    return s;
}

static hop_status hash_everything(hop_media_check *c, hop_error **err)
{
    for (size_t i = 0; i < c->disk->copy_count; i++)
        c->total += c->disk->copies[i].piece.size_bytes;
    hop_status s = hash_all(c, err);
    return s == HOP_OK ? hash_copies(c, err) : s;
}

/* ---- the walk's questions ---- */

static void answer_missing(const hop_media_check *c, hop_want *w)
{
    w->is_elsewhere = c->opts->elsewhere != NULL;
    if (w->is_elsewhere || hop_media_items_has(&c->media->omitted, &w->digest)) {
        w->is_elsewhere = true;
        return;
    }
    (void)!hop_error_set(&w->error, HOP_E_NOT_FOUND, "it is not on the media");
}

/* The walk's fd must begin with the blob's first byte; where the blob is in parts it is
 * put together in a temporary file. */
static hop_status spool_blob(hop_media_check *c, hop_media_reader *r, hop_want *w,
                             hop_error **err)
{
    HOP_AUTO(hop_spool) spool = NULL;
    hop_status s =
        hop_spool_new(c->opts->tmp_dir ? c->opts->tmp_dir : "/tmp", &spool, err);
    uint64_t at = 0;
    size_t got = 1;
    while (s == HOP_OK && got > 0) {
        s = hop_media_reader_read(r, at, c->buffer, HOP_MEDIA_READ_BYTES, &got, err);
        if (s == HOP_OK)
            s = hop_spool_write(spool, at, c->buffer, got, err);
        at += got;
    }
    if (s == HOP_OK)
        w->fd = fcntl(hop_spool_get_fd(spool), F_DUPFD_CLOEXEC, 0);
    return s;
}

static hop_status give_bytes(hop_media_check *c, hop_want *w, hop_error **err)
{
    HOP_AUTO(hop_media_reader) r = NULL;
    size_t got = 0;
    if (hop_media_disk_open_blob(c->disk, &w->digest, &r, &w->error) != HOP_OK ||
        hop_media_reader_read(r, 0, c->buffer, 1, &got, &w->error) != HOP_OK)
        return HOP_OK;
    w->fd = hop_media_reader_take_fd(r);
    return w->fd >= 0 ? HOP_OK : spool_blob(c, r, w, err);
}

static hop_status answer(hop_media_check *c, hop_want *w, hop_error **err)
{
    hop_media_state *state = state_of(c, &w->digest);
    w->file =
        state ? hop_strdup(state->path) : hop_media_disk_blob_path(c->disk, &w->digest);
    if (!state) {
        answer_missing(c, w);
        return HOP_OK;
    }
    if (w->kind != HOP_WANT_MANIFEST && state->size_bytes != w->size_bytes) {
        (void)!hop_error_set(
            &w->error, HOP_E_DIGEST, "it has %llu bytes, the manifest says %llu",
            (unsigned long long)state->size_bytes, (unsigned long long)w->size_bytes);
        return HOP_OK;
    }
    /* Payloads are read more than once. */
    hop_status s =
        w->kind == HOP_WANT_THERE
            ? HOP_OK
            : hop_media_disk_keep(c->disk, &w->digest, HOP_MEDIA_KEEP_ALL, &w->error);
    if (s != HOP_OK && hop_changer_is_ended(c->disk))
        *err = hop_steal(&w->error);
    else if (s != HOP_OK)
        return HOP_OK;
    if (s == HOP_OK && state->hashed == HOP_HASHED_NOT_YET && w->kind != HOP_WANT_THERE)
        s = hash_blob(c, state, err);
    if (s != HOP_OK)
        return s;
    if (state->hashed == HOP_HASHED_BAD) {
        w->error = hop_error_clone(state->error);
        return HOP_OK;
    }
    if (w->kind == HOP_WANT_BYTES)
        return give_bytes(c, w, err);
    w->body = hop_buf_init(HOP_MAX_MANIFEST);
    if (w->kind == HOP_WANT_MANIFEST)
        (void)!hop_media_disk_read_blob(c->disk, &w->digest, &w->body, &w->error);
    return HOP_OK;
}

/* Moves what another source answered; what it says is good has its digest. */
static void take_answer(hop_want *to, hop_want *from)
{
    to->is_elsewhere = to->kind == HOP_WANT_THERE && !from->error;
    to->error = hop_steal(&from->error);
    to->body = from->body;
    from->body = hop_buf_init(0);
    to->content_type = hop_steal(&from->content_type);
    to->fd = from->fd;
    from->fd = -1;
    if (to->error && hop_error_get_status(to->error) == HOP_E_NOT_FOUND) {
        hop_error_drop(&to->error);
        (void)!hop_error_set(&to->error, HOP_E_NOT_FOUND,
                             "it is neither on the media nor in the registry");
    }
}

static hop_status ask_place(const hop_want_source *source, hop_media_place place,
                            hop_want **wants, size_t count, hop_error **err)
{
    hop_want *asked = hop_alloc(count, sizeof(*asked));
    hop_want **list = hop_alloc(count, sizeof(hop_want *));
    for (size_t i = 0; i < count; i++) {
        asked[i] = (hop_want){.kind = wants[i]->kind,
                              .place = place,
                              .digest = wants[i]->digest,
                              .size_bytes = wants[i]->size_bytes,
                              .fd = -1};
        list[i] = &asked[i];
    }
    hop_status s = count ? source->answer(source->user, list, count, err) : HOP_OK;
    for (size_t i = 0; i < count; i++) {
        hop_status why = hop_error_get_status(asked[i].error);
        /* Nothing is known then, which is no fault of the media. */
        if (s == HOP_OK && (why == HOP_E_NET || why == HOP_E_AUTH)) {
            s = why;
            *err = hop_error_clone(asked[i].error);
        }
        hop_error_drop(&wants[i]->error);
        take_answer(wants[i], &asked[i]);
        hop_want_clear(&asked[i]);
    }
    free(asked);
    free(list);
    return s;
}

/* Everything is in the repository of the components; signatures of releases, and what an
 * other tool has mirrored, may be in that of the releases only. */
static hop_status ask_elsewhere(const hop_want_source *source, hop_want *const *wants,
                                size_t count, hop_error **err)
{
    static const hop_media_place places[] = {HOP_MEDIA_COMPONENTS, HOP_MEDIA_RELEASES};
    hop_want **open = hop_alloc(count, sizeof(hop_want *));
    hop_status s = HOP_OK;
    for (size_t p = 0; s == HOP_OK && p < HOP_COUNT_OF(places); p++) {
        size_t len = 0;
        for (size_t i = 0; i < count; i++) {
            hop_want *w = wants[i];
            bool is_new = p == 0 && w->is_elsewhere;
            bool is_missing =
                p > 0 && w->error && hop_error_get_status(w->error) == HOP_E_NOT_FOUND;
            if (is_new || is_missing)
                open[len++] = w;
        }
        s = ask_place(source, places[p], open, len, err);
    }
    free(open);
    return s;
}

static hop_status answer_all(void *user, hop_want *const *wants, size_t count,
                             hop_error **err)
{
    hop_media_check *c = user;
    hop_status s = HOP_OK;
    for (size_t i = 0; s == HOP_OK && i < count; i++)
        s = answer(c, wants[i], err);
    return s == HOP_OK && c->opts->elsewhere
               ? ask_elsewhere(c->opts->elsewhere, wants, count, err)
               : s;
}

/* ---- the subjects of the walk ---- */

typedef struct subjects {
    hop_proof_subject *releases;
    hop_signatures *found;                /* of each; owns the bytes */
    hop_resources_signature **signatures; /* of each */
    hop_proof_image *images;
    size_t image_count;
} subjects;

static void subjects_clear(subjects *s, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        hop_signatures_clear(&s->found[i]);
        free(s->signatures[i]);
    }
    free(s->releases);
    free(s->found);
    free(s->signatures);
    free(s->images);
}

/* What cannot be read is a finding here only where no list of files has it. */
static void read_signatures(hop_media_check *c, const hop_digest *digest,
                            hop_proof_subject *to, hop_signatures *found,
                            hop_resources_signature **out)
{
    hop_proof_level level =
        c->opts->trust == HOP_PROOF_SKIP ? HOP_PROOF_WARNING : HOP_PROOF_ERROR;
    hop_media_disk_get_signatures(c->disk, digest, found);
    *out = hop_alloc(found->len, sizeof(**out));
    for (size_t i = 0; i < found->len; i++) {
        const hop_signature_found *f = &found->items[i];
        if (f->data)
            (*out)[to->signature_count++] =
                (hop_resources_signature){.data = f->data, .len = f->len};
        else if (hop_media_disk_get_format(c->disk) == HOP_MEDIA_FORMAT_STOCK)
            hop_proof_add(c->out, level, "signature", f->origin, "%s", f->why);
    }
    to->signatures = *out;
}

static void fill_subjects(hop_media_check *c, subjects *s)
{
    const hop_media *m = c->media;
    s->releases = hop_alloc(m->release_count, sizeof(*s->releases));
    s->found = hop_alloc(m->release_count, sizeof(*s->found));
    s->signatures = hop_alloc(m->release_count, sizeof(hop_resources_signature *));
    s->images = hop_alloc(m->image_count, sizeof(*s->images));
    for (size_t i = 0; i < m->release_count; i++) {
        const hop_media_release *r = &m->releases[i];
        s->releases[i] = (hop_proof_subject){
            .version = r->version,
            .arch = r->arch,
            .digest = r->digest,
            .components = r->has_components ? HOP_COMPONENTS_COPY : HOP_COMPONENTS_SKIP};
        read_signatures(c, &r->digest, &s->releases[i], &s->found[i], &s->signatures[i]);
    }
    for (size_t i = 0; i < m->image_count; i++) {
        const hop_media_image *image = &m->images[i];
        if (image->role != HOP_MEDIA_SIGNATURE_IMAGE || image->destination_count == 0)
            continue;
        s->images[s->image_count++] =
            (hop_proof_image){.place = image->destinations[0].place,
                              .tag = image->destinations[0].tag,
                              .digest = image->digest};
    }
}

static hop_status walk(hop_media_check *c, hop_error **err)
{
    subjects s = {0};
    fill_subjects(c, &s);
    hop_want_source source = {.answer = answer_all, .user = c};
    hop_proof_opts opts = {.releases = s.releases,
                           .release_count = c->media->release_count,
                           .signatures = s.images,
                           .signature_count = s.image_count,
                           .sigstore = c->opts->sigstore,
                           .places = HOP_PROOF_ONE_STORE,
                           .trust = c->opts->trust,
                           .keyrings = c->opts->keyrings,
                           .keyring_count = c->opts->keyring_count,
                           .now_s = c->opts->now_s};
    hop_status status = hop_proof_walk(&source, &opts, c->out, err);
    subjects_clear(&s, c->media->release_count);
    return status;
}

/* ---- what nothing names ---- */

/* A damaged blob that no release needs would still be pushed by nobody; it is told
 * because the media is not what was written. */
static void report_unused(hop_media_check *c)
{
    for (size_t i = 0; i < c->state_count; i++) {
        const hop_media_state *s = &c->states[i];
        bool is_listed = hop_media_disk_get_format(c->disk) == HOP_MEDIA_FORMAT_STOCK ||
                         hop_media_items_has(&c->media->blobs, &s->digest) ||
                         hop_media_items_has(&c->media->manifests, &s->digest);
        bool is_used = hop_media_items_has(&c->out->blobs, &s->digest) ||
                       hop_media_items_has(&c->out->manifests, &s->digest);
        if (!is_listed)
            hop_proof_add(c->out, HOP_PROOF_WARNING, "unlisted", s->path,
                          HOP_MEDIA_DOCUMENT " does not list it");
        for (size_t k = 0; k < c->out->len && !is_used; k++)
            is_used =
                strcmp(c->out->items[k].file ? c->out->items[k].file : "", s->path) == 0;
        if (!is_used && s->error)
            hop_proof_add_error(c->out, "digest", s->path, s->error);
        else if (!is_used && is_listed)
            hop_proof_add(c->out, HOP_PROOF_WARNING, "unused", s->path,
                          "no payload that could be read needs it");
    }
}

/* What is refused is never read, and a volume that is not there may not be needed: where
 * the rest is looked for elsewhere it is only worth a warning. */
static void report_refused(hop_media_check *c)
{
    /* Of the layout of oc a refused tag may be a whole release, which nothing else names.
     */
    bool is_own = hop_media_disk_get_format(c->disk) == HOP_MEDIA_FORMAT_OWN;
    hop_proof_level level =
        c->opts->elsewhere && is_own ? HOP_PROOF_WARNING : HOP_PROOF_ERROR;
    const hop_strings *refused = hop_media_disk_get_refused(c->disk);
    for (size_t i = 0; i < refused->len; i++)
        hop_proof_add(c->out, level, "refused", NULL, "%s", refused->items[i]);
    HOP_AUTO_VALUE(hop_strings) wrong = {0};
    if (c->opts->hashing == HOP_MEDIA_HASH_ALL)
        hop_media_disk_check_volumes(c->disk, &wrong);
    for (size_t i = 0; i < wrong.len; i++)
        hop_proof_add(c->out, HOP_PROOF_ERROR, "volume", NULL, "%s", wrong.items[i]);
}

static void report_unlisted(hop_media_check *c, const hop_media_items *list)
{
    for (size_t i = 0; i < list->len; i++) {
        const hop_digest *digest = &list->items[i].digest;
        if (state_of(c, digest) || hop_media_items_has(&c->out->missing, digest))
            continue;
        HOP_AUTO_STR path = hop_media_disk_blob_path(c->disk, digest);
        hop_proof_add(c->out, HOP_PROOF_ERROR, "missing", path,
                      HOP_MEDIA_DOCUMENT " lists it, and it is not on the media");
    }
}

static void check_clear(hop_media_check *c)
{
    for (size_t i = 0; i < c->state_count; i++) {
        free(c->states[i].path);
        hop_error_free(c->states[i].error);
    }
    free(c->states);
    free(c->buffer);
    hop_table_clear(&c->by_digest);
}

hop_status hop_media_prove(const hop_media_disk *disk, const hop_media_proof_opts *opts,
                           hop_proof *out, hop_error **err)
{
    hop_media_check c = {.disk = disk,
                         .media = hop_media_disk_get_media(disk),
                         .opts = opts,
                         .out = out,
                         .buffer = hop_alloc(HOP_MEDIA_READ_BYTES, 1)};
    hop_media_disk_each(disk, note_blob, &c);
    for (size_t i = 0; i < c.state_count; i++)
        hop_table_set(&c.by_digest, c.states[i].digest.text, &c.states[i]);
    hop_status s = hop_media_check_files(&c, err);
    if (s == HOP_OK && opts->hashing == HOP_MEDIA_HASH_ALL)
        s = hash_everything(&c, err);
    if (s == HOP_OK)
        s = walk(&c, err);
    if (s == HOP_OK) {
        hop_media_check_document(&c);
        /* What is needed was looked for elsewhere, too. */
        if (!opts->elsewhere) {
            report_unlisted(&c, &c.media->manifests);
            report_unlisted(&c, &c.media->blobs);
        }
        report_unused(&c);
        report_refused(&c);
    }
    check_clear(&c);
    return s;
}

hop_status hop_media_check_signature(const hop_media_disk *disk,
                                     const hop_keyring *keyrings, size_t keyring_count,
                                     uint64_t now_s, hop_error **err)
{
    HOP_AUTO_VALUE(hop_buf) signature = hop_buf_init(HOP_SIGNATURE_MAX);
    const hop_buf *document = hop_media_disk_get_document(disk);
    hop_signature_policy policy = {.keyrings = keyrings,
                                   .keyring_count = keyring_count,
                                   .trust = HOP_TRUST_KEYRINGS,
                                   .now_s = now_s};
    hop_signature_verdict verdict = {0};
    if (hop_media_disk_get_format(disk) == HOP_MEDIA_FORMAT_STOCK)
        return hop_error_set(err, HOP_E_SIGNATURE,
                             "the layout of stock oc has no inventory that could be "
                             "signed");
    hop_status s = hop_media_disk_read_file(disk, HOP_MEDIA_SIGNATURE, &signature, err);
    if (s == HOP_OK)
        s = hop_signature_verify_detached(hop_buf_get(document), document->len,
                                          hop_buf_get(&signature), signature.len, &policy,
                                          &verdict, err);
    return s == HOP_OK
               ? s
               : hop_error_wrap(err, "check the signature of " HOP_MEDIA_DOCUMENT);
}
