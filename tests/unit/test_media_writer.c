/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_support.h"

#include "hop_file.h"
#include "hop_media_disk.h"
#include "media_sink.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define VOLUME_BYTES HOP_VOLUME_MIN_BYTES

/* A directory for each test. */
static int set_up(void **state)
{
    char *path = hop_strdup("/tmp/oc-hop-unit.XXXXXX");
    assert_non_null(mkdtemp(path));
    *state = path;
    return 0;
}

static int tear_down(void **state)
{
    char *path = *state;
    /* Two levels down at the most, as everything here is. */
    for (int depth = 0; depth < 4; depth++) {
        static const char *const folders[] = {
            "", "/m", "/m/partial", "/m/blobs", "/m/blobs/sha256", "/m/blobs/sha512"};
        for (size_t i = HOP_COUNT_OF(folders); i-- > 0;) {
            HOP_AUTO_STR folder = hop_sprintf("%s%s", path, folders[i]);
            DIR *dir = opendir(folder);
            for (const struct dirent *e = NULL; dir && (e = readdir(dir));) {
                HOP_AUTO_STR file = hop_sprintf("%s/%s", folder, e->d_name);
                (void)remove(file);
            }
            if (dir)
                (void)closedir(dir);
        }
    }
    assert_int_equal(rmdir(path), 0);
    free(path);
    return 0;
}

static hop_media_writer *open_writer(const char *dir, uint64_t max_file_bytes,
                                     uint64_t volume_bytes)
{
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO_STR path = hop_sprintf("%s/m", dir);
    hop_media_writer *w = NULL;
    hop_media_writer_opts o = {.path = path,
                               .max_file_bytes = max_file_bytes,
                               .volume_bytes = volume_bytes,
                               .seed = 7};
    assert_ok(hop_media_writer_open(&o, &w, &err), &err);
    return w;
}

static void put_text(const char *path, const char *text)
{
    HOP_AUTO(hop_error) err = NULL;
    assert_ok(hop_file_write(path, text, strlen(text), &err), &err);
}

static void a_blob_is_there_when_all_of_it_is(void **state)
{
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO(hop_media_writer) w = open_writer(*state, 0, 0);
    hop_digest d = hop_digest_of("abcdef", 6);
    HOP_AUTO(hop_media_blob) b = hop_media_blob_new(w, &d, 6);
    assert_ok(hop_media_blob_write(b, 0, "abc", 3, &err), &err);
    assert_false(hop_media_writer_has(w, &d, 6));
    assert_int_equal(hop_media_blob_get_have(b), 3);
    assert_ok(hop_media_blob_write(b, 3, "def", 3, &err), &err);
    assert_false(hop_media_writer_has(w, &d, 6)); /* its name is still the other one */
    assert_ok(hop_media_blob_commit(b, &err), &err);
    assert_true(hop_media_writer_has(w, &d, 6));
    assert_false(hop_media_writer_has(w, &d, 7));
}

static void a_try_that_is_given_up_leaves_nothing_behind_the_next(void **state)
{
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO(hop_media_writer) w = open_writer(*state, 0, 0);
    hop_digest d = hop_digest_of("abcdef", 6);
    HOP_AUTO(hop_media_blob) b = hop_media_blob_new(w, &d, 6);
    assert_ok(hop_media_blob_write(b, 0, "zzzzzz", 6, &err), &err);
    assert_ok(hop_media_blob_write(b, 0, "ab", 2, &err), &err);
    assert_int_equal(hop_media_blob_get_have(b), 2);
    assert_ok(hop_media_blob_write(b, 2, "cdef", 4, &err), &err);
    assert_ok(hop_media_blob_commit(b, &err), &err);
    bool is_right = false;
    assert_ok(hop_media_writer_recheck(w, &d, 6, &is_right, &err), &err);
    assert_true(is_right);
}

