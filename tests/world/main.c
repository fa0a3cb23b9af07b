/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hop-world: writes a small world of OpenShift releases to a directory, the same bytes
 * for the same options: registry/ (the storage root of a docker-registry), graphs/,
 * graph-data/, graph-data.tar.gz, signatures/ (a signature store), update-key.asc (the
 * key that made them), idms.yaml and expected.json.
 */
#include "expected.h"
#include "graph.h"
#include "hop_file.h"
#include "release.h"
#include "signature.h"
#include "sigstore_key.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct options {
    const char *size;
    const char *source_host;
    const char *directory;
    uint64_t seed;
    unsigned percent;
    unsigned base_mib; /* 0: what the size has */
} options;

static const char usage[] =
    "Usage: hop-world [--size demo|next|bench] [--scale PERCENT] [--base MIB]\n"
    "                 [--seed N] [--source-host HOST:PORT] DIRECTORY\n"
    "Writes a world of OpenShift releases that do not exist. --scale is for all sizes:\n"
    "the blobs of bench have about 1.7 GB at 100. --base is the size of the layer below "
    "all others.\n"
    "Without --source-host idms.yaml names SOURCE_HOST.\n";

static hop_status parse_number(const char *flag, const char *text, uint64_t high,
                               uint64_t *out, hop_error **err)
{
    char *end = NULL;
    uint64_t value = strtoull(text, &end, 10);
    if (end == text || *end != '\0' || *text == '-' || value > high)
        return hop_error_set(err, HOP_E_USAGE, "--%s %s: expected a number up to %llu",
                             flag, text, (unsigned long long)high);
    *out = value;
    return HOP_OK;
}

static hop_status parse(int argc, char **argv, options *o, hop_error **err)
{
    static const struct option rows[] = {{"size", required_argument, NULL, 's'},
                                         {"scale", required_argument, NULL, 'p'},
                                         {"base", required_argument, NULL, 'b'},
                                         {"seed", required_argument, NULL, 'n'},
                                         {"source-host", required_argument, NULL, 'h'},
                                         {0}};
    hop_status s = HOP_OK;
    uint64_t number = 0;
    for (int c; s == HOP_OK && (c = getopt_long(argc, argv, "", rows, NULL)) != -1;) {
        if (c == 's') {
            o->size = optarg;
        } else if (c == 'p') {
            s = parse_number("scale", optarg, 400, &number, err);
            o->percent = (unsigned)number;
        } else if (c == 'b') {
            s = parse_number("base", optarg, 1024, &number, err);
            o->base_mib = (unsigned)number;
        } else if (c == 'n') {
            s = parse_number("seed", optarg, UINT64_MAX, &o->seed, err);
        } else if (c == 'h') {
            o->source_host = optarg;
        } else {
            return hop_error_set(err, HOP_E_USAGE, "read the command line");
        }
    }
    if (s != HOP_OK)
        return s;
    if (argc - optind != 1 || o->percent == 0)
        return hop_error_set(err, HOP_E_USAGE, "expected one directory");
    if (strcmp(o->size, "demo") != 0 && strcmp(o->size, "next") != 0 &&
        strcmp(o->size, "bench") != 0)
        return hop_error_set(err, HOP_E_USAGE, "--size %s: expected demo, next or bench",
                             o->size);
    o->directory = argv[optind];
    return HOP_OK;
}

static hop_shape make_shape(const options *o)
{
    hop_shape s = strcmp(o->size, "bench") == 0  ? hop_shape_bench(o->seed, o->percent)
                  : strcmp(o->size, "next") == 0 ? hop_shape_next()
                                                 : hop_shape_demo();
    if (strcmp(o->size, "bench") != 0)
        hop_shape_resize(&s, o->percent);
    if (o->base_mib)
        s.base_bytes = o->base_mib * HOP_MIB;
    return s;
}

static hop_status make_world(const options *o, hop_world *w, hop_error **err)
{
    hop_status s = hop_world_build(w, err);
    if (s == HOP_OK)
        s = hop_world_write_graphs(w, o->directory, err);
    if (s == HOP_OK)
        s = hop_world_write_graph_data(w, o->directory, err);
    if (s == HOP_OK)
        s = hop_world_write_signatures(w, o->directory, err);
    if (s == HOP_OK)
        s = hop_world_write_sigstore_key(o->directory, err);
    if (s == HOP_OK)
        s = hop_world_write_idms(o->directory, o->source_host, err);
    return s == HOP_OK ? hop_world_write_expected(w, o->directory, err) : s;
}

int main(int argc, char **argv)
{
    options o = {.size = "demo", .source_host = "SOURCE_HOST", .seed = 1, .percent = 100};
    HOP_AUTO(hop_error) err = NULL;
    hop_status s = parse(argc, argv, &o, &err);
    if (s == HOP_OK) {
        HOP_AUTO_VALUE(hop_shape) shape = make_shape(&o);
        HOP_AUTO_STR root = hop_sprintf("%s/registry", o.directory);
        HOP_AUTO_VALUE(hop_world) w = {.shape = &shape, .store = {root}, .seed = o.seed};
        s = make_world(&o, &w, &err);
    }
    if (s == HOP_OK)
        return 0;
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    hop_error_print(err, &text);
    fputs(hop_buf_get(&text), stderr);
    if (s == HOP_E_USAGE)
        fputs(usage, stderr);
    return s == HOP_E_USAGE ? 2 : 1;
}
