# Read by ctest, with `program` set: one test case for each test suite of it, by the suite's name.
# `icebp` is what the tests of the program call.
if(NOT EXISTS "${program}")
  add_test("${program}" "not_built")
  return()
endif()

execute_process(COMMAND "${program}" --gtest_list_tests OUTPUT_VARIABLE tests RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "${program} --gtest_list_tests: ${status}")
endif()
# A suite's line is not indented and ends with a dot; behind it may stand a type.
string(REGEX REPLACE "\n" ";" tests "${tests}")
foreach(line IN LISTS tests)
  if(line MATCHES "^([A-Za-z0-9_/]+)\\.( |$)")
    add_test("${CMAKE_MATCH_1}" "${program}" "--gtest_filter=${CMAKE_MATCH_1}.*")
    set_tests_properties("${CMAKE_MATCH_1}" PROPERTIES ENVIRONMENT "ICEBP_EXECUTABLE=${icebp}")
  endif()
endforeach()
