/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is known beyond the graph: answers to risks, wishes for a target, worker pools,
 * and plans made earlier. */
#include "graph_support.h"

#include "plan_report.h"

static hop_answers *answers_of(const char *yaml)
{
    hop_error *err = NULL;
    hop_answers *a = NULL;
    assert_ok(hop_answers_parse(yaml, strlen(yaml), "answers.yaml", &a, &err), &err);
    return a;
}

/* Two nodes and a conditional edge with two PromQL risks, beside a longer way without
 * risks. */
static hop_graph *promql_graph(void)
{
    static const char json[] = "{\"nodes\":[{\"version\":\"4.1.0\"},{\"version\":\"4.1."
                               "1\"},{\"version\":\"4.1.2\"}],"
                               "\"edges\":[[0,1],[1,2]],\"conditionalEdges\":[{\"edges\":"
                               "[{\"from\":\"4.1.0\",\"to\":\"4.1.2\"}],"
                               "\"risks\":[{\"name\":\"P\",\"matchingRules\":[{\"type\":"
                               "\"New\"},{\"type\":\"PromQL\","
                               "\"promql\":{\"promql\":\"up\"}}]},{\"name\":\"Q\","
                               "\"matchingRules\":[{\"type\":\"PromQL\","
                               "\"promql\":{\"promql\":\"up\"}}]}]}]}";
    hop_error *err = NULL;
    hop_graph *g = hop_graph_new();
    hop_graph_source source = {.name = "g.json", .channel = "stable-4.1"};
    assert_ok(hop_graph_add(g, json, strlen(json), &source, &err), &err);
    return g;
}

static void answers_decide_conditional_updates_as_the_cluster_would(void **state)
{
    (void)state;
    static const struct {
        const char *yaml, *accept, *route;
    } cases[] = {
        {"{}", NULL, "4.1.0 4.1.1 4.1.2"},
        {"P: does-not-apply", NULL, "4.1.0 4.1.1 4.1.2"},
        {"P: does-not-apply\nQ: unknown", NULL, "4.1.0 4.1.1 4.1.2"},
        {"P: does-not-apply\nQ: applies", NULL, "4.1.0 4.1.1 4.1.2"},
        {"P: does-not-apply\nQ: does-not-apply\nOther: applies", NULL, "4.1.0 4.1.2"},
        {"P: does-not-apply", "Q",
         "4.1.0 4.1.1 4.1.2"}, /* still conditional: the longer way wins */
    };
    HOP_AUTO(hop_graph) g = promql_graph();
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        HOP_AUTO(hop_answers) a = answers_of(cases[i].yaml);
        HOP_AUTO_VALUE(hop_strings) accept = strings_of(cases[i].accept, NULL);
        hop_plan_opts o = {
            .from = "4.1.0", .to = "4.1.2", .answers = a, .accept_risks = &accept};
        HOP_AUTO(hop_plan) plan = plan_of(g, &o);
        assert_route(&plan->best, cases[i].route);
        assert_int_equal(plan->best.conditional_hops, 0);
    }
}

static void an_answer_halves_what_must_be_accepted(void **state)
{
    (void)state;
    HOP_AUTO(hop_graph) g = promql_graph();
    HOP_AUTO(hop_answers) a = answers_of("P: does-not-apply");
    HOP_AUTO_VALUE(hop_strings) avoid = strings_of("4.1.1", NULL);
    hop_plan_opts o = {.from = "4.1.0", .to = "4.1.2", .answers = a, .avoid = &avoid};
    HOP_AUTO(hop_plan) plan = plan_of(g, &o);
    assert_int_equal(plan->status, HOP_PLAN_NEEDS_RISKS);
    assert_int_equal(plan->needed_risks.len, 1);
    assert_string_equal(plan->needed_risks.items[0], "Q");
    assert_int_equal(plan->best.edges[0].risks[0]->answer, HOP_RISK_DOES_NOT_APPLY);
    HOP_AUTO_VALUE(hop_strings) accept = strings_of("Q", NULL);
    o.accept_risks = &accept;
    HOP_AUTO(hop_plan) accepted = plan_of(g, &o);
    assert_int_equal(accepted->status, HOP_PLAN_OK);
    assert_true(accepted->best.edges[0].is_conditional);
}

static void always_applies_whatever_was_answered(void **state)
{
    (void)state;
    HOP_AUTO(hop_graph) g = graph_of("4.1.0 ? 4.1.1 R");
    HOP_AUTO(hop_answers) a = answers_of("R: does-not-apply");
    hop_plan_opts o = {.from = "4.1.0", .to = "4.1.1", .answers = a};
    HOP_AUTO(hop_plan) plan = plan_of(g, &o);
    assert_int_equal(plan->status, HOP_PLAN_NEEDS_RISKS);
    assert_int_equal(plan->best.edges[0].risks[0]->answer, HOP_RISK_APPLIES);
}