static void long_blobs_come_in_parts(void **state)
{
    const char *dir = *state;
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO(hop_media_writer) w = open_writer(dir, 4, 0);
    hop_digest d = hop_digest_of("0123456789", 10);
    HOP_AUTO(hop_media_blob) b = hop_media_blob_new(w, &d, 10);
    assert_ok(hop_media_blob_write(b, 0, "01", 2, &err), &err);
    assert_ok(hop_media_blob_write(b, 2, "23456", 5, &err), &err);
    assert_int_equal(hop_media_blob_get_have(b), 7);
    HOP_AUTO(hop_hash) h = hop_hash_new();
    assert_ok(hop_media_blob_hash(b, h, &err), &err);
    hop_digest so_far = hop_hash_finish(h), want = hop_digest_of("0123456", 7);
    assert_string_equal(so_far.text, want.text);
    assert_ok(hop_media_blob_write(b, 7, "789", 3, &err), &err);
    assert_ok(hop_media_blob_commit(b, &err), &err);
    assert_true(hop_media_writer_has(w, &d, 10));
    static const char *const parts[] = {"0123", "4567", "89"};
    for (unsigned i = 0; i < 3; i++) {
        HOP_AUTO_STR relative = hop_media_part_path(&d, 0, i);
        HOP_AUTO_STR path = hop_sprintf("%s/m/%s", dir, relative);
        HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(100);
        assert_ok(hop_file_read(path, &text, &err), &err);
        assert_string_equal(hop_buf_get(&text), parts[i]);
    }
    HOP_AUTO_FD fd = -1;
    char whole[11] = {0};
    assert_ok(hop_media_writer_read_blob(w, &d, 10, "/tmp", &fd, &err), &err);
    assert_int_equal(pread(fd, whole, 10, 0), 10);
    assert_string_equal(whole, "0123456789");
    bool is_right = false;
    assert_ok(hop_media_writer_recheck(w, &d, 10, &is_right, &err), &err);
    assert_true(is_right);
}

static void wrong_bytes_are_found_and_removed(void **state)
{
    const char *dir = *state;
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO(hop_media_writer) w = open_writer(dir, 0, 0);
    hop_digest d = hop_digest_of("abc", 3);
    assert_ok(hop_media_writer_put(w, &d, "abc", 3, &err), &err);
    HOP_AUTO_STR relative = hop_media_blob_path(&d);
    HOP_AUTO_STR path = hop_sprintf("%s/m/%s", dir, relative);
    put_text(path, "abd");
    assert_true(hop_media_writer_has(w, &d, 3)); /* the size is right */
    bool is_right = true;
    assert_ok(hop_media_writer_recheck(w, &d, 3, &is_right, &err), &err);
    assert_false(is_right);
    assert_false(hop_media_writer_has(w, &d, 3));
}

static void an_empty_blob_is_a_blob(void **state)
{
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO(hop_media_writer) w = open_writer(*state, 0, 0);
    hop_digest d = hop_digest_of("", 0);
    assert_false(hop_media_writer_has(w, &d, 0));
    assert_ok(hop_media_writer_put(w, &d, "", 0, &err), &err);
    assert_true(hop_media_writer_has(w, &d, 0));
}

static void one_writer_and_its_own_directory(void **state)
{
    const char *dir = *state;
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO(hop_media_writer) second = NULL;
    HOP_AUTO_STR path = hop_sprintf("%s/m", dir);
    hop_media_writer_opts o = {.path = path};
    hop_media_writer *first = open_writer(dir, 0, 0);
    assert_fails(hop_media_writer_open(&o, &second, &err), &err, HOP_E_IO,
                 "another oc-hop is writing");
    hop_media_writer_free(first);
    assert_ok(hop_media_writer_open(&o, &second, &err), &err);
    HOP_AUTO(hop_media_writer) other = NULL;
    HOP_AUTO_STR stranger = hop_sprintf("%s/thesis.tex", dir);
    put_text(stranger, "x");
    o.path = dir;
    assert_fails(hop_media_writer_open(&o, &other, &err), &err, HOP_E_USAGE, "has \"");
}

static void space_is_known_beforehand(void **state)
{
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO(hop_media_writer) w = open_writer(*state, 0, 0);
    static const hop_media_need fits = {1, 1, 1, "/tmp"};
    static const hop_media_need too_much[] = {{UINT64_MAX / 2, 1, 0, NULL},
                                              {UINT64_MAX - 1, UINT64_MAX, 0, NULL},
                                              {1, 1, UINT64_MAX / 2, "."},
                                              {1, 1, UINT64_MAX, "/tmp"}};
    assert_ok(hop_media_writer_check_space(w, &fits, &err), &err);
    for (size_t i = 0; i < HOP_COUNT_OF(too_much); i++)
        assert_fails(hop_media_writer_check_space(w, &too_much[i], &err), &err,
                     HOP_E_DISK, "are free");
}

/* ---- volumes ---- */

