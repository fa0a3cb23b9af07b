/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every trap of graph-data is one case: a file, and the finding that it must give. */
#include "test_support.h"

#include "hop_osus.h"

#include <stdio.h>

static void put(hop_tree *t, const char *path, const char *text)
{
    hop_error *err = NULL;
    assert_ok(hop_tree_add(t, path, text, strlen(text), &err), &err);
}

/* A tree without a fault. */
#define CHANNEL \
    "name: fast-4.7\nversions:\n- 4.6.9\n- 4.7.0\n- 4.7.2\n- 4.7.3\n- 4.7.24\n- 4.8.0\n"
#define RULES "matchingRules:\n- type: Always\n"
#define REST "url: https://e.example/\nname: R\nmessage: m\n"
#define RISK REST RULES

static char *findings_of(hop_tree *t)
{
    hop_error *err = NULL;
    HOP_AUTO_VALUE(hop_findings) f = {0};
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    assert_ok(hop_tree_sort(t, &err), &err);
    hop_lint_run(t, &f);
    size_t errors = 0;
    for (size_t i = 0; i < f.len; i++) {
        hop_buf_addf(&text, "%s:%zu: %s %s: %s\n", f.items[i].file, f.items[i].line,
                     hop_severity_name(f.items[i].severity), f.items[i].rule,
                     f.items[i].text);
        errors += f.items[i].severity == HOP_LINT_ERROR;
    }
    assert_int_equal(errors, f.error_count);
    assert_int_equal(f.len, f.error_count + f.warning_count);
    return hop_buf_take(&text);
}

static hop_tree good_tree(void)
{
    hop_tree t = {0};
    put(&t, "version", "1.1.0\n");
    put(&t, "raw/metadata.json", "{}");
    put(&t, "channels/fast-4.7.yaml", CHANNEL);
    put(&t, "blocked-edges/4.8.0-a.yaml", "to: 4.8.0\nfrom: 4[.]6[.].*\n" RISK);
    return t;
}

static void a_tree_without_fault_has_no_findings(void **state)
{
    (void)state;
    hop_tree t = good_tree();
    put(&t, "channels/_OWNERS", "");
    put(&t, "blocked-edges/OWNERS", "");
    HOP_AUTO_STR text = findings_of(&t);
    assert_string_equal(text, "");
    hop_tree_clear(&t);
}

typedef struct lint_case {
    const char *path, *text;
    const char *wanted; /* how the only finding begins; NULL: there is none */
} lint_case;

static void check_cases(const lint_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        hop_tree t = good_tree();
        put(&t, cases[i].path, cases[i].text);
        HOP_AUTO_STR text = findings_of(&t);
        const char *wanted = cases[i].wanted ? cases[i].wanted : "";
        const char *end = strchr(text, '\n');
        bool is_single = cases[i].wanted ? end && !end[1] : !*text;
        if (!is_single || !hop_has_prefix(text, wanted))
            print_error("case %zu (%s, %s)\nwanted %s\ngot    %s\n", i, cases[i].path,
                        cases[i].text, wanted, text);
        assert_true(is_single);
        assert_true(hop_has_prefix(text, wanted));
        hop_tree_clear(&t);
    }
}

#define B "blocked-edges/4.7.3.yaml"
#define C "channels/x-1.yaml"

