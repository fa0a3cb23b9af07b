/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_support.h"

#include "pattern.h"

static void patterns_search_as_the_update_service_does(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *text;
        bool is_found;
    } cases[] = {
        {".*", "4.1.0+amd64", true},
        {".*", "", true},
        {"^4[.]7[.]24$", "4.7.24+amd64", false}, /* the architecture stands behind */
        {"^4[.]7[.]24[+].*$", "4.7.24+amd64", true},
        {"4[.]7[.]2", "4.7.29+amd64", true}, /* unanchored */
        {"^4[.]1", "4.19.0+amd64", true},
        {"^4\\.(7|8)\\..*amd64", "4.8.1+amd64", true},
        {"^4\\.(7|8)\\..*amd64", "4.8.1+s390x", false},
        {"4[.]12[.]50]", "4.12.50+amd64",
         false}, /* a typo in real data: a literal bracket */
        {"\\d+", "a7", true},
        {"(?i)RC", "4.1.0-rc.1", true},
        {"(?:a|b){2,3}", "xabx", true},
        {"a{2}", "a", false},
        {"[]]", "]", true},
        {"a$", "a\n", false},
        {"a??b", "b", true},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        hop_error *err = NULL;
        HOP_AUTO(hop_pattern) p = NULL;
        bool found = !cases[i].is_found;
        assert_ok(hop_pattern_new(cases[i].pattern, &p, &err), &err);
        assert_ok(hop_pattern_search(p, cases[i].text, &found, &err), &err);
        assert_int_equal(found, cases[i].is_found);
    }
}

static void what_rust_refuses_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"a(?=b)", "a(?!b)",  "(?<=a)b", "(?<!a)b", "(a)\\1",
                                      "a*+",    "a++",     "a{2}+",   "a{,3}",   "4{",
                                      "(?>a)",  "(*FAIL)", "(",       "a)",      "[",
                                      "*",      "a\\",     "\\k<a>"};
    for (size_t i = 0; i < HOP_COUNT_OF(bad); i++) {
        hop_error *err = NULL;
        HOP_AUTO(hop_pattern) p = NULL;
        assert_fails(hop_pattern_new(bad[i], &p, &err), &err, HOP_E_PARSE, "pattern \"");
    }
}

static void endless_matches_are_cut_off(void **state)
{
    (void)state;
    hop_error *err = NULL;
    HOP_AUTO(hop_pattern) p = NULL;
    bool found = false;
    assert_ok(hop_pattern_new("(a*)*(a*)*(a*)*b$", &p, &err), &err);
    assert_fails(
        hop_pattern_search(p, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab!", &found, &err),
        &err, HOP_E_LIMIT, "gives up");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_search_as_the_update_service_does),
        cmocka_unit_test(what_rust_refuses_is_refused),
        cmocka_unit_test(endless_matches_are_cut_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
