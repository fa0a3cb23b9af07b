/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_support.h"

#include "child.h"
#include "credential_helper.h"
#include "endpoint.h"

#include "hop_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[] = "/tmp/hop-helper-XXXXXX";

static void write_file(const char *name, const char *text, mode_t mode)
{
    HOP_AUTO_STR path = hop_sprintf("%s/%s", directory, name);
    HOP_AUTO_FD fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

/* ---- running another program ---- */

static hop_status run(const char *const *argv, const char *input, int timeout_ms,
                      hop_child **child, const hop_buf **out, int *code, hop_error **err)
{
    hop_status s = hop_child_start(argv, input, timeout_ms, HOP_MIB, child, err);
    if (s != HOP_OK)
        return s;
    while (hop_child_step(*child, 100) == HOP_CHILD_RUNS)
        continue;
    return hop_child_finish(*child, out, code, err);
}

static void a_child_gets_text_and_gives_text(void **state)
{
    (void)state;
    hop_error *err = NULL;
    const hop_buf *out = NULL;
    int code = -1;
    const char *cat[] = {"cat", NULL};
    /* More than a socket holds at a time. */
    HOP_AUTO_STR text = hop_alloc(700001, 1);
    memset(text, 'x', 700000);
    HOP_AUTO(hop_child) whole = NULL;
    assert_ok(run(cat, text, 20000, &whole, &out, &code, &err), &err);
    assert_int_equal(code, 0);
    assert_string_equal(hop_buf_get(out), text);
    const char *fails[] = {"sh", "-c", "echo no; exit 3", NULL};
    HOP_AUTO(hop_child) failing = NULL;
    assert_ok(run(fails, "unread", 20000, &failing, &out, &code, &err), &err);
    assert_int_equal(code, 3);
    assert_string_equal(hop_buf_get(out), "no\n");
    const char *dies[] = {"sh", "-c", "kill -9 $$", NULL};
    HOP_AUTO(hop_child) dying = NULL;
    assert_ok(run(dies, "", 20000, &dying, &out, &code, &err), &err);
    assert_int_equal(code, 128 + 9);
}

static void a_child_cannot_hold_up_the_run(void **state)
{
    (void)state;
    static const struct {
        const char *argv[4];
        int timeout_ms;
        hop_status status;
        const char *text;
    } cases[] = {
        {{"sleep", "600", NULL}, 100, HOP_E_LIMIT, "did not end"},
        {{"sh", "-c", "exec >&- <&-; sleep 600", NULL}, 100, HOP_E_LIMIT, "did not end"},
        {{"yes", NULL}, 20000, HOP_E_LIMIT, "more than 1048576 bytes"},
        {{"no-such-program-here", NULL}, 20000, HOP_E_NOT_FOUND, "no such program"},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        hop_error *err = NULL;
        const hop_buf *out = NULL;
        int code = -1;
        HOP_AUTO(hop_child) child = NULL;
        assert_fails(
            run(cases[i].argv, "", cases[i].timeout_ms, &child, &out, &code, &err), &err,
            cases[i].status, cases[i].text);
    }
}

static void a_child_is_not_waited_for(void **state)
{
    (void)state;
    const char *hangs[] = {"sleep", "600", NULL};
    hop_error *err = NULL;
    hop_child *child = NULL;
    assert_ok(hop_child_start(hangs, "", 600000, 1000, &child, &err), &err);
    assert_int_equal(hop_child_step(child, 0), HOP_CHILD_RUNS);
    hop_child_free(child);
}

/* ---- one helper ---- */

static hop_status ask(const char *name, const char *host, hop_credential *out,
                      bool *found, hop_error **err)
{
    HOP_AUTO(hop_child) child = NULL;
    hop_status s = hop_credential_helper_start(name, host, &child, err);
    if (s != HOP_OK)
        return s;
    while (hop_child_step(child, 100) == HOP_CHILD_RUNS)
        continue;
    return hop_credential_helper_finish(name, child, out, found, err);
}

static void a_helper_is_asked_for_the_host(void **state)
{
    (void)state;
    write_file("docker-credential-good",
               "#!/bin/sh\n"
               "[ \"$1\" = get ] || exit 9\n"
               "read -r host\n"
               "printf '{\"ServerURL\":\"%s\",\"Username\":\"u\",\"Secret\":\"p-%s\"}' "
               "\"$host\" \"$host\"\n",
               0700);
    write_file("docker-credential-empty",
               "#!/bin/sh\necho credentials not found in native keychain\nexit 1\n",
               0700);
    write_file("docker-credential-broken", "#!/bin/sh\necho hunter2\nexit 1\n", 0700);
    hop_error *err = NULL;
    HOP_AUTO_VALUE(hop_credential) c = {0};
    bool found = false;
    assert_ok(ask("good", "reg:5000", &c, &found, &err), &err);
    assert_true(found);
    assert_string_equal(c.user, "u");
    assert_string_equal(c.password, "p-reg:5000");
    hop_credential_clear(&c);
    assert_ok(ask("empty", "reg:5000", &c, &found, &err), &err);
    assert_false(found);
    hop_status s = ask("broken", "reg", &c, &found, &err);
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    hop_error_print(err, &text);
    assert_null(strstr(hop_buf_get(&text), "hunter2"));
    assert_fails(s, &err, HOP_E_AUTH, "docker-credential-broken get: it ended with 1");
    assert_fails(ask("../good", "reg", &c, &found, &err), &err, HOP_E_PARSE, "NAME");
}

static void a_helper_that_fails_says_why(void **state)
{
    (void)state;
    static const struct {
        const char *printed;
        const char *reason; /* what follows the exit code */
    } cases[] = {
        {"pass not initialized: exit status 1", ": pass not initialized: exit status 1"},
        {"\\n  the keychain is locked.  \\r\\nand more", ": the keychain is locked"},
        {"no\\033[31m colours", ": no\\x1b[31m colours"},
        {"", ""},
        {"hunter2", ""},
        {"{\"Username\":\"u\",\"Secret\":\"hunter2\"}", ""},
        {"found: {\"Secret\": \"hunter2\"}", ""},
        {"one line\\nSecret: hunter2", ""},
        {"bad header: Bearer hunter2, sorry", ": bad header: Bearer *******, sorry"},
        {"token eyJhunter2 is over", ": token ********** is over"},
        {"GET https://u:hunter2@r/v2/ failed", ": GET https://*************** failed"},
        {"login user=u password=hunter2", ": login user=* password=*******"},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        HOP_AUTO_STR script = hop_sprintf(
            "#!/bin/sh\ncat >/dev/null\nprintf '%s'\nexit 1\n", cases[i].printed);
        write_file("docker-credential-telling", script, 0700);
        HOP_AUTO_STR want = hop_sprintf(
            "error: docker-credential-telling get: it ended with 1%s\n", cases[i].reason);
        hop_error *err = NULL;
        HOP_AUTO_VALUE(hop_credential) c = {0};
        HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
        bool found = false;
        assert_int_equal(ask("telling", "reg", &c, &found, &err), HOP_E_AUTH);
        hop_error_print(err, &text);
        assert_string_equal(hop_buf_get(&text), want);
        hop_error_drop(&err);
    }
    /* It is one line of a message, however much is printed. */
    write_file("docker-credential-telling",
               "#!/bin/sh\nyes abcdefgh | head -n 1000 | tr '\\n' ' '\nexit 3\n", 0700);
    hop_error *err = NULL;
    HOP_AUTO_VALUE(hop_credential) c = {0};
    bool found = false;
    assert_int_equal(ask("telling", "reg", &c, &found, &err), HOP_E_AUTH);
    assert_in_range(strlen(hop_error_get_frame(err, 0)), 200, 300);
    hop_error_drop(&err);
}

static void answers_of_helpers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *user;
        const char *token;
        hop_status status;
    } cases[] = {
        {"{\"ServerURL\":\"r\",\"Username\":\"u\",\"Secret\":\"p\"}\n", "u", NULL,
         HOP_OK},
        {"{\"Username\":\"<token>\",\"Secret\":\"t\"}", NULL, "t", HOP_OK},
        {"{\"Username\":\"\",\"Secret\":\"\"}", NULL, NULL, HOP_OK},
        {"{\"Username\":\"u\"}", NULL, NULL, HOP_OK},
        {"{}", NULL, NULL, HOP_OK},
        {"{\"Username\":1,\"Secret\":\"p\"}", NULL, NULL, HOP_E_PARSE},
        {"[]", NULL, NULL, HOP_E_PARSE},
        {"hunter2", NULL, NULL, HOP_E_PARSE},
        {"", NULL, NULL, HOP_E_PARSE},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        HOP_AUTO_VALUE(hop_credential) c = {0};
        hop_error *err = NULL;
        bool found = false;
        hop_status s =
            hop_credential_helper_read(cases[i].text, strlen(cases[i].text),
                                       "docker-credential-x", &c, &found, &err);
        if (s != cases[i].status)
            fail_msg("case %zu: status %s", i, hop_status_name(s));
        hop_error_drop(&err);
        assert_int_equal(found, cases[i].user || cases[i].token);
        if (cases[i].user)
            assert_string_equal(c.user, cases[i].user);
        if (cases[i].token)
            assert_string_equal(c.identity_token, cases[i].token);
    }
}

