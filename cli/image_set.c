/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image_set_reader.h"

#include "hop_graph.h"
#include "hop_oci.h"
#include "hop_yaml.h"

#include <stdlib.h>
#include <string.h>

void hop_image_set_clear(hop_image_set *set)
{
    for (size_t i = 0; i < set->channel_count; i++) {
        free(set->channels[i].name);
        free(set->channels[i].min);
        free(set->channels[i].max);
    }
    free(set->channels);
    free(set->release);
    hop_strings_clear(&set->archs);
    hop_strings_clear(&set->unhandled);
    hop_strings_clear(&set->notes);
    *set = (hop_image_set){0};
}

/* ---- values ---- */

static hop_status read_type(const hop_reader *r, const hop_yaml_node *value, void *to,
                            hop_error **err)
{
    hop_platform *slot = to;
    const char *text = value->type == HOP_YAML_SCALAR ? value->text : "";
    *slot = strcmp(text, "okd") == 0 ? HOP_PLATFORM_OKD : HOP_PLATFORM_OCP;
    if (*slot == HOP_PLATFORM_OCP && strcmp(text, "ocp") != 0)
        return hop_yaml_error(r->y, value, err, "type must be ocp or okd");
    return HOP_OK;
}

static hop_status read_channel_name(const hop_reader *r, const hop_yaml_node *value,
                                    void *to, hop_error **err)
{
    hop_status s = hop_reader_text(r, value, to, err);
    if (s == HOP_OK && !hop_channel_is_valid(value->text))
        return hop_yaml_error(r->y, value, err, "\"%.200s\" is no channel name",
                              value->text);
    return s;
}

/* ---- mirror.platform ---- */

static const hop_reader_key CHANNEL_KEYS[] = {
    {"name", HOP_API_BOTH, read_channel_name, offsetof(hop_image_set_channel, name)},
    {"type", HOP_API_BOTH, read_type, offsetof(hop_image_set_channel, type)},
    {"minVersion", HOP_API_BOTH, hop_reader_version,
     offsetof(hop_image_set_channel, min)},
    {"maxVersion", HOP_API_BOTH, hop_reader_version,
     offsetof(hop_image_set_channel, max)},
    {"shortestPath", HOP_API_BOTH, hop_reader_bool,
     offsetof(hop_image_set_channel, is_shortest_path)},
    {"full", HOP_API_BOTH, hop_reader_bool, offsetof(hop_image_set_channel, is_full)},
};

static bool is_upside_down(const hop_image_set_channel *c)
{
    hop_version low, high;
    HOP_AUTO(hop_error) ignored = NULL;
    return c->min && c->max && hop_version_parse(c->min, &low, &ignored) == HOP_OK &&
           hop_version_parse(c->max, &high, &ignored) == HOP_OK &&
           hop_version_compare(&low, &high) > 0;
}

static hop_status read_channel(const hop_reader *r, const hop_yaml_node *item,
                               hop_error **err)
{
    hop_image_set *set = r->out;
    hop_image_set_channel *c = &set->channels[set->channel_count++];
    c->line = item->line;
    hop_status s = hop_reader_mapping(r, item, "a channel", CHANNEL_KEYS,
                                      HOP_COUNT_OF(CHANNEL_KEYS), c, err);
    if (s != HOP_OK)
        return s;
    if (!c->name)
        return hop_yaml_error(r->y, item, err, "the channel has no \"name\"");
    for (size_t i = 0; i + 1 < set->channel_count; i++)
        if (strcmp(set->channels[i].name, c->name) == 0)
            return hop_yaml_error(r->y, item, err,
                                  "channel %s stands at line %zu already", c->name,
                                  set->channels[i].line);
    if (is_upside_down(c))
        return hop_yaml_error(r->y, item, err, "minVersion %s is above maxVersion %s",
                              c->min, c->max);
    return HOP_OK;
}

static hop_status read_channels(const hop_reader *r, const hop_yaml_node *value, void *to,
                                hop_error **err)
{
    (void)to;
    if (value->type != HOP_YAML_SEQUENCE)
        return hop_yaml_error(r->y, value, err, "channels must be a list");
    r->out->channels = hop_alloc(value->len, sizeof(*r->out->channels));
    hop_status s = HOP_OK;
    for (size_t i = 0; s == HOP_OK && i < value->len; i++)
        s = read_channel(r, value->items[i], err);
    return s;
}

static hop_status read_archs(const hop_reader *r, const hop_yaml_node *value, void *to,
                             hop_error **err)
{
    hop_strings *archs = to;
    if (value->type != HOP_YAML_SEQUENCE)
        return hop_yaml_error(r->y, value, err, "architectures must be a list");
    for (size_t i = 0; i < value->len; i++) {
        const hop_yaml_node *item = value->items[i];
        const char *arch =
            item->type == HOP_YAML_SCALAR ? hop_arch_parse(item->text) : NULL;
        if (!arch)
            return hop_yaml_error(
                r->y, item, err,
                "an architecture is amd64, arm64, ppc64le, s390x or multi");
        if (!hop_strings_has(archs, arch))
            hop_strings_add(archs, arch);
    }
    return HOP_OK;
}

