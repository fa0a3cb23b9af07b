/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_support.h"

#include "endpoint.h"

#include <string.h>

#define START_MS 1000000u
#define SCOPES "repository:a:pull"

/* A host whose tokens come from a service. */
static hop_endpoint *new_endpoint(const hop_side_state *side)
{
    static const char challenge[] = "Bearer realm=\"https://tokens/get\",service=\"s\"";
    hop_endpoint *e = hop_endpoint_new(side, "reg:5000", 4);
    hop_challenge_add(&e->challenge, challenge, strlen(challenge));
    return e;
}

/* Whether the token service would be asked now. */
static bool asks(hop_endpoint *e, hop_pass *pass, uint64_t now_ms)
{
    HOP_AUTO_VALUE(hop_token_request) request = {0};
    hop_error *err = NULL;
    hop_pass_forget_failure(pass, now_ms);
    if (pass->state == HOP_PASS_FAILED)
        return false;
    assert_ok(hop_endpoint_renew_pass(e, pass, "a", now_ms, &request, &err), &err);
    return request.url != NULL;
}

static void fail_pass(hop_pass *pass, hop_status why, uint64_t now_ms)
{
    hop_error *err = NULL;
    (void)!hop_error_set(&err, why, "GET https://tokens/get: no");
    hop_pass_take_failure(pass, &err, now_ms);
    assert_null(err);
}

static void a_missing_token_is_asked_for_again(void **state)
{
    (void)state;
    hop_side_state side = {0};
    hop_endpoint *e = new_endpoint(&side);
    hop_pass *pass = hop_endpoint_get_pass(e, SCOPES);
    assert_true(asks(e, pass, START_MS));
    fail_pass(pass, HOP_E_NET, START_MS);
    assert_false(asks(e, pass, START_MS));
    assert_false(asks(e, pass, START_MS + 14999));
    assert_non_null(pass->error);
    assert_true(asks(e, pass, START_MS + 15000));
    assert_null(pass->error);
    assert_int_equal(pass->state, HOP_PASS_ASKING);

    /* Its time counts from the last failure. */
    fail_pass(pass, HOP_E_NET, START_MS + 20000);
    assert_false(asks(e, pass, START_MS + 34999));
    assert_true(asks(e, pass, START_MS + 35000));
    hop_pass_take_token(pass, "Bearer t", 300, START_MS + 36000);
    assert_string_equal(pass->header, "Authorization: Bearer t");
    assert_false(asks(e, pass, START_MS + 36000));
    hop_endpoint_free(e);
}

static void refused_credentials_are_sent_once(void **state)
{
    (void)state;
    hop_side_state side = {0};
    hop_endpoint *e = new_endpoint(&side);
    hop_pass *pass = hop_endpoint_get_pass(e, SCOPES);
    fail_pass(pass, HOP_E_AUTH, START_MS);
    assert_false(asks(e, pass, START_MS + 15000));
    assert_false(asks(e, pass, UINT64_MAX - 1));
    assert_non_null(pass->error);
    /* Other scopes have another answer. */
    assert_true(asks(e, hop_endpoint_get_pass(e, SCOPES ",push"), START_MS));
    hop_endpoint_free(e);
}

static void a_token_is_renewed_before_its_end(void **state)
{
    (void)state;
    static const struct {
        uint64_t lifetime_s, good_ms;
    } cases[] = {
        {5, 4000},
        {60, 48000},
        {300, 285000},
        {86400, 86385000},
        {UINT64_MAX, 86385000}, /* nobody believes that */
        {0, 0},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        hop_side_state side = {0};
        hop_endpoint *e = new_endpoint(&side);
        hop_pass *pass = hop_endpoint_get_pass(e, SCOPES);
        hop_pass_take_token(pass, "Bearer t", cases[i].lifetime_s, START_MS);
        assert_int_equal(pass->serial, 1);
        if (cases[i].good_ms > 0)
            assert_false(asks(e, pass, START_MS + cases[i].good_ms - 1));
        assert_true(asks(e, pass, START_MS + cases[i].good_ms));
        hop_endpoint_free(e);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_missing_token_is_asked_for_again),
        cmocka_unit_test(refused_credentials_are_sent_once),
        cmocka_unit_test(a_token_is_renewed_before_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
