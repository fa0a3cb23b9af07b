/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The planning rules, one by one. */
#include "graph_support.h"

typedef struct rule_case {
    const char *lines;
    hop_plan_opts o;
    const char *accept, *avoid;
    hop_plan_status status;
    const char *route;
    const char *count;
} rule_case;

static const rule_case cases[] = {
    /* Fewest hops. */
    {.lines = "4.1.0 > 4.1.1; 4.1.1 > 4.1.2; 4.1.0 > 4.1.2",
     .o = {.from = "4.1.0", .to = "4.1.2"},
     .route = "4.1.0 4.1.2",
     .count = "1"},
    /* Newest next version first. */
    {.lines = "4.1.0 > 4.1.9; 4.1.0 > 4.1.10; 4.1.9 > 4.2.0; 4.1.10 > 4.2.0",
     .o = {.from = "4.1.0", .to = "4.2.0"},
     .route = "4.1.0 4.1.10 4.2.0",
     .count = "2"},
    /* A pre-release intermediate loses, although it is newer; it still counts as equally
       good. */
    {.lines = "4.1.0 > 4.1.9; 4.1.0 > 4.2.0-rc.1; 4.1.9 > 4.2.0; 4.2.0-rc.1 > 4.2.0",
     .o = {.from = "4.1.0", .to = "4.2.0"},
     .route = "4.1.0 4.1.9 4.2.0",
     .count = "2"},
    {.lines = "4.1.0 > 4.1.9; 4.1.0 > 4.2.0-0.hotfix-1; 4.1.9 > 4.2.0; 4.2.0-0.hotfix-1 "
              "> 4.2.0",
     .o = {.from = "4.1.0", .to = "4.2.0"},
     .route = "4.1.0 4.1.9 4.2.0",
     .count = "2"},
    /* A pre-release target is none. */
    {.lines = "4.1.0 > 4.2.0-rc.1; 4.1.0 > 4.1.1; 4.1.1 > 4.2.0-rc.1",
     .o = {.from = "4.1.0", .to = "4.2.0-rc.1"},
     .route = "4.1.0 4.2.0-rc.1",
     .count = "1"},
    /* A longer path without risks beats a short one with an accepted risk. */
    {.lines = "4.1.0 ? 4.1.2 R; 4.1.0 > 4.1.1; 4.1.1 > 4.1.2",
     .o = {.from = "4.1.0", .to = "4.1.2"},
     .accept = "all",
     .route = "4.1.0 4.1.1 4.1.2",
     .count = "1"},
    {.lines = "4.1.0 ? 4.1.2 R; 4.1.0 > 4.1.1; 4.1.1 > 4.1.2",
     .o = {.from = "4.1.0", .to = "4.1.2", .prefer = HOP_PREFER_HOPS},
     .accept = "all",
     .route = "4.1.0 4.1.2",
     .count = "1"},
    /* By hops alone, conditional paths are counted with the others, and still lose. */
    {.lines = "4.1.0 > 4.1.1; 4.1.1 > 4.1.3; 4.1.0 ? 4.1.2 R; 4.1.2 > 4.1.3",
     .o = {.from = "4.1.0", .to = "4.1.3", .prefer = HOP_PREFER_HOPS},
     .accept = "R",
     .route = "4.1.0 4.1.1 4.1.3",
     .count = "2"},
    /* Risks must be accepted by name, all of them. */
    {.lines = "4.1.0 ? 4.1.1 A,B",
     .o = {.from = "4.1.0", .to = "4.1.1"},
     .accept = "A",
     .status = HOP_PLAN_NEEDS_RISKS,
     .route = "4.1.0 4.1.1",
     .count = "1"},
    {.lines = "4.1.0 ? 4.1.1 A",
     .o = {.from = "4.1.0", .to = "4.1.1"},
     .accept = "A",
     .route = "4.1.0 4.1.1",
     .count = "1"},
    /* Never down, never over a minor, though the document says so. */
    {.lines = "4.1.0 > 4.1.2; 4.1.2 > 4.1.1",
     .o = {.from = "4.1.0", .to = "4.1.1"},
     .status = HOP_PLAN_UNREACHABLE,
     .route = "",
     .count = "0"},
    {.lines = "4.1.0 > 4.3.0; 4.1.0 > 4.2.0; 4.2.0 > 4.3.0",
     .o = {.from = "4.1.0", .to = "4.3.0"},
     .route = "4.1.0 4.2.0 4.3.0",
     .count = "1"},
    {.lines = "4.1.0 > 4.3.0",
     .o = {.from = "4.1.0", .to = "4.3.0"},
     .status = HOP_PLAN_UNREACHABLE,
     .route = "",
     .count = "0"},
    /* To the next major. */
    {.lines = "4.22.3 > 5.0.0",
     .o = {.from = "4.22.3", .to = "5.0.0"},
     .route = "4.22.3 5.0.0",
     .count = "1"},
    /* OKD: finished releases are no pre-releases. */
    {.lines =
         "4.16.0-okd-scos.0 > 4.16.0-okd-scos.1; 4.16.0-okd-scos.1 > 4.17.0-okd-scos.0; "
         "4.16.0-okd-scos.0 > 4.16.0-okd-scos.ec.4; 4.16.0-okd-scos.ec.4 > "
         "4.17.0-okd-scos.0",
     .o = {.from = "4.16.0-okd-scos.0", .to = "4.17.0-okd-scos.0"},
     .route = "4.16.0-okd-scos.0 4.16.0-okd-scos.1 4.17.0-okd-scos.0",
     .count = "2"},
    /* Same version. */
    {.lines = "4.1.0 > 4.1.1",
     .o = {.from = "4.1.0", .to = "4.1.0"},
     .status = HOP_PLAN_SAME_VERSION,
     .route = "4.1.0",
     .count = "1"},
    /* Avoided. */
    {.lines = "4.1.0 > 4.1.1; 4.1.1 > 4.1.3; 4.1.0 > 4.1.2; 4.1.2 > 4.1.3",
     .o = {.from = "4.1.0", .to = "4.1.3"},
     .avoid = "4.1.2",
     .route = "4.1.0 4.1.1 4.1.3",
     .count = "1"},
    /* Raw documents: versions with an architecture, asked for without. */
    {.lines = "4.1.0+amd64 > 4.1.1+amd64; 4.1.0+s390x > 4.1.1+s390x",
     .o = {.from = "4.1.0", .to = "4.1.1", .arch = "s390x"},
     .route = "4.1.0+s390x 4.1.1+s390x",
     .count = "1"},
    {.lines = "4.1.0 > 4.1.1",
     .o = {.from = "4.1.0", .to = "4.1.7"},
     .status = HOP_PLAN_UNKNOWN_VERSION,
     .route = "",
     .count = "0"},
};

