/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An answer of a registry. Lines: Location, Retry-After, Content-Range, status; the body
 * is the rest. Credentials may follow a Location only to the registry that sent it. */
#include "fuzz.h"

#include "registry.h"

#include <strings.h>

#define HOST "registry.local:5000"
#define PATH "/v2/org/app/blobs/uploads/"

static void check_location(const char *scheme, const char *location)
{
    hop_error *err = NULL;
    HOP_AUTO_STR url = NULL;
    bool same_host = false;
    HOP_AUTO_STR request = hop_sprintf("%s" HOST PATH, scheme);
    if (!fuzz_is_ok(hop_registry_session_url(request, location, &url, &same_host, &err),
                    &err))
        return;
    bool is_https = strncasecmp(url, "https://", 8) == 0;
    FUZZ_CHECK(is_https || strncasecmp(url, "http://", 7) == 0);
    FUZZ_CHECK(is_https || !hop_has_prefix(scheme, "https"));
    for (const char *c = url; *c; c++)
        FUZZ_CHECK(*c > ' ' && *c < 0x7f);
    /* On http the port may change with the scheme, so only the name must be the same. */
    size_t len =
        hop_has_prefix(scheme, "https") ? strlen(HOST) : strlen("registry.local");
    const char *host = strstr(url, "://") + 3;
    if (same_host) {
        FUZZ_CHECK(strncasecmp(host, HOST, len) == 0);
        FUZZ_CHECK(host[len] == '\0' || strchr("/?#:", host[len]));
    }
    hop_digest digest = hop_digest_of("", 0);
    HOP_AUTO_STR commit = hop_registry_commit_url(url, &digest);
    FUZZ_CHECK(hop_has_prefix(commit, url) && hop_has_suffix(commit, digest.text));
    HOP_AUTO_STR shown = hop_registry_public_url(commit);
    FUZZ_CHECK(!strchr(shown, '?') && !strchr(shown, '#'));
}

static void check_answer(hop_answer *answer)
{
    static const hop_net nets[] = {HOP_NET_OK, HOP_NET_BROKEN, HOP_NET_STOPPED,
                                   HOP_NET_INVALID};
    const hop_request_name name = {HOP_GET, "https://" HOST PATH, HOST, "dest"};
    for (size_t i = 0; i < HOP_COUNT_OF(nets); i++) {
        answer->net = nets[i];
        for (int k = HOP_REQ_PING; k <= HOP_REQ_BLOB_CLOSE; k++) {
            hop_transfer_event e = hop_registry_judge((hop_request_kind)k, answer);
            FUZZ_CHECK((int)e >= HOP_EV_START && e <= HOP_EV_CANCEL);
            FUZZ_CHECK(e != HOP_EV_STORED ||
                       (answer->status >= 200 && answer->status < 300));
        }
    }
    answer->net = HOP_NET_OK;
    (void)hop_registry_is_missing_part(answer);
    hop_error *err = NULL;
    FUZZ_CHECK(!fuzz_is_ok(hop_registry_error(&name, answer, &err), &err));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    HOP_AUTO_STR text = fuzz_text(data, size);
    char *rest = text;
    const char *location = fuzz_line(&rest);
    check_location("https://", location);
    check_location("http://", location);
    uint64_t offset = 0;
    FUZZ_CHECK(hop_registry_retry_after_ms(fuzz_line(&rest), NULL, 1700000000) <=
               3600000);
    const char *range = fuzz_line(&rest);
    if (hop_registry_range_fits(range, 17, 100))
        FUZZ_CHECK(strncasecmp(range, "bytes 17-", 9) == 0);
    if (hop_registry_upload_offset(range, &offset))
        FUZZ_CHECK(offset != 1 && offset <= 1000000000000000000);
    hop_answer answer = {.content_length = -1,
                         .range = hop_strdup(range),
                         .body = hop_buf_init(HOP_MAX_SMALL_BODY)};
    answer.status = strtol(fuzz_line(&rest), NULL, 10) % 700;
    size_t left = size - (size_t)(rest - text);
    if (left <= HOP_MAX_SMALL_BODY)
        hop_buf_add(&answer.body, rest, left);
    check_answer(&answer);
    free(answer.range);
    hop_buf_clear(&answer.body);
    return 0;
}
