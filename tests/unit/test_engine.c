/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_support.h"

#include "engine.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

/* A host that takes connections and never says a word. */
typedef struct silent_host {
    int fd;
    char *name;
} silent_host;

static silent_host open_host(void)
{
    silent_host h = {.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(a);
    assert_int_equal(bind(h.fd, (struct sockaddr *)(void *)&a, len), 0);
    assert_int_equal(listen(h.fd, 8), 0);
    assert_int_equal(getsockname(h.fd, (struct sockaddr *)(void *)&a, &len), 0);
    h.name = hop_sprintf("127.0.0.1:%u", ntohs(a.sin_port));
    return h;
}

static void count(void *user, hop_job *job)
{
    assert_int_equal(job->outcome, HOP_OUTCOME_FAILED);
    assert_int_equal(hop_error_get_status(job->error), HOP_E_CANCELLED);
    hop_job_clear(job);
    ++*(unsigned *)user;
}

static void a_cancelled_run_waits_for_no_first_answer(void **state)
{
    (void)state;
    silent_host host = open_host();
    hop_error *err = NULL;
    HOP_AUTO_VALUE(hop_side_state) side = {0};
    assert_ok(hop_side_state_load(HOP_SIDE_DESTINATION, &(hop_side_opts){0}, &side, &err),
              &err);
    HOP_AUTO(hop_engine)
    e = hop_engine_new(&(hop_engine_opts){.jobs = 4, .attempts = 5, .stall_s = 60});
    hop_endpoint *at = hop_engine_get_endpoint(e, &side, host.name);
    unsigned over = 0;
    hop_job jobs[3] = {{.kind = HOP_JOB_PUSH_RIGHT},
                       {.kind = HOP_JOB_TAGS},
                       {.kind = HOP_JOB_MANIFEST_GET, .reference = "t"}};
    for (size_t i = 0; i < HOP_COUNT_OF(jobs); i++) {
        jobs[i].at = at;
        jobs[i].repository = "a";
        jobs[i].done = count;
        jobs[i].user = &over;
        hop_engine_submit(e, &jobs[i]);
    }
    hop_engine_step(e, 0);
    hop_engine_step(e, 0);
    assert_int_equal(at->reach, HOP_REACH_ASKING);
    assert_int_equal(hop_engine_get_stats(e).requests, 1); /* for all of them */
    assert_int_equal(over, 0);

    hop_engine_cancel(e, HOP_CANCEL_SOON);
    hop_engine_step(e, 0);
    assert_false(hop_engine_is_busy(e));
    assert_int_equal(over, HOP_COUNT_OF(jobs));

    /* And asks nobody any more. */
    hop_endpoint *other = hop_engine_get_endpoint(e, &side, "127.0.0.1:1");
    hop_job late = {.kind = HOP_JOB_TAGS,
                    .at = other,
                    .repository = "a",
                    .done = count,
                    .user = &over};
    hop_engine_submit(e, &late);
    hop_engine_step(e, 0);
    assert_false(hop_engine_is_busy(e));
    assert_int_equal(over, HOP_COUNT_OF(jobs) + 1);
    assert_int_equal(other->reach, HOP_REACH_UNKNOWN);
    assert_int_equal(hop_engine_get_stats(e).requests, 1);
    free(host.name);
    close(host.fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cancelled_run_waits_for_no_first_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
