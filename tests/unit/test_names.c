/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_support.h"

#include "names.h"

static void assert_tag(char *tag, const char *want)
{
    HOP_AUTO_STR got = tag;
    if (want)
        assert_string_equal(got, want);
    else
        assert_null(got);
}

static void payload_tags(void **state)
{
    (void)state;
    static const struct {
        const char *version, *arch, *want;
    } CASES[] = {
        {"4.16.3", "amd64", "4.16.3-x86_64"},
        {"4.16.3", "x86_64", "4.16.3-x86_64"},
        {"4.16.3", "arm64", "4.16.3-aarch64"},
        {"4.16.3", "ppc64le", "4.16.3-ppc64le"},
        {"4.16.3", "multi", "4.16.3-multi"},
        {"5.0.0-ec.1", "s390x", "5.0.0-ec.1-s390x"},
        {"4.17.0-okd-scos.0", "amd64", "4.17.0-okd-scos.0-x86_64"},
        {"4.1.0+build.7", "amd64", "4.1.0_build.7-x86_64"},
        {"4.16.3", "riscv64", NULL},
        {"", "amd64", NULL},
        {"v4.16.3", "amd64", NULL},
        {"4.16.3/..", "amd64", NULL},
        {"4.16.3;x", "amd64", NULL},
        {"4.16.3 ", "amd64", NULL},
        {"4.1.0+", "amd64", NULL},
        {"4.1.0+a+b", "amd64", NULL},
        {"4.1.0_a", "amd64", NULL},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(CASES); i++)
        assert_tag(hop_name_payload_tag(CASES[i].version, CASES[i].arch), CASES[i].want);
}

static void component_tags(void **state)
{
    (void)state;
    assert_tag(hop_name_component_tag("4.16.3", "amd64", "etcd"), "4.16.3-x86_64-etcd");
    assert_tag(hop_name_component_tag("4.16.3", "multi", "machine-os-content"),
               "4.16.3-multi-machine-os-content");
    assert_tag(hop_name_component_tag("4.16.3", "amd64", ""), NULL);
    assert_tag(hop_name_component_tag("4.16.3", "amd64", "-etcd"), NULL);
    assert_tag(hop_name_component_tag("4.16.3", "amd64", "a/b"), NULL);
    assert_tag(hop_name_component_tag("4.16.3", "amd64", "a b"), NULL);
    char part[101];
    memset(part, 'a', 100);
    part[100] = '\0';
    assert_tag(hop_name_payload_tag("4.16.3", "amd64"), "4.16.3-x86_64");
    assert_true(hop_name_component_is_valid(part));
    HOP_AUTO_STR version = hop_sprintf("4.16.3-%.60s", part);
    assert_tag(hop_name_component_tag(version, "amd64", part), NULL);
}

static void signature_tags(void **state)
{
    (void)state;
    hop_digest d = hop_digest_of("x", 1);
    HOP_AUTO_STR want = hop_sprintf("sha256-%s.sig", hop_digest_get_hex(&d));
    assert_tag(hop_name_signature_tag(&d), want);
    assert_tag(hop_name_signature_tag(&(hop_digest){""}), NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(payload_tags),
        cmocka_unit_test(component_tags),
        cmocka_unit_test(signature_tags),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
