/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hop_file.h"
#include "hop_json.h"
#include "resources.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_DIRECTORIES = 1000 };

static hop_status fail(hop_error **err, const char *verb, const char *path)
{
    int e = errno;
    return hop_error_set(err, hop_status_of_errno(e), "%s %s: %s", verb, path,
                         strerror(e));
}

/** Lists one directory below dir; prefix is "" or ends in '/'. */
static hop_status list_directory(const char *dir, const char *prefix, hop_strings *dirs,
                                 hop_strings *out, hop_error **err)
{
    HOP_AUTO_STR full = hop_sprintf("%s/%s", dir, prefix);
    DIR *d = opendir(full);
    if (!d)
        return fail(err, "list", full);
    hop_status s = HOP_OK;
    for (struct dirent *e = readdir(d); s == HOP_OK && e; e = readdir(d)) {
        struct stat st;
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        HOP_AUTO_STR path = hop_sprintf("%s%s", prefix, e->d_name);
        HOP_AUTO_STR sub = hop_sprintf("%s/", path);
        if (fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
            s = fail(err, "look at", path);
        else
            hop_strings_add(S_ISDIR(st.st_mode) ? dirs : out,
                            S_ISDIR(st.st_mode) ? sub : path);
        if (dirs->len > MAX_DIRECTORIES || out->len > HOP_TREE_MAX_FILES)
            s = hop_error_set(err, HOP_E_USAGE, "%s holds far more than oc-hop wrote",
                              dir);
    }
    (void)closedir(d);
    return s;
}

/** Collects the files below dir as paths relative to it. Links and the like are listed as
 * files: what they are does not matter, that they are there does. */
static hop_status list_files(const char *dir, hop_strings *out, hop_error **err)
{
    hop_strings dirs = {0};
    hop_strings_add(&dirs, "");
    hop_status s = HOP_OK;
    for (size_t i = 0; s == HOP_OK && i < dirs.len; i++) {
        HOP_AUTO_STR prefix = hop_strdup(dirs.items[i]); /* the list moves as it grows */
        s = list_directory(dir, prefix, &dirs, out, err);
    }
    hop_strings_clear(&dirs);
    return s;
}

/** The bytes on disk are those of `files`, and nothing else is there. */
static bool is_same(const char *dir, const hop_strings *found, const hop_tree *files)
{
    if (found->len != files->len)
        return false;
    for (size_t i = 0; i < files->len; i++) {
        HOP_AUTO_STR path = hop_sprintf("%s/%s", dir, files->files[i].path);
        HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_TREE_MAX_FILE);
        HOP_AUTO(hop_error) why = NULL;
        if (hop_file_read(path, &text, &why) != HOP_OK ||
            text.len != files->files[i].len ||
            (text.len && memcmp(text.data, files->files[i].data, text.len) != 0))
            return false;
    }
    return true;
}

/** Reads from an older set's index which files are ours. */
static hop_status read_index(const char *dir, hop_strings *ours, hop_error **err)
{
    HOP_AUTO_STR path = hop_sprintf("%s/%s", dir, HOP_RESOURCES_INDEX);
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_TREE_MAX_FILE);
    hop_status s = hop_file_read(path, &text, err);
    if (s != HOP_OK)
        return s;
    HOP_AUTO(hop_json) doc = NULL;
    s = hop_json_parse(hop_buf_get(&text), text.len, path, &doc, err);
    if (s != HOP_OK)
        return s;
    hop_json_view root = hop_json_root(doc, path), files, item;
    const char *schema = NULL, *name = NULL;
    s = hop_json_get_string(&root, "schema", &schema, err);
    if (s == HOP_OK && !hop_has_prefix(schema, "oc-hop/resources/"))
        return hop_json_error(&root, err, "not an index of oc-hop");
    if (s == HOP_OK)
        s = hop_json_member(&root, "files", HOP_JSON_ARRAY, &files, err);
    for (size_t i = 0; s == HOP_OK && i < hop_json_count(&files); i++) {
        s = hop_json_item(&files, i, HOP_JSON_STRING, &item, err);
        if (s == HOP_OK)
            s = hop_json_string(&item, &name, err);
        if (s == HOP_OK)
            hop_strings_add(ours, name);
    }
    hop_strings_add(ours, HOP_RESOURCES_INDEX);
    return s;
}

/** Nothing that oc-hop did not write may be lost with the old directory. */
static hop_status check_ours(const char *dir, const hop_strings *found, hop_error **err)
{
    if (found->len == 0)
        return HOP_OK;
    hop_strings ours = {0};
    HOP_AUTO(hop_error) why = NULL;
    const char *foreign = NULL;
    if (read_index(dir, &ours, &why) != HOP_OK)
        foreign = found->items[0];
    for (size_t i = 0; !foreign && i < found->len; i++)
        if (!hop_strings_has(&ours, found->items[i]))
            foreign = found->items[i];
    hop_strings_clear(&ours);
    if (!foreign)
        return HOP_OK;
    hop_status s = hop_error_set(
        err, HOP_E_USAGE, "%s holds a file that oc-hop did not write: %s", dir, foreign);
    hop_error_hint(err, "move it away, or name another directory with --resources");
    return s;
}

