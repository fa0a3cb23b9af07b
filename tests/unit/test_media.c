/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_support.h"

#include "hop_media.h"

#define HEX1 "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define HEX2 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define D1 ((hop_digest){"sha256:" HEX1})
#define D2 ((hop_digest){"sha256:" HEX2})

/* One release with a component, its payload and all kinds of files. */
static void fill(hop_media *m)
{
    m->repository = hop_strdup("ocp4/openshift4");
    m->release_repository = hop_strdup("ocp4/openshift4-release-images");
    m->graph_data_repository = hop_strdup("ocp4/graph-data");
    hop_media_release *r = hop_media_add_release(m, "4.16.3", "amd64", &D1);
    r->source = hop_strdup("quay.io/org/release@"
                           "sha256:" HEX1);
    r->url = hop_strdup("https://example.com/errata");
    hop_strings_add(&r->channels, "stable-4.16");
    r->has_components = true;
    r->is_complete = true;
    hop_media_image *image = hop_media_add_image(m, HOP_MEDIA_COMPONENT, "etcd", &D2);
    image->release = hop_strdup("4.16.3");
    image->arch = hop_strdup("amd64");
    image->source = hop_strdup("quay.io/org/dev@"
                               "sha256:" HEX2);
    image->media_type = hop_strdup(HOP_TYPE_DOCKER_MANIFEST);
    image->size_bytes = 7;
    hop_media_image_add_destination(image, HOP_MEDIA_COMPONENTS, "4.16.3-x86_64-etcd");
    image = hop_media_add_image(m, HOP_MEDIA_PAYLOAD, "payload", &D1);
    image->release = hop_strdup("4.16.3");
    image->arch = hop_strdup("amd64");
    image->source = hop_strdup("quay.io/org/release@"
                               "sha256:" HEX1);
    image->media_type = hop_strdup(HOP_TYPE_DOCKER_MANIFEST);
    image->size_bytes = 9;
    hop_media_image_add_destination(image, HOP_MEDIA_RELEASES, "4.16.3-x86_64");
    hop_media_image_add_destination(image, HOP_MEDIA_COMPONENTS, "4.16.3-x86_64");
    hop_media_items_add(&m->manifests, &D2, 7);
    hop_media_items_add(&m->omitted, &D1, 0);
    m->base = hop_digest_of("x", 1);
    hop_media_files_add(&m->files, "plan-amd64.json", "{}", 2);
    hop_media_files_add(&m->files, "graphs/stable-4.16-amd64.json", "[]", 2);
    hop_media_files_add(&m->files, HOP_MEDIA_GRAPH_DATA, "abc", 3);
    hop_strings_add(&m->plans, "plan-amd64.json");
    hop_media_add_graph(m, "stable-4.16", "amd64", "graphs/stable-4.16-amd64.json");
    m->graph_data = hop_strdup(HOP_MEDIA_GRAPH_DATA);
    m->graph_data_tree = D2;
    HOP_AUTO_STR signature = hop_media_signature_path(&D1, 1);
    hop_media_files_add(&m->files, signature, "sig", 3);
    hop_media_add_signature(m, &D1, signature);
}

static void a_document_comes_back_as_it_was(void **state)
{
    (void)state;
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO_VALUE(hop_media) m = {0};
    HOP_AUTO_VALUE(hop_media) back = {0};
    HOP_AUTO_VALUE(hop_buf) first = hop_buf_init(HOP_BUF_TEXT);
    HOP_AUTO_VALUE(hop_buf) second = hop_buf_init(HOP_BUF_TEXT);
    fill(&m);
    hop_media_write(&m, &first);
    assert_ok(hop_media_parse(hop_buf_get(&first), first.len, "m", &back, &err), &err);
    hop_media_write(&back, &second);
    assert_string_equal(hop_buf_get(&first), hop_buf_get(&second));
    assert_true(hop_media_is_complete(&back));
    assert_int_equal(back.image_count, 2);
    assert_int_equal(back.images[1].destination_count, 2);
    assert_int_equal(back.images[1].destinations[1].place, HOP_MEDIA_COMPONENTS);
    assert_string_equal(back.releases[0].channels.items[0], "stable-4.16");
    assert_true(hop_media_items_has(&back.omitted, &D1));
    assert_false(hop_media_items_has(&back.omitted, &D2));
    assert_int_equal(back.signature_count, 1);
    assert_string_equal(back.signatures[0].files.items[0],
                        "signatures/sha256-" HEX1 "/signature-1");
    assert_int_equal(hop_media_files_find(&back.files, HOP_MEDIA_GRAPH_DATA)->size_bytes,
                     3);
    assert_string_equal(back.files.items[2].sha256, HEX1);
    assert_string_equal(back.graph_data_tree.text, D2.text);
}

