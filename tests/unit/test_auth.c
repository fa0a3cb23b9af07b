/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_support.h"

#include "auth.h"

#include <fcntl.h>
#include <unistd.h>

static void test_challenges(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        hop_auth_scheme scheme;
        const char *realm;
        const char *service;
    } cases[] = {
        {"Basic realm=\"Registry Realm\"", HOP_AUTH_BASIC, "Registry Realm", NULL},
        {"Bearer realm=\"https://a/t\",service=\"s\",scope=\"repository:a:pull,push\"",
         HOP_AUTH_BEARER, "https://a/t", "s"},
        {"bearer Realm=https://a/t, Service=\"h:443\"", HOP_AUTH_BEARER, "https://a/t",
         "h:443"},
        {"Basic realm=\"x\", Bearer realm=\"https://a/t\"", HOP_AUTH_BEARER,
         "https://a/t", NULL},
        {"Bearer realm=\"https://a/t\", Basic realm=\"x, y\"", HOP_AUTH_BEARER,
         "https://a/t", NULL},
        {"Negotiate, Basic realm=\"a\\\"b\"", HOP_AUTH_BASIC, "a\"b", NULL},
        {"Bearer service=\"s\"", HOP_AUTH_NONE, NULL, NULL},
        {"Bearer realm=\"https://a", HOP_AUTH_NONE, NULL, NULL},
        {"", HOP_AUTH_NONE, NULL, NULL},
        {",,= \"", HOP_AUTH_NONE, NULL, NULL},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        HOP_AUTO_VALUE(hop_challenge) c = {0};
        hop_challenge_add(&c, cases[i].value, strlen(cases[i].value));
        if (c.scheme != cases[i].scheme)
            fail_msg("case %zu: scheme %d", i, (int)c.scheme);
        if (cases[i].realm)
            assert_string_equal(c.realm, cases[i].realm);
        if (cases[i].service)
            assert_string_equal(c.service, cases[i].service);
        else
            assert_null(c.service);
    }
}

