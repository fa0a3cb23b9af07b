/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "graphdata_world.h"

#include "../../graphdata-image/copier.h"
#include "../../graphdata-image/image.h"
#include "../../graphdata-image/tar.h"

#include <time.h>

static int set_up(void **state)
{
    world *w = world_begin(state);
    world_add(&w->tree, "version", "1.1.0\n");
    world_add(&w->tree, "channels/stable-4.16.yaml", "name: stable-4.16\n");
    world_add(&w->tree, "raw/metadata.json", "{}");
    world_add(&w->tree, "signatures/sha256/aa/signature-1", "bytes");
    w->info.newest_s = 1000000000;
    return world_ready(w);
}

/* For every architecture, unless the options name some. */
static hop_image *build(const world *w, hop_image_opts opts)
{
    hop_error *err = NULL;
    hop_image *image = NULL;
    opts.info = &w->info;
    assert_ok(hop_image_build(&opts, &w->tree, &image, &err), &err);
    return image;
}

static const hop_image_part *find_kind(const hop_image *image, hop_image_part_kind kind,
                                       size_t skip)
{
    for (size_t i = 0; i < hop_image_get_part_count(image); i++) {
        const hop_image_part *p = hop_image_get_part(image, i);
        if (p->kind == kind && skip-- == 0)
            return p;
    }
    return NULL;
}

static void same_input_same_digest(void **state)
{
    HOP_AUTO(hop_image) a = build(*state, (hop_image_opts){0});
    assert_int_equal(setenv("TZ", "Pacific/Kiritimati", 1), 0);
    tzset();
    HOP_AUTO_STR before = getcwd(NULL, 0);
    assert_int_equal(chdir("/"), 0);
    HOP_AUTO(hop_image) b = build(*state, (hop_image_opts){0});
    assert_int_equal(chdir(before), 0);
    assert_int_equal(unsetenv("TZ"), 0);
    tzset();
    assert_int_equal(hop_image_get_part_count(a), hop_image_get_part_count(b));
    for (size_t i = 0; i < hop_image_get_part_count(a); i++)
        assert_string_equal(hop_image_get_part(a, i)->digest.text,
                            hop_image_get_part(b, i)->digest.text);
}

/* The data layer depends on neither the compiler nor the architecture: its bytes are
 * pinned. A new zlib that packs differently shows here; the tar's digest stays. */
static void golden_data_layer(void **state)
{
    const char *const archs[] = {hop_image_get_copier_arch(0)};
    HOP_AUTO(hop_image)
    image = build(*state, (hop_image_opts){.archs = archs, .arch_count = 1});
    const image_entry *data = &image->entries[1];
    assert_int_equal(data->part.kind, HOP_IMAGE_LAYER);
    assert_string_equal(
        data->diff_id.text,
        "sha256:63a12f537c751b3915a3c0a0094cc92e96825a2dc966f7d215afd3c27e176222");
    assert_string_equal(
        data->part.digest.text,
        "sha256:e4bf0eb4e3ec23db108b365ae901c8aeb8f86daab2810ff0b72a90bcd5196fad");
}

static void data_layer_content(void **state)
{
    static const struct {
        const char *path;
        tar_kind kind;
    } want[] = {
        {"var/", TAR_DIRECTORY},
        {"var/lib/", TAR_DIRECTORY},
        {"var/lib/cincinnati-graph-data/", TAR_DIRECTORY},
        {"var/lib/cincinnati-graph-data/blocked-edges/", TAR_DIRECTORY},
        {"var/lib/cincinnati-graph-data/channels/", TAR_DIRECTORY},
        {"var/lib/cincinnati-graph-data/raw/", TAR_DIRECTORY},
        {"var/lib/cincinnati-graph-data/signatures/", TAR_DIRECTORY},
        {"var/lib/cincinnati-graph-data/signatures/sha256/", TAR_DIRECTORY},
        {"var/lib/cincinnati-graph-data/signatures/sha256/aa/", TAR_DIRECTORY},
        {"var/lib/cincinnati-graph-data/channels/stable-4.16.yaml", TAR_FILE},
        {"var/lib/cincinnati-graph-data/raw/metadata.json", TAR_FILE},
        {"var/lib/cincinnati-graph-data/signatures/sha256/aa/signature-1", TAR_FILE},
        {"var/lib/cincinnati-graph-data/version", TAR_FILE},
    };
    const world *w = *state;
    hop_error *err = NULL;
    HOP_AUTO_VALUE(image_layer) l = {0};
    assert_ok(image_layer_make_data(&w->tree, &l, &err), &err);
    HOP_AUTO(tar_reader) r = tar_reader_new(l.tar.data, l.tar.len);
    tar_member m = {0};
    bool is_end = false;
    for (size_t i = 0; i < HOP_COUNT_OF(want); i++) {
        assert_ok(tar_reader_next(r, &m, &is_end, &err), &err);
        assert_false(is_end);
        assert_string_equal(m.path, want[i].path);
        assert_int_equal(m.kind, want[i].kind);
        assert_int_equal(m.time_s, 0);
    }
    assert_ok(tar_reader_next(r, &m, &is_end, &err), &err);
    assert_true(is_end);
}