/** Removes the files listed, then the directories that held them. */
static void remove_set(const char *dir, const hop_strings *files)
{
    for (size_t i = 0; i < files->len; i++) {
        HOP_AUTO_STR path = hop_sprintf("%s/%s", dir, files->items[i]);
        (void)unlink(path);
    }
    for (size_t i = 0; i < files->len; i++) {
        HOP_AUTO_STR path = hop_sprintf("%s/%s", dir, files->items[i]);
        for (char *slash = strrchr(path, '/'); slash && slash > path + strlen(dir);
             slash = strrchr(path, '/')) {
            *slash = '\0';
            (void)rmdir(path);
        }
    }
    (void)rmdir(dir);
}

static hop_status sync_directory(const char *path, hop_error **err)
{
    HOP_AUTO_FD fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) != 0)
        return fail(err, "flush", path);
    return HOP_OK;
}

static hop_status write_files(const char *dir, const hop_tree *files, hop_error **err)
{
    hop_status s = hop_dir_make(dir, err);
    for (size_t i = 0; s == HOP_OK && i < files->len; i++) {
        HOP_AUTO_STR path = hop_sprintf("%s/%s", dir, files->files[i].path);
        HOP_AUTO_STR parent = hop_strndup(path, (size_t)(strrchr(path, '/') - path));
        s = hop_dir_make(parent, err);
        if (s == HOP_OK)
            s = hop_file_write(path, files->files[i].data, files->files[i].len, err);
    }
    return s == HOP_OK ? sync_directory(dir, err) : s;
}

/** Puts `fresh` where `dir` is. One step where the file system can exchange two
 * directories; else the old one is aside for a moment, but never half there. */
static hop_status swap(const char *fresh, const char *dir, const char *aside,
                       const hop_strings *found, hop_error **err)
{
    if (renameat2(AT_FDCWD, fresh, AT_FDCWD, dir, RENAME_EXCHANGE) == 0) {
        remove_set(fresh, found);
        return HOP_OK;
    }
    if (errno != ENOENT && rename(dir, aside) != 0)
        return fail(err, "move aside", dir);
    if (rename(fresh, dir) != 0) {
        hop_status s = fail(err, "rename into", dir);
        (void)rename(aside, dir);
        return s;
    }
    remove_set(aside, found);
    return HOP_OK;
}

static hop_status replace(const char *dir, const hop_strings *found,
                          const hop_tree *files, hop_error **err)
{
    HOP_AUTO_STR fresh = hop_sprintf("%s.oc-hop-new-%ld", dir, (long)getpid());
    HOP_AUTO_STR aside = hop_sprintf("%s.oc-hop-old-%ld", dir, (long)getpid());
    hop_status s = write_files(fresh, files, err);
    if (s == HOP_OK)
        s = swap(fresh, dir, aside, found, err);
    if (s != HOP_OK) {
        hop_strings written = {0};
        for (size_t i = 0; i < files->len; i++)
            hop_strings_add(&written, files->files[i].path);
        remove_set(fresh, &written);
        hop_strings_clear(&written);
    }
    return s;
}

hop_status hop_resources_write(const char *dir, const hop_tree *files,
                               hop_resources_change *change, hop_error **err)
{
    /* A link to a directory stays one: what it points to is replaced. */
    HOP_AUTO_STR target = realpath(dir, NULL);
    if (!target && errno != ENOENT)
        return fail(err, "look at", dir);
    if (!target)
        target = hop_strdup(dir);
    for (size_t len = strlen(target); len > 1 && target[len - 1] == '/'; len--)
        target[len - 1] = '\0';
    hop_strings found = {0};
    struct stat st;
    hop_status s = HOP_OK;
    hop_resources_change result = HOP_RESOURCES_WRITTEN;
    if (stat(target, &st) == 0)
        s = list_files(target, &found, err);
    if (s == HOP_OK && found.len > 0 && is_same(target, &found, files))
        result = HOP_RESOURCES_SAME;
    if (s == HOP_OK && result == HOP_RESOURCES_WRITTEN)
        s = check_ours(target, &found, err);
    if (s == HOP_OK && result == HOP_RESOURCES_WRITTEN)
        s = replace(target, &found, files, err);
    hop_strings_clear(&found);
    if (s != HOP_OK)
        return hop_error_wrap(err, "write %s", dir);
    *change = result;
    return HOP_OK;
}
