/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_support.h"

#include "../../graphdata-image/tar.h"
#include "hop_file.h"
#include "hop_image.h"
#include "tar_fixture.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static hop_status read_bytes(const hop_buf *b, hop_tree *tree, hop_graphdata_info *info,
                             hop_error **err)
{
    return hop_graphdata_read_archive(hop_buf_get(b), b->len, "gd.tar", tree, info, err);
}

static void assert_refused(const hop_buf *tar, hop_status want, const char *part)
{
    hop_error *err = NULL;
    HOP_AUTO_VALUE(hop_tree) tree = {0};
    HOP_AUTO_VALUE(hop_graphdata_info) info = {0};
    assert_fails(read_bytes(tar, &tree, &info, &err), &err, want, part);
    assert_int_equal(tree.len, 0);
    assert_null(info.version);
}

/* The same tree whatever stands around it. */
static void prefixes(void **state)
{
    (void)state;
    static const char *const cases[] = {"", "./", "cincinnati-graph-data-1a2b/",
                                        "./graph-data/"};
    hop_digest first = {0};
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        hop_error *err = NULL;
        HOP_AUTO_VALUE(hop_buf) tar = hop_buf_init(HOP_BUF_TEXT);
        HOP_AUTO_VALUE(hop_tree) tree = {0};
        HOP_AUTO_VALUE(hop_graphdata_info) info = {0};
        tar_fixture_graph_data(&tar, cases[i]);
        tar_fixture_end(&tar);
        assert_ok(read_bytes(&tar, &tree, &info, &err), &err);
        assert_int_equal(tree.len, 4);
        assert_int_equal(info.file_count, 4);
        assert_int_equal(info.skipped_count, 0);
        assert_int_equal(info.newest_s, 1000);
        assert_string_equal(info.version, "1.1.0");
        assert_false(info.is_newer_minor);
        assert_non_null(hop_tree_find(&tree, "channels/stable-4.16.yaml"));
        if (i == 0)
            first = info.tree;
        assert_true(hop_digest_is_equal(&first, &info.tree));
    }
}

static void other_files_are_skipped(void **state)
{
    (void)state;
    static const char *const names[] = {"README.md",
                                        "channels/a.yml",
                                        "channels/sub/a.yaml",
                                        "raw/other.json",
                                        "build-suggestions/4",
                                        "channels/.yaml",
                                        "blocked-edges/OWNERS",
                                        "signatures/x/y",
                                        "signatures/sha256/0g/signature-1",
                                        "signatures/sha256/0a/signature-",
                                        "internal-channels/candidate.yaml"};
    hop_error *err = NULL;
    HOP_AUTO_VALUE(hop_buf) tar = hop_buf_init(HOP_BUF_TEXT);
    HOP_AUTO_VALUE(hop_tree) tree = {0};
    HOP_AUTO_VALUE(hop_graphdata_info) info = {0};
    tar_fixture_graph_data(&tar, "");
    tar_fixture_text(&tar, "LICENSE", "Apache");
    tar_fixture_text(&tar, "signatures/sha256/0af1/signature-1", "sig");
    for (size_t i = 0; i < HOP_COUNT_OF(names); i++)
        tar_fixture_add(&tar, '0', names[i], "x", 1, 999999);
    tar_fixture_end(&tar);
    assert_ok(read_bytes(&tar, &tree, &info, &err), &err);
    assert_int_equal(tree.len, 6);
    assert_int_equal(info.skipped_count, HOP_COUNT_OF(names));
    for (size_t i = 0; i < HOP_COUNT_OF(names); i++)
        assert_true(hop_strings_has(&info.skipped, names[i]));
    assert_int_equal(info.newest_s, 1000); /* of the kept ones */
    assert_non_null(hop_tree_find(&tree, "signatures/sha256/0af1/signature-1"));
}

