/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * What a run consists of, and who makes it.
 *
 *   release   a payload that is read and checked, then all its images      job_release.c
 *   image     one tag at the destination                                   job_image.c
 *   holding   a manifest with all that it names in one repository          job_holding.c
 *   blob      a blob in one repository                                     job_blob.c
 *   proof     what sigstore says about a digest                            job_proof.c
 *   content   a manifest's bytes, from the source or from memory           job_content.c
 *   store     a blob on this machine: spooled from a payload, or in memory job_store.c
 *
 * Contents, stores and blobs come from media, where a mirror reads one: job_disk.c.
 *
 * On removable media a blob is fetched into a file, not pushed, and its repository does
 * not matter: job_media.c.
 *
 * Each is made once per key and found again through a table, which is what keeps a run
 * from doing anything twice. Arrows of need: release → image → holding → blob, content;
 * holding → holding (a list's children).
 */
#ifndef HOP_MIRROR_PRIVATE_H
#define HOP_MIRROR_PRIVATE_H

#include "engine.h"
#include "hop_media_disk.h"
#include "hop_resources.h"
#include "media_sink.h"
#include "mirror_set.h"
#include "sigstore.h"
#include "table.h"
#include "task.h"

typedef struct hop_pointers {
    void **items;
    size_t len;
    size_t cap;
} hop_pointers;

/** Whether components can be read from a repository: see preflight_source.c. */
typedef struct hop_scouting {
    bool is_wanted;   /* components come from there */
    hop_task task;    /* fails when they cannot be read */
    size_t undecided; /* images of which it is not known whether they are needed */
    struct hop_content *scout; /* asked before the others */
    struct hop_content *doubt; /* was refused, and a second one is being asked */
    hop_cause cause;           /* why it was refused */
    hop_pointers held;         /* the others: hop_content */
} hop_scouting;

/** A repository of the source side and the places where it may be found. */
typedef struct hop_origin {
    char *name;         /* HOST/REPO as images name it */
    hop_strings places; /* HOST/REPO, in the order to try; may be empty */
    size_t current;     /* the place that answered last */
    bool is_blocked;    /* by registries.conf: there are no places */
    bool has_answered;  /* a manifest came from one of them */
    hop_scouting scouting;
} hop_origin;

typedef struct hop_content {
    hop_task task;
    hop_mirror *mirror;
    hop_origin *origin;
    char *tag; /* a signature is asked for by tag; NULL: by digest */
    hop_priority priority;
    hop_digest digest;
    bool is_absent;    /* by tag: the source has none */
    size_t tries;      /* places asked */
    hop_cause refusal; /* by the first that wanted other credentials */
    size_t place;      /* that gave it, or is being asked */
    char *repository;
    char *near_repository; /* of the destination, that may have the blobs; or NULL */
    hop_job job;
    hop_buf body;
    hop_manifest manifest;
} hop_content;

typedef struct hop_store {
    hop_task task;
    hop_mirror *mirror;
    hop_digest digest;
    uint64_t size_bytes;
    hop_spool *spool;
    char *data; /* instead of the spool */
    hop_job job;
    const hop_content *from;
    size_t tries;
    char *repository;
    struct hop_blob *nearby; /* the destination gets it, or has it: not from the source */
} hop_store;

typedef enum hop_effort {
    HOP_EFFORT_NORMAL,
    HOP_EFFORT_REPAIR, /* the registry said that parts are missing: ask for each */
} hop_effort;

typedef struct hop_repository {
    hop_task task; /* over when its tags are known, or cannot be */
    hop_mirror *mirror;
    char *name;
    bool is_asked;
    bool is_written; /* by this run */
    bool is_listed;  /* `tags` is complete */
    hop_table tags;
    char *path; /* of the next page */
    unsigned pages;
    hop_job job;
} hop_repository;

typedef struct hop_blob {
    hop_task task;
    hop_mirror *mirror;
    hop_repository *repository;
    hop_digest digest;
    uint64_t size_bytes;
    hop_effort effort;
    size_t release; /* that needed it first */
    const hop_content *from;
    size_t tries;
    char *place_repository;
    struct hop_blob *sibling; /* the same one in the other repository */
    hop_media_blob *media;    /* being written */
    bool is_omitted;          /* from media: the far side has it */
    bool is_asked;            /* before volumes are changed for it: is it there? */
    hop_job job;
} hop_blob;

typedef struct hop_holding {
    hop_task task;
    hop_mirror *mirror;
    hop_repository *repository;
    hop_content *content;
    hop_effort effort;
    size_t release;
    bool is_child;   /* put by digest when complete */
    bool is_present; /* HEAD by digest found it */
    bool has_parts;  /* its needs were made */
    bool is_put;
    hop_job job;
} hop_holding;

typedef struct hop_image {
    hop_task task;
    hop_mirror *mirror;
    size_t release;
    hop_image_role role;
    char *name;
    char *source;
    char *destination;
    hop_repository *repository;
    char *tag;
    hop_origin *origin;
    hop_digest digest;
    hop_content *content; /* NULL until it was needed */
    hop_holding *holding;
    hop_effort effort;
    hop_item_state state;
    bool is_undecided; /* whether anything of it has to come from its source */
    enum {
        HOP_IMAGE_LOOK,  /* is the tag there? */
        HOP_IMAGE_READ,  /* there it is; is it a list whose children may be signed? */
        HOP_IMAGE_BEGIN, /* payloads: wait until no other one is being read */
        HOP_IMAGE_FILL,  /* blobs and children */
        HOP_IMAGE_TAG,   /* all that must come first has come: put the tag */
        HOP_IMAGE_END,
    } step;
    hop_task *gate;                  /* must succeed before the tag; may be NULL */
    struct hop_signature *signature; /* its own; NULL for what is not signed */
    bool has_child_signatures;
    hop_job job;
} hop_image;

/** Whether the source has a sigstore signature of a digest, and what the key says. */
typedef struct hop_proof {
    hop_task task; /* fails when the key does not vouch */
    hop_mirror *mirror;
    hop_digest subject;
    hop_content *content; /* the signature's manifest, by tag */
    bool has_texts;
    hop_sigstore_state state;
} hop_proof;

/** The signature of one digest in one repository, if the source has one. */
typedef struct hop_signature {
    hop_task task;
    hop_mirror *mirror;
    size_t release;
    hop_repository *repository;
    hop_origin *origin;
    hop_digest subject;
    hop_proof *proof;
    hop_image *image; /* when there is one */
} hop_signature;

typedef struct hop_release {
    hop_task read;  /* the payload is known and is what was asked for */
    hop_task parts; /* its components are there */
    hop_task task;  /* all is there */
    hop_mirror *mirror;
    size_t index;
    char *version;
    const char *arch;
    char *payload_text;
    hop_ref payload;
    hop_components components;
    bool gives_client;
    hop_origin *origin;
    hop_content *content; /* the payload as named: list or image */
    hop_content *image;   /* the image that is read */
    struct hop_payload *reader;
    size_t layers_left;
    hop_store *store; /* being read */
    enum {
        HOP_READ_TOP,    /* the manifest */
        HOP_READ_IMAGE,  /* of a list: its linux/amd64 child */
        HOP_READ_CONFIG, /* says for which architecture */
        HOP_READ_LAYER,
        HOP_READ_PROOF, /* its sigstore signatures */
    } step;
    hop_release_info info;
    bool has_info;
    bool is_copying;
    bool has_bad_name;
    hop_pointers component_images;
    char *destination;
    hop_item_state state;
    hop_counters count;
} hop_release;

void hop_pointers_add(hop_pointers *list, void *p);

struct hop_mirror {
    char *host;
    hop_side_state source;
    hop_side_state destination;
    hop_repository *components; /* of DESIGN.md's two */
    hop_repository *payloads;
    hop_mirror_set *set;            /* from IDMS files */
    hop_mirror_set *registries;     /* for what `set` does not speak of */
    hop_sigstore_key *sigstore_key; /* NULL: signatures are copied, not verified */
    char *tmp_dir;
    hop_run_mode mode;
    hop_payload_depth payload_depth;
    hop_engine *engine;
    hop_endpoint *at;           /* the destination */
    const hop_media_disk *disk; /* where images come from; NULL: their sources */
    hop_media_writer *media;    /* instead of the destination; NULL without */
    hop_task space;             /* over when all that media must hold is known to fit */
    hop_pointers waiting;       /* blobs, for a volume that is to be put in */
    hop_error *fatal;           /* ends the run */
    hop_mirror_opts opts; /* callbacks and numbers; its pointers to data are stale */

    hop_table known; /* "KIND KEY" to each of the following */
    hop_pointers origins, contents, stores, repositories, blobs, holdings, images, proofs,
        signatures, releases, pulls;
    hop_task ready;    /* the destination can be written */
    hop_task start;    /* the releases have begun */
    hop_task all_read; /* over when no payload is being read any more */
    hop_task sources;  /* components can be read: nothing is written before */
    bool knows_needs;  /* no image will be added that reads components */
    bool is_started;
    bool is_cancelled;
    hop_counters count;

    hop_mirror_report report;
    hop_release_report *release_reports;
    hop_image_report *image_reports;
    hop_failure *failure_reports;
    hop_pointers failures; /* hop_failed */
    hop_pointers checks;   /* of preflight.c */
};

typedef struct hop_failed {
    size_t release;
    char *name;
    hop_digest digest;
    hop_cause cause;
} hop_failed;

/* job_content.c */
hop_origin *hop_mirror_origin(hop_mirror *m, const hop_ref *ref);
hop_content *hop_mirror_content(hop_mirror *m, hop_origin *origin,
                                const hop_digest *digest);
typedef enum hop_urgency { HOP_URGENCY_LOW, HOP_URGENCY_HIGH } hop_urgency;
hop_content *hop_mirror_content_by_tag(hop_mirror *m, hop_origin *origin, const char *tag,
                                       hop_urgency urgency);
hop_content *hop_mirror_content_bytes(hop_mirror *m, const char *media_type,
                                      const void *data, size_t len, hop_error **err);
/** Asks for one that was held back. */
void hop_mirror_ask_content(hop_content *c);
/** Ends a content whose bytes, of the right digest, are here. Takes them. */
void hop_mirror_take_content(hop_content *c, hop_buf *body);
/** Where the bytes of `from` were found; moves to another place on each further try.
 * False when none is left. *repository is heap text. */
bool hop_mirror_next_place(hop_mirror *m, const hop_origin *origin, size_t first,
                           size_t tries, hop_endpoint **endpoint, char **repository);
void hop_cause_of_job(hop_cause *cause, hop_job *job, const hop_digest *digest);

/* job_store.c */
hop_store *hop_mirror_store(hop_mirror *m, const hop_descriptor *d,
                            const hop_content *from);
void hop_mirror_store_bytes(hop_mirror *m, const void *data, size_t len);
HOP_MUST_USE hop_status hop_mirror_store_file(hop_mirror *m, const hop_digest *digest,
                                              const char *path, size_t len,
                                              hop_error **err);
hop_store *hop_mirror_find_store(const hop_mirror *m, const hop_digest *digest);

/* job_blob.c */
hop_blob *hop_mirror_blob(hop_holding *h, const hop_descriptor *d);
/** A refused manifest tells which blobs are missing, whatever was said when they were
 * asked for: they are sent without another question. */
void hop_mirror_believe_missing(hop_mirror *m, const hop_job *job);
/** A blob that is on its way to the destination, or there; NULL without. */
hop_blob *hop_mirror_find_blob(const hop_mirror *m, const hop_digest *digest);

void hop_mirror_end_blob(hop_blob *b); /* counts it by the outcome of its job */
void hop_mirror_push_blob(hop_blob *b);

/* job_media.c */
void hop_media_run_blob(hop_task *task);
/** Puts a manifest that is complete; *was_there when it has been before. A failure ends
 * the run. */
bool hop_media_put_manifest(hop_mirror *m, const hop_content *c, bool *was_there);
/** Layers of the targets' clients will be read when all has arrived. */
HOP_MUST_USE hop_status hop_media_keep_clients(const hop_mirror *m, hop_error **err);
/** When nothing more can be learned without blobs: HOP_E_DISK when they do not fit, else
 * they begin. */
hop_status hop_media_begin_blobs(hop_mirror *m, hop_error **err);

/* job_disk.c: when the mirror reads media. False when the media has not got it. */
bool hop_disk_give_content(hop_content *c);
bool hop_disk_give_store(hop_store *s);
bool hop_disk_has(const hop_mirror *m, const hop_digest *digest);
/** The places of every image when it is not on the media: the destination's own. */
void hop_disk_resolve(const hop_mirror *m, hop_strings *places);
/** A blob that lies on a volume which is not there waits for it; unless the destination
 * has it. False when it has not to wait. */
bool hop_disk_wait(hop_blob *b);
/** When nothing is left to do but for blobs that wait: puts the next volume in. */
HOP_MUST_USE hop_status hop_disk_change(hop_mirror *m, hop_error **err);

/* job_holding.c */
typedef enum hop_holding_place { HOP_HOLDING_TOP, HOP_HOLDING_CHILD } hop_holding_place;
hop_repository *hop_mirror_repository(hop_mirror *m, const char *name);
void hop_mirror_list_tags(hop_repository *r);
hop_holding *hop_mirror_holding(hop_mirror *m, hop_repository *r, hop_content *c,
                                size_t release, hop_effort effort,
                                hop_holding_place place);

/* job_image.c */
typedef struct hop_image_spec {
    size_t release;
    hop_image_role role;
    const char *name;
    const char *source; /* text for the report */
    hop_repository *repository;
    const char *tag;
    hop_origin *origin;
    hop_content *content; /* when it is known already */
    const hop_digest *digest;
    hop_task *gate;
} hop_image_spec;
/** Begins at once. */
hop_image *hop_mirror_image(hop_mirror *m, const hop_image_spec *spec);
hop_signature *hop_mirror_signature(hop_image *beside, const hop_digest *subject);
/** By the destination's tags: the release and its own signature are there, which come
 * after all that belongs to them. */
bool hop_mirror_is_sealed(const hop_release *r);
void hop_mirror_note_failure(hop_mirror *m, size_t release, const char *name,
                             const hop_digest *digest, const hop_task *task);

/* job_proof.c */
hop_proof *hop_mirror_proof(hop_mirror *m, hop_origin *origin, const hop_digest *subject,
                            hop_urgency urgency);
/** Of an image and, where its content is known to be a list, its children. */
hop_sigstore_state hop_mirror_sigstore_state(const hop_mirror *m,
                                             const hop_origin *origin,
                                             const hop_digest *digest,
                                             const hop_content *content);
void hop_mirror_need_payload_proofs(hop_release *r);
/** HOP_E_SIGNATURE when the release's cluster asks for a signature that is not there. */
HOP_MUST_USE hop_status hop_mirror_check_payload_proofs(const hop_release *r,
                                                        hop_error **err);

/* pull.c */
struct hop_pull;
void hop_pull_free(struct hop_pull *p);

/* job_release.c */
void hop_mirror_start_release(hop_release *r);

#endif
