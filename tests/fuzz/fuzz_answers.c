/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers to risks, as a YAML mapping. */
#include "fuzz.h"

#include "hop_release.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    HOP_AUTO_STR text = fuzz_text(data, size);
    HOP_AUTO(hop_answers) answers = NULL;
    hop_error *err = NULL;
    if (!fuzz_is_ok(hop_answers_parse(text, size, "answers.yaml", &answers, &err), &err))
        return 0;
    const hop_rule always = {.type = "Always"};
    const hop_risk risk = {.name = "RiskA",
                           .url = "",
                           .message = "",
                           .rules = &always,
                           .rule_count = 1,
                           .rules_json = "[]"};
    FUZZ_CHECK(hop_answers_evaluate(answers, &risk) == HOP_RISK_APPLIES);
    return 0;
}
