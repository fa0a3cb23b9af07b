/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_support.h"

#include "hop_file.h"
#include "side.h"

#include <unistd.h>

static char home[] = "/tmp/hop-side-XXXXXX";

static char *write_file(const char *name, const char *text)
{
    char *path = hop_sprintf("%s/%s", home, name);
    HOP_AUTO_STR dir = hop_strndup(path, (size_t)(strrchr(path, '/') - path));
    hop_error *err = NULL;
    assert_ok(hop_dir_make(dir, &err), &err);
    assert_ok(hop_file_write(path, text, strlen(text), &err), &err);
    return path;
}

static void add_file(const char *name, const char *text)
{
    HOP_AUTO_STR path = write_file(name, text);
    assert_non_null(path);
}

#define CERTS ".config/containers/certs.d/"

static void a_host_has_its_own_directory(void **state)
{
    (void)state;
    HOP_AUTO_STR ca = write_file("ca.pem", "COMMON\n");
    add_file(CERTS "reg:5000/own.crt", "OWN\n");
    HOP_AUTO_STR cert = write_file(CERTS "reg:5000/client.cert", "CERT\n");
    HOP_AUTO_STR key = write_file(CERTS "reg:5000/client.key", "KEY\n");
    hop_error *err = NULL;
    HOP_AUTO_VALUE(hop_side_state) side = {0};
    assert_ok(hop_side_state_load(HOP_SIDE_SOURCE,
                                  &(hop_side_opts){.home = home, .ca_file = ca}, &side,
                                  &err),
              &err);
    HOP_AUTO_VALUE(hop_tls) tls = {0};
    assert_ok(hop_side_state_get_tls(&side, "reg:5000", &tls, &err), &err);
    assert_string_equal(hop_buf_get(&tls.ca_pem), "COMMON\nOWN\n");
    assert_string_equal(tls.client_cert, cert);
    assert_string_equal(tls.client_key, key);
    hop_tls_clear(&tls);
    /* The port belongs to the name. */
    assert_ok(hop_side_state_get_tls(&side, "reg", &tls, &err), &err);
    assert_string_equal(hop_buf_get(&tls.ca_pem), "COMMON\n");
    assert_null(tls.client_cert);
}

static void a_named_directory_is_the_only_one(void **state)
{
    (void)state;
    add_file(CERTS "reg:5000/own.crt", "OWN\n");
    add_file("named/ca.crt", "NAMED\n");
    HOP_AUTO_STR dir = hop_sprintf("%s/named", home);
    hop_error *err = NULL;
    HOP_AUTO_VALUE(hop_side_state) side = {0};
    assert_ok(hop_side_state_load(HOP_SIDE_SOURCE,
                                  &(hop_side_opts){.home = home, .cert_dir = dir}, &side,
                                  &err),
              &err);
    HOP_AUTO_VALUE(hop_tls) tls = {0};
    assert_ok(hop_side_state_get_tls(&side, "reg:5000", &tls, &err), &err);
    assert_string_equal(hop_buf_get(&tls.ca_pem), "NAMED\n");
}

static void mistakes_are_found_at_once(void **state)
{
    (void)state;
    hop_error *err = NULL;
    HOP_AUTO_VALUE(hop_side_state) side = {0};
    assert_fails(hop_side_state_load(HOP_SIDE_SOURCE,
                                     &(hop_side_opts){.ca_file = "/nonexistent/ca.pem"},
                                     &side, &err),
                 &err, HOP_E_NOT_FOUND, "/nonexistent/ca.pem");
    add_file(CERTS "half/client.cert", "CERT\n");
    HOP_AUTO_VALUE(hop_tls) tls = {0};
    assert_ok(
        hop_side_state_load(HOP_SIDE_SOURCE, &(hop_side_opts){.home = home}, &side, &err),
        &err);
    assert_fails(hop_side_state_get_tls(&side, "half", &tls, &err), &err, HOP_E_USAGE,
                 "client.key");
}

