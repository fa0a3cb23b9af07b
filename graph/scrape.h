/* SPDX-License-Identifier: GPL-3.0-or-later */
/** What the two halves of the scrape share: looking at tags, and writing the graph. */
#ifndef SCRAPE_H
#define SCRAPE_H

#include "hop_scrape.h"

/* A release that was found. */
typedef struct scraped_release {
    char *version; /* with "+arch" */
    char *digest;
    const char *arch; /* static */
    const hop_json *metadata;
} scraped_release;

/** True for release-metadata that the service takes. */
bool hop_scrape_is_metadata(const hop_json_view *doc);
/** "4.16.3+amd64", whatever stood after a '+' before. */
char *hop_scrape_version(const char *version, const char *arch) HOP_MUST_USE;
/** Appends the raw graph. */
void hop_scrape_write(const char *repository, const scraped_release *releases,
                      size_t count, hop_buf *out);

#endif
