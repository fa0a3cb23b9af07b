/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "redirect.h"

#include "hop_own.h"

#include <string.h>
#include <strings.h>

#define MAX_REDIRECTS 10

/* Length of "https://host:port". */
static size_t origin_length(const char *url)
{
    const char *host = strstr(url, "://");
    return host ? (size_t)(host + 3 - url) + strcspn(host + 3, "/?#") : 0;
}

bool hop_redirect_is_same_origin(const char *a, const char *b)
{
    size_t len = origin_length(a);
    return len > 0 && len == origin_length(b) && strncasecmp(a, b, len) == 0;
}

const char *hop_redirect_refuse(const char *from, const char *to, unsigned count)
{
    bool is_plain = hop_has_prefix(to, "http://");
    if (!is_plain && !hop_has_prefix(to, "https://"))
        return "it redirects to something that is no web address";
    if (is_plain && hop_has_prefix(from, "https://"))
        return "it redirects from https to http";
    return count >= MAX_REDIRECTS ? "it redirects in circles" : NULL;
}