/* The order of the members and the shape of the archive leave no trace. */
static void hash_follows_the_content(void **state)
{
    (void)state;
    hop_error *err = NULL;
    static const char *const contents[] = {"{}", "{ }", "{}"};
    hop_digest digests[3];
    for (size_t i = 0; i < 3; i++) {
        HOP_AUTO_VALUE(hop_buf) tar = hop_buf_init(HOP_BUF_TEXT);
        HOP_AUTO_VALUE(hop_buf) gz = hop_buf_init(HOP_BUF_TEXT);
        HOP_AUTO_VALUE(hop_tree) tree = {0};
        HOP_AUTO_VALUE(hop_graphdata_info) info = {0};
        if (i == 2)
            tar_fixture_text(&tar, "raw/metadata.json", contents[i]);
        tar_fixture_add(&tar, '5', "blocked-edges/", "", 0, 1);
        tar_fixture_add(&tar, '5', "channels", "", 0, 1);
        tar_fixture_text(&tar, "version", "1.2.0");
        if (i != 2)
            tar_fixture_text(&tar, "raw/metadata.json", contents[i]);
        tar_fixture_end(&tar);
        gzip_deflate(tar.data, tar.len, &gz);
        assert_ok(read_bytes(i == 2 ? &gz : &tar, &tree, &info, &err), &err);
        digests[i] = info.tree;
    }
    assert_false(hop_digest_is_equal(&digests[0], &digests[1]));
    assert_true(hop_digest_is_equal(&digests[0], &digests[2]));
}

static void versions(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *refused; /* part of the message; NULL: accepted */
        bool is_newer;
    } cases[] = {
        {"1.0.0", NULL, false},
        {"1.2.9\r\n", NULL, false},
        {"1.3.0\n", NULL, true},
        {"1.1.0-rc.1+x", NULL, false},
        {"2.0.0\n", "only major version 1", false},
        {"0.9.0", "only major version 1", false},
        {"", "no version", false},
        {"1.1", "no version", false},
        {"1.01.0", "no version", false},
        {"v1.1.0", "no version", false},
        {"1.1.0 beta", "no version", false},
        {"99999999999.1.0", "no version", false},
        {"1.1.0-", "no version", false},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        hop_error *err = NULL;
        HOP_AUTO_VALUE(hop_tree) tree = {0};
        HOP_AUTO_VALUE(hop_graphdata_info) info = {0};
        assert_ok(
            hop_tree_add(&tree, "version", cases[i].text, strlen(cases[i].text), &err),
            &err);
        assert_ok(hop_tree_add(&tree, "raw/metadata.json", "{}", 2, &err), &err);
        hop_status s = hop_graphdata_check(&tree, &info, &err);
        if (cases[i].refused) {
            assert_fails(s, &err, HOP_E_PARSE, cases[i].refused);
        } else {
            assert_ok(s, &err);
            assert_int_equal(info.is_newer_minor, cases[i].is_newer);
        }
    }
}

static void hostile_members(void **state)
{
    (void)state;
    static const struct {
        char type;
        const char *name;
        const char *part;
    } cases[] = {
        {'0', "../etc/passwd", "unsafe"},
        {'0', "channels/../../x.yaml", "unsafe"},
        {'0', "channels/..", "unsafe"},
        {'0', "/version", "absolute"},
        {'0', "./channels//x.yaml", "unsafe"},
        {'0', "channels/a\tb.yaml", "unsafe"},
        {'5', "/", "absolute"},
        {'2', "channels/link.yaml", "is a link"},
        {'1', "channels/link.yaml", "is a link"},
        {'2', "docs", "is a link"},
        {'3', "dev", "device"},
        {'6', "pipe", "device"},
        {'0', "version", "twice"},
        {'0', "channels/stable-4.16.yaml", "twice"},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        HOP_AUTO_VALUE(hop_buf) tar = hop_buf_init(HOP_BUF_TEXT);
        tar_fixture_graph_data(&tar, "");
        tar_fixture_add(&tar, cases[i].type, cases[i].name, "", 0, 0);
        tar_fixture_end(&tar);
        assert_refused(&tar, HOP_E_PARSE, cases[i].part);
    }
}

static void incomplete_trees(void **state)
{
    (void)state;
    static const struct {
        const char *without;
        const char *part;
    } cases[] = {
        {"version", "no file `version`"},
        {"raw/metadata.json", "no file raw/metadata.json"},
        {"channels/", "no directory channels/"},
        {"blocked-edges/", "no directory blocked-edges/"},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        HOP_AUTO_VALUE(hop_buf) tar = hop_buf_init(HOP_BUF_TEXT);
        for (size_t j = 0; j < HOP_COUNT_OF(cases); j++)
            if (i != j)
                tar_fixture_add(&tar, j < 2 ? '0' : '5', cases[j].without, "1.1.0",
                                j < 2 ? 5 : 0, 0);
        tar_fixture_end(&tar);
        assert_refused(&tar, HOP_E_PARSE, cases[i].part);
    }
}

/* One more top-level name, and the leading directory is none. */
static void two_roots(void **state)
{
    (void)state;
    HOP_AUTO_VALUE(hop_buf) tar = hop_buf_init(HOP_BUF_TEXT);
    tar_fixture_graph_data(&tar, "a/");
    tar_fixture_text(&tar, "b/file", "");
    tar_fixture_end(&tar);
    assert_refused(&tar, HOP_E_PARSE, "no file `version`");
}