/* The entrypoint and the poller's shell are the copier; it is a small static program. */
static void copier_layer_content(void **state)
{
    static const char *const names[] = {"bin/", "bin/oc-hop-copy", "bin/sh"};
    (void)state;
    hop_error *err = NULL;
    const hop_copier *c = hop_copier_get(0);
    assert_non_null(c);
    assert_true(c->len < 20 * HOP_KIB);
    assert_memory_equal(c->data, "\177ELF", 4);
    HOP_AUTO_VALUE(image_layer) l = {0};
    assert_ok(image_layer_make_copier(c->data, c->len, &l, &err), &err);
    HOP_AUTO(tar_reader) r = tar_reader_new(l.tar.data, l.tar.len);
    for (size_t i = 0; i < HOP_COUNT_OF(names); i++) {
        tar_member m = {0};
        bool is_end = false;
        HOP_AUTO_VALUE(hop_buf) bytes = hop_buf_init(HOP_MIB);
        assert_ok(tar_reader_next(r, &m, &is_end, &err), &err);
        assert_string_equal(m.path, names[i]);
        if (m.kind == TAR_DIRECTORY)
            continue;
        assert_ok(tar_reader_read(r, &bytes, &err), &err);
        assert_int_equal(bytes.len, c->len);
        assert_memory_equal(bytes.data, c->data, c->len);
        assert_memory_equal(l.tar.data + 512 + 100, "000755 ", 7);
    }
}

static void one_architecture(void **state)
{
    const char *const archs[] = {hop_image_get_copier_arch(0)};
    HOP_AUTO(hop_image)
    image = build(*state, (hop_image_opts){.archs = archs, .arch_count = 1});
    const hop_image_part *top = hop_image_get_top(image);
    assert_int_equal(hop_image_get_part_count(image), 4);
    assert_int_equal(top->kind, HOP_IMAGE_MANIFEST);
    assert_string_equal(top->media_type, HOP_TYPE_DOCKER_MANIFEST);
    assert_string_equal(top->arch, archs[0]);
    hop_error *err = NULL;
    HOP_AUTO_VALUE(hop_manifest) m = {0};
    assert_ok(hop_manifest_parse(top->data, (size_t)top->size_bytes, NULL, "m", &m, &err),
              &err);
    assert_int_equal(m.layer_count, 2);
    assert_string_equal(m.config.media_type, HOP_TYPE_DOCKER_CONFIG);
    assert_string_equal(m.config.digest.text,
                        find_kind(image, HOP_IMAGE_CONFIG, 0)->digest.text);
    for (size_t i = 0; i < m.layer_count; i++) {
        const hop_image_part *layer = find_kind(image, HOP_IMAGE_LAYER, i);
        assert_string_equal(m.layers[i].media_type, HOP_TYPE_DOCKER_LAYER);
        assert_string_equal(m.layers[i].digest.text, layer->digest.text);
        assert_int_equal(m.layers[i].size_bytes, layer->size_bytes);
    }
    hop_image_opts as_list = {
        .archs = archs, .arch_count = 1, .listing = HOP_IMAGE_LIST_ALWAYS};
    HOP_AUTO(hop_image) list = build(*state, as_list);
    assert_int_equal(hop_image_get_top(list)->kind, HOP_IMAGE_LIST);
    assert_string_equal(find_kind(list, HOP_IMAGE_MANIFEST, 0)->digest.text,
                        top->digest.text);
}

