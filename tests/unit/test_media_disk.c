/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_support.h"

#include "hop_file.h"
#include "hop_media_disk.h"
#include "hop_media_proof.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

typedef struct fixture {
    char *root;
    hop_strings dirs;
} fixture;

static char *path_in(const fixture *f, const char *name)
{
    return hop_sprintf("%s/%s", f->root, name);
}

static void make_dir(const fixture *f, const char *name)
{
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO_STR path = path_in(f, name);
    assert_ok(hop_dir_make(path, &err), &err);
}

static void put(const fixture *f, const char *name, const void *data, size_t len)
{
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO_STR path = path_in(f, name);
    assert_ok(hop_file_write(path, data, len, &err), &err);
}

static void put_text(const fixture *f, const char *name, const char *text)
{
    put(f, name, text, strlen(text));
}

static char *blob_name(const char *text)
{
    hop_digest d = hop_digest_of(text, strlen(text));
    return hop_media_blob_path(&d);
}

static void put_blob(const fixture *f, const char *text)
{
    HOP_AUTO_STR name = blob_name(text);
    put_text(f, name, text);
}

/* An inventory without releases. */
static void put_document(const fixture *f)
{
    HOP_AUTO_VALUE(hop_media) m = {0};
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    m.repository = hop_strdup("ocp4/openshift4");
    m.release_repository = hop_strdup("ocp4/openshift4-release-images");
    m.graph_data_repository = hop_strdup("ocp4/graph-data");
    hop_media_write(&m, &text);
    put(f, HOP_MEDIA_DOCUMENT, hop_buf_get(&text), text.len);
}

static int set_up(void **state)
{
    char name[] = "/tmp/oc-hop-test-media-XXXXXX";
    fixture *f = hop_alloc(1, sizeof(*f));
    if (!mkdtemp(name))
        return 1;
    f->root = hop_strdup(name);
    make_dir(f, "a/blobs/sha256");
    make_dir(f, "b/blobs/sha256");
    free(f->root);
    f->root = hop_sprintf("%s/a", name);
    put_document(f);
    hop_strings_add(&f->dirs, f->root);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    HOP_AUTO_STR parent = hop_strndup(f->root, strlen(f->root) - 2);
    remove_tree(parent);
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
    return disk;
}

static void read_back(const hop_media_disk *disk, const char *want)
{
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_MIB);
    hop_digest d = hop_digest_of(want, strlen(want));
    uint64_t size = 0;
    assert_true(hop_media_disk_find(disk, &d, &size));
    assert_int_equal(size, strlen(want));
    assert_ok(hop_media_disk_read_blob(disk, &d, &text, &err), &err);
    assert_string_equal(hop_buf_get(&text), want);
}

/* ---- blobs, whole and in parts ---- */

static void parts_of_the_highest_try_are_the_blob(void **state)
{
    const fixture *f = *state;
    HOP_AUTO_STR whole = blob_name("0123456789");
    static const struct {
        const char *number, *text;
    } parts[] = {{"000000", "torn"}, {"000001", "try"}, {"100000", "0123"},
                 {"100001", "456"},  {"100002", "789"}, {"100004", "after a gap"}};
    for (size_t i = 0; i < HOP_COUNT_OF(parts); i++) {
        HOP_AUTO_STR name = hop_sprintf("%s.%s", whole, parts[i].number);
        put_text(f, name, parts[i].text);
    }
    HOP_AUTO(hop_media_disk) disk = open_disk(f);
    read_back(disk, "0123456789");
    put_blob(f, "0123456789");
    HOP_AUTO(hop_media_disk) again = open_disk(f); /* a whole file wins */
    read_back(again, "0123456789");
    assert_int_equal(hop_media_disk_get_refused(again)->len, 0);
}

