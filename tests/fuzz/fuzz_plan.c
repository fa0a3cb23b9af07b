/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A carried plan, of one start or of several: what was taken is written again, and that
 * is read back as the same; the text for people holds nothing that acts on a terminal. */
#include "fuzz.h"

#include "plan_report.h"

static void write_plan(const hop_plan_set *plan, hop_buf *out)
{
    HOP_AUTO(hop_json) doc = hop_plan_set_report_json(plan);
    hop_json_dump(doc, HOP_JSON_COMPACT, out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    HOP_AUTO_STR text = fuzz_text(data, size);
    HOP_AUTO(hop_plan_set) plan = NULL;
    HOP_AUTO(hop_plan_set) again = NULL;
    HOP_AUTO_VALUE(hop_buf) first = hop_buf_init(HOP_BUF_TEXT);
    HOP_AUTO_VALUE(hop_buf) second = hop_buf_init(HOP_BUF_TEXT);
    HOP_AUTO_VALUE(hop_buf) shown = hop_buf_init(HOP_BUF_TEXT);
    hop_error *err = NULL;
    if (!fuzz_is_ok(hop_plan_set_parse(text, size, "plan.json", &plan, &err), &err))
        return 0;
    hop_plan_set_report_text(plan, &shown);
    fuzz_check_printable(&shown);
    write_plan(plan, &first);
    FUZZ_CHECK(fuzz_is_ok(
        hop_plan_set_parse(hop_buf_get(&first), first.len, "again.json", &again, &err),
        &err));
    write_plan(again, &second);
    FUZZ_CHECK(strcmp(hop_buf_get(&first), hop_buf_get(&second)) == 0);
    return 0;
}
