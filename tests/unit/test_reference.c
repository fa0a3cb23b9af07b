/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_support.h"

#include "hop_oci.h"

#define D "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static void accepted(void **state)
{
    (void)state;
    static const struct {
        const char *text, *host, *repository, *tag, *digest;
    } cases[] = {
        {"quay.io/org/app:4.16@" D, "quay.io", "org/app", "4.16", D},
        {"localhost/a", "localhost", "a", NULL, ""},
        {"localhost:5000/a/b/c:x", "localhost:5000", "a/b/c", "x", ""},
        {"[::1]:5000/a@" D, "[::1]:5000", "a", NULL, D},
        {"10.0.0.1:5000/o/n__m/x.y-z--w:T_.-1", "10.0.0.1:5000", "o/n__m/x.y-z--w",
         "T_.-1", ""},
        {"Registry.Example/a", "Registry.Example", "a", NULL, ""},
    };
    HOP_AUTO(hop_error) err = NULL;
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        HOP_AUTO_VALUE(hop_ref) r = {0};
        assert_ok(hop_ref_parse(cases[i].text, &r, &err), &err);
        assert_string_equal(r.host, cases[i].host);
        assert_string_equal(r.repository, cases[i].repository);
        if (cases[i].tag)
            assert_string_equal(r.tag, cases[i].tag);
        else
            assert_null(r.tag);
        assert_string_equal(r.digest.text, cases[i].digest);
        HOP_AUTO_STR back = hop_ref_format(&r);
        assert_string_equal(back, cases[i].text);
        HOP_AUTO_VALUE(hop_ref) copy = {0};
        hop_ref_copy(&r, &copy);
        HOP_AUTO_STR again = hop_ref_format(&copy);
        assert_string_equal(again, cases[i].text);
    }
}

static void refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *why;
    } cases[] = {
        {"", "host written out"},
        {"busybox", "host written out"},
        {"library/busybox", "no HOST"},
        {"quay.io/", "lower-case path"},
        {"quay.io/Org/app", "lower-case path"},
        {"quay.io/a//b", "lower-case path"},
        {"quay.io/a/../b", "lower-case path"},
        {"quay.io/a/", "lower-case path"},
        {"quay.io/a_-b", "lower-case path"},
        {"quay.io/a:", "tag"},
        {"quay.io/a:.x", "tag"},
        {"quay.io/a:x/y", "tag"},
        {"quay.io/a@sha256:12", "no digest"},
        {"quay.io:99999/a", "no HOST"},
        {"-q.io/a", "no HOST"},
        {"q..io/a", "no HOST"},
        {"user@quay.io/a", "no digest"},
        {"[::1/a", "no HOST"},
        {"quay.io/a b", "lower-case path"},
    };
    HOP_AUTO(hop_error) err = NULL;
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        hop_ref r = {0};
        assert_fails(hop_ref_parse(cases[i].text, &r, &err), &err, HOP_E_PARSE,
                     cases[i].why);
        assert_null(r.host);
    }
}

static void lengths_are_limited(void **state)
{
    (void)state;
    char text[6000];
    memset(text, 'a', sizeof(text));
    memcpy(text, "q.io/", 5);
    text[sizeof(text) - 1] = '\0';
    HOP_AUTO(hop_error) err = NULL;
    hop_ref r = {0};
    assert_fails(hop_ref_parse(text, &r, &err), &err, HOP_E_LIMIT, "longer than");
    text[5 + 256] = '\0';
    assert_fails(hop_ref_parse(text, &r, &err), &err, HOP_E_PARSE, "lower-case path");
}

static void architectures_have_two_spellings(void **state)
{
    (void)state;
    assert_string_equal(hop_arch_parse("x86_64"), "amd64");
    assert_string_equal(hop_arch_parse("arm64"), "arm64");
    assert_string_equal(hop_arch_get_tag_name("arm64"), "aarch64");
    assert_string_equal(hop_arch_get_tag_name("s390x"), "s390x");
    assert_string_equal(hop_arch_parse("multi"), "multi");
    assert_null(hop_arch_parse("AMD64"));
    assert_null(hop_arch_parse("mips"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepted),
        cmocka_unit_test(refused),
        cmocka_unit_test(lengths_are_limited),
        cmocka_unit_test(architectures_have_two_spellings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
