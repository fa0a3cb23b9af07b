/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "release_info.h"

#include "hop_json.h"
#include "names.h"
#include "release.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_COMPONENTS = 5000 };

void hop_release_info_clear(hop_release_info *info)
{
    for (size_t i = 0; i < info->component_count; i++) {
        free(info->components[i].name);
        hop_ref_clear(&info->components[i].image);
    }
    for (size_t i = 0; i < info->gate_count; i++) {
        free(info->gates[i].key);
        free(info->gates[i].text);
    }
    for (size_t i = 0; i < info->key_count; i++) {
        free(info->keys[i].name);
        free(info->keys[i].data);
    }
    free(info->version);
    free(info->metadata_version);
    free(info->metadata_arch);
    free(info->url);
    free(info->metadata);
    free(info->components);
    free(info->gates);
    free(info->keys);
    hop_strings_clear(&info->stores);
    hop_strings_clear(&info->unreadable);
    *info = (hop_release_info){0};
}

static hop_status expect(const hop_json_view *root, const char *key, const char *want,
                         hop_error **err)
{
    const char *value = NULL;
    hop_status s = hop_json_get_string(root, key, &value, err);
    if (s == HOP_OK && strcmp(value, want) != 0)
        return hop_json_error(root, err, "%s must be %s, not \"%s\"", key, want, value);
    return s;
}

static bool has_component(const hop_release_info *info, const char *name)
{
    for (size_t i = 0; i < info->component_count; i++)
        if (strcmp(info->components[i].name, name) == 0)
            return true;
    return false;
}

static hop_status add_component(const hop_json_view *from, const char *name,
                                hop_release_info *info, hop_error **err)
{
    if (!hop_name_component_is_valid(name))
        return hop_json_error(from->up, err, "\"%s\" is no component name", name);
    if (has_component(info, name))
        return hop_json_error(from->up, err, "component %s is there twice", name);
    if (info->component_count >= MAX_COMPONENTS)
        return hop_error_set(err, HOP_E_LIMIT, "more than %d components", MAX_COMPONENTS);
    const char *image = NULL;
    hop_status s = hop_json_get_string(from, "name", &image, err);
    if (s != HOP_OK)
        return s;
    HOP_AUTO_VALUE(hop_ref) ref = {0};
    s = hop_ref_parse(image, &ref, err);
    if (s != HOP_OK)
        return hop_error_wrap(err, "component %s", name);
    if (ref.tag || ref.digest.text[0] == '\0')
        return hop_json_error(from, err, "component %s is not pinned by digest alone: %s",
                              name, image);
    info->components = hop_realloc(info->components, info->component_count + 1,
                                   sizeof(*info->components));
    hop_component *c = &info->components[info->component_count++];
    *c = (hop_component){.name = hop_strdup(name), .image = ref};
    ref = (hop_ref){0};
    return HOP_OK;
}

static hop_status read_tag(const hop_json_view *tag, hop_release_info *info,
                           hop_error **err)
{
    const char *name = NULL, *kind = NULL;
    hop_status s = hop_json_get_string(tag, "name", &name, err);
    if (s != HOP_OK)
        return s;
    hop_json_view from;
    s = hop_json_optional(tag, "from", HOP_JSON_OBJECT, &from, err);
    if (s != HOP_OK || !from.value)
        return s;
    s = hop_json_optional_string(&from, "kind", &kind, err);
    if (s != HOP_OK || !kind || strcmp(kind, "DockerImage") != 0)
        return s;
    return add_component(&from, name, info, err);
}

static hop_status read_stream(const hop_json_view *root, hop_release_info *info,
                              hop_error **err)
{
    hop_status s = expect(root, "apiVersion", "image.openshift.io/v1", err);
    if (s == HOP_OK)
        s = expect(root, "kind", "ImageStream", err);
    hop_json_view metadata, spec, tags, tag;
    const char *version = NULL;
    if (s == HOP_OK)
        s = hop_json_member(root, "metadata", HOP_JSON_OBJECT, &metadata, err);
    if (s == HOP_OK)
        s = hop_json_get_string(&metadata, "name", &version, err);
    if (s == HOP_OK && !hop_name_version_is_valid(version))
        return hop_json_error(&metadata, err, "\"%s\" is no release version", version);
    if (s == HOP_OK)
        s = hop_json_member(root, "spec", HOP_JSON_OBJECT, &spec, err);
    if (s == HOP_OK)
        s = hop_json_member(&spec, "tags", HOP_JSON_ARRAY, &tags, err);
    if (s != HOP_OK)
        return s;
    info->version = hop_strdup(version);
    for (size_t i = 0; s == HOP_OK && i < hop_json_count(&tags); i++) {
        s = hop_json_item(&tags, i, HOP_JSON_OBJECT, &tag, err);
        if (s == HOP_OK)
            s = read_tag(&tag, info, err);
    }
    if (s == HOP_OK && info->component_count == 0)
        return hop_json_error(&tags, err, "no tag names an image");
    return s;
}

