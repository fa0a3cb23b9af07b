/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "verify_report.h"

#include "report.h"

#include <string.h>

#define MAX_HOPS 4 /* named in text; JSON has them all */

static const char *level_word(hop_proof_level level)
{
    return level == HOP_PROOF_ERROR ? "error" : "warning";
}

static void add_text(hop_buf *out, const char *text)
{
    hop_buf_add_visible(out, text, strlen(text));
}

static void add_hops(const hop_strings *hops, hop_buf *out)
{
    if (hops->len == 0)
        return;
    hop_buf_adds(out, "\n  hop: ");
    for (size_t i = 0; i < hops->len && i < MAX_HOPS; i++) {
        if (i > 0)
            hop_buf_adds(out, ", ");
        add_text(out, hops->items[i]);
    }
    if (hops->len > MAX_HOPS)
        hop_buf_addf(out, " and %zu more", hops->len - MAX_HOPS);
}

static void print_level(const hop_proof *p, hop_proof_level level)
{
    for (size_t i = 0; i < p->len; i++) {
        const hop_proof_finding *f = &p->items[i];
        if (f->level != level)
            continue;
        HOP_AUTO_VALUE(hop_buf) out = hop_buf_init(HOP_BUF_TEXT);
        hop_buf_addf(&out, "%s: %s: ", level_word(level), f->rule);
        if (f->file) {
            add_text(&out, f->file);
            hop_buf_adds(&out, ": ");
        }
        add_text(&out, f->text);
        add_hops(&f->hops, &out);
        fprintf(stderr, "%s\n", hop_buf_get(&out));
    }
}

void hop_verify_report_findings(const hop_proof *p)
{
    print_level(p, HOP_PROOF_ERROR);
    print_level(p, HOP_PROOF_WARNING);
}

static const char *signed_word(const hop_proof_release *r, hop_proof_trust trust)
{
    switch (trust) {
    case HOP_PROOF_DEMAND:
        return r->is_signed ? "signed by " : "NOT SIGNED";
    case HOP_PROOF_NOT_CHECKED:
        return "signature not checked";
    case HOP_PROOF_SKIP:
        return "SIGNATURE SKIPPED";
    }
    return "";
}

void hop_verify_report_text(const hop_proof *p, hop_proof_trust trust, hop_buf *out)
{
    for (size_t i = 0; i < p->release_count; i++) {
        const hop_proof_release *r = &p->releases[i];
        hop_buf_addf(out, "%-20s %-8s %-8s  %s%s\n", r->version, r->arch,
                     r->is_good && r->has_info ? "good" : "BAD", signed_word(r, trust),
                     r->signer);
    }
    hop_buf_addf(out, "%zu manifests, %zu blobs, ", p->manifests.len, p->blobs.len);
    hop_buf_add_size(out, p->bytes);
    hop_buf_addf(out, " good; %zu missing; %zu errors, %zu warnings\n", p->missing.len,
                 p->error_count, p->warning_count);
}

static void add_releases(const hop_proof *p, hop_proof_trust trust, hop_json *doc)
{
    hop_json *list = hop_json_add_array(doc, "releases");
    for (size_t i = 0; i < p->release_count; i++) {
        const hop_proof_release *r = &p->releases[i];
        hop_json *row = hop_json_append_object(list);
        hop_json_set_string(row, "version", r->version);
        hop_json_set_string(row, "arch", r->arch);
        hop_json_set_string(row, "digest", r->digest.text);
        hop_json_set_bool(row, "good", r->is_good && r->has_info);
        hop_json_set_bool(row, "payload_only", r->is_payload_only);
        hop_json_set_string(row, "signature",
                            trust == HOP_PROOF_DEMAND ? r->is_signed ? "good" : "bad"
                            : trust == HOP_PROOF_SKIP ? "skipped"
                                                      : "not-checked");
        hop_json_set_string(row, "signer", r->is_signed ? r->signer : NULL);
    }
}

void hop_verify_report_json_findings(const hop_proof *p, hop_json *list)
{
    for (size_t i = 0; i < p->len; i++) {
        const hop_proof_finding *f = &p->items[i];
        hop_json *row = hop_json_append_object(list);
        hop_json_set_string(row, "level", level_word(f->level));
        hop_json_set_string(row, "rule", f->rule);
        hop_json_set_string(row, "file", f->file);
        hop_json_set_string(row, "text", f->text);
        hop_json *hops = hop_json_add_array(row, "hops");
        for (size_t k = 0; k < f->hops.len; k++)
            hop_json_append_string(hops, f->hops.items[k]);
    }
}

void hop_verify_report_json(const hop_proof *p, hop_proof_trust trust, hop_json *doc)
{
    add_releases(p, trust, doc);
    hop_verify_report_json_findings(p, hop_json_add_array(doc, "findings"));
    hop_json *totals = hop_json_add_object(doc, "totals");
    hop_json_set_uint(totals, "manifests", p->manifests.len);
    hop_json_set_uint(totals, "blobs", p->blobs.len);
    hop_json_set_uint(totals, "bytes", p->bytes);
    hop_json_set_uint(totals, "missing", p->missing.len);
    hop_json_set_uint(totals, "errors", p->error_count);
    hop_json_set_uint(totals, "warnings", p->warning_count);
}
