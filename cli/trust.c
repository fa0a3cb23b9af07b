/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trust.h"

#include "hop_file.h"
#include "registry_options.h"
#include "report.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MAX_KEYRING (4 * HOP_MIB)

void hop_trust_clear(hop_trust *t)
{
    for (size_t i = 0; i < t->keyring_count; i++) {
        free(t->keyrings[i].name);
        free(t->keyrings[i].data);
    }
    for (size_t i = 0; i < t->release_count; i++) {
        hop_signatures_clear(&t->releases[i].signatures);
        hop_error_free(t->releases[i].trouble);
    }
    hop_buf_clear(&t->sigstore_key);
    free(t->keyrings);
    free(t->releases);
    *t = (hop_trust){0};
}

hop_sigstore_demand hop_trust_sigstore(const hop_options *o)
{
    return o->allow_missing_sigstore ? HOP_SIGSTORE_MAY_BE_MISSING
                                     : HOP_SIGSTORE_MUST_BE_THERE;
}

bool hop_trust_needs_payload_keys(const hop_trust *t)
{
    return !t->is_skipped && t->keyring_count == 0;
}

/* ---- flags ---- */

hop_status hop_trust_read_keyring(const char *flag, const char *path, hop_keyring *ring,
                                  hop_error **err)
{
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(MAX_KEYRING);
    hop_status s = hop_file_read(path, &text, err);
    if (s != HOP_OK)
        return hop_error_wrap(err, "read %s", flag);
    ring->name = hop_strdup(path);
    ring->len = text.len;
    ring->data = hop_alloc(text.len + 1, 1);
    memcpy(ring->data, hop_buf_get(&text), text.len);
    return hop_keyring_check(ring, err);
}

static hop_status read_keyrings(const hop_options *o, hop_trust *out, hop_error **err)
{
    out->keyrings = hop_alloc(o->keyring.len, sizeof(*out->keyrings));
    hop_status s = HOP_OK;
    for (size_t i = 0; s == HOP_OK && i < o->keyring.len; i++)
        s = hop_trust_read_keyring("--keyring", o->keyring.items[i],
                                   &out->keyrings[out->keyring_count++], err);
    return s;
}

static hop_status read_sigstore_key(const hop_options *o, hop_trust *out, hop_error **err)
{
    out->sigstore_key = hop_buf_init(HOP_MAX_SMALL_BODY);
    if (!o->sigstore_key)
        return HOP_OK;
    hop_status s = hop_file_read(o->sigstore_key, &out->sigstore_key, err);
    return s == HOP_OK ? s : hop_error_wrap(err, "read --sigstore-key");
}

static hop_status open_stores(const hop_options *o, const hop_fetch_opts *how,
                              hop_strings *urls, hop_signature_stores **out,
                              hop_error **err)
{
    for (size_t i = 0; i < o->signature_store.len; i++)
        hop_strings_add(urls, o->signature_store.items[i]);
    if (urls->len == 0) {
        hop_strings_add(urls, HOP_SIGNATURE_STORE_1);
        hop_strings_add(urls, HOP_SIGNATURE_STORE_2);
    }
    return hop_signature_stores_new(how, urls, out, err);
}

static void warn_of_troubles(const hop_signature_stores *stores, const hop_strings *urls)
{
    for (size_t i = 0; i < urls->len; i++) {
        const hop_error *why = hop_signature_stores_get_trouble(stores, i);
        if (!why)
            continue;
        HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
        hop_error_join(why, &text);
        hop_report_warning("signature store %s was passed over: %s", urls->items[i],
                           hop_buf_get(&text));
    }
}

static hop_status read_signatures(const hop_order *order, hop_signature_stores *stores,
                                  hop_trust *out, hop_error **err)
{
    out->releases = hop_alloc(order->release_count, sizeof(*out->releases));
    for (size_t i = 0; i < order->release_count; i++) {
        hop_trust_release *r = &out->releases[out->release_count++];
        HOP_AUTO_VALUE(hop_ref) ref = {0};
        hop_status s = hop_ref_parse(order->releases[i].payload, &ref, err);
        if (s != HOP_OK)
            return s;
        r->payload = ref.digest;
        s = hop_signature_stores_read(stores, &r->payload, &r->signatures, &r->trouble);
        if (s == HOP_E_CANCELLED) {
            *err = hop_steal(&r->trouble);
            return s;
        }
    }
    return HOP_OK;
}

