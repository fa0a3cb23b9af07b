/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hop_signature.h"
#include "signature_text.h"

#include <fcntl.h>
#include <rnp/rnp.h>
#include <rnp/rnp_err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define BLOCK_BEGIN "-----BEGIN PGP PUBLIC KEY BLOCK-----"
#define BLOCK_END "-----END PGP PUBLIC KEY BLOCK-----"

static const struct {
    const char *fingerprint, *owner;
} PINNED[] = {
    {"567E347AD0044ADE55BA8A5F199E2F91FD431D51", "Red Hat release key 2"},
    {"B08B659EE86AF623BC90E8DB938A80CAF21541EB", "Red Hat beta key 2"},
};

const char *hop_signature_get_pinned_owner(const char *fingerprint)
{
    for (size_t i = 0; i < HOP_COUNT_OF(PINNED); i++)
        if (strcasecmp(PINNED[i].fingerprint, fingerprint) == 0)
            return PINNED[i].owner;
    return NULL;
}

/* ---- librnp's objects under scope cleanup ---- */

typedef struct session {
    rnp_ffi_t ffi;
    rnp_input_t input;
    rnp_output_t output;
    rnp_input_t signature; /* a detached one */
    rnp_op_verify_t op;
} session;

static void session_clear(session *s)
{
    if (s->op)
        (void)rnp_op_verify_destroy(s->op);
    if (s->output)
        (void)rnp_output_destroy(s->output);
    if (s->input)
        (void)rnp_input_destroy(s->input);
    if (s->signature)
        (void)rnp_input_destroy(s->signature);
    if (s->ffi)
        (void)rnp_ffi_destroy(s->ffi);
    *s = (session){0};
}

/** librnp writes to descriptor 2 by itself, and none of its switches stops that. */
static int mute(void)
{
    int saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (saved >= 0 && null >= 0)
        (void)dup2(null, STDERR_FILENO);
    if (null >= 0)
        (void)close(null);
    return saved;
}

static void unmute(int saved)
{
    if (saved < 0)
        return;
    (void)dup2(saved, STDERR_FILENO);
    (void)close(saved);
}

/* ---- what kind of message ---- */

static hop_status bad(hop_error **err, const char *why)
{
    return hop_error_set(err, HOP_E_SIGNATURE, "%s", why);
}

/** The cluster takes binary signed messages only, so nothing else may pass here.
 * RFC 4880, section 4.2 (packet headers) and 11.3 (messages). */
static hop_status check_shape(const unsigned char *m, size_t len, hop_error **err)
{
    if (len == 0)
        return bad(err, "the signature is empty");
    if (len > HOP_SIGNATURE_MAX)
        return bad(err, "the signature is far too large");
    if (m[0] < 0x80) {
        static const char CLEAR[] = "-----BEGIN PGP SIGNED MESSAGE-----";
        if (len >= sizeof(CLEAR) - 1 && memcmp(m, CLEAR, sizeof(CLEAR) - 1) == 0)
            return bad(err, "it is a clear-signed text; the cluster takes binary signed "
                            "messages only");
        if (m[0] == '-')
            return bad(err, "it is armored; the cluster takes binary signed messages "
                            "only");
        if (m[0] == '<')
            return bad(err, "it is a web page, no OpenPGP message");
        return bad(err, "it is no OpenPGP message");
    }
    unsigned tag = m[0] & 0x40 ? m[0] & 0x3f : (m[0] >> 2) & 0x0f;
    switch (tag) {
    case 4: /* one-pass signature */
    case 8: /* compressed: what gpg --sign makes */
        return HOP_OK;
    case 2:
        return bad(err, "it is a detached signature; the cluster takes signed messages "
                        "only");
    case 11:
        return bad(err, "the message is not signed");
    default:
        return bad(err, "it is no OpenPGP signed message");
    }
}

/* ---- keys ---- */

