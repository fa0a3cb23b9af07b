/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plans for several starts: by hand, against every subset of small random graphs, and
 * more starts than are solved exactly. */
#include "graph_support.h"

#include "hop_plan_set.h"
#include "plan_report.h"

static hop_plan_set *set_of(const hop_graph *g, const hop_plan_opts *o,
                            const char *const *starts)
{
    hop_error *err = NULL;
    hop_plan_set *set = NULL;
    HOP_AUTO_VALUE(hop_strings) list = {0};
    for (; *starts; starts++)
        hop_strings_add(&list, *starts);
    assert_ok(hop_plan_set_make(g, o, &list, &set, &err), &err);
    return set;
}

static char *joined(const hop_strings *list)
{
    HOP_AUTO_VALUE(hop_buf) b = hop_buf_init(HOP_BUF_TEXT);
    for (size_t i = 0; i < list->len; i++)
        hop_buf_addf(&b, "%s%s", i ? " " : "", list->items[i]);
    return hop_buf_take(&b);
}

static void assert_releases(const hop_plan_set *set, const char *wanted)
{
    HOP_AUTO_STR got = joined(&set->releases);
    assert_string_equal(got, wanted);
}

/* Alone, each start would take a newer stepping stone of its own. */
#define STONES                                                    \
    "4.1.0 > 4.1.8; 4.1.0 > 4.1.5; 4.1.1 > 4.1.9; 4.1.1 > 4.1.5;" \
    "4.1.5 > 4.2.0; 4.1.8 > 4.2.0; 4.1.9 > 4.2.0"

static void starts_share_a_stepping_stone(void **state)
{
    (void)state;
    HOP_AUTO(hop_graph) g = graph_of(STONES);
    hop_plan_opts o = {.to = "4.2.0"};
    HOP_AUTO(hop_plan_set)
    set = set_of(g, &o, (const char *[]){"4.1.1", "4.1.0", NULL});
    assert_int_equal(set->status, HOP_PLAN_OK);
    assert_releases(set, "4.1.0 4.1.1 4.1.5 4.2.0");
    assert_true(hop_plan_set_is_smallest(set));
    assert_int_equal(set->at_least, 4);
    assert_int_equal(set->plan_count, 2);
    assert_route(&set->plans[0]->best, "4.1.1 4.1.5 4.2.0");
    assert_route(&set->plans[1]->best, "4.1.0 4.1.5 4.2.0");
    HOP_AUTO(hop_plan_set) alone = set_of(g, &o, (const char *[]){"4.1.0", NULL});
    assert_releases(alone, "4.1.0 4.1.8 4.2.0");
}

static void a_start_may_be_the_stepping_stone_of_another(void **state)
{
    (void)state;
    HOP_AUTO(hop_graph)
    g = graph_of("4.1.0 > 4.1.8; 4.1.8 > 4.2.0; 4.1.0 > 4.1.5; 4.1.5 > 4.2.0");
    hop_plan_opts o = {.to = "4.2.0"};
    HOP_AUTO(hop_plan_set)
    set = set_of(g, &o, (const char *[]){"4.1.0", "4.1.5", "4.1.0", "4.2.0", NULL});
    assert_releases(set, "4.1.0 4.1.5 4.2.0");
    assert_int_equal(set->plan_count, 3);
    assert_int_equal(set->plans[2]->status, HOP_PLAN_SAME_VERSION);
    assert_int_equal(set->status, HOP_PLAN_OK);
}

static void a_longer_path_is_taken_when_it_saves_a_release(void **state)
{
    (void)state;
    /* 4.1.0 could go over 4.1.7 in two hops; by way of 4.1.2 it needs nothing new. */
    HOP_AUTO(hop_graph)
    g = graph_of("4.1.0 > 4.1.7; 4.1.7 > 4.2.0; 4.1.0 > 4.1.1; 4.1.1 > 4.1.2;"
                 "4.1.2 > 4.2.0");
    hop_plan_opts o = {.to = "4.2.0"};
    HOP_AUTO(hop_plan_set)
    set = set_of(g, &o, (const char *[]){"4.1.0", "4.1.1", "4.1.2", NULL});
    assert_releases(set, "4.1.0 4.1.1 4.1.2 4.2.0");
    assert_route(&set->plans[0]->best, "4.1.0 4.1.1 4.1.2 4.2.0");
}

