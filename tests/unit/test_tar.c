/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_support.h"

#include "../../graphdata-image/tar.h"
#include "tar_fixture.h"

static void gzip_round_trip(void **state)
{
    (void)state;
    hop_error *err = NULL;
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    for (int i = 0; i < 30000; i++)
        hop_buf_addf(&text, "line %d\n", i);
    HOP_AUTO_VALUE(hop_buf) packed = hop_buf_init(HOP_BUF_TEXT);
    HOP_AUTO_VALUE(hop_buf) again = hop_buf_init(HOP_BUF_TEXT);
    HOP_AUTO_VALUE(hop_buf) back = hop_buf_init(HOP_BUF_TEXT);
    gzip_deflate(hop_buf_get(&text), text.len, &packed);
    gzip_deflate(hop_buf_get(&text), text.len, &again);
    assert_int_equal(packed.len, again.len);
    assert_memory_equal(packed.data, again.data, packed.len);
    assert_true(gzip_is(packed.data, packed.len));
    assert_memory_equal(packed.data + 4, "\0\0\0\0", 4); /* no time */
    assert_ok(gzip_inflate(packed.data, packed.len, &back, &err), &err);
    assert_int_equal(back.len, text.len);
    assert_memory_equal(back.data, text.data, text.len);
}

static void gzip_of_nothing(void **state)
{
    (void)state;
    hop_error *err = NULL;
    HOP_AUTO_VALUE(hop_buf) packed = hop_buf_init(HOP_BUF_TEXT);
    HOP_AUTO_VALUE(hop_buf) back = hop_buf_init(HOP_BUF_TEXT);
    gzip_deflate("", 0, &packed);
    assert_ok(gzip_inflate(packed.data, packed.len, &back, &err), &err);
    assert_int_equal(back.len, 0);
}

/* Every cut and every flipped byte behind the header must be noticed. */
static void gzip_damage(void **state)
{
    (void)state;
    static const char text[] = "the quick brown fox jumps over the lazy dog, twice; the "
                               "quick brown fox jumps over the lazy dog";
    HOP_AUTO_VALUE(hop_buf) packed = hop_buf_init(HOP_BUF_TEXT);
    gzip_deflate(text, sizeof(text), &packed);
    for (size_t len = 0; len < packed.len; len++) {
        HOP_AUTO(hop_error) err = NULL;
        HOP_AUTO_VALUE(hop_buf) out = hop_buf_init(HOP_BUF_TEXT);
        assert_int_equal(gzip_inflate(packed.data, len, &out, &err), HOP_E_PARSE);
    }
    for (size_t at = 10; at < packed.len; at++) {
        HOP_AUTO(hop_error) err = NULL;
        HOP_AUTO_VALUE(hop_buf) out = hop_buf_init(HOP_BUF_TEXT);
        packed.data[at] = (char)(packed.data[at] ^ 1);
        hop_status s = gzip_inflate(packed.data, packed.len, &out, &err);
        bool is_same = s == HOP_OK && out.len == sizeof(text) &&
                       memcmp(hop_buf_get(&out), text, out.len) == 0;
        assert_true(s == HOP_E_PARSE ||
                    is_same); /* a bit of the padding may not matter */
        packed.data[at] = (char)(packed.data[at] ^ 1);
    }
}

static void gzip_bomb(void **state)
{
    (void)state;
    hop_error *err = NULL;
    HOP_AUTO_STR zeros = hop_alloc(4 * HOP_MIB, 1);
    HOP_AUTO_VALUE(hop_buf) packed = hop_buf_init(HOP_BUF_TEXT);
    HOP_AUTO_VALUE(hop_buf) out = hop_buf_init(HOP_MIB);
    gzip_deflate(zeros, 4 * HOP_MIB, &packed);
    assert_fails(gzip_inflate(packed.data, packed.len, &out, &err), &err, HOP_E_LIMIT,
                 "more than 1048576 bytes inflated");
}

static void tar_is_plain_ustar(void **state)
{
    (void)state;
    hop_error *err = NULL;
    HOP_AUTO_VALUE(hop_buf) out = hop_buf_init(HOP_BUF_TEXT);
    HOP_AUTO(tar_writer) w = tar_writer_new(&out);
    assert_ok(tar_writer_add_dir(w, "d", &err), &err);
    assert_ok(tar_writer_add_file(w, "d/f", 0644, "abc", 3, &err), &err);
    tar_writer_finish(w);
    assert_int_equal(out.len, 512 + 512 + 512 + 1024);
    const char *file = out.data + 512;
    assert_string_equal(out.data, "d/");
    assert_string_equal(file, "d/f");
    assert_memory_equal(file + 257, "ustar\00000", 8);
    assert_memory_equal(file + 100, "000644 ", 7);
    assert_memory_equal(file + 108, "000000 ", 7);       /* uid */
    assert_memory_equal(file + 116, "000000 ", 7);       /* gid */
    assert_memory_equal(file + 136, "00000000000 ", 12); /* time */
    assert_int_equal(file[265], '\0');                   /* user name */
    assert_int_equal(file[297], '\0');                   /* group name */
}

static void tar_refuses_a_long_name(void **state)
{
    (void)state;
    hop_error *err = NULL;
    HOP_AUTO_VALUE(hop_buf) out = hop_buf_init(HOP_BUF_TEXT);
    HOP_AUTO(tar_writer) w = tar_writer_new(&out);
    char name[200];
    memset(name, 'x', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    assert_fails(tar_writer_add_file(w, name, 0644, "", 0, &err), &err, HOP_E_LIMIT,
                 "xxx");
}

static void tar_reads_back(void **state)
{
    (void)state;
    hop_error *err = NULL;
    HOP_AUTO_VALUE(hop_buf) tar = hop_buf_init(HOP_BUF_TEXT);
    tar_fixture_add(&tar, '5', "d/", "", 0, 5);
    tar_fixture_add(&tar, '0', "d/f", "bytes", 5, 77);
    tar_fixture_add(&tar, '2', "d/l", "", 0, 0);
    tar_fixture_add(&tar, '3', "d/c", "", 0, 0);
    tar_fixture_end(&tar);
    static const tar_kind kinds[] = {TAR_DIRECTORY, TAR_FILE, TAR_LINK, TAR_OTHER};
    HOP_AUTO(tar_reader) r = tar_reader_new(tar.data, tar.len);
    tar_member m = {0};
    bool is_end = false;
    for (size_t i = 0; i < HOP_COUNT_OF(kinds); i++) {
        assert_ok(tar_reader_next(r, &m, &is_end, &err), &err);
        assert_false(is_end);
        assert_int_equal(m.kind, kinds[i]);
        if (m.kind != TAR_FILE)
            continue;
        HOP_AUTO_VALUE(hop_buf) bytes = hop_buf_init(5);
        assert_string_equal(m.path, "d/f");
        assert_int_equal(m.time_s, 77);
        assert_int_equal(m.size_bytes, 5);
        assert_ok(tar_reader_read(r, &bytes, &err), &err);
        assert_string_equal(hop_buf_get(&bytes), "bytes");
    }
    assert_ok(tar_reader_next(r, &m, &is_end, &err), &err);
    assert_true(is_end);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gzip_round_trip),    cmocka_unit_test(gzip_of_nothing),
        cmocka_unit_test(gzip_damage),        cmocka_unit_test(gzip_bomb),
        cmocka_unit_test(tar_is_plain_ustar), cmocka_unit_test(tar_refuses_a_long_name),
        cmocka_unit_test(tar_reads_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
