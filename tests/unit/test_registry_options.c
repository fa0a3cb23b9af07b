/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_support.h"

#include "registry_options.h"

static void own_flags_win_over_common_ones(void **state)
{
    (void)state;
    char ca[] = "common.pem", own_ca[] = "own.pem", dir[] = "certs";
    hop_side_options common = {.ca = ca, .cert_dir = dir, .tls_verify = HOP_NO};
    hop_side_options own = {.ca = own_ca, .tls_verify = HOP_YES};
    hop_side_opts side;
    hop_registry_side(&common, &own, &side);
    assert_string_equal(side.ca_file, "own.pem");
    assert_string_equal(side.cert_dir, "certs");
    assert_int_equal(side.tls, HOP_TLS_VERIFY);
    hop_registry_side(&common, &(hop_side_options){0}, &side);
    assert_string_equal(side.ca_file, "common.pem");
    assert_int_equal(side.tls, HOP_TLS_SKIP);
    hop_registry_side(&(hop_side_options){0}, &(hop_side_options){0}, &side);
    assert_int_equal(side.tls, HOP_TLS_VERIFY);
}

static void destinations(void **state)
{
    (void)state;
    HOP_AUTO(hop_error) err = NULL;
    const char *host = NULL;
    assert_ok(hop_registry_host("docker://registry.local:5000", &host, &err), &err);
    assert_string_equal(host, "registry.local:5000");
    assert_fails(hop_registry_host("registry.local:5000", &host, &err), &err, HOP_E_USAGE,
                 "hint: docker://registry.local:5000");
    assert_fails(hop_registry_host("docker://h/ocp4", &host, &err), &err, HOP_E_USAGE,
                 "--repository");
    assert_fails(hop_registry_host("docker://", &host, &err), &err, HOP_E_USAGE,
                 "no HOST");
    assert_fails(hop_registry_host("docker://h o", &host, &err), &err, HOP_E_USAGE,
                 "no HOST");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_flags_win_over_common_ones),
        cmocka_unit_test(destinations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