static void write_file(char *path, const char *text)
{
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static const char auth_file[] =
    "{\"auths\":{"
    "\"reg:5000\":{\"auth\":\"aG9zdDpwdw==\"}," /* host:pw */
    "\"reg:5000/ns\":{\"auth\":\"bnM6YTpi\"},"  /* ns:a:b */
    "\"reg:5000/ns/repo\":{\"username\":\"u\",\"password\":\"p\"},"
    "\"https://index.docker.io/v1/\":{\"identitytoken\":\"tok\"},"
    "\"empty\":{},"
    "\"bad\":{\"auth\":\"!!\"}}}";

static void test_longest_key_wins(void **state)
{
    (void)state;
    char path[] = "/tmp/hop-auth-XXXXXX";
    write_file(path, auth_file);
    HOP_AUTO_VALUE(hop_strings) files = {0};
    hop_strings_add(&files, "/nonexistent/auth.json");
    hop_strings_add(&files, path);
    static const struct {
        const char *host;
        const char *repository;
        const char *user;
        const char *password;
    } cases[] = {
        {"reg:5000", "other", "host", "pw"},
        {"reg:5000", "ns/x", "ns", "a:b"},
        {"reg:5000", "nsx", "host", "pw"},
        {"reg:5000", "ns/repo", "u", "p"},
        {"reg:5000", "ns/repo/deep", "u", "p"},
        {"reg", "ns", NULL, NULL},
        {"empty", "a", NULL, NULL},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        HOP_AUTO_VALUE(hop_credential) c = {0};
        hop_error *err = NULL;
        bool found = false;
        assert_ok(hop_credential_find(&files, NULL, cases[i].host, cases[i].repository,
                                      &c, &found, &err),
                  &err);
        assert_int_equal(found, cases[i].user != NULL);
        if (!found)
            continue;
        assert_string_equal(c.user, cases[i].user);
        assert_string_equal(c.password, cases[i].password);
        HOP_AUTO_STR secret = hop_sprintf("%s:%s", c.user, c.password);
        assert_null(strstr(c.origin, secret));
    }
    HOP_AUTO_VALUE(hop_credential) c = {0};
    hop_error *err = NULL;
    bool found = false;
    assert_ok(
        hop_credential_find(&files, NULL, "index.docker.io", "l/x", &c, &found, &err),
        &err);
    assert_true(found);
    assert_string_equal(c.identity_token, "tok");
    hop_credential_clear(&c);
    assert_fails(hop_credential_find(&files, NULL, "bad", "x", &c, &found, &err), &err,
                 HOP_E_AUTH, "user:password");
    unlink(path);
}

static void test_token_requests(void **state)
{
    (void)state;
    hop_challenge c = {.scheme = HOP_AUTH_BEARER,
                       .realm = hop_strdup("https://a/t?x=1"),
                       .service = hop_strdup("h:443")};
    hop_credential cred = {.user = hop_strdup("u"), .password = hop_strdup("p")};
    hop_error *err = NULL;
    HOP_AUTO_VALUE(hop_token_request) r = {0};
    assert_ok(hop_token_request_make(&c, &cred,
                                     "repository:a/b:pull,push repository:c:pull",
                                     HOP_REALM_HTTPS, &r, &err),
              &err);
    assert_string_equal(r.url, "https://a/t?x=1&service=h:443&scope=repository:a/b:pull,"
                               "push&scope=repository:c:pull");
    assert_string_equal(r.basic, "Basic dTpw");
    hop_token_request_clear(&r);
    cred.identity_token = hop_strdup("id&t");
    assert_ok(
        hop_token_request_make(&c, &cred, "repository:a:pull", HOP_REALM_HTTPS, &r, &err),
        &err);
    assert_string_equal(r.url, "https://a/t?x=1");
    assert_non_null(strstr(r.form, "refresh_token=id%26t"));
    assert_null(r.basic);
    hop_token_request_clear(&r);
    free(c.realm);
    c.realm = hop_strdup("http://a/t");
    assert_fails(
        hop_token_request_make(&c, &cred, "repository:a:pull", HOP_REALM_HTTPS, &r, &err),
        &err, HOP_E_AUTH, "plain http");
    assert_ok(
        hop_token_request_make(&c, NULL, "repository:a:pull", HOP_REALM_HTTPS, &r, &err),
        &err);
    assert_null(r.basic);
    hop_credential_clear(&cred);
    hop_challenge_clear(&c);
}

static void test_token_answers(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        const char *bearer; /* NULL: refused */
        uint64_t lifetime_s;
    } cases[] = {
        {"{\"token\":\"abc\",\"expires_in\":300}", "Bearer abc", 300},
        {"{\"access_token\":\"abc\"}", "Bearer abc", 60},
        {"{\"token\":\"\",\"access_token\":\"x\",\"expires_in\":0}", "Bearer x", 60},
        {"{\"token\":\"a\\nX: y\"}", NULL, 0},
        {"{}", NULL, 0},
        {"[]", NULL, 0},
        {"<html>", NULL, 0},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        HOP_AUTO_STR bearer = NULL;
        uint64_t lifetime_s = 0;
        hop_error *err = NULL;
        hop_status s = hop_token_read(cases[i].body, strlen(cases[i].body), &bearer,
                                      &lifetime_s, &err);
        if (!cases[i].bearer) {
            assert_true(s != HOP_OK);
            assert_non_null(err);
            hop_error_drop(&err);
            continue;
        }
        assert_ok(s, &err);
        assert_string_equal(bearer, cases[i].bearer);
        assert_int_equal(lifetime_s, cases[i].lifetime_s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_challenges),
        cmocka_unit_test(test_longest_key_wins),
        cmocka_unit_test(test_token_requests),
        cmocka_unit_test(test_token_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
