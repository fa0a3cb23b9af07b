# SPDX-License-Identifier: GPL-3.0-or-later
hop_unit_test(test_version hop_graph)
hop_unit_test(test_bignum hop_graph)
hop_unit_test(test_igraph_bridge hop_graph)
hop_unit_test(test_cincinnati hop_graph)
hop_unit_test(test_model hop_graph)
hop_unit_test(test_plan hop_graph)
hop_unit_test(test_plan_cases hop_graph)
set_tests_properties(test_plan_cases PROPERTIES TIMEOUT 120)

# The renderers belong to cli/, which is a program; they are compiled in here.
add_library(hop_test_plan_report OBJECT
    ${PROJECT_SOURCE_DIR}/cli/plan_json.c
    ${PROJECT_SOURCE_DIR}/cli/plan_text.c)
target_include_directories(hop_test_plan_report PUBLIC ${PROJECT_SOURCE_DIR}/cli)
target_link_libraries(hop_test_plan_report PUBLIC hop_graph)
hop_unit_test(test_plan_report hop_test_plan_report hop_graph)
hop_unit_test(test_plan_random hop_test_plan_report hop_graph)
hop_unit_test(test_plan_facts hop_test_plan_report hop_graph)
hop_unit_test(test_pattern hop_graph)
hop_unit_test(test_osus hop_graph)
hop_unit_test(test_lint hop_graph)