static void every_rule_holds(void **state)
{
    (void)state;
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        HOP_AUTO(hop_graph) g = graph_of(cases[i].lines);
        HOP_AUTO_VALUE(hop_strings) accept = strings_of(cases[i].accept, NULL);
        HOP_AUTO_VALUE(hop_strings) avoid = strings_of(cases[i].avoid, NULL);
        hop_plan_opts o = cases[i].o;
        o.accept_risks = &accept;
        o.avoid = &avoid;
        HOP_AUTO(hop_plan) plan = plan_of(g, &o);
        assert_string_equal(hop_plan_status_name(plan->status),
                            hop_plan_status_name(cases[i].status));
        assert_route(&plan->best, cases[i].route);
        assert_string_equal(plan->path_count, cases[i].count);
    }
}

static void wrong_options_are_usage_errors(void **state)
{
    (void)state;
    HOP_AUTO(hop_graph) g = graph_of("4.1.0 > 4.1.1");
    static const struct {
        hop_plan_opts o;
        const char *avoid, *message;
    } wrong[] = {
        {{.to = "4.1.1"}, NULL, "from: a version is needed"},
        {{.from = "4.1.0"}, NULL, "to: a version is needed"},
        {{.from = "4.1", .to = "4.1.1"}, NULL, "from: version \"4.1\""},
        {{.from = "4.1.0", .to = "latest!"}, NULL, "to: version \"latest!\""},
        {{.from = "4.1.0", .to = "4.1.1"}, "x", "avoid: version \"x\""},
        {{.from = "4.1.0", .to = "4.1.1"}, "4.1.0", "4.1.0 is the start of the path"},
        {{.from = "4.1.0", .to = "4.1.1"}, "4.1.1", "4.1.1 is the target of the path"},
        {{.from = "4.1.0", .to = "4.1.1", .paths = 1001}, NULL, "paths: at most 1000"},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(wrong); i++) {
        hop_error *err = NULL;
        hop_plan *plan = NULL;
        HOP_AUTO_VALUE(hop_strings) avoid = strings_of(wrong[i].avoid, NULL);
        hop_plan_opts o = wrong[i].o;
        o.avoid = &avoid;
        assert_fails(hop_graph_plan(g, &o, &plan, &err), &err, HOP_E_USAGE,
                     wrong[i].message);
        assert_null(plan);
    }
}

