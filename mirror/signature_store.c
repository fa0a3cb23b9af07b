/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hop_file.h"
#include "hop_signature.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FILE_SCHEME "file://"

typedef struct store {
    char *base; /* URL, or a directory; no slash at its end */
    bool is_directory;
    hop_error *trouble;
} store;

struct hop_signature_stores {
    const hop_fetch_opts *how;
    store *items;
    size_t len;
};

static hop_status read_url(const char *url, store *out, hop_error **err)
{
    const char *base = url;
    bool is_http = hop_has_prefix(url, "https://") || hop_has_prefix(url, "http://");
    if (hop_has_prefix(url, FILE_SCHEME)) {
        base = url + strlen(FILE_SCHEME);
        if (base[0] != '/')
            return hop_error_set(err, HOP_E_USAGE,
                                 "signature store %s: expected file:///DIRECTORY", url);
    } else if (!is_http && strstr(url, "://")) {
        return hop_error_set(err, HOP_E_USAGE,
                             "signature store %s: expected http://, https://, file:// or "
                             "a directory",
                             url);
    }
    size_t len = strlen(base);
    while (len > 1 && base[len - 1] == '/')
        len--;
    *out = (store){.base = hop_strndup(base, len), .is_directory = !is_http};
    struct stat st;
    if (out->is_directory && (stat(out->base, &st) < 0 || !S_ISDIR(st.st_mode))) {
        free(hop_steal(&out->base));
        return hop_error_set(err, HOP_E_USAGE,
                             "signature store %s: there is no such directory", url);
    }
    return HOP_OK;
}

hop_status hop_signature_stores_new(const hop_fetch_opts *how, const hop_strings *urls,
                                    hop_signature_stores **out, hop_error **err)
{
    HOP_AUTO(hop_signature_stores) s = hop_alloc(1, sizeof(*s));
    s->how = how;
    s->items = hop_alloc(urls->len, sizeof(*s->items));
    for (size_t i = 0; i < urls->len; i++) {
        hop_status status = read_url(urls->items[i], &s->items[i], err);
        if (status != HOP_OK)
            return status;
        s->len++;
    }
    *out = hop_steal(&s);
    return HOP_OK;
}

void hop_signature_stores_free(hop_signature_stores *s)
{
    for (size_t i = 0; s && i < s->len; i++) {
        free(s->items[i].base);
        hop_error_free(s->items[i].trouble);
    }
    if (s)
        free(s->items);
    free(s);
}

const hop_error *hop_signature_stores_get_trouble(const hop_signature_stores *s,
                                                  size_t index)
{
    return s->items[index].trouble;
}

/* ---- one file of a store ---- */

typedef enum presence { THERE, ABSENT } presence;

static hop_status read_file(const char *path, hop_buf *out, presence *found,
                            hop_error **err)
{
    HOP_AUTO(hop_error) why = NULL;
    hop_status s = hop_file_read(path, out, &why);
    *found = s == HOP_E_NOT_FOUND ? ABSENT : THERE;
    if (s == HOP_OK || s == HOP_E_NOT_FOUND)
        return HOP_OK;
    *err = hop_steal(&why);
    return s;
}

static hop_status read_http(const hop_fetch_opts *how, const char *url, hop_buf *out,
                            presence *found, hop_error **err)
{
    HOP_AUTO_VALUE(hop_fetch_info) info = {0};
    hop_status s = hop_fetch(how, url, out, &info, err);
    if (s != HOP_OK)
        return s;
    *found = info.status == 404 ? ABSENT : THERE;
    if (info.status == 200 || info.status == 404)
        return HOP_OK;
    HOP_AUTO_STR name = hop_fetch_public_url(url);
    return hop_error_set(err, HOP_E_NET, "GET %s: %ld", name, info.status);
}

static hop_status read_number(const hop_signature_stores *s, const store *in,
                              const hop_digest *digest, unsigned number, presence *found,
                              hop_signatures *out, hop_error **err)
{
    const char *hex = hop_digest_get_hex(digest);
    HOP_AUTO_STR at =
        hop_sprintf("%s/%.*s=%s/signature-%u", in->base, (int)(hex - 1 - digest->text),
                    digest->text, hex, number);
    HOP_AUTO_STR name = in->is_directory ? hop_strdup(at) : hop_fetch_public_url(at);
    HOP_AUTO_VALUE(hop_buf) body = hop_buf_init(HOP_SIGNATURE_MAX);
    HOP_AUTO(hop_error) why = NULL;
    hop_status status = in->is_directory ? read_file(at, &body, found, &why)
                                         : read_http(s->how, at, &body, found, &why);
    if (status == HOP_E_LIMIT) {
        hop_signatures_add_bad(out, name, "the signature is far too large");
        *found = THERE;
        return HOP_OK;
    }
    if (status != HOP_OK) {
        *err = hop_steal(&why);
        return status;
    }
    if (*found == THERE)
        hop_signatures_add(out, name, hop_buf_get(&body), body.len);
    return HOP_OK;
}

static hop_status read_store(const hop_signature_stores *s, const store *in,
                             const hop_digest *digest, hop_signatures *out,
                             hop_error **err)
{
    hop_status status = HOP_OK;
    presence found = THERE;
    for (unsigned n = 1; status == HOP_OK && found == THERE && n <= HOP_SIGNATURE_NUMBERS;
         n++)
        status = read_number(s, in, digest, n, &found, out, err);
    return status;
}

hop_status hop_signature_stores_read(hop_signature_stores *s, const hop_digest *digest,
                                     hop_signatures *out, hop_error **err)
{
    size_t before = out->len;
    const store *troubled = NULL;
    for (size_t i = 0; i < s->len; i++) {
        store *in = &s->items[i];
        hop_status status =
            in->trouble ? HOP_OK : read_store(s, in, digest, out, &in->trouble);
        if (status == HOP_E_CANCELLED) {
            *err = hop_steal(&in->trouble);
            return status;
        }
        troubled = in->trouble ? in : troubled;
    }
    if (out->len > before || !troubled)
        return HOP_OK;
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    hop_error_join(troubled->trouble, &text);
    return hop_error_set(err, HOP_E_NET, "no signature of %s was found, and %s",
                         digest->text, hop_buf_get(&text));
}
