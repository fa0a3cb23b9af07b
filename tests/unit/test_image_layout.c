/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "graphdata_world.h"

#include "../../graphdata-image/tar.h"
#include "hop_json.h"

#include <sys/stat.h>

static int set_up(void **state)
{
    world *w = world_begin(state);
    world_add(&w->tree, "version", "1.1.0\n");
    world_add(&w->tree, "raw/metadata.json", "{}");
    return world_ready(w);
}

static hop_image *build(const world *w, hop_image_format format,
                        hop_image_listing listing)
{
    return world_build(w, (hop_image_opts){.format = format, .listing = listing});
}

static void assert_index_has(const char *layout, const char *part)
{
    HOP_AUTO_STR path = hop_sprintf("%s/index.json", layout);
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_MIB);
    world_read_file(path, &text);
    if (!strstr(hop_buf_get(&text), part))
        print_error("\"%s\" is not in %s\n", part, hop_buf_get(&text));
    assert_non_null(strstr(hop_buf_get(&text), part));
}

static void write_and_read_back(void **state)
{
    const world *w = *state;
    hop_error *err = NULL;
    HOP_AUTO_STR layout = hop_sprintf("%s/l", w->dir);
    HOP_AUTO(hop_image) image = build(w, HOP_IMAGE_OCI, HOP_IMAGE_LIST_ALWAYS);
    assert_ok(hop_image_write_layout(image, layout, NULL, &err), &err);
    for (size_t i = 0; i < hop_image_get_part_count(image); i++) {
        const hop_image_part *p = hop_image_get_part(image, i);
        HOP_AUTO_STR path =
            hop_sprintf("%s/blobs/sha256/%s", layout, hop_digest_get_hex(&p->digest));
        HOP_AUTO_VALUE(hop_buf) bytes = hop_buf_init(HOP_MIB);
        world_read_file(path, &bytes);
        assert_int_equal(bytes.len, p->size_bytes);
        assert_memory_equal(bytes.data, p->data, bytes.len);
    }
    HOP_AUTO_VALUE(hop_image_labels) labels = {0};
    hop_digest digest = {0};
    assert_ok(hop_image_labels_read_layout(layout, NULL, &labels, &digest, &err), &err);
    assert_string_equal(digest.text, hop_image_get_top(image)->digest.text);
    assert_string_equal(labels.tree, w->info.tree.text);
    assert_null(labels.newest);
    assert_fails(hop_image_labels_read_layout(layout, "other", &labels, &digest, &err),
                 &err, HOP_E_NOT_FOUND, "no image with the tag other");
}

static void tags_live_side_by_side(void **state)
{
    const world *w = *state;
    hop_error *err = NULL;
    HOP_AUTO_STR layout = hop_sprintf("%s/l", w->dir);
    HOP_AUTO_VALUE(hop_image_labels) labels = {0};
    hop_digest digest = {0};
    HOP_AUTO(hop_image) oci = build(w, HOP_IMAGE_OCI, HOP_IMAGE_LIST_IF_MANY);
    HOP_AUTO(hop_image) docker = build(w, HOP_IMAGE_DOCKER, HOP_IMAGE_LIST_IF_MANY);
    assert_ok(hop_image_write_layout(oci, layout, "a", &err), &err);
    assert_ok(hop_image_write_layout(docker, layout, "b", &err), &err);
    assert_index_has(layout, "\"mediaType\":\"" HOP_TYPE_OCI_MANIFEST);
    assert_index_has(layout, "\"mediaType\":\"" HOP_TYPE_DOCKER_MANIFEST);
    assert_index_has(layout, "\"org.opencontainers.image.ref.name\":\"a\"");
    /* the tag moves, the other entry stays */
    assert_ok(hop_image_write_layout(docker, layout, "a", &err), &err);
    assert_ok(hop_image_labels_read_layout(layout, "a", &labels, &digest, &err), &err);
    assert_string_equal(digest.text, hop_image_get_top(docker)->digest.text);
    HOP_AUTO_STR path = hop_sprintf("%s/index.json", layout);
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_MIB);
    HOP_AUTO(hop_json) index = NULL;
    world_read_file(path, &text);
    assert_ok(hop_json_parse(hop_buf_get(&text), text.len, "index", &index, &err), &err);
    hop_json_view root = hop_json_root(index, "index"), list;
    assert_ok(hop_json_member(&root, "manifests", HOP_JSON_ARRAY, &list, &err), &err);
    assert_int_equal(hop_json_count(&list), 2);
}