static void faulty_answers_name_the_line(void **state)
{
    (void)state;
    static const struct {
        const char *yaml, *message;
    } cases[] = {
        {"R: yes", "answers.yaml:1: R: expected applies, does-not-apply or unknown"},
        {"A: applies\nR: []", "answers.yaml:2: R: expected"},
        {"- R", "answers.yaml:1: expected names"},
        {"", "answers.yaml: expected one YAML document"},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        hop_error *err = NULL;
        hop_answers *a = NULL;
        assert_fails(hop_answers_parse(cases[i].yaml, strlen(cases[i].yaml),
                                       "answers.yaml", &a, &err),
                     &err, HOP_E_PARSE, cases[i].message);
    }
}

/* ---- wishes ---- */

static void wishes_become_the_newest_release_that_can_be_reached(void **state)
{
    (void)state;
    HOP_AUTO(hop_graph)
    g = graph_of(
        "4.1.0 > 4.1.1; 4.1.1 > 4.2.3; 4.2.9; 4.1.1 > 4.2.10-rc.1; 4.2.3 ? 4.3.0 R; "
        "4.3.1; 4.4.0; 4.10.0-ec.1");
    static const struct {
        const char *wish, *accept, *wanted;
    } cases[] = {
        {"4.2", NULL, "4.2.3"},         {"latest", NULL, "4.2.3"},
        {"latest", "R", "4.3.0"},       {"4.3", NULL, "4.3.0"},
        {"4.4", NULL, "4.4.0"},         {"4.1.1", NULL, "4.1.1"},
        {"nonsense", NULL, "nonsense"}, {"4.1", NULL, "4.1.1"},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        hop_error *err = NULL;
        HOP_AUTO_VALUE(hop_strings) accept = strings_of(cases[i].accept, NULL);
        hop_plan_opts o = {.from = "4.1.0", .accept_risks = &accept};
        const char *out = NULL;
        assert_ok(hop_graph_resolve(g, &o, cases[i].wish, &out, &err), &err);
        assert_string_equal(out, cases[i].wanted);
    }
    hop_error *err = NULL;
    const char *out = NULL;
    hop_plan_opts o = {.from = "4.1.0"};
    assert_fails(hop_graph_resolve(g, &o, "4.10", &out, &err), &err, HOP_E_NOT_FOUND,
                 "no generally available release of 4.10");
    o.from = "4.1.5";
    assert_fails(hop_graph_resolve(g, &o, "latest", &out, &err), &err, HOP_E_NOT_FOUND,
                 "4.1.5");
}

/* ---- worker pools ---- */

static void pools_pause_between_even_minors(void **state)
{
    (void)state;
    static const struct {
        const char *lines, *from, *to, *pools;
        size_t updates;
    } cases[] = {
        {"4.12.0 > 4.13.0; 4.13.0 > 4.14.0; 4.14.0 > 4.15.0; 4.15.0 > 4.16.0", "4.12.0",
         "4.16.0", "pause resume pause resume", 2},
        {"4.12.0 > 4.12.1; 4.12.1 > 4.13.0; 4.13.0 > 4.13.1; 4.13.1 > 4.14.0; 4.14.0 > "
         "4.14.1",
         "4.12.0", "4.14.1", "update pause paused resume update", 3},
        {"4.13.0 > 4.14.0; 4.14.0 > 4.15.0", "4.13.0", "4.15.0", "update update", 2},
        {"4.22.0 > 5.0.0; 5.0.0 > 5.1.0; 5.1.0 > 5.2.0", "4.22.0", "5.2.0",
         "update pause resume", 2},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        HOP_AUTO(hop_graph) g = graph_of(cases[i].lines);
        hop_plan_opts o = {
            .from = cases[i].from, .to = cases[i].to, .workers = HOP_WORKERS_PAUSE};
        HOP_AUTO(hop_plan) plan = plan_of(g, &o);
        HOP_AUTO_VALUE(hop_buf) got = hop_buf_init(HOP_BUF_TEXT);
        for (size_t j = 0; j < plan->best.hops; j++)
            hop_buf_addf(&got, "%s%s", j ? " " : "",
                         hop_pools_name(plan->best.edges[j].pools));
        assert_string_equal(hop_buf_get(&got), cases[i].pools);
        assert_int_equal(plan->best.worker_updates, cases[i].updates);
        o.workers = HOP_WORKERS_FOLLOW;
        HOP_AUTO(hop_plan) plain = plan_of(g, &o);
        assert_int_equal(plain->best.worker_updates, plain->best.hops);
    }
}