/* ---- files that name helpers ---- */

typedef struct fake {
    char asked[200];
    unsigned count;
} fake;

static hop_status ask_fake(void *user, const char *name, const char *host,
                           hop_credential *out, bool *found, hop_error **err)
{
    fake *f = user;
    f->count++;
    (void)snprintf(f->asked, sizeof(f->asked), "%s %s", name, host);
    if (strcmp(name, "missing") == 0)
        return hop_error_set(err, HOP_E_NOT_FOUND, "run docker-credential-missing");
    *found = strcmp(name, "silent") != 0;
    if (!*found)
        return HOP_OK;
    out->user = hop_strdup(name);
    out->password = hop_strdup("p");
    return HOP_OK;
}

static void the_longest_key_decides_who_is_asked(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        const char *host;
        const char *repository;
        const char *user; /* NULL: nothing found */
        const char *asked;
        const char *origin;
    } cases[] = {
        {"{\"credHelpers\":{\"r\":\"h\"}}", "r", "a/b", "h", "h r",
         "credHelpers.r: docker-credential-h"},
        {"{\"credHelpers\":{\"r\":\"h\"}}", "q", "a", NULL, "", NULL},
        {"{\"credHelpers\":{\"r\":\"h\"},\"auths\":{\"r\":{\"auth\":\"dTpw\"}}}", "r",
         "a", "h", "h r", NULL},
        {"{\"credHelpers\":{\"r\":\"h\"},\"auths\":{\"r/a\":{\"auth\":\"dTpw\"}}}", "r",
         "a", "u", "", "auths.r/a"},
        {"{\"credHelpers\":{\"r/a\":\"h\"},\"auths\":{\"r\":{\"auth\":\"dTpw\"}}}", "r",
         "a", "h", "h r", NULL},
        {"{\"credHelpers\":{\"r\":\"silent\"},\"auths\":{\"r\":{\"auth\":\"dTpw\"}}}",
         "r", "a", "u", "silent r", NULL},
        {"{\"credsStore\":\"s\",\"auths\":{\"r\":{}}}", "r", "a", "s", "s r",
         "credsStore: docker-credential-s"},
        {"{\"credsStore\":\"s\",\"auths\":{\"r\":{\"auth\":\"dTpw\"},\"r/a\":{}}}", "r",
         "a", "u", "", NULL},
        {"{\"credsStore\":\"missing\"}", "r", "a", NULL, "missing r", NULL},
        {"{\"credsStore\":\"\",\"credHelpers\":{\"r\":\"\"}}", "r", "a", NULL, "", NULL},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        write_file("auth.json", cases[i].file, 0600);
        HOP_AUTO_VALUE(hop_strings) files = {0};
        char *path = hop_sprintf("%s/auth.json", directory);
        hop_strings_take(&files, &path);
        fake f = {0};
        hop_helper helper = {.ask = ask_fake, .user = &f};
        HOP_AUTO_VALUE(hop_credential) c = {0};
        hop_error *err = NULL;
        bool found = false;
        assert_ok(hop_credential_find(&files, &helper, cases[i].host, cases[i].repository,
                                      &c, &found, &err),
                  &err);
        if (found != (cases[i].user != NULL) || strcmp(f.asked, cases[i].asked) != 0)
            fail_msg("case %zu: found %d, asked \"%s\"", i, found, f.asked);
        if (found)
            assert_string_equal(c.user, cases[i].user);
        if (cases[i].origin)
            assert_non_null(strstr(c.origin, cases[i].origin));
    }
}

