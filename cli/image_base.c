/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image_base.h"

#include "command.h"
#include "hop_resources.h"

#include <stdlib.h>
#include <string.h>

void hop_base_clear(hop_base *base)
{
    hop_image_docs_clear(&base->docs);
    hop_strings_clear(&base->sources);
    free(base->layout);
    free(base->near_repository);
    free(base->pulls);
    *base = (hop_base){0};
}

bool hop_base_is_payload(const hop_options *o)
{
    return o->image_base && strcmp(o->image_base, "payload") == 0;
}

static bool is_layout(const hop_options *o)
{
    return hop_has_prefix(o->image_base, "oci:");
}

/* What stands behind an optional docker://. */
static const char *reference_of(const hop_options *o)
{
    static const char scheme[] = "docker://";
    return hop_has_prefix(o->image_base, scheme) ? o->image_base + strlen(scheme)
                                                 : o->image_base;
}

hop_status hop_base_check_flag(const hop_options *o, hop_error **err)
{
    if (!o->image_base || hop_base_is_payload(o) ||
        (is_layout(o) && strlen(o->image_base) > strlen("oci:")))
        return HOP_OK;
    HOP_AUTO_VALUE(hop_ref) ref = {0};
    hop_status s = hop_ref_parse(reference_of(o), &ref, err);
    if (s == HOP_OK)
        return s;
    s = hop_options_blame(err);
    hop_error_hint(err, "--image-base takes payload, HOST/REPO:TAG or oci:DIR");
    return s;
}

/* ---- oci:DIR[:TAG] ---- */

static hop_status read_layout(const hop_base_order *order, hop_base *out, hop_error **err)
{
    const char *path = order->o->image_base + strlen("oci:");
    const char *colon = strchr(path, ':');
    out->layout = hop_strndup(path, colon ? (size_t)(colon - path) : strlen(path));
    return hop_image_docs_read_layout(out->layout, colon && colon[1] ? colon + 1 : NULL,
                                      order->archs, &out->docs, err);
}

/* ---- registries ---- */

static hop_status start_pull(const hop_base_order *order, const char *image,
                             hop_base *out, hop_error **err)
{
    hop_pull *pull = NULL;
    hop_pull_opts opts = {.image = image, .archs = order->archs, .depth = order->depth};
    hop_status s = hop_mirror_pull(order->mirror, &opts, &pull, err);
    if (s != HOP_OK)
        return s;
    out->pulls = hop_realloc(out->pulls, out->pull_count + 1, sizeof(hop_pull *));
    out->pulls[out->pull_count++] = pull;
    return HOP_OK;
}

static bool are_pulls_over(void *user)
{
    const hop_base *base = user;
    for (size_t i = 0; i < base->pull_count; i++)
        if (!hop_pull_is_over(base->pulls[i]))
            return false;
    return true;
}

static hop_status finish_pulls(const hop_base_order *order, hop_base *out,
                               hop_error **err)
{
    hop_status s =
        hop_progress_run_until(order->progress, order->mirror, are_pulls_over, out, err);
    for (size_t i = 0; s == HOP_OK && i < out->pull_count; i++) {
        s = hop_pull_check(out->pulls[i], err);
        for (size_t k = 0; s == HOP_OK && k < hop_pull_count(out->pulls[i]); k++) {
            const hop_pulled *p = hop_pull_get(out->pulls[i], k);
            size_t before = out->docs.len;
            s = hop_image_docs_add(&out->docs, p->manifest, p->manifest_len, p->config,
                                   p->config_len, err);
            if (out->docs.len > before)
                hop_strings_add(&out->sources, p->source);
        }
    }
    return s;
}

/* ---- payload ---- */

static bool are_payloads_read(void *user)
{
    const hop_base_order *order = user;
    for (size_t i = 0; i < order->release_count; i++) {
        bool is_over = false;
        (void)hop_mirror_get_info(order->mirror, order->releases[i], &is_over);
        if (!is_over)
            return false;
    }
    return true;
}