static void facts_survive_the_document(void **state)
{
    (void)state;
    HOP_AUTO(hop_graph) g = graph_of("4.12.0 > 4.13.0; 4.13.0 ? 4.14.0 R");
    HOP_AUTO(hop_answers) a = answers_of("R: unknown");
    HOP_AUTO_VALUE(hop_strings) accept = strings_of("R", NULL);
    hop_plan_opts o = {.from = "4.12.0",
                       .to = "4.14.0",
                       .workers = HOP_WORKERS_PAUSE,
                       .answers = a,
                       .accept_risks = &accept};
    HOP_AUTO(hop_plan) plan = plan_of(g, &o);
    HOP_AUTO(hop_json) doc = hop_plan_report_json(plan);
    HOP_AUTO_VALUE(hop_buf) one = hop_buf_init(HOP_BUF_TEXT);
    hop_json_dump(doc, HOP_JSON_COMPACT, &one);
    assert_non_null(strstr(hop_buf_get(&one), "\"control_plane_only\":true"));
    assert_non_null(strstr(hop_buf_get(&one), "\"worker_updates\":1"));
    assert_non_null(strstr(hop_buf_get(&one), "\"worker_pools\":\"resume\""));
    assert_non_null(strstr(hop_buf_get(&one), "\"answer\":\"applies\""));
    hop_error *err = NULL;
    HOP_AUTO(hop_plan) back = NULL;
    assert_ok(hop_plan_parse(hop_buf_get(&one), one.len, "plan.json", &back, &err), &err);
    HOP_AUTO(hop_json) doc_again = hop_plan_report_json(back);
    HOP_AUTO_VALUE(hop_buf) two = hop_buf_init(HOP_BUF_TEXT);
    hop_json_dump(doc_again, HOP_JSON_COMPACT, &two);
    assert_string_equal(hop_buf_get(&two), hop_buf_get(&one));
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    hop_plan_report_text(plan, &text);
    assert_non_null(strstr(hop_buf_get(&text),
                           "Before hop 1, pause the worker pools.\n"
                           "After hop 2, unpause them and wait for the nodes.\n"
                           "Worker nodes reboot 1 time.\n"));
    assert_non_null(strstr(hop_buf_get(&text), "    In this cluster it applies.\n"));
}

/* ---- plans made earlier ---- */

static void a_carried_plan_is_held_against_the_graphs_of_today(void **state)
{
    (void)state;
    static const char yesterday[] = "4.1.0 > 4.1.1; 4.1.1 ? 4.1.2 R";
    static const struct {
        const char *today, *breaks, *note;
    } cases[] = {
        {yesterday, NULL, NULL},
        {"4.1.0 > 4.1.1; 4.1.1 > 4.1.2", NULL,
         "update 4.1.1 to 4.1.2 no longer has the risk R"},
        {"4.1.0 > 4.1.1; 4.1.1 ? 4.1.2 R,S", "update 4.1.1 to 4.1.2 has the new risk S",
         NULL},
        {"4.1.0 ? 4.1.1 R; 4.1.1 ? 4.1.2 R", NULL,
         "update 4.1.0 to 4.1.1 has the new risk R"},
        {"4.1.0 > 4.1.1; 4.1.2", "update 4.1.1 to 4.1.2 is no longer offered", NULL},
        {"4.1.0 > 4.1.1", "release 4.1.2 is no longer in the graphs", NULL},
        {"4.1.0 > 4.1.1; 4.1.1 ? 4.1.2 R; 4.1.0 > 4.1.2", NULL,
         "planned today, another path is preferred: 1 hops, 0 conditional"},
    };
    HOP_AUTO(hop_graph) before = graph_of(yesterday);
    HOP_AUTO_VALUE(hop_strings) accept = strings_of("R", NULL);
    hop_plan_opts o = {.from = "4.1.0", .to = "4.1.2", .accept_risks = &accept};
    HOP_AUTO(hop_plan) plan = plan_of(before, &o);
    assert_int_equal(plan->status, HOP_PLAN_OK);
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        hop_error *err = NULL;
        HOP_AUTO(hop_graph) now = graph_of(cases[i].today);
        HOP_AUTO_VALUE(hop_changes) changes = {0};
        assert_ok(hop_graph_check(now, plan, &changes, &err), &err);
        assert_int_equal(changes.breaks.len, cases[i].breaks != NULL);
        if (cases[i].breaks)
            assert_string_equal(changes.breaks.items[0], cases[i].breaks);
        assert_int_equal(changes.notes.len, cases[i].note != NULL);
        if (cases[i].note)
            assert_string_equal(changes.notes.items[0], cases[i].note);
    }
}