static hop_status import_block(session *s, const hop_keyring *ring, const char *data,
                               size_t len, hop_error **err)
{
    rnp_input_t input = NULL;
    if (rnp_input_from_memory(&input, (const uint8_t *)data, len, false) != RNP_SUCCESS)
        return hop_error_set(err, HOP_E_PARSE, "read keyring %s: it is empty",
                             ring->name);
    char *results = NULL;
    rnp_result_t rc = rnp_import_keys(s->ffi, input, RNP_LOAD_SAVE_PUBLIC_KEYS, &results);
    rnp_buffer_destroy(results);
    (void)rnp_input_destroy(input);
    if (rc != RNP_SUCCESS)
        return hop_error_set(err, HOP_E_PARSE, "read keyring %s: %s", ring->name,
                             rnp_result_to_string(rc));
    return HOP_OK;
}

static const char *find_text(const char *from, const char *end, const char *what)
{
    return memmem(from, (size_t)(end - from), what, strlen(what));
}

/** A keyring may hold several armored blocks with prose around them; librnp reads one
 * block at a time, and none with prose behind it. */
static hop_status import_keyring(session *s, const hop_keyring *ring, hop_error **err)
{
    const char *end = ring->data + ring->len;
    const char *block = find_text(ring->data, end, BLOCK_BEGIN);
    if (!block)
        return import_block(s, ring, ring->data, ring->len, err);
    hop_status status = HOP_OK;
    while (status == HOP_OK && block) {
        const char *next = find_text(block + 1, end, BLOCK_BEGIN);
        const char *stop = find_text(block, next ? next : end, BLOCK_END);
        stop = stop ? stop + strlen(BLOCK_END) : next ? next : end;
        HOP_AUTO_STR text = hop_sprintf("%.*s\n", (int)(stop - block), block);
        status = import_block(s, ring, text, strlen(text), err);
        block = next;
    }
    return status;
}

hop_status hop_keyring_check(const hop_keyring *ring, hop_error **err)
{
    HOP_AUTO_VALUE(session) s = {0};
    int saved = mute();
    size_t count = 0;
    hop_status status = HOP_OK;
    if (rnp_ffi_create(&s.ffi, "GPG", "GPG") != RNP_SUCCESS)
        status = hop_error_set(err, HOP_E_PARSE, "the OpenPGP library does not start");
    if (status == HOP_OK)
        status = import_keyring(&s, ring, err);
    if (status == HOP_OK &&
        (rnp_get_public_key_count(s.ffi, &count) != RNP_SUCCESS || count == 0))
        status = hop_error_set(err, HOP_E_PARSE, "read keyring %s: there is no key in it",
                               ring->name);
    unmute(saved);
    return status;
}

/** The primary key's fingerprint, for a subkey too. */
static bool get_primary(rnp_key_handle_t key, char out[HOP_FINGERPRINT_MAX])
{
    bool is_primary = false;
    char *text = NULL;
    if (rnp_key_is_primary(key, &is_primary) != RNP_SUCCESS)
        return false;
    rnp_result_t rc = is_primary ? rnp_key_get_fprint(key, &text)
                                 : rnp_key_get_primary_fprint(key, &text);
    bool fits = rc == RNP_SUCCESS && text && strlen(text) < HOP_FINGERPRINT_MAX;
    if (fits)
        memcpy(out, text, strlen(text) + 1);
    rnp_buffer_destroy(text);
    return fits;
}

/* ---- the verdict ---- */

/** Why a signer's signature does not count; NULL when it is right. */
static const char *why_not(rnp_op_verify_signature_t sig)
{
    rnp_result_t rc = rnp_op_verify_signature_get_status(sig);
    if (rc == RNP_SUCCESS)
        return NULL;
    char *hash = NULL;
    bool is_weak = rnp_op_verify_signature_get_hash(sig, &hash) == RNP_SUCCESS && hash &&
                   (strcasecmp(hash, "SHA1") == 0 || strcasecmp(hash, "MD5") == 0 ||
                    strcasecmp(hash, "RIPEMD160") == 0);
    rnp_buffer_destroy(hash);
    if (rc == RNP_ERROR_KEY_NOT_FOUND)
        return "it was made with a key that no keyring holds";
    if (rc == RNP_ERROR_SIGNATURE_EXPIRED)
        return "the signature has expired";
    if (is_weak)
        return "it uses a hash that is broken (SHA-1 or older)";
    return "the signature is wrong: message or signature was changed";
}

