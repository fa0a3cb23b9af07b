/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mirror_private.h"
#include "preflight.h"

#include <stdlib.h>
#include <string.h>

void hop_pointers_add(hop_pointers *list, void *p)
{
    list->items = hop_grow(list->items, list->len, &list->cap, sizeof(*list->items));
    list->items[list->len++] = p;
}

hop_origin *hop_mirror_origin(hop_mirror *m, const hop_ref *ref)
{
    HOP_AUTO_STR key = hop_sprintf("origin %s/%s", ref->host, ref->repository);
    hop_origin *o = hop_table_get(&m->known, key);
    if (o)
        return o;
    o = hop_alloc(1, sizeof(*o));
    o->name = hop_sprintf("%s/%s", ref->host, ref->repository);
    if (m->disk) {
        hop_disk_resolve(m, &o->places);
    } else if (hop_mirror_set_resolve(m->set, ref, &o->places) == HOP_MIRROR_UNKNOWN) {
        hop_strings_clear(&o->places);
        o->is_blocked =
            hop_mirror_set_resolve(m->registries, ref, &o->places) == HOP_MIRROR_BLOCKED;
    }
    hop_table_set(&m->known, key, o);
    hop_pointers_add(&m->origins, o);
    return o;
}

bool hop_mirror_next_place(hop_mirror *m, const hop_origin *origin, size_t first,
                           size_t tries, hop_endpoint **endpoint, char **repository)
{
    if (!origin || tries >= origin->places.len)
        return false;
    const char *place = origin->places.items[(first + tries) % origin->places.len];
    size_t len = strcspn(place, "/");
    if (place[len] == '\0')
        return false;
    HOP_AUTO_STR host = hop_strndup(place, len);
    *endpoint = hop_engine_get_endpoint(m->engine, &m->source, host);
    free(*repository);
    *repository = hop_strdup(place + len + 1);
    return true;
}

void hop_cause_of_job(hop_cause *cause, hop_job *job, const hop_digest *digest)
{
    *cause = (hop_cause){
        .error = hop_steal(&job->error),
        .url = hop_steal(&job->url),
        .http_status = job->http_status,
        .attempts = job->attempts,
        .digest = *digest,
    };
    if (!cause->error)
        (void)!hop_error_set(&cause->error, HOP_E_NOT_FOUND, "GET %s: 404 not found",
                             cause->url ? cause->url : digest->text);
}

/* ---- a manifest's bytes ---- */

static void ask(hop_content *c);

static void fail(hop_content *c, hop_cause *cause)
{
    if (hop_source_believe(c, cause))
        hop_task_fail(&c->task, cause);
}

static void succeed(hop_content *c)
{
    hop_source_note_answer(c);
    hop_task_succeed(&c->task);
}

static hop_status parse(hop_content *c, const char *content_type, hop_error **err)
{
    HOP_AUTO_STR name = hop_sprintf("manifest %s", c->digest.text);
    return hop_manifest_parse(hop_buf_get(&c->body), c->body.len, content_type, name,
                              &c->manifest, err);
}

static void take_body(hop_content *c)
{
    c->body = c->job.body;
    c->job.body = hop_buf_init(0);
    c->digest = c->job.found;
    c->origin->current = c->place;
    c->origin->has_answered = true;
    hop_error *error = NULL;
    if (parse(c, c->job.content_type, &error) == HOP_OK) {
        hop_job_clear(&c->job);
        succeed(c);
        return;
    }
    hop_cause cause = {0};
    hop_error_drop(&c->job.error);
    c->job.error = error;
    hop_cause_of_job(&cause, &c->job, &c->digest);
    fail(c, &cause);
}

void hop_mirror_take_content(hop_content *c, hop_buf *body)
{
    hop_error *error = NULL;
    c->body = *body;
    *body = hop_buf_init(0);
    if (parse(c, NULL, &error) == HOP_OK) {
        hop_task_succeed(&c->task);
        return;
    }
    hop_cause cause = {.error = error, .digest = c->digest};
    hop_task_fail(&c->task, &cause);
}

static bool may_ask_elsewhere(hop_content *c, const hop_error *error)
{
    bool is_cancelled = hop_error_get_status(error) == HOP_E_CANCELLED;
    return !is_cancelled && ++c->tries < c->origin->places.len;
}

static void keep_refusal(hop_content *c)
{
    if (hop_error_get_status(c->job.error) == HOP_E_AUTH && !c->refusal.error)
        hop_cause_of_job(&c->refusal, &c->job, &c->digest);
}

/* Credentials can be had, whatever is wrong with the places that were asked later: that
 * is told with what the last one said. */
