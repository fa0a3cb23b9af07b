/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_support.h"

#include "media_disk.h"
#include "media_sink.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define LARGE ((size_t)3 * HOP_MIB)
#define OTHER ((size_t)2 * HOP_MIB + 77)
#define SMALL "small"

/* A shelf with volumes, and a drive that takes one. */
typedef struct fixture {
    char *root, *shelf, *drive;
    char *large, *other;
    hop_digest large_digest, other_digest, small_digest;
    unsigned volumes; /* on the shelf */
    unsigned changes;
    unsigned broken; /* this one cannot be put in; 0: all can */
    unsigned wrong;  /* so often the first one is put in instead */
    unsigned complaints;
} fixture;

static void fill_with_noise(char *data, size_t len, uint32_t seed)
{
    for (size_t i = 0; i < len; i++) {
        seed = seed * 1664525u + 1013904223u;
        data[i] = (char)(seed >> 24);
    }
}

static hop_media_writer *open_writer(const fixture *f)
{
    HOP_AUTO(hop_error) err = NULL;
    hop_media_writer *w = NULL;
    hop_media_writer_opts o = {
        .path = f->shelf, .volume_bytes = HOP_VOLUME_MIN_BYTES, .seed = 7};
    assert_ok(hop_media_writer_open(&o, &w, &err), &err);
    return w;
}

/* Of `large` a first try is left over, and both large blobs lie in turns, as when they
 * come at the same time. */
static void write_volumes(fixture *f)
{
    HOP_AUTO(hop_error) err = NULL;
    hop_media_writer *torn = open_writer(f);
    hop_media_blob *given_up = hop_media_blob_new(torn, &f->large_digest, LARGE);
    assert_ok(hop_media_blob_write(given_up, 0, f->large, LARGE - 9, &err), &err);
    hop_media_blob_free(given_up);
    hop_media_writer_free(torn);

    HOP_AUTO(hop_media_writer) w = open_writer(f);
    assert_ok(hop_media_writer_put(w, &f->small_digest, SMALL, strlen(SMALL), &err),
              &err);
    HOP_AUTO(hop_media_blob) a = hop_media_blob_new(w, &f->large_digest, LARGE);
    HOP_AUTO(hop_media_blob) b = hop_media_blob_new(w, &f->other_digest, OTHER);
    for (size_t at = 0; at < LARGE; at += 256 * HOP_KIB) {
        size_t n = at >= OTHER                  ? 0
                   : OTHER - at < 256 * HOP_KIB ? OTHER - at
                                                : 256 * HOP_KIB;
        assert_ok(hop_media_blob_write(a, at, f->large + at, 256 * HOP_KIB, &err), &err);
        if (n > 0)
            assert_ok(hop_media_blob_write(b, at, f->other + at, n, &err), &err);
    }
    assert_ok(hop_media_blob_commit(a, &err), &err);
    assert_ok(hop_media_blob_commit(b, &err), &err);
    HOP_AUTO_VALUE(hop_media) m = {0};
    m.repository = hop_strdup("a");
    m.release_repository = hop_strdup("b");
    m.graph_data_repository = hop_strdup("c");
    assert_ok(hop_media_writer_finish(w, &m, &err), &err);
}

static char *volume_in(const char *dir, unsigned number)
{
    return hop_sprintf("%s/oc-hop.%03u.tar", dir, number);
}

static void take_out(const fixture *f)
{
    for (unsigned n = 1; n <= f->volumes; n++) {
        HOP_AUTO_STR path = volume_in(f->drive, n);
        (void)unlink(path);
    }
}

