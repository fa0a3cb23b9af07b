/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_support.h"

#include "hop_file.h"
#include "hop_json.h"
#include "hop_resources.h"
#include "hop_yaml.h"
#include "mirror_set.h"

#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define D(c) "sha256:" c c c c c c c c
#define D1 D("11111111")
#define D2 D("22222222")
#define D3 D("33333333")

static char *const ART[] = {(char[]){"quay.io/dev/art"}};
static const hop_strings SOURCES = {.items = (char **)(uintptr_t)ART, .len = 1};

/** A path over two minors with a conditional hop, a gate and hostile texts. */
typedef struct world {
    hop_gate gate;
    hop_resources_risk risk;
    hop_resources_release releases[3];
    hop_resources_hop hops[2];
    hop_resources_input in;
} world;

static hop_resources_release release(const char *version, const char *digest)
{
    hop_resources_release r = {.version = version,
                               .arch = "amd64",
                               .payload_repository = "quay.io/dev/rel",
                               .component_sources = &SOURCES,
                               .url = "https://example.com/errata"};
    HOP_AUTO(hop_error) err = NULL;
    assert_ok(hop_digest_parse(digest, &r.payload, &err), &err);
    return r;
}

static void fill(world *w, const char *a, const char *b, const char *c)
{
    *w = (world){0};
    w->releases[0] = release(a, D1);
    w->releases[1] = release(b, D2);
    w->releases[2] = release(c, D3);
    w->risk = (hop_resources_risk){.name = "Risk</pre><script>",
                                   .message = "# heading\n```\n\x1b[31mred & \"quoted\"",
                                   .url = "javascript:alert(1)"};
    w->hops[0] = (hop_resources_hop){.from = a,
                                     .to = b,
                                     .arch = "amd64",
                                     .channel = "stable-4.15",
                                     .gates_known = true};
    w->hops[1] = (hop_resources_hop){.from = b,
                                     .to = c,
                                     .arch = "amd64",
                                     .channel = "eus-4.16",
                                     .risks = &w->risk,
                                     .risk_count = 1};
    w->in = (hop_resources_input){.host = "mirror.local:5000",
                                  .repository = "ocp4/openshift4",
                                  .release_repository = "ocp4/openshift4-release-images",
                                  .releases = w->releases,
                                  .release_count = 3,
                                  .hops = w->hops,
                                  .hop_count = 2,
                                  .graph_data_repository = "ocp4/graph-data",
                                  .graph_data = w->releases[0].payload};
}

static void add_gate(world *w, const char *key)
{
    w->gate = (hop_gate){.key = (char *)(uintptr_t)key,
                         .text = (char *)(uintptr_t) "Read <b>this</b>\n* first"};
    w->hops[0].gates = &w->gate;
    w->hops[0].gate_count = 1;
}

static void build(const world *w, hop_tree *out)
{
    HOP_AUTO(hop_error) err = NULL;
    assert_ok(hop_resources_build(&w->in, out, &err), &err);
}

static const char *text_of(const hop_tree *t, const char *path)
{
    const hop_tree_file *f = hop_tree_find(t, path);
    if (!f) {
        print_error("no file %s\n", path);
        fail();
        return "";
    }
    return f->data;
}

static void assert_has(const hop_tree *t, const char *path, const char *part)
{
    const char *text = text_of(t, path);
    if (!strstr(text, part)) {
        print_error("%s has no \"%s\":\n%s\n", path, part, text);
        fail();
    }
}

