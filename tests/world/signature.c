/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "signature.h"

#include "payload.h"
#include "update_key.h"

#include <rnp/rnp.h>
#include <rnp/rnp_err.h>
#include <string.h>

#define SIGNED_AT_S 1704153600 /* a day after the key was made */

/* librnp's objects of one signature. */
typedef struct signer {
    rnp_ffi_t ffi;
    rnp_key_handle_t key;
    rnp_input_t input;
    rnp_output_t output;
    rnp_op_sign_t op;
} signer;

static void clear_operation(signer *s)
{
    rnp_op_sign_destroy(s->op);
    rnp_output_destroy(s->output);
    rnp_input_destroy(s->input);
    s->op = NULL;
    s->output = NULL;
    s->input = NULL;
}

static void signer_clear(signer *s)
{
    clear_operation(s);
    rnp_key_handle_destroy(s->key);
    rnp_ffi_destroy(s->ffi);
}

static hop_status failed(hop_error **err)
{
    return hop_error_set(err, HOP_E_SIGNATURE, "the OpenPGP library cannot sign");
}

static hop_status load_key(signer *s, hop_error **err)
{
    static const char fingerprint[] = "84686F5407EEC071269C97012A4E6D96BCD948E9";
    const char *text = hop_world_get_secret_key();
    rnp_input_t keys = NULL;
    bool is_good =
        rnp_ffi_create(&s->ffi, "GPG", "GPG") == RNP_SUCCESS &&
        rnp_input_from_memory(&keys, (const uint8_t *)text, strlen(text), false) ==
            RNP_SUCCESS &&
        rnp_import_keys(s->ffi, keys,
                        RNP_LOAD_SAVE_PUBLIC_KEYS | RNP_LOAD_SAVE_SECRET_KEYS,
                        NULL) == RNP_SUCCESS &&
        rnp_locate_key(s->ffi, "fingerprint", fingerprint, &s->key) == RNP_SUCCESS &&
        s->key;
    rnp_input_destroy(keys);
    return is_good ? HOP_OK : failed(err);
}

static char *text_of(const hop_entry *payload)
{
    HOP_AUTO_STR tag = hop_payload_tag(payload->version, payload->arch);
    return hop_sprintf("{\"critical\":{\"image\":{\"docker-manifest-digest\":\"%s\"},"
                       "\"type\":\"atomic container signature\",\"identity\":{"
                       "\"docker-reference\":\"" HOP_WORLD_HOST "/%s:%s\"}},"
                       "\"optional\":{\"creator\":\"oc-hop demo world\"}}",
                       payload->image->digest.text, payload->image->repository, tag);
}

static hop_status sign(signer *s, const char *text, uint8_t **out, size_t *len,
                       hop_error **err)
{
    bool is_good =
        rnp_input_from_memory(&s->input, (const uint8_t *)text, strlen(text), false) ==
            RNP_SUCCESS &&
        rnp_output_to_memory(&s->output, 0) == RNP_SUCCESS &&
        rnp_op_sign_create(&s->op, s->ffi, s->input, s->output) == RNP_SUCCESS &&
        rnp_op_sign_set_armor(s->op, false) == RNP_SUCCESS &&
        rnp_op_sign_set_hash(s->op, "SHA256") == RNP_SUCCESS &&
        rnp_op_sign_set_creation_time(s->op, SIGNED_AT_S) == RNP_SUCCESS &&
        rnp_op_sign_set_file_mtime(s->op, SIGNED_AT_S) == RNP_SUCCESS &&
        rnp_op_sign_add_signature(s->op, s->key, NULL) == RNP_SUCCESS &&
        rnp_op_sign_execute(s->op) == RNP_SUCCESS &&
        rnp_output_memory_get_buf(s->output, out, len, false) == RNP_SUCCESS;
    return is_good ? HOP_OK : failed(err);
}

static hop_status write_signature(signer *s, const hop_entry *payload, const char *dir,
                                  hop_error **err)
{
    HOP_AUTO_STR text = text_of(payload);
    HOP_AUTO_STR path = hop_sprintf("%s/signatures/sha256=%s/signature-1", dir,
                                    hop_digest_get_hex(&payload->image->digest));
    uint8_t *bytes = NULL;
    size_t len = 0;
    hop_status status = sign(s, text, &bytes, &len, err);
    if (status == HOP_OK)
        status = hop_store_write(path, bytes, len, err);
    clear_operation(s);
    return status;
}

hop_status hop_world_write_signatures(const hop_world *w, const char *dir,
                                      hop_error **err)
{
    HOP_AUTO_STR path = hop_sprintf("%s/update-key.asc", dir);
    const char *key = hop_world_get_update_key();
    signer s = {0};
    hop_status status = hop_store_write(path, key, strlen(key), err);
    if (status == HOP_OK)
        status = load_key(&s, err);
    for (size_t i = 0; status == HOP_OK && i < w->entry_count; i++)
        if (strcmp(w->entries[i].component, "payload") == 0)
            status = write_signature(&s, &w->entries[i], dir, err);
    signer_clear(&s);
    return status;
}