typedef struct os_arch {
    char *os;
    char *architecture;
} os_arch;

static hop_status read_os_arch(const hop_reader *r, const hop_yaml_node *item,
                               hop_error **err)
{
    static const hop_reader_key KEYS[] = {
        {"os", HOP_API_BOTH, hop_reader_text, offsetof(os_arch, os)},
        {"architecture", HOP_API_BOTH, hop_reader_text, offsetof(os_arch, architecture)},
    };
    os_arch p = {0};
    hop_status s =
        hop_reader_mapping(r, item, "a platform", KEYS, HOP_COUNT_OF(KEYS), &p, err);
    const char *arch = p.architecture ? hop_arch_parse(p.architecture) : NULL;
    bool is_known = p.os && strcmp(p.os, "linux") == 0 && arch;
    free(p.os);
    free(p.architecture);
    if (s == HOP_OK && (!is_known || strcmp(arch, "multi") == 0))
        return hop_yaml_error(r->y, item, err,
                              "a platform is {os: linux, architecture: amd64, arm64, "
                              "ppc64le or s390x}");
    return s;
}

/** Platforms pick from the multi payload. Its lists stay whole here: leaving entries out
 * needs a registry that takes lists with holes. */
static hop_status read_platforms(const hop_reader *r, const hop_yaml_node *value,
                                 void *to, hop_error **err)
{
    hop_strings *archs = to;
    if (value->type != HOP_YAML_SEQUENCE)
        return hop_yaml_error(r->y, value, err, "platforms must be a list");
    hop_status s = HOP_OK;
    for (size_t i = 0; s == HOP_OK && i < value->len; i++)
        s = read_os_arch(r, value->items[i], err);
    if (s != HOP_OK || value->len == 0)
        return s;
    if (!hop_strings_has(archs, "multi"))
        hop_strings_add(archs, "multi");
    hop_strings_add(&r->out->notes, "platforms: the multi payload is mirrored with all "
                                    "of its architectures");
    return HOP_OK;
}

static hop_status read_release(const hop_reader *r, const hop_yaml_node *value, void *to,
                               hop_error **err)
{
    HOP_AUTO_VALUE(hop_ref) ref = {0};
    HOP_AUTO(hop_error) why = NULL;
    hop_status s = hop_reader_text(r, value, to, err);
    if (s != HOP_OK)
        return s;
    if (hop_ref_parse(value->text, &ref, &why) == HOP_OK &&
        (ref.digest.text[0] || ref.tag))
        return HOP_OK;
    return hop_yaml_error(r->y, value, err,
                          "release must be HOST/REPOSITORY with a tag or a digest");
}

static hop_status read_kubevirt(const hop_reader *r, const hop_yaml_node *value, void *to,
                                hop_error **err)
{
    (void)to;
    bool is_wanted = false;
    hop_status s = hop_reader_bool(r, value, &is_wanted, err);
    if (s == HOP_OK && is_wanted) {
        HOP_AUTO_STR text =
            hop_sprintf("mirror.platform.kubeVirtContainer (line %zu)", value->line);
        hop_strings_take(&r->out->unhandled, &text);
    }
    return s;
}

static const hop_reader_key PLATFORM_KEYS[] = {
    {"channels", HOP_API_BOTH, read_channels, 0},
    {"architectures", HOP_API_BOTH, read_archs, offsetof(hop_image_set, archs)},
    {"graph", HOP_API_BOTH, hop_reader_bool, offsetof(hop_image_set, has_graph)},
    {"platforms", HOP_API_V2ALPHA1, read_platforms, offsetof(hop_image_set, archs)},
    {"release", HOP_API_V2ALPHA1, read_release, offsetof(hop_image_set, release)},
    {"kubeVirtContainer", HOP_API_V2ALPHA1, read_kubevirt, 0},
};

static hop_status read_platform(const hop_reader *r, const hop_yaml_node *value, void *to,
                                hop_error **err)
{
    const hop_yaml_node *platforms = hop_yaml_find(value, "platforms");
    if (platforms && hop_yaml_find(value, "architectures"))
        return hop_yaml_error(r->y, platforms, err,
                              "platforms and architectures exclude each other");
    return hop_reader_mapping(r, value, "platform", PLATFORM_KEYS,
                              HOP_COUNT_OF(PLATFORM_KEYS), to, err);
}

/* ---- what is around it ---- */

/** Keys whose values are not looked into. */
static hop_status read_ignored(const hop_reader *r, const hop_yaml_node *value, void *to,
                               hop_error **err)
{
    (void)r;
    (void)value;
    (void)to;
    (void)err;
    return HOP_OK;
}