/** Judges one signer. NULL when it vouches, and then *out is filled. */
static const char *judge(rnp_op_verify_signature_t sig,
                         const hop_signature_policy *policy, hop_signature_verdict *out)
{
    const char *why = why_not(sig);
    if (why)
        return why;
    rnp_key_handle_t key = NULL;
    if (rnp_op_verify_signature_get_key(sig, &key) != RNP_SUCCESS)
        return "it was made with a key that no keyring holds";
    hop_signature_verdict v = {0};
    bool is_revoked = true;
    bool is_known = get_primary(key, v.fingerprint) &&
                    rnp_key_is_revoked(key, &is_revoked) == RNP_SUCCESS;
    (void)rnp_key_handle_destroy(key);
    if (!is_known || is_revoked)
        return "its key is revoked";
    v.owner = hop_signature_get_pinned_owner(v.fingerprint);
    if (policy->trust == HOP_TRUST_PINNED && !v.owner)
        return "its key came with the payload and is none of the pinned release keys";
    *out = v;
    return NULL;
}

static hop_status judge_all(session *s, rnp_result_t executed,
                            const hop_signature_policy *policy,
                            hop_signature_verdict *out, hop_error **err)
{
    size_t count = 0;
    if (rnp_op_verify_get_signature_count(s->op, &count) != RNP_SUCCESS)
        count = 0;
    const char *why = NULL;
    for (size_t i = 0; i < count; i++) {
        rnp_op_verify_signature_t sig = NULL;
        if (rnp_op_verify_get_signature_at(s->op, i, &sig) != RNP_SUCCESS)
            continue;
        const char *reason = judge(sig, policy, out);
        /* A good signer in a message that could not be read to its end is none. */
        if (!reason && executed == RNP_SUCCESS)
            return HOP_OK;
        why = why ? why : reason;
    }
    if (why)
        return bad(err, why);
    if (executed == RNP_ERROR_OUT_OF_MEMORY || executed == RNP_ERROR_WRITE)
        return bad(err, "the message unpacks to far too much");
    if (executed == RNP_SUCCESS)
        return bad(err, "the message is not signed");
    return hop_error_set(err, HOP_E_SIGNATURE, "the message cannot be read: %s",
                         rnp_result_to_string(executed));
}

static hop_status start(session *s, const hop_signature_policy *policy, hop_error **err)
{
    if (rnp_ffi_create(&s->ffi, "GPG", "GPG") != RNP_SUCCESS ||
        rnp_set_timestamp(s->ffi, policy->now_s) != RNP_SUCCESS)
        return bad(err, "the OpenPGP library does not start");
    for (size_t i = 0; i < policy->keyring_count; i++) {
        hop_status status = import_keyring(s, &policy->keyrings[i], err);
        if (status != HOP_OK)
            return status;
    }
    return HOP_OK;
}

static hop_status verify(session *s, const void *message, size_t len,
                         const hop_signature_policy *policy, hop_signature_verdict *out,
                         hop_error **err)
{
    hop_status status = start(s, policy, err);
    if (status != HOP_OK)
        return status;
    if (rnp_input_from_memory(&s->input, message, len, false) != RNP_SUCCESS ||
        rnp_output_to_memory(&s->output, HOP_SIGNATURE_MAX) != RNP_SUCCESS ||
        rnp_op_verify_create(&s->op, s->ffi, s->input, s->output) != RNP_SUCCESS)
        return bad(err, "the OpenPGP library does not start");
    return judge_all(s, rnp_op_verify_execute(s->op), policy, out, err);
}

/* The cluster takes any reference; what is none of ours names no repository. */
static void note_repository(const char *reference, hop_signature_verdict *out)
{
    HOP_AUTO_VALUE(hop_ref) ref = {0};
    HOP_AUTO(hop_error) ignored = NULL;
    if (hop_ref_parse(reference, &ref, &ignored) != HOP_OK)
        return;
    HOP_AUTO_STR name = hop_sprintf("%s/%s", ref.host, ref.repository);
    if (strlen(name) < sizeof(out->repository))
        memcpy(out->repository, name, strlen(name) + 1);
}

