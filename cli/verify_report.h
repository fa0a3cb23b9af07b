/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * What a proof found, for people and for scripts.
 */
#ifndef VERIFY_REPORT_H
#define VERIFY_REPORT_H

#include "hop_json.h"
#include "hop_proof.h"

/** Every finding to standard error, errors first. */
void hop_verify_report_findings(const hop_proof *p);
/** One line per release and a total. `trust` says whether signatures were looked at. */
void hop_verify_report_text(const hop_proof *p, hop_proof_trust trust, hop_buf *out);
/** Appends every finding to a list. */
void hop_verify_report_json_findings(const hop_proof *p, hop_json *list);
/** The members `releases`, `findings` and `totals`. */
void hop_verify_report_json(const hop_proof *p, hop_proof_trust trust, hop_json *doc);

#endif