hop_status hop_trust_load_flags(const hop_options *o, hop_trust *out, hop_error **err)
{
    out->is_skipped = o->insecure_skip_signatures;
    hop_status s = read_sigstore_key(o, out, err);
    if (s != HOP_OK)
        return s;
    if (out->is_skipped && (o->keyring.len > 0 || o->signature_store.len > 0))
        return hop_error_set(err, HOP_E_USAGE,
                             "--insecure-skip-signatures excludes --keyring and "
                             "--signature-store");
    if (out->is_skipped) {
        hop_report_warning(
            "RELEASE SIGNATURES ARE NOT CHECKED (--insecure-skip-signatures): nobody "
            "vouches for what is copied, and the cluster gets no signatures");
        return HOP_OK;
    }
    return read_keyrings(o, out, err);
}

hop_status hop_trust_load(const hop_options *o, const hop_order *order, hop_trust *out,
                          hop_error **err)
{
    hop_status s = hop_trust_load_flags(o, out, err);
    if (s != HOP_OK || out->is_skipped)
        return s;
    hop_fetch_opts how;
    hop_registry_fetch(&o->common, &o->src, &how);
    HOP_AUTO_VALUE(hop_strings) urls = {0};
    HOP_AUTO(hop_signature_stores) stores = NULL;
    s = open_stores(o, &how, &urls, &stores, err);
    if (s == HOP_OK)
        s = read_signatures(order, stores, out, err);
    if (s == HOP_OK)
        warn_of_troubles(stores, &urls);
    return s;
}

/* ---- the verdict ---- */

static void hint(const hop_trust *t, const hop_trust_release *r,
                 const hop_release_info *info, hop_error **err)
{
    if (r->signatures.len == 0)
        hop_error_hint(err, "--signature-store names where else to look");
    else if (t->keyring_count > 0)
        hop_error_hint(err, "--keyring names the keys that count; the payload's own do "
                            "not when it is given");
    else if (info->key_count == 0)
        hop_error_hint(err, "the payload carries no key: name one that you trust with "
                            "--keyring");
    else
        hop_error_hint(err, "only Red Hat's release keys are trusted from a payload; "
                            "for OKD and builds of your own name a key with --keyring");
}

hop_status hop_trust_check(hop_trust *t, size_t release, const hop_release_info *info,
                           hop_error **err)
{
    if (t->is_skipped)
        return HOP_OK;
    hop_trust_release *r = &t->releases[release];
    if (r->trouble) {
        *err = hop_steal(&r->trouble);
        return hop_error_wrap(err, "verify release %s", info->version);
    }
    bool has_keyrings = t->keyring_count > 0;
    hop_signature_policy policy = {
        .keyrings = has_keyrings ? t->keyrings : info->keys,
        .keyring_count = has_keyrings ? t->keyring_count : info->key_count,
        .trust = has_keyrings ? HOP_TRUST_KEYRINGS : HOP_TRUST_PINNED,
        .now_s = (uint64_t)time(NULL)};
    hop_status s = hop_signatures_judge(&r->signatures, &r->payload, &policy, err);
    r->is_verified = s == HOP_OK;
    if (s == HOP_OK)
        return s;
    s = hop_error_wrap(err, "verify release %s", info->version);
    hint(t, r, info, err);
    return s;
}

/* ---- reports ---- */

static void add_key(const hop_trust *t, const hop_signature_found *f, hop_buf *out)
{
    hop_buf_adds(out, f->verdict.owner ? f->verdict.owner : "key");
    hop_buf_addf(out, " %s (%s ", f->verdict.fingerprint,
                 t->keyring_count > 0 ? "--keyring" : "of the payload,");
    hop_buf_add_visible(out, f->keyring, strlen(f->keyring));
    hop_buf_addc(out, ')');
}

/* What is true of releases, each fact once with all of whom it is true. */
typedef struct sayings {
    hop_strings facts;
    hop_strings names; /* of the releases, joined; as many as facts */
} sayings;