static hop_status check_text(const session *s, const hop_digest *digest,
                             hop_signature_verdict *out, hop_error **err)
{
    uint8_t *text = NULL;
    size_t len = 0;
    if (rnp_output_memory_get_buf(s->output, &text, &len, false) != RNP_SUCCESS)
        return bad(err, "the signed text is missing");
    HOP_AUTO_STR reference = NULL;
    hop_status status =
        hop_signature_text_check((const char *)text, len, digest, &reference, err);
    if (status == HOP_OK)
        note_repository(reference, out);
    return status;
}

hop_status hop_signature_verify(const void *message, size_t len, const hop_digest *digest,
                                const hop_signature_policy *policy,
                                hop_signature_verdict *out, hop_error **err)
{
    hop_status status = check_shape(message, len, err);
    if (status != HOP_OK)
        return hop_error_wrap(err, "verify the signature of %s", digest->text);
    HOP_AUTO_VALUE(session) s = {0};
    hop_signature_verdict verdict = {0};
    int saved = mute();
    status = verify(&s, message, len, policy, &verdict, err);
    unmute(saved);
    /* librnp hands out the text of bad messages too; so only now. */
    if (status == HOP_OK)
        status = check_text(&s, digest, &verdict, err);
    if (status != HOP_OK)
        return hop_error_wrap(err, "verify the signature of %s", digest->text);
    *out = verdict;
    return HOP_OK;
}

static hop_status verify_detached(session *s, const void *data, size_t data_len,
                                  const void *signature, size_t len,
                                  const hop_signature_policy *policy,
                                  hop_signature_verdict *out, hop_error **err)
{
    hop_status status = start(s, policy, err);
    if (status != HOP_OK)
        return status;
    if (rnp_input_from_memory(&s->input, data, data_len, false) != RNP_SUCCESS ||
        rnp_input_from_memory(&s->signature, signature, len, false) != RNP_SUCCESS ||
        rnp_op_verify_detached_create(&s->op, s->ffi, s->input, s->signature) !=
            RNP_SUCCESS)
        return bad(err, "the OpenPGP library does not start");
    return judge_all(s, rnp_op_verify_execute(s->op), policy, out, err);
}

hop_status hop_signature_verify_detached(const void *data, size_t data_len,
                                         const void *signature, size_t len,
                                         const hop_signature_policy *policy,
                                         hop_signature_verdict *out, hop_error **err)
{
    if (len == 0 || len > HOP_SIGNATURE_MAX)
        return bad(err, "it is empty, or far too long for a signature");
    HOP_AUTO_VALUE(session) s = {0};
    hop_signature_verdict verdict = {0};
    int saved = mute();
    hop_status status =
        verify_detached(&s, data, data_len, signature, len, policy, &verdict, err);
    unmute(saved);
    if (status == HOP_OK)
        *out = verdict;
    return status;
}

/* ---- signing ---- */

typedef struct signing {
    rnp_ffi_t ffi;
    rnp_input_t input;
    rnp_output_t output;
    rnp_op_sign_t op;
    rnp_identifier_iterator_t each;
    rnp_key_handle_t key;
} signing;

static void signing_clear(signing *s)
{
    if (s->key)
        (void)rnp_key_handle_destroy(s->key);
    if (s->each)
        (void)rnp_identifier_iterator_destroy(s->each);
    if (s->op)
        (void)rnp_op_sign_destroy(s->op);
    if (s->output)
        (void)rnp_output_destroy(s->output);
    if (s->input)
        (void)rnp_input_destroy(s->input);
    if (s->ffi)
        (void)rnp_ffi_destroy(s->ffi);
    *s = (signing){0};
}

static bool can_sign(rnp_key_handle_t key, bool *is_locked)
{
    bool has_secret = false, may_sign = false, is_valid = false;
    *is_locked = false;
    if (rnp_key_have_secret(key, &has_secret) != RNP_SUCCESS || !has_secret ||
        rnp_key_allows_usage(key, "sign", &may_sign) != RNP_SUCCESS || !may_sign ||
        rnp_key_is_valid(key, &is_valid) != RNP_SUCCESS || !is_valid)
        return false;
    return rnp_key_is_locked(key, is_locked) == RNP_SUCCESS;
}

/* The last one that can: subkeys stand behind their primary key, and those made for
 * signing are preferred. */
