/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_support.h"

#include "archive_fixture.h"
#include "archive_walk.h"
#include "tar_writer.h"

#include <fcntl.h>
#include <unistd.h>

typedef struct record {
    hop_buf text; /* "path=bytes;" of every member taken */
    size_t cap;
    const char *only; /* take this path alone; NULL: all */
} record;

static size_t want(void *user, const char *path, hop_member_kind kind,
                   uint64_t size_bytes)
{
    (void)kind;
    (void)size_bytes;
    const record *r = user;
    return !r->only || strcmp(r->only, path) == 0 ? r->cap : 0;
}

static hop_status member(void *user, const char *path, hop_member_kind kind,
                         const hop_buf *data, hop_error **err)
{
    (void)err;
    record *r = user;
    static const char *const KINDS[] = {"f", "d", "o"};
    hop_buf_addf(&r->text, "%s:%s=%s;", KINDS[kind], path, data ? hop_buf_get(data) : "");
    return HOP_OK;
}

static hop_status walk(int fd, uint64_t size_bytes, record *r, hop_error **err)
{
    r->text = hop_buf_init(HOP_BUF_TEXT);
    hop_archive_visitor v = {.want = want, .member = member, .user = r};
    return hop_archive_walk(fd, size_bytes, "a.tar", &v, err);
}

static void every_filter(void **state)
{
    (void)state;
    static const test_tar_filter FILTERS[] = {TEST_TAR_PLAIN, TEST_TAR_GZIP,
                                              TEST_TAR_ZSTD};
    for (size_t i = 0; i < HOP_COUNT_OF(FILTERS); i++) {
        HOP_AUTO(hop_error) err = NULL;
        test_tar t = test_tar_begin(FILTERS[i]);
        test_tar_add_directory(&t, "./d/");
        test_tar_add(&t, "./d/a", "one");
        test_tar_add(&t, "/abs", "two");
        test_tar_add(&t, "d/../../out", "evil");
        test_tar_add_link(&t, "l", "d/a");
        test_tar_add(&t, "empty", "");
        uint64_t size = 0;
        HOP_AUTO_FD fd = test_tar_end(&t, &size);
        record r = {.cap = 10};
        assert_ok(walk(fd, size, &r, &err), &err);
        assert_string_equal(hop_buf_get(&r.text),
                            "d:d=;f:d/a=one;f:abs=two;o:l=;f:empty=;");
        hop_buf_clear(&r.text);
        /* The descriptor can be read again: its offset plays no part. */
        r.only = "abs";
        assert_ok(walk(fd, size, &r, &err), &err);
        assert_string_equal(hop_buf_get(&r.text), "f:abs=two;");
        hop_buf_clear(&r.text);
    }
}

static void caps(void **state)
{
    (void)state;
    HOP_AUTO(hop_error) err = NULL;
    test_tar t = test_tar_begin(TEST_TAR_GZIP);
    test_tar_add(&t, "big", "0123456789A");
    uint64_t size = 0;
    HOP_AUTO_FD fd = test_tar_end(&t, &size);
    record r = {.cap = 10};
    assert_fails(walk(fd, size, &r, &err), &err, HOP_E_LIMIT, "big is larger than 10");
    assert_string_equal(hop_buf_get(&r.text), "");
    hop_buf_clear(&r.text);
    r.cap = HOP_ARCHIVE_NAME_ONLY;
    assert_ok(walk(fd, size, &r, &err), &err);
    assert_string_equal(hop_buf_get(&r.text), "f:big=;");
    hop_buf_clear(&r.text);
}

static int file_of(const char *text, size_t len)
{
    FILE *f = tmpfile();
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, len, f), len);
    assert_int_equal(fflush(f), 0);
    int fd = dup(fileno(f));
    (void)fclose(f);
    return fd;
}

static void not_an_archive(void **state)
{
    (void)state;
    HOP_AUTO(hop_error) err = NULL;
    static const char HTML[] = "<!DOCTYPE html><html><body>Sign in</body></html>";
    HOP_AUTO_FD fd = file_of(HTML, sizeof(HTML) - 1);
    record r = {.cap = 10};
    assert_fails(walk(fd, sizeof(HTML) - 1, &r, &err), &err, HOP_E_PARSE, "read a.tar");
    hop_buf_clear(&r.text);
    /* The size says more than the file holds. */
    assert_fails(walk(fd, 4096, &r, &err), &err, HOP_E_IO, "read a.tar");
    hop_buf_clear(&r.text);
}

static void other_filters_are_refused(void **state)
{
    (void)state;
    HOP_AUTO(hop_error) err = NULL;
    test_tar t = test_tar_begin(TEST_TAR_XZ);
    test_tar_add(&t, "a", "text");
    uint64_t size = 0;
    HOP_AUTO_FD fd = test_tar_end(&t, &size);
    record r = {.cap = 10};
    assert_fails(walk(fd, size, &r, &err), &err, HOP_E_PARSE, "read a.tar");
    hop_buf_clear(&r.text);
}

