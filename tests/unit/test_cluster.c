/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ClusterVersion object, and the flags that it stands for. */
#include "test_support.h"

#include "cluster.h"

#define CV(spec, status) \
    "{\"kind\":\"ClusterVersion\",\"spec\":{" spec "},\"status\":{" status "}}"
#define DESIRED "\"desired\":{\"version\":\"4.16.3\",\"image\":\"r/x@sha256:0\"}"
#define ACCEPTED(arch)                                                               \
    "\"conditions\":[{\"type\":\"ReleaseAccepted\",\"status\":\"True\",\"message\":" \
    "\"Payload loaded version=\\\"4.16.3\\\" image=\\\"r/x@sha256:0\\\" "            \
    "architecture=\\\"" arch "\\\"\"}]"

static void it_says_version_channel_and_architecture(void **state)
{
    (void)state;
    static const struct {
        const char *text, *version, *arch, *channel;
    } cases[] = {
        {CV("\"channel\":\"eus-4.16\"", DESIRED "," ACCEPTED("arm64")), "4.16.3", "arm64",
         "eus-4.16"},
        {CV("", DESIRED "," ACCEPTED("Multi")), "4.16.3", "multi", NULL},
        {CV("\"channel\":\"\"", DESIRED), "4.16.3", NULL, NULL},
        {CV("",
            "\"desired\":{\"version\":\"4.16.3\",\"architecture\":\"Multi\"}," ACCEPTED(
                "amd64")),
         "4.16.3", "multi", NULL},
        {"{\"kind\":\"List\",\"items\":[" CV("\"channel\":\"stable-4.16\"", DESIRED) "]}",
         "4.16.3", NULL, "stable-4.16"},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        hop_error *err = NULL;
        HOP_AUTO_VALUE(hop_cluster) c = {0};
        assert_ok(
            hop_cluster_parse(cases[i].text, strlen(cases[i].text), "cv.json", &c, &err),
            &err);
        assert_string_equal(c.version, cases[i].version);
        assert_string_equal(c.arch ? c.arch : "", cases[i].arch ? cases[i].arch : "");
        assert_string_equal(c.channel ? c.channel : "",
                            cases[i].channel ? cases[i].channel : "");
        assert_null(c.updating_from);
        assert_null(c.refusal);
    }
}

static void it_says_what_is_under_way_and_what_is_refused(void **state)
{
    (void)state;
    hop_error *err = NULL;
    HOP_AUTO_VALUE(hop_cluster) c = {0};
    static const char text[] =
        CV("", DESIRED ",\"history\":[{\"state\":\"Partial\",\"version\":\"4.16.3\"},"
                       "{\"state\":\"Completed\",\"version\":\"4.15.9\"}],"
                       "\"conditions\":[{\"type\":\"Upgradeable\",\"status\":\"False\","
                       "\"message\":\"acknowledge first\"}]");
    assert_ok(hop_cluster_parse(text, strlen(text), "cv.json", &c, &err), &err);
    assert_string_equal(c.updating_from, "4.15.9");
    assert_string_equal(c.refusal, "acknowledge first");
}

static void other_documents_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"[]", "expected a ClusterVersion"},
        {"{}", "kind \"\" is no ClusterVersion"},
        {"{\"kind\":\"Pod\"}", "kind \"Pod\""},
        {"{\"kind\":\"List\",\"items\":[]}", "0 objects"},
        {"{\"kind\":\"ClusterVersion\"}", "status.desired.version is missing"},
        {CV("", "\"desired\":{\"version\":\"\"}"), "status.desired.version is missing"},
        {CV("", "\"desired\":{\"version\":\"four\"}"), "status.desired.version"},
        {CV("\"channel\":\"a;b\"", DESIRED), "is no channel name"},
        {CV("", DESIRED ",\"conditions\":[{}]"), "conditions[0].type"},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        hop_error *err = NULL;
        hop_cluster c = {0};
        assert_fails(
            hop_cluster_parse(cases[i].text, strlen(cases[i].text), "cv.json", &c, &err),
            &err, HOP_E_PARSE, cases[i].message);
        assert_null(c.version);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_says_version_channel_and_architecture),
        cmocka_unit_test(it_says_what_is_under_way_and_what_is_refused),
        cmocka_unit_test(other_documents_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
