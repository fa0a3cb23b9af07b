/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_support.h"

#include "hop_file.h"
#include "hop_signature.h"

#include <rnp/rnp.h>
#include <rnp/rnp_err.h>
#include <time.h>

enum { NOW = 1760000000 }; /* 2025-10-09 */

/** Keys are made once per test program: nothing secret lies in the repository. */
typedef struct world {
    rnp_ffi_t ffi;
    hop_keyring alice, bob;
    hop_digest digest;
    char *text;
} world;

static hop_keyring make_key(rnp_ffi_t ffi, const char *name)
{
    rnp_op_generate_t op = NULL;
    rnp_key_handle_t key = NULL;
    assert_int_equal(rnp_op_generate_create(&op, ffi, "EDDSA"), RNP_SUCCESS);
    assert_int_equal(rnp_op_generate_set_userid(op, name), RNP_SUCCESS);
    assert_int_equal(rnp_op_generate_execute(op), RNP_SUCCESS);
    assert_int_equal(rnp_op_generate_get_key(op, &key), RNP_SUCCESS);
    rnp_op_generate_destroy(op);
    rnp_output_t out = NULL;
    uint8_t *data = NULL;
    size_t len = 0;
    assert_int_equal(rnp_output_to_memory(&out, 0), RNP_SUCCESS);
    assert_int_equal(
        rnp_key_export(key, out, RNP_KEY_EXPORT_PUBLIC | RNP_KEY_EXPORT_ARMORED),
        RNP_SUCCESS);
    assert_int_equal(rnp_output_memory_get_buf(out, &data, &len, false), RNP_SUCCESS);
    hop_keyring ring = {.name = hop_strdup(name),
                        .data = hop_strndup((const char *)data, len),
                        .len = len};
    rnp_output_destroy(out);
    rnp_key_handle_destroy(key);
    return ring;
}

static char *text_for(const char *digest, const char *type)
{
    return hop_sprintf("{\"critical\":{\"image\":{\"docker-manifest-digest\":\"%s\"},"
                       "\"type\":\"%s\",\"identity\":{\"docker-reference\":"
                       "\"quay.io/dev/rel:4.1.0-x86_64\"}},\"optional\":{\"creator\":"
                       "\"test\",\"timestamp\":1700000000}}",
                       digest, type);
}

static int set_up(void **state)
{
    world *w = hop_alloc(1, sizeof(*w));
    *state = w;
    assert_int_equal(rnp_ffi_create(&w->ffi, "GPG", "GPG"), RNP_SUCCESS);
    assert_int_equal(rnp_set_timestamp(w->ffi, NOW - 1000), RNP_SUCCESS);
    w->alice = make_key(w->ffi, "alice");
    w->bob = make_key(w->ffi, "bob");
    w->digest = hop_digest_of("payload", 7);
    w->text = text_for(w->digest.text, "atomic container signature");
    return 0;
}

static int tear_down(void **state)
{
    world *w = *state;
    rnp_ffi_destroy(w->ffi);
    free(w->alice.name);
    free(w->alice.data);
    free(w->bob.name);
    free(w->bob.data);
    free(w->text);
    free(w);
    return 0;
}

typedef enum form { FORM_BINARY, FORM_ARMORED, FORM_CLEAR, FORM_DETACHED } form;

typedef struct sign_opts {
    form form;
    const char *hash;
    uint32_t lifetime_s;
    int level;          /* of zlib; 0: not compressed */
    const char *second; /* a second signer */
} sign_opts;

static void add_signer(rnp_ffi_t ffi, rnp_op_sign_t op, const char *name)
{
    rnp_key_handle_t key = NULL;
    assert_int_equal(rnp_locate_key(ffi, "userid", name, &key), RNP_SUCCESS);
    assert_int_equal(rnp_op_sign_add_signature(op, key, NULL), RNP_SUCCESS);
    rnp_key_handle_destroy(key);
}

