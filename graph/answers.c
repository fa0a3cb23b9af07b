/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hop_release.h"

#include <stdlib.h>
#include <string.h>

#include "hop_yaml.h"

struct hop_answers {
    hop_yaml *document; /* owns the names */
    const hop_yaml_node *mapping;
    hop_risk_answer *values; /* one for each key of the mapping */
};

const char *hop_risk_answer_name(hop_risk_answer a)
{
    switch (a) {
    case HOP_RISK_UNKNOWN:
        return "unknown";
    case HOP_RISK_APPLIES:
        return "applies";
    case HOP_RISK_DOES_NOT_APPLY:
        return "does-not-apply";
    }
    return "unknown";
}

void hop_answers_free(hop_answers *a)
{
    if (!a)
        return;
    free(a->values);
    hop_yaml_free(a->document);
    free(a);
}

static hop_status read_value(const hop_answers *a, size_t i, hop_risk_answer *out,
                             hop_error **err)
{
    static const hop_risk_answer all[] = {HOP_RISK_UNKNOWN, HOP_RISK_APPLIES,
                                          HOP_RISK_DOES_NOT_APPLY};
    const hop_yaml_node *value = a->mapping->items[i];
    for (size_t j = 0; j < HOP_COUNT_OF(all) && value->type == HOP_YAML_SCALAR; j++)
        if (strcmp(value->text, hop_risk_answer_name(all[j])) == 0) {
            *out = all[j];
            return HOP_OK;
        }
    return hop_yaml_error(a->document, value, err,
                          "%s: expected applies, does-not-apply or unknown",
                          a->mapping->keys[i]);
}

hop_status hop_answers_parse(const char *text, size_t len, const char *name,
                             hop_answers **out, hop_error **err)
{
    HOP_AUTO(hop_answers) a = hop_alloc(1, sizeof(*a));
    hop_status s = hop_yaml_parse(text, len, name, &a->document, err);
    if (s != HOP_OK)
        return s;
    a->mapping = hop_yaml_get_document(a->document, 0);
    if (!a->mapping || hop_yaml_count(a->document) != 1)
        return hop_error_set(err, HOP_E_PARSE, "%s: expected one YAML document", name);
    if (a->mapping->type != HOP_YAML_MAPPING)
        return hop_yaml_error(a->document, a->mapping, err,
                              "expected names of risks with an answer each");
    a->values = hop_alloc(a->mapping->len + 1, sizeof(*a->values));
    for (size_t i = 0; i < a->mapping->len; i++) {
        s = read_value(a, i, &a->values[i], err);
        if (s != HOP_OK)
            return s;
    }
    *out = hop_steal(&a);
    return HOP_OK;
}

static hop_risk_answer look_up(const hop_answers *a, const char *name)
{
    for (size_t i = 0; a && i < a->mapping->len; i++)
        if (strcmp(a->mapping->keys[i], name) == 0)
            return a->values[i];
    return HOP_RISK_UNKNOWN;
}

hop_risk_answer hop_answers_evaluate(const hop_answers *answers, const hop_risk *risk)
{
    for (size_t i = 0; i < risk->rule_count; i++) {
        if (strcmp(risk->rules[i].type, "Always") == 0)
            return HOP_RISK_APPLIES;
        if (strcmp(risk->rules[i].type, "PromQL") != 0)
            continue;
        hop_risk_answer answer = look_up(answers, risk->name);
        if (answer != HOP_RISK_UNKNOWN)
            return answer;
    }
    return HOP_RISK_UNKNOWN;
}
