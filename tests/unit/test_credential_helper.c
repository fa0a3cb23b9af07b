/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_support.h"

#include "child.h"
#include "credential_helper.h"

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

static void a_child_gets_text_and_gives_text(void **state)
{
    (void)state;
    hop_error *err = NULL;
    HOP_AUTO_VALUE(hop_buf) out = hop_buf_init(HOP_MIB);
    int code = -1;
    const char *cat[] = {"cat", NULL};
    /* More than a socket holds at a time. */
    HOP_AUTO_STR text = hop_alloc(700001, 1);
    memset(text, 'x', 700000);
    assert_ok(hop_child_run(cat, text, 20000, &out, &code, &err), &err);
    assert_int_equal(code, 0);
    assert_string_equal(hop_buf_get(&out), text);
    hop_buf_reset(&out);
    const char *fails[] = {"sh", "-c", "echo no; exit 3", NULL};
    assert_ok(hop_child_run(fails, "unread", 20000, &out, &code, &err), &err);
    assert_int_equal(code, 3);
    assert_string_equal(hop_buf_get(&out), "no\n");
    const char *dies[] = {"sh", "-c", "kill -9 $$", NULL};
    assert_ok(hop_child_run(dies, "", 20000, &out, &code, &err), &err);
    assert_int_equal(code, 128 + 9);
}

static void a_child_cannot_hold_up_the_run(void **state)
{
    (void)state;
    hop_error *err = NULL;
    HOP_AUTO_VALUE(hop_buf) out = hop_buf_init(1000);
    int code = -1;
    const char *hangs[] = {"sleep", "600", NULL};
    assert_fails(hop_child_run(hangs, "", 100, &out, &code, &err), &err, HOP_E_LIMIT,
                 "did not end");
    const char *hides[] = {"sh", "-c", "exec >&- <&-; sleep 600", NULL};
    assert_fails(hop_child_run(hides, "", 100, &out, &code, &err), &err, HOP_E_LIMIT,
                 "did not end");
    const char *babbles[] = {"yes", NULL};
    assert_fails(hop_child_run(babbles, "", 20000, &out, &code, &err), &err, HOP_E_LIMIT,
                 "more than 1000 bytes");
    const char *missing[] = {"no-such-program-here", NULL};
    assert_fails(hop_child_run(missing, "", 20000, &out, &code, &err), &err,
                 HOP_E_NOT_FOUND, "no such program");
}

/* ---- one helper ---- */

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
    assert_ok(hop_credential_helper_run(NULL, "good", "reg:5000", &c, &found, &err),
              &err);
    assert_true(found);
    assert_string_equal(c.user, "u");
    assert_string_equal(c.password, "p-reg:5000");
    hop_credential_clear(&c);
    assert_ok(hop_credential_helper_run(NULL, "empty", "reg:5000", &c, &found, &err),
              &err);
    assert_false(found);
    hop_status s = hop_credential_helper_run(NULL, "broken", "reg", &c, &found, &err);
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    hop_error_print(err, &text);
    assert_null(strstr(hop_buf_get(&text), "hunter2"));
    assert_fails(s, &err, HOP_E_AUTH, "docker-credential-broken get: it ended with 1");
    assert_fails(hop_credential_helper_run(NULL, "../good", "reg", &c, &found, &err),
                 &err, HOP_E_PARSE, "NAME");
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
                                        "docker-credential-broken", "auth.json"};
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
        cmocka_unit_test(a_helper_is_asked_for_the_host),
        cmocka_unit_test(answers_of_helpers),
        cmocka_unit_test(the_longest_key_decides_who_is_asked),
        cmocka_unit_test(a_named_helper_must_work),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
