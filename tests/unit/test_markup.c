/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_support.h"

#include "markup.h"

typedef void (*adder)(hop_buf *out, const char *text);

typedef struct pair {
    const char *in, *out;
} pair;

static void check(adder add, const pair *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        HOP_AUTO_VALUE(hop_buf) b = hop_buf_init(HOP_BUF_TEXT);
        add(&b, cases[i].in);
        assert_string_equal(hop_buf_get(&b), cases[i].out);
    }
}

static void text_comes_out_as_text(void **state)
{
    (void)state;
    static const pair cases[] = {
        {"", ""},
        {"4.16.30", "4.16.30"},
        {"<script>&\"'", "&lt;script&gt;&amp;&quot;&#39;"},
        {"&lt;", "&amp;lt;"},
        {"\x1b[31m", "\\x1b[31m"},
        {"a\nb", "a\\x0ab"},
        {"\xff\xfe", "\\xff\\xfe"},
        {"\xc0\xbc", "\\xc0\\xbc"}, /* an overlong '<' */
        {"\xc3\xa4\xe2\x82\xac", "\xc3\xa4\xe2\x82\xac"},
        {"a\xe2\x80\xae"
         "b",
         "a\\u{202e}b"},
        {"\xef\xbf\xbe\xef\xbf\xbf", "\\u{fffe}\\u{ffff}"}, /* no XML */
        {"\xf0\x9f\xbf\xbe", "\\u{1fffe}"},
    };
    check(hop_markup_add, cases, HOP_COUNT_OF(cases));
}

static void queries_keep_their_lines_and_prose_does_not(void **state)
{
    (void)state;
    static const pair lines[] = {
        {"a\n\tb", "a\n\tb"}, {"a\r\nb\rc", "a\nb\nc"}, {"\x1b<\n", "\\x1b&lt;\n"}};
    static const pair prose[] = {
        {"  a\n\tb  c\n", "a b c"}, {" \n", ""}, {"<\x07 >", "&lt;\\x07 &gt;"}};
    check(hop_markup_add_lines, lines, HOP_COUNT_OF(lines));
    check(hop_markup_add_prose, prose, HOP_COUNT_OF(prose));
}

static void dot_strings_end_where_they_should(void **state)
{
    (void)state;
    static const pair cases[] = {
        {"4.16.30", "\"4.16.30\""}, {"\"]; x [", "\"\\\"]; x [\""},
        {"\\N", "\"\\\\N\""},       {"a\\", "\"a\\\\\""},
        {"a\nb", "\"a\\\\x0ab\""},  {"\xff", "\"\\\\xff\""},
        {"<b>", "\"<b>\""},
    };
    check(hop_markup_add_dot, cases, HOP_COUNT_OF(cases));
}

static void links_lead_to_http_and_https_only(void **state)
{
    (void)state;
    static const char *const good[] = {"https://a.example/b?c=d&e=f#g", "http://a",
                                       "HTTPS://a.example", "https://127.0.0.1:80/"};
    static const char *const bad[] = {"",
                                      "javascript:alert(1)",
                                      "JavaScript:alert(1)//https://a",
                                      " https://a",
                                      "https:a",
                                      "https://",
                                      "https:///a",
                                      "//a.example",
                                      "/a",
                                      "data:text/html,x",
                                      "vbscript:x",
                                      "file:///etc/passwd",
                                      "ftp://a",
                                      "https://a b",
                                      "https://a\nb",
                                      "https://a\tb",
                                      "https://a\x1b",
                                      "https://a\"b",
                                      "https://a<b",
                                      "https://a\\b",
                                      "https://a\xc3\xa4",
                                      "https://-"};
    for (size_t i = 0; i < HOP_COUNT_OF(good); i++)
        assert_true(hop_markup_is_link(good[i]));
    for (size_t i = 0; i < HOP_COUNT_OF(bad); i++)
        if (hop_markup_is_link(bad[i])) {
            print_error("taken for a link: %s\n", bad[i]);
            fail();
        }
    assert_false(hop_markup_is_link(NULL));
}

/* RFC 4648, section 10. */
static void base64_is_that_of_the_standard(void **state)
{
    (void)state;
    static const pair cases[] = {{"", ""},
                                 {"f", "Zg=="},
                                 {"fo", "Zm8="},
                                 {"foo", "Zm9v"},
                                 {"foob", "Zm9vYg=="},
                                 {"fooba", "Zm9vYmE="},
                                 {"foobar", "Zm9vYmFy"},
                                 {"\xfb\xff\xfe", "+//+"}};
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        HOP_AUTO_VALUE(hop_buf) b = hop_buf_init(HOP_BUF_TEXT);
        hop_markup_add_base64(&b, (const unsigned char *)cases[i].in,
                              strlen(cases[i].in));
        assert_string_equal(hop_buf_get(&b), cases[i].out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_comes_out_as_text),
        cmocka_unit_test(queries_keep_their_lines_and_prose_does_not),
        cmocka_unit_test(dot_strings_end_where_they_should),
        cmocka_unit_test(links_lead_to_http_and_https_only),
        cmocka_unit_test(base64_is_that_of_the_standard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
