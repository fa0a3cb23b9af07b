/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_support.h"

#include "archive_fixture.h"
#include "release.h"

#define HEX "2222222222222222222222222222222222222222222222222222222222222222"
#define IMAGE "quay.io/dev/art@sha256:" HEX

static const char STREAM[] =
    "{\"kind\":\"ImageStream\",\"apiVersion\":\"image.openshift.io/v1\","
    "\"metadata\":{\"name\":\"4.16.3\"},\"spec\":{\"tags\":["
    "{\"name\":\"etcd\",\"from\":{\"kind\":\"DockerImage\",\"name\":\"" IMAGE "\"}},"
    "{\"name\":\"nothing\"},"
    "{\"name\":\"alias\",\"from\":{\"kind\":\"ImageStreamTag\",\"name\":\"x\"}},"
    "{\"name\":\"cli\",\"from\":{\"kind\":\"DockerImage\",\"name\":\"" IMAGE "\"}}]}}";
static const char METADATA[] = "{\"kind\":\"cincinnati-metadata-v0\",\"version\":\"4.16."
                               "3\",\"previous\":[\"4.16.2\"],"
                               "\"metadata\":{\"url\":\"https://e/1\",\"n\":7}}";
static const char GATES[] = "apiVersion: v1\n"
                            "kind: ConfigMap\n"
                            "metadata:\n"
                            "  name: admin-gates\n"
                            "  namespace: openshift-config-managed\n"
                            "data:\n"
                            "  ack-4.16-z: second\n"
                            "  ack-4.16-a: |\n"
                            "    first\n"
                            "  ack-4.16-: no topic\n"
                            "  ack-4.1-x: other minor\n";
static const char KEYS[] = "---\n"
                           "kind: Namespace\n"
                           "---\n"
                           "kind: ConfigMap\n"
                           "metadata:\n"
                           "  name: release-verification\n"
                           "  annotations:\n"
                           "    release.openshift.io/verification-config-map: ''\n"
                           "data:\n"
                           "  verifier-public-key-b: KEY B\n"
                           "  verifier-public-key-a: KEY A\n"
                           "  store-google: https://g/s\n"
                           "  release-repository-default: old\n";

static void add_layer(hop_payload *p, test_tar *t)
{
    HOP_AUTO(hop_error) err = NULL;
    uint64_t size = 0;
    HOP_AUTO_FD fd = test_tar_end(t, &size);
    assert_ok(hop_payload_add_layer(p, fd, size, &err), &err);
}

static test_tar top_layer(void)
{
    test_tar t = test_tar_begin(TEST_TAR_GZIP);
    test_tar_add_directory(&t, "release-manifests/");
    test_tar_add(&t, "release-manifests/image-references", STREAM);
    test_tar_add(&t, "release-manifests/release-metadata", METADATA);
    return t;
}

static void a_real_shape(void **state)
{
    (void)state;
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO(hop_payload) p = hop_payload_new();
    assert_false(hop_payload_has_references(p));
    test_tar t = top_layer();
    test_tar_add(&t, "release-manifests/0000_90_keys_configmap.yaml", KEYS);
    add_layer(p, &t);
    assert_true(hop_payload_has_references(p));
    assert_true(hop_payload_has_metadata(p));
    assert_false(hop_payload_has_manifests(p));
    t = test_tar_begin(TEST_TAR_ZSTD);
    test_tar_add(&t, "usr/bin/operator", "binary admin-gates");
    test_tar_add(&t, "./manifests/0000_00_gates.yaml", GATES);
    add_layer(p, &t);
    assert_true(hop_payload_has_manifests(p));

    HOP_AUTO_VALUE(hop_release_info) info = {0};
    assert_ok(hop_payload_read(p, "x", &info, &err), &err);
    assert_string_equal(info.version, "4.16.3");
    assert_string_equal(info.metadata_version, "4.16.3");
    assert_null(info.metadata_arch);
    assert_true(hop_release_info_lists(&info, "previous", "4.16.2"));
    assert_false(hop_release_info_lists(&info, "previous", "4.16.3"));
    assert_false(hop_release_info_lists(&info, "next", "4.16.2"));
    assert_string_equal(info.url, "https://e/1");
    assert_int_equal(info.component_count, 2);
    assert_string_equal(info.components[0].name, "etcd");
    assert_string_equal(info.components[1].name, "cli");
    assert_string_equal(info.components[1].image.repository, "dev/art");
    assert_int_equal(info.gate_count, 3);
    assert_string_equal(info.gates[0].key, "ack-4.1-x");
    assert_string_equal(info.gates[1].key, "ack-4.16-a");
    assert_string_equal(info.gates[1].text, "first\n");
    assert_true(hop_gate_is_for(&info.gates[1], "4.16.3"));
    assert_false(hop_gate_is_for(&info.gates[0], "4.16.3"));
    assert_true(hop_gate_is_for(&info.gates[0], "4.1.0-rc.1"));
    assert_int_equal(info.unreadable.len, 1); /* the gate without a topic */
    assert_int_equal(info.key_count, 2);
    assert_string_equal(info.keys[0].data, "KEY A");
    assert_int_equal(info.stores.len, 1);
    assert_string_equal(info.stores.items[0], "https://g/s");
}

