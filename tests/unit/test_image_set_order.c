/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From an ImageSetConfiguration and saved graphs to the releases to mirror. */
#include "graph_support.h"

#include "hop_file.h"
#include "image_set_order.h"

#include <stdio.h>
#include <unistd.h>

#define HEADER                                         \
    "apiVersion: mirror.openshift.io/v2alpha1\nkind: " \
    "ImageSetConfiguration\nmirror:\n  platform:\n"
#define CHANNELS(list) HEADER "    channels: [" list "]\n"

/* A configuration and its graphs in a directory of their own. */
typedef struct bench {
    char root[32];
    hop_strings files;
    hop_options o;
    hop_order order;
} bench;

static void bench_init(bench *b)
{
    *b = (bench){.root = "/tmp/hop-image-set-XXXXXX"};
    assert_non_null(mkdtemp(b->root));
}

static void bench_clear(bench *b)
{
    hop_order_clear(&b->order);
    hop_options_clear(&b->o);
    for (size_t i = 0; i < b->files.len; i++)
        (void)unlink(b->files.items[i]);
    hop_strings_clear(&b->files);
    assert_int_equal(rmdir(b->root), 0);
}

static void put(bench *b, const char *name, const char *text, size_t len)
{
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO_STR path = hop_sprintf("%s/%s", b->root, name);
    assert_ok(hop_file_write(path, text, len, &err), &err);
    if (!hop_strings_has(&b->files, path))
        hop_strings_add(&b->files, path);
}

static void put_graph(bench *b, const char *channel, const char *lines)
{
    HOP_AUTO_VALUE(hop_buf) json = hop_buf_init(HOP_BUF_TEXT);
    lines_to_json(lines, NULL, &json);
    put(b, channel, hop_buf_get(&json), json.len);
    HOP_AUTO_STR flag = hop_sprintf("%s=%s/%s", channel, b->root, channel);
    hop_strings_add(&b->o.graph, flag);
}

/* Made-up streams: 4.15.3 was never in stable-4.16, 4.16.2 never in any of these. */
static void put_graphs(bench *b)
{
    put_graph(b, "stable-4.14", "4.14.1 > 4.14.2");
    put_graph(b, "stable-4.15",
              "4.14.1 > 4.14.2;4.14.2 > 4.15.1;4.14.2 > 4.15.2;4.15.1 > 4.15.2;"
              "4.15.2 > 4.15.3");
    put_graph(b, "stable-4.16",
              "4.15.1 > 4.15.2;4.15.2 > 4.16.1;4.15.2 ? 4.16.3 Slow;4.16.1 > 4.16.3;"
              "4.16.3 ? 4.16.4 Slow;4.16.5-rc.1");
    put_graph(b, "eus-4.16",
              "4.14.1 > 4.14.2;4.14.2 > 4.15.2;4.15.2 > 4.16.1;4.16.1 > 4.16.3");
}

static hop_status follow(bench *b, const char *config, hop_error **err)
{
    put(b, "isc.yaml", config, strlen(config));
    free(b->o.config);
    b->o.config = hop_sprintf("%s/isc.yaml", b->root);
    hop_order_clear(&b->order);
    return hop_image_set_order(&b->o, &b->order, err);
}

/* "4.15.2 4.16.1 | path 4.15.2 4.16.1": what is mirrored, and what is planned. */
static char *describe(const hop_order *order)
{
    HOP_AUTO_VALUE(hop_buf) out = hop_buf_init(HOP_BUF_TEXT);
    for (size_t i = 0; i < order->release_count; i++) {
        bool is_other = strcmp(order->releases[i].arch, "amd64") != 0;
        hop_buf_addf(&out, "%s%s%s%s", i ? " " : "", order->releases[i].version,
                     is_other ? "/" : "", is_other ? order->releases[i].arch : "");
        assert_int_equal(order->releases[i].components, HOP_COMPONENTS_COPY);
    }
    for (size_t i = 0; i < order->set_count; i++) {
        const hop_plan *plan = order->sets[i]->plans[0];
        HOP_AUTO_STR path = route_text(&plan->best);
        hop_buf_addf(&out, " | %s %s", hop_plan_status_name(plan->status), path);
    }
    return hop_buf_take(&out);
}