static void risks_are_asked_for_only_where_they_are_needed(void **state)
{
    (void)state;
    HOP_AUTO(hop_graph)
    g = graph_of("4.1.0 > 4.1.8; 4.1.8 > 4.2.0; 4.1.0 > 4.1.5; 4.1.5 ? 4.2.0 R;"
                 "4.1.1 > 4.1.5");
    hop_plan_opts o = {.to = "4.2.0"};
    HOP_AUTO(hop_plan_set)
    set = set_of(g, &o, (const char *[]){"4.1.0", "4.1.1", NULL});
    assert_int_equal(set->status, HOP_PLAN_NEEDS_RISKS);
    assert_int_equal(set->plans[0]->status, HOP_PLAN_OK);
    assert_int_equal(set->plans[1]->status, HOP_PLAN_NEEDS_RISKS);
    HOP_AUTO_STR risks = joined(&set->needed_risks);
    assert_string_equal(risks, "R");
    assert_false(hop_plan_set_is_smallest(set));
    HOP_AUTO_VALUE(hop_strings) accept = strings_of("R", NULL);
    o.accept_risks = &accept;
    HOP_AUTO(hop_plan_set)
    accepted = set_of(g, &o, (const char *[]){"4.1.0", "4.1.1", NULL});
    assert_int_equal(accepted->status, HOP_PLAN_OK);
    assert_releases(accepted, "4.1.0 4.1.1 4.1.5 4.2.0");
}

static void one_start_without_a_way_is_the_answer_for_all(void **state)
{
    (void)state;
    HOP_AUTO(hop_graph) g = graph_of(STONES "; 4.1.3");
    hop_plan_opts o = {.to = "4.2.0"};
    HOP_AUTO(hop_plan_set)
    set = set_of(g, &o, (const char *[]){"4.1.0", "4.1.3", NULL});
    assert_int_equal(set->status, HOP_PLAN_UNREACHABLE);
    assert_int_equal(set->plans[0]->status, HOP_PLAN_OK);
    assert_int_equal(set->plans[1]->status, HOP_PLAN_UNREACHABLE);
    HOP_AUTO(hop_plan_set)
    unknown = set_of(g, &o, (const char *[]){"4.1.0", "4.1.4", NULL});
    assert_int_equal(unknown->status, HOP_PLAN_UNKNOWN_VERSION);
}

static void a_wish_is_what_all_starts_reach(void **state)
{
    (void)state;
    hop_error *err = NULL;
    const char *to = NULL;
    HOP_AUTO(hop_graph)
    g = graph_of("4.1.0 > 4.2.0; 4.1.1 > 4.2.0; 4.1.1 > 4.2.1; 4.1.0 ? 4.2.1 R");
    HOP_AUTO_VALUE(hop_strings) starts = strings_of("4.1.1", "4.1.0");
    hop_plan_opts o = {.arch = "amd64"};
    assert_ok(hop_plan_set_resolve(g, &o, &starts, "4.2", &to, &err), &err);
    assert_string_equal(to, "4.2.0");
    HOP_AUTO_VALUE(hop_strings) accept = strings_of("R", NULL);
    o.accept_risks = &accept;
    assert_ok(hop_plan_set_resolve(g, &o, &starts, "latest", &to, &err), &err);
    assert_string_equal(to, "4.2.1");
}

static void wrong_starts_are_usage_errors(void **state)
{
    (void)state;
    hop_error *err = NULL;
    hop_plan_set *set = NULL;
    HOP_AUTO(hop_graph) g = graph_of(STONES);
    hop_plan_opts o = {.to = "4.2.0"};
    HOP_AUTO_VALUE(hop_strings) list = {0};
    assert_fails(hop_plan_set_make(g, &o, &list, &set, &err), &err, HOP_E_USAGE, "from");
    hop_strings_add(&list, "four");
    assert_fails(hop_plan_set_make(g, &o, &list, &set, &err), &err, HOP_E_USAGE, "four");
    hop_strings_clear(&list);
    for (size_t i = 0; i <= HOP_PLAN_SET_MAX_STARTS; i++) {
        HOP_AUTO_STR version = hop_sprintf("4.1.%zu", i);
        hop_strings_add(&list, version);
    }
    assert_fails(hop_plan_set_make(g, &o, &list, &set, &err), &err, HOP_E_USAGE, "64");
}

