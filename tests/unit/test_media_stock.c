/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_support.h"

#include "hop_file.h"
#include "hop_media_disk.h"
#include "hop_signature.h"
#include "media_stock_names.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define REPO "v2/openshift/release/"
#define RELEASES "v2/openshift/release-images/"

/* ---- names ---- */

static void tags_of_releases(void **state)
{
    (void)state;
    static const struct {
        const char *tag, *version, *arch;
    } cases[] = {
        {"4.16.3-x86_64", "4.16.3", "amd64"},
        {"4.16.0-rc.1-aarch64", "4.16.0-rc.1", "arm64"},
        {"4.16.3-s390x", "4.16.3", "s390x"},
        {"4.16.3-ppc64le", "4.16.3", "ppc64le"},
        {"4.18.0-0.nightly-multi-2026-01-02-030405-multi",
         "4.18.0-0.nightly-multi-2026-01-02-030405", "multi"},
        {"4.16.3_build.7-x86_64", "4.16.3+build.7", "amd64"},
        {"4.16.3-amd64", NULL, NULL}, /* a second name of 4.16.3-x86_64 */
        {"4.16.3-x86_64-etcd", NULL, NULL},
        {"4.16.3-sparc", NULL, NULL},
        {"4.16.3_a_b-x86_64", NULL, NULL},
        {"x86_64", NULL, NULL},
        {"-x86_64", NULL, NULL},
        {"latest-x86_64", NULL, NULL},
        {"4.16.3-", NULL, NULL},
        {"", NULL, NULL},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        hop_stock_tag t = {0};
        assert_int_equal(hop_stock_tag_read(cases[i].tag, &t), cases[i].version != NULL);
        if (!cases[i].version)
            continue;
        assert_string_equal(t.version, cases[i].version);
        assert_string_equal(t.arch, cases[i].arch);
    }
    char longest[300];
    memset(longest, '1', sizeof(longest) - 1);
    memcpy(longest + sizeof(longest) - 8, "-x86_64", 8);
    hop_stock_tag t = {0};
    assert_false(hop_stock_tag_read(longest, &t));
}

static void digests_and_targets(void **state)
{
    (void)state;
    static const struct {
        const char *target;
        bool is_good;
    } cases[] = {
        {"sha256:" A64, true},
        {"sha256-" A64, true},
        {"/data/mirror/v2/openshift/release/manifests/sha256:" A64, true},
        {"../../sha256:" A64, true},
        {"sha256:" A64 "/", false},
        {"sha256:" A64 "/..", false},
        {"sha256:" A64 "a", false},
        {"sha256_" A64, false},
        {"sha512:" A64, false},
        {"SHA256:" A64, false},
        {"sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
         false},
        {"/etc/passwd", false},
        {"sha256:", false},
        {"", false},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        hop_digest d = {0};
        assert_int_equal(hop_stock_target_read(cases[i].target, &d), cases[i].is_good);
        if (cases[i].is_good)
            assert_string_equal(d.text, "sha256:" A64);
    }
    hop_digest d = {0};
    assert_false(hop_stock_digest_read("x/sha256:" A64, &d));
    assert_true(hop_stock_is_leftover("4.16.3-x86_64.download"));
    assert_true(hop_stock_is_leftover(".tmp-1"));
    assert_false(hop_stock_is_leftover("4.16.3-x86_64"));
}

/* ---- ConfigMaps ---- */

