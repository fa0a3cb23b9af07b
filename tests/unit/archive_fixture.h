/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Archives made at test time, written to an unlinked file.
 *
 *     test_tar t = test_tar_begin(TEST_TAR_GZIP);
 *     test_tar_add(&t, "manifests/a.yaml", "text");
 *     int fd = test_tar_end(&t, &size_bytes);
 */
#ifndef ARCHIVE_FIXTURE_H
#define ARCHIVE_FIXTURE_H

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

typedef enum test_tar_filter {
    TEST_TAR_PLAIN,
    TEST_TAR_GZIP,
    TEST_TAR_ZSTD,
    TEST_TAR_XZ,
} test_tar_filter;

typedef struct test_tar {
    struct archive *writer;
    FILE *file;
} test_tar;

static inline test_tar test_tar_begin(test_tar_filter filter)
{
    test_tar t = {.writer = archive_write_new(), .file = tmpfile()};
    assert_non_null(t.file);
    assert_int_equal(archive_write_set_format_ustar(t.writer), ARCHIVE_OK);
    int rc = ARCHIVE_OK;
    switch (filter) {
    case TEST_TAR_PLAIN:
        break;
    case TEST_TAR_GZIP:
        rc = archive_write_add_filter_gzip(t.writer);
        break;
    case TEST_TAR_ZSTD:
        rc = archive_write_add_filter_zstd(t.writer);
        break;
    case TEST_TAR_XZ:
        rc = archive_write_add_filter_xz(t.writer);
        break;
    }
    assert_int_equal(rc, ARCHIVE_OK);
    /* No padding after the last frame, as in real layers. */
    assert_int_equal(archive_write_set_bytes_in_last_block(t.writer, 1), ARCHIVE_OK);
    assert_int_equal(archive_write_open_FILE(t.writer, t.file), ARCHIVE_OK);
    return t;
}

static inline void test_tar_add_bytes(test_tar *t, const char *path, const void *data,
                                      size_t len)
{
    struct archive_entry *e = archive_entry_new();
    archive_entry_set_pathname(e, path);
    archive_entry_set_filetype(e, AE_IFREG);
    archive_entry_set_perm(e, 0444);
    archive_entry_set_size(e, (la_int64_t)len);
    assert_int_equal(archive_write_header(t->writer, e), ARCHIVE_OK);
    assert_int_equal(archive_write_data(t->writer, data, len), (la_ssize_t)len);
    archive_entry_free(e);
}

static inline void test_tar_add(test_tar *t, const char *path, const char *text)
{
    test_tar_add_bytes(t, path, text, strlen(text));
}

static inline void test_tar_add_link(test_tar *t, const char *path, const char *target)
{
    struct archive_entry *e = archive_entry_new();
    archive_entry_set_pathname(e, path);
    archive_entry_set_filetype(e, AE_IFLNK);
    archive_entry_set_symlink(e, target);
    archive_entry_set_size(e, 0);
    assert_int_equal(archive_write_header(t->writer, e), ARCHIVE_OK);
    archive_entry_free(e);
}

static inline void test_tar_add_directory(test_tar *t, const char *path)
{
    struct archive_entry *e = archive_entry_new();
    archive_entry_set_pathname(e, path);
    archive_entry_set_filetype(e, AE_IFDIR);
    archive_entry_set_perm(e, 0755);
    archive_entry_set_size(e, 0);
    assert_int_equal(archive_write_header(t->writer, e), ARCHIVE_OK);
    archive_entry_free(e);
}

/** The descriptor is the caller's. */
static inline int test_tar_end(test_tar *t, uint64_t *size_bytes)
{
    assert_int_equal(archive_write_close(t->writer), ARCHIVE_OK);
    archive_write_free(t->writer);
    assert_int_equal(fflush(t->file), 0);
    int fd = dup(fileno(t->file));
    assert_true(fd >= 0);
    (void)fclose(t->file);
    struct stat st;
    assert_int_equal(fstat(fd, &st), 0);
    *size_bytes = (uint64_t)st.st_size;
    return fd;
}

#endif
