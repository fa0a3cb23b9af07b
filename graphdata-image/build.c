/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "copier.h"
#include "image.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* All that one build needs while it lasts. */
typedef struct build {
    const hop_image_opts *opts;
    hop_strings archs; /* sorted */
    char *created;
    image_labels labels;
    image_layer data;
    image_layer *copiers;         /* one for each of archs; all zero with a base */
    hop_manifest *manifests;      /* of the bases, one for each of archs */
    const hop_image_base **bases; /* one for each of archs; NULL: scratch */
    hop_image *image;
} build;

static void build_clear(build *b)
{
    for (size_t i = 0; b->copiers && i < b->archs.len; i++)
        image_layer_clear(&b->copiers[i]);
    for (size_t i = 0; b->manifests && i < b->archs.len; i++)
        hop_manifest_clear(&b->manifests[i]);
    free(b->copiers);
    free(b->manifests);
    free((void *)b->bases);
    hop_strings_clear(&b->archs);
    free(b->created);
    image_labels_clear(&b->labels);
    image_layer_clear(&b->data);
    hop_image_free(b->image);
}

/* ---- parts ---- */

static hop_image_part *add_part(hop_image *image, hop_image_part part)
{
    image->entries =
        hop_grow(image->entries, image->len, &image->cap, sizeof(*image->entries));
    image_entry *e = &image->entries[image->len++];
    *e = (image_entry){.part = part,
                       .media_type = hop_strdup(part.media_type),
                       .arch = hop_strdup(part.arch)};
    e->part.media_type = e->media_type;
    e->part.arch = e->arch;
    return &e->part;
}

static hop_image_part *add_document(hop_image *image, hop_image_part_kind kind,
                                    const char *media_type, const char *arch,
                                    hop_buf *text)
{
    hop_image_part *p = add_part(
        image, (hop_image_part){.kind = kind,
                                .media_type = media_type,
                                .arch = arch,
                                .size_bytes = text->len,
                                .digest = hop_digest_of(hop_buf_get(text), text->len)});
    image_entry *e = &image->entries[image->len - 1];
    e->data = hop_buf_take(text);
    p->data = e->data;
    return p;
}

static bool has_part(const hop_image *image, const hop_digest *digest)
{
    for (size_t i = 0; i < image->len; i++)
        if (hop_digest_is_equal(&image->entries[i].part.digest, digest))
            return true;
    return false;
}

static void add_layer(build *b, image_layer *l)
{
    bool is_oci = b->opts->format == HOP_IMAGE_OCI;
    if (has_part(b->image, &l->digest))
        return;
    hop_image_part *p =
        add_part(b->image, (hop_image_part){.kind = HOP_IMAGE_LAYER,
                                            .media_type = is_oci ? HOP_TYPE_OCI_LAYER
                                                                 : HOP_TYPE_DOCKER_LAYER,
                                            .digest = l->digest,
                                            .size_bytes = l->gzip.len});
    image_entry *e = &b->image->entries[b->image->len - 1];
    e->diff_id = l->diff_id;
    e->tar_len = l->tar.len;
    e->tar = hop_strndup(hop_buf_get(&l->tar), l->tar.len);
    e->data = hop_strndup(hop_buf_get(&l->gzip), l->gzip.len);
    p->data = e->data;
}

static void add_base_layers(build *b, const hop_manifest *base)
{
    for (size_t i = 0; i < base->layer_count; i++) {
        const hop_descriptor *d = &base->layers[i];
        const char *type = image_layer_type(d->media_type, b->opts->format);
        if (!has_part(b->image, &d->digest))
            (void)add_part(b->image,
                           (hop_image_part){.kind = HOP_IMAGE_LAYER,
                                            .media_type = type ? type : d->media_type,
                                            .digest = d->digest,
                                            .size_bytes = d->size_bytes});
    }
}

/* ---- steps ---- */

static const hop_copier *find_copier(const char *arch)
{
    const hop_copier *c = NULL;
    for (size_t i = 0; (c = hop_copier_get(i)); i++)
        if (strcmp(c->arch, arch) == 0)
            return c;
    return NULL;
}

static const hop_image_base *find_base(const hop_image_opts *opts, const char *arch)
{
    for (size_t i = 0; i < opts->base_count; i++)
        if (strcmp(opts->bases[i].arch, arch) == 0)
            return &opts->bases[i];
    return NULL;
}