hop_status hop_release_info_read_references(const char *text, size_t len,
                                            hop_release_info *info, hop_error **err)
{
    HOP_AUTO(hop_json) doc = NULL;
    hop_status s = hop_json_parse(text, len, "image-references", &doc, err);
    if (s != HOP_OK)
        return s;
    hop_json_view root = hop_json_root(doc, "image-references");
    return read_stream(&root, info, err);
}

/** A string member, or NULL for anything else; the caller owns it. */
static char *take_string(const hop_json_view *object, const char *key)
{
    void *iter = NULL;
    hop_json_view member;
    while (hop_json_next(object, &iter, &member)) {
        const char *value = NULL;
        HOP_AUTO(hop_error) why = NULL;
        if (strcmp(member.key, key) == 0 && hop_json_is(&member, HOP_JSON_STRING) &&
            hop_json_string(&member, &value, &why) == HOP_OK && value[0] != '\0')
            return hop_strdup(value);
    }
    return NULL;
}

hop_status hop_release_info_read_metadata(const char *text, size_t len,
                                          hop_release_info *info, hop_error **err)
{
    HOP_AUTO(hop_json) doc = NULL;
    hop_status s = hop_json_parse(text, len, "release-metadata", &doc, err);
    if (s != HOP_OK)
        return s;
    hop_json_view root = hop_json_root(doc, "release-metadata");
    if (!hop_json_is(&root, HOP_JSON_OBJECT))
        return hop_json_error(&root, err, "expected an object");
    info->metadata = hop_strndup(text, len);
    info->metadata_version = take_string(&root, "version");
    void *iter = NULL;
    hop_json_view member;
    while (hop_json_next(&root, &iter, &member)) {
        if (strcmp(member.key, "metadata") != 0)
            continue;
        info->url = take_string(&member, "url");
        info->metadata_arch = take_string(&member, "release.openshift.io/architecture");
        break;
    }
    return HOP_OK;
}

hop_status hop_release_info_check(const hop_release_info *info, const char *version,
                                  const char *arch, hop_error **err)
{
    if (strcmp(info->version, version) != 0)
        return hop_error_set(err, HOP_E_DIGEST,
                             "the payload says in image-references that it is release "
                             "%s, not %s",
                             info->version, version);
    if (info->metadata_version && strcmp(info->metadata_version, version) != 0)
        return hop_error_set(err, HOP_E_DIGEST,
                             "the payload says in release-metadata that it is release "
                             "%s, not %s",
                             info->metadata_version, version);
    const char *found = info->metadata_arch ? hop_arch_parse(info->metadata_arch) : NULL;
    if (info->metadata_arch && (!found || strcmp(found, arch) != 0))
        return hop_error_set(err, HOP_E_DIGEST,
                             "the payload says that its architecture is %s, not %s",
                             info->metadata_arch, arch);
    return HOP_OK;
}

bool hop_release_info_lists(const hop_release_info *info, const char *member,
                            const char *version)
{
    HOP_AUTO(hop_json) doc = NULL;
    HOP_AUTO(hop_error) ignored = NULL;
    hop_json_view list, item;
    const char *found = NULL;
    if (!info->metadata || hop_json_parse(info->metadata, strlen(info->metadata),
                                          "release-metadata", &doc, &ignored) != HOP_OK)
        return false;
    hop_json_view root = hop_json_root(doc, "release-metadata");
    if (hop_json_member(&root, member, HOP_JSON_ARRAY, &list, &ignored) != HOP_OK)
        return false;
    for (size_t i = 0; i < hop_json_count(&list); i++)
        if (hop_json_item(&list, i, HOP_JSON_STRING, &item, &ignored) == HOP_OK &&
            hop_json_string(&item, &found, &ignored) == HOP_OK &&
            strcmp(found, version) == 0)
            return true;
    return false;
}
