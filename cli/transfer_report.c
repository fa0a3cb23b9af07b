/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transfer_report.h"

#include "command.h"
#include "report.h"
#include "trust.h"

#include <string.h>

/* ---- exit code ---- */

/* A failure by its cause. A document that is not what its digest promised to be is a
 * matter of integrity. */
static int exit_of_failure(const hop_failure *f)
{
    if (f->status == HOP_E_PARSE || f->status == HOP_E_LIMIT)
        return HOP_EXIT_INTEGRITY;
    if (f->status == HOP_E_NOT_FOUND)
        return HOP_EXIT_NETWORK;
    return hop_exit_of(f->status);
}

/* The graph-data image is made here: that it arrived says nothing about the source. */
static bool has_release_images(const hop_mirror_report *r)
{
    for (size_t i = 0; i < r->release_count; i++)
        if (r->releases[i].count.images_done + r->releases[i].count.images_present > 0)
            return true;
    return false;
}

int hop_transfer_report_exit(const hop_mirror_report *r)
{
    int code = HOP_EXIT_OK;
    bool is_curable = true;
    for (size_t i = 0; i < r->failure_count; i++) {
        const hop_failure *f = &r->failures[i];
        int one = exit_of_failure(f);
        is_curable = is_curable && f->status == HOP_E_NET;
        code = code == HOP_EXIT_OK ? one : hop_exit_worse(code, one);
    }
    if (r->status == HOP_E_CANCELLED && hop_signal_get())
        return HOP_EXIT_SIGNAL + hop_signal_get();
    if (code == HOP_EXIT_OK)
        return hop_exit_of(r->status);
    bool some_arrived = has_release_images(r);
    return is_curable && some_arrived ? HOP_EXIT_PARTIAL : code;
}

/* ---- failures ---- */

static const hop_release_report *release_of(const hop_mirror_report *r, size_t index)
{
    return index < r->release_count ? &r->releases[index] : NULL;
}

/* What is at the bottom of an error; many failures of a run share it. */
static const char *root_of(const hop_error *err)
{
    const char *root = "", *frame = NULL;
    for (size_t i = 0; (frame = hop_error_get_frame(err, i)); i++)
        root = frame;
    return root;
}

static size_t find_same_cause(const hop_mirror_report *r, size_t index)
{
    const char *root = root_of(r->failures[index].error);
    size_t i = 0;
    while (i < index && strcmp(root_of(r->failures[i].error), root) != 0)
        i++;
    return i;
}

static void print_failure_name(const hop_mirror_report *r, const hop_failure *f)
{
    const hop_release_report *in = release_of(r, f->release);
    fprintf(stderr, "failed: ");
    if (in) {
        hop_report_visible(stderr, in->version);
        fprintf(stderr, " (%s) ", in->arch);
    }
    hop_report_visible(stderr, f->name ? f->name : "image");
    fprintf(stderr, "%s%s", f->digest.text[0] ? " " : "", f->digest.text);
}

void hop_transfer_report_failures(const hop_mirror_report *r)
{
    for (size_t i = 0; i < r->failure_count; i++) {
        const hop_failure *f = &r->failures[i];
        print_failure_name(r, f);
        if (find_same_cause(r, i) < i) {
            fputs(": for the same cause\n", stderr);
            continue;
        }
        HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
        hop_error_print(f->error, &text);
        fprintf(stderr, "\n%s", hop_buf_get(&text));
    }
}

/* ---- text ---- */

static const char *state_word(hop_item_state s)
{
    switch (s) {
    case HOP_ITEM_PENDING:
        return "not done";
    case HOP_ITEM_DONE:
        return "mirrored";
    case HOP_ITEM_PRESENT:
        return "was there";
    case HOP_ITEM_FAILED:
        return "FAILED";
    }
    return "";
}

static void add_size_column(hop_buf *out, uint64_t bytes)
{
    HOP_AUTO_VALUE(hop_buf) size = hop_buf_init(HOP_BUF_TEXT);
    hop_buf_add_size(&size, bytes);
    hop_buf_addf(out, "  %10s", hop_buf_get(&size));
}

static void add_row(hop_buf *out, const char *name, const char *arch, const char *state,
                    const hop_counters *c)
{
    HOP_AUTO_VALUE(hop_buf) visible = hop_buf_init(HOP_BUF_TEXT);
    hop_buf_add_visible(&visible, name, strlen(name));
    hop_buf_addf(out, "%-20s %-8s %-10s %6zu", hop_buf_get(&visible), arch, state,
                 c->images_done + c->images_present);
    add_size_column(out, c->bytes_copied);
    add_size_column(out, c->bytes_mounted);
    add_size_column(out, c->bytes_skipped);
    hop_buf_addc(out, '\n');
}

void hop_transfer_report_text(const hop_mirror_report *r, hop_buf *out)
{
    hop_buf_addf(out, "%-20s %-8s %-10s %6s  %10s  %10s  %10s\n", "release", "arch",
                 "state", "images", "copied", "mounted", "was there");
    for (size_t i = 0; i < r->release_count; i++)
        add_row(out, r->releases[i].version, r->releases[i].arch,
                state_word(r->releases[i].state), &r->releases[i].count);
    add_row(out, "total", "", r->failure_count ? "incomplete" : "", &r->count);
}