/* Written before the tree hash was recorded. */
static void a_document_without_a_tree_hash_is_read(void **state)
{
    (void)state;
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO_VALUE(hop_media) m = {0};
    HOP_AUTO_VALUE(hop_media) back = {0};
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    fill(&m);
    m.graph_data_tree = (hop_digest){""};
    hop_media_write(&m, &text);
    assert_null(strstr(hop_buf_get(&text), "graphDataTree"));
    assert_ok(hop_media_parse(hop_buf_get(&text), text.len, "m", &back, &err), &err);
    assert_string_equal(back.graph_data, HOP_MEDIA_GRAPH_DATA);
    assert_string_equal(back.graph_data_tree.text, "");
}

/* One text of the document is replaced by another; the parser must name the place. */
static void what_does_not_fit_its_grammar_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to, *part;
    } cases[] = {
        {HOP_MEDIA_SCHEMA, "oc-hop/media/v2", "newer than this oc-hop"},
        {HOP_MEDIA_SCHEMA, "oc-hop/plan/v1", "is not oc-hop/media/v1"},
        {"\"graphDataTree\": \"sha256:", "\"graphDataTree\": \"sha256:0", "is no digest"},
        {"ocp4/graph-data", "../graph-data", "graphDataRepository \"../graph-data\""},
        {"\"4.16.3\"", "\"4.16/3\"", "releases[0]: version"},
        {"\"amd64\"", "\"x86_64\"", "releases[0]: arch"},
        {"quay.io/org/release@", "quay.io/org/release:", "releases[0]: source"},
        {"\"etcd\"", "\"../etcd\"", "images[0]: name"},
        {"\"component\"", "\"operator\"", "images[0]: role \"operator\" is unknown"},
        {"4.16.3-x86_64-etcd", "4.16.3/etcd", "destinations[0]: tag"},
        {"4.16.3-x86_64-etcd", "4.16.3-x86_64", "stands here twice"},
        {HOP_TYPE_DOCKER_MANIFEST, "text/html", "images[0]: mediaType"},
        {"\"repository\": \"releases\"", "\"repository\": \"x\"", "is unknown"},
        {"\"path\": \"graph-data.tar.gz\"", "\"path\": \"../x\"", "files[2]: path"},
        {"\"path\": \"graph-data.tar.gz\"", "\"path\": \"/etc/x\"", "files[2]: path"},
        {"\"path\": \"graph-data.tar.gz\"", "\"path\": \"a:b\"", "files[2]: path"},
        {"\"path\": \"graph-data.tar.gz\"", "\"path\": \"PLAN-amd64.json\"",
         "stands here twice"},
        {"\"path\": \"graph-data.tar.gz\"", "\"path\": \"x\"", "not among the files"},
        {"\"sha256\": \"" HEX1, "\"sha256\": \"0" HEX1, "is no SHA-256"},
        {"\"sizeBytes\": 7", "\"sizeBytes\": -7", "images[0]"},
        {"\"omitted\": [\n    \"sha256:" HEX1, "\"omitted\": [\n    \"sha256:" HEX2,
         "stands here twice"},
        {"\"complete\": true,\n  \"repository\"", "\"repository\"", NULL},
        {"\"components\": true", "\"components\": 1", "releases[0].components"},
    };
    HOP_AUTO_VALUE(hop_media) m = {0};
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    fill(&m);
    hop_media_write(&m, &text);
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        HOP_AUTO(hop_error) err = NULL;
        HOP_AUTO_VALUE(hop_media) back = {0};
        HOP_AUTO_VALUE(hop_buf) bad = hop_buf_init(HOP_BUF_TEXT);
        const char *at = strstr(hop_buf_get(&text), cases[i].from);
        assert_non_null(at);
        hop_buf_add(&bad, text.data, (size_t)(at - text.data));
        hop_buf_adds(&bad, cases[i].to);
        hop_buf_adds(&bad, at + strlen(cases[i].from));
        hop_status s = hop_media_parse(hop_buf_get(&bad), bad.len, "m", &back, &err);
        if (!cases[i].part)
            assert_ok(s, &err); /* a summary for people, which nothing relies on */
        else
            assert_fails(s, &err, HOP_E_PARSE, cases[i].part);
    }
}

static void the_index_has_an_entry_for_each_image(void **state)
{
    (void)state;
    HOP_AUTO_VALUE(hop_media) m = {0};
    HOP_AUTO_VALUE(hop_buf) out = hop_buf_init(HOP_BUF_TEXT);
    fill(&m);
    hop_media_write_index(&m, &out);
    const char *text = hop_buf_get(&out);
    assert_non_null(strstr(text, "\"org.opencontainers.image.ref.name\": "
                                 "\"4.16.3-x86_64-etcd\""));
    assert_non_null(strstr(text, "\"mediaType\": \"" HOP_TYPE_DOCKER_MANIFEST "\",\n"
                                 "      \"digest\": \"sha256:" HEX1 "\",\n"
                                 "      \"size\": 9"));
}

