/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_support.h"

#include "hop_file.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

static int make_dir(void **state)
{
    char *dir = hop_strdup("/tmp/oc-hop-test-XXXXXX");
    *state = mkdtemp(dir);
    return *state ? 0 : -1;
}

static int remove_dir(void **state)
{
    HOP_AUTO_STR outer = hop_sprintf("%s/a", (char *)*state);
    HOP_AUTO_STR inner = hop_sprintf("%s/b", outer);
    int rc = rmdir(inner) | rmdir(outer) | rmdir(*state);
    free(*state);
    return rc;
}

static size_t count_entries(const char *path)
{
    DIR *d = opendir(path);
    assert_non_null(d);
    size_t n = 0;
    for (const struct dirent *e = NULL; (e = readdir(d));)
        n += e->d_name[0] != '.';
    closedir(d);
    return n;
}

static void write_replaces_whole_and_leaves_no_temporary(void **state)
{
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO_STR deep = hop_sprintf("%s/a/b", (char *)*state);
    assert_ok(hop_dir_make(deep, &err), &err);
    assert_ok(hop_dir_make(deep, &err), &err);
    HOP_AUTO_STR path = hop_sprintf("%s/f", deep);
    assert_ok(hop_file_write(path, "first text", 10, &err), &err);
    assert_ok(hop_file_write(path, "2nd", 3, &err), &err);
    HOP_AUTO_VALUE(hop_buf) b = hop_buf_init(16);
    assert_ok(hop_file_read(path, &b, &err), &err);
    assert_string_equal(hop_buf_get(&b), "2nd");
    assert_int_equal(count_entries(deep), 1);
    assert_int_equal(unlink(path), 0);
}

static void reading_says_what_is_wrong(void **state)
{
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO_STR path = hop_sprintf("%s/g", (char *)*state);
    HOP_AUTO_VALUE(hop_buf) b = hop_buf_init(4);
    assert_fails(hop_file_read(path, &b, &err), &err, HOP_E_NOT_FOUND, "No such file");
    assert_ok(hop_file_write(path, "12345", 5, &err), &err);
    assert_fails(hop_file_read(path, &b, &err), &err, HOP_E_LIMIT, "limit of 4 bytes");
    assert_fails(hop_dir_make(path, &err), &err, HOP_E_IO,
                 "there is a file of that name");
    assert_int_equal(unlink(path), 0);
}

static void full_disk_has_its_own_status(void **state)
{
    (void)state;
    assert_int_equal(hop_status_of_errno(ENOSPC), HOP_E_DISK);
    assert_int_equal(hop_status_of_errno(EDQUOT), HOP_E_DISK);
    assert_int_equal(hop_status_of_errno(EACCES), HOP_E_IO);
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO_VALUE(hop_buf) b = hop_buf_init(4);
    assert_fails(hop_file_read("/proc/self/mem", &b, &err), &err, HOP_E_IO, "read");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(write_replaces_whole_and_leaves_no_temporary),
        cmocka_unit_test(reading_says_what_is_wrong),
        cmocka_unit_test(full_disk_has_its_own_status),
    };
    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