static void a_key_must_be_open(void **state)
{
    (void)state;
    static const char *const keys[] = {
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMII\n",
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES\n"};
    hop_error *err = NULL;
    HOP_AUTO_VALUE(hop_side_state) side = {0};
    assert_ok(
        hop_side_state_load(HOP_SIDE_SOURCE, &(hop_side_opts){.home = home}, &side, &err),
        &err);
    add_file(CERTS "closed/client.cert", "CERT\n");
    for (size_t i = 0; i < HOP_COUNT_OF(keys); i++) {
        HOP_AUTO_VALUE(hop_tls) tls = {0};
        add_file(CERTS "closed/client.key", keys[i]);
        hop_status s = hop_side_state_get_tls(&side, "closed", &tls, &err);
        assert_non_null(strstr(hop_error_get_hint(err), "openssl pkey -in"));
        assert_fails(s, &err, HOP_E_USAGE, "client.key: it is encrypted");
    }
    /* Where a redirect leads nobody sees a hint. */
    HOP_AUTO_VALUE(hop_tls) own = {0};
    assert_ok(hop_side_state_get_tls(&side, "first", &own, &err), &err);
    const hop_tls *closed = hop_side_get_tls_at(&own, "https://closed/");
    assert_non_null(strstr(closed->trouble, "it is encrypted"));
    assert_non_null(strstr(closed->trouble, "openssl pkey -in"));
    HOP_AUTO_VALUE(hop_tls) tls = {0};
    add_file(CERTS "closed/client.key", "-----BEGIN PRIVATE KEY-----\nMII\n");
    assert_ok(hop_side_state_get_tls(&side, "closed", &tls, &err), &err);
}

static void one_host_may_be_insecure(void **state)
{
    (void)state;
    hop_error *err = NULL;
    HOP_AUTO_VALUE(hop_side_state) side = {0};
    assert_ok(hop_side_state_load(HOP_SIDE_SOURCE, &(hop_side_opts){0}, &side, &err),
              &err);
    hop_strings_add(&side.insecure_hosts, "old:5000");
    HOP_AUTO_VALUE(hop_tls) tls = {0};
    assert_ok(hop_side_state_get_tls(&side, "old:5000", &tls, &err), &err);
    assert_int_equal(tls.mode, HOP_TLS_SKIP);
    hop_tls_clear(&tls);
    assert_ok(hop_side_state_get_tls(&side, "old", &tls, &err), &err);
    assert_int_equal(tls.mode, HOP_TLS_VERIFY);
}

static void what_one_host_may_does_not_hold_for_another(void **state)
{
    (void)state;
    add_file("named/ca.crt", "NAMED\n");
    add_file("named/client.cert", "CERT\n");
    add_file("named/client.key", "KEY\n");
    add_file(CERTS "reg:5000/own.crt", "OWN\n");
    HOP_AUTO_STR cert = write_file(CERTS "reg:5000/client.cert", "CERT\n");
    add_file(CERTS "reg:5000/client.key", "KEY\n");
    add_file(CERTS "half/client.cert", "CERT\n");
    HOP_AUTO_STR dir = hop_sprintf("%s/named", home);
    hop_error *err = NULL;
    HOP_AUTO_VALUE(hop_side_state) side = {0};
    assert_ok(hop_side_state_load(HOP_SIDE_SOURCE,
                                  &(hop_side_opts){.home = home, .cert_dir = dir}, &side,
                                  &err),
              &err);
    hop_strings_add(&side.insecure_hosts, "first");
    HOP_AUTO_VALUE(hop_tls) first = {0};
    assert_ok(hop_side_state_get_tls(&side, "first", &first, &err), &err);
    assert_non_null(first.client_cert);
    assert_int_equal(first.mode, HOP_TLS_SKIP);

    /* The same host, in other words. */
    assert_ptr_equal(hop_side_get_tls_at(&first, "https://first/v2/"), &first);
    assert_ptr_equal(hop_side_get_tls_at(&first, "https://u:p@FIRST:443?x"), &first);
    assert_ptr_equal(hop_side_get_tls_at(&first, "http://second/"), &first);

    const hop_tls *second = hop_side_get_tls_at(&first, "https://reg:5000/token");
    assert_string_equal(hop_buf_get(&second->ca_pem), "NAMED\nOWN\n");
    assert_string_equal(second->client_cert, cert);
    assert_int_equal(second->mode, HOP_TLS_VERIFY);
    assert_ptr_equal(second, hop_side_get_tls_at(&first, "https://reg:5000/other"));

    const hop_tls *third = hop_side_get_tls_at(&first, "https://first:8443/");
    assert_string_equal(hop_buf_get(&third->ca_pem), "NAMED\n");
    assert_null(third->client_cert);
    assert_int_equal(third->mode, HOP_TLS_VERIFY);
    assert_null(third->trouble);

    const hop_tls *half = hop_side_get_tls_at(&first, "https://half/");
    assert_non_null(strstr(half->trouble, "client.key"));
}

static int make_home(void **state)
{
    (void)state;
    return mkdtemp(home) ? 0 : -1;
}

static int remove_home(void **state)
{
    (void)state;
    static const char *const names[] = {CERTS "reg:5000/own.crt",
                                        CERTS "reg:5000/client.cert",
                                        CERTS "reg:5000/client.key",
                                        CERTS "reg:5000",
                                        CERTS "closed/client.cert",
                                        CERTS "closed/client.key",
                                        CERTS "closed",
                                        CERTS "half/client.cert",
                                        CERTS "half",
                                        ".config/containers/certs.d",
                                        ".config/containers",
                                        ".config",
                                        "named/ca.crt",
                                        "named/client.cert",
                                        "named/client.key",
                                        "named",
                                        "ca.pem",
                                        "."};
    for (size_t i = 0; i < HOP_COUNT_OF(names); i++) {
        HOP_AUTO_STR path = hop_sprintf("%s/%s", home, names[i]);
        if (unlink(path) != 0)
            (void)rmdir(path);
    }
    return rmdir(home);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_host_has_its_own_directory),
        cmocka_unit_test(a_named_directory_is_the_only_one),
        cmocka_unit_test(mistakes_are_found_at_once),
        cmocka_unit_test(a_key_must_be_open),
        cmocka_unit_test(one_host_may_be_insecure),
        cmocka_unit_test(what_one_host_may_does_not_hold_for_another),
    };
    return cmocka_run_group_tests(tests, make_home, remove_home);
}
