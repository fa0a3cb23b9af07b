/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "release.h"

#include "layer.h"
#include "noise.h"
#include "payload.h"

#include <stdlib.h>
#include <string.h>

static const char *const single_arches[] = {"amd64", "arm64", "ppc64le", "s390x"};

/* ---- layers ---- */

/* The clients that the cli image brings; short, as nothing here runs them. */
static hop_status add_clients(hop_tar *tar, const char *name, hop_error **err)
{
    static const char *const places[] = {
        "usr/bin/oc", "usr/share/openshift/linux_amd64/oc.rhel9",
        "usr/share/openshift/linux_arm64/oc", "usr/share/openshift/linux_ppc64le/oc"};
    hop_status s = HOP_OK;
    for (size_t i = 0; s == HOP_OK && i < HOP_COUNT_OF(places); i++) {
        HOP_AUTO_STR text = hop_sprintf("oc of %s at %s\n", name, places[i]);
        s = hop_tar_add_file(tar, places[i], 0755, text, strlen(text), err);
    }
    if (s == HOP_OK)
        s = hop_tar_add_link(tar, "usr/share/openshift/linux_amd64/oc", "oc.rhel9", err);
    return s;
}

/* A layer of noise under one path. */
static hop_status noise_layer(hop_world *w, const char *name, size_t size_bytes,
                              const hop_layer **out, hop_error **err)
{
    *out = hop_world_find_layer(w, name);
    if (*out)
        return HOP_OK;
    HOP_AUTO_VALUE(hop_buf) noise = hop_buf_init(HOP_BUF_TEXT);
    hop_noise_add(w->seed, name, size_bytes, &noise);
    HOP_AUTO_STR path = hop_sprintf("usr/lib/%s/content", name);
    HOP_AUTO(hop_tar) tar = hop_tar_new();
    const hop_buf *bytes = NULL;
    hop_status s = hop_tar_add_file(tar, path, 0644, noise.data, noise.len, err);
    if (s == HOP_OK && strncmp(name, "cli-", 4) == 0)
        s = add_clients(tar, name, err);
    if (s == HOP_OK)
        s = hop_tar_finish(tar, &bytes, err);
    return s == HOP_OK ? hop_world_add_layer(w, name, bytes, 0, out, err) : s;
}

static hop_status own_layer(hop_world *w, const hop_component *c, size_t build,
                            const char *arch, const hop_layer **out, hop_error **err)
{
    const hop_release_shape *r = &w->shape->releases[build];
    HOP_AUTO_STR name = hop_sprintf("%s-%s-%s", c->image, r->version, arch);
    size_t size_bytes = hop_shape_scale(c->size_bytes, arch);
    if (strcmp(c->image, HOP_PAYLOAD_BASE) != 0)
        return noise_layer(w, name, size_bytes, out, err);
    *out = hop_world_find_layer(w, name);
    return *out ? HOP_OK : hop_payload_base_layer(w, r, name, size_bytes, out, err);
}

/* ---- component images ---- */

static hop_family family_of(const hop_component *c)
{
    bool oci = c->form == HOP_FORM_OCI_IMAGE || c->form == HOP_FORM_OCI_INDEX;
    return oci ? HOP_FAMILY_OCI : HOP_FAMILY_DOCKER;
}

static hop_status single_image(hop_world *w, const hop_component *c, size_t build,
                               const char *arch, hop_image **out, hop_error **err)
{
    const hop_release_shape *r = &w->shape->releases[build];
    HOP_AUTO_STR name = hop_sprintf("%s/%s/%s", c->image, r->version, arch);
    *out = hop_world_find_image(w, name);
    if (*out)
        return HOP_OK;
    HOP_AUTO_STR base = hop_sprintf("base-%s-%s", r->minor, arch);
    HOP_AUTO_STR language = hop_sprintf("%s-%s-%s", c->language, r->minor, arch);
    const hop_layer *layers[3] = {NULL};
    hop_status s = noise_layer(w, base, hop_shape_scale(w->shape->base_bytes, arch),
                               &layers[0], err);
    if (s == HOP_OK)
        s = noise_layer(w, language, hop_shape_scale(w->shape->language_bytes, arch),
                        &layers[1], err);
    if (s == HOP_OK)
        s = own_layer(w, c, build, arch, &layers[2], err);
    if (s != HOP_OK)
        return s;
    hop_image_spec spec = {.name = name,
                           .repository = HOP_WORLD_COMPONENTS,
                           .arch = arch,
                           .family = family_of(c),
                           .layers = layers,
                           .layer_count = HOP_COUNT_OF(layers),
                           .label_name = "io.openshift.build.source",
                           .label_value = c->image};
    return hop_world_add_image(w, &spec, out, err);
}