static hop_status find_signer(signing *s, const char *name, hop_error **err)
{
    const char *fingerprint = NULL;
    bool saw_locked = false;
    if (rnp_identifier_iterator_create(s->ffi, &s->each, "fingerprint") != RNP_SUCCESS)
        return hop_error_set(err, HOP_E_PARSE, "the OpenPGP library does not start");
    while (rnp_identifier_iterator_next(s->each, &fingerprint) == RNP_SUCCESS &&
           fingerprint) {
        rnp_key_handle_t key = NULL;
        bool is_locked = false;
        if (rnp_locate_key(s->ffi, "fingerprint", fingerprint, &key) != RNP_SUCCESS ||
            !key)
            continue;
        bool is_fit = can_sign(key, &is_locked);
        saw_locked = saw_locked || (is_fit && is_locked);
        if (is_fit && !is_locked) {
            if (s->key)
                (void)rnp_key_handle_destroy(s->key);
            s->key = key;
        } else {
            (void)rnp_key_handle_destroy(key);
        }
    }
    if (s->key)
        return HOP_OK;
    hop_status status =
        hop_error_set(err, HOP_E_PARSE, "read signing key %s: %s", name,
                      saw_locked ? "it is protected by a passphrase"
                                 : "there is no secret key in it that may sign");
    hop_error_hint(err, saw_locked ? "export one without a passphrase for the run"
                                   : "gpg --export-secret-keys NAME writes one");
    return status;
}

static hop_status import_secret(signing *s, const hop_keyring *ring, hop_error **err)
{
    rnp_input_t input = NULL;
    char *results = NULL;
    if (rnp_ffi_create(&s->ffi, "GPG", "GPG") != RNP_SUCCESS)
        return hop_error_set(err, HOP_E_PARSE, "the OpenPGP library does not start");
    if (rnp_input_from_memory(&input, (const uint8_t *)ring->data, ring->len, false) !=
        RNP_SUCCESS)
        return hop_error_set(err, HOP_E_PARSE, "read signing key %s: it is empty",
                             ring->name);
    rnp_result_t rc = rnp_import_keys(
        s->ffi, input, RNP_LOAD_SAVE_PUBLIC_KEYS | RNP_LOAD_SAVE_SECRET_KEYS, &results);
    rnp_buffer_destroy(results);
    (void)rnp_input_destroy(input);
    if (rc != RNP_SUCCESS)
        return hop_error_set(err, HOP_E_PARSE, "read signing key %s: %s", ring->name,
                             rnp_result_to_string(rc));
    return HOP_OK;
}

static hop_status make_signature(signing *s, uint64_t now_s, const void *data, size_t len,
                                 hop_buf *out, hop_error **err)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    rnp_result_t rc = rnp_input_from_memory(&s->input, data, len, false);
    if (rc == RNP_SUCCESS)
        rc = rnp_output_to_memory(&s->output, HOP_SIGNATURE_MAX);
    if (rc == RNP_SUCCESS)
        rc = rnp_op_sign_detached_create(&s->op, s->ffi, s->input, s->output);
    if (rc == RNP_SUCCESS)
        rc = rnp_op_sign_set_hash(s->op, "SHA512");
    if (rc == RNP_SUCCESS)
        rc = rnp_op_sign_set_creation_time(s->op, (uint32_t)now_s);
    if (rc == RNP_SUCCESS)
        rc = rnp_op_sign_add_signature(s->op, s->key, NULL);
    if (rc == RNP_SUCCESS)
        rc = rnp_op_sign_execute(s->op);
    if (rc == RNP_SUCCESS)
        rc = rnp_output_memory_get_buf(s->output, &bytes, &size, false);
    if (rc != RNP_SUCCESS)
        return hop_error_set(err, HOP_E_SIGNATURE, "sign: %s", rnp_result_to_string(rc));
    hop_buf_add(out, bytes, size);
    return HOP_OK;
}

hop_status hop_signature_sign(const hop_keyring *key, uint64_t now_s, const void *data,
                              size_t len, hop_buf *out, hop_error **err)
{
    HOP_AUTO_VALUE(signing) s = {0};
    int saved = mute();
    hop_status status = import_secret(&s, key, err);
    if (status == HOP_OK)
        status = find_signer(&s, key->name, err);
    if (status == HOP_OK)
        status = make_signature(&s, now_s, data, len, out, err);
    unmute(saved);
    return status;
}
