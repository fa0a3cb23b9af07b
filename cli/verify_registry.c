/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command.h"
#include "environment.h"
#include "hop_registry_proof.h"
#include "mirror_order.h"
#include "planned_data.h"
#include "registry_options.h"
#include "report.h"
#include "served.h"
#include "verify_graph_data.h"
#include "verify_run.h"
#include "verify_signatures.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define OR(text, fallback) ((text) ? (text) : (fallback))

/* What is asked of the registry. */
typedef struct asking {
    hop_verify_run *v;
    const char *host;
    const char *repositories[3]; /* by hop_media_place */
    hop_registry_reader *reader;
    hop_strings authfiles;
    hop_strings tags[2]; /* of components and releases */
    hop_order order;     /* of --plan, --from and --to; else empty */
    hop_proof_subject *subjects;
    hop_signatures *signatures; /* of each subject */
    size_t subject_count;
    size_t asked_count; /* of these the first are asked about; the others only stand in
                           the repository */
    hop_strings texts;  /* that subjects borrow */
    hop_proof_image *images;
    size_t image_count;
} asking;

static void asking_clear(asking *a)
{
    for (size_t i = 0; i < a->subject_count; i++) {
        hop_signatures_clear(&a->signatures[i]);
        free((void *)(uintptr_t)a->subjects[i].signatures);
    }
    hop_registry_reader_free(a->reader);
    hop_strings_clear(&a->authfiles);
    for (size_t i = 0; i < HOP_COUNT_OF(a->tags); i++)
        hop_strings_clear(&a->tags[i]);
    hop_order_clear(&a->order);
    free(a->subjects);
    free(a->signatures);
    free(a->images);
    hop_strings_clear(&a->texts);
}

/* ---- the registry ---- */

static hop_status on_tick(void *user, uint64_t answered, uint64_t asked, hop_error **err)
{
    hop_verify_run *v = user;
    if (hop_signal_get())
        return hop_error_set(err, HOP_E_CANCELLED, "stopped by a signal");
    hop_progress_answers(&v->progress, answered, asked);
    return HOP_OK;
}

static void on_event(void *user, const hop_mirror_event *event)
{
    hop_verify_run *v = user;
    hop_progress_event(&v->progress, event);
}

static hop_status open_registry(asking *a, hop_error **err)
{
    const hop_options *o = a->v->o;
    uint64_t jobs = 0;
    hop_status s = hop_registry_host(o->args.items[0], &a->host, err);
    if (s == HOP_OK)
        s = hop_options_number("--jobs", o->jobs, 1, 64, 0, &jobs, err);
    unsigned stall_s = 0;
    unsigned outage_s = 0;
    if (s == HOP_OK)
        s = hop_registry_timeouts(o, &stall_s, &outage_s, err);
    a->repositories[HOP_MEDIA_COMPONENTS] = OR(o->repository, "ocp4/openshift4");
    a->repositories[HOP_MEDIA_RELEASES] =
        OR(o->release_repository, "ocp4/openshift4-release-images");
    a->repositories[HOP_MEDIA_GRAPH_DATA_PLACE] =
        OR(o->graph_data_repository, "ocp4/graph-data");
    hop_registry_reader_opts opts = {
        .host = a->host,
        .repository = a->repositories[HOP_MEDIA_COMPONENTS],
        .release_repository = a->repositories[HOP_MEDIA_RELEASES],
        .graph_data_repository = a->repositories[HOP_MEDIA_GRAPH_DATA_PLACE],
        .depth = o->deep ? HOP_REGISTRY_DEEP : HOP_REGISTRY_HEADS,
        .tmp_dir = hop_environment_tmp_dir(),
        .jobs = (unsigned)jobs,
        .stall_s = stall_s,
        .outage_s = outage_s,
        .seed = hop_environment_seed(),
        .event = on_event,
        .tick = on_tick,
        .user = a->v};
    if (s == HOP_OK)
        s = hop_registry_side_with_auth(o, &o->common, &a->authfiles, &opts.side, err);
    if (s == HOP_OK)
        s = hop_registry_reader_new(&opts, &a->reader, err);
    if (s == HOP_OK)
        s = hop_registry_reader_list_tags(a->reader, HOP_MEDIA_RELEASES,
                                          &a->tags[HOP_MEDIA_RELEASES], err);
    if (s == HOP_OK)
        s = hop_registry_reader_list_tags(a->reader, HOP_MEDIA_COMPONENTS,
                                          &a->tags[HOP_MEDIA_COMPONENTS], err);
    if (s == HOP_E_AUTH)
        hop_error_hint(err, "run `podman login %s` or pass --authfile", a->host);
    return s == HOP_OK ? s : hop_error_wrap(err, "verify %s", o->args.items[0]);
}