static int set_up(void **state)
{
    char name[] = "/tmp/oc-hop-unit.XXXXXX";
    fixture *f = hop_alloc(1, sizeof(*f));
    if (!mkdtemp(name))
        return 1;
    f->root = hop_strdup(name);
    f->shelf = hop_sprintf("%s/shelf", name);
    f->drive = hop_sprintf("%s/drive", name);
    assert_int_equal(mkdir(f->drive, 0700), 0);
    f->large = hop_alloc(LARGE, 1);
    f->other = hop_alloc(OTHER, 1);
    fill_with_noise(f->large, LARGE, 1);
    fill_with_noise(f->other, OTHER, 2);
    f->large_digest = hop_digest_of(f->large, LARGE);
    f->other_digest = hop_digest_of(f->other, OTHER);
    f->small_digest = hop_digest_of(SMALL, strlen(SMALL));
    write_volumes(f);
    for (unsigned n = 1;; n++) {
        HOP_AUTO_STR path = volume_in(f->shelf, n);
        if (access(path, F_OK) != 0)
            break;
        f->volumes = n;
    }
    assert_true(f->volumes >= 5);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    remove_tree(f->root);
    free(f->root);
    free(f->shelf);
    free(f->drive);
    free(f->large);
    free(f->other);
    free(f);
    return 0;
}

static hop_status change(void *user, unsigned number, const char *why, hop_error **err)
{
    fixture *f = user;
    f->changes++;
    f->complaints += why != NULL;
    take_out(f);
    if (number == f->broken)
        return hop_error_set(err, HOP_E_CANCELLED, "nobody is there");
    HOP_AUTO_STR from = volume_in(f->shelf, f->wrong ? 1 : number);
    HOP_AUTO_STR to = volume_in(f->drive, number);
    f->wrong -= f->wrong > 0;
    assert_int_equal(link(from, to), 0);
    return HOP_OK;
}

static hop_status try_to_open(fixture *f, hop_media_reading reading, hop_media_disk **out,
                              hop_error **err)
{
    hop_media_drive drive = {.change = change, .user = f, .reading = reading};
    return hop_media_disk_open_drive(f->drive, &drive, out, err);
}

static hop_media_disk *open_drive(fixture *f, hop_media_reading reading)
{
    HOP_AUTO(hop_error) err = NULL;
    hop_media_disk *d = NULL;
    assert_ok(try_to_open(f, reading, &d, &err), &err);
    assert_int_equal(hop_media_disk_get_refused(d)->len, 0);
    return d;
}

static void read_back(const hop_media_disk *d, const hop_digest *digest)
{
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO_VALUE(hop_buf) bytes = hop_buf_init(2 * LARGE);
    assert_ok(hop_media_disk_read_blob(d, digest, &bytes, &err), &err);
}

static void assert_found(const hop_media_disk *d, const hop_digest *digest)
{
    HOP_AUTO_STR path = hop_media_blob_path(digest);
    const hop_digest *found = hop_media_disk_get_found(d, path);
    assert_non_null(found);
    assert_string_equal(found->text, digest->text);
}

static void all_bytes_are_hashed_in_one_round(void **state)
{
    fixture *f = *state;
    HOP_AUTO(hop_media_disk) d = open_drive(f, HOP_MEDIA_READ_ALL);
    assert_int_equal(f->changes, f->volumes);
    assert_found(d, &f->small_digest);
    assert_found(d, &f->large_digest);
    assert_found(d, &f->other_digest);
}

static void what_is_small_needs_no_volume_again(void **state)
{
    fixture *f = *state;
    HOP_AUTO(hop_media_disk) d = open_drive(f, HOP_MEDIA_READ_INDEX);
    assert_false(hop_media_disk_must_change(d, &f->small_digest));
    read_back(d, &f->small_digest);
    assert_int_equal(f->changes, f->volumes);
}

static void a_reader_has_volumes_changed_as_it_goes_on(void **state)
{
    fixture *f = *state;
    HOP_AUTO(hop_media_disk) d = open_drive(f, HOP_MEDIA_READ_INDEX);
    HOP_AUTO_STR path = hop_media_blob_path(&f->large_digest);
    assert_null(hop_media_disk_get_found(d, path));
    assert_true(hop_media_disk_must_change(d, &f->large_digest));
    read_back(d, &f->large_digest);
    assert_true(f->changes > f->volumes);
    assert_true(f->changes <= 2 * f->volumes);
}

