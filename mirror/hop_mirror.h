/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Copies OpenShift releases from registries to a registry, one event loop, one thread.
 *
 * A mirror is filled with releases and images held in memory, then stepped until it says
 * that it is finished. What fails is data in the report: one failed image stops only the
 * payload tag of its release. Every byte is checked against its digest before the
 * destination can see it under that digest; tags come last.
 *
 *     hop_mirror_opts o = {.host = "registry.local:5000"};
 *     HOP_AUTO(hop_mirror) m = NULL;
 *     s = hop_mirror_new(&o, &m, err);
 *     s = hop_mirror_add_release(m, &(hop_mirror_release){.version = "4.16.3",
 *             .arch = "amd64", .payload = "quay.io/org/release@sha256:…"}, err);
 *     bool finished = false;
 *     while (s == HOP_OK && !finished)
 *         s = hop_mirror_step(m, 250, &finished, err);   // draw progress in between
 *     const hop_mirror_report *r = hop_mirror_get_report(m);
 */
#ifndef HOP_MIRROR_H
#define HOP_MIRROR_H

#include "hop_error.h"
#include "hop_media_writer.h"
#include "hop_oci.h"

/* ---- how one side is reached ---- */

typedef enum hop_tls_mode {
    HOP_TLS_VERIFY, /* default */
    HOP_TLS_SKIP,   /* no certificate checks; plain HTTP where the server speaks no TLS */
} hop_tls_mode;

typedef enum hop_http_credentials {
    HOP_HTTP_CREDENTIALS_LOOPBACK, /* over plain HTTP credentials go to loopback only */
    HOP_HTTP_CREDENTIALS_ALLOW,
} hop_http_credentials;

/** The way out. URLs that may hold a password, or NULL; see mirror/proxy.h. */
typedef struct hop_proxy_opts {
    const char *http;     /* for http:// URLs */
    const char *https;    /* for https:// URLs */
    const char *no_proxy; /* exceptions, separated by commas */
} hop_proxy_opts;

/** One side, source or destination. Everything is copied by hop_mirror_new(). */
typedef struct hop_side_opts {
    const hop_strings *authfiles; /* in lookup order; missing files are passed over */
    const char *ca_file;          /* PEM, in addition to the system's; NULL for none */
    const char *cert_dir; /* as in certs.d/HOST: *.crt, client *.cert with its *.key */
    /** Whose .config/containers/certs.d is looked into, before the system's certs.d,
     * where no cert_dir is given; NULL: nobody's. */
    const char *home;
    hop_tls_mode tls;
    hop_http_credentials http_credentials;
    hop_proxy_opts proxy;
} hop_side_opts;

/* ---- one blocking GET: graphs, graph-data archives, signature stores ---- */

typedef struct hop_fetch_opts {
    hop_side_opts side; /* authfiles are not used */
    const char *accept; /* one exact media type; NULL sends no Accept */
    unsigned attempts;  /* 0: 4 */
    unsigned stall_s;   /* under 1 KiB/s for this long is a broken connection; 0: 60 */
    /** Asked several times a second while waiting; true ends it with HOP_E_CANCELLED.
     * NULL: never. */
    bool (*is_cancelled)(void *user);
    void *user;
} hop_fetch_opts;

typedef struct hop_fetch_info {
    long status;        /* HTTP status of the last answer: 200, 404, … */
    char *content_type; /* NULL without */
    char *etag;         /* as the server wrote it, quotes and all; NULL without */
} hop_fetch_info;
void hop_fetch_info_clear(hop_fetch_info *info);

/**
 * Fetches `url` (http, https) into `body`, whose ceiling is the limit (HOP_E_LIMIT past
 * it). Redirects are followed, proxy variables honoured; 408, 429, 5xx and dropped
 * connections are tried again with back-off. Any HTTP answer that remains is HOP_OK with
 * its status in `info`, the body as sent; HOP_E_NET when there was no answer at all.
 */
HOP_MUST_USE hop_status hop_fetch(const hop_fetch_opts *opts, const char *url,
                                  hop_buf *body, hop_fetch_info *info, hop_error **err);
/** The URL as it may be shown: without user, password and query, which may be secrets. */
char *hop_fetch_public_url(const char *url) HOP_MUST_USE;

