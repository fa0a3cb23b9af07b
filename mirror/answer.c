/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "answer.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAX_HEADER_VALUE ((size_t)8192)
#define MAX_CHALLENGES 16

void hop_answer_clear(hop_answer *a)
{
    free(a->net_text);
    free(a->net_host);
    free(a->content_type);
    free(a->location);
    free(a->retry_after);
    free(a->content_range);
    free(a->etag);
    free(a->docker_digest);
    free(a->link);
    free(a->range);
    free(a->chunk_min);
    free(a->date);
    hop_strings_clear(&a->challenges);
    hop_buf_clear(&a->body);
    *a = (hop_answer){0};
}

void hop_answer_begin(hop_answer *a)
{
    char *net_text = hop_steal(&a->net_text);
    size_t max = a->body.max;
    hop_answer_clear(a);
    a->body = hop_buf_init(max);
    a->net_text = net_text;
    a->content_length = -1;
}

static void set_text(char **field, const char *value, size_t len)
{
    free(*field);
    *field = len <= MAX_HEADER_VALUE ? hop_strndup(value, len) : NULL;
}

static void take_header(hop_answer *a, const char *name, size_t name_len,
                        const char *value, size_t len)
{
    static const struct {
        const char *name;
        size_t offset;
    } fields[] = {
        {"content-type", offsetof(hop_answer, content_type)},
        {"location", offsetof(hop_answer, location)},
        {"retry-after", offsetof(hop_answer, retry_after)},
        {"content-range", offsetof(hop_answer, content_range)},
        {"etag", offsetof(hop_answer, etag)},
        {"docker-content-digest", offsetof(hop_answer, docker_digest)},
        {"link", offsetof(hop_answer, link)},
        {"range", offsetof(hop_answer, range)},
        {"oci-chunk-min-length", offsetof(hop_answer, chunk_min)},
        {"date", offsetof(hop_answer, date)},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(fields); i++)
        if (strlen(fields[i].name) == name_len &&
            strncasecmp(name, fields[i].name, name_len) == 0)
            set_text((char **)(void *)((char *)a + fields[i].offset), value, len);
    if (name_len == strlen("www-authenticate") &&
        strncasecmp(name, "www-authenticate", name_len) == 0 &&
        a->challenges.len < MAX_CHALLENGES && len <= MAX_HEADER_VALUE) {
        char *copy = hop_strndup(value, len);
        hop_strings_take(&a->challenges, &copy);
    }
}

void hop_answer_add_line(hop_answer *a, const char *line, size_t len)
{
    /* A redirect that is followed brings several responses: each starts with a clean
     * slate. */
    if (len >= 5 && strncmp(line, "HTTP/", 5) == 0) {
        hop_answer_begin(a);
        return;
    }
    const char *colon = memchr(line, ':', len);
    if (!colon)
        return;
    const char *value = colon + 1;
    size_t value_len = len - (size_t)(value - line);
    while (value_len > 0 && strchr(" \t", *value)) {
        value++;
        value_len--;
    }
    while (value_len > 0 && strchr(" \t\r\n", value[value_len - 1]))
        value_len--;
    take_header(a, line, (size_t)(colon - line), value, value_len);
}