static hop_buf sign(const world *w, const char *text, size_t len, const char *signer,
                    const sign_opts *o)
{
    rnp_input_t in = NULL;
    rnp_output_t out = NULL;
    rnp_op_sign_t op = NULL;
    assert_int_equal(rnp_input_from_memory(&in, (const uint8_t *)text, len, false),
                     RNP_SUCCESS);
    assert_int_equal(rnp_output_to_memory(&out, 0), RNP_SUCCESS);
    rnp_result_t rc = RNP_SUCCESS;
    switch (o->form) {
    case FORM_BINARY:
    case FORM_ARMORED:
        rc = rnp_op_sign_create(&op, w->ffi, in, out);
        break;
    case FORM_CLEAR:
        rc = rnp_op_sign_cleartext_create(&op, w->ffi, in, out);
        break;
    case FORM_DETACHED:
        rc = rnp_op_sign_detached_create(&op, w->ffi, in, out);
        break;
    }
    assert_int_equal(rc, RNP_SUCCESS);
    if (o->form != FORM_CLEAR)
        assert_int_equal(rnp_op_sign_set_armor(op, o->form == FORM_ARMORED), RNP_SUCCESS);
    assert_int_equal(rnp_op_sign_set_hash(op, o->hash ? o->hash : "SHA256"), RNP_SUCCESS);
    assert_int_equal(rnp_op_sign_set_creation_time(op, NOW - 500), RNP_SUCCESS);
    assert_int_equal(rnp_op_sign_set_expiration_time(op, o->lifetime_s), RNP_SUCCESS);
    if (o->level)
        assert_int_equal(rnp_op_sign_set_compression(op, "ZLIB", o->level), RNP_SUCCESS);
    add_signer(w->ffi, op, signer);
    if (o->second)
        add_signer(w->ffi, op, o->second);
    assert_int_equal(rnp_op_sign_execute(op), RNP_SUCCESS);
    uint8_t *data = NULL;
    size_t size = 0;
    assert_int_equal(rnp_output_memory_get_buf(out, &data, &size, false), RNP_SUCCESS);
    hop_buf message = hop_buf_init(HOP_BUF_TEXT);
    hop_buf_add(&message, data, size);
    rnp_op_sign_destroy(op);
    rnp_output_destroy(out);
    rnp_input_destroy(in);
    return message;
}

static hop_buf sign_text(const world *w, const char *text, const sign_opts *o)
{
    return sign(w, text, strlen(text), "alice", o);
}

static hop_status check(const world *w, const hop_buf *message, hop_error **err)
{
    hop_signature_policy p = {.keyrings = &w->alice, .keyring_count = 1, .now_s = NOW};
    hop_signature_verdict v = {0};
    hop_status s =
        hop_signature_verify(hop_buf_get(message), message->len, &w->digest, &p, &v, err);
    if (s == HOP_OK)
        assert_int_equal(strlen(v.fingerprint), 40);
    else
        assert_string_equal(v.fingerprint, "");
    assert_string_equal(v.repository, s == HOP_OK ? "quay.io/dev/rel" : "");
    return s;
}

static void assert_refused(const world *w, hop_buf message, const char *part)
{
    HOP_AUTO(hop_error) err = NULL;
    assert_fails(check(w, &message, &err), &err, HOP_E_SIGNATURE, part);
    hop_buf_clear(&message);
}

static void good_messages(void **state)
{
    const world *w = *state;
    static const sign_opts GOOD[] = {
        {0}, {.level = 6}, {.hash = "SHA512"}, {.lifetime_s = 501}, {.second = "bob"}};
    for (size_t i = 0; i < HOP_COUNT_OF(GOOD); i++) {
        HOP_AUTO(hop_error) err = NULL;
        HOP_AUTO_VALUE(hop_buf) m = sign_text(w, w->text, &GOOD[i]);
        assert_ok(check(w, &m, &err), &err);
    }
    /* The known signer may stand in either place. */
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO_VALUE(hop_buf)
    m = sign(w, w->text, strlen(w->text), "bob", &(sign_opts){.second = "alice"});
    assert_ok(check(w, &m, &err), &err);
}

