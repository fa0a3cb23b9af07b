/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_support.h"

#include "proxy.h"

static void exceptions(void **state)
{
    (void)state;
    static const struct {
        const char *no_proxy;
        const char *url;
        bool is_proxied;
    } cases[] = {
        {NULL, "https://quay.io/v2/", true},
        {"", "https://quay.io/v2/", true},
        {"*", "https://quay.io/v2/", false},
        {"quay.io", "https://quay.io/v2/", false},
        {"quay.io", "https://cdn.quay.io:8443/v2/", false},
        {"quay.io", "https://notquay.io/", true},
        {"quay.io", "https://quay.io.evil.example/", true},
        {"QUAY.io", "https://Quay.IO/v2/", false},
        {".quay.io", "https://quay.io/", true},
        {".quay.io", "https://cdn.quay.io/", false},
        {"*.quay.io", "https://cdn.quay.io/", false},
        {"*.quay.io", "https://quay.io/", true},
        {"a, b\tquay.io ,c", "https://quay.io/", false},
        {"quay.io:443", "https://quay.io/", false},
        {"quay.io:443", "https://quay.io:8443/", true},
        {"quay.io:8443", "https://cdn.quay.io:8443/", false},
        {"quay.io:80", "http://quay.io/", false},
        {"10.0.0.0/8", "https://10.1.2.3:5000/v2/", false},
        {"10.0.0.0/8", "https://11.1.2.3:5000/v2/", true},
        {"192.168.4.0/22", "https://192.168.7.255/", false},
        {"192.168.4.0/22", "https://192.168.8.0/", true},
        {"0.0.0.0/0", "https://8.8.8.8/", false},
        {"0.0.0.0/0", "https://quay.io/", true},
        {"10.1.2.3", "https://10.1.2.3/", false},
        {"10.1.2.3", "https://10.1.2.30/", true},
        {"10.1.2.3:5000", "https://10.1.2.3:5000/", false},
        {"10.1.2.3:5000", "https://10.1.2.3/", true},
        {"fd00::/8", "https://[fd12::1]:5000/", false},
        {"fd00::/8", "https://[fe80::1]/", true},
        {"[fd12::1]:5000", "https://[fd12:0::1]:5000/", false},
        {"fd12::1", "https://[fd12::1]/", false},
        {"10.0.0.0/33", "https://10.0.0.1/", true},
        {"10.0.0.0/x", "https://10.0.0.1/", true},
        {"10.0.0.0/", "https://10.0.0.1/", true},
        {".", "https://quay.io/", true},
        {"quay.io", "https://user@quay.io/", false},
        /* Loopback is never asked for elsewhere. */
        {NULL, "https://localhost:5000/", false},
        {NULL, "http://127.0.0.1:5000/", false},
        {NULL, "http://127.8.9.1/", false},
        {NULL, "http://[::1]:5000/", false},
        {NULL, "https://localhost.example/", true},
        {NULL, "https://127.0.0.1.example/", true},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        HOP_AUTO_VALUE(hop_proxies) p = {0};
        hop_error *err = NULL;
        hop_proxy_opts opts = {
            .http = "http://p:1", .https = "http://p:2", .no_proxy = cases[i].no_proxy};
        assert_ok(hop_proxies_read(&opts, &p, &err), &err);
        const char *proxy = hop_proxies_find(&p, cases[i].url);
        if ((proxy != NULL) != cases[i].is_proxied)
            fail_msg("no_proxy \"%s\", %s: %s", cases[i].no_proxy, cases[i].url,
                     proxy ? proxy : "no proxy");
        if (proxy)
            assert_string_equal(proxy, hop_has_prefix(cases[i].url, "https:")
                                           ? "http://p:2"
                                           : "http://p:1");
    }
}

static void each_scheme_has_its_proxy(void **state)
{
    (void)state;
    HOP_AUTO_VALUE(hop_proxies) p = {0};
    hop_error *err = NULL;
    assert_ok(
        hop_proxies_read(&(hop_proxy_opts){.https = "proxy:3128", .http = ""}, &p, &err),
        &err);
    assert_string_equal(hop_proxies_find(&p, "https://quay.io/"), "http://proxy:3128");
    assert_null(hop_proxies_find(&p, "http://quay.io/"));
    assert_null(hop_proxies_find(&p, "ftp://quay.io/"));
    assert_null(hop_proxies_find(NULL, "https://quay.io/"));
}

static void bad_proxies_keep_their_password(void **state)
{
    (void)state;
    static const char *const bad[] = {"ftp://u:hunter2@host", "http://u:hunter2@",
                                      "http://u:hunter2@ho st"};
    for (size_t i = 0; i < HOP_COUNT_OF(bad); i++) {
        HOP_AUTO_VALUE(hop_proxies) p = {0};
        HOP_AUTO(hop_error) err = NULL;
        hop_status s = hop_proxies_read(&(hop_proxy_opts){.https = bad[i]}, &p, &err);
        assert_int_equal(s, HOP_E_USAGE);
        HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
        hop_error_print(err, &text);
        assert_non_null(strstr(hop_buf_get(&text), "https_proxy"));
        assert_null(strstr(hop_buf_get(&text), "hunter2"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exceptions),
        cmocka_unit_test(each_scheme_has_its_proxy),
        cmocka_unit_test(bad_proxies_keep_their_password),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