/* The releases of graph_of("4.1.0 > 4.1.1"), with a PromQL risk between. */
static hop_graph *conditional_graph(void)
{
    hop_error *err = NULL;
    hop_graph *g = graph_of("4.1.0; 4.1.1");
    static const char json[] =
        "{\"nodes\":[{\"version\":\"4.1.0\"},{\"version\":\"4.1.1\"}],\"edges\":[],"
        "\"conditionalEdges\":[{\"edges\":[{\"from\":\"4.1.0\",\"to\":\"4.1.1\"}],"
        "\"risks\":[{\"name\":\"R\",\"matchingRules\":[{\"type\":\"PromQL\","
        "\"promql\":{\"promql\":\"vector(1)\"}}]}]}]}";
    hop_graph_source source = {.name = "g.json", .channel = "stable-4.1"};
    assert_ok(hop_graph_add(g, json, strlen(json), &source, &err), &err);
    return g;
}

static void a_check_takes_what_is_known_about_risks_now(void **state)
{
    (void)state;
    static const struct {
        const char *made_with, *now, *accept, *breaks, *note;
    } cases[] = {
        {"R: does-not-apply", NULL, NULL, NULL, NULL},
        {"R: does-not-apply", "R: does-not-apply", NULL, NULL, NULL},
        {"R: does-not-apply", "R: applies", NULL,
         "update 4.1.0 to 4.1.1: risk R was answered \"does-not-apply\" and is now "
         "\"applies\"",
         NULL},
        {"R: does-not-apply", "S: does-not-apply", NULL,
         "update 4.1.0 to 4.1.1: risk R was answered \"does-not-apply\" and is now "
         "\"unknown\"",
         NULL},
        {"R: does-not-apply", "R: applies", "R", NULL,
         "update 4.1.0 to 4.1.1: risk R was answered \"does-not-apply\" and is now "
         "\"applies\""},
    };
    hop_error *err = NULL;
    HOP_AUTO(hop_graph) g = conditional_graph();
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        HOP_AUTO(hop_answers) made = NULL;
        HOP_AUTO(hop_answers) now = NULL;
        assert_ok(hop_answers_parse(cases[i].made_with, strlen(cases[i].made_with), "a",
                                    &made, &err),
                  &err);
        if (cases[i].now)
            assert_ok(
                hop_answers_parse(cases[i].now, strlen(cases[i].now), "b", &now, &err),
                &err);
        hop_plan_opts o = {.from = "4.1.0", .to = "4.1.1", .answers = made};
        HOP_AUTO(hop_plan) plan = plan_of(g, &o);
        assert_int_equal(plan->status, HOP_PLAN_OK);
        HOP_AUTO_VALUE(hop_strings) accept = strings_of(cases[i].accept, NULL);
        hop_plan_opts today = {.answers = now, .accept_risks = &accept};
        HOP_AUTO_VALUE(hop_changes) changes = {0};
        assert_ok(hop_graph_check_with(g, plan, &today, &changes, &err), &err);
        assert_int_equal(changes.breaks.len, cases[i].breaks != NULL);
        if (cases[i].breaks)
            assert_string_equal(changes.breaks.items[0], cases[i].breaks);
        assert_int_equal(changes.notes.len, cases[i].note != NULL);
        if (cases[i].note)
            assert_string_equal(changes.notes.items[0], cases[i].note);
    }
}

static void a_new_risk_may_be_accepted_or_answered_now(void **state)
{
    (void)state;
    HOP_AUTO(hop_graph) before = graph_of("4.1.0 > 4.1.1");
    HOP_AUTO(hop_graph) now = conditional_graph();
    hop_error *err = NULL;
    hop_plan_opts o = {.from = "4.1.0", .to = "4.1.1"};
    HOP_AUTO(hop_plan) plan = plan_of(before, &o);
    static const char answer[] = "R: does-not-apply";
    HOP_AUTO(hop_answers) answers = NULL;
    assert_ok(hop_answers_parse(answer, strlen(answer), "a", &answers, &err), &err);
    HOP_AUTO_VALUE(hop_strings) accept = strings_of("R", NULL);
    const hop_plan_opts cases[] = {{0}, {.accept_risks = &accept}, {.answers = answers}};
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        HOP_AUTO_VALUE(hop_changes) changes = {0};
        assert_ok(hop_graph_check_with(now, plan, &cases[i], &changes, &err), &err);
        assert_int_equal(changes.breaks.len, i == 0);
        assert_int_equal(changes.notes.len, i > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_decide_conditional_updates_as_the_cluster_would),
        cmocka_unit_test(an_answer_halves_what_must_be_accepted),
        cmocka_unit_test(always_applies_whatever_was_answered),
        cmocka_unit_test(faulty_answers_name_the_line),
        cmocka_unit_test(wishes_become_the_newest_release_that_can_be_reached),
        cmocka_unit_test(pools_pause_between_even_minors),
        cmocka_unit_test(facts_survive_the_document),
        cmocka_unit_test(a_carried_plan_is_held_against_the_graphs_of_today),
        cmocka_unit_test(a_check_takes_what_is_known_about_risks_now),
        cmocka_unit_test(a_new_risk_may_be_accepted_or_answered_now),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