static void wrong_signers(void **state)
{
    const world *w = *state;
    assert_refused(w, sign(w, w->text, strlen(w->text), "bob", &(sign_opts){0}),
                   "no keyring holds");
    assert_refused(w, sign_text(w, w->text, &(sign_opts){.lifetime_s = 100}), "expired");
    assert_refused(w, sign_text(w, w->text, &(sign_opts){.hash = "SHA1"}), "SHA-1");
}

static void wrong_forms(void **state)
{
    const world *w = *state;
    assert_refused(w, sign_text(w, w->text, &(sign_opts){.form = FORM_ARMORED}),
                   "it is armored");
    assert_refused(w, sign_text(w, w->text, &(sign_opts){.form = FORM_CLEAR}),
                   "clear-signed");
    assert_refused(w, sign_text(w, w->text, &(sign_opts){.form = FORM_DETACHED}),
                   "detached");
    hop_buf m = hop_buf_init(HOP_BUF_TEXT);
    assert_refused(w, m, "empty");
    hop_buf_adds(&m, "<!DOCTYPE html><html></html>");
    assert_refused(w, m, "web page");
    m = hop_buf_init(HOP_BUF_TEXT);
    hop_buf_adds(&m, w->text);
    assert_refused(w, m, "no OpenPGP message");
    m = hop_buf_init(HOP_BUF_TEXT);
    for (size_t i = 0; i <= HOP_SIGNATURE_MAX; i++)
        hop_buf_addc(&m, '\x90');
    assert_refused(w, m, "too large");
}

/** A literal packet of the old format: a message that nobody signed. */
static void unsigned_messages(void **state)
{
    const world *w = *state;
    size_t len = strlen(w->text);
    hop_buf m = hop_buf_init(HOP_BUF_TEXT);
    hop_buf_addc(&m, '\xad'); /* tag 11, two bytes of length */
    hop_buf_addc(&m, (char)((len + 6) >> 8));
    hop_buf_addc(&m, (char)((len + 6) & 0xff));
    hop_buf_add(&m, "b\0\0\0\0\0", 6);
    hop_buf_adds(&m, w->text);
    /* The same inside an uncompressed "compressed" packet, so that librnp reads it. */
    hop_buf wrapped = hop_buf_init(HOP_BUF_TEXT);
    hop_buf_add(&wrapped, "\xa3\0", 2);
    hop_buf_add(&wrapped, hop_buf_get(&m), m.len);
    assert_refused(w, m, "not signed");
    assert_refused(w, wrapped, "not signed");
}

static void damaged_messages(void **state)
{
    const world *w = *state;
    HOP_AUTO_VALUE(hop_buf) good = sign_text(w, w->text, &(sign_opts){0});
    for (size_t cut = 1; cut < good.len; cut++) {
        hop_buf m = hop_buf_init(HOP_BUF_TEXT);
        hop_buf_add(&m, good.data, cut);
        assert_refused(w, m, "verify the signature");
    }
    /* Every byte of the text, one at a time. */
    const char *at = memmem(good.data, good.len, w->text, strlen(w->text));
    assert_non_null(at);
    size_t start = (size_t)(at - good.data);
    for (size_t i = start; i < start + strlen(w->text); i += 7) {
        hop_buf m = hop_buf_init(HOP_BUF_TEXT);
        hop_buf_add(&m, good.data, good.len);
        m.data[i] ^= 1;
        assert_refused(w, m, "was changed");
    }
}

static void compression_bomb(void **state)
{
    const world *w = *state;
    size_t len = 64 * HOP_MIB;
    HOP_AUTO_STR large = hop_alloc(len, 1);
    memset(large, ' ', len);
    hop_buf m = sign(w, large, len, "alice", &(sign_opts){.level = 9});
    assert_true(m.len < HOP_SIGNATURE_MAX);
    assert_refused(w, m, "unpacks to far too much");
}