static void assert_order(bench *b, const char *config, const char *wanted)
{
    HOP_AUTO(hop_error) err = NULL;
    assert_ok(follow(b, config, &err), &err);
    HOP_AUTO_STR got = describe(&b->order);
    assert_string_equal(got, wanted);
}

static void ranges_go_by_membership(void **state)
{
    (void)state;
    bench b;
    bench_init(&b);
    put_graphs(&b);
    /* The head is the newest that is generally available. */
    assert_order(&b, CHANNELS("{name: stable-4.16}"), "4.16.4");
    assert_order(&b, CHANNELS("{name: stable-4.16, full: true}"),
                 "4.15.1 4.15.2 4.16.1 4.16.3 4.16.4 4.16.5-rc.1");
    assert_order(&b, CHANNELS("{name: stable-4.16, maxVersion: 4.16.1}"),
                 "4.15.1 4.15.2 4.16.1 | ok 4.15.1 4.15.2 4.16.1");
    /* 4.16.4 is reached over a risk only, so there is no path to speak of; a range needs
     * none. */
    assert_order(&b, CHANNELS("{name: stable-4.16, minVersion: 4.16.1}"),
                 "4.16.1 4.16.3 4.16.4");
    /* 4.15.3 and 4.16.2 lie in the range, but the channel has neither. */
    assert_order(&b,
                 CHANNELS("{name: stable-4.16, minVersion: 4.15.2, maxVersion: 4.16.3}"),
                 "4.15.2 4.16.1 4.16.3 | ok 4.15.2 4.16.1 4.16.3");
    assert_order(&b,
                 CHANNELS("{name: stable-4.16, minVersion: 4.15.3, maxVersion: 4.16.2}"),
                 "4.16.1");
    HOP_AUTO(hop_error) err = NULL;
    assert_fails(
        follow(&b,
               CHANNELS("{name: stable-4.16, minVersion: 4.16.7, maxVersion: 4.16.9}"),
               &err),
        &err, HOP_E_NO_PATH,
        "channel stable-4.16 (line 5) has no release from 4.16.7 to 4.16.9 for amd64");
    assert_fails(follow(&b, CHANNELS("{name: fast-4.16}"), &err), &err, HOP_E_NO_PATH,
                 "channel fast-4.16 has no releases for amd64");
    bench_clear(&b);
}

static void shortest_paths_follow_the_planner(void **state)
{
    (void)state;
    static const char TO_THREE[] = CHANNELS("{name: stable-4.16, minVersion: 4.15.1, "
                                            "maxVersion: 4.16.3, shortestPath: true}");
    static const char TO_FOUR[] = CHANNELS("{name: stable-4.16, minVersion: 4.15.2, "
                                           "maxVersion: 4.16.4, shortestPath: true}");
    bench b;
    bench_init(&b);
    put_graphs(&b);
    /* Three hops without a risk come before two with one. */
    assert_order(&b, TO_THREE,
                 "4.15.1 4.15.2 4.16.1 4.16.3 | ok 4.15.1 4.15.2 4.16.1 4.16.3");
    /* No path without a risk: nothing is mirrored until it is accepted. */
    assert_order(&b, TO_FOUR, " | needs-risks 4.15.2 4.16.1 4.16.3 4.16.4");
    hop_strings_add(&b.o.accept_risk, "Slow");
    assert_order(&b, TO_FOUR,
                 "4.15.2 4.16.1 4.16.3 4.16.4 | ok 4.15.2 4.16.1 4.16.3 4.16.4");
    b.o.prefer = hop_strdup("hops");
    assert_order(&b, TO_THREE, "4.15.1 4.15.2 4.16.3 | ok 4.15.1 4.15.2 4.16.3");
    assert_order(&b,
                 CHANNELS("{name: stable-4.16, minVersion: 4.15.9, shortestPath: true}"),
                 " | unknown-version ");
    bench_clear(&b);
}

