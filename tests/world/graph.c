/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "graph.h"

#include "hop_file.h"
#include "hop_json.h"
#include "hop_tree.h"
#include "layer.h"

#include <stdlib.h>
#include <string.h>

#define PREFIX "io.openshift.upgrades.graph."
#define RISK_NAME "SlowStartAfterUpdate"
#define RISK_URL "https://issues.example.com/DEMO-1"
#define RISK_MESSAGE                                                              \
    "Nodes with more than 200 pods can take an hour to become ready again after " \
    "this update."
#define RISK_PROMQL "max(kubelet_running_pods) > bool 200"

/* ---- facts ---- */

static const hop_image *find_payload(const hop_world *w, const char *version,
                                     const char *arch)
{
    for (size_t i = 0; i < w->entry_count; i++) {
        const hop_entry *e = &w->entries[i];
        if (strcmp(e->version, version) == 0 && strcmp(e->arch, arch) == 0 &&
            strcmp(e->component, "payload") == 0)
            return e->image;
    }
    return NULL;
}

static size_t index_of(const hop_shape *shape, const char *version)
{
    size_t i = 0;
    while (strcmp(shape->releases[i].version, version) != 0)
        i += 1;
    return i;
}

static bool is_conditional(const hop_shape *shape, const hop_release_shape *to)
{
    return strcmp(shape->releases[index_of(shape, to->previous)].minor, to->minor) != 0;
}

/* Releases are sorted, so a minor's channel ends where the next minor begins. */
static size_t channel_end(const hop_shape *shape, const char *minor)
{
    size_t end = 0;
    for (size_t i = 0; i < shape->release_count; i++)
        if (strcmp(shape->releases[i].minor, minor) == 0)
            end = i + 1;
    return end;
}

static bool is_first_of_minor(const hop_shape *shape, size_t i)
{
    return i == 0 || strcmp(shape->releases[i].minor, shape->releases[i - 1].minor) != 0;
}

/* "stable-4.17,stable-4.18" */
static void write_channels(const hop_shape *shape, size_t release, hop_buf *out)
{
    for (size_t i = 0; i < shape->release_count; i++) {
        if (!is_first_of_minor(shape, i) ||
            channel_end(shape, shape->releases[i].minor) <= release)
            continue;
        hop_buf_addf(out, "%sstable-%s", out->len > 0 ? "," : "",
                     shape->releases[i].minor);
    }
}

/* ---- update graphs ---- */

static void add_node(const hop_world *w, size_t release, const hop_image *payload,
                     hop_json *nodes)
{
    const char *version = w->shape->releases[release].version;
    HOP_AUTO_VALUE(hop_buf) channels = hop_buf_init(HOP_BUF_TEXT);
    HOP_AUTO_STR reference =
        hop_sprintf(HOP_WORLD_HOST "/" HOP_WORLD_PAYLOADS "@%s", payload->digest.text);
    HOP_AUTO_STR url = hop_sprintf("https://errata.example.com/%s", version);
    write_channels(w->shape, release, &channels);
    hop_json *node = hop_json_append_object(nodes);
    hop_json_set_string(node, "version", version);
    hop_json_set_string(node, "payload", reference);
    hop_json *metadata = hop_json_add_object(node, "metadata");
    hop_json_set_string(metadata, PREFIX "release.channels", hop_buf_get(&channels));
    hop_json_set_string(metadata, PREFIX "release.manifestref", payload->digest.text);
    hop_json_set_string(metadata, "url", url);
}

static void add_conditional(const hop_release_shape *to, hop_json *groups)
{
    hop_json *group = hop_json_append_object(groups);
    hop_json *edge = hop_json_append_object(hop_json_add_array(group, "edges"));
    hop_json_set_string(edge, "from", to->previous);
    hop_json_set_string(edge, "to", to->version);
    hop_json *risk = hop_json_append_object(hop_json_add_array(group, "risks"));
    hop_json_set_string(risk, "url", RISK_URL);
    hop_json_set_string(risk, "name", RISK_NAME);
    hop_json_set_string(risk, "message", RISK_MESSAGE);
    hop_json *rule = hop_json_append_object(hop_json_add_array(risk, "matchingRules"));
    hop_json_set_string(rule, "type", "PromQL");
    hop_json_set_string(hop_json_add_object(rule, "promql"), "promql", RISK_PROMQL);
}