static void wrong_texts(void **state)
{
    const world *w = *state;
    static const sign_opts O = {0};
    hop_digest other = hop_digest_of("other", 5);
    HOP_AUTO_STR wrong_digest = text_for(other.text, "atomic container signature");
    HOP_AUTO_STR wrong_type = text_for(w->digest.text, "cosign container signature");
    assert_refused(w, sign_text(w, wrong_digest, &O), "it vouches for sha256:");
    assert_refused(w, sign_text(w, wrong_type, &O), "the type is \"cosign");
    assert_refused(w, sign_text(w, "hello", &O), "signed text");
    assert_refused(w, sign_text(w, "[]", &O), "expected an object");
    assert_refused(w, sign_text(w, "{}", &O), "critical");
    HOP_AUTO_STR extra = hop_sprintf(
        "{\"critical\":{\"type\":\"atomic container signature\",\"image\":"
        "{\"docker-manifest-digest\":\"%s\"},\"identity\":{\"docker-reference\":\"a\"}},"
        "\"more\":1}",
        w->digest.text);
    assert_refused(w, sign_text(w, extra, &O), "does not know");
    HOP_AUTO_STR anonymous = hop_sprintf(
        "{\"critical\":{\"type\":\"atomic container signature\",\"image\":"
        "{\"docker-manifest-digest\":\"%s\"},\"identity\":{\"docker-reference\":\"\"}}}",
        w->digest.text);
    assert_refused(w, sign_text(w, anonymous, &O), "docker-reference is empty");
}

/* The cluster takes any reference, so a release with such a one is good; it just does not
 * say where it comes from. */
static void names_without_a_host(void **state)
{
    const world *w = *state;
    char huge[700] = "quay.io/";
    memset(huge + 8, 'a', sizeof(huge) - 9);
    const char *const NAMES[] = {"a", "dev/rel:4.1.0", "quay.io/DEV/rel:4.1.0", " ",
                                 huge};
    for (size_t i = 0; i < HOP_COUNT_OF(NAMES); i++) {
        HOP_AUTO(hop_error) err = NULL;
        HOP_AUTO_STR text = hop_sprintf(
            "{\"critical\":{\"type\":\"atomic container signature\",\"image\":"
            "{\"docker-manifest-digest\":\"%s\"},\"identity\":"
            "{\"docker-reference\":\"%s\"}}}",
            w->digest.text, NAMES[i]);
        HOP_AUTO_VALUE(hop_buf) m = sign_text(w, text, &(sign_opts){0});
        hop_signature_policy p = {
            .keyrings = &w->alice, .keyring_count = 1, .now_s = NOW};
        hop_signature_verdict v = {0};
        assert_ok(hop_signature_verify(hop_buf_get(&m), m.len, &w->digest, &p, &v, &err),
                  &err);
        assert_string_equal(v.repository, "");
    }
}

static void pinned_keys_only(void **state)
{
    const world *w = *state;
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO_VALUE(hop_buf) m = sign_text(w, w->text, &(sign_opts){0});
    hop_signature_policy p = {.keyrings = &w->alice,
                              .keyring_count = 1,
                              .trust = HOP_TRUST_PINNED,
                              .now_s = NOW};
    hop_signature_verdict v = {0};
    assert_fails(hop_signature_verify(m.data, m.len, &w->digest, &p, &v, &err), &err,
                 HOP_E_SIGNATURE, "none of the pinned");
    assert_string_equal(
        hop_signature_get_pinned_owner("567e347ad0044ade55ba8a5f199e2f91fd431d51"),
        "Red Hat release key 2");
    /* The auxiliary key is in no cluster's keyring. */
    assert_null(
        hop_signature_get_pinned_owner("6A6AA7C97C8890AEC6AEBFE2F76F66C3D4082792"));
}