/* ---- as a document and as text ---- */

static char *set_json(const hop_plan_set *set)
{
    HOP_AUTO_VALUE(hop_buf) b = hop_buf_init(HOP_BUF_TEXT);
    HOP_AUTO(hop_json) doc = hop_plan_set_report_json(set);
    hop_json_dump(doc, HOP_JSON_COMPACT, &b);
    return hop_buf_take(&b);
}

static void the_document_reads_back_as_itself(void **state)
{
    (void)state;
    static const char *const targets[] = {"4.2.0", "4.2.1", "4.2.2"};
    HOP_AUTO(hop_graph) g = graph_of(STONES "; 4.2.0 ? 4.2.1 R,S; 4.2.2");
    for (size_t i = 0; i < HOP_COUNT_OF(targets); i++) {
        hop_error *err = NULL;
        hop_plan_opts o = {.to = targets[i]};
        HOP_AUTO(hop_plan_set)
        set = set_of(g, &o, (const char *[]){"4.1.1", "4.1.0", NULL});
        HOP_AUTO_STR json = set_json(set);
        HOP_AUTO(hop_plan_set) back = NULL;
        assert_ok(hop_plan_set_parse(json, strlen(json), "plan.json", &back, &err), &err);
        HOP_AUTO_STR again = set_json(back);
        assert_string_equal(again, json);
        hop_plan *one = NULL;
        assert_fails(hop_plan_parse(json, strlen(json), "plan.json", &one, &err), &err,
                     HOP_E_PARSE, "a plan for 2 starts");
    }
}

static void the_document_of_one_start_is_that_of_its_plan(void **state)
{
    (void)state;
    HOP_AUTO(hop_graph) g = graph_of(STONES);
    hop_plan_opts o = {.from = "4.1.0", .to = "4.2.0"};
    HOP_AUTO(hop_plan) plan = plan_of(g, &o);
    HOP_AUTO(hop_plan_set) set = set_of(g, &o, (const char *[]){"4.1.0", NULL});
    HOP_AUTO(hop_json) doc = hop_plan_report_json(plan);
    HOP_AUTO_VALUE(hop_buf) alone = hop_buf_init(HOP_BUF_TEXT);
    hop_json_dump(doc, HOP_JSON_COMPACT, &alone);
    HOP_AUTO_STR json = set_json(set);
    assert_string_equal(json, hop_buf_get(&alone));
}

static void faulty_documents_are_refused(void **state)
{
    (void)state;
#define PLAN(from, to)                                                              \
    "{\"schema\":\"oc-hop/plan/v1\",\"status\":\"unreachable\",\"arch\":\"amd64\"," \
    "\"from\":\"" from "\",\"to\":\"" to "\",\"path_count\":\"0\"}"
#define SET(plans) "{\"schema\":\"oc-hop/plan/v1\",\"plans\":[" plans "]}"
    static const struct {
        const char *text, *message;
    } cases[] = {
        {SET(""), "0 plans"},
        {SET("{}"), "plan 1 of 1"},
        {SET(PLAN("4.1.0", "4.2.0") "," PLAN("4.1.1", "4.2.1")), "leads to 4.2.1"},
        {SET(PLAN("4.1.0", "4.2.0") "," PLAN("4.1.0", "4.2.0")), "a second plan from"},
        {"{\"schema\":\"oc-hop/plan/v2\",\"plans\":[]}", "newer oc-hop"},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        hop_error *err = NULL;
        hop_plan_set *set = NULL;
        assert_fails(hop_plan_set_parse(cases[i].text, strlen(cases[i].text), "p.json",
                                        &set, &err),
                     &err, HOP_E_PARSE, cases[i].message);
    }
}