static void sums_are_those_of_sha256sum(void **state)
{
    (void)state;
    HOP_AUTO_VALUE(hop_media) m = {0};
    HOP_AUTO_VALUE(hop_buf) out = hop_buf_init(HOP_BUF_TEXT);
    hop_media_files_add(&m.files, "a/b", "abc", 3);
    hop_media_write_sums(&m, "", 0, &out);
    assert_string_equal(hop_buf_get(&out), HEX2 "  oc-hop.json\n" HEX1 "  a/b\n");
}

static void paths_fit_every_file_system(void **state)
{
    (void)state;
    static const char *const good[] = {"a", "a/b.c", "a-b/c_d/E.0"};
    static const char *const bad[] = {"",     "/a",  "a/",    "a//b",    "../a", "a/..",
                                      "a/.b", "a./", "a\\b",  "a:b",     "a b",  "a=b",
                                      "a\nb", ".",   "a/b/.", "\xc3\xa4"};
    for (size_t i = 0; i < HOP_COUNT_OF(good); i++)
        assert_true(hop_media_path_is_safe(good[i]));
    for (size_t i = 0; i < HOP_COUNT_OF(bad); i++)
        assert_false(hop_media_path_is_safe(bad[i]));
    char longest[HOP_MEDIA_PATH_MAX + 2];
    memset(longest, 'a', sizeof(longest));
    longest[HOP_MEDIA_PATH_MAX + 1] = '\0';
    assert_false(hop_media_path_is_safe(longest));
    longest[HOP_MEDIA_PATH_MAX] = '\0';
    assert_true(hop_media_path_is_safe(longest));
    HOP_AUTO_STR part = hop_media_part_path(&D1, 1, 12);
    assert_string_equal(part, "blobs/sha256/" HEX1 ".100012");
    assert_true(hop_media_path_is_safe(part));
}

static void an_inventory_is_its_own_document_or_an_earlier_media(void **state)
{
    (void)state;
    HOP_AUTO(hop_error) err = NULL;
    hop_media_items blobs = {0}, manifests = {0};
    hop_media_items_add(&blobs, &D1, 5);
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    hop_inventory_write(&manifests, &blobs, &text);
    HOP_AUTO_VALUE(hop_inventory) own = {0};
    assert_ok(hop_inventory_parse(hop_buf_get(&text), text.len, "i", &own, &err), &err);
    assert_int_equal(own.has.len, 1);
    assert_true(hop_media_items_has(&own.has, &D1));
    hop_digest digest = hop_digest_of(text.data, text.len);
    assert_string_equal(own.digest.text, digest.text);
    free(blobs.items);

    HOP_AUTO_VALUE(hop_media) m = {0};
    HOP_AUTO_VALUE(hop_inventory) earlier = {0};
    fill(&m);
    hop_buf_reset(&text);
    hop_media_write(&m, &text);
    assert_ok(hop_inventory_parse(hop_buf_get(&text), text.len, "i", &earlier, &err),
              &err);
    assert_true(hop_media_items_has(&earlier.has, &D1)); /* omitted there */
    assert_true(hop_media_items_has(&earlier.has, &D2));

    HOP_AUTO_VALUE(hop_inventory) newer = {0};
    static const char later[] = "{\"schema\":\"oc-hop/inventory/v12\"}";
    assert_fails(hop_inventory_parse(later, strlen(later), "i", &newer, &err), &err,
                 HOP_E_PARSE, "newer than this oc-hop");
}

static void a_volume_says_what_it_holds(void **state)
{
    (void)state;
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO_VALUE(hop_volume) v = {.number = 3, .is_last = true};
    HOP_AUTO_VALUE(hop_volume) back = {0};
    v.set = hop_strdup("0123456789abcdef0123456789abcdef");
    hop_media_files_add(&v.files, "blobs/sha256/" HEX1 ".000001", "abc", 3);
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    hop_volume_write(&v, &text);
    assert_ok(hop_volume_parse(hop_buf_get(&text), text.len, "v", &back, &err), &err);
    assert_int_equal(back.number, 3);
    assert_true(back.is_last);
    assert_string_equal(back.set, v.set);
    assert_string_equal(back.files.items[0].sha256, HEX1);
    HOP_AUTO_VALUE(hop_volume) bad = {0};
    static const char zero[] =
        "{\"schema\":\"oc-hop/volume/v1\",\"set\":\"0123456789abcdef0123456789abcdef\","
        "\"number\":0,\"last\":false,\"files\":[]}";
    assert_fails(hop_volume_parse(zero, strlen(zero), "v", &bad, &err), &err, HOP_E_PARSE,
                 "number is from 1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_document_comes_back_as_it_was),
        cmocka_unit_test(a_document_without_a_tree_hash_is_read),
        cmocka_unit_test(what_does_not_fit_its_grammar_is_refused),
        cmocka_unit_test(the_index_has_an_entry_for_each_image),
        cmocka_unit_test(sums_are_those_of_sha256sum),
        cmocka_unit_test(paths_fit_every_file_system),
        cmocka_unit_test(an_inventory_is_its_own_document_or_an_earlier_media),
        cmocka_unit_test(a_volume_says_what_it_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
