# SPDX-License-Identifier: GPL-3.0-or-later
if(NOT TARGET oc-hop)
    return()
endif()

# hop_e2e_test(NAME): e2e/NAME.sh runs the real binary against real registries.
function(hop_e2e_test name)
    add_test(NAME e2e_${name} COMMAND bash ${CMAKE_CURRENT_SOURCE_DIR}/e2e/${name}.sh)
    set_tests_properties(e2e_${name} PROPERTIES
        SKIP_RETURN_CODE 77 LABELS e2e TIMEOUT 900 FIXTURES_REQUIRED world
        ENVIRONMENT "OC_HOP=$<TARGET_FILE:oc-hop>;HOP_SAMPLES_BIN=$<TARGET_FILE:hop-resource-samples>;HOP_WORLD_BIN=$<TARGET_FILE:hop-world>;HOP_WORLD=${HOP_TEST_WORLD}")
endfunction()

foreach(name
        mirror_basic mirror_multi mirror_two_arches mirror_kill mirror_faults mirror_second_stage mirror_ways
        exit_codes auth_tls public_urls tokens proxies registries_conf dry_run resources signatures sigstore graph_data)
    hop_e2e_test(${name})
endforeach()
# Written beside the folders that they are about.
foreach(name plan_upstream plan_wishes several_starts plan_cluster plan_from_releases mirror_sets image_set gates runbook lint_and_simulate simulate_places)
    hop_e2e_test(${name})
endforeach()
foreach(name write kill full full_volumes volumes since stock stock_load stock_hostile altered fat frozen verify load load_since volumes_read load_kill drive)
    hop_e2e_test(media_${name})
endforeach()
hop_e2e_test(verify_registry)
hop_e2e_test(verify_service)
hop_e2e_test(verify_graph_data)
hop_e2e_test(no_digest_header)
foreach(name image changes base inspect refusals forms pruned)
    hop_e2e_test(graph_data_${name})
endforeach()
# Pictures of plans.
foreach(name plan_pictures plan_pictures_real plan_page)
    hop_e2e_test(${name})
endforeach()
foreach(name outages tls_hosts faults_upload faults_silence faults_places preflight cancel cancel_dns recheck cancel_reading faults_download faults_answers faults_statuses shared_layer)
    hop_e2e_test(${name})
endforeach()
# A sanitizer takes memory of its own.
if(NOT HOP_SANITIZE)
    add_test(NAME bench_memory COMMAND bash ${CMAKE_CURRENT_SOURCE_DIR}/bench/memory.sh)
    set_tests_properties(bench_memory PROPERTIES SKIP_RETURN_CODE 77 LABELS e2e TIMEOUT 900
        ENVIRONMENT "OC_HOP=$<TARGET_FILE:oc-hop>;HOP_WORLD_BIN=$<TARGET_FILE:hop-world>")
endif()