static void every_file_parses(void **state)
{
    (void)state;
    world w;
    fill(&w, "4.14.5", "4.15.6", "4.16.7");
    add_gate(&w, "ack-4.14-apis");
    w.in.ca_pem = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";
    const hop_resources_signature signature = {.data = "\x90\x0d\x03", .len = 3};
    w.releases[1].signatures = &signature;
    w.releases[1].signature_count = 1;
    HOP_AUTO_VALUE(hop_tree) t = {0}, again = {0};
    build(&w, &t);
    build(&w, &again);
    assert_int_equal(t.len, again.len);
    for (size_t i = 0; i < t.len; i++) {
        const hop_tree_file *f = &t.files[i];
        HOP_AUTO(hop_error) err = NULL;
        HOP_AUTO(hop_yaml) y = NULL;
        HOP_AUTO(hop_json) j = NULL;
        assert_string_equal(f->path, again.files[i].path);
        assert_string_equal(f->data, again.files[i].data);
        if (hop_has_suffix(f->path, ".yaml"))
            assert_ok(hop_yaml_parse(f->data, f->len, f->path, &y, &err), &err);
        if (hop_has_suffix(f->path, ".json"))
            assert_ok(hop_json_parse(f->data, f->len, f->path, &j, &err), &err);
    }
}

static void mirror_set_works_as_a_source(void **state)
{
    (void)state;
    HOP_AUTO(hop_error) err = NULL;
    world w;
    fill(&w, "4.14.5", "4.15.6", "4.16.7");
    HOP_AUTO_VALUE(hop_tree) t = {0};
    build(&w, &t);
    const char *text = text_of(&t, "imagedigestmirrorset.yaml");
    HOP_AUTO(hop_mirror_set) set = hop_mirror_set_new();
    assert_ok(hop_mirror_set_add_file(set, "x", text, strlen(text), &err), &err);
    HOP_AUTO_VALUE(hop_strings) places = {0};
    HOP_AUTO_VALUE(hop_ref) ref = {0};
    assert_ok(hop_ref_parse("quay.io/dev/rel@" D1, &ref, &err), &err);
    hop_mirror_set_resolve(set, &ref, &places);
    assert_int_equal(places.len, 3);
    assert_string_equal(places.items[0],
                        "mirror.local:5000/ocp4/openshift4-release-images");
    assert_string_equal(places.items[1], "mirror.local:5000/ocp4/openshift4");
    assert_string_equal(places.items[2], "quay.io/dev/rel");
    HOP_AUTO_VALUE(hop_strings) component = {0};
    HOP_AUTO_VALUE(hop_ref) art = {0};
    assert_ok(hop_ref_parse("quay.io/dev/art@" D1, &art, &err), &err);
    hop_mirror_set_resolve(set, &art, &component);
    assert_int_equal(component.len, 2);
    assert_string_equal(component.items[0], "mirror.local:5000/ocp4/openshift4");
    w.in.source_policy = HOP_SOURCE_POLICY_NEVER;
    build(&w, &t);
    assert_has(&t, "imagedigestmirrorset.yaml", "mirrorSourcePolicy: NeverContactSource");
}

static void mirror_set_kind_follows_the_start(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b, *c;
        hop_mirror_kind kind;
        bool icsp, idms;
    } CASES[] = {
        {"4.12.9", "4.13.20", "4.13.26", HOP_MIRROR_KIND_BY_START, true, false},
        {"4.12.9", "4.13.20", "4.13.27", HOP_MIRROR_KIND_BY_START, true, true},
        {"4.12.9", "4.13.20", "4.14.0", HOP_MIRROR_KIND_BY_START, true, true},
        {"4.13.0", "4.13.1", "4.14.0", HOP_MIRROR_KIND_BY_START, false, true},
        {"4.14.0", "4.15.1", "5.0.0", HOP_MIRROR_KIND_BY_START, false, true},
        {"4.12.9", "4.13.20", "4.14.0", HOP_MIRROR_KIND_IDMS, false, true},
        {"4.14.0", "4.15.1", "4.16.0", HOP_MIRROR_KIND_ICSP, true, false},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(CASES); i++) {
        world w;
        fill(&w, CASES[i].a, CASES[i].b, CASES[i].c);
        w.in.mirror_kind = CASES[i].kind;
        HOP_AUTO_VALUE(hop_tree) t = {0};
        build(&w, &t);
        assert_int_equal(hop_tree_find(&t, "imagecontentsourcepolicy.yaml") != NULL,
                         CASES[i].icsp);
        assert_int_equal(hop_tree_find(&t, "imagedigestmirrorset.yaml") != NULL,
                         CASES[i].idms);
        assert_int_equal(strstr(text_of(&t, "RUNBOOK.md"),
                                "From here on: an ImageDigestMirrorSet") != NULL,
                         CASES[i].icsp && CASES[i].idms);
    }
}

