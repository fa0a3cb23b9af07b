/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "verify_signatures.h"

#include "hop_file.h"
#include "hop_yaml.h"
#include "registry_options.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool hop_verify_has_signatures(const hop_options *o)
{
    return o->resources || o->signature_store.len > 0;
}

/* ---- ConfigMaps ---- */

static int value_of(char c)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(alphabet, c) : NULL;
    return at ? (int)(at - alphabet) : -1;
}

/* RFC 4648, section 4. False for anything else. */
static bool decode(const char *text, hop_buf *out)
{
    unsigned bits = 0, count = 0;
    for (; *text && *text != '='; text++) {
        int v = value_of(*text);
        if (v < 0)
            return false;
        bits = bits << 6 | (unsigned)v;
        count += 6;
        if (count < 8)
            continue;
        count -= 8;
        char byte = (char)(bits >> count & 0xff);
        if (!hop_buf_offer(out, &byte, 1))
            return false;
    }
    return strspn(text, "=") == strlen(text);
}

/* Keys are sha256-<hex>, or sha256-<hex>-N (library-go, verify/store/configmap). */
static bool is_key_of(const char *key, const hop_digest *digest)
{
    HOP_AUTO_STR want = hop_sprintf("sha256-%s", hop_digest_get_hex(digest));
    if (!hop_has_prefix(key, want))
        return false;
    return key[strlen(want)] == '\0' || key[strlen(want)] == '-';
}

static hop_status read_map(const char *path, const hop_digest *digest,
                           hop_signatures *out, hop_error **err)
{
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_MAX_SMALL_BODY);
    HOP_AUTO(hop_yaml) doc = NULL;
    hop_status s = hop_file_read(path, &text, err);
    if (s == HOP_OK)
        s = hop_yaml_parse(hop_buf_get(&text), text.len, path, &doc, err);
    for (size_t i = 0; s == HOP_OK && i < hop_yaml_count(doc); i++) {
        const hop_yaml_node *data =
            hop_yaml_find(hop_yaml_get_document(doc, i), "binaryData");
        for (size_t k = 0; data && data->type == HOP_YAML_MAPPING && k < data->len; k++) {
            HOP_AUTO_VALUE(hop_buf) bytes = hop_buf_init(HOP_SIGNATURE_MAX);
            const hop_yaml_node *value = data->items[k];
            if (value->type != HOP_YAML_SCALAR || !is_key_of(data->keys[k], digest))
                continue;
            if (decode(value->text, &bytes))
                hop_signatures_add(out, path, hop_buf_get(&bytes), bytes.len);
            else
                hop_signatures_add_bad(out, path, "it is no base64");
        }
    }
    return s;
}

static hop_status read_resources(const char *directory, const hop_digest *digest,
                                 hop_signatures *out, hop_error **err)
{
    HOP_AUTO_STR path = hop_sprintf("%s/signatures", directory);
    HOP_AUTO_VALUE(hop_strings) names = {0};
    DIR *dir = opendir(path);
    if (!dir)
        return hop_error_set(err, hop_status_of_errno(errno), "read signatures in %s: %s",
                             path, strerror(errno));
    const struct dirent *entry = NULL;
    while ((entry = readdir(dir)))
        if (hop_has_suffix(entry->d_name, ".yaml"))
            hop_strings_add(&names, entry->d_name);
    closedir(dir);
    hop_strings_sort(&names);
    hop_status s = HOP_OK;
    for (size_t i = 0; s == HOP_OK && i < names.len; i++) {
        HOP_AUTO_STR file = hop_sprintf("%s/%s", path, names.items[i]);
        s = read_map(file, digest, out, err);
    }
    return s;
}

hop_status hop_verify_read_signatures(const hop_options *o, const hop_digest *digest,
                                      hop_signatures *out, hop_error **err)
{
    hop_status s = HOP_OK;
    if (o->resources)
        s = read_resources(o->resources, digest, out, err);
    if (s != HOP_OK || o->signature_store.len == 0)
        return s;
    hop_fetch_opts how;
    hop_registry_fetch(&o->common, &o->common, &how);
    HOP_AUTO(hop_signature_stores) stores = NULL;
    s = hop_signature_stores_new(&how, &o->signature_store, &stores, err);
    return s == HOP_OK ? hop_signature_stores_read(stores, digest, out, err) : s;
}
