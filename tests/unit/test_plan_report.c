/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plans as documents and as text. */
#include "graph_support.h"

#include "plan_report.h"

static char *to_json(const hop_plan *plan)
{
    HOP_AUTO_VALUE(hop_buf) b = hop_buf_init(HOP_BUF_TEXT);
    HOP_AUTO(hop_json) doc = hop_plan_report_json(plan);
    hop_json_dump(doc, HOP_JSON_INDENT, &b);
    return hop_buf_take(&b);
}

static char *to_text(const hop_plan *plan)
{
    HOP_AUTO_VALUE(hop_buf) b = hop_buf_init(HOP_BUF_TEXT);
    hop_plan_report_text(plan, &b);
    return hop_buf_take(&b);
}

static void every_plan_reads_back_as_itself(void **state)
{
    (void)state;
    static const struct {
        hop_plan_opts o;
        const char *accept, *avoid;
    } cases[] = {
        {{.from = "4.1.0", .to = "4.1.3", .paths = 5}, "all", NULL},
        {{.from = "4.1.0", .to = "4.1.3", .prefer = HOP_PREFER_HOPS}, "R", NULL},
        {{.from = "4.1.0", .to = "4.1.0"}, NULL, NULL},
        {{.from = "4.1.0", .to = "4.1.5"}, NULL, NULL},
        {{.from = "4.1.3", .to = "4.1.0"}, NULL, NULL},
        {{.from = "4.1.0", .to = "4.1.6"}, NULL, NULL},
        {{.from = "4.1.9", .to = "4.1.8"}, NULL, NULL},
        {{.from = "4.1.0", .to = "4.1.2"}, NULL, "4.1.1"},
    };
    HOP_AUTO(hop_graph)
    g = graph_of("4.1.0 > 4.1.1; 4.1.1 > 4.1.2; 4.1.2 > 4.1.3; 4.1.0 ? 4.1.3 R; "
                 "4.1.3 ? 4.1.5 S,T; 4.1.6");
    hop_digest data = hop_digest_of("data", 4);
    hop_graph_note_data(g, data.text);
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        HOP_AUTO_VALUE(hop_strings) accept = strings_of(cases[i].accept, NULL);
        HOP_AUTO_VALUE(hop_strings) avoid = strings_of(cases[i].avoid, NULL);
        hop_plan_opts o = cases[i].o;
        o.accept_risks = &accept;
        o.avoid = &avoid;
        HOP_AUTO(hop_plan) plan = plan_of(g, &o);
        HOP_AUTO_STR json = to_json(plan);
        HOP_AUTO_STR text = to_text(plan);
        hop_error *err = NULL;
        HOP_AUTO(hop_plan) back = NULL;
        assert_ok(hop_plan_parse(json, strlen(json), "plan.json", &back, &err), &err);
        assert_string_equal(back->graph_data, data.text);
        HOP_AUTO_STR json_again = to_json(back);
        HOP_AUTO_STR text_again = to_text(back);
        assert_string_equal(json_again, json);
        assert_string_equal(text_again, text);
    }
}

static void the_document_has_the_keys_of_the_contract(void **state)
{
    (void)state;
    HOP_AUTO(hop_graph) g = graph_of("4.1.0 ? 4.1.1 R");
    HOP_AUTO_VALUE(hop_strings) accept = strings_of("R", NULL);
    hop_plan_opts o = {.from = "4.1.0", .to = "4.1.1", .accept_risks = &accept};
    HOP_AUTO(hop_plan) plan = plan_of(g, &o);
    HOP_AUTO(hop_json) doc = hop_plan_report_json(plan);
    HOP_AUTO_VALUE(hop_buf) b = hop_buf_init(HOP_BUF_TEXT);
    hop_json_dump(doc, HOP_JSON_COMPACT, &b);
    hop_digest d0 = hop_digest_of("4.1.0", 5), d1 = hop_digest_of("4.1.1", 5);
    HOP_AUTO_STR wanted = hop_sprintf(
        "{\"schema\":\"oc-hop/plan/"
        "v1\",\"status\":\"ok\",\"arch\":\"amd64\",\"from\":\"4.1.0\","
        "\"to\":\"4.1.1\",\"prefer\":\"risk\",\"channels\":[\"stable-4.1\"],\"hops\":1,"
        "\"conditional_hops\":1,\"path_count\":\"1\",\"accepted_risks\":[\"R\"],\"needed_"
        "risks\":[],"
        "\"path\":[{\"version\":\"4.1.0\",\"payload\":\"registry.example.com/r/"
        "release@%s\",\"url\":"
        "null,\"channels\":[],\"prerelease\":false,\"hotfix\":false},{\"version\":\"4.1."
        "1\","
        "\"payload\":\"registry.example.com/r/release@%s\",\"url\":null,\"channels\":[],"
        "\"prerelease\":false,\"hotfix\":false}],\"edges\":[{\"from\":\"4.1.0\",\"to\":"
        "\"4.1.1\","
        "\"channel\":\"stable-4.1\",\"conditional\":true,\"risks\":[{\"name\":\"R\","
        "\"url\":"
        "\"https://example.com/risk\",\"message\":\"Something may "
        "happen.\",\"matchingRules\":"
        "[{\"type\":\"Always\"}]}]}],\"alternatives\":[],\"explanation\":{}}",
        d0.text, d1.text);
    assert_string_equal(hop_buf_get(&b), wanted);
}