/* ---- the mirror ---- */

typedef struct hop_mirror hop_mirror;
struct hop_release_info; /* what a payload says about itself */

typedef enum hop_mirror_event_kind {
    HOP_EVENT_LOG,     /* a detail for -v */
    HOP_EVENT_WARNING, /* the user should see this */
    HOP_EVENT_RETRY,   /* something is tried again */
    HOP_EVENT_IMAGE,   /* an image is complete at its destination */
    HOP_EVENT_RELEASE, /* a release is complete: its payload tag is there */
    HOP_EVENT_FAILURE, /* an image or a release has failed for good */
} hop_mirror_event_kind;

typedef struct hop_mirror_event {
    hop_mirror_event_kind kind;
    const char *text; /* one line, no secrets; may hold text from outside */
} hop_mirror_event;

/** How much of a payload is read before its components are copied. */
typedef enum hop_payload_depth {
    HOP_PAYLOAD_REFERENCES, /* component list and metadata: mostly the top layer alone */
    HOP_PAYLOAD_MANIFESTS,  /* admin gates and verification keys too */
} hop_payload_depth;

typedef enum hop_run_mode {
    HOP_RUN_COPY,
    HOP_RUN_RECHECK, /* ask for every blob and manifest even where a tag exists */
    HOP_RUN_DRY,     /* read manifests and payloads; the destination is not contacted */
} hop_run_mode;

/** A payload of 4.21 or later without a sigstore signature: its cluster refuses it. */
typedef enum hop_sigstore_demand {
    HOP_SIGSTORE_MUST_BE_THERE, /* the release fails */
    HOP_SIGSTORE_MAY_BE_MISSING,
    HOP_SIGSTORE_IS_KNOWN_MISSING, /* likewise, and whoever runs it has said so */
} hop_sigstore_demand;

/** All zero but `host` is a sensible run. Strings are copied by hop_mirror_new(). */
typedef struct hop_mirror_opts {
    const char *host;        /* destination HOST[:PORT] */
    const char *directory;   /* or removable media; a text for reports */
    hop_media_writer *media; /* writes them; borrowed; not needed to run dry */
    bool keeps_clients;      /* hop_mirror_write_clients() will be called */
    /** Where images come from instead of their sources; borrowed. What it does not have
     * is looked for at the destination: no other host is contacted. NULL without. */
    const struct hop_media_disk *from_disk;
    const char *repository;         /* NULL: "ocp4/openshift4" */
    const char *release_repository; /* NULL: "ocp4/openshift4-release-images" */
    hop_side_opts source;
    hop_side_opts destination;
    const hop_strings *idms_files; /* where sources are mirrored, in order; NULL: none */
    /** registries.conf files for what no IDMS file speaks of, drop-ins last; NULL: none.
     */
    const hop_strings *registries_conf;
    const char *tmp_dir; /* spooled payload layers; NULL: "/tmp" */
    hop_run_mode mode;
    hop_payload_depth payload_depth;
    hop_sigstore_demand sigstore;
    const char *sigstore_key; /* public key in PEM: sigstore signatures must be made with
                                 it, keyless ones are passed. NULL: none is verified */
    unsigned jobs;            /* most concurrent streams per host, 1..64; 0: 16 */
    unsigned attempts;        /* tries per request before it fails; 0: 10 */
    unsigned stall_s;  /* under 1 KiB/s for this long is a broken connection; 0: 60 */
    unsigned outage_s; /* a host that was reached, and is silent for so long, is given up;
                          0: 300 */
    uint64_t seed;     /* jitter of back-off */
    void (*event)(void *user, const hop_mirror_event *event); /* may be NULL */
    /** Called when a payload has been read and is what was asked for, before anything of
     * the release is copied. Another status than HOP_OK fails the release for good. May
     * block. May be NULL. */
    hop_status (*check)(void *user, size_t release, const struct hop_release_info *info,
                        hop_error **err);
    void *user;
} hop_mirror_opts;

/** HOP_E_USAGE for a bad host or repository, or an option out of its range; HOP_E_PARSE
 * for the sigstore key; what reading the IDMS and registries.conf files gives. No
 * network. */
