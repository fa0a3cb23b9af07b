/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "releases_scrape.h"

#include "command.h"
#include "environment.h"
#include "hop_media_proof.h"
#include "hop_registry_proof.h"
#include "hop_scrape.h"
#include "progress.h"
#include "registry_options.h"
#include "report.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MEDIA "dir:"
#define REGISTRY "docker://"
#define UNREADABLE "unreadable"

bool hop_releases_is_place(const char *text)
{
    return hop_has_prefix(text, MEDIA) || hop_has_prefix(text, REGISTRY);
}

/* ---- the document ---- */

typedef struct document {
    hop_json *root, *tags;
} document;

static document begin(const char *repository)
{
    hop_json *root = hop_json_new_object();
    hop_json_set_string(root, "schema", HOP_SCRAPE_SCHEMA);
    hop_json_set_string(root, "repository", repository);
    return (document){.root = root, .tags = hop_json_add_array(root, "tags")};
}

static const char *type_of(const char *media_type)
{
    bool is_list = strcmp(media_type, HOP_TYPE_DOCKER_LIST) == 0;
    bool is_image = strcmp(media_type, HOP_TYPE_DOCKER_MANIFEST) == 0;
    return is_list ? "list" : is_image ? "image" : "oci";
}

static hop_json *add_tag(document *d, const char *tag, const hop_digest *digest,
                         const char *type)
{
    hop_json *row = hop_json_append_object(d->tags);
    hop_json_set_string(row, "tag", tag);
    hop_json_set_string(row, "digest", digest->text);
    hop_json_set_string(row, "type", type);
    return row;
}

/* Something that the payload needs is not there, or is other bytes. */
static bool is_unreadable(const hop_proof *p, const char *user)
{
    for (size_t i = 0; i < p->len; i++) {
        const hop_proof_finding *f = &p->items[i];
        if (f->level == HOP_PROOF_ERROR && strcmp(f->rule, "payload") != 0 &&
            hop_strings_has(&f->hops, user))
            return true;
    }
    return false;
}

/* The one layer that counts. */
static void add_layers(hop_json *to, const hop_proof *p, const hop_proof_release *r,
                       const char *user)
{
    hop_json *layers = hop_json_add_array(to, "layers");
    HOP_AUTO(hop_json) metadata = NULL;
    HOP_AUTO(hop_error) ignored = NULL;
    const char *text = r->has_info ? r->info.metadata : NULL;
    if (text && hop_json_parse(text, strlen(text), "release-metadata", &metadata,
                               &ignored) == HOP_OK)
        hop_json_append_take(layers, &metadata);
    else if (!r->has_info && is_unreadable(p, user))
        hop_json_append_string(layers, UNREADABLE);
}

/* `user` is what the walk calls the payload in its findings. */
static void add_release(document *d, const hop_proof *p, const hop_proof_release *r,
                        const char *tag, const char *user)
{
    if (!r->media_type) {
        hop_report_warning("no release: %s: its manifest cannot be read", tag);
        return;
    }
    hop_json *row = add_tag(d, tag, &r->digest, type_of(r->media_type));
    if (strcmp(r->media_type, HOP_TYPE_DOCKER_LIST) != 0) {
        hop_json_set_string(row, "architecture", r->arch);
        add_layers(row, p, r, user);
        return;
    }
    /* The entries of a release are alike. */
    hop_json *entries = hop_json_add_array(row, "manifests");
    for (size_t i = 0; i < r->list_entries; i++)
        add_layers(hop_json_append_object(entries), p, r, user);
}

/* ---- media ---- */

static hop_status on_bytes(void *user, uint64_t done, uint64_t total, hop_error **err)
{
    (void)done;
    (void)total;
    (void)user;
    if (hop_signal_get())
        return hop_error_set(err, HOP_E_CANCELLED, "stopped by a signal");
    return HOP_OK;
}

static hop_status scrape_media(const char *path, hop_json **out, hop_error **err)
{
    HOP_AUTO_VALUE(hop_strings) dirs = {0};
    HOP_AUTO(hop_media_disk) disk = NULL;
    HOP_AUTO_VALUE(hop_proof) proof = {0};
    hop_strings_add(&dirs, path);
    hop_status s = hop_media_disk_open(&dirs, &disk, err);
    if (s != HOP_OK)
        return s;
    hop_media_proof_opts opts = {.hashing = HOP_MEDIA_HASH_WALKED,
                                 .trust = HOP_PROOF_NOT_CHECKED,
                                 .now_s = (uint64_t)time(NULL),
                                 .tmp_dir = hop_environment_tmp_dir(),
                                 .tick = on_bytes};
    s = hop_media_prove(disk, &opts, &proof, err);
    if (s != HOP_OK)
        return s;
    document d = begin(hop_media_disk_get_media(disk)->release_repository);
    for (size_t i = 0; i < proof.release_count; i++) {
        const hop_proof_release *r = &proof.releases[i];
        HOP_AUTO_STR tag =
            hop_sprintf("%s-%s", r->version, hop_arch_get_tag_name(r->arch));
        HOP_AUTO_STR user = hop_sprintf("%s (%s) payload", r->version, r->arch);
        add_release(&d, &proof, r, tag, user);
    }
    *out = d.root;
    return HOP_OK;
}

/* ---- a registry ---- */

typedef struct looking {
    hop_registry_reader *reader;
    hop_strings tags;
    hop_proof_subject *subjects;
    size_t subject_count;
    document document;
} looking;

static void looking_clear(looking *l)
{
    hop_registry_reader_free(l->reader);
    hop_strings_clear(&l->tags);
    free(l->subjects);
    hop_json_free(l->document.root);
}

