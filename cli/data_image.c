/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "data_image.h"

#include "environment.h"
#include "hop_pull.h"
#include "registry_options.h"

#include <string.h>
#include <unistd.h>

void hop_data_image_clear(hop_data_image *image)
{
    hop_strings_clear(&image->archs);
    hop_image_labels_clear(&image->labels);
    hop_tree_clear(&image->tree);
    hop_graphdata_info_clear(&image->info);
}

static hop_status take_docs(hop_data_image *to, const hop_image_docs *docs,
                            hop_error **err)
{
    to->digest = docs->digest;
    hop_status s = HOP_OK;
    for (size_t i = 0; s == HOP_OK && i < docs->len; i++) {
        HOP_AUTO_VALUE(hop_image_labels) labels = {0};
        hop_strings_add(&to->archs, docs->items[i].arch);
        s = hop_image_labels_parse(docs->items[i].config, docs->items[i].config_len,
                                   "image config", i ? &labels : &to->labels, err);
        const char *first = to->labels.tree ? to->labels.tree : "";
        if (s == HOP_OK && i && strcmp(first, labels.tree ? labels.tree : "") != 0)
            s = hop_error_set(err, HOP_E_DIGEST,
                              "%s: its images for %s and %s are labelled with different "
                              "data",
                              to->name, docs->items[0].arch, docs->items[i].arch);
    }
    return s;
}

hop_status hop_data_image_read_layout(hop_data_image *to, const char *path,
                                      hop_error **err)
{
    const char *colon = strchr(path, ':');
    HOP_AUTO_STR dir = hop_strndup(path, colon ? (size_t)(colon - path) : strlen(path));
    HOP_AUTO_VALUE(hop_image_docs) docs = {0};
    HOP_AUTO_VALUE(hop_buf) layer = hop_buf_init(HOP_GRAPHDATA_MAX_ARCHIVE);
    hop_status s = hop_image_docs_read_layout(dir, colon && colon[1] ? colon + 1 : NULL,
                                              NULL, &docs, err);
    if (s == HOP_OK)
        s = hop_image_read_top_layer(dir, &docs, &layer, err);
    if (s == HOP_OK)
        s = take_docs(to, &docs, err);
    return s == HOP_OK ? hop_graphdata_read_layer(hop_buf_get(&layer), layer.len,
                                                  to->name, &to->tree, &to->info, err)
                       : s;
}

hop_status hop_data_image_read_archive(hop_data_image *to, const char *path,
                                       hop_error **err)
{
    HOP_AUTO_VALUE(hop_image_docs) docs = {0};
    HOP_AUTO_VALUE(hop_buf) layer = hop_buf_init(HOP_GRAPHDATA_MAX_ARCHIVE);
    hop_status s = hop_image_docs_read_docker_archive(path, &docs, &layer, err);
    if (s == HOP_OK)
        s = take_docs(to, &docs, err);
    return s == HOP_OK ? hop_graphdata_read_layer(hop_buf_get(&layer), layer.len,
                                                  to->name, &to->tree, &to->info, err)
                       : s;
}

static bool is_pull_over(void *user)
{
    return hop_pull_is_over(user);
}

static hop_status read_fd(int fd, hop_buf *out, hop_error **err)
{
    char chunk[16384];
    for (;;) {
        ssize_t n = read(fd, chunk, sizeof(chunk));
        if (n < 0)
            return hop_error_set(err, HOP_E_IO, "read a temporary file");
        if (n == 0)
            return HOP_OK;
        if (!hop_buf_offer(out, chunk, (size_t)n))
            return hop_error_set(err, HOP_E_LIMIT,
                                 "its last layer is no graph-data: it "
                                 "has more than %zu bytes",
                                 out->max);
    }
}

static hop_status take_pull(const hop_pull *p, hop_data_image *to, hop_error **err)
{
    HOP_AUTO_VALUE(hop_image_docs) docs = {.digest = *hop_pull_get_digest(p)};
    HOP_AUTO_VALUE(hop_manifest) m = {0};
    HOP_AUTO_VALUE(hop_buf) layer = hop_buf_init(HOP_GRAPHDATA_MAX_ARCHIVE);
    HOP_AUTO_FD fd = -1;
    hop_status s = HOP_OK;
    for (size_t i = 0; s == HOP_OK && i < hop_pull_count(p); i++) {
        const hop_pulled *image = hop_pull_get(p, i);
        s = hop_image_docs_add(&docs, image->manifest, image->manifest_len, image->config,
                               image->config_len, err);
    }
    if (s == HOP_OK)
        s = take_docs(to, &docs, err);
    if (s == HOP_OK)
        s = hop_manifest_parse(docs.items[0].manifest, docs.items[0].manifest_len, NULL,
                               to->name, &m, err);
    if (s == HOP_OK && m.layer_count == 0)
        s = hop_error_set(err, HOP_E_NOT_FOUND, "%s has no layer", to->name);
    if (s == HOP_OK)
        s = hop_pull_open_layer(p, &m.layers[m.layer_count - 1].digest, &fd, err);
    if (s == HOP_OK)
        s = read_fd(fd, &layer, err);
    return s == HOP_OK ? hop_graphdata_read_layer(hop_buf_get(&layer), layer.len,
                                                  to->name, &to->tree, &to->info, err)
                       : s;
}

hop_status hop_data_image_pull(hop_data_image *to, const char *ref, const hop_options *o,
                               const hop_side_options *side, hop_progress *progress,
                               hop_error **err)
{
    HOP_AUTO_VALUE(hop_strings) files = {0};
    hop_pull *pull = NULL;
    /* Only read from, so that no destination is contacted; it needs a name. */
    hop_mirror_opts opts = {.host = "localhost",
                            .mode = HOP_RUN_DRY,
                            .idms_files = &o->idms_file,
                            .tmp_dir = hop_environment_tmp_dir(),
                            .seed = hop_environment_seed(),
                            .event = hop_progress_event,
                            .user = progress};
    hop_status s = hop_registry_side_with_auth(o, side, &files, &opts.source, err);
    HOP_AUTO(hop_mirror) m = NULL;
    if (s == HOP_OK)
        s = hop_mirror_new(&opts, &m, err);
    if (s == HOP_OK)
        s = hop_mirror_pull(
            m, &(hop_pull_opts){.image = ref, .depth = HOP_PULL_TOP_LAYER}, &pull, err);
    if (s == HOP_OK)
        s = hop_progress_run_until(progress, m, is_pull_over, pull, err);
    if (s == HOP_OK)
        s = hop_pull_check(pull, err);
    return s == HOP_OK ? take_pull(pull, to, err) : s;
}

bool hop_data_image_is_as_labelled(const hop_data_image *image)
{
    return !image->labels.tree || strcmp(image->labels.tree, image->info.tree.text) == 0;
}

hop_status hop_data_image_check(const hop_data_image *image, hop_error **err)
{
    if (hop_data_image_is_as_labelled(image))
        return HOP_OK;
    return hop_error_set(err, HOP_E_DIGEST,
                         "%s: its data has the tree hash %s, but its label says %.100s",
                         image->name, image->info.tree.text, image->labels.tree);
}