static uint64_t size_of_file(const char *dir, unsigned number, const char *end)
{
    struct stat st;
    HOP_AUTO_STR path = hop_sprintf("%s/m/oc-hop.%03u.%s", dir, number, end);
    return stat(path, &st) == 0 ? (uint64_t)st.st_size : 0;
}

static uint64_t size_of_volume(const char *dir, unsigned number)
{
    return size_of_file(dir, number, "tar");
}

static void add_noise(hop_media_writer *w, uint64_t *seed, size_t len)
{
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO_STR data = hop_alloc(len + 1, 1);
    for (size_t i = 0; i < len; i++) {
        *seed = *seed * 6364136223846793005u + 1442695040888963407u;
        data[i] = (char)(*seed >> 56);
    }
    hop_digest d = hop_digest_of(data, len);
    assert_ok(hop_media_writer_put(w, &d, data, len, &err), &err);
    assert_true(hop_media_writer_has(w, &d, len));
}

/* Whatever is written, and in which sizes, no volume is larger than it may be, and all
 * but the last are nearly full. */
static void volumes_are_full_and_never_too_large(void **state)
{
    const char *dir = *state;
    uint64_t seed = 1;
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO(hop_media_writer) w = open_writer(dir, 0, VOLUME_BYTES);
    for (unsigned i = 0; i < 60; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        size_t len = (size_t)(seed >> 33) % (i % 3 == 0   ? 700
                                             : i % 3 == 1 ? 9000
                                                          : 900000);
        add_noise(w, &seed, len);
    }
    HOP_AUTO_VALUE(hop_media) m = {0};
    m.repository = hop_strdup("a");
    m.release_repository = hop_strdup("b");
    m.graph_data_repository = hop_strdup("c");
    assert_ok(hop_media_writer_finish(w, &m, &err), &err);
    unsigned count = 0;
    while (size_of_volume(dir, count + 1) > 0)
        count++;
    assert_true(count > 5);
    for (unsigned n = 1; n <= count; n++) {
        assert_true(size_of_volume(dir, n) <= VOLUME_BYTES);
        if (n < count)
            assert_true(size_of_volume(dir, n) > VOLUME_BYTES - 8192);
    }
}

static void volumes_go_on_where_they_were_torn_off(void **state)
{
    const char *dir = *state;
    uint64_t seed = 5;
    HOP_AUTO(hop_error) err = NULL;
    hop_media_writer *first = open_writer(dir, 0, VOLUME_BYTES);
    hop_digest small = hop_digest_of("small", 5);
    assert_ok(hop_media_writer_put(first, &small, "small", 5, &err), &err);
    HOP_AUTO_STR data = hop_alloc(3 * HOP_MIB, 1);
    hop_digest large = hop_digest_of(data, 3 * HOP_MIB);
    hop_media_blob *b = hop_media_blob_new(first, &large, 3 * HOP_MIB);
    assert_ok(hop_media_blob_write(b, 0, data, 2 * HOP_MIB + 5, &err), &err);
    hop_media_blob_free(b);
    hop_media_writer_free(first);
    assert_true(size_of_volume(dir, 1) > 0);

    HOP_AUTO(hop_media_writer) second = open_writer(dir, 0, VOLUME_BYTES);
    assert_true(hop_media_writer_has(second, &small, 5)); /* in volume 1 */
    assert_false(hop_media_writer_has(second, &large, 3 * HOP_MIB));
    HOP_AUTO_STR path = hop_media_blob_path(&large);
    assert_int_equal(hop_volumes_next_try(second->volumes, path), 1);
    assert_ok(hop_media_writer_put(second, &large, data, 3 * HOP_MIB, &err), &err);
    assert_true(hop_media_writer_has(second, &large, 3 * HOP_MIB));
    add_noise(second, &seed, 100);
}

/* What is taken out of a blob at the end needs its bytes, and volumes may be elsewhere.
 */
