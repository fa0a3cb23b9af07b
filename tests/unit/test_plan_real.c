/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plans over the graphs that the public service answered on 2026-08-21, where
 * $OC_HOP_TEST_DATA has them: what README.md shows, EUS paths, the step from 4 to 5. And
 * OKD's names, which need no data. */
#include "graph_support.h"

#include "hop_file.h"
#include "hop_plan_set.h"

#include <stdio.h>

#define NEEDS_DATA()                                      \
    if (!getenv("OC_HOP_TEST_DATA")) {                    \
        printf("skipped: OC_HOP_TEST_DATA is not set\n"); \
        skip();                                           \
    }

static hop_graph *load(const char *const *channels)
{
    hop_graph *g = hop_graph_new();
    for (; *channels; channels++) {
        hop_error *err = NULL;
        HOP_AUTO_STR path = hop_sprintf("%s/graphs/api-20260821-%s-amd64.json",
                                        getenv("OC_HOP_TEST_DATA"), *channels);
        HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_MAX_DOCUMENT);
        assert_ok(hop_file_read(path, &text, &err), &err);
        hop_graph_source source = {.name = path, .channel = *channels};
        assert_ok(hop_graph_add(g, hop_buf_get(&text), text.len, &source, &err), &err);
    }
    return g;
}

static const char *const stable[] = {"stable-4.12", "stable-4.13", "stable-4.14",
                                     "stable-4.15", "stable-4.16", NULL};

static void from_4_12_20_to_4_16_30_one_risk_must_be_accepted(void **state)
{
    (void)state;
    NEEDS_DATA();
    HOP_AUTO(hop_graph) g = load(stable);
    hop_plan_opts o = {.from = "4.12.20", .to = "4.16.30"};
    HOP_AUTO(hop_plan) plan = plan_of(g, &o);
    assert_int_equal(plan->status, HOP_PLAN_NEEDS_RISKS);
    assert_int_equal(plan->needed_risks.len, 1);
    assert_string_equal(plan->needed_risks.items[0], "OVNIPsecPausedMCPConnectivity");
    assert_route(&plan->best, "4.12.20 4.13.54 4.14.44 4.15.43 4.16.30");
    HOP_AUTO_VALUE(hop_strings) accept = strings_of(plan->needed_risks.items[0], NULL);
    o.accept_risks = &accept;
    HOP_AUTO(hop_plan) accepted = plan_of(g, &o);
    assert_int_equal(accepted->status, HOP_PLAN_OK);
    assert_route(&accepted->best, "4.12.20 4.13.54 4.14.44 4.15.43 4.16.30");
}

/* 4.15.59 is newer than 4.16.30, which cannot name it as a release to come from. */
static void a_new_release_of_an_old_minor_is_a_dead_end(void **state)
{
    (void)state;
    NEEDS_DATA();
    HOP_AUTO(hop_graph) g = load(stable);
    hop_plan_opts o = {.from = "4.15.59", .to = "4.16.30"};
    HOP_AUTO(hop_plan) plan = plan_of(g, &o);
    assert_int_equal(plan->status, HOP_PLAN_UNREACHABLE);
    assert_string_equal(plan->explanation.next_with_way, "4.16.0");
    assert_int_equal(plan->explanation.from_start.total, 4);
    assert_string_equal(plan->explanation.from_start.examples.items[0], "4.16.55");
    assert_int_equal(plan->explanation.gaps[0].reason, HOP_GAP_NOT_DECLARED);
}

static void eus_paths_pause_the_workers_twice(void **state)
{
    (void)state;
    NEEDS_DATA();
    static const char *const eus[] = {"eus-4.12", "eus-4.14", "eus-4.16", NULL};
    static const hop_pools pools[] = {HOP_POOLS_PAUSE, HOP_POOLS_RESUME, HOP_POOLS_PAUSE,
                                      HOP_POOLS_RESUME};
    static const char *const channels[] = {"eus-4.14", "eus-4.14", "eus-4.16",
                                           "eus-4.16"};
    HOP_AUTO(hop_graph) g = load(eus);
    hop_plan_opts o = {.from = "4.12.20", .to = "4.16.68", .workers = HOP_WORKERS_PAUSE};
    HOP_AUTO(hop_plan) plan = plan_of(g, &o);
    assert_int_equal(plan->status, HOP_PLAN_OK);
    assert_route(&plan->best, "4.12.20 4.13.69 4.14.70 4.15.67 4.16.68");
    assert_int_equal(plan->best.worker_updates, 2);
    for (size_t i = 0; i < HOP_COUNT_OF(pools); i++) {
        assert_int_equal(plan->best.edges[i].pools, pools[i]);
        assert_string_equal(plan->best.edges[i].channel, channels[i]);
    }
    o.workers = HOP_WORKERS_FOLLOW;
    HOP_AUTO(hop_plan) follow = plan_of(g, &o);
    assert_int_equal(follow->best.worker_updates, 4);
    assert_int_equal(hop_route_least_worker_updates(&follow->best), 2);
}

