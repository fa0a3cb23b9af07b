/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "payload.h"

#include "hop_json.h"
#include "layer.h"
#include "noise.h"
#include "update_key.h"

#include <stdlib.h>
#include <string.h>

#define RELEASE_MANIFESTS "release-manifests"

/* ---- documents ---- */

static void write_references(const hop_release_shape *r, const hop_entry *components,
                             size_t count, hop_buf *out)
{
    HOP_AUTO(hop_json) doc = hop_json_new_object();
    hop_json_set_string(doc, "kind", "ImageStream");
    hop_json_set_string(doc, "apiVersion", "image.openshift.io/v1");
    hop_json *metadata = hop_json_add_object(doc, "metadata");
    hop_json_set_string(metadata, "name", r->version);
    hop_json_set_string(metadata, "creationTimestamp", HOP_WORLD_TIME_TEXT);
    hop_json *spec = hop_json_add_object(doc, "spec");
    hop_json_set_bool(hop_json_add_object(spec, "lookupPolicy"), "local", false);
    hop_json *tags = hop_json_add_array(spec, "tags");
    for (size_t i = 0; i < count; i++) {
        HOP_AUTO_STR source =
            hop_sprintf(HOP_WORLD_HOST "/%s@%s", components[i].image->repository,
                        components[i].image->digest.text);
        hop_json *tag = hop_json_append_object(tags);
        hop_json_set_string(tag, "name", components[i].component);
        hop_json_set_string(hop_json_add_object(tag, "annotations"),
                            "io.openshift.build.commit.ref", r->minor);
        hop_json *from = hop_json_add_object(tag, "from");
        hop_json_set_string(from, "kind", "DockerImage");
        hop_json_set_string(from, "name", source);
    }
    hop_json_dump(doc, HOP_JSON_INDENT, out);
    hop_buf_addc(out, '\n');
}

static void write_metadata(const hop_release_shape *r, const char *arch, hop_buf *out)
{
    HOP_AUTO(hop_json) doc = hop_json_new_object();
    hop_json_set_string(doc, "kind", "cincinnati-metadata-v0");
    hop_json_set_string(doc, "version", r->version);
    hop_json *previous = hop_json_add_array(doc, "previous");
    if (r->previous)
        hop_json_append_string(previous, r->previous);
    hop_json *metadata = hop_json_add_object(doc, "metadata");
    if (strcmp(arch, "multi") == 0)
        hop_json_set_string(metadata, "release.openshift.io/architecture", "multi");
    HOP_AUTO_STR url = hop_sprintf("https://errata.example.com/%s", r->version);
    hop_json_set_string(metadata, "url", url);
    hop_json_dump(doc, HOP_JSON_INDENT, out);
}

static void write_verification(hop_buf *out)
{
    hop_buf_adds(out, "apiVersion: v1\n"
                      "kind: ConfigMap\n"
                      "metadata:\n"
                      "  name: release-verification\n"
                      "  namespace: openshift-config-managed\n"
                      "  annotations:\n"
                      "    release.openshift.io/verification-config-map: \"\"\n"
                      "data:\n"
                      "  store-demo: https://signatures.example.com/release\n"
                      "  verifier-public-key-demo: |\n");
    for (const char *line = hop_world_get_update_key(); *line;) {
        size_t len = strcspn(line, "\n");
        hop_buf_adds(out, "    ");
        hop_buf_add(out, line, len + 1);
        line += len + 1;
    }
}

static void write_deployment(const hop_entry *c, hop_buf *out)
{
    hop_buf_addf(out,
                 "apiVersion: apps/v1\n"
                 "kind: Deployment\n"
                 "metadata:\n"
                 "  name: %s\n"
                 "  namespace: openshift-%s\n"
                 "spec:\n"
                 "  replicas: 1\n"
                 "  template:\n"
                 "    spec:\n"
                 "      containers:\n"
                 "      - name: %s\n"
                 "        image: " HOP_WORLD_HOST "/%s@%s\n",
                 c->component, c->component, c->component, c->image->repository,
                 c->image->digest.text);
}

/* What must be acknowledged before the cluster may leave this minor. */
static void write_gates(const hop_release_shape *r, hop_buf *out)
{
    hop_buf_adds(out, "apiVersion: v1\n"
                      "kind: ConfigMap\n"
                      "metadata:\n"
                      "  name: admin-gates\n"
                      "  namespace: openshift-config-managed\n"
                      "data:");
    if (strcmp(r->minor, "4.17") == 0)
        hop_buf_adds(out, "\n"
                          "  ack-4.17-demo-api-removals-in-4.18: |-\n"
                          "    Clients of the beta widgets API stop working in 4.18.\n"
                          "    Move them to the stable one first.\n");
    else
        hop_buf_adds(out, " {}\n");
}

/* ---- layers ---- */

static hop_status add_text(hop_tar *tar, const char *directory, const char *name,
                           const hop_buf *text, hop_error **err)
{
    HOP_AUTO_STR path = hop_sprintf("%s/%s", directory, name);
    return hop_tar_add_file(tar, path, 0444, text->data, text->len, err);
}