/* ---- which releases ---- */

static const char *keep(asking *a, char *text)
{
    hop_strings_take(&a->texts, &text);
    return a->texts.items[a->texts.len - 1];
}

static bool is_signature_tag(const char *tag)
{
    return hop_has_prefix(tag, "sha256-") && hop_has_suffix(tag, ".sig");
}

static void add_subject(asking *a, const char *version, const char *arch,
                        const hop_digest *digest, hop_components components)
{
    a->subjects = hop_realloc(a->subjects, a->subject_count + 1, sizeof(*a->subjects));
    a->signatures =
        hop_realloc(a->signatures, a->subject_count + 1, sizeof(*a->signatures));
    a->signatures[a->subject_count] = (hop_signatures){0};
    a->subjects[a->subject_count++] =
        (hop_proof_subject){.version = keep(a, hop_strdup(version)),
                            .arch = arch,
                            .digest = *digest,
                            .components = components};
}

static bool has_order(const hop_options *o)
{
    return o->plan || o->from.len || o->to;
}

static hop_status take_order(asking *a, hop_error **err)
{
    hop_status s = hop_order_load(a->v->o, &a->order, err);
    const hop_plan_set *unusable = s == HOP_OK ? hop_job_find_unusable(&a->order) : NULL;
    if (unusable)
        return hop_error_set(err, HOP_E_NO_PATH, "there is no path to %s: %s",
                             unusable->plans[0]->to,
                             hop_plan_status_name(unusable->status));
    for (size_t i = 0; s == HOP_OK && i < a->order.release_count; i++) {
        const hop_order_release *r = &a->order.releases[i];
        HOP_AUTO_VALUE(hop_ref) ref = {0};
        s = hop_ref_parse(r->payload, &ref, err);
        if (s == HOP_OK)
            add_subject(a, r->version, r->arch, &ref.digest, r->components);
    }
    a->asked_count = a->subject_count;
    return s;
}

/* "4.18.9-x86_64" of a payload; NULL for other tags. The version is heap text. */
static char *read_payload_tag(const char *tag, const char **arch)
{
    const char *dash = strrchr(tag, '-');
    *arch = dash ? hop_arch_parse(dash + 1) : NULL;
    hop_version version;
    HOP_AUTO(hop_error) ignored = NULL;
    if (!*arch || strcmp(hop_arch_get_tag_name(*arch), dash + 1) != 0)
        return NULL;
    HOP_AUTO_STR text = hop_strndup(tag, (size_t)(dash - tag));
    /* '_' stands in a tag for the '+' of a version. */
    for (char *c = text; *c; c++)
        *c = *c == '_' ? '+' : *c;
    return hop_version_parse(text, &version, &ignored) == HOP_OK ? hop_strdup(text)
                                                                 : NULL;
}

/* The start of a path is mirrored without components: none of its tags is there. The
 * walk asks its payload whether it can be one. */
static hop_components guess_components(const asking *a, const char *tag)
{
    HOP_AUTO_STR prefix = hop_sprintf("%s-", tag);
    const hop_strings *tags = &a->tags[HOP_MEDIA_COMPONENTS];
    for (size_t i = 0; i < tags->len; i++)
        if (hop_has_prefix(tags->items[i], prefix))
            return HOP_COMPONENTS_COPY;
    return HOP_COMPONENTS_SKIP;
}

static bool is_known(const asking *a, const hop_digest *digest)
{
    for (size_t i = 0; i < a->subject_count; i++)
        if (hop_digest_is_equal(&a->subjects[i].digest, digest))
            return true;
    return false;
}

/* Two tags of one image are one image to the service. */
static bool is_of_payload(const char *tag)
{
    const char *arch = NULL;
    HOP_AUTO_STR version = read_payload_tag(tag, &arch);
    return version != NULL;
}

/* Then the walk asks for its tag. */
static bool is_asked(const asking *a, const char *version, const char *arch)
{
    for (size_t i = 0; i < a->asked_count; i++)
        if (strcmp(a->subjects[i].version, version) == 0 &&
            strcmp(a->subjects[i].arch, arch) == 0)
            return true;
    return false;
}