static const hop_reader_key MIRROR_KEYS[] = {
    {"platform", HOP_API_BOTH, read_platform, 0},
    {"operators", HOP_API_BOTH, read_ignored, 0},
    {"additionalImages", HOP_API_BOTH, read_ignored, 0},
    {"helm", HOP_API_BOTH, read_ignored, 0},
    {"blockedImages", HOP_API_BOTH, read_ignored, 0},
    {"samples", HOP_API_BOTH, read_ignored, 0},
};

/* An empty list asks for nothing. */
static hop_status read_mirror(const hop_reader *r, const hop_yaml_node *value, void *to,
                              hop_error **err)
{
    hop_status s = hop_reader_mapping(r, value, "mirror", MIRROR_KEYS,
                                      HOP_COUNT_OF(MIRROR_KEYS), to, err);
    for (size_t i = 0; s == HOP_OK && i < value->len; i++) {
        const hop_yaml_node *item = value->items[i];
        bool is_empty = item->type != HOP_YAML_SCALAR && item->len == 0;
        if (strcmp(value->keys[i], "platform") == 0 || is_empty || hop_yaml_is_null(item))
            continue;
        HOP_AUTO_STR text =
            hop_sprintf("mirror.%s (line %zu)", value->keys[i], value->key_lines[i]);
        hop_strings_take(&r->out->unhandled, &text);
    }
    return s;
}

static hop_status read_header(const hop_yaml *y, const hop_yaml_node *root, hop_api *out,
                              hop_error **err)
{
    static const char PREFIX[] = "mirror.openshift.io/";
    const char *kind = NULL, *version = NULL;
    hop_status s = hop_yaml_get_string(y, root, "apiVersion", &version, err);
    if (s == HOP_OK)
        s = hop_yaml_get_string(y, root, "kind", &kind, err);
    if (s != HOP_OK)
        return s;
    if (strcmp(kind, "ImageSetConfiguration") != 0)
        return hop_yaml_error(y, hop_yaml_find(root, "kind"), err,
                              "kind must be ImageSetConfiguration");
    const char *name =
        hop_has_prefix(version, PREFIX) ? version + strlen(PREFIX) : version;
    *out = strcmp(name, "v1alpha2") == 0 ? HOP_API_V1ALPHA2 : HOP_API_V2ALPHA1;
    if (name == version || (*out == HOP_API_V2ALPHA1 && strcmp(name, "v2alpha1") != 0))
        return hop_yaml_error(y, hop_yaml_find(root, "apiVersion"), err,
                              "apiVersion must be %sv2alpha1 or %sv1alpha2", PREFIX,
                              PREFIX);
    return HOP_OK;
}

static const hop_reader_key ROOT_KEYS[] = {
    {"apiVersion", HOP_API_BOTH, read_ignored, 0},
    {"kind", HOP_API_BOTH, read_ignored, 0},
    {"mirror", HOP_API_BOTH, read_mirror, 0},
    {"archiveSize", HOP_API_BOTH, read_ignored, 0},
    {"storageConfig", HOP_API_V1ALPHA2, read_ignored, 0},
};

static void note_idle_keys(const hop_yaml_node *root, hop_image_set *out)
{
    if (hop_yaml_find(root, "archiveSize"))
        hop_strings_add(&out->notes, "archiveSize is of no meaning here");
    if (hop_yaml_find(root, "storageConfig"))
        hop_strings_add(&out->notes, "storageConfig is of no meaning here: what the "
                                     "destination holds is asked of the destination");
    if (out->release && out->channel_count)
        hop_strings_add(&out->notes, "release names the one payload to mirror; the "
                                     "channels are passed over");
}

hop_status hop_image_set_parse(const char *text, size_t len, const char *name,
                               hop_image_set *out, hop_error **err)
{
    HOP_AUTO(hop_yaml) y = NULL;
    hop_status s = hop_yaml_parse(text, len, name, &y, err);
    if (s != HOP_OK)
        return s;
    if (hop_yaml_count(y) != 1)
        return hop_error_set(err, HOP_E_PARSE, "%s: expected one document, found %zu",
                             name, hop_yaml_count(y));
    const hop_yaml_node *root = hop_yaml_get_document(y, 0);
    HOP_AUTO_VALUE(hop_image_set) set = {0};
    hop_reader r = {.y = y, .out = &set};
    s = read_header(y, root, &r.api, err);
    if (s == HOP_OK)
        s = hop_reader_mapping(&r, root, "the document", ROOT_KEYS,
                               HOP_COUNT_OF(ROOT_KEYS), &set, err);
    if (s == HOP_OK && !set.release && set.channel_count == 0 && set.unhandled.len == 0)
        s = hop_yaml_error(y, root, err,
                           "mirror.platform names neither channels nor a release");
    if (s != HOP_OK)
        return s;
    note_idle_keys(root, &set);
    hop_image_set_clear(out);
    *out = set;
    set = (hop_image_set){0};
    return HOP_OK;
}
