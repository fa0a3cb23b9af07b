/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "inspect_image.h"

#include "command.h"
#include "data_image.h"
#include "hop_file.h"
#include "report.h"

#include <string.h>
#include <sys/stat.h>

#define SHOWN_NAMES ((size_t)20)

/* One side: an image, or graph-data that is in none. */
typedef struct subject {
    bool is_image;
    hop_data_image of;
} subject;

static void subject_clear(subject *s)
{
    hop_data_image_clear(&s->of);
}

/* ---- reading ---- */

static hop_status read_data(const char *path, subject *to, hop_error **err)
{
    struct stat st;
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return hop_graphdata_read_dir(path, &to->of.tree, &to->of.info, err);
    HOP_AUTO_VALUE(hop_buf) bytes = hop_buf_init(HOP_GRAPHDATA_MAX_ARCHIVE);
    hop_status s = hop_file_read(path, &bytes, err);
    return s == HOP_OK ? hop_graphdata_read_archive(hop_buf_get(&bytes), bytes.len, path,
                                                    &to->of.tree, &to->of.info, err)
                       : s;
}

static hop_status pull(const hop_options *o, const char *ref, subject *to,
                       hop_error **err)
{
    hop_progress progress;
    hop_status s = hop_progress_init(o, &progress, err);
    return s == HOP_OK ? hop_data_image_pull(&to->of, ref, o, &o->src, &progress, err)
                       : s;
}

static hop_status read_subject(const hop_options *o, const char *name, subject *to,
                               hop_error **err)
{
    static const char registry[] = "docker://", layout[] = "oci:";
    static const char archive[] = "docker-archive:";
    to->of.name = name;
    to->is_image = true;
    if (hop_has_prefix(name, registry))
        return pull(o, name + strlen(registry), to, err);
    if (hop_has_prefix(name, layout))
        return hop_data_image_read_layout(&to->of, name + strlen(layout), err);
    if (hop_has_prefix(name, archive))
        return hop_data_image_read_archive(&to->of, name + strlen(archive), err);
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
    for (size_t i = 0; i < s->of.archs.len; i++)
        hop_buf_addf(&archs, "%s%s", i ? ", " : "", s->of.archs.items[i]);
    add_line(out, "image:", s->of.name);
    add_line(out, "digest:", s->of.digest.text);
    add_line(out, "architectures:", hop_buf_get(&archs));
    add_line(out, "format:", s->of.info.version);
    add_line(out, "tree:", s->of.info.tree.text);
    if (s->is_image && !s->of.labels.tree)
        add_line(out, "", "(no label: not built by oc-hop)");
    add_line(out, "revision:", s->of.labels.revision);
    add_line(out, "newest file:", s->of.labels.newest);
    hop_buf_addf(out, "%-15s%zu: %zu channels, %zu blocked edges, %zu signatures\n",
                 "files:", s->of.info.file_count, count_below(&s->of.tree, "channels/"),
                 count_below(&s->of.tree, "blocked-edges/"),
                 count_below(&s->of.tree, "signatures/"));
}

static void set_text(hop_json *to, const char *key, const char *value)
{
    if (value && *value)
        hop_json_set_string(to, key, value);
}

static void add_json(const subject *s, hop_json *to)
{
    hop_json_set_string(to, "image", s->of.name);
    set_text(to, "digest", s->of.digest.text);
    hop_json *archs = hop_json_add_array(to, "architectures");
    for (size_t i = 0; i < s->of.archs.len; i++)
        hop_json_append_string(archs, s->of.archs.items[i]);
    hop_json *labels = hop_json_add_object(to, "labels");
    set_text(labels, "tree", s->of.labels.tree);
    set_text(labels, "version", s->of.labels.version);
    set_text(labels, "revision", s->of.labels.revision);
    set_text(labels, "newest", s->of.labels.newest);
    hop_json *data = hop_json_add_object(to, "data");
    hop_json_set_string(data, "tree", s->of.info.tree.text);
    hop_json_set_string(data, "version", s->of.info.version);
    hop_json_set_uint(data, "files", s->of.info.file_count);
    hop_json_set_uint(data, "channels", count_below(&s->of.tree, "channels/"));
    hop_json_set_uint(data, "blocked_edges", count_below(&s->of.tree, "blocked-edges/"));
    hop_json_set_uint(data, "signatures", count_below(&s->of.tree, "signatures/"));
    hop_json_set_bool(data, "as_labelled", hop_data_image_is_as_labelled(&s->of));
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
            first.of.tree.len && o->compare ? o->compare : o->inspect, "docker://");
        if (s == HOP_E_PARSE || s == HOP_E_LIMIT)
            *exit_code = HOP_EXIT_INTEGRITY;
        else if (s == HOP_E_NOT_FOUND && is_remote)
            *exit_code = HOP_EXIT_NETWORK;
        return s;
    }
    bool is_same =
        o->compare && hop_digest_is_equal(&first.of.info.tree, &second.of.info.tree);
    if (o->compare)
        compare(&first.of.tree, &second.of.tree, &d);
    print(o, &first, o->compare ? &second : NULL, &d, is_same);
    if (o->compare && !is_same)
        *exit_code = HOP_EXIT_FAILURE;
    s = hop_data_image_check(&first.of, err);
    return s == HOP_OK && o->compare ? hop_data_image_check(&second.of, err) : s;
}