static void note_dangling(asking *a, const char *tag)
{
    const char *arch = NULL;
    HOP_AUTO_STR version = read_payload_tag(tag, &arch);
    if (version && is_asked(a, version, arch))
        return;
    HOP_AUTO_STR file =
        hop_sprintf("%s/%s:%s", a->host, a->repositories[HOP_MEDIA_RELEASES], tag);
    hop_proof_finding *f = hop_proof_add(&a->v->proof, HOP_PROOF_ERROR, "missing", file,
                                         "the tag leads to no manifest");
    if (!version)
        return;
    HOP_AUTO_STR hop = hop_sprintf("%s (%s) payload", version, arch);
    hop_strings_add(&f->hops, hop);
}

/* An update service reads every tag, whatever it is called and whatever is asked. */
static void add_beside(asking *a, const char *tag, const hop_digest *digest,
                       hop_proof_extent extent)
{
    if (is_known(a, digest))
        return;
    add_subject(a, "", "", digest, HOP_COMPONENTS_SKIP);
    a->subjects[a->subject_count - 1].tag = tag;
    a->subjects[a->subject_count - 1].extent = extent;
}

static void take_tag(asking *a, const char *tag, const hop_digest *digest)
{
    const char *arch = NULL;
    HOP_AUTO_STR version = read_payload_tag(tag, &arch);
    if (has_order(a->v->o)) {
        add_beside(a, tag, digest, HOP_PROOF_SCRAPED);
    } else if (version) {
        add_subject(a, version, arch, digest, guess_components(a, tag));
        a->subjects[a->subject_count - 1].extent = HOP_PROOF_START_ONLY;
    } else {
        add_beside(a, tag, digest, HOP_PROOF_RELEASE);
    }
}

/* Payloads, then what else may be one. */
static void list_images(const asking *a, hop_strings *out)
{
    const hop_strings *tags = &a->tags[HOP_MEDIA_RELEASES];
    const hop_strings *components = &a->tags[HOP_MEDIA_COMPONENTS];
    for (size_t i = 0; i < tags->len; i++)
        if (is_of_payload(tags->items[i]))
            hop_strings_add(out, tags->items[i]);
    for (size_t i = 0; i < tags->len; i++) {
        const char *tag = tags->items[i];
        /* Components are told of by name, and are no releases. */
        if (!is_of_payload(tag) && !is_signature_tag(tag) &&
            !hop_strings_has(components, tag))
            hop_strings_add(out, tag);
    }
}

static hop_status take_tags(asking *a, hop_error **err)
{
    HOP_AUTO_VALUE(hop_strings) images = {0};
    list_images(a, &images);
    hop_digest *digests = hop_alloc(images.len, sizeof(*digests));
    hop_status s = hop_registry_reader_resolve_all(a->reader, HOP_MEDIA_RELEASES,
                                                   (const char *const *)images.items,
                                                   images.len, digests, err);
    for (size_t i = 0; s == HOP_OK && i < images.len; i++) {
        if (digests[i].text[0])
            take_tag(a, keep(a, hop_strdup(images.items[i])), &digests[i]);
        else
            note_dangling(a, images.items[i]);
    }
    free(digests);
    if (!has_order(a->v->o))
        a->asked_count = a->subject_count;
    if (s == HOP_OK && images.len == 0 && !has_order(a->v->o))
        hop_proof_add(&a->v->proof, HOP_PROOF_ERROR, "missing",
                      a->repositories[HOP_MEDIA_RELEASES],
                      "there is no release image in this repository");
    return s;
}

/* ---- signatures ---- */

static hop_status take_signatures(asking *a, hop_error **err)
{
    hop_verify_run *v = a->v;
    v->checked = v->trust.is_skipped               ? HOP_PROOF_SKIP
                 : hop_verify_has_signatures(v->o) ? HOP_PROOF_DEMAND
                                                   : HOP_PROOF_NOT_CHECKED;
    if (v->checked == HOP_PROOF_NOT_CHECKED)
        hop_report_warning("release signatures are not checked: --resources DIR or "
                           "--signature-store says where they are");
    hop_status s = HOP_OK;
    for (size_t i = 0;
         s == HOP_OK && v->checked == HOP_PROOF_DEMAND && i < a->asked_count; i++) {
        hop_proof_subject *subject = &a->subjects[i];
        hop_signatures *found = &a->signatures[i];
        s = hop_verify_read_signatures(v->o, &subject->digest, found, err);
        hop_resources_signature *list = hop_alloc(found->len, sizeof(*list));
        for (size_t k = 0; k < found->len; k++)
            if (found->items[k].data)
                list[subject->signature_count++] = (hop_resources_signature){
                    .data = found->items[k].data, .len = found->items[k].len};
        subject->signatures = list;
    }
    return s;
}