static void the_text_tells_the_whole_first(void **state)
{
    (void)state;
    HOP_AUTO(hop_graph) g = graph_of(STONES "; 4.2.0 ? 4.2.1 R");
    hop_plan_opts o = {.to = "4.2.0"};
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    HOP_AUTO(hop_plan_set)
    set = set_of(g, &o, (const char *[]){"4.1.1", "4.1.0", NULL});
    hop_plan_set_report_text(set, &text);
    static const char head[] =
        "2 starts to 4.2.0 (amd64): 4 releases in all, the fewest that will do.\n"
        "  Releases: 4.1.0, 4.1.1, 4.1.5, 4.2.0\n"
        "\n---- start 1 of 2 ----\n\n"
        "4.1.1 to 4.2.0 (amd64): 2 hops, none of them conditional\n";
    assert_memory_equal(hop_buf_get(&text), head, strlen(head));
    assert_null(strstr(hop_buf_get(&text), "equally good"));
    hop_buf_reset(&text);
    o.to = "4.2.1";
    HOP_AUTO(hop_plan_set)
    risky = set_of(g, &o, (const char *[]){"4.1.1", "4.1.0", NULL});
    hop_plan_set_report_text(risky, &text);
    const char *flag = strstr(hop_buf_get(&text), "--accept-risk R");
    assert_non_null(flag);
    assert_null(strstr(flag + 1, "--accept-risk R"));
}

/* ---- every subset of a small graph ---- */

enum { NODES = 10, WORLDS = 1500 };

static const char *const versions[NODES] = {"4.1.0", "4.1.1", "4.1.2", "4.2.0", "4.2.1",
                                            "4.2.2", "4.2.3", "4.3.0", "4.3.1", "4.3.2"};
static const unsigned minors[NODES] = {1, 1, 1, 2, 2, 2, 2, 3, 3, 3};

typedef struct world {
    uint64_t random;
    unsigned edges[NODES]; /* bit sets of targets */
    unsigned risky[NODES];
} world;

static unsigned next_random(world *w, unsigned below)
{
    w->random = w->random * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(w->random >> 33) % below;
}

static void fill(world *w)
{
    for (size_t i = 0; i < NODES; i++) {
        w->edges[i] = w->risky[i] = 0;
        for (size_t j = i + 1; j < NODES; j++) {
            if (next_random(w, 5) > 1)
                continue;
            w->edges[i] |= 1u << j;
            if (next_random(w, 3) == 0)
                w->risky[i] |= 1u << j;
        }
    }
}

static hop_graph *load(world *w)
{
    HOP_AUTO_VALUE(hop_buf) lines = hop_buf_init(HOP_BUF_TEXT);
    size_t turn = next_random(w, NODES);
    for (size_t k = 0; k < NODES; k++)
        hop_buf_addf(&lines, "%s;", versions[(k + turn) % NODES]);
    for (size_t i = 0; i < NODES; i++)
        for (size_t j = 0; j < NODES; j++)
            if (w->edges[i] >> j & 1)
                hop_buf_addf(&lines, "%s %s %s%s;", versions[i],
                             w->risky[i] >> j & 1 ? "?" : ">", versions[j],
                             w->risky[i] >> j & 1 ? " R" : "");
    return graph_of(hop_buf_get(&lines));
}

static bool reaches(const world *w, unsigned set, size_t from, size_t to, bool any_risks)
{
    unsigned seen = 1u << from;
    for (size_t i = from; i <= to; i++)
        for (size_t j = i + 1; (seen >> i & 1) && j <= to; j++)
            if ((set >> j & 1) && (w->edges[i] >> j & 1) &&
                (any_risks || !(w->risky[i] >> j & 1)) && minors[j] - minors[i] <= 1)
                seen |= 1u << j;
    return seen >> to & 1;
}

/* Fewest releases by trying all subsets; 0 when there is none. */
static size_t find_smallest(const world *w, unsigned starts, size_t to, bool any_risks)
{
    size_t best = 0;
    for (unsigned set = 0; set < 1u << NODES; set++) {
        size_t size = (size_t)__builtin_popcount(set);
        bool does = (set & starts) == starts && (set >> to & 1) && (!best || size < best);
        for (size_t i = 0; i < NODES && does; i++)
            does = !(starts >> i & 1) || reaches(w, set, i, to, any_risks);
        if (does)
            best = size;
    }
    return best;
}

