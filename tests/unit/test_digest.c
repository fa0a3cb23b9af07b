/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_support.h"

#include "hop_oci.h"

/* FIPS 180-2, appendix B.1. */
#define ABC_HEX "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define ABC_SHA256 "sha256:" ABC_HEX
#define EMPTY_SHA256 \
    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static void known_answers(void **state)
{
    (void)state;
    hop_digest d = hop_digest_of("abc", 3);
    assert_string_equal(d.text, ABC_SHA256);
    assert_string_equal(hop_digest_get_hex(&d), ABC_HEX);
    assert_string_equal(hop_digest_of("", 0).text, EMPTY_SHA256);
}

static void hashing_in_pieces_and_again(void **state)
{
    (void)state;
    HOP_AUTO(hop_hash) h = hop_hash_new();
    hop_hash_update(h, "a", 1);
    hop_hash_update(h, "bc", 2);
    assert_string_equal(hop_hash_finish(h).text, ABC_SHA256);
    hop_hash_restart(h);
    assert_string_equal(hop_hash_finish(h).text, EMPTY_SHA256);
}

static void sha512_is_followed(void **state)
{
    (void)state;
    HOP_AUTO(hop_error) err = NULL;
    hop_digest want;
    static const char text[] =
        "sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
        "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";
    assert_ok(hop_digest_parse(text, &want, &err), &err);
    HOP_AUTO(hop_hash) h = hop_hash_new_like(&want);
    hop_hash_update(h, "abc", 3);
    hop_digest got = hop_hash_finish(h);
    assert_true(hop_digest_is_equal(&want, &got));
}

static void malformed_digests(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "sha256:",
        "sha256",
        "md5:0123",
        "SHA256:ba7816bf8f01cfea414140de5dae2223",
        "sha256:BA7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a",
        "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad0",
        "sha256:../816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"};
    HOP_AUTO(hop_error) err = NULL;
    for (size_t i = 0; i < HOP_COUNT_OF(bad); i++) {
        hop_digest d = {"kept"};
        assert_fails(hop_digest_parse(bad[i], &d, &err), &err, HOP_E_PARSE, "digest");
        assert_string_equal(d.text, "kept");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_answers),
        cmocka_unit_test(hashing_in_pieces_and_again),
        cmocka_unit_test(sha512_is_followed),
        cmocka_unit_test(malformed_digests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