static void channels_are_joined(void **state)
{
    (void)state;
    bench b;
    bench_init(&b);
    put_graphs(&b);
    /* The path leaves 4.14 from 4.14.2, not from the channel's head whatever it is, and
     * goes over the channel between, which nobody named. */
    assert_order(&b,
                 CHANNELS("{name: stable-4.14, minVersion: 4.14.1, shortestPath: true}, "
                          "{name: stable-4.16, minVersion: 4.16.3, maxVersion: 4.16.3, "
                          "shortestPath: true}"),
                 "4.14.1 4.14.2 4.15.2 4.16.1 4.16.3 | "
                 "ok 4.14.1 4.14.2 4.15.2 4.16.1 4.16.3");
    /* Two EUS minors. */
    assert_order(&b,
                 CHANNELS("{name: stable-4.14, minVersion: 4.14.1, maxVersion: 4.14.2}, "
                          "{name: eus-4.16, minVersion: 4.16.1, maxVersion: 4.16.1, "
                          "shortestPath: true}"),
                 "4.14.1 4.14.2 4.15.2 4.16.1 | ok 4.14.1 4.14.2 4.15.2 4.16.1");
    /* Heads alone: 4.14.2 to 4.16.4 is over a risk, and no path was asked for. */
    assert_order(&b, CHANNELS("{name: stable-4.14}, {name: stable-4.16}"),
                 "4.14.2 4.16.4");
    bench_clear(&b);
}

static void architectures_one_by_one(void **state)
{
    (void)state;
    bench b;
    bench_init(&b);
    HOP_AUTO_VALUE(hop_buf) json = hop_buf_init(HOP_BUF_TEXT);
    lines_to_json("4.16.1 > 4.16.2", NULL, &json);
    put(&b, "both", hop_buf_get(&json), json.len);
    for (size_t i = 0; i < 2; i++) {
        HOP_AUTO_STR flag =
            hop_sprintf("stable-4.16/%s=%s/both", i ? "arm64" : "amd64", b.root);
        hop_strings_add(&b.o.graph, flag);
    }
    hop_strings_add(&b.o.arch, "amd64");
    hop_strings_add(&b.o.arch, "arm64");
    assert_order(&b, CHANNELS("{name: stable-4.16, full: true}"),
                 "4.16.1 4.16.2 4.16.1/arm64 4.16.2/arm64 | "
                 "ok 4.16.1 4.16.2 | ok 4.16.1 4.16.2");
    HOP_AUTO(hop_error) err = NULL;
    assert_fails(follow(&b,
                        HEADER "    architectures: [arm64]\n"
                               "    channels: [{name: stable-4.16}]\n",
                        &err),
                 &err, HOP_E_USAGE, "names its architectures");
    bench_clear(&b);
}

/* OKD has an update service of its own, and its channels are not joined. */
static void okd_stands_apart(void **state)
{
    (void)state;
    bench b;
    bench_init(&b);
    put_graph(&b, "stable-4",
              "4.15.0-0.okd-2024-03-10-010116 > "
              "4.15.0-0.okd-2024-04-13-075734");
    put_graph(&b, "4-scos-stable", "4.18.0-okd-scos.1 > 4.18.0-okd-scos.2");
    assert_order(&b, CHANNELS("{name: stable-4, type: okd, full: true}"),
                 "4.15.0-0.okd-2024-03-10-010116 4.15.0-0.okd-2024-04-13-075734 | "
                 "ok 4.15.0-0.okd-2024-03-10-010116 4.15.0-0.okd-2024-04-13-075734");
    assert_order(&b,
                 CHANNELS("{name: stable-4, type: okd}, "
                          "{name: 4-scos-stable, type: okd}"),
                 "4.15.0-0.okd-2024-04-13-075734 4.18.0-okd-scos.2");
    bench_clear(&b);
}

static void one_payload(void **state)
{
    (void)state;
    HOP_AUTO(hop_error) err = NULL;
    bench b;
    bench_init(&b);
    put_graphs(&b);
    hop_digest d = hop_digest_of("4.16.1", strlen("4.16.1"));
    /* The repository is the configuration's, the digest the graph's. */
    assert_order(&b, HEADER "    release: other.io/r/x:4.16.1-x86_64\n", "4.16.1");
    HOP_AUTO_STR payload = hop_sprintf("other.io/r/x@%s", d.text);
    assert_string_equal(b.order.releases[0].payload, payload);
    HOP_AUTO_STR by_digest = hop_sprintf(HEADER "    release: other.io/r/x@%s\n", d.text);
    assert_order(&b, by_digest, "4.16.1");
    /* Tag and digest together need no graph. */
    HOP_AUTO_STR both =
        hop_sprintf(HEADER "    release: other.io/r/x:4.99.1-aarch64@%s\n", d.text);
    assert_order(&b, both, "4.99.1/arm64");
    assert_fails(follow(&b, HEADER "    release: other.io/r/x:latest\n", &err), &err,
                 HOP_E_USAGE, "its tag names no version");
    assert_fails(follow(&b, HEADER "    release: other.io/r/x:4.16.9-x86_64\n", &err),
                 &err, HOP_E_NO_PATH, "release 4.16.9 (amd64): unknown");
    bench_clear(&b);
}

