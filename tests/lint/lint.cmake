# SPDX-License-Identifier: GPL-3.0-or-later
foreach(lint layers banned format)
    add_test(NAME lint_${lint}
        COMMAND bash ${CMAKE_CURRENT_SOURCE_DIR}/lint/${lint}.sh ${CMAKE_SOURCE_DIR})
    set_tests_properties(lint_${lint} PROPERTIES SKIP_RETURN_CODE 77 LABELS lint)
endforeach()
if(TARGET oc-hop)
    add_test(NAME lint_man
        COMMAND bash ${CMAKE_CURRENT_SOURCE_DIR}/lint/man.sh $<TARGET_FILE:oc-hop>)
    set_tests_properties(lint_man PROPERTIES SKIP_RETURN_CODE 77 LABELS lint)
endif()