static void a_blob_to_be_kept_comes_again_and_is_not_written_again(void **state)
{
    const char *dir = *state;
    HOP_AUTO(hop_error) err = NULL;
    hop_media_writer *first = open_writer(dir, 0, VOLUME_BYTES);
    HOP_AUTO_STR data = hop_alloc(2 * HOP_MIB, 1);
    hop_digest digest = hop_digest_of(data, 2 * HOP_MIB);
    assert_ok(hop_media_writer_put(first, &digest, data, 2 * HOP_MIB, &err), &err);
    uint64_t seed = 3;
    add_noise(first, &seed, VOLUME_BYTES); /* ends the volume that has the rest of it */
    hop_media_writer_free(first);
    uint64_t before = size_of_file(dir, 4, "tar.partial") - 1024; /* the end */

    HOP_AUTO(hop_media_writer) second = open_writer(dir, 0, VOLUME_BYTES);
    assert_true(hop_media_writer_has(second, &digest, 2 * HOP_MIB));
    assert_false(hop_media_writer_lacks_copy(second, &digest, 2 * HOP_MIB));
    assert_ok(hop_media_writer_keep(second, &digest, dir, &err), &err);
    assert_true(hop_media_writer_lacks_copy(second, &digest, 2 * HOP_MIB));
    hop_media_blob *b = hop_media_blob_new(second, &digest, 2 * HOP_MIB);
    assert_ok(hop_media_blob_write(b, 0, data, 2 * HOP_MIB, &err), &err);
    assert_ok(hop_media_blob_commit(b, &err), &err);
    hop_media_blob_free(b);
    assert_false(hop_media_writer_lacks_copy(second, &digest, 2 * HOP_MIB));
    int fd = -1;
    assert_ok(hop_media_writer_read_blob(second, &digest, 2 * HOP_MIB, dir, &fd, &err),
              &err);
    assert_int_equal(lseek(fd, 0, SEEK_END), 2 * HOP_MIB);
    (void)close(fd);
    assert_int_equal(size_of_file(dir, 4, "tar.partial"), before);
}

/* ---- what is kept of a volume that was not done ---- */

#define TORN_BLOBS 5
#define TORN_BYTES 1000 /* of each; with its header 1536 */
#define TORN_MEMBER 1536

static hop_digest torn_blob(unsigned number, char data[TORN_BYTES])
{
    memset(data, (int)number + 1, TORN_BYTES);
    return hop_digest_of(data, TORN_BYTES);
}

/* Five small blobs, and half of a long one. */
static void tear_off(const char *dir)
{
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO(hop_media_writer) w = open_writer(dir, 0, 4 * VOLUME_BYTES);
    char data[TORN_BYTES];
    for (unsigned i = 0; i < TORN_BLOBS; i++) {
        hop_digest d = torn_blob(i, data);
        assert_ok(hop_media_writer_put(w, &d, data, sizeof(data), &err), &err);
    }
    HOP_AUTO_STR text = hop_alloc(3 * HOP_MIB, 1);
    hop_digest large = hop_digest_of(text, 3 * HOP_MIB);
    HOP_AUTO(hop_media_blob) b = hop_media_blob_new(w, &large, 3 * HOP_MIB);
    assert_ok(hop_media_blob_write(b, 0, text, 2 * HOP_MIB, &err), &err);
}

/* The first so many blobs are kept, and the volume has them and no more. */
static void assert_kept(const char *dir, unsigned count, uint64_t volume_bytes)
{
    HOP_AUTO(hop_media_writer) w = open_writer(dir, 0, volume_bytes);
    char data[TORN_BYTES];
    for (unsigned i = 0; i < TORN_BLOBS; i++) {
        hop_digest d = torn_blob(i, data);
        assert_int_equal(hop_media_writer_has(w, &d, sizeof(data)), i < count);
    }
    assert_int_equal(size_of_file(dir, 1, "tar.partial"), count * TORN_MEMBER);
}

static void flip(const char *dir, const char *end, uint64_t at)
{
    HOP_AUTO_STR path = hop_sprintf("%s/m/oc-hop.001.%s", dir, end);
    HOP_AUTO_FD fd = open(path, O_RDWR);
    char c = 0;
    assert_int_equal(pread(fd, &c, 1, (off_t)at), 1);
    c ^= 1;
    assert_int_equal(pwrite(fd, &c, 1, (off_t)at), 1);
}

static void cut(const char *dir, const char *end, uint64_t at)
{
    HOP_AUTO_STR path = hop_sprintf("%s/m/oc-hop.001.%s", dir, end);
    assert_int_equal(truncate(path, (off_t)at), 0);
}

static void blobs_of_a_torn_volume_are_kept_up_to_the_last_whole_one(void **state)
{
    tear_off(*state);
    assert_true(size_of_file(*state, 1, "tar.partial") > HOP_MIB);
    assert_kept(*state, TORN_BLOBS, 4 * VOLUME_BYTES);
}