/* From 4.13.0 to 4.13.26 it depends on what the cluster has. */
static void a_policy_in_use_is_converted_later(void **state)
{
    (void)state;
    world w;
    fill(&w, "4.13.20", "4.13.40", "4.14.7");
    w.in.cluster_has_policies = true;
    HOP_AUTO_VALUE(hop_tree) t = {0};
    build(&w, &t);
    assert_non_null(hop_tree_find(&t, "imagecontentsourcepolicy.yaml"));
    assert_non_null(hop_tree_find(&t, "imagedigestmirrorset.yaml"));
    fill(&w, "4.13.27", "4.13.40", "4.14.7");
    w.in.cluster_has_policies = true;
    build(&w, &t);
    assert_null(hop_tree_find(&t, "imagecontentsourcepolicy.yaml"));
}

static void objects_name_the_mirror(void **state)
{
    (void)state;
    world w;
    fill(&w, "4.14.5", "4.15.6", "4.16.7");
    add_gate(&w, "ack-4.14-apis");
    w.in.ca_pem = "PEM\n";
    const hop_resources_signature signatures[] = {{"\x90\x0d\x03", 3}, {"ab", 2}};
    w.releases[1].signatures = signatures;
    w.releases[1].signature_count = 2;
    HOP_AUTO_VALUE(hop_tree) t = {0};
    build(&w, &t);
    assert_has(&t, "updateservice.yaml",
               "graphDataImage: \"mirror.local:5000/ocp4/graph-data@" D1 "\"");
    assert_has(&t, "additional-trusted-ca.yaml", "\"mirror.local..5000\": \"PEM\\n\"");
    assert_has(&t, "additional-trusted-ca.yaml",
               "\"updateservice-registry\": \"PEM\\n\"");
    assert_has(&t, "patches/admin-acks-hop-01.yaml", "\"ack-4.14-apis\": \"true\"");
    assert_has(&t, "patches/clusterversion-hop-02.yaml", "channel: \"eus-4.16\"");
    assert_has(&t, "signatures/4.15.6-x86_64-2222222222222222.yaml", "-1: kA0D\n");
    assert_has(&t, "signatures/4.15.6-x86_64-2222222222222222.yaml", "-2: YWI=\n");
    assert_null(hop_tree_find(&t, "patches/admin-acks-hop-02.yaml"));
}

static void the_static_graph_holds_the_path(void **state)
{
    (void)state;
    HOP_AUTO(hop_error) err = NULL;
    world w;
    fill(&w, "4.14.5", "4.15.6", "4.16.7");
    HOP_AUTO_VALUE(hop_tree) t = {0};
    build(&w, &t);
    assert_has(&t, "graphs/stable-4.15-amd64.json",
               "mirror.local:5000/ocp4/openshift4-release-images@" D1);
    assert_has(&t, "graphs/eus-4.16-amd64.json", "\"type\": \"Always\"");
    const char *text = text_of(&t, "graphs/stable-4.15-amd64.json");
    HOP_AUTO(hop_json) doc = NULL;
    assert_ok(hop_json_parse(text, strlen(text), "g", &doc, &err), &err);
    hop_json_view root = hop_json_root(doc, "g"), list;
    assert_ok(hop_json_member(&root, "nodes", HOP_JSON_ARRAY, &list, &err), &err);
    assert_int_equal(hop_json_count(&list), 2);
    assert_ok(hop_json_member(&root, "edges", HOP_JSON_ARRAY, &list, &err), &err);
    assert_int_equal(hop_json_count(&list), 1);
    w.risk.matching_rules = "[{\"type\":\"PromQL\",\"promql\":{\"promql\":\"x\"}}]";
    build(&w, &t);
    assert_has(&t, "graphs/eus-4.16-amd64.json", "\"PromQL\"");
}