static hop_status take_sigstore_of(asking *a, hop_media_place place, hop_error **err)
{
    const hop_strings *tags = &a->tags[place];
    const char **names = hop_alloc(tags->len, sizeof(char *));
    hop_digest *digests = hop_alloc(tags->len, sizeof(*digests));
    size_t count = 0;
    for (size_t i = 0; i < tags->len; i++)
        if (is_signature_tag(tags->items[i]))
            names[count++] = tags->items[i];
    hop_status s =
        hop_registry_reader_resolve_all(a->reader, place, names, count, digests, err);
    for (size_t i = 0; s == HOP_OK && i < count; i++)
        a->images[a->image_count++] =
            (hop_proof_image){.place = place, .tag = names[i], .digest = digests[i]};
    free(names);
    free(digests);
    return s;
}

static hop_status take_sigstore(asking *a, hop_error **err)
{
    a->images =
        hop_alloc(a->tags[HOP_MEDIA_COMPONENTS].len + a->tags[HOP_MEDIA_RELEASES].len,
                  sizeof(*a->images));
    hop_status s = take_sigstore_of(a, HOP_MEDIA_COMPONENTS, err);
    return s == HOP_OK ? take_sigstore_of(a, HOP_MEDIA_RELEASES, err) : s;
}

/* ---- what would hurt an update service ---- */

static void check_release_tags(asking *a)
{
    const hop_strings *tags = &a->tags[HOP_MEDIA_RELEASES];
    const hop_strings *components = &a->tags[HOP_MEDIA_COMPONENTS];
    for (size_t i = 0; i < tags->len; i++) {
        const char *tag = tags->items[i];
        if (is_signature_tag(tag) || is_of_payload(tag))
            continue;
        HOP_AUTO_STR file =
            hop_sprintf("%s/%s:%s", a->host, a->repositories[HOP_MEDIA_RELEASES], tag);
        bool is_component = hop_strings_has(components, tag);
        hop_proof_add(&a->v->proof, is_component ? HOP_PROOF_ERROR : HOP_PROOF_WARNING,
                      "osus", file,
                      is_component
                          ? "a component in the repository of the releases: an update "
                            "service reads all its layers into memory and may be killed"
                          : "the tag is of no release: an update service reads it all "
                            "the same, and a second image of a version stops it");
    }
}

/* OCI distribution-spec leaves the header to the registry; the service does not compute
 * what is missing. */
static void check_unnamed(asking *a)
{
    const hop_strings *tags = hop_registry_reader_get_unnamed(a->reader);
    for (size_t i = 0; i < tags->len; i++) {
        const char *arch = NULL;
        HOP_AUTO_STR version = read_payload_tag(tags->items[i], &arch);
        if (!version)
            continue;
        HOP_AUTO_STR file = hop_sprintf(
            "%s/%s:%s", a->host, a->repositories[HOP_MEDIA_RELEASES], tags->items[i]);
        hop_proof_finding *f = hop_proof_add(
            &a->v->proof, HOP_PROOF_ERROR, "osus", file,
            "the registry gives no Docker-Content-Digest: an update service cannot name "
            "the release and passes it over");
        HOP_AUTO_STR hop = hop_sprintf("%s (%s)", version, arch);
        hop_strings_add(&f->hops, hop);
    }
}

static void check_release_form(asking *a, const hop_proof_release *r)
{
    const char *why = NULL;
    if (!r->media_type)
        return;
    if (strcmp(r->media_type, HOP_TYPE_OCI_MANIFEST) == 0 ||
        strcmp(r->media_type, HOP_TYPE_OCI_INDEX) == 0)
        why = "its manifest is of an OCI type: an update service passes it over";
    else if (r->list_entries == 1)
        why = "it is a list with one entry: an update service that is older than March "
              "2026 stops at it";
    if (!why)
        return;
    hop_proof_finding *f =
        hop_proof_add(&a->v->proof, HOP_PROOF_ERROR, "osus", r->digest.text, "%s", why);
    HOP_AUTO_STR hop = hop_sprintf("%s (%s)", r->version, r->arch);
    hop_strings_add(&f->hops, hop);
}