static void blocks_that_fail_open(void **state)
{
    (void)state;
    static const lint_case cases[] = {
        {"blocked-edges/a.yml", "", "blocked-edges/a.yml:1: error not-read: "},
        {"blocked-edges/a.YAML", "", "blocked-edges/a.YAML:1: error not-read: "},
        {"blocked-edges/a.json", "", "blocked-edges/a.json:1: warning not-read: "},
        {"blocked-edges/a", "", "blocked-edges/a:1: warning not-read: "},
        {"blocked-edges/a.yaml~", "", "blocked-edges/a.yaml~:1: warning odd-name: "},
        {"blocked-edges/d/a.yaml", "", "blocked-edges/d/a.yaml:1: warning not-read: "},
        {B, "to: 4.7.3\nfrom: 4[.]6[.].*\n", NULL},
        {B, "to: 4.7\nfrom: .*\n", B ":1: error fails-open: "},
        {B, "to: 4.7.3\nfrom:\n",
         B ":2: error null-text: from is null; the service reads it as the text \"\""},
        {B, "to: 4.7.3\n", B ":1: error fails-open: "},
        {B, "to: 4.7.3\nfrom: .*\nfixedIn: 4.7.4\n",
         B ":3: error fails-open: dropped, so that nothing is blocked: with \"fixedIn\" "
           "it is a risk, but url, name, message, matchingRules is missing"},
        {B, "to: 4.7.3\nfrom: .*\n" REST,
         B ":3: error fails-open: dropped, so that nothing is blocked: with \"url\" it "
           "is a risk, but matchingRules is missing"},
        {B, "to: 4.7.3\nfrom: .*\n" REST "matchingRules: x\n", B ":6: error fails-open"},
        {B, "to: 4.7.3\nfrom: .*\nto: 4.7.2\n", B ":3: error malformed: "},
        {B, "to: 4.7.3\nfrom: [\n", B ":3: error malformed: "},
        {B, "", B ":1: error malformed: "},
        {B, "to: 4.7.3\nfrom: .*\n---\nto: 4.7.2\nfrom: .*\n", B ":1: error malformed"},
    };
    check_cases(cases, HOP_COUNT_OF(cases));
}

/* The name differs from the good tree's, so that only the member itself is at fault. */
#define HEAD "to: 4.7.3\nfrom: 4[.]6[.].*\n"
#define MEMBERS(url, name) "url: " url "\nname: " name "\nmessage: m\n"

static void risks_that_clusters_or_upstream_refuse(void **state)
{
    (void)state;
    static const lint_case cases[] = {
        {B, HEAD MEMBERS("http://e/", "S") RULES, B ":3: error url: "},
        {B, HEAD MEMBERS("javascript:x", "S") RULES, B ":3: error url: "},
        {B, HEAD MEMBERS("https://", "S") RULES, B ":3: error url: "},
        {B, HEAD MEMBERS("https://e/", "slow") RULES, B ":4: error risk-name: "},
        {B, HEAD MEMBERS("https://e/", "S-1") RULES, B ":4: error risk-name: "},
        {B, HEAD MEMBERS("https://e/", "S") "matchingRules: []\n",
         B ":6: error matching-rules: "},
        {B, HEAD MEMBERS("https://e/", "S") "matchingRules:\n- type: Never\n",
         B ":7: error matching-rules: "},
        {B, HEAD MEMBERS("https://e/", "S") "matchingRules:\n- type: PromQL\n",
         B ":7: error matching-rules: "},
        {B, HEAD MEMBERS("https://e/", "S") "matchingRules:\n- promql: {promql: up}\n",
         B ":7: error fails-open: "},
        {B, HEAD MEMBERS("https://e/", "S") RULES "- type: Always\n",
         B ":8: error matching-rules: "},
        {B, HEAD MEMBERS("https://e/", "S") RULES "  promql: {promql: up}\n",
         B ":7: error matching-rules: "},
        {B, HEAD MEMBERS("https://e/", "S") RULES "fixedIn: soon\n",
         B ":8: warning fixed-in: "},
        {B, HEAD MEMBERS("https://e/", "S") RULES "fixedin: 4.7.4\n",
         B ":8: warning unknown-member: "},
        {"blocked-edges/4.7.3+s390x-S.yaml",
         "to: 4.7.3+s390x\nfrom: 4[.]6[.].*\n" MEMBERS("https://e/", "S") RULES,
         "blocked-edges/4.7.3+s390x-S.yaml:1: warning risk-architecture: "},
        {"blocked-edges/4.7.3-R.yaml",
         HEAD "url: https://e.example/\nname: R\nmessage: other\n" RULES,
         "blocked-edges/4.8.0-a.yaml:5: warning risk-differs: message of risk R is not "
         "what blocked-edges/4.7.3-R.yaml says"},
        {"blocked-edges/4.7.3-R.yaml",
         HEAD REST "matchingRules:\n- type: PromQL\n  promql: {promql: up}\n",
         "blocked-edges/4.8.0-a.yaml:7: error risk-differs: matchingRules of risk R"},
        {"blocked-edges/4.7.3-R.yaml", HEAD RISK "fixedIn: 4.7.4\n", NULL},
        {"blocked-edges/4.7.3-R.yaml", HEAD RISK "autoExtend: https://e/\n",
         "blocked-edges/4.8.0-a.yaml:4: warning risk-differs: autoExtend of risk R is "
         "in"},
    };
    check_cases(cases, HOP_COUNT_OF(cases));
}

