/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "manifests.h"

#include "hop_yaml.h"

#include <stdlib.h>
#include <string.h>

#define GATES_NAME "admin-gates"
#define GATES_NAMESPACE "openshift-config-managed"
/* The annotation is matched, not the file's name, which has changed over time. */
#define VERIFICATION_ANNOTATION "release.openshift.io/verification-config-map"
#define KEY_PREFIX "verifier-public-key-"
#define STORE_PREFIX "store-"

enum { MAX_GATES = 1000 };

bool hop_manifests_is_candidate(const char *text, size_t len)
{
    return memmem(text, len, GATES_NAME, strlen(GATES_NAME)) ||
           memmem(text, len, VERIFICATION_ANNOTATION, strlen(VERIFICATION_ANNOTATION));
}

static bool is_text(const hop_yaml_node *mapping, const char *key, const char *want)
{
    const hop_yaml_node *n = hop_yaml_find(mapping, key);
    return n && n->type == HOP_YAML_SCALAR && strcmp(n->text, want) == 0;
}

static void note(hop_release_info *info, const char *path, const char *what)
{
    HOP_AUTO_STR text = hop_sprintf("%s: %s", path, what);
    hop_strings_add(&info->unreadable, text);
}

/** "X.Y-" at the start of s, digits around one dot; its length, or 0. */
static size_t minor_length(const char *s)
{
    size_t major = strspn(s, "0123456789");
    if (major == 0 || s[major] != '.')
        return 0;
    size_t minor = strspn(s + major + 1, "0123456789");
    return minor == 0 ? 0 : major + 1 + minor;
}

/** The cluster-version operator's rule ^ack-(4|5).N-[^-] without its list of majors, and
 * Kubernetes' alphabet for ConfigMap keys. */
static bool is_gate_key(const char *key)
{
    if (!hop_has_prefix(key, "ack-") || strlen(key) > 253)
        return false;
    size_t n = minor_length(key + 4);
    const char *topic = key + 4 + n;
    return n > 0 && topic[0] == '-' && topic[1] != '\0' && topic[1] != '-' &&
           strspn(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                       "0123456789-_.") == strlen(key);
}

bool hop_gate_is_for(const hop_gate *gate, const char *version)
{
    size_t n = minor_length(version);
    return n > 0 && hop_has_prefix(gate->key, "ack-") &&
           strncmp(gate->key + 4, version, n) == 0 && gate->key[4 + n] == '-';
}

static void add_gate(hop_release_info *info, const char *key, const char *text)
{
    size_t at = 0;
    while (at < info->gate_count && strcmp(info->gates[at].key, key) < 0)
        at++;
    if (at < info->gate_count && strcmp(info->gates[at].key, key) == 0)
        return;
    info->gates = hop_realloc(info->gates, info->gate_count + 1, sizeof(*info->gates));
    memmove(info->gates + at + 1, info->gates + at,
            (info->gate_count - at) * sizeof(*info->gates));
    info->gates[at] = (hop_gate){.key = hop_strdup(key), .text = hop_strdup(text)};
    info->gate_count++;
}

static void read_gates(const char *path, const hop_yaml_node *data,
                       hop_release_info *info)
{
    for (size_t i = 0; data && data->type == HOP_YAML_MAPPING && i < data->len; i++) {
        const hop_yaml_node *value = data->items[i];
        if (!is_gate_key(data->keys[i]))
            note(info, path, "an admin gate whose name is not ack-X.Y-TOPIC");
        else if (value->type != HOP_YAML_SCALAR || value->text[0] == '\0')
            note(info, path, "an admin gate without a text");
        else if (info->gate_count < MAX_GATES)
            add_gate(info, data->keys[i], value->text);
        else
            note(info, path, "too many admin gates");
    }
}

static void add_key(hop_release_info *info, const char *name, const char *text)
{
    info->keys = hop_realloc(info->keys, info->key_count + 1, sizeof(*info->keys));
    info->keys[info->key_count++] = (hop_keyring){
        .name = hop_strdup(name), .data = hop_strdup(text), .len = strlen(text)};
}

static int compare_indexed(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/** Keys and stores in the order of their names, whatever the order in the file. */
static void read_verification(const hop_yaml_node *data, hop_release_info *info)
{
    size_t len = data && data->type == HOP_YAML_MAPPING ? data->len : 0;
    const char **names = hop_alloc(len + 1, sizeof(*names));
    for (size_t i = 0; i < len; i++)
        names[i] = data->keys[i];
    if (len > 1)
        qsort(names, len, sizeof(*names), compare_indexed);
    for (size_t i = 0; i < len; i++) {
        const hop_yaml_node *value = hop_yaml_find(data, names[i]);
        if (value->type != HOP_YAML_SCALAR)
            continue;
        if (hop_has_prefix(names[i], KEY_PREFIX))
            add_key(info, names[i], value->text);
        else if (hop_has_prefix(names[i], STORE_PREFIX))
            hop_strings_add(&info->stores, value->text);
    }
    free(names);
}

static void read_document(const char *path, const hop_yaml_node *document,
                          hop_release_info *info, hop_manifests_found *found)
{
    if (!is_text(document, "kind", "ConfigMap"))
        return;
    const hop_yaml_node *metadata = hop_yaml_find(document, "metadata");
    const hop_yaml_node *data = hop_yaml_find(document, "data");
    if (is_text(metadata, "name", GATES_NAME) &&
        is_text(metadata, "namespace", GATES_NAMESPACE)) {
        found->gates = true;
        read_gates(path, data, info);
    }
    const hop_yaml_node *annotations = hop_yaml_find(metadata, "annotations");
    if (!found->verification && hop_yaml_find(annotations, VERIFICATION_ANNOTATION)) {
        found->verification = true;
        read_verification(data, info);
    }
}

void hop_manifests_read(const char *path, const char *text, size_t len,
                        hop_release_info *info, hop_manifests_found *found)
{
    HOP_AUTO(hop_yaml) y = NULL;
    HOP_AUTO(hop_error) why = NULL;
    if (hop_yaml_parse(text, len, path, &y, &why) != HOP_OK) {
        HOP_AUTO_VALUE(hop_buf) line = hop_buf_init(HOP_BUF_TEXT);
        hop_error_join(why, &line);
        hop_strings_add(&info->unreadable, hop_buf_get(&line));
        return;
    }
    for (size_t i = 0; i < hop_yaml_count(y); i++)
        read_document(path, hop_yaml_get_document(y, i), info, found);
}