#define HEAD                                                                           \
    "\"status\":\"ok\",\"arch\":\"amd64\",\"from\":\"4.1.0\",\"to\":\"4.1.1\",\"path_" \
    "count\":\"1\""
#define PATH "\"path\":[{\"version\":\"4.1.0\"},{\"version\":\"4.1.1\"}]"
#define V1 "{\"schema\":\"oc-hop/plan/v1\","

static void faulty_plans_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"{}", "plan.json: schema: missing"},
        {"{\"schema\":\"oc-hop/plan/v2\"}",
         "a plan of format 2, written by a newer oc-hop"},
        {"{\"schema\":\"oc-hop/media/v1\"}", "is no plan of oc-hop"},
        {V1 "\"status\":\"fine\"}", "unknown status \"fine\""},
        {V1 HEAD "}", "status \"ok\" with 0 releases"},
        {V1 HEAD "," PATH "}", "0 edges, but 2 releases"},
        {V1 HEAD
         "," PATH
         ",\"edges\":[{\"from\":\"4.1.0\",\"to\":\"4.1.2\",\"conditional\":false}]}",
         "edges[0]: the hop 4.1.0 to 4.1.2 does not follow"},
        {V1 HEAD ",\"path\":[{\"version\":\"../x\"}]}", "version \"../x\" is malformed"},
        {V1 HEAD ",\"path\":[{\"version\":\"4.1.0\",\"payload\":\"$(rm)\"}]}",
         "payload \"$(rm)\" is malformed"},
        {V1 HEAD "," PATH
                 ",\"edges\":[{\"from\":\"4.1.0\",\"to\":\"4.1.1\",\"channel\":\"a;b\","
                 "\"conditional\":false}]}",
         "channel \"a;b\" is malformed"},
        {V1 "\"status\":\"ok\",\"arch\":\"z80\"}", "arch \"z80\" is malformed"},
        {V1 HEAD ",\"graph_data\":\"latest\"}", "graph_data \"latest\" is malformed"},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        hop_error *err = NULL;
        hop_plan *plan = NULL;
        assert_fails(hop_plan_parse(cases[i].text, strlen(cases[i].text), "plan.json",
                                    &plan, &err),
                     &err, HOP_E_PARSE, cases[i].message);
        assert_null(plan);
    }
}

