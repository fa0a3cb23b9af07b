/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * The graph-data image of a disconnected OpenShift Update Service, built without a
 * container engine.
 *
 * Graph-data comes in as a directory or an archive, becomes a hop_tree of the
 * allow-listed files, and goes out as an image whose blobs are in memory: a registry
 * client can push them part by part, or they are written as an OCI layout or a
 * docker-archive. Nothing here knows the network, the clock, the environment or the
 * terminal. Same tree and options, same bytes, on any host.
 *
 *     HOP_AUTO_VALUE(hop_tree) tree = {0};
 *     HOP_AUTO_VALUE(hop_graphdata_info) info = {0};
 *     HOP_AUTO(hop_image) image = NULL;
 *     s = hop_graphdata_read_archive(bytes, len, "graph-data.tar.gz", &tree, &info, err);
 *     hop_image_opts opts = {.info = &info};
 *     s = hop_image_build(&opts, &tree, &image, err);
 *     for (size_t i = 0; i < hop_image_get_part_count(image); i++)
 *         push(hop_image_get_part(image, i));      // the last one also under its tags
 *
 * The image: the data at /var/lib/cincinnati-graph-data, uid and gid 0, directories 0755,
 * files 0644, every time 0; a layer with the static copier as /bin/oc-hop-copy (the
 * entrypoint; it copies the data to /var/lib/cincinnati/graph-data) and as /bin/sh (for
 * the operator's digest poller). The data layer is the same blob for every architecture.
 */
#ifndef HOP_IMAGE_H
#define HOP_IMAGE_H

#include "hop_oci.h"
#include "hop_tree.h"

/* ---- reading graph-data ---- */

#define HOP_GRAPHDATA_MAX_ARCHIVE (64 * HOP_MIB) /* compressed bytes of an archive */

typedef struct hop_graphdata_info {
    char *version;        /* of the format, as the file `version` says: "1.1.0" */
    bool is_newer_minor;  /* a minor above 1.2: readable, worth a warning */
    hop_digest tree;      /* sha256 over the kept files: path, NUL, decimal length, NUL,
                             bytes, in the order of the paths; another tree, another hash */
    size_t file_count;    /* kept files */
    uint64_t newest_s;    /* newest time among the kept members, in seconds since 1970; 0
                             when there is none: a directory, or members without a time */
    char *revision;       /* commit that a git archive states in its header; else NULL */
    size_t skipped_count; /* files that are not on the allow-list */
    hop_strings skipped;  /* the first of them (at most 1000), as they were named */
} hop_graphdata_info;

/**
 * Read graph-data from a directory, or from a tar archive in memory (plain or gzip; with
 * a leading directory, as GitHub and `git archive --prefix` make it, or without).
 *
 * Kept are LICENSE, version, raw/metadata.json, channels/X.yaml, blocked-edges/X.yaml and
 * signatures/ALGORITHM/HEX/signature-N; all else is counted as skipped. Owners, modes and
 * extended headers are ignored. `*out` and `*info` are zero on entry; the tree is sorted.
 *
 * Malformed input is HOP_E_PARSE: a broken or truncated archive (the gzip trailer is
 * checked), a web page, a link, device, absolute name or ".." anywhere in it, a name that
 * stands there twice, no `version`, `raw/metadata.json`, channels/ or blocked-edges/, a
 * major version other than 1. Too much of it is HOP_E_LIMIT. Callers count both as
 * malformed graph-data (exit 4). A directory that cannot be read is HOP_E_NOT_FOUND or
 * HOP_E_IO; links in a kept place of a directory are refused as in an archive.
 */
HOP_MUST_USE hop_status hop_graphdata_read_dir(const char *path, hop_tree *out,
                                               hop_graphdata_info *info, hop_error **err);
HOP_MUST_USE hop_status hop_graphdata_read_archive(const void *data, size_t len,
                                                   const char *name, hop_tree *out,
                                                   hop_graphdata_info *info,
                                                   hop_error **err);
/** Sorts a tree that was changed and states its hash and count anew; `skipped`,
 * `newest_s` and `revision` stay. Fails like the readers when the tree is no graph-data.
 */
HOP_MUST_USE hop_status hop_graphdata_check(hop_tree *tree, hop_graphdata_info *info,
                                            hop_error **err);
void hop_graphdata_info_clear(hop_graphdata_info *info);
/** Appends a sorted tree as a .tar.gz without times or owners: the same tree, the same
 * bytes, and read back the same tree. HOP_E_LIMIT for a path that is too long for it. */
HOP_MUST_USE hop_status hop_graphdata_pack(const hop_tree *tree, hop_buf *out,
                                           hop_error **err);

/** Reads it back from a layer of an image (a tar, plain or gzip): what lies below
 * /var/lib/cincinnati-graph-data, whoever built the image. HOP_E_NOT_FOUND when nothing
 * does; else fails like the readers above. */
HOP_MUST_USE hop_status hop_graphdata_read_layer(const void *data, size_t len,
                                                 const char *name, hop_tree *out,
                                                 hop_graphdata_info *info,
                                                 hop_error **err);

/* ---- changing graph-data ---- */

/* All three work on a sorted tree, bring `info` up to date, and leave both as they were
 * when they fail. */

/** Adds the release signatures of a directory: ALGORITHM/HEX/signature-N as in
 * graph-data, or ALGORITHM=HEX/signature-N as in a signature store; other files are left
 * alone. A signature that is there already must be the same, else HOP_E_PARSE. */
HOP_MUST_USE hop_status hop_graphdata_add_signatures(hop_tree *tree, const char *dir,
                                                     hop_graphdata_info *info,
                                                     hop_error **err);
/** Adds one blocked-edges file, called `name` ("X.yaml", no directory). It must have one
 * of the two shapes that the update service reads: exactly `to` and `from`, or those with
 * `url`, `name`, `message` and `matchingRules`; with any other it would silently block
 * nothing, which is HOP_E_PARSE. So is a name that is taken by other bytes. */
HOP_MUST_USE hop_status hop_graphdata_add_block(hop_tree *tree, const char *name,
                                                const void *data, size_t len,
                                                hop_graphdata_info *info,
                                                hop_error **err);

typedef struct hop_graphdata_needs {
    hop_strings channels; /* names: "stable-4.16" */
    hop_strings versions; /* without build metadata: "4.16.1" means every architecture */
} hop_graphdata_needs;

/** Leaves only what the needs name: those channels with those versions (written anew, as
 * `name` and `versions`), blocked edges that lead to those versions (unchanged), and
 * their raw metadata. Signatures and LICENSE stay. HOP_E_PARSE names a file that is
 * malformed, HOP_E_NOT_FOUND a channel that there is not. */
HOP_MUST_USE hop_status hop_graphdata_prune(hop_tree *tree,
                                            const hop_graphdata_needs *needs,
                                            hop_graphdata_info *info, hop_error **err);

/* ---- building ---- */

typedef enum hop_image_format {
    HOP_IMAGE_DOCKER, /* schema 2: what every registry takes; for docker:// */
    HOP_IMAGE_OCI,    /* for oci:DIR, where tools expect OCI types */
} hop_image_format;

typedef enum hop_image_listing {
    HOP_IMAGE_LIST_IF_MANY, /* a manifest list for two architectures or more */
    HOP_IMAGE_LIST_ALWAYS,
} hop_image_listing;

/** A base image for one architecture, as documents; its layers stay where they are. */
typedef struct hop_image_base {
    const char *arch; /* Go name */
    const char *manifest;
    size_t manifest_len;
    const char *config; /* already checked against the manifest's config digest */
    size_t config_len;
} hop_image_base;

/** The documents of an image, one for each architecture. All zero is empty. */
typedef struct hop_image_docs {
    hop_image_base *items; /* owned, with all they point to */
    size_t len;
    hop_digest digest; /* of the image itself, perhaps a list; "" when it is not known */
} hop_image_docs;

/** Copies in what one architecture has; the config says which one that is. An
 * architecture that is there already keeps its first documents (lists name variants of
 * one). HOP_E_PARSE for a config that is none, or of an unknown architecture. */
HOP_MUST_USE hop_status hop_image_docs_add(hop_image_docs *docs, const char *manifest,
                                           size_t manifest_len, const char *config,
                                           size_t config_len, hop_error **err);
/** Reads an image of an OCI layout (tag NULL: "latest", or its only entry), every blob
 * checked against its digest. `archs`: of a list only these; NULL or empty: all.
 * HOP_E_NOT_FOUND when there is no such image. */
HOP_MUST_USE hop_status hop_image_docs_read_layout(const char *dir, const char *tag,
                                                   const hop_strings *archs,
                                                   hop_image_docs *out, hop_error **err);
/** Reads the file of `docker save`: configs (there are no manifests in it), and appends
 * the last layer to `layer`, whose ceiling is the limit. */
HOP_MUST_USE hop_status hop_image_docs_read_docker_archive(const char *path,
                                                           hop_image_docs *out,
                                                           hop_buf *layer,
                                                           hop_error **err);
/** Appends the last layer of the first of the docs of a layout. */
HOP_MUST_USE hop_status hop_image_read_top_layer(const char *dir,
                                                 const hop_image_docs *docs,
                                                 hop_buf *layer, hop_error **err);
void hop_image_docs_clear(hop_image_docs *docs);
/** Opens a blob of an OCI layout; the caller closes *fd. It is not checked. */
HOP_MUST_USE hop_status hop_image_layout_open(const char *dir, const hop_digest *digest,
                                              int *fd, hop_error **err);
/** Heap text of a blob's path in an OCI layout. */
char *hop_image_layout_blob(const char *dir, const hop_digest *digest) HOP_MUST_USE;

/** Where the layers of a base are, for those who write them into files: `open` gives a
 * descriptor at the first byte, which is closed by whoever asked. */
typedef struct hop_image_layers {
    hop_status (*open)(void *user, const hop_digest *digest, int *fd, hop_error **err);
    void *user;
} hop_image_layers;

typedef struct hop_image_opts {
    const hop_graphdata_info *info; /* of the tree; must be set, borrowed for the call */
    hop_image_format format;
    hop_image_listing listing;
    const char *const *archs; /* Go names, any order, no name twice */
    size_t arch_count;        /* 0: all that there is a copier (or a base) for */
    bool has_created;         /* `created_s` is SOURCE_DATE_EPOCH; else info->newest_s */
    uint64_t created_s;
    const char *revision;        /* commit or ETag of the input; NULL: info->revision */
    const hop_image_base *bases; /* NULL: scratch and the copier. Else the data goes on
                                    top of these and their own sh and cp copy it */
    size_t base_count;
    hop_image_layers layers; /* of the bases; may be zero, and then the image cannot be
                                written where they are not. Used until it is freed */
} hop_image_opts;

typedef enum hop_image_part_kind {
    HOP_IMAGE_LAYER,
    HOP_IMAGE_CONFIG,
    HOP_IMAGE_MANIFEST,
    HOP_IMAGE_LIST,
} hop_image_part_kind;

typedef struct hop_image_part {
    hop_image_part_kind kind;
    const char *media_type;
    hop_digest digest;
    uint64_t size_bytes;
    const char *data; /* NULL for a layer of a base: the caller brings it from there */
    const char *arch; /* of a config or manifest; NULL for layers and the list */
} hop_image_part;

typedef struct hop_image hop_image;

/** Builds the image. HOP_E_USAGE for an architecture without a copier (the hint names the
 * Debian package to install) or without a base; HOP_E_PARSE for a base that is none. */
HOP_MUST_USE hop_status hop_image_build(const hop_image_opts *opts, const hop_tree *tree,
                                        hop_image **out, hop_error **err);
void hop_image_free(hop_image *image);
HOP_DEFINE_AUTO(hop_image);

/** Parts, each digest once, in the order in which a registry takes them: layers and
 * configs, manifests by architecture, the list. The last part is the image itself.
 * Borrowed from the image. */
size_t hop_image_get_part_count(const hop_image *image);
const hop_image_part *hop_image_get_part(const hop_image *image, size_t index);
const hop_image_part *hop_image_get_top(const hop_image *image);
/** "<format version>-<12 hex of the tree hash>": says which data an image holds, whatever
 * its architectures and formats are. */
const char *hop_image_get_content_tag(const hop_image *image);
/** Architectures that this build has a copier for, sorted; NULL past the last. Static. */
const char *hop_image_get_copier_arch(size_t index);
/** A Debian package that gives the next build the copier for `arch`; NULL when there is
 * no such architecture. Static. */
const char *hop_image_get_compiler_package(const char *arch);

/* ---- writing and looking back ---- */

/** Writes into an OCI layout directory, made when it is missing. An entry of index.json
 * with the same tag (NULL: "latest") is replaced, others stay. Blobs that are there with
 * the right bytes are not written again; nothing has its final name before it is
 * complete. Descriptors carry true types; give HOP_IMAGE_OCI unless the reader is known
 * to look for docker types. Base layers that are missing there are copied from
 * opts.layers, checked on the way; HOP_E_USAGE when it is zero. */
HOP_MUST_USE hop_status hop_image_write_layout(const hop_image *image, const char *dir,
                                               const char *tag, hop_error **err);
/** Writes one file as `docker save` does. `ref` ("HOST/REPO:TAG", NULL: none) is the name
 * that `podman load` gives it. Base layers stay compressed, as every reader allows.
 * HOP_E_USAGE for a list, or a base whose layers are not at hand. */
HOP_MUST_USE hop_status hop_image_write_docker_archive(const hop_image *image,
                                                       const char *path, const char *ref,
                                                       hop_error **err);

/** What an image says about its data. NULL where it says nothing. */
typedef struct hop_image_labels {
    char *tree;     /* "sha256:…", as in hop_graphdata_info */
    char *version;  /* of the graph-data format */
    char *revision; /* commit or ETag */
    char *newest;   /* RFC 3339, UTC */
} hop_image_labels;

/** Reads the labels of an image config, docker or OCI. `name` names it in errors. */
HOP_MUST_USE hop_status hop_image_labels_parse(const char *config, size_t len,
                                               const char *name, hop_image_labels *out,
                                               hop_error **err);
/** The same for an image in an OCI layout (tag NULL: "latest", or its only entry); of a
 * list, its first image. `*digest` is that of the entry. HOP_E_NOT_FOUND without it. */
HOP_MUST_USE hop_status hop_image_labels_read_layout(const char *dir, const char *tag,
                                                     hop_image_labels *out,
                                                     hop_digest *digest, hop_error **err);
void hop_image_labels_clear(hop_image_labels *labels);
/** Seconds since 1970 as RFC 3339 in UTC; heap text. HOP_E_USAGE past the year 9999. */
HOP_MUST_USE hop_status hop_image_format_time(uint64_t seconds, char **out,
                                              hop_error **err);

#endif
