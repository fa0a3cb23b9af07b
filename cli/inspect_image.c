/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "inspect_image.h"

#include "command.h"
#include "environment.h"
#include "hop_file.h"
#include "hop_image.h"
#include "hop_pull.h"
#include "progress.h"
#include "registry_options.h"
#include "report.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SHOWN_NAMES ((size_t)20)

/* One side: an image, or graph-data that is in none. */
typedef struct subject {
    const char *name;
    bool is_image;
    hop_digest digest; /* "" when it has none */
    hop_strings archs;
    hop_image_labels labels;
    hop_tree tree;
    hop_graphdata_info info;
} subject;

static void subject_clear(subject *s)
{
    hop_strings_clear(&s->archs);
    hop_image_labels_clear(&s->labels);
    hop_tree_clear(&s->tree);
    hop_graphdata_info_clear(&s->info);
}

/* ---- reading ---- */

static hop_status take_docs(subject *to, const hop_image_docs *docs, hop_error **err)
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

static hop_status read_layout(const char *path, subject *to, hop_error **err)
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

static hop_status read_archive(const char *path, subject *to, hop_error **err)
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

static hop_status take_pull(const hop_pull *p, subject *to, hop_error **err)
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

static hop_status read_registry(const hop_options *o, const char *ref, subject *to,
                                hop_error **err)
{
    HOP_AUTO_VALUE(hop_strings) files = {0};
    hop_progress progress;
    hop_pull *pull = NULL;
    /* Only read from, so that no destination is contacted; it needs a name. */
    hop_mirror_opts opts = {.host = "localhost",
                            .mode = HOP_RUN_DRY,
                            .idms_files = &o->idms_file,
                            .tmp_dir = hop_environment_tmp_dir(),
                            .seed = hop_environment_seed(),
                            .event = hop_progress_event,
                            .user = &progress};
    hop_status s = hop_progress_init(o, &progress, err);
    if (s == HOP_OK)
        s = hop_registry_side_with_auth(o, &o->src, &files, &opts.source, err);
    HOP_AUTO(hop_mirror) m = NULL;
    if (s == HOP_OK)
        s = hop_mirror_new(&opts, &m, err);
    if (s == HOP_OK)
        s = hop_mirror_pull(
            m, &(hop_pull_opts){.image = ref, .depth = HOP_PULL_TOP_LAYER}, &pull, err);
    if (s == HOP_OK)
        s = hop_progress_run_until(&progress, m, is_pull_over, pull, err);
    if (s == HOP_OK)
        s = hop_pull_check(pull, err);
    return s == HOP_OK ? take_pull(pull, to, err) : s;
}

static hop_status read_data(const char *path, subject *to, hop_error **err)
{
    struct stat st;
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return hop_graphdata_read_dir(path, &to->tree, &to->info, err);
    HOP_AUTO_VALUE(hop_buf) bytes = hop_buf_init(HOP_GRAPHDATA_MAX_ARCHIVE);
    hop_status s = hop_file_read(path, &bytes, err);
    return s == HOP_OK ? hop_graphdata_read_archive(hop_buf_get(&bytes), bytes.len, path,
                                                    &to->tree, &to->info, err)
                       : s;
}

static hop_status read_subject(const hop_options *o, const char *name, subject *to,
                               hop_error **err)
{
    static const char registry[] = "docker://", layout[] = "oci:";
    static const char archive[] = "docker-archive:";
    to->name = name;
    to->is_image = true;
    if (hop_has_prefix(name, registry))
        return read_registry(o, name + strlen(registry), to, err);
    if (hop_has_prefix(name, layout))
        return read_layout(name + strlen(layout), to, err);
    if (hop_has_prefix(name, archive))
        return read_archive(name + strlen(archive), to, err);
    to->is_image = false;
    return read_data(name, to, err);
}

/* ---- what is in it ---- */

static size_t count_below(const hop_tree *t, const char *directory)
{
    size_t count = 0;
    for (size_t i = 0; i < t->len; i++)
        count += hop_has_prefix(t->files[i].path, directory);
    return count;
}