static void text_shows_the_path_the_risks_and_the_flags(void **state)
{
    (void)state;
    HOP_AUTO(hop_graph) g = graph_of("4.1.0 > 4.1.1; 4.1.1 ? 4.2.0-rc.1 RiskA,RiskB");
    hop_plan_opts o = {.from = "4.1.0", .to = "4.2.0-rc.1"};
    HOP_AUTO(hop_plan) plan = plan_of(g, &o);
    HOP_AUTO_STR text = to_text(plan);
    assert_string_equal(
        text,
        "No path from 4.1.0 to 4.2.0-rc.1 (amd64) without risks: every path from 4.1.0 "
        "to\n"
        "4.2.0-rc.1 takes conditional updates; the one with the fewest needs 2 risks\n"
        "accepted.\n"
        "  Channels read: stable-4.1\n"
        "  With the risks that are accepted now:\n"
        "  The start can reach 1 release: 4.1.1\n"
        "  The target can be reached from no other release.\n"
        "  What stands between:\n"
        "    4.1.1 to 4.2.0-rc.1: conditional, and not all of its risks are accepted\n"
        "\n"
        "4.1.0 to 4.2.0-rc.1 (amd64): 2 hops, 1 conditional\n"
        "\n"
        "  hop  version     channel to set\n"
        "start  4.1.0\n"
        "    1  4.1.1       stable-4.1\n"
        "    2  4.2.0-rc.1  stable-4.1      conditional, pre-release\n"
        "\n"
        "Worker nodes reboot 2 times.\n"
        "Before hop 2 (to 4.2), see that no installed operator ends below it\n"
        "(olm.maxOpenShiftVersion). Operators are not mirrored here.\n"
        "\n"
        "Not generally available: 4.2.0-rc.1 (pre-release), so this path is not\n"
        "supported.\n"
        "\n"
        "Risks on this path\n"
        "\n"
        "  RiskA\n"
        "    Something may happen.\n"
        "    https://example.com/risk\n"
        "    Applies to every cluster.\n"
        "    Hop 2, 4.1.1 to 4.2.0-rc.1.\n"
        "\n"
        "  RiskB\n"
        "    Something may happen.\n"
        "    https://example.com/risk\n"
        "    Applies to every cluster.\n"
        "    Hop 2, 4.1.1 to 4.2.0-rc.1.\n"
        "\n"
        "No other path is as good.\n"
        "\n"
        "To take this path, read the risks above and add:\n"
        "\n"
        "  --accept-risk RiskA \\\n"
        "  --accept-risk RiskB\n");
}

static void the_document_names_what_is_unsupported_and_new_minors(void **state)
{
    (void)state;
    HOP_AUTO(hop_graph)
    g = graph_of("4.1.0 > 4.2.0-0.hotfix-2020-09-19-234758; 4.1.0 > 4.1.1;"
                 "4.2.0-0.hotfix-2020-09-19-234758 > 4.2.0-ec.1");
    hop_plan_opts o = {.from = "4.1.0", .to = "4.2.0-ec.1"};
    hop_error *err = NULL;
    HOP_AUTO(hop_plan) plan = plan_of(g, &o);
    HOP_AUTO_STR text = to_text(plan);
    assert_non_null(strstr(text, "4.2.0-ec.1"));
    assert_non_null(strstr(text, "4.2.0-0.hotfix-2020-09-19-234758"));
    assert_non_null(strstr(text, "(hotfix),"));
    assert_non_null(strstr(text, "is not supported."));
    HOP_AUTO_STR json = to_json(plan);
    HOP_AUTO(hop_json) doc = NULL;
    hop_json_view list, edges, edge, flag;
    assert_ok(hop_json_parse(json, strlen(json), "p", &doc, &err), &err);
    hop_json_view root = hop_json_root(doc, "p");
    assert_ok(hop_json_member(&root, "unsupported", HOP_JSON_ARRAY, &list, &err), &err);
    assert_int_equal(hop_json_count(&list), 2);
    assert_ok(hop_json_member(&root, "edges", HOP_JSON_ARRAY, &edges, &err), &err);
    assert_ok(hop_json_item(&edges, 0, HOP_JSON_OBJECT, &edge, &err), &err);
    assert_ok(hop_json_member(&edge, "new_minor", HOP_JSON_BOOL, &flag, &err), &err);
    o.to = "4.1.1";
    HOP_AUTO(hop_plan) plain = plan_of(g, &o);
    HOP_AUTO_STR silent = to_json(plain);
    assert_null(strstr(silent, "unsupported"));
    assert_null(strstr(silent, "new_minor"));
}

/* Two nodes and one conditional edge whose risk is given as JSON. */
static hop_plan *plan_with_risk(const char *risk)
{
    hop_error *err = NULL;
    HOP_AUTO(hop_graph) g = hop_graph_new();
    HOP_AUTO_STR json = hop_sprintf(
        "{\"nodes\":[{\"version\":\"4.1.0\"},{\"version\":\"4.1.1\"}],\"edges\":[],"
        "\"conditionalEdges\":[{\"edges\":[{\"from\":\"4.1.0\",\"to\":\"4.1.1\"}],"
        "\"risks\":[%s]}]}",
        risk);
    hop_graph_source source = {.name = "g.json", .channel = "stable-4.1"};
    assert_ok(hop_graph_add(g, json, strlen(json), &source, &err), &err);
    hop_plan_opts o = {.from = "4.1.0", .to = "4.1.1"};
    return plan_of(g, &o);
}

