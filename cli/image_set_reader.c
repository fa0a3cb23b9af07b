/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image_set_reader.h"

#include "hop_graph.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- mappings ---- */

static hop_status refuse_key(const hop_reader *r, const hop_yaml_node *in, size_t i,
                             const hop_reader_key *keys, size_t count, hop_error **err)
{
    const char *name = in->keys[i];
    const hop_yaml_node at = {.line = in->key_lines[i]};
    for (size_t k = 0; k < count; k++) {
        if (strcmp(keys[k].name, name) == 0)
            return hop_yaml_error(r->y, &at, err,
                                  "\"%s\" is a key of mirror.openshift.io/%s only", name,
                                  r->api == HOP_API_V1ALPHA2 ? "v2alpha1" : "v1alpha2");
        if (strcasecmp(keys[k].name, name) == 0)
            return hop_yaml_error(r->y, &at, err,
                                  "unknown key \"%s\": it is spelled \"%s\"", name,
                                  keys[k].name);
    }
    return hop_yaml_error(r->y, &at, err, "unknown key \"%s\"", name);
}

/** Reads the members of a mapping that `keys` names; any other is an error. */
hop_status hop_reader_mapping(const hop_reader *r, const hop_yaml_node *in,
                              const char *what, const hop_reader_key *keys, size_t count,
                              void *to, hop_error **err)
{
    if (in->type != HOP_YAML_MAPPING)
        return hop_yaml_error(r->y, in, err, "%s must be a mapping", what);
    hop_status s = HOP_OK;
    for (size_t i = 0; s == HOP_OK && i < in->len; i++) {
        size_t k = 0;
        while (k < count &&
               (strcmp(keys[k].name, in->keys[i]) != 0 || !(keys[k].apis & r->api)))
            k++;
        if (k == count)
            return refuse_key(r, in, i, keys, count, err);
        if (!hop_yaml_is_null(in->items[i]))
            s = keys[k].read(r, in->items[i], (char *)to + keys[k].offset, err);
    }
    return s;
}

/* ---- values ---- */

hop_status hop_reader_text(const hop_reader *r, const hop_yaml_node *value, void *to,
                           hop_error **err)
{
    if (value->type != HOP_YAML_SCALAR || value->text[0] == '\0')
        return hop_yaml_error(r->y, value, err, "expected a text");
    char **slot = to;
    free(*slot);
    *slot = hop_strdup(value->text);
    return HOP_OK;
}

hop_status hop_reader_bool(const hop_reader *r, const hop_yaml_node *value, void *to,
                           hop_error **err)
{
    /* YAML 1.1, as oc-mirror's reader takes it. */
    static const char *const YES[] = {"true", "yes", "on", "y"};
    static const char *const NO[] = {"false", "no", "off", "n"};
    bool *slot = to;
    for (size_t i = 0;
         value->type == HOP_YAML_SCALAR && value->is_plain && i < HOP_COUNT_OF(YES);
         i++) {
        *slot = strcasecmp(value->text, YES[i]) == 0;
        if (*slot || strcasecmp(value->text, NO[i]) == 0)
            return HOP_OK;
    }
    return hop_yaml_error(r->y, value, err, "expected true or false");
}

hop_status hop_reader_version(const hop_reader *r, const hop_yaml_node *value, void *to,
                              hop_error **err)
{
    hop_version ignored;
    HOP_AUTO(hop_error) why = NULL;
    hop_status s = hop_reader_text(r, value, to, err);
    if (s != HOP_OK)
        return s;
    if (hop_version_parse(value->text, &ignored, &why) == HOP_OK)
        return HOP_OK;
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    hop_error_join(why, &text);
    return hop_yaml_error(r->y, value, err, "%s", hop_buf_get(&text));
}