static bool is_as_labelled(const subject *s)
{
    return !s->labels.tree || strcmp(s->labels.tree, s->info.tree.text) == 0;
}

static void add_line(hop_buf *out, const char *key, const char *value)
{
    if (!value || !*value)
        return;
    hop_buf_addf(out, "%-15s", key);
    hop_buf_add_visible(out, value, strlen(value));
    hop_buf_addc(out, '\n');
}

static void add_text(const subject *s, hop_buf *out)
{
    HOP_AUTO_VALUE(hop_buf) archs = hop_buf_init(HOP_BUF_TEXT);
    for (size_t i = 0; i < s->archs.len; i++)
        hop_buf_addf(&archs, "%s%s", i ? ", " : "", s->archs.items[i]);
    add_line(out, "image:", s->name);
    add_line(out, "digest:", s->digest.text);
    add_line(out, "architectures:", hop_buf_get(&archs));
    add_line(out, "format:", s->info.version);
    add_line(out, "tree:", s->info.tree.text);
    if (s->is_image && !s->labels.tree)
        add_line(out, "", "(no label: not built by oc-hop)");
    add_line(out, "revision:", s->labels.revision);
    add_line(out, "newest file:", s->labels.newest);
    hop_buf_addf(out, "%-15s%zu: %zu channels, %zu blocked edges, %zu signatures\n",
                 "files:", s->info.file_count, count_below(&s->tree, "channels/"),
                 count_below(&s->tree, "blocked-edges/"),
                 count_below(&s->tree, "signatures/"));
}

static void set_text(hop_json *to, const char *key, const char *value)
{
    if (value && *value)
        hop_json_set_string(to, key, value);
}

static void add_json(const subject *s, hop_json *to)
{
    hop_json_set_string(to, "image", s->name);
    set_text(to, "digest", s->digest.text);
    hop_json *archs = hop_json_add_array(to, "architectures");
    for (size_t i = 0; i < s->archs.len; i++)
        hop_json_append_string(archs, s->archs.items[i]);
    hop_json *labels = hop_json_add_object(to, "labels");
    set_text(labels, "tree", s->labels.tree);
    set_text(labels, "version", s->labels.version);
    set_text(labels, "revision", s->labels.revision);
    set_text(labels, "newest", s->labels.newest);
    hop_json *data = hop_json_add_object(to, "data");
    hop_json_set_string(data, "tree", s->info.tree.text);
    hop_json_set_string(data, "version", s->info.version);
    hop_json_set_uint(data, "files", s->info.file_count);
    hop_json_set_uint(data, "channels", count_below(&s->tree, "channels/"));
    hop_json_set_uint(data, "blocked_edges", count_below(&s->tree, "blocked-edges/"));
    hop_json_set_uint(data, "signatures", count_below(&s->tree, "signatures/"));
    hop_json_set_bool(data, "as_labelled", is_as_labelled(s));
}

/* ---- comparing ---- */

typedef struct difference {
    hop_strings only_first, only_second, changed;
} difference;

static void difference_clear(difference *d)
{
    hop_strings_clear(&d->only_first);
    hop_strings_clear(&d->only_second);
    hop_strings_clear(&d->changed);
}

static void compare(const hop_tree *a, const hop_tree *b, difference *out)
{
    for (size_t i = 0; i < a->len; i++) {
        const hop_tree_file *f = &a->files[i], *g = hop_tree_find(b, f->path);
        if (!g)
            hop_strings_add(&out->only_first, f->path);
        else if (f->len != g->len || memcmp(f->data, g->data, f->len) != 0)
            hop_strings_add(&out->changed, f->path);
    }
    for (size_t i = 0; i < b->len; i++)
        if (!hop_tree_find(a, b->files[i].path))
            hop_strings_add(&out->only_second, b->files[i].path);
}

static void add_names(hop_buf *out, const char *what, const hop_strings *names)
{
    for (size_t i = 0; i < names->len && i < SHOWN_NAMES; i++) {
        hop_buf_addf(out, "%s ", what);
        hop_buf_add_visible(out, names->items[i], strlen(names->items[i]));
        hop_buf_addc(out, '\n');
    }
    if (names->len > SHOWN_NAMES)
        hop_buf_addf(out, "%s … and %zu more\n", what, names->len - SHOWN_NAMES);
}

