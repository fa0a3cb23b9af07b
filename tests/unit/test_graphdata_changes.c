/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "graphdata_world.h"

static int set_up(void **state)
{
    world *w = world_begin(state);
    world_add(&w->tree, "version", "1.1.0\n");
    world_add(&w->tree, "LICENSE", "Apache\n");
    world_add(&w->tree, "raw/metadata.json",
              "{\"4.1.0\":{\"previous.add\":\"4.0.9\"},\"4.1.2+amd64\":{\"k\":\"v\"}}");
    world_add(
        &w->tree, "channels/s.yaml",
        "name: stable-4.1\nfeeder: {name: x}\nversions:\n- 4.1.0\n- 4.1.1\n# note\n- "
        "4.1.2+amd64\n");
    world_add(&w->tree, "channels/f.yaml", "name: fast-4.1\nversions: [4.1.1]\n");
    world_add(&w->tree, "blocked-edges/a.yaml", "to: 4.1.1\nfrom: .*\n");
    world_add(&w->tree, "blocked-edges/b.yaml",
              "to: 4.1.2+amd64\nfrom: .*   # as it was\n");
    return world_ready(w);
}

static const char *text_of(const world *w, const char *path)
{
    const hop_tree_file *f = hop_tree_find(&w->tree, path);
    return f ? f->data : NULL;
}

static void prune_keeps_what_is_needed(void **state)
{
    world *w = *state;
    hop_error *err = NULL;
    hop_digest before = w->info.tree;
    HOP_AUTO_VALUE(hop_strings) channels = {0};
    HOP_AUTO_VALUE(hop_strings) versions = {0};
    hop_strings_add(&channels, "stable-4.1");
    hop_strings_add(&versions, "4.1.2");
    hop_strings_add(&versions, "4.1.0");
    hop_graphdata_needs needs = {.channels = channels, .versions = versions};
    assert_ok(hop_graphdata_prune(&w->tree, &needs, &w->info, &err), &err);
    assert_int_equal(w->info.file_count, 5);
    assert_false(hop_digest_is_equal(&before, &w->info.tree));
    assert_null(text_of(w, "channels/f.yaml"));
    assert_null(text_of(w, "blocked-edges/a.yaml"));
    assert_string_equal(text_of(w, "blocked-edges/b.yaml"),
                        "to: 4.1.2+amd64\nfrom: .*   # as it was\n");
    assert_string_equal(text_of(w, "channels/s.yaml"),
                        "name: \"stable-4.1\"\nversions:\n- \"4.1.0\"\n- "
                        "\"4.1.2+amd64\"\n");
    assert_non_null(strstr(text_of(w, "raw/metadata.json"), "4.1.2+amd64"));
    /* pruning what is pruned changes nothing */
    hop_digest once = w->info.tree;
    assert_ok(hop_graphdata_prune(&w->tree, &needs, &w->info, &err), &err);
    assert_true(hop_digest_is_equal(&once, &w->info.tree));
}

static void prune_drops_metadata_and_versions(void **state)
{
    world *w = *state;
    hop_error *err = NULL;
    HOP_AUTO_VALUE(hop_strings) channels = {0};
    hop_strings_add(&channels, "fast-4.1");
    hop_graphdata_needs needs = {.channels = channels};
    assert_ok(hop_graphdata_prune(&w->tree, &needs, &w->info, &err), &err);
    assert_string_equal(text_of(w, "raw/metadata.json"), "{}\n");
    assert_string_equal(text_of(w, "channels/f.yaml"),
                        "name: \"fast-4.1\"\nversions: []\n");
}

static void prune_refusals(void **state)
{
    world *w = *state;
    hop_error *err = NULL;
    HOP_AUTO_VALUE(hop_strings) channels = {0};
    hop_strings_add(&channels, "eus-4.1");
    hop_graphdata_needs needs = {.channels = channels};
    assert_fails(hop_graphdata_prune(&w->tree, &needs, &w->info, &err), &err,
                 HOP_E_NOT_FOUND, "no channel \"eus-4.1\"");
    assert_int_equal(w->tree.len, 7);
    world_add(&w->tree, "blocked-edges/z.yaml", "from: x\n");
    assert_ok(hop_graphdata_check(&w->tree, &w->info, &err), &err);
    assert_fails(hop_graphdata_prune(&w->tree, &needs, &w->info, &err), &err, HOP_E_PARSE,
                 "blocked-edges/z.yaml");
}

