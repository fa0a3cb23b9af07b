/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hop-resource-samples DIR: sets of cluster resources that the small world of releases
 * has no path for, one directory each, with hostile text wherever text comes from
 * outside. The tests read them as an administrator and a shell would. */
#include "hop_resources.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVIL                                                               \
    "Read <script>alert(1)</script> & <b>this</b>\n```\n# not a heading\n" \
    "$(touch was-here) `id` 'quote' \"double\" \x1b[31mred\n---\n"         \
    "<!-- --> [link](javascript:alert(1))"

enum { MAX_HOPS = 8, MAX_RELEASES = 8 };

typedef struct sample {
    const char *name;
    const char *versions[MAX_RELEASES + 1]; /* a path; NULL ends it */
    const char *other_start;                /* a second cluster's version, or NULL */
    const char *gates[MAX_HOPS];            /* key of the gate at each hop, or NULL */
    bool has_ca, has_graph_data, has_policies, has_path, is_unread;
    hop_source_policy policy;
    hop_signature_state signatures;
} sample;

static const sample SAMPLES[] = {
    /* Three minors from before ImageDigestMirrorSets, gates at two of them, workers that
     * can be held back. */
    {.name = "from-4.12",
     .versions = {"4.12.60", "4.13.50", "4.14.40", "4.15.30"},
     .gates = {"ack-4.12-kube-1.26-api-removals-in-4.13", NULL,
               "ack-4.14-things-in-4.15"},
     .has_ca = true,
     .has_graph_data = true,
     .has_path = true,
     .signatures = HOP_SIGNATURES_VERIFIED},
    /* The gate of the run time, and a policy. */
    {.name = "to-4.21",
     .versions = {"4.20.5", "4.20.9", "4.21.3"},
     .has_path = true,
     .has_graph_data = true,
     .policy = HOP_SOURCE_POLICY_NEVER,
     .signatures = HOP_SIGNATURES_VERIFIED},
    /* Two clusters, of which the older one begins with the older kind. */
    {.name = "two-clusters",
     .versions = {"4.12.60", "4.13.50", "4.14.40"},
     .other_start = "4.13.50",
     .has_path = true,
     .has_graph_data = true,
     .signatures = HOP_SIGNATURES_VERIFIED},
    /* Too early to convert, no update service, nothing verified, nothing read. */
    {.name = "early-4.13",
     .versions = {"4.13.2", "4.13.20"},
     .has_policies = true,
     .has_path = true,
     .is_unread = true,
     .signatures = HOP_SIGNATURES_SKIPPED},
    {.name = "no-path",
     .versions = {"4.16.3", "4.16.9"},
     .has_graph_data = true,
     .signatures = HOP_SIGNATURES_VERIFIED},
};

/* What one sample's input borrows from. */
typedef struct bench {
    hop_resources_release releases[MAX_RELEASES];
    hop_resources_hop hops[MAX_HOPS];
    hop_gate gates[MAX_HOPS];
    hop_resources_risk risk;
    hop_resources_signature signature;
    hop_strings sources;
    hop_resources_input in;
} bench;

static void fill_releases(const sample *s, bench *b)
{
    size_t n = 0;
    for (; s->versions[n]; n++)
        b->releases[n] = (hop_resources_release){
            .version = s->versions[n],
            .arch = "amd64",
            .payload_repository = "quay.io/example/ocp-release",
            .component_sources = &b->sources,
            .url = "https://example.com/errata",
            .payload = hop_digest_of(s->versions[n], strlen(s->versions[n])),
            .signatures = &b->signature,
            .signature_count = s->signatures == HOP_SIGNATURES_VERIFIED};
    b->in.releases = b->releases;
    b->in.release_count = n;
}

static char *channel_of(const char *version)
{
    return hop_sprintf("stable-%.4s", version);
}

static void add_hop(const sample *s, bench *b, const char *from, const char *to,
                    const char *gate, hop_strings *channels)
{
    size_t i = b->in.hop_count++;
    HOP_AUTO_STR channel = channel_of(to);
    hop_strings_add(channels, channel);
    b->hops[i] = (hop_resources_hop){.from = from,
                                     .to = to,
                                     .arch = "amd64",
                                     .channel = channels->items[channels->len - 1],
                                     .gates_known = !s->is_unread};
    if (gate) {
        b->gates[i] = (hop_gate){.key = hop_strdup(gate), .text = hop_strdup(EVIL)};
        b->hops[i].gates = &b->gates[i];
        b->hops[i].gate_count = 1;
    }
}

static void fill_hops(const sample *s, bench *b, hop_strings *channels)
{
    size_t last = b->in.release_count - 1;
    for (size_t i = 0; s->has_path && i < last; i++)
        add_hop(s, b, s->versions[i], s->versions[i + 1], s->gates[i], channels);
    if (s->has_path) { /* the last hop is a conditional one */
        b->hops[last - 1].risks = &b->risk;
        b->hops[last - 1].risk_count = 1;
    }
    if (s->other_start)
        add_hop(s, b, s->other_start, s->versions[last], NULL, channels);
    b->in.hops = b->hops;
}

static hop_status write_sample(const sample *s, const char *root, hop_error **err)
{
    static const unsigned char bytes[] = {0x90, 0x0d, 0x03, 0x00, 0xff, 0xfe};
    bench b = {.risk = {.name = "Risk<script>", .message = EVIL, .url = "javascript:x"},
               .signature = {.data = bytes, .len = sizeof(bytes)}};
    HOP_AUTO_VALUE(hop_strings) channels = {0};
    HOP_AUTO_VALUE(hop_tree) files = {0};
    HOP_AUTO_STR dir = hop_sprintf("%s/%s", root, s->name);
    hop_resources_change change = HOP_RESOURCES_SAME;
    hop_strings_add(&b.sources, "quay.io/example/ocp-v4.0-art-dev");
    b.in = (hop_resources_input){
        .host = "mirror.example:5000",
        .repository = "ocp4/openshift4",
        .release_repository = "ocp4/openshift4-release-images",
        .graph_data_repository = s->has_graph_data ? "ocp4/graph-data" : NULL,
        .graph_data = hop_digest_of("graph", 5),
        .ca_pem = s->has_ca
                      ? "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
                      : NULL,
        .cluster_has_policies = s->has_policies,
        .source_policy = s->policy,
        .signatures = s->signatures};
    fill_releases(s, &b);
    fill_hops(s, &b, &channels);
    hop_status status = hop_resources_build(&b.in, &files, err);
    if (status == HOP_OK)
        status = hop_resources_write(dir, &files, &change, err);
    for (size_t i = 0; i < MAX_HOPS; i++) {
        free(b.gates[i].key);
        free(b.gates[i].text);
    }
    hop_strings_clear(&b.sources);
    return status;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fputs("Usage: hop-resource-samples DIR\n", stderr);
        return 2;
    }
    hop_error *err = NULL;
    hop_status s = HOP_OK;
    for (size_t i = 0; s == HOP_OK && i < HOP_COUNT_OF(SAMPLES); i++)
        s = write_sample(&SAMPLES[i], argv[1], &err);
    if (s == HOP_OK)
        return 0;
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    hop_error_print(err, &text);
    fputs(hop_buf_get(&text), stderr);
    hop_error_drop(&err);
    return 1;
}
