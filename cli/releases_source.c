/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "releases_source.h"

#include "command.h"
#include "graph_data_source.h"
#include "hop_file.h"
#include "hop_scrape.h"
#include "releases_scrape.h"
#include "report.h"

static hop_status read_data(const hop_options *o, hop_graph_data **out,
                            hop_digest *data_tree, hop_error **err)
{
    HOP_AUTO_VALUE(hop_tree) tree = {0};
    HOP_AUTO_VALUE(hop_graphdata_info) info = {0};
    hop_status s = hop_graph_data_load(o, &tree, &info, err);
    if (s == HOP_OK)
        s = hop_graph_data_read(&tree, out, err);
    if (s != HOP_OK)
        return s;
    *data_tree = info.tree;
    const hop_strings *warnings = hop_graph_data_get_warnings(*out);
    for (size_t i = 0; i < warnings->len; i++)
        hop_report_warning("%s", warnings->items[i]);
    return HOP_OK;
}

/* A list of tags becomes the graph that the service makes of it; a graph stays. */
static hop_status scrape(const hop_options *o, hop_buf *raw, hop_error **err)
{
    if (!hop_scrape_is_document(hop_buf_get(raw), raw->len))
        return HOP_OK;
    HOP_AUTO(hop_scraper) scraper = hop_scraper_new();
    HOP_AUTO_VALUE(hop_buf) graph = hop_buf_init(HOP_MAX_DOCUMENT);
    hop_status s =
        hop_scraper_run(scraper, hop_buf_get(raw), raw->len, o->releases, &graph, err);
    const hop_strings *skipped = hop_scraper_get_skipped(scraper);
    for (size_t i = 0; i < skipped->len && s == HOP_OK; i++)
        hop_report_warning("no release: %s", skipped->items[i]);
    if (s != HOP_OK)
        return s;
    hop_buf_reset(raw);
    hop_buf_add(raw, hop_buf_get(&graph), graph.len);
    return HOP_OK;
}

hop_status hop_releases_load(const hop_options *o, hop_osus **out, hop_digest *data_tree,
                             hop_error **err)
{
    HOP_AUTO(hop_graph_data) data = NULL;
    HOP_AUTO_VALUE(hop_buf) raw = hop_buf_init(HOP_MAX_DOCUMENT);
    hop_status s = read_data(o, &data, data_tree, err);
    if (s != HOP_OK)
        return s;
    s = hop_releases_is_place(o->releases)
            ? hop_releases_scrape(o, o->releases, &raw, err)
            : hop_file_read(o->releases, &raw, err);
    if (s != HOP_OK)
        return hop_error_wrap(err, "read releases");
    s = scrape(o, &raw, err);
    if (s == HOP_OK)
        s = hop_osus_new(hop_buf_get(&raw), raw.len, o->releases, data, out, err);
    return s == HOP_OK ? s
                       : hop_error_wrap(err, "the update service would keep no graph");
}

int hop_releases_exit(const hop_options *o, hop_status s)
{
    return o->releases ? hop_graph_data_exit(s) : hop_exit_of(s);
}
