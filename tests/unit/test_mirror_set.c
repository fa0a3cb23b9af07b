/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_support.h"

#include "mirror_set.h"

#define HEX "1111111111111111111111111111111111111111111111111111111111111111"

static const char IDMS[] = "apiVersion: config.openshift.io/v1\n"
                           "kind: ImageDigestMirrorSet\n"
                           "metadata: {name: a}\n"
                           "spec:\n"
                           "  imageDigestMirrors:\n"
                           "  - mirrors: [m1:5000/ocp/rel, m1:5000/ocp/all]\n"
                           "    source: quay.io/dev/ocp-release\n"
                           "  - mirrors: [m2]\n"
                           "    source: quay.io\n"
                           "  - mirrors: [m3/x]\n"
                           "    source: quay.io/dev\n"
                           "    mirrorSourcePolicy: NeverContactSource\n"
                           "  - mirrors: [m4/y]\n"
                           "    source: '*.example.com'\n";

static hop_status add(hop_mirror_set *set, const char *text, hop_error **err)
{
    return hop_mirror_set_add_file(set, "set.yaml", text, strlen(text), err);
}

/** The places for an image, joined with spaces. */
static void assert_places(const hop_mirror_set *set, const char *image, const char *want)
{
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO_VALUE(hop_ref) ref = {0};
    assert_ok(hop_ref_parse(image, &ref, &err), &err);
    HOP_AUTO_VALUE(hop_strings) places = {0};
    hop_mirror_set_resolve(set, &ref, &places);
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    for (size_t i = 0; i < places.len; i++)
        hop_buf_addf(&text, "%s%s", i ? " " : "", places.items[i]);
    assert_string_equal(hop_buf_get(&text), want);
}

static void longest_prefix_wins(void **state)
{
    (void)state;
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO(hop_mirror_set) set = hop_mirror_set_new();
    assert_ok(add(set, IDMS, &err), &err);
    assert_int_equal(hop_mirror_set_get_count(set), 4);
    assert_places(set, "quay.io/dev/ocp-release@sha256:" HEX,
                  "m1:5000/ocp/rel m1:5000/ocp/all quay.io/dev/ocp-release");
    /* A prefix ends where a component ends. */
    assert_places(set, "quay.io/dev/ocp-release-nightly@sha256:" HEX,
                  "m3/x/ocp-release-nightly");
    assert_places(set, "quay.io/dev/ocp-release/sub@sha256:" HEX,
                  "m1:5000/ocp/rel/sub m1:5000/ocp/all/sub quay.io/dev/ocp-release/sub");
    assert_places(set, "quay.io/other/app@sha256:" HEX, "m2/other/app quay.io/other/app");
    assert_places(set, "quay.io.evil/dev/ocp-release@sha256:" HEX,
                  "quay.io.evil/dev/ocp-release");
}

static void wildcards(void **state)
{
    (void)state;
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO(hop_mirror_set) set = hop_mirror_set_new();
    assert_ok(add(set, IDMS, &err), &err);
    assert_places(set, "a.b.example.com/p/q@sha256:" HEX, "m4/y/p/q a.b.example.com/p/q");
    assert_places(set, "a.example.com:5000/p@sha256:" HEX, "m4/y/p a.example.com:5000/p");
    assert_places(set, "example.com/p@sha256:" HEX, "example.com/p");
    assert_places(set, "badexample.com/p@sha256:" HEX, "badexample.com/p");
    assert_places(set, "x.io/a.example.com/p@sha256:" HEX, "x.io/a.example.com/p");
}

static void only_digests(void **state)
{
    (void)state;
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO(hop_mirror_set) set = hop_mirror_set_new();
    assert_ok(add(set, IDMS, &err), &err);
    assert_places(set, "quay.io/dev/ocp-release:4.1.0", "quay.io/dev/ocp-release");
    assert_places(NULL, "quay.io/dev/a@sha256:" HEX, "quay.io/dev/a");
}

static void kinds_and_documents(void **state)
{
    (void)state;
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO(hop_mirror_set) set = hop_mirror_set_new();
    assert_ok(add(set,
                  "apiVersion: operator.openshift.io/v1alpha1\n"
                  "kind: ImageContentSourcePolicy\n"
                  "spec:\n"
                  "  repositoryDigestMirrors:\n"
                  "  - {source: a.io/x, mirrors: [m1/x]}\n"
                  "---\n"
                  "apiVersion: config.openshift.io/v1\n"
                  "kind: ImageTagMirrorSet\n"
                  "---\n"
                  "apiVersion: v1\n"
                  "kind: List\n"
                  "items:\n"
                  "- apiVersion: config.openshift.io/v1\n"
                  "  kind: ImageDigestMirrorSet\n"
                  "  spec:\n"
                  "    imageDigestMirrors:\n"
                  "    - {source: a.io/x, mirrors: [m2/x, m1/x]}\n",
                  &err),
              &err);
    assert_int_equal(hop_mirror_set_get_ignored(set), 1);
    assert_int_equal(hop_mirror_set_get_count(set), 1);
    assert_places(set, "a.io/x@sha256:" HEX, "m1/x m2/x a.io/x");
    assert_ok(add(set,
                  "{\"apiVersion\":\"config.openshift.io/v1\","
                  "\"kind\":\"ImageDigestMirrorSet\",\"spec\":{\"imageDigestMirrors\":"
                  "[{\"source\":\"a.io/x\",\"mirrors\":[\"m3/x\"],"
                  "\"mirrorSourcePolicy\":\"NeverContactSource\"}]}}",
                  &err),
              &err);
    assert_places(set, "a.io/x@sha256:" HEX, "m1/x m2/x m3/x");
}

static void malformed_sets(void **state)
{
    (void)state;
    static const struct {
        const char *entry, *part;
    } CASES[] = {
        {"{source: 'A B', mirrors: [m/x]}", "a source must be"},
        {"{source: '*', mirrors: [m/x]}", "a source must be"},
        {"{source: 'a.io/x:tag', mirrors: [m/x]}", "a source must be"},
        {"{mirrors: [m/x]}", "source"},
        {"{source: a.io/x, mirrors: ['m/x;y']}", "a mirror must be"},
        {"{source: a.io/x, mirrors: [[m]]}", "a mirror must be"},
        {"{source: a.io/x, mirrors: m}", "mirrors"},
        {"{source: a.io/x, mirrorSourcePolicy: Sometimes}", "mirrorSourcePolicy"},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(CASES); i++) {
        HOP_AUTO(hop_error) err = NULL;
        HOP_AUTO(hop_mirror_set) set = hop_mirror_set_new();
        HOP_AUTO_STR text = hop_sprintf("apiVersion: config.openshift.io/v1\n"
                                        "kind: ImageDigestMirrorSet\n"
                                        "spec:\n"
                                        "  imageDigestMirrors:\n"
                                        "  - {source: good.io/x, mirrors: [m/x]}\n"
                                        "  - %s\n",
                                        CASES[i].entry);
        assert_fails(add(set, text, &err), &err, HOP_E_PARSE, CASES[i].part);
        assert_int_equal(hop_mirror_set_get_count(set), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(longest_prefix_wins), cmocka_unit_test(wildcards),
        cmocka_unit_test(only_digests),        cmocka_unit_test(kinds_and_documents),
        cmocka_unit_test(malformed_sets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