HOP_MUST_USE hop_status hop_mirror_new(const hop_mirror_opts *opts, hop_mirror **out,
                                       hop_error **err);
void hop_mirror_free(hop_mirror *m);
HOP_DEFINE_AUTO(hop_mirror);

typedef enum hop_components {
    HOP_COMPONENTS_COPY,
    HOP_COMPONENTS_SKIP, /* payload and its signatures alone: the start of a path */
} hop_components;

typedef struct hop_mirror_release {
    const char *version;
    const char *arch;    /* amd64, arm64, ppc64le, s390x, multi */
    const char *payload; /* HOST/REPO@DIGEST; a tag beside the digest is ignored */
    hop_components components;
    bool gives_client; /* its `oc` goes onto the media: hop_mirror_write_clients() */
} hop_mirror_release;

/** Adds a release; its index counts from 0 in the order of the calls. Before the first
 * step only. HOP_E_USAGE when the payload is not pinned by digest. */
HOP_MUST_USE hop_status hop_mirror_add_release(hop_mirror *m,
                                               const hop_mirror_release *release,
                                               hop_error **err);

/** What the payload of a release says, once it was read and is what was asked for; NULL
 * before, and when it never will be: *is_over tells the two apart. Borrowed. */
const struct hop_release_info *hop_mirror_get_info(const hop_mirror *m, size_t release,
                                                   bool *is_over);
/** As a mirror set for HOST/REPO of `source` would: images of that repository named by
 * digest are looked for in `place` (HOST/REPO), too, before the source. For repositories
 * that nothing was read from so far. */
HOP_MUST_USE hop_status hop_mirror_add_place(hop_mirror *m, const hop_ref *source,
                                             const char *place, hop_error **err);

typedef struct hop_image_bytes {
    const char *name; /* in the report: "graph-data" */
    const char *repository;
    const hop_strings *tags; /* at least one */
    struct hop_bytes {
        const char *media_type; /* manifests only */
        const void *data;       /* NULL: the bytes are in `path` */
        size_t len;
        const char *path;         /* blobs only: a file, read until the run is over */
        const hop_digest *digest; /* with `path`: what the file has; it is not checked
                                     here, but the registry does */
        const char *from; /* manifests only: HOST/REPO@DIGEST of an image that has the
                             blobs which are not among `blobs`; NULL: all are */
    } const *blobs, *manifests; /* manifests: children first, the last one is tagged */
    size_t blob_count;
    size_t manifest_count;
    const char *near_repository; /* of the destination, from where blobs of `from` are
                                    mounted when it has them; NULL: none is known */
} hop_image_bytes;

/** Adds an image held in memory (copied); with `from`, the rest of its blobs is mounted
 * or copied. A tag that has its digest already is left alone. Between any two steps. */
HOP_MUST_USE hop_status hop_mirror_add_image(hop_mirror *m, const hop_image_bytes *image,
                                             hop_error **err);

/** Works for at most timeout_ms. The error is for what ends the whole run (temporary
 * directory, HOP_E_CANCELLED, media that are full: HOP_E_DISK); all else is in the
 * report. On media no blob is begun before all that can be known of them is known. */
HOP_MUST_USE hop_status hop_mirror_step(hop_mirror *m, int timeout_ms, bool *finished,
                                        hop_error **err);

typedef enum hop_cancel {
    HOP_CANCEL_SOON, /* start nothing new; blobs that need but seconds more arrive */
    HOP_CANCEL_NOW,
} hop_cancel;
/** After it, steps go on until *finished; the report's status is HOP_E_CANCELLED. */
void hop_mirror_cancel(hop_mirror *m, hop_cancel how);

/* ---- what happened ---- */

typedef enum hop_item_state {
    HOP_ITEM_PENDING,
    HOP_ITEM_DONE,    /* copied, or in a dry run listed */
    HOP_ITEM_PRESENT, /* was there already */
    HOP_ITEM_FAILED,
} hop_item_state;

typedef enum hop_image_role {
    HOP_ROLE_COMPONENT,
    HOP_ROLE_PAYLOAD,
    HOP_ROLE_SIGNATURE,
    HOP_ROLE_BYTES, /* from hop_mirror_add_image() */
} hop_image_role;

