/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * What the checks of a graph-data tree share: the parsed files, the versions that are
 * known, and the patterns with what was found about each.
 */
#ifndef LINT_H
#define LINT_H

#include "hop_osus.h"
#include "hop_yaml.h"
#include "pattern.h"

/** A file that holds one YAML mapping. */
typedef struct lint_file {
    const char *path; /* borrowed from the tree */
    hop_yaml *yaml;
    const hop_yaml_node *root;
} lint_file;

typedef struct lint_files {
    lint_file *items;
    size_t len, cap;
} lint_files;

/** One pattern of `from`, checked once however many files have it. */
typedef struct lint_pattern {
    const char *text;
    hop_pattern *code;   /* NULL when it does not compile */
    hop_findings faults; /* without file and line */
} lint_pattern;

typedef struct lint_patterns {
    lint_pattern *items;
    size_t len, cap;
} lint_patterns;

/** A blocked-edges file that the service takes. */
typedef struct lint_block {
    const lint_file *file;
    const hop_yaml_node *to, *from;
    const char *name; /* of the risk; NULL for a plain block */
    size_t pattern;   /* index */
} lint_block;

typedef struct lint_blocks {
    lint_block *items;
    size_t len, cap;
} lint_blocks;

typedef struct hop_lint {
    const hop_tree *tree;
    hop_findings *out;
    lint_files channels;
    lint_files block_files;
    lint_blocks blocks;
    lint_patterns patterns;
    hop_strings versions; /* known ones without "+arch", sorted, each once */
} hop_lint;

/** Where a finding belongs. */
typedef struct lint_place {
    const char *file;
    size_t line;
} lint_place;

void hop_lint_error(hop_findings *out, const char *rule, lint_place at, const char *fmt,
                    ...) HOP_PRINTF(4, 5);
void hop_lint_warn(hop_findings *out, const char *rule, lint_place at, const char *fmt,
                   ...) HOP_PRINTF(4, 5);
lint_place hop_lint_at(const lint_file *f, const hop_yaml_node *n);
/** The member's text, or NULL when it is missing, null or no text. */
const char *hop_lint_text(const lint_file *f, const char *key);
bool hop_lint_is_version(const char *text);

/** Reads L->channels: their own faults, and how they differ from each other. */
void hop_lint_channels(hop_lint *l);
/** Reads L->block_files into L->blocks. */
void hop_lint_blocks(hop_lint *l);
/** What only shows when several blocks are looked at together. */
void hop_lint_compare_blocks(hop_lint *l);
/** Checks every pattern against L->versions and tells it where it is used. */
void hop_lint_patterns(hop_lint *l);
/** The index of a pattern in L->patterns; a new one is compiled. */
size_t hop_lint_pattern(hop_lint *l, const char *text);

/** The architecture with which the pattern finds the version, "+amd64" and so on
 * (static), or NULL. */
const char *hop_lint_match(const hop_pattern *p, const char *version);

#endif