static void a_hundred_diamonds_have_2_to_the_100_paths(void **state)
{
    (void)state;
    HOP_AUTO_VALUE(hop_buf) lines = hop_buf_init(HOP_BUF_TEXT);
    for (unsigned i = 0; i < 100; i++) {
        unsigned at = 3 * i;
        hop_buf_addf(&lines,
                     "4.1.%u > 4.1.%u;4.1.%u > 4.1.%u;4.1.%u > 4.1.%u;4.1.%u > 4.1.%u;",
                     at, at + 1, at, at + 2, at + 1, at + 3, at + 2, at + 3);
    }
    HOP_AUTO(hop_graph) g = graph_of(hop_buf_get(&lines));
    hop_plan_opts o = {.from = "4.1.0", .to = "4.1.300", .paths = 3};
    HOP_AUTO(hop_plan) plan = plan_of(g, &o);
    assert_string_equal(plan->path_count, "1267650600228229401496703205376");
    assert_int_equal(plan->best.hops, 200);
    assert_int_equal(plan->alternative_count, 2);
    /* The second best differs in the last diamond, the third in the one before. */
    assert_string_equal(plan->alternatives[0].releases[199].version, "4.1.298");
    assert_string_equal(plan->alternatives[1].releases[199].version, "4.1.299");
    assert_string_equal(plan->alternatives[1].releases[197].version, "4.1.295");
}

static void alternatives_follow_the_whole_preference(void **state)
{
    (void)state;
    HOP_AUTO(hop_graph)
    g = graph_of("4.1.0 > 4.1.3; 4.1.0 > 4.1.1; 4.1.0 > 4.1.2; 4.1.1 > 4.1.3; "
                 "4.1.2 > 4.1.3; 4.1.1 > 4.1.2; 4.1.0 ? 4.1.9 R; 4.1.9 > 4.1.10; "
                 "4.1.3 > 4.1.10");
    HOP_AUTO_VALUE(hop_strings) accept = strings_of("R", NULL);
    hop_plan_opts o = {
        .from = "4.1.0", .to = "4.1.10", .accept_risks = &accept, .paths = 9};
    HOP_AUTO(hop_plan) plan = plan_of(g, &o);
    assert_route(&plan->best, "4.1.0 4.1.3 4.1.10");
    static const char *const wanted[] = {
        "4.1.0 4.1.2 4.1.3 4.1.10", "4.1.0 4.1.1 4.1.3 4.1.10",
        "4.1.0 4.1.1 4.1.2 4.1.3 4.1.10", "4.1.0 4.1.9 4.1.10"};
    assert_int_equal(plan->alternative_count, HOP_COUNT_OF(wanted));
    for (size_t i = 0; i < HOP_COUNT_OF(wanted); i++)
        assert_route(&plan->alternatives[i], wanted[i]);
}

