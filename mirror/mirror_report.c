/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mirror_private.h"

#include <stdlib.h>
#include <string.h>

/* ---- sizes: from manifests alone ---- */

static uint64_t add_capped(uint64_t a, uint64_t b)
{
    uint64_t sum = UINT64_MAX;
    return hop_add_u64(a, b, &sum) ? sum : UINT64_MAX;
}

static const hop_content *child_content(const hop_mirror *m, const hop_descriptor *d)
{
    HOP_AUTO_STR key = hop_sprintf("content %s", d->digest.text);
    return hop_table_get(&m->known, key);
}

static uint64_t size_of_content(const hop_mirror *m, const hop_content *c)
{
    if (!c || c->task.state != HOP_TASK_DONE || c->is_absent)
        return 0;
    uint64_t size = c->body.len;
    if (c->manifest.kind == HOP_MANIFEST_IMAGE)
        return add_capped(size, hop_manifest_get_size(&c->manifest));
    for (size_t i = 0; i < c->manifest.layer_count; i++) {
        const hop_content *child = child_content(m, &c->manifest.layers[i]);
        if (child && child->manifest.kind == HOP_MANIFEST_IMAGE)
            size = add_capped(size, size_of_content(m, child));
    }
    return size;
}

typedef struct tally {
    hop_table seen_in_run;
    hop_table seen_in_release;
    hop_release_report *report;
} tally;

static void tally_blob(tally *t, const hop_descriptor *d)
{
    if (d->is_foreign || hop_table_get(&t->seen_in_release, d->digest.text))
        return;
    hop_table_set(&t->seen_in_release, d->digest.text, t);
    t->report->bytes_unique = add_capped(t->report->bytes_unique, d->size_bytes);
    if (hop_table_get(&t->seen_in_run, d->digest.text))
        return;
    hop_table_set(&t->seen_in_run, d->digest.text, t);
    t->report->bytes_new = add_capped(t->report->bytes_new, d->size_bytes);
}

static void tally_image(tally *t, const hop_content *c)
{
    tally_blob(t, &c->manifest.config);
    for (size_t i = 0; i < c->manifest.layer_count; i++)
        tally_blob(t, &c->manifest.layers[i]);
}

static void tally_content(tally *t, const hop_mirror *m, const hop_content *c)
{
    if (!c || c->task.state != HOP_TASK_DONE || c->is_absent)
        return;
    if (c->manifest.kind == HOP_MANIFEST_IMAGE) {
        tally_image(t, c);
        return;
    }
    for (size_t i = 0; i < c->manifest.layer_count; i++) {
        const hop_content *child = child_content(m, &c->manifest.layers[i]);
        if (child && child->task.state == HOP_TASK_DONE &&
            child->manifest.kind == HOP_MANIFEST_IMAGE)
            tally_image(t, child);
    }
}

static void tally_releases(hop_mirror *m)
{
    tally t = {0};
    for (size_t r = 0; r < m->releases.len; r++) {
        t.report = &m->release_reports[r];
        for (size_t i = 0; i < m->images.len; i++) {
            const hop_image *image = m->images.items[i];
            if (image->release == r)
                tally_content(&t, m, image->content);
        }
        hop_table_clear(&t.seen_in_release);
    }
    hop_table_clear(&t.seen_in_run);
}

/* ---- the report ---- */

static int compare_images(const void *a, const void *b)
{
    static const int order[] = {
        [HOP_ROLE_COMPONENT] = 0,
        [HOP_ROLE_SIGNATURE] = 1,
        [HOP_ROLE_PAYLOAD] = 2,
        [HOP_ROLE_BYTES] = 3,
    };
    const hop_image_report *x = a;
    const hop_image_report *y = b;
    if (x->release != y->release)
        return x->release < y->release ? -1 : 1;
    if (order[x->role] != order[y->role])
        return order[x->role] - order[y->role];
    return strcmp(x->destination, y->destination);
}

static void report_images(hop_mirror *m)
{
    free(m->image_reports);
    m->image_reports = hop_alloc(m->images.len + 1, sizeof(*m->image_reports));
    for (size_t i = 0; i < m->images.len; i++) {
        const hop_image *image = m->images.items[i];
        m->image_reports[i] = (hop_image_report){
            .release = image->release,
            .role = image->role,
            .name = image->name,
            .source = image->source,
            .destination = image->destination,
            .digest = image->digest,
            .size_bytes = size_of_content(m, image->content),
            .state = image->state,
        };
    }
    qsort(m->image_reports, m->images.len, sizeof(*m->image_reports), compare_images);
    m->report.images = m->image_reports;
    m->report.image_count = m->images.len;
}

/* Counted anew: a signature can have moved to an earlier release after it was done. */
static void count_images(const hop_mirror *m, size_t release, hop_counters *out)
{
    out->images_total = out->images_done = out->images_present = out->images_failed = 0;
    for (size_t i = 0; i < m->images.len; i++) {
        const hop_image *image = m->images.items[i];
        if (image->release != release)
            continue;
        out->images_total++;
        out->images_done += image->state == HOP_ITEM_DONE;
        out->images_present += image->state == HOP_ITEM_PRESENT;
        out->images_failed += image->state == HOP_ITEM_FAILED;
    }
}

