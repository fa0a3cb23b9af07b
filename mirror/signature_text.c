/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "signature_text.h"

#include "hop_json.h"

#include <string.h>

#define DOCUMENT "signed text"

/** No member but those named; `names` ends with NULL. */
static hop_status check_members(const hop_json_view *object, const char *const *names,
                                hop_error **err)
{
    void *iter = NULL;
    hop_json_view member;
    while (hop_json_next(object, &iter, &member)) {
        size_t i = 0;
        while (names[i] && strcmp(names[i], member.key) != 0)
            i++;
        if (!names[i])
            return hop_json_error(&member, err, "the cluster does not know this member");
    }
    return HOP_OK;
}

static hop_status get_object(const hop_json_view *parent, const char *key,
                             const char *const *names, hop_json_view *out,
                             hop_error **err)
{
    hop_status s = hop_json_member(parent, key, HOP_JSON_OBJECT, out, err);
    return s == HOP_OK ? check_members(out, names, err) : s;
}

static hop_status check_critical(const hop_json_view *critical, const hop_digest *digest,
                                 char **out, hop_error **err)
{
    static const char *const IMAGE[] = {"docker-manifest-digest", NULL};
    static const char *const IDENTITY[] = {"docker-reference", NULL};
    const char *type = NULL, *found = NULL, *reference = NULL;
    hop_json_view image, identity;
    hop_status s = hop_json_get_string(critical, "type", &type, err);
    if (s == HOP_OK && strcmp(type, "atomic container signature") != 0)
        return hop_json_error(critical, err, "the type is \"%s\"", type);
    if (s == HOP_OK)
        s = get_object(critical, "image", IMAGE, &image, err);
    if (s == HOP_OK)
        s = hop_json_get_string(&image, "docker-manifest-digest", &found, err);
    if (s == HOP_OK && strcmp(found, digest->text) != 0)
        return hop_json_error(&image, err, "it vouches for %s, not for %s", found,
                              digest->text);
    if (s == HOP_OK)
        s = get_object(critical, "identity", IDENTITY, &identity, err);
    if (s == HOP_OK)
        s = hop_json_get_string(&identity, "docker-reference", &reference, err);
    if (s == HOP_OK && reference[0] == '\0')
        return hop_json_error(&identity, err, "docker-reference is empty");
    if (s == HOP_OK)
        *out = hop_strdup(reference);
    return s;
}

static hop_status check_text(const char *text, size_t len, const hop_digest *digest,
                             char **reference, hop_error **err)
{
    static const char *const ROOT[] = {"critical", "optional", NULL};
    static const char *const CRITICAL[] = {"type", "image", "identity", NULL};
    static const char *const OPTIONAL[] = {"creator", "timestamp", NULL};
    HOP_AUTO(hop_json) doc = NULL;
    hop_status s = hop_json_parse(text, len, DOCUMENT, &doc, err);
    if (s != HOP_OK)
        return s;
    hop_json_view root = hop_json_root(doc, DOCUMENT), critical, optional;
    if (!hop_json_is(&root, HOP_JSON_OBJECT))
        return hop_json_error(&root, err, "expected an object");
    s = check_members(&root, ROOT, err);
    if (s == HOP_OK)
        s = get_object(&root, "critical", CRITICAL, &critical, err);
    if (s == HOP_OK)
        s = check_critical(&critical, digest, reference, err);
    if (s == HOP_OK)
        s = hop_json_optional(&root, "optional", HOP_JSON_OBJECT, &optional, err);
    if (s == HOP_OK && optional.value)
        s = check_members(&optional, OPTIONAL, err);
    return s;
}

hop_status hop_signature_text_check(const char *text, size_t len,
                                    const hop_digest *digest, char **reference,
                                    hop_error **err)
{
    HOP_AUTO(hop_error) why = NULL;
    HOP_AUTO_STR found = NULL;
    if (check_text(text, len, digest, &found, &why) == HOP_OK) {
        *reference = hop_steal(&found);
        return HOP_OK;
    }
    /* Whatever the JSON reader calls it, to the caller it is a bad signature. */
    HOP_AUTO_VALUE(hop_buf) reason = hop_buf_init(HOP_BUF_TEXT);
    hop_error_join(why, &reason);
    return hop_error_set(err, HOP_E_SIGNATURE, "%s", hop_buf_get(&reason));
}