/* Every part hashes to its digest, and the list names each manifest with its platform. */
static void all_architectures(void **state)
{
    HOP_AUTO(hop_image)
    image = build(*state, (hop_image_opts){.format = HOP_IMAGE_OCI,
                                           .listing = HOP_IMAGE_LIST_ALWAYS});
    size_t archs = 0;
    while (hop_image_get_copier_arch(archs))
        archs++;
    assert_int_equal(hop_image_get_part_count(image), archs * 3 + 2);
    for (size_t i = 0; i < hop_image_get_part_count(image); i++) {
        const hop_image_part *p = hop_image_get_part(image, i);
        hop_digest d = hop_digest_of(p->data, (size_t)p->size_bytes);
        assert_string_equal(d.text, p->digest.text);
        if (i > 0)
            assert_true(p->kind >= hop_image_get_part(image, i - 1)->kind);
    }
    const hop_image_part *top = hop_image_get_top(image);
    hop_error *err = NULL;
    HOP_AUTO_VALUE(hop_manifest) list = {0};
    assert_ok(
        hop_manifest_parse(top->data, (size_t)top->size_bytes, NULL, "l", &list, &err),
        &err);
    assert_string_equal(list.media_type, HOP_TYPE_OCI_INDEX);
    assert_int_equal(list.layer_count, archs);
    for (size_t i = 0; i < archs; i++) {
        assert_string_equal(list.layers[i].architecture, hop_image_get_copier_arch(i));
        assert_string_equal(list.layers[i].os, "linux");
        assert_string_equal(list.layers[i].digest.text,
                            find_kind(image, HOP_IMAGE_MANIFEST, i)->digest.text);
    }
}

static void config_says(const world *w, hop_image_opts opts, const char *part)
{
    HOP_AUTO(hop_image) image = build(w, opts);
    const hop_image_part *config = find_kind(image, HOP_IMAGE_CONFIG, 0);
    if (!strstr(config->data, part))
        print_error("%s\nis not in\n%s\n", part, config->data);
    assert_non_null(strstr(config->data, part));
}

static void times(void **state)
{
    world *w = *state;
    config_says(w, (hop_image_opts){0}, "{\"created\":\"2001-09-09T01:46:40Z\"");
    config_says(w, (hop_image_opts){.has_created = true}, "\"1970-01-01T00:00:00Z\"");
    config_says(w, (hop_image_opts){.has_created = true, .created_s = 1709164800},
                "\"created\":\"2024-02-29T00:00:00Z\"");
    w->info.newest_s = 0;
    config_says(w, (hop_image_opts){0}, "{\"created\":\"1970-01-01T00:00:00Z\"");
    hop_error *err = NULL;
    hop_image *image = NULL;
    hop_image_opts late = {
        .info = &w->info, .has_created = true, .created_s = 253402300800};
    assert_fails(hop_image_build(&late, &w->tree, &image, &err), &err, HOP_E_USAGE,
                 "year 9999");
}

static void labels_and_tag(void **state)
{
    world *w = *state;
    hop_error *err = NULL;
    HOP_AUTO(hop_image) image = build(w, (hop_image_opts){.revision = "W/\"etag\""});
    HOP_AUTO_STR tag = hop_sprintf("1.1.0-%.12s", hop_digest_get_hex(&w->info.tree));
    assert_string_equal(hop_image_get_content_tag(image), tag);
    assert_true(hop_tag_is_valid(tag));
    const hop_image_part *config = find_kind(image, HOP_IMAGE_CONFIG, 0);
    HOP_AUTO_VALUE(hop_image_labels) l = {0};
    assert_ok(
        hop_image_labels_parse(config->data, (size_t)config->size_bytes, "c", &l, &err),
        &err);
    assert_string_equal(l.tree, w->info.tree.text);
    assert_string_equal(l.version, "1.1.0");
    assert_string_equal(l.revision, "W/\"etag\"");
    assert_string_equal(l.newest, "2001-09-09T01:46:40Z");
}

static void unknown_architectures(void **state)
{
    world *w = *state;
    hop_error *err = NULL;
    hop_image *image = NULL;
    const char *const archs[] = {"riscv64"};
    hop_image_opts opts = {.info = &w->info, .archs = archs, .arch_count = 1};
    assert_fails(hop_image_build(&opts, &w->tree, &image, &err), &err, HOP_E_USAGE,
                 "architecture \"riscv64\" is unknown here");
    assert_string_equal(hop_image_get_compiler_package("s390x"), "gcc-s390x-linux-gnu");
    assert_null(hop_image_get_compiler_package("riscv64"));
}

/* ---- bases ---- */

#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const char base_manifest[] =
    "{\"schemaVersion\":2,\"mediaType\":\"" HOP_TYPE_DOCKER_MANIFEST "\",\"config\":"
    "{\"mediaType\":\"" HOP_TYPE_DOCKER_CONFIG "\",\"size\":7,\"digest\":\"sha256:" HEX64
    "\"},\"layers\":[{\"mediaType\":\"" HOP_TYPE_DOCKER_LAYER
    "\",\"size\":99,\"digest\":\"sha256:" HEX64 "\"}]}";