static void a_named_helper_must_work(void **state)
{
    (void)state;
    write_file("auth.json", "{\"credHelpers\":{\"r\":\"missing\"}}", 0600);
    HOP_AUTO_VALUE(hop_strings) files = {0};
    char *path = hop_sprintf("%s/auth.json", directory);
    hop_strings_take(&files, &path);
    fake f = {0};
    hop_helper helper = {.ask = ask_fake, .user = &f};
    HOP_AUTO_VALUE(hop_credential) c = {0};
    hop_error *err = NULL;
    bool found = false;
    assert_fails(hop_credential_find(&files, &helper, "r", "a", &c, &found, &err), &err,
                 HOP_E_AUTH, "docker-credential-missing get` work here");
}

/* ---- what one host remembers of its helper ---- */

/* How often the helper was asked: a line each. */
static size_t count_calls(void)
{
    HOP_AUTO_STR path = hop_sprintf("%s/calls", directory);
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    hop_error *err = NULL;
    if (hop_file_read(path, &text, &err) != HOP_OK)
        hop_error_drop(&err);
    return text.len;
}

/* Renews a pass to the end, and says how that went. */
static hop_status renew(hop_endpoint *e, uint64_t now_ms, hop_error **err)
{
    hop_pass *pass = hop_endpoint_get_pass(e, "repository:a:pull");
    pass->state = HOP_PASS_NONE;
    HOP_AUTO_VALUE(hop_token_request) request = {0};
    hop_status s = hop_endpoint_renew_pass(e, pass, "a", now_ms, &request, err);
    while (s == HOP_OK && pass->state == HOP_PASS_HELPED) {
        while (!hop_endpoint_step_helpers(e, now_ms))
            usleep(1000);
        s = hop_endpoint_renew_pass(e, pass, "a", now_ms, &request, err);
    }
    return s;
}