static void signatures_of_maps(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t good, bad;
    } cases[] = {
        {"{\"binaryData\":{\"sha256-" A64 "-1\":\"c2ln\"}}", 1, 0},
        {"{\"binaryData\":{\"sha256-" A64 "\":\"c2ln\",\"sha256-" A64
         "-2\":\"b3RoZXI=\"}}",
         2, 0},
        {"{\"binaryData\":{\"sha256-" A64 "-1\":\"c2ln\",\"sha256-" A64 "-2\":\"c2ln\"}}",
         1, 0},
        {"{\"binaryData\":{\"sha256-" A64 "0-1\":\"c2ln\"}}", 0, 0},
        {"{\"binaryData\":{\"sha256-" A64 "-1\":\"c2l!\"}}", 0, 1},
        {"{\"binaryData\":{\"sha256-" A64 "-1\":\"c2l=n\"}}", 0, 1},
        {"{\"binaryData\":{\"sha256-" A64 "-1\":[\"c2ln\"]}}", 0, 0},
        {"{\"binaryData\":[\"sha256-" A64 "-1\"]}", 0, 0},
        {"{\"data\":{\"sha256-" A64 "-1\":\"c2ln\"}}", 0, 0},
        {"[]", 0, 0},
        {"\"text\"", 0, 0},
        {"", 0, 0},
    };
    hop_digest d = {.text = "sha256:" A64};
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        HOP_AUTO(hop_error) err = NULL;
        HOP_AUTO_VALUE(hop_signatures) found = {0};
        assert_ok(hop_signatures_read_map(cases[i].text, strlen(cases[i].text), "map", &d,
                                          &found, &err),
                  &err);
        size_t good = 0;
        for (size_t k = 0; k < found.len; k++)
            good += found.items[k].data != NULL;
        assert_int_equal(good, cases[i].good);
        assert_int_equal(found.len - good, cases[i].bad);
    }
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO_VALUE(hop_signatures) found = {0};
    assert_fails(hop_signatures_read_map("{\"a\":", 5, "map", &d, &found, &err), &err,
                 HOP_E_PARSE, "map");
}

static void maps_have_limits(void **state)
{
    (void)state;
    hop_digest d = {.text = "sha256:" A64};
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    HOP_AUTO_VALUE(hop_signatures) found = {0};
    hop_buf_adds(&text, "{\"binaryData\":{\"sha256-" A64 "-0\":\"");
    for (size_t i = 0; i < HOP_SIGNATURE_MAX / 3 + 1; i++)
        hop_buf_adds(&text, "AAAA");
    hop_buf_adds(&text, "\"");
    for (size_t i = 1; i < 2 * HOP_SIGNATURE_MAX_CANDIDATES; i++)
        hop_buf_addf(&text, ",\"sha256-" A64 "-%zu\":\"%04zu\"", i, i);
    hop_buf_adds(&text, "}}");
    assert_ok(
        hop_signatures_read_map(hop_buf_get(&text), text.len, "map", &d, &found, &err),
        &err);
    assert_int_equal(found.len, HOP_SIGNATURE_MAX_CANDIDATES);
    assert_null(found.items[0].data);
    assert_non_null(strstr(found.items[0].why, "far too long"));
}

/* ---- a directory ---- */

typedef struct fixture {
    char *root;
    hop_strings dirs;
} fixture;

static void put_text(const fixture *f, const char *name, const char *text)
{
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO_STR path = hop_sprintf("%s/%s", f->root, name);
    assert_ok(hop_file_write(path, text, strlen(text), &err), &err);
}

static hop_digest put_blob(const fixture *f, const char *repository, const char *kind,
                           const char *text)
{
    hop_digest d = hop_digest_of(text, strlen(text));
    HOP_AUTO_STR path = hop_sprintf("%s%s/%s", repository, kind, d.text);
    put_text(f, path, text);
    return d;
}

static void put_tag(const fixture *f, const char *repository, const char *tag,
                    const char *text)
{
    hop_digest d = put_blob(f, repository, "manifests", text);
    HOP_AUTO_STR path = hop_sprintf("%s/%smanifests/%s", f->root, repository, tag);
    assert_int_equal(symlink(d.text, path), 0);
}

static int set_up(void **state)
{
    static const char *const folders[] = {
        REPO "blobs", REPO "manifests", RELEASES "blobs", RELEASES "manifests", "graphs"};
    char name[] = "/tmp/oc-hop-test-stock-XXXXXX";
    fixture *f = hop_alloc(1, sizeof(*f));
    if (!mkdtemp(name))
        return 1;
    f->root = hop_strdup(name);
    for (size_t i = 0; i < HOP_COUNT_OF(folders); i++) {
        HOP_AUTO(hop_error) err = NULL;
        HOP_AUTO_STR path = hop_sprintf("%s/%s", f->root, folders[i]);
        assert_ok(hop_dir_make(path, &err), &err);
    }
    hop_strings_add(&f->dirs, f->root);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    remove_tree(f->root);
    free(f->root);
    hop_strings_clear(&f->dirs);
    free(f);
    return 0;
}

static hop_media_disk *open_disk(const fixture *f)
{
    HOP_AUTO(hop_error) err = NULL;
    hop_media_disk *disk = NULL;
    assert_ok(hop_media_disk_open(&f->dirs, &disk, &err), &err);
    assert_int_equal(hop_media_disk_get_format(disk), HOP_MEDIA_FORMAT_STOCK);
    return disk;
}

