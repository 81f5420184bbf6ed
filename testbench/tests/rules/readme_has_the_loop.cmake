# README.md shows the simulator that is compiled and run as an example.
#   cmake -DROOT=... -P readme_has_the_loop.cmake
file(READ ${ROOT}/README.md readme)
file(READ ${ROOT}/testbench/examples/simulator.cpp example)
string(FIND "${example}" "class Simulator" begin)
string(FIND "${example}" "  // --- until here" end)
math(EXPR length "${end} - ${begin}")
string(SUBSTRING "${example}" ${begin} ${length} shown)
string(FIND "${readme}" "${shown}" found)
if(begin EQUAL -1 OR end EQUAL -1 OR found EQUAL -1)
  message(FATAL_ERROR "README.md does not show the simulator of examples/simulator.cpp as it is there")
endif()