static void report_sigstore(const hop_mirror *m, size_t release, hop_release_report *out)
{
    const hop_release *r = m->releases.items[release];
    out->sigstore =
        hop_mirror_sigstore_state(m, r->origin, &r->payload.digest, r->content);
    for (size_t i = 0; i < m->images.len; i++) {
        const hop_image *image = m->images.items[i];
        if (image->release == release && image->role == HOP_ROLE_COMPONENT)
            out->sigstore_components[hop_mirror_sigstore_state(
                m, image->origin, &image->digest, image->content)]++;
    }
}

static void report_releases(hop_mirror *m)
{
    free(m->release_reports);
    m->release_reports = hop_alloc(m->releases.len + 1, sizeof(*m->release_reports));
    for (size_t i = 0; i < m->releases.len; i++) {
        const hop_release *r = m->releases.items[i];
        m->release_reports[i] = (hop_release_report){
            .version = r->version,
            .arch = r->arch,
            .payload = r->payload.digest,
            .source = r->payload_text,
            .destination = r->destination,
            .state = r->state,
            .count = r->count,
            .info = r->has_info ? &r->info : NULL,
        };
        count_images(m, i, &m->release_reports[i].count);
        report_sigstore(m, i, &m->release_reports[i]);
    }
    tally_releases(m);
    m->report.releases = m->release_reports;
    m->report.release_count = m->releases.len;
}

static void report_failures(hop_mirror *m)
{
    free(m->failure_reports);
    m->failure_reports = hop_alloc(m->failures.len + 1, sizeof(*m->failure_reports));
    for (size_t i = 0; i < m->failures.len; i++) {
        const hop_failed *f = m->failures.items[i];
        m->failure_reports[i] = (hop_failure){
            .release = f->release,
            .name = f->name,
            .digest = f->cause.digest,
            .url = f->cause.url,
            .http_status = f->cause.http_status,
            .attempts = f->cause.attempts,
            .status = hop_error_get_status(f->cause.error),
            .error = f->cause.error,
        };
    }
    m->report.failures = m->failure_reports;
    m->report.failure_count = m->failures.len;
}

static bool has_failure(const hop_mirror *m, hop_status status)
{
    for (size_t i = 0; i < m->failures.len; i++) {
        const hop_failed *f = m->failures.items[i];
        if (hop_error_get_status(f->cause.error) == status)
            return true;
    }
    return false;
}

/* The order of DESIGN.md's exit codes: what a rerun cannot cure comes first. */
static hop_status overall(const hop_mirror *m)
{
    static const hop_status final[] = {HOP_E_USAGE, HOP_E_DISK, HOP_E_DIGEST,
                                       HOP_E_SIGNATURE, HOP_E_AUTH};
    static const hop_status hopeless[] = {HOP_E_PARSE, HOP_E_LIMIT};
    if (m->is_cancelled)
        return HOP_E_CANCELLED;
    if (m->failures.len == 0)
        return HOP_OK;
    for (size_t i = 0; i < HOP_COUNT_OF(final); i++)
        if (has_failure(m, final[i]))
            return final[i];
    bool may_be_cured = true;
    for (size_t i = 0; i < HOP_COUNT_OF(hopeless); i++)
        may_be_cured = may_be_cured && !has_failure(m, hopeless[i]);
    if (may_be_cured && m->count.images_done + m->count.images_present > 0)
        return HOP_E_PARTIAL;
    if (!has_failure(m, HOP_E_NET) && !has_failure(m, HOP_E_NOT_FOUND))
        return hop_error_get_status(((hop_failed *)m->failures.items[0])->cause.error);
    return HOP_E_NET;
}

const hop_mirror_report *hop_mirror_get_report(hop_mirror *m)
{
    hop_engine_stats stats = hop_engine_get_stats(m->engine);
    report_images(m);
    report_releases(m);
    report_failures(m);
    m->report.status = overall(m);
    m->report.count = m->count;
    m->report.source_bytes = stats.source_bytes;
    m->report.requests = stats.requests;
    m->report.retries = stats.retries;
    return &m->report;
}

static bool is_complete(const hop_release *r)
{
    return r->state == HOP_ITEM_DONE || r->state == HOP_ITEM_PRESENT;
}

hop_mirror_progress hop_mirror_get_progress(const hop_mirror *m)
{
    hop_engine_stats stats = hop_engine_get_stats(m->engine);
    hop_mirror_progress p = {
        .count = m->count,
        .bytes_sent = stats.sent_bytes,
        .source_bytes = stats.source_bytes,
        .requests = stats.requests,
        .retries = stats.retries,
        .active = stats.streams,
        .waiting = stats.waiting,
        .releases_total = m->releases.len,
    };
    for (size_t i = 0; i < m->releases.len; i++)
        p.releases_done += is_complete(m->releases.items[i]);
    return p;
}