static void the_flags_that_are_asked_for_lead_to_the_path_that_was_shown(void **state)
{
    (void)state;
    HOP_AUTO(hop_graph)
    g = graph_of("4.1.0 ? 4.1.1 B,A; 4.1.1 ? 4.1.3 B; 4.1.0 > 4.1.2; 4.1.2 ? 4.1.3 C,D");
    hop_plan_opts o = {.from = "4.1.0", .to = "4.1.3"};
    HOP_AUTO(hop_plan) first = plan_of(g, &o);
    assert_int_equal(first->status, HOP_PLAN_NEEDS_RISKS);
    assert_int_equal(first->needed_risks.len, 2);
    assert_string_equal(first->needed_risks.items[0], "C");
    assert_string_equal(first->needed_risks.items[1], "D");
    HOP_AUTO_VALUE(hop_strings) accept = strings_of("C", "D");
    o.accept_risks = &accept;
    HOP_AUTO(hop_plan) second = plan_of(g, &o);
    assert_int_equal(second->status, HOP_PLAN_OK);
    assert_route(&second->best, "4.1.0 4.1.2 4.1.3");
}

/* ---- explanations ---- */

static void assert_texts(hop_texts list, const char *wanted)
{
    HOP_AUTO_VALUE(hop_buf) b = hop_buf_init(HOP_BUF_TEXT);
    for (size_t i = 0; i < list.len; i++)
        hop_buf_addf(&b, "%s%s", i ? " " : "", list.items[i]);
    assert_string_equal(hop_buf_get(&b), wanted);
}

static void unknown_versions_have_neighbours(void **state)
{
    (void)state;
    HOP_AUTO(hop_graph) g = graph_of("4.1.1; 4.1.2; 4.1.4; 4.2.0; 4.2.1; 4.3.0");
    hop_plan_opts o = {.from = "4.1.3", .to = "4.2.9"};
    HOP_AUTO(hop_plan) plan = plan_of(g, &o);
    const hop_explanation *x = &plan->explanation;
    assert_false(x->is_from_known);
    assert_false(x->is_to_known);
    assert_texts(x->near_from, "4.1.4 4.1.2 4.1.1 4.2.0 4.2.1");
    assert_texts(x->near_to, "4.2.1 4.2.0 4.3.0 4.1.4 4.1.2");
    assert_string_equal(x->summary,
                        "neither 4.1.3 nor 4.2.9 is in the graphs that were read");
}

static void a_gap_names_both_sides_and_what_would_close_it(void **state)
{
    (void)state;
    HOP_AUTO(hop_graph)
    g = graph_of(
        "4.1.0 > 4.1.1; 4.1.1 > 4.1.8; 4.1.2 > 4.2.0; 4.2.0 > 4.2.1; 4.2.0 > 4.2.2");
    hop_plan_opts o = {.from = "4.1.0", .to = "4.2.1"};
    HOP_AUTO(hop_plan) plan = plan_of(g, &o);
    const hop_explanation *x = &plan->explanation;
    assert_int_equal(plan->status, HOP_PLAN_UNREACHABLE);
    assert_int_equal(x->from_start.total, 2);
    assert_texts(x->from_start.examples, "4.1.8 4.1.1");
    assert_texts(x->to_target.examples, "4.2.0 4.1.2");
    assert_string_equal(x->next_with_way, "4.1.2");
    assert_string_equal(x->gaps[0].from, "4.1.8");
    assert_string_equal(x->gaps[0].to, "4.2.1");
    assert_int_equal(x->gaps[0].reason, HOP_GAP_NOT_DECLARED);
    assert_string_equal(x->summary,
                        "no update leads from what 4.1.0 reaches to what reaches 4.2.1");
}