static hop_status check_arch(const hop_image_opts *opts, const char *arch,
                             hop_error **err)
{
    if (opts->bases) {
        if (find_base(opts, arch))
            return HOP_OK;
        return hop_error_set(err, HOP_E_USAGE, "the base image has no architecture %s",
                             arch);
    }
    if (find_copier(arch))
        return HOP_OK;
    const char *package = hop_image_get_compiler_package(arch);
    hop_status s = hop_error_set(err, HOP_E_USAGE,
                                 package ? "this build of oc-hop has no copier for %s"
                                         : "architecture \"%s\" is unknown here",
                                 arch);
    if (package)
        hop_error_hint(err, "install %s and build oc-hop again, or use --image-base",
                       package);
    return s;
}

static hop_status choose_archs(build *b, hop_error **err)
{
    const hop_image_opts *o = b->opts;
    for (size_t i = 0; i < o->arch_count; i++)
        if (!hop_strings_has(&b->archs, o->archs[i]))
            hop_strings_add(&b->archs, o->archs[i]);
    for (size_t i = 0; o->arch_count == 0 && i < o->base_count; i++)
        if (!hop_strings_has(&b->archs, o->bases[i].arch))
            hop_strings_add(&b->archs, o->bases[i].arch);
    for (size_t i = 0; o->arch_count == 0 && !o->bases && hop_copier_get(i); i++)
        hop_strings_add(&b->archs, hop_copier_get(i)->arch);
    hop_strings_sort(&b->archs);
    hop_status s = HOP_OK;
    for (size_t i = 0; s == HOP_OK && i < b->archs.len; i++)
        s = check_arch(o, b->archs.items[i], err);
    if (s == HOP_OK && b->archs.len == 0)
        s = hop_error_set(err, HOP_E_USAGE, "no architecture to build the image for");
    return s;
}

static hop_status make_layers(build *b, const hop_tree *tree, hop_error **err)
{
    hop_status s = image_layer_make_data(tree, &b->data, err);
    if (s != HOP_OK)
        return s;
    size_t n = b->archs.len;
    b->copiers = hop_alloc(n, sizeof(*b->copiers));
    b->manifests = hop_alloc(n, sizeof(*b->manifests));
    b->bases = hop_alloc(n, sizeof(*b->bases));
    for (size_t i = 0; s == HOP_OK && i < n; i++) {
        const char *arch = b->archs.items[i];
        if (b->opts->bases) {
            const hop_image_base *base = b->bases[i] = find_base(b->opts, arch);
            HOP_AUTO_STR name = hop_sprintf("manifest of the base for %s", arch);
            s = hop_manifest_parse(base->manifest, base->manifest_len, NULL, name,
                                   &b->manifests[i], err);
            if (s == HOP_OK && b->manifests[i].kind != HOP_MANIFEST_IMAGE)
                s = hop_error_set(err, HOP_E_PARSE, "%s: it is a list", name);
            if (s == HOP_OK)
                add_base_layers(b, &b->manifests[i]);
        } else {
            const hop_copier *c = find_copier(arch);
            s = image_layer_make_copier(c->data, c->len, &b->copiers[i], err);
            if (s == HOP_OK)
                add_layer(b, &b->copiers[i]);
        }
    }
    if (s == HOP_OK)
        add_layer(b, &b->data);
    return s;
}

static hop_status make_image(build *b, size_t index, hop_buf *manifest, hop_error **err)
{
    static const char *const created_by[] = {"oc-hop: static copier",
                                             "oc-hop: graph-data"};
    const image_layer *layers[] = {&b->copiers[index], &b->data};
    bool is_oci = b->opts->format == HOP_IMAGE_OCI;
    size_t skip = b->bases[index] ? 1 : 0; /* a base brings its own cp */
    image_recipe r = {.format = b->opts->format,
                      .arch = b->archs.items[index],
                      .created = b->created,
                      .labels = &b->labels,
                      .layers = layers + skip,
                      .created_by = created_by + skip,
                      .layer_count = HOP_COUNT_OF(layers) - skip,
                      .base = b->bases[index],
                      .base_manifest = b->bases[index] ? &b->manifests[index] : NULL};
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    hop_status s = image_make_config(&r, &text, err);
    if (s != HOP_OK)
        return s;
    const hop_image_part *config = add_document(
        b->image, HOP_IMAGE_CONFIG, is_oci ? HOP_TYPE_OCI_CONFIG : HOP_TYPE_DOCKER_CONFIG,
        r.arch, &text);
    return image_make_manifest(&r, config, manifest, err);
}