static void blocks(void **state)
{
    static const struct {
        const char *name;
        const char *text;
        const char *refused; /* NULL: accepted */
    } cases[] = {
        {"own.yaml", "to: 4.1.1\nfrom: .*\n", NULL},
        {"own.yaml", "to: 4.1.1\nfrom: .*\n", NULL}, /* the same again */
        {"own.yaml", "to: 4.1.1\nfrom: x\n", "already with other content"},
        {"risk.yaml",
         "to: 4.1.1\nfrom: .*\nurl: https://x\nname: A\nmessage: m\nfixedIn: 4.1.2\n"
         "matchingRules:\n- type: Always\n",
         NULL},
        {"own.yml", "to: 4.1.1\nfrom: .*\n", "X.yaml"},
        {"../own.yaml", "to: 4.1.1\nfrom: .*\n", "X.yaml"},
        {"c.yaml", "to: 4.1.1\n", "would block nothing"},
        {"c.yaml", "to: 4.1.1\nfrom: .*\nfixedIn: 4.1.2\n", "would block nothing"},
        {"c.yaml", "to: 4.1.1\nfrom: .*\nurl: u\nname: n\nmessage: m\n",
         "would block nothing"},
        {"c.yaml", "to: [4.1.1]\nfrom: .*\n", "`to` must be a text"},
        {"c.yaml", "- a\n", "expected one document"},
        {"c.yaml", "", "expected one document"},
        {"c.yaml", "to: [\n", "c.yaml"},
    };
    world *w = *state;
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        hop_error *err = NULL;
        hop_digest before = w->info.tree;
        hop_status s = hop_graphdata_add_block(&w->tree, cases[i].name, cases[i].text,
                                               strlen(cases[i].text), &w->info, &err);
        if (!cases[i].refused) {
            assert_ok(s, &err);
            continue;
        }
        assert_fails(s, &err, HOP_E_PARSE, cases[i].refused);
        assert_true(hop_digest_is_equal(&before, &w->info.tree));
    }
    assert_non_null(text_of(w, "blocked-edges/own.yaml"));
    assert_int_equal(w->info.file_count, 9);
}

static void put(const world *w, const char *dir, const char *name, const char *text)
{
    hop_error *err = NULL;
    HOP_AUTO_STR parent = hop_sprintf("%s/%s", w->dir, dir);
    HOP_AUTO_STR path = hop_sprintf("%s/%s", parent, name);
    assert_ok(hop_dir_make(parent, &err), &err);
    assert_ok(hop_file_write(path, text, strlen(text), &err), &err);
}

static void signatures(void **state)
{
    world *w = *state;
    hop_error *err = NULL;
    assert_fails(hop_graphdata_add_signatures(&w->tree, w->dir, &w->info, &err), &err,
                 HOP_E_NOT_FOUND, "signature-N");
    put(w, "sha256/aa", "signature-1", "one");
    put(w, "sha256/aa", "signature-x", "not one");
    put(w, "sha256", "notes", "text");
    put(w, "sha256=bb", "signature-2", "two");
    assert_ok(hop_graphdata_add_signatures(&w->tree, w->dir, &w->info, &err), &err);
    assert_int_equal(w->info.file_count, 9);
    assert_string_equal(text_of(w, "signatures/sha256/aa/signature-1"), "one");
    assert_string_equal(text_of(w, "signatures/sha256/bb/signature-2"), "two");
    assert_ok(hop_graphdata_add_signatures(&w->tree, w->dir, &w->info, &err), &err);
    put(w, "sha256/aa", "signature-1", "changed");
    assert_fails(hop_graphdata_add_signatures(&w->tree, w->dir, &w->info, &err), &err,
                 HOP_E_PARSE, "already with other content");
    assert_int_equal(w->info.file_count, 9);
}

#define WITH_WORLD(test) cmocka_unit_test_setup_teardown(test, set_up, world_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_WORLD(prune_keeps_what_is_needed),
        WITH_WORLD(prune_drops_metadata_and_versions),
        WITH_WORLD(prune_refusals),
        WITH_WORLD(blocks),
        WITH_WORLD(signatures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