static void check_twice(asking *a, size_t index)
{
    const hop_proof *p = &a->v->proof;
    const hop_proof_release *r = &p->releases[index];
    for (size_t i = 0; i < index; i++) {
        const hop_proof_release *other = &p->releases[i];
        if (strcmp(other->version, r->version) != 0 ||
            strcmp(other->arch, r->arch) != 0 ||
            hop_digest_is_equal(&other->digest, &r->digest))
            continue;
        hop_proof_finding *f = hop_proof_add(
            &a->v->proof, HOP_PROOF_ERROR, "osus", r->digest.text,
            "a second image of the same release, beside %s: an update service serves "
            "nothing at all",
            other->digest.text);
        HOP_AUTO_STR hop = hop_sprintf("%s (%s)", r->version, r->arch);
        hop_strings_add(&f->hops, hop);
        return;
    }
}

static void note_payload_only(const asking *a)
{
    const hop_proof *p = &a->v->proof;
    for (size_t i = 0; i < p->release_count; i++)
        if (p->releases[i].is_payload_only &&
            a->subjects[i].extent == HOP_PROOF_START_ONLY)
            hop_report_note(a->v->o,
                            "%s (%s) is there as a payload only, which is enough for the "
                            "start of a path",
                            p->releases[i].version, p->releases[i].arch);
}

/* ---- what will be served ---- */

static hop_status check_served(asking *a, hop_error **err)
{
    hop_proof *proof = &a->v->proof;
    HOP_AUTO_STR repository =
        hop_sprintf("%s/%s", a->host, a->repositories[HOP_MEDIA_RELEASES]);
    HOP_AUTO_VALUE(hop_buf) scraped = hop_buf_init(HOP_BUF_TEXT);
    HOP_AUTO_VALUE(hop_strings) tags = {0};
    HOP_AUTO_VALUE(hop_verify_data) data = {0};
    hop_served_scrape(proof, repository, &scraped);
    hop_status s =
        hop_registry_reader_list_tags(a->reader, HOP_MEDIA_GRAPH_DATA_PLACE, &tags, err);
    hop_verify_data_place place = {.host = a->host,
                                   .repository =
                                       a->repositories[HOP_MEDIA_GRAPH_DATA_PLACE],
                                   .tags = &tags};
    if (s == HOP_OK)
        s = hop_verify_data_read(a->v->o, &place, &a->v->progress, proof, &data, err);
    if (s != HOP_OK || !data.source)
        return s;
    hop_planned_data_check(a->order.plans, a->order.plan_count, &data.image.info.tree,
                           data.source, proof);
    hop_served_check(proof, &scraped, &data.image.tree, data.source, a->order.plans,
                     a->order.plan_count, &a->v->served);
    a->v->graph_data = hop_steal(&data.source);
    return HOP_OK;
}

static hop_status verify(asking *a, hop_error **err)
{
    hop_verify_run *v = a->v;
    v->how = "--plan FILE gives one, or --from V and --to V";
    hop_status s = open_registry(a, err);
    if (s == HOP_OK && has_order(v->o))
        s = take_order(a, err);
    if (s == HOP_OK)
        s = take_tags(a, err);
    if (s == HOP_OK)
        s = take_signatures(a, err);
    if (s == HOP_OK)
        s = take_sigstore(a, err);
    if (s != HOP_OK)
        return s;
    hop_want_source source = hop_registry_reader_get_source(a->reader);
    hop_proof_opts opts = {.releases = a->subjects,
                           .release_count = a->subject_count,
                           .signatures = a->images,
                           .signature_count = a->image_count,
                           .sigstore = hop_trust_sigstore(v->o),
                           .places = HOP_PROOF_REGISTRY,
                           .trust = v->checked,
                           .keyrings = v->trust.keyrings,
                           .keyring_count = v->trust.keyring_count,
                           .now_s = (uint64_t)time(NULL)};
    s = hop_proof_walk(&source, &opts, &v->proof, err);
    hop_progress_end(&v->progress);
    if (s != HOP_OK)
        return s;
    note_payload_only(a);
    check_release_tags(a);
    check_unnamed(a);
    for (size_t i = 0; i < v->proof.release_count; i++) {
        check_release_form(a, &v->proof.releases[i]);
        check_twice(a, i);
    }
    s = check_served(a, err);
    hop_proof_drop_releases(&v->proof, a->asked_count);
    hop_verify_take_gates(v, a->order.plans, a->order.plan_count);
    return s;
}

hop_status hop_verify_registry(hop_verify_run *v, hop_error **err)
{
    asking a = {.v = v};
    hop_status s = verify(&a, err);
    asking_clear(&a);
    return s;
}