static void reading_crosses_parts_at_any_offset(void **state)
{
    const fixture *f = *state;
    HOP_AUTO_STR whole = blob_name("abcdef");
    HOP_AUTO_STR first = hop_sprintf("%s.000000", whole);
    HOP_AUTO_STR second = hop_sprintf("%s.000001", whole);
    put_text(f, first, "abc");
    put_text(f, second, "def");
    HOP_AUTO(hop_media_disk) disk = open_disk(f);
    HOP_AUTO(hop_media_reader) r = NULL;
    HOP_AUTO(hop_error) err = NULL;
    hop_digest d = hop_digest_of("abcdef", 6);
    assert_ok(hop_media_disk_open_blob(disk, &d, &r, &err), &err);
    assert_int_equal(hop_media_reader_get_size(r), 6);
    for (uint64_t at = 0; at <= 7; at++) {
        char byte = 0;
        size_t got = 0;
        assert_ok(hop_media_reader_read(r, at, &byte, 1, &got, &err), &err);
        assert_int_equal(got, at < 6);
        if (got)
            assert_int_equal(byte, "abcdef"[at]);
    }
}

static void wrong_bytes_are_told(void **state)
{
    const fixture *f = *state;
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_MIB);
    HOP_AUTO_STR name = blob_name("right");
    put_text(f, name, "wrong");
    HOP_AUTO(hop_media_disk) disk = open_disk(f);
    hop_digest d = hop_digest_of("right", 5);
    assert_fails(hop_media_disk_read_blob(disk, &d, &text, &err), &err, HOP_E_DIGEST,
                 "its digest is sha256:");
    HOP_AUTO_VALUE(hop_buf) small = hop_buf_init(3);
    assert_fails(hop_media_disk_read_blob(disk, &d, &small, &err), &err, HOP_E_LIMIT,
                 "the limit is 3");
    d = hop_digest_of("nowhere", 7);
    assert_fails(hop_media_disk_read_blob(disk, &d, &text, &err), &err, HOP_E_NOT_FOUND,
                 "not on the media");
}

/* ---- what is no plain file ---- */

static void links_and_pipes_are_never_followed(void **state)
{
    const fixture *f = *state;
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_MIB);
    HOP_AUTO_STR link = path_in(f, "blobs/sha256/" ZEROS);
    HOP_AUTO_STR pipe = path_in(f, "graph-data.tar.gz");
    HOP_AUTO_STR linked_dir = path_in(f, "graphs");
    HOP_AUTO_STR outside = hop_sprintf("%s/../b", f->root);
    put_text(f, "blobs/sha256/README", "hello");
    assert_int_equal(symlink("/etc/passwd", link), 0);
    assert_int_equal(mkfifo(pipe, 0600), 0);
    assert_int_equal(symlink(outside, linked_dir), 0);
    HOP_AUTO(hop_media_disk) disk = open_disk(f);
    const hop_strings *refused = hop_media_disk_get_refused(disk);
    assert_int_equal(refused->len, 2);
    assert_non_null(strstr(refused->items[0], "symbolic link"));
    assert_non_null(strstr(refused->items[1], "README"));
    assert_fails(hop_media_disk_read_file(disk, "graph-data.tar.gz", &text, &err), &err,
                 HOP_E_PARSE, "a device, pipe or socket");
    assert_fails(hop_media_disk_read_file(disk, "graphs/x.json", &text, &err), &err,
                 HOP_E_PARSE, "symbolic link");
    assert_fails(hop_media_disk_read_file(disk, "blobs", &text, &err), &err, HOP_E_PARSE,
                 "a directory");
}

static void names_never_lead_out(void **state)
{
    const fixture *f = *state;
    static const char *const names[] = {"../b/secret", "/etc/passwd", "a/../../b", "",
                                        "a//b",        ".hidden",     "a\\b"};
    put_text(f, "../b/secret", "secret");
    HOP_AUTO(hop_media_disk) disk = open_disk(f);
    for (size_t i = 0; i < HOP_COUNT_OF(names); i++) {
        HOP_AUTO(hop_error) err = NULL;
        HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_MIB);
        assert_fails(hop_media_disk_read_file(disk, names[i], &text, &err), &err,
                     HOP_E_PARSE, "is no name that media has");
        assert_int_equal(text.len, 0);
    }
}

/* ---- directories and documents ---- */