void hop_transfer_report_mapping(const hop_mirror_report *r, hop_buf *out)
{
    for (size_t i = 0; i < r->image_count; i++) {
        const hop_image_report *image = &r->images[i];
        if (image->state == HOP_ITEM_FAILED)
            continue;
        hop_buf_add_visible(out, image->source, strlen(image->source));
        hop_buf_addc(out, ' ');
        hop_buf_add_visible(out, image->destination, strlen(image->destination));
        hop_buf_addc(out, '\n');
    }
    uint64_t total = 0;
    for (size_t i = 0; i < r->release_count; i++) {
        const hop_release_report *rel = &r->releases[i];
        hop_buf_addf(out, "# %s %s: %llu bytes, %llu of them new on this path\n",
                     rel->version, rel->arch, (unsigned long long)rel->bytes_unique,
                     (unsigned long long)rel->bytes_new);
        total += rel->bytes_new;
    }
    hop_buf_addf(out, "# all: %llu bytes\n", (unsigned long long)total);
}

/* ---- JSON ---- */

static void set_counters(hop_json *obj, const hop_counters *c)
{
    hop_json *images = hop_json_add_object(obj, "images");
    hop_json_set_uint(images, "total", c->images_total);
    hop_json_set_uint(images, "copied", c->images_done);
    hop_json_set_uint(images, "present", c->images_present);
    hop_json_set_uint(images, "failed", c->images_failed);
    hop_json *blobs = hop_json_add_object(obj, "blobs");
    hop_json_set_uint(blobs, "copied", c->blobs_copied);
    hop_json_set_uint(blobs, "skipped", c->blobs_skipped);
    hop_json_set_uint(blobs, "mounted", c->blobs_mounted);
    hop_json *bytes = hop_json_add_object(obj, "bytes");
    hop_json_set_uint(bytes, "copied", c->bytes_copied);
    hop_json_set_uint(bytes, "skipped", c->bytes_skipped);
    hop_json_set_uint(bytes, "mounted", c->bytes_mounted);
}

static const char *state_key(hop_item_state s)
{
    switch (s) {
    case HOP_ITEM_PENDING:
        return "pending";
    case HOP_ITEM_DONE:
        return "done";
    case HOP_ITEM_PRESENT:
        return "present";
    case HOP_ITEM_FAILED:
        return "failed";
    }
    return "pending";
}

static void set_releases(const hop_mirror_report *r, hop_json *doc)
{
    hop_json *list = hop_json_add_array(doc, "releases");
    for (size_t i = 0; i < r->release_count; i++) {
        const hop_release_report *rel = &r->releases[i];
        hop_json *item = hop_json_append_object(list);
        hop_json_set_string(item, "version", rel->version);
        hop_json_set_string(item, "arch", rel->arch);
        hop_json_set_string(item, "digest", rel->payload.text);
        hop_json_set_string(item, "source", rel->source);
        hop_json_set_string(item, "destination", rel->destination);
        hop_json_set_string(item, "state", state_key(rel->state));
        hop_json_set_string(item, "sigstore", hop_trust_sigstore_word(rel->sigstore));
        set_counters(item, &rel->count);
        hop_json_set_uint(item, "bytes_unique", rel->bytes_unique);
        hop_json_set_uint(item, "bytes_new", rel->bytes_new);
    }
}

static void set_images(const hop_mirror_report *r, hop_json *doc)
{
    static const char *const roles[] = {"component", "payload", "signature",
                                        "graph-data"};
    hop_json *list = hop_json_add_array(doc, "images");
    for (size_t i = 0; i < r->image_count; i++) {
        const hop_image_report *image = &r->images[i];
        const hop_release_report *in = release_of(r, image->release);
        hop_json *item = hop_json_append_object(list);
        hop_json_set_string(item, "hop", in ? in->version : NULL);
        hop_json_set_string(item, "arch", in ? in->arch : NULL);
        hop_json_set_string(item, "role", roles[image->role]);
        hop_json_set_string(item, "name", image->name);
        hop_json_set_string(item, "source", image->source);
        hop_json_set_string(item, "destination", image->destination);
        hop_json_set_string(item, "digest", image->digest.text);
        hop_json_set_uint(item, "size", image->size_bytes);
        hop_json_set_string(item, "state", state_key(image->state));
    }
}

static void set_failures(const hop_mirror_report *r, hop_json *doc)
{
    hop_json *list = hop_json_add_array(doc, "failures");
    for (size_t i = 0; i < r->failure_count; i++) {
        const hop_failure *f = &r->failures[i];
        const hop_release_report *in = release_of(r, f->release);
        HOP_AUTO_VALUE(hop_buf) why = hop_buf_init(HOP_BUF_TEXT);
        hop_error_join(f->error, &why);
        hop_json *item = hop_json_append_object(list);
        hop_json_set_string(item, "hop", in ? in->version : NULL);
        hop_json_set_string(item, "arch", in ? in->arch : NULL);
        hop_json_set_string(item, "component", f->name);
        hop_json_set_string(item, "digest", f->digest.text[0] ? f->digest.text : NULL);
        hop_json_set_string(item, "url", f->url);
        hop_json_set_uint(item, "http_status",
                          f->http_status > 0 ? (uint64_t)f->http_status : 0);
        hop_json_set_uint(item, "attempts", f->attempts);
        hop_json_set_string(item, "cause", hop_status_name(f->status));
        hop_json_set_string(item, "error", hop_buf_get(&why));
    }
}

void hop_transfer_report_json(const hop_mirror_report *r, hop_run_mode mode,
                              hop_json *doc)
{
    set_releases(r, doc);
    if (mode == HOP_RUN_DRY)
        set_images(r, doc);
    set_failures(r, doc);
    hop_json *totals = hop_json_add_object(doc, "totals");
    set_counters(totals, &r->count);
    hop_json_set_uint(totals, "source_bytes", r->source_bytes);
    hop_json_set_uint(totals, "requests", r->requests);
    hop_json_set_uint(totals, "retries", r->retries);
}
