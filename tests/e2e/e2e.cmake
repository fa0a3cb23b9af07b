# SPDX-License-Identifier: GPL-3.0-or-later
if(NOT TARGET oc-hop)
    return()
endif()

# hop_e2e_test(NAME): e2e/NAME.sh runs the real binary against real registries.
function(hop_e2e_test name)
    add_test(NAME e2e_${name} COMMAND bash ${CMAKE_CURRENT_SOURCE_DIR}/e2e/${name}.sh)
    set_tests_properties(e2e_${name} PROPERTIES
        SKIP_RETURN_CODE 77 LABELS e2e TIMEOUT 900 FIXTURES_REQUIRED world
        ENVIRONMENT "OC_HOP=$<TARGET_FILE:oc-hop>;HOP_WORLD_BIN=$<TARGET_FILE:hop-world>;HOP_WORLD=${HOP_TEST_WORLD}")
endfunction()

foreach(name
        mirror_basic mirror_multi mirror_two_arches mirror_kill mirror_faults mirror_second_stage mirror_ways
        exit_codes auth_tls tokens proxies dry_run resources signatures sigstore graph_data
        media_write media_kill media_full media_volumes media_since media_stock media_fat)
    hop_e2e_test(${name})
endforeach()
# Written beside the folders that they are about.
foreach(name media_verify media_load media_load_since media_volumes_read media_load_kill verify_registry plan_upstream plan_wishes several_starts plan_cluster mirror_sets graph_data_image graph_data_changes lint_and_simulate)
    if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/e2e/${name}.sh)
        hop_e2e_test(${name})
    endif()
endforeach()