#define FROM(pattern)                               \
    {                                               \
        B, "to: 4.7.3\nfrom: '" pattern "'\n", NULL \
    }
#define FAULT(pattern, wanted)                                 \
    {                                                          \
        B, "to: 4.7.3\nfrom: '" pattern "'\n", B ":2: " wanted \
    }

static void patterns_that_mean_something_else(void **state)
{
    (void)state;
    static const lint_case cases[] = {
        FROM(".*"),
        FROM("4[.].*"),
        FROM("^4[.]7[.]([0-9]|1[0-9])[+].*$"),
        FROM("4[.]7[.]24"),
        FROM("[+]amd64$"),
        FAULT("4[.]7[.](2|24])[+].*", "warning pattern-bracket: "),
        FAULT("4[.]7[.]2", "warning pattern-over-match: \"4[.]7[.]2\" finds \"4.7.2\" in "
                           "4.7.20+amd64"),
        FAULT("4[.]7[.]3", "warning pattern-over-match: \"4[.]7[.]3\" finds \"4.7.3\" in "
                           "4.7.30+amd64"),
        FAULT("^4[.]7", "warning pattern-over-match: \"^4[.]7\" finds \"4.7\" in 4.70.0"),
        FAULT("^4[.]7.*", "warning pattern-over-match: "),
        FAULT("7[.]24$", "error pattern-end: "),
        FAULT("^4[.]7[.]24$", "error pattern-end: \"^4[.]7[.]24$\" never matches: it "
                              "would find 4.7.24, but the service looks at 4.7.24+amd64"),
        FAULT("^4[.]7[.]24$|^4[.]6[.].*", "warning pattern-end: "),
        FAULT("4[.]7x[.]", "warning pattern-matches-nothing: "),
        FAULT("^4.7[.]24[+].*", "warning pattern-dot: "),
        FAULT("4[.]7(?=[.])", "error pattern: the service would keep no graph at all: "),
        FAULT("4[.]7{", "error pattern: "),
        FAULT("4[.]7[.](", "error pattern: "),
        FAULT("4[.]7[.][[0-9]]", "error pattern: "),
    };
    check_cases(cases, HOP_COUNT_OF(cases));
    hop_tree t = good_tree();
    put(&t, B, "to: 4.7.3\nfrom: 4[.]7[.]24+amd64\n");
    HOP_AUTO_STR text = findings_of(&t);
    assert_non_null(strstr(text, B ":2: error pattern-plus: "));
    hop_tree_clear(&t);
}

