/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "verify_signatures.h"

#include "hop_file.h"
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

static hop_status read_map(const char *path, const hop_digest *digest,
                           hop_signatures *out, hop_error **err)
{
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_MAX_SMALL_BODY);
    hop_status s = hop_file_read(path, &text, err);
    return s == HOP_OK ? hop_signatures_read_map(hop_buf_get(&text), text.len, path,
                                                 digest, out, err)
                       : s;
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