static void outside_text_never_reaches_the_terminal_raw(void **state)
{
    (void)state;
    HOP_AUTO(hop_plan)
    plan =
        plan_with_risk("{\"name\":\"A\\u001b[31m$(x)'\",\"url\":\"javascript:alert(1)"
                       "\\u0007\",\"message\":"
                       "\"m\\u009b2J\\u202e\",\"matchingRules\":[{\"type\":\"T\\u001b\"},"
                       "{\"type\":\"PromQL\","
                       "\"promql\":{\"promql\":\"a\\u001b]0;x\\u0007\\n# b\\u0008\"}}]}");
    HOP_AUTO_STR text = to_text(plan);
    for (const char *p = text; *p; p++)
        assert_true(*p == '\n' || (unsigned char)*p >= ' ');
    assert_null(strstr(text, "\xc2\x9b"));
    assert_null(strstr(text, "\xe2\x80\xae"));
    assert_non_null(strstr(text, "A\\x1b[31m$(x)'"));
    assert_non_null(strstr(text, "  --accept-risk '"));
}

static void queries_keep_their_meaning_when_they_are_wrapped(void **state)
{
    (void)state;
    HOP_AUTO(hop_plan)
    plan = plan_with_risk(
        "{\"name\":\"A\",\"matchingRules\":[{\"type\":\"PromQL\",\"promql\":{\"promql\":"
        "\"label_replace(group(cluster_version{_id=\\\"\\\",type=\\\"initial\\\"}), "
        "\\\"born\\\", "
        "\\\"yes, so it is  a rather long literal with  two blanks\\\", \\\"\\\", "
        "\\\"\\\")\\nor\\n"
        "  0 * group(x) # a comment that is longer than the eighty columns that there "
        "are, but stays\\n"
        "\"}}]}");
    HOP_AUTO_STR text = to_text(plan);
    const char *wanted =
        "      label_replace(group(cluster_version{_id=\"\",type=\"initial\"}), "
        "\"born\",\n"
        "      \"yes, so it is  a rather long literal with  two blanks\", \"\", \"\")\n"
        "      or\n"
        "        0 * group(x) # a comment that is longer than the eighty columns that "
        "there are, "
        "but stays\n";
    assert_non_null(strstr(text, wanted));
}

static void explanations_are_told_in_words(void **state)
{
    (void)state;
    HOP_AUTO(hop_graph) g = graph_of("4.1.0 > 4.1.1; 4.2.0 > 4.2.1");
    hop_plan_opts o = {.from = "4.1.0", .to = "4.2.1"};
    HOP_AUTO(hop_plan) gap = plan_of(g, &o);
    HOP_AUTO_STR text = to_text(gap);
    assert_string_equal(text,
                        "No path from 4.1.0 to 4.2.1 (amd64): no update leads from what "
                        "4.1.0 reaches to\n"
                        "what reaches 4.2.1.\n"
                        "  Channels read: stable-4.1\n"
                        "  The start can reach 1 release: 4.1.1\n"
                        "  The target can be reached from 1 release: 4.2.0\n"
                        "  The nearest release after the start that has a way: 4.2.0\n"
                        "  What stands between:\n"
                        "    4.1.1 to 4.2.1: not offered in any channel that was read\n"
                        "    4.1.0 to 4.2.1: not offered in any channel that was read\n");
    o.to = "4.2.7";
    HOP_AUTO(hop_plan) unknown = plan_of(g, &o);
    HOP_AUTO_STR other = to_text(unknown);
    assert_string_equal(other, "No path from 4.1.0 to 4.2.7 (amd64): 4.2.7 is not in the "
                               "graphs that were read.\n"
                               "  Channels read: stable-4.1\n"
                               "  Nearest to the target: 4.2.1, 4.2.0, 4.1.1, 4.1.0\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_plan_reads_back_as_itself),
        cmocka_unit_test(the_document_has_the_keys_of_the_contract),
        cmocka_unit_test(faulty_plans_are_refused),
        cmocka_unit_test(the_document_names_what_is_unsupported_and_new_minors),
        cmocka_unit_test(text_shows_the_path_the_risks_and_the_flags),
        cmocka_unit_test(outside_text_never_reaches_the_terminal_raw),
        cmocka_unit_test(queries_keep_their_meaning_when_they_are_wrapped),
        cmocka_unit_test(explanations_are_told_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