static void dead_ends_and_downgrades_say_so(void **state)
{
    (void)state;
    HOP_AUTO(hop_graph) g = graph_of("4.1.0; 4.1.1 > 4.1.2; 4.1.3");
    static const struct {
        const char *from, *to, *summary;
    } dead[] = {
        {"4.1.0", "4.1.2", "no update leads away from 4.1.0"},
        {"4.1.1", "4.1.3", "no update leads to 4.1.3"},
        {"4.1.0", "4.1.3", "no update leads away from 4.1.0, and none leads to 4.1.3"},
        {"4.1.2", "4.1.1", "4.1.1 is older than 4.1.2, and an update never goes down"},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(dead); i++) {
        hop_plan_opts o = {.from = dead[i].from, .to = dead[i].to};
        HOP_AUTO(hop_plan) plan = plan_of(g, &o);
        assert_int_equal(plan->status, HOP_PLAN_UNREACHABLE);
        assert_string_equal(plan->explanation.summary, dead[i].summary);
    }
}

static void avoided_releases_are_named_as_the_reason(void **state)
{
    (void)state;
    HOP_AUTO(hop_graph) g = graph_of("4.1.0 > 4.1.1; 4.1.1 > 4.1.2");
    HOP_AUTO_VALUE(hop_strings) avoid = strings_of("4.1.1", NULL);
    hop_plan_opts o = {.from = "4.1.0", .to = "4.1.2", .avoid = &avoid};
    HOP_AUTO(hop_plan) plan = plan_of(g, &o);
    assert_int_equal(plan->status, HOP_PLAN_UNREACHABLE);
    assert_int_equal(plan->explanation.gap_count, 2);
    assert_int_equal(plan->explanation.gaps[0].reason, HOP_GAP_AVOIDED);
}

static void a_sibling_stream_is_pointed_to(void **state)
{
    (void)state;
    hop_error *err = NULL;
    HOP_AUTO(hop_graph) g = hop_graph_new();
    static const char *const lines[] = {"4.1.0 > 4.1.1", "4.2.0 > 4.2.1"};
    static const char *const channels[] = {"stable-4.1", "stable-4.2"};
    static const char *const metadata[] = {"stable-4.1,fast-4.2", "stable-4.2,fast-4.2"};
    for (size_t i = 0; i < 2; i++) {
        HOP_AUTO_VALUE(hop_buf) json = hop_buf_init(HOP_BUF_TEXT);
        lines_to_json(lines[i], metadata[i], &json);
        hop_graph_source source = {.name = "g", .channel = channels[i]};
        assert_ok(hop_graph_add(g, hop_buf_get(&json), json.len, &source, &err), &err);
    }
    hop_plan_opts o = {.from = "4.1.0", .to = "4.2.1"};
    HOP_AUTO(hop_plan) plan = plan_of(g, &o);
    assert_int_equal(plan->explanation.gaps[0].reason, HOP_GAP_OTHER_CHANNEL);
    assert_texts(plan->explanation.gaps[0].channels, "fast-4.2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rule_holds),
        cmocka_unit_test(wrong_options_are_usage_errors),
        cmocka_unit_test(a_hundred_diamonds_have_2_to_the_100_paths),
        cmocka_unit_test(alternatives_follow_the_whole_preference),
        cmocka_unit_test(the_flags_that_are_asked_for_lead_to_the_path_that_was_shown),
        cmocka_unit_test(unknown_versions_have_neighbours),
        cmocka_unit_test(a_gap_names_both_sides_and_what_would_close_it),
        cmocka_unit_test(dead_ends_and_downgrades_say_so),
        cmocka_unit_test(avoided_releases_are_named_as_the_reason),
        cmocka_unit_test(a_sibling_stream_is_pointed_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