static hop_status open_repository(const hop_options *o, const hop_ref *ref,
                                  hop_progress *progress, hop_strings *authfiles,
                                  looking *l, hop_error **err)
{
    hop_registry_reader_opts opts = {.host = ref->host,
                                     .repository = ref->repository,
                                     .release_repository = ref->repository,
                                     .graph_data_repository = ref->repository,
                                     .depth = HOP_REGISTRY_HEADS,
                                     .tmp_dir = hop_environment_tmp_dir(),
                                     .seed = hop_environment_seed(),
                                     .event = hop_progress_event,
                                     .tick = on_bytes,
                                     .user = progress};
    hop_status s = hop_registry_side_with_auth(o, &o->common, authfiles, &opts.side, err);
    if (s == HOP_OK)
        s = hop_registry_reader_new(&opts, &l->reader, err);
    if (s == HOP_OK)
        s = hop_registry_reader_list_tags(l->reader, HOP_MEDIA_RELEASES, &l->tags, err);
    if (s == HOP_E_AUTH)
        hop_error_hint(err, "run `podman login %s` or pass --authfile", ref->host);
    if (s == HOP_OK && l->tags.len == 0)
        s = hop_error_set(err, HOP_E_NOT_FOUND, "%s/%s has no tags", ref->host,
                          ref->repository);
    return s;
}

/* What no service reads is not walked either; its type alone is said. */
static hop_status look_at_tag(looking *l, const char *tag, hop_error **err)
{
    hop_digest digest = {0};
    HOP_AUTO_STR type = NULL;
    hop_status s = hop_registry_reader_resolve(l->reader, HOP_MEDIA_RELEASES, tag,
                                               &digest, &type, err);
    if (s != HOP_OK)
        return s;
    if (type && strcmp(type_of(type), "oci") == 0) {
        (void)add_tag(&l->document, tag, &digest, "oci");
        return HOP_OK;
    }
    l->subjects = hop_realloc(l->subjects, l->subject_count + 1, sizeof(*l->subjects));
    l->subjects[l->subject_count++] =
        (hop_proof_subject){.tag = tag,
                            .version = "",
                            .arch = "",
                            .digest = digest,
                            .components = HOP_COMPONENTS_SKIP};
    return HOP_OK;
}

static hop_status walk(looking *l, hop_error **err)
{
    HOP_AUTO_VALUE(hop_proof) proof = {0};
    hop_want_source source = hop_registry_reader_get_source(l->reader);
    hop_proof_opts opts = {.releases = l->subjects,
                           .release_count = l->subject_count,
                           .places = HOP_PROOF_REGISTRY,
                           .trust = HOP_PROOF_NOT_CHECKED,
                           .now_s = (uint64_t)time(NULL)};
    hop_status s = hop_proof_walk(&source, &opts, &proof, err);
    for (size_t i = 0; s == HOP_OK && i < proof.release_count; i++) {
        const char *tag = l->subjects[i].tag;
        HOP_AUTO_STR user = hop_sprintf("%s payload", tag);
        if (hop_strings_has(hop_registry_reader_get_unnamed(l->reader), tag))
            hop_report_warning("no release: %s: the registry gives no "
                               "Docker-Content-Digest",
                               tag);
        else
            add_release(&l->document, &proof, &proof.releases[i], tag, user);
    }
    return s;
}

static hop_status look(const hop_options *o, const hop_ref *ref, looking *l,
                       hop_error **err)
{
    HOP_AUTO_VALUE(hop_strings) authfiles = {0};
    hop_progress progress;
    HOP_AUTO_STR repository = hop_sprintf("%s/%s", ref->host, ref->repository);
    l->document = begin(repository);
    hop_status s = hop_progress_init(o, &progress, err);
    if (s == HOP_OK)
        s = open_repository(o, ref, &progress, &authfiles, l, err);
    for (size_t i = 0; s == HOP_OK && i < l->tags.len; i++)
        s = look_at_tag(l, l->tags.items[i], err);
    return s == HOP_OK ? walk(l, err) : s;
}

static hop_status scrape_registry(const hop_options *o, const char *text, hop_json **out,
                                  hop_error **err)
{
    HOP_AUTO_VALUE(hop_ref) ref = {0};
    HOP_AUTO_VALUE(looking) l = {0};
    HOP_AUTO(hop_error) why = NULL;
    if (hop_ref_parse(text, &ref, &why) != HOP_OK || ref.tag || ref.digest.text[0])
        return hop_error_set(err, HOP_E_USAGE,
                             "\"" REGISTRY "%s\": expected " REGISTRY "HOST[:PORT]/REPO",
                             text);
    hop_status s = look(o, &ref, &l, err);
    if (s == HOP_OK)
        *out = hop_steal(&l.document.root);
    return s;
}

hop_status hop_releases_scrape(const hop_options *o, const char *place, hop_buf *out,
                               hop_error **err)
{
    HOP_AUTO(hop_json) doc = NULL;
    hop_status s = HOP_OK;
    if (hop_has_prefix(place, REGISTRY))
        s = scrape_registry(o, place + strlen(REGISTRY), &doc, err);
    else if (place[strlen(MEDIA)] == '\0')
        s = hop_error_set(err, HOP_E_USAGE, "\"%s\": expected dir:PATH", place);
    else
        s = scrape_media(place + strlen(MEDIA), &doc, err);
    if (s == HOP_OK)
        hop_json_dump(doc, HOP_JSON_COMPACT, out);
    return s;
}
