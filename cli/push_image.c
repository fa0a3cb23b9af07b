/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "push_image.h"

#include <stdlib.h>

/* Layers of a base that is in a layout come from its files; those of a base in a registry
 * are for the engine to find. */
static bool is_elsewhere(const hop_image_part *p, const hop_base *base)
{
    return !p->data && !(base && base->layout);
}

hop_status hop_push_image(hop_mirror *m, const hop_image *image, const hop_base *base,
                          const char *repository, const hop_strings *tags,
                          hop_error **err)
{
    size_t count = hop_image_get_part_count(image), blobs = 0, manifests = 0;
    struct hop_bytes *parts = hop_alloc(2 * count, sizeof(*parts));
    HOP_AUTO_VALUE(hop_strings) paths = {0};
    for (size_t i = 0; i < count; i++) {
        const hop_image_part *p = hop_image_get_part(image, i);
        bool is_manifest = p->kind == HOP_IMAGE_MANIFEST || p->kind == HOP_IMAGE_LIST;
        if (!is_manifest && is_elsewhere(p, base))
            continue;
        size_t at = is_manifest ? count + manifests++ : blobs++;
        parts[at] = (struct hop_bytes){
            .media_type = p->media_type, .data = p->data, .len = (size_t)p->size_bytes};
        if (is_manifest && base)
            parts[at].from = hop_base_source(base, p->arch);
        if (!p->data && base) {
            char *path = hop_image_layout_blob(base->layout, &p->digest);
            parts[at].path = path;
            parts[at].digest = &p->digest;
            hop_strings_take(&paths, &path);
        }
    }
    hop_image_bytes bytes = {.name = "graph-data",
                             .repository = repository,
                             .tags = tags,
                             .blobs = parts,
                             .blob_count = blobs,
                             .manifests = parts + count,
                             .manifest_count = manifests,
                             .near_repository = base ? base->near_repository : NULL};
    hop_status s = hop_mirror_add_image(m, &bytes, err);
    free(parts);
    return s;
}
