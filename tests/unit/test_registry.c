/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_support.h"

#include "registry.h"

static void test_session_urls(void **state)
{
    (void)state;
    static const struct {
        const char *request;
        const char *location;
        const char *url; /* NULL: refused */
        bool same_host;
    } cases[] = {
        {"https://r:5000/v2/a/blobs/uploads/", "/v2/a/blobs/uploads/1?_state=x",
         "https://r:5000/v2/a/blobs/uploads/1?_state=x", true},
        {"https://r:5000/v2/a/blobs/uploads/?mount=d&from=b", "77",
         "https://r:5000/v2/a/blobs/uploads/77", true},
        {"https://r:5000/v2/a/blobs/uploads/", "https://r:5000/u/1", "https://r:5000/u/1",
         true},
        {"https://r:5000/v2/", "http://r:5000/u/1?q=1", "https://r:5000/u/1?q=1", true},
        {"https://r:5000/v2/", "http://r/u/1", "https://r:5000/u/1", true},
        {"https://r:5000/v2/", "http://other/u/1", NULL, false},
        {"https://r:5000/v2/", "https://other/u/1", "https://other/u/1", false},
        {"https://r:5000/v2/", "https://r:6000/u/1", "https://r:6000/u/1", false},
        {"http://r:5000/v2/", "http://r:5000/u/1", "http://r:5000/u/1", true},
        {"http://r:5000/v2/", "http://r:5001/u/1", "http://r:5001/u/1", false},
        {"https://r/v2/", "//other/u/1", NULL, false},
        {"https://r/v2/", "ftp://r/u/1", NULL, false},
        {"https://r/v2/", "https://user@r/u/1", NULL, false},
        {"https://r/v2/", "/u/1\r\nX: y", NULL, false},
        {"https://r/v2/", "", NULL, false},
        {"https://r/v2/", NULL, NULL, false},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        HOP_AUTO_STR url = NULL;
        bool same_host = false;
        hop_error *err = NULL;
        hop_status s = hop_registry_session_url(cases[i].request, cases[i].location, &url,
                                                &same_host, &err);
        if (!cases[i].url) {
            assert_fails(s, &err, HOP_E_NET, "upload");
            continue;
        }
        assert_ok(s, &err);
        assert_string_equal(url, cases[i].url);
        assert_int_equal(same_host, cases[i].same_host);
    }
}

static void test_commit_url_adds_the_digest(void **state)
{
    (void)state;
    hop_digest d = hop_digest_of("", 0);
    HOP_AUTO_STR with = hop_registry_commit_url("https://r/u?_state=a%3D", &d);
    HOP_AUTO_STR without = hop_registry_commit_url("https://r/u", &d);
    assert_true(hop_has_prefix(with, "https://r/u?_state=a%3D&digest=sha256:e3b0"));
    assert_true(hop_has_prefix(without, "https://r/u?digest=sha256:e3b0"));
}