static void the_top_layer_wins(void **state)
{
    (void)state;
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO(hop_payload) p = hop_payload_new();
    test_tar t = top_layer();
    test_tar_add(&t, "manifests/.wh.gone.yaml", "");
    test_tar_add_link(&t, "manifests/linked.yaml", "elsewhere");
    test_tar_add(&t, "manifests/changed.yaml", "kind: Other # admin-gates\n");
    add_layer(p, &t);
    t = test_tar_begin(TEST_TAR_PLAIN);
    test_tar_add(&t, "release-manifests/image-references", "{}");
    test_tar_add(&t, "manifests/gone.yaml", GATES);
    test_tar_add(&t, "manifests/linked.yaml", GATES);
    test_tar_add(&t, "manifests/changed.yaml", GATES);
    test_tar_add(&t, "manifests/deeper/gates.yaml", GATES);
    add_layer(p, &t);
    HOP_AUTO_VALUE(hop_release_info) info = {0};
    assert_ok(hop_payload_read(p, "x", &info, &err), &err);
    assert_int_equal(info.gate_count, 0);
    assert_int_equal(info.component_count, 2);
}

static void whiteouts_hide_what_is_below_only(void **state)
{
    (void)state;
    static const char *const HIDERS[] = {"manifests/.wh..wh..opq", ".wh.manifests"};
    for (size_t i = 0; i < HOP_COUNT_OF(HIDERS); i++) {
        HOP_AUTO(hop_error) err = NULL;
        HOP_AUTO(hop_payload) p = hop_payload_new();
        test_tar t = top_layer();
        test_tar_add(&t, HIDERS[i], "");
        test_tar_add(&t, "manifests/kept.yaml", KEYS);
        add_layer(p, &t);
        t = test_tar_begin(TEST_TAR_PLAIN);
        test_tar_add(&t, "manifests/gates.yaml", GATES);
        add_layer(p, &t);
        HOP_AUTO_VALUE(hop_release_info) info = {0};
        assert_ok(hop_payload_read(p, "x", &info, &err), &err);
        assert_int_equal(info.key_count, 2);
        assert_int_equal(info.gate_count, 0);
        assert_false(hop_payload_has_manifests(p));
    }
}

static void the_last_member_of_a_layer_wins(void **state)
{
    (void)state;
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO(hop_payload) p = hop_payload_new();
    test_tar t = test_tar_begin(TEST_TAR_GZIP);
    test_tar_add(&t, "release-manifests/image-references", "{}");
    test_tar_add(&t, "release-manifests/image-references", STREAM);
    add_layer(p, &t);
    assert_false(hop_payload_has_references(p)); /* release-metadata is still missing */
    assert_false(hop_payload_has_metadata(p));
    HOP_AUTO_VALUE(hop_release_info) info = {0};
    assert_ok(hop_payload_read(p, "x", &info, &err), &err);
    assert_null(info.metadata_version);
    assert_ok(hop_release_info_check(&info, "4.16.3", "multi", &err), &err);
}

static void a_manifest_that_cannot_be_read_is_named(void **state)
{
    (void)state;
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO(hop_payload) p = hop_payload_new();
    test_tar t = top_layer();
    test_tar_add(&t, "manifests/bad.yaml", "a: [admin-gates\n");
    test_tar_add(&t, "manifests/unrelated.yaml", "a: [\n");
    HOP_AUTO_STR large = hop_alloc(2 * HOP_MIB, 1);
    memset(large, ' ', 2 * HOP_MIB - 1);
    test_tar_add(&t, "manifests/large.yaml", large);
    add_layer(p, &t);
    HOP_AUTO_VALUE(hop_release_info) info = {0};
    assert_ok(hop_payload_read(p, "x", &info, &err), &err);
    assert_int_equal(info.unreadable.len, 1);
    assert_non_null(strstr(info.unreadable.items[0], "manifests/bad.yaml"));
}

static void read_stream(const char *text, hop_status want, const char *part)
{
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO(hop_payload) p = hop_payload_new();
    test_tar t = test_tar_begin(TEST_TAR_PLAIN);
    test_tar_add(&t, "release-manifests/image-references", text);
    add_layer(p, &t);
    HOP_AUTO_VALUE(hop_release_info) info = {0};
    assert_fails(hop_payload_read(p, "x", &info, &err), &err, want, part);
    assert_null(info.version);
}

