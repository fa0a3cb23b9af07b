/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "resources.h"

#include "hop_base64.h"

#include <string.h>

/** "key: value" with both sides quoted as needed. */
static void add_pair(hop_buf *out, const char *indent, const char *key, const char *value)
{
    hop_buf_adds(out, indent);
    hop_buf_add_yaml(out, key);
    hop_buf_adds(out, ": ");
    hop_buf_add_yaml(out, value);
    hop_buf_addc(out, '\n');
}

/* ---- the update service and its trust ---- */

static hop_status add_update_service(const hop_resources_input *in, hop_tree *out,
                                     hop_error **err)
{
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    HOP_AUTO_STR image =
        hop_sprintf("%s/%s@%s", in->host, in->graph_data_repository, in->graph_data.text);
    HOP_AUTO_STR releases = hop_sprintf("%s/%s", in->host, in->release_repository);
    hop_buf_addf(&text,
                 "apiVersion: updateservice.operator.openshift.io/v1\n"
                 "kind: UpdateService\n"
                 "metadata:\n"
                 "  name: %s\n"
                 "  namespace: %s\n"
                 "spec:\n"
                 "  replicas: 2\n",
                 HOP_NAME_UPDATE_SERVICE, HOP_NAMESPACE_UPDATE_SERVICE);
    hop_buf_adds(&text, "  releases: ");
    hop_buf_add_yaml(&text, releases);
    hop_buf_adds(&text, "\n  graphDataImage: ");
    hop_buf_add_yaml(&text, image);
    hop_buf_addc(&text, '\n');
    return hop_tree_add(out, HOP_FILE_UPDATE_SERVICE, text.data, text.len, err);
}

/** A ConfigMap key cannot hold ':', so the port stands behind two dots. */
static char *ca_key(const char *host)
{
    const char *colon = strrchr(host, ':');
    if (!colon || strchr(colon, ']'))
        return hop_strdup(host);
    return hop_sprintf("%.*s..%s", (int)(colon - host), host, colon + 1);
}

static hop_status add_ca(const hop_resources_input *in, hop_tree *out, hop_error **err)
{
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    HOP_AUTO_STR key = ca_key(in->host);
    hop_buf_addf(&text,
                 "apiVersion: v1\n"
                 "kind: ConfigMap\n"
                 "metadata:\n"
                 "  name: %s\n"
                 "  namespace: openshift-config\n"
                 "data:\n",
                 HOP_NAME_CA);
    /* Nodes look for the host's key, the update service for the fixed one. */
    add_pair(&text, "  ", "updateservice-registry", in->ca_pem);
    add_pair(&text, "  ", key, in->ca_pem);
    return hop_tree_add(out, HOP_FILE_CA, text.data, text.len, err);
}

hop_status hop_resources_add_services(const hop_resources_input *in, hop_tree *out,
                                      hop_error **err)
{
    hop_status s = HOP_OK;
    if (in->graph_data_repository)
        s = add_update_service(in, out, err);
    if (s == HOP_OK && in->ca_pem)
        s = add_ca(in, out, err);
    return s;
}

/* ---- patches ---- */

static hop_status add_ack(const hop_resources_hop *hop, const char *path, hop_tree *out,
                          hop_error **err)
{
    hop_strings keys = {0}, texts = {0};
    hop_resources_get_gates(hop, &keys, &texts);
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    hop_buf_adds(&text, "data:\n");
    for (size_t i = 0; i < keys.len; i++)
        add_pair(&text, "  ", keys.items[i], "true");
    hop_status s = HOP_OK;
    if (keys.len > 0)
        s = hop_tree_add(out, path, text.data, text.len, err);
    hop_strings_clear(&keys);
    hop_strings_clear(&texts);
    return s;
}

hop_status hop_resources_add_patches(const hop_resources_input *in, hop_tree *out,
                                     hop_error **err)
{
    hop_status s = HOP_OK;
    for (size_t i = 0; s == HOP_OK && i < in->hop_count; i++) {
        const hop_resources_hop *hop = &in->hops[i];
        if (hop->channel) {
            HOP_AUTO_STR path = hop_resources_channel_file(i);
            HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
            hop_buf_adds(&text, "spec:\n  channel: ");
            hop_buf_add_yaml(&text, hop->channel);
            hop_buf_addc(&text, '\n');
            s = hop_tree_add(out, path, text.data, text.len, err);
        }
        if (s == HOP_OK && hop_hop_is_minor(hop)) {
            HOP_AUTO_STR path = hop_resources_ack_file(i);
            s = add_ack(hop, path, out, err);
        }
    }
    return s;
}

/* ---- signatures ---- */

/** Named as the cluster's own tools name it, so that one replaces the other. */
static hop_status add_signature_map(const hop_resources_release *r, hop_tree *out,
                                    hop_error **err)
{
    const char *hex = hop_digest_get_hex(&r->payload);
    size_t algorithm_len = (size_t)(hex - r->payload.text) - 1;
    HOP_AUTO_STR name = hop_sprintf("%.*s-%s", (int)algorithm_len, r->payload.text, hex);
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    hop_buf_addf(&text,
                 "# Signatures of release %s (%s)\n"
                 "apiVersion: v1\n"
                 "kind: ConfigMap\n"
                 "metadata:\n"
                 "  name: %s\n"
                 "  namespace: openshift-config-managed\n"
                 "  labels:\n"
                 "    release.openshift.io/verification-signatures: \"\"\n"
                 "binaryData:\n",
                 r->version, r->arch, name);
    for (size_t i = 0; i < r->signature_count; i++) {
        hop_buf_addf(&text, "  %s-%zu: ", name, i + 1);
        hop_base64_add(&text, r->signatures[i].data, r->signatures[i].len);
        hop_buf_addc(&text, '\n');
    }
    HOP_AUTO_STR path = hop_resources_signature_file(r);
    return hop_tree_add(out, path, text.data, text.len, err);
}

hop_status hop_resources_add_signatures(const hop_resources_input *in, hop_tree *out,
                                        hop_error **err)
{
    hop_status s = HOP_OK;
    for (size_t i = 0; s == HOP_OK && i < in->release_count; i++)
        if (in->releases[i].signature_count > 0)
            s = add_signature_map(&in->releases[i], out, err);
    return s;
}
