/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "media_stock_names.h"

#include "names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool hop_stock_digest_read(const char *name, hop_digest *out)
{
    static const char algorithm[] = "sha256";
    size_t at = sizeof(algorithm) - 1;
    hop_digest found = {0};
    if (!hop_has_prefix(name, algorithm) || (name[at] != ':' && name[at] != '-'))
        return false;
    if (strlen(name + at + 1) != 64)
        return false;
    (void)snprintf(found.text, sizeof(found.text), "%s:%s", algorithm, name + at + 1);
    if (!hop_digest_is_valid(found.text))
        return false;
    *out = found;
    return true;
}

bool hop_stock_target_read(const char *target, hop_digest *out)
{
    const char *slash = strrchr(target, '/');
    return hop_stock_digest_read(slash ? slash + 1 : target, out);
}

bool hop_stock_is_leftover(const char *name)
{
    return name[0] == '.' || hop_has_suffix(name, ".download");
}

bool hop_stock_tag_read(const char *tag, hop_stock_tag *out)
{
    hop_stock_tag found = {0};
    const char *dash = strrchr(tag, '-');
    if (!dash || (size_t)(dash - tag) >= sizeof(found.version))
        return false;
    found.arch = hop_arch_parse(dash + 1);
    memcpy(found.version, tag, (size_t)(dash - tag));
    char *build = strchr(found.version, '_');
    if (build)
        *build = '+';
    /* Written back it must be the same: no second name for one release. */
    HOP_AUTO_STR again =
        found.arch ? hop_name_payload_tag(found.version, found.arch) : NULL;
    if (!again || strcmp(again, tag) != 0)
        return false;
    *out = found;
    return true;
}
