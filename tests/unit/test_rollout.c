/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_support.h"

#include "hop_file.h"
#include "hop_rollout.h"

#include <stdio.h>
#include <unistd.h>

/* What is made for the cluster: two mirrors of rel, one of art. */
static const char OURS[] =
    "apiVersion: config.openshift.io/v1\n"
    "kind: ImageDigestMirrorSet\n"
    "metadata: {name: oc-hop-release}\n"
    "spec:\n"
    "  imageDigestMirrors:\n"
    "  - {source: quay.io/dev/rel, mirrors: [m.local/rel, m.local/comp]}\n"
    "  - {source: quay.io/dev/art, mirrors: [m.local/comp]}\n";

#define IDMS(name, list)                                               \
    "apiVersion: config.openshift.io/v1\nkind: ImageDigestMirrorSet\n" \
    "metadata: {name: " name "}\nspec:\n  imageDigestMirrors: [" list "]\n"
#define ICSP(name, list)                                                           \
    "apiVersion: operator.openshift.io/v1alpha1\nkind: ImageContentSourcePolicy\n" \
    "metadata: {name: " name "}\nspec:\n  repositoryDigestMirrors: [" list "]\n"
#define REL "{source: quay.io/dev/rel, mirrors: [m.local/rel, m.local/comp]}"
#define ART "{source: quay.io/dev/art, mirrors: [m.local/comp]}"

typedef struct rollout_case {
    const char *now;
    hop_rollout_effect effect;
    const char *change; /* part of one of the changes; NULL: there is none */
} rollout_case;

static const rollout_case CASES[] = {
    {OURS, HOP_ROLLOUT_NONE, NULL},
    /* The other kind, another name, split over objects: the nodes' file is the same. */
    {ICSP("old", REL ", " ART), HOP_ROLLOUT_NONE, NULL},
    {IDMS("a", ART) "---\n" IDMS("b", REL), HOP_ROLLOUT_NONE, NULL},
    {"apiVersion: v1\nkind: List\nitems: []\n", HOP_ROLLOUT_RELOAD,
     "quay.io/dev/rel: a source with 2 mirrors comes in"},
    {"", HOP_ROLLOUT_RELOAD, "quay.io/dev/art: a source with 1 mirror comes in"},
    {IDMS("a", "{source: quay.io/dev/rel, mirrors: [m.local/rel]}, " ART),
     HOP_ROLLOUT_RELOAD, "quay.io/dev/rel: mirror m.local/comp comes in"},
    /* Applying replaces the set of the same name, others stay. */
    {IDMS("oc-hop-release", REL ", " ART ", {source: x.io/y, mirrors: [m.local/y]}"),
     HOP_ROLLOUT_DRAIN, "x.io/y: the source goes"},
    {IDMS("mine", REL ", " ART ", {source: x.io/y, mirrors: [m.local/y]}"),
     HOP_ROLLOUT_NONE, NULL},
    {IDMS("oc-hop-release", "{source: quay.io/dev/rel, mirrors: [old.local/r, "
                            "m.local/rel, m.local/comp]}, " ART),
     HOP_ROLLOUT_DRAIN, "quay.io/dev/rel: mirror old.local/r goes"},
    {IDMS("oc-hop-release",
          "{source: quay.io/dev/rel, mirrors: [m.local/comp, m.local/rel]}, " ART),
     HOP_ROLLOUT_DRAIN, "quay.io/dev/rel: the order of its mirrors changes"},
    {IDMS("mine",
          "{source: quay.io/dev/rel, mirrors: [m.local/comp, m.local/rel]}, " ART),
     HOP_ROLLOUT_DRAIN, "another mirror set has the same mirrors in another order"},
    {IDMS("oc-hop-release",
          "{source: quay.io/dev/rel, mirrors: [m.local/rel, "
          "m.local/comp], mirrorSourcePolicy: NeverContactSource}, " ART),
     HOP_ROLLOUT_DRAIN, "mirrorSourcePolicy becomes AllowContactingSource"},
    {IDMS("oc-hop-release", REL ", " ART) "---\n" IDMS(
         "mine", "{source: quay.io/dev/rel, mirrors: [other.local/r]}"),
     HOP_ROLLOUT_NONE, NULL},
};