static void other_documents(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *part;
    } cases[] = {
        {"<!DOCTYPE html><html>", "a web page"},
        {"\xef\xbb\xbf \r\n<html>", "a web page"},
        {"{\"kind\":\"x\"}", "a JSON document"},
        {"", "empty"},
        {"not an archive at all", "tar: "},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        HOP_AUTO_VALUE(hop_buf) plain = hop_buf_init(HOP_BUF_TEXT);
        HOP_AUTO_VALUE(hop_buf) gz = hop_buf_init(HOP_BUF_TEXT);
        hop_buf_adds(&plain, cases[i].text);
        gzip_deflate(cases[i].text, strlen(cases[i].text), &gz);
        assert_refused(&plain, HOP_E_PARSE, cases[i].part);
        assert_refused(&gz, HOP_E_PARSE, cases[i].part);
    }
}

static void truncation(void **state)
{
    (void)state;
    HOP_AUTO_VALUE(hop_buf) tar = hop_buf_init(HOP_BUF_TEXT);
    HOP_AUTO_VALUE(hop_buf) gz = hop_buf_init(HOP_BUF_TEXT);
    tar_fixture_graph_data(&tar, "");
    tar_fixture_end(&tar);
    gzip_deflate(tar.data, tar.len, &gz);
    for (size_t len = 1; len < tar.len - 512; len += 131) {
        hop_buf cut = {.data = tar.data, .len = len, .cap = tar.cap, .max = tar.max};
        assert_refused(&cut, HOP_E_PARSE, "");
    }
    for (size_t len = 1; len < gz.len; len++) {
        hop_buf cut = {.data = gz.data, .len = len, .cap = gz.cap, .max = gz.max};
        assert_refused(&cut, HOP_E_PARSE, "");
    }
}

static void bombs(void **state)
{
    (void)state;
    HOP_AUTO_VALUE(hop_buf) tar = hop_buf_init(HOP_BUF_TEXT);
    for (int i = 0; i < 60000; i++) {
        char name[32];
        (void)snprintf(name, sizeof(name), "docs/%d", i);
        tar_fixture_add(&tar, '0', name, "", 0, 0);
    }
    tar_fixture_end(&tar);
    assert_refused(&tar, HOP_E_LIMIT, "more than 50000 files");
    hop_buf_reset(&tar);
    HOP_AUTO_STR zeros = hop_alloc(17 * HOP_MIB, 1);
    tar_fixture_graph_data(&tar, "");
    tar_fixture_add(&tar, '0', "channels/big.yaml", zeros, 17 * HOP_MIB, 0);
    tar_fixture_end(&tar);
    assert_refused(&tar, HOP_E_LIMIT, "more than a file may have");
}

static void git_archive_commit(void **state)
{
    (void)state;
    static const char pax[] = "52 comment=0123456789abcdef0123456789abcdef01234567\n";
    hop_error *err = NULL;
    HOP_AUTO_VALUE(hop_buf) tar = hop_buf_init(HOP_BUF_TEXT);
    HOP_AUTO_VALUE(hop_tree) tree = {0};
    HOP_AUTO_VALUE(hop_graphdata_info) info = {0};
    tar_fixture_add(&tar, 'g', "pax_global_header", pax, sizeof(pax) - 1, 0);
    tar_fixture_graph_data(&tar, "repo-1/");
    tar_fixture_end(&tar);
    assert_ok(read_bytes(&tar, &tree, &info, &err), &err);
    assert_string_equal(info.revision, "0123456789abcdef0123456789abcdef01234567");
}

/* ---- directories ---- */

typedef struct temp {
    char path[64];
} temp;

static int set_up(void **state)
{
    static temp t;
    (void)snprintf(t.path, sizeof(t.path), "%s", "/tmp/oc-hop-test-XXXXXX");
    *state = &t;
    return mkdtemp(t.path) ? 0 : 1;
}

static int tear_down(void **state)
{
    static const char *const names[] = {
        "version",         "README.md",       "raw/metadata.json",
        "channels/a.yaml", "channels/l.yaml", "raw",
        "channels",        "blocked-edges",   ""};
    const temp *t = *state;
    for (size_t i = 0; i < HOP_COUNT_OF(names); i++) {
        HOP_AUTO_STR path = hop_sprintf("%s/%s", t->path, names[i]);
        if (unlink(path) != 0)
            (void)rmdir(path);
    }
    return access(t->path, F_OK) == 0 ? 1 : 0;
}