static void damaged_blobs_are_repaired(void **state)
{
    const world *w = *state;
    hop_error *err = NULL;
    HOP_AUTO_STR layout = hop_sprintf("%s/l", w->dir);
    HOP_AUTO(hop_image) image = build(w, HOP_IMAGE_OCI, HOP_IMAGE_LIST_IF_MANY);
    assert_ok(hop_image_write_layout(image, layout, NULL, &err), &err);
    const hop_image_part *layer = hop_image_get_part(image, 0);
    HOP_AUTO_STR path =
        hop_sprintf("%s/blobs/sha256/%s", layout, hop_digest_get_hex(&layer->digest));
    struct stat before, after;
    assert_int_equal(stat(path, &before), 0);
    assert_ok(hop_image_write_layout(image, layout, NULL, &err), &err);
    assert_int_equal(stat(path, &after), 0);
    assert_int_equal(before.st_ino, after.st_ino); /* untouched */
    HOP_AUTO_STR junk = hop_alloc((size_t)layer->size_bytes, 1);
    assert_ok(hop_file_write(path, junk, (size_t)layer->size_bytes, &err), &err);
    assert_ok(hop_image_write_layout(image, layout, NULL, &err), &err);
    HOP_AUTO_VALUE(hop_buf) bytes = hop_buf_init(HOP_MIB);
    world_read_file(path, &bytes);
    assert_memory_equal(bytes.data, layer->data, bytes.len);
}

static void other_directories_are_not_touched(void **state)
{
    const world *w = *state;
    hop_error *err = NULL;
    HOP_AUTO_STR layout = hop_sprintf("%s/l", w->dir);
    HOP_AUTO_STR file = hop_sprintf("%s/letter.txt", layout);
    HOP_AUTO(hop_image) image = build(w, HOP_IMAGE_OCI, HOP_IMAGE_LIST_IF_MANY);
    assert_ok(hop_dir_make(layout, &err), &err);
    assert_ok(hop_file_write(file, "dear", 4, &err), &err);
    assert_fails(hop_image_write_layout(image, layout, NULL, &err), &err, HOP_E_USAGE,
                 "neither empty nor an OCI layout");
}

static void damaged_index(void **state)
{
    const world *w = *state;
    hop_error *err = NULL;
    HOP_AUTO_STR layout = hop_sprintf("%s/l", w->dir);
    HOP_AUTO_STR path = hop_sprintf("%s/index.json", layout);
    HOP_AUTO(hop_image) image = build(w, HOP_IMAGE_OCI, HOP_IMAGE_LIST_IF_MANY);
    assert_ok(hop_image_write_layout(image, layout, NULL, &err), &err);
    assert_ok(hop_file_write(path, "{\"manifests\":", 13, &err), &err);
    assert_fails(hop_image_write_layout(image, layout, NULL, &err), &err, HOP_E_PARSE,
                 "index.json");
}

static void docker_archive(void **state)
{
    const world *w = *state;
    hop_error *err = NULL;
    HOP_AUTO_STR path = hop_sprintf("%s/a.tar", w->dir);
    HOP_AUTO(hop_image) image = build(w, HOP_IMAGE_DOCKER, HOP_IMAGE_LIST_IF_MANY);
    assert_ok(hop_image_write_docker_archive(image, path, "r.example:5000/a/b", &err),
              &err);
    HOP_AUTO_VALUE(hop_buf) bytes = hop_buf_init(HOP_MIB);
    world_read_file(path, &bytes);
    HOP_AUTO(tar_reader) r = tar_reader_new(bytes.data, bytes.len);
    tar_member m = {0};
    bool is_end = false;
    size_t files = 0;
    HOP_AUTO_VALUE(hop_buf) last = hop_buf_init(HOP_MIB);
    for (;;) {
        assert_ok(tar_reader_next(r, &m, &is_end, &err), &err);
        if (is_end)
            break;
        files++;
        hop_buf_reset(&last);
        assert_ok(tar_reader_read(r, &last, &err), &err);
    }
    assert_int_equal(files, 4); /* two layers, config, manifest.json */
    assert_non_null(
        strstr(hop_buf_get(&last), "\"RepoTags\":[\"r.example:5000/a/b:latest\"]"));
    assert_non_null(strstr(hop_buf_get(&last), ".tar\"],\"Config\":\""));
}

static void docker_archive_refusals(void **state)
{
    const world *w = *state;
    hop_error *err = NULL;
    HOP_AUTO_STR path = hop_sprintf("%s/a.tar", w->dir);
    HOP_AUTO(hop_image) list = build(w, HOP_IMAGE_DOCKER, HOP_IMAGE_LIST_ALWAYS);
    HOP_AUTO(hop_image) image = build(w, HOP_IMAGE_DOCKER, HOP_IMAGE_LIST_IF_MANY);
    assert_fails(hop_image_write_docker_archive(list, path, NULL, &err), &err,
                 HOP_E_USAGE, "holds one architecture");
    assert_fails(hop_image_write_docker_archive(image, path, "Not A Ref", &err), &err,
                 HOP_E_PARSE, "");
    assert_int_not_equal(access(path, F_OK), 0);
}

#define WITH_WORLD(test) cmocka_unit_test_setup_teardown(test, set_up, world_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_WORLD(write_and_read_back),
        WITH_WORLD(tags_live_side_by_side),
        WITH_WORLD(damaged_blobs_are_repaired),
        WITH_WORLD(other_directories_are_not_touched),
        WITH_WORLD(damaged_index),
        WITH_WORLD(docker_archive),
        WITH_WORLD(docker_archive_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