static void several_directories_are_one_media(void **state)
{
    fixture *f = *state;
    HOP_AUTO_STR second = hop_sprintf("%s/../b", f->root);
    put_blob(f, "here");
    put_text(f, "../b/blobs/sha256/placeholder", "x");
    HOP_AUTO_STR there = blob_name("there");
    HOP_AUTO_STR name = hop_sprintf("../b/%s", there);
    put_text(f, name, "there");
    hop_strings_add(&f->dirs, second);
    HOP_AUTO(hop_media_disk) disk = open_disk(f);
    read_back(disk, "here");
    read_back(disk, "there");
    put_text(f, "../b/oc-hop.json", "{\"schema\":\"oc-hop/media/v1\"}");
    HOP_AUTO(hop_error) err = NULL;
    hop_media_disk *none = NULL;
    assert_fails(hop_media_disk_open(&f->dirs, &none, &err), &err, HOP_E_PARSE,
                 "two different media");
    assert_null(none);
}

static void what_is_no_media_is_refused(void **state)
{
    fixture *f = *state;
    HOP_AUTO(hop_error) err = NULL;
    hop_media_disk *none = NULL;
    put_text(f, HOP_MEDIA_DOCUMENT, "{\"schema\":\"oc-hop/media/v9\"}");
    assert_fails(hop_media_disk_open(&f->dirs, &none, &err), &err, HOP_E_PARSE,
                 "newer than this");
    put_text(f, HOP_MEDIA_DOCUMENT, "[]");
    assert_fails(hop_media_disk_open(&f->dirs, &none, &err), &err, HOP_E_PARSE,
                 HOP_MEDIA_DOCUMENT);
    HOP_AUTO_STR document = path_in(f, HOP_MEDIA_DOCUMENT);
    assert_int_equal(unlink(document), 0);
    assert_fails(hop_media_disk_open(&f->dirs, &none, &err), &err, HOP_E_NOT_FOUND,
                 "there is no " HOP_MEDIA_DOCUMENT);
    put_text(f, "oc-hop.001.tar", "no tar at all");
    assert_fails(hop_media_disk_open(&f->dirs, &none, &err), &err, HOP_E_NOT_FOUND,
                 "which the last volume has");
    hop_strings_add(&f->dirs, "/nonexistent/media");
    assert_fails(hop_media_disk_open(&f->dirs, &none, &err), &err, HOP_E_NOT_FOUND,
                 "/nonexistent/media");
}

/* ---- the proof of media that has no release ---- */

static hop_status stop_at_once(void *user, uint64_t done, uint64_t total, hop_error **err)
{
    uint64_t *seen = user;
    *seen = done;
    assert_true(done <= total);
    return hop_error_set(err, HOP_E_CANCELLED, "stopped");
}

static void unlisted_and_damaged_blobs_are_found(void **state)
{
    const fixture *f = *state;
    HOP_AUTO(hop_error) err = NULL;
    put_blob(f, "nobody asked for this");
    HOP_AUTO(hop_media_disk) disk = open_disk(f);
    HOP_AUTO_VALUE(hop_proof) proof = {0};
    hop_media_proof_opts opts = {.hashing = HOP_MEDIA_HASH_ALL};
    assert_ok(hop_media_prove(disk, &opts, &proof, &err), &err);
    /* index.json and SHA256SUMS are not there; the blob is only worth a warning. */
    assert_int_equal(proof.error_count, 2);
    assert_int_equal(proof.warning_count, 1);
    assert_string_equal(proof.items[2].rule, "unlisted");
    uint64_t seen = 0;
    opts.tick = stop_at_once;
    opts.user = &seen;
    HOP_AUTO_VALUE(hop_proof) stopped = {0};
    assert_fails(hop_media_prove(disk, &opts, &stopped, &err), &err, HOP_E_CANCELLED,
                 "stopped");
    assert_int_equal(seen, strlen("nobody asked for this"));
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(parts_of_the_highest_try_are_the_blob),
        CASE(reading_crosses_parts_at_any_offset),
        CASE(wrong_bytes_are_told),
        CASE(links_and_pipes_are_never_followed),
        CASE(names_never_lead_out),
        CASE(several_directories_are_one_media),
        CASE(what_is_no_media_is_refused),
        CASE(unlisted_and_damaged_blobs_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