static const hop_media_image *find_image(const hop_media *m, const char *name)
{
    for (size_t i = 0; i < m->image_count; i++)
        if (strcmp(m->images[i].name, name) == 0)
            return &m->images[i];
    fail_msg("there is no %s", name);
    return NULL;
}

static void releases_are_made_of_tags(void **state)
{
    const fixture *f = *state;
    put_tag(f, REPO, "4.18.2-x86_64", "two");
    put_tag(f, REPO, "4.18.2-x86_64-etcd", "etcd");
    put_tag(f, REPO, "4.18.2-x86_64-tools-multi", "no release of its own");
    put_tag(f, REPO, "4.18.10-x86_64", "ten");
    put_tag(f, REPO, "4.18.0-0.nightly-multi-2026-01-02-multi", "nightly");
    put_tag(f, REPO, "4.18.0-0.nightly-multi-2026-01-02-multi-etcd", "etcd 2");
    put_tag(f, RELEASES, "4.18.2-x86_64", "two");
    put_tag(f, RELEASES, "4.18.1-aarch64", "only among the releases");
    put_tag(f, REPO, "sha256-" A64 ".sig", "signature");
    put_tag(f, REPO, "tools", "other");
    HOP_AUTO(hop_media_disk) disk = open_disk(f);
    const hop_media *m = hop_media_disk_get_media(disk);
    static const struct {
        const char *version, *arch;
        bool has_components;
    } want[] = {{"4.18.0-0.nightly-multi-2026-01-02", "multi", true},
                {"4.18.1", "arm64", false},
                {"4.18.2", "amd64", true},
                {"4.18.10", "amd64", false}};
    assert_int_equal(m->release_count, HOP_COUNT_OF(want));
    for (size_t i = 0; i < HOP_COUNT_OF(want); i++) {
        assert_string_equal(m->releases[i].version, want[i].version);
        assert_string_equal(m->releases[i].arch, want[i].arch);
        assert_int_equal(m->releases[i].has_components, want[i].has_components);
        assert_true(m->releases[i].is_complete);
    }
    assert_int_equal(hop_media_disk_get_refused(disk)->len, 0);
    assert_int_equal(find_image(m, "4.18.2-x86_64")->role, HOP_MEDIA_PAYLOAD);
    assert_int_equal(find_image(m, "4.18.2-x86_64")->destination_count, 2);
    assert_int_equal(find_image(m, "4.18.2-x86_64-tools-multi")->role,
                     HOP_MEDIA_COMPONENT);
    assert_int_equal(find_image(m, "sha256-" A64 ".sig")->role,
                     HOP_MEDIA_SIGNATURE_IMAGE);
    assert_int_equal(find_image(m, "tools")->role, HOP_MEDIA_COMPONENT);
}

static void blobs_are_read_by_their_names(void **state)
{
    const fixture *f = *state;
    put_tag(f, REPO, "4.18.2-x86_64", "payload");
    hop_digest d = put_blob(f, REPO, "blobs", "layer");
    HOP_AUTO(hop_media_disk) disk = open_disk(f);
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_MIB);
    HOP_AUTO_STR path = hop_media_disk_blob_path(disk, &d);
    HOP_AUTO_STR want = hop_sprintf(REPO "blobs/%s", d.text);
    assert_string_equal(path, want);
    assert_ok(hop_media_disk_read_blob(disk, &d, &text, &err), &err);
    assert_string_equal(hop_buf_get(&text), "layer");
    /* A name with a colon is still none that a user of the disk may ask for. */
    assert_fails(hop_media_disk_read_file(disk, want, &text, &err), &err, HOP_E_PARSE,
                 "is no name that media has");
    /* What was a file when it was scanned is a link when it is read. */
    HOP_AUTO_STR file = hop_sprintf("%s/%s", f->root, want);
    assert_int_equal(unlink(file), 0);
    assert_int_equal(symlink("/etc/passwd", file), 0);
    hop_buf_reset(&text);
    assert_fails(hop_media_disk_read_blob(disk, &d, &text, &err), &err, HOP_E_PARSE,
                 "a symbolic link");
    assert_int_equal(text.len, 0);
}

