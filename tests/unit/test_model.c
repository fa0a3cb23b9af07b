/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several documents in one graph. */
#include "graph_support.h"

#include <stdio.h>

static void add_as(hop_graph *g, const char *name, const char *channel, uint32_t age,
                   const char *lines)
{
    hop_graph_source source = {.name = name, .channel = channel, .age_rank = age};
    add_lines(g, lines, &source);
}

static const char *first_risk(const hop_graph *g, const char *from, const char *to)
{
    static char name[64];
    HOP_AUTO_VALUE(hop_strings) all = strings_of("all", NULL);
    hop_plan_opts o = {.from = from, .to = to, .accept_risks = &all};
    HOP_AUTO(hop_plan) plan = plan_of(g, &o);
    assert_int_equal(plan->best.hops, 1);
    if (!plan->best.edges[0].is_conditional)
        return "none";
    snprintf(name, sizeof(name), "%s", plan->best.edges[0].risks[0]->name);
    return name;
}

static void releases_merge_by_version_and_edges_by_pair(void **state)
{
    (void)state;
    HOP_AUTO(hop_graph) g = hop_graph_new();
    add_as(g, "a", "stable-4.1", 0, "4.1.0 > 4.1.1; 4.1.1 > 4.1.2");
    add_as(g, "b", "stable-4.2", 0, "4.1.1 > 4.1.2; 4.1.2 > 4.2.0");
    add_as(g, "c", "fast-4.2", 0, "4.1.1 > 4.2.0-rc.1");
    assert_int_equal(hop_graph_count(g), 5);
    assert_int_equal(hop_graph_count_edges(g), 4);
    static const char *const newest_first[] = {"4.2.0", "4.2.0-rc.1", "4.1.2", "4.1.1",
                                               "4.1.0"};
    for (size_t i = 0; i < HOP_COUNT_OF(newest_first); i++)
        assert_string_equal(hop_graph_get_release(g, i)->version, newest_first[i]);
    hop_texts channels = hop_graph_get_channels(g);
    assert_int_equal(channels.len, 3);
    assert_string_equal(channels.items[0], "fast-4.2");
    assert_string_equal(channels.items[1], "stable-4.1");
    assert_string_equal(channels.items[2], "stable-4.2");
}

static void an_edge_that_any_document_calls_conditional_is_conditional(void **state)
{
    (void)state;
    HOP_AUTO(hop_graph) g = hop_graph_new();
    add_as(g, "a", NULL, 0, "4.1.0 ? 4.1.1 Old");
    add_as(g, "b", NULL, 0, "4.1.0 > 4.1.1");
    assert_string_equal(first_risk(g, "4.1.0", "4.1.1"), "Old");
}

static void a_pair_listed_both_ways_in_one_document_is_conditional(void **state)
{
    (void)state;
    HOP_AUTO(hop_graph) g = graph_of("4.1.0 > 4.1.1; 4.1.0 ? 4.1.1 Both");
    assert_string_equal(first_risk(g, "4.1.0", "4.1.1"), "Both");
}

static void risks_come_from_the_newest_document(void **state)
{
    (void)state;
    HOP_AUTO(hop_graph) later = hop_graph_new();
    add_as(later, "a", NULL, 0, "4.1.0 ? 4.1.1 First");
    add_as(later, "b", NULL, 0, "4.1.0 ? 4.1.1 Second");
    assert_string_equal(first_risk(later, "4.1.0", "4.1.1"), "Second");
    HOP_AUTO(hop_graph) ranked = hop_graph_new();
    add_as(ranked, "a", NULL, 7, "4.1.0 ? 4.1.1 First");
    add_as(ranked, "b", NULL, 3, "4.1.0 ? 4.1.1 Second");
    assert_string_equal(first_risk(ranked, "4.1.0", "4.1.1"), "First");
}

static void a_pair_in_two_groups_has_the_risks_of_both(void **state)
{
    (void)state;
    HOP_AUTO(hop_graph) g = graph_of("4.1.0 ? 4.1.1 A,B; 4.1.0 ? 4.1.1 B,C");
    HOP_AUTO_VALUE(hop_strings) some = strings_of("A", "B");
    hop_plan_opts o = {.from = "4.1.0", .to = "4.1.1", .accept_risks = &some};
    HOP_AUTO(hop_plan) plan = plan_of(g, &o);
    assert_int_equal(plan->status, HOP_PLAN_NEEDS_RISKS);
    assert_int_equal(plan->best.edges[0].risk_count, 3);
    assert_int_equal(plan->needed_risks.len, 1);
    assert_string_equal(plan->needed_risks.items[0], "C");
}

