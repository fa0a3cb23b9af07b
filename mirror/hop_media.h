/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Removable media: what stands on it, and its inventory, `oc-hop.json`.
 *
 * A media directory is an OCI image layout (OCI image-spec 1.1) with more beside it. Its
 * names are made of [A-Za-z0-9._-], it has no links and relies on no modes, so that it
 * fits exFAT and FAT32:
 *
 *   oci-layout  index.json           one descriptor per image; the annotation
 *                                    org.opencontainers.image.ref.name is its tag
 *   blobs/sha256/<hex>               blobs and manifests, each once; or, where a file
 *   blobs/sha256/<hex>.000000 …      cannot be that long, its parts
 *   oc-hop.json                      the inventory: this document
 *   SHA256SUMS                       as of sha256sum: oc-hop.json and all its "files"
 *   oc-hop.json.sig                  with a signing key: OpenPGP, detached, binary
 *   plan-<arch>.json  graphs/<channel>-<arch>.json  graph-data.tar.gz
 *   signatures/sha256-<hex>/signature-<N>          OpenPGP, of payload <hex>
 *   clients/oc-<version>-linux-<arch>              the target's client, not executable
 *   resources/…                                    as of a registry without a name
 *   partial/<hex>, .oc-hop.lock      of a run that goes on or was ended
 *
 * The number of a part is TNNNNN: which try, and which part of it, both from 0. The parts
 * of the highest try, in their order, are the blob; those of lower ones are left over. A
 * whole file wins over parts.
 *
 * Volumes (oc-hop.001.tar, …) are plain tar files of which no member has the name of
 * another: all of them unpacked into one directory give such a directory. The last member
 * of each is volumes/oc-hop.<NNN>.json (hop_volume): its other members and their hashes.
 * In volumes any file may be in parts, in the way of blobs.
 *
 * An image's `name` is its component's, "payload", "signature" or "graph-data". A digest
 * that an image needs is in `manifests` or `blobs` when it is on this media and in
 * `omitted` when the far side has it (`base` says who told so). Manifests, and the layers
 * that a payload's image-references are read from, are never left out.
 *
 *     HOP_AUTO_VALUE(hop_media) m = {0};
 *     s = hop_media_parse(text, len, "oc-hop.json", &m, err);
 *     HOP_AUTO_VALUE(hop_buf) out = hop_buf_init(HOP_BUF_TEXT);
 *     hop_media_write(&m, &out);                        // the same bytes again
 */
#ifndef HOP_MEDIA_H
#define HOP_MEDIA_H

#include "hop_error.h"
#include "hop_oci.h"

#define HOP_MEDIA_SCHEMA "oc-hop/media/v1"
#define HOP_MEDIA_DOCUMENT "oc-hop.json"
#define HOP_MEDIA_SIGNATURE "oc-hop.json.sig"
#define HOP_MEDIA_SUMS "SHA256SUMS"
#define HOP_MEDIA_LOCK ".oc-hop.lock"
#define HOP_MEDIA_GRAPH_DATA "graph-data.tar.gz"
#define HOP_INVENTORY_SCHEMA "oc-hop/inventory/v1"
#define HOP_VOLUME_SCHEMA "oc-hop/volume/v1"
#define HOP_MEDIA_MAX_TRIES 10u
#define HOP_MEDIA_MAX_PARTS 100000u
#define HOP_MEDIA_PATH_MAX ((size_t)200)

typedef enum hop_media_format {
    HOP_MEDIA_FORMAT_OWN,   /* as above */
    HOP_MEDIA_FORMAT_STOCK, /* what `oc image mirror --from-dir` reads; no inventory */
} hop_media_format;

typedef enum hop_media_role {
    HOP_MEDIA_PAYLOAD,
    HOP_MEDIA_COMPONENT,
    HOP_MEDIA_SIGNATURE_IMAGE, /* sigstore */
    HOP_MEDIA_GRAPH_DATA_IMAGE,
} hop_media_role;

