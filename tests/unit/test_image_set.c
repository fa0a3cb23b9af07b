/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading an ImageSetConfiguration. */
#include "test_support.h"

#include "image_set.h"

#define V2 "apiVersion: mirror.openshift.io/v2alpha1\nkind: ImageSetConfiguration\n"
#define V1 "apiVersion: mirror.openshift.io/v1alpha2\nkind: ImageSetConfiguration\n"

static hop_status parse(const char *text, hop_image_set *out, hop_error **err)
{
    return hop_image_set_parse(text, strlen(text), "isc.yaml", out, err);
}

static void all_that_is_known(void **state)
{
    (void)state;
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO_VALUE(hop_image_set) set = {0};
    assert_ok(parse(V2 "archiveSize: 4\n"
                       "mirror:\n"
                       "  platform:\n"
                       "    graph: true\n"
                       "    architectures: [amd64, aarch64, amd64]\n"
                       "    channels:\n"
                       "    - name: stable-4.16\n"
                       "      type: ocp\n"
                       "      minVersion: 4.16.5\n"
                       "      maxVersion: '4.16.20'\n"
                       "      shortestPath: yes\n"
                       "    - {name: stable-4, type: okd, full: true}\n"
                       "    kubeVirtContainer: true\n"
                       "  operators:\n"
                       "  - catalog: registry.example.com/index:v4.16\n"
                       "    anything: {is: passed over}\n"
                       "  additionalImages: []\n"
                       "  helm: {}\n"
                       "  blockedImages: [{name: x}]\n"
                       "  samples:\n",
                    &set, &err),
              &err);
    assert_int_equal(set.channel_count, 2);
    assert_string_equal(set.channels[0].name, "stable-4.16");
    assert_string_equal(set.channels[0].min, "4.16.5");
    assert_string_equal(set.channels[0].max, "4.16.20");
    assert_true(set.channels[0].is_shortest_path);
    assert_false(set.channels[0].is_full);
    assert_int_equal(set.channels[0].line, 9);
    assert_int_equal(set.channels[1].type, HOP_PLATFORM_OKD);
    assert_true(set.channels[1].is_full);
    assert_null(set.channels[1].min);
    assert_true(set.has_graph);
    assert_int_equal(set.archs.len, 2);
    assert_string_equal(set.archs.items[1], "arm64");
    assert_int_equal(set.unhandled.len, 3);
    assert_string_equal(set.unhandled.items[0],
                        "mirror.platform.kubeVirtContainer (line 15)");
    assert_string_equal(set.unhandled.items[1], "mirror.operators (line 16)");
    assert_string_equal(set.unhandled.items[2], "mirror.blockedImages (line 21)");
    assert_int_equal(set.notes.len, 1);
}

static void the_older_version(void **state)
{
    (void)state;
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO_VALUE(hop_image_set) set = {0};
    assert_ok(parse(V1 "storageConfig: {local: {path: /tmp/x}}\n"
                       "mirror: {platform: {channels: [{name: eus-4.14}]}}\n",
                    &set, &err),
              &err);
    assert_int_equal(set.channel_count, 1);
    assert_false(set.has_graph);
    assert_int_equal(set.notes.len, 1);
}

static void one_payload(void **state)
{
    (void)state;
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO_VALUE(hop_image_set) set = {0};
    assert_ok(
        parse(V2 "mirror: {platform: {release: quay.io/dev/rel:4.16.3-x86_64, "
                 "channels: [{name: stable-4.16}], platforms: [{os: linux, architecture: "
                 "s390x}]}}\n",
              &set, &err),
        &err);
    assert_string_equal(set.release, "quay.io/dev/rel:4.16.3-x86_64");
    assert_int_equal(set.archs.len, 1);
    assert_string_equal(set.archs.items[0], "multi");
    assert_int_equal(set.notes.len, 2);
}

#define PLATFORM V2 "mirror:\n  platform:\n"
#define CHANNEL PLATFORM "    channels:\n    - name: stable-4.16\n"

