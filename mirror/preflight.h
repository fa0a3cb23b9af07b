/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Before the first byte: can every repository that the run writes be written, and can
 * components be read from every repository that they come from?
 *
 * An upload is opened and cancelled in each repository of the destination. When one of
 * them is refused the run ends there, with one failure for each cause. A dry run asks
 * nothing.
 *
 * Of the source's side nothing is asked that is not needed anyway: the first manifest of
 * a repository goes ahead, and the others wait for its answer. What was refused may be
 * that image's own fault, so a second one is asked before the repository is given up;
 * then the run ends, with one failure for each repository. Which repositories there are
 * the payloads say, so nothing is written before all of them are read.
 */
#ifndef HOP_PREFLIGHT_H
#define HOP_PREFLIGHT_H

#include "mirror_private.h"

/** Ends with m->ready. */
void hop_mirror_preflight(hop_mirror *m);
void hop_check_free(void *check);

/** Ends with m->sources, after m->all_read. */
void hop_mirror_check_sources(hop_mirror *m);
/** A component was added that may have to come from its source … */
void hop_source_expect(hop_image *image);
/** … and now it is known: what it needs from there has been asked for. */
void hop_source_settle(hop_image *image);
/** False when the content must wait; it is asked for, or failed, later. */
bool hop_source_may_ask(hop_content *c);
void hop_source_note_answer(const hop_content *c);
/** A content is about to fail. False when that has to wait for another answer; then the
 * cause is taken, and the content failed later. */
bool hop_source_believe(hop_content *c, hop_cause *cause);

#endif