static void the_runbook_begins_with_the_client_of_media(void **state)
{
    (void)state;
    world w;
    fill(&w, "4.14.5", "4.15.6", "4.16.7");
    HOP_AUTO_VALUE(hop_tree) without = {0};
    HOP_AUTO_VALUE(hop_tree) with = {0};
    HOP_AUTO_VALUE(hop_strings) clients = {0};
    w.in.clients = &clients;
    build(&w, &without);
    assert_null(strstr(text_of(&without, "RUNBOOK.md"), "The client"));
    hop_strings_add(&clients, "../clients/oc-4.16.7-linux-amd64");
    build(&w, &with);
    const char *md = text_of(&with, "RUNBOOK.md");
    const char *client = strstr(
        md, "sudo install -m 0755 ../clients/oc-4.16.7-linux-amd64 /usr/local/bin/oc\n");
    assert_non_null(client);
    assert_true(client < strstr(md, "Know before you begin"));
}

static void the_runbook_is_honest_and_safe(void **state)
{
    (void)state;
    world w;
    fill(&w, "4.14.5", "4.15.6", "4.16.7");
    add_gate(&w, "ack-4.14-apis");
    HOP_AUTO_VALUE(hop_tree) t = {0};
    build(&w, &t);
    const char *md = text_of(&t, "RUNBOOK.md"), *html = text_of(&t, "runbook.html");
    assert_has(&t, "RUNBOOK.md", "were not checked");
    assert_has(&t, "RUNBOOK.md", "Operators from catalogs are not mirrored");
    assert_has(&t, "RUNBOOK.md", "oc adm upgrade --to=4.15.6\n");
    assert_has(&t, "RUNBOOK.md", "oc adm upgrade --to=4.16.7 --allow-not-recommended\n");
    assert_has(&t, "RUNBOOK.md", "--patch-file=patches/admin-acks-hop-01.yaml");
    assert_has(&t, "RUNBOOK.md", "\"paused\":true");
    assert_has(&t, "RUNBOOK.md", "\"paused\":false");
    assert_has(&t, "RUNBOOK.md", "\n    # heading\n    ```\n    \\x1b[31mred");
    assert_has(&t, "RUNBOOK.md", "\n    * first\n");
    assert_null(strchr(md, '\x1b'));
    assert_null(strchr(html, '\x1b'));
    assert_null(strstr(html, "<script>"));
    assert_null(strstr(html, "<b>this"));
    assert_null(strstr(html, "href"));
    assert_has(&t, "runbook.html", "Risk&lt;/pre&gt;&lt;script&gt;");
    w.in.signatures = HOP_SIGNATURES_SKIPPED;
    build(&w, &t);
    assert_has(&t, "RUNBOOK.md", "switched off");
    w.in.signatures = HOP_SIGNATURES_VERIFIED;
    build(&w, &t);
    assert_has(&t, "RUNBOOK.md", "were verified");
}

static void the_run_time_gate(void **state)
{
    (void)state;
    world w;
    fill(&w, "4.20.1", "4.21.2", "4.21.3");
    HOP_AUTO_VALUE(hop_tree) t = {0};
    build(&w, &t);
    assert_has(&t, "patches/admin-acks-hop-01.yaml",
               "\"ack-4.20-sigstore-in-4.21\": \"true\"");
    const char *key = NULL, *text = NULL;
    assert_false(hop_gate_at_run_time("4.20.1", "4.20.2", &key, &text));
    assert_false(hop_gate_at_run_time("4.19.1", "4.20.2", &key, &text));
}

