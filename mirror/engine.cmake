# SPDX-License-Identifier: GPL-3.0-or-later
target_compile_definitions(hop_mirror PRIVATE HOP_VERSION="${PROJECT_VERSION}")
target_sources(hop_mirror PRIVATE
    auth.c
    blob_flow.c
    credentials.c
    endpoint.c
    engine.c
    engine_pass.c
    engine_run.c
    exchange.c
    fetch.c
    http.c
    job_blob.c
    job_content.c
    job_holding.c
    job_image.c
    job_release.c
    job_signature.c
    job_store.c
    mirror.c
    mirror_report.c
    pipe.c
    queue.c
    registry.c
    registry_error.c
    spool.c
    table.c
    task.c
    tls.c
    transfer.c)