static hop_status add_payload(hop_graph *g, const char *name, const char *repository,
                              int digest, const char *url, hop_error **err)
{
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    hop_buf_addf(&text,
                 "{\"nodes\":[{\"version\":\"4.1.0\",\"payload\":\"%s@sha256:%064d\","
                 "\"metadata\":{\"url\":\"%s\"}}],\"edges\":[],\"conditionalEdges\":[]}",
                 repository, digest, url);
    hop_graph_source source = {.name = name};
    return hop_graph_add(g, hop_buf_get(&text), text.len, &source, err);
}

static void two_payloads_for_one_version_are_an_error(void **state)
{
    (void)state;
    HOP_AUTO(hop_graph) g = hop_graph_new();
    hop_error *err = NULL;
    assert_ok(add_payload(g, "a.json", "one.example.com/r", 1, "https://a/", &err), &err);
    /* The same image by another name is none. */
    assert_ok(add_payload(g, "b.json", "two.example.com/r", 1, "https://b/", &err), &err);
    assert_true(hop_has_prefix(hop_graph_get_release(g, 0)->payload, "two.example.com/"));
    assert_string_equal(hop_graph_get_release(g, 0)->url, "https://b/");
    assert_fails(add_payload(g, "c.json", "two.example.com/r", 2, "https://c/", &err),
                 &err, HOP_E_PARSE,
                 "release 4.1.0: the payload is two.example.com/r@sha256:000");
    assert_fails(add_payload(g, "c.json", "two.example.com/r", 2, "https://c/", &err),
                 &err, HOP_E_PARSE, "1 in b.json, but two.example.com/r@sha256:");
    assert_string_equal(hop_graph_get_release(g, 0)->url, "https://b/");
}

static void hops_are_labelled_with_the_fewest_channel_switches(void **state)
{
    (void)state;
    HOP_AUTO(hop_graph) g = hop_graph_new();
    add_as(g, "a", "stable-4.1", 0, "4.1.0 > 4.1.1; 4.1.1 > 4.1.2");
    add_as(g, "b", "stable-4.2", 0, "4.1.1 > 4.1.2; 4.1.2 > 4.2.0; 4.2.0 > 4.2.1");
    add_as(g, "c", "stable-4.10", 0, "4.2.0 > 4.2.1");
    add_as(g, "d", NULL, 0, "4.2.1 > 4.2.2");
    hop_plan_opts o = {.from = "4.1.0", .to = "4.2.2"};
    HOP_AUTO(hop_plan) plan = plan_of(g, &o);
    assert_route(&plan->best, "4.1.0 4.1.1 4.1.2 4.2.0 4.2.1 4.2.2");
    static const char *const wanted[] = {"stable-4.1", "stable-4.2", "stable-4.2",
                                         "stable-4.2"};
    for (size_t i = 0; i < HOP_COUNT_OF(wanted); i++)
        assert_string_equal(plan->best.edges[i].channel, wanted[i]);
    assert_null(plan->best.edges[4].channel);
}

static void among_equal_channels_the_highest_minor_is_taken(void **state)
{
    (void)state;
    HOP_AUTO(hop_graph) g = hop_graph_new();
    add_as(g, "a", "stable-4.9", 0, "4.9.0 > 4.9.1");
    add_as(g, "b", "stable-4.10", 0, "4.9.0 > 4.9.1");
    add_as(g, "c", "fast-4.10", 0, "4.9.0 > 4.9.1");
    add_as(g, "d", "odd", 0, "4.9.0 > 4.9.1");
    hop_plan_opts o = {.from = "4.9.0", .to = "4.9.1"};
    HOP_AUTO(hop_plan) plan = plan_of(g, &o);
    assert_string_equal(plan->best.edges[0].channel, "stable-4.10");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(releases_merge_by_version_and_edges_by_pair),
        cmocka_unit_test(an_edge_that_any_document_calls_conditional_is_conditional),
        cmocka_unit_test(a_pair_listed_both_ways_in_one_document_is_conditional),
        cmocka_unit_test(risks_come_from_the_newest_document),
        cmocka_unit_test(a_pair_in_two_groups_has_the_risks_of_both),
        cmocka_unit_test(two_payloads_for_one_version_are_an_error),
        cmocka_unit_test(hops_are_labelled_with_the_fewest_channel_switches),
        cmocka_unit_test(among_equal_channels_the_highest_minor_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