static void add_difference_json(const difference *d, const subject *second, bool is_same,
                                hop_json *doc)
{
    const struct {
        const char *key;
        const hop_strings *names;
    } lists[] = {{"only_in_image", &d->only_first},
                 {"only_in_other", &d->only_second},
                 {"changed", &d->changed}};
    hop_json *to = hop_json_add_object(doc, "compare");
    add_json(second, hop_json_add_object(to, "other"));
    hop_json_set_bool(to, "same", is_same);
    for (size_t i = 0; i < HOP_COUNT_OF(lists); i++) {
        hop_json *list = hop_json_add_array(to, lists[i].key);
        for (size_t k = 0; k < lists[i].names->len; k++)
            hop_json_append_string(list, lists[i].names->items[k]);
    }
}

static void print(const hop_options *o, const subject *first, const subject *second,
                  const difference *d, bool is_same)
{
    if (o->output && strcmp(o->output, "json") == 0) {
        HOP_AUTO(hop_json) doc = hop_json_new_object();
        hop_json_set_string(doc, "schema", "oc-hop/graph-data-inspect/v1");
        add_json(first, doc);
        if (second)
            add_difference_json(d, second, is_same, doc);
        hop_report_json(doc);
        return;
    }
    HOP_AUTO_VALUE(hop_buf) out = hop_buf_init(HOP_BUF_TEXT);
    add_text(first, &out);
    if (second) {
        hop_buf_addc(&out, '\n');
        add_text(second, &out);
        hop_buf_adds(&out, is_same ? "\nsame data\n" : "\nother data\n");
        add_names(&out, "-", &d->only_first);
        add_names(&out, "+", &d->only_second);
        add_names(&out, "!", &d->changed);
    }
    fwrite(hop_buf_get(&out), 1, out.len, stdout);
}

static hop_status check_labels(const subject *s, hop_error **err)
{
    if (is_as_labelled(s))
        return HOP_OK;
    return hop_error_set(err, HOP_E_DIGEST,
                         "%s: its data has the tree hash %s, but its label says %.100s",
                         s->name, s->info.tree.text, s->labels.tree);
}

hop_status hop_inspect_image(const hop_options *o, int *exit_code, hop_error **err)
{
    if (!o->inspect || o->args.len)
        return hop_error_set(err, HOP_E_USAGE,
                             o->inspect ? "--inspect builds nothing: \"%s\" is too much"
                                        : "--compare goes with --inspect",
                             o->inspect ? o->args.items[0] : "");
    HOP_AUTO_VALUE(subject) first = {0};
    HOP_AUTO_VALUE(subject) second = {0};
    HOP_AUTO_VALUE(difference) d = {0};
    hop_status s = read_subject(o, o->inspect, &first, err);
    if (s == HOP_OK && !first.is_image)
        s = hop_error_set(err, HOP_E_USAGE,
                          "--inspect %s: expected docker://REF, oci:DIR[:TAG] or "
                          "docker-archive:FILE",
                          o->inspect);
    if (s == HOP_OK && o->compare)
        s = read_subject(o, o->compare, &second, err);
    if (s != HOP_OK) {
        bool is_remote = hop_has_prefix(
            first.tree.len && o->compare ? o->compare : o->inspect, "docker://");
        if (s == HOP_E_PARSE || s == HOP_E_LIMIT)
            *exit_code = HOP_EXIT_INTEGRITY;
        else if (s == HOP_E_NOT_FOUND && is_remote)
            *exit_code = HOP_EXIT_NETWORK;
        return s;
    }
    bool is_same = o->compare && hop_digest_is_equal(&first.info.tree, &second.info.tree);
    if (o->compare)
        compare(&first.tree, &second.tree, &d);
    print(o, &first, o->compare ? &second : NULL, &d, is_same);
    if (o->compare && !is_same)
        *exit_code = HOP_EXIT_FAILURE;
    s = check_labels(&first, err);
    return s == HOP_OK && o->compare ? check_labels(&second, err) : s;
}