static void put(const temp *t, const char *name, const char *text)
{
    hop_error *err = NULL;
    HOP_AUTO_STR path = hop_sprintf("%s/%s", t->path, name);
    if (text)
        assert_ok(hop_file_write(path, text, strlen(text), &err), &err);
    else
        assert_ok(hop_dir_make(path, &err), &err);
}

static void fill(const temp *t)
{
    put(t, "raw", NULL);
    put(t, "channels", NULL);
    put(t, "blocked-edges", NULL);
    put(t, "version", "1.1.0\n");
    put(t, "raw/metadata.json", "{}");
    put(t, "channels/a.yaml", "name: a\n");
    put(t, "README.md", "read me");
}

static void directory(void **state)
{
    const temp *t = *state;
    hop_error *err = NULL;
    HOP_AUTO_VALUE(hop_tree) tree = {0};
    HOP_AUTO_VALUE(hop_graphdata_info) info = {0};
    fill(t);
    assert_ok(hop_graphdata_read_dir(t->path, &tree, &info, &err), &err);
    assert_int_equal(tree.len, 3);
    assert_int_equal(info.newest_s, 0);
    assert_int_equal(info.skipped_count, 1);
    assert_string_equal(info.skipped.items[0], "README.md");
    assert_string_equal(hop_tree_find(&tree, "channels/a.yaml")->data, "name: a\n");
}

static void a_packed_directory_is_the_same_tree(void **state)
{
    const temp *t = *state;
    fill(t);
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO_VALUE(hop_tree) tree = {0}, back = {0};
    HOP_AUTO_VALUE(hop_graphdata_info) info = {0}, back_info = {0};
    HOP_AUTO_VALUE(hop_buf) one = hop_buf_init(HOP_BUF_TEXT);
    HOP_AUTO_VALUE(hop_buf) two = hop_buf_init(HOP_BUF_TEXT);
    assert_ok(hop_graphdata_read_dir(t->path, &tree, &info, &err), &err);
    assert_ok(hop_graphdata_pack(&tree, &one, &err), &err);
    assert_ok(hop_graphdata_pack(&tree, &two, &err), &err);
    assert_int_equal(one.len, two.len);
    assert_memory_equal(one.data, two.data, one.len);
    assert_ok(
        hop_graphdata_read_archive(one.data, one.len, "packed", &back, &back_info, &err),
        &err);
    assert_string_equal(info.tree.text, back_info.tree.text);
    assert_int_equal(back_info.newest_s, 0);
}

static void directory_with_a_link(void **state)
{
    const temp *t = *state;
    hop_error *err = NULL;
    HOP_AUTO_VALUE(hop_tree) tree = {0};
    HOP_AUTO_VALUE(hop_graphdata_info) info = {0};
    fill(t);
    HOP_AUTO_STR link = hop_sprintf("%s/channels/l.yaml", t->path);
    assert_int_equal(symlink("/etc/passwd", link), 0);
    assert_fails(hop_graphdata_read_dir(t->path, &tree, &info, &err), &err, HOP_E_PARSE,
                 "l.yaml is a link");
}

static void directory_without_blocked_edges(void **state)
{
    const temp *t = *state;
    hop_error *err = NULL;
    HOP_AUTO_VALUE(hop_tree) tree = {0};
    HOP_AUTO_VALUE(hop_graphdata_info) info = {0};
    fill(t);
    HOP_AUTO_STR blocked = hop_sprintf("%s/blocked-edges", t->path);
    assert_int_equal(rmdir(blocked), 0);
    assert_fails(hop_graphdata_read_dir(t->path, &tree, &info, &err), &err, HOP_E_PARSE,
                 "no directory blocked-edges/");
    assert_fails(hop_graphdata_read_dir(blocked, &tree, &info, &err), &err,
                 HOP_E_NOT_FOUND, "open directory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prefixes),
        cmocka_unit_test(other_files_are_skipped),
        cmocka_unit_test(hash_follows_the_content),
        cmocka_unit_test(versions),
        cmocka_unit_test(hostile_members),
        cmocka_unit_test(incomplete_trees),
        cmocka_unit_test(two_roots),
        cmocka_unit_test(other_documents),
        cmocka_unit_test(truncation),
        cmocka_unit_test(bombs),
        cmocka_unit_test(git_archive_commit),
        cmocka_unit_test_setup_teardown(directory, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_packed_directory_is_the_same_tree, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(directory_with_a_link, set_up, tear_down),
        cmocka_unit_test_setup_teardown(directory_without_blocked_edges, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