static void write_helper(const char *ending)
{
    HOP_AUTO_STR text =
        hop_sprintf("#!/bin/sh\nprintf x >>%s/calls\n%s\n", directory, ending);
    write_file("docker-credential-counted", text, 0700);
}

static void a_failure_is_remembered_and_a_secret_kept(void **state)
{
    (void)state;
    write_file("auth.json", "{\"credHelpers\":{\"r:1\":\"counted\"}}", 0600);
    hop_side_state side = {0};
    char *path = hop_sprintf("%s/auth.json", directory);
    hop_strings_take(&side.authfiles, &path);
    const uint64_t minute = 60000;
    hop_error *err = NULL;

    write_helper("exit 1");
    hop_endpoint *failing = hop_endpoint_new(&side, "r:1", 4);
    failing->challenge.scheme = HOP_AUTH_BASIC;
    for (unsigned i = 0; i < 3; i++)
        assert_fails(renew(failing, 1 + i * 20 * minute, &err), &err, HOP_E_AUTH,
                     "it ended with 1");
    assert_int_equal(count_calls(), 1);
    hop_endpoint_free(failing);

    write_helper("echo '{\"Username\":\"u\",\"Secret\":\"p\"}'");
    hop_endpoint *good = hop_endpoint_new(&side, "r:1", 4);
    good->challenge.scheme = HOP_AUTH_BASIC;
    assert_ok(renew(good, 1, &err), &err);
    assert_ok(renew(good, 9 * minute, &err), &err);
    assert_int_equal(count_calls(), 2);
    write_helper("exit 1");
    assert_ok(renew(good, 11 * minute, &err), &err);
    assert_ok(renew(good, 12 * minute, &err), &err);
    assert_int_equal(count_calls(), 3);
    const hop_pass *pass = hop_endpoint_get_pass(good, "repository:a:pull");
    assert_string_equal(pass->header, "Authorization: Basic dTpw");
    hop_endpoint_free(good);
    hop_strings_clear(&side.authfiles);
}

static int make_directory(void **state)
{
    (void)state;
    if (!mkdtemp(directory))
        return -1;
    HOP_AUTO_STR path = hop_sprintf("%s:%s", directory, getenv("PATH"));
    return setenv("PATH", path, 1);
}

static int remove_directory(void **state)
{
    (void)state;
    static const char *const names[] = {"docker-credential-good",
                                        "docker-credential-empty",
                                        "docker-credential-broken",
                                        "docker-credential-counted",
                                        "calls",
                                        "auth.json"};
    for (size_t i = 0; i < HOP_COUNT_OF(names); i++) {
        HOP_AUTO_STR path = hop_sprintf("%s/%s", directory, names[i]);
        (void)unlink(path);
    }
    return rmdir(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_child_gets_text_and_gives_text),
        cmocka_unit_test(a_child_cannot_hold_up_the_run),
        cmocka_unit_test(a_child_is_not_waited_for),
        cmocka_unit_test(a_helper_is_asked_for_the_host),
        cmocka_unit_test(a_helper_that_fails_says_why),
        cmocka_unit_test(answers_of_helpers),
        cmocka_unit_test(the_longest_key_decides_who_is_asked),
        cmocka_unit_test(a_named_helper_must_work),
        cmocka_unit_test(a_failure_is_remembered_and_a_secret_kept),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
