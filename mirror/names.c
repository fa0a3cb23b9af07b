/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "names.h"

#include <stdlib.h>
#include <string.h>

#define ALNUM "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

enum { MAX_PART = 100 };

static bool consists_of(const char *s, const char *allowed)
{
    size_t len = strlen(s);
    return len > 0 && len <= MAX_PART && strspn(s, allowed) == len;
}

bool hop_name_version_is_valid(const char *version)
{
    if (!consists_of(version, ALNUM ".+-") || version[0] < '0' || version[0] > '9')
        return false;
    const char *build = strchr(version, '+');
    return !build || (build[1] != '\0' && !strchr(build + 1, '+'));
}

bool hop_name_component_is_valid(const char *component)
{
    return consists_of(component, ALNUM "._-") && strchr(ALNUM, component[0]);
}

static char *checked_tag(char *text)
{
    HOP_AUTO_STR tag = text;
    return hop_tag_is_valid(tag) ? hop_steal(&tag) : NULL;
}

char *hop_name_payload_tag(const char *version, const char *arch)
{
    const char *known = hop_arch_parse(arch);
    if (!known || !hop_name_version_is_valid(version))
        return NULL;
    HOP_AUTO_STR tag = hop_sprintf("%s-%s", version, hop_arch_get_tag_name(known));
    char *build = strchr(tag, '+');
    if (build)
        *build = '_';
    return checked_tag(hop_steal(&tag));
}

char *hop_name_component_tag(const char *version, const char *arch, const char *component)
{
    HOP_AUTO_STR payload = hop_name_payload_tag(version, arch);
    if (!payload || !hop_name_component_is_valid(component))
        return NULL;
    return checked_tag(hop_sprintf("%s-%s", payload, component));
}

char *hop_name_signature_tag(const hop_digest *digest)
{
    if (!hop_digest_is_valid(digest->text) || !hop_has_prefix(digest->text, "sha256:"))
        return NULL;
    return checked_tag(hop_sprintf("sha256-%s.sig", hop_digest_get_hex(digest)));
}
