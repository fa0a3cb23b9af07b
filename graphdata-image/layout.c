/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writing into an OCI image layout directory (OCI image-spec 1.1, "Image Layout").
 *
 * The order makes every moment of it a valid layout: oci-layout, blobs, and index.json
 * last, each through a temporary name.
 */
#include "layout.h"
#include "hop_file.h"
#include "image.h"
#include "sink.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LAYOUT_FILE "{\"imageLayoutVersion\":\"1.0.0\"}"

static bool exists(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0;
}

/* Renames are on disk only when their directory is. */
static hop_status sync_dir(const char *path, hop_error **err)
{
    HOP_AUTO_FD fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    /* EINVAL: a file system that cannot do this, as on some removable media. */
    if (fd < 0 || (fsync(fd) != 0 && errno != EINVAL))
        return hop_error_set(err, hop_status_of_errno(errno), "flush %s: %s", path,
                             strerror(errno));
    return HOP_OK;
}

static bool is_empty_dir(const char *path)
{
    DIR *dir = opendir(path);
    bool is_empty = dir != NULL;
    for (const struct dirent *e = NULL; is_empty && (e = readdir(dir));)
        is_empty = strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0;
    if (dir)
        (void)closedir(dir);
    return is_empty;
}

static hop_status prepare(const char *dir, hop_error **err)
{
    HOP_AUTO_STR marker = hop_sprintf("%s/oci-layout", dir);
    HOP_AUTO_STR blobs = hop_sprintf("%s/blobs/sha256", dir);
    if (exists(dir) && !exists(marker) && !is_empty_dir(dir))
        return hop_error_set(err, HOP_E_USAGE,
                             "%s is neither empty nor an OCI layout: not touched", dir);
    hop_status s = hop_dir_make(dir, err);
    if (s == HOP_OK && !exists(marker))
        s = hop_file_write(marker, LAYOUT_FILE, strlen(LAYOUT_FILE), err);
    return s == HOP_OK ? hop_dir_make(blobs, err) : s;
}

/* True when the blob is there with the right bytes. */
static bool has_blob(const char *path, const hop_image_part *p)
{
    struct stat st;
    if (stat(path, &st) != 0 || (uint64_t)st.st_size != p->size_bytes)
        return false;
    if (!p->data)
        return true; /* a base layer, perhaps large: whoever brought it has checked it */
    HOP_AUTO_VALUE(hop_buf) bytes = hop_buf_init((size_t)p->size_bytes);
    HOP_AUTO(hop_error) ignored = NULL; /* unreadable: it is written again */
    return hop_file_read(path, &bytes, &ignored) == HOP_OK && bytes.len > 0 &&
           memcmp(bytes.data, p->data, bytes.len) == 0;
}

/* A layer of the base: from wherever that is, checked on the way. */
static hop_status bring_layer(const hop_image *image, const char *dir, const char *path,
                              const hop_image_part *p, hop_error **err)
{
    if (!image->layers.open)
        return hop_error_set(err, HOP_E_USAGE, "base layer %s is not in %s",
                             p->digest.text, dir);
    HOP_AUTO_FD fd = -1;
    HOP_AUTO_VALUE(sink) to = SINK_NONE;
    hop_status s = image->layers.open(image->layers.user, &p->digest, &fd, err);
    if (s == HOP_OK)
        s = sink_open(path, &to, err);
    if (s == HOP_OK)
        s = sink_copy(&to, fd, &p->digest, p->size_bytes, err);
    return s == HOP_OK ? sink_commit(&to, err) : s;
}

static hop_status write_blob(const hop_image *image, const char *dir,
                             const hop_image_part *p, hop_error **err)
{
    HOP_AUTO_STR path = layout_blob_path(dir, &p->digest);
    if (has_blob(path, p))
        return HOP_OK;
    if (!p->data)
        return bring_layer(image, dir, path, p, err);
    return hop_file_write(path, p->data, (size_t)p->size_bytes, err);
}

/* ---- index.json ---- */

/* Copies the entries of the index that is there, but for those with our tag. */
static hop_status keep_entries(const hop_json_view *index, const char *tag,
                               hop_json *manifests, hop_error **err)
{
    hop_json_view list, entry;
    hop_status s = hop_json_optional(index, "manifests", HOP_JSON_ARRAY, &list, err);
    for (size_t i = 0; s == HOP_OK && i < hop_json_count(&list); i++) {
        bool is_ours = false;
        s = hop_json_item(&list, i, HOP_JSON_OBJECT, &entry, err);
        if (s == HOP_OK)
            s = layout_has_tag(&entry, tag, &is_ours, err);
        if (s != HOP_OK || is_ours)
            continue;
        HOP_AUTO(hop_json) copy = hop_json_copy(&entry);
        hop_json_append_take(manifests, &copy);
    }
    return s;
}

static void add_entry(hop_json *manifests, const hop_image_part *top, const char *tag)
{
    hop_json *entry = hop_json_append_object(manifests);
    hop_json_set_string(entry, "mediaType", top->media_type);
    hop_json_set_string(entry, "digest", top->digest.text);
    hop_json_set_uint(entry, "size", top->size_bytes);
    if (top->arch) {
        hop_json *platform = hop_json_add_object(entry, "platform");
        hop_json_set_string(platform, "architecture", top->arch);
        hop_json_set_string(platform, "os", "linux");
    }
    hop_json_set_string(hop_json_add_object(entry, "annotations"), LAYOUT_REF_NAME, tag);
}

static hop_status write_index(const char *dir, const hop_image_part *top, const char *tag,
                              hop_error **err)
{
    HOP_AUTO_STR path = hop_sprintf("%s/index.json", dir);
    HOP_AUTO(hop_json) document = hop_json_new_object();
    HOP_AUTO(hop_json) old = NULL;
    hop_json_set_uint(document, "schemaVersion", 2);
    hop_json_set_string(document, "mediaType", HOP_TYPE_OCI_INDEX);
    hop_json *manifests = hop_json_add_array(document, "manifests");
    if (exists(path)) {
        hop_status s = layout_read_index(path, &old, err);
        if (s != HOP_OK)
            return s;
        hop_json_view root = hop_json_root(old, path), annotations;
        s = keep_entries(&root, tag, manifests, err);
        if (s == HOP_OK)
            s = hop_json_optional(&root, "annotations", HOP_JSON_OBJECT, &annotations,
                                  err);
        if (s != HOP_OK)
            return s;
        if (annotations.value) {
            HOP_AUTO(hop_json) copy = hop_json_copy(&annotations);
            hop_json_set_take(document, "annotations", &copy);
        }
    }
    add_entry(manifests, top, tag);
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    hop_json_dump(document, HOP_JSON_COMPACT, &text);
    return hop_file_write(path, hop_buf_get(&text), text.len, err);
}

hop_status hop_image_write_layout(const hop_image *image, const char *dir,
                                  const char *tag, hop_error **err)
{
    HOP_AUTO_STR blobs = hop_sprintf("%s/blobs/sha256", dir);
    hop_status s = prepare(dir, err);
    for (size_t i = 0; s == HOP_OK && i < image->len; i++)
        s = write_blob(image, dir, &image->entries[i].part, err);
    if (s == HOP_OK)
        s = sync_dir(blobs, err);
    if (s == HOP_OK)
        s = write_index(dir, hop_image_get_top(image), tag ? tag : LAYOUT_DEFAULT_TAG,
                        err);
    if (s == HOP_OK)
        s = sync_dir(dir, err);
    return s == HOP_OK ? s : hop_error_wrap(err, "write the image to oci:%s", dir);
}