static void test_answers_become_events(void **state)
{
    (void)state;
    static const struct {
        hop_request_kind kind;
        hop_net net;
        long status;
        hop_transfer_event event;
    } cases[] = {
        {HOP_REQ_PING, HOP_NET_OK, 401, HOP_EV_ANSWERED},
        {HOP_REQ_PING, HOP_NET_OK, 404, HOP_EV_ANSWERED},
        {HOP_REQ_PING, HOP_NET_OK, 503, HOP_EV_TRANSIENT},
        {HOP_REQ_PING, HOP_NET_TLS, 0, HOP_EV_FATAL},
        {HOP_REQ_PING, HOP_NET_UNREACHABLE, 0, HOP_EV_TRANSIENT},
        {HOP_REQ_MANIFEST_READ, HOP_NET_OK, 200, HOP_EV_ANSWERED},
        {HOP_REQ_MANIFEST_READ, HOP_NET_OK, 404, HOP_EV_ANSWERED},
        {HOP_REQ_MANIFEST_READ, HOP_NET_OK, 401, HOP_EV_UNAUTHORIZED},
        {HOP_REQ_MANIFEST_READ, HOP_NET_OK, 403, HOP_EV_FATAL},
        {HOP_REQ_MANIFEST_READ, HOP_NET_OK, 429, HOP_EV_TRANSIENT},
        {HOP_REQ_MANIFEST_PUT, HOP_NET_OK, 201, HOP_EV_ANSWERED},
        {HOP_REQ_MANIFEST_PUT, HOP_NET_OK, 400, HOP_EV_FATAL},
        {HOP_REQ_BLOB_HEAD, HOP_NET_OK, 200, HOP_EV_PRESENT},
        {HOP_REQ_BLOB_HEAD, HOP_NET_OK, 404, HOP_EV_ABSENT},
        {HOP_REQ_BLOB_HEAD, HOP_NET_OK, 500, HOP_EV_TRANSIENT},
        {HOP_REQ_BLOB_MOUNT, HOP_NET_OK, 201, HOP_EV_PRESENT},
        {HOP_REQ_BLOB_MOUNT, HOP_NET_OK, 202, HOP_EV_SESSION},
        {HOP_REQ_BLOB_MOUNT, HOP_NET_OK, 403, HOP_EV_REFUSED},
        {HOP_REQ_BLOB_MOUNT, HOP_NET_OK, 405, HOP_EV_REFUSED},
        {HOP_REQ_BLOB_OPEN, HOP_NET_OK, 202, HOP_EV_SESSION},
        {HOP_REQ_BLOB_OPEN, HOP_NET_OK, 405, HOP_EV_FATAL},
        {HOP_REQ_BLOB_GET, HOP_NET_OK, 206, HOP_EV_ANSWERED},
        {HOP_REQ_BLOB_GET, HOP_NET_BROKEN, 200, HOP_EV_TRANSIENT},
        {HOP_REQ_BLOB_PUT, HOP_NET_OK, 201, HOP_EV_STORED},
        {HOP_REQ_BLOB_PUT, HOP_NET_OK, 404, HOP_EV_TRANSIENT},
        {HOP_REQ_BLOB_PUT, HOP_NET_OK, 413, HOP_EV_TOO_LARGE},
        {HOP_REQ_BLOB_PUT, HOP_NET_OK, 400, HOP_EV_FATAL},
        {HOP_REQ_BLOB_PATCH, HOP_NET_OK, 202, HOP_EV_PIECE},
        {HOP_REQ_BLOB_PATCH, HOP_NET_OK, 416, HOP_EV_TOO_LARGE},
        {HOP_REQ_BLOB_PATCH, HOP_NET_OK, 404, HOP_EV_TRANSIENT},
        {HOP_REQ_BLOB_PATCH, HOP_NET_OK, 405, HOP_EV_FATAL},
        {HOP_REQ_BLOB_STATUS, HOP_NET_OK, 204, HOP_EV_ABSENT},
        {HOP_REQ_BLOB_STATUS, HOP_NET_OK, 404, HOP_EV_ABSENT},
        {HOP_REQ_BLOB_STATUS, HOP_NET_OK, 502, HOP_EV_TRANSIENT},
        {HOP_REQ_BLOB_CLOSE, HOP_NET_OK, 201, HOP_EV_STORED},
        {HOP_REQ_BLOB_CLOSE, HOP_NET_OK, 404, HOP_EV_ABSENT},
        {HOP_REQ_BLOB_CLOSE, HOP_NET_OK, 401, HOP_EV_UNAUTHORIZED},
        {HOP_REQ_BLOB_CLOSE, HOP_NET_OK, 413, HOP_EV_FATAL},
        {HOP_REQ_BLOB_PUT, HOP_NET_OK, 307, HOP_EV_FATAL},
        {HOP_REQ_TOKEN, HOP_NET_OK, 401, HOP_EV_FATAL},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        hop_answer a = {.net = cases[i].net, .status = cases[i].status};
        if (hop_registry_judge(cases[i].kind, &a) != cases[i].event)
            fail_msg("case %zu", i);
    }
}

static void test_retry_after(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        uint64_t wait_ms;
    } cases[] = {
        {"2", 2000},
        {"0", 0},
        {"99999999999999999999", 3600000},
        {"Thu, 01 Jan 1970 00:00:30 GMT", 20000},
        {"Thu, 01 Jan 1970 00:00:05 GMT", 0},
        {"soon", 0},
        {"", 0},
        {NULL, 0},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++)
        assert_int_equal(hop_registry_retry_after_ms(cases[i].value, NULL, 10),
                         cases[i].wait_ms);
    /* A server whose clock is ahead, or behind, means its own. */
    static const char at[] = "Thu, 01 Jan 1970 00:01:05 GMT";
    assert_int_equal(hop_registry_retry_after_ms(at, "Thu, 01 Jan 1970 00:01:00 GMT", 10),
                     5000);
    assert_int_equal(
        hop_registry_retry_after_ms(at, "Thu, 01 Jan 1970 00:01:00 GMT", 100), 5000);
    assert_int_equal(hop_registry_retry_after_ms(at, "noon", 10), 55000);
    assert_int_equal(hop_registry_retry_after_ms("2", at, 10), 2000);
}