/* The `cli` component brings a shell and cp; a payload without one has them itself. */
static hop_status pull_component(const hop_base_order *order, size_t index, hop_base *out,
                                 hop_error **err)
{
    bool is_over = false;
    const hop_release_info *info =
        hop_mirror_get_info(order->mirror, order->releases[index], &is_over);
    if (!info)
        return hop_error_set(err,
                             order->progress->is_stopping ? HOP_E_CANCELLED : HOP_E_NET,
                             "the payload %s, on which the graph-data image was to "
                             "stand, could not be read",
                             order->payloads[index]);
    const hop_component *cli = NULL;
    for (size_t i = 0; i < info->component_count; i++)
        if (strcmp(info->components[i].name, "cli") == 0)
            cli = &info->components[i];
    if (!cli)
        return start_pull(order, order->payloads[index], out, err);
    hop_status s = HOP_OK;
    if (order->host) {
        HOP_AUTO_STR place = hop_sprintf("%s/%s", order->host, order->near_repository);
        s = hop_mirror_add_place(order->mirror, &cli->image, place, err);
    }
    HOP_AUTO_STR image = hop_ref_format(&cli->image);
    return s == HOP_OK ? start_pull(order, image, out, err) : s;
}

static hop_status read_payloads(const hop_base_order *order, hop_base *out,
                                hop_error **err)
{
    hop_base_order copy = *order;
    hop_status s = hop_progress_run_until(order->progress, order->mirror,
                                          are_payloads_read, &copy, err);
    for (size_t i = 0; s == HOP_OK && i < order->release_count; i++)
        s = pull_component(order, i, out, err);
    out->near_repository = hop_strdup(order->near_repository);
    return s == HOP_OK ? finish_pulls(order, out, err) : s;
}

hop_status hop_base_read(const hop_base_order *order, hop_base *out, hop_error **err)
{
    const hop_options *o = order->o;
    HOP_AUTO_VALUE(hop_base) base = {0};
    hop_status s = HOP_OK;
    if (!o->image_base)
        return HOP_OK;
    if (hop_base_is_payload(o)) {
        s = read_payloads(order, &base, err);
    } else if (is_layout(o)) {
        s = read_layout(order, &base, err);
    } else {
        s = start_pull(order, reference_of(o), &base, err);
        if (s == HOP_OK)
            s = finish_pulls(order, &base, err);
    }
    if (s != HOP_OK)
        return hop_error_wrap(err, "read the image base %s", o->image_base);
    *out = base;
    base = (hop_base){0};
    return HOP_OK;
}

int hop_base_exit(const hop_options *o, hop_status s)
{
    return s == HOP_E_NOT_FOUND && !is_layout(o) ? HOP_EXIT_NETWORK : hop_exit_of(s);
}

/* ---- the layers ---- */

static hop_status open_layer(void *user, const hop_digest *digest, int *fd,
                             hop_error **err)
{
    const hop_base *base = user;
    if (base->layout)
        return hop_image_layout_open(base->layout, digest, fd, err);
    hop_status s = hop_error_set(err, HOP_E_NOT_FOUND, "layer %s", digest->text);
    for (size_t i = 0; s != HOP_OK && i < base->pull_count; i++) {
        hop_error_drop(err);
        s = hop_pull_open_layer(base->pulls[i], digest, fd, err);
    }
    return s;
}

hop_image_layers hop_base_layers(hop_base *base)
{
    return base->docs.len ? (hop_image_layers){open_layer, base} : (hop_image_layers){0};
}

const char *hop_base_source(const hop_base *base, const char *arch)
{
    for (size_t i = 0; arch && i < base->sources.len; i++)
        if (strcmp(base->docs.items[i].arch, arch) == 0)
            return base->sources.items[i];
    return NULL;
}