static void channels_that_vanish(void **state)
{
    (void)state;
    static const lint_case cases[] = {
        {"channels/a.yml", "", "channels/a.yml:1: error not-read: "},
        {C, "name: x-1\nversions:\n- 4.7.0\n- 4.7\n",
         C ":4: error malformed: the whole "
           "channel is silently dropped"},
        {C, "name: x-1\n", C ":1: error malformed: "},
        {C, "name: x-1\nversions: 4.7.0\n", C ":2: error malformed: "},
        {C, "versions: [4.7.0]\n", C ":1: error malformed: "},
        {C, "name: x-1\nname: x-1\nversions: []\n", C ":2: error malformed: "},
        {"channels/X-1.yaml", "name: X-1\nversions: []\n",
         "channels/X-1.yaml:1: error channel-name: \"X-1\""},
        {"channels/stable.yaml", "name: stable\nversions: []\n",
         "channels/stable.yaml:1: error channel-name: \"stable\" has no"},
        {C, "name: x-2\nversions: []\n", C ":1: warning odd-name: "},
        {C, "name: x-1\nversions: [4.7.0, 4.7.0]\n", C ":2: warning listed-twice: "},
        {C, "name: x-1\nversion: []\nversions: []\n", C ":2: warning unknown-member: "},
        {C, "name: x-1\nversions: []\nfeeder: {name: y}\ntombstones: []\n", NULL},
        {"channels/stable-4.7.yaml", "name: stable-4.7\nversions:\n- 4.7.0\n- 4.7.9\n",
         "channels/stable-4.7.yaml:4: warning promotion: 4.7.9 is in stable-4.7 but not "
         "in fast-4.7"},
    };
    check_cases(cases, HOP_COUNT_OF(cases));
}

static void blocks_that_get_in_each_others_way(void **state)
{
    (void)state;
    hop_tree t = good_tree();
    put(&t, "blocked-edges/4.8.0-p.yaml", "to: 4.8.0\nfrom: .*\n");
    HOP_AUTO_STR risk = findings_of(&t);
    assert_true(hop_has_prefix(risk, "blocked-edges/4.8.0-p.yaml:2: warning "
                                     "block-and-risk: blocked-edges/4.8.0-a.yaml"));
    hop_tree_clear(&t);
    t = good_tree();
    put(&t, "blocked-edges/a.yaml", "to: 4.7.3\nfrom: .*\n");
    put(&t, "blocked-edges/b.yaml", "to: 4.7.3\nfrom: 4[.]6[.].*\n");
    HOP_AUTO_STR plain = findings_of(&t);
    assert_true(hop_has_prefix(plain, "blocked-edges/a.yaml:2: warning overwritten: "));
    assert_null(strstr(plain, "blocked-edges/b.yaml:"));
    hop_tree_clear(&t);
}

static void trees_that_are_refused_whole(void **state)
{
    (void)state;
    hop_tree t = {0};
    HOP_AUTO_STR nothing = findings_of(&t);
    assert_non_null(strstr(nothing, "version:1: error format: "));
    assert_non_null(strstr(nothing, "raw/metadata.json:1: error raw-metadata: "));
    assert_non_null(strstr(nothing, "channels/:1: error missing: "));
    assert_null(strstr(nothing, "blocked-edges/")); /* may be empty */
    put(&t, "version", "2.0.0");
    put(&t, "raw/metadata.json",
        "{\n\"4.1.0\":{\"io.openshift.upgrades.graph.previous.add\":\"4.0.9, 4.0\"},\n"
        "\"4.1\":{},\n\"4.1.1+amd64\":{\"a\":1}}");
    HOP_AUTO_STR some = findings_of(&t);
    assert_non_null(strstr(some, "version:1: error format: format 2.0.0"));
    assert_non_null(strstr(some, "raw/metadata.json:2: error raw-metadata: "
                                 "io.openshift.upgrades.graph.previous.add: \"4.0\""));
    assert_non_null(strstr(some, "raw/metadata.json:3: error raw-metadata: \"4.1\""));
    assert_non_null(strstr(some, "raw/metadata.json:4: warning raw-metadata: "));
    assert_non_null(
        strstr(some, "raw/metadata.json:4: error raw-metadata: a: only text"));
    hop_tree_clear(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tree_without_fault_has_no_findings),
        cmocka_unit_test(blocks_that_fail_open),
        cmocka_unit_test(risks_that_clusters_or_upstream_refuse),
        cmocka_unit_test(patterns_that_mean_something_else),
        cmocka_unit_test(channels_that_vanish),
        cmocka_unit_test(blocks_that_get_in_each_others_way),
        cmocka_unit_test(trees_that_are_refused_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