static void nothing_of_a_torn_volume_is_believed_unread(void **state)
{
    const char *dir = *state;
    static const struct {
        uint64_t flip_at; /* of the volume */
        unsigned kept;
    } cases[] = {
        {4 * TORN_MEMBER + 512 + 999, 4}, /* the last byte of a blob */
        {3 * TORN_MEMBER + 20, 3},        /* a name */
        {2 * TORN_MEMBER + 1535, 2},      /* padding */
        {0, 0},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        tear_off(dir);
        flip(dir, "tar.partial", cases[i].flip_at);
        assert_kept(dir, cases[i].kept, 4 * VOLUME_BYTES);
    }
    tear_off(dir);
    cut(dir, "tar.partial", 3 * TORN_MEMBER - 1); /* only zeros are missing */
    assert_kept(dir, 2, 4 * VOLUME_BYTES);
    tear_off(dir);
    flip(dir, "sums", 0);
    assert_kept(dir, 0, 4 * VOLUME_BYTES);
    tear_off(dir);
    cut(dir, "sums", 70);
    assert_kept(dir, 0, 4 * VOLUME_BYTES);
}

/* What a run goes on with is written behind it, and the volume is good. */
static void a_torn_volume_is_gone_on_with(void **state)
{
    const char *dir = *state;
    uint64_t seed = 9;
    HOP_AUTO(hop_error) err = NULL;
    tear_off(dir);
    hop_media_writer *second = open_writer(dir, 0, 4 * VOLUME_BYTES);
    add_noise(second, &seed, 70000);
    hop_media_writer_free(second);
    HOP_AUTO(hop_media_writer) third = open_writer(dir, 0, 4 * VOLUME_BYTES);
    char data[TORN_BYTES];
    hop_digest d = torn_blob(TORN_BLOBS - 1, data);
    assert_true(hop_media_writer_has(third, &d, sizeof(data)));
    uint64_t kept = size_of_file(dir, 1, "tar.partial");
    assert_true(kept > TORN_BLOBS * TORN_MEMBER + 70000);
    HOP_AUTO_VALUE(hop_media) m = {0};
    m.repository = hop_strdup("a");
    m.release_repository = hop_strdup("b");
    m.graph_data_repository = hop_strdup("c");
    assert_ok(hop_media_writer_finish(third, &m, &err), &err);
    assert_true(size_of_volume(dir, 1) > kept);
    assert_int_equal(size_of_file(dir, 1, "sums"), 0);
    HOP_AUTO_STR path = hop_sprintf("%s/m", dir);
    HOP_AUTO_VALUE(hop_strings) dirs = {0};
    hop_strings_add(&dirs, path);
    HOP_AUTO(hop_media_disk) disk = NULL;
    assert_ok(hop_media_disk_open(&dirs, &disk, &err), &err);
    assert_int_equal(hop_media_disk_get_refused(disk)->len, 0);
}

/* A volume that is smaller than what was written already cannot hold it. */
static void a_smaller_volume_begins_anew(void **state)
{
    const char *dir = *state;
    uint64_t seed = 11;
    hop_media_writer *first = open_writer(dir, 0, 4 * VOLUME_BYTES);
    add_noise(first, &seed, 900000);
    add_noise(first, &seed, 900000);
    hop_media_writer_free(first);
    assert_true(size_of_file(dir, 1, "tar.partial") > 1800000);
    hop_media_writer *second = open_writer(dir, 0, VOLUME_BYTES);
    assert_int_equal(size_of_file(dir, 1, "tar.partial"), 0);
    hop_media_writer_free(second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_blob_is_there_when_all_of_it_is, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            a_try_that_is_given_up_leaves_nothing_behind_the_next, set_up, tear_down),
        cmocka_unit_test_setup_teardown(long_blobs_come_in_parts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(wrong_bytes_are_found_and_removed, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_empty_blob_is_a_blob, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_writer_and_its_own_directory, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(space_is_known_beforehand, set_up, tear_down),
        cmocka_unit_test_setup_teardown(volumes_are_full_and_never_too_large, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(volumes_go_on_where_they_were_torn_off, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            a_blob_to_be_kept_comes_again_and_is_not_written_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            blobs_of_a_torn_volume_are_kept_up_to_the_last_whole_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_of_a_torn_volume_is_believed_unread,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_torn_volume_is_gone_on_with, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_smaller_volume_begins_anew, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