/* Parts are kept until the last one is there, and then forgotten. */
static void blobs_over_several_volumes_are_read_in_one_round(void **state)
{
    fixture *f = *state;
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO(hop_media_disk) d = open_drive(f, HOP_MEDIA_READ_INDEX);
    const hop_digest *all[] = {&f->large_digest, &f->other_digest};
    bool is_read[HOP_COUNT_OF(all)] = {false};
    for (unsigned n = 1; n <= f->volumes; n++) {
        assert_ok(hop_media_disk_bring_volume(d, n, &err), &err);
        assert_int_equal(hop_media_disk_get_volume(d), n);
        for (size_t i = 0; i < HOP_COUNT_OF(all); i++) {
            if (hop_media_disk_must_change(d, all[i])) {
                assert_ok(hop_media_disk_keep(d, all[i], HOP_MEDIA_KEEP_FOR_NOW, &err),
                          &err);
            } else if (!is_read[i] && hop_media_disk_next_volume(d, all[i]) == n) {
                unsigned before = f->changes;
                read_back(d, all[i]);
                assert_int_equal(f->changes, before);
                is_read[i] = true;
            }
        }
    }
    assert_int_equal(f->changes, 2 * f->volumes);
    for (size_t i = 0; i < HOP_COUNT_OF(all); i++) {
        assert_true(is_read[i]);
        hop_media_disk_drop(d, all[i]);
        assert_true(hop_media_disk_must_change(d, all[i]));
        read_back(d, all[i]);
    }
}

static void kept_blobs_need_no_volume(void **state)
{
    fixture *f = *state;
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO(hop_media_disk) d = open_drive(f, HOP_MEDIA_READ_INDEX);
    assert_ok(hop_media_disk_keep(d, &f->large_digest, HOP_MEDIA_KEEP_ALL, &err), &err);
    unsigned before = f->changes;
    hop_media_disk_drop(d, &f->large_digest); /* not this one */
    assert_false(hop_media_disk_must_change(d, &f->large_digest));
    read_back(d, &f->large_digest);
    assert_int_equal(f->changes, before);
}

static void a_wrong_volume_is_asked_for_again(void **state)
{
    fixture *f = *state;
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO(hop_media_disk) d = open_drive(f, HOP_MEDIA_READ_INDEX);
    f->wrong = 2;
    assert_ok(hop_media_disk_bring_volume(d, 2, &err), &err);
    assert_int_equal(f->complaints, 2);
    assert_int_equal(f->changes, f->volumes + 3);
    f->wrong = 3; /* which is too often */
    assert_fails(hop_media_disk_bring_volume(d, 3, &err), &err, HOP_E_DIGEST,
                 "is not the one that was read before");
}

static void what_the_change_says_ends_the_reading(void **state)
{
    fixture *f = *state;
    HOP_AUTO(hop_error) err = NULL;
    hop_media_disk *none = NULL;
    f->broken = 3;
    assert_fails(try_to_open(f, HOP_MEDIA_READ_ALL, &none, &err), &err, HOP_E_CANCELLED,
                 "nobody is there");
    assert_null(none);
    f->broken = 0;
    f->changes = 0;
    HOP_AUTO(hop_media_disk) d = open_drive(f, HOP_MEDIA_READ_INDEX);
    f->broken = 1;
    assert_ok(hop_media_disk_bring_volume(d, f->volumes, &err), &err);
    assert_fails(hop_media_disk_bring_volume(d, 1, &err), &err, HOP_E_CANCELLED,
                 "nobody is there");
    assert_true(hop_changer_is_ended(d));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(all_bytes_are_hashed_in_one_round, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_is_small_needs_no_volume_again, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_reader_has_volumes_changed_as_it_goes_on,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(blobs_over_several_volumes_are_read_in_one_round,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(kept_blobs_need_no_volume, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_wrong_volume_is_asked_for_again, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_the_change_says_ends_the_reading, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
