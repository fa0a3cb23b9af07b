/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "verify_graph_data.h"

#include "graph_data_source.h"
#include "hop_file.h"
#include "hop_resources.h"
#include "hop_yaml.h"
#include "planned_data.h"

#include <stdlib.h>
#include <string.h>

#define TAG "latest"

void hop_verify_data_clear(hop_verify_data *d)
{
    hop_data_image_clear(&d->image);
    free(d->source);
    d->source = NULL;
}

/* ---- which image ---- */

static hop_status read_update_service(const char *path, const hop_buf *text,
                                      const char **image, hop_yaml **doc, hop_error **err)
{
    const hop_yaml_node *spec = NULL;
    hop_status s = hop_yaml_parse(hop_buf_get(text), text->len, path, doc, err);
    if (s == HOP_OK)
        s = hop_yaml_optional(*doc, hop_yaml_get_document(*doc, 0), "spec",
                              HOP_YAML_MAPPING, &spec, err);
    if (s == HOP_OK && !spec)
        s = hop_yaml_error(*doc, hop_yaml_get_document(*doc, 0), err, "spec is missing");
    return s == HOP_OK ? hop_yaml_get_string(*doc, spec, "graphDataImage", image, err)
                       : s;
}

/* HOST/REPO@DIGEST as the UpdateService has it, at the host that is being verified: both
 * may be names of one registry. NULL without an UpdateService. */
static hop_status find_named(const hop_options *o, const char *host, char **ref,
                             hop_error **err)
{
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_MAX_SMALL_BODY);
    HOP_AUTO(hop_yaml) doc = NULL;
    HOP_AUTO_VALUE(hop_ref) image = {0};
    const char *name = NULL;
    if (!o->resources)
        return HOP_OK;
    HOP_AUTO_STR path = hop_sprintf("%s/" HOP_FILE_UPDATE_SERVICE, o->resources);
    hop_status s = hop_file_read(path, &text, err);
    if (s == HOP_E_NOT_FOUND) {
        hop_error_drop(err);
        return HOP_OK;
    }
    if (s == HOP_OK)
        s = read_update_service(path, &text, &name, &doc, err);
    if (s == HOP_OK)
        s = hop_ref_parse(name, &image, err);
    if (s != HOP_OK)
        return hop_error_wrap(err, "read the graph-data image of %s", path);
    free(image.host);
    image.host = hop_strdup(host);
    *ref = hop_ref_format(&image);
    return HOP_OK;
}

/* ---- the image ---- */

static hop_status pull(const hop_options *o, const char *ref, hop_progress *progress,
                       hop_data_image *to, hop_error **err)
{
    hop_status s = hop_data_image_pull(to, ref, o, &o->common, progress, err);
    return s == HOP_OK ? hop_data_image_check(to, err) : s;
}

/* An update service with this image would not get to its data. */
static bool is_finding(hop_status s)
{
    return s == HOP_E_NOT_FOUND || s == HOP_E_PARSE || s == HOP_E_LIMIT ||
           s == HOP_E_DIGEST;
}

static hop_status read_image(const hop_options *o, const char *ref,
                             hop_progress *progress, hop_proof_level level,
                             hop_proof *proof, hop_verify_data *out, hop_error **err)
{
    HOP_AUTO_STR name = hop_sprintf("docker://%s", ref);
    HOP_AUTO(hop_error) why = NULL;
    out->image.name = name;
    hop_status s = pull(o, ref, progress, &out->image, &why);
    out->image.name = NULL;
    if (s == HOP_OK) {
        const char *digest = out->image.digest.text;
        out->source =
            strstr(ref, digest) ? hop_strdup(name) : hop_sprintf("%s (%s)", name, digest);
    } else if (is_finding(s)) {
        HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
        hop_error_join(why, &text);
        hop_proof_add(proof, level, "graph-data", ref, "%s", hop_buf_get(&text));
    } else {
        *err = hop_steal(&why);
        return hop_error_wrap(err, "read graph-data of %s", ref);
    }
    return HOP_OK;
}

/* NULL when there is none. */
static hop_status find_image(const hop_options *o, const hop_verify_data_place *place,
                             char **ref, bool *is_named, hop_error **err)
{
    hop_status s = find_named(o, place->host, ref, err);
    *is_named = *ref != NULL;
    if (s == HOP_OK && !*ref && hop_strings_has(place->tags, TAG))
        *ref = hop_sprintf("%s/%s:" TAG, place->host, place->repository);
    return s;
}

/* An image that the UpdateService names is what will be read, whatever is given; one that
 * is only there may be left over. */
static hop_status read_given(const hop_options *o, const hop_verify_data_place *place,
                             hop_progress *progress, hop_proof *proof,
                             hop_verify_data *out, hop_error **err)
{
    HOP_AUTO_STR ref = NULL;
    bool is_named = false;
    hop_status s = hop_graph_data_load(o, &out->image.tree, &out->image.info, err);
    if (s == HOP_OK)
        s = find_image(o, place, &ref, &is_named, err);
    if (s != HOP_OK)
        return s;
    out->source = hop_graph_data_is_url(o->graph_data)
                      ? hop_fetch_public_url(o->graph_data)
                      : hop_strdup(o->graph_data);
    if (!ref)
        return HOP_OK;
    hop_verify_data there = {0};
    hop_proof_level level = is_named ? HOP_PROOF_ERROR : HOP_PROOF_WARNING;
    s = read_image(o, ref, progress, level, proof, &there, err);
    if (s == HOP_OK && there.source)
        hop_planned_data_compare(level, &there.image.tree, there.source, &out->image.tree,
                                 out->source, proof);
    hop_verify_data_clear(&there);
    return s;
}

hop_status hop_verify_data_read(const hop_options *o, const hop_verify_data_place *place,
                                hop_progress *progress, hop_proof *proof,
                                hop_verify_data *out, hop_error **err)
{
    if (o->graph_data)
        return read_given(o, place, progress, proof, out, err);
    HOP_AUTO_STR ref = NULL;
    bool is_named = false;
    hop_status s = find_image(o, place, &ref, &is_named, err);
    if (s != HOP_OK)
        return s;
    if (ref)
        return read_image(o, ref, progress, HOP_PROOF_ERROR, proof, out, err);
    ref = hop_sprintf("%s/%s:" TAG, place->host, place->repository);
    hop_proof_add(proof, HOP_PROOF_WARNING, "graph-data", ref,
                  "there is no such image, so what an update service will offer is not "
                  "checked; --graph-data says what it is fed with");
    return HOP_OK;
}
