/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a registry holds, from outside: two looks at it; what comes out is a graph that
 * the next stage reads or refuses, never more. */
#include "fuzz.h"

#include "hop_osus.h"
#include "hop_scrape.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    HOP_AUTO_STR text = fuzz_text(data, size);
    HOP_AUTO(hop_scraper) s = hop_scraper_new();
    hop_error *err = NULL;
    (void)hop_scrape_is_document(text, size);
    for (int i = 0; i < 2; i++) {
        HOP_AUTO_VALUE(hop_buf) graph = hop_buf_init(HOP_MAX_DOCUMENT);
        if (!fuzz_is_ok(hop_scraper_run(s, text, size, "s.json", &graph, &err), &err))
            continue;
        HOP_AUTO(hop_json) doc = NULL;
        FUZZ_CHECK(fuzz_is_ok(
            hop_json_parse(hop_buf_get(&graph), graph.len, "graph", &doc, &err), &err));
    }
    return 0;
}