/* All configs come before the first manifest, so that the parts are in pushing order. */
static hop_status make_images(build *b, hop_error **err)
{
    bool is_oci = b->opts->format == HOP_IMAGE_OCI;
    size_t n = b->archs.len;
    hop_buf *manifests = hop_alloc(n, sizeof(*manifests));
    hop_status s = HOP_OK;
    for (size_t i = 0; i < n; i++) {
        manifests[i] = hop_buf_init(HOP_MAX_MANIFEST);
        if (s == HOP_OK)
            s = make_image(b, i, &manifests[i], err);
    }
    for (size_t i = 0; s == HOP_OK && i < n; i++)
        (void)add_document(b->image, HOP_IMAGE_MANIFEST,
                           is_oci ? HOP_TYPE_OCI_MANIFEST : HOP_TYPE_DOCKER_MANIFEST,
                           b->archs.items[i], &manifests[i]);
    for (size_t i = 0; i < n; i++)
        hop_buf_clear(&manifests[i]);
    free(manifests);
    return s;
}

static void make_list(build *b)
{
    bool is_oci = b->opts->format == HOP_IMAGE_OCI;
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_MAX_MANIFEST);
    image_make_list(b->image, b->opts->format, &b->labels, &text);
    (void)add_document(b->image, HOP_IMAGE_LIST,
                       is_oci ? HOP_TYPE_OCI_INDEX : HOP_TYPE_DOCKER_LIST, NULL, &text);
}

static char *make_content_tag(const hop_graphdata_info *info)
{
    /* A version may hold a '+', which no tag may. */
    HOP_AUTO_STR version = hop_strdup(info->version);
    for (char *p = version; *p; p++)
        if (*p == '+')
            *p = '_';
    return hop_sprintf("%s-%.12s", version, hop_digest_get_hex(&info->tree));
}

hop_status hop_image_build(const hop_image_opts *opts, const hop_tree *tree,
                           hop_image **out, hop_error **err)
{
    assert(opts->info && opts->info->version);
    __attribute__((cleanup(build_clear))) build b = {.opts = opts};
    b.image = hop_alloc(1, sizeof(*b.image));
    b.image->content_tag = make_content_tag(opts->info);
    b.image->layers = opts->layers;
    image_labels_make(opts, &b.labels);
    hop_status s = image_format_time(
        opts->has_created ? opts->created_s : opts->info->newest_s, &b.created, err);
    if (s == HOP_OK)
        s = choose_archs(&b, err);
    if (s == HOP_OK)
        s = make_layers(&b, tree, err);
    if (s == HOP_OK)
        s = make_images(&b, err);
    if (s != HOP_OK)
        return hop_error_wrap(err, "build the graph-data image");
    if (b.archs.len > 1 || opts->listing == HOP_IMAGE_LIST_ALWAYS)
        make_list(&b);
    *out = hop_steal(&b.image);
    return HOP_OK;
}

/* ---- looking at an image ---- */

void hop_image_free(hop_image *image)
{
    if (!image)
        return;
    for (size_t i = 0; i < image->len; i++) {
        free(image->entries[i].data);
        free(image->entries[i].media_type);
        free(image->entries[i].arch);
        free(image->entries[i].tar);
    }
    free(image->entries);
    free(image->content_tag);
    free(image);
}

size_t hop_image_get_part_count(const hop_image *image)
{
    return image->len;
}

const hop_image_part *hop_image_get_part(const hop_image *image, size_t index)
{
    assert(index < image->len);
    return &image->entries[index].part;
}

const hop_image_part *hop_image_get_top(const hop_image *image)
{
    return hop_image_get_part(image, image->len - 1);
}

const char *hop_image_get_content_tag(const hop_image *image)
{
    return image->content_tag;
}

const char *hop_image_get_copier_arch(size_t index)
{
    const hop_copier *c = hop_copier_get(index);
    return c ? c->arch : NULL;
}

typedef struct compiler {
    const char *arch;
    const char *package;
} compiler;

const char *hop_image_get_compiler_package(const char *arch)
{
    static const compiler compilers[] = {
        {"amd64", "gcc-x86-64-linux-gnu"},
        {"arm64", "gcc-aarch64-linux-gnu"},
        {"ppc64le", "gcc-powerpc64le-linux-gnu"},
        {"s390x", "gcc-s390x-linux-gnu"},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(compilers); i++)
        if (strcmp(compilers[i].arch, arch) == 0)
            return compilers[i].package;
    return NULL;
}
