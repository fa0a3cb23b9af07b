/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_support.h"

#include "hop_oci.h"

#define D1 "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define D2 "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define IMAGE(type, n)                                                                   \
    "{\"schemaVersion\":2," type "\"config\":{\"mediaType\":\"" HOP_TYPE_DOCKER_CONFIG   \
    "\",\"size\":10,\"digest\":\"" D1 "\"},\"layers\":[{\"mediaType\":\"x\",\"size\":" n \
    ",\"digest\":\"" D2 "\"}]}"

static hop_status parse(const char *text, const char *type, hop_manifest *m,
                        hop_error **err)
{
    return hop_manifest_parse(text, strlen(text), type, "m", m, err);
}

static void an_image(void **state)
{
    (void)state;
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO_VALUE(hop_manifest) m = {0};
    assert_ok(parse(IMAGE("\"mediaType\":\"" HOP_TYPE_DOCKER_MANIFEST "\",", "32"), NULL,
                    &m, &err),
              &err);
    assert_int_equal(m.kind, HOP_MANIFEST_IMAGE);
    assert_string_equal(m.media_type, HOP_TYPE_DOCKER_MANIFEST);
    assert_int_equal(m.layer_count, 1);
    assert_string_equal(m.layers[0].digest.text, D2);
    assert_int_equal(hop_manifest_get_size(&m), 42);
}

static void the_type_comes_from_body_then_server_then_shape(void **state)
{
    (void)state;
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO_VALUE(hop_manifest) a = {0};
    assert_ok(parse(IMAGE("\"mediaType\":\"" HOP_TYPE_OCI_MANIFEST "\",", "1"),
                    HOP_TYPE_DOCKER_LIST, &a, &err),
              &err);
    assert_string_equal(a.media_type, HOP_TYPE_OCI_MANIFEST);
    HOP_AUTO_VALUE(hop_manifest) b = {0};
    assert_ok(parse(IMAGE("", "1"), "text/plain", &b, &err), &err);
    assert_string_equal(b.media_type, HOP_TYPE_OCI_MANIFEST);
    HOP_AUTO_VALUE(hop_manifest) c = {0};
    assert_ok(parse("{\"schemaVersion\":2,\"manifests\":[]}", NULL, &c, &err), &err);
    assert_string_equal(c.media_type, HOP_TYPE_OCI_INDEX);
    assert_int_equal(c.kind, HOP_MANIFEST_LIST);
}

static void a_list_keeps_order_and_platforms(void **state)
{
    (void)state;
    static const char text[] =
        "{\"schemaVersion\":2,\"mediaType\":\"" HOP_TYPE_DOCKER_LIST "\",\"manifests\":["
        "{\"mediaType\":\"" HOP_TYPE_DOCKER_MANIFEST "\",\"size\":3,\"digest\":\"" D2
        "\",\"platform\":{\"os\":\"linux\",\"architecture\":\"arm64\"}},"
        "{\"mediaType\":\"" HOP_TYPE_DOCKER_MANIFEST "\",\"size\":3,\"digest\":\"" D1
        "\"}]}";
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO_VALUE(hop_manifest) m = {0};
    assert_ok(parse(text, NULL, &m, &err), &err);
    assert_int_equal(m.layer_count, 2);
    assert_string_equal(m.layers[0].architecture, "arm64");
    assert_null(m.layers[1].architecture);
    assert_int_equal(hop_manifest_get_size(&m), 0);
}

static void refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *why;
    } cases[] = {
        {"<html>", "m:1:1"},
        {"{\"schemaVersion\":1,\"fsLayers\":[]}", "schemaVersion 1"},
        {"{\"schemaVersion\":2,\"mediaType\":\"text/x\"}", "no image manifest"},
        {"{\"schemaVersion\":2,\"config\":{}}", "config.mediaType: missing"},
        {"{\"schemaVersion\":2,\"layers\":[],\"manifests\":[]}",
         "an image and a list at once"},
        {"{\"schemaVersion\":2,\"config\":{},\"manifests\":[]}",
         "an image and a list at once"},
        {IMAGE("", "-1"), "not negative"},
        {IMAGE("", "\"1\""), "expected a whole number"},
        {"{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"x\",\"size\":1,"
         "\"digest\":\"sha256:../../x\"}]}",
         "manifests[0]: \"sha256:../../x\" is no digest"},
    };
    HOP_AUTO(hop_error) err = NULL;
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        hop_manifest m = {0};
        assert_fails(parse(cases[i].text, NULL, &m, &err), &err, HOP_E_PARSE,
                     cases[i].why);
        assert_null(m.layers);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_image),
        cmocka_unit_test(the_type_comes_from_body_then_server_then_shape),
        cmocka_unit_test(a_list_keeps_order_and_platforms),
        cmocka_unit_test(refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