static void malformed_references(void **state)
{
    (void)state;
    static const struct {
        const char *api, *kind, *version, *tags, *part;
    } CASES[] = {
        {"v1", "ImageStream", "4.1.0", "[]", "apiVersion"},
        {"image.openshift.io/v1", "ImageStreamTag", "4.1.0", "[]", "kind"},
        {"image.openshift.io/v1", "ImageStream", "../x", "[]", "no release version"},
        {"image.openshift.io/v1", "ImageStream", "4.1.0", "[]", "no tag names an image"},
        {"image.openshift.io/v1", "ImageStream", "4.1.0", "{}", "spec.tags"},
        {"image.openshift.io/v1", "ImageStream", "4.1.0",
         "[{\"name\":\"a\",\"from\":{\"kind\":\"DockerImage\",\"name\":\"q.io/a:1\"}}]",
         "not pinned by digest"},
        {"image.openshift.io/v1", "ImageStream", "4.1.0",
         "[{\"name\":\"a\",\"from\":{\"kind\":\"DockerImage\",\"name\":\"q.io/"
         "a:1@sha256:" HEX "\"}}]",
         "not pinned by digest"},
        {"image.openshift.io/v1", "ImageStream", "4.1.0",
         "[{\"name\":\"a/b\",\"from\":{\"kind\":\"DockerImage\",\"name\":\"" IMAGE
         "\"}}]",
         "no component name"},
        {"image.openshift.io/v1", "ImageStream", "4.1.0",
         "[{\"name\":\"a\",\"from\":{\"kind\":\"DockerImage\",\"name\":\"" IMAGE
         "\"}},{\"name\":\"a\",\"from\":{\"kind\":\"DockerImage\",\"name\":\"" IMAGE
         "\"}}]",
         "twice"},
        {"image.openshift.io/v1", "ImageStream", "4.1.0",
         "[{\"name\":\"a\",\"from\":{\"kind\":\"DockerImage\"}}]", "name"},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(CASES); i++) {
        HOP_AUTO_STR text = hop_sprintf(
            "{\"apiVersion\":\"%s\",\"kind\":\"%s\",\"metadata\":{\"name\":\"%s\"},"
            "\"spec\":{\"tags\":%s}}",
            CASES[i].api, CASES[i].kind, CASES[i].version, CASES[i].tags);
        read_stream(text, HOP_E_PARSE, CASES[i].part);
    }
    read_stream("", HOP_E_PARSE, "image-references");
}

static void nothing_found(void **state)
{
    (void)state;
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO(hop_payload) p = hop_payload_new();
    test_tar t = test_tar_begin(TEST_TAR_GZIP);
    test_tar_add(&t, "etc/passwd", "x");
    test_tar_add_link(&t, "release-manifests/image-references", "/etc/passwd");
    add_layer(p, &t);
    HOP_AUTO_VALUE(hop_release_info) info = {0};
    assert_fails(hop_payload_read(p, "x", &info, &err), &err, HOP_E_NOT_FOUND,
                 "image-references");
}

static void what_was_planned(void **state)
{
    (void)state;
    static const struct {
        const char *version, *metadata_version, *metadata_arch, *asked, *arch, *part;
    } CASES[] = {
        {"4.1.0", "4.1.0", NULL, "4.1.0", "amd64", NULL},
        {"4.1.0", "4.1.0", "multi", "4.1.0", "multi", NULL},
        {"4.1.0", NULL, NULL, "4.1.0", "arm64", NULL},
        {"4.1.0", "4.1.0", NULL, "4.1.1", "amd64", "image-references"},
        {"4.1.1", "4.1.0", NULL, "4.1.1", "amd64", "release-metadata"},
        {"4.1.0", "4.1.0", "multi", "4.1.0", "amd64", "architecture is multi, not amd64"},
        {"4.1.0", "4.1.0", "x86_64", "4.1.0", "amd64", NULL},
        {"4.1.0", "4.1.0", "vax", "4.1.0", "amd64", "architecture is vax"},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(CASES); i++) {
        HOP_AUTO(hop_error) err = NULL;
        HOP_AUTO_VALUE(hop_release_info)
        info = {.version = hop_strdup(CASES[i].version),
                .metadata_version = hop_strdup(CASES[i].metadata_version),
                .metadata_arch = hop_strdup(CASES[i].metadata_arch)};
        hop_status s = hop_release_info_check(&info, CASES[i].asked, CASES[i].arch, &err);
        if (CASES[i].part)
            assert_fails(s, &err, HOP_E_DIGEST, CASES[i].part);
        else
            assert_ok(s, &err);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_real_shape),
        cmocka_unit_test(the_top_layer_wins),
        cmocka_unit_test(whiteouts_hide_what_is_below_only),
        cmocka_unit_test(the_last_member_of_a_layer_wins),
        cmocka_unit_test(a_manifest_that_cannot_be_read_is_named),
        cmocka_unit_test(malformed_references),
        cmocka_unit_test(nothing_found),
        cmocka_unit_test(what_was_planned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