/** Which of the three repositories a destination is in: the names can be changed when
 * the media is loaded. */
typedef enum hop_media_place {
    HOP_MEDIA_COMPONENTS, /* "components": `repository` */
    HOP_MEDIA_RELEASES,   /* "releases": `release_repository` */
    HOP_MEDIA_GRAPH_DATA_PLACE,
} hop_media_place;

typedef struct hop_media_destination {
    hop_media_place place;
    char *tag;
} hop_media_destination;

typedef struct hop_media_image {
    hop_media_role role;
    char *name;
    char *release; /* version; NULL for what belongs to none */
    char *arch;    /* of the release; NULL with it */
    char *source;  /* HOST/REPO@DIGEST as the payload names it; text from outside */
    hop_digest digest;
    char *media_type;                    /* of the manifest, one of the four */
    uint64_t size_bytes;                 /* of the manifest */
    hop_media_destination *destinations; /* at least one; (place, tag) is unique */
    size_t destination_count;
} hop_media_image;

typedef struct hop_media_release {
    char *version;
    char *arch; /* amd64, …, multi */
    hop_digest digest;
    char *source; /* HOST/REPO@DIGEST */
    char *url;    /* errata; NULL without; text from outside */
    hop_strings channels;
    bool has_components;
    bool is_complete; /* false: images failed, the payload's image is not listed */
} hop_media_release;

typedef struct hop_media_item {
    hop_digest digest;
    uint64_t size_bytes;
} hop_media_item;

typedef struct hop_media_items {
    hop_media_item *items;
    size_t len;
    size_t cap;
} hop_media_items;

typedef struct hop_media_graph {
    char *channel;
    char *arch;
    char *file;
} hop_media_graph;

typedef struct hop_media_signatures {
    hop_digest digest; /* of the payload */
    hop_strings files;
} hop_media_signatures;

typedef struct hop_media_file {
    char *path;
    uint64_t size_bytes;
    char sha256[65]; /* lower-case hex */
} hop_media_file;

typedef struct hop_media_files {
    hop_media_file *items;
    size_t len;
    size_t cap;
} hop_media_files;

typedef struct hop_media {
    char *repository; /* components; a default that `load` may change */
    char *release_repository;
    char *graph_data_repository;
    hop_media_release *releases; /* start first */
    size_t release_count, release_cap;
    hop_media_image *images; /* by release; in it components, then the payload */
    size_t image_count, image_cap;
    hop_media_items manifests; /* on this media, lists' children too, each once */
    hop_media_items blobs;     /* on this media, each once */
    hop_media_items omitted;   /* either kind: not here, the base has them */
    hop_digest base;           /* of the inventory that `omitted` relies on; "" without */
    hop_strings plans;         /* files */
    hop_media_graph *graphs;
    size_t graph_count, graph_cap;
    char *graph_data;           /* file; NULL without */
    hop_digest graph_data_tree; /* hash of the data in it; "": written before it was
                                   recorded */
    hop_media_signatures *signatures;
    size_t signature_count, signature_cap;
    hop_strings clients;   /* files */
    hop_media_files files; /* every file that no digest covers, but oc-hop.json,
                              its signature, SHA256SUMS, the lock and volumes/ */
} hop_media;

void hop_media_clear(hop_media *m);

/* Each copies what it is given; the result is borrowed until the next call. */
hop_media_release *hop_media_add_release(hop_media *m, const char *version,
                                         const char *arch, const hop_digest *digest);
hop_media_image *hop_media_add_image(hop_media *m, hop_media_role role, const char *name,
                                     const hop_digest *digest);
void hop_media_image_add_destination(hop_media_image *image, hop_media_place place,
                                     const char *tag);
void hop_media_items_add(hop_media_items *list, const hop_digest *digest,
                         uint64_t size_bytes);