static void the_last_minor_of_4_leads_to_5_0(void **state)
{
    (void)state;
    NEEDS_DATA();
    static const char *const candidate[] = {"candidate-4.21", "candidate-4.22",
                                            "candidate-5.0", NULL};
    HOP_AUTO(hop_graph) g = load(candidate);
    hop_plan_opts o = {.from = "4.21.16", .to = "5.0.0-ec.6", .paths = 50};
    HOP_AUTO(hop_plan) plan = plan_of(g, &o);
    assert_int_equal(plan->status, HOP_PLAN_OK);
    assert_int_equal(plan->alternative_count, 49);
    const hop_plan_edge *last = &plan->best.edges[plan->best.hops - 1];
    assert_true(hop_has_prefix(last->from, "4.22."));
    assert_string_equal(last->channel, "candidate-5.0");
    assert_true(hop_plan_edge_is_minor(last));
    for (size_t i = 0; i < plan->alternative_count; i++)
        for (size_t k = 0; k < plan->alternatives[i].hops; k++)
            assert_false(hop_has_prefix(plan->alternatives[i].edges[k].from, "4.21.") &&
                         hop_has_prefix(plan->alternatives[i].edges[k].to, "5."));
}

static void a_fleet_shares_its_way(void **state)
{
    (void)state;
    NEEDS_DATA();
    HOP_AUTO(hop_graph) g = load(stable);
    hop_error *err = NULL;
    static const char *const starts[] = {"4.12.20", "4.12.45", "4.13.10", "4.14.5",
                                         "4.15.3"};
    HOP_AUTO_VALUE(hop_strings) list = {0};
    HOP_AUTO_VALUE(hop_strings) apart = {0};
    hop_plan_opts o = {.to = "4.16.55"};
    for (size_t i = 0; i < HOP_COUNT_OF(starts); i++) {
        hop_strings_add(&list, starts[i]);
        o.from = starts[i];
        HOP_AUTO(hop_plan) plan = plan_of(g, &o);
        for (size_t k = 0; k < plan->best.release_count; k++)
            if (!hop_strings_has(&apart, plan->best.releases[k].version))
                hop_strings_add(&apart, plan->best.releases[k].version);
    }
    HOP_AUTO(hop_plan_set) set = NULL;
    assert_ok(hop_plan_set_make(g, &o, &list, &set, &err), &err);
    assert_int_equal(set->status, HOP_PLAN_OK);
    assert_true(hop_plan_set_is_smallest(set));
    assert_true(set->releases.len <= apart.len);
}

#define OKD                                                                         \
    "4.17.0-okd-scos.0 > 4.17.0-okd-scos.1; 4.17.0-okd-scos.1 > 4.18.0-okd-scos.0;" \
    "4.17.0-okd-scos.1 > 4.18.0-okd-scos.ec.2; 4.18.0-okd-scos.0 > 4.18.0-okd-scos.4"

static void okd_streams_are_channels_like_others(void **state)
{
    (void)state;
    hop_error *err = NULL;
    HOP_AUTO(hop_graph) g = hop_graph_new();
    hop_graph_source source = {.name = "okd.json", .channel = "4-scos-stable"};
    add_lines(g, OKD, &source);
    hop_plan_opts o = {.from = "4.17.0-okd-scos.0"};
    assert_ok(hop_graph_resolve(g, &o, "4.18", &o.to, &err), &err);
    assert_string_equal(o.to, "4.18.0-okd-scos.4");
    HOP_AUTO(hop_plan) plan = plan_of(g, &o);
    assert_route(&plan->best, "4.17.0-okd-scos.0 4.17.0-okd-scos.1 4.18.0-okd-scos.0 "
                              "4.18.0-okd-scos.4");
    assert_string_equal(plan->best.edges[0].channel, "4-scos-stable");
    for (size_t i = 0; i < plan->best.release_count; i++)
        assert_false(plan->best.releases[i].is_prerelease);
    assert_true(hop_graph_find_release(g, "4.18.0-okd-scos.ec.2", NULL)->is_prerelease);
    assert_true(hop_plan_edge_is_minor(&plan->best.edges[1]));
    assert_false(hop_plan_edge_is_minor(&plan->best.edges[2]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(from_4_12_20_to_4_16_30_one_risk_must_be_accepted),
        cmocka_unit_test(a_new_release_of_an_old_minor_is_a_dead_end),
        cmocka_unit_test(eus_paths_pause_the_workers_twice),
        cmocka_unit_test(the_last_minor_of_4_leads_to_5_0),
        cmocka_unit_test(a_fleet_shares_its_way),
        cmocka_unit_test(okd_streams_are_channels_like_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