#define HOP_NO_RELEASE ((size_t)-1)

typedef struct hop_image_report {
    size_t release; /* index, or HOP_NO_RELEASE */
    hop_image_role role;
    const char *name;        /* component name; "payload", "signature", or as given */
    const char *source;      /* HOST/REPO@DIGEST as the payload names it */
    const char *destination; /* HOST/REPO:TAG */
    hop_digest digest;
    uint64_t size_bytes; /* manifests and blobs with all children; 0 while unknown */
    hop_item_state state;
} hop_image_report;

typedef struct hop_counters {
    size_t images_total, images_done, images_present, images_failed;
    size_t blobs_total, blobs_copied, blobs_skipped, blobs_mounted;
    uint64_t bytes_total; /* of the blobs known so far */
    uint64_t bytes_copied, bytes_skipped, bytes_mounted;
} hop_counters;

/** What sigstore says about an image; of a list's children the least. */
typedef enum hop_sigstore_state {
    HOP_SIGSTORE_UNKNOWN, /* not asked */
    HOP_SIGSTORE_ABSENT,
    HOP_SIGSTORE_PRESENT,  /* there was no key to verify it with */
    HOP_SIGSTORE_KEYLESS,  /* made with a certificate, which oc-hop does not verify */
    HOP_SIGSTORE_VERIFIED, /* by the key */
} hop_sigstore_state;
#define HOP_SIGSTORE_STATES 5

typedef struct hop_release_report {
    const char *version;
    const char *arch;
    hop_digest payload;
    const char *source;      /* payload as given */
    const char *destination; /* HOST/RELEASE_REPO:TAG */
    hop_item_state state;
    hop_counters count;          /* a blob counts for the first release that needs it */
    uint64_t bytes_unique;       /* all blobs of this release, each once */
    uint64_t bytes_new;          /* of these, not in an earlier release of the run */
    hop_sigstore_state sigstore; /* of the payload */
    size_t sigstore_components[HOP_SIGSTORE_STATES]; /* how many in each state */
    const struct hop_release_info *info;             /* NULL until the payload was read */
} hop_release_report;

typedef struct hop_failure {
    size_t release;
    const char *name; /* component, "payload", "signature", or an image's name */
    hop_digest digest;
    const char *url;  /* without query; NULL when no request was involved */
    long http_status; /* 0 without an answer */
    unsigned attempts;
    hop_status status;
    const hop_error *error;
} hop_failure;

typedef struct hop_mirror_report {
    hop_status status; /* HOP_OK, or the cause that decides the exit code */
    const hop_release_report *releases;
    size_t release_count;
    const hop_image_report *images; /* by release; in it components, then the payload */
    size_t image_count;
    const hop_failure *failures;
    size_t failure_count;
    hop_counters count;
    uint64_t source_bytes; /* body bytes read from source hosts */
    uint64_t requests;
    uint64_t retries;
} hop_mirror_report;

/** Builds the report as of now. Borrowed until the next call of this or
 * hop_mirror_free(). */
const hop_mirror_report *hop_mirror_get_report(hop_mirror *m);

typedef struct hop_mirror_progress {
    hop_counters count;
    uint64_t bytes_sent; /* to the destination so far, blobs on their way included */
    uint64_t source_bytes;
    uint64_t requests;
    uint64_t retries;
    size_t active;  /* streams on their way */
    size_t waiting; /* requests that back off */
    size_t releases_total, releases_done;
} hop_mirror_progress;

/** What has arrived on the media: releases, images, manifests and blobs are added to
 * `out`, which has its repositories and its files from elsewhere. */
void hop_mirror_get_media(const hop_mirror *m, hop_media *out);
/** Takes the `oc` of the releases that give one out of their images, for amd64 and every
 * architecture of these, writes it onto the media and lists it. `missing` gets the
 * architectures for which there is none. */
HOP_MUST_USE hop_status hop_mirror_write_clients(const hop_mirror *m, hop_media *out,
                                                 hop_strings *missing, hop_error **err);

/** Cheap; between any two steps. */
hop_mirror_progress hop_mirror_get_progress(const hop_mirror *m);

#endif
