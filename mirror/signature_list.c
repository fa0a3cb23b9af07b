/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hop_signature.h"

#include <stdlib.h>
#include <string.h>

static bool has(const hop_signatures *list, const void *data, size_t len)
{
    for (size_t i = 0; i < list->len; i++) {
        const hop_signature_found *f = &list->items[i];
        if (f->data && f->len == len && memcmp(f->data, data, len) == 0)
            return true;
    }
    return false;
}

static hop_signature_found *add(hop_signatures *list, const char *origin)
{
    list->items = hop_grow(list->items, list->len, &list->cap, sizeof(*list->items));
    hop_signature_found *f = &list->items[list->len++];
    *f = (hop_signature_found){.origin = hop_strdup(origin)};
    return f;
}

void hop_signatures_add_bad(hop_signatures *list, const char *origin, const char *why)
{
    add(list, origin)->why = hop_strdup(why);
}

void hop_signatures_add(hop_signatures *list, const char *origin, const void *data,
                        size_t len)
{
    if (has(list, data, len))
        return;
    hop_signature_found *f = add(list, origin);
    f->len = len;
    f->data = hop_alloc(len + 1, 1);
    if (len > 0)
        memcpy(f->data, data, len);
}

void hop_signatures_clear(hop_signatures *list)
{
    for (size_t i = 0; i < list->len; i++) {
        free(list->items[i].origin);
        free(list->items[i].data);
        free(list->items[i].keyring);
        free(list->items[i].why);
    }
    free(list->items);
    *list = (hop_signatures){0};
}

/* The keyring whose key vouches: asked one by one, so that a user can be told. */
static char *find_keyring(const hop_signature_found *f, const hop_digest *digest,
                          const hop_signature_policy *policy)
{
    for (size_t i = 0; i < policy->keyring_count; i++) {
        HOP_AUTO(hop_error) ignored = NULL;
        hop_signature_policy one = *policy;
        hop_signature_verdict verdict = {0};
        one.keyrings = &policy->keyrings[i];
        one.keyring_count = 1;
        if (hop_signature_verify(f->data, f->len, digest, &one, &verdict, &ignored) ==
            HOP_OK)
            return hop_strdup(one.keyrings->name);
    }
    return NULL;
}

static hop_status judge(hop_signature_found *f, const hop_digest *digest,
                        const hop_signature_policy *policy, hop_error **err)
{
    HOP_AUTO(hop_error) why = NULL;
    if (!f->data)
        return HOP_OK;
    hop_status s =
        hop_signature_verify(f->data, f->len, digest, policy, &f->verdict, &why);
    if (s == HOP_E_PARSE) {
        *err = hop_steal(&why);
        return s;
    }
    f->is_good = s == HOP_OK;
    free(f->keyring);
    free(f->why);
    f->keyring = f->is_good ? find_keyring(f, digest, policy) : NULL;
    /* The outermost frame only says whose signature it is. */
    const char *reason = f->is_good ? NULL : hop_error_get_frame(why, 1);
    f->why = hop_strdup(reason);
    return HOP_OK;
}

static hop_status refuse(const hop_signatures *list, const hop_digest *digest,
                         hop_error **err)
{
    if (list->len == 0)
        return hop_error_set(err, HOP_E_SIGNATURE, "no signature of %s was found",
                             digest->text);
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    for (size_t i = 0; i < list->len; i++)
        hop_buf_addf(&text, "%s%s: %s", i ? "; " : "", list->items[i].origin,
                     list->items[i].why);
    return hop_error_set(err, HOP_E_SIGNATURE, "no signature vouches for %s: %s",
                         digest->text, hop_buf_get(&text));
}

hop_status hop_signatures_judge(hop_signatures *list, const hop_digest *digest,
                                const hop_signature_policy *policy, hop_error **err)
{
    bool is_good = false;
    for (size_t i = 0; i < list->len; i++) {
        hop_status s = judge(&list->items[i], digest, policy, err);
        if (s != HOP_OK)
            return s;
        is_good = is_good || list->items[i].is_good;
    }
    return is_good ? HOP_OK : refuse(list, digest, err);
}