static char *put_file(const char *text)
{
    HOP_AUTO(hop_error) err = NULL;
    char *path = hop_strdup("/tmp/hop-rollout-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(close(fd), 0);
    assert_ok(hop_file_write(path, text, strlen(text), &err), &err);
    return path;
}

static void fill(hop_tree *t, const char *path, const char *text)
{
    HOP_AUTO(hop_error) err = NULL;
    assert_ok(hop_tree_add(t, path, text, strlen(text), &err), &err);
    assert_ok(hop_tree_sort(t, &err), &err);
}

static bool has_change(const hop_rollout *r, const char *part)
{
    for (size_t i = 0; i < r->changes.len; i++)
        if (strstr(r->changes.items[i], part))
            return true;
    return false;
}

static void what_nodes_would_notice(void **state)
{
    (void)state;
    HOP_AUTO_VALUE(hop_tree) tree = {0};
    fill(&tree, "imagedigestmirrorset.yaml", OURS);
    for (size_t i = 0; i < HOP_COUNT_OF(CASES); i++) {
        HOP_AUTO(hop_error) err = NULL;
        HOP_AUTO(hop_cluster_sets) now = NULL;
        HOP_AUTO_VALUE(hop_rollout) r = {0};
        HOP_AUTO_VALUE(hop_strings) files = {0};
        HOP_AUTO_STR path = put_file(CASES[i].now);
        hop_strings_add(&files, path);
        assert_ok(hop_cluster_sets_load(&files, &now, &err), &err);
        assert_int_equal(unlink(path), 0);
        assert_ok(hop_cluster_sets_compare(now, &tree, &r, &err), &err);
        bool is_right =
            r.effect == CASES[i].effect &&
            (CASES[i].change ? has_change(&r, CASES[i].change) : r.changes.len == 0);
        if (!is_right) {
            print_error("case %zu: effect %s, %zu changes, first: %s\n", i,
                        hop_rollout_effect_name(r.effect), r.changes.len,
                        r.changes.len ? r.changes.items[0] : "none");
            fail();
        }
    }
}

/* The start has a policy: the first to be applied is the policy. */
static void the_set_that_is_applied_first(void **state)
{
    (void)state;
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO_VALUE(hop_tree) tree = {0};
    fill(&tree, "imagecontentsourcepolicy.yaml", ICSP("oc-hop-release", REL ", " ART));
    HOP_AUTO(hop_cluster_sets) now = NULL;
    HOP_AUTO_VALUE(hop_rollout) r = {0};
    HOP_AUTO_VALUE(hop_strings) files = {0};
    HOP_AUTO_STR path =
        put_file(ICSP("oc-hop-release", REL ", " ART ", {source: x.io/y, mirrors: []}"));
    hop_strings_add(&files, path);
    assert_ok(hop_cluster_sets_load(&files, &now, &err), &err);
    assert_int_equal(unlink(path), 0);
    assert_true(hop_cluster_sets_has_policies(now));
    assert_ok(hop_cluster_sets_compare(now, &tree, &r, &err), &err);
    assert_int_equal(r.effect, HOP_ROLLOUT_DRAIN);
    assert_true(has_change(&r, "x.io/y: the source goes"));
}

static void files_that_say_nothing(void **state)
{
    (void)state;
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO(hop_cluster_sets) now = NULL;
    HOP_AUTO_VALUE(hop_strings) files = {0};
    HOP_AUTO_STR other = put_file("apiVersion: v1\nkind: ConfigMap\n");
    HOP_AUTO_STR broken = put_file(IDMS("a", "{mirrors: [m.local/x]}"));
    hop_strings_add(&files, other);
    assert_fails(hop_cluster_sets_load(&files, &now, &err), &err, HOP_E_USAGE,
                 "cluster's mirror sets");
    hop_strings_clear(&files);
    hop_strings_add(&files, broken);
    assert_fails(hop_cluster_sets_load(&files, &now, &err), &err, HOP_E_PARSE,
                 "cluster's mirror sets");
    hop_strings_clear(&files);
    hop_strings_add(&files, "/nonexistent/file");
    assert_fails(hop_cluster_sets_load(&files, &now, &err), &err, HOP_E_NOT_FOUND,
                 "cluster's mirror sets");
    hop_strings_clear(&files);
    assert_int_equal(unlink(other), 0);
    assert_int_equal(unlink(broken), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_nodes_would_notice),
        cmocka_unit_test(the_set_that_is_applied_first),
        cmocka_unit_test(files_that_say_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