/* Fills the document of the first `end` releases; false when none has the architecture.
 */
static bool fill_graph(const hop_world *w, size_t end, const char *arch, hop_json *doc)
{
    const hop_shape *shape = w->shape;
    size_t *at = hop_alloc(end, sizeof(*at)); /* node of a release, from 1 */
    size_t count = 0;
    hop_json_set_uint(doc, "version", 1);
    hop_json *nodes = hop_json_add_array(doc, "nodes");
    hop_json *edges = hop_json_add_array(doc, "edges");
    hop_json *groups = hop_json_add_array(doc, "conditionalEdges");
    for (size_t i = 0; i < end; i++) {
        const hop_release_shape *r = &shape->releases[i];
        const hop_image *payload = find_payload(w, r->version, arch);
        if (!payload)
            continue;
        add_node(w, i, payload, nodes);
        at[i] = ++count;
        size_t from = r->previous ? at[index_of(shape, r->previous)] : 0;
        if (from > 0 && is_conditional(shape, r)) {
            add_conditional(r, groups);
        } else if (from > 0) {
            HOP_AUTO(hop_json) pair = hop_json_new_array();
            hop_json_append_uint(pair, from - 1);
            hop_json_append_uint(pair, at[i] - 1);
            (void)hop_json_append_take(edges, &pair);
        }
    }
    free(at);
    return count > 0;
}

static hop_status write_graph(const hop_world *w, const char *dir, const char *minor,
                              const char *arch, hop_error **err)
{
    HOP_AUTO(hop_json) doc = hop_json_new_object();
    if (!fill_graph(w, channel_end(w->shape, minor), arch, doc))
        return HOP_OK;
    bool plain = strcmp(arch, "amd64") == 0;
    HOP_AUTO_STR path = hop_sprintf("%s/graphs/stable-%s%s%s.json", dir, minor,
                                    plain ? "" : "-", plain ? "" : arch);
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    hop_json_dump(doc, HOP_JSON_INDENT, &text);
    hop_buf_addc(&text, '\n');
    return hop_store_write(path, text.data, text.len, err);
}

hop_status hop_world_write_graphs(const hop_world *w, const char *dir, hop_error **err)
{
    static const char *const arches[] = {"amd64", "arm64", "multi"};
    hop_status s = HOP_OK;
    for (size_t i = 0; i < w->shape->release_count && s == HOP_OK; i++) {
        if (!is_first_of_minor(w->shape, i))
            continue;
        for (size_t a = 0; a < HOP_COUNT_OF(arches) && s == HOP_OK; a++)
            s = write_graph(w, dir, w->shape->releases[i].minor, arches[a], err);
    }
    return s;
}

/* ---- graph-data ---- */

static hop_status add_text(hop_tree *tree, const char *path, const hop_buf *text,
                           hop_error **err)
{
    return hop_tree_add(tree, path, text->data, text->len, err);
}

static hop_status add_channel(const hop_shape *shape, const char *minor, hop_tree *tree,
                              hop_error **err)
{
    HOP_AUTO_STR path = hop_sprintf("channels/stable-%s.yaml", minor);
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    hop_buf_addf(&text, "feeder:\n  delay: PT48H\n  name: fast-%s\nname: stable-%s\n",
                 minor, minor);
    hop_buf_adds(&text, "versions:\n");
    size_t end = channel_end(shape, minor);
    for (size_t i = 0; i < end; i++)
        hop_buf_addf(&text, "- %s\n", shape->releases[i].version);
    return add_text(tree, path, &text, err);
}

static hop_status add_risk(const hop_release_shape *to, hop_tree *tree, hop_error **err)
{
    HOP_AUTO_STR path = hop_sprintf("blocked-edges/%s-" RISK_NAME ".yaml", to->version);
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    hop_buf_addf(&text, "to: %s\nfrom: ^", to->version);
    for (const char *c = to->previous; *c; c++) {
        if (*c == '.')
            hop_buf_adds(&text, "[.]");
        else
            hop_buf_addc(&text, *c);
    }
    hop_buf_adds(&text, "[+].*$\n"
                        "url: " RISK_URL "\n"
                        "name: " RISK_NAME "\n"
                        "message: |-\n  " RISK_MESSAGE "\n"
                        "matchingRules:\n"
                        "- type: PromQL\n"
                        "  promql:\n"
                        "    promql: |-\n      " RISK_PROMQL "\n");
    return add_text(tree, path, &text, err);
}

