/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_support.h"

static void ceiling_refuses_and_keeps(void **state)
{
    (void)state;
    HOP_AUTO_VALUE(hop_buf) b = hop_buf_init(4);
    assert_string_equal(hop_buf_get(&b), "");
    assert_true(hop_buf_offer(&b, "abc", 3));
    assert_false(hop_buf_offer(&b, "de", 2));
    assert_false(hop_buf_offer(&b, "x", SIZE_MAX));
    assert_string_equal(hop_buf_get(&b), "abc");
    assert_true(hop_buf_offer(&b, "d", 1));
    HOP_AUTO_STR taken = hop_buf_take(&b);
    assert_string_equal(taken, "abcd");
    assert_int_equal(b.len, 0);
    assert_int_equal(b.max, 4);
}

static void text_forms(void **state)
{
    (void)state;
    static const struct {
        const char *in, *yaml, *shell;
    } cases[] = {
        {"4.16.3", "\"4.16.3\"", "4.16.3"},
        {"", "\"\"", "''"},
        {"a b", "\"a b\"", "'a b'"},
        {"it's", "\"it's\"", "'it'\\''s'"},
        {"$(rm)", "\"$(rm)\"", "'$(rm)'"},
        {"say \"x\\y\"", "\"say \\\"x\\\\y\\\"\"", "'say \"x\\y\"'"},
        {"l1\nl2\t", "\"l1\\nl2\\x09\"", "'l1\nl2\t'"},
        {"\xff", "\"\\\\xff\"", "'\xff'"},
        {"\xe2\x80\xae", "\"\\u202e\"", "'\xe2\x80\xae'"},
    };
    HOP_AUTO_VALUE(hop_buf) b = hop_buf_init(HOP_BUF_TEXT);
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        hop_buf_reset(&b);
        hop_buf_add_yaml(&b, cases[i].in);
        assert_string_equal(hop_buf_get(&b), cases[i].yaml);
        hop_buf_reset(&b);
        hop_buf_add_shell(&b, cases[i].in);
        assert_string_equal(hop_buf_get(&b), cases[i].shell);
    }
}

static void hostile_text_is_made_visible(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"plain", "plain"},
        {"\x1b[2Jx", "\\x1b[2Jx"},
        {"a\r\nb", "a\\x0d\\x0ab"},
        {"na\xc3\xafve", "na\xc3\xafve"},
        {"\xc3(", "\\xc3("},
        {"\xc0\xaf", "\\xc0\\xaf"},                   /* overlong */
        {"\xed\xa0\x80", "\\xed\\xa0\\x80"},          /* surrogate */
        {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"}, /* beyond U+10FFFF */
        {"\xe2\x80\xae"
         "evil",
         "\\u{202e}evil"}, /* right-to-left override */
        {"\xc2\x9b"
         "31m",
         "\\u{9b}31m"}, /* C1 control */
        {"\x7f", "\\x7f"},
    };
    HOP_AUTO_VALUE(hop_buf) b = hop_buf_init(HOP_BUF_TEXT);
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        hop_buf_reset(&b);
        hop_buf_add_visible(&b, cases[i].in, strlen(cases[i].in));
        assert_string_equal(hop_buf_get(&b), cases[i].out);
    }
}

static void sizes_for_people(void **state)
{
    (void)state;
    static const struct {
        uint64_t in;
        const char *out;
    } cases[] = {{0, "0 B"},
                 {1023, "1023 B"},
                 {1536, "1.50 KiB"},
                 {20 * 1024 * 1024, "20.0 MiB"},
                 {UINT64_MAX, "16.0 EiB"}};
    HOP_AUTO_VALUE(hop_buf) b = hop_buf_init(HOP_BUF_TEXT);
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        hop_buf_reset(&b);
        hop_buf_add_size(&b, cases[i].in);
        assert_string_equal(hop_buf_get(&b), cases[i].out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ceiling_refuses_and_keeps),
        cmocka_unit_test(text_forms),
        cmocka_unit_test(hostile_text_is_made_visible),
        cmocka_unit_test(sizes_for_people),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
