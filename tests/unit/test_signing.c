/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_support.h"

#include "hop_signature.h"

#include <rnp/rnp.h>
#include <rnp/rnp_err.h>

enum { NOW = 1760000000 }; /* 2025-10-09 */

/* A key pair made for this run; exported as gpg --export-secret-keys does. */
static rnp_key_handle_t make_key(rnp_ffi_t ffi, const char *password)
{
    rnp_op_generate_t op = NULL;
    rnp_key_handle_t key = NULL;
    assert_int_equal(rnp_set_timestamp(ffi, NOW - 1000), RNP_SUCCESS);
    assert_int_equal(rnp_op_generate_create(&op, ffi, "EDDSA"), RNP_SUCCESS);
    assert_int_equal(rnp_op_generate_set_userid(op, "carrier"), RNP_SUCCESS);
    if (password)
        assert_int_equal(rnp_op_generate_set_protection_password(op, password),
                         RNP_SUCCESS);
    assert_int_equal(rnp_op_generate_execute(op), RNP_SUCCESS);
    assert_int_equal(rnp_op_generate_get_key(op, &key), RNP_SUCCESS);
    rnp_op_generate_destroy(op);
    return key;
}

static hop_keyring export_key(rnp_key_handle_t key, uint32_t flags)
{
    rnp_output_t out = NULL;
    uint8_t *data = NULL;
    size_t len = 0;
    assert_int_equal(rnp_output_to_memory(&out, 0), RNP_SUCCESS);
    assert_int_equal(rnp_key_export(key, out, flags), RNP_SUCCESS);
    assert_int_equal(rnp_output_memory_get_buf(out, &data, &len, false), RNP_SUCCESS);
    hop_keyring ring = {.name = hop_strdup("carrier.key"),
                        .data = hop_strndup((const char *)data, len),
                        .len = len};
    if (len > 0)
        memcpy(ring.data, data, len); /* binary keys hold zero bytes */
    rnp_output_destroy(out);
    return ring;
}

static void clear_key(hop_keyring *ring)
{
    free(ring->name);
    free(ring->data);
}

static rnp_result_t verify(rnp_ffi_t ffi, const char *text, const hop_buf *signature)
{
    rnp_input_t data = NULL, sig = NULL;
    rnp_op_verify_t op = NULL;
    assert_int_equal(
        rnp_input_from_memory(&data, (const uint8_t *)text, strlen(text), false),
        RNP_SUCCESS);
    assert_int_equal(rnp_input_from_memory(&sig, (const uint8_t *)signature->data,
                                           signature->len, false),
                     RNP_SUCCESS);
    assert_int_equal(rnp_op_verify_detached_create(&op, ffi, data, sig), RNP_SUCCESS);
    rnp_result_t rc = rnp_op_verify_execute(op);
    rnp_op_verify_destroy(op);
    rnp_input_destroy(data);
    rnp_input_destroy(sig);
    return rc;
}

static void a_signature_is_over_exactly_these_bytes(void **state)
{
    (void)state;
    rnp_ffi_t ffi = NULL;
    assert_int_equal(rnp_ffi_create(&ffi, "GPG", "GPG"), RNP_SUCCESS);
    rnp_key_handle_t key = make_key(ffi, NULL);
    const uint32_t armor[] = {RNP_KEY_EXPORT_ARMORED, 0};
    for (size_t i = 0; i < HOP_COUNT_OF(armor); i++) {
        HOP_AUTO(hop_error) err = NULL;
        HOP_AUTO_VALUE(hop_buf) out = hop_buf_init(HOP_BUF_TEXT);
        hop_keyring ring = export_key(key, RNP_KEY_EXPORT_SECRET | armor[i]);
        assert_ok(hop_signature_sign(&ring, NOW, "inventory", 9, &out, &err), &err);
        assert_int_equal(rnp_set_timestamp(ffi, NOW + 10), RNP_SUCCESS);
        assert_int_equal(verify(ffi, "inventory", &out), RNP_SUCCESS);
        assert_int_not_equal(verify(ffi, "inventorY", &out), RNP_SUCCESS);
        clear_key(&ring);
    }
    rnp_key_handle_destroy(key);
    rnp_ffi_destroy(ffi);
}

static void what_cannot_sign_says_why(void **state)
{
    (void)state;
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO_VALUE(hop_buf) out = hop_buf_init(HOP_BUF_TEXT);
    rnp_ffi_t ffi = NULL;
    assert_int_equal(rnp_ffi_create(&ffi, "GPG", "GPG"), RNP_SUCCESS);
    rnp_key_handle_t locked = make_key(ffi, "secret");
    hop_keyring public =
        export_key(locked, RNP_KEY_EXPORT_PUBLIC | RNP_KEY_EXPORT_ARMORED);
    assert_fails(hop_signature_sign(&public, NOW, "x", 1, &out, &err), &err, HOP_E_PARSE,
                 "no secret key");
    hop_keyring secret =
        export_key(locked, RNP_KEY_EXPORT_SECRET | RNP_KEY_EXPORT_ARMORED);
    assert_fails(hop_signature_sign(&secret, NOW, "x", 1, &out, &err), &err, HOP_E_PARSE,
                 "protected by a passphrase");
    char text[] = "no key at all";
    char name[] = "k";
    hop_keyring none = {.name = name, .data = text, .len = strlen(text)};
    assert_fails(hop_signature_sign(&none, NOW, "x", 1, &out, &err), &err, HOP_E_PARSE,
                 "read signing key k");
    assert_int_equal(out.len, 0);
    clear_key(&public);
    clear_key(&secret);
    rnp_key_handle_destroy(locked);
    rnp_ffi_destroy(ffi);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signature_is_over_exactly_these_bytes),
        cmocka_unit_test(what_cannot_sign_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