static const struct {
    const char *text, *says;
} REJECTED[] = {
    {"", "expected one document"},
    {V2 "mirror: {}\n---\n" V2, "expected one document, found 2"},
    {"- a\n", "\"apiVersion\" is missing"},
    {"apiVersion: mirror.openshift.io/v1alpha3\nkind: ImageSetConfiguration\n",
     "isc.yaml:1: apiVersion must be"},
    {"apiVersion: v2alpha1\nkind: ImageSetConfiguration\n", "apiVersion must be"},
    {"apiVersion: mirror.openshift.io/v2alpha1\nkind: DeleteImageSetConfiguration\n",
     "isc.yaml:2: kind must be"},
    {V2, "isc.yaml:1: mirror.platform names neither"},
    {PLATFORM "    graph: true\n", "names neither channels nor a release"},
    {V2 "mirrors: {}\n", "isc.yaml:3: unknown key \"mirrors\""},
    {V2 "mirror: {Platform: {}}\n", "it is spelled \"platform\""},
    {V2 "storageConfig: {}\n", "\"storageConfig\" is a key of "
                               "mirror.openshift.io/v1alpha2 only"},
    {V1 "mirror: {platform: {release: a.b/c:d}}\n",
     "\"release\" is a key of mirror.openshift.io/v2alpha1 only"},
    {PLATFORM "    channel: []\n", "isc.yaml:5: unknown key \"channel\""},
    {PLATFORM "    channel:\n    - name: stable-4.16\n",
     "isc.yaml:5: unknown key \"channel\""},
    {PLATFORM "    graph: \"true\"\n", "isc.yaml:5: expected true or false"},
    {PLATFORM "    architectures: [amd64, sparc]\n", "an architecture is amd64"},
    {PLATFORM "    architectures: amd64\n", "architectures must be a list"},
    {PLATFORM "    platforms: [{os: windows, architecture: amd64}]\n",
     "a platform is {os: linux"},
    {PLATFORM "    architectures: [arm64]\n"
              "    platforms: [{os: linux, architecture: amd64}]\n",
     "isc.yaml:6: platforms and architectures exclude each other"},
    {PLATFORM "    release: quay.io/dev/rel\n", "with a tag or a digest"},
    {PLATFORM "    channels: {name: stable-4.16}\n", "channels must be a list"},
    {PLATFORM "    channels: [stable-4.16]\n", "a channel must be a mapping"},
    {PLATFORM "    channels: [{type: ocp}]\n", "the channel has no \"name\""},
    {PLATFORM "    channels: [{name: \"a b\"}]\n", "is no channel name"},
    {CHANNEL "    - name: stable-4.16\n", "channel stable-4.16 stands at line 6 already"},
    {CHANNEL "      type: OKD\n", "isc.yaml:7: type must be ocp or okd"},
    {CHANNEL "      minVersion: 4.16\n", "isc.yaml:7:"},
    {CHANNEL "      minVersion: [4.16.1]\n", "isc.yaml:7: expected a text"},
    {CHANNEL "      minVersion: 4.16.10\n      maxVersion: 4.16.9\n",
     "isc.yaml:6: minVersion 4.16.10 is above maxVersion 4.16.9"},
    {CHANNEL "      shortestpath: true\n",
     "isc.yaml:7: unknown key \"shortestpath\": it is spelled \"shortestPath\""},
    {V2 "mirror: &a {}\n", "anchors are not accepted"},
};

static void what_does_not_fit_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < HOP_COUNT_OF(REJECTED); i++) {
        HOP_AUTO(hop_error) err = NULL;
        HOP_AUTO_VALUE(hop_image_set) set = {0};
        assert_fails(parse(REJECTED[i].text, &set, &err), &err, HOP_E_PARSE,
                     REJECTED[i].says);
        assert_int_equal(set.channel_count, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_that_is_known),
        cmocka_unit_test(the_older_version),
        cmocka_unit_test(one_payload),
        cmocka_unit_test(what_does_not_fit_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
