/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_support.h"

#include <string.h>

#include "answer.h"
#include "redirect.h"

static void add(hop_answer *a, const char *line)
{
    hop_answer_add_line(a, line, strlen(line));
}

static void headers_are_kept_whatever_their_case(void **state)
{
    (void)state;
    hop_answer a = {.body = hop_buf_init(64)};
    add(&a, "HTTP/1.1 401 Unauthorized\r\n");
    add(&a, "content-TYPE: \t application/json \r\n");
    add(&a, "Location:/v2/x/blobs/uploads/1\r\n");
    add(&a, "X-Content-Type: no\r\n");
    add(&a, "Etag\r\n");
    add(&a, "WWW-Authenticate: Bearer realm=\"r\"\r\n");
    add(&a, "www-authenticate: Basic realm=\"b\"\r\n");
    add(&a, "\r\n");
    assert_string_equal(a.content_type, "application/json");
    assert_string_equal(a.location, "/v2/x/blobs/uploads/1");
    assert_null(a.etag);
    assert_int_equal(a.challenges.len, 2);
    assert_string_equal(a.challenges.items[1], "Basic realm=\"b\"");
    hop_answer_clear(&a);
    assert_null(a.location);
}

static void another_response_starts_anew(void **state)
{
    (void)state;
    hop_answer a = {.body = hop_buf_init(64), .net_text = hop_strdup("why")};
    add(&a, "HTTP/1.1 302 Found\r\n");
    add(&a, "Etag: \"old\"\r\n");
    hop_buf_adds(&a.body, "moved");
    add(&a, "HTTP/1.1 200 OK\r\n");
    assert_null(a.etag);
    assert_int_equal(a.body.len, 0);
    assert_int_equal(a.body.max, 64);
    assert_int_equal(a.content_length, -1);
    assert_string_equal(a.net_text, "why");
    hop_answer_clear(&a);
}

static void headers_have_limits(void **state)
{
    (void)state;
    hop_answer a = {.body = hop_buf_init(64)};
    HOP_AUTO_VALUE(hop_buf) line = hop_buf_init(HOP_BUF_TEXT);
    hop_buf_adds(&line, "Link: ");
    for (size_t i = 0; i < 8193; i++)
        hop_buf_addc(&line, 'x');
    hop_answer_add_line(&a, line.data, line.len - 1);
    assert_int_equal(strlen(a.link), 8192);
    hop_answer_add_line(&a, line.data, line.len);
    assert_null(a.link);
    for (size_t i = 0; i < 20; i++)
        add(&a, "WWW-Authenticate: Basic\r\n");
    assert_int_equal(a.challenges.len, 16);
    hop_answer_clear(&a);
}

static void origins(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        bool is_same;
    } cases[] = {
        {"https://h/a", "https://h/b?c", true},
        {"https://H.example:5000/a", "HTTPS://h.EXAMPLE:5000", true},
        {"https://h/a", "http://h/a", false},
        {"https://h/a", "https://h:5000/a", false},
        {"https://h/a", "https://h.evil/a", false},
        {"https://h?x", "https://h#y", true},
        {"https://user@h/a", "https://h/a", false},
        {"h/a", "h/a", false},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        assert_int_equal(hop_redirect_is_same_origin(cases[i].a, cases[i].b),
                         cases[i].is_same);
        assert_int_equal(hop_redirect_is_same_origin(cases[i].b, cases[i].a),
                         cases[i].is_same);
    }
}

static void redirects_that_are_not_followed(void **state)
{
    (void)state;
    assert_null(hop_redirect_refuse("https://a/", "https://b/", 0));
    assert_null(hop_redirect_refuse("http://a/", "http://b/", 0));
    assert_null(hop_redirect_refuse("http://a/", "https://b/", 9));
    assert_string_equal(hop_redirect_refuse("https://a/", "http://b/", 0),
                        "it redirects from https to http");
    assert_string_equal(hop_redirect_refuse("https://a/", "file:///etc/passwd", 0),
                        "it redirects to something that is no web address");
    assert_string_equal(hop_redirect_refuse("https://a/", "https://b/", 10),
                        "it redirects in circles");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_are_kept_whatever_their_case),
        cmocka_unit_test(another_response_starts_anew),
        cmocka_unit_test(headers_have_limits),
        cmocka_unit_test(origins),
        cmocka_unit_test(redirects_that_are_not_followed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