hop_status hop_payload_base_layer(hop_world *w, const hop_release_shape *r,
                                  const char *name, size_t size_bytes,
                                  const hop_layer **out, hop_error **err)
{
    HOP_AUTO(hop_tar) tar = hop_tar_new();
    HOP_AUTO_VALUE(hop_buf) gates = hop_buf_init(HOP_BUF_TEXT);
    HOP_AUTO_VALUE(hop_buf) program = hop_buf_init(HOP_BUF_TEXT);
    static const char namespace[] = "apiVersion: v1\n"
                                    "kind: Namespace\n"
                                    "metadata:\n"
                                    "  name: openshift-cluster-version\n";
    write_gates(r, &gates);
    hop_noise_add(w->seed, name, size_bytes, &program);
    const hop_buf *bytes = NULL;
    hop_status s = hop_tar_add_directory(tar, "manifests", err);
    if (s == HOP_OK)
        s = hop_tar_add_file(
            tar, "manifests/0000_00_cluster-version-operator_00_namespace.yaml", 0444,
            namespace, sizeof(namespace) - 1, err);
    if (s == HOP_OK)
        s = add_text(tar, "manifests",
                     "0000_00_cluster-version-operator_01_admingate_configmap.yaml",
                     &gates, err);
    if (s == HOP_OK)
        s = hop_tar_add_file(tar, "usr/bin/cluster-version-operator", 0755, program.data,
                             program.len, err);
    if (s == HOP_OK)
        s = hop_tar_finish(tar, &bytes, err);
    return s == HOP_OK ? hop_world_add_layer(w, name, bytes, 6, out, err) : s;
}

static hop_status add_deployments(hop_tar *tar, const hop_entry *components, size_t count,
                                  hop_error **err)
{
    hop_status s = HOP_OK;
    for (size_t i = 0; i < count && s == HOP_OK; i++) {
        HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
        HOP_AUTO_STR name =
            hop_sprintf("0000_50_%s_deployment.yaml", components[i].component);
        write_deployment(&components[i], &text);
        s = add_text(tar, RELEASE_MANIFESTS, name, &text, err);
    }
    return s;
}

static hop_status top_layer(hop_world *w, const hop_release_shape *r, const char *arch,
                            const hop_entry *components, size_t count,
                            const hop_layer **out, hop_error **err)
{
    HOP_AUTO_VALUE(hop_buf) references = hop_buf_init(HOP_BUF_TEXT);
    HOP_AUTO_VALUE(hop_buf) metadata = hop_buf_init(HOP_BUF_TEXT);
    HOP_AUTO_VALUE(hop_buf) keys = hop_buf_init(HOP_BUF_TEXT);
    HOP_AUTO_STR name = hop_sprintf("payload-%s-%s", r->version, arch);
    write_references(r, components, count, &references);
    write_metadata(r, arch, &metadata);
    write_verification(&keys);

    HOP_AUTO(hop_tar) tar = hop_tar_new();
    const hop_buf *bytes = NULL;
    hop_status s = hop_tar_add_directory(tar, RELEASE_MANIFESTS "/", err);
    if (s == HOP_OK)
        s = add_text(tar, RELEASE_MANIFESTS, "image-references", &references, err);
    if (s == HOP_OK)
        s = add_text(tar, RELEASE_MANIFESTS, "release-metadata", &metadata, err);
    if (s == HOP_OK)
        s = add_deployments(tar, components, count, err);
    if (s == HOP_OK)
        s = add_text(tar, RELEASE_MANIFESTS, "0000_90_cluster-update-keys_configmap.yaml",
                     &keys, err);
    if (s == HOP_OK)
        s = hop_tar_finish(tar, &bytes, err);
    return s == HOP_OK ? hop_world_add_layer(w, name, bytes, 9, out, err) : s;
}

/* ---- images ---- */

char *hop_payload_tag(const char *version, const char *arch)
{
    return hop_sprintf("%s-%s", version, hop_arch_get_tag_name(arch));
}

/* One payload image: the layers of its base, and the top layer. */
static hop_status add_shard(hop_world *w, const hop_release_shape *r, const char *kind,
                            const hop_image *base, const hop_layer *top, hop_image **out,
                            hop_error **err)
{
    HOP_AUTO_STR name = hop_sprintf("payload/%s/%s/%s", r->version, kind, base->arch);
    const hop_layer *layers[4] = {NULL};
    size_t count = 0;
    for (size_t i = 1; i < base->blob_count && count + 1 < HOP_COUNT_OF(layers); i++)
        for (size_t k = 0; k < w->layer_count; k++)
            if (hop_digest_is_equal(&w->layers[k]->digest, &base->blobs[i].digest))
                layers[count++] = w->layers[k];
    layers[count++] = top;
    hop_image_spec spec = {.name = name,
                           .repository = HOP_WORLD_PAYLOADS,
                           .arch = base->arch,
                           .layers = layers,
                           .layer_count = count,
                           .label_name = "io.openshift.release",
                           .label_value = r->version};
    hop_status s = hop_world_add_image(w, &spec, out, err);
    return s == HOP_OK ? hop_world_sign(w, *out, err) : s;
}

hop_status hop_payload_add(hop_world *w, size_t release, const char *arch,
                           hop_image *const *bases, size_t base_count,
                           const hop_entry *components, size_t count, hop_image **out,
                           hop_error **err)
{
    const hop_release_shape *r = &w->shape->releases[release];
    const hop_layer *top = NULL;
    hop_image *shards[4] = {NULL};
    hop_status s = top_layer(w, r, arch, components, count, &top, err);
    for (size_t i = 0; i < base_count && s == HOP_OK; i++)
        s = add_shard(w, r, arch, bases[i], top, &shards[i], err);
    *out = shards[0];
    HOP_AUTO_STR name = hop_sprintf("payload/%s/%s", r->version, arch);
    if (s == HOP_OK && base_count > 1)
        s = hop_world_add_list(w, name, HOP_WORLD_PAYLOADS, HOP_FAMILY_DOCKER, shards,
                               base_count, out, err);
    if (s == HOP_OK)
        s = hop_world_sign(w, *out, err);
    HOP_AUTO_STR tag = hop_payload_tag(r->version, arch);
    return s == HOP_OK
               ? hop_store_tag(&w->store, HOP_WORLD_PAYLOADS, tag, &(*out)->digest, err)
               : s;
}
