/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading the file of `docker save`. Its members stand in any order, so it is gone
 * through twice: for manifest.json, and then for what that names.
 */
#include "image.h"
#include "tar.h"

#include <string.h>

/* What one pass looks for. */
typedef struct wanted {
    const char *path;
    hop_buf *out;
    bool is_found;
} wanted;

static hop_status read_wanted(const char *path, wanted *list, size_t count,
                              hop_error **err)
{
    HOP_AUTO(tar_reader) r = tar_reader_new_file(path);
    for (;;) {
        tar_member m = {0};
        bool is_end = false;
        hop_status s = tar_reader_next(r, &m, &is_end, err);
        if (s != HOP_OK || is_end)
            return s;
        for (size_t i = 0; i < count; i++) {
            if (list[i].is_found || m.kind != TAR_FILE ||
                strcmp(m.path, list[i].path) != 0)
                continue;
            list[i].is_found = true;
            s = tar_reader_read(r, list[i].out, err);
            if (s != HOP_OK)
                return hop_error_wrap(err, "member \"%s\"", list[i].path);
        }
    }
}

/* Names of the config and of the last layer of the one image in it. */
static hop_status read_record(const hop_json_view *root, const char **config,
                              const char **layer, hop_error **err)
{
    hop_json_view record, layers, last;
    if (!hop_json_is(root, HOP_JSON_ARRAY) || hop_json_count(root) != 1)
        return hop_json_error(root, err, "expected one image");
    hop_status s = hop_json_item(root, 0, HOP_JSON_OBJECT, &record, err);
    if (s == HOP_OK)
        s = hop_json_get_string(&record, "Config", config, err);
    if (s == HOP_OK)
        s = hop_json_member(&record, "Layers", HOP_JSON_ARRAY, &layers, err);
    size_t count = s == HOP_OK ? hop_json_count(&layers) : 0;
    if (s == HOP_OK && count == 0)
        return hop_json_error(&layers, err, "there is no layer");
    if (s == HOP_OK)
        s = hop_json_item(&layers, count - 1, HOP_JSON_STRING, &last, err);
    return s == HOP_OK ? hop_json_string(&last, layer, err) : s;
}

static hop_status read_archive(const char *path, hop_image_docs *out, hop_buf *layer,
                               hop_error **err)
{
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_MAX_MANIFEST);
    HOP_AUTO_VALUE(hop_buf) config = hop_buf_init(HOP_MAX_MANIFEST);
    HOP_AUTO(hop_json) doc = NULL;
    wanted record = {.path = "manifest.json", .out = &text};
    hop_status s = read_wanted(path, &record, 1, err);
    if (s == HOP_OK && !record.is_found)
        s = hop_error_set(err, HOP_E_PARSE, "there is no manifest.json in it");
    if (s == HOP_OK)
        s = hop_json_parse(hop_buf_get(&text), text.len, "manifest.json", &doc, err);
    if (s != HOP_OK)
        return s;
    hop_json_view root = hop_json_root(doc, "manifest.json");
    wanted parts[] = {{.out = &config}, {.out = layer}};
    s = read_record(&root, &parts[0].path, &parts[1].path, err);
    if (s == HOP_OK)
        s = read_wanted(path, parts, HOP_COUNT_OF(parts), err);
    for (size_t i = 0; s == HOP_OK && i < HOP_COUNT_OF(parts); i++)
        if (!parts[i].is_found)
            s = hop_error_set(err, HOP_E_PARSE, "there is no %.200s in it",
                              parts[i].path);
    return s == HOP_OK
               ? hop_image_docs_add(out, "", 0, hop_buf_get(&config), config.len, err)
               : s;
}

hop_status hop_image_docs_read_docker_archive(const char *path, hop_image_docs *out,
                                              hop_buf *layer, hop_error **err)
{
    HOP_AUTO_VALUE(hop_image_docs) docs = {0};
    hop_status s = read_archive(path, &docs, layer, err);
    if (s != HOP_OK)
        return hop_error_wrap(err, "read the image in docker-archive:%s", path);
    *out = docs;
    docs = (hop_image_docs){0};
    return HOP_OK;
}
