/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * What one transfer does next, as a pure function of its state and of what happened.
 *
 * No network, no clock, no memory. The engine turns answers into events, calls
 * hop_transfer_feed() and carries out the action. A push of a blob:
 *
 *   state    event         next state        action
 *   IDLE     START         PROBE             ASK        (recheck: HEAD of the blob)
 *                          MOUNT             ASK        (else: POST ?mount=)
 *   PROBE    PRESENT       DONE              FINISH
 *            ABSENT        MOUNT or OPEN     ASK
 *   MOUNT    PRESENT       DONE              FINISH
 *            SESSION       COPY              STREAM
 *            REFUSED       OPEN              ASK
 *   OPEN     SESSION       COPY              STREAM
 *   COPY     VERIFIED      COMMIT            RELEASE    (the last byte may go)
 *            BROKEN        REJOIN            HOLD       (upload waits, download rests)
 *            NO_SOURCE     COPY              RESUME     (with a new token for the source)
 *            MISMATCH      WAIT → OPEN once, then FAILED
 *   REJOIN   TIMER         COPY              RESUME     (Range from the next byte)
 *   COMMIT   STORED        DONE              FINISH
 *            ALL_SENT      CLOSE             ASK        (every piece has arrived)
 *   those    PIECE         same              PIECE      (one has arrived, the next one)
 *   three    TRANSIENT     WAIT → STATUS     BACK_OFF   (where does the upload stand?)
 *            TOO_LARGE     STATUS            ASK        (go on in smaller pieces)
 *            OFFSET        COPY              STREAM     (the registry names the place)
 *            SPOILED       WAIT → OPEN       BACK_OFF   (this blob from its first byte)
 *   STATUS   OFFSET        COPY              STREAM
 *            ALL_SENT      CLOSE             ASK
 *            ABSENT        OPEN              ASK        (PROBE when all had been sent)
 *   CLOSE    STORED        DONE              FINISH
 *            ABSENT        PROBE             ASK        (the blob may be there)
 *            SPOILED       WAIT → OPEN       BACK_OFF
 *
 * A fetch (manifest, tag, token; blob into a file) and a small push (manifest):
 *
 *   IDLE     START         ASKING            ASK
 *   ASKING   ANSWERED      DONE              FINISH
 *            BROKEN        WAIT → ASKING     BACK_OFF   (with Range, where bytes came)
 *            MISMATCH      WAIT → ASKING once, then FAILED
 *
 * and in every state but DONE and FAILED:
 *
 *   UNAUTHORIZED           AUTH → same       NEW_TOKEN  (fourth time in a row: FAILED;
 *                                            second in MOUNT: OPEN; from COPY, REJOIN
 *                                            and COMMIT: → STATUS)
 *   TRANSIENT              WAIT → same       BACK_OFF
 *   FATAL, CANCEL          FAILED            FAIL
 *
 * Three counts are kept apart, each against max_attempts: failures of one question in a
 * row, uploads that broke without a new byte in between, and downloads that did. An event
 * that a state does not expect is a broken invariant of the peer, so it fails the
 * transfer.
 */
#ifndef HOP_TRANSFER_H
#define HOP_TRANSFER_H

#include "hop_own.h"

typedef enum hop_transfer_kind {
    HOP_TRANSFER_SINGLE, /* one request, its answer in memory or in a file */
    HOP_TRANSFER_PUSH,   /* one blob into a repository */
} hop_transfer_kind;

typedef enum hop_transfer_state {
    HOP_ST_IDLE,
    HOP_ST_ASKING,
    HOP_ST_PROBE,
    HOP_ST_MOUNT,
    HOP_ST_OPEN,
    HOP_ST_COPY,
    HOP_ST_REJOIN,
    HOP_ST_COMMIT,
    HOP_ST_STATUS,
    HOP_ST_CLOSE,
    HOP_ST_AUTH,
    HOP_ST_WAIT,
    HOP_ST_DONE,
    HOP_ST_FAILED,
} hop_transfer_state;

typedef enum hop_transfer_event {
    HOP_EV_START,
    HOP_EV_ANSWERED,
    HOP_EV_PRESENT,
    HOP_EV_ABSENT,
    HOP_EV_SESSION,
    HOP_EV_REFUSED,
    HOP_EV_VERIFIED,
    HOP_EV_BROKEN,
    HOP_EV_NO_SOURCE, /* the source wants another token */
    HOP_EV_MISMATCH,
    HOP_EV_PIECE,     /* the registry has this piece, another one is to follow */
    HOP_EV_ALL_SENT,  /* it has every byte, and is to make a blob of them */
    HOP_EV_OFFSET,    /* it says from which byte the upload goes on */
    HOP_EV_TOO_LARGE, /* a request as large as this one does not pass */
    HOP_EV_SPOILED,   /* what it has is not what was sent */
    HOP_EV_STORED,
    HOP_EV_UNAUTHORIZED,
    HOP_EV_TOKEN,
    HOP_EV_TRANSIENT,
    HOP_EV_TIMER,
    HOP_EV_FATAL,
    HOP_EV_CANCEL,
} hop_transfer_event;

typedef enum hop_transfer_action {
    HOP_DO_NOTHING,
    HOP_DO_ASK,       /* send the request of the (new) state */
    HOP_DO_STREAM,    /* start the download and the upload, where the latter stands */
    HOP_DO_RESUME,    /* start the download again where it broke */
    HOP_DO_RELEASE,   /* let the last bytes go */
    HOP_DO_PIECE,     /* send the next piece */
    HOP_DO_HOLD,      /* set a timer; leave the upload as it is */
    HOP_DO_BACK_OFF,  /* stop all requests of this transfer and set a timer */
    HOP_DO_NEW_TOKEN, /* stop all requests, forget the token, fetch another */
    HOP_DO_FINISH,
    HOP_DO_FAIL, /* stop all requests; the last error stands */
} hop_transfer_action;

typedef enum hop_probe {
    HOP_PROBE_MOUNT, /* ask with the POST that also opens the upload */
    HOP_PROBE_HEAD,  /* ask with HEAD first */
    HOP_PROBE_NONE,  /* known to be absent, or mounts are refused here */
} hop_probe;

typedef struct hop_transfer {
    hop_transfer_kind kind;
    hop_probe probe;
    bool can_mount; /* after a HEAD: is there a repository to mount from */
    hop_transfer_state state;
    hop_transfer_state back; /* where AUTH and WAIT return to */
    unsigned max_attempts;
    unsigned attempts; /* failures of this question */
    unsigned rounds;   /* uploads that broke, since the last one that brought bytes */
    unsigned breaks;   /* downloads that broke, since the last one that brought bytes */
    unsigned refusals; /* 401 in a row */
    unsigned mismatches;
    unsigned shrinks;   /* requests that were too large */
    bool may_be_stored; /* every byte was let go */
} hop_transfer;

/** `progressed`: bytes arrived since the last failure. */
hop_transfer_action hop_transfer_feed(hop_transfer *t, hop_transfer_event event,
                                      bool progressed);
bool hop_transfer_is_over(const hop_transfer *t);
/** The transfer waits to go on with the upload that it has. */
bool hop_transfer_keeps_session(const hop_transfer *t);
/** Failures that the next wait should be long for. */
unsigned hop_transfer_get_failures(const hop_transfer *t);
const char *hop_transfer_state_name(hop_transfer_state s);

#endif
