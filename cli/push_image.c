/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "push_image.h"

#include <stdlib.h>

hop_status hop_push_image(hop_mirror *m, const hop_image *image, const char *repository,
                          const hop_strings *tags, hop_error **err)
{
    size_t count = hop_image_get_part_count(image), blobs = 0, manifests = 0;
    struct hop_bytes *parts = hop_alloc(2 * count, sizeof(*parts));
    for (size_t i = 0; i < count; i++) {
        const hop_image_part *p = hop_image_get_part(image, i);
        bool is_manifest = p->kind == HOP_IMAGE_MANIFEST || p->kind == HOP_IMAGE_LIST;
        size_t at = is_manifest ? count + manifests++ : blobs++;
        parts[at] = (struct hop_bytes){
            .media_type = p->media_type, .data = p->data, .len = (size_t)p->size_bytes};
    }
    hop_image_bytes bytes = {.name = "graph-data",
                             .repository = repository,
                             .tags = tags,
                             .blobs = parts,
                             .blob_count = blobs,
                             .manifests = parts + count,
                             .manifest_count = manifests};
    hop_status s = hop_mirror_add_image(m, &bytes, err);
    free(parts);
    return s;
}