static void add_refusal(hop_content *c, hop_cause *cause)
{
    if (!c->refusal.error || hop_error_get_status(cause->error) == HOP_E_CANCELLED)
        return;
    HOP_AUTO_VALUE(hop_buf) first = hop_buf_init(HOP_BUF_TEXT);
    HOP_AUTO_VALUE(hop_buf) last = hop_buf_init(HOP_BUF_TEXT);
    hop_error *both = NULL;
    hop_error_join(c->refusal.error, &first);
    hop_error_join(cause->error, &last);
    (void)!hop_error_set(&both, HOP_E_AUTH, "%s; %s", hop_buf_get(&first),
                         hop_buf_get(&last));
    if (hop_error_get_hint(c->refusal.error))
        hop_error_hint(&both, "%s", hop_error_get_hint(c->refusal.error));
    hop_cause_clear(cause);
    hop_error_free(c->refusal.error);
    c->refusal.error = both;
    *cause = c->refusal;
    c->refusal = (hop_cause){0};
}

static void got_content(void *user, hop_job *job)
{
    hop_content *c = user;
    if (job->outcome == HOP_OUTCOME_OK) {
        take_body(c);
        return;
    }
    /* A signature that the place of its image does not have does not exist. */
    if (c->tag && job->outcome == HOP_OUTCOME_ABSENT) {
        c->is_absent = true;
        succeed(c);
        return;
    }
    if (may_ask_elsewhere(c, job->error)) {
        keep_refusal(c);
        ask(c);
        return;
    }
    hop_cause cause = {0};
    hop_cause_of_job(&cause, job, &c->digest);
    add_refusal(c, &cause);
    fail(c, &cause);
}

static void ask(hop_content *c)
{
    hop_mirror *m = c->mirror;
    hop_endpoint *endpoint = NULL;
    hop_job_clear(&c->job);
    size_t first = c->tries == 0 ? c->origin->current : c->place;
    if (!hop_mirror_next_place(m, c->origin, first, c->tries > 0 ? 1 : 0, &endpoint,
                               &c->repository)) {
        hop_cause cause = {.digest = c->digest};
        (void)!hop_error_set(&cause.error, HOP_E_NOT_FOUND,
                             c->origin->is_blocked
                                 ? "registries.conf blocks the source of %s"
                                 : "no place is left to look for %s",
                             c->tag ? c->tag : c->digest.text);
        if (c->origin->is_blocked)
            hop_error_hint(&cause.error, "--registries-conf FILE reads another file, "
                                         "--idms-file names mirrors that win over it");
        fail(c, &cause);
        return;
    }
    c->place = (first + (c->tries > 0 ? 1 : 0)) % c->origin->places.len;
    c->job.kind = HOP_JOB_MANIFEST_GET;
    c->job.priority = c->priority;
    c->job.at = endpoint;
    c->job.repository = c->repository;
    c->job.reference = c->tag ? c->tag : c->digest.text;
    c->job.digest = c->digest;
    c->job.done = got_content;
    c->job.user = c;
    hop_engine_submit(m->engine, &c->job);
}

void hop_mirror_ask_content(hop_content *c)
{
    ask(c);
}

static hop_content *new_content(hop_mirror *m, hop_origin *origin, const char *key)
{
    hop_content *c = hop_alloc(1, sizeof(*c));
    c->mirror = m;
    c->origin = origin;
    hop_table_set(&m->known, key, c);
    hop_pointers_add(&m->contents, c);
    return c;
}

static void begin(hop_content *c)
{
    if (c->mirror->disk && hop_disk_give_content(c))
        return;
    if (hop_source_may_ask(c))
        ask(c);
}

hop_content *hop_mirror_content(hop_mirror *m, hop_origin *origin,
                                const hop_digest *digest)
{
    HOP_AUTO_STR key = hop_sprintf("content %s", digest->text);
    hop_content *c = hop_table_get(&m->known, key);
    if (c)
        return c;
    c = new_content(m, origin, key);
    c->priority = HOP_PRIORITY_FIND;
    c->digest = *digest;
    begin(c);
    return c;
}

hop_content *hop_mirror_content_by_tag(hop_mirror *m, hop_origin *origin, const char *tag,
                                       hop_urgency urgency)
{
    HOP_AUTO_STR key = hop_sprintf("content %s:%s", origin->name, tag);
    hop_content *c = hop_table_get(&m->known, key);
    if (c)
        return c;
    c = new_content(m, origin, key);
    c->tag = hop_strdup(tag);
    c->priority = urgency == HOP_URGENCY_HIGH ? HOP_PRIORITY_FIND : HOP_PRIORITY_LAST;
    begin(c);
    return c;
}

hop_content *hop_mirror_content_bytes(hop_mirror *m, const char *media_type,
                                      const void *data, size_t len, hop_error **err)
{
    hop_digest digest = hop_digest_of(data, len);
    HOP_AUTO_STR key = hop_sprintf("content %s", digest.text);
    hop_content *c = hop_table_get(&m->known, key);
    if (c)
        return c;
    c = new_content(m, NULL, key);
    c->digest = digest;
    c->body = hop_buf_init(HOP_MAX_MANIFEST);
    hop_status s = HOP_OK;
    if (!hop_buf_offer(&c->body, data, len))
        s = hop_error_set(err, HOP_E_LIMIT, "manifest %s: it is too long", digest.text);
    if (s == HOP_OK)
        s = parse(c, media_type, err);
    if (s != HOP_OK)
        return NULL;
    hop_task_succeed(&c->task);
    return c;
}
