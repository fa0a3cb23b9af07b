/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "resources.h"

#include "hop_json.h"
#include "names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- versions and choices ---- */

static unsigned take_number(const char **s)
{
    unsigned n = 0;
    for (; **s >= '0' && **s <= '9'; (*s)++)
        n = n > 1000000 ? n : n * 10 + (unsigned)(**s - '0');
    *s += **s == '.';
    return n;
}

hop_numbers hop_numbers_of(const char *version)
{
    hop_numbers n = {0};
    n.major = take_number(&version);
    n.minor = take_number(&version);
    n.patch = take_number(&version);
    return n;
}

bool hop_numbers_reach(const char *version, unsigned major, unsigned minor,
                       unsigned patch)
{
    hop_numbers n = hop_numbers_of(version);
    if (n.major != major)
        return n.major > major;
    return n.minor != minor ? n.minor > minor : n.patch >= patch;
}

bool hop_hop_is_minor(const hop_resources_hop *hop)
{
    hop_numbers from = hop_numbers_of(hop->from), to = hop_numbers_of(hop->to);
    return from.major != to.major || from.minor != to.minor;
}

hop_set_choice hop_resources_choose_set(const hop_resources_input *in)
{
    hop_set_choice c = {0};
    switch (in->mirror_kind) {
    case HOP_MIRROR_KIND_IDMS:
        return c;
    case HOP_MIRROR_KIND_ICSP:
        c.uses_icsp = true;
        return c;
    case HOP_MIRROR_KIND_BY_START:
        break;
    }
    const char *start = in->hop_count ? in->hops[0].from : in->releases[0].version;
    /* Before 4.13.27 the two kinds cannot stand beside each other. */
    c.uses_icsp = !hop_numbers_reach(start, 4, 13, 0) ||
                  (in->cluster_has_policies && !hop_numbers_reach(start, 4, 13, 27));
    for (size_t i = 0; c.uses_icsp && !c.converts && i < in->hop_count; i++) {
        c.converts = hop_numbers_reach(in->hops[i].to, 4, 13, 27);
        c.converts_after = i;
    }
    return c;
}

bool hop_gate_at_run_time(const char *from, const char *to, const char **key,
                          const char **text)
{
    hop_numbers f = hop_numbers_of(from), t = hop_numbers_of(to);
    if (f.major != 4 || f.minor != 20 || t.major != 4 || t.minor != 21)
        return false;
    *key = "ack-4.20-sigstore-in-4.21";
    *text = "From 4.21 on, nodes check the sigstore signature of the release image, "
            "through mirrors too. Make sure that the mirror holds the signature tags "
            "(sha256-….sig) beside the release images.";
    return true;
}

void hop_resources_get_gates(const hop_resources_hop *hop, hop_strings *keys,
                             hop_strings *texts)
{
    for (size_t i = 0; i < hop->gate_count; i++) {
        if (!hop_gate_is_for(&hop->gates[i], hop->from))
            continue;
        hop_strings_add(keys, hop->gates[i].key);
        hop_strings_add(texts, hop->gates[i].text);
    }
    const char *key = NULL, *text = NULL;
    if (hop_gate_at_run_time(hop->from, hop->to, &key, &text) &&
        !hop_strings_has(keys, key)) {
        hop_strings_add(keys, key);
        hop_strings_add(texts, text);
    }
}

/* ---- names ---- */

char *hop_resources_channel_file(size_t hop)
{
    return hop_sprintf("patches/clusterversion-hop-%02zu.yaml", hop + 1);
}

char *hop_resources_ack_file(size_t hop)
{
    return hop_sprintf("patches/admin-acks-hop-%02zu.yaml", hop + 1);
}

char *hop_resources_signature_file(const hop_resources_release *r)
{
    HOP_AUTO_STR tag = hop_name_payload_tag(r->version, r->arch);
    return hop_sprintf("signatures/%s-%.16s.yaml", tag, hop_digest_get_hex(&r->payload));
}

const hop_resources_release *hop_resources_find(const hop_resources_input *in,
                                                const char *version, const char *arch)
{
    for (size_t i = 0; i < in->release_count; i++)
        if (strcmp(in->releases[i].version, version) == 0 &&
            strcmp(in->releases[i].arch, arch) == 0)
            return &in->releases[i];
    return NULL;
}

/* ---- the input, checked once, so that the writers need not ---- */

static hop_status bad(hop_error **err, const char *what, const char *text)
{
    return hop_error_set(err, HOP_E_USAGE, "write cluster resources: \"%.200s\" is no %s",
                         text ? text : "", what);
}

static bool is_source(const char *text)
{
    const char *slash = strchr(text, '/');
    if (!slash || !hop_repository_is_valid(slash + 1))
        return false;
    HOP_AUTO_STR host = hop_strndup(text, (size_t)(slash - text));
    return hop_host_is_valid(host);
}

static bool is_channel(const char *text)
{
    return hop_name_component_is_valid(text);
}