static void test_content_range(void **state)
{
    (void)state;
    assert_true(hop_registry_range_fits("bytes 17-99/100", 17, 100));
    assert_true(hop_registry_range_fits("Bytes 17-50/*", 17, 100));
    static const char *const wrong[] = {"bytes 16-99/100",
                                        "bytes 18-99/100",
                                        "bytes 17-99/101",
                                        "bytes 17-100/100",
                                        "bytes 17-16/100",
                                        "bytes 17-99",
                                        "bytes 17-99/",
                                        "bytes 17-99/100x",
                                        "bytes */100",
                                        "items 17-99/100",
                                        "bytes 99999999999999999999-1/2",
                                        NULL};
    for (size_t i = 0; i < HOP_COUNT_OF(wrong); i++)
        if (hop_registry_range_fits(wrong[i], 17, 100))
            fail_msg("case %zu", i);
}

static void test_digests_in_a_refusal(void **state)
{
    (void)state;
    hop_digest d = hop_digest_of("", 0);
    hop_answer a = {.status = 400, .body = hop_buf_init(HOP_MAX_SMALL_BODY)};
    hop_strings found = {0};
    hop_registry_find_digests(&a, &found);
    assert_int_equal(found.len, 0);
    hop_buf_addf(&a.body, "{\"detail\":\"%s\"} sha256:12 x%s0 %s", d.text, d.text,
                 d.text);
    hop_registry_find_digests(&a, &found);
    assert_int_equal(found.len, 2);
    assert_string_equal(found.items[0], d.text);
    hop_strings_clear(&found);
    hop_buf_clear(&a.body);
}

static void test_clocks(void **state)
{
    (void)state;
    assert_int_equal(hop_registry_clock_ahead_s("Thu, 01 Jan 1970 00:10:00 GMT", 100),
                     500);
    assert_int_equal(hop_registry_clock_ahead_s("Thu, 01 Jan 1970 00:00:00 GMT", 100),
                     -100);
    assert_int_equal(hop_registry_clock_ahead_s("noon", 100), 0);
    assert_int_equal(hop_registry_clock_ahead_s(NULL, 100), 0);
}

static void test_how_far_an_upload_is(void **state)
{
    (void)state;
    uint64_t offset = 7;
    assert_true(hop_registry_upload_offset("0-99", &offset));
    assert_int_equal(offset, 100);
    assert_true(hop_registry_upload_offset("bytes=0-1", &offset));
    assert_int_equal(offset, 2);
    assert_true(hop_registry_upload_offset("0-0", &offset));
    assert_int_equal(offset, 0);
    static const char *const wrong[] = {"", "1-5", "0-", "0", "0-5,7-8", "0-5x", NULL};
    for (size_t i = 0; i < HOP_COUNT_OF(wrong); i++)
        assert_false(hop_registry_upload_offset(wrong[i], &offset));
}

static void test_messages_keep_secrets_and_pages_back(void **state)
{
    (void)state;
    hop_request_name n = {HOP_GET, "https://me:pw@r/v2/a/blobs/b?X-Signature=secret", "r",
                          "src"};
    hop_answer a = {.status = 401, .body = hop_buf_init(HOP_MAX_SMALL_BODY)};
    hop_buf_adds(&a.body, "{\"errors\":[{\"code\":\"DENIED\",\"message\":\"who?\"}]}");
    hop_error *err = NULL;
    hop_status s = hop_registry_error(&n, &a, &err);
    assert_null(strstr(hop_error_get_frame(err, 0), "secret"));
    assert_null(strstr(hop_error_get_frame(err, 0), "pw"));
    assert_non_null(strstr(hop_error_get_hint(err), "podman login r"));
    assert_fails(s, &err, HOP_E_AUTH, "GET https://r/v2/a/blobs/b: 401 who?");
    hop_buf_reset(&a.body);
    hop_buf_adds(&a.body,
                 "{\"message\":\"bad header: basic bWU6cHc=, and Bearer eyJ.x\"}");
    s = hop_registry_error(&n, &a, &err);
    assert_fails(s, &err, HOP_E_AUTH, "401 bad header: basic ********, and Bearer *****");
    hop_buf_reset(&a.body);
    hop_buf_adds(&a.body, "<html><body>502</body></html>");
    a.status = 502;
    s = hop_registry_error(&n, &a, &err);
    assert_null(strstr(hop_error_get_frame(err, 0), "html"));
    assert_fails(s, &err, HOP_E_NET, "502 bad gateway");
    a.status = 404;
    hop_buf_reset(&a.body);
    s = hop_registry_error(&n, &a, &err);
    assert_fails(s, &err, HOP_E_NOT_FOUND, "404 not found");
    hop_buf_clear(&a.body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_session_urls),
        cmocka_unit_test(test_commit_url_adds_the_digest),
        cmocka_unit_test(test_answers_become_events),
        cmocka_unit_test(test_retry_after),
        cmocka_unit_test(test_content_range),
        cmocka_unit_test(test_how_far_an_upload_is),
        cmocka_unit_test(test_digests_in_a_refusal),
        cmocka_unit_test(test_clocks),
        cmocka_unit_test(test_messages_keep_secrets_and_pages_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
