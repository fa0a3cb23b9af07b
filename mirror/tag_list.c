/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tag_list.h"

#include "hop_json.h"

#include <string.h>

bool hop_tag_list_parse(const hop_buf *body, hop_strings *out)
{
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO(hop_json) doc = NULL;
    hop_json_view tags = {0}, item;
    const char *tag = NULL;
    if (hop_json_parse(hop_buf_get(body), body->len, "tag list", &doc, &err) != HOP_OK)
        return false;
    hop_json_view root = hop_json_root(doc, "tag list");
    if (!hop_json_is(&root, HOP_JSON_OBJECT) ||
        hop_json_optional(&root, "tags", HOP_JSON_ARRAY, &tags, &err) != HOP_OK)
        return false;
    for (size_t i = 0; tags.value && i < hop_json_count(&tags); i++) {
        if (hop_json_item(&tags, i, HOP_JSON_STRING, &item, &err) != HOP_OK ||
            hop_json_string(&item, &tag, &err) != HOP_OK)
            return false;
        hop_strings_add(out, tag);
    }
    return true;
}

char *hop_tag_list_next(const char *link)
{
    if (!link || !hop_has_prefix(link, "</") || hop_has_prefix(link, "<//") ||
        !strstr(link, "next"))
        return NULL;
    return hop_strndup(link + 1, strcspn(link + 1, ">"));
}
