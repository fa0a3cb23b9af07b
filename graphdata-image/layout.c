/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writing into an OCI image layout directory (OCI image-spec 1.1, "Image Layout").
 *
 * The order makes every moment of it a valid layout: oci-layout, blobs, and index.json
 * last, each through a temporary name.
 */
#include "hop_file.h"
#include "image.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define REF_NAME "org.opencontainers.image.ref.name"
#define LAYOUT_FILE "{\"imageLayoutVersion\":\"1.0.0\"}"
#define DEFAULT_TAG "latest"

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

static hop_status write_blob(const char *dir, const hop_image_part *p, hop_error **err)
{
    HOP_AUTO_STR path =
        hop_sprintf("%s/blobs/sha256/%s", dir, hop_digest_get_hex(&p->digest));
    if (has_blob(path, p))
        return HOP_OK;
    if (!p->data)
        return hop_error_set(err, HOP_E_USAGE, "base layer %s is not in %s",
                             p->digest.text, dir);
    return hop_file_write(path, p->data, (size_t)p->size_bytes, err);
}

/* ---- index.json ---- */

static hop_status read_index(const char *path, hop_json **out, hop_error **err)
{
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_MAX_DOCUMENT);
    hop_status s = hop_file_read(path, &text, err);
    return s == HOP_OK ? hop_json_parse(hop_buf_get(&text), text.len, path, out, err) : s;
}

static hop_status has_tag(const hop_json_view *entry, const char *tag, bool *out,
                          hop_error **err)
{
    hop_json_view annotations;
    const char *name = NULL;
    hop_status s =
        hop_json_optional(entry, "annotations", HOP_JSON_OBJECT, &annotations, err);
    if (s == HOP_OK && annotations.value)
        s = hop_json_optional_string(&annotations, REF_NAME, &name, err);
    *out = name && strcmp(name, tag) == 0;
    return s;
}

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
            s = has_tag(&entry, tag, &is_ours, err);
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
    hop_json_set_string(hop_json_add_object(entry, "annotations"), REF_NAME, tag);
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
        hop_status s = read_index(path, &old, err);
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
        s = write_blob(dir, &image->entries[i].part, err);
    if (s == HOP_OK)
        s = sync_dir(blobs, err);
    if (s == HOP_OK)
        s = write_index(dir, hop_image_get_top(image), tag ? tag : DEFAULT_TAG, err);
    if (s == HOP_OK)
        s = sync_dir(dir, err);
    return s == HOP_OK ? s : hop_error_wrap(err, "write the image to oci:%s", dir);
}

/* ---- reading labels back ---- */

static hop_status read_blob(const char *dir, const char *digest, hop_buf *out,
                            hop_error **err)
{
    hop_digest wanted;
    hop_status s = hop_digest_parse(digest, &wanted, err);
    if (s != HOP_OK)
        return s;
    size_t algorithm_len = strcspn(wanted.text, ":");
    HOP_AUTO_STR path = hop_sprintf("%s/blobs/%.*s/%s", dir, (int)algorithm_len,
                                    wanted.text, hop_digest_get_hex(&wanted));
    s = hop_file_read(path, out, err);
    if (s != HOP_OK)
        return s;
    HOP_AUTO(hop_hash) h = hop_hash_new_like(&wanted);
    hop_hash_update(h, hop_buf_get(out), out->len);
    hop_digest found = hop_hash_finish(h);
    if (!hop_digest_is_equal(&found, &wanted))
        return hop_error_set(err, HOP_E_DIGEST, "%s has the digest %s", path, found.text);
    return HOP_OK;
}

/* The entry with the tag, or for a NULL tag the one called "latest" or the only one. */
static hop_status find_entry(const hop_json_view *index, const char *tag, hop_digest *out,
                             hop_error **err)
{
    hop_json_view list, entry;
    const char *digest = NULL;
    hop_status s = hop_json_member(index, "manifests", HOP_JSON_ARRAY, &list, err);
    size_t count = s == HOP_OK ? hop_json_count(&list) : 0;
    for (size_t i = 0; s == HOP_OK && i < count; i++) {
        bool is_it = false;
        s = hop_json_item(&list, i, HOP_JSON_OBJECT, &entry, err);
        if (s == HOP_OK)
            s = has_tag(&entry, tag ? tag : DEFAULT_TAG, &is_it, err);
        if (s == HOP_OK && (is_it || (!tag && count == 1)))
            s = hop_json_get_string(&entry, "digest", &digest, err);
    }
    if (s != HOP_OK)
        return s;
    if (!digest)
        return hop_error_set(err, HOP_E_NOT_FOUND, "there is no image with the tag %s",
                             tag ? tag : DEFAULT_TAG);
    return hop_digest_parse(digest, out, err);
}

/* The config of an image, or of the first image of a list (lists are one level deep). */
static hop_status read_config(const char *dir, const hop_digest *top, hop_buf *out,
                              hop_error **err)
{
    hop_digest at = *top;
    for (int depth = 0; depth < 2; depth++) {
        HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_MAX_MANIFEST);
        HOP_AUTO_VALUE(hop_manifest) m = {0};
        hop_status s = read_blob(dir, at.text, &text, err);
        if (s == HOP_OK)
            s = hop_manifest_parse(hop_buf_get(&text), text.len, NULL, at.text, &m, err);
        if (s != HOP_OK)
            return s;
        if (m.kind == HOP_MANIFEST_IMAGE)
            return read_blob(dir, m.config.digest.text, out, err);
        if (m.layer_count == 0)
            return hop_error_set(err, HOP_E_NOT_FOUND, "the list %s is empty", at.text);
        at = m.layers[0].digest;
    }
    return hop_error_set(err, HOP_E_PARSE, "%s is a list of lists", top->text);
}

hop_status hop_image_labels_read_layout(const char *dir, const char *tag,
                                        hop_image_labels *out, hop_digest *digest,
                                        hop_error **err)
{
    HOP_AUTO_STR path = hop_sprintf("%s/index.json", dir);
    HOP_AUTO(hop_json) index = NULL;
    HOP_AUTO_VALUE(hop_buf) config = hop_buf_init(HOP_MAX_MANIFEST);
    hop_digest found = {0};
    hop_status s = read_index(path, &index, err);
    if (s == HOP_OK) {
        hop_json_view root = hop_json_root(index, path);
        s = find_entry(&root, tag, &found, err);
    }
    if (s == HOP_OK)
        s = read_config(dir, &found, &config, err);
    if (s == HOP_OK)
        s = hop_image_labels_parse(hop_buf_get(&config), config.len, "image config", out,
                                   err);
    if (s != HOP_OK)
        return hop_error_wrap(err, "read the image in oci:%s", dir);
    *digest = found;
    return HOP_OK;
}
