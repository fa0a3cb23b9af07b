/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * The first stage of the graph-builder: from the tags of a repository to a raw graph,
 * with its habits (openshift/cincinnati, release_scrape_dockerv2).
 *
 * What a registry holds is a document:
 *
 *     {"schema": "oc-hop/scrape/v1", "repository": "registry.local:5000/ocp4/releases",
 *      "tags": [{"tag": "4.16.3-x86_64", "digest": "sha256:…", "type": "image",
 *                "architecture": "amd64", "layers": [null, {"kind": …, "version": …}]},
 *               {"tag": "4.16.3-multi", "digest": "sha256:…", "type": "list",
 *                "manifests": [{"architecture": "amd64", "layers": […]}, …]}]}
 *
 * `type` is image (docker schema 2), list (docker manifest list) or oci. Layers stand
 * from the base to the top; each is null (no release-manifests/release-metadata in it),
 * the JSON of that file, whatever it is, or the text "unreadable" (the blob cannot be
 * fetched). An entry of a list that is not in the registry is {"missing": true}.
 *
 *     HOP_AUTO(hop_scraper) s = hop_scraper_new();
 *     st = hop_scraper_run(s, text, len, "scrape.json", &raw, &err);
 *     st = hop_osus_new(hop_buf_get(&raw), raw.len, "scrape.json", data, &service, &err);
 */
#ifndef HOP_SCRAPE_H
#define HOP_SCRAPE_H

#include "hop_error.h"
#include "hop_json.h"

#define HOP_SCRAPE_SCHEMA "oc-hop/scrape/v1"

/** The state of a pod: what it knows of manifests it has seen, for as long as it runs. */
typedef struct hop_scraper hop_scraper;

hop_scraper *hop_scraper_new(void) HOP_MUST_USE;
void hop_scraper_free(hop_scraper *s);
HOP_DEFINE_AUTO(hop_scraper);

/** True for a document of this kind: the schema says so. */
bool hop_scrape_is_document(const char *text, size_t len);

/**
 * One look at all tags. Appends the graph-builder's raw graph to `out`. HOP_E_PARSE when
 * the document is malformed, and where the service gives the whole scrape up: a layer
 * that cannot be fetched, a list whose last entry is missing or that has one entry only,
 * two digests for one version. As in the service, a manifest whose reading failed stands
 * in the way of itself afterwards: the next run takes it for a release 0.0.0.
 */
HOP_MUST_USE hop_status hop_scraper_run(hop_scraper *s, const char *text, size_t len,
                                        const char *name, hop_buf *out, hop_error **err);
/** "TAG: why it is no release", one for each tag passed over in the last run. Borrowed.
 */
const hop_strings *hop_scraper_get_skipped(const hop_scraper *s);

#endif