static void tags_without_links(void **state)
{
    const fixture *f = *state;
    hop_digest payload = put_blob(f, REPO, "manifests", "payload");
    HOP_AUTO_STR line = hop_sprintf("%s\n", payload.text);
    put_text(f, REPO "manifests/4.18.2-x86_64", line);
    put_text(f, REPO "manifests/4.18.2-x86_64-etcd", "a manifest that is only here");
    HOP_AUTO(hop_media_disk) disk = open_disk(f);
    const hop_media *m = hop_media_disk_get_media(disk);
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_MIB);
    HOP_AUTO(hop_error) err = NULL;
    assert_true(hop_digest_is_equal(&m->releases[0].digest, &payload));
    const hop_media_image *etcd = find_image(m, "4.18.2-x86_64-etcd");
    assert_ok(hop_media_disk_read_blob(disk, &etcd->digest, &text, &err), &err);
    assert_string_equal(hop_buf_get(&text), "a manifest that is only here");
}

static void files_beside_are_as_listed(void **state)
{
    const fixture *f = *state;
    static const char *const names[] = {
        "plan-amd64.json", "graphs/stable-4.18-amd64.json", "graphs/graph-1-arm64.json",
        "graph-data.tar.gz", "README"};
    HOP_AUTO_VALUE(hop_buf) sums = hop_buf_init(HOP_BUF_TEXT);
    put_tag(f, REPO, "4.18.2-x86_64", "payload");
    put_text(f, "plan-s390x.json", "not listed, not read");
    for (size_t i = 0; i < HOP_COUNT_OF(names); i++) {
        hop_digest d = hop_digest_of(names[i], strlen(names[i]));
        put_text(f, names[i], names[i]);
        hop_buf_addf(&sums, "%s  %s\n", hop_digest_get_hex(&d), names[i]);
    }
    hop_buf_addf(&sums, A64 "  ./v2/openshift/release/blobs/sha256:" A64 "\n");
    put_text(f, HOP_MEDIA_SUMS, hop_buf_get(&sums));
    HOP_AUTO(hop_media_disk) disk = open_disk(f);
    const hop_media *m = hop_media_disk_get_media(disk);
    assert_int_equal(hop_media_disk_get_refused(disk)->len, 0);
    assert_int_equal(m->files.len, HOP_COUNT_OF(names));
    assert_int_equal(m->plans.len, 1);
    assert_string_equal(m->plans.items[0], "plan-amd64.json");
    assert_string_equal(m->graph_data, "graph-data.tar.gz");
    assert_int_equal(m->graph_count, 2);
    assert_string_equal(m->graphs[0].channel, "stable-4.18");
    assert_string_equal(m->graphs[0].arch, "amd64");
    assert_string_equal(m->graphs[1].channel, "");
    assert_string_equal(m->graphs[1].arch, "arm64");
    put_text(f, HOP_MEDIA_SUMS,
             A64 "  ../x\n" A64 "  a\n" A64 "  a\nshort\n\n" A64 " a\n");
    HOP_AUTO(hop_media_disk) again = open_disk(f);
    assert_int_equal(hop_media_disk_get_media(again)->files.len, 1);
    assert_int_equal(hop_media_disk_get_refused(again)->len, 5);
}

static void an_inventory_comes_first(void **state)
{
    const fixture *f = *state;
    HOP_AUTO_VALUE(hop_media) m = {0};
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO(hop_media_disk) disk = NULL;
    put_tag(f, REPO, "4.18.2-x86_64", "payload");
    m.repository = hop_strdup("a/b");
    m.release_repository = hop_strdup("a/c");
    m.graph_data_repository = hop_strdup("a/d");
    hop_media_write(&m, &text);
    put_text(f, HOP_MEDIA_DOCUMENT, hop_buf_get(&text));
    assert_ok(hop_media_disk_open(&f->dirs, &disk, &err), &err);
    assert_int_equal(hop_media_disk_get_format(disk), HOP_MEDIA_FORMAT_OWN);
    assert_int_equal(hop_media_disk_get_media(disk)->release_count, 0);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tags_of_releases),
        cmocka_unit_test(digests_and_targets),
        cmocka_unit_test(signatures_of_maps),
        cmocka_unit_test(maps_have_limits),
        CASE(releases_are_made_of_tags),
        CASE(blobs_are_read_by_their_names),
        CASE(tags_without_links),
        CASE(files_beside_are_as_listed),
        CASE(an_inventory_comes_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
