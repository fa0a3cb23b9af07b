/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_support.h"

#include "options.h"

#define ARGS(...)                                                              \
    (int)HOP_COUNT_OF(((char *[]){(char[]){"verb"}, __VA_ARGS__})), (char *[]) \
    {                                                                          \
        (char[]){"verb"}, __VA_ARGS__, NULL                                    \
    }
#define A(text) \
    (char[])    \
    {           \
        text    \
    }

static void every_kind_of_flag(void **state)
{
    (void)state;
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO_VALUE(hop_options) o = {0};
    assert_ok(hop_options_parse(HOP_VERB_MIRROR,
                                ARGS(A("--from"), A("4.15.1"), A("--to=4.16.2"),
                                     A("docker://h:5"), A("--accept-risk"), A("A"),
                                     A("--accept-risk"), A("B"),
                                     A("--dest-tls-verify=false"), A("--tls-verify"),
                                     A("-vv"), A("-o"), A("json"), A("--dry-run")),
                                &o, &err),
              &err);
    assert_string_equal(o.from.items[0], "4.15.1");
    assert_string_equal(o.to, "4.16.2");
    assert_int_equal(o.accept_risk.len, 2);
    assert_string_equal(o.args.items[0], "docker://h:5");
    assert_int_equal(o.dest.tls_verify, HOP_NO);
    assert_int_equal(o.common.tls_verify, HOP_YES);
    assert_int_equal(o.src.tls_verify, HOP_UNSET);
    assert_int_equal(o.verbose, 2);
    assert_string_equal(o.output, "json");
    assert_true(o.dry_run);
    assert_false(o.recheck);
}

static void mistakes_are_named(void **state)
{
    (void)state;
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO_VALUE(hop_options) o = {0};
    assert_fails(hop_options_parse(HOP_VERB_PLAN, ARGS(A("--frm"), A("4")), &o, &err),
                 &err, HOP_E_USAGE, "--frm is no flag of this command");
    assert_fails(
        hop_options_parse(HOP_VERB_PLAN, ARGS(A("--repository"), A("x")), &o, &err), &err,
        HOP_E_USAGE, "--repository is no flag");
    assert_fails(hop_options_parse(HOP_VERB_PLAN, ARGS(A("--to")), &o, &err), &err,
                 HOP_E_USAGE, "--to needs a value");
    assert_fails(hop_options_parse(HOP_VERB_PLAN,
                                   ARGS(A("--to"), A("1"), A("--to"), A("2")), &o, &err),
                 &err, HOP_E_USAGE, "--to is given twice");
    assert_fails(
        hop_options_parse(HOP_VERB_PLAN, ARGS(A("--tls-verify=maybe")), &o, &err), &err,
        HOP_E_USAGE, "expected true or false");
}

static void numbers_have_a_range(void **state)
{
    (void)state;
    HOP_AUTO(hop_error) err = NULL;
    uint64_t n = 0;
    assert_ok(hop_options_number("--jobs", NULL, 1, 64, 16, &n, &err), &err);
    assert_int_equal(n, 16);
    assert_ok(hop_options_number("--jobs", "64", 1, 64, 16, &n, &err), &err);
    assert_int_equal(n, 64);
    static const char *const bad[] = {"0", "65", "", "-1", "1x", "99999999999999999999"};
    for (size_t i = 0; i < HOP_COUNT_OF(bad); i++)
        assert_fails(hop_options_number("--jobs", bad[i], 1, 64, 16, &n, &err), &err,
                     HOP_E_USAGE, "expected a number from 1 to 64");
}

static const hop_verb verbs[] = {HOP_VERB_PLAN,     HOP_VERB_MIRROR,     HOP_VERB_LOAD,
                                 HOP_VERB_VERIFY,   HOP_VERB_GRAPH_DATA, HOP_VERB_LINT,
                                 HOP_VERB_SIMULATE, HOP_VERB_RELEASES};

static void help_fits_a_terminal_and_knows_its_verb(void **state)
{
    (void)state;
    for (size_t i = 0; i < HOP_COUNT_OF(verbs); i++) {
        HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
        hop_options_help(verbs[i], &text);
        for (const char *line = hop_buf_get(&text); *line;) {
            size_t n = strcspn(line, "\n");
            assert_true(n <= 80);
            line += n + 1;
        }
        assert_non_null(strstr(hop_buf_get(&text), "--verbose"));
        assert_int_equal(strstr(hop_buf_get(&text), "--recheck") != NULL,
                         verbs[i] == HOP_VERB_MIRROR || verbs[i] == HOP_VERB_LOAD);
    }
}

static void keep_flag(void *user, const hop_option_text *option)
{
    hop_strings *seen = user;
    assert_false(hop_strings_has(seen, option->name));
    hop_strings_add(seen, option->name);
}

/* Several rows may be of one flag; a verb sees one of them, and its memory is freed once.
 */
static void a_flag_means_one_thing_to_a_verb(void **state)
{
    (void)state;
    for (size_t i = 0; i < HOP_COUNT_OF(verbs); i++) {
        HOP_AUTO(hop_error) err = NULL;
        HOP_AUTO_VALUE(hop_options) o = {0};
        HOP_AUTO_VALUE(hop_strings) seen = {0};
        hop_options_each(verbs[i], keep_flag, &seen);
        assert_true(hop_strings_has(&seen, "output"));
        assert_ok(hop_options_parse(verbs[i], ARGS(A("-o"), A("json")), &o, &err), &err);
        assert_string_equal(o.output, "json");
    }
}

static const char *help_of(hop_verb verb, hop_buf *out)
{
    out->len = 0;
    hop_options_help(verb, out);
    return hop_buf_get(out);
}

static void help_speaks_of_its_own_verb(void **state)
{
    (void)state;
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    const char *help = help_of(HOP_VERB_PLAN, &text);
    assert_non_null(strstr(help, "text, json, dot, svg or html (text)"));
    assert_null(strstr(help, "to build the image from"));
    assert_null(strstr(help, "Removable media"));
    help = help_of(HOP_VERB_LINT, &text);
    assert_null(strstr(help, "html"));
    help = help_of(HOP_VERB_MIRROR, &text);
    assert_true(hop_has_prefix(help, "\nVersions and architectures:\n  --from V"));
    assert_non_null(strstr(help, "\n\nRemovable media (dir:PATH):\n  --media-format"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_flag),
        cmocka_unit_test(mistakes_are_named),
        cmocka_unit_test(numbers_have_a_range),
        cmocka_unit_test(help_fits_a_terminal_and_knows_its_verb),
        cmocka_unit_test(a_flag_means_one_thing_to_a_verb),
        cmocka_unit_test(help_speaks_of_its_own_verb),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