static hop_status list_image(hop_world *w, const hop_component *c, size_t build,
                             const char *const *arches, size_t count, hop_image **out,
                             hop_error **err)
{
    hop_image *children[HOP_COUNT_OF(single_arches)] = {NULL};
    HOP_AUTO_STR name = hop_sprintf("%s/%s/list/%s/%zu", c->image,
                                    w->shape->releases[build].version, arches[0], count);
    *out = hop_world_find_image(w, name);
    if (*out)
        return HOP_OK;
    for (size_t i = 0; i < count; i++) {
        hop_status s = single_image(w, c, build, arches[i], &children[i], err);
        if (s != HOP_OK)
            return s;
    }
    return hop_world_add_list(w, name, HOP_WORLD_COMPONENTS, family_of(c), children,
                              count, out, err);
}

/* Signers sign what they built: always the first image of a list, the list itself only
 * where it has more than one. */
static hop_status sign_component(hop_world *w, hop_image *image, hop_error **err)
{
    hop_status s = HOP_OK;
    if (image->child_count > 0)
        s = hop_world_sign(w, image->children[0], err);
    if (s == HOP_OK && image->child_count != 1)
        s = hop_world_sign(w, image, err);
    return s;
}

static hop_status component_image(hop_world *w, const hop_component *c, size_t build,
                                  const char *arch, hop_image **out, hop_error **err)
{
    if (strcmp(arch, "multi") == 0)
        return list_image(w, c, build, single_arches, HOP_COUNT_OF(single_arches), out,
                          err);
    switch (c->form) {
    case HOP_FORM_IMAGE:
    case HOP_FORM_OCI_IMAGE:
        return single_image(w, c, build, arch, out, err);
    case HOP_FORM_LIST_ONE:
        return list_image(w, c, build, &arch, 1, out, err);
    case HOP_FORM_LIST:
    case HOP_FORM_OCI_INDEX:
        return list_image(w, c, build, single_arches, 2, out, err);
    }
    return HOP_OK;
}

/* ---- releases ---- */

static hop_status add_components(hop_world *w, size_t release, const char *arch,
                                 hop_error **err)
{
    for (size_t i = 0; i < w->shape->component_count; i++) {
        const hop_component *c = &w->shape->components[i];
        hop_image *image = NULL;
        hop_status s =
            component_image(w, c, hop_shape_get_build(c, release), arch, &image, err);
        if (s == HOP_OK && c->is_signed)
            s = sign_component(w, image, err);
        if (s != HOP_OK)
            return s;
        hop_world_add_entry(
            w, &(hop_entry){w->shape->releases[release].version, arch, c->name, image});
    }
    return HOP_OK;
}

/* The images that the payloads of this release are put on. */
static hop_status find_bases(hop_world *w, size_t release, const char *const *arches,
                             size_t count, hop_image **out, hop_error **err)
{
    const hop_component *base = NULL;
    for (size_t i = 0; i < w->shape->component_count; i++)
        if (strcmp(w->shape->components[i].name, HOP_PAYLOAD_BASE) == 0)
            base = &w->shape->components[i];
    if (!base)
        return hop_error_set(err, HOP_E_USAGE, "the shape has no " HOP_PAYLOAD_BASE);
    hop_status s = HOP_OK;
    for (size_t i = 0; i < count && s == HOP_OK; i++)
        s = single_image(w, base, hop_shape_get_build(base, release), arches[i], &out[i],
                         err);
    return s;
}

static hop_status add_release(hop_world *w, size_t release, const char *arch,
                              hop_error **err)
{
    bool multi = strcmp(arch, "multi") == 0;
    hop_image *bases[HOP_COUNT_OF(single_arches)] = {NULL};
    size_t first = w->entry_count;
    size_t count = multi ? HOP_COUNT_OF(single_arches) : 1;
    const char *const *arches = multi ? single_arches : &arch;
    hop_image *payload = NULL;
    hop_status s = add_components(w, release, arch, err);
    if (s == HOP_OK)
        s = find_bases(w, release, arches, count, bases, err);
    if (s == HOP_OK)
        s = hop_payload_add(w, release, arch, bases, count, &w->entries[first],
                            w->entry_count - first, &payload, err);
    if (s == HOP_OK)
        hop_world_add_entry(w, &(hop_entry){w->shape->releases[release].version, arch,
                                            "payload", payload});
    return s;
}

hop_status hop_world_build(hop_world *w, hop_error **err)
{
    static const char *const arches[] = {"amd64", "arm64", "ppc64le", "s390x", "multi"};
    for (size_t r = 0; r < w->shape->release_count; r++) {
        for (size_t a = 0; a < HOP_COUNT_OF(arches); a++) {
            if (!(w->shape->releases[r].arches & (1u << a)))
                continue;
            hop_status s = add_release(w, r, arches[a], err);
            if (s != HOP_OK)
                return hop_error_wrap(err, "build release %s %s",
                                      w->shape->releases[r].version, arches[a]);
        }
    }
    return HOP_OK;
}