static void check_world(world *w)
{
    size_t to = NODES - 1 - next_random(w, 3);
    const char *starts[5] = {0};
    unsigned bits = 0;
    for (size_t i = 0; i < 4; i++) {
        unsigned at = next_random(w, NODES - 3);
        starts[i] = versions[at];
        bits |= 1u << at;
    }
    bool any_risks = next_random(w, 2);
    HOP_AUTO_VALUE(hop_strings) accept = strings_of(any_risks ? "R" : NULL, NULL);
    hop_plan_opts o = {.to = versions[to], .accept_risks = &accept};
    HOP_AUTO(hop_graph) g = load(w);
    HOP_AUTO(hop_graph) shuffled = load(w);
    HOP_AUTO(hop_plan_set) set = set_of(g, &o, starts);
    HOP_AUTO(hop_plan_set) again = set_of(shuffled, &o, starts);
    HOP_AUTO_STR one = joined(&set->releases);
    HOP_AUTO_STR two = joined(&again->releases);
    assert_string_equal(one, two);
    size_t smallest = find_smallest(w, bits, to, any_risks);
    assert_int_equal(set->status == HOP_PLAN_OK, smallest > 0);
    if (smallest == 0)
        return;
    assert_int_equal(set->releases.len, smallest);
    if (set->plan_count > 1)
        assert_true(hop_plan_set_is_smallest(set));
}

static void no_subset_of_a_random_graph_is_smaller(void **state)
{
    (void)state;
    world w = {.random = 20260821};
    for (int i = 0; i < WORLDS; i++) {
        fill(&w);
        check_world(&w);
    }
}

/* ---- more than are solved exactly ---- */

static void many_starts_have_a_bound(void **state)
{
    (void)state;
    HOP_AUTO_VALUE(hop_buf) lines = hop_buf_init(HOP_BUF_TEXT);
    const char *starts[31] = {0};
    HOP_AUTO_VALUE(hop_strings) names = {0};
    for (size_t i = 0; i < 30; i++) {
        HOP_AUTO_STR name = hop_sprintf("4.1.%zu", i);
        hop_strings_add(&names, name);
        /* Every ninth start reaches all stones, the others one of three. */
        for (size_t stone = 0; stone < 3; stone++)
            if (i % 3 == stone || i % 9 == 0)
                hop_buf_addf(&lines, "%s > 4.1.%zu;", name, 100 + stone);
    }
    hop_buf_adds(&lines, "4.1.100 > 4.2.0; 4.1.101 > 4.2.0; 4.1.102 > 4.2.0");
    for (size_t i = 0; i < 30; i++)
        starts[i] = names.items[i];
    HOP_AUTO(hop_graph) g = graph_of(hop_buf_get(&lines));
    hop_plan_opts o = {.to = "4.2.0"};
    HOP_AUTO(hop_plan_set) set = set_of(g, &o, starts);
    assert_int_equal(set->status, HOP_PLAN_OK);
    assert_int_equal(set->releases.len, 34);
    assert_int_equal(set->at_least, 34);
    assert_true(hop_plan_set_is_smallest(set));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starts_share_a_stepping_stone),
        cmocka_unit_test(a_start_may_be_the_stepping_stone_of_another),
        cmocka_unit_test(a_longer_path_is_taken_when_it_saves_a_release),
        cmocka_unit_test(risks_are_asked_for_only_where_they_are_needed),
        cmocka_unit_test(one_start_without_a_way_is_the_answer_for_all),
        cmocka_unit_test(a_wish_is_what_all_starts_reach),
        cmocka_unit_test(wrong_starts_are_usage_errors),
        cmocka_unit_test(the_document_reads_back_as_itself),
        cmocka_unit_test(the_document_of_one_start_is_that_of_its_plan),
        cmocka_unit_test(faulty_documents_are_refused),
        cmocka_unit_test(the_text_tells_the_whole_first),
        cmocka_unit_test(no_subset_of_a_random_graph_is_smaller),
        cmocka_unit_test(many_starts_have_a_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