static void input_that_does_not_fit(void **state)
{
    (void)state;
    HOP_AUTO_VALUE(hop_tree) t = {0};
    HOP_AUTO(hop_error) err = NULL;
    world w;
    fill(&w, "4.14.5", "4.15.6", "4.16.7");
    w.in.host = "mirror;reboot";
    assert_fails(hop_resources_build(&w.in, &t, &err), &err, HOP_E_USAGE, "HOST[:PORT]");
    fill(&w, "4.14.5", "4.15.6", "4.16.7");
    w.hops[0].channel = "stable\n4.15";
    assert_fails(hop_resources_build(&w.in, &t, &err), &err, HOP_E_USAGE, "no channel");
    fill(&w, "4.14.5", "4.15.6", "4.16.7");
    w.hops[1].to = "4.99.0";
    assert_fails(hop_resources_build(&w.in, &t, &err), &err, HOP_E_USAGE, "was mirrored");
    fill(&w, "4.14.5", "4.15.6;x", "4.16.7");
    assert_fails(hop_resources_build(&w.in, &t, &err), &err, HOP_E_USAGE,
                 "release version");
    fill(&w, "4.14.5", "4.15.6", "4.16.7");
    w.in.release_count = 0;
    assert_fails(hop_resources_build(&w.in, &t, &err), &err, HOP_E_USAGE, "no release");
    assert_int_equal(t.len, 0);
}

static void writing_replaces_the_set(void **state)
{
    (void)state;
    HOP_AUTO(hop_error) err = NULL;
    char root[] = "/tmp/hop-resources-XXXXXX";
    assert_non_null(mkdtemp(root));
    HOP_AUTO_STR dir = hop_sprintf("%s/a/set", root);
    HOP_AUTO_STR old = hop_sprintf("%s/patches/clusterversion-hop-02.yaml", dir);
    HOP_AUTO_STR foreign = hop_sprintf("%s/mine.txt", dir);
    world w;
    fill(&w, "4.14.5", "4.15.6", "4.16.7");
    HOP_AUTO_VALUE(hop_tree) t = {0};
    build(&w, &t);
    hop_resources_change change = HOP_RESOURCES_SAME;
    assert_ok(hop_resources_write(dir, &t, &change, &err), &err);
    assert_int_equal(change, HOP_RESOURCES_WRITTEN);
    assert_int_equal(access(old, F_OK), 0);
    assert_ok(hop_resources_write(dir, &t, &change, &err), &err);
    assert_int_equal(change, HOP_RESOURCES_SAME);
    w.in.hop_count = 1;
    build(&w, &t);
    assert_ok(hop_resources_write(dir, &t, &change, &err), &err);
    assert_int_equal(change, HOP_RESOURCES_WRITTEN);
    assert_int_not_equal(access(old, F_OK), 0);
    /* What somebody else put there stops the run before anything is lost. */
    assert_ok(hop_file_write(foreign, "x", 1, &err), &err);
    w.in.hop_count = 2;
    build(&w, &t);
    assert_fails(hop_resources_write(dir, &t, &change, &err), &err, HOP_E_USAGE,
                 "mine.txt");
    assert_int_not_equal(access(old, F_OK), 0);
    assert_int_equal(unlink(foreign), 0);
    assert_ok(hop_resources_write(dir, &t, &change, &err), &err);
    HOP_AUTO_VALUE(hop_tree) none = {0};
    assert_ok(hop_resources_write(dir, &none, &change, &err), &err);
    assert_int_equal(rmdir(dir), 0);
    HOP_AUTO_STR parent = hop_sprintf("%s/a", root);
    assert_int_equal(rmdir(parent), 0); /* nothing temporary was left */
    assert_int_equal(rmdir(root), 0);
}