static void keyrings(void **state)
{
    const world *w = *state;
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO_VALUE(hop_buf) m = sign_text(w, w->text, &(sign_opts){0});
    /* Two blocks in one keyring, the signer's second, prose before and between. */
    HOP_AUTO_STR both =
        hop_sprintf("pub ed25519\n%s\nand\n%s", w->bob.data, w->alice.data);
    hop_keyring ring = {.name = (char[]){"both"}, .data = both, .len = strlen(both)};
    hop_signature_policy p = {.keyrings = &ring, .keyring_count = 1, .now_s = NOW};
    hop_signature_verdict v = {0};
    assert_ok(hop_signature_verify(m.data, m.len, &w->digest, &p, &v, &err), &err);
    hop_keyring broken = {.name = (char[]){"broken"}, .data = (char[]){"xyz"}, .len = 3};
    p.keyrings = &broken;
    assert_fails(hop_signature_verify(m.data, m.len, &w->digest, &p, &v, &err), &err,
                 HOP_E_PARSE, "read keyring broken");
    p.keyring_count = 0;
    assert_fails(hop_signature_verify(m.data, m.len, &w->digest, &p, &v, &err), &err,
                 HOP_E_SIGNATURE, "no keyring holds");
}

static hop_buf read_data(const char *name)
{
    HOP_AUTO(hop_error) err = NULL;
    const char *root = getenv("OC_HOP_TEST_DATA");
    if (!root) {
        print_message("skipped: OC_HOP_TEST_DATA is not set\n");
        skip();
    }
    HOP_AUTO_STR path = hop_sprintf("%s/fixtures/signatures/%s", root, name);
    hop_buf b = hop_buf_init(HOP_MIB);
    assert_ok(hop_file_read(path, &b, &err), &err);
    return b;
}

static void the_real_signature(void **state)
{
    (void)state;
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO_VALUE(hop_buf) m = read_data("real-redhat-signature-1");
    HOP_AUTO_VALUE(hop_buf) key = read_data("verifier-public-key-redhat-release");
    hop_keyring ring = {.name = (char[]){"redhat"}, .data = key.data, .len = key.len};
    hop_signature_policy p = {
        .keyrings = &ring, .keyring_count = 1, .trust = HOP_TRUST_PINNED, .now_s = NOW};
    hop_signature_verdict v = {0};
    hop_digest d = {.text =
                        "sha256:0da6316466d60a3a4535d5fed3589feb0391989982fba59d47d4c72"
                        "9912d6363"};
    assert_ok(hop_signature_verify(m.data, m.len, &d, &p, &v, &err), &err);
    assert_string_equal(v.fingerprint, "567E347AD0044ADE55BA8A5F199E2F91FD431D51");
    assert_string_equal(v.owner, "Red Hat release key 2");
    assert_string_equal(v.repository, "quay.io/openshift-release-dev/ocp-release");
    hop_digest other = hop_digest_of("x", 1);
    assert_fails(hop_signature_verify(m.data, m.len, &other, &p, &v, &err), &err,
                 HOP_E_SIGNATURE, "it vouches for");
    HOP_AUTO_VALUE(hop_buf) beta = read_data("verifier-public-key-redhat-beta-2");
    ring.data = beta.data;
    ring.len = beta.len;
    assert_fails(hop_signature_verify(m.data, m.len, &d, &p, &v, &err), &err,
                 HOP_E_SIGNATURE, "no keyring holds");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_messages),        cmocka_unit_test(wrong_signers),
        cmocka_unit_test(wrong_forms),          cmocka_unit_test(unsigned_messages),
        cmocka_unit_test(damaged_messages),     cmocka_unit_test(compression_bomb),
        cmocka_unit_test(wrong_texts),          cmocka_unit_test(pinned_keys_only),
        cmocka_unit_test(names_without_a_host), cmocka_unit_test(keyrings),
        cmocka_unit_test(the_real_signature),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