static hop_status check_release(const hop_resources_release *r, hop_error **err)
{
    HOP_AUTO_STR tag = hop_name_payload_tag(r->version, r->arch);
    if (!tag)
        return bad(err, "release version", r->version);
    if (!hop_digest_is_valid(r->payload.text))
        return bad(err, "digest", r->payload.text);
    if (!is_source(r->payload_repository))
        return bad(err, "HOST/REPOSITORY", r->payload_repository);
    for (size_t i = 0; r->component_sources && i < r->component_sources->len; i++)
        if (!is_source(r->component_sources->items[i]))
            return bad(err, "HOST/REPOSITORY", r->component_sources->items[i]);
    return HOP_OK;
}

static hop_status check_hop(const hop_resources_input *in, const hop_resources_hop *hop,
                            hop_error **err)
{
    if (!hop_resources_find(in, hop->from, hop->arch))
        return bad(err, "release that was mirrored", hop->from);
    if (!hop_resources_find(in, hop->to, hop->arch))
        return bad(err, "release that was mirrored", hop->to);
    if (hop->channel && !is_channel(hop->channel))
        return bad(err, "channel", hop->channel);
    return HOP_OK;
}

static hop_status check_input(const hop_resources_input *in, hop_error **err)
{
    if (!in->host || !hop_host_is_valid(in->host))
        return bad(err, "HOST[:PORT]", in->host);
    if (!in->repository || !hop_repository_is_valid(in->repository))
        return bad(err, "repository", in->repository);
    if (!in->release_repository || !hop_repository_is_valid(in->release_repository))
        return bad(err, "repository", in->release_repository);
    if (in->graph_data_repository && !hop_repository_is_valid(in->graph_data_repository))
        return bad(err, "repository", in->graph_data_repository);
    if (in->graph_data_repository && !hop_digest_is_valid(in->graph_data.text))
        return bad(err, "digest", in->graph_data.text);
    if (in->release_count == 0)
        return hop_error_set(err, HOP_E_USAGE, "write cluster resources: no release");
    hop_status s = HOP_OK;
    for (size_t i = 0; s == HOP_OK && i < in->release_count; i++)
        s = check_release(&in->releases[i], err);
    for (size_t i = 0; s == HOP_OK && i < in->hop_count; i++)
        s = check_hop(in, &in->hops[i], err);
    return s;
}

/* ---- the set ---- */

/** Which file is what: also the mark by which a later run knows the directory. */
static hop_status add_index(const hop_resources_input *in, hop_tree *out, hop_error **err)
{
    HOP_AUTO(hop_json) doc = hop_json_new_object();
    hop_json_set_string(doc, "schema", HOP_RESOURCES_SCHEMA);
    hop_json_set_string(doc, "mirror", in->host);
    hop_json *releases = hop_json_add_array(doc, "releases");
    for (size_t i = 0; i < in->release_count; i++) {
        const hop_resources_release *r = &in->releases[i];
        HOP_AUTO_STR file = hop_resources_signature_file(r);
        hop_json *item = hop_json_append_object(releases);
        hop_json_set_string(item, "version", r->version);
        hop_json_set_string(item, "arch", r->arch);
        hop_json_set_string(item, "digest", r->payload.text);
        hop_json_set_string(item, "signatures", r->signature_count ? file : NULL);
    }
    hop_json *files = hop_json_add_array(doc, "files");
    for (size_t i = 0; i < out->len; i++)
        hop_json_append_string(files, out->files[i].path);
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    hop_json_dump(doc, HOP_JSON_INDENT, &text);
    hop_buf_addc(&text, '\n');
    return hop_tree_add(out, HOP_RESOURCES_INDEX, text.data, text.len, err);
}

hop_status hop_resources_build(const hop_resources_input *in, hop_tree *out,
                               hop_error **err)
{
    hop_status s = check_input(in, err);
    if (s != HOP_OK)
        return s;
    HOP_AUTO_VALUE(hop_tree) files = {0};
    s = hop_resources_add_mirror_sets(in, &files, err);
    if (s == HOP_OK)
        s = hop_resources_add_services(in, &files, err);
    if (s == HOP_OK)
        s = hop_resources_add_patches(in, &files, err);
    if (s == HOP_OK)
        s = hop_resources_add_signatures(in, &files, err);
    if (s == HOP_OK)
        s = hop_resources_add_graphs(in, &files, err);
    if (s == HOP_OK)
        s = hop_resources_add_runbook(in, &files, err);
    if (s == HOP_OK)
        s = hop_tree_sort(&files, err);
    if (s == HOP_OK)
        s = add_index(in, &files, err);
    if (s == HOP_OK)
        s = hop_tree_sort(&files, err);
    if (s != HOP_OK)
        return hop_error_wrap(err, "write cluster resources");
    hop_tree_clear(out);
    *out = files;
    files = (hop_tree){0};
    return HOP_OK;
}
