# The loop in README.md is the one that the tests compile and run.
#   cmake -DROOT=... -P readme_has_the_loop.cmake
file(READ ${ROOT}/README.md readme)
file(READ ${ROOT}/testbench/tests/rules/instruction_loop.h header)
string(FIND "${header}" "template <typename Simulator>" begin)
string(FIND "${header}" "\n\n} // namespace" end)
math(EXPR length "${end} - ${begin}")
string(SUBSTRING "${header}" ${begin} ${length} loop)
string(FIND "${readme}" "${loop}" found)
if(begin EQUAL -1 OR found EQUAL -1)
  message(FATAL_ERROR "README.md does not show the loop of instruction_loop.h as it is there")
endif()