static void what_is_not_handled(void **state)
{
    (void)state;
    static const char BOTH[] =
        CHANNELS("{name: stable-4.16}") "  operators: [{catalog: x}]\n";
    HOP_AUTO(hop_error) err = NULL;
    bench b;
    bench_init(&b);
    put_graphs(&b);
    assert_fails(follow(&b, BOTH, &err), &err, HOP_E_USAGE,
                 "not mirror.operators (line 6)");
    b.o.ignore_unhandled = true;
    assert_order(&b, BOTH, "4.16.4");
    assert_true(b.order.without_graph_data);
    assert_fails(follow(&b,
                        "apiVersion: mirror.openshift.io/v2alpha1\nkind: "
                        "ImageSetConfiguration\nmirror: {helm: {local: [{name: x}]}}\n",
                        &err),
                 &err, HOP_E_USAGE, "names neither channels nor a release");
    hop_strings_add(&b.o.channel, "stable-4.16");
    assert_fails(follow(&b, BOTH, &err), &err, HOP_E_USAGE, "names its channels");
    bench_clear(&b);
}

/* ---- what the public service answered on 2026-08-21 ---- */

static void use_real(bench *b, const char *channel)
{
    HOP_AUTO_STR flag = hop_sprintf("%s=%s/graphs/api-20260821-%s-amd64.json", channel,
                                    getenv("OC_HOP_TEST_DATA"), channel);
    hop_strings_add(&b->o.graph, flag);
}

static void real_configurations(void **state)
{
    (void)state;
    if (!getenv("OC_HOP_TEST_DATA")) {
        print_message("skipped: OC_HOP_TEST_DATA is not set\n");
        skip();
    }
    bench b;
    bench_init(&b);
    use_real(&b, "stable-4.14");
    use_real(&b, "stable-4.15");
    use_real(&b, "stable-4.16");
    use_real(&b, "eus-4.16");
    /* A single channel with shortestPath. */
    assert_order(&b,
                 CHANNELS("{name: stable-4.16, minVersion: 4.15.20, maxVersion: 4.16.30, "
                          "shortestPath: true}"),
                 "4.15.20 4.16.30 | ok 4.15.20 4.16.30");
    /* A range. */
    assert_order(
        &b, CHANNELS("{name: stable-4.16, minVersion: 4.16.10, maxVersion: 4.16.16}"),
        "4.16.10 4.16.16 4.16.11 4.16.12 4.16.13 4.16.14 4.16.15 | "
        "ok 4.16.10 4.16.16");
    /* Two channels with EUS: every way from 4.14.20 to 4.16.30 has a risk. The ends that
     * the channels name are mirrored, too. */
    static const char EUS[] = CHANNELS(
        "{name: stable-4.14, minVersion: 4.14.20, maxVersion: 4.14.38, shortestPath: "
        "true}, {name: eus-4.16, minVersion: 4.16.20, maxVersion: 4.16.30, shortestPath: "
        "true}");
    assert_order(&b, EUS, " | needs-risks 4.14.20 4.15.43 4.16.30");
    hop_strings_add(&b.o.accept_risk, "OVNIPsecPausedMCPConnectivity");
    assert_order(&b, EUS,
                 "4.14.20 4.15.43 4.16.30 4.14.38 4.16.20 | "
                 "ok 4.14.20 4.15.43 4.16.30");
    bench_clear(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges_go_by_membership),
        cmocka_unit_test(shortest_paths_follow_the_planner),
        cmocka_unit_test(channels_are_joined),
        cmocka_unit_test(architectures_one_by_one),
        cmocka_unit_test(okd_stands_apart),
        cmocka_unit_test(one_payload),
        cmocka_unit_test(what_is_not_handled),
        cmocka_unit_test(real_configurations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