static hop_status fill_tree(const hop_shape *shape, hop_tree *tree, hop_error **err)
{
    static const char license[] =
        "Made by oc-hop's tests: the releases in it do not exist.\n"
        "SPDX-License-Identifier: GPL-3.0-or-later\n";
    hop_status s = hop_tree_add(tree, "version", "1.1.0\n", 6, err);
    if (s == HOP_OK)
        s = hop_tree_add(tree, "raw/metadata.json", "{}\n", 3, err);
    if (s == HOP_OK)
        s = hop_tree_add(tree, "LICENSE", license, sizeof(license) - 1, err);
    for (size_t i = 0; i < shape->release_count && s == HOP_OK; i++) {
        const hop_release_shape *r = &shape->releases[i];
        if (is_first_of_minor(shape, i))
            s = add_channel(shape, r->minor, tree, err);
        if (s == HOP_OK && r->previous && is_conditional(shape, r))
            s = add_risk(r, tree, err);
    }
    return s == HOP_OK ? hop_tree_sort(tree, err) : s;
}

static hop_status write_tree(const hop_tree *tree, const char *dir, hop_error **err)
{
    HOP_AUTO_STR blocked = hop_sprintf("%s/graph-data/blocked-edges", dir);
    hop_status s = hop_dir_make(blocked, err); /* must be there, if only empty */
    for (size_t i = 0; i < tree->len && s == HOP_OK; i++) {
        HOP_AUTO_STR path = hop_sprintf("%s/graph-data/%s", dir, tree->files[i].path);
        s = hop_store_write(path, tree->files[i].data, tree->files[i].len, err);
    }
    return s;
}

static hop_status write_archive(const hop_tree *tree, const char *dir, hop_error **err)
{
    static const char *const directories[] = {"blocked-edges", "channels", "raw"};
    HOP_AUTO(hop_tar) tar = hop_tar_new();
    HOP_AUTO_VALUE(hop_buf) gz = hop_buf_init(HOP_BUF_TEXT);
    const hop_buf *bytes = NULL;
    hop_status s = HOP_OK;
    for (size_t i = 0; i < HOP_COUNT_OF(directories) && s == HOP_OK; i++)
        s = hop_tar_add_directory(tar, directories[i], err);
    for (size_t i = 0; i < tree->len && s == HOP_OK; i++)
        s = hop_tar_add_file(tar, tree->files[i].path, 0644, tree->files[i].data,
                             tree->files[i].len, err);
    if (s == HOP_OK)
        s = hop_tar_finish(tar, &bytes, err);
    if (s == HOP_OK)
        s = hop_gzip(bytes, 9, &gz, err);
    HOP_AUTO_STR path = hop_sprintf("%s/graph-data.tar.gz", dir);
    return s == HOP_OK ? hop_store_write(path, gz.data, gz.len, err) : s;
}

hop_status hop_world_write_graph_data(const hop_world *w, const char *dir,
                                      hop_error **err)
{
    HOP_AUTO_VALUE(hop_tree) tree = {0};
    hop_status s = fill_tree(w->shape, &tree, err);
    if (s == HOP_OK)
        s = write_tree(&tree, dir, err);
    return s == HOP_OK ? write_archive(&tree, dir, err) : s;
}

/* ---- where the images are ---- */

hop_status hop_world_write_idms(const char *dir, const char *host, hop_error **err)
{
    static const char *const repositories[] = {HOP_WORLD_PAYLOADS, HOP_WORLD_COMPONENTS};
    HOP_AUTO_STR path = hop_sprintf("%s/idms.yaml", dir);
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    hop_buf_adds(&text, "apiVersion: config.openshift.io/v1\n"
                        "kind: ImageDigestMirrorSet\n"
                        "metadata:\n"
                        "  name: demo-world\n"
                        "spec:\n"
                        "  imageDigestMirrors:\n");
    for (size_t i = 0; i < HOP_COUNT_OF(repositories); i++)
        hop_buf_addf(&text,
                     "  - source: " HOP_WORLD_HOST "/%s\n"
                     "    mirrorSourcePolicy: NeverContactSource\n"
                     "    mirrors:\n"
                     "    - %s/%s\n",
                     repositories[i], host, repositories[i]);
    return hop_store_write(path, text.data, text.len, err);
}