/* The disk takes no more in the middle of a set: the old one stays as it was. */
static void a_set_is_never_half_there(void **state)
{
    (void)state;
    HOP_AUTO(hop_error) err = NULL;
    char root[] = "/tmp/hop-resources-XXXXXX";
    assert_non_null(mkdtemp(root));
    HOP_AUTO_STR dir = hop_sprintf("%s/set", root);
    HOP_AUTO_STR runbook = hop_sprintf("%s/RUNBOOK.md", dir);
    world w;
    fill(&w, "4.14.5", "4.15.6", "4.16.7");
    HOP_AUTO_VALUE(hop_tree) old = {0}, fresh = {0};
    build(&w, &old);
    hop_resources_change change = HOP_RESOURCES_SAME;
    assert_ok(hop_resources_write(dir, &old, &change, &err), &err);
    fill(&w, "4.14.5", "4.15.6", "4.16.8");
    build(&w, &fresh);
    struct rlimit was, little = {0};
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
    little = (struct rlimit){.rlim_cur = 2000, .rlim_max = was.rlim_max};
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &little), 0);
    hop_status s = hop_resources_write(dir, &fresh, &change, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
    signal(SIGXFSZ, handler);
    assert_int_not_equal(s, HOP_OK);
    hop_error_drop(&err);
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_MAX_SMALL_BODY);
    assert_ok(hop_file_read(runbook, &text, &err), &err);
    assert_string_equal(hop_buf_get(&text), text_of(&old, "RUNBOOK.md"));
    assert_ok(hop_resources_write(dir, &old, &change, &err), &err);
    assert_int_equal(change, HOP_RESOURCES_SAME);
    HOP_AUTO_VALUE(hop_tree) none = {0};
    assert_ok(hop_resources_write(dir, &none, &change, &err), &err);
    assert_int_equal(rmdir(dir), 0);
    assert_int_equal(rmdir(root), 0); /* nothing temporary was left */
}

/* Two clusters take the same update, one of them knowing its risk: the graph has it
 * once, as the conditional one that it is. */
static void clusters_share_an_update(void **state)
{
    (void)state;
    HOP_AUTO(hop_error) err = NULL;
    world w;
    fill(&w, "4.14.5", "4.15.6", "4.16.7");
    hop_resources_hop hops[] = {w.hops[0], w.hops[1], w.hops[1]};
    hops[2].risks = NULL;
    hops[2].risk_count = 0;
    w.in.hops = hops;
    w.in.hop_count = 3;
    HOP_AUTO_VALUE(hop_tree) t = {0};
    build(&w, &t);
    const char *text = text_of(&t, "graphs/eus-4.16-amd64.json");
    HOP_AUTO(hop_json) doc = NULL;
    assert_ok(hop_json_parse(text, strlen(text), "g", &doc, &err), &err);
    hop_json_view root = hop_json_root(doc, "g"), list;
    assert_ok(hop_json_member(&root, "edges", HOP_JSON_ARRAY, &list, &err), &err);
    assert_int_equal(hop_json_count(&list), 0);
    assert_ok(hop_json_member(&root, "conditionalEdges", HOP_JSON_ARRAY, &list, &err),
              &err);
    assert_int_equal(hop_json_count(&list), 1);
    assert_has(&t, "RUNBOOK.md", "## Cluster that ran 4.15.6, hop 1 of 1");
}

/* Installers before 4.14 do not know the newer stanza. */
static void the_stanza_fits_every_installer(void **state)
{
    (void)state;
    world w;
    HOP_AUTO_VALUE(hop_tree) t = {0};
    fill(&w, "4.13.30", "4.14.5", "4.15.6");
    build(&w, &t);
    assert_has(&t, "install-config-stanza.yaml", "imageContentSources:");
    fill(&w, "4.14.5", "4.15.6", "4.16.7");
    build(&w, &t);
    assert_has(&t, "install-config-stanza.yaml", "imageDigestSources:");
    w.in.mirror_kind = HOP_MIRROR_KIND_ICSP;
    build(&w, &t);
    assert_has(&t, "install-config-stanza.yaml", "imageContentSources:");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_file_parses),
        cmocka_unit_test(mirror_set_works_as_a_source),
        cmocka_unit_test(mirror_set_kind_follows_the_start),
        cmocka_unit_test(a_policy_in_use_is_converted_later),
        cmocka_unit_test(objects_name_the_mirror),
        cmocka_unit_test(the_static_graph_holds_the_path),
        cmocka_unit_test(the_runbook_begins_with_the_client_of_media),
        cmocka_unit_test(the_runbook_is_honest_and_safe),
        cmocka_unit_test(the_run_time_gate),
        cmocka_unit_test(input_that_does_not_fit),
        cmocka_unit_test(writing_replaces_the_set),
        cmocka_unit_test(a_set_is_never_half_there),
        cmocka_unit_test(clusters_share_an_update),
        cmocka_unit_test(the_stanza_fits_every_installer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