static void say(sayings *all, const char *version, const char *arch, const hop_buf *fact)
{
    const char *text = hop_buf_get(fact);
    size_t i = 0;
    while (i < all->facts.len && strcmp(all->facts.items[i], text) != 0)
        i++;
    if (i == all->facts.len) {
        hop_strings_add(&all->facts, text);
        hop_strings_add(&all->names, "");
    }
    char *before = all->names.items[i];
    all->names.items[i] =
        hop_sprintf("%s%s%s (%s)", before, before[0] ? ", " : "", version, arch);
    free(before);
}

static void print_sayings(sayings *all, const char *mark, const char *label, hop_buf *out)
{
    for (size_t i = 0; i < all->facts.len; i++)
        hop_buf_addf(out, "%s%s: %s %s\n", mark, label, all->names.items[i],
                     all->facts.items[i]);
    hop_strings_clear(&all->facts);
    hop_strings_clear(&all->names);
}

void hop_trust_report_text(const hop_trust *t, const hop_order *order, const char *mark,
                           hop_buf *out)
{
    sayings all = {0};
    for (size_t i = 0; i < t->release_count; i++) {
        const hop_signatures *found = &t->releases[i].signatures;
        for (size_t k = 0; k < found->len; k++) {
            if (!found->items[k].is_good)
                continue;
            HOP_AUTO_VALUE(hop_buf) fact = hop_buf_init(HOP_BUF_TEXT);
            hop_buf_adds(&fact, "by ");
            add_key(t, &found->items[k], &fact);
            say(&all, order->releases[i].version, order->releases[i].arch, &fact);
        }
    }
    print_sayings(&all, mark, "signed", out);
}

const char *hop_trust_sigstore_word(hop_sigstore_state state)
{
    static const char *const words[HOP_SIGSTORE_STATES] = {"unknown", "absent", "present",
                                                           "keyless", "verified"};
    return words[state];
}

static void add_sigstore(const hop_release_report *r, hop_buf *out)
{
    static const char *const words[HOP_SIGSTORE_STATES] = {
        "not asked", "unsigned", "present, not verified", "keyless, not verified",
        "verified"};
    hop_buf_addf(out, "payload %s", words[r->sigstore]);
    const char *joint = "; components: ";
    for (size_t k = HOP_SIGSTORE_STATES; k-- > 0;) {
        if (r->sigstore_components[k] == 0)
            continue;
        hop_buf_addf(out, "%s%zu %s", joint, r->sigstore_components[k], words[k]);
        joint = ", ";
    }
}

void hop_trust_report_sigstore(const hop_mirror_report *report, const char *mark,
                               hop_buf *out)
{
    sayings all = {0};
    for (size_t i = 0; i < report->release_count; i++) {
        const hop_release_report *r = &report->releases[i];
        if (r->sigstore == HOP_SIGSTORE_UNKNOWN)
            continue;
        HOP_AUTO_VALUE(hop_buf) fact = hop_buf_init(HOP_BUF_TEXT);
        add_sigstore(r, &fact);
        say(&all, r->version, r->arch, &fact);
    }
    print_sayings(&all, mark, "sigstore", out);
}

static void add_signature(const hop_signature_found *f, hop_json *list)
{
    hop_json *item = hop_json_append_object(list);
    hop_json_set_string(item, "origin", f->origin);
    hop_json_set_bool(item, "good", f->is_good);
    if (f->is_good) {
        hop_json_set_string(item, "fingerprint", f->verdict.fingerprint);
        hop_json_set_string(item, "owner", f->verdict.owner);
        hop_json_set_string(item, "keyring", f->keyring);
    } else {
        hop_json_set_string(item, "reason", f->why);
    }
}

void hop_trust_report_json(const hop_trust *t, const hop_order *order, hop_json *doc)
{
    hop_json_set_string(doc, "signatures", t->is_skipped ? "skipped" : "checked");
    hop_json *releases = hop_json_add_array(doc, "verified");
    for (size_t i = 0; i < t->release_count; i++) {
        const hop_trust_release *r = &t->releases[i];
        hop_json *row = hop_json_append_object(releases);
        hop_json_set_string(row, "version", order->releases[i].version);
        hop_json_set_string(row, "arch", order->releases[i].arch);
        hop_json_set_string(row, "digest", r->payload.text);
        hop_json_set_bool(row, "verified", r->is_verified);
        hop_json *list = hop_json_add_array(row, "signatures");
        for (size_t k = 0; k < r->signatures.len; k++)
            add_signature(&r->signatures.items[k], list);
    }
}
