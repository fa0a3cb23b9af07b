/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "graph_source.h"
#include "hop_oci.h"
#include "image_set_order.h"

#include <stdlib.h>
#include <string.h>

/* "4.16.3-x86_64" as oc, oc-mirror and oc-hop write it: the version, a heap string, and
 * *arch; NULL when the tag says neither. */
static char *read_tag(const char *tag, const char **arch)
{
    const char *dash = tag ? strrchr(tag, '-') : NULL;
    *arch = dash ? hop_arch_parse(dash + 1) : NULL;
    if (!*arch)
        return NULL;
    HOP_AUTO_STR version = hop_strndup(tag, (size_t)(dash - tag));
    for (char *c = version; *c; c++)
        *c = *c == '_' ? '+' : *c;
    hop_version ignored;
    HOP_AUTO(hop_error) why = NULL;
    return hop_version_parse(version, &ignored, &why) == HOP_OK ? hop_steal(&version)
                                                                : NULL;
}

/* The release with the digest, in the repository that the configuration names. */
static hop_status add(const hop_ref *ref, const hop_digest *digest, hop_release r,
                      const char *arch, hop_order *out, hop_error **err)
{
    HOP_AUTO_STR payload =
        hop_sprintf("%s/%s@%s", ref->host, ref->repository, digest->text);
    r.payload = payload;
    return hop_order_add_release(out, &r, arch, HOP_COMPONENTS_COPY, err);
}

/* By the tag's version: the graph knows the digest, and a digest cannot be moved. */
static hop_status find_by_version(const hop_options *o, const hop_ref *ref,
                                  const char *version, const char *arch, hop_order *out,
                                  hop_error **err)
{
    HOP_AUTO(hop_graph) g = NULL;
    HOP_AUTO_VALUE(hop_strings) versions = {0};
    HOP_AUTO_VALUE(hop_ref) known = {0};
    hop_strings_add(&versions, version);
    hop_status s = hop_graph_source_load(o, arch, &versions, &out->graphs, &g, err);
    if (s != HOP_OK)
        return s;
    hop_graph_source_warn(o, g);
    const hop_release *r = hop_graph_find_release(g, version, arch);
    if (!r || !r->payload) {
        s = hop_error_set(err, HOP_E_NO_PATH,
                          "release %s (%s): unknown in %zu releases that were read",
                          version, arch, hop_graph_count(g));
        hop_error_hint(err, "another --stream or --channel may have it, or name the "
                            "release by tag and digest");
        return s;
    }
    s = hop_ref_parse(r->payload, &known, err);
    return s == HOP_OK ? add(ref, &known.digest, *r, arch, out, err) : s;
}

static const hop_release *find_digest(const hop_graph *g, const hop_digest *digest)
{
    for (size_t i = 0; i < hop_graph_count(g); i++) {
        const hop_release *r = hop_graph_get_release(g, i);
        if (r->payload && hop_has_suffix(r->payload, digest->text))
            return r;
    }
    return NULL;
}

/* Which version a digest is, only a graph can say before the payload is read. */
static hop_status find_by_digest(const hop_options *o, const hop_image_set *set,
                                 const hop_ref *ref, hop_order *out, hop_error **err)
{
    HOP_AUTO_VALUE(hop_strings) channels = {0};
    HOP_AUTO_VALUE(hop_strings) archs = {0};
    for (size_t i = 0; i < o->channel.len; i++)
        hop_strings_add(&channels, o->channel.items[i]);
    for (size_t i = 0; channels.len == 0 && i < set->channel_count; i++)
        hop_strings_add(&channels, set->channels[i].name);
    hop_status s = hop_graph_source_archs(o, &archs, err);
    if (s == HOP_OK && channels.len == 0 && o->graph.len == 0) {
        s = hop_error_set(err, HOP_E_USAGE, "which version is %s?", set->release);
        hop_error_hint(err, "write it with tag and digest (…:4.16.3-x86_64@sha256:…), or "
                            "say --channel C that has it");
    }
    const hop_strings *list = set->archs.len ? &set->archs : &archs;
    for (size_t i = 0; s == HOP_OK && i < list->len; i++) {
        HOP_AUTO(hop_graph) g = NULL;
        const char *arch = hop_arch_parse(list->items[i]);
        s = hop_graph_source_load_channels(o, arch, &channels, NULL, NULL, &out->graphs,
                                           &g, err);
        const hop_release *r = s == HOP_OK ? find_digest(g, &ref->digest) : NULL;
        if (r)
            return add(ref, &ref->digest, *r, arch, out, err);
    }
    if (s != HOP_OK)
        return s;
    s = hop_error_set(err, HOP_E_NO_PATH, "no channel that was read has %s",
                      set->release);
    hop_error_hint(err, "another --channel or --arch may have it");
    return s;
}

hop_status hop_image_set_resolve_release(const hop_options *o, const hop_image_set *set,
                                         hop_order *out, hop_error **err)
{
    HOP_AUTO_VALUE(hop_ref) ref = {0};
    const char *arch = NULL;
    hop_status s = hop_ref_parse(set->release, &ref, err);
    if (s != HOP_OK)
        return s;
    HOP_AUTO_STR version = read_tag(ref.tag, &arch);
    if (version && ref.digest.text[0])
        return add(&ref, &ref.digest, (hop_release){.version = version}, arch, out, err);
    if (version)
        return find_by_version(o, &ref, version, arch, out, err);
    if (ref.digest.text[0])
        return find_by_digest(o, set, &ref, out, err);
    s = hop_error_set(err, HOP_E_USAGE, "release %s: its tag names no version",
                      set->release);
    hop_error_hint(err, "oc-hop knows tags as 4.16.3-x86_64; else name it by digest");
    return s;
}
