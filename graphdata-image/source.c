/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Graph-data as people have it: a directory, or an archive from anywhere.
 */
#include "graphdata.h"
#include "hop_file.h"
#include "tar.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define TAR_BLOCK 512

/* ---- archives ---- */

/* A mistyped URL or a proxy answers a page; say so instead of "unrecognized archive". */
static hop_status refuse_other_documents(const char *data, size_t len, hop_error **err)
{
    if (len == 0)
        return hop_error_set(err, HOP_E_PARSE, "it is empty");
    if (len >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0) {
        data += 3;
        len -= 3;
    }
    while (len > 0 && strchr("\t\r\n ", data[0]) && data[0] != '\0') {
        data++;
        len--;
    }
    if (len > 0 && (data[0] == '<' || data[0] == '{')) {
        hop_status s = hop_error_set(err, HOP_E_PARSE, "it is %s, not a tar archive",
                                     data[0] == '<' ? "a web page" : "a JSON document");
        hop_error_hint(err, "the address may be mistyped, or a proxy or log-in page "
                            "answered in place of the server");
        return s;
    }
    return HOP_OK;
}

/* The commit that `git archive` states in a pax header at the very beginning:
 * "52 comment=<40 hex>". libarchive does not hand out global headers. */
static char *find_commit(const char *tar, size_t len)
{
    enum { TYPE_OFFSET = 156, SHA1_HEX = 40 };
    static const char key[] = "52 comment=", hex[] = "0123456789abcdef";
    if (len < (size_t)2 * TAR_BLOCK || tar[TYPE_OFFSET] != 'g' ||
        strncmp(tar + TAR_BLOCK, key, strlen(key)) != 0)
        return NULL;
    const char *commit = tar + TAR_BLOCK + strlen(key);
    return strspn(commit, hex) == SHA1_HEX ? hop_strndup(commit, SHA1_HEX) : NULL;
}

/* A tar ends in zero blocks; without them it was cut where a member ends. */
static bool has_end_mark(const char *tar, size_t len)
{
    if (len < (size_t)2 * TAR_BLOCK)
        return false;
    for (size_t i = len - (size_t)2 * TAR_BLOCK; i < len; i++)
        if (tar[i] != '\0')
            return false;
    return true;
}

/* The member's name without leading "./" and trailing '/'; "" for the root itself. */
static hop_status normalise(const char *path, char **out, hop_error **err)
{
    const char *p = path;
    while (p[0] == '.' && p[1] == '/') {
        p += 2;
        while (*p == '/')
            p++;
    }
    size_t len = strcmp(p, ".") == 0 ? 0 : strlen(p);
    while (len > 0 && p[len - 1] == '/' && p != path + len)
        len--;
    HOP_AUTO_STR name = hop_strndup(p, len);
    if (path[0] == '/')
        return hop_error_set(err, HOP_E_PARSE, "member \"%.300s\": the name is absolute",
                             path);
    if (len > 0 && !hop_tree_path_is_safe(name))
        return hop_error_set(err, HOP_E_PARSE,
                             "member \"%.300s\": the name is unsafe (\"..\", a control "
                             "character, or longer than 255 bytes)",
                             path);
    *out = hop_steal(&name);
    return HOP_OK;
}

static hop_status collect_file(graphdata_collector *c, tar_reader *r, const tar_member *m,
                               const char *path, hop_error **err)
{
    if (!graphdata_is_candidate(path)) {
        graphdata_note_skipped(c, path);
        return HOP_OK;
    }
    if (m->size_bytes > HOP_TREE_MAX_FILE)
        return hop_error_set(err, HOP_E_LIMIT,
                             "member \"%s\": %llu bytes, more than a file may have", path,
                             (unsigned long long)m->size_bytes);
    HOP_AUTO_VALUE(hop_buf) bytes = hop_buf_init(HOP_TREE_MAX_FILE);
    hop_status s = tar_reader_read(r, &bytes, err);
    if (s != HOP_OK)
        return hop_error_wrap(err, "member \"%s\"", path);
    return graphdata_note_file(c, path, hop_buf_get(&bytes), bytes.len, m->time_s, err);
}

static hop_status collect_member(graphdata_collector *c, tar_reader *r,
                                 const tar_member *m, hop_error **err)
{
    HOP_AUTO_STR path = NULL;
    hop_status s = normalise(m->path, &path, err);
    if (s != HOP_OK)
        return s;
    if (m->kind == TAR_LINK || m->kind == TAR_OTHER)
        return hop_error_set(err, HOP_E_PARSE,
                             "member \"%s\" is a %s; graph-data has only files and "
                             "directories",
                             path,
                             m->kind == TAR_LINK ? "link" : "device or special file");
    if (path[0] == '\0')
        return HOP_OK;
    s = graphdata_note_member(c, path, err);
    if (s != HOP_OK)
        return s;
    if (m->kind == TAR_DIRECTORY) {
        graphdata_note_dir(c, path);
        return HOP_OK;
    }
    return collect_file(c, r, m, path, err);
}

