/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image.h"

#include <stdlib.h>

static hop_status copy_label(const hop_json_view *labels, const char *key, char **out,
                             hop_error **err)
{
    const char *value = NULL;
    hop_status s = hop_json_optional_string(labels, key, &value, err);
    if (s == HOP_OK)
        *out = hop_strdup(value);
    return s;
}

hop_status hop_image_labels_parse(const char *config, size_t len, const char *name,
                                  hop_image_labels *out, hop_error **err)
{
    HOP_AUTO(hop_json) document = NULL;
    HOP_AUTO_VALUE(hop_image_labels) found = {0};
    hop_status s = hop_json_parse(config, len, name, &document, err);
    if (s != HOP_OK)
        return s;
    hop_json_view root = hop_json_root(document, name), run, labels = {0};
    s = hop_json_member(&root, "config", HOP_JSON_OBJECT, &run, err);
    if (s == HOP_OK)
        s = hop_json_optional(&run, "Labels", HOP_JSON_OBJECT, &labels, err);
    if (s == HOP_OK && labels.value) {
        s = copy_label(&labels, LABEL_TREE, &found.tree, err);
        if (s == HOP_OK)
            s = copy_label(&labels, LABEL_VERSION, &found.version, err);
        if (s == HOP_OK)
            s = copy_label(&labels, LABEL_REVISION, &found.revision, err);
        if (s == HOP_OK)
            s = copy_label(&labels, LABEL_NEWEST, &found.newest, err);
    }
    if (s != HOP_OK)
        return s;
    *out = found;
    found = (hop_image_labels){0};
    return HOP_OK;
}

void hop_image_labels_clear(hop_image_labels *labels)
{
    free(labels->tree);
    free(labels->version);
    free(labels->revision);
    free(labels->newest);
    *labels = (hop_image_labels){0};
}
