/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Replays corpus files through a fuzz target: each file named, and each file in each
 * directory named. Every input is also cut short at some lengths, as a truncated document
 * is what a broken connection leaves. Fails when there was nothing to replay. */
#include "fuzz.h"

#include "hop_file.h"

#include <dirent.h>
#include <sys/stat.h>

enum { CUTS = 16 };

static void replay_bytes(const char *bytes, size_t len)
{
    /* A copy of its own, so that the sanitizer sees a read behind the last byte. */
    uint8_t *copy = hop_alloc(len + 1, 1);
    if (len > 0)
        memcpy(copy, bytes, len);
    copy = hop_realloc(copy, len > 0 ? len : 1, 1);
    LLVMFuzzerTestOneInput(copy, len);
    free(copy);
}

static bool replay_file(const char *path)
{
    hop_error *err = NULL;
    HOP_AUTO_VALUE(hop_buf) bytes = hop_buf_init(HOP_MAX_DOCUMENT);
    if (hop_file_read(path, &bytes, &err) != HOP_OK) {
        HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
        hop_error_print(err, &text);
        fputs(hop_buf_get(&text), stderr);
        hop_error_drop(&err);
        return false;
    }
    fprintf(stderr, "%s\n", path);
    for (size_t i = 0; i < CUTS; i++)
        replay_bytes(bytes.data, bytes.len * i / CUTS);
    replay_bytes(bytes.data, bytes.len);
    return true;
}

static bool collect(const char *path, hop_strings *files)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        perror(path);
        return false;
    }
    if (!S_ISDIR(st.st_mode)) {
        hop_strings_add(files, path);
        return true;
    }
    DIR *dir = opendir(path);
    if (!dir) {
        perror(path);
        return false;
    }
    for (struct dirent *e = readdir(dir); e; e = readdir(dir)) {
        if (e->d_name[0] == '.')
            continue;
        char *file = hop_sprintf("%s/%s", path, e->d_name);
        hop_strings_take(files, &file);
    }
    closedir(dir);
    return true;
}

int main(int argc, char **argv)
{
    HOP_AUTO_VALUE(hop_strings) files = {0};
    bool is_good = true;
    for (int i = 1; i < argc; i++)
        is_good &= collect(argv[i], &files);
    hop_strings_sort(&files);
    for (size_t i = 0; i < files.len; i++)
        is_good &= replay_file(files.items[i]);
    if (files.len == 0)
        fprintf(stderr, "no corpus files\n");
    return is_good && files.len > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
