/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_support.h"

#include "registries_conf.h"

#define DIGEST "@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static void add(hop_mirror_set *set, const char *text)
{
    hop_error *err = NULL;
    assert_ok(hop_registries_conf_add(set, "r.conf", text, strlen(text), &err), &err);
}

/* The places of a reference, separated by blanks; "blocked". */
static char *places_of(const hop_mirror_set *set, const char *text)
{
    HOP_AUTO_VALUE(hop_ref) ref = {0};
    hop_error *err = NULL;
    assert_ok(hop_ref_parse(text, &ref, &err), &err);
    HOP_AUTO_VALUE(hop_strings) places = {0};
    HOP_AUTO_VALUE(hop_buf) out = hop_buf_init(HOP_BUF_TEXT);
    if (hop_mirror_set_resolve(set, &ref, &places) == HOP_MIRROR_BLOCKED)
        hop_buf_adds(&out, "blocked");
    for (size_t i = 0; i < places.len; i++)
        hop_buf_addf(&out, "%s%s", i ? " " : "", places.items[i]);
    return hop_buf_take(&out);
}

static void where_images_are(void **state)
{
    (void)state;
    static const struct {
        const char *conf;
        const char *reference; /* without its digest */
        const char *places;
    } cases[] = {
        {"", "quay.io/a/b", "quay.io/a/b"},
        {"unqualified-search-registries = ['docker.io']\nshort-name-mode='enforcing'\n"
         "credential-helpers = []\n[aliases]\n\"fedora\" = 'quay.io/fedora'\n",
         "quay.io/a/b", "quay.io/a/b"},
        {"[[registry]]\nlocation='quay.io'\n[[registry.mirror]]\nlocation='m:5000'\n"
         "[[registry.mirror]]\nlocation='n/quay/'\n",
         "quay.io/a/b", "m:5000/a/b n/quay/a/b quay.io/a/b"},
        {"[[registry]]\nprefix='quay.io/a'\nlocation='other/x'\n", "quay.io/a/b",
         "other/x/b"},
        {"[[registry]]\nprefix='quay.io/a'\nlocation='other/x'\n", "quay.io/ab/c",
         "quay.io/ab/c"},
        {"[[registry]]\nprefix='quay.io'\n[[registry.mirror]]\nlocation='m'\n[[registry]]"
         "\nprefix='quay.io/a'\n[[registry.mirror]]\nlocation='n/a'\n",
         "quay.io/a/b", "n/a/b quay.io/a/b"},
        {"[[registry]]\nprefix='quay.io/a/b'\nblocked=true\n", "quay.io/a/b", "blocked"},
        {"[[registry]]\nprefix='quay.io/a/b'\nblocked=true\n", "quay.io/a/c",
         "quay.io/a/c"},
        {"[[registry]]\nprefix='quay.io'\nmirror-by-digest-only=true\n"
         "mirror=[{location='m', insecure=true}]\n",
         "quay.io/a/b", "m/a/b quay.io/a/b"},
        {"[[registry]]\nprefix='quay.io'\n[[registry.mirror]]\nlocation='t'\n"
         "pull-from-mirror='tag-only'\n[[registry.mirror]]\nlocation='d'\n"
         "pull-from-mirror='digest-only'\n",
         "quay.io/a/b", "d/a/b quay.io/a/b"},
        {"[[registry]]\nprefix='*.quay.io'\nlocation='cdn/q'\n", "eu.quay.io/a/b",
         "cdn/q/a/b"},
        {"[[registry]]\nprefix='*.quay.io'\nlocation='cdn/q'\n", "quay.io/a/b",
         "quay.io/a/b"},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        HOP_AUTO(hop_mirror_set) set = hop_mirror_set_new();
        add(set, cases[i].conf);
        HOP_AUTO_STR text = hop_sprintf("%s" DIGEST, cases[i].reference);
        HOP_AUTO_STR places = places_of(set, text);
        if (strcmp(places, cases[i].places) != 0)
            fail_msg("case %zu: %s", i, places);
    }
}

static void later_files_replace_registries(void **state)
{
    (void)state;
    HOP_AUTO(hop_mirror_set) set = hop_mirror_set_new();
    add(set, "[[registry]]\nlocation='quay.io'\ninsecure=true\n[[registry.mirror]]\n"
             "location='old'\n[[registry]]\nlocation='kept:5000/x'\ninsecure=true\n");
    add(set, "[[registry]]\nlocation='quay.io'\n[[registry.mirror]]\nlocation='new/q'\n"
             "insecure=true\n[[registry]]\nprefix='*.corp'\ninsecure=true\n");
    HOP_AUTO_STR places = places_of(set, "quay.io/a/b" DIGEST);
    assert_string_equal(places, "new/q/a/b quay.io/a/b");
    HOP_AUTO_VALUE(hop_strings) insecure = {0};
    hop_mirror_set_get_insecure(set, &insecure);
    assert_int_equal(insecure.len, 3);
    assert_true(hop_strings_has(&insecure, "new"));
    assert_true(hop_strings_has(&insecure, "kept:5000"));
    assert_true(hop_strings_has(&insecure, "*.corp"));
}

static void mistakes(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *message;
    } cases[] = {
        {"[registries.search]\nregistries=['a']\n", "version 1"},
        {"[[registry]]\ninsecure=true\n", "r.conf:1: a registry needs"},
        {"[[registry]]\nlocation='a.b'\ninsecure='yes'\n",
         "r.conf:3: insecure: expected true or false, not a string"},
        {"[[registry]]\nlocation=5\n", "location: expected a string, not a number"},
        {"[[registry]]\nlocation='https://quay.io'\n", "must be HOST[:PORT]"},
        {"[[registry]]\nlocation='quay.io'\n[[registry.mirror]]\ninsecure=true\n",
         "a mirror needs a location"},
        {"[[registry]]\nlocation='quay.io'\n[[registry.mirror]]\nlocation='m'\n"
         "pull-from-mirror='never'\n",
         "must be all, digest-only or tag-only"},
        {"[[registry]]\nlocation='quay.io'\nmirror-by-digest-only=true\n"
         "[[registry.mirror]]\nlocation='m'\npull-from-mirror='all'\n",
         "exclude each other"},
        {"registry='quay.io'\n", "expected [[registry]] tables"},
        {"[registry]\nlocation='quay.io'\n", "expected [[registry]] tables"},
        {"[[registry]]\nlocation='quay.io'\nmirror=['m']\n", "expected [[mirror]]"},
        {"location = \n", "r.conf:1: expected a value"},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        HOP_AUTO(hop_mirror_set) set = hop_mirror_set_new();
        /* Nothing of a file with a mistake counts. */
        HOP_AUTO_STR text =
            strncmp(cases[i].text, "[[", 2) == 0 &&
                    strstr(cases[i].message, "r.conf:") == NULL
                ? hop_sprintf("[[registry]]\nlocation='first'\n%s", cases[i].text)
                : hop_strdup(cases[i].text);
        hop_error *err = NULL;
        assert_fails(hop_registries_conf_add(set, "r.conf", text, strlen(text), &err),
                     &err, HOP_E_PARSE, cases[i].message);
        assert_int_equal(hop_mirror_set_get_count(set), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(where_images_are),
        cmocka_unit_test(later_files_replace_registries),
        cmocka_unit_test(mistakes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