static hop_status read_tar(const char *tar, size_t len, hop_tree *out,
                           hop_graphdata_info *info, hop_error **err)
{
    hop_status s = refuse_other_documents(tar, len, err);
    if (s != HOP_OK)
        return s;
    __attribute__((cleanup(graphdata_collector_clear))) graphdata_collector c = {0};
    HOP_AUTO(tar_reader) r = tar_reader_new(tar, len);
    for (;;) {
        tar_member member = {0};
        bool is_end = false;
        s = tar_reader_next(r, &member, &is_end, err);
        if (s != HOP_OK)
            return s;
        if (is_end)
            break;
        s = collect_member(&c, r, &member, err);
        if (s != HOP_OK)
            return s;
    }
    if (!has_end_mark(tar, len))
        return hop_error_set(err, HOP_E_PARSE, "tar: cut off: the end mark is missing");
    s = graphdata_finish(&c, out, info, err);
    if (s == HOP_OK)
        info->revision = find_commit(tar, len);
    return s;
}

hop_status hop_graphdata_read_archive(const void *data, size_t len, const char *name,
                                      hop_tree *out, hop_graphdata_info *info,
                                      hop_error **err)
{
    HOP_AUTO_VALUE(hop_buf) tar = hop_buf_init(GRAPHDATA_MAX_TAR);
    hop_status s = HOP_OK;
    if (len > HOP_GRAPHDATA_MAX_ARCHIVE)
        s = hop_error_set(err, HOP_E_LIMIT, "%zu bytes, more than an archive may have",
                          len);
    else if (gzip_is(data, len))
        s = gzip_inflate(data, len, &tar, err);
    if (s == HOP_OK)
        s = gzip_is(data, len) ? read_tar(hop_buf_get(&tar), tar.len, out, info, err)
                               : read_tar(data, len, out, info, err);
    return s == HOP_OK ? s : hop_error_wrap(err, "read graph-data from %s", name);
}

/* ---- directories ---- */

static hop_status collect_dir_file(graphdata_collector *c, const char *full,
                                   const char *path, hop_error **err)
{
    HOP_AUTO_VALUE(hop_buf) bytes = hop_buf_init(HOP_TREE_MAX_FILE);
    hop_status s = hop_file_read(full, &bytes, err);
    if (s != HOP_OK)
        return s;
    return graphdata_note_file(c, path, hop_buf_get(&bytes), bytes.len, 0, err);
}

/* Looks at one name of a directory; a directory worth entering goes to `todo`. */
static hop_status collect_dir_entry(graphdata_collector *c, const char *root,
                                    const char *path, hop_strings *todo, hop_error **err)
{
    bool is_file_place = graphdata_is_kept(path),
         is_dir_place = graphdata_is_kept_dir(path);
    if (!is_file_place && !is_dir_place) {
        graphdata_note_skipped(c, path);
        return HOP_OK;
    }
    HOP_AUTO_STR full = hop_sprintf("%s/%s", root, path);
    struct stat st;
    if (lstat(full, &st) != 0)
        return hop_error_set(err, hop_status_of_errno(errno), "look at %s: %s", full,
                             strerror(errno));
    hop_status s = graphdata_note_member(c, path, err);
    if (s != HOP_OK)
        return s;
    if (S_ISREG(st.st_mode) && is_file_place)
        return collect_dir_file(c, full, path, err);
    if (S_ISDIR(st.st_mode) && is_dir_place) {
        graphdata_note_dir(c, path);
        hop_strings_add(todo, path);
        return HOP_OK;
    }
    return hop_error_set(err, HOP_E_PARSE, "%s is a %s; it must be a %s", full,
                         S_ISLNK(st.st_mode)   ? "link"
                         : S_ISDIR(st.st_mode) ? "directory"
                         : S_ISREG(st.st_mode) ? "file"
                                               : "device or special file",
                         is_dir_place ? "directory" : "file");
}

static hop_status collect_dir(graphdata_collector *c, const char *root, const char *path,
                              hop_strings *todo, hop_error **err)
{
    HOP_AUTO_STR full =
        path[0] == '\0' ? hop_strdup(root) : hop_sprintf("%s/%s", root, path);
    HOP_AUTO_VALUE(hop_strings) names = {0};
    hop_status s = graphdata_list_dir(full, &names, err);
    for (size_t i = 0; s == HOP_OK && i < names.len; i++) {
        HOP_AUTO_STR child = path[0] == '\0' ? hop_strdup(names.items[i])
                                             : hop_sprintf("%s/%s", path, names.items[i]);
        s = collect_dir_entry(c, root, child, todo, err);
    }
    return s;
}

hop_status hop_graphdata_read_dir(const char *path, hop_tree *out,
                                  hop_graphdata_info *info, hop_error **err)
{
    __attribute__((cleanup(graphdata_collector_clear))) graphdata_collector c = {0};
    HOP_AUTO_VALUE(hop_strings) todo = {0};
    hop_strings_add(&todo, "");
    hop_status s = HOP_OK;
    for (size_t i = 0; s == HOP_OK && i < todo.len; i++) {
        HOP_AUTO_STR directory = hop_strdup(todo.items[i]); /* the list may move */
        s = collect_dir(&c, path, directory, &todo, err);
    }
    if (s == HOP_OK) {
        c.is_one_root = false; /* a directory is named by the user: nothing to strip */
        s = graphdata_finish(&c, out, info, err);
    }
    return s == HOP_OK ? s : hop_error_wrap(err, "read graph-data from %s", path);
}
