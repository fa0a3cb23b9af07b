/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_support.h"

#include "hop_version.h"

static hop_version parse(const char *text)
{
    hop_error *err = NULL;
    hop_version v = {0};
    assert_ok(hop_version_parse(text, &v, &err), &err);
    return v;
}

static void malformed_versions_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",          "4",          "4.1",         "4.1.",   "4.1.x",      "v4.1.0",
        "04.1.0",    "4.01.0",     "4.1.00",      "4.1.0-", "4.1.0-a..b", "4.1.0-01",
        "4.1.0+",    "4.1.0+a+b",  "4.1.0-a_b",   "4.1.0 ", " 4.1.0",     "4.1.0\n",
        "4.1.0-rc.", "4.1.0-\xc3", "4.1.0-rc.1/", "-1.0.0", "4.1.0.0",    "4.1.0-rc.01",
        "4..0",      "4.1.0+a..b", "4.1.0\x1b[m", "4.-1.0",
    };
    for (size_t i = 0; i < HOP_COUNT_OF(bad); i++) {
        hop_error *err = NULL;
        hop_version v;
        assert_fails(hop_version_parse(bad[i], &v, &err), &err, HOP_E_PARSE,
                     "version \"");
    }
    char longest[HOP_VERSION_MAX + 2];
    memset(longest, '1', sizeof(longest));
    memcpy(longest, "4.1.0-", 6);
    longest[HOP_VERSION_MAX + 1] = '\0';
    hop_error *err = NULL;
    hop_version v;
    assert_fails(hop_version_parse(longest, &v, &err), &err, HOP_E_PARSE,
                 "longer than 128");
    longest[HOP_VERSION_MAX] = '\0';
    assert_ok(hop_version_parse(longest, &v, &err), &err);
}

static void versions_sort_by_precedence_and_then_by_build(void **state)
{
    (void)state;
    /* Each is older than the next. */
    static const char *const sorted[] = {
        "4.0.0-0.9",
        "4.1.0",
        "4.2.0-0.hotfix-2020-09-19-234758",
        "4.2.0-9",
        "4.2.0-ec.2",
        "4.2.0-ec.10",
        "4.2.0-fc.0",
        "4.2.0-rc",
        "4.2.0-rc.9",
        "4.2.0-rc.10",
        "4.2.0-rc.10.0",
        "4.2.0-rc.x",
        "4.2.0-s390x",
        "4.2.0",
        "4.2.0+amd64",
        "4.2.0+s390x",
        "4.2.9",
        "4.2.10",
        "4.9.0",
        "4.10.0",
        "4.17.0-okd-scos.0",
        "4.17.0-okd-scos.1",
        "4.17.0-okd-scos.ec.1",
        "4.17.1",
        "5.0.0-ec.0",
        "5.0.0",
        "5.0.99999999999999999999998",
        "5.0.99999999999999999999999",
        "5.0.100000000000000000000000",
        "10.0.0",
    };
    for (size_t i = 0; i < HOP_COUNT_OF(sorted); i++)
        for (size_t j = 0; j < HOP_COUNT_OF(sorted); j++) {
            hop_version a = parse(sorted[i]), b = parse(sorted[j]);
            int order = hop_version_compare(&a, &b);
            assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
        }
}

static void kinds_are_told_from_the_pre_release_part(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool is_prerelease, is_hotfix;
    } cases[] = {
        {"4.16.0", false, false},
        {"4.16.0+amd64", false, false},
        {"4.16.0+0.hotfix-1", false, false},
        {"4.16.0-rc.1", true, false},
        {"4.16.0-ec.0+amd64", true, false},
        {"4.16.0-fc.3", true, false},
        {"4.2.0-0.hotfix-2020-09-19-234758", true, true},
        {"4.17.0-okd-scos.0", false, false},
        {"4.17.0-okd-scos.12", false, false},
        {"4.17.0-okd-scos.ec.1", true, false},
        {"4.17.0-okd-scos.rc.0", true, false},
        {"4.17.0-okd-scos.1.2", true, false},
        {"4.5.0-0.okd-2020-07-14-153706-ga", false, false},
        {"4.15.0-0.okd-2024-03-10-010116", false, false},
        {"4.15.0-0.okd-scos-2024-01-18-223523", false, false},
        {"4.4.0-0.okd-2020-05-23-055148-beta5", true, false},
        {"4.0.0-0.okd-0", true, false},
        {"5.0.0-ec.1", true, false},
        {"5.0.0", false, false},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        hop_version v = parse(cases[i].text);
        assert_int_equal(hop_version_is_prerelease(&v), cases[i].is_prerelease);
        assert_int_equal(hop_version_is_hotfix(&v), cases[i].is_hotfix);
    }
}

static void a_hop_is_one_step_at_most(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to;
        hop_version_step step;
    } cases[] = {
        {"4.1.0", "4.1.0", HOP_STEP_NONE},
        {"4.1.0", "4.1.9", HOP_STEP_PATCH},
        {"4.1.0-rc.1", "4.1.0", HOP_STEP_PATCH},
        {"4.1.0", "4.1.0+amd64", HOP_STEP_PATCH},
        {"4.9.50", "4.10.0", HOP_STEP_MINOR},
        {"4.22.1", "5.0.0-ec.1", HOP_STEP_MINOR},
        {"4.1.0", "5.0.1", HOP_STEP_MINOR},
        {"4.1.0", "4.3.0", HOP_STEP_SKIP},
        {"4.22.0", "5.1.0", HOP_STEP_SKIP},
        {"4.22.0", "6.0.0", HOP_STEP_SKIP},
        {"4.1.0", "4.99999999999999999999.0", HOP_STEP_SKIP},
        {"4.99999999999999999999.0", "4.99999999999999999999.1", HOP_STEP_PATCH},
        {"4.1.1", "4.1.0", HOP_STEP_DOWN},
        {"5.0.0", "4.22.0", HOP_STEP_DOWN},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        hop_version a = parse(cases[i].from), b = parse(cases[i].to);
        assert_int_equal(hop_version_get_step(&a, &b), cases[i].step);
    }
}

static void minors_are_read_up_to_eighteen_digits(void **state)
{
    (void)state;
    uint64_t major = 0, minor = 0;
    hop_version v = parse("4.16.3-rc.1+x");
    assert_true(hop_version_get_minor(&v, &major, &minor));
    assert_int_equal(major, 4);
    assert_int_equal(minor, 16);
    v = parse("4.1234567890123456789.0");
    assert_false(hop_version_get_minor(&v, &major, &minor));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(malformed_versions_are_refused),
        cmocka_unit_test(versions_sort_by_precedence_and_then_by_build),
        cmocka_unit_test(kinds_are_told_from_the_pre_release_part),
        cmocka_unit_test(a_hop_is_one_step_at_most),
        cmocka_unit_test(minors_are_read_up_to_eighteen_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