static const char base_config[] =
    "{\"architecture\":\"arm64\",\"variant\":\"v8\",\"os\":\"linux\",\"config\":"
    "{\"User\":\"1001\",\"Env\":[\"PATH=/base\"],\"Labels\":{\"name\":\"ubi\"}},"
    "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:" HEX64 "\"]},"
    "\"history\":[{\"created_by\":\"base\"}]}";

static hop_image_base arm_base(void)
{
    return (hop_image_base){.arch = "arm64",
                            .manifest = base_manifest,
                            .manifest_len = strlen(base_manifest),
                            .config = base_config,
                            .config_len = strlen(base_config)};
}

static void on_a_base(void **state)
{
    hop_image_base base = arm_base();
    HOP_AUTO(hop_image)
    image =
        build(*state,
              (hop_image_opts){.format = HOP_IMAGE_OCI, .bases = &base, .base_count = 1});
    const hop_image_part *layer = hop_image_get_part(image, 0);
    assert_null(layer->data);
    assert_string_equal(layer->digest.text, "sha256:" HEX64);
    assert_string_equal(layer->media_type, HOP_TYPE_OCI_LAYER);
    const char *config = find_kind(image, HOP_IMAGE_CONFIG, 0)->data;
    assert_non_null(strstr(config, "\"Entrypoint\":[\"/bin/sh\",\"-c\",\"cp -R "));
    assert_non_null(strstr(config, "\"Env\":[\"PATH=/base\"]"));
    assert_non_null(strstr(config, "\"variant\":\"v8\""));
    assert_non_null(strstr(config, "\"diff_ids\":[\"sha256:" HEX64 "\",\"sha256:"));
    assert_non_null(strstr(config, "\"history\":[{\"created_by\":\"base\"},{"));
    assert_null(strstr(config, "User"));
    assert_null(strstr(config, "ubi"));
    const hop_image_part *top = hop_image_get_top(image);
    hop_error *err = NULL;
    HOP_AUTO_VALUE(hop_manifest) m = {0};
    assert_ok(hop_manifest_parse(top->data, (size_t)top->size_bytes, NULL, "m", &m, &err),
              &err);
    assert_int_equal(m.layer_count, 2);
    assert_int_equal(m.layers[0].size_bytes, 99);
}

static void bad_bases(void **state)
{
    world *w = *state;
    static const struct {
        const char *manifest;
        const char *config;
        const char *arch;
        hop_status want;
        const char *part;
    } cases[] = {
        {base_manifest, base_config, "amd64", HOP_E_PARSE, "it is for \"arm64\""},
        {base_manifest, "{\"architecture\":\"arm64\"}", "arm64", HOP_E_PARSE, "rootfs"},
        {base_manifest, "{\"architecture\":\"arm64\",\"rootfs\":{\"diff_ids\":[]}}",
         "arm64", HOP_E_PARSE, "0 diff_ids for 1 layers"},
        {"{\"schemaVersion\":2,\"mediaType\":\"" HOP_TYPE_OCI_INDEX
         "\",\"manifests\":[]}",
         base_config, "arm64", HOP_E_PARSE, "it is a list"},
        {"nonsense", base_config, "arm64", HOP_E_PARSE, "manifest of the base for arm64"},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        hop_error *err = NULL;
        hop_image *image = NULL;
        hop_image_base base = {.arch = cases[i].arch,
                               .manifest = cases[i].manifest,
                               .manifest_len = strlen(cases[i].manifest),
                               .config = cases[i].config,
                               .config_len = strlen(cases[i].config)};
        hop_image_opts opts = {.info = &w->info, .bases = &base, .base_count = 1};
        assert_fails(hop_image_build(&opts, &w->tree, &image, &err), &err, cases[i].want,
                     cases[i].part);
        assert_null(image);
    }
    hop_error *err = NULL;
    hop_image *image = NULL;
    hop_image_base base = arm_base();
    const char *const archs[] = {"s390x"};
    hop_image_opts opts = {.info = &w->info,
                           .bases = &base,
                           .base_count = 1,
                           .archs = archs,
                           .arch_count = 1};
    assert_fails(hop_image_build(&opts, &w->tree, &image, &err), &err, HOP_E_USAGE,
                 "the base image has no architecture s390x");
}

#define WITH_WORLD(test) cmocka_unit_test_setup_teardown(test, set_up, world_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_WORLD(same_input_same_digest),
        WITH_WORLD(golden_data_layer),
        WITH_WORLD(data_layer_content),
        WITH_WORLD(copier_layer_content),
        WITH_WORLD(one_architecture),
        WITH_WORLD(all_architectures),
        WITH_WORLD(times),
        WITH_WORLD(labels_and_tag),
        WITH_WORLD(unknown_architectures),
        WITH_WORLD(on_a_base),
        WITH_WORLD(bad_bases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