/** Bytewise by digest, as they stand in the document. */
void hop_media_items_sort(hop_media_items *list);
bool hop_media_items_has(const hop_media_items *sorted, const hop_digest *digest);
void hop_media_add_graph(hop_media *m, const char *channel, const char *arch,
                         const char *file);
void hop_media_add_signature(hop_media *m, const hop_digest *payload, const char *file);
void hop_media_files_add(hop_media_files *list, const char *path, const void *data,
                         size_t len);
/** The same for a file that was hashed elsewhere, with SHA-256. */
void hop_media_files_note(hop_media_files *list, const char *path, uint64_t size_bytes,
                          const hop_digest *digest);
const hop_media_file *hop_media_files_find(const hop_media_files *list, const char *path);
void hop_media_files_clear(hop_media_files *list);

/** True when every release is complete. */
bool hop_media_is_complete(const hop_media *m);

/** Appends the document, with a final newline. Same media, same bytes. */
void hop_media_write(const hop_media *m, hop_buf *out);
/** Appends index.json for the images. */
void hop_media_write_index(const hop_media *m, hop_buf *out);
/** Appends SHA256SUMS: oc-hop.json with its bytes (unless NULL), then all files. */
void hop_media_write_sums(const hop_media *m, const void *document, size_t len,
                          hop_buf *out);

/**
 * Reads oc-hop.json from media that nobody vouches for: every name, digest, tag and path
 * has been checked against its grammar, and nothing is listed twice. HOP_E_PARSE names
 * the place. A schema that is newer than this program is HOP_E_PARSE with a hint.
 */
HOP_MUST_USE hop_status hop_media_parse(const char *text, size_t len, const char *name,
                                        hop_media *out, hop_error **err);

/** Relative, '/' between components of [A-Za-z0-9._-] that do not begin with a '.' or end
 * in one, at most HOP_MEDIA_PATH_MAX bytes: fits exFAT and cannot leave the directory. */
bool hop_media_path_is_safe(const char *path);
/** Heap texts: "blobs/sha256/<hex>", "blobs/sha256/<hex>.100012" (try 1, part 12), and
 * "signatures/sha256-<hex>/signature-<number>". */
char *hop_media_blob_path(const hop_digest *digest) HOP_MUST_USE;
char *hop_media_part_path(const hop_digest *digest, unsigned try_number,
                          unsigned part) HOP_MUST_USE;
char *hop_media_signature_path(const hop_digest *payload, unsigned number) HOP_MUST_USE;

/* ---- what the far side has ---- */

/** {"schema":"oc-hop/inventory/v1","manifests":[DIGEST…],"blobs":[DIGEST…]}, as `verify
 * -o inventory` writes it, or an earlier media's oc-hop.json (what is on it and what it
 * omitted). */
typedef struct hop_inventory {
    hop_media_items has; /* sorted; sizes are 0 where the document has none */
    hop_digest digest;   /* of the document's bytes */
} hop_inventory;

HOP_MUST_USE hop_status hop_inventory_parse(const char *text, size_t len,
                                            const char *name, hop_inventory *out,
                                            hop_error **err);
/** Appends an inventory of sorted lists. */
void hop_inventory_write(const hop_media_items *manifests, const hop_media_items *blobs,
                         hop_buf *out);
void hop_inventory_clear(hop_inventory *inventory);

/* ---- volumes ---- */

/** volumes/oc-hop.<NNN>.json, the last member of volume NNN. */
typedef struct hop_volume {
    unsigned number;       /* from 1 */
    bool is_last;          /* has oc-hop.json */
    char *set;             /* 32 hex: the same in all volumes of one writing */
    hop_media_files files; /* its other members, in their order */
} hop_volume;

void hop_volume_clear(hop_volume *v);
void hop_volume_write(const hop_volume *v, hop_buf *out);
HOP_MUST_USE hop_status hop_volume_parse(const char *text, size_t len, const char *name,
                                         hop_volume *out, hop_error **err);

#endif