static void truncated(void **state)
{
    (void)state;
    test_tar t = test_tar_begin(TEST_TAR_GZIP);
    HOP_AUTO_STR noise = hop_alloc(100000, 1);
    uint32_t x = 1;
    for (size_t i = 0; i < 100000; i++) {
        x = x * 1664525u + 1013904223u;
        noise[i] = (char)(x >> 24);
    }
    test_tar_add_bytes(&t, "noise", noise, 100000);
    uint64_t size = 0;
    HOP_AUTO_FD fd = test_tar_end(&t, &size);
    for (uint64_t cut = 1000; cut < size - 2000; cut += 20000) {
        HOP_AUTO(hop_error) err = NULL;
        record r = {.cap = HOP_MIB};
        assert_fails(walk(fd, cut, &r, &err), &err, HOP_E_PARSE, "read a.tar");
        hop_buf_clear(&r.text);
    }
}

static hop_status refuse(void *user, const char *path, hop_member_kind kind,
                         const hop_buf *data, hop_error **err)
{
    (void)user;
    (void)kind;
    (void)data;
    return hop_error_set(err, HOP_E_USAGE, "do not want %s", path);
}

static void visitor_can_stop(void **state)
{
    (void)state;
    HOP_AUTO(hop_error) err = NULL;
    test_tar t = test_tar_begin(TEST_TAR_PLAIN);
    test_tar_add(&t, "a", "1");
    test_tar_add(&t, "b", "2");
    uint64_t size = 0;
    HOP_AUTO_FD fd = test_tar_end(&t, &size);
    record r = {.cap = 10};
    hop_archive_visitor v = {.want = want, .member = refuse, .user = &r};
    assert_fails(hop_archive_walk(fd, size, "a.tar", &v, &err), &err, HOP_E_USAGE,
                 "do not want a");
}

typedef struct streamed {
    hop_buf bytes;
    size_t members;
    char *link;
} streamed;

static size_t want_stream(void *user, const char *path, hop_member_kind kind,
                          uint64_t size_bytes)
{
    (void)user;
    (void)size_bytes;
    return kind == HOP_MEMBER_FILE && strcmp(path, "usr/bin/oc") == 0 ? HOP_ARCHIVE_STREAM
                                                                      : 0;
}

static hop_status note_member(void *user, const char *path, hop_member_kind kind,
                              const hop_buf *data, hop_error **err)
{
    streamed *s = user;
    (void)kind;
    (void)err;
    assert_string_equal(path, "usr/bin/oc");
    assert_null(data);
    s->members++;
    return HOP_OK;
}

static hop_status take_stream(void *user, const void *data, size_t len, hop_error **err)
{
    streamed *s = user;
    (void)err;
    hop_buf_add(&s->bytes, data, len);
    return HOP_OK;
}

static void take_link(void *user, const char *path, const char *target)
{
    streamed *s = user;
    free(s->link);
    s->link = hop_sprintf("%s -> %s", path, target);
}

static void long_files_are_streamed_and_links_shown(void **state)
{
    (void)state;
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    for (unsigned i = 0; i < 100000; i++)
        hop_buf_addf(&text, "%u,", i);
    test_tar t = test_tar_begin(TEST_TAR_GZIP);
    test_tar_add(&t, "usr/bin/other", "no");
    test_tar_add_link(&t, "usr/bin/kubectl", "oc");
    test_tar_add_bytes(&t, "usr/bin/oc", text.data, text.len);
    uint64_t size_bytes = 0;
    HOP_AUTO_FD fd = test_tar_end(&t, &size_bytes);
    streamed got = {.bytes = hop_buf_init(HOP_BUF_TEXT)};
    hop_archive_visitor v = {.want = want_stream,
                             .member = note_member,
                             .stream = take_stream,
                             .link = take_link,
                             .user = &got};
    assert_ok(hop_archive_walk(fd, size_bytes, "layer", &v, &err), &err);
    assert_int_equal(got.members, 1);
    assert_int_equal(got.bytes.len, text.len);
    assert_memory_equal(got.bytes.data, text.data, text.len);
    assert_string_equal(got.link, "usr/bin/kubectl -> oc");
    free(got.link);
    hop_buf_clear(&got.bytes);
}

/* Whichever call meets the full disk. */
static void a_full_disk_is_said(void **state)
{
    (void)state;
    static const size_t lens[] = {3, 1024, 10240, 100000};
    HOP_AUTO_STR data = hop_alloc(100000, 1);
    for (size_t i = 0; i < HOP_COUNT_OF(lens); i++) {
        HOP_AUTO(hop_error) err = NULL;
        HOP_AUTO_FD fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
        HOP_AUTO(hop_tar_writer) t = hop_tar_writer_new(fd, "v.tar");
        hop_status s = HOP_OK;
        for (int n = 0; s == HOP_OK && n < 30; n++)
            s = hop_tar_writer_add(t, "a", data, lens[i], &err);
        if (s == HOP_OK)
            s = hop_tar_writer_end(t, &err);
        assert_fails(s, &err, HOP_E_DISK, "write v.tar: No space left on device");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_filter),
        cmocka_unit_test(caps),
        cmocka_unit_test(not_an_archive),
        cmocka_unit_test(other_filters_are_refused),
        cmocka_unit_test(truncated),
        cmocka_unit_test(visitor_can_stop),
        cmocka_unit_test(long_files_are_streamed_and_links_shown),
        cmocka_unit_test(a_full_disk_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
